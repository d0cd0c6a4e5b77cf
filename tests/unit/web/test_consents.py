"""Consent: asking for the link, the three ways to send it, the register, the record, and who may do what."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from avatars.models import AvatarGroup, ConsentLink, Event, Job, Message, Subject
from avatars.states import ConsentState, LinkState, MessageState
from tests.builders import make_user
from tests.unit.web.scene import HOSTILE, SECRET_LINK, make_consent, make_group, make_link, make_twin

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(marketer: Any, sign_in: Any) -> Client:
    """The browser of the marketer who looks after the consents here."""
    return sign_in(marketer)


def panel_of(client: Client, group: AvatarGroup) -> str:
    return client.get(f"/groups/{group.pk}/consent/").content.decode()


def asked(marketer: Any, **facts: Any) -> tuple[AvatarGroup, Any, ConsentLink]:
    """A twin whose consent was asked for, with a link."""
    group = make_twin(ConsentState.WAITING)
    consent = make_consent(group, marketer)
    return group, consent, make_link(consent, marketer, **facts)


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_a_twin_nobody_asked_about_offers_the_link(client: Client) -> None:
    panel = panel_of(client, make_twin())
    assert "Ask for the consent link" in panel
    assert "HeyGen&#x27;s own closing page" in panel or "HeyGen's own closing page" in html.unescape(panel)
    assert "The portal" not in panel, "without PUBLIC_URL nobody could reach the portal's page"


def test_asking_stores_a_link_a_job_and_an_event_and_leads_back(client: Client, marketer: Any) -> None:
    group = make_twin()
    answer = client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"})
    assert answer.status_code == 302
    assert answer["Location"] == f"/groups/{group.pk}/#consent-panel"
    link = ConsentLink.objects.get()
    assert (link.state, link.asked_by, link.reroute_url) == (LinkState.REQUESTED, marketer, "")
    assert Job.objects.filter(key=f"consent.fetch:{link.pk}").exists()
    assert Event.objects.filter(verb="consent_link_requested", group=group, actor=marketer).exists()
    assert "Fetching the link from HeyGen" in panel_of(client, group)


def test_asking_with_htmx_answers_panel_badges_and_poll_out_of_band(client: Client) -> None:
    group = make_twin()
    body = client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"}, headers=HTMX).content.decode()
    assert "Fetching the link" in body
    assert body.count('hx-swap-oob="true"') == 4
    assert 'id="badge-poll" class="poll" hx-get' in body
    assert "autofocus" in body


def test_asking_twice_makes_one_link(client: Client) -> None:
    group = make_twin()
    for _ in range(2):
        client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"})
    assert ConsentLink.objects.count() == 1


def test_the_person_can_be_led_to_a_page_of_ours_or_of_the_operator(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://portal.example.com"
    client.post(f"/groups/{make_twin().pk}/consent/ask/", {"afterwards": "portal"})
    link = ConsentLink.objects.get()
    assert link.reroute_url == f"https://portal.example.com/c/{link.slug}/back/"
    client.post(
        f"/groups/{make_twin().pk}/consent/ask/", {"afterwards": "own", "own_address": "https://example.com/thanks"}
    )
    assert ConsentLink.objects.order_by("-id")[0].reroute_url == "https://example.com/thanks"


@pytest.mark.parametrize("address", ["", "http://example.com", "javascript:alert(1)", "example.com", "https://", "//x"])
def test_an_address_that_is_not_https_is_refused_beside_its_field(client: Client, address: str) -> None:
    group = make_twin()
    sent = {"afterwards": "own", "own_address": address}
    plain = client.post(f"/groups/{group.pk}/consent/ask/", sent)
    assert plain.status_code == 422
    assert "Enter a web address that begins with https://." in plain.content.decode()
    fragment = client.post(f"/groups/{group.pk}/consent/ask/", sent, headers=HTMX)
    assert fragment.status_code == 422
    assert 'id="error-own_address" hx-swap-oob="true"' in fragment.content.decode()
    assert not ConsentLink.objects.exists()


def test_the_portals_page_cannot_be_chosen_without_a_public_address(client: Client) -> None:
    answer = client.post(f"/groups/{make_twin().pk}/consent/ask/", {"afterwards": "portal"})
    assert answer.status_code == 422


@pytest.mark.parametrize("state", [ConsentState.EXPIRED, ConsentState.DECLINED])
def test_a_dead_link_is_replaced_by_one_click(client: Client, marketer: Any, state: ConsentState) -> None:
    group = make_twin(state)
    make_link(make_consent(group, marketer), marketer, alive=False)
    panel = panel_of(client, group)
    assert "Make a new link" in panel
    assert 'value="heygen"' in panel and "checked" in panel
    client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"})
    assert ConsentLink.objects.filter(state=LinkState.REQUESTED).count() == 1


@pytest.mark.parametrize("state", [ConsentState.GIVEN, ConsentState.WAIVED])
def test_nothing_is_left_to_press_once_consent_is_there(client: Client, marketer: Any, state: ConsentState) -> None:
    group = make_twin(state)
    make_link(make_consent(group, marketer), marketer)
    panel = panel_of(client, group)
    assert "<button" not in panel
    assert SECRET_LINK not in panel
    answer = client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"}, follow=True)
    assert "has already given consent" in answer.content.decode() or "waived" in answer.content.decode()
    assert ConsentLink.objects.count() == 1


def test_an_unknown_word_of_heygens_is_shown_as_it_is(client: Client) -> None:
    assert "under_review" in panel_of(client, make_twin(ConsentState.UNKNOWN, consent_raw="under_review"))


def test_a_refused_link_says_why_and_offers_another(client: Client, marketer: Any) -> None:
    group = make_twin()
    make_link(
        make_consent(group, marketer), marketer, state=LinkState.REFUSED, url="", error_message="Group is not ready."
    )
    panel = panel_of(client, group)
    assert "HeyGen did not make a link." in panel
    assert "Group is not ready." in panel
    assert "Make a new link" in panel


def test_checking_now_queues_a_look_at_heygen(client: Client, marketer: Any) -> None:
    group, _, _ = asked(marketer)
    answer = client.post(f"/groups/{group.pk}/consent/check/", {"page": "consent"}, follow=True)
    assert answer.redirect_chain == [(f"/consents/{group.consent.pk}/#consent-panel", 302)]
    assert Job.objects.filter(key=f"group.poll:{group.pk}").exists()
    assert "HeyGen is being asked" in answer.content.decode()


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_a_link_shows_its_deadline_with_time_zone_and_three_ways(client: Client, marketer: Any) -> None:
    group, _, link = asked(marketer)
    panel = panel_of(client, group)
    assert link.expires_at is not None
    assert f"{link.expires_at:%H:%M} UTC" in panel
    assert f'data-copy="{SECRET_LINK}"' in panel
    assert 'href="mailto:' in panel
    assert "Copy the message" in panel
    assert "https://heygen.test/…" in panel


def test_the_portal_sends_to_a_name_and_an_address(client: Client, marketer: Any) -> None:
    group, consent, link = asked(marketer)
    sent = {"to_name": "Sarah Jones", "to_email": "sarah@example.com"}
    answer = client.post(f"/consents/{consent.pk}/send/", sent, headers=HTMX)
    message = Message.objects.get()
    assert (message.link, message.to_name, message.to_email) == (link, "Sarah Jones", "sarah@example.com")
    assert Job.objects.filter(key=f"mail.send:{message.pk}").exists()
    body = answer.content.decode()
    assert "Queued" in body and "sarah@example.com" in body
    assert Subject.objects.get().name == "Sarah Jones"
    assert group


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"to_name": "", "to_email": "a@example.com"}, "to_name"),
        ({"to_name": "A", "to_email": "not an address"}, "to_email"),
        ({"to_name": "A", "to_email": "a@example.com\nBcc: b@example.com"}, "to_email"),
    ],
)
def test_a_wrong_name_or_address_is_refused_beside_its_field(
    client: Client, marketer: Any, sent: dict[str, str], field: str
) -> None:
    _, consent, _ = asked(marketer)
    fragment = client.post(f"/consents/{consent.pk}/send/", sent, headers=HTMX)
    assert fragment.status_code == 422
    assert re.search(rf'id="error-{field}" hx-swap-oob="true"><span>', fragment.content.decode())
    plain = client.post(f"/consents/{consent.pk}/send/", sent | {"page": "consent"})
    assert plain.status_code == 422
    assert html.escape(sent["to_email"]) in plain.content.decode(), "what was typed is kept"
    assert not Message.objects.exists()


def test_a_link_that_has_ended_meanwhile_is_not_sent(client: Client, marketer: Any) -> None:
    _, consent, _ = asked(marketer, alive=False)
    answer = client.post(
        f"/consents/{consent.pk}/send/", {"to_name": "A", "to_email": "a@example.com"}, headers=HTMX
    ).content.decode()
    assert "The link has ended or was replaced." in answer
    assert not Message.objects.exists()


def test_a_failed_mail_can_be_sent_again_and_a_sent_one_cannot(client: Client, marketer: Any) -> None:
    group, consent, link = asked(marketer)
    facts = {"link": link, "sender": marketer, "to_name": "A", "to_email": "a@example.com"}
    failed = Message.objects.create(state=MessageState.FAILED, error="The mail server cannot be reached.", **facts)
    sent = Message.objects.create(state=MessageState.SENT, **facts)
    panel = panel_of(client, group)
    assert panel.count("Send again") == 1
    assert "The mail server cannot be reached." in panel
    for message, state in ((failed, MessageState.QUEUED), (sent, MessageState.SENT)):
        client.post(f"/consents/{consent.pk}/send/", {"message": message.pk})
        message.refresh_from_db()
        assert message.state == state


def test_a_mail_of_another_consent_cannot_be_sent_again_from_here(client: Client, marketer: Any) -> None:
    _, consent, _ = asked(marketer)
    _, _, other_link = asked(marketer)
    other = Message.objects.create(
        link=other_link, sender=marketer, to_name="A", to_email="a@example.com", state=MessageState.FAILED
    )
    for value in (other.pk, "x", "²", "9" * 40):
        assert client.post(f"/consents/{consent.pk}/send/", {"message": value}).status_code == 404


def test_without_a_mail_server_the_page_says_that_nothing_is_sent(client: Client, marketer: Any, settings: Any) -> None:
    group, _, link = asked(marketer)
    Message.objects.create(link=link, sender=marketer, to_name="A", to_email="a@example.com", state=MessageState.STORED)
    assert "the mail was written to the outbox folder" in panel_of(client, group)
    settings.EMAIL_URL = "smtp://mail.example.com"
    assert "The portal sends the mail" in panel_of(client, group)


def test_the_mail_follows_what_is_typed(client: Client, marketer: Any) -> None:
    _, consent, _ = asked(marketer)
    typed = {"to_name": "Zoë", "to_email": "zoe@example.com"}
    body = html.unescape(client.post(f"/consents/{consent.pk}/message/", typed).content.decode())
    assert "Hello Zoë," in body
    assert 'href="mailto:zoe@example.com?' in body
    preview = body.split('class="quote"')[1]
    assert "very-secret-token" not in preview


# --- Who may do what -------------------------------------------------------------------------------------------------


def test_those_who_do_not_look_after_it_see_the_state_only(client: Client, marketer: Any, sign_in: Any) -> None:
    group, consent, _ = asked(marketer)
    Message.objects.create(link=consent.links.get(), sender=marketer, to_name="Sarah", to_email="sarah@example.com")
    assert SECRET_LINK in panel_of(client, group)
    for stranger in (make_user("marketer"), make_user("lead"), make_user()):
        browser = sign_in(stranger)
        for address in (f"/groups/{group.pk}/", f"/groups/{group.pk}/consent/"):
            page = browser.get(address).content.decode()
            assert "Waiting for consent" in page
            assert "Looked after by mara" in page
            assert "very-secret-token" not in page
            assert "sarah@example.com" not in page
            assert f"/consents/{consent.pk}" not in page


def test_a_consent_nobody_looks_after_can_be_taken_over_by_asking(client: Client, marketer: Any) -> None:
    group = make_twin()
    consent = make_consent(group)
    client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"})
    consent.refresh_from_db()
    assert consent.owner == marketer


def test_an_admin_looks_after_all(admin_person: Any, marketer: Any, sign_in: Any) -> None:
    group, consent, _ = asked(marketer)
    browser = sign_in(admin_person)
    assert SECRET_LINK in panel_of(browser, group)
    assert browser.get(f"/consents/{consent.pk}/").status_code == 200


# --- The register ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 60])
def test_the_register_costs_the_same_for_one_row_and_for_sixty(
    client: Client, marketer: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        asked(marketer)
    # Session, person, two for the rights, rows, counts.
    with django_assert_num_queries(5):
        assert client.get("/consents/").content.decode().count('<th scope="row">') == rows


def test_the_register_counts_by_state_and_filters(client: Client, marketer: Any) -> None:
    make_consent(make_twin(ConsentState.GIVEN, name="Gave"), marketer)
    make_consent(make_twin(ConsentState.EXPIRED, name="Late"), marketer)
    page = client.get("/consents/").content.decode()
    assert re.search(r"Given <span class=\"tabs__count\">1<", page)
    assert "Withdrawn" not in page
    late = client.get("/consents/", {"state": "expired"}).content.decode()
    assert "Late" in late and "Gave" not in late
    assert "Make a new link" in late


def test_marketers_see_their_own_rows_and_admins_all(
    client: Client, marketer: Any, admin_person: Any, sign_in: Any
) -> None:
    make_consent(make_twin(name="Mine"), marketer)
    make_consent(make_twin(name="Theirs"), make_user("marketer"))
    make_consent(make_twin(name="Unowned"))
    mine = client.get("/consents/").content.decode()
    assert "Mine" in mine and "Unowned" in mine and "Theirs" not in mine
    assert "Theirs" in sign_in(admin_person).get("/consents/").content.decode()


def test_a_mail_without_a_person_says_what_is_missing(client: Client, marketer: Any) -> None:
    _, consent, _ = asked(marketer)
    empty = client.post(f"/consents/{consent.pk}/send/", {"to_name": "", "to_email": "tina@"}, headers=HTMX)
    assert empty.status_code == 422
    said = html.unescape(empty.content.decode())
    assert "Enter the person's name" in said and "Enter a whole email address" in said


def test_the_next_step_is_to_send_the_link_until_somebody_was_mailed(client: Client, marketer: Any) -> None:
    _, _, link = asked(marketer)
    assert "Send the link to the person" in client.get("/consents/").content.decode()
    Message.objects.create(link=link, sender=marketer, to_name="A", to_email="a@example.com", state=MessageState.SENT)
    assert "Wait for the answer" in client.get("/consents/").content.decode()


def test_more_rows_follow_by_key(client: Client, marketer: Any) -> None:
    for number in range(61):
        make_consent(make_twin(name=f"Person {number}"), marketer)
    first = client.get("/consents/").content.decode()
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more
    rest = client.get(html.unescape(more.group(1)), headers=HTMX).content.decode()
    assert rest.count('<th scope="row">') == 1
    assert rest.lstrip().startswith("<tr>") and "Person 0" in rest


def test_links_are_masked_in_the_record(client: Client, marketer: Any) -> None:
    _, consent, _ = asked(marketer, alive=False)
    page = client.get(f"/consents/{consent.pk}/").content.decode()
    assert "https://heygen.test/…" in page
    assert "very-secret-token" not in page
    assert "Ended" in page
    assert '<td data-label="Asked for by"><span>mara, ' in page


def test_hostile_names_are_escaped_on_all_pages_of_consent(client: Client, marketer: Any) -> None:
    group = make_twin(ConsentState.WAITING, name=HOSTILE)
    subject = Subject.objects.create(name=HOSTILE, email="a@example.com")
    consent = make_consent(group, marketer, subject=subject)
    link = make_link(consent, marketer, error_message=HOSTILE)
    Message.objects.create(
        link=link, sender=marketer, to_name=HOSTILE, to_email="a@example.com", state=MessageState.FAILED, error=HOSTILE
    )
    for address in ("/consents/", f"/consents/{consent.pk}/", f"/groups/{group.pk}/", f"/groups/{group.pk}/consent/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    typed = client.post(f"/consents/{consent.pk}/message/", {"to_name": HOSTILE, "to_email": HOSTILE})
    assert "<script>alert" not in typed.content.decode()


def test_a_photo_character_can_be_asked_about_by_nobody(client: Client) -> None:
    group = make_group()
    answer = client.post(f"/groups/{group.pk}/consent/ask/", {"afterwards": "heygen"}, follow=True)
    assert "Only digital twins need" in html.unescape(answer.content.decode())
    assert not ConsentLink.objects.exists()
