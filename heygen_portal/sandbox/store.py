"""Named values in the database, remembered in memory: one process owns them.

The lock guards the memory only and is never held while the database is asked: a thread that writes already holds the
database's own write lock, and may come here with it.
"""

from __future__ import annotations

import secrets
import threading
from typing import Any

from .models import Setting

_lock = threading.Lock()
_values: dict[str, Any] = {}
_forgotten = 0


def get(key: str, default: Any = None) -> Any:
    """The stored value, or ``default``. Do not change what you are given."""
    with _lock:
        if key in _values:
            return _values[key]
        era = _forgotten
    row = Setting.objects.filter(key=key).first()
    if row is None:
        return default
    with _lock:
        # What was read before everything was forgotten is not to be remembered after it.
        return _values.setdefault(key, row.value) if era == _forgotten else row.value


def put(key: str, value: Any) -> None:
    """Store a JSON value under a name."""
    Setting.objects.update_or_create(key=key, defaults={"value": value})
    with _lock:
        _values[key] = value


def forget() -> None:
    """Drop every value, in memory and in the database."""
    Setting.objects.all().delete()
    refresh()


def refresh() -> None:
    """Drop what is remembered; called once a transaction that called ``forget`` has been committed.

    Another thread may have read, and remembered, the old values while that transaction was still open.
    """
    global _forgotten  # noqa: PLW0603 - the memory is the module's
    with _lock:
        _values.clear()
        _forgotten += 1


def secret() -> str:
    """The key that signs this state's own links; made once."""
    value = get("secret")
    if value is None:
        value = secrets.token_hex(32)
        put("secret", value)
    return value
