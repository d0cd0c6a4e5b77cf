"""Watching a look until it is ready or failed. The look itself is asked, since its group has been seen to lie."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from avatars.creation.settle import follow_look
from avatars.heygen import NotFound
from avatars.library import mirror
from avatars.models import Job, Look, Submission
from avatars.states import Status
from avatars.step import Step, scaled

# A look that was just made may be unknown to HeyGen's reading side for a moment.
TOO_YOUNG_TO_BE_GONE = timedelta(minutes=10)

# Age of the look in seconds, and how often it is then asked about; HeyGen wants ten seconds between two questions.
_PLAN = ((120.0, 10.0), (600.0, 30.0), (3600.0, 60.0), (7 * 86400.0, 900.0))
_RARELY = 6 * 3600.0


def poll_look(step: Step) -> float | None:
    """The handler of `look.poll`."""
    look = Look.objects.select_related("group").filter(pk=step.job.subject).first()
    if look is None:
        return None
    if look.gone_at is not None:
        with step.settle():
            _tell_submission(look)
        return None
    asked_at = timezone.now()
    try:
        record = step.heygen().get_look(look.heygen_id)
    except NotFound:
        return _not_there(step, look)
    with step.settle():
        look = mirror.save_look(record, ownership=look.ownership, now=asked_at, group=look.group)
        delay = next_poll_in(look) if look.status == Status.TRAINING else None
        next_check = None if delay is None else timezone.now() + timedelta(seconds=delay)
        Look.objects.filter(pk=look.pk).update(next_check_at=next_check)
        _tell_submission(look)
        if delay is None and look.group_id:
            # The character's own picture and status change with its first look.
            Job.objects.enqueue("group.poll", look.group_id)
    return delay


def next_poll_in(look: Look) -> float:
    """Seconds until the next question about a look in training: often at first, then ever more rarely."""
    age = (timezone.now() - look.created_at).total_seconds()
    return scaled(next((every for until, every in _PLAN if age < scaled(until)), _RARELY))


def _not_there(step: Step, look: Look) -> float | None:
    if timezone.now() - look.created_at < TOO_YOUNG_TO_BE_GONE:
        return next_poll_in(look)
    with step.settle():
        mirror.mark_gone(look, timezone.now())
        _tell_submission(look)
    return None


def _tell_submission(look: Look) -> None:
    submission = Submission.objects.filter(look=look).first()
    if submission is not None:
        follow_look(submission, look)
