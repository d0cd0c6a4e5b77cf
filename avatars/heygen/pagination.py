"""Pages of a listing, and walking through all of them without trusting the listing to end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .errors import Refused
from .fields import Json, read_text

logger = logging.getLogger("avatars.heygen")


T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a listing. ``skipped`` counts entries without an id, which nothing can be done with."""

    items: list[T]
    next_token: str | None = None
    has_more: bool = False
    skipped: int = 0

    @classmethod
    def parse(cls, payload: Json, parse_item: Callable[[object], T | None]) -> Page[T] | None:
        """The page in an answer, or None when the answer holds no list."""
        rows = payload.get("data")
        if not isinstance(rows, list):
            return None
        items = [item for row in rows if (item := parse_item(row)) is not None]
        skipped = len(rows) - len(items)
        if skipped:
            logger.warning("HeyGen listed %d entries without an id; they are skipped.", skipped)
        token = read_text(payload, "next_token")
        has_more = payload.get("has_more")
        more = has_more if isinstance(has_more, bool) else token is not None
        return cls(items=items, next_token=token if more else None, has_more=more, skipped=skipped)


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=_HasId)


class Listing(Generic[Item]):
    """All items of a listing, page after page, each id once.

    After the iteration, ``complete`` tells whether the whole listing was seen: only then may the absence of an item
    be taken as a sign that it is gone. ``why_incomplete`` says in words what was missed. Errors of the fetch pass
    through and leave ``complete`` False.
    """

    def __init__(self, fetch: Callable[[str | None], Page[Item]], max_pages: int) -> None:
        self._fetch = fetch
        self._max_pages = max_pages
        self.complete = False
        self.why_incomplete = "the listing was not read to its end"
        self.pages = 0

    def __iter__(self) -> Iterator[Item]:
        self.complete, self.pages = False, 0
        self.why_incomplete = "the listing was not read to its end"
        seen_ids: set[str] = set()
        seen_tokens: set[str] = set()
        token: str | None = None
        restarted = skipped = False
        while self.pages < self._max_pages:
            self.pages += 1
            try:
                page = self._fetch(token)
            except Refused as error:
                if token is None or error.status != 400:
                    raise
                if restarted:
                    return self._stop("the place in the listing expired twice")
                # How long a cursor lives is not documented; a refused one is taken as expired.
                restarted, token = True, None
                seen_tokens.clear()
                continue
            skipped = skipped or page.skipped > 0
            for item in page.items:
                if item.id not in seen_ids:
                    seen_ids.add(item.id)
                    yield item
            if not page.has_more:
                return self._stop("entries without an id were skipped" if skipped else "")
            if not page.next_token:
                return self._stop("HeyGen announced more but gave no way to it")
            if page.next_token in seen_tokens:
                return self._stop("the listing repeats itself")
            seen_tokens.add(page.next_token)
            token = page.next_token
        return self._stop(f"it has more than {self._max_pages} pages")

    def _stop(self, why_incomplete: str) -> None:
        self.complete, self.why_incomplete = not why_incomplete, why_incomplete
        if why_incomplete:
            logger.warning("A listing from HeyGen is incomplete: %s.", why_incomplete)


def iterate(fetch: Callable[[str | None], Page[Item]], *, max_pages: int = 200) -> Listing[Item]:
    """All items behind `fetch`, which takes a page token (None for the first) and gives that page.

    Stops at a repeating cursor, at a missing one, and after `max_pages` requests. A cursor refused with 400 makes it
    start again from the first page, once. See `Listing` on how to learn whether everything was seen.
    """
    return Listing(fetch, max_pages)
