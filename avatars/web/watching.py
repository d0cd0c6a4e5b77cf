"""What a page is watching: the items whose badges may still change, and the signed address that remembers them.

The browser asks one address every few seconds. That address carries who asked, which items, and a short mark of what
was shown for each, so that "nothing new" is answered from one query, without session and without user. Whoever holds
a fresh signature may ask; what changed is only told to a valid session, so a sign-out ends it within minutes.
"""

from __future__ import annotations

import uuid
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.core import signing
from django.utils.http import int_to_base36

MAX_AGE = 600  # seconds
MAX_ITEMS = 120  # keeps the address of the longest page well under what web servers accept
STATUS, CONSENT = 1, 2
BOTH = STATUS | CONSENT
# Also watch while a person may still change the consent, perhaps in another tab: for the pages of one character, where
# a link is asked for. Lists only wait for what changes by itself.
OPEN = 4

_LETTERS = {"look": "l", "group": "g", "submission": "s", "consent": "c"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_DIGITS = 4
_MARKS = 36**_DIGITS
_UUID = 22
_NONE = "\x1e"

Key = int | uuid.UUID
# kind -> key -> (mark of what was shown, which badges the page has)
Shown = dict[str, dict[Key, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Watch:
    """One item of a page. `mark` stands for what its badges say, `shows` for which of them the page has, and OPEN."""

    kind: str
    pk: Key
    mark: int
    shows: int
    pending: bool

    @property
    def event(self) -> str:
        """The browser event that tells other parts of the page to refresh."""
        return f"{self.kind}-{self.pk}-changed"


@lru_cache(maxsize=16384)
def mark_of(*values: object) -> int:
    """A number that changes when what an item's badges say changes.

    Most rows of a page say the same few words, so most of them are looked up. HeyGen's null and its empty word differ.
    """
    text = "\x1f".join([_NONE if value is None else str(value) for value in values])
    return zlib.crc32(text.encode()) % _MARKS


def sign(user_id: int, items: Iterable[Watch], *, also: Shown | None = None) -> str:
    """The token for `items`, and for what an older token of the same page still asks for.

    A page may name an item twice; it is then asked once, for all its badges.
    """
    return _signer().sign(f"{int_to_base36(user_id)}~{_encode(items, also or {})}")


class Tampered(Exception):
    """The address is not one of ours."""


@dataclass(frozen=True)
class Asked:
    """What an address asks for, and whether it may still be answered without a session."""

    user_id: int
    shown: Shown
    fresh: bool


def read(token: str) -> Asked:
    """What `token` asks for. Raises Tampered unless we signed it."""
    signer, fresh = _signer(), True
    try:
        try:
            text = signer.unsign(token, max_age=MAX_AGE)
        except signing.SignatureExpired:
            text, fresh = signer.unsign(token), False
        user, _, items = text.partition("~")
        return Asked(int(user, 36), _decode(items), fresh)
    except (signing.BadSignature, ValueError) as error:
        raise Tampered from error


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="avatars.web.watching")


def _encode(items: Iterable[Watch], also: Shown) -> str:
    merged = {(kind, pk): mark for kind, marks in also.items() for pk, mark in marks.items()}
    for item in items:
        _, shows = merged.get((item.kind, item.pk), (0, 0))
        merged[item.kind, item.pk] = (item.mark, shows | item.shows)
    parts: dict[str, list[tuple[Key, str]]] = {}
    for (kind, pk), (mark, shows) in list(merged.items())[:MAX_ITEMS]:
        parts.setdefault(f"{_LETTERS[kind]}{shows}", []).append((pk, int_to_base36(mark).zfill(_DIGITS)))
    return "~".join(head + (_long(rows) if head[0] == "s" else _short(rows)) for head, rows in parts.items())


def _short(rows: list[tuple[Key, str]]) -> str:
    """Numbers as steps from one to the next: neighbours on a page have neighbouring ids."""
    words, last = [], 0
    for pk, mark in sorted(rows, key=lambda row: int(row[0])):
        words.append(mark + int_to_base36(int(pk) - last))
        last = int(pk)
    return ".".join(words)


def _long(rows: list[tuple[Key, str]]) -> str:
    return "".join(mark + urlsafe_b64encode(uuid.UUID(str(pk)).bytes).decode().rstrip("=") for pk, mark in rows)


def _decode(text: str) -> Shown:
    shown: Shown = {}
    for part in text.split("~") if text else ():
        kind, shows, body = _KINDS[part[0]], int(part[1]), part[2:]
        into = shown.setdefault(kind, {})
        if kind == "submission":
            step = _DIGITS + _UUID
            for start in range(0, len(body), step):
                raw = urlsafe_b64decode(body[start + _DIGITS : start + step] + "==")
                into[uuid.UUID(bytes=raw)] = (int(body[start : start + _DIGITS], 36), shows)
            continue
        pk = 0
        for word in body.split("."):
            pk += int(word[_DIGITS:], 36)
            into[pk] = (int(word[:_DIGITS], 36), shows)
    return shown
