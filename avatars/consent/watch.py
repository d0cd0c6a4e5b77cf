"""Watching a character at HeyGen for the person's answer. No event tells of it, so asking is the only way to know."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from avatars.consent.links import link_is_alive, newest_link
from avatars.heygen import NotFound
from avatars.library import mirror
from avatars.models import AvatarGroup, Consent, Event
from avatars.states import ConsentState
from avatars.step import Step, scaled

CLOSELY = 60.0  # seconds, for half an hour after a link was issued or somebody came back
PATIENTLY = 15 * 60.0  # until the link ends
RARELY = 24 * 3600.0
TOO_YOUNG_TO_BE_GONE = timedelta(minutes=10)

_WATCHED = frozenset({ConsentState.WAITING, ConsentState.EXPIRED, ConsentState.UNKNOWN, ConsentState.DECLINED})


def poll_group(step: Step) -> float | None:
    """The handler of `group.poll`: read the character, follow its consent, and say when to look again."""
    group = AvatarGroup.objects.filter(pk=step.job.subject).first()
    if group is None or group.gone_at is not None:
        return None
    asked_at = timezone.now()
    try:
        record = step.heygen().get_group(group.heygen_id)
    except NotFound:
        return _not_there(step, group)
    with step.settle():
        before = group.consent_state
        group = mirror.save_group(record, ownership=group.ownership, now=asked_at)
        consent = Consent.objects.filter(group=group).first()
        if group.consent_state != before:
            Event.objects.record(
                "consent_changed",
                group=group,
                consent=consent,
                was=before,
                now=group.consent_state,
                raw=group.consent_raw,
            )
        delay = _next_poll_in(group, consent)
        next_check = None if delay is None else timezone.now() + timedelta(seconds=delay)
        AvatarGroup.objects.filter(pk=group.pk).update(next_check_at=next_check)
    return delay


def _next_poll_in(group: AvatarGroup, consent: Consent | None) -> float | None:
    """Seconds until the next look, None when the mirror's own rounds are enough."""
    if consent is None or group.consent_state not in _WATCHED:
        return None
    now = timezone.now()
    if consent.watch_until is not None and consent.watch_until > now:
        return scaled(CLOSELY)
    link = newest_link(consent)
    if link is None or link.expires_at is None or not link_is_alive(link):
        return scaled(RARELY)
    # Look once more right after the deadline, so that "expired" shows when it is true.
    until_end = (link.expires_at - now).total_seconds() + 1.0
    return min(scaled(PATIENTLY), until_end)


def _not_there(step: Step, group: AvatarGroup) -> float | None:
    if timezone.now() - group.created_at < TOO_YOUNG_TO_BE_GONE:
        return scaled(CLOSELY)
    with step.settle():
        mirror.mark_gone(group, timezone.now())
        Event.objects.record("group_gone", group=group)
    return None
