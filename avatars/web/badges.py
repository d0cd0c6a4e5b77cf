"""Badges: an icon, a word and a tone for training, and another for consent; and the one poll that keeps them true.

Lists print sixty of them, so they are built by `str.format` from ready values, each value escaped once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from avatars import states
from avatars.models import AvatarGroup, Consent, ConsentLink, Look, Message, Submission
from avatars.states import ConsentState, Face, LinkState, MessageState, Status, Tone
from avatars.web import watching
from avatars.web.http import PortalRequest
from avatars.web.watching import BOTH, CONSENT, OPEN, STATUS, Watch

__all__ = ["BOTH", "CONSENT", "OPEN", "STATUS", "Badges", "Watch", "consent_html", "poll_element", "status_html"]

_BADGE = (
    '<span class="badge badge--{tone}" id="badge-{kind}-{pk}-{axis}" data-{axis}="{word}" data-raw="{raw}" '
    'data-name="{name}" title="{title}"{oob}>'
    '<svg class="icon" aria-hidden="true"><use href="{icons}#{icon}"></use></svg>'
    '<span class="badge__word">{label}</span></span>'
)
_OOB = ' hx-swap-oob="true"'
_CONSENT_FINAL = frozenset({ConsentState.NOT_REQUIRED, ConsentState.GIVEN, ConsentState.WAIVED})
_BUSY_LINKS = frozenset({LinkState.REQUESTED})
_BUSY_MESSAGES = frozenset({MessageState.QUEUED, MessageState.SENDING})


@dataclass(frozen=True, slots=True)
class Badges:
    """The two badges of one item as markup (empty where it has none), and what to watch for."""

    status: SafeString
    consent: SafeString
    watch: Watch


@lru_cache(maxsize=1)
def _icons() -> str:
    return static("img/icons.svg")


def status_html(
    kind: str,
    pk: int | UUID,
    status: str,
    raw: str | None,
    name: str,
    *,
    title: str = "",
    percent: int | None = None,
    oob: bool = False,
) -> SafeString:
    """The training badge. A status word of HeyGen's that we do not know is shown as it is, in the neutral tone."""
    face = states.STATUS_FACES[Status(status)]
    if status == Status.TRAINING and not states.known_training_word(raw):
        face = Face(str(raw), Tone.NEUTRAL, "question")
    elif status == Status.UPLOADING and percent is not None:
        face = replace(face, label=f"{face.label} {percent} %")
    return _badge(face, kind=kind, pk=pk, axis="status", word=status, raw=raw, name=name, title=title, oob=oob)


def consent_html(
    kind: str, pk: int | UUID, state: str, raw: str | None, name: str, *, title: str = "", oob: bool = False
) -> SafeString:
    """The consent badge. A consent word of HeyGen's that we do not know is shown as it is."""
    face = states.CONSENT_FACES[ConsentState(state)]
    if state == ConsentState.UNKNOWN and raw:
        face = replace(face, label=raw)
    return _badge(face, kind=kind, pk=pk, axis="consent", word=state, raw=raw, name=name, title=title, oob=oob)


def _badge(
    face: Face, *, kind: str, pk: int | UUID, axis: str, word: str, raw: str | None, name: str, title: str, oob: bool
) -> SafeString:
    return mark_safe(  # noqa: S308 - every value is escaped or ours
        _BADGE.format(
            tone=f"{face.tone.value} badge--busy" if face.busy else face.tone.value,
            kind=kind,
            pk=pk,
            axis=axis,
            word=str(word),
            raw=escape(raw or ""),
            name=escape(name),
            title=escape(title),
            icons=_icons(),
            icon=face.icon,
            label=escape(face.label),
            oob=_OOB if oob else "",
        )
    )


def exact(moment: dt.datetime) -> str:
    """A moment in full, in the portal's time zone: `4 Oct 2026, 10:12:03 UTC`."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"


def heygen_title(checked_at: dt.datetime | None, next_check_at: dt.datetime | None, *, pending: bool) -> str:
    """The tooltip of a word that comes from HeyGen: when it was read there, and when it is asked for again."""
    said = f"Read at HeyGen on {exact(checked_at)}." if checked_at else "Not read at HeyGen yet."
    if pending and next_check_at:
        return f"{said} Next check on {exact(next_check_at)}."
    return said if pending else f"{said} No further check is planned."


# --- What a page watches ----------------------------------------------------------------------------------------
def _waits(status: str, consent: str, shows: int) -> bool:
    """Whether a badge the page has may still change by itself."""
    if status == Status.GONE:
        return False
    final = _CONSENT_FINAL if shows & OPEN else states.CONSENT_SETTLED
    return bool(shows & STATUS and status not in states.SETTLED) or bool(shows & CONSENT and consent not in final)


def look_watch(
    pk: int, status: str, status_raw: str | None, consent: str, consent_raw: str | None, *, shows: int = BOTH
) -> Watch:
    """What to watch for a look, from the values of a list row."""
    mark = watching.mark_of(status, status_raw, consent, consent_raw)
    return Watch("look", pk, mark, shows, _waits(status, consent, shows))


def group_status(status_raw: str | None, gone_at: dt.datetime | None) -> Status:
    """Our training word for a character; unlike a look it is ready without picture and dimensions."""
    return states.look_status(raw=status_raw, has_picture=True, has_size=True, gone=gone_at is not None)


def group_watch(
    pk: int, status: str, status_raw: str | None, consent: str, consent_raw: str | None, *, shows: int = BOTH
) -> Watch:
    """What to watch for a character, from the values of a list row."""
    mark = watching.mark_of(status, status_raw, consent, consent_raw)
    return Watch("group", pk, mark, shows, _waits(status, consent, shows))


def look(item: Look, *, shows: int = BOTH) -> Watch:
    """What to watch for a look. Load its group with it."""
    raw = item.group.consent_raw if item.group else None
    return look_watch(item.pk, item.status, item.status_raw, item.consent_state, raw, shows=shows)


def group(item: AvatarGroup, *, shows: int = BOTH) -> Watch:
    """What to watch for a character."""
    status = group_status(item.status_raw, item.gone_at)
    return group_watch(item.pk, status, item.status_raw, item.consent_state, item.consent_raw, shows=shows)


def submission(item: Submission, *, shows: int = STATUS) -> Watch:
    """What to watch for one submission; costs a query. Lists use `of_submissions`."""
    return of_submissions([item.pk], shows=shows)[item.pk].watch


def consent(item: Consent, *, shows: int = 0) -> Watch:
    """What to watch for one consent: its state, its newest link, its newest mail; costs a query."""
    return of_consents(Consent.objects.filter(pk=item.pk), shows=shows)[item.pk]


# --- Badges of many items, one query each ------------------------------------------------------------------------
def of_looks(looks: QuerySet[Look], *, shows: int = BOTH, oob: bool = False) -> dict[int, Badges]:
    """The badges of `looks`, by id."""
    rows = looks.values_list(
        "pk", "name", "status", "status_raw", "consent_state", "group__consent_raw", "checked_at", "next_check_at"
    )
    found = {}
    for pk, name, status, raw, state, consent_raw, checked_at, next_check_at in rows:
        watch = look_watch(pk, status, raw, state, consent_raw, shows=shows)
        title = heygen_title(checked_at, next_check_at, pending=watch.pending)
        found[pk] = _pair(
            watch,
            status=status,
            raw=raw,
            state=state,
            consent_raw=consent_raw,
            name=name or "Unnamed look",
            title=title,
            oob=oob,
        )
    return found


def of_groups(groups: QuerySet[AvatarGroup], *, shows: int = BOTH, oob: bool = False) -> dict[int, Badges]:
    """The badges of `groups`, by id."""
    found = {}
    for item in groups:
        watch = group(item, shows=shows)
        title = heygen_title(item.checked_at, item.next_check_at, pending=watch.pending)
        found[item.pk] = _pair(
            watch,
            status=group_status(item.status_raw, item.gone_at),
            raw=item.status_raw,
            state=item.consent_state,
            consent_raw=item.consent_raw,
            name=item.title,
            title=title,
            oob=oob,
        )
    return found


def _pair(
    watch: Watch,
    *,
    status: str,
    raw: str | None,
    state: str,
    consent_raw: str | None,
    name: str,
    title: str,
    percent: int | None = None,
    oob: bool = False,
) -> Badges:
    return Badges(
        status_html(watch.kind, watch.pk, status, raw, name, title=title, percent=percent, oob=oob),
        consent_html(watch.kind, watch.pk, state, consent_raw, name, title=title, oob=oob),
        watch,
    )


def of_submissions(
    pks: Iterable[UUID] | QuerySet[Submission], *, shows: int = STATUS, oob: bool = False
) -> dict[UUID, Badges]:
    """The badges of submissions, by id. The consent badge speaks of the character a submission made or adds to."""
    submissions = pks if isinstance(pks, QuerySet) else Submission.objects.filter(pk__in=list(pks))
    return {row[0]: _submission_badges(row, shows, oob) for row in submission_rows(submissions)}


def submission_rows(submissions: QuerySet[Submission]) -> QuerySet[Submission, tuple[Any, ...]]:
    """The facts of submissions in one query, in the order `submission_facts` reads them."""
    uploads = Q(files__source="upload")
    progress = submissions.order_by().annotate(
        sent=Sum("files__sent_bytes", filter=uploads), to_send=Sum("files__upload__size", filter=uploads)
    )
    return progress.values_list(
        "pk",
        "state",
        "kind",
        "look__status",
        "look__status_raw",
        "group__consent_state",
        "group__consent_raw",
        "sent",
        "to_send",
        "name",
        "updated_at",
    )


def submission_facts(row: Sequence[Any]) -> tuple[str, str | None, str, str | None, int | None]:
    """State, HeyGen's training word, consent state, HeyGen's consent word and upload progress of a row."""
    _, state, kind, _, raw, consent_state, consent_raw, sent, size = row[:9]
    if consent_state is None:
        consent_state = ConsentState.NOT_ASKED if kind == states.Kind.DIGITAL_TWIN else ConsentState.NOT_REQUIRED
    percent = min(100, 100 * (sent or 0) // size) if state == Status.UPLOADING and size else None
    return state, raw, str(consent_state), consent_raw, percent


def submission_watch(row: Sequence[Any], shows: int) -> Watch:
    """What to watch for a row of `submission_rows`."""
    state, raw, consent_state, consent_raw, percent = submission_facts(row)
    mark = watching.mark_of(state, percent, row[3], raw, consent_state, consent_raw)
    return Watch("submission", row[0], mark, shows, _waits(state, consent_state, shows))


def _submission_badges(row: Sequence[Any], shows: int, oob: bool) -> Badges:
    watch = submission_watch(row, shows)
    state, raw, consent_state, consent_raw, percent = submission_facts(row)
    title = f"In the portal's records since {exact(row[10])}."
    return _pair(
        watch,
        status=state,
        raw=raw,
        state=consent_state,
        consent_raw=consent_raw,
        name=row[9],
        title=title,
        percent=percent,
        oob=oob,
    )


def of_consents(consents: QuerySet[Consent], *, shows: int = 0) -> dict[int, Watch]:
    """What to watch for `consents`, by id. They have no badge of their own: the character's says it."""
    links = ConsentLink.objects.filter(consent=OuterRef("pk")).order_by("-id")
    messages = Message.objects.filter(link__consent=OuterRef("pk")).order_by("-id")
    rows = consents.order_by().values_list(
        "pk",
        "state",
        F("group__consent_raw"),
        Subquery(links.values("id")[:1]),
        Subquery(links.values("state")[:1]),
        Subquery(messages.values("id")[:1]),
        Subquery(messages.values("state")[:1]),
    )
    found = {}
    for pk, state, raw, link, link_state, message, message_state in rows:
        mark = watching.mark_of(state, raw, link, link_state, message, message_state)
        busy = link_state in _BUSY_LINKS or message_state in _BUSY_MESSAGES
        found[pk] = Watch("consent", pk, mark, shows, busy or _waits(Status.READY, state, CONSENT | shows))
    return found


# --- The poll -----------------------------------------------------------------------------------------------------
def poll_element(request: PortalRequest, items: Iterable[Watch], *, oob: bool = False) -> SafeString:
    """The element that polls for `items`; without a trigger once they are final, so the page falls silent.

    A part of a page that brings new items sends along what the page watches already (`hx-include="#badge-poll"`),
    and gets back one element for all of them.
    """
    pending = [item for item in items if item.pending]
    also = _watched_already(request)
    swap = _OOB if oob else ""
    if not pending and not also:
        return mark_safe(f'<div id="badge-poll"{swap}></div>')  # noqa: S308 - no value in it
    token = escape(watching.sign(request.user.pk or 0, pending, also=also))
    return mark_safe(  # noqa: S308 - the token is escaped
        f'<div id="badge-poll" class="poll" hx-get="{reverse("badges")}?s={token}" hx-trigger="every 4s, poll-now" '
        f'hx-swap="outerHTML"{swap}><input type="hidden" name="watching" value="{token}"></div>'
    )


def _watched_already(request: PortalRequest) -> watching.Shown:
    """What the page watched before, where it says so by a token we gave to the same person."""
    token = request.POST.get("watching") or request.GET.get("watching")
    if not token:
        return {}
    try:
        asked = watching.read(token)
    except watching.Tampered:
        return {}
    return asked.shown if asked.user_id == request.user.pk else {}
