"""A few dozen drawn portraits for demonstrations: no photo of anybody, and no file to ship."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFilter

from avatars.library.thumbnails import store_thumbnail

_SKINS = ("#f1d3bd", "#e0b08f", "#c68863", "#9c6444", "#6f452e", "#f6dfcc")
_HAIRS = ("#2b1d16", "#4a3020", "#7a5230", "#b98b4f", "#d8c08a", "#8a8a8a", "#1a1a1f")
_CLOTHES = ("#23395b", "#7a2e39", "#2f5d50", "#3b3b45", "#b5893c", "#5b4a7d", "#d9d4c9", "#1f6f8b")
_BACKDROPS = ("#cfd8dc", "#e8ddd0", "#c9d6c5", "#d6cfe0", "#b9c7d6", "#f0e4d7", "#8fa3ad")
_SIZES = ((480, 480), (480, 270), (270, 480), (480, 360))


def store_pictures(count: int) -> list[str]:
    """Draw that many portraits and keep them as thumbnails; their names. The same ones each time, newly named."""
    return [store_thumbnail(_portrait(random.Random(number))) for number in range(count)]  # noqa: S311


def _portrait(dice: random.Random) -> bytes:
    width, height = dice.choice(_SIZES)
    picture = Image.new("RGB", (width, height), dice.choice(_BACKDROPS))
    shade = Image.linear_gradient("L").resize((width, height)).point(lambda level: level // 3)
    picture = Image.composite(Image.new("RGB", (width, height), "#263238"), picture, shade)
    draw = ImageDraw.Draw(picture)
    unit = min(width, height)
    middle, top = width / 2 + dice.uniform(-0.06, 0.06) * unit, height / 2 - 0.2 * unit
    _shoulders(draw, middle, height, unit, dice)
    _head(draw, middle, top, unit, dice)
    out = io.BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(out, "PNG")
    return out.getvalue()


def _shoulders(draw: ImageDraw.ImageDraw, middle: float, height: int, unit: int, dice: random.Random) -> None:
    half = unit * dice.uniform(0.33, 0.4)
    draw.ellipse((middle - half, height - unit * 0.3, middle + half, height + unit * 0.5), dice.choice(_CLOTHES))


def _head(draw: ImageDraw.ImageDraw, middle: float, top: float, unit: int, dice: random.Random) -> None:
    skin, hair = dice.choice(_SKINS), dice.choice(_HAIRS)
    half, tall = unit * 0.15, unit * 0.42
    if dice.random() < 0.5:
        draw.ellipse((middle - half * 1.35, top - unit * 0.05, middle + half * 1.35, top + tall * 1.15), hair)
    draw.rectangle((middle - half * 0.4, top + tall * 0.8, middle + half * 0.4, top + tall * 1.15), skin)
    draw.ellipse((middle - half, top, middle + half, top + tall), skin)
    draw.pieslice((middle - half * 1.1, top - unit * 0.05, middle + half * 1.1, top + tall * 0.75), 180, 360, hair)
    draw.ellipse((middle - half * 0.85, top + tall * 0.2, middle + half * 0.85, top + tall * 0.9), skin)
    for side in (-1, 1):
        eye = middle + side * half * 0.42
        draw.ellipse((eye - unit * 0.013, top + tall * 0.44, eye + unit * 0.013, top + tall * 0.5), "#22252a")
    draw.arc((middle - half * 0.4, top + tall * 0.55, middle + half * 0.4, top + tall * 0.78), 30, 150, "#8c3b3b", 3)
