"""Consent of the depicted person: who, for which character, the links that were made, the mails that were sent."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from avatars.models.library import AvatarGroup
from avatars.models.stateful import Stateful
from avatars.states import LINK_MOVES, MESSAGE_MOVES, ConsentState, LinkState, MessageState


def new_slug() -> str:
    """An unguessable name for a link of ours: 128 random bits."""
    return secrets.token_urlsafe(16)


class Subject(models.Model):
    """The person an avatar depicts."""

    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or self.email or "Unnamed person"


class Consent(models.Model):
    """The consent for one character. Its state follows HeyGen's word and the life of the newest link."""

    group = models.OneToOneField(AvatarGroup, on_delete=models.PROTECT, related_name="consent")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="consents")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="consents",
        help_text="Who looks after it.",
    )
    state = models.CharField(max_length=16, default=ConsentState.NOT_ASKED, help_text="A copy of the character's.")
    asked_at = models.DateTimeField(null=True, help_text="When the first link was asked for.")
    answered_at = models.DateTimeField(null=True, help_text="When the portal saw the answer.")
    watch_until = models.DateTimeField(null=True, help_text="Until then HeyGen is asked every minute.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("see_all_consents", "Can see and review everybody's consents")]
        indexes = [
            models.Index(fields=["state", "id"], name="consent_state"),
            models.Index(fields=["owner", "id"], name="consent_owner"),
        ]

    def __str__(self) -> str:
        return f"consent for {self.group}"


class ConsentLink(Stateful):
    """One link to HeyGen's consent page. The address is a secret: kept here only, masked in lists, never logged."""

    MOVES: ClassVar = LINK_MOVES

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="links")
    slug = models.CharField(max_length=32, unique=True, default=new_slug, help_text="Names our landing page.")
    state = models.CharField(max_length=16, default=LinkState.REQUESTED)
    url = models.TextField(blank=True, help_text="HeyGen's page. Whoever has it can answer for the person.")
    reroute_url = models.TextField(
        blank=True, help_text="Where HeyGen sends the person afterwards; empty: its own page."
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="23.5 hours after issue; HeyGen's answer carries no expiry.")
    landed_at = models.DateTimeField(null=True, help_text="Somebody came back from HeyGen's page. It proves nothing.")
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"link {self.pk} ({self.state})"


class Message(Stateful):
    """One mail to a person about a link. `sending` is stored before the mail server is spoken to."""

    MOVES: ClassVar = MESSAGE_MOVES

    link = models.ForeignKey(ConsentLink, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to_name = models.CharField(max_length=120)
    to_email = models.EmailField()
    state = models.CharField(max_length=16, default=MessageState.QUEUED)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"mail to {self.to_name}"
