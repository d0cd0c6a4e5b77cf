"""The ledger in use: find or prepare the live call of a deed, mark each send before it, and write each outcome."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from avatars.heygen import HeyGenError
from avatars.models import Call, ConsentLink, Submission
from avatars.states import CALL_LIVE, CallState

# HeyGen replays the first answer of a key for 24 hours; half an hour is left for clocks that disagree.
KEY_LIFE = timedelta(hours=23, minutes=30)


def live_call(
    deed: str,
    *,
    operation: str,
    account: str,
    body: dict[str, Any],
    submission: Submission | None = None,
    link: ConsentLink | None = None,
) -> Call:
    """The live call of `deed`, made with a fresh key and `body` when there is none.

    A call that exists keeps the body it was made with: the same key must never carry another body. Call it in the
    transaction that makes the deed due.
    """
    call = Call.objects.filter(deed=deed, state__in=CALL_LIVE).first()
    if call is not None:
        return call
    return Call.objects.create(
        deed=deed, operation=operation, account=account, body=body, submission=submission, link=link
    )


def mark_sent(call: Call) -> None:
    """Store that the call is about to go out. Once this is committed, its outcome counts as unknown until answered."""
    now = timezone.now()
    first = call.first_sent_at or now
    changes = {"first_sent_at": first, "last_sent_at": now, "updated_at": now}
    sent = Call.objects.filter(pk=call.pk, state__in=CALL_LIVE).update(
        state=CallState.SENT, attempts=F("attempts") + 1, **changes
    )
    if not sent:
        raise RuntimeError(f"call {call.pk} is settled and must not be sent again")
    call.refresh_from_db()


def is_in_doubt(call: Call) -> bool:
    """Whether an earlier send of this call may have been carried out, so that a refusal now proves nothing.

    HeyGen may have created the avatar and lost the answer, and refuse the next send for a reason of its own, such as
    too many requests. Only the refusal of the very first send is definite.
    """
    return call.attempts > 1


def key_is_old(call: Call) -> bool:
    """Whether HeyGen may have forgotten the key, so that sending it again could create a second time."""
    return call.first_sent_at is not None and timezone.now() - call.first_sent_at > KEY_LIFE


def answered(call: Call, answer: dict[str, Any]) -> None:
    """Write down that HeyGen did it. `answer` holds ids and words, never a link."""
    call.move(CallState.ANSWERED, answer=answer, answered_at=timezone.now(), http_status=200)


def refused(call: Call, error: HeyGenError) -> None:
    """Write down that HeyGen definitely did not do it; another try is another call with a new key."""
    call.move(CallState.REFUSED, answered_at=timezone.now(), **_facts(error))


def outcome_unknown(call: Call, error: HeyGenError, *, never_sent: bool) -> None:
    """Write down that nobody knows what became of the send. One that never left this machine is not counted."""
    facts = _facts(error)
    if never_sent:
        facts["attempts"] = F("attempts") - 1
    else:
        facts["unknown_outcomes"] = call.unknown_outcomes + 1
    Call.objects.filter(pk=call.pk).update(updated_at=timezone.now(), **facts)


def _facts(error: HeyGenError) -> dict[str, Any]:
    return {
        "http_status": error.status,
        "error_code": error.code[:128],
        "error_message": error.message,
        "request_id": (error.request_id or "")[:128],
    }


def backoff(call: Call, *, first: float = 2.0, most: float = 60.0) -> float:
    """Seconds until the same call goes out again, doubling with each send, spread by a quarter either way."""
    spread = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    return min(most, first * 2 ** max(0, min(call.attempts - 1, 10))) * spread
