"""Whether a look's id may be used. One rule, for every list, page and snippet."""

from __future__ import annotations

from avatars.states import CONSENT_UNLOCKS, ConsentState

_REASONS: dict[str, str] = {
    ConsentState.NOT_ASKED: "The person has not been asked for consent yet.",
    ConsentState.WAITING: "The person has not given consent yet.",
    ConsentState.DECLINED: "The person declined.",
    ConsentState.WITHDRAWN: "The person withdrew the consent.",
    ConsentState.EXPIRED: "The consent link ended before the person answered.",
    ConsentState.UNKNOWN: "HeyGen reports a consent state this portal does not know.",
}


def lock_reason(consent_state: str) -> str:
    """Why the ids of looks with this consent state are locked, in one sentence; empty when they may be used."""
    if consent_state in CONSENT_UNLOCKS:
        return ""
    return _REASONS.get(consent_state, _REASONS[ConsentState.UNKNOWN])
