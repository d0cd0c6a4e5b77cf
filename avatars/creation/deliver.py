"""Bringing one uploaded file to HeyGen: in one request up to 30 MB, above that straight into its storage.

Nothing here costs money, but keys are kept all the same: the same key while an outcome is unknown, a new one after a
definite answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from avatars import ledger
from avatars.creation import outcome
from avatars.heygen import (
    SIMPLE_UPLOAD_MAX,
    AssetRecord,
    Conflict,
    HeyGenError,
    InProgress,
    OutcomeUnknown,
    Refused,
    TryAgain,
    UploadExpired,
)
from avatars.models import Call, Submission, SubmissionFile
from avatars.pace import pause
from avatars.states import CallState, Status
from avatars.step import Step

log = logging.getLogger("avatars.creation")
T = TypeVar("T")

MAX_UNKNOWN = 12
PROGRESS_EVERY = 1.0  # seconds between two notes of how much has been sent
IN_PROGRESS_PAUSE = 3.0
RATE_PAUSE = 5.0  # when HeyGen names no Retry-After
ASSET_CHECKS = 5
# HeyGen's own uploader asks five times, waiting 0.5 s longer each time, until its storage shows a fresh object.
COMPLETE_TRIES = 5
COMPLETE_PAUSE = 0.5


def deliver(step: Step, submission: Submission, file: SubmissionFile) -> float | None:
    """Bring `file` one step closer; answers in how many seconds to go on."""
    if submission.state == Status.QUEUED:
        with step.settle():
            submission.move(Status.UPLOADING)
    try:
        if file.content.size <= SIMPLE_UPLOAD_MAX:
            return _in_one_request(step, submission, file)
        if file.stored_asset_id:
            return _complete(step, submission, file)
        return _into_storage(step, submission, file)
    except FileNotFoundError:
        with step.settle():
            outcome.fail(submission, code="portal_file_missing")
        return None


def _in_one_request(step: Step, submission: Submission, file: SubmissionFile) -> float | None:
    call = _call(step, submission, file, "upload", {"sha256": file.content.sha256, "size": file.content.size})

    def send() -> AssetRecord:
        with file.content.file.open("rb") as stream:
            return step.heygen().upload_asset(
                stream,
                filename=_safe_name(file),
                media_type=file.content.media_type,
                key=call.idempotency_key,
                progress=_noting(file),
            )

    result = _attempt(step, submission, call, send)
    if not isinstance(result, AssetRecord):
        return result
    with step.settle():
        ledger.answered(call, {"asset_id": result.id})
        _arrived(file, result.id)
    return 0.0


def _into_storage(step: Step, submission: Submission, file: SubmissionFile) -> float | None:
    """Ask for a signed address and put the bytes there in the same step: the address is short-lived and a secret."""
    upload = file.content
    call = _call(step, submission, file, "upload_begin", {"sha256": upload.sha256, "size": upload.size})
    permission = _attempt(
        step,
        submission,
        call,
        lambda: step.heygen().begin_direct_upload(
            filename=_safe_name(file),
            content_type=upload.media_type,
            size=upload.size,
            sha256_hex=upload.sha256,
            key=call.idempotency_key,
        ),
    )
    if permission is None or isinstance(permission, float):
        return permission
    with step.settle():
        # Settled whatever becomes of the transfer: the next permission is asked for with a new key.
        ledger.answered(call, {"asset_id": permission.asset_id})
    try:
        with upload.file.open("rb") as stream:
            step.storage().put_direct_upload(
                permission, stream, size=upload.size, media_type=upload.media_type, progress=_noting(file)
            )
    except (UploadExpired, OutcomeUnknown) as error:
        log.info("upload of %s broke off: %s", file.pk, error)
        return _begin_again(step, submission, call)
    except Refused as error:
        with step.settle():
            outcome.refuse(submission, error)
        return None
    with step.settle():
        SubmissionFile.objects.filter(pk=file.pk).update(stored_asset_id=permission.asset_id, sent_bytes=upload.size)
    return 0.0


def _begin_again(step: Step, submission: Submission, call: Call) -> float | None:
    """Another try with a new permission; every so many tries a person is asked, who may let it try as often again."""
    tries = Call.objects.filter(deed=call.deed).count()
    if tries % MAX_UNKNOWN:
        return min(60.0, 2.0 * 2 ** min(tries - 1, 5))
    with step.settle():
        outcome.needs_a_person(submission, code="portal_upload_interrupted")
    return None


def _complete(step: Step, submission: Submission, file: SubmissionFile) -> float | None:
    call = _call(step, submission, file, "upload_complete", {"asset_id": file.stored_asset_id})
    try:
        asset = _attempt(
            step,
            submission,
            call,
            lambda: step.heygen().complete_direct_upload(
                file.stored_asset_id, key=call.idempotency_key, sha256=file.content.sha256
            ),
        )
    except Conflict as error:
        return _not_shown_yet(step, submission, file, call, error)
    if not isinstance(asset, AssetRecord):
        return asset
    with step.settle():
        ledger.answered(call, {"asset_id": asset.id})
        _arrived(file, asset.id)
    _wait_until_usable(step, asset.id)
    return 0.0


def _not_shown_yet(
    step: Step, submission: Submission, file: SubmissionFile, call: Call, error: Conflict
) -> float | None:
    """The storage does not show the object yet: ask again with a new key, and after five times put it there anew."""
    asked = Call.objects.filter(deed=call.deed, body=call.body, state=CallState.REFUSED, http_status=409).count() + 1
    with step.settle():
        ledger.refused(call, error)
        if asked >= COMPLETE_TRIES:
            SubmissionFile.objects.filter(pk=file.pk).update(stored_asset_id="", sent_bytes=0)
    return COMPLETE_PAUSE * asked if asked < COMPLETE_TRIES else _begin_again(step, submission, call)


def _wait_until_usable(step: Step, asset_id: str) -> None:
    """Give HeyGen a moment to take a large file in. Should it need longer, creating asks again by itself."""
    for _check in range(ASSET_CHECKS):
        try:
            status = step.heygen().asset_statuses([asset_id]).get(asset_id)
        except OutcomeUnknown:
            status = None
        except HeyGenError as error:
            # A key may lack the right to ask this. The file has arrived all the same.
            if isinstance(error, TryAgain):
                pause(step.account, error.retry_after or RATE_PAUSE)
            log.info("HeyGen does not say how asset %s stands: %s", asset_id, error)
            return
        if status is not None and status.status not in {"queued", "processing", "not_found"}:
            return
        time.sleep(1.0)


def _attempt(step: Step, submission: Submission, call: Call, send: Callable[[], T]) -> T | float | None:
    """Send `call` and sort the outcome: the answer, or seconds until the next step, or None when it ended here."""
    if ledger.key_is_old(call) or call.unknown_outcomes >= MAX_UNKNOWN:
        with step.settle():
            call.move(CallState.ABANDONED)
            outcome.needs_a_person(submission, code="portal_upload_interrupted", message=call.error_message)
        return None
    with step.settle():
        ledger.mark_sent(call)
    try:
        return send()
    except TryAgain as error:
        with step.settle():
            ledger.refused(call, error)
        delay = error.retry_after or RATE_PAUSE
        pause(step.account, delay)
        return delay
    except InProgress:
        return IN_PROGRESS_PAUSE
    except OutcomeUnknown as error:
        with step.settle():
            ledger.outcome_unknown(call, error, never_sent=error.never_sent)
        return ledger.backoff(call)
    except Conflict as error:
        if call.operation == "upload_complete":
            raise
        with step.settle():
            ledger.refused(call, error)
        return ledger.backoff(call)
    except Refused as error:
        with step.settle():
            ledger.refused(call, error)
            outcome.refuse(submission, error)
        return None


def _call(step: Step, submission: Submission, file: SubmissionFile, operation: str, body: dict[str, object]) -> Call:
    deed = f"{operation}:{file.pk}"
    with step.settle():
        return ledger.live_call(deed, operation=operation, account=step.account, body=body, submission=submission)


def _arrived(file: SubmissionFile, asset_id: str) -> None:
    SubmissionFile.objects.filter(pk=file.pk).update(asset_id=asset_id, sent_bytes=file.content.size)


def _noting(file: SubmissionFile) -> Callable[[int, int], None]:
    """A progress callback that notes, once a second at most, how much has been sent; the badge shows it."""
    last = time.monotonic()

    def note(sent: int, _total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            SubmissionFile.objects.filter(pk=file.pk).update(sent_bytes=min(sent, file.content.size))

    return note


def _safe_name(file: SubmissionFile) -> str:
    """A plain file name for HeyGen: people's own file names may say more than HeyGen needs to know."""
    ending = {"video/mp4": "mp4", "video/webm": "webm", "image/png": "png"}.get(file.content.media_type, "jpg")
    return f"{file.role}-{file.content.pk.hex}.{ending}"
