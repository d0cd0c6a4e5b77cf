"""The look library: the picture grid, and one page a look with its id and a ready request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from avatars import states
from avatars.consent.gate import lock_reason
from avatars.library import listing, search
from avatars.models import AvatarGroup, Look
from avatars.models.library import LookQuerySet
from avatars.states import ConsentState, Status
from avatars.web import access, badges, browsing, cards, history, snippets
from avatars.web.browsing import Select
from avatars.web.http import PortalRequest

_OURS, _PUBLIC, _ALL = "private", "public", "all"
_OWNERSHIPS = ((_OURS, "Our looks"), (_PUBLIC, "Public looks"), (_ALL, "All looks"))
_TYPES = (
    ("", "Any type"),
    ("digital_twin", "Digital twin"),
    ("photo_avatar", "Photo avatar"),
    ("studio_avatar", "Studio avatar"),
)
_LOOK_STATES = (Status.READY, Status.TRAINING, Status.FAILED, Status.GONE)
_STATUSES = (("", "Any status"), *((state.value, states.STATUS_FACES[state].label) for state in _LOOK_STATES))
_CONSENTS = (("", "Any consent"), *((state.value, states.CONSENT_FACES[state].label) for state in ConsentState))
_OFFERED_CHARACTERS = 100


@dataclass(frozen=True)
class _Filters:
    """What the address asks for. A search looks everywhere unless told otherwise; the bare page shows our own."""

    text: str
    selects: list[Select] = field(default_factory=list)
    default_ownership: str = _OURS

    def value(self, name: str) -> str:
        """The chosen value of one filter."""
        return next(select.value for select in self.selects if select.name == name)

    def apply(self, looks: LookQuerySet) -> QuerySet[Look]:
        """Only the looks the address asks for."""
        if self.value("ownership") != _ALL:
            looks = looks.filter(ownership=self.value("ownership"))
        if kind := self.value("type"):
            # HeyGen has two words for a twin.
            looks = looks.filter(avatar_type__in=states.TWIN_TYPES if kind == "digital_twin" else [kind])
        if status := self.value("status"):
            looks = looks.filter(status=status)
        if consent := self.value("consent"):
            looks = looks.filter(consent_state=consent)
        if character := self.value("character"):
            looks = looks.filter(group_id=int(character))
        return search.matching(looks, self.text) if self.text else looks


def _read_filters(request: PortalRequest) -> _Filters:
    text = browsing.words(request)
    characters = _characters(request.GET.get("character", ""))
    named = browsing.chosen(request, "character", characters)
    default = _ALL if text or named else _OURS
    selects = [
        Select("ownership", "Show", _OWNERSHIPS, browsing.chosen(request, "ownership", _OWNERSHIPS, default)),
        Select("type", "Type", _TYPES, browsing.chosen(request, "type", _TYPES)),
        Select("status", "Status", _STATUSES, browsing.chosen(request, "status", _STATUSES)),
        Select("consent", "Consent", _CONSENTS, browsing.chosen(request, "consent", _CONSENTS)),
        Select("character", "Character", characters, named),
    ]
    return _Filters(text, selects, default)


def _characters(chosen: str) -> list[tuple[str, str]]:
    """Our newest characters to choose from, and the chosen one, whichever it is."""
    wanted = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else 0
    ours = AvatarGroup.objects.filter(ownership=_OURS, gone_at=None).order_by("-id")
    rows = list(ours.values_list("pk", "display_name", "name")[:_OFFERED_CHARACTERS])
    if wanted and wanted not in {pk for pk, _, _ in rows}:
        rows += AvatarGroup.objects.filter(pk=wanted).values_list("pk", "display_name", "name")
    named = [(str(pk), own or name or "Unnamed character") for pk, own, name in rows]
    return [("", "Any character"), *sorted(named, key=lambda option: option[1].casefold())]


@require_safe
def looks(request: PortalRequest) -> HttpResponse:
    """The library: sixty pictures a page, newest first, filtered by the address."""
    filters = _read_filters(request)
    found = filters.apply(Look.objects.all())
    after = request.GET.get("after", "")
    page = listing.page(found.values(*cards.LOOK_COLUMNS), after=after, size=browsing.PAGE)
    tiles = cards.look_tiles(page.items, eager=not after)
    appended = browsing.appends(request)
    poll = badges.poll_element(request, [tile.watch for tile in tiles], oob=appended)
    more = {"tiles": cards.sheet(tiles), "more": browsing.more_address(request, page.next_cursor), "poll": poll}
    if appended:
        return render(request, "looks/_more.html", more)
    return render(
        request, "looks/list.html", more | _list_facts(request, filters, found, len(tiles), bool(page.next_cursor))
    )


def _list_facts(
    request: PortalRequest, filters: _Filters, found: QuerySet[Look], shown: int, has_more: bool
) -> dict[str, Any]:
    first = not request.GET.get("after")
    defaults = {"ownership": filters.default_ownership}
    chips = browsing.chips(request, filters.text, filters.selects, defaults)
    return {
        "text": filters.text,
        "selects": filters.selects,
        "chips": chips,
        "count": browsing.count_words(found, shown, "look", "looks", whole=first and not has_more),
        "first": first,
        "empty": not shown,
        "only_ours": filters.value("ownership") == _OURS and bool(chips),
        "everywhere": browsing.with_value(request, "ownership", _ALL),
        "may_create": request.user.has_perm(access.CREATE),
    }


@require_safe
def tile(request: PortalRequest, pk: int) -> HttpResponse:
    """One tile alone, for a sheet that was told of a change."""
    in_character = request.GET.get("character") == "1"
    shows = badges.BOTH | badges.OPEN if in_character else badges.BOTH
    rows = Look.objects.filter(pk=pk).values(*cards.LOOK_COLUMNS)
    made = cards.look_tiles(rows, eager=False, shows=shows, in_character=in_character, again=browsing.tries(request))
    if not made:
        raise Http404
    return HttpResponse(made[0].html)


@require_safe
def look(request: PortalRequest, pk: int) -> HttpResponse:
    """One look: its picture, how it was made, its ids, and a request that is ready to be sent."""
    item = get_object_or_404(
        Look.objects.select_related("group", "submission__owner", "submission__reference_look"), pk=pk
    )
    marks = badges.of_looks(Look.objects.filter(pk=pk), shows=badges.BOTH | badges.OPEN)[pk]
    lock = lock_reason(item.consent_state)
    engines = snippets.engines_of(item.engines)
    words = [engine.word for engine in engines]
    engine = request.GET.get("engine", "")
    engine = engine if engine in words else (words[0] if words else "")
    voice = item.default_voice_id or (item.group.default_voice_id if item.group else "")
    context = {
        "look": item,
        "badges": marks,
        "picture": cards.picture(item.thumbnail, eager=True),
        "again": browsing.tries(request) + 1,
        "awaits_picture": cards.awaits_picture(item.thumbnail, item.status, browsing.tries(request)),
        "type_label": cards.type_label(item.avatar_type),
        "lock": lock,
        "engines": engines,
        "engine": engine,
        "voice": voice,
        "samples": []
        if lock or item.gone_at
        else snippets.samples(look_id=item.heygen_id, voice_id=voice, orientation=item.orientation, engine=engine),
        "steps": history.steps(item.events.select_related("actor").order_by("-id")[: history.SHOWN]),
        "submission": _submission_facts(request, item),
        "poll": badges.poll_element(request, [marks.watch]),
    }
    return render(request, "looks/detail.html", context)


def _submission_facts(request: PortalRequest, item: Look) -> dict[str, Any] | None:
    """How a look of ours was made. The words and files somebody gave are shown to those who may see the submission."""
    submission = getattr(item, "submission", None)
    if submission is None:
        return None
    full = access.visible_submissions(request.user).filter(pk=submission.pk).exists()
    files = list(submission.files.select_related("upload")) if full else []
    return {
        "full": full,
        "it": submission,
        "kind": states.KIND_LABELS.get(submission.kind, submission.kind),
        "who": submission.owner.get_full_name() or submission.owner.get_username(),
        "files": files,
        "reference": str(submission.reference_look) if full and submission.reference_look else "",
    }
