"""What a file really is: sniffed from its bytes, measured, never believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

IMAGES = frozenset({"image/png", "image/jpeg"})
VIDEOS = frozenset({"video/mp4", "video/webm"})
MINIMUM_SIDE = 512
SHORTEST, LONGEST = 15.0, 600.0


def sniff(head: bytes) -> str | None:
    """The MIME type of a file from its first bytes, or None when assets may not be of that kind."""
    starts = {
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"%PDF-": "application/pdf",
        b"ID3": "audio/mpeg",
        b"\x1aE\xdf\xa3": "video/webm",
    }
    for magic, mime in starts.items():
        if head.startswith(magic):
            return mime if mime != "video/webm" or b"webm" in head[:512] else None
    if head[4:8] == b"ftyp":
        # QuickTime and HEIC share the container, and are not on the list.
        return None if head[8:12] in (b"qt  ", b"heic", b"heix", b"mif1", b"avif") else "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6):
        return "audio/mpeg"
    return "application/x-subrip" if b"-->" in head and head.lstrip(b"\xef\xbb\xbf \r\n")[:1].isdigit() else None


def sniff_file(path: Path) -> str | None:
    """As ``sniff``, for a file on disk."""
    with path.open("rb") as source:
        return sniff(source.read(4096))


def measure(path: Path, mime: str) -> dict[str, Any]:
    """Facts about a picture or a clip: width, height, duration in seconds; ``broken`` when it cannot be read."""
    if mime in IMAGES:
        return _measure_image(path)
    return _measure_video(path) if mime in VIDEOS else {}


def _measure_image(path: Path) -> dict[str, Any]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - start-up does not wait for it

    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (1024, 1024))
            native = picture.size
            turned = ImageOps.exif_transpose(picture)
            turned.load()
            # A draft is smaller than the file's own size, but has its proportions.
            upright = native if (turned.width < turned.height) == (native[0] < native[1]) else native[::-1]
            flat = all(low == high for low, high in _extrema(turned))
    except Exception:  # Pillow raises many kinds for broken files.
        return {"broken": True}
    return {"width": upright[0], "height": upright[1], "flat": flat}


def _extrema(picture: Any) -> list[tuple[int, int]]:
    return list(picture.convert("RGB").getextrema())


def _measure_video(path: Path) -> dict[str, Any]:
    from pymediainfo import MediaInfo  # noqa: PLC0415 - start-up does not wait for it

    parsed = MediaInfo.parse(path)
    if not parsed.video_tracks:
        return {"broken": True}
    track = parsed.video_tracks[0]
    length = parsed.general_tracks[0].duration or track.duration
    return {
        "width": track.width,
        "height": track.height,
        "duration": float(length) / 1000 if length else None,
    }
