"""A small drawing board: smooth shapes in head units, soft shadows, everything at twice the final size.

One unit is half the width of a head; (0, 0) is between the eyes, y points down. Head parts follow the head's tilt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .traits import Colour

Point = tuple[float, float]
OVERSAMPLE = 2
_SOFT = 4


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: share 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float) -> Colour:
    """Towards white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float) -> Colour:
    """Towards a deep, slightly violet shade, which looks less dull than black."""
    return mix(colour, (30, 18, 34), share)


def ring(x: float, y: float, rx: float, ry: float, count: int = 36) -> list[Point]:
    """The outline of an ellipse."""
    steps = (2 * math.pi * number / count for number in range(count))
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in steps]


def both_sides(right: Sequence[Point]) -> list[Point]:
    """A closed symmetrical outline from its right half, top to bottom."""
    return [*right, *[(-x, y) for x, y in reversed(right) if abs(x) > 1e-6]]


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 6) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    found: list[Point] = []
    for number in range(count if closed else count - 1):
        around = [
            points[(number + offset) % count] if closed else points[min(max(number + offset, 0), count - 1)]
            for offset in (-1, 0, 1, 2)
        ]
        found += [_between(around, step / steps) for step in range(steps)]
    return found if closed else [*found, points[-1]]


def _between(around: list[Point], t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = around
    a, b, c, d = -t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2
    return (a * x0 + b * x1 + c * x2 + d * x3) / 2, (a * y0 + b * y1 + c * y2 + d * y3) / 2


class Canvas:
    """The picture being drawn."""

    def __init__(self, image: Image.Image, unit: float, centre: Point) -> None:
        self.image = image
        self.unit = unit
        self.centre = centre
        self._draw = ImageDraw.Draw(image)
        self._sine, self._cosine = 0.0, 1.0

    @contextmanager
    def tilted(self, degrees: float) -> Iterator[None]:
        """Draw turned around a point at the base of the neck."""
        self._sine, self._cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        yield
        self._sine, self._cosine = 0.0, 1.0

    def pixels(self, points: Sequence[Point]) -> list[Point]:
        """Head units to pixels."""
        pivot = 1.6
        turned = (
            (x * self._cosine - (y - pivot) * self._sine, x * self._sine + (y - pivot) * self._cosine + pivot)
            for x, y in points
        )
        return [(self.centre[0] + x * self.unit, self.centre[1] + y * self.unit) for x, y in turned]

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled outline with straight edges."""
        self._draw.polygon(self.pixels(points), fill)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled smooth outline."""
        self.shape(smooth(points), fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """A filled ellipse."""
        self.shape(ring(x, y, rx, ry), fill)

    def stroke(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A smooth line with round ends; width in head units."""
        line = self.pixels(smooth(points, closed=False))
        thick = max(1, round(width * self.unit))
        self._draw.line(line, fill, thick, joint="curve")
        for x, y in (line[0], line[-1]):
            half = thick / 2
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill)

    def _box(self, pixels: Sequence[Point], margin: float) -> tuple[int, int, int, int] | None:
        xs, ys = [x for x, _y in pixels], [y for _x, y in pixels]
        left, top = max(0, int(min(xs) - margin)), max(0, int(min(ys) - margin))
        right = min(self.image.width, int(max(xs) + margin) + 1)
        bottom = min(self.image.height, int(max(ys) + margin) + 1)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def _mask(self, pixels: Sequence[Point], box: tuple[int, int, int, int]) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in pixels], 255)
        return mask

    def shaded(self, points: Sequence[Point], top: Colour, bottom: Colour) -> None:
        """A smooth outline filled from one colour down to another."""
        pixels = self.pixels(smooth(points))
        box = self._box(pixels, 0)
        if box is None:
            return
        width, height = box[2] - box[0], box[3] - box[1]
        slope = Image.new("RGB", (1, 48))
        slope.putdata([mix(top, bottom, row / 47) for row in range(48)])
        # Stretched down smoothly, then sideways by copying, which is several times as fast as both at once.
        fill = slope.resize((1, height), Image.Resampling.BILINEAR).resize((width, height), Image.Resampling.NEAREST)
        self.image.paste(fill, box[:2], self._mask(pixels, box))

    def soft(
        self,
        points: Sequence[Point],
        colour: Colour,
        strength: float,
        blur: float,
        *,
        inside: Sequence[Point] | None = None,
    ) -> None:
        """A blurred patch of colour, kept within another outline if one is given; blur in head units."""
        pixels = self.pixels(smooth(points))
        radius = blur * self.unit
        box = self._box(pixels, radius * 2)
        if box is None:
            return
        width, height = box[2] - box[0], box[3] - box[1]
        small = Image.new("L", (width // _SOFT + 1, height // _SOFT + 1))
        spots = [((x - box[0]) / _SOFT, (y - box[1]) / _SOFT) for x, y in pixels]
        ImageDraw.Draw(small).polygon(spots, round(255 * strength))
        mask = small.filter(ImageFilter.GaussianBlur(radius / _SOFT)).resize((width, height), Image.Resampling.BILINEAR)
        if inside is not None:
            mask = ImageChops.multiply(mask, self._mask(self.pixels(smooth(inside)), box))
        self.image.paste(colour, box, mask)
