"""What a mirrored row should hold, derived from a record of HeyGen's and the row as it stands. Touches no database.

Descriptive facts that an answer leaves out are kept as last known, for answers differ in how much they tell. Words
that say how things stand (status, consent, error) and lists follow the answer, also down to nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from avatars.heygen import GroupRecord, LookRecord
from avatars.models import AvatarGroup, Look
from avatars.states import TWIN_TYPES, Status, look_status

ID_MAX = 128
# Rows that the demo command invented. HeyGen never heard of them, so its listings say nothing about them.
DEMO_PREFIX = "demo-"
_URL_MAX = 4000
_ERROR_MAX = 2000
_WORDS_MAX = 100
_FOLD_MAX = 1000
_WORD_MAX = 128  # as long as an id may be; PostgreSQL refuses words beyond 2 KB
_COUNT_MAX = 2**31 - 1
_ASCII_WORDS = re.compile(r"[a-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

Facts = dict[str, Any]
Row = TypeVar("Row", AvatarGroup, Look)


def group_facts(record: GroupRecord, *, ownership: str, now: datetime, current: AvatarGroup | None) -> Facts:
    """The fields of a group that HeyGen decides."""
    consent_raw = _word(record.consent_status)
    known = current or _blank(AvatarGroup)
    name = _line(record.name, 255) or known.name
    return {
        "name": name,
        "ownership": ownership,
        "gender": _line(record.gender, 32) or known.gender,
        "search_text": folded(known.display_name, name, record.id),
        "status_raw": _word(record.status),
        "consent_raw": consent_raw,
        "consent_raw_at": known.consent_raw_at if consent_raw == known.consent_raw else now,
        "error_code": _line(record.error_code, 128),
        "error_message": _text(record.error_message, _ERROR_MAX),
        "looks_count": min(record.looks_count, _COUNT_MAX),
        "default_voice_id": _line(record.default_voice_id, 128) or known.default_voice_id,
        "heygen_created_at": record.created_at or known.heygen_created_at,
        "gone_at": None,
        **_previews(record, known, now),
    }


def look_facts(
    record: LookRecord, *, ownership: str, now: datetime, current: Look | None, group: AvatarGroup | None
) -> Facts:
    """The fields of a look that HeyGen decides, and those that follow from them and from its group."""
    known = current or _blank(Look)
    facts: Facts = {
        "group_id": group.pk if group else known.group_id,
        "name": _line(record.name, 255) or known.name,
        "avatar_type": _line(record.avatar_type, 64) or known.avatar_type,
        "ownership": ownership,
        "engines": _words(record.supported_api_engines),
        "tags": _words(record.tags),
        "image_width": min(record.image_width, _COUNT_MAX) or known.image_width,
        "image_height": min(record.image_height, _COUNT_MAX) or known.image_height,
        "orientation": _line(record.preferred_orientation, 16) or known.orientation,
        "gender": _line(record.gender, 32) or known.gender,
        "default_voice_id": _line(record.default_voice_id, 128) or known.default_voice_id,
        "status_raw": _word(record.status),
        "error_code": _line(record.error_code, 128),
        "error_message": _text(record.error_message, _ERROR_MAX),
        "consent_state": group.consent_state if group else known.consent_state,
        "gone_at": None,
        **_previews(record, known, now),
    }
    facts["status"] = _status(facts)
    facts["search_text"] = look_search_text(facts["name"], record.id, group or known.group)
    return facts


def differs(row: AvatarGroup | Look, facts: Facts) -> bool:
    """Whether the row and the facts disagree in anything."""
    return any(getattr(row, name) != value for name, value in facts.items())


def look_search_text(name: str, heygen_id: str, group: AvatarGroup | None) -> str:
    """What the full-text index reads about a look."""
    return folded(name, group.title if group else "", heygen_id, group.heygen_id if group else "")


def folded(*texts: str) -> str:
    """The words of the texts without case, accents and punctuation, so that every database finds the same."""
    return " ".join(word for text in texts for word in words_of(text))


def words_of(text: str) -> list[str]:
    """The words of a text as the index knows them: runs of letters and digits, folded, in any script."""
    if text.isascii():
        return [word[:_WORD_MAX] for word in _ASCII_WORDS.findall(text[:_FOLD_MAX].lower())]
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text[:_FOLD_MAX]).casefold())
    return [word[:_WORD_MAX] for word in "".join(_fold(character) for character in plain).split()]


def _fold(character: str) -> str:
    """A letter or a digit stays, a mark above or below it goes, anything else parts words."""
    kind = unicodedata.category(character)[0]
    return character if kind in "LN" else "" if kind == "M" else " "


def holds_twin(record: LookRecord) -> bool:
    """Whether HeyGen says that this look is a digital twin."""
    return record.avatar_type.strip().lower() in TWIN_TYPES


def picture_digest(url: str) -> str:
    """A name for the picture behind an address: the same whatever its signature, which is new on every read."""
    return hashlib.sha256(unquote(urlsplit(url).path).encode("utf-8", "replace")).hexdigest() if url else ""


def wants_thumbnail(row: AvatarGroup | Look) -> bool:
    """Whether HeyGen has a picture of it that we have no copy of."""
    return bool(row.preview_image_url) and row.thumbnail_of != picture_digest(row.preview_image_url)


@lru_cache(maxsize=2)
def _blank(model: type[Row]) -> Row:
    """What is known of a row that does not exist; only ever read."""
    return model()


def _status(facts: Facts) -> Status:
    word = facts["status_raw"]
    has_picture = bool(facts["preview_image_url"])
    if not word and facts["ownership"] != "public" and not has_picture:
        # Only looks of the public library are ready without a word; one of ours has just been ordered.
        return Status.TRAINING
    has_size = facts["image_width"] > 0 and facts["image_height"] > 0
    return look_status(raw=word, has_picture=has_picture, has_size=has_size, gone=False)


def _previews(record: GroupRecord | LookRecord, known: AvatarGroup | Look, now: datetime) -> Facts:
    picture, video = _url(record.preview_image_url), _url(record.preview_video_url)
    # The address of a picture we hold a copy of is never used again, so its death is no reason to write the row.
    is_needed = known.thumbnail_of != picture_digest(known.preview_image_url)
    return {
        "preview_image_url": _newest(known.preview_image_url, picture, now, is_needed=is_needed),
        "preview_video_url": _newest(known.preview_video_url, video, now, is_needed=False),
    }


def _newest(old: str, new: str, now: datetime, *, is_needed: bool) -> str:
    """Which of two addresses to keep: the new one when it shows something else, or when the old one is dead."""
    if not new or not old or urlsplit(new).path != urlsplit(old).path:
        return new or old
    return new if is_needed and _is_dead(old, now) else old


def _is_dead(url: str, now: datetime) -> bool:
    """Whether a signed address says that its time is over. One without a time is taken to be alive."""
    expires = parse_qs(urlsplit(url).query).get("Expires", [""])[0]
    try:
        return datetime.fromtimestamp(int(expires), UTC) <= now
    except (ValueError, OverflowError, OSError):
        return False


def _url(value: str | None) -> str:
    """An address, or nothing where it is longer than any real one or no address at all."""
    if not value or len(value) > _URL_MAX:
        return ""
    try:
        urlsplit(value)
    except ValueError:
        return ""
    return value


def _text(value: str | None, size: int) -> str:
    """Text that any database can hold, cut to `size` characters."""
    return (value or "").replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:size]


def _line(value: str | None, size: int) -> str:
    return _CONTROL.sub(" ", _text(value, size * 4)).strip()[:size]


def _word(value: str | None) -> str | None:
    """A word of HeyGen's as it came, cut to its column; None stays None."""
    return None if value is None else _text(value, 64)


def _words(values: Iterable[str]) -> list[str]:
    return [_text(value, _WORDS_MAX) for value in values][:_WORDS_MAX]
