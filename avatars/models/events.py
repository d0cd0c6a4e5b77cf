"""What happened: an append-only log. Rows are added and never changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class EventManager(models.Manager["Event"]):
    """The one way to add an event."""

    def record(
        self,
        verb: str,
        *,
        actor: Any = None,
        submission: Any = None,
        group: Any = None,
        look: Any = None,
        consent: Any = None,
        **facts: Any,
    ) -> Event:
        """Write down that `verb` (past tense, `submission_created`) happened to the given rows.

        `actor` is the person, or None for the worker. `facts` must be JSON values and hold no secret, no link and no
        personal data that could not be erased elsewhere.
        """
        who = actor if getattr(actor, "pk", None) else None
        return self.create(
            verb=verb, actor=who, submission=submission, group=group, look=look, consent=consent, facts=facts
        )


class Event(models.Model):
    """One thing that happened, who did it, and to what."""

    verb = models.CharField(max_length=48)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    submission = models.ForeignKey("avatars.Submission", null=True, on_delete=models.PROTECT, related_name="events")
    group = models.ForeignKey("avatars.AvatarGroup", null=True, on_delete=models.PROTECT, related_name="events")
    look = models.ForeignKey("avatars.Look", null=True, on_delete=models.PROTECT, related_name="events")
    consent = models.ForeignKey("avatars.Consent", null=True, on_delete=models.PROTECT, related_name="events")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    objects = EventManager()

    class Meta:
        permissions = [("see_activity", "Can see the activity log")]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.verb
