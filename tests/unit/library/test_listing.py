"""Pages by key: nothing twice, nothing missed, whatever comes back as a cursor."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from avatars.library.listing import page
from avatars.models import Look, Submission
from tests.builders import make_user

pytestmark = pytest.mark.usefixtures("database")


def make_looks(count: int, **facts: Any) -> None:
    start = Look.objects.count()
    Look.objects.bulk_create(
        Look(heygen_id=f"{start + number:032x}", name=f"look {number % 3}", **facts) for number in range(count)
    )


def walk(queryset: Any, *, size: int, order: Sequence[str] = ("-id",)) -> list[list[Any]]:
    pages, cursor = [], ""
    while True:
        part = page(queryset, after=cursor, size=size, order=order)
        pages.append(part.items)
        cursor = part.next_cursor
        if not cursor:
            return pages


def test_it_gives_every_row_once_newest_first() -> None:
    make_looks(25)
    pages = walk(Look.objects.all(), size=10)
    assert [len(one) for one in pages] == [10, 10, 5]
    assert [row.pk for one in pages for row in one] == list(Look.objects.order_by("-id").values_list("pk", flat=True))


def test_a_full_last_page_promises_no_more() -> None:
    make_looks(20)
    assert [len(one) for one in walk(Look.objects.all(), size=10)] == [10, 10]
    assert page(Look.objects.none()).items == []


@pytest.mark.parametrize(
    "order", [("name", "-id"), ("-name", "id"), ("-updated_at", "-id"), ("ownership", "name", "id")]
)
def test_equal_values_part_at_the_row_id(order: tuple[str, ...]) -> None:
    make_looks(20)
    moment = timezone.now()
    for number, look in enumerate(Look.objects.all()):
        Look.objects.filter(pk=look.pk).update(updated_at=moment - timedelta(microseconds=number // 5))
    pages = walk(Look.objects.all(), size=3, order=order)
    assert [row.pk for one in pages for row in one] == list(Look.objects.order_by(*order).values_list("pk", flat=True))


def test_rows_that_come_meanwhile_neither_repeat_nor_hide_others() -> None:
    make_looks(10)
    first = page(Look.objects.all(), size=5)
    make_looks(3)
    Look.objects.filter(pk=first.items[-1].pk).delete()
    second = page(Look.objects.all(), after=first.next_cursor, size=5)
    assert len(second.items) == 5
    assert not {row.heygen_id for row in first.items} & {row.heygen_id for row in second.items}
    assert all(row.pk < first.items[-1].pk for row in second.items)


def test_it_pages_values_and_tuples_as_well() -> None:
    make_looks(7)
    wanted = list(Look.objects.order_by("-id").values_list("pk", flat=True))
    for rows in (Look.objects.values("id", "name"), Look.objects.values("pk", "name")):
        assert [row.get("id", row.get("pk")) for one in walk(rows, size=3) for row in one] == wanted
    assert [row[0] for one in walk(Look.objects.values_list("pk", "name"), size=3) for row in one] == wanted
    assert [row[1] for one in walk(Look.objects.values_list("name", "id"), size=3) for row in one] == wanted


def test_it_pages_by_time_and_uuid() -> None:
    owner = make_user()
    for number in range(7):
        Submission.objects.create(owner=owner, kind="photo", name="n", account="sandbox", form_token=str(number))
    order = ("-created_at", "-id")
    pages = walk(Submission.objects.all(), size=2, order=order)
    assert [one.pk for part in pages for one in part] == [one.pk for one in Submission.objects.order_by(*order)]


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "é", "\x00", "WyJpZCIs", "a" * 5000, forged(), forged("id"), forged("id", 5), forged("id", None),
     forged("id", "abc"), forged("id", "1.5"), forged("id", "9" * 40), forged("id", "-" + "9" * 40),
     forged("id", "5\x00"), forged("id", "\ud800"), forged("name", "5"), forged("id", "5", "6"),
     forged(["id"], "5"), forged("pk", "5"),
     base64.urlsafe_b64encode(b"[" * 700).decode(), base64.urlsafe_b64encode(b'{"id": 5}').decode()],
)  # fmt: skip
def test_a_cursor_that_was_tampered_with_gives_the_first_page(cursor: str) -> None:
    make_looks(6)
    assert page(Look.objects.all(), after=cursor, size=3).items == page(Look.objects.all(), size=3).items


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-01-01", "2026-13-01 00:00", "99999-01-01", "2026-01-01 10:00:00", ""]
)
def test_a_time_that_is_none_gives_the_first_page(moment: str) -> None:
    make_looks(6)
    order = ("-updated_at", "-id")
    given = page(Look.objects.all(), after=forged("updated_at", "id", moment, "3"), size=3, order=order)
    assert given.items == page(Look.objects.all(), size=3, order=order).items


def test_a_page_is_one_query(django_assert_num_queries: Any) -> None:
    make_looks(12)
    cursor = page(Look.objects.all(), size=5).next_cursor
    with django_assert_num_queries(1):
        page(Look.objects.all(), after=cursor, size=5)
