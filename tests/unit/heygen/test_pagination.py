from __future__ import annotations

from collections.abc import Callable

import pytest

from avatars.heygen import GroupRecord, HeyGenClient, Listing, Page, Refused, Unavailable, iterate

from .server import Answer, Asked, ScriptedServer

Pages = dict[str | None, Page | Exception | list]


def _page(ids: str, token: str | None = None, *, more: bool | None = None, skipped: int = 0) -> Page[GroupRecord]:
    has_more = token is not None if more is None else more
    return Page([GroupRecord(id=one) for one in ids], token, has_more, skipped)


def _fetch(pages: Pages) -> tuple[Callable[[str | None], Page], list[str | None]]:
    """Gives `pages` by token; a list is used up answer by answer."""
    asked: list[str | None] = []

    def fetch(token: str | None) -> Page:
        asked.append(token)
        page = pages[token]
        if isinstance(page, list):
            page = page.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    return fetch, asked


def _ids(listing: Listing) -> str:
    return "".join(item.id for item in listing)


def _expired() -> Refused:
    return Refused("Bad token.", status=400, code="invalid_parameter")


def test_it_reads_all_pages() -> None:
    fetch, asked = _fetch({None: _page("ab", "t1"), "t1": _page("", "t2"), "t2": _page("c")})
    listing = iterate(fetch)

    assert listing.complete is False
    assert _ids(listing) == "abc"
    assert (listing.complete, listing.why_incomplete, listing.pages) == (True, "", 3)
    assert asked == [None, "t1", "t2"]


def test_it_reads_an_empty_listing_whole() -> None:
    listing = iterate(_fetch({None: _page("")})[0])

    assert (_ids(listing), listing.complete) == ("", True)


@pytest.mark.parametrize(
    "pages",
    [
        {None: _page("a", "t1"), "t1": _page("b", "t1")},
        {None: _page("a", "t1"), "t1": _page("b", "t2"), "t2": _page("c", "t1")},
    ],
)
def test_it_stops_when_the_cursor_repeats(pages: Pages) -> None:
    listing = iterate(_fetch(pages)[0])

    assert _ids(listing) in ("ab", "abc")
    assert (listing.complete, listing.why_incomplete) == (False, "the listing repeats itself")


def test_it_is_incomplete_when_more_is_announced_without_a_cursor() -> None:
    listing = iterate(_fetch({None: _page("a", None, more=True)})[0])

    assert (_ids(listing), listing.complete) == ("a", False)


def test_it_starts_again_once_when_the_cursor_has_expired() -> None:
    fetch, asked = _fetch(
        {None: [_page("ab", "t1"), _page("abx", "t1")], "t1": [_expired(), _page("c")]},
    )
    listing = iterate(fetch)

    assert _ids(listing) == "abxc"
    assert listing.complete is True
    assert asked == [None, "t1", None, "t1"]


def test_it_gives_up_when_the_cursor_expires_twice() -> None:
    listing = iterate(_fetch({None: _page("ab", "t1"), "t1": _expired()})[0])

    assert (_ids(listing), listing.complete) == ("ab", False)


def test_it_does_not_take_a_refused_first_page_for_an_expired_cursor() -> None:
    fetch, asked = _fetch({None: _expired()})

    with pytest.raises(Refused):
        _ids(iterate(fetch))
    assert asked == [None]


@pytest.mark.parametrize("error", [Refused("", status=403), Unavailable("")])
def test_it_passes_other_errors_on_and_stays_incomplete(error: Exception) -> None:
    listing = iterate(_fetch({None: _page("a", "t1"), "t1": error})[0])

    with pytest.raises(type(error)):
        _ids(listing)
    assert listing.complete is False


def test_it_caps_the_number_of_pages() -> None:
    listing = iterate(lambda token: _page("a", str(int(token or 0) + 1)), max_pages=7)

    assert (_ids(listing), listing.pages, listing.complete) == ("a", 7, False)


def test_it_is_incomplete_when_entries_had_no_id() -> None:
    listing = iterate(_fetch({None: _page("a", "t1", skipped=1), "t1": _page("b")})[0])

    assert (_ids(listing), listing.complete) == ("ab", False)


def test_it_is_incomplete_when_the_caller_stops_early() -> None:
    listing = iterate(_fetch({None: _page("ab", "t1"), "t1": _page("c")})[0])

    assert next(iter(listing)).id == "a"
    assert listing.complete is False


def test_it_walks_the_pages_of_a_real_server(server: ScriptedServer, client: HeyGenClient) -> None:
    def answer(asked: Asked) -> Answer:
        start = int(asked.query.get("token", 0))
        rows = [{"id": f"g{number}"} for number in range(start, min(start + 50, 120))]
        more = start + 50 < 120
        return Answer(200, {"data": rows, "has_more": more, "next_token": str(start + 50) if more else None})

    server.default = answer
    listing = iterate(lambda token: client.list_groups(ownership="public", token=token))

    assert [group.id for group in listing] == [f"g{number}" for number in range(120)]
    assert listing.complete is True
    assert [asked.query.get("token") for asked in server.asked] == [None, "50", "100"]
