"""From HeyGen's answer to our rows: the look and its character are stored, and the submission follows its look."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from avatars import ledger
from avatars.consent.records import ensure_consent
from avatars.creation import outcome
from avatars.heygen import GroupRecord, LookRecord
from avatars.library import mirror
from avatars.models import AvatarGroup, Call, Event, Job, Look, Submission
from avatars.states import CallState, Kind, Status
from avatars.step import scaled

FIRST_LOOK_AFTER = 10.0  # seconds; HeyGen asks not to be polled more often


def settle_created(
    submission: Submission, call: Call, item: LookRecord, group: GroupRecord | None, *, asked_at: datetime
) -> None:
    """HeyGen created it: store the ids and go over to training, in the caller's transaction.

    `asked_at` is when HeyGen was asked; the mirror leaves an older answer aside.
    """
    ledger.answered(call, {"look_id": item.id, "group_id": item.group_id or (group.id if group else None)})
    look = _store(submission, item, group, asked_at)
    if Submission.objects.filter(look=look).exclude(pk=submission.pk).exists():
        outcome.outcome_unknown(submission, code="portal_answer_belongs_elsewhere")
    else:
        attach_look(submission, look)


def settle_found(
    submission: Submission, call: Call, item: LookRecord, group: GroupRecord | None, *, asked_at: datetime
) -> None:
    """The answer never came, but the result was found in the account: adopt it, in the caller's transaction."""
    call.move(CallState.ADOPTED, answer={"look_id": item.id}, answered_at=timezone.now())
    attach_look(submission, _store(submission, item, group, asked_at))


def _store(submission: Submission, item: LookRecord, group: GroupRecord | None, asked_at: datetime) -> Look:
    row = mirror.save_group(group, ownership="private", now=asked_at) if group is not None else None
    return mirror.save_look(item, ownership="private", now=asked_at, group=row or _home_of(submission, item))


def attach_look(submission: Submission, look: Look) -> None:
    """Give `submission` its result, start watching it, and care for the consent of a twin."""
    group = look.group
    submission.move(Status.TRAINING, look=look, group=group)
    Event.objects.record("submission_created_at_heygen", submission=submission, group=group, look=look)
    if group is not None and submission.kind == Kind.DIGITAL_TWIN:
        AvatarGroup.objects.filter(pk=group.pk, is_twin=False).update(is_twin=True)
        group.is_twin = True
        ensure_consent(group, owner=submission.owner)
        mirror.refresh_consent(group)
    Job.objects.enqueue("look.poll", look.pk, delay=scaled(FIRST_LOOK_AFTER))
    if group is not None:
        Job.objects.enqueue("group.poll", group.pk, delay=scaled(FIRST_LOOK_AFTER))
    follow_look(submission, look)


def _home_of(submission: Submission, item: LookRecord) -> AvatarGroup | None:
    """The character of a look that came without one: by its id, else the one the submission aimed at."""
    if item.group_id:
        group, _new = AvatarGroup.objects.get_or_create(heygen_id=item.group_id, defaults={"name": submission.name})
        return group
    return submission.target_group or submission.group


def follow_look(submission: Submission, look: Look) -> None:
    """Let a submission in training take over what its look has become."""
    if submission.state != Status.TRAINING or look.status == Status.TRAINING:
        return
    now = timezone.now()
    if look.status == Status.FAILED:
        submission.move(
            Status.FAILED,
            error_code=look.error_code or "training_failed",
            error_message=look.error_message,
            error_at=now,
            settled_at=now,
        )
    else:
        submission.move(Status.READY if look.status == Status.READY else Status.GONE, settled_at=now)
    Event.objects.record(f"submission_{submission.state}", submission=submission, look=look, group=look.group)
