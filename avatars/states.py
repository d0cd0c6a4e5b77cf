"""Every state the portal knows: its word, label, tone, icon, what may follow it, and whether it is final.

Pure data and pure functions. HeyGen's own words are stored raw beside ours; an unknown one is shown as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """The four tones of a badge, and the neutral one for words we do not know."""

    OK = "ok"
    WAIT = "wait"
    STOP = "stop"
    INFO = "info"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Face:
    """How a state shows itself: words, tone, icon, and whether something is moving behind it."""

    label: str
    tone: Tone
    icon: str
    busy: bool = False


class Status(StrEnum):
    """Where a submission or a look stands. The words are part of the portal's outer surface."""

    QUEUED = "queued"
    UPLOADING = "uploading"
    AWAITING_APPROVAL = "awaiting_approval"
    CREATING = "creating"
    TRAINING = "training"
    READY = "ready"
    FAILED = "failed"
    NEEDS_YOU = "needs_you"
    UNKNOWN_OUTCOME = "unknown_outcome"
    CANCELLED = "cancelled"
    GONE = "gone"


STATUS_FACES: dict[Status, Face] = {
    Status.QUEUED: Face("Queued", Tone.INFO, "queue", busy=True),
    Status.UPLOADING: Face("Uploading", Tone.INFO, "upload", busy=True),
    Status.AWAITING_APPROVAL: Face("Awaiting approval", Tone.WAIT, "clock"),
    Status.CREATING: Face("Creating", Tone.INFO, "sparkle", busy=True),
    Status.TRAINING: Face("Training", Tone.INFO, "clock", busy=True),
    Status.READY: Face("Ready", Tone.OK, "check"),
    Status.FAILED: Face("Failed", Tone.STOP, "cross"),
    Status.NEEDS_YOU: Face("Needs you", Tone.WAIT, "alert"),
    Status.UNKNOWN_OUTCOME: Face("Outcome unknown", Tone.WAIT, "question"),
    Status.CANCELLED: Face("Cancelled", Tone.NEUTRAL, "cross"),
    Status.GONE: Face("Gone at HeyGen", Tone.NEUTRAL, "gone"),
}

# The moves a submission may make. Whatever is not listed here is refused, so that a late answer of a slow worker
# can never drag a settled submission back.
SUBMISSION_MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset(
        {Status.UPLOADING, Status.CREATING, Status.FAILED, Status.NEEDS_YOU, Status.CANCELLED, Status.AWAITING_APPROVAL}
    ),
    Status.AWAITING_APPROVAL: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.UPLOADING: frozenset({Status.QUEUED, Status.CREATING, Status.FAILED, Status.NEEDS_YOU, Status.CANCELLED}),
    Status.CREATING: frozenset(
        {Status.TRAINING, Status.READY, Status.FAILED, Status.NEEDS_YOU, Status.UNKNOWN_OUTCOME}
    ),
    Status.TRAINING: frozenset({Status.READY, Status.FAILED, Status.GONE}),
    Status.READY: frozenset({Status.GONE}),
    Status.FAILED: frozenset({Status.QUEUED, Status.CANCELLED, Status.GONE}),
    Status.NEEDS_YOU: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.UNKNOWN_OUTCOME: frozenset({Status.QUEUED, Status.TRAINING, Status.READY, Status.FAILED, Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
    Status.GONE: frozenset(),
}

# Nothing will change these without a person; the badge poll stops asking for them.
SETTLED = frozenset(
    {
        Status.READY,
        Status.FAILED,
        Status.CANCELLED,
        Status.GONE,
        Status.NEEDS_YOU,
        Status.UNKNOWN_OUTCOME,
        Status.AWAITING_APPROVAL,
    }
)
# Waiting for a decision of a person.
FOR_A_PERSON = frozenset({Status.FAILED, Status.NEEDS_YOU, Status.UNKNOWN_OUTCOME})


class ConsentState(StrEnum):
    """Where the depicted person's consent stands. The words are part of the portal's outer surface."""

    NOT_REQUIRED = "not_required"
    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    WAIVED = "waived"
    UNKNOWN = "unknown"


CONSENT_FACES: dict[ConsentState, Face] = {
    ConsentState.NOT_REQUIRED: Face("No consent needed", Tone.NEUTRAL, "shield"),
    ConsentState.NOT_ASKED: Face("Consent not asked", Tone.WAIT, "question"),
    ConsentState.WAITING: Face("Waiting for consent", Tone.WAIT, "clock"),
    ConsentState.GIVEN: Face("Consent given", Tone.OK, "check"),
    ConsentState.DECLINED: Face("Declined", Tone.STOP, "cross"),
    ConsentState.WITHDRAWN: Face("Withdrawn", Tone.STOP, "lock"),
    ConsentState.EXPIRED: Face("Link expired", Tone.WAIT, "clock"),
    ConsentState.WAIVED: Face("Consent waived", Tone.OK, "shield"),
    ConsentState.UNKNOWN: Face("Unknown", Tone.NEUTRAL, "question"),
}

# An answer HeyGen does not take back by itself: no badge poll is needed any more.
CONSENT_SETTLED = frozenset(
    {
        ConsentState.NOT_REQUIRED,
        ConsentState.NOT_ASKED,
        ConsentState.GIVEN,
        ConsentState.DECLINED,
        ConsentState.WITHDRAWN,
        ConsentState.EXPIRED,
        ConsentState.WAIVED,
    }
)
CONSENT_UNLOCKS = frozenset({ConsentState.NOT_REQUIRED, ConsentState.GIVEN, ConsentState.WAIVED})

# HeyGen's words for consent, as its reference and live accounts use them: `approved` stands in the reference,
# `accepted` comes from live accounts, the rest from other clients. Comparing with a single word is the classic mistake.
_GRANTED = frozenset({"approved", "accepted", "completed", "verified"})
_WAITING = frozenset({"pending", "required", "pending_consent"})
_REFUSED = frozenset({"rejected", "declined"})
_WAIVED = frozenset({"skipped"})


def consent_of(
    *, raw: str | None, is_twin: bool, asked: bool, link_alive: bool, asked_since: bool = False
) -> ConsentState:
    """Our word for a group's consent.

    `raw` is HeyGen's `consent_status`; `is_twin` says whether the group holds a digital twin, which needs consent;
    `asked` whether the portal ever had a link for it, `link_alive` whether the newest one may still be used, and
    `asked_since` whether that one is newer than HeyGen's word, so that an old refusal is asked about anew.
    """
    word = (raw or "").strip().lower()
    if word in _GRANTED:
        return ConsentState.GIVEN
    if word in _REFUSED:
        return ConsentState.WAITING if link_alive and asked_since else ConsentState.DECLINED
    if word in _WAIVED:
        return ConsentState.WAIVED
    if word and word not in _WAITING:
        return ConsentState.UNKNOWN
    if not word and not is_twin:
        return ConsentState.NOT_REQUIRED
    if not asked:
        return ConsentState.NOT_ASKED
    return ConsentState.WAITING if link_alive else ConsentState.EXPIRED


# HeyGen's words for training, of a look and of a group alike.
_TRAINING_WORDS = frozenset({"processing", "pending_consent", "pending", "queued"})


def look_status(*, raw: str | None, has_picture: bool, has_size: bool, gone: bool) -> Status:
    """Our word for a look.

    A look that HeyGen calls completed can be used only once its preview and its dimensions are there; before that a
    video is refused for missing dimensions. A public look carries no status word at all and is ready as it stands.
    An unknown word counts as training: it is shown raw, and asked again.
    """
    if gone:
        return Status.GONE
    word = (raw or "").strip().lower()
    if word == "failed":
        return Status.FAILED
    if not word:
        return Status.READY
    if word == "completed":
        return Status.READY if has_picture and has_size else Status.TRAINING
    return Status.TRAINING


def known_training_word(raw: str | None) -> bool:
    """Whether HeyGen's status word is one we know; others are shown as they are."""
    return (raw or "").strip().lower() in _TRAINING_WORDS | {"", "failed", "completed"}


class LinkState(StrEnum):
    """The life of one consent link."""

    REQUESTED = "requested"  # stored; the worker fetches it
    READY = "ready"  # HeyGen's page can be opened until the deadline
    SUPERSEDED = "superseded"  # a newer link took its place
    REFUSED = "refused"  # HeyGen would not make one
    UNKNOWN = "unknown"  # no answer came in spite of all tries; asking again is free


LINK_MOVES: dict[LinkState, frozenset[LinkState]] = {
    LinkState.REQUESTED: frozenset({LinkState.READY, LinkState.REFUSED, LinkState.UNKNOWN, LinkState.SUPERSEDED}),
    LinkState.READY: frozenset({LinkState.SUPERSEDED}),
    LinkState.REFUSED: frozenset({LinkState.SUPERSEDED}),
    LinkState.UNKNOWN: frozenset({LinkState.SUPERSEDED}),
    LinkState.SUPERSEDED: frozenset(),
}


class MessageState(StrEnum):
    """The life of one mail. `sending` is stored before the mail server is spoken to, so a crash shows."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    STORED = "stored"  # no mail server is set: the mail lies in the outbox folder, nothing was sent
    FAILED = "failed"
    UNKNOWN = "unknown"  # the worker died while the mail server had it; a person decides


MESSAGE_MOVES: dict[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset({MessageState.SENDING, MessageState.FAILED}),
    MessageState.SENDING: frozenset(
        {MessageState.SENT, MessageState.STORED, MessageState.FAILED, MessageState.UNKNOWN, MessageState.QUEUED}
    ),
    MessageState.SENT: frozenset(),
    MessageState.STORED: frozenset(),
    MessageState.FAILED: frozenset({MessageState.QUEUED}),
    MessageState.UNKNOWN: frozenset({MessageState.QUEUED}),
}

MESSAGE_FACES: dict[MessageState, Face] = {
    MessageState.QUEUED: Face("Queued", Tone.INFO, "queue", busy=True),
    MessageState.SENDING: Face("Sending", Tone.INFO, "send", busy=True),
    MessageState.SENT: Face("Sent", Tone.OK, "check"),
    MessageState.STORED: Face("Kept in the outbox folder", Tone.WAIT, "mail"),
    MessageState.FAILED: Face("Not sent", Tone.STOP, "cross"),
    MessageState.UNKNOWN: Face("Perhaps sent", Tone.WAIT, "question"),
}


class CallState(StrEnum):
    """The life of one changing request to HeyGen."""

    PREPARED = "prepared"  # key and body are stored, nothing went out
    SENT = "sent"  # went out at least once; the outcome is not known yet
    ANSWERED = "answered"  # HeyGen did it
    REFUSED = "refused"  # HeyGen definitely did not do it
    ADOPTED = "adopted"  # the answer never came, the result was found in the account
    ABANDONED = "abandoned"  # nobody knows; a person was asked


CALL_LIVE = frozenset({CallState.PREPARED, CallState.SENT})
CALL_MOVES: dict[CallState, frozenset[CallState]] = {
    CallState.PREPARED: frozenset({CallState.SENT, CallState.ABANDONED}),
    CallState.SENT: frozenset({CallState.ANSWERED, CallState.REFUSED, CallState.ADOPTED, CallState.ABANDONED}),
    CallState.ANSWERED: frozenset(),
    CallState.REFUSED: frozenset(),
    CallState.ADOPTED: frozenset(),
    CallState.ABANDONED: frozenset({CallState.ADOPTED}),
}


class WrongMove(Exception):
    """A state was asked to move where it may not, or had moved already under somebody else's hand."""


class Kind(StrEnum):
    """The three ways to make an avatar, in HeyGen's words."""

    DIGITAL_TWIN = "digital_twin"
    PHOTO = "photo"
    PROMPT = "prompt"


KIND_LABELS: dict[str, str] = {
    Kind.DIGITAL_TWIN: "Digital twin",
    Kind.PHOTO: "Photo avatar",
    Kind.PROMPT: "Prompt avatar",
}

# Types as HeyGen reports them on looks; an unknown one is shown as it is.
TYPE_LABELS: dict[str, str] = {
    "digital_twin": "Digital twin",
    "video_avatar": "Digital twin",
    "photo_avatar": "Photo avatar",
    "studio_avatar": "Studio avatar",
}
TWIN_TYPES = frozenset({"digital_twin", "video_avatar"})

ENGINE_LABELS: dict[str, str] = {
    "avatar_v": "Avatar V",
    "avatar_iv": "Avatar IV",
    "avatar_iii": "Avatar III",
    "avatar_4_quality": "Avatar IV quality",
    "avatar_4_turbo": "Avatar IV turbo",
}
