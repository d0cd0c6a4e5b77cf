"""What is stored and found must be the same on both databases: tests that ask for `database` run on each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import environ
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.utils import ConnectionHandler


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """A connection to a migrated PostgreSQL database, shared by the tests of this run."""
    with postgres_server.database() as url:
        handler = ConnectionHandler({"default": environ.Env.db_url_config(url)})
        connection = handler["default"]
        usual = connections["default"]
        with django_db_blocker.unblock():
            connections["default"] = connection
            try:
                call_command("migrate", verbosity=0)
            finally:
                connections["default"] = usual
            yield connection
            connection.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, db: None) -> Iterator[str]:
    """The database behind the models for this test, once each; what the test writes is rolled back."""
    if request.param == "sqlite":
        yield request.param
        return
    usual, connections["default"] = connections["default"], request.getfixturevalue("migrated_postgres")
    try:
        with transaction.atomic():
            yield request.param
            transaction.set_rollback(True)
    finally:
        connections["default"] = usual
