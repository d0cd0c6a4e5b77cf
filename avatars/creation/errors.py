"""From HeyGen's codes, and our own, to a plain cause, the next step, and the form field they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from avatars.models import Submission
from avatars.states import Status


@dataclass(frozen=True)
class Explanation:
    """What a person reads when something went wrong. `heygen_words` stay behind "Details"."""

    title: str
    cause: str
    next_step: str
    field: str | None = None
    heygen_words: str = ""


_Row = tuple[str, str, str, str | None]

# code: (title, cause, next step, field)
_TABLE: dict[str, _Row] = {
    "invalid_parameter": (
        "HeyGen refused one of the fields",
        "HeyGen did not accept what stands in the field named below.",
        "Make a new submission with the field corrected.",
        None,
    ),
    "download_failed": (
        "HeyGen could not fetch the file",
        "The web address is private, needs a login, or does not lead straight to the file.",
        "Upload the file here instead, or use an address that opens the file without signing in.",
        "file_url",
    ),
    "content_policy_violation": (
        "HeyGen refused the content",
        "HeyGen's content policy does not allow this picture or this description.",
        "Change the description or choose another picture, then make a new submission.",
        "prompt",
    ),
    "no_face_detected": (
        "No face was found",
        "HeyGen found no face in the picture, or more than one.",
        "Use a photo that shows one face from the front, in good light.",
        "file",
    ),
    "training_failed": (
        "Training failed",
        "HeyGen took the file but could not make an avatar from it. Footage must run from 15 seconds to 10 minutes "
        "and show one person throughout, without cuts.",
        "Check the file against these points and make a new submission. HeyGen may charge for it again.",
        "file",
    ),
    "training_failed_photo": (
        "Training failed",
        "HeyGen took the photo but could not make an avatar from it.",
        "Use a photo of one face from the front, in good light and without bars or frames, and make a new submission. "
        "HeyGen may charge for it again.",
        "file",
    ),
    "training_failed_prompt": (
        "HeyGen could not make it",
        "HeyGen took the description but could not make an avatar from it.",
        "Describe the person more plainly, leave out what contradicts itself, and make a new submission. "
        "HeyGen may charge for it again.",
        "prompt",
    ),
    "avatar_not_usable": (
        "HeyGen's moderation refused the look",
        "HeyGen checked the finished look and does not allow it to be used.",
        "Make a new submission with another picture or description.",
        None,
    ),
    "resource_limit": (
        "The account is full",
        "The HeyGen plan allows no further avatar of this kind.",
        "Ask an administrator to delete avatars that are not needed at HeyGen, or to change the plan. Then try again.",
        None,
    ),
    "unauthorized": (
        "HeyGen does not accept the key",
        "The API key of this portal is missing, wrong or withdrawn.",
        "Ask an administrator to check the HeyGen key. Then try again; nothing was created.",
        None,
    ),
    "payment": (
        "HeyGen wants money or another plan",
        "The account has not enough credit, or its plan does not include this.",
        "Ask an administrator to top up the HeyGen account. Then try again; nothing was created.",
        None,
    ),
    "forbidden": (
        "The key may not do this",
        "HeyGen knows the key, but it lacks the right to create avatars, or the workspace forbids it.",
        "Ask an administrator to check the key's permissions at HeyGen. Then try again; nothing was created.",
        None,
    ),
    "quota_exceeded": (
        "HeyGen's usage quota is used up",
        "The plan's quota for now is spent.",
        "Try again when the quota renews, or ask an administrator to change the plan. Nothing was created.",
        None,
    ),
    "avatar_group_not_found": (
        "The character is gone",
        "HeyGen no longer has the character that the look was to be added to.",
        "Choose another character, or make a new one.",
        "avatar_group_id",
    ),
    "avatar_not_found": (
        "The reference look is gone",
        "HeyGen no longer has the look that was chosen as reference.",
        "Choose another look, or describe it in words only.",
        "avatar_id",
    ),
    "asset_not_found": (
        "HeyGen does not know the file",
        "The asset id is wrong, belongs to another account, or HeyGen has removed it.",
        "Upload the file here and make a new submission.",
        "file_asset_id",
    ),
    "payload_too_large": (
        "The file is too large for HeyGen",
        "HeyGen does not take files of this size.",
        "Make the file smaller, for example by exporting it in 1080p, and make a new submission.",
        "file",
    ),
    "portal_file_missing": (
        "The uploaded file is missing",
        "The file is no longer in the portal's storage.",
        "Upload it again with a new submission, and ask an administrator to look at the storage.",
        "file",
    ),
    "portal_upload_interrupted": (
        "The file did not reach HeyGen",
        "The connection to HeyGen broke off again and again while the file was sent.",
        "Try again. If it happens once more, ask an administrator to check the network.",
        "file",
    ),
    "portal_other_account": (
        "This was meant for another HeyGen account",
        "The portal's HeyGen key was changed after this was asked for, so it was not sent.",
        "Make the submission again for the account that is in use now.",
        None,
    ),
}
_UNKNOWN_OUTCOME: _Row = (
    "Nobody knows whether HeyGen created it",
    "HeyGen's answer never arrived, and the portal did not find the result in the account by itself.",
    "Look at what the account holds below. Adopt the right look, or say that it was not created. Sending it again "
    "without looking could cost twice.",
    None,
)
_FALLBACK: _Row = (
    "HeyGen refused this",
    "HeyGen gave a reason that this portal does not know yet.",
    "Read HeyGen's own words under Details, correct what they name, and make a new submission.",
    None,
)

# Different words of HeyGen's for the same thing.
_SAME_AS = {
    "authentication_failed": "unauthorized",
    "http_401": "unauthorized",
    "insufficient_credit": "payment",
    "trial_limit_exceeded": "payment",
    "plan_upgrade_required": "payment",
    "subscription_required": "payment",
    "http_402": "payment",
    "http_403": "forbidden",
    "resource_access_denied": "forbidden",
    "ai_vendor_access_restricted": "forbidden",
    "resource_limit_reached": "resource_limit",
    "resource_limit_exceeded": "resource_limit",
    "http_413": "payload_too_large",
}


def canonical(code: str) -> str:
    """The one word this portal uses where HeyGen has several for the same thing."""
    return _SAME_AS.get(code.lower(), code.lower())


def explain(submission: Submission) -> Explanation | None:
    """The plain account of what stopped a submission; None while nothing did."""
    if submission.state not in {Status.FAILED, Status.NEEDS_YOU, Status.UNKNOWN_OUTCOME}:
        return None
    title, cause, next_step, field = _row(submission)
    return Explanation(title, cause, next_step, submission.error_param or field, _heygen_words(submission))


def _row(submission: Submission) -> _Row:
    if submission.state == Status.UNKNOWN_OUTCOME:
        return _UNKNOWN_OUTCOME
    code = submission.error_code.lower()
    # HeyGen refuses a photo without a face with a sentence only, and no code of its own.
    if "face" in submission.error_message.lower() and code in {"http_400", "invalid_parameter"}:
        code = "no_face_detected"
    code = canonical(code)
    return _TABLE.get(f"{code}_{submission.kind}") or _TABLE.get(code, _FALLBACK)


def _heygen_words(submission: Submission) -> str:
    if submission.error_code.startswith("portal_") and not submission.error_message:
        return ""
    code = "" if submission.error_code.startswith(("portal_", "http_")) else f" ({submission.error_code})"
    return f"{submission.error_message or 'No message'}{code}"
