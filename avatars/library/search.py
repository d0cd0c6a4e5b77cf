"""Finding looks and characters by words: a full-text index behind two functions, the same on both databases.

A search text is data. It is reduced to words of letters and digits, as the index knows them; each must be the
beginning of a word of the name, of the character's name, or of an id. Nothing of a query language is left in it.
The index only names rows; page the answer newest first (by row id), or the database has to sort all hits.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import connections, models
from django.db.models.expressions import F, Func, RawSQL

from avatars.library.facts import words_of
from avatars.models import AvatarGroup, Look

TEXT_MAX = 200
_WORDS_MAX = 8
_WORD_MAX = 64

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


def matching(looks: models.QuerySet[Look], text: str) -> models.QuerySet[Look]:
    """The looks in which each word of `text` begins a word. A blank text leaves all, one without a word leaves none."""
    return _matching(looks, text, Look._meta.db_table)


def matching_groups(groups: models.QuerySet[AvatarGroup], text: str) -> models.QuerySet[AvatarGroup]:
    """The characters found by either of their names or their id, in the same way as looks."""
    return _matching(groups, text, AvatarGroup._meta.db_table)


def _matching(queryset: Rows, text: str, table: str) -> Rows:
    if not text.strip():
        return queryset
    words = list(dict.fromkeys(word[:_WORD_MAX] for word in words_of(text[:TEXT_MAX])))[:_WORDS_MAX]
    if not words:
        return queryset.none()
    if connections[queryset.db].vendor == "postgresql":
        return queryset.filter(_hit_in_postgresql(table, " & ".join(f"'{word}':*" for word in words)))
    # The table's name is a constant of ours; the words are a parameter.
    sql = f"SELECT rowid FROM {table}_search WHERE {table}_search MATCH %s"  # noqa: S608
    return queryset.filter(pk__in=RawSQL(sql, [" ".join(f'"{word}"*' for word in words)]))  # noqa: S611


def _hit_in_postgresql(table: str, query: str) -> Func:
    """The row is one of the hits.

    Left to itself, PostgreSQL takes any word for a common one and walks the table from its newest row, which for a
    rare word is all of it. As an array, the hits are found first, through the index.
    """
    # The index is on this very expression; another spelling of it would read the whole table.
    words_there = "array_to_tsvector(array_remove(string_to_array(lower(search_text), ' '), ''))"
    hits = f"ARRAY(SELECT id FROM {table} WHERE {words_there} @@ %s::tsquery)"  # noqa: S608
    array = RawSQL(hits, [query])  # noqa: S611
    return Func(F("pk"), array, template="%(expressions)s", arg_joiner=" = ANY ", output_field=models.BooleanField())
