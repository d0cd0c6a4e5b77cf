"""Objects for tests: people, files with real content, characters, looks, submissions."""

from __future__ import annotations

import functools
import hashlib
import io
import secrets
import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from PIL import Image

from avatars.creation.media import measure
from avatars.creation.store import NewFile, store_submission
from avatars.models import Submission, Upload
from avatars.states import Kind

PASSWORD = "a long enough password"


def form_token() -> str:
    """A token as a freshly rendered form carries it."""
    return secrets.token_urlsafe(24)


def make_user(role: str = "", *, username: str = "", **facts: Any) -> Any:
    """A person with the role marketer, lead or admin, or with none."""
    username = username or f"{role or 'nobody'}-{secrets.token_hex(4)}"
    facts.setdefault("email", f"{username}@example.com")
    user = get_user_model().objects.create_user(username, password=PASSWORD, **facts)
    if role:
        user.groups.add(_role(role))
    return user


def _role(name: str) -> Group:
    """The group as the migration made it, made again where a test has emptied the tables."""
    group, new = Group.objects.get_or_create(name=name)
    if new:
        rights = import_module("avatars.migrations.0002_roles").ROLES[name]
        group.permissions.set(Permission.objects.filter(content_type__app_label="avatars", codename__in=rights))
    return group


def photo_bytes(width: int = 800, height: int = 800, image_format: str = "JPEG") -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, image_format)
    return out.getvalue()


@functools.cache
def footage_bytes(seconds: int = 16, width: int = 320, height: int = 240) -> bytes:
    """A real MP4 of that length, made by ffmpeg."""
    if shutil.which("ffmpeg") is None:
        # Imported here only: it sets up the environment of a test run, and fault tests use this module in their own.
        from tests.conftest import missing

        missing("ffmpeg", "ffmpeg")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r=5:d={seconds}",
             "-f", "lavfi", "-i", f"sine=d={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
             "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)],
            check=True,
        )  # fmt: skip
        return path.read_bytes()


def make_photo_upload(owner: Any, **facts: Any) -> Upload:
    """A stored photo."""
    return _make_upload(owner, photo_bytes(**facts), "photo.jpg", "image/jpeg")


def make_footage_upload(owner: Any, **facts: Any) -> Upload:
    """Stored footage."""
    return _make_upload(owner, footage_bytes(**facts), "clip.mp4", "video/mp4")


def _make_upload(owner: Any, content: bytes, name: str, media_type: str) -> Upload:
    upload = Upload(
        owner=owner,
        original_name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    upload.file.save(name, ContentFile(content), save=False)
    facts = measure(upload.file.path)
    upload.width, upload.height, upload.duration = facts.width, facts.height, facts.duration
    upload.save()
    return upload


def make_submission(owner: Any, *, kind: str = Kind.PHOTO, upload: Upload | None = None, **facts: Any) -> Submission:
    """A submission as its form makes it, then with `facts` (state, look, ...) set on it."""
    given = {name: facts.pop(name) for name in ("prompt", "target_group", "reference_look") if name in facts}
    files = [NewFile(role="file", source="url", url="https://example.com/portrait.jpg")]
    if upload is not None:
        files = [NewFile(role="file", source="upload", upload=upload)]
    submission, _ = store_submission(
        owner=owner,
        kind=kind,
        form_token=form_token(),
        name=facts.pop("name", "Sarah"),
        files=[] if kind == Kind.PROMPT else files,
        **given,
    )
    if facts:
        Submission.objects.filter(pk=submission.pk).update(**facts)
        submission.refresh_from_db()
    return submission
