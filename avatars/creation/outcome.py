"""How a submission ends or stops: written in one place, so that pages, worker and people agree on it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from avatars.heygen import Forbidden, HeyGenError, PaymentRequired, QuotaExceeded, Unauthorized
from avatars.models import Event, Submission
from avatars.states import Status

# A person with the right access can lift these; nothing is wrong with what was asked for.
_FOR_AN_ADMIN = (Unauthorized, PaymentRequired, Forbidden, QuotaExceeded)


def refuse(submission: Submission, error: HeyGenError) -> None:
    """HeyGen said no for good: failed, or waiting for a person where it is a matter of key, money or plan."""
    state = Status.NEEDS_YOU if isinstance(error, _FOR_AN_ADMIN) else Status.FAILED
    _stop(submission, state, code=error.code or f"http_{error.status}", message=error.message, param=error.param or "")


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
