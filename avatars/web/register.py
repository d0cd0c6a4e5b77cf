"""The rows of the consent register, ready to be printed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from avatars import states
from avatars.library import listing
from avatars.models import ConsentLink, Message
from avatars.states import ConsentState, LinkState, MessageState
from avatars.templatetags.ui import reltime
from avatars.web import access, badges, browsing, cards
from avatars.web.badges import CONSENT, Watch
from avatars.web.masking import masked_address

# In the order of the work: what waits for us, what waits for the person, what is done.
_ORDER = (
    ConsentState.NOT_ASKED,
    ConsentState.WAITING,
    ConsentState.EXPIRED,
    ConsentState.DECLINED,
    ConsentState.GIVEN,
    ConsentState.UNKNOWN,
    ConsentState.WITHDRAWN,
    ConsentState.WAIVED,
    ConsentState.NOT_REQUIRED,
)
_ALWAYS = frozenset(_ORDER[:5])
_TAB_WORDS: dict[str, str] = {
    ConsentState.NOT_ASKED: "Not asked",
    ConsentState.WAITING: "Waiting",
    ConsentState.EXPIRED: "Expired",
    ConsentState.GIVEN: "Given",
    ConsentState.WAIVED: "Waived",
    ConsentState.NOT_REQUIRED: "Not needed",
}
_NEXT: dict[str, str] = {
    ConsentState.NOT_ASKED: "Ask for the consent link",
    ConsentState.WAITING: "Wait for the answer",
    ConsentState.EXPIRED: "Make a new link",
    ConsentState.DECLINED: "Talk to the person, then make a new link",
    ConsentState.UNKNOWN: "Look at it at HeyGen",
}
_LINK_WORDS: dict[str, str] = {
    LinkState.REQUESTED: "Being fetched",
    LinkState.READY: "Ready",
    LinkState.SUPERSEDED: "Replaced",
    LinkState.REFUSED: "Refused by HeyGen",
    LinkState.UNKNOWN: "Did not arrive",
}
_ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.STORED, MessageState.UNKNOWN)


@dataclass(frozen=True)
class Tab:
    """The consents of one state, counted."""

    label: str
    href: str
    current: bool
    count: str


@dataclass(frozen=True)
class Row:
    """One person."""

    pk: int
    picture: str
    character: str
    person: str
    badge: SafeString
    age: SafeString | str
    owner: str
    next_step: str


@dataclass(frozen=True)
class LinkRow:
    """One link of a record. The address is never in it."""

    words: str
    dead: bool
    who: str
    masked: str
    link: ConsentLink

    @classmethod
    def of(cls, link: ConsentLink) -> LinkRow:
        """The row of one link; load who asked for it with it."""
        ended = link.state == LinkState.READY and link.expires_at is not None and link.expires_at <= _now()
        return cls(
            words="Ended" if ended else _LINK_WORDS.get(link.state, link.state),
            dead=ended or link.state != LinkState.READY,
            who=link.asked_by.get_full_name() or link.asked_by.get_username(),
            masked=masked_address(link.url),
            link=link,
        )


@dataclass(frozen=True)
class Register:
    """One page of the register."""

    tabs: list[Tab]
    rows: list[Row]
    watches: list[Watch]
    more: str
    first: bool
    chosen: str


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def read(request: HttpRequest) -> Register:
    """The page of the register that the address asks for, for the person who asks."""
    visible = access.visible_consents(request.user)
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in set(ConsentState) else ""
    found = visible.filter(state=chosen) if chosen else visible
    page = listing.page(_values(found), after=request.GET.get("after", ""), size=browsing.PAGE)
    rows, watches = [], []
    for values in page.items:
        row, watch = _row(values)
        rows.append(row)
        watches.append(watch)
    counts = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    first = not request.GET.get("after")
    more = browsing.more_address(request, page.next_cursor)
    return Register(_tabs(request, counts, chosen), rows, watches, more, first, chosen)


def _tabs(request: HttpRequest, counts: dict[str, int], chosen: str) -> list[Tab]:
    everything = Tab("All", request.path, not chosen, f"{sum(counts.values()):,}")
    return [
        everything,
        *(
            Tab(
                _TAB_WORDS.get(state, states.CONSENT_FACES[state].label),
                f"{request.path}?state={state}",
                state == chosen,
                f"{counts.get(state, 0):,}",
            )
            for state in _ORDER
            if state in _ALWAYS or counts.get(state) or state == chosen
        ),
    ]


def _values(consents: Any) -> Any:
    links = ConsentLink.objects.filter(consent=OuterRef("pk")).order_by("-id")
    mails = Message.objects.filter(link__consent=OuterRef("pk"), state__in=_ON_ITS_WAY).order_by("-id")
    return consents.annotate(
        newest_state=Subquery(links.values("state")[:1]),
        newest_id=Subquery(links.values("id")[:1]),
        mailed_link=Subquery(mails.values("link_id")[:1]),
    ).values(
        "id",
        "state",
        "asked_at",
        "created_at",
        "group_id",
        "group__display_name",
        "group__name",
        "group__thumbnail",
        "group__status_raw",
        "group__gone_at",
        "group__consent_state",
        "group__consent_raw",
        "subject__name",
        "owner__username",
        "owner__first_name",
        "owner__last_name",
        "newest_state",
        "newest_id",
        "mailed_link",
    )


def _row(values: dict[str, Any]) -> tuple[Row, Watch]:
    title = values["group__display_name"] or values["group__name"] or "Unnamed character"
    consent_state, raw = values["group__consent_state"], values["group__consent_raw"]
    status_raw, gone_at = values["group__status_raw"], values["group__gone_at"]
    status = badges.group_status(status_raw, gone_at)
    sent = values["newest_id"] is not None and values["mailed_link"] == values["newest_id"]
    full_name = f"{values['owner__first_name'] or ''} {values['owner__last_name'] or ''}".strip()
    row = Row(
        pk=values["id"],
        picture=cards.thumbnail_url(values["group__thumbnail"]) if values["group__thumbnail"] else "",
        character=title,
        person=values["subject__name"] or "",
        badge=badges.consent_html("group", values["group_id"], consent_state, raw, title),
        age=reltime(values["asked_at"] or values["created_at"]),
        owner=full_name or values["owner__username"] or "",
        next_step=_next_step(values["state"], values["newest_state"], sent=sent, gone=gone_at is not None),
    )
    return row, badges.group_watch(values["group_id"], status, status_raw, consent_state, raw, shows=CONSENT)


def _next_step(state: str, link_state: str | None, *, sent: bool, gone: bool) -> str:
    if gone:
        return "None, the character is gone at HeyGen"
    if link_state == LinkState.REQUESTED:
        return "The link is on its way"
    if state == ConsentState.WAITING and link_state == LinkState.READY and not sent:
        return "Send the link to the person"
    return _NEXT.get(state, "None")
