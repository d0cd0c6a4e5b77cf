"""The paid call. Never a second one on a guess.

The body and the key are stored before the first send. While the outcome is unknown the same key and body go out
again, which HeyGen answers with the first result for 24 hours. After a definite refusal that invites another try the
next call has a new key. Where sending again would be a guess - a conflict, an answer without ids, a key older than a
day, too many sends without an answer - the account is searched instead (see avatars.creation.lookup).
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from avatars import ledger
from avatars.creation import lookup, outcome
from avatars.creation.settle import settle_created
from avatars.heygen import Conflict, CreatedAvatar, HeyGenError, InProgress, OutcomeUnknown, Refused, TryAgain, bodies
from avatars.models import Call, Submission, SubmissionFile
from avatars.pace import CREATION_TURN, give_back_creation_turn, pause, take_creation_turn
from avatars.states import Kind
from avatars.step import Step

log = logging.getLogger("avatars.creation")

MAX_UNKNOWN = 8  # sends without a usable answer until the account is searched instead
MAX_REFUSED_IN_DOUBT = 4  # the same, when what comes instead is "too many requests"
MAX_ASSET_WAITS = 8  # a fresh asset may stay unknown to HeyGen for about two minutes
ASSET_PAUSE = 15.0
TURN_PAUSE = 1.0
IN_PROGRESS_PAUSE = 4.0
RATE_PAUSE = 5.0


def deed_of(submission: Submission) -> str:
    """The name of the paid deed in the ledger."""
    return f"create:{submission.pk}"


def prepare(submission: Submission) -> Call:
    """The live call that creates `submission`, made now if there is none; inside the transaction that decides it."""
    return ledger.live_call(
        deed_of(submission),
        operation="create_avatar",
        account=submission.account,
        body=creation_body(submission),
        submission=submission,
    )


def create(step: Step, submission: Submission) -> float | None:
    """Send the paid call, or search for its result; answers in how many seconds to go on, None when it is over."""
    with step.settle():
        call = prepare(submission)
    if call.lookup_since is not None:
        return lookup.search(step, submission, call)
    if ledger.key_is_old(call) or call.unknown_outcomes >= MAX_UNKNOWN:
        return _search_instead(step, call)
    turn = str(submission.pk)
    if not take_creation_turn(submission.account, turn):
        return TURN_PAUSE
    still_running = False
    try:
        return _send(step, submission, call)
    except InProgress:
        # HeyGen still works on the first send, and a second creation beside it is what turns prevent. The turn is
        # kept no longer than one may take, so that an answer that never changes cannot stop everybody else.
        still_running = timezone.now() - (call.first_sent_at or timezone.now()) < CREATION_TURN
        return IN_PROGRESS_PAUSE
    finally:
        if not still_running:
            give_back_creation_turn(submission.account, turn)


def _send(step: Step, submission: Submission, call: Call) -> float | None:
    if call.first_sent_at is None:
        try:
            lookup.remember_known_looks(step, submission)
        except Refused as error:
            # Nothing was sent yet, so the call stays unused: whoever tries again gets a new one.
            with step.settle():
                outcome.refuse(submission, error)
            return None
    elif lookup.found_before_sending_again(step, submission, call):
        return None
    client = step.heygen()
    asked_at = timezone.now()
    with step.settle():
        ledger.mark_sent(call)
    try:
        created = client.create_avatar(call.body, call.idempotency_key)
    except TryAgain as error:
        return _try_again(step, submission, call, error)
    except Conflict as error:
        # "Conflicted with an existing operation" has been seen for looks that were made and billed nevertheless.
        with step.settle():
            ledger.outcome_unknown(call, error, never_sent=False)
        return _search_instead(step, call)
    except OutcomeUnknown as error:
        with step.settle():
            ledger.outcome_unknown(call, error, never_sent=error.never_sent)
        return ledger.backoff(call)
    except Refused as error:
        return _refused(step, submission, call, error)
    return _settle(step, submission, call, created, asked_at)


def _try_again(step: Step, submission: Submission, call: Call, error: HeyGenError) -> float | None:
    """A no that may become a yes. When it is definite, the next try is a new call with a new key."""
    waits_for_asset = error.code == "asset_not_found"
    delay = error.retry_after or (ASSET_PAUSE if waits_for_asset else RATE_PAUSE)
    if not waits_for_asset:
        pause(submission.account, delay)
    if ledger.is_in_doubt(call):
        with step.settle():
            ledger.outcome_unknown(call, error, never_sent=False)
        return _search_instead(step, call) if call.unknown_outcomes + 1 >= MAX_REFUSED_IN_DOUBT else delay
    waits = Call.objects.filter(deed=call.deed, error_code="asset_not_found").count() + 1
    with step.settle():
        ledger.refused(call, error)
        # A person who tries again gets as many waits anew.
        if waits_for_asset and waits % (MAX_ASSET_WAITS + 1) == 0:
            outcome.refuse(submission, error)
            return None
        prepare(submission)
    return delay


def _refused(step: Step, submission: Submission, call: Call, error: HeyGenError) -> float | None:
    """A no for good; with an earlier send in doubt, only once the account has been searched for its result."""
    if ledger.is_in_doubt(call):
        with step.settle():
            ledger.outcome_unknown(call, error, never_sent=False)
        return _search_instead(step, call)
    with step.settle():
        ledger.refused(call, error)
        outcome.refuse(submission, error)
    return None


def _settle(step: Step, submission: Submission, call: Call, created: CreatedAvatar, asked_at: datetime) -> float | None:
    """Store the ids at once, in the transaction that says created."""
    if created.item is not None:
        with step.settle():
            settle_created(submission, call, created.item, created.group, asked_at=asked_at)
        return None
    with step.settle():
        if created.group is not None:
            lookup.remember_group(submission, created.group, asked_at=asked_at)
    return _search_instead(step, call)


def _search_instead(step: Step, call: Call) -> float:
    with step.settle():
        Call.objects.filter(pk=call.pk).update(lookup_since=timezone.now())
    return 0.0


def creation_body(submission: Submission) -> dict[str, Any]:
    """What HeyGen is to create, in its own field names; files must have arrived."""
    files: dict[str, list[dict[str, Any]]] = {role: [] for role in SubmissionFile.Role.values}
    for file in submission.files.all():
        files[file.role].append(_input(file))
    group_id = submission.target_group.heygen_id if submission.target_group else None
    if submission.kind == Kind.PROMPT:
        look = submission.reference_look
        return bodies.prompt(
            name=submission.name,
            prompt=submission.prompt,
            reference_images=files[SubmissionFile.Role.REFERENCE],
            group_id=group_id,
            look_id=look.heygen_id if look else None,
        )
    make = bodies.digital_twin if submission.kind == Kind.DIGITAL_TWIN else bodies.photo
    return make(name=submission.name, file=files[SubmissionFile.Role.FILE][0], group_id=group_id)


def _input(file: SubmissionFile) -> dict[str, Any]:
    if file.source == SubmissionFile.Source.URL:
        return bodies.from_url(file.url)
    return bodies.from_asset(file.asset_id)
