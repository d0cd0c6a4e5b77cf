"""A submission's way through the worker, against the sandbox over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from avatars.creation import decide
from avatars.creation.store import NewFile, store_submission
from avatars.library import mirror
from avatars.models import AvatarGroup, Call, Consent, Look, Submission
from avatars.states import CallState, ConsentState, Kind, Status, WrongMove
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


def submit(owner, kind=Kind.PROMPT, name="Space Commander", **facts):
    """Store a submission as a form would."""
    facts.setdefault("files", [])
    if kind == Kind.PROMPT:
        facts.setdefault("prompt", "A woman in her thirties, silver hair, dark blue suit, warm studio light")
    elif not facts["files"]:
        make = builders.make_footage_upload if kind == Kind.DIGITAL_TWIN else builders.make_photo_upload
        facts["files"] = [NewFile("file", "upload", upload=make(owner))]
    token = facts.pop("form_token", builders.form_token())
    return store_submission(owner=owner, kind=kind, form_token=token, name=name, **facts)[0]


def is_(submission, *states):
    """A condition: the submission is in one of `states`."""

    def holds():
        submission.refresh_from_db()
        return submission.state in states

    return holds


@pytest.fixture
def marketer(transactional_db):
    return builders.make_user("marketer")


def test_it_makes_a_prompt_avatar_ready(sandbox, work, marketer):
    submission = submit(marketer)
    work.until(is_(submission, Status.READY))
    assert [row["name"] for row in sandbox.creations()] == ["Space Commander"]
    assert submission.look.heygen_id == sandbox.creations()[0]["id"]
    assert submission.look.image_width > 0
    assert submission.group.consent_state == ConsentState.NOT_REQUIRED


def test_it_uploads_a_photo_before_creating(sandbox, work, marketer):
    submission = submit(marketer, Kind.PHOTO, "Ana")
    work.until(is_(submission, Status.READY))
    paths = [(row["method"], row["path"]) for row in sandbox.requests() if row["method"] == "POST"]
    assert paths == [("POST", "/v3/assets"), ("POST", "/v3/avatars")]
    assert submission.files.get().asset_id


def test_it_brings_large_footage_straight_into_storage(sandbox, work, marketer, monkeypatch):
    monkeypatch.setattr("avatars.creation.deliver.SIMPLE_UPLOAD_MAX", 1000)
    submission = submit(marketer, Kind.DIGITAL_TWIN, "Ben")
    work.until(is_(submission, Status.READY))
    paths = [row["path"] for row in sandbox.requests() if row["method"] in {"POST", "PUT"}]
    assert paths[0] == "/v3/assets/direct-uploads"
    assert paths[-1] == "/v3/avatars"
    assert any(path.endswith("/complete") for path in paths)
    file = submission.files.get()
    assert file.sent_bytes == file.upload.size


def test_it_asks_a_twin_for_consent_and_nobody_else(sandbox, work, marketer):
    twin = submit(marketer, Kind.DIGITAL_TWIN, "Ben")
    photo = submit(marketer, Kind.PHOTO, "Ana")
    work.until(lambda: is_(twin, Status.READY)() and is_(photo, Status.READY)())
    assert twin.group.consent_state == ConsentState.NOT_ASKED
    assert Consent.objects.get().group == twin.group
    assert Consent.objects.get().owner == marketer


def test_it_adds_a_look_to_an_existing_character(sandbox, work, marketer):
    first = submit(marketer, name="Maya")
    work.until(is_(first, Status.READY))
    second = submit(marketer, name="Maya in red", target_group=first.group)
    work.until(is_(second, Status.READY))
    assert second.group == first.group
    assert AvatarGroup.objects.count() == 1
    assert Look.objects.filter(group=first.group).count() == 2


def test_a_used_form_token_gives_back_the_first_submission(marketer):
    first, new = store_submission(owner=marketer, kind=Kind.PROMPT, form_token="t" * 32, name="A", files=[], prompt="p")
    again, again_new = store_submission(
        owner=marketer, kind=Kind.PROMPT, form_token="t" * 32, name="B", files=[], prompt="q"
    )
    assert (new, again_new, again.pk) == (True, False, first.pk)
    assert Submission.objects.count() == 1


def finish(sandbox, work, submission):
    """Work until it is ready, with no time lost between two tries."""

    def ready():
        work.hurry()
        return is_(submission, Status.READY)()

    work.until(ready)
    keys = [row["key"] for row in sandbox.requests() if row["path"] == "/v3/avatars" and row["method"] == "POST"]
    return Call.objects.get(submission=submission), keys


@pytest.mark.parametrize("fault", ["500", "502", "reset", "empty"])
def test_an_unknown_outcome_is_sent_again_with_the_same_key(sandbox, work, marketer, fault):
    sandbox.faults(kind=fault, method="POST", path_prefix="/v3/avatars", times=2)
    call, keys = finish(sandbox, work, submit(marketer))
    assert call.state == CallState.ANSWERED
    assert keys == [call.idempotency_key] * 3
    assert len(sandbox.creations()) == 1


@pytest.mark.parametrize("fault", ["dropped", "cut", "half"])
def test_what_was_made_in_spite_of_a_lost_answer_is_found_before_anything_is_sent_again(sandbox, work, marketer, fault):
    sandbox.faults(kind=fault, method="POST", path_prefix="/v3/avatars", times=1)
    call, keys = finish(sandbox, work, submit(marketer))
    assert call.state == CallState.ADOPTED
    assert keys == [call.idempotency_key]
    assert len(sandbox.creations()) == 1


def test_where_the_account_cannot_be_looked_at_the_same_key_goes_out_again(sandbox, work, marketer):
    sandbox.faults(kind="dropped", method="POST", path_prefix="/v3/avatars", times=1)
    sandbox.faults(kind="403", method="GET", path_prefix="/v3/avatars", times=1)
    call, keys = finish(sandbox, work, submit(marketer))
    assert call.state == CallState.ANSWERED
    assert keys == [call.idempotency_key] * 2
    assert len(sandbox.creations()) == 1


def test_a_rate_limit_is_answered_with_a_new_key_after_the_pause(sandbox, work, marketer):
    sandbox.faults(kind="429", method="POST", path_prefix="/v3/avatars", times=2)
    submission = submit(marketer)

    def ready():
        work.hurry()
        return is_(submission, Status.READY)()

    work.until(ready)
    calls = Call.objects.filter(submission=submission).order_by("id")
    assert [call.state for call in calls] == [CallState.REFUSED, CallState.REFUSED, CallState.ANSWERED]
    assert len({call.idempotency_key for call in calls}) == 3
    assert len(sandbox.creations()) == 1


@pytest.mark.parametrize("first", ["dropped", "reset"])
@pytest.mark.parametrize("then", ["429", "403"])
def test_a_refusal_after_a_lost_answer_is_no_proof_that_nothing_was_made(sandbox, work, marketer, first, then):
    sandbox.faults(kind=first, method="POST", path_prefix="/v3/avatars", times=1)
    sandbox.faults(kind=then, method="POST", path_prefix="/v3/avatars", times=1)
    submission = submit(marketer)

    def settled():
        work.hurry()
        return is_(submission, Status.READY, Status.NEEDS_YOU)()

    work.until(settled)
    refused_and_not_made = (first, then) == ("reset", "403")
    assert submission.state == (Status.NEEDS_YOU if refused_and_not_made else Status.READY)
    assert len(sandbox.creations()) == (0 if refused_and_not_made else 1)


def test_a_key_that_is_refused_again_and_again_gives_way_once_the_account_was_searched(sandbox, work, marketer):
    sandbox.faults(kind="reset", method="POST", path_prefix="/v3/avatars", times=1)
    sandbox.faults(kind="429", method="POST", path_prefix="/v3/avatars", times=3)
    submission = submit(marketer)

    def ready():
        work.hurry()
        return is_(submission, Status.READY)()

    work.until(ready)
    calls = Call.objects.filter(submission=submission).order_by("id")
    assert [call.state for call in calls] == [CallState.REFUSED, CallState.ANSWERED]
    assert calls[0].lookups > 0
    assert len(sandbox.creations()) == 1


def test_a_conflict_over_a_created_look_is_settled_by_adopting_it(sandbox, work, marketer):
    sandbox.switch(create_returns="conflict_but_created")
    submission = submit(marketer)
    work.until(is_(submission, Status.READY))
    assert Call.objects.get(submission=submission).state == CallState.ADOPTED
    assert len(sandbox.creations()) == 1


@pytest.mark.parametrize("answer", ["null_item", "null_group", "null_both"])
def test_an_answer_without_ids_is_completed_from_the_account(sandbox, work, marketer, answer):
    sandbox.switch(create_returns=answer)
    submission = submit(marketer)
    work.until(is_(submission, Status.READY))
    assert submission.look is not None
    assert submission.group is not None
    assert len(sandbox.creations()) == 1


def test_an_outcome_that_stays_unknown_is_left_to_a_person(sandbox, work, marketer, monkeypatch):
    monkeypatch.setattr("avatars.creation.create.MAX_UNKNOWN", 2)
    sandbox.faults(kind="500", method="POST", path_prefix="/v3/avatars", times=2)
    submission = submit(marketer)

    def left_to_a_person():
        work.hurry()
        return is_(submission, Status.UNKNOWN_OUTCOME)()

    work.until(left_to_a_person)
    assert decide.actions(submission) == {"adopt", "not_created", "give_up"}
    assert sandbox.creations() == []
    decide.not_created_try_again(submission, actor=marketer)
    work.until(is_(submission, Status.READY))
    assert len(sandbox.creations()) == 1


def test_a_key_older_than_a_day_is_never_sent_again(sandbox, work, marketer):
    sandbox.faults(kind="dropped", method="POST", path_prefix="/v3/avatars", times=1)
    submission = submit(marketer)
    work.until(lambda: Call.objects.filter(unknown_outcomes=1).exists())
    Call.objects.update(first_sent_at=timezone.now() - timedelta(hours=24))
    work.hurry()
    work.until(is_(submission, Status.READY))
    posts = [row for row in sandbox.requests() if row["path"] == "/v3/avatars" and row["method"] == "POST"]
    assert len(posts) == 1
    assert Call.objects.get().state == CallState.ADOPTED


@pytest.mark.parametrize(
    ("fault", "state"),
    [("401", Status.NEEDS_YOU), ("402", Status.NEEDS_YOU), ("403", Status.NEEDS_YOU), ("413", Status.FAILED)],
)
def test_a_refusal_stops_and_can_be_tried_again(sandbox, work, marketer, fault, state):
    sandbox.faults(kind=fault, method="POST", path_prefix="/v3/avatars", times=1)
    submission = submit(marketer)
    work.until(is_(submission, state))
    assert submission.error_code
    decide.try_again(submission, actor=marketer)
    work.until(is_(submission, Status.READY))
    assert len({call.idempotency_key for call in submission.calls.all()}) == 2


def test_failed_training_reaches_the_submission(sandbox, work, marketer):
    short = builders.make_footage_upload(marketer, seconds=3)
    submission = submit(marketer, Kind.DIGITAL_TWIN, "Short", files=[NewFile("file", "upload", upload=short)])
    work.until(is_(submission, Status.FAILED))
    assert submission.error_code == "training_failed"
    assert submission.look.status == Status.FAILED


def test_cancelling_before_the_paid_call_sends_nothing(sandbox, work, marketer):
    submission = submit(marketer)
    decide.cancel(submission, actor=marketer)
    work.once()
    assert sandbox.creations() == []
    with pytest.raises(WrongMove):
        decide.try_again(submission, actor=marketer)


def test_nothing_is_sent_to_another_account_than_the_one_it_was_stored_for(sandbox, work, marketer):
    submission = submit(marketer)
    Submission.objects.update(account="api.heygen.com:0000")
    work.until(is_(submission, Status.NEEDS_YOU))
    assert submission.error_code == "portal_other_account"
    assert sandbox.creations() == []


def test_a_look_that_vanishes_in_training_takes_its_submission_along(sandbox, work, marketer):
    sandbox.clock(scale=0.001)
    submission = submit(marketer)
    work.until(is_(submission, Status.TRAINING))
    mirror.mark_gone(submission.look, timezone.now())
    work.hurry()
    work.until(is_(submission, Status.GONE))
