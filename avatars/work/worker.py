"""The worker: threads that claim due jobs, and one that keeps leases and the sign of life fresh.

It may die at any line. What it held runs again when the lease is over, and every handler is written for that.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from avatars.heygen import HeyGenError, OutcomeUnknown, TryAgain
from avatars.models import Job, WorkerHeartbeat
from avatars.pace import Paused, pause
from avatars.step import LeaseLost, Step
from avatars.work import claim
from avatars.work.kinds import KINDS, PERIODIC, QUICK

log = logging.getLogger("avatars.work")

IDLE_SECONDS = 0.5
HEARTBEAT_SECONDS = 10.0
RATE_LIMIT_PAUSE = 5.0  # seconds, when HeyGen names no Retry-After


def ensure_periodic_jobs() -> None:
    """Make sure that the jobs which keep themselves going exist."""
    for kind in PERIODIC:
        if not Job.objects.filter(key=kind).exists():
            Job.objects.enqueue(kind)


def run_job(job: Job, stopping: threading.Event) -> None:
    """Do one claimed job and put it away, whatever happens in it."""
    kind = KINDS.get(job.kind)
    if kind is None:
        claim.fail(job, f"This version knows no work of kind {job.kind}.")
        return
    step = Step(job, stopping=stopping.is_set)
    try:
        again = kind.handler(step)
    except LeaseLost:
        log.warning("%s: taken over by another worker", job.key)
    except Paused as wait:
        claim.postpone(job, wait.until)
    except TryAgain as error:
        pause(step.account, error.retry_after or RATE_LIMIT_PAUSE)
        claim.fail(job, str(error))
    except OutcomeUnknown as error:
        log.info("%s: HeyGen cannot be reached or gave no usable answer, trying again later", job.key)
        claim.fail(job, str(error))
    except HeyGenError as error:
        log.warning("%s: %s (HTTP %s, request %s)", job.key, error, error.status, error.request_id)
        claim.fail(job, str(error))
    except Exception as error:
        log.exception("%s failed", job.key)
        claim.fail(job, f"{type(error).__name__}: {error}")
    else:
        claim.finish(job, run_again_in=again)
    finally:
        step.close()


class Worker:
    """`threads` lanes; the first one takes quick work only, so that a long upload never holds up a badge."""

    def __init__(self, *, threads: int | None = None) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self.threads = threads or settings.WORKER_THREADS
        self.stopping = threading.Event()
        self._running: dict[str, tuple[Job, float]] = {}
        self._lock = threading.Lock()

    def stop(self, *_signal: object) -> None:
        """Finish the current steps, then end. What cannot end in time is recovered through its lease."""
        self.stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        self._beat()
        ensure_periodic_jobs()
        lanes = [threading.Thread(target=self._lane, args=(QUICK,), name="express", daemon=True)]
        lanes += [
            threading.Thread(target=self._lane, args=(None,), name=f"lane-{number}", daemon=True)
            for number in range(1, max(2, self.threads))
        ]
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        for thread in [*lanes, keeper]:
            thread.start()
        log.info("worker %s is ready", self.name)
        for thread in lanes:
            thread.join()
        WorkerHeartbeat.objects.filter(name=self.name).delete()

    def run_once(self) -> int:
        """Do everything that is due now, in this thread, and answer how many jobs that was."""
        ensure_periodic_jobs()
        done = 0
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        while not self.stopping.is_set():
            job = claim.claim()
            if job is None:
                break
            self._do(job)
            done += 1
        self.stopping.set()
        keeper.join(timeout=5)
        return done

    def _lane(self, kinds: Collection[str] | None) -> None:
        while not self.stopping.is_set():
            try:
                close_old_connections()
                job = claim.claim(kinds)
                if job is not None:
                    self._do(job)
                    continue
            except DatabaseError:
                log.exception("the database does not answer; trying again")
                self.stopping.wait(2.0)
            self.stopping.wait(IDLE_SECONDS)
        close_old_connections()

    def _do(self, job: Job) -> None:
        deadline = time.monotonic() + (KINDS[job.kind].deadline if job.kind in KINDS else 60.0)
        with self._lock:
            self._running[job.lease_token] = (job, deadline)
        try:
            run_job(job, self.stopping)
        finally:
            with self._lock:
                self._running.pop(job.lease_token, None)

    def _keep(self) -> None:
        """Renew leases three times per term, until each run's own deadline, and show that we live."""
        last_beat = 0.0
        pause_between = min(HEARTBEAT_SECONDS, settings.LEASE_SECONDS / 3)
        while not self.stopping.is_set() or self._running:
            try:
                close_old_connections()
                if time.monotonic() - last_beat >= HEARTBEAT_SECONDS:
                    self._beat()
                    last_beat = time.monotonic()
                self._renew_leases()
            except DatabaseError:
                log.warning("could not renew leases; trying again")
            self.stopping.wait(pause_between) if not self.stopping.is_set() else time.sleep(min(1.0, pause_between))

    def _renew_leases(self) -> None:
        with self._lock:
            running = list(self._running.values())
        for job, deadline in running:
            if time.monotonic() < deadline:
                claim.renew(job)

    def _beat(self) -> None:
        now = timezone.now()
        WorkerHeartbeat.objects.update_or_create(name=self.name, defaults={"seen_at": now})
        WorkerHeartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
