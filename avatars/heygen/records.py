"""What HeyGen told us, as frozen records read tolerantly from its answers.

HeyGen's schemas grow about monthly: unknown keys are ignored, missing or mistyped ones become None, "", 0 or [],
and words HeyGen may extend (types, statuses, engines) stay exactly as given. Addresses never show in a repr, since
previews, uploads and consent links carry their own permission.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .fields import amount_from, moment_from, read_count, read_object, read_size, read_text, read_texts


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
        if not isinstance(data, dict) or not (identity := read_text(data, "id")):
            return None
        error = read_object(data, "error")
        return cls(
            id=identity,
            name=read_text(data, "name") or "",
            created_at=moment_from(data.get("created_at")),
            looks_count=read_count(data, "looks_count"),
            gender=read_text(data, "gender"),
            status=read_text(data, "status"),
            consent_status=read_text(data, "consent_status"),
            default_voice_id=read_text(data, "default_voice_id"),
            preview_image_url=read_text(data, "preview_image_url"),
            preview_video_url=read_text(data, "preview_video_url"),
            error_code=read_text(error, "code"),
            error_message=read_text(error, "message"),
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
        if not isinstance(data, dict) or not (identity := read_text(data, "id")):
            return None
        error = read_object(data, "error")
        return cls(
            id=identity,
            name=read_text(data, "name") or "",
            avatar_type=read_text(data, "avatar_type") or "",
            group_id=read_text(data, "group_id"),
            gender=read_text(data, "gender"),
            status=read_text(data, "status"),
            tags=read_texts(data, "tags"),
            supported_api_engines=read_texts(data, "supported_api_engines"),
            image_width=read_count(data, "image_width"),
            image_height=read_count(data, "image_height"),
            preferred_orientation=read_text(data, "preferred_orientation"),
            default_voice_id=read_text(data, "default_voice_id"),
            preview_image_url=read_text(data, "preview_image_url"),
            preview_video_url=read_text(data, "preview_video_url"),
            error_code=read_text(error, "code"),
            error_message=read_text(error, "message"),
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
        if not isinstance(data, dict) or not (identity := read_text(data, "asset_id") or read_text(data, "id")):
            return None
        return cls(
            id=identity,
            url=read_text(data, "url"),
            name=read_text(data, "name") or "",
            mime_type=read_text(data, "mime_type") or read_text(data, "type") or "",
            size_bytes=read_size(data, "size_bytes"),
            status=read_text(data, "status"),
        )


@dataclass(frozen=True)
class AssetStatus:
    """Where an uploaded file stands: ``queued``, ``processing``, ``completed``, ``failed`` or ``not_found``."""

    id: str
    status: str = ""

    @classmethod
    def parse(cls, data: object) -> AssetStatus | None:
        """One row of the status list, in which HeyGen names the asset ``video_id``."""
        if not isinstance(data, dict) or not (identity := read_text(data, "video_id") or read_text(data, "asset_id")):
            return None
        return cls(id=identity, status=read_text(data, "status") or "")


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
        asset_id, url = read_text(data, "asset_id"), read_text(data, "upload_url")
        if not asset_id or not url:
            return None
        headers = {name: str(value) for name, value in read_object(data, "upload_headers").items() if value is not None}
        return cls(
            asset_id=asset_id,
            upload_url=url,
            upload_headers=headers,
            expires_in_seconds=read_size(data, "expires_in_seconds"),
            max_bytes=read_size(data, "max_bytes"),
            status=read_text(data, "status"),
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
            username=read_text(data, "username") or "",
            email=read_text(data, "email"),
            first_name=read_text(data, "first_name"),
            last_name=read_text(data, "last_name"),
            billing_type=read_text(data, "billing_type"),
            plan=read_text(read_object(data, "subscription"), "plan"),
            raw=data,
        )

    @property
    def balance(self) -> tuple[Decimal | None, str | None]:
        """(amount, unit): the unit is "usd", "credits" or "plan credits"; an amount of None is unknown, not zero.

        Plan credits are not what calls with an API key spend.
        """
        wallet, usage = read_object(self.raw, "wallet"), read_object(self.raw, "usage_based")
        if wallet:
            return amount_from(wallet.get("remaining_balance")), read_text(wallet, "currency")
        if usage:
            return amount_from(usage.get("remaining_credits")), "credits"
        if subscription := read_object(self.raw, "subscription"):
            credits = read_object(subscription, "credits")
            kinds = (read_object(credits, "premium_credits"), read_object(credits, "add_on_credits"))
            known = [amount for kind in kinds if (amount := amount_from(kind.get("remaining"))) is not None]
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
        if not isinstance(data, dict) or not (identity := read_text(data, "endpoint_id")):
            return None
        return cls(
            id=identity,
            url=read_text(data, "url"),
            events=read_texts(data, "events") if isinstance(data.get("events"), list) else None,
            status=read_text(data, "status") or "",
            created_at=moment_from(data.get("created_at")),
            secret=read_text(data, "secret"),
        )


@dataclass(frozen=True)
class EventType:
    """A kind of event HeyGen can report; the id is its name."""

    id: str
    description: str = ""

    @classmethod
    def parse(cls, data: object) -> EventType | None:
        """The kind in a JSON object, or None when it has no name."""
        if not isinstance(data, dict) or not (identity := read_text(data, "event_type")):
            return None
        return cls(id=identity, description=read_text(data, "description") or "")


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
        if not isinstance(data, dict) or not (identity := read_text(data, "event_id")):
            return None
        return cls(
            id=identity,
            event_type=read_text(data, "event_type") or "",
            data=read_object(data, "event_data"),
            created_at=moment_from(data.get("created_at")),
        )
