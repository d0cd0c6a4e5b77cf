"""Pages of long lists by key: the thousandth page costs what the first one costs.

A page starts after the key of the row before it, not after so many rows, so rows that come or go meanwhile neither
repeat nor hide others. The cursor that names this key is opaque and made of values, not of trust: one that was
tampered with, or belongs to another order, gives the first page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

PAGE_SIZE = 60
NEWEST_FIRST = ("-id",)

_CURSOR_MAX = 800
_INT_MAX = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor that gives the next ones; "" when there are no more."""

    items: list[Row]
    next_cursor: str = ""


def page(
    queryset: models.QuerySet[Any], *, after: str = "", size: int = PAGE_SIZE, order: Sequence[str] = NEWEST_FIRST
) -> Page[Any]:
    """The next `size` rows of the queryset behind the cursor `after` ("" for the first page), in one query.

    `order` names fields, each with "-" for descending; the last must be unique, so that equal values part somewhere,
    and none may be null. The rows may be instances, dicts (`values`) or tuples (`values_list`) that hold these fields.
    """
    model = queryset.model
    names = [name.removeprefix("-") for name in order]
    values = _decode(model, names, after)
    if values is not None:
        queryset = queryset.filter(_beyond(order, values))
    rows = list(queryset.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _encode(model, names, _key(queryset, names, rows[-1])) if more else "")


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come later: a later first field, or the same one and a later second field, and so on."""
    condition = Q()
    for position in range(len(order) - 1, -1, -1):
        name = order[position].removeprefix("-")
        sign = "lt" if order[position].startswith("-") else "gt"
        later = Q(**{f"{name}__{sign}": values[position]})
        if condition:
            # The database can walk an index from here only when the first field is bounded by itself as well.
            later = Q(**{f"{name}__{sign}e": values[position]}) & (later | condition)
        condition = later
    return condition


def _key(queryset: models.QuerySet[Any], names: Sequence[str], row: Any) -> list[Any]:
    """The values of the ordering fields in a row of any shape; the row id may go by the name of `pk`."""
    if isinstance(row, models.Model):
        return [getattr(row, name) for name in names]
    primary = queryset.model._meta.pk.name
    if isinstance(row, tuple):
        row = dict(zip(queryset._fields, row, strict=True))  # type: ignore[attr-defined]
    return [row["pk"] if name == primary and name not in row else row[name] for name in names]


def _encode(model: type[models.Model], names: Sequence[str], values: Sequence[Any]) -> str:
    texts = [str(_column(model, name).get_prep_value(value)) for name, value in zip(names, values, strict=True)]
    plain = json.dumps([*names, *texts], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode("utf-8", "replace")).decode("ascii").rstrip("=")


def _decode(model: type[models.Model], names: Sequence[str], cursor: str) -> list[Any] | None:
    if not cursor or len(cursor) > _CURSOR_MAX or not cursor.isascii():
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = json.loads(plain)
        if not isinstance(parts, list) or parts[: len(names)] != list(names) or len(parts) != 2 * len(names):
            return None
        return [_value(model, name, part) for name, part in zip(names, parts[len(names) :], strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        return None


def _column(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field), f"{name} is no column"  # noqa: S101 - the caller's own list of columns
    return field


def _value(model: type[models.Model], name: str, text: object) -> Any:
    if not isinstance(text, str) or "\x00" in text:
        raise ValueError("A part of the cursor is no text.")
    text.encode("utf-8")
    value = _column(model, name).to_python(text)
    if value is None or (isinstance(value, int) and not -_INT_MAX <= value <= _INT_MAX):
        raise ValueError("A part of the cursor is out of range.")
    if isinstance(value, datetime) and timezone.is_naive(value):
        raise ValueError("A time in the cursor has no zone.")
    return value
