"""The durable queue and the signs of life of its workers."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """Something to do at a time. It is done when the row is gone; a crash leaves it for the next worker.

    `key` names the work (`look.poll:12`), and there is one row per key, so that asking twice never does it twice.
    A worker holds a job by a lease: `lease_token` is its own, `lease_until` is renewed while it works.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64, blank=True, help_text="The id of the row it is about.")
    run_at = models.DateTimeField()
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    asked_again_at = models.DateTimeField(null=True, help_text="Asked for while it was running: runs once more.")
    attempts = models.PositiveIntegerField(default=0, help_text="Failures in a row; a success sets it back.")
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["run_at", "id"], name="job_due")]

    def __str__(self) -> str:
        return self.key


class WorkerHeartbeat(models.Model):
    """A worker's sign of life, renewed every ten seconds."""

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="heartbeat_seen")]

    def __str__(self) -> str:
        return self.name
