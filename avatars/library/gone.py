"""What a complete listing no longer shows is found, confirmed where it is ours, and marked. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from avatars.heygen import Forbidden, NotFound
from avatars.library import mirror
from avatars.library.facts import DEMO_PREFIX
from avatars.models import AvatarGroup, Event, Look, Submission
from avatars.states import Status, WrongMove

if TYPE_CHECKING:
    from avatars.library.sync import Reading

# A list may lag behind, and a submission once called gone stays so. Each thing of ours is therefore asked for by
# itself before it is given up; beyond this many in one run, the rest waits for the next.
CONFIRMED_MAX = 100
_CHUNK = 50


def mark_groups(reading: Reading, ownership: str) -> int:
    """Mark the groups the run did not see, with their looks. How many."""
    missing = _missing(reading, AvatarGroup, ownership, reading.seen_groups)
    return _mark_all(reading, AvatarGroup, ownership, missing)


def mark_looks(reading: Reading, ownership: str) -> int:
    """Mark the looks the run did not see. How many."""
    missing = _missing(reading, Look, ownership, reading.seen_looks)
    return _mark_all(reading, Look, ownership, missing)


def _missing(reading: Reading, model: type[Any], ownership: str, seen: set[str]) -> list[int]:
    """Rows HeyGen did not list, except those made or read by somebody since the run began."""
    began = reading.run.started_at
    untouched = Q(checked_at=None) | Q(checked_at__lt=began)
    rows = model.objects.filter(untouched, ownership=ownership, gone_at=None, created_at__lt=began).order_by("id")
    rows = rows.exclude(heygen_id__startswith=DEMO_PREFIX)
    return [pk for pk, heygen_id in rows.values_list("pk", "heygen_id").iterator() if heygen_id not in seen]


def _mark_all(reading: Reading, model: type[Any], ownership: str, missing: list[int]) -> int:
    marked = 0
    is_private = ownership != "public"
    for chunk in _chunks(missing[:CONFIRMED_MAX] if is_private else missing):
        rows = list(model.objects.filter(pk__in=chunk, gone_at=None))
        if is_private:
            rows = [row for row in rows if _is_gone(reading, row)]
        with reading.settle():
            for row in rows:
                marked += _mark(row, reading)
        reading.rest()
    return marked


def _is_gone(reading: Reading, row: AvatarGroup | Look) -> bool:
    """Whether HeyGen itself says so. What is still there is stored as it stands now."""
    asked_at = timezone.now()
    ask: Callable[[Any], Any]
    if isinstance(row, AvatarGroup):
        ask, save = lambda client: client.get_group(row.heygen_id), mirror.save_group
    else:
        ask, save = lambda client: client.get_look(row.heygen_id), mirror.save_look  # type: ignore[assignment]
    try:
        record = reading.ask(ask)
    except (NotFound, Forbidden):
        return True
    with reading.settle():
        save(record, ownership=row.ownership, now=asked_at)
    return False


def _mark(row: AvatarGroup | Look, reading: Reading) -> int:
    """Mark one row, unless somebody has heard of it meanwhile; its submissions follow."""
    fresh = type(row)._default_manager.select_for_update().filter(pk=row.pk, gone_at=None).first()
    if fresh is None or (fresh.checked_at is not None and fresh.checked_at >= reading.run.started_at):
        return 0
    is_group = isinstance(fresh, AvatarGroup)
    home = Q(look__group=fresh.pk) if is_group else Q(look=fresh.pk)
    mirror.mark_gone(fresh, timezone.now())
    if fresh.ownership != "public":
        Event.objects.record("group_gone", group=fresh) if is_group else Event.objects.record("look_gone", look=fresh)
    for submission in Submission.objects.filter(home, state__in=[Status.TRAINING, Status.READY]):
        try:
            submission.move(Status.GONE, settled_at=timezone.now())
        except WrongMove:
            continue
        Event.objects.record("submission_gone", submission=submission, look=submission.look)
    return 1


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
