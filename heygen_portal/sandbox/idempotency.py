"""Idempotency keys: the first answer counts for 24 hours, whatever the later body."""

from __future__ import annotations

from django.db import transaction

from . import clock, switches
from .answers import Answer, Refusal
from .models import IdempotentAnswer

LIFETIME = 24 * 3600


def begin(method: str, path: str, key: str) -> Answer | None:
    """Claim a key. Returns the stored answer when there is one; 409 while the first call is still running."""
    with transaction.atomic():
        rows = IdempotentAnswer.objects.filter(method=method, path=path, key=key)
        rows.filter(at__lt=clock.now() - LIFETIME).delete()
        row = rows.first()
        if row is None:
            IdempotentAnswer.objects.create(method=method, path=path, key=key, at=clock.now())
            return None
    if row.status is None:
        message = "A request with this Idempotency-Key is still being processed."
        raise InProgress(409, "request_in_progress", message)
    return Answer(row.status, row.body)


class InProgress(Refusal):
    """The first call with this key has not ended; its answer is not to be replaced by this one."""


def finish(method: str, path: str, key: str, answer: Answer) -> None:
    """Keep the answer of a call that ran. Server errors are never kept: the same key may be tried again."""
    rows = IdempotentAnswer.objects.filter(method=method, path=path, key=key, status=None)
    if keeps(answer):
        rows.update(status=answer.status, body=answer.text())


def keeps(answer: Answer) -> bool:
    """Whether this answer is replayed for its key."""
    if 200 <= answer.status < 300:
        return True
    if not 400 <= answer.status < 500 or answer.status == 401:
        return False
    error = answer.body.get("error") if isinstance(answer.body, dict) else {}
    in_progress = isinstance(error, dict) and error.get("code") == "request_in_progress"
    return not in_progress and switches.value("idempotency_errors") == "replayed"


def release(method: str, path: str, key: str) -> None:
    """Forget a claim that ended without an answer worth keeping."""
    IdempotentAnswer.objects.filter(method=method, path=path, key=key, status=None).delete()


def release_all() -> None:
    """At start nothing is running, whatever the table says."""
    IdempotentAnswer.objects.filter(status=None).delete()
