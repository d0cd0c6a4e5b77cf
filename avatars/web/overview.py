"""The first page: what needs me, what is in progress, what came last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from avatars.creation import errors
from avatars.library.thumbnails import thumbnail_url
from avatars.models import Look, Submission
from avatars.states import CONSENT_FACES, FOR_A_PERSON, SETTLED, ConsentState, Kind, Status
from avatars.templatetags.ui import reltime
from avatars.web import badges, cards
from avatars.web.access import (
    CREATE,
    SEE_ALL_CONSENTS,
    SEE_ALL_SUBMISSIONS,
    visible_consents,
    visible_submissions,
)
from avatars.web.badges import Watch
from avatars.web.doors import DOORS
from avatars.web.http import PortalRequest
from avatars.web.submissions import FOR_PERSON, IN_PROGRESS, KIND_ICONS, NEWEST, ROW_COLUMNS, list_rows

MOST = 6
LATEST = 12
# A failure nobody came back to for two weeks is history; the list of submissions still has it.
FAILURES_SHOWN_FOR = timedelta(days=14)
STUCK_AFTER = timedelta(days=3)
_STUCK_STATES = (ConsentState.NOT_ASKED, ConsentState.DECLINED, ConsentState.EXPIRED)
_COUNTED = (
    ConsentState.NOT_ASKED,
    ConsentState.WAITING,
    ConsentState.EXPIRED,
    ConsentState.DECLINED,
    ConsentState.GIVEN,
)
_NEXT_STEPS = {
    ConsentState.NOT_ASKED: "Ask for consent",
    ConsentState.EXPIRED: "Send a new link",
    ConsentState.DECLINED: "See what to do",
    ConsentState.WAITING: "Remind the person",
}


@dataclass(frozen=True)
class Need:
    """One thing that waits for a person, with its one next step."""

    href: str
    name: str
    why: str
    step: str
    badge: SafeString | str
    when: SafeString | str
    image: str
    icon: str


@require_safe
def overview(request: PortalRequest) -> HttpResponse:
    """What waits for the person who looks, what is on its way, and the latest looks."""
    user = request.user
    may_create, sees_submissions = user.has_perm(CREATE), user.has_perm(CREATE) or user.has_perm(SEE_ALL_SUBMISSIONS)
    needs_you, watches = _needs(request) if sees_submissions else ([], [])
    rows, busy = _in_progress(user) if sees_submissions else ([], [])
    tiles = _latest()
    facts = {
        "doors": DOORS.values() if may_create and not (rows or tiles or needs_you) else [],
        "needs_you": needs_you[:MOST],
        "more_needs": len(needs_you) > MOST,
        "needs_href": f"{reverse('submissions')}?state={FOR_PERSON}",
        "rows": rows,
        "busy_href": f"{reverse('submissions')}?state={IN_PROGRESS}",
        "tiles": cards.sheet(tiles),
        "consents": _consent_counts(user),
        "may_create": may_create,
        "sees_submissions": sees_submissions,
        "poll": badges.poll_element(request, [*watches, *busy, *[tile.watch for tile in tiles]]),
    }
    return render(request, "overview/page.html", facts)


def _needs(request: PortalRequest) -> tuple[list[Need], list[Watch]]:
    """Stopped submissions first, then consents that do not move; and the consents to watch."""
    stopped = _stopped(request.user)
    stuck, watches = _stuck_consents(request.user, MOST + 1 - len(stopped)) if len(stopped) <= MOST else ([], [])
    return [*stopped, *stuck], watches


def _stopped(user: Any) -> list[Need]:
    since = timezone.now() - FAILURES_SHOWN_FOR
    recent = Q(state=Status.FAILED) & (Q(error_at__gte=since) | Q(error_at=None, updated_at__gte=since))
    waiting = Q(state__in=FOR_A_PERSON - {Status.FAILED})
    found = visible_submissions(user).filter(recent | waiting).select_related("look")
    return [_stopped_need(item, user) for item in found.order_by(*NEWEST)[: MOST + 1]]


def _stopped_need(item: Submission, user: Any) -> Need:
    explanation = errors.explain(item)
    may_decide = user.has_perm(CREATE)
    step = {Status.NEEDS_YOU: "Put it right", Status.UNKNOWN_OUTCOME: "Decide"}.get(item.status, "See what to do")
    return Need(
        href=reverse("submission", args=[item.pk]),
        name=item.name,
        why=explanation.title if explanation else "",
        step=step if may_decide else "Open",
        badge=badges.status_html("submission", item.pk, item.state, None, item.name),
        when=reltime(item.error_at or item.updated_at),
        image=thumbnail_url(item.look.thumbnail) if item.look and item.look.thumbnail else "",
        icon=KIND_ICONS.get(Kind(item.kind), "submissions"),
    )


def _stuck_consents(user: Any, most: int) -> tuple[list[Need], list[Watch]]:
    """Consents nobody asked for, that were declined, whose link ended, or that wait for more than three days."""
    late = Q(state=ConsentState.WAITING, asked_at__lt=timezone.now() - STUCK_AFTER)
    found = visible_consents(user).filter(Q(state__in=_STUCK_STATES) | late, group__gone_at=None)
    consents = list(found.select_related("group").order_by("-updated_at", "-pk")[:most])
    needs_list, watches = [], []
    for consent in consents:
        group, state = consent.group, ConsentState(consent.state)
        watches.append(badges.group(group, shows=badges.CONSENT))
        needs_list.append(
            Need(
                href=reverse("group", args=[group.pk]),
                name=group.title,
                why=_why_stuck(state, consent.asked_at),
                step=_NEXT_STEPS[state],
                badge=badges.consent_html("group", group.pk, state, group.consent_raw, group.title),
                when=reltime(consent.answered_at or consent.asked_at or consent.created_at),
                image=thumbnail_url(group.thumbnail) if group.thumbnail else "",
                icon="person",
            )
        )
    return needs_list, watches


def _why_stuck(state: ConsentState, asked_at: datetime | None) -> str:
    if state == ConsentState.WAITING and asked_at:
        return f"No answer for {(timezone.now() - asked_at).days} days"
    return {
        ConsentState.NOT_ASKED: "The person has not been asked yet",
        ConsentState.DECLINED: "The person said no",
        ConsentState.EXPIRED: "The link ended before the person answered",
    }[state]


def _in_progress(user: Any) -> tuple[list[dict[str, Any]], list[Watch]]:
    moving = visible_submissions(user).exclude(state__in=SETTLED).order_by(*NEWEST)
    return list_rows(list(moving.values(*ROW_COLUMNS)[:MOST]))


def _latest() -> list[cards.Tile]:
    looks = Look.objects.present().filter(ownership="private").order_by("-id")
    return cards.look_tiles(looks.values(*cards.LOOK_COLUMNS)[:LATEST])


def _consent_counts(user: Any) -> list[dict[str, Any]]:
    """One figure a state; nothing at all while there is no consent to look after."""
    if not (user.has_perm(CREATE) or user.has_perm(SEE_ALL_CONSENTS)):
        return []
    counted = visible_consents(user).filter(group__gone_at=None).values("state").annotate(number=Count("pk"))
    numbers = dict(counted.values_list("state", "number"))
    if not numbers:
        return []
    return [
        {
            "value": f"{numbers.get(state, 0):,}",
            "label": CONSENT_FACES[state].label,
            "tone": CONSENT_FACES[state].tone.value if numbers.get(state) else "",
            "href": f"{reverse('consents')}?state={state.value}",
        }
        for state in _COUNTED
    ]
