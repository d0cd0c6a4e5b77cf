"""How a submission went, step by step: what happened, what is happening, and what is still to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from avatars.models import Event, Submission
from avatars.states import CONSENT_FACES, CONSENT_UNLOCKS, STATUS_FACES, ConsentState, Kind, Status

# verb -> what it says in the timeline, tone, icon
_DEEDS: dict[str, tuple[str, str, str]] = {
    "submission_created": ("Asked for", "info", "submissions"),
    "submission_created_at_heygen": ("Created at HeyGen", "info", "sparkle"),
    "submission_ready": ("Ready", "ok", "check"),
    "submission_failed": ("Failed", "stop", "alert"),
    "submission_needs_you": ("Stopped: a person is needed", "wait", "alert"),
    "submission_unknown_outcome": ("No answer came: outcome unknown", "wait", "question"),
    "submission_tried_again": ("Sent again", "info", "refresh"),
    "submission_declared_not_created": ("Declared not created, sent again", "info", "refresh"),
    "submission_adopted": ("A look was adopted as the result", "ok", "check"),
    "submission_cancelled": ("Cancelled before it was sent", "info", "cross"),
    "submission_given_up": ("Given up", "info", "cross"),
    "submission_gone": ("Gone at HeyGen", "info", "gone"),
}
_UPLOAD = ("Files go to HeyGen", "upload")
_CREATE = ("HeyGen creates it", "sparkle")
_TRAIN = ("Training", "training")
_READY = ("Ready to use", "check")


@dataclass(frozen=True)
class Step:
    """One step as the timeline component reads it; tone "next" is for what has not happened yet."""

    title: str
    tone: str
    icon: str = ""
    at: dt.datetime | None = None
    text: str = ""


def steps(submission: Submission, *, percent: int | None = None) -> list[Step]:
    """The whole way of `submission`, oldest first. Its look and group should be loaded with it."""
    happened = [_happened(event) for event in submission.events.select_related("actor").order_by("pk")]
    return [*happened, *_to_come(submission, percent)]


def _happened(event: Event) -> Step:
    title, tone, icon = _DEEDS.get(event.verb, (event.verb.replace("_", " ").capitalize(), "info", "history"))
    actor = event.actor
    return Step(title, tone, icon, event.at, f"By {actor.get_full_name() or actor.get_username()}" if actor else "")


def _to_come(submission: Submission, percent: int | None) -> list[Step]:
    """The step it is at, and those behind it. Nothing follows where a person has to decide first."""
    state = submission.status
    if state == Status.READY:
        return _consent_steps(submission)
    way = [_CREATE, _TRAIN, _READY]
    if any(file.source == "upload" for file in submission.files.all()):
        way.insert(0, _UPLOAD)
    at = {Status.UPLOADING: _UPLOAD, Status.CREATING: _CREATE, Status.TRAINING: _TRAIN}.get(state)
    if state == Status.QUEUED:
        return [Step("Waiting for its turn", "info", "queue"), *_next(way)]
    if at is None or at not in way:
        return []
    place = way.index(at)
    return [Step(at[0], "info", at[1], text=_now(submission, percent)), *_next(way[place + 1 :])]


def _next(way: list[tuple[str, str]]) -> list[Step]:
    return [Step(title, "next", icon) for title, icon in way]


def _now(submission: Submission, percent: int | None) -> str:
    if submission.state == Status.UPLOADING:
        return f"{percent} % sent" if percent is not None else ""
    if submission.state == Status.CREATING:
        return "One request, one avatar: it is never sent twice unless HeyGen surely did not get it."
    return "HeyGen is asked again and again, less often as time goes by." if submission.look else ""


def _consent_steps(submission: Submission) -> list[Step]:
    group = submission.group
    if submission.kind != Kind.DIGITAL_TWIN or group is None:
        return []
    face = CONSENT_FACES[ConsentState(group.consent_state)]
    tone = "info" if face.tone == "neutral" else face.tone.value
    text = "" if group.consent_state in CONSENT_UNLOCKS else "The twin is trained, but locked until the person agrees."
    return [Step(face.label, tone, face.icon, text=text)]


def state_words() -> list[tuple[str, str]]:
    """Every state with its label, for filters."""
    return [(state.value, face.label) for state, face in STATUS_FACES.items()]
