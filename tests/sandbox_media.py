"""Real little files for tests of the sandbox: photos and clips of any length."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image

CLIP = Path(__file__).resolve().parent.parent / "heygen_portal/sandbox/pictures/clip.mp4"
CLIP_SECONDS = 4


def photo(
    *, size: tuple[int, int] = (800, 1000), colour: tuple[int, int, int] = (200, 160, 140), flat: bool = False
) -> bytes:
    """A JPEG of mostly one colour; wholly so when flat."""
    picture = Image.new("RGB", size, colour)
    if not flat:
        picture.paste((40, 40, 60), (10, 10, size[0] // 8, size[1] // 8))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=90)
    return target.getvalue()


def clip_of(seconds: float) -> bytes:
    """The sample clip, slowed down to a length by writing other time scales into its headers."""
    content = bytearray(CLIP.read_bytes())
    for box in (b"mvhd", b"mdhd"):
        at = content.index(box) + 4 + 12
        (scale,) = struct.unpack(">I", content[at : at + 4])
        content[at : at + 4] = struct.pack(">I", round(scale * CLIP_SECONDS / seconds))
    return bytes(content)
