"""Two clocks: the calendar, and the scaled clock on which avatars train.

``now()`` is real time plus whatever tests advanced; consent links, preview links and idempotency keys age on it.
``life()`` runs ``scale`` times as fast, so that training can be watched or skipped. Both are computed from one stored
anchor, so they go on across a restart, and no thread has to tick.
"""

from __future__ import annotations

import time

from . import store

_KEY = "clock"


def _anchor() -> dict[str, float]:
    anchor = store.get(_KEY)
    if anchor is None:
        moment = time.time()
        anchor = {"real": moment, "life": moment, "scale": 1.0, "advanced": 0.0}
        store.put(_KEY, anchor)
    return anchor


def now() -> float:
    """Calendar time in Unix seconds, advances included."""
    return time.time() + _anchor()["advanced"]


def life() -> float:
    """Seconds on the training clock."""
    anchor = _anchor()
    return anchor["life"] + (time.time() - anchor["real"]) * anchor["scale"]


def scale() -> float:
    """How many times faster than real time avatars train."""
    return _anchor()["scale"]


def set_scale(value: float) -> None:
    """Change the speed from now on; what has passed stays passed."""
    anchor = _anchor()
    store.put(_KEY, anchor | {"real": time.time(), "life": life(), "scale": float(value)})


def advance(seconds: float) -> None:
    """Let ``seconds`` pass at once, on both clocks."""
    anchor = _anchor()
    store.put(_KEY, anchor | {"life": anchor["life"] + seconds, "advanced": anchor["advanced"] + seconds})


def describe() -> dict[str, float]:
    """The clock as the control endpoint shows it."""
    return {"now": now(), "life": life(), "scale": scale(), "advanced_seconds": _anchor()["advanced"]}
