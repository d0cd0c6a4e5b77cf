"""Where a look stands now, computed from stored times."""

from __future__ import annotations

from . import clock, switches
from .models import Group, Look

# Seconds to train on the scaled clock; HeyGen needs minutes.
TRAINING_SECONDS = {"photo": 8.0, "prompt": 12.0, "digital_twin": 20.0}
GRANTED = ("granted", "skipped")


def ready_life(look: Look, group: Group) -> float | None:
    """When training ends, on the scaled clock; None while it waits for consent."""
    start = look.started_life or 0.0
    if look.gated:
        if group.consent not in GRANTED:
            return None
        start = max(start, group.consented_life or 0.0)
    return start + look.training_seconds


def look_status(look: Look, group: Group, life: float | None = None) -> str | None:
    """processing, pending_consent, failed or completed; null for public looks."""
    if look.started_life is None:
        return look.fixed_status
    ready = ready_life(look, group)
    if ready is None:
        return "pending_consent"
    if (clock.life() if life is None else life) < ready:
        return "processing"
    return "failed" if look.failure_code else "completed"


def group_status(group: Group, looks: list[Look], life: float | None = None) -> str | None:
    """The character's status, summed up over its looks; the switch ``group_status`` can make it lie."""
    if group.is_public:
        return None
    life = clock.life() if life is None else life
    lie = switches.value("group_status")
    if lie == "early_10s":
        life += 10.0
    found = {look_status(look, group, life) for look in looks}
    if not found:
        return "completed"
    for status in ("pending_consent", "processing", "completed"):
        if status in found:
            return status
    return "completed" if lie == "completed_while_failed" else "failed"


def consent_word(group: Group) -> str | None:
    """HeyGen's word for the character's consent."""
    if group.consent == "granted":
        return switches.value("granted_word")
    return group.consent or None
