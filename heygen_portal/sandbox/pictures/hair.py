"""Hair, behind the head and over it, and headscarves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .canvas import Canvas, Point, both_sides, darker, lighter, mix, smooth
from .dice import Dice
from .traits import Person, Scene

Spot = tuple[float, float, float]


def _lock(canvas: Canvas, who: Person, points: Sequence[Point], *, deep: float = 0.3) -> None:
    canvas.shaded(points, lighter(who.hair, 0.1), darker(who.hair, deep))


def _curls(canvas: Canvas, who: Person, spots: Sequence[Spot]) -> None:
    """Round locks of slightly different shades, lighter towards the top."""
    for number, (x, y, size) in enumerate(spots):
        shade = darker(who.hair, 0.2) if number % 3 else lighter(who.hair, 0.06)
        canvas.oval(x, y, size, size, mix(shade, lighter(who.hair, 0.16), max(0.0, min(1.0, 0.25 - y * 0.3))))


def _crown(dice: Dice, radius: float, arc: tuple[float, float], count: int, size: float) -> list[Spot]:
    """Spots along an arc around the head, from one angle to another (degrees, 0 is right, -90 is up)."""
    start, end = arc
    spots = []
    for number in range(count):
        angle = math.radians(start + (end - start) * number / (count - 1))
        reach = radius * dice.between(f"r{radius}{number}", 0.95, 1.05)
        spread = size * dice.between(f"s{radius}{number}", 0.8, 1.2)
        spots.append((reach * math.cos(angle), -0.35 + reach * math.sin(angle), spread))
    return spots


def draw_back(canvas: Canvas, who: Person) -> None:
    """What hangs behind the neck."""
    if who.headscarf:
        return
    dark = darker(who.hair, 0.25)
    if who.style == "long":
        _lock(
            canvas,
            who,
            both_sides([(0, -1.5), (0.95, -1.2), (1.3, -0.3), (1.36, 1.0), (1.42, 2.4), (1.0, 3.0), (0, 2.6)]),
        )
    elif who.style == "wavy":
        right = [
            (0, -1.5),
            (0.98, -1.22),
            (1.34, -0.4),
            (1.22, 0.3),
            (1.48, 0.9),
            (1.3, 1.5),
            (1.52, 2.1),
            (1.1, 2.6),
            (0, 2.2),
        ]
        _lock(canvas, who, both_sides(right))
    elif who.style == "bob":
        _lock(
            canvas,
            who,
            both_sides([(0, -1.5), (0.98, -1.2), (1.3, -0.3), (1.38, 0.7), (1.28, 1.34), (0.8, 1.42), (0, 1.2)]),
        )
    elif who.style == "bun":
        canvas.shaded(
            both_sides([(0, -2.15), (0.36, -2.06), (0.52, -1.7), (0.36, -1.36), (0, -1.3)]),
            lighter(who.hair, 0.08),
            dark,
        )
    elif who.style == "ponytail":
        tail = [(0.5, -1.3), (1.15, -1.0), (1.62, -0.1), (1.6, 1.1), (1.25, 2.0), (1.12, 1.1), (1.0, 0.0)]
        _lock(canvas, who, tail)
    elif who.style == "curly":
        dice = Dice(f"curly {who.width}")
        _lock(
            canvas, who, both_sides([(0, -1.6), (1.1, -1.3), (1.5, -0.3), (1.5, 0.8), (1.3, 1.6), (0.6, 1.7), (0, 1.5)])
        )
        _curls(canvas, who, _crown(dice, 1.5, (-205, 25), 26, 0.2))
        falls = [
            (1.52, 0.5),
            (1.44, 0.85),
            (1.5, 1.15),
            (1.36, 1.45),
            (1.2, 1.7),
            (1.3, 0.3),
            (1.18, 0.75),
            (1.2, 1.15),
        ]
        _curls(canvas, who, [(side * x, y, 0.22) for side in (-1, 1) for x, y in falls])
    elif who.style == "afro":
        canvas.oval(0, -0.5, 1.62, 1.56, darker(who.hair, 0.12))
        _curls(canvas, who, _crown(Dice(f"afro {who.width}"), 1.6, (-222, 42), 40, 0.15))


def draw_front(canvas: Canvas, who: Person, where: Scene) -> None:
    """What frames the face."""
    if who.headscarf:
        _scarf(canvas, where)
    elif who.gender == "female":
        _draw_long(canvas, who, where)
    else:
        _draw_short(canvas, who, where)


def _cap(hairline: Sequence[Point], *, lift: float = 0.0, side_to: float = 0.1, wide: float = 1.08) -> list[Point]:
    """The head's cover: around the crown from the right ear to the left, back along the hairline."""
    over = [
        (wide - 0.03, side_to),
        (wide + 0.03, -0.5),
        (0.86, -1.14 - lift * 0.7),
        (0.42, -1.44 - lift),
        (0, -1.52 - lift),
        (-0.42, -1.44 - lift),
        (-0.86, -1.14 - lift * 0.7),
        (-wide - 0.03, -0.5),
        (-wide + 0.03, side_to),
    ]
    return [*over, *hairline]


def _shine(canvas: Canvas, who: Person, where: Scene, outline: Sequence[Point]) -> None:
    """A band of light over the crown."""
    x = -where.side * 0.42
    band = [(x - 0.45, -1.0), (x - 0.1, -1.3), (x + 0.4, -1.36), (x + 0.3, -1.2), (x - 0.05, -1.12), (x - 0.34, -0.84)]
    canvas.soft(band, lighter(who.hair, 0.55), 0.5, 0.07, inside=outline)


def _draw_long(canvas: Canvas, who: Person, where: Scene) -> None:
    side = where.side if who.style != "bob" else 1
    part = 0.0 if who.style in ("long", "bun") else 0.34 * side
    low = {"long": 1.2, "wavy": 1.0, "bob": 1.1, "pixie": 0.1}.get(who.style, 0.05)
    left = [(-0.94, low * 0.7), (-0.92, 0.0), (-0.8, -0.42), (-0.42 + part * 0.5, -0.8)]
    right = [(0.42 + part * 0.5, -0.8), (0.8, -0.42), (0.92, 0.0), (0.94, low * 0.7)]
    if who.style == "pixie":
        left = [(-0.95, 0.0), (-0.86, -0.34), (-0.5, -0.44)]
        right = [(0.3, -0.72), (0.74, -0.56), (0.92, -0.2)]
    outline = _cap([*left, (part, -0.98), *right], side_to=low, wide=1.1 if low > 0.5 else 1.05)
    canvas.shaded(outline, lighter(who.hair, 0.12), darker(who.hair, 0.16))
    canvas.soft(
        [(part - 0.05, -1.5), (part + 0.05, -1.5), (part + 0.06, -0.98), (part - 0.06, -0.98)],
        darker(who.hair, 0.5),
        0.5,
        0.05,
        inside=outline,
    )
    _shine(canvas, who, where, outline)
    if who.style in ("curly", "afro"):
        dice, small = Dice(f"top {who.width}"), 0.2 if who.style == "curly" else 0.15
        for radius, count in ((1.34, 18), (1.14, 16), (0.96, 12)):
            _curls(canvas, who, _crown(dice, radius, (-178, -2), count, small))
    if who.style == "bob":
        fringe = [
            (-0.96, -0.1),
            (-1.0, -0.7),
            (-0.5, -1.3),
            (0.5, -1.3),
            (1.0, -0.7),
            (0.96, -0.1),
            (0.66, -0.36),
            (0.2, -0.42),
            (-0.3, -0.42),
            (-0.7, -0.34),
        ]
        canvas.shaded(fringe, lighter(who.hair, 0.06), darker(who.hair, 0.06))
        _shine(canvas, who, where, fringe)


def _draw_short(canvas: Canvas, who: Person, where: Scene) -> None:
    side = where.side
    if who.style == "bald":
        return
    square = [
        (-0.95, -0.1),
        (-0.84, -0.52),
        (-0.72, -0.82),
        (-0.3, -0.92),
        (0.3, -0.92),
        (0.72, -0.82),
        (0.84, -0.52),
        (0.95, -0.1),
    ]
    if who.style == "buzz":
        outline = _cap(square, lift=-0.14, side_to=0.0, wide=1.0)
        tone = mix(who.hair, who.skin, 0.3)
        canvas.shaded(outline, lighter(tone, 0.08), tone)
        return
    lift = {"quiff": 0.24, "swept": 0.12, "side part": 0.06}.get(who.style, 0.0)
    hairline = square
    if who.style in ("side part", "swept"):
        hairline = [
            (-0.95, -0.1),
            (-0.86, -0.5),
            (-0.5, -0.66),
            (0.1, -0.76),
            (0.62, -1.0),
            (0.84, -0.56),
            (0.95, -0.1),
        ]
        hairline = hairline if side > 0 else [(-x, y) for x, y in reversed(hairline)]
    outline = _cap(hairline, lift=lift, side_to=0.02, wide=1.02)
    canvas.shaded(outline, lighter(who.hair, 0.14), darker(who.hair, 0.2))
    if who.style == "quiff":
        front = [
            (-0.74, -0.8),
            (-0.86, -1.2),
            (-0.5, -1.66),
            (0.1, -1.82),
            (0.66, -1.6),
            (0.84, -1.14),
            (0.7, -0.82),
            (0.2, -0.98),
            (-0.34, -0.94),
        ]
        canvas.shaded([(x * side, y) for x, y in front], lighter(who.hair, 0.2), darker(who.hair, 0.05))
    if who.style == "curls":
        spots = _crown(Dice(f"curls {who.width}"), 1.14, (-172, -8), 17, 0.2)
        inner = _crown(Dice(f"fringe {who.width}"), 0.86, (-160, -20), 12, 0.19)
        _curls(canvas, who, [*spots, *inner])
    else:
        _shine(canvas, who, where, outline)


def _scarf(canvas: Canvas, where: Scene) -> None:
    """A headscarf that covers hair and neck and leaves the face free."""
    colour = where.under if where.under != where.colour else lighter(where.colour, 0.5)
    outer = [(0, -1.56), (0.78, -1.36), (1.22, -0.6), (1.2, 0.4), (1.06, 1.2), (1.42, 1.9), (1.24, 2.5), (0, 2.95)]
    inner = [(0, -0.88), (0.58, -0.76), (0.88, -0.26), (0.9, 0.36), (0.66, 1.0), (0.34, 1.28), (0, 1.36)]
    curve, face = smooth(outer, closed=False), smooth(inner, closed=False)
    for side in (-1, 1):
        canvas.shape([(side * x, y) for x, y in [*curve, *reversed(face)]], colour)
    whole = both_sides(outer)
    far = [(where.side * x, y) for x, y in ((0.96, -0.6), (1.3, -0.4), (1.5, 2.2), (0.9, 2.8), (1.0, 1.2), (1.0, 0.2))]
    canvas.soft(far, darker(colour, 0.5), 0.45, 0.14, inside=whole)
    light = [(-where.side * x, y) for x, y in ((0.3, -1.4), (0.9, -1.0), (1.1, -0.2), (0.98, -0.3), (0.7, -0.9))]
    canvas.soft(light, lighter(colour, 0.6), 0.5, 0.1, inside=whole)
    canvas.soft(both_sides([(0, 1.42), (0.4, 1.36), (0.3, 1.6), (0, 1.66)]), darker(colour, 0.5), 0.5, 0.08)
    s = where.side
    for drape in (
        ((-0.9, 1.0), (-0.5, 1.62), (0.2, 2.0), (0.9, 2.2)),
        ((-1.1, 1.5), (-0.6, 2.1), (0.1, 2.44), (0.7, 2.56)),
    ):
        canvas.stroke([(s * x, y) for x, y in drape], 0.035, darker(colour, 0.17))
    rim = [*face, *[(-x, y) for x, y in reversed(face)]]
    canvas.stroke(rim, 0.045, darker(colour, 0.14))
