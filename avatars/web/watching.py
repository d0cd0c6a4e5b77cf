"""What a page is watching: the items whose badges may still change, and the signed address that remembers them.

The browser asks one address every few seconds. That address carries who asked, which items, and a short digest of what
was shown for each, so that "nothing new" is answered from one query, without session and without user. Whoever holds
a fresh signature may ask; what changed is only told to a valid session, so a sign-out ends it within minutes.
"""

from __future__ import annotations

import uuid
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass

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
_DIGEST = 4
_DIGESTS = 36**_DIGEST
_UUID = 22
_NONE = "\x1e"

Key = int | uuid.UUID
# kind -> key -> (digest of what was shown, which badges the page has)
Shown = dict[str, dict[Key, tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Watch:
    """One item of a page. `facts` is what its badges say, `shows` which of them the page has, and OPEN."""

    kind: str
    pk: Key
    facts: str
    shows: int
    pending: bool

    @property
    def event(self) -> str:
        """The browser event that tells other parts of the page to refresh."""
        return f"{self.kind}-{self.pk}-changed"


def facts(*values: object) -> str:
    """The facts behind an item's badges as one string; None and "" differ, because HeyGen's null is a fact."""
    return "\x1f".join([_NONE if value is None else str(value) for value in values])


def digest(text: str) -> str:
    """Four characters that change when `text` does."""
    return int_to_base36(zlib.crc32(text.encode()) % _DIGESTS).zfill(_DIGEST)


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
        _, shows = merged.get((item.kind, item.pk), ("", 0))
        merged[item.kind, item.pk] = (digest(item.facts), shows | item.shows)
    parts: dict[str, list[tuple[Key, str]]] = {}
    for (kind, pk), (mark, shows) in list(merged.items())[:MAX_ITEMS]:
        parts.setdefault(f"{_LETTERS[kind]}{shows}", []).append((pk, mark))
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
            step = _DIGEST + _UUID
            for start in range(0, len(body), step):
                raw = urlsafe_b64decode(body[start + _DIGEST : start + step] + "==")
                into[uuid.UUID(bytes=raw)] = (body[start : start + _DIGEST], shows)
            continue
        pk = 0
        for word in body.split("."):
            pk += int(word[_DIGEST:], 36)
            into[pk] = (word[:_DIGEST], shows)
    return shown
