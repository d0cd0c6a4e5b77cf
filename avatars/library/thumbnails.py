"""Our own small copies of HeyGen's previews, whose addresses die within days. Made by the worker, never in a request.

A copy has a random name, so its address tells nothing and may be cached for good; a new picture gets a new name.
"""

from __future__ import annotations

import io
import logging
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageOps

from avatars import outbound
from avatars.heygen import Forbidden, NotFound, Unavailable
from avatars.heygen.transport import is_loopback_host
from avatars.library import mirror
from avatars.library.facts import picture_digest, wants_thumbnail
from avatars.models import AvatarGroup, Look
from avatars.step import Step

logger = logging.getLogger("avatars.library")

LONG_EDGE = 480  # pixels
QUALITY = 80
BYTES_MAX = 16 * 1024 * 1024
PIXELS_MAX = 50_000_000
FETCH_SECONDS = 60.0
ATTEMPTS = 4  # then a placeholder stands in until the next sync asks again

HOSTS = (
    "files.heygen.ai",
    "files2.heygen.ai",
    "resource2.heygen.ai",
    "dynamic.heygen.ai",
    "files.heygen.com",
    ".heygen.ai",
    ".heygen.com",
)
MEDIA_TYPES = frozenset({"image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif", "image/avif"})
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_FOLDER = "thumbs"


class NotAPicture(Exception):
    """The bytes are no picture we can shrink: broken, of another type, or far too large."""


def thumbnail_url(name: str) -> str:
    """Where a copy is served; "" where there is none."""
    return f"{settings.MEDIA_URL}{_FOLDER}/{name}" if name else ""


def fetch_look_thumbnail(step: Step) -> None:
    """The handler of `look.thumbnail`: make our copy of a look's preview. Never asks to run again by itself."""
    look = Look.objects.filter(pk=step.job.subject).first()
    if look is not None:
        _fetch(step, look)


def fetch_group_thumbnail(step: Step) -> None:
    """The handler of `group.thumbnail`, in the same way."""
    group = AvatarGroup.objects.filter(pk=step.job.subject).first()
    if group is not None:
        _fetch(step, group)


def store_thumbnail(content: bytes) -> str:
    """Shrink a picture and write it under a new random name, which is returned. NotAPicture when that cannot be."""
    small = shrink(content)
    folder = Path(settings.MEDIA_ROOT) / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.webp"
    unfinished = folder / f".{name}.part"
    unfinished.write_bytes(small)
    unfinished.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    unfinished.replace(folder / name)
    return name


def delete_thumbnail(name: str) -> None:
    """Remove a copy; one that is gone already is fine."""
    if name:
        (Path(settings.MEDIA_ROOT) / _FOLDER / Path(name).name).unlink(missing_ok=True)


def shrink(content: bytes) -> bytes:
    """A picture as WebP with a long edge of LONG_EDGE pixels at most, upright and without metadata."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            # The header names the size; nothing has been unpacked yet.
            if image.width * image.height > PIXELS_MAX:
                raise NotAPicture("The picture has too many pixels.")
            return _shrunk(image)
    except NotAPicture:
        raise
    except Exception as error:
        # Decoders meet hostile bytes with errors of a dozen types, warnings turned errors among them.
        raise NotAPicture(f"The picture cannot be read ({type(error).__name__}).") from error


def _shrunk(image: Image.Image) -> bytes:
    # Before anything is unpacked: JPEG can leave out detail while unpacking, which is most of the time saved.
    image.draft("RGB", (LONG_EDGE * 2, LONG_EDGE * 2))
    if image.mode not in ("RGB", "RGBA"):
        orientation = image.getexif()
        transparent = image.mode in ("LA", "PA", "La") or "transparency" in image.info
        image = image.convert("RGBA" if transparent else "RGB")
        image.info["exif"] = orientation.tobytes()
    image.thumbnail((LONG_EDGE, LONG_EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    # Turned when it is small; the box is a square, so the order makes no difference to the size.
    image = ImageOps.exif_transpose(image)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _fetch(step: Step, row: AvatarGroup | Look) -> None:
    if row.gone_at is not None or not wants_thumbnail(row):
        return
    try:
        url, content = _download(step, row)
        name = store_thumbnail(content)
    except outbound.Failed as error:
        if step.job.attempts < ATTEMPTS:
            raise Unavailable(str(error)) from None
        logger.warning("No picture for %s: %s It is tried again with the next sync.", step.job.key, error)
    except (outbound.OutboundError, NotAPicture) as error:
        logger.warning("No picture for %s: %s It is tried again with the next sync.", step.job.key, error)
    else:
        _keep(step, row, url, name)


def _download(step: Step, row: AvatarGroup | Look) -> tuple[str, bytes]:
    """The picture, and the address it came from. A dead address is exchanged for a fresh one, once."""
    url = row.preview_image_url
    try:
        return url, _get(url)
    except outbound.Gone as gone:
        fresh = _fresh_address(step, row)
        if not fresh or fresh == url:
            raise
        logger.info("%s: the address died (%d), trying a fresh one", step.job.key, gone.status)
        return fresh, _get(fresh)


def _get(url: str) -> bytes:
    api_host = urlsplit(settings.HEYGEN_API_BASE).hostname or ""
    fetched = outbound.fetch(
        url,
        allowed_hosts=(*HOSTS, api_host),
        max_bytes=BYTES_MAX,
        total_seconds=FETCH_SECONDS,
        media_types=MEDIA_TYPES,
        allow_loopback=is_loopback_host(api_host),
    )
    return fetched.content


def _fresh_address(step: Step, row: AvatarGroup | Look) -> str:
    """What HeyGen gives as the preview now; each read is signed anew."""
    asked_at = timezone.now()
    try:
        if isinstance(row, AvatarGroup):
            group = step.heygen().get_group(row.heygen_id)
            with step.settle():
                mirror.save_group(group, ownership=row.ownership, now=asked_at)
            return group.preview_image_url or ""
        look = step.heygen().get_look(row.heygen_id)
        with step.settle():
            mirror.save_look(look, ownership=row.ownership, now=asked_at)
        return look.preview_image_url or ""
    except (NotFound, Forbidden):
        return ""


def _keep(step: Step, row: AvatarGroup | Look, url: str, name: str) -> None:
    """Point the row at the new copy, then remove the old one."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    try:
        with step.settle():
            old = rows.select_for_update().values_list("thumbnail", flat=True).get()
            rows.update(thumbnail=name, thumbnail_of=picture_digest(url), updated_at=timezone.now())
            transaction.on_commit(lambda: delete_thumbnail(old))
    except BaseException:
        delete_thumbnail(name)
        raise
