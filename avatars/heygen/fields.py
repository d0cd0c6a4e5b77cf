"""Reads single fields out of HeyGen's answers, giving None, 0 or nothing where they are missing or mistyped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

_INT_MAX = 2**31 - 1


def read_text(data: Json, name: str) -> str | None:
    """A string that any database can hold: no NUL, no lone surrogate. None when absent or of another type."""
    value = data.get(name)
    return (_storable(value) or None) if isinstance(value, str) else None


def _storable(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def read_count(data: Json, name: str) -> int:
    """A whole number from 0 to 2**31 - 1, else 0."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _INT_MAX:
        return 0
    return int(value)


def read_size(data: Json, name: str) -> int | None:
    """A whole number that is not negative, else None."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def read_texts(data: Json, name: str) -> list[str]:
    """The strings of a list; anything else in it is left out."""
    value = data.get(name)
    return [_storable(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []


def read_object(data: Json, name: str) -> dict[str, Any]:
    """An object inside the object, {} when there is none."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def moment_from(value: object) -> datetime | None:
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


def amount_from(value: object) -> Decimal | None:
    """A finite number as an exact decimal, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    amount = Decimal(str(value))
    return amount if amount.is_finite() else None
