"""What tests of the pages share: people of each role, and browsers signed in as them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.builders import make_user


@pytest.fixture
def marketer(db: None) -> Any:
    """A person who creates avatars."""
    return make_user("marketer", username="mara")


@pytest.fixture
def lead(db: None) -> Any:
    """A person who browses and picks."""
    return make_user("lead", username="lena")


@pytest.fixture
def admin_person(db: None) -> Any:
    """A person who answers for consent."""
    return make_user("admin", username="adam")


@pytest.fixture
def sign_in() -> Callable[[Any], Client]:
    """A browser in which somebody is signed in."""

    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
