"""Rooms behind the person: drawn small and out of focus, as a lens would show them."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .canvas import darker, lighter, mix
from .dice import Dice
from .traits import Colour, Scene

_SCALE = 4
_TINTS: tuple[Colour, ...] = (
    (196, 208, 222),
    (222, 206, 190),
    (190, 210, 202),
    (214, 200, 216),
    (228, 214, 176),
    (178, 196, 214),
    (226, 192, 182),
    (200, 204, 208),
)
_BOLD: tuple[Colour, ...] = (
    (242, 178, 130),
    (126, 178, 178),
    (148, 166, 220),
    (236, 202, 112),
    (226, 146, 146),
    (150, 190, 150),
    (180, 156, 206),
    (118, 160, 204),
)

_Painter = Callable[[Image.Image, Dice], float]


def _slope(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    column = Image.new("RGB", (1, 24))
    column.putdata([mix(top, bottom, row / 23) for row in range(24)])
    return column.resize(size, Image.Resampling.BICUBIC)


def _glow(image: Image.Image, place: tuple[float, float], radius: float, colour: Colour, strength: float) -> None:
    """Light around a point; place and radius in shares of the picture."""
    x, y = place
    side = max(2, int(radius * max(image.size) * 2))
    light = ImageChops.invert(Image.radial_gradient("L")).resize((side, side), Image.Resampling.BILINEAR)
    mask = light.point([max(0, min(255, int((value - 74) * 1.4 * strength))) for value in range(256)])
    image.paste(colour, (int(x * image.width - side / 2), int(y * image.height - side / 2)), mask)


def _studio(image: Image.Image, dice: Dice) -> float:
    tint = dice.choose("tint", _TINTS)
    tint = darker(tint, 0.62) if dice.chance("dark", 0.35) else tint
    image.paste(_slope(image.size, darker(tint, 0.12), darker(tint, 0.3)))
    _glow(image, (0.5 + dice.between("x", -0.12, 0.12), 0.36), 0.62, lighter(tint, 0.42), 1.0)
    return 3.0


def _office(image: Image.Image, dice: Dice) -> float:
    wide, high = image.size
    wall = dice.choose("tint", _TINTS[:4])
    image.paste(_slope(image.size, lighter(wall, 0.35), darker(wall, 0.16)))
    draw = ImageDraw.Draw(image)
    left = int(wide * dice.choose("left", (-0.08, 0.5)))
    pane, tall = int(wide * 0.28), int(high * 0.56)
    for column in range(2):
        x = left + column * (pane + wide // 40)
        draw.rectangle((x, high // 14, x + pane, high // 14 + tall), fill=(244, 249, 252))
        draw.rectangle((x, high // 14 + tall // 2, x + pane, high // 14 + tall), fill=(206, 226, 236))
    other = int(wide * (0.78 if left < 0 else 0.16))
    for number in range(7):
        lean = (number - 3) * wide // 22
        leaf = mix((58, 112, 84), (112, 156, 108), dice.number(f"leaf{number}"))
        top = int(high * (0.42 + abs(number - 3) * 0.045))
        draw.polygon(
            ((other, int(high * 0.84)), (other + lean - wide // 30, top), (other + lean + wide // 30, top)), leaf
        )
    draw.rectangle((other - wide // 14, int(high * 0.8), other + wide // 14, high), fill=(196, 130, 96))
    draw.rectangle((0, int(high * 0.9), wide, high), fill=(150, 116, 88))
    return 4.2


def _library(image: Image.Image, dice: Dice) -> float:
    wide, high = image.size
    image.paste(_slope(image.size, (122, 84, 62), (84, 56, 44)))
    draw = ImageDraw.Draw(image)
    shelf = max(8, max(wide, high) // 6)
    books: tuple[Colour, ...] = (
        (176, 74, 62),
        (214, 168, 92),
        (70, 106, 126),
        (96, 126, 98),
        (226, 210, 184),
        (124, 78, 98),
        (186, 120, 74),
    )
    for row in range(high // shelf + 1):
        x, number = 0, 0
        while x < wide:
            broad = int(shelf * dice.between(f"w{row}/{number}", 0.12, 0.26)) + 1
            tall = int(shelf * dice.between(f"h{row}/{number}", 0.58, 0.84))
            bottom = (row + 1) * shelf - shelf // 10
            if not dice.chance(f"gap{row}/{number}", 0.12):
                draw.rectangle((x, bottom - tall, x + broad - 1, bottom), fill=dice.choose(f"b{row}/{number}", books))
            x, number = x + broad, number + 1
        draw.rectangle((0, (row + 1) * shelf - shelf // 10, wide, (row + 1) * shelf), fill=(104, 70, 50))
    _glow(image, (dice.choose("x", (0.1, 0.9)), 0.12), 0.5, (255, 222, 160), 0.75)
    return 3.6


def _garden(image: Image.Image, dice: Dice) -> float:
    image.paste(_slope(image.size, (206, 226, 190), (74, 116, 78)))
    draw = ImageDraw.Draw(image)
    wide, high = image.size
    for number in range(46):
        x, y = dice.number(f"x{number}") * wide, (0.1 + 0.9 * dice.number(f"y{number}")) * high
        size = dice.between(f"s{number}", 0.03, 0.12) * max(image.size)
        green = mix((64, 110, 72), (176, 204, 128), dice.number(f"c{number}"))
        draw.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=green)
    for number in range(16):
        _glow(
            image,
            (dice.number(f"gx{number}"), dice.number(f"gy{number}") * 0.8),
            dice.between(f"gr{number}", 0.025, 0.07),
            (250, 246, 204),
            0.7,
        )
    _glow(image, (dice.choose("sun", (0.08, 0.92)), 0.06), 0.55, (255, 244, 206), 0.95)
    return 3.4


def _window(image: Image.Image, dice: Dice) -> float:
    wide, high = image.size
    wall = dice.choose("tint", ((226, 206, 186), (206, 212, 208), (220, 208, 214)))
    image.paste(_slope(image.size, lighter(wall, 0.1), darker(wall, 0.18)))
    draw = ImageDraw.Draw(image)
    left = dice.choose("left", (0.04, 0.5))
    box = (int(wide * left), int(high * 0.04), int(wide * (left + 0.46)), int(high * 0.74))
    draw.rectangle(box, fill=(222, 238, 246))
    draw.rectangle((box[0], int(high * 0.46), box[2], box[3]), fill=(174, 204, 170))
    bar = max(2, wide // 60)
    middle = (box[0] + box[2]) // 2
    draw.rectangle((middle - bar // 2, box[1], middle + bar // 2, box[3]), fill=(250, 248, 244))
    draw.rectangle((box[0] - bar, int(high * 0.38), box[2] + bar, int(high * 0.38) + bar), fill=(250, 248, 244))
    for edge in (box[0] - wide // 16, box[2] - wide // 26):
        draw.rectangle((edge, 0, edge + wide // 9, int(high * 0.86)), fill=lighter(wall, 0.55))
        draw.rectangle((edge + wide // 22, 0, edge + wide // 15, int(high * 0.86)), fill=lighter(wall, 0.3))
    _glow(image, (left + 0.23, 0.3), 0.6, (255, 252, 236), 0.6)
    return 3.2


def _loft(image: Image.Image, dice: Dice) -> float:
    wide, high = image.size
    brick = dice.choose("brick", ((176, 110, 88), (150, 132, 122), (196, 178, 164)))
    image.paste(darker(brick, 0.2), (0, 0, wide, high))
    draw = ImageDraw.Draw(image)
    tall = max(5, max(wide, high) // 26)
    for row in range(high // tall + 1):
        for column in range(-1, wide // (tall * 2) + 2):
            x = column * tall * 2.4 + (row % 2) * tall * 1.2
            shade = mix(darker(brick, 0.12), lighter(brick, 0.14), dice.number(f"{row}/{column}"))
            draw.rectangle((x, row * tall, x + tall * 2.4 - 2, row * tall + tall - 2), fill=shade)
    for x in (0.12, 0.88):
        draw.line((int(x * wide), 0, int(x * wide), int(high * 0.16)), fill=(50, 44, 44), width=max(1, wide // 120))
        _glow(image, (x, 0.19), 0.34, (255, 214, 140), 0.9)
        _glow(image, (x, 0.19), 0.07, (255, 250, 226), 1.0)
    return 2.4


def _colour_wall(image: Image.Image, dice: Dice) -> float:
    bold = dice.choose("bold", _BOLD)
    image.paste(_slope(image.size, lighter(bold, 0.12), darker(bold, 0.1)))
    wide, high = image.size
    radius = min(wide, high) * 0.46
    x, y = wide / 2, high * 0.44
    ImageDraw.Draw(image).ellipse((x - radius, y - radius, x + radius, y + radius), fill=lighter(bold, 0.34))
    return 0.7


def _evening_city(image: Image.Image, dice: Dice) -> float:
    image.paste(_slope(image.size, (36, 44, 84), (92, 64, 98)))
    draw = ImageDraw.Draw(image)
    wide, high = image.size
    for number in range(9):
        x = wide * (number / 9) + dice.between(f"bx{number}", -0.02, 0.02) * wide
        top = high * dice.between(f"bt{number}", 0.2, 0.6)
        draw.rectangle((x, top, x + wide / 8, high), fill=mix((32, 36, 66), (58, 52, 88), dice.number(f"bc{number}")))
    lights: tuple[Colour, ...] = ((255, 206, 128), (255, 168, 112), (255, 232, 186), (240, 140, 160), (150, 190, 255))
    for number in range(40):
        size = dice.between(f"s{number}", 0.008, 0.03) * max(wide, high)
        x, y = dice.number(f"x{number}") * wide, high * (0.25 + 0.75 * dice.number(f"y{number}"))
        colour = mix(dice.choose(f"c{number}", lights), (70, 60, 100), dice.between(f"d{number}", 0.05, 0.5))
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)
    return 2.2


_PAINTERS: dict[str, _Painter] = {
    "studio": _studio,
    "office": _office,
    "library": _library,
    "garden": _garden,
    "window": _window,
    "loft": _loft,
    "colour wall": _colour_wall,
    "evening city": _evening_city,
}


def paint(where: Scene, size: tuple[int, int]) -> Image.Image:
    """The room of a scene, blurred, at full drawing size."""
    small = Image.new("RGB", (size[0] // _SCALE, size[1] // _SCALE))
    blur = _PAINTERS[where.backdrop](small, Dice(f"backdrop {where.tint}"))
    soft = small.filter(ImageFilter.GaussianBlur(blur * max(small.size) / 360))
    shade = Image.radial_gradient("L").resize(soft.size).point([max(0, (value - 110) // 2) for value in range(256)])
    soft.paste((24, 18, 32), mask=shade)
    return soft.resize(size, Image.Resampling.BILINEAR)
