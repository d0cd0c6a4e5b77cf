"""Creations at a HeyGen that says no to questions on the way, or not yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from avatars.creation import decide
from avatars.heygen import HeyGenClient, InProgress
from avatars.models import Call, Throttle
from avatars.states import CallState, Kind, Status
from tests import builders
from tests.flows.test_creation import is_, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marketer(transactional_db):
    return builders.make_user("marketer")


@pytest.fixture
def large(monkeypatch):
    """Footage counts as large, whatever its size."""
    monkeypatch.setattr("avatars.creation.deliver.SIMPLE_UPLOAD_MAX", 1000)


@pytest.mark.parametrize("fault", ["403", "429"])
def test_footage_goes_on_when_heygen_does_not_say_how_an_asset_stands(sandbox, work, marketer, large, fault):
    sandbox.faults(kind=fault, method="GET", path_prefix="/v3/assets/statuses", times=1000)
    submission = submit(marketer, Kind.DIGITAL_TWIN, "Ben")
    work.until(is_(submission, Status.READY))
    asked = [row["path"] for row in sandbox.requests() if row["path"].startswith("/v3/assets/statuses")]
    assert len(asked) == 1
    assert len(sandbox.creations()) == 1


def test_every_try_at_completing_an_upload_has_a_key_of_its_own(sandbox, work, marketer, large):
    sandbox.switch(asset_complete="conflict_twice")
    submission = submit(marketer, Kind.DIGITAL_TWIN, "Ben")
    work.until(is_(submission, Status.READY))
    calls = Call.objects.filter(submission=submission, operation="upload_complete").order_by("id")
    assert [call.state for call in calls] == [CallState.REFUSED, CallState.REFUSED, CallState.ANSWERED]
    sent = [row["key"] for row in sandbox.requests() if row["path"].endswith("/complete")]
    assert sent == [call.idempotency_key for call in calls]


def test_an_upload_that_never_shows_is_put_there_anew(sandbox, work, marketer, large, monkeypatch):
    monkeypatch.setattr("avatars.creation.deliver.COMPLETE_TRIES", 2)
    sandbox.switch(asset_complete="conflict_twice")
    submission = submit(marketer, Kind.DIGITAL_TWIN, "Ben")
    put_anew = Call.objects.filter(submission=submission, operation="upload_begin", state=CallState.ANSWERED)

    def begun_twice():
        work.hurry()
        return put_anew.count() == 2

    work.until(begun_twice)
    sandbox.switch(asset_complete="ok")
    work.until(is_(submission, Status.READY))
    assert len(sandbox.creations()) == 1


def test_a_key_that_may_not_read_looks_is_brought_before_a_person(sandbox, work, marketer):
    first = submit(marketer, name="Maya")
    work.until(is_(first, Status.READY))
    sandbox.faults(kind="403", method="GET", path_prefix="/v3/avatars/looks", times=1)
    second = submit(marketer, name="Maya in red", target_group=first.group)
    work.until(is_(second, Status.NEEDS_YOU), kinds=("submission.advance",))
    assert len(sandbox.creations()) == 1
    decide.try_again(second, actor=marketer)
    work.until(is_(second, Status.READY))
    assert len(sandbox.creations()) == 2


def test_a_creation_still_running_keeps_the_next_one_waiting(sandbox, work, marketer, monkeypatch):
    sandbox.faults(kind="409", method="POST", path_prefix="/v3/avatars", times=1)
    first = submit(marketer, name="First")
    work.until(lambda: Call.objects.filter(submission=first, attempts=1).exists())
    assert Throttle.objects.get().creating_token == str(first.pk)

    # An answer that never changes must not stop everybody else for ever.
    def still_running(*_given, **_named):
        raise InProgress("Wait.", status=409, code="request_in_progress")

    monkeypatch.setattr(HeyGenClient, "create_avatar", still_running)
    Call.objects.filter(submission=first).update(first_sent_at=timezone.now() - timedelta(minutes=5))
    work.until(lambda: work.hurry() or Call.objects.get(submission=first).attempts > 1)
    assert Throttle.objects.get().creating_token == ""
    monkeypatch.undo()
    work.until(lambda: work.hurry() or is_(first, Status.READY)())
    assert len(sandbox.creations()) == 1
