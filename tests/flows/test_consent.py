"""Consent from asking to the answer, against the sandbox over real HTTP."""

from __future__ import annotations

import email
import email.policy
import logging
import urllib.request
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from avatars.consent import links, mail
from avatars.library import mirror
from avatars.models import AvatarGroup, Call, ConsentLink, Event, Job, Message
from avatars.states import ConsentState, LinkState, MessageState, Status, WrongMove
from tests import builders
from tests.flows.test_creation import is_, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marketer(transactional_db):
    return builders.make_user("marketer", first_name="Mara", last_name="Lind")


@pytest.fixture
def twin(sandbox, work, marketer) -> AvatarGroup:
    """A ready digital twin whose person has not been asked."""
    submission = submit(marketer, "digital_twin", "Ben")
    work.until(is_(submission, Status.READY))
    Job.objects.all().delete()
    return submission.group


def ready_link(work, twin, marketer, **choices) -> ConsentLink:
    link = links.ask_for_link(twin, actor=marketer, **choices)

    def ready():
        work.hurry()
        link.refresh_from_db()
        return link.state == LinkState.READY

    work.until(ready, kinds=("consent.fetch",))
    return link


def state_becomes(twin, state, work):
    def holds():
        work.hurry()
        twin.refresh_from_db()
        return twin.consent_state == state

    work.until(holds)


def test_it_fetches_the_link_once_and_stores_it_nowhere_else(sandbox, work, twin, marketer, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="avatars.heygen")
    link = ready_link(work, twin, marketer)
    assert link.url.startswith(sandbox.url)
    assert timedelta(hours=23) < link.expires_at - timezone.now() < timedelta(hours=24)
    secret = urlsplit(link.url).path.rsplit("/", 1)[-1]
    assert secret not in caplog.text
    assert secret not in str(list(Call.objects.values()) + list(Event.objects.values()) + list(Job.objects.values()))
    twin.refresh_from_db()
    assert twin.consent_state == ConsentState.WAITING


@pytest.mark.parametrize(("answer", "state"), [("approve", ConsentState.GIVEN), ("refuse", ConsentState.DECLINED)])
def test_the_answer_arrives_by_itself(sandbox, work, twin, marketer, answer, state):
    ready_link(work, twin, marketer)
    sandbox.consent(twin.heygen_id, answer)
    state_becomes(twin, state, work)
    assert twin.consent.state == state
    assert twin.consent.answered_at is not None
    assert twin.looks.get().consent_state == state
    assert not links.link_is_alive(links.newest_link(twin.consent))


def test_a_person_who_declined_can_be_asked_once_more(sandbox, work, twin, marketer):
    ready_link(work, twin, marketer)
    sandbox.consent(twin.heygen_id, "refuse")
    state_becomes(twin, ConsentState.DECLINED, work)
    again = ready_link(work, twin, marketer)
    twin.refresh_from_db()
    assert twin.consent_state == ConsentState.WAITING
    assert links.link_is_alive(ConsentLink.objects.get(pk=again.pk))
    sandbox.consent(twin.heygen_id, "approve")
    state_becomes(twin, ConsentState.GIVEN, work)


@pytest.mark.parametrize("word", ["accepted", "approved"])
def test_every_word_for_granted_counts(sandbox, work, twin, marketer, word):
    sandbox.switch(granted_word=word)
    ready_link(work, twin, marketer)
    sandbox.consent(twin.heygen_id, "approve")
    state_becomes(twin, ConsentState.GIVEN, work)
    assert twin.consent_raw == word
    assert links.may_ask(twin) == "The person has already given consent."
    with pytest.raises(links.CannotAsk):
        links.ask_for_link(twin, actor=marketer)


def test_an_unknown_word_is_kept_as_it_is(sandbox, work, twin, marketer):
    sandbox.switch(granted_word="verified_by_partner")
    ready_link(work, twin, marketer)
    sandbox.consent(twin.heygen_id, "approve")
    state_becomes(twin, ConsentState.UNKNOWN, work)
    assert twin.consent_raw == "verified_by_partner"


def test_a_new_link_has_a_fresh_key_and_replaces_the_old_one(sandbox, work, twin, marketer):
    old = ready_link(work, twin, marketer)
    new = ready_link(work, twin, marketer)
    old.refresh_from_db()
    assert old.state == LinkState.SUPERSEDED
    assert new.url != old.url
    assert Call.objects.filter(operation="request_consent").values("idempotency_key").distinct().count() == 2
    assert links.newest_link(twin.consent) == new


def test_asking_twice_while_it_is_fetched_makes_one_link(twin, marketer):
    first = links.ask_for_link(twin, actor=marketer)
    assert links.ask_for_link(twin, actor=marketer) == first
    assert ConsentLink.objects.count() == 1


def test_a_dead_link_shows_as_expired_and_can_be_replaced(sandbox, work, twin, marketer):
    link = ready_link(work, twin, marketer)
    ConsentLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    mirror.refresh_consent(twin)
    assert twin.consent_state == ConsentState.EXPIRED
    ready_link(work, twin, marketer)
    twin.refresh_from_db()
    assert twin.consent_state == ConsentState.WAITING


@pytest.mark.parametrize("fault", ["500", "dropped", "cut", "429"])
def test_a_lost_answer_still_brings_one_link(sandbox, work, twin, marketer, fault):
    sandbox.faults(kind=fault, method="POST", path_prefix=f"/v3/avatars/{twin.heygen_id}/consent", times=1)
    link = ready_link(work, twin, marketer)
    with urllib.request.urlopen(link.url, timeout=5) as page:
        assert page.status == 200


def test_a_refusal_is_shown_with_the_link(sandbox, work, twin, marketer):
    sandbox.faults(kind="403", method="POST", path_prefix=f"/v3/avatars/{twin.heygen_id}/consent", times=1)
    link = links.ask_for_link(twin, actor=marketer)
    work.once("consent.fetch")
    link.refresh_from_db()
    assert (link.state, link.error_code) == (LinkState.REFUSED, "forbidden")


def test_only_a_living_private_twin_can_be_asked(twin):
    assert links.may_ask(twin) == ""
    for facts in ({"ownership": "public"}, {"gone_at": timezone.now()}, {"is_twin": False}):
        group = AvatarGroup(**{"ownership": "private", "is_twin": True, **facts})
        assert links.may_ask(group)


def test_the_person_is_sent_back_to_our_page_where_it_can_be_reached(sandbox, work, twin, marketer, settings):
    settings.PUBLIC_URL = "https://portal.example"
    link = ready_link(work, twin, marketer, reroute="portal")
    assert link.reroute_url == f"https://portal.example/c/{link.slug}/back/"
    assert Call.objects.get(operation="request_consent").body == {"reroute_url": link.reroute_url}


def test_coming_back_asks_heygen_once_in_ten_seconds(sandbox, work, twin, marketer):
    link = ready_link(work, twin, marketer)
    Job.objects.all().delete()
    links.came_back(link)
    assert Job.objects.get().kind == "group.poll"
    Job.objects.all().delete()
    links.came_back(link)
    assert not Job.objects.exists()


# --- Mail -----------------------------------------------------------------------------------------------------------


def test_without_a_mail_server_the_mail_lies_in_the_outbox(sandbox, work, twin, marketer, settings, tmp_path):
    settings.MAIL_OUTBOX = tmp_path / "outbox"
    settings.EMAIL_BACKEND = "avatars.consent.outbox.OutboxBackend"
    link = ready_link(work, twin, marketer)
    message = mail.queue_message(link, sender=marketer, to_name="Ben Ödegaard", to_email="ben@example.com")
    work.once("mail.send")
    message.refresh_from_db()
    assert message.state == MessageState.STORED
    (path,) = (tmp_path / "outbox").glob("*.eml")
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert parsed["To"].addresses[0].display_name == "Ben Ödegaard"
    assert parsed["Reply-To"] == marketer.email
    text = parsed.get_body(("plain",)).get_content()
    assert link.url in text
    assert "Mara Lind" in text
    assert f"{link.expires_at:%H:%M}" in text
    assert link.url in parsed.get_body(("html",)).get_content()


def test_hostile_names_stay_in_their_place(twin, marketer):
    AvatarGroup.objects.filter(pk=twin.pk).update(name="Ben\r\nBcc: all@example.com <script>")
    twin.refresh_from_db()
    link = ConsentLink(consent=twin.consent, url="https://heygen.example/c", expires_at=timezone.now())
    composed = mail.compose(link, to_name="A\nB", sender=marketer)
    assert "\n" not in composed.subject
    assert "<script>" not in composed.html
    assert "Hello A B," in composed.text


def test_the_operators_own_mail_program_gets_the_same_mail(sandbox, work, twin, marketer):
    link = ready_link(work, twin, marketer)
    address = mail.mailto(link, to_name="Ben", to_email="ben+avatar@example.com", sender=marketer)
    parts = urlsplit(address)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", "ben+avatar@example.com")
    assert "+" not in parts.query
    assert link.url in parse_qs(parts.query)["body"][0]


def test_a_crash_while_sending_is_shown_and_not_repeated(sandbox, work, twin, marketer):
    link = ready_link(work, twin, marketer)
    message = mail.queue_message(link, sender=marketer, to_name="Ben", to_email="ben@example.com")
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING)
    work.once("mail.send")
    message.refresh_from_db()
    assert message.state == MessageState.UNKNOWN
    mail.send_again(message, actor=marketer)
    assert message.state == MessageState.QUEUED


def test_a_mail_server_that_is_away_is_tried_again_and_then_named(sandbox, work, twin, marketer, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    link = ready_link(work, twin, marketer)
    message = mail.queue_message(link, sender=marketer, to_name="Ben", to_email="ben@example.com")

    def failed():
        work.hurry()
        message.refresh_from_db()
        return message.state == MessageState.FAILED

    work.until(failed, kinds=("mail.send",))
    assert message.attempts == mail.MAX_ATTEMPTS
    assert message.error == "The mail server cannot be reached."


def test_a_superseded_link_is_never_mailed(sandbox, work, twin, marketer):
    old = ready_link(work, twin, marketer)
    message = mail.queue_message(old, sender=marketer, to_name="Ben", to_email="ben@example.com")
    ready_link(work, twin, marketer)
    work.once("mail.send")
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    old.refresh_from_db()
    with pytest.raises(WrongMove):
        mail.queue_message(old, sender=marketer, to_name="Ben", to_email="ben@example.com")
