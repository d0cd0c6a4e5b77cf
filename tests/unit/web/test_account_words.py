"""What the portal says around signing in and out, in its own voice."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def person(django_user_model: Any) -> Any:
    """Somebody with a password."""
    return django_user_model.objects.create_user("ada", password=PASSWORD)


def _said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_it_says_nothing_when_somebody_signs_in(client: Client, person: Any) -> None:
    response = client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    assert response.status_code == 302
    assert _said(response) == []


def test_it_says_that_somebody_is_signed_out(client: Client, person: Any) -> None:
    client.force_login(person)
    assert _said(client.post(reverse("account_logout"))) == ["You are signed out."]


def test_it_says_that_the_password_is_changed(client: Client, person: Any) -> None:
    client.force_login(person)
    words = {"oldpassword": PASSWORD, "password1": PASSWORD + " more", "password2": PASSWORD + " more"}
    assert _said(client.post(reverse("account_change_password"), words)) == ["Your password is changed."]


@pytest.mark.parametrize("login", ["ada", "nobody", "nobody@example.com"])
def test_a_refused_sign_in_says_what_to_do_and_not_who_exists(client: Client, person: Any, login: str) -> None:
    page = client.post(reverse("account_login"), {"login": login, "password": "wrong"}).content.decode()
    assert "The name and the password do not belong together. Check both" in page
