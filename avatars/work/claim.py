"""Taking jobs by lease, giving them back, and keeping the lease while the work goes on.

A claim is one conditional UPDATE that names the lease it replaces, so two workers can never both win; the same SQL
serves SQLite and PostgreSQL. A worker that dies leaves its lease to run out.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from avatars.models import Job

RETRY_FIRST = 2.0  # seconds, doubled with each failure in a row
RETRY_MAX = 300.0
CANDIDATES = 8


def claim(kinds: Collection[str] | None = None) -> Job | None:
    """Lease the most urgent due job, of `kinds` only if given; None when nothing is due."""
    now = timezone.now()
    free = Q(lease_token="") | Q(lease_until__lt=now)
    due = Job.objects.filter(free, run_at__lte=now).order_by("priority", "run_at", "id")
    if kinds is not None:
        due = due.filter(kind__in=kinds)
    for job in due[:CANDIDATES]:
        token = str(uuid.uuid4())
        mine = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, run_at=job.run_at)
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        if mine.update(lease_token=token, lease_until=until, attempts=F("attempts") + 1):
            job.lease_token, job.lease_until, job.attempts = token, until, job.attempts + 1
            return job
    return None


def renew(job: Job) -> bool:
    """Keep the lease for another term; False when it is no longer ours."""
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    return bool(_held(job).update(lease_until=until))


def finish(job: Job, *, run_again_in: float | None) -> None:
    """End a run that went well: remove the job, or let it run again in `run_again_in` seconds.

    Work asked for while it ran is done again at once. Does nothing when the lease is no longer ours.
    """
    if run_again_in is not None:
        _put_back(job, timezone.now() + timedelta(seconds=run_again_in), attempts=0, last_error="")
    elif not _held(job).filter(asked_again_at=None).delete()[0]:
        _put_back(job, timezone.now(), attempts=0, last_error="")


def fail(job: Job, error: str) -> None:
    """End a run that raised: try again later, and ever later while it keeps raising."""
    delay = min(RETRY_MAX, RETRY_FIRST * 2 ** min(job.attempts - 1, 10))
    _put_back(job, timezone.now() + timedelta(seconds=delay), last_error=error[:2000])


def postpone(job: Job, until: datetime) -> None:
    """Put the job off to `until` without counting the run."""
    _put_back(job, until, attempts=0)


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, lease_token=job.lease_token)


def _put_back(job: Job, run_at: datetime, **changes: object) -> None:
    """Release the lease and set the next run, sooner if somebody asked for it meanwhile; in one statement."""
    next_run = Case(When(asked_again_at__lt=run_at, then=F("asked_again_at")), default=Value(run_at))
    _held(job).update(run_at=next_run, lease_token="", lease_until=None, asked_again_at=None, **changes)
