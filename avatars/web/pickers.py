"""Choosing a character or a look by searching: the options of the picker, and the answers to its search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from avatars.library.search import matching, matching_groups
from avatars.library.thumbnails import thumbnail_url
from avatars.models import AvatarGroup
from avatars.models.library import LookQuerySet
from avatars.web.access import CREATE, needs
from avatars.web.cards import type_label
from avatars.web.forms.creation import groups_to_add_to, looks_to_go_by
from avatars.web.forms.fields import row_id

MOST = 20
MAX_WORDS = 200
NEW_CHARACTER, NO_LOOK = "A new character", "No reference look"


@dataclass(frozen=True)
class Option:
    """One line of a picker."""

    id: int
    label: str
    meta: str
    image: str


@needs(CREATE)
@require_safe
def group_pick(request: HttpRequest) -> HttpResponse:
    """The characters that match the words, the chosen one first."""
    chosen = row_id(request.GET.get("avatar_group_id"))
    words = request.GET.get("group_q", request.GET.get("q", ""))
    facts = {"name": "avatar_group_id", "none_label": NEW_CHARACTER, "query": words}
    return _answer(request, group_options(words, chosen), chosen, facts)


@needs(CREATE)
@require_safe
def look_pick(request: HttpRequest) -> HttpResponse:
    """The looks that match the words, the chosen one first."""
    chosen = row_id(request.GET.get("avatar_id"))
    words = request.GET.get("look_q", request.GET.get("q", ""))
    facts = {"name": "avatar_id", "none_label": NO_LOOK, "query": words}
    return _answer(request, look_options(words, chosen), chosen, facts)


def _answer(request: HttpRequest, options: list[Option], chosen: int | None, facts: dict[str, Any]) -> HttpResponse:
    """The list of a picker, with something chosen in any case: one of the options, or the choice of none."""
    selected = chosen if any(option.id == chosen for option in options) else ""
    return render(request, "components/_picker_results.html", facts | {"options": options, "selected": selected})


def group_options(words: str, chosen: object = "") -> list[Option]:
    """At most 20 characters that can take a new look, by name; the chosen one comes first, whatever the words."""
    groups: QuerySet[AvatarGroup] = groups_to_add_to()
    found = matching_groups(groups, words[:MAX_WORDS]) if words.strip() else groups
    rows = [*_chosen(groups, chosen), *found.order_by("name", "pk")[:MOST]]
    return [Option(group.pk, group.title, _looks(group.looks_count), _image(group.thumbnail)) for group in _once(rows)]


def look_options(words: str, chosen: object = "") -> list[Option]:
    """At most 20 looks that a prompt may refer to, newest first; the chosen one comes first, whatever the words."""
    looks: LookQuerySet = looks_to_go_by().select_related("group")
    found = matching(looks, words[:MAX_WORDS]) if words.strip() else looks
    rows = [*_chosen(looks, chosen), *found.order_by("-pk")[:MOST]]
    return [
        Option(
            look.pk,
            look.name or "Unnamed look",
            " · ".join([type_label(look.avatar_type), *([look.group.title] if look.group else [])]),
            _image(look.thumbnail),
        )
        for look in _once(rows)
    ]


def _chosen(rows: QuerySet[Any], chosen: object) -> list[Any]:
    pk = row_id(chosen)
    return list(rows.filter(pk=pk)) if pk is not None else []


def _once(rows: Iterable[Any]) -> list[Any]:
    return list({row.pk: row for row in rows}.values())


def _looks(count: int) -> str:
    return "1 look" if count == 1 else f"{count:,} looks"


def _image(thumbnail: str) -> str:
    return thumbnail_url(thumbnail) if thumbnail else ""
