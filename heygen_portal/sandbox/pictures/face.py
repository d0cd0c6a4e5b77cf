"""Heads and faces: simple, friendly, lit from one side."""

from __future__ import annotations

from .canvas import Canvas, Point, both_sides, darker, lighter, mix
from .traits import Colour, Person, Scene

_LIP: Colour = (186, 84, 84)


def outline(who: Person) -> list[Point]:
    """The outline of the head without ears."""
    w, j = who.width, who.jaw
    right = [
        (0, -1.3),
        (0.56 * w, -1.2),
        (0.9 * w, -0.76),
        (0.98 * w, -0.1),
        (0.93 * w, 0.42),
        (0.82 * j, 0.92),
        (0.44 * j, 1.26),
        (0, 1.38),
    ]
    return both_sides(right)


def draw_head(canvas: Canvas, who: Person, where: Scene) -> None:
    """Ears, face and the light on it."""
    for side in (-1, 1):
        x = side * 0.98 * who.width
        canvas.oval(x, 0.16, 0.17, 0.28, darker(who.skin, 0.06 if side != where.side else 0.16))
        canvas.oval(x + side * 0.01, 0.17, 0.09, 0.17, darker(who.skin, 0.22))
    head = outline(who)
    canvas.shaded(head, lighter(who.skin, 0.06), darker(who.skin, 0.05))
    far = [
        (where.side * x, y) for x, y in ((0.62, -1.3), (1.2, -0.8), (1.2, 0.8), (0.5, 1.5), (0.72, 0.6), (0.8, -0.4))
    ]
    canvas.soft(far, darker(who.skin, 0.42), 0.5, 0.17, inside=head)
    near = [
        (-where.side * x, y) for x, y in ((0.15, -1.0), (0.6, -0.8), (0.72, -0.1), (0.6, 0.5), (0.42, 0.1), (0.2, -0.5))
    ]
    canvas.soft(near, lighter(who.skin, 0.6), 0.4, 0.18, inside=head)
    blush = mix(who.skin, (216, 82, 84), 0.55)
    for side in (-1, 1):
        cheek = both_sides([(0, 0.3), (0.16, 0.36), (0.2, 0.48), (0.12, 0.6), (0, 0.62)])
        canvas.soft([(x + side * 0.58, y + 0.02) for x, y in cheek], blush, 0.4, 0.12, inside=head)


def draw_features(canvas: Canvas, who: Person, where: Scene, *, blink: float = 0.0, speak: float = 0.0) -> None:
    """Beard, mouth, nose, eyes, brows and glasses. ``blink`` and ``speak`` (0 to 1) animate the clip."""
    if who.beard:
        _beard(canvas, who)
    _mouth(canvas, who, where, speak)
    _nose(canvas, who, where)
    for side in (-1, 1):
        _eye(canvas, who, side, blink)
        _brow(canvas, who, side)
    if who.freckles:
        for x, y in (
            (-0.5, 0.36),
            (-0.38, 0.44),
            (-0.6, 0.46),
            (0.5, 0.37),
            (0.4, 0.46),
            (0.62, 0.45),
            (-0.1, 0.3),
            (0.13, 0.33),
        ):
            canvas.oval(x, y, 0.025, 0.022, darker(who.skin, 0.22))
    if who.older:
        for side in (-1, 1):
            canvas.stroke([(side * 0.3, 0.52), (side * 0.42, 0.66), (side * 0.46, 0.82)], 0.022, darker(who.skin, 0.17))
            canvas.stroke([(side * 0.64, 0.06), (side * 0.74, 0.12)], 0.02, darker(who.skin, 0.14))
    if who.glasses:
        _glasses(canvas, where)
    if where.earrings and who.gender == "female" and not who.headscarf:
        for side in (-1, 1):
            canvas.oval(side * 1.0 * who.width, 0.5, 0.065, 0.065, (232, 196, 112))


def _eye(canvas: Canvas, who: Person, side: int, blink: float) -> None:
    x, y, big = side * 0.41, 0.02, who.eyes
    dark = darker(mix(who.hair, (40, 28, 28), 0.65), 0.2)
    wide, tall = 0.185 * big, 0.125 * big * (1 - blink)
    socket = both_sides([(0, -0.17), (0.2, -0.12), (0.25, 0), (0.16, 0.1), (0, 0.12)])
    canvas.soft([(x + a, y + b - 0.05) for a, b in socket], darker(who.skin, 0.4), 0.3, 0.06)
    if blink < 0.75:
        white = [
            (x - wide, y + 0.02),
            (x - wide * 0.5, y - tall),
            (x + wide * 0.4, y - tall),
            (x + wide, y),
            (x + wide * 0.45, y + tall * 0.8),
            (x - wide * 0.5, y + tall * 0.8),
        ]
        canvas.blob(white, (250, 248, 246))
        canvas.oval(x, y - 0.01, 0.108 * big, min(0.108 * big, tall), who.iris)
        canvas.oval(x, y - 0.01, 0.056 * big, min(0.056 * big, tall), (22, 16, 18))
        canvas.oval(x - 0.035, y - 0.05, 0.03, 0.03, (255, 255, 255))
    lid = y - tall * 0.86
    canvas.stroke(
        [
            (x - wide * 1.06, y + 0.01),
            (x - wide * 0.45, lid - 0.012),
            (x + wide * 0.4, lid - 0.012),
            (x + wide * 1.06, y - 0.01),
        ],
        0.05 if who.gender == "female" else 0.038,
        dark,
    )
    if who.gender == "female":
        canvas.stroke([(x + side * wide * 0.9, y - 0.03), (x + side * wide * 1.3, y - 0.08)], 0.035, dark)
    canvas.stroke(
        [(x - wide * 0.9, lid - 0.075), (x, lid - 0.1), (x + wide * 0.9, lid - 0.075)], 0.018, darker(who.skin, 0.24)
    )


def _brow(canvas: Canvas, who: Person, side: int) -> None:
    thick = 0.085 if who.gender == "male" else 0.06
    lift = -0.03 * who.brows
    colour = darker(mix(who.hair, (60, 44, 40), 0.35), 0.12)
    inner, middle, outer = (side * 0.2, -0.27 - lift), (side * 0.42, -0.35 + lift), (side * 0.64, -0.25 + lift)
    canvas.stroke([inner, middle, outer], thick, colour)


def _nose(canvas: Canvas, who: Person, where: Scene) -> None:
    shade = darker(who.skin, 0.3)
    s = where.side
    canvas.soft(
        [(s * 0.04, -0.06), (s * 0.13, 0.2), (s * 0.17, 0.44), (s * 0.05, 0.46), (s * 0.02, 0.2)], shade, 0.5, 0.045
    )
    canvas.soft(
        [(-s * 0.02, 0.0), (-s * 0.05, 0.36), (s * 0.02, 0.36), (s * 0.02, 0.0)], lighter(who.skin, 0.6), 0.4, 0.03
    )
    canvas.stroke(
        [(-0.13, 0.47), (-0.06, 0.525), (0.0, 0.535), (0.06, 0.525), (0.13, 0.47)], 0.036, darker(who.skin, 0.27)
    )


def _mouth(canvas: Canvas, who: Person, where: Scene, speak: float) -> None:
    lip = mix(who.skin, _LIP, 0.62 if who.gender == "female" else 0.36)
    lip = darker(lip, 0.06)
    half, y, smile = 0.3 + 0.06 * where.smile, 0.82, 0.07 * where.smile
    if where.smile > 0.78 or speak > 0.05:
        drop = 0.15 + 0.14 * speak
        mouth = [
            (-half, y - smile),
            (-half * 0.5, y - 0.01),
            (0, y + 0.01),
            (half * 0.5, y - 0.01),
            (half, y - smile),
            (half * 0.55, y + drop * 0.8),
            (0, y + drop),
            (-half * 0.55, y + drop * 0.8),
        ]
        canvas.blob([(x * 1.12, (b - y) * 1.3 + y) for x, b in mouth], lip)
        canvas.blob(mouth, (112, 40, 46))
        teeth = [
            (-half * 0.9, y - smile * 0.7),
            (-half * 0.45, y + 0.0),
            (0, y + 0.015),
            (half * 0.45, y),
            (half * 0.9, y - smile * 0.7),
            (half * 0.5, y + 0.075),
            (0, y + 0.09),
            (-half * 0.5, y + 0.075),
        ]
        canvas.blob(teeth, (250, 248, 244))
    else:
        upper = [
            (-half, y - smile),
            (-0.1, y - 0.05),
            (0, y - 0.03),
            (0.1, y - 0.05),
            (half, y - smile),
            (0.1, y + 0.035),
            (-0.1, y + 0.035),
        ]
        canvas.blob(upper, lip)
        canvas.blob(
            [(-half * 0.7, y), (0, y + 0.03), (half * 0.7, y), (0.14, y + 0.125), (-0.14, y + 0.125)],
            lighter(lip, 0.12),
        )
        canvas.stroke(
            [(-half, y - smile), (-half * 0.4, y + 0.015), (half * 0.4, y + 0.015), (half, y - smile)],
            0.03,
            darker(lip, 0.42),
        )
    canvas.soft([(-0.16, 1.02), (0.16, 1.02), (0.1, 1.08), (-0.1, 1.08)], darker(who.skin, 0.4), 0.35, 0.04)


def _beard(canvas: Canvas, who: Person) -> None:
    w, j = who.width, who.jaw
    tone = darker(who.hair, 0.05)
    low = 1.5 if who.beard == "full" else 1.4
    outer = [(0.95 * w, 0.1), (0.94 * w, 0.5), (0.86 * j, 0.98), (0.5 * j, low - 0.1), (0, low)]
    inner = [(0, 1.04), (0.3, 0.98), (0.44, 0.78), (0.3, 0.64), (0.5, 0.58), (0.74 * w, 0.54), (0.86 * w, 0.1)]
    half = [*outer, *inner]
    if who.beard == "stubble":
        head = outline(who)
        for side in (-1, 1):
            canvas.soft([(side * x, y) for x, y in half], mix(tone, who.skin, 0.3), 0.42, 0.06, inside=head)
        canvas.soft(
            [(-0.34, 0.6), (0.34, 0.6), (0.36, 0.74), (-0.36, 0.74)], mix(tone, who.skin, 0.3), 0.4, 0.04, inside=head
        )
        return
    for side in (-1, 1):
        canvas.shaded([(side * x, y) for x, y in half], mix(tone, who.skin, 0.12), darker(tone, 0.1))
        canvas.blob(
            [(side * x, y) for x, y in ((0, 0.63), (0.2, 0.6), (0.42, 0.74), (0.5, 0.98), (0.34, 0.82), (0, 0.75))],
            tone,
        )
    canvas.shape([(-0.1, 1.06), (0.1, 1.06), (0.08, 1.2), (-0.08, 1.2)], tone)


def _glasses(canvas: Canvas, where: Scene) -> None:
    frame: Colour = (46, 40, 44) if where.tint < 0.7 else (126, 84, 52)
    for side in (-1, 1):
        x = side * 0.42
        rim = [
            (x - 0.29, -0.12),
            (x, -0.2),
            (x + 0.29, -0.12),
            (x + 0.27, 0.16),
            (x, 0.25),
            (x - 0.27, 0.16),
            (x - 0.29, -0.12),
            (x, -0.2),
        ]
        canvas.soft([(x - 0.2, -0.12), (x + 0.1, -0.15), (x - 0.05, 0.05), (x - 0.22, 0.1)], (255, 255, 255), 0.3, 0.04)
        canvas.stroke(rim, 0.042, frame)
        canvas.stroke([(x + side * 0.29, -0.1), (side * 0.98, -0.06)], 0.04, frame)
    canvas.stroke([(-0.14, -0.02), (0, -0.07), (0.14, -0.02)], 0.04, frame)
