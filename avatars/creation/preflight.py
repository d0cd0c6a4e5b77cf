"""Content checks before anything is paid for: HeyGen charges a creation even when its training then fails.

The limits come from HeyGen's documentation and from what live accounts met: footage of 15 s trains, of 8 s does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypedDict

from avatars.creation.media import JPEG, MP4, PICTURE_TYPES, PNG, VIDEO_TYPES, WEBM, Facts, measure
from avatars.models import Upload
from avatars.states import Kind

SHORTEST_SECONDS, LONGEST_SECONDS = 15, 600
SMALLEST_PHOTO_SIDE = 512
SMALLEST_FOOTAGE_SIDE = 720
LARGEST_PICTURE_BYTES = 32_000_000
LARGE_FOOTAGE_BYTES = 100_000_000


class Check(TypedDict):
    """One line of the list a person sees: level `pass`, `warn` or `stop`, and a sentence with what to do."""

    level: str
    text: str


class Purpose(StrEnum):
    """What a file is for, which decides what it must be."""

    FOOTAGE = "footage"
    PHOTO = "photo"
    REFERENCE = "reference"


_TYPE_NAMES = {MP4: "MP4 video", WEBM: "WebM video", JPEG: "JPEG picture", PNG: "PNG picture"}
# Types people often have at hand, what they are called, and how to turn them into what HeyGen takes.
_REFUSED_TYPES = {
    "video/quicktime": ("a QuickTime movie (MOV)", "Export it as MP4, then upload that."),
    "video/x-matroska": ("a Matroska video (MKV)", "Export it as MP4, then upload that."),
    "video/x-msvideo": ("an AVI video", "Export it as MP4, then upload that."),
    "image/heic": (
        "a HEIC picture",
        "Export it as JPEG; an iPhone does so itself with Settings, Camera, Formats, Most compatible.",
    ),
    "image/avif": ("an AVIF picture", "Save it as JPEG or PNG, then upload that."),
    "image/webp": ("a WebP picture", "Save it as JPEG or PNG, then upload that."),
    "image/gif": ("a GIF", "Save it as JPEG or PNG, then upload that."),
    "image/tiff": ("a TIFF picture", "Save it as JPEG or PNG, then upload that."),
    "image/svg+xml": ("an SVG drawing", "Save it as JPEG or PNG, then upload that."),
}
_WANTED = {
    Purpose.FOOTAGE: "A digital twin needs footage: an MP4 or WebM video.",
    Purpose.PHOTO: "A photo avatar needs a photo: a JPEG or PNG picture.",
    Purpose.REFERENCE: "A reference image must be a JPEG or PNG picture.",
}


@dataclass(frozen=True)
class Inspection:
    """What a file is, and what that means for its purpose."""

    facts: Facts
    checks: list[Check]


def purpose_of(role: str, kind: str | None) -> Purpose:
    """The purpose of a file with `role` ("file" or "reference") in a form of `kind`."""
    if role == "reference":
        return Purpose.REFERENCE
    return Purpose.FOOTAGE if kind == Kind.DIGITAL_TWIN else Purpose.PHOTO


def inspect(path: Path | str, *, purpose: Purpose) -> Inspection:
    """Measure the file at `path` and judge it. Never raises for bad content."""
    facts = measure(path)
    return Inspection(facts, judge(facts, purpose))


def judge(facts: Facts, purpose: Purpose) -> list[Check]:
    """The lines to show for a file, worst first. A line of level `stop` means that the file cannot be used."""
    wrong = _wrong_type(facts.media_type, purpose) or facts.problem
    if wrong:
        return [_stop(wrong)]
    checks = _judge_footage(facts) if purpose is Purpose.FOOTAGE else _judge_picture(facts, purpose)
    return sorted(checks, key=lambda check: ("stop", "warn", "pass").index(check["level"]))


def stop_text(upload: Upload, purpose: Purpose) -> str:
    """Why `upload` cannot serve `purpose`, or an empty string. It may have been uploaded for something else."""
    kept = next((str(check["text"]) for check in upload.checks if check["level"] == "stop"), "")
    if kept and not upload.width:
        # Nothing could be read from it, so there is nothing to judge anew.
        return _wrong_type(upload.media_type, purpose) or kept
    facts = Facts(upload.media_type, upload.size, upload.width, upload.height, upload.duration)
    return next((check["text"] for check in judge(facts, purpose) if check["level"] == "stop"), "")


def _wrong_type(media_type: str, purpose: Purpose) -> str:
    accepted = VIDEO_TYPES if purpose is Purpose.FOOTAGE else PICTURE_TYPES
    if media_type in accepted:
        return ""
    if media_type in _TYPE_NAMES:
        return f"This is a {_TYPE_NAMES[media_type]}. {_WANTED[purpose]}"
    called, advice = _REFUSED_TYPES.get(media_type, ("", ""))
    same_family = media_type.startswith("video/") == (purpose is Purpose.FOOTAGE)
    if called and same_family:
        return f"This is {called}, which HeyGen does not take. {advice}"
    if called:
        return f"This is {called}. {_WANTED[purpose]}"
    return f"The type of this file is unknown. {_WANTED[purpose]}"


def _judge_footage(facts: Facts) -> list[Check]:
    checks = [_length_check(facts.duration)]
    if min(facts.width, facts.height) < SMALLEST_FOOTAGE_SIDE:
        checks.append(
            _warn(f"{_pixels(facts)} is less than 720p, so the twin may look soft. Film in 1080p if you can.")
        )
    else:
        checks.append(_pass(f"{_TYPE_NAMES[facts.media_type]}, {_pixels(facts)}."))
    if not facts.has_sound:
        checks.append(_warn("There is no sound, so HeyGen cannot learn the voice. Film with sound if you want it."))
    if facts.size > LARGE_FOOTAGE_BYTES:
        checks.append(
            _warn(
                f"{facts.size // 1_000_000} MB is large. Sending it takes a while, and HeyGen may refuse it; "
                "below 100 MB is safe."
            )
        )
    return checks


def _length_check(seconds: float) -> Check:
    if not seconds:
        return _stop("The length of the video cannot be read. Export it again as MP4, then upload it.")
    # Half a second of grace would cost the fee: the limit is HeyGen's, and it counts strictly.
    if seconds < SHORTEST_SECONDS:
        return _stop(
            f"The footage lasts {_duration(seconds)}. HeyGen needs at least 15 seconds, better 2 to 5 minutes: "
            "film a longer take."
        )
    if seconds > LONGEST_SECONDS:
        return _stop(f"The footage lasts {_duration(seconds)}. HeyGen takes at most 10 minutes: cut it shorter.")
    return _pass(f"{_duration(seconds)} long.".capitalize())


def _judge_picture(facts: Facts, purpose: Purpose) -> list[Check]:
    size = _pixels(facts)
    checks = []
    if facts.size > LARGEST_PICTURE_BYTES:
        checks.append(
            _stop(f"The picture has {facts.size // 1_000_000} MB; at most 32 MB can be sent. Save it smaller.")
        )
    if min(facts.width, facts.height) >= SMALLEST_PHOTO_SIDE:
        checks.append(_pass(f"{_TYPE_NAMES[facts.media_type]}, {size}."))
    elif purpose is Purpose.PHOTO:
        checks.append(_stop(f"The photo has {size}. HeyGen needs at least 512 on each side: use a larger one."))
    else:
        checks.append(_warn(f"{size} is small for a reference. A larger picture shows HeyGen more."))
    return checks


def _pixels(facts: Facts) -> str:
    return f"{facts.width} \N{MULTIPLICATION SIGN} {facts.height} pixels"


def _duration(seconds: float) -> str:
    if seconds < 60:
        # Rounded down, so that 14.9 s is never called 15 and then refused for being shorter than 15.
        whole = int(seconds * 10) / 10
        number = f"{whole:g}"
        return f"{number} second" if number == "1" else f"{number} seconds"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def _pass(text: str) -> Check:
    return {"level": "pass", "text": text}


def _warn(text: str) -> Check:
    return {"level": "warn", "text": text}


def _stop(text: str) -> Check:
    return {"level": "stop", "text": text}
