"""A small account for tests of the pages: characters, looks, consents, links."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.utils import timezone

from avatars.models import AvatarGroup, Consent, ConsentLink, Look
from avatars.states import ConsentState, LinkState, Status

HOSTILE = """<script>alert(1)</script>"'&`{}%s"""
SECRET_LINK = "https://heygen.test/consent/very-secret-token-7f3a"


def make_group(**facts: Any) -> AvatarGroup:
    """A character of ours, trained, without need of consent."""
    facts.setdefault("heygen_id", f"group-{secrets.token_hex(6)}")
    facts.setdefault("name", "Sarah")
    facts.setdefault("status_raw", "completed")
    facts.setdefault("checked_at", timezone.now())
    return AvatarGroup.objects.create(**facts)


def make_twin(state: ConsentState = ConsentState.NOT_ASKED, **facts: Any) -> AvatarGroup:
    """A digital twin's character, its consent in `state`."""
    return make_group(is_twin=True, consent_state=state, **facts)


def make_look(group: AvatarGroup | None = None, **facts: Any) -> Look:
    """A look that is ready."""
    facts.setdefault("heygen_id", f"look-{secrets.token_hex(6)}")
    facts.setdefault("name", "In the office")
    facts.setdefault("status", Status.READY)
    facts.setdefault("status_raw", "completed")
    facts.setdefault("avatar_type", "photo_avatar")
    facts.setdefault("consent_state", group.consent_state if group else ConsentState.NOT_REQUIRED)
    facts.setdefault("search_text", f"{facts['name']} {facts['heygen_id']} {group.title if group else ''}".lower())
    return Look.objects.create(group=group, **facts)


def make_consent(group: AvatarGroup, owner: Any = None, **facts: Any) -> Consent:
    """The consent of a character, looked after by `owner`."""
    return Consent.objects.create(group=group, owner=owner, state=group.consent_state, **facts)


def make_link(consent: Consent, by: Any, *, alive: bool = True, **facts: Any) -> ConsentLink:
    """A link to HeyGen's consent page."""
    now = timezone.now()
    issued = now if alive else now - dt.timedelta(days=2)
    facts.setdefault("state", LinkState.READY)
    facts.setdefault("url", SECRET_LINK)
    return ConsentLink.objects.create(
        consent=consent, asked_by=by, issued_at=issued, expires_at=issued + dt.timedelta(hours=23, minutes=30), **facts
    )
