"""Answers for load balancers and for `manage.py up`: is the process alive, and is the whole portal ready."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
_migrated: set[str] = set()


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, migrations and a worker are in order; 503 with the word for what is not."""
    parts = _parts()
    ready = all(word == "ok" for word in parts.values())
    response = JsonResponse(
        {"ready": ready, **parts}, status=200 if ready else 503, headers={"Cache-Control": "no-store"}
    )
    # Not being ready is an answer, not a fault: Django would write an error line for each time somebody asks.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _parts() -> dict[str, str]:
    """A word for each part. Causes go to the log only: this address is open to everybody."""
    parts = {"database": "unknown", "migrations": "unknown", "worker": "unknown"}
    for name, check in (("database", _database), ("migrations", _migrations), ("worker", _worker)):
        try:
            parts[name] = check()
        except Exception as error:  # Whatever goes wrong means not ready, and must not become a 500.
            log.warning("Not ready: %s (%s)", name, error.__class__.__name__)
            parts[name] = "failed"
        if parts[name] != "ok":
            break
    return parts


def _database() -> str:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return "ok"


def _migrations() -> str:
    # Applied migrations stay applied, so one good answer lasts for the life of the process.
    if DEFAULT_DB_ALIAS not in _migrated:
        if unapplied_migrations():
            return "unapplied"
        _migrated.add(DEFAULT_DB_ALIAS)
    return "ok"


def unapplied_migrations() -> int:
    """How many migrations the database still lacks."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _worker() -> str:
    limit = timezone.now() - timedelta(seconds=2 * HEARTBEAT_SECONDS)
    heartbeats = apps.get_model("avatars", "WorkerHeartbeat").objects
    return "ok" if heartbeats.filter(seen_at__gte=limit).exists() else "no heartbeat"


class HealthAnswers:
    """Answers both addresses before the host check and the https redirect.

    Container platforms ask by the address of a machine, which is in nobody's ALLOWED_HOSTS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return healthz(request)
        if request.path_info == "/readyz":
            return readyz(request)
        return self.get_response(request)
