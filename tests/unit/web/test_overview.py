"""The first page: what needs somebody, what is moving, what came last, for each role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from avatars.states import ConsentState, Status
from tests.builders import make_photo_upload, make_submission, make_user
from tests.unit.web.scene import make_consent, make_group, make_look, make_twin

SignIn = Callable[[Any], Client]


@pytest.fixture
def web(marketer: Any, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def needs(client: Client) -> list[tuple[str, str]]:
    """What waits for a person, with its next step."""
    return [(need.name, need.step) for need in client.get("/").context["needs_you"]]


def test_an_empty_portal_shows_three_doors(web: Client) -> None:
    html = web.get("/").content.decode()
    for path in ("/create/digital-twin/", "/create/photo/", "/create/prompt/"):
        assert f'href="{path}"' in html


def test_a_lead_is_offered_nothing_he_may_not_do(lead: Any, sign_in: SignIn) -> None:
    html = sign_in(lead).get("/").content.decode()
    assert "/create/" not in html
    assert "/consents/" not in html
    assert "Browse the library" in html


def test_somebody_without_a_role_still_sees_a_page(sign_in: SignIn, db: None) -> None:
    answer = sign_in(make_user()).get("/")
    assert answer.status_code == 200
    assert "Needs you" not in answer.content.decode()


def test_the_public_library_does_not_count_as_a_beginning(web: Client) -> None:
    make_look(make_group(ownership="public"), ownership="public")
    assert web.get("/").context["doors"]


def test_what_stopped_comes_first_with_its_one_next_step(web: Client, marketer: Any) -> None:
    now = timezone.now()
    make_submission(marketer, name="Failed", state=Status.FAILED, error_code="no_face_detected", error_at=now)
    make_submission(marketer, name="Money", state=Status.NEEDS_YOU, error_code="insufficient_credit", error_at=now)
    make_submission(marketer, name="Unknown", state=Status.UNKNOWN_OUTCOME, error_at=now)
    make_submission(marketer, name="Fine", state=Status.READY)
    assert needs(web) == [("Unknown", "Decide"), ("Money", "Put it right"), ("Failed", "See what to do")]
    assert "No face was found" in web.get("/").content.decode()


def test_a_failure_nobody_came_back_to_for_two_weeks_is_history(web: Client, marketer: Any) -> None:
    long_ago = timezone.now() - timedelta(days=15)
    make_submission(marketer, name="Old", state=Status.FAILED, error_at=long_ago)
    make_submission(marketer, name="Open", state=Status.UNKNOWN_OUTCOME, error_at=long_ago)
    assert needs(web) == [("Open", "Decide")]


@pytest.mark.parametrize(
    ("state", "asked", "step"),
    [
        (ConsentState.NOT_ASKED, None, "Ask for consent"),
        (ConsentState.EXPIRED, 2, "Send a new link"),
        (ConsentState.DECLINED, 2, "See what to do"),
        (ConsentState.WAITING, 4, "Remind the person"),
        (ConsentState.WAITING, 2, None),
        (ConsentState.GIVEN, 2, None),
        (ConsentState.WAIVED, None, None),
    ],
)
def test_consents_that_do_not_move_need_somebody(
    web: Client, marketer: Any, state: ConsentState, asked: int | None, step: str | None
) -> None:
    at = timezone.now() - timedelta(days=asked) if asked else None
    twin = make_twin(state, name="Sarah")
    make_consent(twin, marketer, asked_at=at)
    assert needs(web) == ([("Sarah", step)] if step else [])
    assert (f'href="/groups/{twin.pk}/"' in web.get("/").content.decode()) is bool(step)


def test_people_are_troubled_with_their_own_only(
    web: Client, marketer: Any, admin_person: Any, sign_in: SignIn
) -> None:
    other = make_user("marketer")
    make_submission(other, name="Not mine", state=Status.NEEDS_YOU, error_at=timezone.now())
    make_consent(make_twin(name="Not my person"), other)
    make_consent(make_twin(name="Nobody's person"), None)
    assert needs(web) == [("Nobody's person", "Ask for consent")]
    assert {name for name, _ in needs(sign_in(admin_person))} == {"Not mine", "Not my person", "Nobody's person"}


def test_a_character_that_is_gone_troubles_nobody(web: Client, marketer: Any) -> None:
    make_consent(make_twin(gone_at=timezone.now()), marketer)
    assert needs(web) == []


def test_six_needs_are_shown_and_the_rest_is_a_click_away(web: Client, marketer: Any) -> None:
    for number in range(9):
        make_submission(marketer, name=f"No {number}", state=Status.NEEDS_YOU, error_at=timezone.now())
    answer = web.get("/")
    assert len(answer.context["needs_you"]) == 6
    assert "/submissions/?state=for_a_person" in answer.content.decode()


def test_what_moves_is_live(web: Client, marketer: Any) -> None:
    made = make_submission(marketer, name="Moving", state=Status.TRAINING)
    html = web.get("/").content.decode()
    assert f'id="badge-submission-{made.pk}-status"' in html
    assert 'hx-trigger="every' in html


def test_no_badge_stands_on_the_page_twice(web: Client, marketer: Any) -> None:
    twin = make_twin()
    make_consent(twin, marketer)
    look = make_look(twin)
    make_submission(marketer, state=Status.TRAINING, group=twin)
    make_submission(marketer, state=Status.FAILED, error_at=timezone.now(), look=look)
    html = web.get("/").content.decode()
    ids = [part.split('"', 1)[0] for part in html.split(' id="')[1:]]
    assert sorted(set(ids)) == sorted(ids)


def test_the_latest_looks_of_our_own_are_shown_as_pictures(web: Client) -> None:
    group = make_group()
    for number in range(14):
        make_look(group, name=f"Look {number:02}", thumbnail="a" * 32 + ".webp")
    make_look(group, name="Gone look", gone_at=timezone.now())
    make_look(make_group(ownership="public"), name="Public look", ownership="public")
    html = web.get("/").content.decode()
    assert html.count('<article class="card') == 12
    assert "Look 13" in html
    assert "Gone look" not in html
    assert "Public look" not in html


def test_consents_are_counted(web: Client, marketer: Any) -> None:
    for state in (ConsentState.GIVEN, ConsentState.GIVEN, ConsentState.DECLINED):
        make_consent(make_twin(state), marketer)
    counted = {stat["label"]: stat["value"] for stat in web.get("/").context["consents"]}
    assert (counted["Consent given"], counted["Declined"], counted["Waiting for consent"]) == ("2", "1", "0")


def test_the_page_costs_the_same_with_little_and_with_much(
    web: Client, marketer: Any, django_assert_num_queries: Any
) -> None:
    def fill() -> None:
        twin = make_twin()
        make_consent(twin, marketer)
        make_look(twin)
        make_submission(marketer, upload=upload, state=Status.TRAINING)
        make_submission(marketer, upload=upload, state=Status.FAILED, error_at=timezone.now() - timedelta(days=20))

    upload = make_photo_upload(marketer)
    fill()
    with django_assert_num_queries(QUERIES):
        web.get("/")
    for _ in range(50):
        fill()
    with django_assert_num_queries(QUERIES):
        web.get("/")


QUERIES = 9
