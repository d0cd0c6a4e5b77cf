"""Necks, shoulders and clothes."""

from __future__ import annotations

from itertools import pairwise

from .canvas import Canvas, Point, both_sides, darker, lighter, mix
from .traits import Colour, Person, Scene

_WHITE: Colour = (255, 255, 255)


def torso(who: Person) -> list[Point]:
    """The outline of shoulders and chest, reaching below the picture."""
    broad = 1.0 if who.gender == "male" else 0.88
    right = [
        (0.0, 1.62),
        (0.5, 1.66),
        (1.05 * broad, 1.93),
        (1.85 * broad, 2.2),
        (2.32 * broad, 2.62),
        (2.56 * broad, 3.4),
        (2.7 * broad, 4.6),
        (2.8 * broad, 6.4),
    ]
    return both_sides(right)


def draw_hood(canvas: Canvas, where: Scene) -> None:
    """What of the clothes lies behind the neck."""
    if where.outfit == "hoodie":
        outline = both_sides([(0, 0.98), (0.74, 1.06), (1.22, 1.5), (1.3, 2.1), (0.6, 2.4), (0, 2.4)])
        canvas.shaded(outline, darker(where.colour, 0.34), darker(where.colour, 0.2))


def draw_neck(canvas: Canvas, who: Person) -> None:
    """Neck and the top of the chest."""
    slim = 0.54 if who.gender == "male" else 0.44
    right = [(0, 0.7), (slim, 0.8), (slim, 1.4), (slim + 0.1, 1.72), (1.1, 2.06), (0.75, 2.75), (0, 3.1)]
    outline = both_sides(right)
    canvas.shaded(outline, darker(who.skin, 0.13), who.skin)
    shadow = both_sides([(0, 0.6), (0.85, 0.85), (0.6, 1.5), (0, 1.72)])
    canvas.soft(shadow, darker(who.skin, 0.5), 0.62, 0.13, inside=outline)
    for side in (-1, 1):
        bone = [(side * 0.14, 2.02), (side * 0.48, 1.98), (side * 0.84, 1.95)]
        canvas.stroke(bone, 0.035, darker(who.skin, 0.11))


def draw_clothes(canvas: Canvas, who: Person, where: Scene) -> None:
    """The outfit over the torso."""
    outline = torso(who)
    neckline = _NECKLINES[where.outfit]
    body = _cut(outline, neckline)
    canvas.shaded(body, lighter(where.colour, 0.1), darker(where.colour, 0.24))
    _folds(canvas, who, where, body)
    _DETAILS[where.outfit](canvas, where, who)


def _cut(outline: list[Point], neckline: list[Point]) -> list[Point]:
    """The torso with the neckline cut into its top; the neckline runs from right to left."""
    right = [point for point in outline if point[0] > 1.0]
    left = [point for point in outline if point[0] < -1.0]
    return [*neckline[::-1], *right, *left]


_ROUND: list[Point] = [(0.74, 1.77), (0.6, 2.12), (0.32, 2.34), (0, 2.4), (-0.32, 2.34), (-0.6, 2.12), (-0.74, 1.77)]
_CLOSE: list[Point] = [(0.6, 1.68), (0.5, 1.92), (0.28, 2.06), (0, 2.1), (-0.28, 2.06), (-0.5, 1.92), (-0.6, 1.68)]
_DEEP: list[Point] = [(0.64, 1.7), (0.5, 2.1), (0.24, 2.6), (0, 3.0), (-0.24, 2.6), (-0.5, 2.1), (-0.64, 1.7)]
_OPEN: list[Point] = [(0.6, 1.68), (0.42, 2.0), (0.2, 2.3), (0, 2.5), (-0.2, 2.3), (-0.42, 2.0), (-0.6, 1.68)]
_NECKLINES: dict[str, list[Point]] = {
    "blazer": _DEEP,
    "shirt": _OPEN,
    "crew-neck sweater": _CLOSE,
    "T-shirt": _ROUND,
    "turtleneck": _CLOSE,
    "hoodie": _CLOSE,
    "V-neck sweater": _DEEP,
}


def _folds(canvas: Canvas, who: Person, where: Scene, body: list[Point]) -> None:
    """Shade where arms meet the body, and light from the bright side on one shoulder."""
    broad = 1.0 if who.gender == "male" else 0.88
    dark = darker(where.colour, 0.45)
    for side in (-1, 1):
        seam = [(side * x * broad, y) for x, y in ((1.58, 2.95), (1.74, 3.6), (1.8, 6.3), (1.7, 6.3), (1.68, 4.2))]
        canvas.soft(seam, dark, 0.5, 0.07, inside=body)
    lit = [(-where.side * x * broad, y) for x, y in ((0.9, 1.9), (1.9, 2.2), (2.4, 2.9), (2.0, 3.0), (1.3, 2.4))]
    canvas.soft(lit, lighter(where.colour, 0.5), 0.5, 0.22, inside=body)
    far = [(where.side * x * broad, y) for x, y in ((2.2, 2.5), (2.9, 3.2), (3.0, 6.0), (2.3, 6.0))]
    canvas.soft(far, dark, 0.7, 0.3, inside=body)
    under = both_sides([(0, 1.5), (0.8, 1.7), (0.9, 2.1), (0, 2.75)])
    canvas.soft(under, dark, 0.35, 0.2, inside=body)


def _blazer(canvas: Canvas, where: Scene, who: Person) -> None:
    under = where.under if where.under != where.colour else _WHITE
    inner = both_sides([(0, 2.34), (0.26, 1.98), (0.56, 1.72), (0.72, 2.3), (0.52, 3.4), (0.2, 4.6), (0, 5.2)])
    canvas.shape(inner, under)
    canvas.soft(both_sides([(0, 2.2), (0.5, 2.0), (0.4, 2.6), (0, 2.9)]), darker(under, 0.4), 0.3, 0.15, inside=inner)
    canvas.stroke([(0, 2.46), (0.01, 3.4), (0, 5.0)], 0.03, darker(under, 0.16))
    if who.gender == "male" and where.smile > 0.8:
        tie = darker(mix(where.colour, (150, 40, 60), 0.5), 0.1)
        canvas.shape([(-0.13, 2.3), (0.13, 2.3), (0.09, 2.55), (-0.09, 2.55)], darker(tie, 0.2))
        canvas.shape([(-0.09, 2.55), (0.09, 2.55), (0.24, 4.4), (0, 4.8), (-0.24, 4.4)], tie)
    for side in (-1, 1):
        collar = [(0.57, 1.6), (0.7, 1.78), (0.34, 2.5), (0.04, 2.36), (0.3, 2.1)]
        canvas.shape([(side * x, y) for x, y in collar], lighter(under, 0.35))
        lapel = [
            (0.62, 1.66),
            (0.98, 2.06),
            (1.08, 2.6),
            (0.82, 2.66),
            (0.94, 2.86),
            (0.16, 4.7),
            (0.3, 3.5),
            (0.58, 2.5),
        ]
        canvas.shape([(side * x, y) for x, y in lapel], mix(darker(where.colour, 0.14), where.colour, 0.2))
        edge = [(side * 1.08, 2.6), (side * 0.82, 2.66), (side * 0.94, 2.86), (side * 0.16, 4.7)]
        for start, end in pairwise(edge):
            canvas.stroke([start, end], 0.03, darker(where.colour, 0.4))


def _shirt(canvas: Canvas, where: Scene, _who: Person) -> None:
    canvas.stroke([(0, 2.5), (0.01, 3.6), (0, 6.0)], 0.05, darker(where.colour, 0.24))
    for y in (2.95, 3.65, 4.35):
        canvas.oval(0.1, y, 0.05, 0.05, lighter(where.colour, 0.55))
    for side in (-1, 1):
        collar = [(0.5, 1.5), (0.68, 1.7), (0.9, 2.32), (0.52, 2.72), (0.02, 2.42), (0.34, 2.08)]
        canvas.shape([(side * x, y) for x, y in collar], lighter(where.colour, 0.2))
        canvas.stroke([(side * 0.9, 2.32), (side * 0.52, 2.72), (side * 0.02, 2.42)], 0.03, darker(where.colour, 0.26))


def _crew(canvas: Canvas, where: Scene, _who: Person) -> None:
    canvas.stroke(_CLOSE, 0.2, darker(where.colour, 0.12))
    canvas.stroke([(x * 1.16, y + 0.1) for x, y in _CLOSE], 0.03, darker(where.colour, 0.34))


def _tee(canvas: Canvas, where: Scene, _who: Person) -> None:
    canvas.stroke(_ROUND, 0.12, darker(where.colour, 0.13))
    for side in (-1, 1):
        canvas.stroke([(side * 1.72, 2.25), (side * 1.6, 2.8), (side * 1.62, 3.3)], 0.03, darker(where.colour, 0.24))


def _turtleneck(canvas: Canvas, where: Scene, who: Person) -> None:
    slim = 0.6 if who.gender == "male" else 0.5
    roll = both_sides([(0, 1.24), (slim, 1.14), (slim + 0.05, 1.5), (slim + 0.14, 1.9), (0.34, 2.14), (0, 2.18)])
    canvas.shaded(roll, darker(where.colour, 0.1), lighter(where.colour, 0.06))
    canvas.soft(
        both_sides([(0, 1.0), (0.6, 1.1), (0.4, 1.5), (0, 1.56)]), darker(where.colour, 0.6), 0.6, 0.1, inside=roll
    )
    for x in (-0.3, -0.1, 0.1, 0.3):
        canvas.stroke([(x, 1.4), (x * 1.1, 2.05)], 0.02, darker(where.colour, 0.22))


def _hoodie(canvas: Canvas, where: Scene, _who: Person) -> None:
    for side in (-1, 1):
        hood = [(0.6, 1.5), (1.12, 1.7), (1.16, 2.14), (0.5, 2.5), (0.04, 2.5), (0.4, 2.14)]
        canvas.blob([(side * x, y) for x, y in hood], lighter(where.colour, 0.07))
        canvas.stroke([(side * 0.1, 2.42), (side * 0.5, 2.06), (side * 0.62, 1.62)], 0.05, darker(where.colour, 0.3))
        canvas.stroke([(side * 0.26, 2.5), (side * 0.3, 3.0), (side * 0.25, 3.5)], 0.06, lighter(where.colour, 0.62))
        canvas.stroke([(side * 0.25, 3.46), (side * 0.25, 3.6)], 0.08, lighter(where.colour, 0.75))


def _vneck(canvas: Canvas, where: Scene, _who: Person) -> None:
    if where.tint < 0.55:
        inner = both_sides([(0, 2.46), (0.3, 2.1), (0.6, 1.7), (0.5, 2.15), (0.24, 2.62), (0, 3.02)])
        canvas.shape(inner, where.under)
        for side in (-1, 1):
            collar = [(0.54, 1.54), (0.72, 1.74), (0.62, 2.3), (0.06, 2.42), (0.34, 2.08)]
            canvas.shape([(side * x, y) for x, y in collar], lighter(where.under, 0.25))
            canvas.stroke([(side * 0.62, 2.3), (side * 0.06, 2.42)], 0.025, darker(where.under, 0.2))
    canvas.stroke(_DEEP[:4], 0.13, darker(where.colour, 0.15))
    canvas.stroke(_DEEP[3:], 0.13, darker(where.colour, 0.15))


_DETAILS = {
    "blazer": _blazer,
    "shirt": _shirt,
    "crew-neck sweater": _crew,
    "T-shirt": _tee,
    "turtleneck": _turtleneck,
    "hoodie": _hoodie,
    "V-neck sweater": _vneck,
}
