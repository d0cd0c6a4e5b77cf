"""Request bodies as pure functions: exactly the keys HeyGen accepts, and never a null.

HeyGen refuses fields it does not know, so each function adds only what it was given.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

Body = dict[str, Any]


def from_url(url: str) -> Body:
    """A file HeyGen fetches itself: it must be public, direct and without a login."""
    return {"type": "url", "url": url}


def from_asset(asset_id: str) -> Body:
    """A file uploaded to HeyGen before."""
    return {"type": "asset_id", "asset_id": asset_id}


def from_bytes(media_type: str, data: bytes) -> Body:
    """A file inside the request itself. HeyGen states no size limit for this; uploading is the safer way."""
    return {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode("ascii")}


def digital_twin(*, name: str, file: Body, group_id: str | None = None) -> Body:
    """A twin trained from footage; with `group_id`, another look of that character."""
    return _given(type="digital_twin", name=name, file=file, avatar_group_id=group_id)


def photo(*, name: str, file: Body, group_id: str | None = None) -> Body:
    """An avatar from one picture; with `group_id`, another look of that character."""
    return _given(type="photo", name=name, file=file, avatar_group_id=group_id)


def prompt(
    *,
    name: str,
    prompt: str,
    reference_images: Sequence[Body] = (),
    group_id: str | None = None,
    look_id: str | None = None,
) -> Body:
    """An avatar from words. `look_id` names a look to resemble; with `group_id`, it must belong to that group."""
    return _given(
        type="prompt",
        name=name,
        prompt=prompt,
        reference_images=list(reference_images) or None,
        avatar_group_id=group_id,
        avatar_id=look_id,
    )


def consent(
    *, reroute_url: str | None = None, consent_text: str | None = None, consent_video: Body | None = None
) -> Body:
    """A consent request; empty is allowed. A recording excludes the two other fields, or ValueError."""
    if consent_video is not None and (reroute_url is not None or consent_text is not None):
        raise ValueError("A consent recording cannot go together with a reroute address or a text.")
    return _given(reroute_url=reroute_url, consent_text=consent_text, consent_video=consent_video)


def _given(**fields: Any) -> Body:
    return {name: value for name, value in fields.items() if value is not None}
