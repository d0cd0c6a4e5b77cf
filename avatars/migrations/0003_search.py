"""Full-text search over looks and characters: FTS5 on SQLite, GIN on PostgreSQL.

On SQLite the index reads its text from the table itself and is kept by triggers. SQLite drops a table's triggers
when a later migration rebuilds the table, so a migration that alters a field of either model runs `make_index` again
at its end; a test of the search fails if one forgets.
"""

from django.db import migrations, models

TABLES = ("avatars_look", "avatars_avatargroup")

SQLITE_MAKE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS {table}_search USING fts5(
        search_text, content='{table}', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')""",
    """CREATE TRIGGER IF NOT EXISTS {table}_search_insert AFTER INSERT ON {table} BEGIN
        INSERT INTO {table}_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    """CREATE TRIGGER IF NOT EXISTS {table}_search_delete AFTER DELETE ON {table} BEGIN
        INSERT INTO {table}_search({table}_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
    END""",
    """CREATE TRIGGER IF NOT EXISTS {table}_search_update AFTER UPDATE OF search_text ON {table}
    WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO {table}_search({table}_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO {table}_search(rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    "INSERT INTO {table}_search({table}_search) VALUES ('rebuild')",
)
SQLITE_DROP = (
    "DROP TRIGGER IF EXISTS {table}_search_update",
    "DROP TRIGGER IF EXISTS {table}_search_delete",
    "DROP TRIGGER IF EXISTS {table}_search_insert",
    "DROP TABLE IF EXISTS {table}_search",
)
# The text consists of folded words already. PostgreSQL's own parser would take an id like 6513270e26... for a number
# in scientific notation and cut it in two.
POSTGRESQL_MAKE = (
    """CREATE INDEX IF NOT EXISTS {table}_search ON {table} USING gin (
        array_to_tsvector(array_remove(string_to_array(lower(search_text), ' '), '')))""",
)
POSTGRESQL_DROP = ("DROP INDEX IF EXISTS {table}_search",)


def make_index(apps, schema_editor):
    _run(schema_editor, {"sqlite": SQLITE_MAKE, "postgresql": POSTGRESQL_MAKE})


def drop_index(apps, schema_editor):
    _run(schema_editor, {"sqlite": SQLITE_DROP, "postgresql": POSTGRESQL_DROP})


def _run(schema_editor, by_vendor):
    for table in TABLES:
        for statement in by_vendor[schema_editor.connection.vendor]:
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(statement.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("avatars", "0002_roles")]

    operations = [
        migrations.AddField(
            model_name="avatargroup",
            name="search_text",
            field=models.TextField(blank=True, help_text="What the full-text index reads: both names and the id.", default=""),
            preserve_default=False,
        ),
        migrations.RunPython(make_index, drop_index),
    ]
