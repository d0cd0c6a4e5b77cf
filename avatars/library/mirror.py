"""Writes what HeyGen told us into our copy of the account: one row for the worker, a page of rows for the sync.

Both ways share one derivation (`avatars.library.facts`). A row is written only where its content changed, so a second
look at an unchanged account writes nothing. A record read before the row was last checked is stale and is left aside,
so a slow listing never undoes what the worker has seen since. Locks are taken groups first, then looks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from avatars.heygen import GroupRecord, LookRecord
from avatars.library import asking
from avatars.library.consent_states import refresh_consent, settle_consents
from avatars.library.facts import (
    ID_MAX,
    differences,
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
    "mark_gone",
    "refresh_consent",
    "refresh_names",
    "save_group",
    "save_groups",
    "save_look",
    "save_looks",
]

logger = logging.getLogger("avatars.library")

Row = TypeVar("Row", AvatarGroup, Look)


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


@transaction.atomic
def save_groups(
    records: Iterable[GroupRecord], *, ownership: str, now: datetime, retry_pictures: bool = False
) -> Saved:
    """Store a page of groups; `now` is when HeyGen was asked for it.

    `retry_pictures` asks again for pictures that could not be fetched before, also of unchanged rows.
    """
    known, refused = _usable(records)
    rows = _locked(AvatarGroup, known)
    written: dict[str, list[str]] = {}
    fresh: list[AvatarGroup] = []
    for heygen_id, record in known.items():
        row = rows.get(heygen_id)
        if _is_stale(row, now):
            continue
        facts = group_facts(record, ownership=ownership, now=now, current=row)
        changed = differences(row, facts) if row else list(facts)
        if changed:
            written[heygen_id] = changed
            fresh.append(AvatarGroup(heygen_id=heygen_id, checked_at=now, **facts))
    _upsert(AvatarGroup, fresh, ["checked_at"])
    after = _read(AvatarGroup, known) if fresh else rows
    _follow_groups(rows, after, written, now)
    wanting = after.values() if retry_pictures else [after[one] for one in written]
    asking.for_thumbnails("group.thumbnail", [row for row in wanting if wants_thumbnail(row)])
    return Saved(frozenset(written), refused)


@transaction.atomic
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
    groups = _groups_of(known.values(), group)
    rows = _locked(Look, known)
    written: dict[str, list[str]] = {}
    fresh: list[Look] = []
    for heygen_id, record in known.items():
        row = rows.get(heygen_id)
        if _is_stale(row, now):
            continue
        home = group or groups.get(record.group_id or "")
        facts = look_facts(record, ownership=ownership, now=now, current=row, group=home)
        changed = differences(row, facts) if row else list(facts)
        if changed:
            written[heygen_id] = changed
            fresh.append(Look(heygen_id=heygen_id, checked_at=now, **facts))
    _upsert(Look, fresh, ["checked_at"])
    after = _read(Look, known) if fresh else rows
    _mark_twins(known.values(), after, now)
    asking.for_polls("look.poll", [after[one] for one in written if _began_training(rows.get(one), after[one])])
    wanting = after.values() if retry_pictures else [after[one] for one in written]
    asking.for_thumbnails("look.thumbnail", [row for row in wanting if wants_thumbnail(row)])
    return Saved(frozenset(written), refused)


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


def _follow_groups(
    before: Mapping[str, AvatarGroup], after: Mapping[str, AvatarGroup], written: Mapping[str, list[str]], now: datetime
) -> None:
    """What a change of groups means for their looks, their consents and the polls."""
    touched = [after[one] for one in written]
    for row in touched:
        old = before.get(row.heygen_id)
        if old is not None and old.title != row.title:
            refresh_names(row)
    settle_consents(touched, now)


def _mark_twins(records: Iterable[LookRecord], looks: Mapping[str, Look], now: datetime) -> None:
    """A group is a twin's from its first twin look on, and stays one: that errs on the side of asking for consent."""
    homes = {looks[one.id].group_id for one in records if holds_twin(one) and one.id in looks} - {None}
    twins = list(AvatarGroup.objects.filter(pk__in=homes, is_twin=False))
    if not twins:
        return
    AvatarGroup.objects.filter(pk__in=[one.pk for one in twins]).update(is_twin=True, updated_at=now)
    for group in twins:
        group.is_twin = True
    settle_consents(twins, now)
    states = {group.pk: group.consent_state for group in twins}
    for look in looks.values():
        look.consent_state = states.get(look.group_id, look.consent_state)


def _began_training(before: Look | None, after: Look) -> bool:
    """Whether nobody watches its training yet."""
    was = before.status if before else None
    return after.ownership != "public" and after.status == Status.TRAINING and was != Status.TRAINING


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


def _groups_of(records: Iterable[LookRecord], group: AvatarGroup | None) -> dict[str, AvatarGroup]:
    ids = {one.group_id for one in records if one.group_id}
    # The caller's instance may be older than its row; consent is copied from the row.
    found = _locked(AvatarGroup, ids | ({group.heygen_id} if group else set()))
    if group:
        fresh = found[group.heygen_id]
        group.consent_state, group.is_twin = fresh.consent_state, fresh.is_twin
    return found


def _is_stale(row: AvatarGroup | Look | None, now: datetime) -> bool:
    return row is not None and row.checked_at is not None and row.checked_at > now


def _locked(model: type[Row], ids: Iterable[str]) -> dict[str, Row]:
    rows = model._default_manager.select_for_update().filter(heygen_id__in=list(ids)).order_by("heygen_id")
    return {row.heygen_id: row for row in rows}


def _read(model: type[Row], ids: Iterable[str]) -> dict[str, Row]:
    return {row.heygen_id: row for row in model._default_manager.filter(heygen_id__in=list(ids))}


def _upsert(model: type[models.Model], rows: list[Any], extra: list[str]) -> None:
    """Insert or update by HeyGen's id. Columns that others own (thumbnails, plans, consent) are left alone."""
    if not rows:
        return
    names = _GROUP_FIELDS if model is AvatarGroup else _LOOK_FIELDS
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=["heygen_id"], update_fields=[*names, *extra, "updated_at"]
    )


def _field_names(facts: Mapping[str, Any]) -> list[str]:
    return [name.removesuffix("_id") if name == "group_id" else name for name in facts]


_NEVER = datetime.min
_GROUP_FIELDS = _field_names(group_facts(GroupRecord(id=""), ownership="", now=_NEVER, current=None))
_LOOK_FIELDS = _field_names(look_facts(LookRecord(id=""), ownership="", now=_NEVER, current=None, group=None))
