"""What a person may decide about a submission that cannot go on by itself. Each deed is guarded by the state."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from avatars.creation.settle import attach_look
from avatars.models import Call, Event, Job, Look, Submission
from avatars.states import CALL_LIVE, CallState, Status, WrongMove

_NO_ERROR = {"error_code": "", "error_message": "", "error_param": "", "error_at": None}


def actions(submission: Submission) -> frozenset[str]:
    """The names of the decisions open now: try_again, give_up, cancel, adopt, not_created."""
    state = submission.state
    if state in {Status.QUEUED, Status.UPLOADING, Status.AWAITING_APPROVAL}:
        return frozenset({"cancel"})
    if state == Status.NEEDS_YOU:
        return frozenset({"try_again", "give_up"})
    if state == Status.UNKNOWN_OUTCOME:
        return frozenset({"adopt", "not_created", "give_up"})
    if state == Status.FAILED:
        # A look that was made and then failed in training is paid for; another try is another submission.
        return frozenset({"give_up"} if submission.look_id else {"try_again", "give_up"})
    return frozenset()


@transaction.atomic
def try_again(submission: Submission, *, actor: Any) -> None:
    """Queue it once more with the same input; the next paid call gets a new key."""
    _allow(submission, "try_again")
    _queue(submission, "submission_tried_again", actor)


@transaction.atomic
def not_created_try_again(submission: Submission, *, actor: Any) -> None:
    """A person looked and says HeyGen did not create it: let go of the old call and create anew."""
    _allow(submission, "not_created")
    _queue(submission, "submission_declared_not_created", actor)


@transaction.atomic
def cancel(submission: Submission, *, actor: Any) -> None:
    """Withdraw it before anything paid was sent."""
    _allow(submission, "cancel")
    submission.move(Status.CANCELLED, settled_at=timezone.now())
    _abandon_calls(submission)
    Event.objects.record("submission_cancelled", actor=actor, submission=submission)


@transaction.atomic
def give_up(submission: Submission, *, actor: Any) -> None:
    """Stop here for good. What HeyGen may have made stays there and is found by the mirror."""
    _allow(submission, "give_up")
    submission.move(Status.CANCELLED, settled_at=timezone.now())
    _abandon_calls(submission)
    Event.objects.record("submission_given_up", actor=actor, submission=submission)


@transaction.atomic
def adopt(submission: Submission, look: Look, *, actor: Any) -> None:
    """A person says this look is the result: the submission takes it and goes on from there."""
    _allow(submission, "adopt")
    if not candidates(submission).filter(pk=look.pk).exists():
        raise WrongMove(f"look {look.pk} cannot be the result of submission {submission.pk}")
    for call in submission.calls.filter(operation="create_avatar", state=CallState.ABANDONED).order_by("-id")[:1]:
        call.move(CallState.ADOPTED, answer={"look_id": look.heygen_id}, answered_at=timezone.now())
    attach_look(submission, look)
    Submission.objects.filter(pk=submission.pk).update(**_NO_ERROR)
    Event.objects.record("submission_adopted", actor=actor, submission=submission, look=look, group=look.group)


def candidates(submission: Submission):
    """Looks that may be the result of an unknown outcome: private, nobody's yet, of its name or its character."""
    likely = Q(name=submission.name)
    if submission.target_group_id:
        likely |= Q(group=submission.target_group_id)
    since = submission.created_at
    return (
        Look.objects.present()
        .filter(likely, submission=None, created_at__gte=since)
        .exclude(ownership="public")
        .exclude(heygen_id__in=submission.known_looks)
        .select_related("group")
        .order_by("-id")
    )


def _allow(submission: Submission, action: str) -> None:
    submission.refresh_from_db()
    if action not in actions(submission):
        raise WrongMove(f"submission {submission.pk} is {submission.state}: {action} is not possible any more")


def _queue(submission: Submission, verb: str, actor: Any) -> None:
    submission.move(Status.QUEUED, **_NO_ERROR)
    _abandon_calls(submission)
    Job.objects.enqueue("submission.advance", submission.pk)
    Event.objects.record(verb, actor=actor, submission=submission)


def _abandon_calls(submission: Submission) -> None:
    for call in Call.objects.filter(submission=submission, state__in=CALL_LIVE):
        call.move(CallState.ABANDONED)
