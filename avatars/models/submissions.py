"""What somebody asked for: the submission, its files, and every file that was ever uploaded for one."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath
from typing import ClassVar

from django.conf import settings
from django.db import models

from avatars.models.library import AvatarGroup, Look
from avatars.models.stateful import Stateful
from avatars.states import SUBMISSION_MOVES, Kind, Status


def upload_path(upload: Upload, filename: str) -> str:
    """Where an upload lies: a random name, with the ending of its real type, never the name it came with."""
    return f"uploads/{upload.pk.hex[:2]}/{upload.pk.hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class Upload(models.Model):
    """A file a person sent us, kept at once, so that no mistake elsewhere in a form loses it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    file = models.FileField(upload_to=upload_path, max_length=200)
    original_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=64, help_text="Read from the bytes, not from the name.")
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    duration = models.FloatField(default=0, help_text="Seconds; 0 for pictures.")
    checks = models.JSONField(default=list, help_text="The pass, warn and stop lines shown to the person.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "created_at"], name="upload_owner")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_picture(self) -> bool:
        """Whether a browser can show it as a picture."""
        return self.media_type.startswith("image/")


class Submission(Stateful):
    """One avatar somebody asked for: the inputs as given, and how it went."""

    MOVES: ClassVar = SUBMISSION_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    form_token = models.CharField(max_length=64, help_text="One submission per token, however often it is posted.")
    account = models.CharField(max_length=80, help_text="Which HeyGen account it is for; it goes to no other.")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    name = models.CharField(max_length=80)
    prompt = models.TextField(blank=True)
    target_group = models.ForeignKey(
        AvatarGroup, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: a new character."
    )
    reference_look = models.ForeignKey(Look, null=True, on_delete=models.PROTECT, related_name="+")
    depicts_real_person = models.BooleanField(default=False)
    permission_note = models.TextField(blank=True)
    price = models.CharField(max_length=32, blank=True, help_text="The price shown and confirmed, as configured then.")
    state = models.CharField(max_length=20, default=Status.QUEUED)
    error_code = models.CharField(max_length=128, blank=True, help_text="HeyGen's code or one of ours.")
    error_message = models.TextField(blank=True, help_text="HeyGen's own words.")
    error_param = models.CharField(max_length=64, blank=True, help_text="The field HeyGen blamed.")
    error_at = models.DateTimeField(null=True)
    known_looks = models.JSONField(
        default=list, help_text="Look ids the target character had before the paid call, to tell the new one apart."
    )
    look = models.OneToOneField(Look, null=True, on_delete=models.PROTECT, related_name="submission")
    group = models.ForeignKey(AvatarGroup, null=True, on_delete=models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [
            ("create_avatars", "Can create avatars and ask for consent"),
            ("see_all_submissions", "Can see everybody's submissions"),
        ]
        constraints = [models.UniqueConstraint(fields=["owner", "form_token"], name="one_submission_per_form")]
        indexes = [
            models.Index(fields=["created_at", "id"], name="submission_newest"),
            models.Index(fields=["owner", "created_at", "id"], name="submission_owner"),
            models.Index(fields=["state", "created_at"], name="submission_state"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> Status:
        """The state as a member of Status."""
        return Status(self.state)


class SubmissionFile(models.Model):
    """One file a submission needs: an upload of ours, an address HeyGen fetches, or an asset HeyGen has already."""

    class Role(models.TextChoices):
        """What the file is for."""

        FILE = "file", "Footage or photo"
        REFERENCE = "reference", "Reference image"

    class Source(models.TextChoices):
        """Where it comes from."""

        UPLOAD = "upload", "Upload"
        URL = "url", "Web address"
        ASSET = "asset_id", "HeyGen asset"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    role = models.CharField(max_length=16, choices=Role.choices)
    source = models.CharField(max_length=16, choices=Source.choices)
    position = models.PositiveSmallIntegerField(default=0)
    upload = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="used_by")
    url = models.TextField(blank=True)
    asset_id = models.CharField(max_length=128, blank=True, help_text="At HeyGen: given, or answered after our upload.")
    stored_asset_id = models.CharField(
        max_length=128, blank=True, help_text="The bytes arrived under this id, completion is still to be confirmed."
    )
    sent_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["role", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "role", "position"], name="one_file_per_place"),
        ]

    def __str__(self) -> str:
        return self.upload.original_name if self.upload else (self.url or self.asset_id)

    @property
    def needs_upload(self) -> bool:
        """Whether HeyGen does not have the bytes yet."""
        return self.source == self.Source.UPLOAD and not self.asset_id

    @property
    def content(self) -> Upload:
        """The upload behind it; ValueError for a file that is not ours to send."""
        if self.upload is None:
            raise ValueError(f"file {self.pk} has no upload")
        return self.upload
