"""Searching the account for the result of a paid call whose answer never came or carried no ids.

Adopts only what can be nothing else: exactly one look of the right name that nobody else made. Anything less is for a
person, with the facts side by side.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum

from django.utils import timezone

from avatars.creation import outcome
from avatars.creation.settle import settle_found
from avatars.heygen import GroupRecord, LookRecord, NotFound, Refused, iterate
from avatars.library import mirror
from avatars.models import AvatarGroup, Call, Submission
from avatars.states import CallState, Status
from avatars.step import Step, scaled

log = logging.getLogger("avatars.creation")

LOOKUPS = 6
LOOKUP_PAUSE = 20.0  # a new thing may take a while to show in HeyGen's lists
CLOCK_SKEW = timedelta(minutes=5)
MAX_PAGES = 40


def search(step: Step, submission: Submission, call: Call) -> float | None:
    """Look in the account once; adopt what is surely ours, look again later, or ask a person."""
    found = _adopt(step, submission, call)
    if found is Found.OURS:
        return None
    with step.settle():
        Call.objects.filter(pk=call.pk).update(lookups=call.lookups + 1)
        if call.lookups + 1 < LOOKUPS:
            return scaled(LOOKUP_PAUSE)
        if found is Found.NOTHING and _last_word_was_no(call):
            return _take_no_for_an_answer(submission, call)
        call.move(CallState.ABANDONED)
        code = "portal_several_candidates" if found is Found.SEVERAL else call.error_code or "portal_no_answer"
        outcome.outcome_unknown(submission, code=code, message=call.error_message)
    return None


def found_before_sending_again(step: Step, submission: Submission, call: Call) -> bool:
    """Before a paid call goes out once more: whether the account shows that an earlier send was carried out.

    HeyGen replays the first answer to the same key, but a lost answer may have been one it does not replay, such as
    a conflict over a look that was made and billed. Looking costs nothing.
    """
    return _adopt(step, submission, call) is Found.OURS


class Found(Enum):
    """What a search of the account came to."""

    OURS = "one look that can be nothing else, and was adopted"
    SEVERAL = "looks that may be ours or somebody else's"
    NOTHING = "no such look"
    CLOSED = "HeyGen would not let us look"


def _adopt(step: Step, submission: Submission, call: Call) -> Found:
    asked_at = timezone.now()
    try:
        found = _candidates(step, submission, call)
    except Refused as error:
        log.warning("submission %s: HeyGen refuses to show the account (HTTP %s)", submission.pk, error.status)
        return Found.CLOSED
    if len(found) != 1 or _has_rivals(submission):
        return Found.SEVERAL if found else Found.NOTHING
    item, group = found[0]
    with step.settle():
        settle_found(submission, call, item, group, asked_at=asked_at)
    log.info("submission %s: found and adopted its look", submission.pk)
    return Found.OURS


def _last_word_was_no(call: Call) -> bool:
    """Whether HeyGen's last answer to this very key was a refusal other than a conflict."""
    return call.http_status is not None and 400 <= call.http_status < 500 and call.http_status not in {408, 409}


def _take_no_for_an_answer(submission: Submission, call: Call) -> float | None:
    """HeyGen refused the key and the account does not hold the result: surely nothing was created.

    A refusal that invites another try gets one, as a new call with a new key; any other one ends the submission.
    """
    call.move(CallState.REFUSED, answered_at=timezone.now())
    too_many = call.http_status == 429 and not call.error_code.startswith("quota")
    if too_many or call.error_code == "asset_not_found":
        return 0.0
    outcome.refuse_as_noted(submission, call)
    return None


def remember_group(submission: Submission, record: GroupRecord, *, asked_at: datetime) -> None:
    """The answer named a character but no look: keep the character, its look is searched for there."""
    group = mirror.save_group(record, ownership="private", now=asked_at)
    Submission.objects.filter(pk=submission.pk).update(group=group)
    submission.group = group


def remember_known_looks(step: Step, submission: Submission) -> None:
    """Before the first paid send for an existing character: note its looks, to tell the new one apart afterwards."""
    home = home_of(submission)
    if home is None:
        return
    known = [item.id for item in _looks_of(step, home.heygen_id)]
    with step.settle():
        Submission.objects.filter(pk=submission.pk).update(known_looks=known)
        submission.known_looks = known


def home_of(submission: Submission) -> AvatarGroup | None:
    """The existing character a submission adds a look to, or the one HeyGen has already named for it."""
    if submission.group or submission.target_group:
        return submission.group or submission.target_group
    return submission.reference_look.group if submission.reference_look else None


def _candidates(step: Step, submission: Submission, call: Call) -> list[tuple[LookRecord, GroupRecord | None]]:
    """Looks at HeyGen that may be this submission's, after removing all that surely are not."""
    taken = _taken_elsewhere(submission)
    return [
        (item, group)
        for group_id, group in _groups_to_search(step, submission, call)
        for item in _looks_of(step, group_id)
        if item.name == submission.name and item.id not in taken and item.id not in submission.known_looks
    ]


def _has_rivals(submission: Submission) -> bool:
    """Whether another submission of the same name is in doubt too: whose look it is, only a person could say then."""
    return (
        Submission.objects.filter(
            name=submission.name,
            state__in=[Status.CREATING, Status.UNKNOWN_OUTCOME],
            calls__first_sent_at__isnull=False,
        )
        .exclude(pk=submission.pk)
        .exists()
    )


def _groups_to_search(step: Step, submission: Submission, call: Call) -> list[tuple[str, GroupRecord | None]]:
    """The one character it was made for, else the account's characters of that name made since it was sent."""
    home = home_of(submission)
    if home is not None:
        return [(home.heygen_id, None)]
    since = (call.first_sent_at or call.created_at) - CLOCK_SKEW
    listing = iterate(lambda token: step.heygen().list_groups(ownership="private", token=token), max_pages=MAX_PAGES)
    return [
        (group.id, group)
        for group in listing
        if group.name == submission.name and (group.created_at is None or group.created_at >= since)
    ]


def _looks_of(step: Step, group_id: str) -> list[LookRecord]:
    listing = iterate(lambda token: step.heygen().list_looks(group_id=group_id, token=token), max_pages=MAX_PAGES)
    try:
        return list(listing)
    except NotFound:
        return []


def _taken_elsewhere(submission: Submission) -> set[str]:
    """Ids of looks that other submissions made."""
    others = Submission.objects.exclude(pk=submission.pk).filter(look__isnull=False, look__name=submission.name)
    return set(others.values_list("look__heygen_id", flat=True))
