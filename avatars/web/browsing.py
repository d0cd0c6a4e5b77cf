"""What the lists share: filters that live in the address, chips that take them away, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

PAGE = 60
# Counting stops here: nobody reads a longer list by its number, and a long count would cost more than the page.
COUNT_LIMIT = 10_000
SEARCH_LIMIT = 200
_TRIES = frozenset("123456789")


@dataclass(frozen=True)
class Select:
    """One filter as a select box: its name in the address, its label, what may be chosen and what is."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str

    @property
    def words(self) -> str:
        """What is chosen, as the person reads it; empty for a value that is not offered."""
        return dict(self.options).get(self.value, "")


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: str
    href: str


def words(request: HttpRequest, name: str = "q") -> str:
    """The search words of the address, without what a database could not compare."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:SEARCH_LIMIT]


def chosen(request: HttpRequest, name: str, options: Sequence[tuple[str, str]], default: str = "") -> str:
    """The value of a filter, or `default` where the address names none or one that is not offered."""
    value = request.GET.get(name, default)
    return value if value in dict(options) else default


def by_htmx(request: HttpRequest) -> bool:
    """Whether a part of a page asked, and wants a part as its answer."""
    return request.headers.get("HX-Request") == "true"


def appends(request: HttpRequest) -> bool:
    """Whether a list asked for its next page, to be appended to what it shows."""
    return by_htmx(request) and bool(request.GET.get("after"))


def tries(request: HttpRequest) -> int:
    """How often a part of a page has come back for its picture; 0 on a page that a person opened."""
    said = request.GET.get("try", "")
    return int(said) if said in _TRIES else 0


def without(request: HttpRequest, *names: str) -> str:
    """This page's address without some filters, from its first page on."""
    query = request.GET.copy()
    for name in (*names, "after", "watching"):
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def with_value(request: HttpRequest, name: str, value: str) -> str:
    """This page's address with one filter set."""
    query = request.GET.copy()
    for other in ("after", "watching"):
        query.pop(other, None)
    query[name] = value
    return f"{request.path}?{query.urlencode()}"


def chips(request: HttpRequest, text: str, selects: Sequence[Select], defaults: dict[str, str]) -> list[Chip]:
    """One chip for each filter that differs from what the page shows by itself."""
    found = [Chip(f"“{text}”", without(request, "q"))] if text else []
    for select in selects:
        if select.value and select.value != defaults.get(select.name, "") and select.words:
            found.append(Chip(f"{select.label}: {select.words}", without(request, select.name)))
    return found


def more_address(request: HttpRequest, cursor: str) -> str:
    """The address of the next page, or "" when this is the last."""
    return with_value(request, "after", cursor) if cursor else ""


def count_words(queryset: QuerySet[Any], shown: int, one: str, many: str, *, whole: bool) -> SafeString:
    """ "24 looks". A list that fits on its page is counted by its rows; a longer one by the database, up to a limit."""
    total = shown if whole else queryset.order_by()[: COUNT_LIMIT + 1].count()
    number = f"more than {COUNT_LIMIT:,}" if total > COUNT_LIMIT else f"{total:,}"
    return format_html("<strong>{}</strong> {}", number, one if total == 1 else many)
