"""One bust portrait, from the backdrop to the light on the hair."""

from __future__ import annotations

from PIL import Image

from . import backdrops, face, hair, wardrobe
from .canvas import OVERSAMPLE, Canvas
from .traits import Person, Scene

# Part of the file name of a kept picture: raise it when the drawing changes.
VERSION = 3


def draw(
    who: Person, where: Scene, size: tuple[int, int], *, blink: float = 0.0, speak: float = 0.0, sway: float = 0.0
) -> Image.Image:
    """A portrait of ``size`` pixels; the last three (-1 to 1) move the person from frame to frame of a clip."""
    full = (size[0] * OVERSAMPLE, size[1] * OVERSAMPLE)
    wide = full[0] > full[1] * 1.2
    unit = full[1] * 0.165 if wide else min(full[1] * 0.142, full[0] * 0.19)
    beside = where.side * 0.08 * full[0] if wide else 0.0
    canvas = Canvas(backdrops.paint(where, full), unit, (full[0] / 2 + beside, full[1] * 0.43))
    tilt = where.tilt + sway
    with canvas.tilted(tilt):
        hair.draw_back(canvas, who)
    wardrobe.draw_hood(canvas, where)
    wardrobe.draw_neck(canvas, who)
    wardrobe.draw_clothes(canvas, who, where)
    with canvas.tilted(tilt):
        face.draw_head(canvas, who, where)
        face.draw_features(canvas, who, where, blink=blink, speak=speak)
        hair.draw_front(canvas, who, where)
    return canvas.image.reduce(OVERSAMPLE)
