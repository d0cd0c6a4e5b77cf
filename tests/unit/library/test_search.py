"""Words in, rows out: the same on both databases, whatever somebody types."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from avatars.heygen import GroupRecord, LookRecord
from avatars.library import mirror
from avatars.library.search import matching, matching_groups
from avatars.models import AvatarGroup, Look

pytestmark = pytest.mark.usefixtures("database")

GROUP = "0123456789abcdef" * 2
LOOKS = {
    "Red dress, studio": "10" * 16,
    "Blue dress, Straße": "2e5" + "0" * 29,
    "Zoë's café": "3f" * 16,
    "東京 オフィス": "4a" * 16,
    "3D demo x2": "5b" * 16,
}


@pytest.fixture(autouse=True)
def library(database: str) -> Iterator[None]:
    now = timezone.now()
    mirror.save_group(GroupRecord(id=GROUP, name="Anna-Lena Müller"), ownership="private", now=now)
    records = [LookRecord(id=heygen_id, name=name, group_id=GROUP) for name, heygen_id in LOOKS.items()]
    mirror.save_looks(records, ownership="private", now=now)
    mirror.save_look(LookRecord(id="99" * 16, name="Lonely"), ownership="private", now=now)
    yield


def found(text: str) -> set[str]:
    return set(matching(Look.objects.all(), text).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("dress", {"Red dress, studio", "Blue dress, Straße"}),
        ("DRESS red", {"Red dress, studio"}),
        ("dre stu", {"Red dress, studio"}),
        ("strasse", {"Blue dress, Straße"}),
        ("zoe cafe", {"Zoë's café"}),
        ("Zoe\u0308", {"Zoë's café"}),
        ("東", {"東京 オフィス"}),
        ("3d", {"3D demo x2"}),
        ("x2 d", {"3D demo x2"}),
        ("l", {"Lonely", *LOOKS}),
        ("muller lena", set(LOOKS)),
        ("ress", set()),
        ("red blue", set()),
    ],
)
def test_each_word_must_begin_a_word(text: str, names: set[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize("name", LOOKS)
def test_ids_are_found_whole_and_by_their_beginning(name: str) -> None:
    assert found(LOOKS[name]) == {name}
    assert found(LOOKS[name][:7].upper()) == {name}


def test_the_characters_id_finds_all_its_looks() -> None:
    assert found(GROUP) == set(LOOKS)


def test_any_hexadecimal_id_is_found_whole_and_by_any_beginning() -> None:
    # Databases take some of these for numbers, like 12e5, so chance is worth a visit.
    dice = random.Random(7)
    ids = [f"{dice.getrandbits(128):032x}" for _ in range(300)] + ["1e5" + "7" * 29, "0x" + "1" * 30, "9" * 32]
    mirror.save_looks([LookRecord(id=one, name=f"n{one}") for one in ids], ownership="public", now=timezone.now())
    for one in ids:
        start = one[: dice.choice((6, 12, 31, 32))]
        assert one in set(matching(Look.objects.all(), start).values_list("heygen_id", flat=True)), start


@pytest.mark.parametrize(
    "text",
    ['"', "'", "''", '"red', "*", "a*b", "NEAR(red blue)", "red OR", "AND", "NOT red", "search_text:red", "^red",
     "-red", "red)", "(", "red & !blue", "a:*", "\\", "\\'", "%", "_", "red\x00dress", "\ud800", ";", "--", "{}",
     "%s", "%(x)s", "+", "<->", "\u202e", "a" * 5000, "a " * 5000, "🙂"],
)  # fmt: skip
def test_nothing_of_a_query_language_gets_through(text: str) -> None:
    list(matching(Look.objects.all(), text))
    list(matching_groups(AvatarGroup.objects.all(), text))


def test_words_of_a_query_language_are_plain_words() -> None:
    mirror.save_look(LookRecord(id="or", name="Now or near"), ownership="private", now=timezone.now())
    assert found("OR") == {"Now or near"}
    assert found("NEAR") == {"Now or near"}
    assert found("dress NOT red") == set()


def test_chance_never_breaks_it() -> None:
    dice = random.Random(11)
    alphabet = "\"'*():^-+&|!<>\\{}[]~%_;:,. \t\x00\x1fabé東🙂"
    for _ in range(200):
        list(matching(Look.objects.all(), "".join(dice.choices(alphabet, k=dice.randrange(1, 20)))))


def test_a_blank_text_leaves_everything_and_a_wordless_one_nothing() -> None:
    assert found("") == found("  \t") == {"Lonely", *LOOKS}
    assert found("***") == set()


def test_it_combines_with_other_filters_and_pages_newest_first() -> None:
    looks = Look.objects.exclude(name="Lonely")
    ordered = matching(looks, "l").order_by("-id")
    assert [look.pk for look in ordered] == sorted((look.pk for look in looks), reverse=True)


def test_a_change_is_found_and_the_old_word_is_forgotten() -> None:
    mirror.save_look(LookRecord(id="99" * 16, name="Crowded"), ownership="private", now=timezone.now())
    assert (found("lonely"), found("crowd")) == (set(), {"Crowded"})
    Look.objects.filter(name="Crowded").delete()
    assert found("crowd") == set()


def test_writing_other_columns_keeps_the_index_right() -> None:
    Look.objects.update(status="gone", updated_at=timezone.now())
    assert found("dress") == {"Red dress, studio", "Blue dress, Straße"}


def test_characters_are_found_by_both_names_and_by_id() -> None:
    group = AvatarGroup.objects.get()
    group.display_name = "The Spokeswoman"
    group.save(update_fields=["display_name"])
    mirror.refresh_names(group)
    for text in ("muller", "anna lena", "spokes", GROUP, GROUP[:5], "spokes mull"):
        assert list(matching_groups(AvatarGroup.objects.all(), text)) == [group], text
    assert not matching_groups(AvatarGroup.objects.all(), "berta")


def test_the_index_answers_and_not_the_table() -> None:
    rows = [LookRecord(id=secrets.token_hex(16), name=f"bulk {number}") for number in range(400)]
    mirror.save_looks(rows, ownership="public", now=timezone.now())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE avatars_look")
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = matching(Look.objects.order_by(), "dress").explain()
    assert ("avatars_look_search" in plan) or ("VIRTUAL TABLE INDEX" in plan)
