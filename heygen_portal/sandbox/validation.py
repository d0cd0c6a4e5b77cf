"""Strict reading of request bodies: what is unknown, missing or of the wrong type is refused by name."""

from __future__ import annotations

import re
from typing import Any

from .answers import Refusal, invalid

NAME_LENGTH = 80
PROMPT_LENGTH = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def known_keys(body: dict[str, Any], *allowed: str) -> None:
    """400 for the first key that the schema does not have."""
    for key in body:
        if key not in allowed:
            raise Refusal(400, "invalid_parameter", f"{key}: extra inputs are not permitted", key)


def text(
    body: dict[str, Any],
    key: str,
    *,
    required: bool = False,
    maximum: int | None = None,
    nullable: bool = True,
) -> str | None:
    """A string field; null counts as absent where the schema allows it."""
    value = body.get(key)
    if value is None:
        if required or (key in body and not nullable):
            raise invalid(key, f"{key} is required.")
        return None
    if not isinstance(value, str):
        raise invalid(key, f"{key} must be a string.")
    if required and not value.strip():
        raise invalid(key, f"{key} must not be empty.")
    if maximum is not None and len(value) > maximum:
        raise invalid(key, f"{key} must have at most {maximum} characters.")
    if _CONTROL.search(value):
        raise invalid(key, f"{key} must not contain control characters.")
    return value


def name(body: dict[str, Any]) -> str:
    """A display name: 1 to 80 characters on one line."""
    value = text(body, "name", required=True, maximum=NAME_LENGTH) or ""
    if "\n" in value or "\r" in value:
        raise invalid("name", "name must be a single line.")
    return value.strip()


def whole_number(body: dict[str, Any], key: str, *, minimum: int = 1) -> int:
    """A required integer."""
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(key, f"{key} must be an integer.")
    if value < minimum:
        raise invalid(key, f"{key} must be at least {minimum}.")
    return value


def file_input(value: Any, param: str) -> dict[str, str]:
    """One file given as url, asset_id or base64, with exactly the keys of its kind."""
    shapes = {"url": ("url",), "asset_id": ("asset_id",), "base64": ("media_type", "data")}
    if not isinstance(value, dict):
        raise invalid(param, f"{param} must be an object.")
    kind = value.get("type")
    if kind not in shapes:
        raise invalid(param, f"{param}.type must be one of url, asset_id, base64.")
    for key in value:
        if key != "type" and key not in shapes[kind]:
            raise Refusal(400, "invalid_parameter", f"{param}.{key}: extra inputs are not permitted", param)
    for key in shapes[kind]:
        if not isinstance(value.get(key), str) or not value[key]:
            raise invalid(param, f"{param}.{key} is required and must be a string.")
    return value
