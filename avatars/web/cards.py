"""Tiles of looks and characters as ready strings, built from the values of list rows.

Sixty of them make a page, so there are no model instances here and nothing is left for a template to format. A tile is
kept by the row it was made from: whatever it shows is in that row, so a kept tile can never be stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from avatars import states
from avatars.consent.gate import lock_reason
from avatars.library.thumbnails import thumbnail_url
from avatars.web import badges
from avatars.web.badges import Watch

LOOK_COLUMNS = (
    "id",
    "name",
    "avatar_type",
    "status",
    "status_raw",
    "consent_state",
    "group__consent_raw",
    "group__display_name",
    "group__name",
    "thumbnail",
    "checked_at",
    "next_check_at",
)
GROUP_COLUMNS = (
    "id",
    "name",
    "display_name",
    "status_raw",
    "gone_at",
    "consent_state",
    "consent_raw",
    "looks_count",
    "thumbnail",
    "checked_at",
    "next_check_at",
)
# Pictures of the first row are fetched at once: one of them is what the page is waited for.
EAGER = 6

_PICTURE = '<img src="{src}" alt=""{lazy} decoding="async" width="480" height="600">'
_LOOK = (
    '<li{refresh}><article class="card{extra}">'
    '<div class="card__frame">{picture}{mark}</div>'
    '<div class="card__body"><a class="card__link" href="{href}">{name}</a>'
    '<p class="card__meta">{meta}</p><div class="badges">{status}{consent}</div></div></article></li>'
)
_MARK = '<span class="card__mark" title="{reason}">{icon}{words}</span>'
# A tile that may change fetches itself anew when the poll tells of it, after its badge has flashed: the picture and the
# lock have changed as well then.
_REFRESH = ' hx-get="{href}tile/?character={in_character:d}&amp;try={again}" hx-trigger="{trigger}" hx-swap="outerHTML"'
# Our copy of the picture comes a little later than the word that the look is ready.
PICTURE_TRIES = 4
PICTURE_WAIT = "load delay:5s"
_GROUP = (
    '<li><article class="card card--group{extra}">'
    '<div class="card__frame">{picture}<span class="card__count">{count}</span></div>'
    '<div class="card__body"><a class="card__link" href="{href}">{name}</a>'
    '<div class="badges">{status}{consent}</div></div></article></li>'
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile, and what the page has to watch for it."""

    html: SafeString
    watch: Watch


def look_tiles(
    rows: Iterable[dict[str, Any]],
    *,
    eager: bool = True,
    shows: int = badges.BOTH,
    in_character: bool = False,
    again: int = 0,
) -> list[Tile]:
    """Tiles of looks, from rows of values of LOOK_COLUMNS, in this order.

    `eager` is for the first page of a library only; `shows` is what the page watches; `in_character` leaves out the
    character's name, where the page says it already; `again` counts how often a tile has come back anew, and is 0 for
    those of a page.
    """
    return [
        _look_tile(tuple(row.values()), eager and place < EAGER, shows, in_character, again)
        for place, row in enumerate(rows)
    ]


def group_tiles(rows: Iterable[dict[str, Any]], *, eager: bool = True) -> list[Tile]:
    """Tiles of characters, from rows of values of GROUP_COLUMNS, in this order."""
    return [_group_tile(tuple(row.values()), eager and place < EAGER) for place, row in enumerate(rows)]


def sheet(tiles: Iterable[Tile]) -> SafeString:
    """The tiles in one string, ready to stand in a sheet."""
    return mark_safe("".join([tile.html for tile in tiles]))  # noqa: S308 - tiles are escaped where they are made


@lru_cache(maxsize=64)
def icon(name: str) -> str:
    """One icon of the sprite, as the design system writes it."""
    return f'<svg class="icon" aria-hidden="true"><use href="{static("img/icons.svg")}#{name}"></use></svg>'


@lru_cache(maxsize=2)
def _address(name: str) -> str:
    return reverse(name, args=[0]).replace("0", "{}")


def type_label(avatar_type: str) -> str:
    """HeyGen's type in our words; an unknown one as it is."""
    return states.TYPE_LABELS.get(avatar_type, avatar_type) or "Unknown type"


def picture(thumbnail: str, *, eager: bool = False) -> SafeString:
    """Our own copy of the preview, or a drawing while there is none."""
    if not thumbnail:
        return mark_safe(icon("person"))  # noqa: S308 - no value in it
    lazy = "" if eager else ' loading="lazy"'
    return mark_safe(_PICTURE.format(src=escape(thumbnail_url(thumbnail)), lazy=lazy))  # noqa: S308 - escaped


def awaits_picture(thumbnail: str, status: str, again: int) -> bool:
    """Whether something that came back because it changed should look once more, for its picture."""
    return not thumbnail and status == states.Status.READY and 0 < again < PICTURE_TRIES


@lru_cache(maxsize=4096)
def _look_tile(row: tuple[Any, ...], eager: bool, shows: int, in_character: bool, again: int) -> Tile:
    pk, name, avatar_type, status, status_raw, consent, consent_raw = row[:7]
    own_title, group_name, thumbnail, checked_at, next_check_at = row[7:]
    name = name or "Unnamed look"
    gone = status == states.Status.GONE
    watch = badges.look_watch(pk, status, status_raw, consent, consent_raw, shows=shows)
    title = badges.heygen_title(checked_at, next_check_at, pending=watch.pending)
    lock = lock_reason(consent)
    character = "" if in_character else own_title or group_name or ""
    meta = f"{type_label(avatar_type)} · {character}" if character else type_label(avatar_type)
    href = _address("look").format(pk)
    triggers = [f"look-{pk}-changed from:body delay:2s"] if watch.pending else []
    if awaits_picture(thumbnail, status, again):
        triggers.append(PICTURE_WAIT)
    html = _LOOK.format(
        refresh=_REFRESH.format(href=href, in_character=in_character, again=again + 1, trigger=", ".join(triggers))
        if triggers
        else "",
        extra=(" card--locked" if lock else "") + (" card--gone" if gone else ""),
        name=escape(name),
        href=href,
        picture=picture(thumbnail, eager=eager),
        mark=_MARK.format(reason=escape(lock), icon=icon("lock"), words="Consent missing") if lock else "",
        meta=escape(meta),
        status=badges.status_html("look", pk, status, status_raw, name, title=title),
        consent=badges.consent_html("look", pk, consent, consent_raw, name, title=title),
    )
    return Tile(mark_safe(html), watch)  # noqa: S308 - every value is escaped


@lru_cache(maxsize=2048)
def _group_tile(row: tuple[Any, ...], eager: bool) -> Tile:
    pk, name, display_name, raw, gone_at, consent, consent_raw, count, thumbnail, checked_at, next_check_at = row
    title = display_name or name or "Unnamed character"
    status = badges.group_status(raw, gone_at)
    watch = badges.group_watch(pk, status, raw, consent, consent_raw)
    tip = badges.heygen_title(checked_at, next_check_at, pending=watch.pending)
    html = _GROUP.format(
        extra=" card--gone" if gone_at else "",
        name=escape(title),
        href=_address("group").format(pk),
        picture=picture(thumbnail, eager=eager),
        count="1 look" if count == 1 else f"{count:,} looks",
        status=badges.status_html("group", pk, status, raw, title, title=tip),
        consent=badges.consent_html("group", pk, consent, consent_raw, title, title=tip),
    )
    return Tile(mark_safe(html), watch)  # noqa: S308 - every value is escaped
