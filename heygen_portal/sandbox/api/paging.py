"""Pages of lists: limit 1 to 50 and an opaque token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from heygen_portal.sandbox import store
from heygen_portal.sandbox.answers import invalid


def limit(query: QueryDict, *, default: int = 20, maximum: int = 50) -> int:
    """The page length; 400 outside its range."""
    given = query.get("limit")
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= maximum:
        raise invalid("limit", f"limit must be an integer between 1 and {maximum}.")
    return int(given)


def choice(query: QueryDict, name: str, *values: str) -> str | None:
    """A query parameter with a closed set of values."""
    given = query.get(name)
    if given is not None and given not in values:
        raise invalid(name, f"{name} must be one of {', '.join(values)}.")
    return given


def _sign(payload: bytes) -> bytes:
    return hmac.new(store.secret().encode(), payload, hashlib.sha256).digest()[:8]


def _filters(query: QueryDict) -> str:
    return "&".join(f"{key}={value}" for key, value in sorted(query.items()) if key not in ("token", "limit"))


def _pack(place: dict[str, Any]) -> str:
    payload = json.dumps(place).encode()
    return base64.urlsafe_b64encode(_sign(payload) + payload).decode().rstrip("=")


def _unpack(token: str, filters: str) -> dict[str, Any]:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if not hmac.compare_digest(raw[:8], _sign(raw[8:])):
            raise ValueError(token)
        place = json.loads(raw[8:])
    except ValueError:
        raise invalid("token", "The token is not valid.") from None
    if place["f"] != filters:
        raise invalid("token", "The token belongs to another list.")
    return place


def cut(
    rows: QuerySet[Any], query: QueryDict, *, private_first: bool = False, default: int = 20, maximum: int = 50
) -> tuple[list[Any], str | None]:
    """One page, newest first (private before public when asked), and the token of the next."""
    size, filters = limit(query, default=default, maximum=maximum), _filters(query)
    if query.get("token"):
        place = _unpack(str(query["token"]), filters)
        behind = Q(pk__lt=place["i"])
        if private_first:
            behind = Q(is_public__gt=place["p"]) | Q(is_public=place["p"], pk__lt=place["i"])
        rows = rows.filter(behind)
    order = ("is_public", "-pk") if private_first else ("-pk",)
    found: list[Model] = list(rows.order_by(*order)[: size + 1])
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], _pack({"i": last.pk, "p": bool(getattr(last, "is_public", False)), "f": filters})
