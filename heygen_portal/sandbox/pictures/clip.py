"""Draws the sample clip: ``python -m heygen_portal.sandbox.pictures.clip clip.mp4`` (needs ffmpeg).

The clip is kept in the repository, so that the sandbox itself needs no ffmpeg.
"""

from __future__ import annotations

import math
import subprocess
import sys

from . import portrait, traits

SECONDS, RATE, SIZE = 4, 24, (540, 720)
_PERSON, _PROMPT = "clip", "woman with wavy brown hair, teal blazer, office"


def _speech(second: float) -> float:
    """How far the mouth is open: syllables, with a pause at both ends so that the clip can loop."""
    if not 0.4 < second < SECONDS - 0.6:
        return 0.0
    return max(0.0, math.sin(second * 17) * 0.5 + math.sin(second * 29) * 0.35)


def _blink(second: float) -> float:
    return max((max(0.0, 1 - abs(second - moment) / 0.1) for moment in (1.1, 2.9)), default=0.0)


def main(target: str) -> None:
    """Draw every frame and pipe them into ffmpeg."""
    who, where = traits.person(_PERSON, "female", _PROMPT), traits.scene(_PERSON, _PROMPT)
    size = f"{SIZE[0]}x{SIZE[1]}"
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(RATE)]
    command += ["-i", "-", "-c:v", "libx264", "-preset", "veryslow", "-crf", "22", "-pix_fmt", "yuv420p"]
    command += ["-movflags", "+faststart", "-an", target]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:  # noqa: S603 - a fixed command
        for frame in range(SECONDS * RATE):
            second = frame / RATE
            sway = 1.3 * math.sin(2 * math.pi * second / SECONDS)
            image = portrait.draw(who, where, SIZE, blink=_blink(second), speak=_speech(second), sway=sway)
            if ffmpeg.stdin is not None:
                ffmpeg.stdin.write(image.tobytes())


if __name__ == "__main__":
    main(sys.argv[1])
