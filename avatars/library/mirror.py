"""Writes what HeyGen told us into our copy of the account: one row for the worker, a page of rows for the sync.

Both ways share one derivation (`avatars.library.facts`). A row is written only where its content changed, so a second
look at an unchanged account writes nothing. A record read before the row was last checked is stale and is left aside,
so a slow listing never undoes what the worker has seen since. Locks are taken groups first, then looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from avatars.heygen import GroupRecord, LookRecord
from avatars.library import asking, rows
from avatars.library.consent_states import refresh_consent, settle_consents
from avatars.library.facts import (
    ID_MAX,
    Facts,
    differs,
    folded,
    group_facts,
    holds_twin,
    look_facts,
    look_search_text,
    wants_thumbnail,
)
from avatars.models import AvatarGroup, Look
from avatars.states import Status

__all__ = [
    "Saved",
    "groups_to_save",
    "looks_to_save",
    "mark_gone",
    "refresh_consent",
    "refresh_names",
    "save_group",
    "save_groups",
    "save_look",
    "save_looks",
]

logger = logging.getLogger("avatars.library")


@dataclass(frozen=True)
class Saved:
    """What became of a page of records: the rows that were written, and how many records could not be kept."""

    written: frozenset[str] = frozenset()
    refused: int = 0


def save_group(record: GroupRecord, *, ownership: str, now: datetime) -> AvatarGroup:
    """Store one group as HeyGen described it at the moment `now`, and what follows for its looks.

    `ownership` is "private" or "public". ValueError when its id is longer than any we can keep.
    """
    _check_id(record.id)
    save_groups([record], ownership=ownership, now=now)
    AvatarGroup.objects.filter(heygen_id=record.id).exclude(checked_at__gt=now).update(checked_at=now)
    group = AvatarGroup.objects.get(heygen_id=record.id)
    # HeyGen's word may be the old one while a link of ours has died since.
    refresh_consent(group)
    return group


def save_look(record: LookRecord, *, ownership: str, now: datetime, group: AvatarGroup | None = None) -> Look:
    """Store one look as HeyGen described it at the moment `now`.

    `group` is the character it belongs to where the caller knows better than the record, whose `group_id` may be
    missing or name a group we have not met. ValueError when its id is longer than any we can keep.
    """
    _check_id(record.id)
    save_looks([record], ownership=ownership, now=now, group=group)
    Look.objects.filter(heygen_id=record.id).exclude(checked_at__gt=now).update(checked_at=now)
    return Look.objects.select_related("group").get(heygen_id=record.id)


def save_groups(
    records: Iterable[GroupRecord], *, ownership: str, now: datetime, retry_pictures: bool = False
) -> Saved:
    """Store a page of groups; `now` is when HeyGen was asked for it.

    `retry_pictures` asks again for pictures that could not be fetched before, also of unchanged rows.
    """
    known, refused = _usable(records)
    with transaction.atomic():
        groups = rows.read(AvatarGroup, known)
        titles = {heygen_id: group.title for heygen_id, group in groups.items()}
        changes = _group_changes(known, groups, ownership, now)
        rows.write(AvatarGroup, changes)
        rows.settle(AvatarGroup, groups, changes)
        touched = [groups[heygen_id] for heygen_id in changes]
        for group in touched:
            if titles.get(group.heygen_id, group.title) != group.title:
                refresh_names(group)
        settle_consents(touched, now)
        _ask_for_pictures("group.thumbnail", groups.values() if retry_pictures else touched)
    return Saved(frozenset(changes), refused)


def save_looks(
    records: Iterable[LookRecord],
    *,
    ownership: str,
    now: datetime,
    group: AvatarGroup | None = None,
    retry_pictures: bool = False,
) -> Saved:
    """Store a page of looks; `now` is when HeyGen was asked for it. A look of an unknown group is kept without one."""
    known, refused = _usable(records)
    with transaction.atomic():
        home_of = _homes(known.values(), group)
        looks = rows.read(Look, known)
        were = {heygen_id: look.status for heygen_id, look in looks.items()}
        changes = _look_changes(known, looks, home_of, ownership, now)
        rows.write(Look, changes)
        rows.settle(Look, looks, changes)
        _mark_twins(known.values(), looks, now)
        touched = [looks[heygen_id] for heygen_id in changes]
        asking.for_polls("look.poll", [one for one in touched if _began_training(were.get(one.heygen_id), one)])
        _ask_for_pictures("look.thumbnail", looks.values() if retry_pictures else touched)
    return Saved(frozenset(changes), refused)


def groups_to_save(records: Iterable[GroupRecord], *, ownership: str, now: datetime) -> list[GroupRecord]:
    """Which of a page have anything to be written, found without taking the database's write lock."""
    known, _refused = _usable(records)
    groups = rows.read(AvatarGroup, known, lock=False)
    changes = _group_changes(known, groups, ownership, now)
    wanted = changes.keys() | {one.heygen_id for one in groups.values() if wants_thumbnail(one)}
    return [record for heygen_id, record in known.items() if heygen_id in wanted]


def looks_to_save(records: Iterable[LookRecord], *, ownership: str, now: datetime) -> list[LookRecord]:
    """The same for looks."""
    known, _refused = _usable(records)
    home_of = _homes(known.values(), None, lock=False)
    looks = rows.read(Look, known, lock=False)
    changes = _look_changes(known, looks, home_of, ownership, now)
    wanted = changes.keys() | {one.heygen_id for one in looks.values() if wants_thumbnail(one)}
    return [record for heygen_id, record in known.items() if heygen_id in wanted]


@transaction.atomic
def mark_gone(row: AvatarGroup | Look, now: datetime) -> None:
    """Write down that HeyGen no longer knows a look, or a group with all its looks. History and pictures stay."""
    if isinstance(row, AvatarGroup):
        AvatarGroup.objects.filter(pk=row.pk, gone_at=None).update(gone_at=now, checked_at=now, updated_at=now)
        looks = Look.objects.filter(group=row.pk)
    else:
        looks = Look.objects.filter(pk=row.pk)
        row.status = Status.GONE
    looks.filter(gone_at=None).update(gone_at=now, checked_at=now, status=Status.GONE, updated_at=now)
    row.gone_at = row.gone_at or now


@transaction.atomic
def refresh_names(group: AvatarGroup) -> None:
    """Have a group and its looks be found under its present title. Call it after changing its display name."""
    now = timezone.now()
    text = folded(group.display_name, group.name, group.heygen_id)
    AvatarGroup.objects.filter(pk=group.pk).exclude(search_text=text).update(search_text=text, updated_at=now)
    # Its looks show the title too, so each of them counts as changed.
    looks = list(Look.objects.select_for_update().filter(group=group.pk).only("heygen_id", "name"))
    for look in looks:
        look.search_text, look.updated_at = look_search_text(look.name, look.heygen_id, group), now
    Look.objects.bulk_update(looks, ["search_text", "updated_at"], batch_size=50)


def _group_changes(
    known: Mapping[str, GroupRecord], groups: Mapping[str, AvatarGroup], ownership: str, now: datetime
) -> dict[str, Facts]:
    changes = {}
    for heygen_id, record in known.items():
        row = groups.get(heygen_id)
        if not _is_stale(row, now):
            facts = group_facts(record, ownership=ownership, now=now, current=row)
            if row is None or differs(row, facts):
                changes[heygen_id] = facts | {"checked_at": now}
    return changes


def _look_changes(
    known: Mapping[str, LookRecord],
    looks: Mapping[str, Look],
    home_of: Callable[[LookRecord], AvatarGroup | None],
    ownership: str,
    now: datetime,
) -> dict[str, Facts]:
    changes = {}
    for heygen_id, record in known.items():
        row = looks.get(heygen_id)
        if not _is_stale(row, now):
            facts = look_facts(record, ownership=ownership, now=now, current=row, group=home_of(record))
            if row is None or differs(row, facts):
                changes[heygen_id] = facts | {"checked_at": now}
    return changes


def _ask_for_pictures(kind: str, found: Iterable[AvatarGroup | Look]) -> None:
    asking.for_thumbnails(kind, [row for row in found if wants_thumbnail(row)])


def _mark_twins(records: Iterable[LookRecord], looks: Mapping[str, Look], now: datetime) -> None:
    """A group is a twin's from its first twin look on, and stays one: that errs on the side of asking for consent."""
    homes = {looks[one.id].group_id or 0 for one in records if holds_twin(one) and one.id in looks} - {0}
    twins = list(AvatarGroup.objects.filter(pk__in=homes, is_twin=False)) if homes else []
    if not twins:
        return
    AvatarGroup.objects.filter(pk__in=[one.pk for one in twins]).update(is_twin=True, updated_at=now)
    for group in twins:
        group.is_twin = True
    settle_consents(twins, now)
    states = {group.pk: group.consent_state for group in twins}
    for look in looks.values():
        look.consent_state = states.get(look.group_id or 0, look.consent_state)


def _began_training(was: str | None, look: Look) -> bool:
    """Whether nobody watches its training yet."""
    return look.ownership != "public" and look.status == Status.TRAINING and was != Status.TRAINING


def _usable(records: Iterable[Any]) -> tuple[dict[str, Any], int]:
    """The records by id, in one order for all writers, so that two of them never wait for each other in a ring."""
    every = list(records)
    usable = {one.id: one for one in sorted(every, key=lambda one: one.id) if len(one.id) <= ID_MAX}
    refused = len({one.id for one in every}) - len(usable)
    if refused:
        logger.warning("HeyGen named %d things by ids longer than %d characters; they are skipped.", refused, ID_MAX)
    return usable, refused


def _check_id(heygen_id: str) -> None:
    if len(heygen_id) > ID_MAX:
        raise ValueError(f"HeyGen gave an id longer than {ID_MAX} characters.")


def _homes(
    records: Iterable[LookRecord], group: AvatarGroup | None, *, lock: bool = True
) -> Callable[[LookRecord], AvatarGroup | None]:
    """Which of our groups a record belongs to: the caller's, else the one it names, if we know it."""
    ids = {one.group_id for one in records if one.group_id}
    found = rows.read(AvatarGroup, ids | ({group.heygen_id} if group else set()), lock=lock)
    if group is not None:
        # The caller's instance may be older than its row; consent is copied from the row.
        fresh = found[group.heygen_id]
        group.consent_state, group.is_twin = fresh.consent_state, fresh.is_twin
        return lambda _record: fresh
    return lambda record: found.get(record.group_id or "")


def _is_stale(row: AvatarGroup | Look | None, now: datetime) -> bool:
    return row is not None and row.checked_at is not None and row.checked_at > now
