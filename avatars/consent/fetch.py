"""Fetching a consent link from HeyGen. It is free, so after an unknown outcome a person simply asks anew."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from avatars.consent.links import LINK_LIFE, WATCH_CLOSELY
from avatars.heygen import Conflict, ConsentAnswer, HeyGenError, InProgress, OutcomeUnknown, Refused, TryAgain, bodies
from avatars.ledger import answered, backoff, key_is_old, live_call, mark_sent, outcome_unknown, refused
from avatars.library import mirror
from avatars.models import Call, Consent, ConsentLink, Event, Job
from avatars.pace import pause
from avatars.states import CallState, LinkState
from avatars.step import Step, scaled

log = logging.getLogger("avatars.consent")

MAX_UNKNOWN = 8
FIRST_POLL_AFTER = 60.0
IN_PROGRESS_PAUSE = 3.0


def fetch_link(step: Step) -> float | None:
    """The handler of `consent.fetch`."""
    link = ConsentLink.objects.select_related("consent__group").filter(pk=step.job.subject).first()
    if link is None or link.state != LinkState.REQUESTED:
        return None
    with step.settle():
        call = live_call(
            f"consent:{link.pk}",
            operation="request_consent",
            account=step.account,
            body=bodies.consent(reroute_url=link.reroute_url or None),
            link=link,
        )
    if call.account != step.account or key_is_old(call) or call.unknown_outcomes >= MAX_UNKNOWN:
        with step.settle():
            call.move(CallState.ABANDONED)
            _end(link, LinkState.UNKNOWN, code="portal_no_answer", message=call.error_message)
        return None
    client = step.heygen()
    asked_at = timezone.now()
    with step.settle():
        mark_sent(call)
    try:
        answer = client.request_consent(link.consent.group.heygen_id, call.body, key=call.idempotency_key)
    except HeyGenError as error:
        return _sort_out(step, link, call, error)
    with step.settle():
        _store(link, call, answer, asked_at)
    return None


def _sort_out(step: Step, link: ConsentLink, call: Call, error: HeyGenError) -> float | None:
    """What an error means for the link: seconds until the next try, or None when it ended."""
    match error:
        case TryAgain():
            delay = error.retry_after or 5.0
            pause(step.account, delay)
            with step.settle():
                refused(call, error)
            return delay
        case InProgress():
            return IN_PROGRESS_PAUSE
        case OutcomeUnknown():
            with step.settle():
                outcome_unknown(call, error, never_sent=error.never_sent)
            return backoff(call)
        case Conflict() | Refused():
            with step.settle():
                refused(call, error)
                _end(link, LinkState.REFUSED, code=error.code or f"http_{error.status}", message=error.message)
            # A conflict may mean that the answer is there already.
            Job.objects.enqueue("group.poll", link.consent.group_id)
            return None
    raise error


def _store(link: ConsentLink, call: Call, answer: ConsentAnswer, asked_at: datetime) -> None:
    """Keep the link, once and nowhere else; the older ones no longer count."""
    group = link.consent.group
    # A replayed answer is as old as the first send, so the deadline counts from there.
    issued = call.first_sent_at or asked_at
    answered(call, {"group_id": group.heygen_id, "has_url": answer.url is not None})
    if answer.group is not None and answer.group.id == group.heygen_id:
        mirror.save_group(answer.group, ownership=group.ownership, now=asked_at)
    if not _is_web_address(answer.url):
        _end(link, LinkState.UNKNOWN, code="portal_no_link", message="")
        return
    for older in link.consent.links.exclude(pk=link.pk).exclude(state=LinkState.SUPERSEDED):
        older.move(LinkState.SUPERSEDED)
    link.move(LinkState.READY, url=answer.url, issued_at=issued, expires_at=issued + LINK_LIFE, error_code="")
    now = timezone.now()
    Consent.objects.filter(pk=link.consent_id).update(watch_until=now + WATCH_CLOSELY, updated_at=now)
    mirror.refresh_consent(group)
    Job.objects.enqueue("group.poll", group.pk, delay=scaled(FIRST_POLL_AFTER))
    Event.objects.record("consent_link_ready", group=group, consent=link.consent, link=link.pk)


def _is_web_address(url: str | None) -> bool:
    """Whether it can be given to a person: https, or http where HeyGen's own base is on this machine."""
    parts = urlsplit(url or "")
    plain = settings.HEYGEN_API_BASE.startswith("http://")
    return bool(parts.hostname) and (parts.scheme == "https" or (plain and parts.scheme == "http"))


def _end(link: ConsentLink, state: LinkState, *, code: str, message: str) -> None:
    facts: dict[str, Any] = {"error_code": code[:128], "error_message": message}
    link.move(state, **facts)
    Consent.objects.filter(pk=link.consent_id).update(updated_at=timezone.now())
    Event.objects.record(f"consent_link_{state}", group=link.consent.group, consent=link.consent, code=code)
