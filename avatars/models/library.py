"""The mirror of the HeyGen account: characters, their looks, and the runs that keep them fresh."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from avatars.states import ConsentState, Status


class AvatarGroup(models.Model):
    """One character: a person or an invented figure with any number of looks. HeyGen calls it an avatar group."""

    heygen_id = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=255, blank=True, help_text="The name at HeyGen.")
    display_name = models.CharField(max_length=80, blank=True, help_text="Our own name; HeyGen does not know it.")
    ownership = models.CharField(
        max_length=16, default="private", help_text="private (the account's) or public (stock)."
    )
    gender = models.CharField(max_length=32, blank=True)
    status_raw = models.CharField(max_length=64, null=True, help_text="HeyGen's training word, as it came.")
    consent_raw = models.CharField(max_length=64, null=True, help_text="HeyGen's consent word, as it came.")
    consent_raw_at = models.DateTimeField(null=True, help_text="When HeyGen's consent word last changed.")
    consent_state = models.CharField(max_length=16, default=ConsentState.NOT_REQUIRED)
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    is_twin = models.BooleanField(default=False, help_text="Holds a digital twin, so HeyGen asks for consent.")
    looks_count = models.PositiveIntegerField(default=0)
    preview_image_url = models.TextField(blank=True, help_text="HeyGen's signed link; dies within days, never shown.")
    preview_video_url = models.TextField(blank=True)
    default_voice_id = models.CharField(max_length=128, blank=True)
    thumbnail = models.CharField(max_length=64, blank=True, help_text="Our own copy: a file name under thumbs/.")
    thumbnail_of = models.CharField(max_length=64, blank=True, help_text="Which picture the copy shows (a digest).")
    search_text = models.TextField(blank=True, help_text="What the full-text index reads: both names and the id.")
    heygen_created_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="When HeyGen was last asked about it.")
    next_check_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True, help_text="When HeyGen no longer knew it; kept for the history.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "character"
        indexes = [
            models.Index(fields=["ownership", "id"], name="group_ownership"),
            models.Index(fields=["consent_state", "id"], name="group_consent"),
            models.Index(fields=["name"], name="group_name"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name people see: ours where set, else HeyGen's."""
        return self.display_name or self.name or "Unnamed character"

    @property
    def is_private(self) -> bool:
        """Whether it belongs to our account, not to HeyGen's public library."""
        return self.ownership != "public"


class LookQuerySet(models.QuerySet["Look"]):
    """Filters with names."""

    def present(self) -> LookQuerySet:
        """Looks that HeyGen still has."""
        return self.filter(gone_at=None)


class Look(models.Model):
    """One appearance of a character. Its HeyGen id is what a video request calls `avatar_id`."""

    heygen_id = models.CharField(max_length=128, unique=True)
    group = models.ForeignKey(AvatarGroup, null=True, on_delete=models.PROTECT, related_name="looks")
    name = models.CharField(max_length=255, blank=True)
    avatar_type = models.CharField(max_length=64, blank=True, help_text="HeyGen's word, free text.")
    ownership = models.CharField(max_length=16, default="private")
    engines = models.JSONField(default=list, help_text="HeyGen's engine words, free text.")
    tags = models.JSONField(default=list)
    image_width = models.PositiveIntegerField(default=0)
    image_height = models.PositiveIntegerField(default=0)
    orientation = models.CharField(max_length=16, blank=True)
    gender = models.CharField(max_length=32, blank=True)
    default_voice_id = models.CharField(max_length=128, blank=True)
    status = models.CharField(max_length=16, default=Status.TRAINING, help_text="Our word, see avatars.states.")
    status_raw = models.CharField(max_length=64, null=True)
    error_code = models.CharField(max_length=128, blank=True)
    error_message = models.TextField(blank=True)
    consent_state = models.CharField(
        max_length=16,
        default=ConsentState.NOT_REQUIRED,
        help_text="A copy of the character's, so that lists filter fast.",
    )
    preview_image_url = models.TextField(blank=True, help_text="HeyGen's signed link; dies within days, never shown.")
    preview_video_url = models.TextField(blank=True)
    thumbnail = models.CharField(max_length=64, blank=True, help_text="Our own copy: a file name under thumbs/.")
    thumbnail_of = models.CharField(max_length=64, blank=True, help_text="Which picture the copy shows (a digest).")
    search_text = models.TextField(blank=True, help_text="What the full-text index reads: names and ids.")
    checked_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LookQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["group", "id"], name="look_group"),
            models.Index(fields=["avatar_type", "id"], name="look_type"),
            models.Index(fields=["status", "id"], name="look_status"),
            models.Index(fields=["consent_state", "id"], name="look_consent"),
            models.Index(fields=["ownership", "id"], name="look_ownership"),
            models.Index(fields=["id"], condition=Q(status="training"), name="look_unsettled"),
        ]

    def __str__(self) -> str:
        return self.name or "Unnamed look"


class SyncRun(models.Model):
    """One pass over the whole account: what it saw and how it ended."""

    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    groups_seen = models.PositiveIntegerField(default=0)
    looks_seen = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    rows_gone = models.PositiveIntegerField(default=0)
    complete = models.BooleanField(default=False, help_text="Every page was read, so what was not seen is gone.")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"sync of {self.started_at:%Y-%m-%d %H:%M}"
