"""From a valid form to a stored submission: everything that was asked for is written down before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from avatars.account import current_account
from avatars.models import AvatarGroup, Event, Job, Look, Submission, SubmissionFile, Upload


@dataclass(frozen=True)
class NewFile:
    """One file of a new submission. `source` says which of the other three holds it."""

    role: str
    source: str
    upload: Upload | None = None
    url: str = ""
    asset_id: str = ""


def store_submission(
    *,
    owner: Any,
    kind: str,
    form_token: str,
    name: str,
    files: Sequence[NewFile],
    prompt: str = "",
    target_group: AvatarGroup | None = None,
    reference_look: Look | None = None,
    depicts_real_person: bool = False,
    permission_note: str = "",
    price: str = "",
) -> tuple[Submission, bool]:
    """Store a submission with its files, its job and its event in one transaction.

    Answers the submission and whether it is new: a form token that was used before gives back the old one, so a
    double click, a replayed POST or two racing ones make one submission.
    """
    known = Submission.objects.filter(owner=owner, form_token=form_token).first()
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            submission = Submission.objects.create(
                owner=owner,
                kind=kind,
                form_token=form_token,
                account=current_account(),
                name=name,
                prompt=prompt,
                target_group=target_group,
                reference_look=reference_look,
                depicts_real_person=depicts_real_person,
                permission_note=permission_note,
                price=price,
            )
            SubmissionFile.objects.bulk_create(_numbered(submission, files))
            Job.objects.enqueue("submission.advance", submission.pk)
            Event.objects.record(
                "submission_created", actor=owner, submission=submission, group=target_group, kind=kind, name=name
            )
    except IntegrityError:
        # The same form arrived twice at the same moment and the other one was quicker; anything else is an error.
        known = Submission.objects.filter(owner=owner, form_token=form_token).first()
        if known is None:
            raise
        return known, False
    return submission, True


def _numbered(submission: Submission, files: Sequence[NewFile]) -> list[SubmissionFile]:
    """The files as rows, counted within their role."""
    counts: dict[str, int] = {}
    rows = []
    for file in files:
        position = counts.get(file.role, 0)
        counts[file.role] = position + 1
        rows.append(
            SubmissionFile(
                submission=submission,
                role=file.role,
                source=file.source,
                position=position,
                upload=file.upload,
                url=file.url,
                asset_id=file.asset_id,
            )
        )
    return rows
