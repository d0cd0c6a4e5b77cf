"""The consent panel of one character: where consent stands, and what this person may do about it.

The link itself is a secret: it is in the page of those who look after this consent, and in nobody else's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator

from avatars import states
from avatars.consent import links, mail
from avatars.models import AvatarGroup, Consent, ConsentLink, Message
from avatars.states import ConsentState, Face, LinkState, MessageState
from avatars.web import access, badges
from avatars.web.badges import Watch
from avatars.web.masking import masked_address

ON_GROUP, ON_RECORD = "group", "consent"
_SHOWN_MESSAGES = 10

_SENTENCES: dict[str, str] = {
    ConsentState.NOT_REQUIRED: "HeyGen asks for no consent for this character.",
    ConsentState.NOT_ASKED: "HeyGen makes videos with a digital twin only after the person has agreed on HeyGen's own "
    "page. Nobody has asked them yet.",
    ConsentState.WAITING: "The person has been asked and has not answered yet.",
    ConsentState.GIVEN: "The person has agreed. Nothing is left to do, and the looks can be used.",
    ConsentState.DECLINED: "HeyGen reports that the person declined, or that the recording did not match the footage. "
    "Talk to them first. A new link lets them answer again.",
    ConsentState.WITHDRAWN: "The person took the consent back. The looks must not be used.",
    ConsentState.EXPIRED: "The link ended before the person answered. Make a new one and send it.",
    ConsentState.WAIVED: "HeyGen waived the consent under an agreement with your company.",
    ConsentState.UNKNOWN: "HeyGen uses a word this portal does not know, shown as it came. It goes on asking.",
}
_LINK_TROUBLE: dict[str, str] = {
    LinkState.REFUSED: "HeyGen did not make a link.",
    LinkState.UNKNOWN: "HeyGen's answer did not arrive, in spite of several tries. Asking again costs nothing.",
}


class AskForm(forms.Form):
    """Where the person goes after HeyGen's page."""

    PORTAL, OWN, HEYGEN = "portal", "own", "heygen"

    own_address = forms.CharField(
        label="Your own page",
        required=False,
        max_length=2000,
        help_text="Begins with https:// and opens for the person without a sign-in.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(self.HEYGEN, "HeyGen's own closing page"), (self.OWN, "A page of yours")]
        if settings.PUBLIC_URL:
            choices.insert(0, (self.PORTAL, "The portal's thank-you page"))
        default = links.default_reroute()
        own = "" if default == self.PORTAL else default
        initial = self.OWN if own else (default or self.HEYGEN)
        self.fields["afterwards"] = forms.ChoiceField(
            label="Afterwards the person sees", choices=choices, initial=initial, widget=forms.RadioSelect
        )
        self.fields["own_address"].initial = own
        self.order_fields(["afterwards", "own_address"])

    def clean(self) -> dict[str, Any]:
        """An own page must be one that HeyGen accepts and a browser opens safely."""
        cleaned = super().clean() or {}
        if cleaned.get("afterwards") == self.OWN:
            try:
                URLValidator(schemes=["https"])(cleaned.get("own_address", ""))
            except forms.ValidationError:
                self.add_error("own_address", "Enter a web address that begins with https://.")
        return cleaned

    def reroute(self) -> str:
        """The choice in the words of `links.ask_for_link`."""
        choice = self.cleaned_data["afterwards"]
        return {self.PORTAL: "portal", self.OWN: self.cleaned_data["own_address"]}.get(choice, "")


class SendForm(forms.Form):
    """Who gets the link."""

    to_name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Enter the person's name; the mail begins with it."}
    )
    to_email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages={
            "required": "Enter the person's email address.",
            "invalid": "Enter a whole email address, like name@example.com.",
        },
    )


@dataclass(frozen=True)
class Mail:
    """One mail about a link, as the panel lists it."""

    it: Message
    face: Face
    may_send_again: bool


@dataclass(frozen=True)
class Written:
    """The mail as it reads now: whole for copying, with the link masked for the screen, and as a mailto address."""

    subject: str
    text: str
    preview: str
    mailto: str

    @classmethod
    def for_person(cls, link: ConsentLink, *, name: str, email: str, sender: Any) -> Written:
        """The mail about `link` for one person."""
        composed = mail.compose(link, to_name=name, sender=sender)
        address = mail.mailto(link, to_name=name, to_email=email, sender=sender)
        # Templates hand out strings marked as safe; a plain mail is no markup, so the mark is taken off.
        text = "".join((composed.text, ""))
        preview = text.replace(link.url, masked_address(link.url)) if link.url else text
        return cls(composed.subject, text, preview, address)


@dataclass
class Panel:
    """What the panel shows. `manages` says whether this person looks after the consent; only then is a link in it."""

    group: AvatarGroup
    page: str
    shown: bool = False
    manages: bool = False
    consent: Consent | None = None
    face: Face = field(default_factory=lambda: states.CONSENT_FACES[ConsentState.NOT_REQUIRED])
    sentence: str = ""
    owner: str = ""
    why_not: str = ""
    link: ConsentLink | None = None
    fetching: bool = False
    alive: bool = False
    trouble: str = ""
    message: Written | None = None
    mails: list[Mail] = field(default_factory=list)
    ask: AskForm | None = None
    send: SendForm | None = None
    mail_server: bool = False
    watches: list[Watch] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether the looks may be used and nothing is left to do."""
        return self.group.consent_state in states.CONSENT_UNLOCKS

    @property
    def masked(self) -> str:
        """The link as it may stand on a screen others can see."""
        return masked_address(self.link.url) if self.link else ""


def may_manage(user: Any, consent: Consent | None) -> bool:
    """Whether `user` may ask for links and see them: who looks after the consent, and anybody while nobody does."""
    if not user.has_perm(access.CREATE):
        return False
    return consent is None or access.visible_consents(user).filter(pk=consent.pk).exists()


def facts(
    user: Any, group: AvatarGroup, *, page: str, ask: AskForm | None = None, send: SendForm | None = None
) -> Panel:
    """The panel for `user`; `ask` and `send` are bound forms that came back with errors."""
    panel = Panel(group, page)
    if not group.is_private or (not group.is_twin and group.consent_state == ConsentState.NOT_REQUIRED):
        return panel
    panel.shown = True
    panel.consent = Consent.objects.select_related("owner", "subject").filter(group=group).first()
    panel.manages = may_manage(user, panel.consent)
    panel.face = _face(group)
    panel.sentence = _SENTENCES[group.consent_state]
    panel.why_not = links.may_ask(group)
    if panel.consent is not None and panel.consent.owner is not None:
        panel.owner = panel.consent.owner.get_full_name() or panel.consent.owner.get_username()
    if panel.manages:
        panel.ask = ask or AskForm()
        _add_secrets(panel, user, send)
    return panel


def _face(group: AvatarGroup) -> Face:
    face = states.CONSENT_FACES[ConsentState(group.consent_state)]
    if group.consent_state == ConsentState.UNKNOWN and group.consent_raw:
        return Face(group.consent_raw, face.tone, face.icon)
    return face


def _add_secrets(panel: Panel, user: Any, send: SendForm | None) -> None:
    """What only those see who look after the consent: its link, the mail with it, who got one."""
    consent = panel.consent
    if consent is None:
        return
    panel.watches = [badges.consent(consent, shows=badges.OPEN)]
    panel.link = link = links.newest_link(consent)
    panel.fetching = link is not None and link.state == LinkState.REQUESTED
    panel.alive = links.link_is_alive(link) and not panel.settled
    panel.trouble = _trouble(link) if link else ""
    panel.mail_server = bool(settings.EMAIL_URL)
    panel.mails = _mails(consent, link)
    if link is not None and panel.alive:
        person = consent.subject
        known = {"to_name": person.name, "to_email": person.email} if person else {}
        panel.send = send or SendForm(initial=known)
        link.consent = consent
        consent.group = panel.group
        panel.message = Written.for_person(
            link, name=known.get("to_name", ""), email=known.get("to_email", ""), sender=user
        )


def _trouble(link: ConsentLink) -> str:
    said = _LINK_TROUBLE.get(link.state, "")
    return f"{said} HeyGen's words: {link.error_message}" if said and link.error_message else said


def _mails(consent: Consent, newest: ConsentLink | None) -> list[Mail]:
    rows = Message.objects.filter(link__consent=consent).order_by("-id")[:_SHOWN_MESSAGES]
    again = {MessageState.FAILED, MessageState.UNKNOWN}
    return [
        Mail(
            row,
            states.MESSAGE_FACES[MessageState(row.state)],
            row.state in again and newest is not None and row.link_id == newest.pk and links.link_is_alive(newest),
        )
        for row in rows
    ]
