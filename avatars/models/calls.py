"""The ledger of every request that changes something at HeyGen, and the brake all workers share."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from avatars.models.stateful import Stateful
from avatars.states import CALL_LIVE, CALL_MOVES, CallState


def new_key() -> str:
    """A fresh Idempotency-Key. Never derived from content: a corrected resubmission must not replay the old failure."""
    return str(uuid.uuid4())


class Call(Stateful):
    """One changing request: its key and body are stored before the first send and never change afterwards.

    `deed` names what it does to which row (`create:<submission>`). Only one call per deed can be live, which the
    database itself enforces; a second try after a definite refusal is a new call with a new key.
    """

    MOVES: ClassVar = CALL_MOVES

    deed = models.CharField(max_length=96)
    operation = models.CharField(max_length=32)
    account = models.CharField(max_length=80)
    submission = models.ForeignKey("avatars.Submission", null=True, on_delete=models.PROTECT, related_name="calls")
    link = models.ForeignKey("avatars.ConsentLink", null=True, on_delete=models.PROTECT, related_name="calls")
    idempotency_key = models.CharField(max_length=255, unique=True, default=new_key)
    body = models.JSONField(default=dict, help_text="Frozen before the first send.")
    state = models.CharField(max_length=16, default=CallState.PREPARED)
    attempts = models.PositiveIntegerField(default=0)
    unknown_outcomes = models.PositiveIntegerField(
        default=0, help_text="Sends whose answer never came or made no sense."
    )
    lookups = models.PositiveIntegerField(default=0, help_text="How often the account was searched for its result.")
    lookup_since = models.DateTimeField(null=True, help_text="Sending again would be a guess: search the account.")
    first_sent_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True, help_text="Ids and words of the answer; never a link.")
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    request_id = models.CharField(max_length=128, blank=True, help_text="HeyGen's X-Request-Id, for its support.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deed"], condition=Q(state__in=sorted(CALL_LIVE)), name="one_live_call_per_deed"
            )
        ]
        indexes = [models.Index(fields=["deed", "id"], name="call_deed")]

    def __str__(self) -> str:
        return f"{self.operation} ({self.state})"


class Throttle(models.Model):
    """One row per HeyGen account: the pause it asked for, the request budget, and whose turn it is to create.

    All workers on all machines read and write it, so that a Retry-After holds for everybody.
    """

    account = models.CharField(max_length=80, unique=True)
    paused_until = models.DateTimeField(null=True)
    next_request_at = models.DateTimeField(null=True)
    creating_token = models.CharField(max_length=36, blank=True)
    creating_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.account
