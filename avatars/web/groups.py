"""Characters: the list, and one page each with its looks, its consent and its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from avatars import states
from avatars.library import listing, search
from avatars.models import AvatarGroup, Look
from avatars.states import ConsentState
from avatars.web import access, badges, browsing, cards, consent_panel, history
from avatars.web.browsing import Select
from avatars.web.http import PortalRequest

_OURS, _ALL = "private", "all"
_OWNERSHIPS = ((_OURS, "Our characters"), ("public", "Public characters"), (_ALL, "All characters"))
_CONSENTS = (("", "Any consent"), *((state.value, states.CONSENT_FACES[state].label) for state in ConsentState))


@require_safe
def groups(request: PortalRequest) -> HttpResponse:
    """All characters, sixty a page, newest first; our own unless the address or a search says otherwise."""
    text = browsing.words(request)
    default = _ALL if text else _OURS
    ownership = browsing.chosen(request, "ownership", _OWNERSHIPS, default)
    consent = browsing.chosen(request, "consent", _CONSENTS)
    selects = [Select("ownership", "Show", _OWNERSHIPS, ownership), Select("consent", "Consent", _CONSENTS, consent)]
    found = AvatarGroup.objects.all()
    if ownership != _ALL:
        found = found.filter(ownership=ownership)
    if consent:
        found = found.filter(consent_state=consent)
    if text:
        found = search.matching_groups(found, text)
    after = request.GET.get("after", "")
    page = listing.page(found.values(*cards.GROUP_COLUMNS), after=after, size=browsing.PAGE)
    tiles = cards.group_tiles(page.items, eager=not after)
    appended = browsing.appends(request)
    poll = badges.poll_element(request, [tile.watch for tile in tiles], oob=appended)
    more = {"tiles": cards.sheet(tiles), "more": browsing.more_address(request, page.next_cursor), "poll": poll}
    if appended:
        return render(request, "groups/_more.html", more)
    chips = browsing.chips(request, text, selects, {"ownership": default})
    whole = not after and not page.next_cursor
    return render(
        request,
        "groups/list.html",
        more
        | {
            "text": text,
            "selects": selects,
            "chips": chips,
            "count": browsing.count_words(found, len(tiles), "character", "characters", whole=whole),
            "first": not after,
            "empty": not tiles,
            "only_ours": ownership == _OURS and bool(chips),
            "everywhere": browsing.with_value(request, "ownership", _ALL),
            "may_create": request.user.has_perm(access.CREATE),
        },
    )


@require_safe
def group(request: PortalRequest, pk: int) -> HttpResponse:
    """One character."""
    item = get_object_or_404(AvatarGroup, pk=pk)
    return show(request, item, consent_panel.facts(request.user, item, page=consent_panel.ON_GROUP))


def show(request: PortalRequest, item: AvatarGroup, panel: consent_panel.Panel, *, status: int = 200) -> HttpResponse:
    """The page of one character with its consent panel as given, which may hold a form with errors."""
    after = request.GET.get("after", "")
    rows = Look.objects.filter(group=item).values(*cards.LOOK_COLUMNS)
    page = listing.page(rows, after=after, size=browsing.PAGE)
    tiles = cards.look_tiles(page.items, eager=False, shows=badges.BOTH | badges.OPEN, in_character=True)
    watches = [tile.watch for tile in tiles]
    context: dict[str, Any] = {
        "tiles": cards.sheet(tiles),
        "more": browsing.more_address(request, page.next_cursor),
    }
    if browsing.appends(request):
        poll = badges.poll_element(request, watches, oob=True)
        return render(request, "looks/_more.html", context | {"poll": poll})
    marks = badges.of_groups(AvatarGroup.objects.filter(pk=item.pk), shows=badges.BOTH | badges.OPEN)[item.pk]
    context |= {
        "group": item,
        "badges": marks,
        "picture": cards.picture(item.thumbnail, eager=True),
        "again": browsing.tries(request) + 1,
        "awaits_picture": cards.awaits_picture(
            item.thumbnail, badges.group_status(item.status_raw, item.gone_at), browsing.tries(request)
        ),
        "count": "1 look" if item.looks_count == 1 else f"{item.looks_count:,} looks",
        "may_add": item.is_private and item.gone_at is None and request.user.has_perm(access.CREATE),
        "first": not after,
        "empty": not tiles,
        "panel": panel,
        "poll": badges.poll_element(request, [marks.watch, *watches, *panel.watches]),
        "steps": history.steps(item.events.select_related("actor").order_by("-id")[: history.SHOWN]),
    }
    return render(request, "groups/detail.html", context, status=status)
