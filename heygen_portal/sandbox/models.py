"""What the sandbox keeps. Times named ``*_at`` are Unix seconds; ``life`` times are on the scaled clock."""

from __future__ import annotations

import uuid

from django.db import models


def new_uid() -> str:
    """An opaque id of 32 hexadecimal characters, as HeyGen's are."""
    return uuid.uuid4().hex


class Setting(models.Model):
    """One named value: a switch, the clock, the secret that signs links."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.key


class Group(models.Model):
    """A character: one person, with one or more looks."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    name = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False)
    created_at = models.BigIntegerField()
    gender = models.CharField(max_length=20, null=True)
    default_voice_id = models.CharField(max_length=32, null=True)
    # Our own word: empty (not needed), pending, granted, rejected or skipped. Switches decide what clients see.
    consent = models.CharField(max_length=20, blank=True)
    consented_life = models.FloatField(null=True)
    # Raising it kills every preview link given out before.
    preview_epoch = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["is_public", "id"])]

    def __str__(self) -> str:
        return self.name


class Look(models.Model):
    """One appearance of a character. A look with no ``started_life`` is not training: its status is fixed."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="looks")
    name = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False)
    avatar_type = models.CharField(max_length=40)
    origin = models.CharField(max_length=20)
    created_at = models.BigIntegerField()
    started_life = models.FloatField(null=True)
    training_seconds = models.FloatField(default=0)
    fixed_status = models.CharField(max_length=20, null=True)
    # True when the account trains only after consent; captured at creation.
    gated = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=60, blank=True)
    failure_message = models.TextField(blank=True)
    usable = models.BooleanField(default=True)
    tags = models.JSONField(default=list)
    engines = models.JSONField(default=list)
    width = models.IntegerField(default=1080)
    height = models.IntegerField(default=1440)
    # What to draw: the words of a prompt, or the stored file the picture is cut from.
    prompt = models.TextField(blank=True)
    picture_file = models.CharField(max_length=80, blank=True)
    announced = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["is_public", "id"])]

    def __str__(self) -> str:
        return self.name


class Creation(models.Model):
    """One avatar really made, which HeyGen would have billed."""

    at = models.FloatField()
    look_uid = models.CharField(max_length=32)
    group_uid = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """An uploaded file, or the promise of one (``pending_upload``)."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    filename = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=80)
    size_bytes = models.BigIntegerField()
    checksum_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=20)
    created_at = models.BigIntegerField()
    usable_life = models.FloatField(default=0)
    expires_at = models.FloatField(null=True)
    complete_refusals = models.IntegerField(default=0)
    stored = models.CharField(max_length=80, blank=True)
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.filename


class IdempotentAnswer(models.Model):
    """The first answer to a key, on one endpoint and path; ``status`` is null while the call is running."""

    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    at = models.FloatField()
    status = models.IntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "path", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return self.key


class ConsentLink(models.Model):
    """A link to the consent page: open, superseded, answered or expired."""

    token = models.CharField(max_length=64, unique=True)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="links")
    issued_at = models.FloatField()
    reroute_url = models.TextField(blank=True)
    consent_text = models.TextField(blank=True)
    state = models.CharField(max_length=20, default="open")

    def __str__(self) -> str:
        return self.state


class ApiCall(models.Model):
    """The log of what clients sent, newest last; ``status`` 0 means that the connection was cut."""

    at = models.FloatField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    query = models.CharField(max_length=500, blank=True)
    status = models.IntegerField()
    key = models.CharField(max_length=255, blank=True)
    body = models.TextField(blank=True)
    request_id = models.CharField(max_length=40)
    replayed = models.BooleanField(default=False)
    fault = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class QueuedFault(models.Model):
    """A fault for the next ``times`` calls that match."""

    method = models.CharField(max_length=8, blank=True)
    path_prefix = models.CharField(max_length=300)
    kind = models.CharField(max_length=40)
    times = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.kind


class Strike(models.Model):
    """How often a marker has struck one deed; forgotten once the deed has gone through."""

    deed = models.CharField(max_length=64, unique=True)
    count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.deed


class WebhookEndpoint(models.Model):
    """Where events go. ``events`` null means all of them."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    url = models.TextField()
    events = models.JSONField(null=True)
    entity_id = models.CharField(max_length=64, blank=True)
    secret = models.CharField(max_length=80)
    created_at = models.FloatField()

    def __str__(self) -> str:
        return self.url


class WebhookEvent(models.Model):
    """One thing that happened, as the delivery history lists it."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    event_type = models.CharField(max_length=60)
    event_data = models.JSONField()
    created_at = models.FloatField()

    def __str__(self) -> str:
        return self.event_type


class Video(models.Model):
    """A render asked for with a look; nothing is rendered, the sample clip stands in."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid)
    look_uid = models.CharField(max_length=32)
    title = models.CharField(max_length=200, blank=True)
    created_at = models.BigIntegerField()
    started_life = models.FloatField()

    def __str__(self) -> str:
        return self.uid
