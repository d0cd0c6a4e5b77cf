"""What may be shown of things that let their holder do something: links, signed addresses, stored requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

_HIDDEN = "(hidden)"
_ADDRESS_STARTS = ("http://", "https://")
# Names of values that let their holder do something, wherever they stand in a stored request or answer.
_SECRET_NAMES = frozenset({"url", "data", "base64", "token", "upload_url", "reroute_url", "secret", "authorization"})


def masked_address(address: str) -> str:
    """An address without the part that opens it: `https://files.heygen.ai/…`."""
    if not address:
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}/…" if parts.scheme and parts.hostname else _HIDDEN


def masked(value: Any, name: str = "") -> Any:
    """A stored request or answer as support may see it: addresses and file contents are hidden, words and ids stay."""
    if isinstance(value, dict):
        return {key: masked(item, str(key).lower()) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    if isinstance(value, str) and value:
        if value.startswith(_ADDRESS_STARTS):
            return masked_address(value)
        return _HIDDEN if name in _SECRET_NAMES else value
    return value
