"""Keeping uploads: by rename, with what was found in them, and not for ever."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import call_command
from django.utils import timezone

from avatars.creation.uploads import UploadRefused, keep_upload, remove_unused_uploads
from avatars.models import Upload
from avatars.states import Kind
from tests.builders import footage_bytes, make_photo_upload, make_submission, make_user, photo_bytes

pytestmark = pytest.mark.django_db


def sent(content: bytes, name: str = "photo.jpg") -> TemporaryUploadedFile:
    """A file as Django's upload handler leaves it on disk."""
    file = TemporaryUploadedFile(name, "application/whatever", len(content), None)
    file.write(content)
    file.flush()
    file.seek(0)
    return file


@pytest.fixture
def owner() -> Any:
    return make_user("marketer")


def test_it_keeps_what_was_found_in_the_file(owner: Any) -> None:
    content = photo_bytes(640, 900)
    upload = keep_upload(sent(content, "me.png"), owner=owner, role="file", kind=Kind.PHOTO)
    upload.refresh_from_db()
    assert upload.original_name == "me.png"
    assert upload.media_type == "image/jpeg"
    assert (upload.width, upload.height, upload.size) == (640, 900, len(content))
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.checks[0]["level"] == "pass"
    assert upload.file.name.endswith(".jpg")
    assert Path(upload.file.path).read_bytes() == content


def test_it_keeps_the_length_of_footage(owner: Any) -> None:
    upload = keep_upload(sent(footage_bytes(), "clip"), owner=owner, role="file", kind=Kind.DIGITAL_TWIN)
    assert upload.duration == pytest.approx(16, abs=0.2)
    assert upload.file.name.endswith(".mp4")


def test_keeping_is_a_rename_and_never_a_copy(owner: Any) -> None:
    file = sent(photo_bytes())
    before = Path(file.temporary_file_path()).stat().st_ino
    upload = keep_upload(file, owner=owner, role="file", kind=Kind.PHOTO)
    after = Path(upload.file.path).stat()
    assert after.st_ino == before
    assert after.st_mode & 0o777 == 0o640
    assert not Path(file.temporary_file_path()).exists()


def test_memory_stays_flat_however_large_the_file(owner: Any) -> None:
    file = sent(b"\x00\x00\x00\x18ftypisom")
    os.truncate(file.temporary_file_path(), 120_000_000)
    tracemalloc.start()
    try:
        upload = keep_upload(file, owner=owner, role="file", kind=Kind.DIGITAL_TWIN)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert upload.size == 120_000_000
    assert peak < 10_000_000
    upload.file.delete(save=False)


def test_a_file_that_cannot_be_used_is_kept_with_its_reason(owner: Any) -> None:
    upload = keep_upload(sent(b"no picture at all"), owner=owner, role="file", kind=Kind.PHOTO)
    assert upload.checks[0]["level"] == "stop"
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_an_empty_file_is_refused(owner: Any) -> None:
    file = sent(b"")
    with pytest.raises(UploadRefused, match=r"photo\.jpg is empty"):
        keep_upload(file, owner=owner, role="file", kind=Kind.PHOTO)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a" * 400 + ".jpg", "a" * 251 + ".jpg"),
        ("nul\x00\x07 name.jpg", "nul name.jpg"),
        ("lone \ud800 half.jpg", "lone  half.jpg"),
        ("..\\..\\evil.jpg", "evil.jpg"),
        ("\x00", "Unnamed file"),
    ],
)
def test_names_are_shown_and_never_become_paths(owner: Any, name: str, shown: str) -> None:
    file = sent(photo_bytes())
    file._name = name
    upload = keep_upload(file, owner=owner, role="file", kind=Kind.PHOTO)
    assert upload.original_name == shown
    assert Path(upload.file.path).parent.parent == Path(settings.MEDIA_ROOT) / "uploads"


def test_a_file_whose_row_cannot_be_stored_leaves_nothing_behind(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(settings.MEDIA_ROOT) / "uploads"
    before = set(folder.rglob("*.jpg"))

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("The database is away.")

    monkeypatch.setattr(Upload, "save", fail)
    with pytest.raises(RuntimeError):
        keep_upload(sent(photo_bytes()), owner=owner, role="file", kind=Kind.PHOTO)
    assert set(folder.rglob("*.jpg")) == before


def age(upload: Upload, **how_old: int) -> None:
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(**how_old))


def test_uploads_nobody_used_for_a_week_are_removed_with_their_files(owner: Any) -> None:
    old, young, used = make_photo_upload(owner), make_photo_upload(owner), make_photo_upload(owner)
    make_submission(owner, upload=used)
    age(old, days=8)
    age(young, days=6)
    age(used, days=400)
    assert remove_unused_uploads() == 1
    assert not Path(old.file.path).exists()
    assert Path(used.file.path).exists()
    assert set(Upload.objects.all()) == {young, used}


def test_the_command_says_what_it_removed(owner: Any) -> None:
    age(make_photo_upload(owner), days=30)
    stale = Path(settings.FILE_UPLOAD_TEMP_DIR) / "killed.upload"
    stale.write_bytes(b"x")
    os.utime(stale, (0, 0))
    fresh = Path(settings.FILE_UPLOAD_TEMP_DIR) / "running.upload"
    fresh.write_bytes(b"x")
    out = io.StringIO()
    call_command("cleanup", stdout=out)
    assert "Removed 1 unused uploads" in out.getvalue()
    assert not stale.exists()
    assert fresh.exists()
    fresh.unlink()
