"""Flows run against a real sandbox over HTTP, with the worker's own code driving them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox_server import SandboxServer


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """One sandbox process for all flows; each test resets it."""
    with SandboxServer(speed=50) as server:
        yield server


@pytest.fixture
def sandbox(sandbox_process: SandboxServer, settings: Any) -> SandboxServer:
    """A fresh sandbox that the portal is configured for, with the pace of a test."""
    sandbox_process.reset()
    sandbox_process.clock(scale=50)
    settings.HEYGEN_API_BASE = sandbox_process.url
    settings.HEYGEN_API_KEY = sandbox_process.api_key
    settings.REQUESTS_PER_SECOND = 500.0
    settings.SYNC_POLL_SCALE = 0.01
    return sandbox_process


class Work:
    """Does due jobs of the wanted kinds, as a worker would, until a condition holds."""

    def __init__(self) -> None:
        import threading

        self.stopping = threading.Event()

    def once(self, *kinds: str) -> bool:
        """Do one due job; whether there was one."""
        from avatars.work import claim
        from avatars.work.worker import run_job

        job = claim.claim(kinds or WATCHED)
        if job is not None:
            run_job(job, self.stopping)
        return job is not None

    def until(self, condition: Callable[[], bool], *, kinds: tuple[str, ...] = (), seconds: float = 20.0) -> None:
        """Work until `condition` holds; fails when it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                from avatars.models import Job

                pytest.fail(
                    f"not reached in {seconds} s; jobs: {list(Job.objects.values('key', 'last_error', 'run_at'))}"
                )
            if not self.once(*kinds):
                time.sleep(0.02)

    def hurry(self) -> None:
        """Make every waiting job due now, as if the time had passed."""
        from django.utils import timezone

        from avatars.models import Job, Throttle

        Job.objects.filter(lease_token="").update(run_at=timezone.now())
        Throttle.objects.update(paused_until=None)


# Without the mirror's own rounds, which have tests of their own.
WATCHED = ("submission.advance", "look.poll", "group.poll", "consent.fetch", "mail.send")


@pytest.fixture
def work(transactional_db: None) -> Work:
    """The worker's hands."""
    return Work()
