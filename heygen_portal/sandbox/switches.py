"""Every choice that HeyGen leaves open, with its values (the default comes first)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import store

_KEY = "switches"
UNKNOWN_WORD = "verified_by_partner"


@dataclass(frozen=True)
class Switch:
    """A named choice. ``values`` are words, the first being the default; a number has a range instead."""

    name: str
    about: str
    values: tuple[str, ...] = ()
    default: float = 0
    maximum: float = 0

    @property
    def initial(self) -> str | float:
        """The value a fresh sandbox has."""
        return self.values[0] if self.values else self.default


SWITCHES: dict[str, Switch] = {
    switch.name: switch
    for switch in (
        Switch("granted_word", "Word for a consent that was given", ("accepted", "approved", UNKNOWN_WORD)),
        Switch("consent_gates_training", "A twin trains only after consent", ("no", "yes")),
        Switch("consent_on_photo", "Consent asked for a photo or prompt character", ("refused", "url")),
        Switch("reissue", "When a new link is issued, the old one", ("old_dies", "old_lives")),
        Switch("reissue_after_grant", "A link asked for after consent was given", ("conflict", "url")),
        Switch("reroute_redirect", "Redirect after the consent page", ("bare", "parameters", "none")),
        Switch("prompt_avatar_type", "Type of a prompt avatar", ("photo_avatar", "studio_avatar", "future_avatar")),
        Switch("engine_names", "Names of the engines", ("avatar_v_iv_iii", "avatar_4")),
        Switch("last_look_deleted", "When a character's last look is deleted", ("group_vanishes", "group_stays")),
        Switch("group_status", "The character's status", ("honest", "completed_while_failed", "early_10s")),
        Switch(
            "create_returns",
            "What a creation answers",
            ("both", "null_item", "null_group", "null_both", "conflict_but_created", "timeout_but_created"),
        ),
        Switch("asset_after_upload", "A fresh asset", ("usable", "not_found_20s")),
        Switch("asset_complete", "Completing a direct upload", ("ok", "conflict_twice")),
        Switch(
            "webhooks", "Signed webhooks, and the header they are signed in", ("off", "heygen_signature", "signature")
        ),
        Switch("webhook_duplicates", "Every webhook is delivered twice", ("no", "yes")),
        Switch("webhook_twins", "Webhooks for twins", ("sent", "none")),
        Switch("idempotency_errors", "Refusals (4xx) are replayed for the same key", ("replayed", "forgotten")),
        Switch("twin_consent", "Consent of a new twin", ("pending", "null", "skipped")),
        Switch("consent_text", "Own consent wording", ("refused", "allowed")),
        Switch("consent_video", "Consent by a recorded video", ("refused", "allowed")),
        Switch("billing", "Billing of the account", ("wallet", "subscription", "usage_based", "null")),
        Switch("slow_seconds", "How long a slow call takes, in seconds", default=40, maximum=600),
        Switch("preview_seconds", "How long a signed preview link lives, in seconds", default=604800, maximum=2592000),
    )
}


def value(name: str) -> Any:
    """The present value of a switch."""
    return (store.get(_KEY) or {}).get(name, SWITCHES[name].initial)


def change(changes: dict[str, Any]) -> None:
    """Set several switches at once; ValueError names the first one that is wrong, and nothing changes then."""
    cleaned = {name: _clean(name, wanted) for name, wanted in changes.items()}
    store.put(_KEY, {**(store.get(_KEY) or {}), **cleaned})


def _clean(name: str, wanted: Any) -> Any:
    switch = SWITCHES.get(name)
    if switch is None:
        raise ValueError(f"There is no switch called {name}.")
    if switch.values:
        if wanted not in switch.values:
            raise ValueError(f"{name} is one of {', '.join(switch.values)}.")
        return wanted
    if isinstance(wanted, bool):
        raise ValueError(f"{name} is a number.")
    try:
        number = float(wanted)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number.") from None
    if not 0 <= number <= switch.maximum:
        raise ValueError(f"{name} is between 0 and {switch.maximum:g}.")
    return number
