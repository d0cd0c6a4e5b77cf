"""The mail that brings a consent link to the person: composed once, sent by the portal or by the operator."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from avatars.consent.links import link_is_alive
from avatars.models import Consent, ConsentLink, Event, Job, Message, Subject
from avatars.states import LinkState, MessageState, WrongMove
from avatars.step import Step

log = logging.getLogger("avatars.consent")

MAX_ATTEMPTS = 5
RETRY_FIRST = 15.0


@dataclass(frozen=True)
class Composed:
    """A mail, ready for any of the three ways. It holds the link, so it is for those who may see the link."""

    subject: str
    text: str
    html: str


def compose(link: ConsentLink, *, to_name: str, sender: Any) -> Composed:
    """The mail about `link` to a person called `to_name` (may be empty) on behalf of `sender`."""
    facts = {
        "to_name": one_line(to_name),
        "sender_name": sender.get_full_name() or sender.get_username(),
        "sender_email": sender.email,
        "company": settings.COMPANY_NAME,
        "character": link.consent.group.title,
        "url": link.url,
        "expires_at": link.expires_at,
        "sandbox_mode": settings.SANDBOX_MODE,
    }
    subject = one_line(render_to_string("mail/consent_subject.txt", facts))
    # A template's output counts as safe markup; plain text is not, and pages must escape it.
    text = "".join(render_to_string("mail/consent.txt", facts))
    return Composed(subject, text, render_to_string("mail/consent.html", facts))


def mailto(link: ConsentLink, *, to_name: str, to_email: str, sender: Any) -> str:
    """An address that opens the operator's own mail program with the mail filled in."""
    mail = compose(link, to_name=to_name, sender=sender)
    # Mail programs expect %20, not +, and CRLF between lines (RFC 6068).
    body = mail.text.replace("\r\n", "\n").replace("\n", "\r\n")
    query = urlencode({"subject": mail.subject, "body": body}, quote_via=quote)
    return f"mailto:{quote(to_email, safe='@')}?{query}"


def one_line(text: str) -> str:
    """`text` without anything that could begin a new header line."""
    return " ".join(text.split())


@transaction.atomic
def queue_message(link: ConsentLink, *, sender: Any, to_name: str, to_email: str) -> Message:
    """Have the portal send the mail; the person is remembered with the consent. WrongMove when the link is dead."""
    if not link_is_alive(link):
        raise WrongMove(f"link {link.pk} can no longer be sent")
    message = Message.objects.create(link=link, sender=sender, to_name=one_line(to_name), to_email=to_email)
    _remember_subject(link.consent, message)
    Job.objects.enqueue("mail.send", message.pk)
    Event.objects.record(
        "consent_mail_queued", actor=sender, group=link.consent.group, consent=link.consent, message=message.pk
    )
    return message


@transaction.atomic
def send_again(message: Message, *, actor: Any) -> None:
    """Send a mail once more that failed, or whose fate nobody knows. WrongMove when that makes no sense."""
    if not link_is_alive(message.link):
        raise WrongMove(f"link {message.link_id} can no longer be sent")
    message.move(MessageState.QUEUED, attempts=0, error="")
    Job.objects.enqueue("mail.send", message.pk)
    Event.objects.record(
        "consent_mail_queued",
        actor=actor,
        group=message.link.consent.group,
        consent=message.link.consent,
        message=message.pk,
    )


def send(step: Step) -> float | None:
    """The handler of `mail.send`. `sending` is stored before the mail server is spoken to, so that a crash shows."""
    message = Message.objects.select_related("link__consent__group", "sender").filter(pk=step.job.subject).first()
    if message is None or message.state not in {MessageState.QUEUED, MessageState.SENDING}:
        return None
    if message.state == MessageState.SENDING:
        with step.settle():
            _end(message, MessageState.UNKNOWN, "The portal was interrupted while the mail server had the mail.")
        return None
    if not link_is_alive(message.link):
        with step.settle():
            _end(message, MessageState.FAILED, _why_dead(message.link))
        return None
    with step.settle():
        message.move(MessageState.SENDING, attempts=F("attempts") + 1)
        message.refresh_from_db()
    try:
        _build(message).send()
    except (OSError, smtplib.SMTPException) as error:
        return _not_sent(step, message, error)
    with step.settle():
        _end(message, MessageState.SENT if settings.EMAIL_URL else MessageState.STORED, "")
    return None


def _build(message: Message) -> EmailMultiAlternatives:
    mail = compose(message.link, to_name=message.to_name, sender=message.sender)
    reply_to = [message.sender.email] if message.sender.email else []
    built = EmailMultiAlternatives(mail.subject, mail.text, settings.EMAIL_FROM, [_address(message)], reply_to=reply_to)
    built.attach_alternative(mail.html, "text/html")
    return built


def _address(message: Message) -> str:
    """The person's name and address as one header value; a name that does not fit is left out."""
    try:
        return str(Address(display_name=message.to_name, addr_spec=message.to_email))
    except ValueError:
        return message.to_email


def _not_sent(step: Step, message: Message, error: Exception) -> float | None:
    """A definite failure: try again a few times, then say why."""
    reason = _plain_reason(error)
    log.warning("mail %s was not sent: %s", message.pk, type(error).__name__)
    final = message.attempts >= MAX_ATTEMPTS or isinstance(
        error, smtplib.SMTPRecipientsRefused | smtplib.SMTPSenderRefused | smtplib.SMTPNotSupportedError
    )
    with step.settle():
        if final:
            _end(message, MessageState.FAILED, reason)
            return None
        message.move(MessageState.QUEUED, error=reason)
        return RETRY_FIRST * 2 ** (message.attempts - 1)


def _plain_reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "The mail server refused the address. Check it and send again."
    if isinstance(error, smtplib.SMTPSenderRefused):
        return "The mail server does not accept the portal's own address. An administrator must check EMAIL_FROM."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server does not accept the portal's password. An administrator must check EMAIL_URL."
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return "The mail server cannot be reached."
    return "The mail server refused the mail."


def _why_dead(link: ConsentLink) -> str:
    if link.state == LinkState.SUPERSEDED:
        return "A newer link has taken its place. Send that one."
    return "The link has ended. Make a new one and send that."


def _end(message: Message, state: MessageState, error: str) -> None:
    consent = message.link.consent
    sent_at = timezone.now() if state in {MessageState.SENT, MessageState.STORED} else None
    message.move(state, error=error, sent_at=sent_at)
    Consent.objects.filter(pk=consent.pk).update(updated_at=timezone.now())
    Event.objects.record(f"consent_mail_{state}", group=consent.group, consent=consent, message=message.pk)


def _remember_subject(consent: Consent, message: Message) -> None:
    if consent.subject_id is None:
        subject = Subject.objects.create(name=message.to_name, email=message.to_email)
        Consent.objects.filter(pk=consent.pk).update(subject=subject)
        consent.subject = subject
    else:
        Subject.objects.filter(pk=consent.subject_id).update(name=message.to_name, email=message.to_email)
