"""Failures on demand: by marker in a name, by a queue the tests fill, or at random."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from django.db import transaction

from . import store, switches
from .answers import Answer
from .models import QueuedFault, Strike

ALWAYS = 0


@dataclass(frozen=True)
class Kind:
    """One way to fail. ``times`` is how often a marker strikes unless it says so itself; 0 means every time.

    ``stage`` is ``before`` (the call is not handled), ``after`` (handled, then the answer goes wrong), or ``effect``
    (a creation's own outcome; only markers can ask for it).
    """

    name: str
    stage: str
    times: int
    about: str


_TABLE = (
    ("401", "before", ALWAYS, "The key is refused: 401 unauthorized"),
    ("402", "before", ALWAYS, "No money: 402 insufficient_credit"),
    ("403", "before", ALWAYS, "Not allowed: 403 forbidden"),
    ("409", "before", 1, "The same key is still running: 409 request_in_progress"),
    ("413", "before", ALWAYS, "Too big: 413 payload_too_large"),
    ("429", "before", 1, "Too fast: 429 with Retry-After in seconds"),
    ("429date", "before", 1, "Too fast: 429 with Retry-After as an HTTP date"),
    ("quota", "before", ALWAYS, "Used up: 429 quota_exceeded, without Retry-After"),
    ("500", "before", 1, "500 internal_error"),
    ("502", "before", 1, "502 with a page of HTML"),
    ("503", "before", 1, "503 service_unavailable"),
    ("504", "before", 1, "504 gateway_timeout"),
    ("empty", "before", 1, "502 with an empty body"),
    ("reset", "before", 1, "The connection is reset before anything is done"),
    ("slow", "before", 1, "The answer takes 40 s (switch slow_seconds)"),
    ("limit", "before", ALWAYS, "No slot left: 400 resource_limit_reached"),
    ("moderation", "before", ALWAYS, "Refused by moderation: 400 content_policy_violation"),
    ("no-face", "before", ALWAYS, "Refused photo: 400 without a code, no face detected"),
    ("download", "before", ALWAYS, "The file could not be fetched: 400 download_failed"),
    ("asset-404", "before", 1, "The asset is not visible yet: 404 asset_not_found"),
    ("dropped", "after", 1, "Done, but the connection is cut before the answer"),
    ("cut", "after", 1, "Done, but the JSON ends in the middle"),
    ("half", "after", 1, "Done, but the connection is cut amid the body"),
    ("timeout-created", "after", 1, "Made, but the answer never comes: a long silence (slow_seconds), then a cut"),
    ("409-created", "after", 1, "Made, but the answer is 409 conflict"),
    ("null-item", "after", ALWAYS, "Made, but avatar_item is null"),
    ("null-group", "after", ALWAYS, "Made, but avatar_group is null"),
    ("null-both", "after", ALWAYS, "Made, but both objects are null"),
    ("training-failed", "effect", ALWAYS, "Training fails"),
    ("not-usable", "effect", ALWAYS, "Training ends well, but videos are refused: 400 avatar_not_usable"),
)
KINDS: dict[str, Kind] = {row[0]: Kind(*row) for row in _TABLE}
RANDOM_KINDS = ("429", "500", "502", "503", "reset", "dropped", "cut", "slow")
_REFUSALS = {
    "401": (401, "unauthorized", "The API key is not valid."),
    "402": (402, "insufficient_credit", "Your wallet balance does not cover this request."),
    "403": (403, "forbidden", "This key may not do that."),
    "409": (409, "request_in_progress", "A request with this Idempotency-Key is still being processed."),
    "413": (413, "payload_too_large", "The request is too large."),
    "quota": (429, "quota_exceeded", "The usage quota of this account is used up."),
    "500": (500, "internal_error", "Something went wrong on our side."),
    "503": (503, "service_unavailable", "The service is unavailable for a moment."),
    "504": (504, "gateway_timeout", "The service took too long."),
    "limit": (400, "resource_limit_reached", "You have reached the number of avatars your plan allows."),
    "moderation": (400, "content_policy_violation", "The input was refused by our content policy."),
    "download": (400, "download_failed", "We could not download the file from the given URL."),
    "asset-404": (404, "asset_not_found", "Asset not found."),
}
_MARKER = re.compile(r"\[fault:([a-z0-9-]+?)(?:x(\d{1,3}))?\]")


def before_answer(kind: str) -> Answer | None:
    """What a ``before`` fault answers; None for ``slow``, which only waits."""
    if kind == "slow":
        return None
    if kind == "reset":
        return Answer(0, "", cut="reset")
    if kind == "empty":
        return Answer(502, "", content_type="text/plain")
    if kind == "502":
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return Answer(502, page, content_type="text/html")
    if kind == "no-face":
        return Answer(400, {"error": {"message": "No face detected in the image."}})
    if kind in ("429", "429date"):
        wait = {"Retry-After": "2" if kind == "429" else formatdate(time.time() + 2, usegmt=True)}
        error = {"code": "rate_limit_exceeded", "message": "Too many requests, please slow down."}
        return Answer(429, {"error": error}, wait)
    status, code, message = _REFUSALS[kind]
    return Answer(status, {"error": {"code": code, "message": message}})


def in_text(text: str, *, consent: bool = False) -> list[tuple[Kind, int]]:
    """The markers a text carries, with how often each strikes; ``consent`` asks for the ``consent-`` ones."""
    found = []
    for word, times in _MARKER.findall(text):
        name = word.removeprefix("consent-") if consent else word
        if name in KINDS and consent == word.startswith("consent-"):
            found.append((KINDS[name], int(times) if times else KINDS[name].times))
    return found


def has_effect(text: str, name: str) -> bool:
    """Whether a text asks for an ``effect``."""
    return any(kind.name == name for kind, _times in in_text(text))


def strike(text: str, operation: str, *, consent: bool = False) -> Kind | None:
    """The marker fault for this attempt at a deed, counted; None when the deed may go through."""
    markers = [pair for pair in in_text(text, consent=consent) if pair[0].stage != "effect"]
    if not markers:
        return None
    deed = hashlib.sha256(f"{operation}\n{text}".encode()).hexdigest()
    with transaction.atomic():
        row, _made = Strike.objects.get_or_create(deed=deed)
        passed = row.count
        for kind, times in markers:
            if times == ALWAYS or passed < times:
                row.count += 1
                row.save()
                return kind
            passed -= times
        # The deed goes through; the next one with the same words is struck anew.
        row.delete()
    return None


def take_queued(method: str, path: str) -> Kind | None:
    """The next queued fault that matches this call, used up by one."""
    if not QueuedFault.objects.exists():
        return None
    with transaction.atomic():
        for row in QueuedFault.objects.order_by("id"):
            if row.method not in ("", method) or not path.startswith(row.path_prefix):
                continue
            row.times -= 1
            if row.times > 0:
                row.save()
            else:
                row.delete()
            return KINDS[row.kind]
    return None


def queue(*, method: str, path_prefix: str, kind: str, times: int) -> None:
    """Let the next ``times`` matching calls fail; ValueError for a kind only markers know."""
    if kind not in KINDS or KINDS[kind].stage == "effect":
        raise ValueError(f"There is no fault called {kind}.")
    if times < 1:
        raise ValueError("times is at least 1.")
    QueuedFault.objects.create(method=method.upper(), path_prefix=path_prefix, kind=kind, times=times)


_rolls = threading.Lock()


def set_random(wanted: dict[str, Any] | None) -> dict[str, Any]:
    """Store the random faults: rate 0-1, kinds, seed, slow_seconds; ValueError says what is wrong."""
    wanted = wanted or {}
    unknown = set(wanted) - {"rate", "kinds", "seed", "slow_seconds"}
    if unknown:
        raise ValueError(f"random_faults has no {', '.join(sorted(unknown))}.")
    rate, kinds = float(wanted.get("rate", 0)), list(wanted.get("kinds") or RANDOM_KINDS)
    if not 0 <= rate <= 1:
        raise ValueError("rate is between 0 and 1.")
    if wrong := [kind for kind in kinds if kind not in KINDS or KINDS[kind].stage == "effect"]:
        raise ValueError(f"There is no fault called {wrong[0]}.")
    setting = {
        "rate": rate,
        "kinds": kinds,
        "seed": wanted.get("seed", 0),
        "slow_seconds": float(wanted.get("slow_seconds", 2)),
        "rolled": 0,
    }
    store.put("random_faults", setting)
    return setting


def get_random() -> dict[str, Any]:
    """The random faults as they are set."""
    return store.get("random_faults") or {"rate": 0.0, "kinds": list(RANDOM_KINDS), "seed": 0, "slow_seconds": 2.0}


def roll() -> Kind | None:
    """A random fault for this call, or None. The same seed gives the same row of faults."""
    setting = get_random()
    if not setting["rate"]:
        return None
    with _rolls:
        setting = get_random()
        number = setting["rolled"]
        store.put("random_faults", setting | {"rolled": number + 1})
    # Not for secrets: a test that fails must be able to fail again the same way.
    dice = random.Random(f"{setting['seed']}:{number}")  # noqa: S311
    return KINDS[dice.choice(setting["kinds"])] if dice.random() < setting["rate"] else None


def slow_seconds(*, at_random: bool) -> float:
    """How long a slow call waits, in real seconds."""
    return get_random()["slow_seconds"] if at_random else switches.value("slow_seconds")
