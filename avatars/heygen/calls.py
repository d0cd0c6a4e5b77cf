"""What the calls of all subjects share: reading one thing, a page of things, deleting a thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .errors import NotFound, lost
from .pagination import Page
from .transport import Transport

T = TypeVar("T")


class Calls:
    """Base of the groups of calls that make up the client."""

    _transport: Transport

    def _one(self, path: str, parse: Callable[[object], T | None]) -> T:
        return self._parsed("GET", self._transport.get(path), parse)

    def _page(self, path: str, query: Mapping[str, Any], parse: Callable[[object], T | None]) -> Page[T]:
        page = Page.parse(self._transport.get(path, query), parse)
        if page is None:
            raise lost("GET", "HeyGen said yes, but its answer holds no list.")
        return page

    def _parsed(self, method: str, payload: Mapping[str, Any], parse: Callable[[object], T | None]) -> T:
        record = parse(payload.get("data"))
        if record is None:
            raise lost(method, "HeyGen said yes, but its answer lacks what was asked for.")
        return record

    def _delete(self, path: str, key: str) -> bool:
        """Delete a thing; False when it was gone already, which is as good."""
        try:
            self._transport.change("DELETE", path, key=key, empty_ok=True)
        except NotFound:
            return False
        return True
