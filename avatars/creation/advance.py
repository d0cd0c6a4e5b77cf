"""One submission, one step further: bring its files to HeyGen, then create.

Each step reads where the submission stands, does one thing and writes it down. It may be cut off anywhere: the
next run finds either what was written, or a call whose outcome is unknown and which goes out again unchanged.
"""

from __future__ import annotations

import logging

from avatars.creation import create, deliver
from avatars.creation.outcome import needs_a_person
from avatars.models import Submission
from avatars.states import Status
from avatars.step import Step

log = logging.getLogger("avatars.creation")

NEXT_STEP_AT_ONCE = 0.0


def advance(step: Step) -> float | None:
    """The handler of `submission.advance`."""
    submission = Submission.objects.select_related("target_group", "reference_look").filter(pk=step.job.subject).first()
    if submission is None or submission.state not in {Status.QUEUED, Status.UPLOADING, Status.CREATING}:
        return None
    if submission.account != step.account:
        if submission.state == Status.CREATING:
            return 3600.0  # something may have been sent; it waits for the account it was sent to
        with step.settle():
            needs_a_person(submission, code="portal_other_account")
        return None
    if submission.state != Status.CREATING:
        waiting = [file for file in submission.files.select_related("upload") if file.needs_upload]
        if waiting:
            return deliver.deliver(step, submission, waiting[0])
        with step.settle():
            submission.move(Status.CREATING)
            create.prepare(submission)
    return create.create(step, submission)
