"""What one step of background work may use: HeyGen at the account's pace, and a transaction under its lease."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from avatars.account import current_account, open_client
from avatars.heygen import HeyGenClient
from avatars.models import Job
from avatars.pace import wait_for_turn


class LeaseLost(Exception):
    """Another worker took the job over; whatever this one found out is dropped, it will be found out again."""


class Step:
    """One run of one job. The worker makes it; the domain functions use it and know nothing of the queue behind it."""

    def __init__(self, job: Job, *, stopping: Callable[[], bool] = lambda: False) -> None:
        self.job = job
        self.token = job.lease_token
        self.account = current_account()
        self.stopping = stopping
        self._client: HeyGenClient | None = None

    def heygen(self) -> HeyGenClient:
        """The client, with leave for exactly one request; waits for the shared budget, raises Paused in a pause."""
        if self._client is None:
            self._client = open_client()
        wait_for_turn(self.account)
        return self._client

    def storage(self) -> HeyGenClient:
        """The client for a transfer to HeyGen's storage, which is not part of the request budget."""
        if self._client is None:
            self._client = open_client()
        return self._client

    @contextmanager
    def settle(self) -> Iterator[None]:
        """A transaction that holds only while the lease is ours; LeaseLost otherwise, and nothing is written."""
        with transaction.atomic():
            until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
            if not Job.objects.filter(pk=self.job.pk, lease_token=self.token).update(lease_until=until):
                raise LeaseLost(self.job.key)
            yield

    def close(self) -> None:
        """Close the connections to HeyGen."""
        if self._client is not None:
            self._client.close()
            self._client = None


def scaled(seconds: float) -> float:
    """A delay between two looks at HeyGen, stretched or squeezed by SYNC_POLL_SCALE."""
    return seconds * settings.SYNC_POLL_SCALE
