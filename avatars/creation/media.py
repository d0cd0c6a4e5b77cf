"""What a file really is, read from its bytes. Names and declared types are never believed.

Pictures are decoded by Pillow, which is told to try nothing but JPEG and PNG; videos are described by MediaInfo.
"""

from __future__ import annotations

import struct
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pymediainfo import MediaInfo

MP4, WEBM, JPEG, PNG = "video/mp4", "video/webm", "image/jpeg", "image/png"
VIDEO_TYPES = frozenset({MP4, WEBM})
PICTURE_TYPES = frozenset({JPEG, PNG})
EXTENSIONS = {MP4: ".mp4", WEBM: ".webm", JPEG: ".jpg", PNG: ".png"}
UNKNOWN_TYPE = "application/octet-stream"

MAX_PIXELS = 50_000_000
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Pillow only warns between the limit and twice the limit; a small file that unpacks to gigabytes must not get that far.
warnings.simplefilter("error", Image.DecompressionBombWarning)

_HEAD_BYTES = 512
_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112
# A decoded picture may take 200 MB. One at a time keeps a busy web process from multiplying that by its threads.
_one_picture_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Facts:
    """What was read from a file. `problem` says in words why nothing more could be read; then the rest is zero."""

    media_type: str
    size: int
    width: int = 0
    height: int = 0
    duration: float = 0.0
    has_sound: bool = True
    problem: str = ""


def measure(path: Path | str) -> Facts:
    """Read type, size in bytes, dimensions in pixels and length in seconds. Never raises for bad content."""
    path = Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        media_type = sniff(file.read(_HEAD_BYTES))
    if media_type in PICTURE_TYPES:
        return _measure_picture(path, media_type, size)
    if media_type in VIDEO_TYPES:
        return _measure_video(path, media_type, size)
    return Facts(media_type, size)


def sniff(head: bytes) -> str:
    """The media type that the first bytes of a file announce."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else "video/x-matroska"
    if head[4:8] == b"ftyp":
        return _sniff_brand(head[8:12])
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "video/quicktime"  # QuickTime files older than the brand mark
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN_TYPE)
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return "image/tiff"
    return "image/svg+xml" if b"<svg" in head.lower() else UNKNOWN_TYPE


def _sniff_brand(brand: bytes) -> str:
    """The type behind the brand of an ISO base media file."""
    if brand == b"qt  ":
        return "video/quicktime"
    if brand in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}:
        return "image/heic"
    if brand in {b"avif", b"avis"}:
        return "image/avif"
    return MP4


def _measure_picture(path: Path, media_type: str, size: int) -> Facts:
    try:
        with _one_picture_at_a_time, Image.open(path, formats=("JPEG", "PNG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return Facts(media_type, size, problem=_TOO_MANY_PIXELS)
            sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
            # A JPEG may be decoded at an eighth of its size: every byte is still read, in little memory.
            image.draft("RGB", (width // 8, height // 8))
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Facts(media_type, size, problem=_TOO_MANY_PIXELS)
    except Exception:  # Pillow's decoders raise whatever a broken file provokes; each means the same to a person
        return Facts(media_type, size, problem="The picture is damaged or incomplete. Export it again, then upload it.")
    return Facts(media_type, size, *((height, width) if sideways else (width, height)))


_TOO_MANY_PIXELS = (
    f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels. Make it smaller: 2048 pixels on the long "
    "side are plenty."
)
_NO_VIDEO = "There is no picture in this video file. Export it again as MP4 with its picture track."
_UNREADABLE_VIDEO = "The video cannot be read. Export it again as MP4 (H.264), then upload it."
_CUT_OFF = "The video file is incomplete: its end is missing. Copy or export it again, then upload it."


def _measure_video(path: Path, media_type: str, size: int) -> Facts:
    if media_type == MP4 and _is_cut_off(path, size):
        return Facts(media_type, size, problem=_CUT_OFF)
    try:
        tracks = MediaInfo.parse(str(path)).tracks
        if _seconds(tracks) == 0:
            # What browsers record carries no length; MediaInfo finds it by reading all of the file.
            tracks = MediaInfo.parse(str(path), parse_speed=1.0).tracks
    except Exception:  # the parser's own errors are many, and each means the same to a person
        return Facts(media_type, size, problem=_UNREADABLE_VIDEO)
    if not any(track.track_type in {"Video", "Audio"} for track in tracks):
        return Facts(media_type, size, problem=_UNREADABLE_VIDEO)
    video = next((track for track in tracks if track.track_type == "Video"), None)
    if video is None or not video.width or not video.height:
        return Facts(media_type, size, problem=_NO_VIDEO)
    has_sound = any(track.track_type == "Audio" for track in tracks)
    turned = abs(float(video.rotation or 0)) % 180 == 90
    width, height = (video.height, video.width) if turned else (video.width, video.height)
    return Facts(media_type, size, int(width), int(height), _seconds(tracks), has_sound)


def _seconds(tracks: list) -> float:
    """The length of the video track, or of the whole file where the track does not say."""
    for wanted in ("Video", "General"):
        for track in tracks:
            if track.track_type == wanted and track.duration:
                return float(track.duration) / 1000
    return 0.0


def _is_cut_off(path: Path, size: int) -> bool:
    """Whether the last box of an MP4 reaches beyond the end of the file, as after a broken copy."""
    position = 0
    with path.open("rb") as file:
        while position + 8 <= size:
            file.seek(position)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            # Anything that is no box is trailing data, which players ignore; a length of 0 reaches to the end.
            if length < 8 or not name.isalnum():
                return False
            position += length
    return position > size
