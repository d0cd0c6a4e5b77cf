"""Badges and the one poll: what they say, when the poll is silent, and who is told what."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from avatars import states
from avatars.models import Look, SubmissionFile
from avatars.states import ConsentState, LinkState, Status
from avatars.web import badges, watching
from tests.builders import make_photo_upload, make_user
from tests.unit.web.scene import HOSTILE, make_consent, make_group, make_link, make_look, make_twin

pytestmark = pytest.mark.django_db


def element_for(user: Any, items: list[Any], **asked: str) -> str:
    request = RequestFactory().get("/", asked)
    request.user = user
    return str(badges.poll_element(request, items))


def address_in(markup: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', markup)
    assert found, markup
    return html.unescape(found.group(1))


def training_look(**facts: Any) -> Look:
    return make_look(make_group(), status=Status.TRAINING, status_raw="processing", **facts)


def watch_of(look: Look, **more: Any) -> Any:
    return badges.look(Look.objects.select_related("group").get(pk=look.pk), **more)


def make_submission(owner: Any, **facts: Any) -> Any:
    from avatars.models import Submission

    facts.setdefault("kind", "photo")
    return Submission.objects.create(owner=owner, form_token=str(facts), account="a", name="Sarah", **facts)


# --- Markup ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_machine_word_its_label_and_an_icon_of_the_sprite(status: Status) -> None:
    markup = badges.status_html("look", 7, status, "processing", "Sarah")
    assert f'data-status="{status}"' in markup
    assert 'id="badge-look-7-status"' in markup
    assert f">{states.STATUS_FACES[status].label}</span>" in markup
    assert 'data-raw="processing"' in markup


@pytest.mark.parametrize("state", list(ConsentState))
def test_every_consent_state_has_its_machine_word_and_its_label(state: ConsentState) -> None:
    markup = badges.consent_html("group", 7, state, None, "Sarah")
    assert f'data-consent="{state}"' in markup
    assert 'id="badge-group-7-consent"' in markup
    assert f">{states.CONSENT_FACES[state].label}</span>" in markup


def test_an_unknown_training_word_is_shown_as_it_is_in_the_neutral_tone() -> None:
    markup = badges.status_html("look", 7, Status.TRAINING, "baking", "Sarah")
    assert ">baking</span>" in markup
    assert "badge--neutral" in markup
    assert 'data-status="training"' in markup


def test_an_unknown_consent_word_is_shown_as_it_is() -> None:
    markup = badges.consent_html("group", 7, ConsentState.UNKNOWN, "under_review", "Sarah")
    assert ">under_review</span>" in markup
    assert 'data-raw="under_review"' in markup


def test_hostile_names_and_words_are_escaped_once() -> None:
    for markup in (
        badges.status_html("look", 7, Status.TRAINING, HOSTILE, HOSTILE, title=HOSTILE),
        badges.consent_html("look", 7, ConsentState.UNKNOWN, HOSTILE, HOSTILE, title=HOSTILE),
    ):
        assert "<script" not in markup
        assert html.escape(HOSTILE, quote=True).replace("&#x27;", "&#39;") in markup.replace("&#x27;", "&#39;")
        assert "&amp;lt;" not in markup


def test_an_upload_shows_how_far_it_is() -> None:
    owner = make_user("marketer")
    submission = make_submission(owner, state=Status.UPLOADING)
    upload = make_photo_upload(owner)
    SubmissionFile.objects.create(
        submission=submission, role="file", source="upload", upload=upload, sent_bytes=upload.size * 42 // 100 + 1
    )
    pair = badges.of_submissions([submission.pk])[submission.pk]
    assert ">Uploading 42 %</span>" in pair.status


# --- The element -----------------------------------------------------------------------------------------------------


def test_the_poll_has_a_trigger_while_something_may_change_and_none_once_all_is_final(marketer: Any) -> None:
    assert "hx-trigger" in element_for(marketer, [watch_of(training_look())])
    final = element_for(marketer, [watch_of(make_look(make_group()))])
    assert final == '<div id="badge-poll"></div>'


@pytest.mark.parametrize("state", [ConsentState.WAITING, ConsentState.UNKNOWN])
def test_it_waits_for_consent_as_it_waits_for_training(marketer: Any, state: ConsentState) -> None:
    assert "hx-trigger" in element_for(marketer, [watch_of(make_look(make_twin(state)))])


def test_lists_do_not_wait_for_people_but_the_pages_of_one_character_do(marketer: Any) -> None:
    look = make_look(make_twin(ConsentState.NOT_ASKED))
    assert "hx-trigger" not in element_for(marketer, [watch_of(look)])
    assert "hx-trigger" in element_for(marketer, [watch_of(look, shows=badges.BOTH | badges.OPEN)])


def test_an_address_for_sixty_looks_is_short(marketer: Any) -> None:
    items = [
        watch_of(training_look(heygen_id=f"l{number}", id=100_000 + 37 * number), shows=badges.BOTH)
        for number in range(60)
    ]
    assert len(address_in(element_for(marketer, items))) < 800


# --- The answer ------------------------------------------------------------------------------------------------------


def test_nothing_new_is_answered_by_204_with_one_query_and_without_a_session(
    marketer: Any, django_assert_num_queries: Any
) -> None:
    items = [watch_of(training_look(heygen_id=f"l{number}")) for number in range(60)]
    address = address_in(element_for(marketer, items))
    with django_assert_num_queries(1):
        answer = Client().get(address)
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer["Cache-Control"] == "no-store"
    assert "Cookie" not in answer.get("Vary", "")


def test_signed_in_people_cost_no_more_while_nothing_is_new(
    marketer: Any, sign_in: Any, django_assert_num_queries: Any
) -> None:
    address = address_in(element_for(marketer, [watch_of(training_look())]))
    client = sign_in(marketer)
    with django_assert_num_queries(1):
        assert client.get(address).status_code == 204


def test_a_change_brings_both_badges_an_event_and_a_fresh_poll(marketer: Any, sign_in: Any) -> None:
    look, other = training_look(), training_look(name="Other")
    address = address_in(element_for(marketer, [watch_of(look), watch_of(other)]))
    Look.objects.filter(pk=look.pk).update(status=Status.READY, status_raw="completed")
    answer = sign_in(marketer).get(address)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="badge-look-{look.pk}-status" data-status="ready"' in body
    assert f'id="badge-look-{look.pk}-consent"' in body
    assert body.count('hx-swap-oob="true"') == 2
    assert f"badge-look-{other.pk}-" not in body
    assert answer["HX-Trigger"] == f"look-{look.pk}-changed"
    assert 'id="badge-poll" class="poll" hx-get=' in body
    assert sign_in(marketer).get(address_in(body)).status_code == 204


def test_the_last_change_ends_the_poll(marketer: Any, sign_in: Any) -> None:
    look = training_look()
    address = address_in(element_for(marketer, [watch_of(look)]))
    Look.objects.filter(pk=look.pk).update(status=Status.FAILED, status_raw="failed")
    body = sign_in(marketer).get(address).content.decode()
    assert 'data-status="failed"' in body
    assert "hx-trigger" not in body


def test_only_the_badges_the_page_has_are_sent(marketer: Any, sign_in: Any) -> None:
    group = make_twin(ConsentState.WAITING)
    address = address_in(element_for(marketer, [badges.group(group, shows=badges.CONSENT)]))
    type(group).objects.filter(pk=group.pk).update(consent_state=ConsentState.GIVEN, consent_raw="accepted")
    body = sign_in(marketer).get(address).content.decode()
    assert 'data-consent="given" data-raw="accepted"' in body
    assert "data-status" not in body


def test_a_raw_word_that_changes_alone_is_news(marketer: Any, sign_in: Any) -> None:
    look = training_look()
    address = address_in(element_for(marketer, [watch_of(look)]))
    Look.objects.filter(pk=look.pk).update(status_raw="baking")
    assert ">baking</span>" in sign_in(marketer).get(address).content.decode()


def test_a_consent_tells_of_its_link_and_its_mails(marketer: Any, sign_in: Any) -> None:
    consent = make_consent(make_twin(), marketer)
    link = make_link(consent, marketer, state=LinkState.REQUESTED, url="")
    address = address_in(element_for(marketer, [badges.consent(consent)]))
    assert sign_in(marketer).get(address).status_code == 204
    link.move(LinkState.READY)
    answer = sign_in(marketer).get(address)
    assert answer["HX-Trigger"] == f"consent-{consent.pk}-changed"


def test_upload_progress_is_news(marketer: Any, sign_in: Any) -> None:
    submission = make_submission(marketer, state=Status.UPLOADING)
    upload = make_photo_upload(marketer)
    file = SubmissionFile.objects.create(submission=submission, role="file", source="upload", upload=upload)
    address = address_in(element_for(marketer, [badges.submission(submission)]))
    client = sign_in(marketer)
    assert client.get(address).status_code == 204
    SubmissionFile.objects.filter(pk=file.pk).update(sent_bytes=upload.size // 2)
    answer = client.get(address)
    assert "Uploading 49 %" in answer.content.decode() or "Uploading 50 %" in answer.content.decode()
    assert answer["HX-Trigger"] == f"submission-{submission.pk}-changed"


# --- Who may ask -----------------------------------------------------------------------------------------------------


def test_what_changed_is_not_told_without_a_session(marketer: Any) -> None:
    look = training_look(name="Confidential")
    address = address_in(element_for(marketer, [watch_of(look)]))
    Look.objects.filter(pk=look.pk).update(status=Status.READY)
    body = Client().get(address, headers={"HX-Current-URL": "http://testserver/looks/?q=a"}).content.decode()
    assert "Confidential" not in body
    assert "hx-trigger" not in body
    assert reverse("account_login") in body
    assert "next=/looks/%3Fq%3Da" in body


def test_an_expired_address_is_renewed_for_a_valid_session_only(marketer: Any, sign_in: Any, monkeypatch: Any) -> None:
    address = address_in(element_for(marketer, [watch_of(training_look())]))
    monkeypatch.setattr(watching, "MAX_AGE", -1)
    fresh = sign_in(marketer).get(address)
    assert fresh.status_code == 200
    assert 'id="badge-poll" class="poll" hx-get=' in fresh.content.decode()
    assert "HX-Trigger" not in fresh
    ended = Client().get(address).content.decode()
    assert "session has ended" in ended
    assert "hx-get" not in ended


def test_permissions_are_looked_at_again_when_an_address_is_renewed(marketer: Any, sign_in: Any) -> None:
    submission = make_submission(marketer, state=Status.QUEUED)
    address = address_in(element_for(marketer, [badges.submission(submission)]))
    type(submission).objects.filter(pk=submission.pk).update(state=Status.CREATING)
    body = sign_in(make_user("marketer")).get(address).content.decode()
    assert body == '<div id="badge-poll"></div>'


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c", "5~l3:1:x", "\x00", "ü" * 50])
def test_a_tampered_address_is_refused_kindly(token: str) -> None:
    answer = Client().get(reverse("badges"), {"s": token})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "text/plain"


def test_an_address_cannot_be_changed_to_ask_for_other_items(marketer: Any) -> None:
    address = address_in(element_for(marketer, [watch_of(training_look())]))
    head, token = address.split("?s=")
    assert Client().get(f"{head}?s={token.replace('~l3', '~g3')}").status_code == 400


def test_a_part_that_brings_new_items_keeps_the_old_ones(marketer: Any) -> None:
    old, new = training_look(), training_look()
    token = address_in(element_for(marketer, [watch_of(old)])).split("?s=")[1]
    joined = address_in(element_for(marketer, [watch_of(new)], watching=token)).split("?s=")[1]
    assert set(watching.read(joined).shown["look"]) == {old.pk, new.pk}


def test_what_somebody_else_watches_is_not_taken_over(marketer: Any) -> None:
    stranger = make_user("marketer")
    token = address_in(element_for(stranger, [watch_of(training_look())])).split("?s=")[1]
    assert "hx-get" not in element_for(marketer, [], watching=token)


def test_the_facts_of_the_silent_path_are_those_of_the_page(marketer: Any, sign_in: Any) -> None:
    """Were they ever to differ, a page would be sent its badges again every four seconds."""
    owner = marketer
    group = make_twin(ConsentState.UNKNOWN, consent_raw="under_review", status_raw=None)
    consent = make_consent(group, owner)
    make_link(consent, owner)
    look = training_look()
    submission = make_submission(owner, state=Status.TRAINING, group=group, look=look, kind="digital_twin")
    items = [watch_of(look), badges.group(group), badges.submission(submission), badges.consent(consent)]
    assert sign_in(owner).get(address_in(element_for(owner, items))).status_code == 204
