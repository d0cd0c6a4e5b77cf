"""Liveness and readiness."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from avatars.models import WorkerHeartbeat
from heygen_portal import health

pytestmark = pytest.mark.urls("tests.unit.portal.urls")


@pytest.fixture(autouse=True)
def _ask_anew():
    health._migrated.clear()


def beat(seconds_ago):
    WorkerHeartbeat.objects.create(name="w", seen_at=timezone.now() - timedelta(seconds=seconds_ago))


def test_it_is_alive_without_touching_the_database(client):
    """No database mark on this test: any query would fail it."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_it_is_ready_with_database_migrations_and_a_worker(client):
    beat(seconds_ago=5)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": "ok", "migrations": "ok", "worker": "ok"}
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_ago", [None, 25])
def test_it_is_not_ready_without_a_recent_heartbeat(client, seconds_ago):
    if seconds_ago:
        beat(seconds_ago)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"] == "no heartbeat"


@pytest.mark.django_db
def test_it_is_not_ready_with_unapplied_migrations(client, monkeypatch):
    beat(seconds_ago=5)
    monkeypatch.setattr(health, "unapplied_migrations", lambda: 2)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": "ok", "migrations": "unapplied", "worker": "unknown"}


@pytest.mark.django_db
def test_it_reads_the_migrations_only_until_they_are_applied(client, monkeypatch):
    beat(seconds_ago=5)
    asked = []
    monkeypatch.setattr(health, "unapplied_migrations", lambda: asked.append(1) or 0)
    assert [client.get("/readyz").status_code for _ in range(3)] == [200, 200, 200]
    assert len(asked) == 1


def test_it_says_failed_and_no_more_when_the_database_is_gone(client, monkeypatch):
    def gone():
        raise OperationalError("connection to db.internal as portal failed: password p4ss")

    monkeypatch.setattr(health, "_database", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "failed"
    assert b"p4ss" not in response.content


def test_it_answers_whatever_host_it_is_asked_by_and_is_not_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/page/").status_code == 301


@pytest.mark.django_db
def test_it_counts_no_migration_when_all_are_applied():
    assert health.unapplied_migrations() == 0
