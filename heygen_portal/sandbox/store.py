"""Named values in the database, remembered in memory: one process owns them."""

from __future__ import annotations

import secrets
import threading
from typing import Any

from .models import Setting

_lock = threading.RLock()
_values: dict[str, Any] = {}


def get(key: str, default: Any = None) -> Any:
    """The stored value, or ``default``. Do not change what you are given."""
    with _lock:
        if key not in _values:
            row = Setting.objects.filter(key=key).first()
            if row is None:
                return default
            _values[key] = row.value
        return _values[key]


def put(key: str, value: Any) -> None:
    """Store a JSON value under a name."""
    with _lock:
        Setting.objects.update_or_create(key=key, defaults={"value": value})
        _values[key] = value


def forget() -> None:
    """Drop every value, in memory and in the database."""
    with _lock:
        Setting.objects.all().delete()
        _values.clear()


def refresh() -> None:
    """Drop what is remembered; called once a transaction that called ``forget`` has been committed.

    Another thread may have read, and remembered, the old values while that transaction was still open.
    """
    with _lock:
        _values.clear()


def secret() -> str:
    """The key that signs this state's own links; made once."""
    value = get("secret")
    if value is None:
        value = secrets.token_hex(32)
        put("secret", value)
    return value
