"""Choices that depend on an id alone, so that a picture can always be drawn again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """An endless row of choices from one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def number(self, name: str) -> float:
        """A number from 0 up to 1 for one named trait."""
        digest = hashlib.sha256(f"{self._text}|{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def between(self, name: str, low: float, high: float) -> float:
        """A number in a range."""
        return low + (high - low) * self.number(name)

    def choose(self, name: str, options: Sequence[T]) -> T:
        """One of several options."""
        return options[int(self.number(name) * len(options))]

    def chance(self, name: str, probability: float) -> bool:
        """True with the given probability."""
        return self.number(name) < probability


def uid_of(text: str) -> str:
    """A steady 32-hex id for a seeded thing."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
