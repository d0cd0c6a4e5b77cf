"""Asks for the background work that mirrored rows need, a page of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from avatars.models import AvatarGroup, Job, Look
from avatars.models.jobs import PRIORITIES
from avatars.step import scaled

FIRST_POLL_AFTER = 10.0  # seconds; HeyGen asks not to be polled more often


def for_thumbnails(kind: str, rows: Sequence[AvatarGroup | Look]) -> None:
    """Have our own copies of their pictures made. Ours come first: nobody waits for the public library's."""
    _enqueue_all(kind, [row.pk for row in rows if row.ownership != "public"])
    _enqueue_all(kind, [row.pk for row in rows if row.ownership == "public"], later=1)


def for_polls(kind: str, rows: Sequence[AvatarGroup | Look]) -> None:
    """Have HeyGen asked about them until they are settled. It was asked just now, so not at once."""
    _enqueue_all(kind, [row.pk for row in rows], delay=scaled(FIRST_POLL_AFTER))


def _enqueue_all(kind: str, ids: Sequence[int], *, delay: float = 0.0, later: int = 0) -> None:
    """One insert for those nobody asked for yet; the others go the usual way, since one of them may be running."""
    if not ids:
        return
    keys = {f"{kind}:{pk}": pk for pk in ids}
    asked = set(Job.objects.filter(key__in=keys).values_list("key", flat=True))
    run_at = timezone.now() + timedelta(seconds=delay)
    Job.objects.bulk_create(
        [
            Job(key=key, kind=kind, subject=str(pk), run_at=run_at, priority=PRIORITIES[kind] + later)
            for key, pk in keys.items()
            if key not in asked
        ],
        ignore_conflicts=True,
    )
    for key in asked:
        Job.objects.enqueue(kind, keys[key], delay=delay)
