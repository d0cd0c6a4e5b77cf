"""Reading and writing mirrored rows by HeyGen's id, a page at a time.

Writing goes past the model layer: building statements row by row took most of the time the database's only write
lock was held for, and whoever waits for that lock is somebody who pressed a button.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from django.db import connections, models
from django.utils import timezone

from avatars.models import AvatarGroup, Look

Row = TypeVar("Row", AvatarGroup, Look)


def read(model: type[Row], ids: Iterable[str], *, lock: bool = True) -> dict[str, Row]:
    """The rows that exist among `ids`, locked until the end of the transaction, in one order for all writers."""
    rows = model._default_manager.filter(heygen_id__in=list(ids)).order_by("heygen_id")
    return {row.heygen_id: row for row in (rows.select_for_update() if lock else rows)}


def write(model: type[Row], changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Insert or update rows by HeyGen's id; each change holds the same fields, by column name (`group_id`).

    Only these fields and `updated_at` are touched in a row that exists: thumbnails, plans and consent belong to
    others. A new row has the defaults of the model in all the rest.
    """
    if not changes:
        return
    # The connection itself: through Django's proxy each of some thousand look-ups costs as much as the work it does.
    connection = connections[model._default_manager.db]
    changed: list[str] = [*next(iter(changes.values())), "updated_at"]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    blank = _prepared(connection, fields, {field.attname: field.get_default() for field in fields})
    stamps = {"created_at": timezone.now(), "updated_at": timezone.now()}
    given = [field for field in fields if field.attname in {*changed, "heygen_id", "created_at"}]
    values = [
        blank | _prepared(connection, given, {**facts, **stamps, "heygen_id": heygen_id})
        for heygen_id, facts in changes.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_statement(connection, model, fields, changed), [list(one.values()) for one in values])


def settle(model: type[Row], rows: dict[str, Row], changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Bring `rows` to what was just written: known ones are changed, new ones are added."""
    fresh = [heygen_id for heygen_id in changes if heygen_id not in rows]
    ids = model._default_manager.filter(heygen_id__in=fresh).values_list("heygen_id", "pk") if fresh else []
    for heygen_id, pk in ids:
        rows[heygen_id] = model(pk=pk, heygen_id=heygen_id, **changes[heygen_id])
    for heygen_id in changes.keys() - set(fresh):
        for name, value in changes[heygen_id].items():
            setattr(rows[heygen_id], name, value)


def _prepared(connection: Any, fields: Iterable[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by column name, as the database driver wants them. Most are plain texts, which need no preparing."""
    prepared = {}
    for one in fields:
        value = values[one.attname]
        is_plain = type(value) is str or type(value) is int
        prepared[one.attname] = value if is_plain else one.get_db_prep_save(value, connection=connection)
    return prepared


def _statement(connection: Any, model: type[models.Model], fields: Iterable[Any], changed: Collection[str]) -> str:
    quote = connection.ops.quote_name
    columns = [quote(field.column) for field in fields]
    updates = [f"{quote(one.column)} = EXCLUDED.{quote(one.column)}" for one in fields if one.attname in changed]
    # Names of columns and tables are the models'; every value is a parameter.
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) "  # noqa: S608
        f"VALUES ({', '.join(['%s'] * len(columns))}) "
        f"ON CONFLICT ({quote('heygen_id')}) DO UPDATE SET {', '.join(updates)}"
    )
