"""Asking for the link to HeyGen's consent page, and what a link is worth now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from avatars.consent.records import ensure_consent
from avatars.models import AvatarGroup, Consent, ConsentLink, Event, Job
from avatars.states import ConsentState, LinkState

# HeyGen's page lives 24 hours and its answer names no deadline; half an hour is kept back for a person on the way.
LINK_LIFE = timedelta(hours=23, minutes=30)
WATCH_CLOSELY = timedelta(minutes=30)
# A new link after one of these puts the consent back to waiting, as soon as it is there.
ANSWERED = frozenset({ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WAIVED})


class CannotAsk(Exception):
    """No link can be asked for; the text says why, in words for the page."""


def may_ask(group: AvatarGroup) -> str:
    """Why no consent link can be asked for this character; empty when it can."""
    if not group.is_private:
        return "This character belongs to HeyGen's public library; HeyGen holds the consent."
    if group.gone_at is not None:
        return "HeyGen no longer has this character."
    if not group.is_twin:
        return "Only digital twins need the person's consent at HeyGen."
    if group.consent_state == ConsentState.GIVEN:
        return "The person has already given consent."
    if group.consent_state == ConsentState.WAIVED:
        return "HeyGen has waived the consent for this character."
    return ""


def ask_for_link(group: AvatarGroup, *, actor: Any, reroute: str = "") -> ConsentLink:
    """Write down that `actor` wants a link; the worker fetches it. CannotAsk when that makes no sense.

    `reroute` says where the person goes afterwards: `portal` (our landing page, needs PUBLIC_URL), an address of the
    operator's own, or empty for HeyGen's page. While a link is being fetched, asking again answers that one.
    """
    with transaction.atomic():
        group = AvatarGroup.objects.select_for_update().get(pk=group.pk)
        reason = may_ask(group)
        if reason:
            raise CannotAsk(reason)
        consent = ensure_consent(group, owner=actor)
        waiting = consent.links.filter(state=LinkState.REQUESTED).first()
        if waiting is not None:
            return waiting
        link = ConsentLink(consent=consent, asked_by=actor)
        link.reroute_url = landing_address(link) if reroute == "portal" else reroute
        link.save()
        now = timezone.now()
        Consent.objects.filter(pk=consent.pk, asked_at=None).update(asked_at=now)
        Consent.objects.filter(pk=consent.pk).update(updated_at=now)
        Job.objects.enqueue("consent.fetch", link.pk)
        Event.objects.record("consent_link_requested", actor=actor, group=group, consent=consent)
    return link


def default_reroute() -> str:
    """Where a person goes after HeyGen's page unless the operator chooses otherwise."""
    return settings.CONSENT_REROUTE_URL or ("portal" if settings.PUBLIC_URL else "")


def landing_address(link: ConsentLink) -> str:
    """Our own page for a person who comes back from HeyGen; empty without PUBLIC_URL, since nobody could reach it."""
    if not settings.PUBLIC_URL:
        return ""
    return settings.PUBLIC_URL + reverse("subject_back", args=[link.slug])


def newest_link(consent: Consent) -> ConsentLink | None:
    """The link that counts: the newest one, whatever has become of it."""
    return consent.links.order_by("-id").first()


def link_is_alive(link: ConsentLink | None) -> bool:
    """Whether HeyGen's page behind it may still be opened: neither replaced, nor too old, nor answered already."""
    if link is None or link.state != LinkState.READY or link.expires_at is None:
        return False
    return link.expires_at > timezone.now() and link.consent.state not in ANSWERED


def check_now(group: AvatarGroup, *, actor: Any) -> None:
    """Have HeyGen asked about this character at once."""
    Job.objects.enqueue("group.poll", group.pk)
    Event.objects.record("consent_check_requested", actor=actor, group=group)


def came_back(link: ConsentLink) -> None:
    """Somebody came back from HeyGen's page: worth a look at HeyGen, and no proof of anything.

    Asks once per ten seconds at most, so that the public page cannot be used to keep us busy.
    """
    now = timezone.now()
    quiet_since = now - timedelta(seconds=10)
    noted = ConsentLink.objects.filter(pk=link.pk).exclude(landed_at__gt=quiet_since).update(landed_at=now)
    if noted:
        Consent.objects.filter(pk=link.consent_id).update(watch_until=now + WATCH_CLOSELY)
        Job.objects.enqueue("group.poll", link.consent.group_id)
