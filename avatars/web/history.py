"""What happened, in words: events as the steps of a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from avatars import states
from avatars.models import Event
from avatars.states import ConsentState

SHOWN = 50

# verb -> title, tone, icon
_WORDS: dict[str, tuple[str, str, str]] = {
    "submission_created": ("Asked for", "info", "submissions"),
    "submission_created_at_heygen": ("Made at HeyGen, training begins", "info", "training"),
    "submission_adopted": ("Found at HeyGen and taken over", "ok", "check"),
    "submission_given_up": ("Given up", "wait", "cross"),
    "submission_ready": ("Ready to use", "ok", "check"),
    "submission_failed": ("Failed", "stop", "alert"),
    "group_gone": ("No longer at HeyGen", "wait", "gone"),
    "look_gone": ("No longer at HeyGen", "wait", "gone"),
    "submission_gone": ("No longer at HeyGen", "wait", "gone"),
    "consent_link_requested": ("Consent link asked for", "info", "link"),
    "consent_link_ready": ("Consent link ready", "info", "link"),
    "consent_link_refused": ("HeyGen made no consent link", "stop", "alert"),
    "consent_link_unknown": ("The consent link did not arrive", "wait", "question"),
    "consent_link_superseded": ("Consent link replaced by a newer one", "info", "replace"),
    "consent_check_requested": ("HeyGen asked for news", "info", "refresh"),
    "consent_mail_queued": ("Mail to the person written", "info", "mail"),
    "consent_mail_sent": ("Mail sent to the person", "ok", "mail"),
    "consent_mail_stored": ("Mail kept in the outbox folder", "wait", "mail"),
    "consent_mail_failed": ("Mail not sent", "stop", "mail"),
    "consent_mail_unknown": ("Mail perhaps sent", "wait", "question"),
}


@dataclass(frozen=True)
class Step:
    """One line of a timeline, as the design system's timeline reads it."""

    title: str
    tone: str
    icon: str
    at: dt.datetime
    text: str


def steps(events: Iterable[Event]) -> list[Step]:
    """The events in words, in the order given. Load their actors with them."""
    return [_step(event) for event in events]


def _step(event: Event) -> Step:
    facts = event.facts if isinstance(event.facts, dict) else {}
    who = (event.actor.get_full_name() or event.actor.get_username()) if event.actor else ""
    if event.verb == "consent_changed":
        face = _consent_face(str(facts.get("now", "")))
        said = f"HeyGen's word: {facts['raw']}." if facts.get("raw") else ""
        return Step(face.label, _tone(face), face.icon, event.at, said)
    title, tone, icon = _WORDS.get(event.verb, (event.verb.replace("_", " ").capitalize(), "info", "history"))
    return Step(title, tone, icon, event.at, f"By {who}." if who else "")


def _consent_face(word: str) -> states.Face:
    try:
        return states.CONSENT_FACES[ConsentState(word)]
    except ValueError:
        return states.CONSENT_FACES[ConsentState.UNKNOWN]


def _tone(face: states.Face) -> str:
    """A timeline's tone; it has no neutral one, because neutral there means "still to come"."""
    return "info" if face.tone == states.Tone.NEUTRAL else face.tone.value
