"""The durable queue and the signs of life of its workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, F, Value, When
from django.utils import timezone

# What people wait for comes first; what keeps pictures and mirrors fresh comes last. Lower is sooner.
PRIORITIES = {
    "consent.fetch": 0,
    "mail.send": 0,
    "submission.advance": 0,
    "group.poll": 1,
    "look.poll": 1,
    "look.thumbnail": 2,
    "group.thumbnail": 2,
    "sync.account": 3,
    "cleanup": 3,
}


class JobManager(models.Manager["Job"]):
    """The one way to ask for background work."""

    def enqueue(self, kind: str, subject: object = "", *, delay: float = 0.0) -> None:
        """Have `kind` done about the row `subject` in `delay` seconds; may be called inside a transaction.

        One row per kind and subject: a waiting job is pulled forward where that is sooner, a running one runs once
        more afterwards, since it may have read the row before the change that made us ask.
        """
        key = f"{kind}:{subject}" if subject != "" else kind
        run_at = timezone.now() + timedelta(seconds=delay)
        facts = {"kind": kind, "subject": str(subject), "run_at": run_at, "priority": PRIORITIES[kind]}
        while True:
            _job, created = self.get_or_create(key=key, defaults=facts)
            if created or self._ask_again(key, run_at):
                return

    def _ask_again(self, key: str, run_at: datetime) -> bool:
        """Pull a waiting job forward or mark a running one; False when the job ended in between."""
        sooner = Case(When(run_at__gt=run_at, then=Value(run_at)), default=F("run_at"))
        if self.filter(key=key, lease_token="").update(run_at=sooner):
            return True
        return bool(self.filter(key=key).exclude(lease_token="").update(asked_again_at=run_at))


class Job(models.Model):
    """Something to do at a time. It is done when the row is gone; a crash leaves it for the next worker.

    `key` names the work (`look.poll:12`), and there is one row per key, so that asking twice never does it twice.
    A worker holds a job by a lease: `lease_token` is its own, `lease_until` is renewed while it works.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64, blank=True, help_text="The id of the row it is about.")
    priority = models.PositiveSmallIntegerField(default=2)
    run_at = models.DateTimeField()
    lease_token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True)
    asked_again_at = models.DateTimeField(null=True, help_text="Asked for while it was running.")
    attempts = models.PositiveIntegerField(default=0, help_text="Starts in a row without an end; an end sets it back.")
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobManager()

    class Meta:
        indexes = [models.Index(fields=["priority", "run_at", "id"], name="job_due")]

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
