"""How a submission ends or stops: written in one place, so that pages, worker and people agree on it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from avatars.creation.errors import canonical
from avatars.heygen import HeyGenError
from avatars.models import Call, Event, Submission
from avatars.states import Status

# A person with the right access can lift these; nothing is wrong with what was asked for.
_FOR_AN_ADMIN = frozenset({"unauthorized", "payment", "forbidden", "quota_exceeded"})


def refuse(submission: Submission, error: HeyGenError) -> None:
    """HeyGen said no for good: failed, or waiting for a person where it is a matter of key, money or plan."""
    _refuse(submission, status=error.status, code=error.code, message=error.message, param=error.param or "")


def refuse_as_noted(submission: Submission, call: Call) -> None:
    """The same from what the ledger holds of the last answer."""
    _refuse(submission, status=call.http_status, code=call.error_code, message=call.error_message)


def _refuse(submission: Submission, *, status: int | None, code: str, message: str, param: str = "") -> None:
    words = {canonical(code), canonical(f"http_{status}")}
    state = Status.NEEDS_YOU if words & _FOR_AN_ADMIN else Status.FAILED
    _stop(submission, state, code=code or f"http_{status}", message=message, param=param)


def fail(submission: Submission, *, code: str, message: str = "") -> None:
    """It will not become an avatar: `code` is HeyGen's or one of ours, explained in avatars.creation.errors."""
    _stop(submission, Status.FAILED, code=code, message=message)


def needs_a_person(submission: Submission, *, code: str, message: str = "") -> None:
    """It can go on once somebody has put something right."""
    _stop(submission, Status.NEEDS_YOU, code=code, message=message)


def outcome_unknown(submission: Submission, *, code: str, message: str = "") -> None:
    """Nobody can tell whether HeyGen created it; only a person may decide what happens next."""
    _stop(submission, Status.UNKNOWN_OUTCOME, code=code, message=message)


def _stop(submission: Submission, state: Status, *, code: str, message: str, param: str = "") -> None:
    facts: dict[str, Any] = {
        "error_code": code[:128],
        "error_message": message,
        "error_param": param[:64],
        "error_at": timezone.now(),
    }
    submission.move(state, **facts)
    Event.objects.record(f"submission_{state}", submission=submission, code=code)
