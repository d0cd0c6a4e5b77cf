"""The list of submissions, the page of one, and what a person may decide there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from avatars.models import Event, Job, Submission
from avatars.states import ConsentState, Kind, Status
from tests.builders import make_footage_upload, make_photo_upload, make_submission, make_user
from tests.unit.web.scene import HOSTILE, make_group, make_look, make_twin

SignIn = Callable[[Any], Client]


@pytest.fixture
def web(marketer: Any, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def names(html: str) -> list[str]:
    """The submissions of a list, in its order."""
    return [part.split('"', 1)[0] for part in html.split('<tr data-name="')[1:]]


# --- The list --------------------------------------------------------------------------------------------------------


def test_people_see_their_own_and_leads_and_admins_see_all(
    marketer: Any, lead: Any, admin_person: Any, sign_in: SignIn
) -> None:
    make_submission(marketer, name="Mine")
    make_submission(make_user("marketer"), name="Theirs")
    assert names(page(sign_in(marketer), "/submissions/")) == ["Mine"]
    assert names(page(sign_in(lead), "/submissions/")) == ["Theirs", "Mine"]
    assert names(page(sign_in(admin_person), "/submissions/")) == ["Theirs", "Mine"]
    assert sign_in(make_user()).get("/submissions/").status_code == 403
    assert Client().get("/submissions/").status_code == 302


def test_the_newest_come_first_and_every_page_follows_the_one_before(web: Client, marketer: Any) -> None:
    same = timezone.now()
    made = [make_submission(marketer, name=f"No {number:03}", created_at=same) for number in range(60)]
    expected = [item.name for item in sorted(made, key=lambda item: item.pk.hex, reverse=True)]
    first = web.get("/submissions/")
    cursor = first.context["next_cursor"]
    second = page(web, f"/submissions/?after={cursor}")
    assert names(first.content.decode()) + names(second) == expected
    assert 'rel="next"' in first.content.decode()
    assert 'rel="next"' not in second


@pytest.mark.parametrize("cursor", ["x", "%00", "A" * 3000, "eyJ9", "%ED%A0%80"])
def test_a_broken_cursor_gives_the_first_page(web: Client, marketer: Any, cursor: str) -> None:
    make_submission(marketer, name="Here")
    assert names(page(web, f"/submissions/?after={cursor}")) == ["Here"]


def test_the_filters_live_in_the_address_and_show_as_chips(admin_person: Any, marketer: Any, sign_in: SignIn) -> None:
    make_submission(marketer, name="Failed photo", state=Status.FAILED)
    make_submission(marketer, name="Running prompt", kind=Kind.PROMPT, state=Status.CREATING)
    make_submission(admin_person, name="My own", state=Status.READY)
    make_submission(admin_person, name="Unknown", state=Status.UNKNOWN_OUTCOME)
    web = sign_in(admin_person)
    assert names(page(web, "/submissions/?state=failed")) == ["Failed photo"]
    assert names(page(web, "/submissions/?state=in_progress")) == ["Running prompt"]
    assert names(page(web, "/submissions/?state=for_a_person")) == ["Unknown", "Failed photo"]
    assert names(page(web, "/submissions/?kind=prompt")) == ["Running prompt"]
    assert names(page(web, f"/submissions/?owner={marketer.pk}")) == ["Running prompt", "Failed photo"]
    html = page(web, "/submissions/?mine=1&state=ready&kind=photo")
    assert names(html) == ["My own"]
    for chip in ("State: Ready", "Kind: Photo avatar", "Mine"):
        assert chip in html
    assert 'href="/submissions/?mine=1&amp;kind=photo"' in html


@pytest.mark.parametrize("query", ["state=nonsense", "kind=%00", "owner=abc", "owner=" + "9" * 40, "mine=x", "state="])
def test_unknown_filters_are_as_if_they_were_not_there(admin_person: Any, sign_in: SignIn, query: str) -> None:
    make_submission(admin_person, name="Here")
    assert names(page(sign_in(admin_person), f"/submissions/?{query}")) == ["Here"]


def test_nobody_filters_his_way_to_what_he_may_not_see(web: Client, admin_person: Any) -> None:
    make_submission(admin_person, name="Theirs")
    html = page(web, f"/submissions/?owner={admin_person.pk}")
    assert names(html) == []
    assert admin_person.username not in html


def test_the_list_says_when_it_is_empty(web: Client, lead: Any, sign_in: SignIn) -> None:
    assert "Nothing asked for yet" in page(web, "/submissions/")
    assert "Nothing matches" in page(web, "/submissions/?state=failed")
    assert "Create an avatar" not in page(sign_in(lead), "/submissions/")


def test_only_what_may_still_change_is_polled_for(web: Client, marketer: Any) -> None:
    make_submission(marketer, state=Status.READY)
    assert 'hx-trigger="every' not in page(web, "/submissions/")
    make_submission(marketer, state=Status.TRAINING)
    assert 'hx-trigger="every' in page(web, "/submissions/")


def test_names_never_become_markup(web: Client, marketer: Any) -> None:
    made = make_submission(
        marketer,
        name=HOSTILE,
        kind=Kind.PROMPT,
        prompt=HOSTILE,
        state=Status.FAILED,
        error_at=timezone.now(),
        error_message=HOSTILE,
        error_param=HOSTILE[:60],
    )
    for path in ("/submissions/", f"/submissions/{made.pk}/", f"/submissions/{made.pk}/timeline/", "/"):
        html = page(web, path)
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;" in html


def test_the_list_costs_the_same_for_one_and_for_fifty(
    admin_person: Any, marketer: Any, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    web = sign_in(admin_person)
    make_submission(marketer, upload=make_photo_upload(marketer))
    with django_assert_num_queries(LIST_QUERIES):
        web.get("/submissions/")
    upload = make_photo_upload(marketer)
    for number in range(49):
        make_submission(marketer, upload=upload, state=list(Status)[number % len(Status)])
    with django_assert_num_queries(LIST_QUERIES):
        assert len(names(page(web, "/submissions/"))) == 50


LIST_QUERIES = 6


# --- One submission --------------------------------------------------------------------------------------------------


def test_a_submission_of_somebody_else_does_not_exist_for_a_marketer(
    web: Client, admin_person: Any, lead: Any, sign_in: SignIn
) -> None:
    theirs = make_submission(admin_person, upload=make_photo_upload(admin_person), state=Status.FAILED)
    assert web.get(f"/submissions/{theirs.pk}/").status_code == 404
    assert web.get(f"/submissions/{theirs.pk}/timeline/").status_code == 404
    assert web.post(f"/submissions/{theirs.pk}/decide/", {"decision": "try_again"}).status_code == 404
    assert sign_in(lead).get(f"/submissions/{theirs.pk}/").status_code == 200
    assert web.get(f"/submissions/{uuid.uuid4()}/").status_code == 404
    assert Submission.objects.get(pk=theirs.pk).state == Status.FAILED


def test_the_page_shows_what_was_given(web: Client, marketer: Any) -> None:
    group = make_group(name="Amir")
    look = make_look(group, name="Amir in grey")
    upload = make_photo_upload(marketer)
    made = make_submission(
        marketer, kind=Kind.PROMPT, prompt="A tall man.", target_group=group, reference_look=look,
        depicts_real_person=True, permission_note="Asked him", price="1.00 USD",
    )  # fmt: skip
    made.files.create(role="reference", source="upload", upload=upload, position=0)
    made.files.create(role="reference", source="url", url="https://example.com/r.png", position=1)
    html = page(web, f"/submissions/{made.pk}/")
    for words in ("A tall man.", "Amir in grey", "photo.jpg", "https://example.com/r.png", "Asked him", "1.00 USD"):
        assert words in html
    assert f"/uploads/{upload.pk}/preview/" in html


def test_the_way_is_told_with_time_and_actor_and_with_what_is_to_come(web: Client, marketer: Any) -> None:
    made = make_submission(marketer, kind=Kind.DIGITAL_TWIN, upload=make_footage_upload(marketer))
    steps = web.get(f"/submissions/{made.pk}/").context["steps"]
    assert [step.title for step in steps] == [
        "Asked for", "Waiting for its turn", "Files go to HeyGen", "HeyGen creates it", "Training", "Ready to use",
    ]  # fmt: skip
    assert steps[0].text == "By mara"
    assert [step.tone for step in steps] == ["info", "info", "next", "next", "next", "next"]


@pytest.mark.parametrize(
    ("state", "now"),
    [
        (Status.UPLOADING, "Files go to HeyGen"),
        (Status.CREATING, "HeyGen creates it"),
        (Status.TRAINING, "Training"),
    ],
)
def test_the_step_it_is_at_comes_before_those_to_come(web: Client, marketer: Any, state: Status, now: str) -> None:
    made = make_submission(marketer, upload=make_photo_upload(marketer), state=state)
    steps = web.get(f"/submissions/{made.pk}/timeline/").context["steps"]
    assert [step.title for step in steps if step.tone == "info"][1:] == [now]
    assert steps[-1].title == "Ready to use"


@pytest.mark.parametrize(
    "state", [Status.FAILED, Status.NEEDS_YOU, Status.UNKNOWN_OUTCOME, Status.CANCELLED, Status.GONE]
)
def test_nothing_is_promised_where_it_has_stopped(web: Client, marketer: Any, state: Status) -> None:
    made = make_submission(marketer, state=state)
    assert all(step.tone != "next" for step in web.get(f"/submissions/{made.pk}/").context["steps"])


def test_a_failure_is_explained_and_heygens_words_stand_behind_details(web: Client, marketer: Any) -> None:
    made = make_submission(
        marketer,
        state=Status.FAILED,
        error_code="no_face_detected",
        error_message="FACE_ERR 12",
        error_at=timezone.now(),
    )
    html = page(web, f"/submissions/{made.pk}/")
    assert "No face was found" in html
    assert "It is about the file." in html
    assert html.index("<details") < html.index("FACE_ERR 12")
    assert f"/create/photo/?from={made.pk}" in html


def test_a_twin_shows_both_badges_and_the_consent_it_waits_for(web: Client, marketer: Any) -> None:
    twin = make_twin(ConsentState.NOT_ASKED)
    made = make_submission(marketer, kind=Kind.DIGITAL_TWIN, state=Status.READY, group=twin, look=make_look(twin))
    html = page(web, f"/submissions/{made.pk}/")
    assert f'id="badge-submission-{made.pk}-status"' in html
    assert f'id="badge-submission-{made.pk}-consent"' in html
    assert "locked until the person agrees" in html


def test_a_photo_shows_no_consent_badge(web: Client, marketer: Any) -> None:
    made = make_submission(marketer)
    assert f"badge-submission-{made.pk}-consent" not in page(web, f"/submissions/{made.pk}/")


def test_the_page_refreshes_its_way_when_its_badge_changes(web: Client, marketer: Any) -> None:
    made = make_submission(marketer)
    html = page(web, f"/submissions/{made.pk}/")
    assert f'hx-get="/submissions/{made.pk}/timeline/"' in html
    assert f'hx-trigger="submission-{made.pk}-changed from:body"' in html
    assert "<html" not in page(web, f"/submissions/{made.pk}/timeline/")


def test_the_result_is_linked(web: Client, marketer: Any) -> None:
    group = make_group(name="Amir")
    look = make_look(group, name="The result")
    made = make_submission(marketer, state=Status.READY, look=look, group=group)
    html = page(web, f"/submissions/{made.pk}/")
    assert f'href="/looks/{look.pk}/"' in html
    assert "The result" in html


def test_a_submission_costs_the_same_with_one_event_and_with_fifty(
    web: Client, marketer: Any, django_assert_num_queries: Any
) -> None:
    made = make_submission(marketer, upload=make_photo_upload(marketer), state=Status.UNKNOWN_OUTCOME)
    with django_assert_num_queries(PAGE_QUERIES):
        web.get(f"/submissions/{made.pk}/")
    for _ in range(50):
        Event.objects.record("submission_tried_again", actor=marketer, submission=made)
        make_look(make_group(), name=made.name)
    with django_assert_num_queries(PAGE_QUERIES):
        web.get(f"/submissions/{made.pk}/")


PAGE_QUERIES = 9


# --- Decisions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "decision", "after"),
    [
        (Status.QUEUED, "cancel", Status.CANCELLED),
        (Status.FAILED, "try_again", Status.QUEUED),
        (Status.FAILED, "give_up", Status.CANCELLED),
        (Status.NEEDS_YOU, "try_again", Status.QUEUED),
        (Status.NEEDS_YOU, "give_up", Status.CANCELLED),
        (Status.UNKNOWN_OUTCOME, "not_created", Status.QUEUED),
        (Status.UNKNOWN_OUTCOME, "give_up", Status.CANCELLED),
    ],
)
def test_a_person_decides(web: Client, marketer: Any, state: Status, decision: str, after: Status) -> None:
    made = make_submission(marketer, state=state)
    Job.objects.all().delete()
    assert f'value="{decision}"' in page(web, f"/submissions/{made.pk}/")
    answer = web.post(f"/submissions/{made.pk}/decide/", {"decision": decision})
    assert (answer.status_code, answer["Location"]) == (302, f"/submissions/{made.pk}/")
    assert Submission.objects.get().state == after
    assert Event.objects.filter(submission=made, actor=marketer).exclude(verb="submission_created").count() == 1
    assert Job.objects.filter(kind="submission.advance").exists() is (after == Status.QUEUED)


@pytest.mark.parametrize("decision", ["cancel", "try_again", "give_up", "not_created", "adopt"])
def test_a_decision_that_comes_too_late_changes_nothing_and_says_so(web: Client, marketer: Any, decision: str) -> None:
    made = make_submission(marketer, state=Status.TRAINING)
    answer = web.post(f"/submissions/{made.pk}/decide/", {"decision": decision})
    assert answer.status_code == 302
    assert "moved on" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Submission.objects.get().state == Status.TRAINING


@pytest.mark.parametrize("decision", ["", "explode", "\x00"])
def test_an_unknown_decision_does_nothing(web: Client, marketer: Any, decision: str) -> None:
    made = make_submission(marketer, state=Status.FAILED)
    assert web.post(f"/submissions/{made.pk}/decide/", {"decision": decision}).status_code == 302
    assert Submission.objects.get().state == Status.FAILED


def test_a_look_is_adopted(web: Client, marketer: Any) -> None:
    made = make_submission(marketer, name="Sarah", state=Status.UNKNOWN_OUTCOME)
    Submission.objects.update(created_at=timezone.now() - timedelta(hours=1))
    result = make_look(make_group(), name="Sarah")
    html = page(web, f"/submissions/{made.pk}/")
    assert f'name="look" value="{result.pk}"' in html
    web.post(f"/submissions/{made.pk}/decide/", {"decision": "adopt", "look": str(result.pk)})
    made.refresh_from_db()
    assert made.look == result
    assert made.state in {Status.TRAINING, Status.READY}


@pytest.mark.parametrize("word", ["", "abc", "9" * 40, "\x00", "public"])
def test_only_a_candidate_can_be_adopted(web: Client, marketer: Any, word: str) -> None:
    made = make_submission(marketer, name="Sarah", state=Status.UNKNOWN_OUTCOME)
    public = make_look(make_group(ownership="public"), name="Sarah", ownership="public")
    look = str(public.pk) if word == "public" else word
    assert web.post(f"/submissions/{made.pk}/decide/", {"decision": "adopt", "look": look}).status_code == 302
    assert Submission.objects.get().state == Status.UNKNOWN_OUTCOME


def test_a_lead_sees_no_decisions_and_cannot_take_any(marketer: Any, lead: Any, sign_in: SignIn) -> None:
    made = make_submission(marketer, state=Status.FAILED)
    web = sign_in(lead)
    assert 'name="decision"' not in page(web, f"/submissions/{made.pk}/")
    assert web.post(f"/submissions/{made.pk}/decide/", {"decision": "try_again"}).status_code == 403
    assert Submission.objects.get().state == Status.FAILED


def test_an_admin_decides_for_others(marketer: Any, admin_person: Any, sign_in: SignIn) -> None:
    made = make_submission(marketer, state=Status.FAILED)
    sign_in(admin_person).post(f"/submissions/{made.pk}/decide/", {"decision": "try_again"})
    assert Submission.objects.get().state == Status.QUEUED


def test_decisions_are_posts_only(web: Client, marketer: Any) -> None:
    assert web.get(f"/submissions/{make_submission(marketer).pk}/decide/").status_code == 405
