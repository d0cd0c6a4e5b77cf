"""Files people send us: kept at once, looked at once, and removed when nobody used them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import ProtectedError
from django.utils import timezone

from avatars.creation.media import EXTENSIONS
from avatars.creation.preflight import inspect, purpose_of
from avatars.models import Upload
from avatars.states import Kind

KEEP_UNUSED = timedelta(days=7)


class UploadRefused(Exception):
    """The file was not kept; the message says why and what to do."""


def keep_upload(file: TemporaryUploadedFile, *, owner: Any, role: str, kind: Kind | str | None) -> Upload:
    """Keep `file` for `owner` and look at its content; the checks are stored with it.

    The temporary file is renamed into the storage, so even gigabytes are neither copied nor held in memory. A file
    with a `stop` check is kept as well: the person sees what is wrong with it, and a creation refuses it.
    Raises UploadRefused for an empty file.
    """
    path = Path(file.temporary_file_path())
    if not path.stat().st_size:
        raise UploadRefused(f"{_clean_name(file.name)} is empty. Choose the file again.")
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    inspection = inspect(path, purpose=purpose_of(role, kind))
    facts = inspection.facts
    upload = Upload(
        owner=owner,
        original_name=_clean_name(file.name),
        media_type=facts.media_type,
        size=facts.size,
        sha256=digest,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        checks=inspection.checks,
    )
    upload.file.save(f"file{EXTENSIONS.get(facts.media_type, '')}", file, save=False)
    # The name it had is gone, and whoever closes it later would look for it there.
    file.close()
    try:
        upload.save(force_insert=True)
    except Exception:
        # Without its row nobody would ever find the file again.
        upload.file.delete(save=False)
        raise
    return upload


def remove_unused_uploads(*, older_than: timedelta = KEEP_UNUSED) -> int:
    """Delete uploads, with their files, that no submission used within `older_than`. Returns how many."""
    removed = 0
    old = Upload.objects.filter(used_by=None, created_at__lt=timezone.now() - older_than)
    for upload in old.iterator(chunk_size=200):
        # Somebody may submit a form with it this very moment: then the row is protected, and stays.
        with suppress(ProtectedError):
            deleted, _ = Upload.objects.filter(pk=upload.pk, used_by=None).delete()
            if deleted:
                default_storage.delete(str(upload.file.name))
                removed += 1
    return removed


def _clean_name(name: str | None) -> str:
    """The file's own name as it may be stored and shown: no folders, no signs that cannot be written, not too long."""
    bare = (name or "").replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in bare if sign.isprintable()).strip()
    return shown[-255:] or "Unnamed file"
