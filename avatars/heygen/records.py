"""What HeyGen told us, as frozen records read tolerantly from its answers.

HeyGen's schemas grow about monthly: unknown keys are ignored, missing or mistyped ones become None, "", 0 or [],
and words HeyGen may extend (types, statuses, engines) stay exactly as given. Addresses never show in a repr, since
previews, uploads and consent links carry their own permission.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

logger = logging.getLogger("avatars.heygen")

T = TypeVar("T")
Json = Mapping[str, Any]

_INT_MAX = 2**31 - 1


def _text(data: Json, name: str) -> str | None:
    """A string that any database can hold: no NUL, no lone surrogate. None when absent or of another type."""
    value = data.get(name)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8") or None


def _count(data: Json, name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _INT_MAX:
        return 0
    return int(value)


def _size(data: Json, name: str) -> int | None:
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _texts(data: Json, name: str) -> list[str]:
    value = data.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _object(data: Json, name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _moment(value: object) -> datetime | None:
    """A time from unix seconds or an ISO string; a time without a zone is taken as UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    amount = Decimal(str(value))
    return amount if amount.is_finite() else None


@dataclass(frozen=True)
class GroupRecord:
    """A group: one person or character. ``status`` and ``consent_status`` are HeyGen's own words."""

    id: str
    name: str = ""
    created_at: datetime | None = None
    looks_count: int = 0
    gender: str | None = None
    status: str | None = None
    consent_status: str | None = None
    default_voice_id: str | None = None
    preview_image_url: str | None = field(default=None, repr=False)
    preview_video_url: str | None = field(default=None, repr=False)
    error_code: str | None = None
    error_message: str | None = None

    @classmethod
    def parse(cls, data: object) -> GroupRecord | None:
        """The group in a JSON object, or None when it has no id."""
        if not isinstance(data, dict) or not (identity := _text(data, "id")):
            return None
        error = _object(data, "error")
        return cls(
            id=identity,
            name=_text(data, "name") or "",
            created_at=_moment(data.get("created_at")),
            looks_count=_count(data, "looks_count"),
            gender=_text(data, "gender"),
            status=_text(data, "status"),
            consent_status=_text(data, "consent_status"),
            default_voice_id=_text(data, "default_voice_id"),
            preview_image_url=_text(data, "preview_image_url"),
            preview_video_url=_text(data, "preview_video_url"),
            error_code=_text(error, "code"),
            error_message=_text(error, "message"),
        )


@dataclass(frozen=True)
class LookRecord:
    """A look: one appearance of a group. Its id is what a video call names as ``avatar_id``."""

    id: str
    name: str = ""
    avatar_type: str = ""
    group_id: str | None = None
    gender: str | None = None
    status: str | None = None
    tags: list[str] = field(default_factory=list)
    supported_api_engines: list[str] = field(default_factory=list)
    image_width: int = 0
    image_height: int = 0
    preferred_orientation: str | None = None
    default_voice_id: str | None = None
    preview_image_url: str | None = field(default=None, repr=False)
    preview_video_url: str | None = field(default=None, repr=False)
    error_code: str | None = None
    error_message: str | None = None

    @property
    def is_renderable(self) -> bool:
        """Completed, with a preview and dimensions: users saw video calls refused when only the status was right."""
        return (
            self.status == "completed"
            and bool(self.preview_image_url)
            and self.image_width > 0
            and self.image_height > 0
        )

    @classmethod
    def parse(cls, data: object) -> LookRecord | None:
        """The look in a JSON object, or None when it has no id."""
        if not isinstance(data, dict) or not (identity := _text(data, "id")):
            return None
        error = _object(data, "error")
        return cls(
            id=identity,
            name=_text(data, "name") or "",
            avatar_type=_text(data, "avatar_type") or "",
            group_id=_text(data, "group_id"),
            gender=_text(data, "gender"),
            status=_text(data, "status"),
            tags=_texts(data, "tags"),
            supported_api_engines=_texts(data, "supported_api_engines"),
            image_width=_count(data, "image_width"),
            image_height=_count(data, "image_height"),
            preferred_orientation=_text(data, "preferred_orientation"),
            default_voice_id=_text(data, "default_voice_id"),
            preview_image_url=_text(data, "preview_image_url"),
            preview_video_url=_text(data, "preview_video_url"),
            error_code=_text(error, "code"),
            error_message=_text(error, "message"),
        )


@dataclass(frozen=True)
class CreatedAvatar:
    """The answer to a creation. Either half may be None: find the look by its group, or call the outcome unknown."""

    item: LookRecord | None
    group: GroupRecord | None


@dataclass(frozen=True)
class ConsentAnswer:
    """The answer to a consent request. ``url`` is a secret for one person, absent when a recording was submitted."""

    group: GroupRecord | None
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AssetRecord:
    """An uploaded file at HeyGen. Its address is public to whoever has it, so it stays out of the repr."""

    id: str
    url: str | None = field(default=None, repr=False)
    name: str = ""
    mime_type: str = ""
    size_bytes: int | None = None
    status: str | None = None

    @classmethod
    def parse(cls, data: object) -> AssetRecord | None:
        """The asset in a JSON object, which calls its id ``asset_id`` after an upload and ``id`` when read."""
        if not isinstance(data, dict) or not (identity := _text(data, "asset_id") or _text(data, "id")):
            return None
        return cls(
            id=identity,
            url=_text(data, "url"),
            name=_text(data, "name") or "",
            mime_type=_text(data, "mime_type") or _text(data, "type") or "",
            size_bytes=_size(data, "size_bytes"),
            status=_text(data, "status"),
        )


@dataclass(frozen=True)
class AssetStatus:
    """Where an uploaded file stands: ``queued``, ``processing``, ``completed``, ``failed`` or ``not_found``."""

    id: str
    status: str = ""

    @classmethod
    def parse(cls, data: object) -> AssetStatus | None:
        """One row of the status list, in which HeyGen names the asset ``video_id``."""
        if not isinstance(data, dict) or not (identity := _text(data, "video_id") or _text(data, "asset_id")):
            return None
        return cls(id=identity, status=_text(data, "status") or "")


@dataclass(frozen=True)
class DirectUpload:
    """Permission to put one file of an announced size into HeyGen's storage, for a short time."""

    asset_id: str
    upload_url: str = field(repr=False)
    upload_headers: dict[str, str] = field(repr=False)
    expires_in_seconds: int | None = None
    max_bytes: int | None = None
    status: str | None = None

    @classmethod
    def parse(cls, data: object) -> DirectUpload | None:
        """The permission in a JSON object, or None when it lacks the id or the address."""
        if not isinstance(data, dict):
            return None
        asset_id, url = _text(data, "asset_id"), _text(data, "upload_url")
        if not asset_id or not url:
            return None
        headers = {name: str(value) for name, value in _object(data, "upload_headers").items() if value is not None}
        return cls(
            asset_id=asset_id,
            upload_url=url,
            upload_headers=headers,
            expires_in_seconds=_size(data, "expires_in_seconds"),
            max_bytes=_size(data, "max_bytes"),
            status=_text(data, "status"),
        )


@dataclass(frozen=True)
class AccountRecord:
    """The account a key belongs to. ``plan`` is HeyGen's own word, for subscriptions only."""

    username: str = ""
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing_type: str | None = None
    plan: str | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def parse(cls, data: dict[str, Any]) -> AccountRecord:
        """The account in a JSON object."""
        return cls(
            username=_text(data, "username") or "",
            email=_text(data, "email"),
            first_name=_text(data, "first_name"),
            last_name=_text(data, "last_name"),
            billing_type=_text(data, "billing_type"),
            plan=_text(_object(data, "subscription"), "plan"),
            raw=data,
        )

    @property
    def balance(self) -> tuple[Decimal | None, str | None]:
        """(amount, unit): the unit is "usd", "credits" or "plan credits"; an amount of None is unknown, not zero.

        Plan credits are not what calls with an API key spend.
        """
        wallet, usage = _object(self.raw, "wallet"), _object(self.raw, "usage_based")
        if wallet:
            return _amount(wallet.get("remaining_balance")), _text(wallet, "currency")
        if usage:
            return _amount(usage.get("remaining_credits")), "credits"
        if subscription := _object(self.raw, "subscription"):
            credits = _object(subscription, "credits")
            kinds = (_object(credits, "premium_credits"), _object(credits, "add_on_credits"))
            known = [amount for kind in kinds if (amount := _amount(kind.get("remaining"))) is not None]
            return (sum(known, Decimal(0)) if known else None), "plan credits"
        return None, None


@dataclass(frozen=True)
class WebhookEndpoint:
    """An address HeyGen reports events to. ``secret`` comes only on creation; ``events`` None means all of them."""

    id: str
    url: str | None = field(default=None, repr=False)
    events: list[str] | None = None
    status: str = ""
    created_at: datetime | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, data: object) -> WebhookEndpoint | None:
        """The endpoint in a JSON object, or None when it has no id."""
        if not isinstance(data, dict) or not (identity := _text(data, "endpoint_id")):
            return None
        return cls(
            id=identity,
            url=_text(data, "url"),
            events=_texts(data, "events") if isinstance(data.get("events"), list) else None,
            status=_text(data, "status") or "",
            created_at=_moment(data.get("created_at")),
            secret=_text(data, "secret"),
        )


@dataclass(frozen=True)
class EventType:
    """A kind of event HeyGen can report; the id is its name."""

    id: str
    description: str = ""

    @classmethod
    def parse(cls, data: object) -> EventType | None:
        """The kind in a JSON object, or None when it has no name."""
        if not isinstance(data, dict) or not (identity := _text(data, "event_type")):
            return None
        return cls(id=identity, description=_text(data, "description") or "")


@dataclass(frozen=True)
class EventRecord:
    """An event HeyGen has tried to deliver."""

    id: str
    event_type: str = ""
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    created_at: datetime | None = None

    @classmethod
    def parse(cls, data: object) -> EventRecord | None:
        """The event in a JSON object, or None when it has no id."""
        if not isinstance(data, dict) or not (identity := _text(data, "event_id")):
            return None
        return cls(
            id=identity,
            event_type=_text(data, "event_type") or "",
            data=_object(data, "event_data"),
            created_at=_moment(data.get("created_at")),
        )


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a listing. ``skipped`` counts entries without an id, which nothing can be done with."""

    items: list[T]
    next_token: str | None = None
    has_more: bool = False
    skipped: int = 0

    @classmethod
    def parse(cls, payload: Json, parse_item: Callable[[object], T | None]) -> Page[T] | None:
        """The page in an answer, or None when the answer holds no list."""
        rows = payload.get("data")
        if not isinstance(rows, list):
            return None
        items = [item for row in rows if (item := parse_item(row)) is not None]
        skipped = len(rows) - len(items)
        if skipped:
            logger.warning("HeyGen listed %d entries without an id; they are skipped.", skipped)
        token = _text(payload, "next_token")
        has_more = payload.get("has_more")
        more = has_more if isinstance(has_more, bool) else token is not None
        return cls(items=items, next_token=token if more else None, has_more=more, skipped=skipped)
