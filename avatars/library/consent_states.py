"""Where consent stands for characters, derived from HeyGen's word and our own links, and copied to where it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from avatars.library import asking
from avatars.models import AvatarGroup, Consent, ConsentLink, Look, Submission
from avatars.states import CONSENT_SETTLED, ConsentState, Kind, LinkState, consent_of

_ANSWERS = frozenset({ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WAIVED})
# What HeyGen may still change by itself or by somebody's hand in its own dashboard.
_MAY_CHANGE = (frozenset(ConsentState) - CONSENT_SETTLED) | {ConsentState.NOT_ASKED}


@transaction.atomic
def refresh_consent(group: AvatarGroup) -> bool:
    """Work out a character's consent anew and copy it to its looks and its Consent row. Whether it changed.

    Call it whenever HeyGen's word, a link, or the passing of time may have changed it. The instance that is passed in
    gets the new `consent_state` and `is_twin`.
    """
    row = AvatarGroup.objects.select_for_update().get(pk=group.pk)
    before = row.consent_state
    settle_consents([row], timezone.now())
    group.consent_state, group.is_twin = row.consent_state, row.is_twin
    return row.consent_state != before


def settle_consents(groups: Sequence[AvatarGroup], now: datetime) -> None:
    """The same for several groups, within the caller's transaction. Rows that would not change are not written."""
    if not groups:
        return
    twins = _of_own_twins([group for group in groups if not group.is_twin])
    AvatarGroup.objects.filter(pk__in=twins).update(is_twin=True, updated_at=now)
    for group in groups:
        group.is_twin = group.is_twin or group.pk in twins
    private_twins = [group for group in groups if group.is_twin and group.is_private]
    kept = set(Consent.objects.filter(group__in=private_twins).values_list("group_id", flat=True))
    begun = [group for group in private_twins if group.pk not in kept]
    Consent.objects.bulk_create([Consent(group=group) for group in begun], ignore_conflicts=True)
    states = _states(groups)
    watched = {group.pk for group in begun}
    for group in groups:
        state = states[group.pk]
        if state == group.consent_state and not group.is_private:
            continue
        if state != group.consent_state:
            group.consent_state, group.updated_at = state, now
            AvatarGroup.objects.filter(pk=group.pk).update(consent_state=state, updated_at=now)
            watched.add(group.pk)
        Look.objects.filter(group=group.pk).exclude(consent_state=state).update(consent_state=state, updated_at=now)
        _copy_to_consent(group, state, now)
    asking.for_polls(
        "group.poll",
        [group for group in private_twins if group.pk in watched and states[group.pk] in _MAY_CHANGE],
    )


def _copy_to_consent(group: AvatarGroup, state: ConsentState, now: datetime) -> None:
    changed = Consent.objects.filter(group=group.pk).exclude(state=state)
    # The moment of the answer is when the portal first saw it; a new question takes it back.
    changed.update(state=state, updated_at=now, answered_at=now if state in _ANSWERS else None)


def _of_own_twins(groups: Iterable[AvatarGroup]) -> set[int]:
    """Which of the groups hold a look that one of our own digital twin submissions made."""
    ids = [group.pk for group in groups if group.is_private]
    made = Submission.objects.filter(kind=Kind.DIGITAL_TWIN).filter(Q(group__in=ids) | Q(look__group__in=ids))
    found = made.values_list("group_id", "look__group_id") if ids else []
    return {pk for pair in found for pk in pair} & set(ids)


def _states(groups: Iterable[AvatarGroup]) -> dict[int, ConsentState]:
    ids = [group.pk for group in groups]
    asked: set[int] = set()
    newest: dict[int, ConsentLink] = {}
    links = ConsentLink.objects.filter(consent__group__in=ids, issued_at__isnull=False).order_by("id")
    for link in links.select_related("consent").only("state", "issued_at", "expires_at", "consent__group"):
        asked.add(link.consent.group_id)
        if link.state == LinkState.READY:
            newest[link.consent.group_id] = link
    return {group.pk: _state(group, group.pk in asked, newest.get(group.pk)) for group in groups}


def _state(group: AvatarGroup, asked: bool, link: ConsentLink | None) -> ConsentState:
    if not group.is_private:
        # HeyGen itself holds the consent of the people in its public library.
        return ConsentState.NOT_REQUIRED
    alive = link is not None and (link.expires_at is None or link.expires_at > timezone.now())
    since = group.consent_raw_at
    return consent_of(
        raw=group.consent_raw,
        is_twin=group.is_twin,
        asked=asked,
        link_alive=alive,
        asked_since=link is not None and (since is None or (link.issued_at or since) > since),
    )
