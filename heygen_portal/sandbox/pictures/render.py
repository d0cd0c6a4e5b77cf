"""Preview pictures: drawn or cut once, then kept on disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from heygen_portal.sandbox import inputs, names
from heygen_portal.sandbox.models import Look

from . import portrait, traits

LONG_EDGE = 720
_QUALITY = 82
_drawing = threading.BoundedSemaphore(2)


def picture_of(look: Look) -> Path:
    """The preview of a look as a WebP file; drawn on first demand."""
    path = settings.STATE_DIR / "pictures" / f"{look.uid}-{portrait.VERSION}.webp"
    if not path.exists():
        # Two at a time: a page of sixty new pictures must not starve the API.
        with _drawing:
            if not path.exists():
                _write(look, path)
    return path


def _write(look: Look, path: Path) -> None:
    picture = _uploaded(look) or _drawn(look)
    unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    picture.save(unfinished, "WEBP", quality=_QUALITY, method=1)
    unfinished.replace(path)


def size_of(look: Look) -> tuple[int, int]:
    """The size of the preview: the look's proportions, 720 pixels on the long edge."""
    longest = max(look.width, look.height)
    return max(1, look.width * LONG_EDGE // longest), max(1, look.height * LONG_EDGE // longest)


def _uploaded(look: Look) -> Image.Image | None:
    """The photo the look was made of, or None when there is none to show."""
    if not look.picture_file:
        return None
    path = inputs.file_path(look.picture_file)
    if not path.exists():
        return None
    with Image.open(path) as photo:
        photo.draft("RGB", (LONG_EDGE * 2, LONG_EDGE * 2))
        upright = ImageOps.exif_transpose(photo).convert("RGB")
    return ImageOps.fit(upright, size_of(look), Image.Resampling.LANCZOS)


def _drawn(look: Look) -> Image.Image:
    # A name says how to draw only where neither the library nor a prompt does.
    gender = look.group.gender or (None if look.prompt else names.gender_of(look.group.name))
    scarf = names.wears_headscarf(look.group.name)
    who = traits.person(look.group.uid, gender, look.prompt, headscarf=scarf)
    return portrait.draw(who, traits.scene(look.uid, look.prompt), size_of(look))
