"""POST /v3/avatars/{group_id}/consent: a link for the person depicted, or a recorded video."""

from __future__ import annotations

import secrets

from django.db import transaction

from heygen_portal.sandbox import clock, faults, inputs, lifecycle, presenter, switches
from heygen_portal.sandbox.answers import Answer, Refusal, data, invalid
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import ConsentLink, Group
from heygen_portal.sandbox.validation import known_keys, text

from .avatars import find_group

TEXT_LENGTH = 1000
LINK_LIFETIME = 24 * 3600


def _markers(call: Call, group_id: str) -> faults.Kind | None:
    group = Group.objects.filter(uid=group_id).first()
    return faults.strike(group.name, f"consent {group_id}", consent=True) if group else None


@accepts(markers=_markers)
def create(call: Call, group_id: str) -> Answer:
    """Start the consent flow. Note where the group stands: nested here, flat when it is read."""
    body = call.json(required=False)
    known_keys(body, "reroute_url", "consent_text", "consent_video")
    reroute_url = text(body, "reroute_url", maximum=2000) or ""
    if reroute_url and not reroute_url.startswith(("https://", "http://")):
        raise invalid("reroute_url", "reroute_url must be an absolute URL.")
    wording = _wording(body)
    group = find_group(group_id)
    _may_ask(group)
    if body.get("consent_video") is not None:
        return _submit_video(call, group, body)
    with transaction.atomic():
        if switches.value("reissue") == "old_dies":
            group.links.filter(state="open").update(state="superseded")
        if not group.consent or group.consent == "rejected":
            group.consent = "pending"
            group.save(update_fields=["consent"])
        link = ConsentLink.objects.create(
            token=secrets.token_urlsafe(24),
            group=group,
            issued_at=clock.now(),
            reroute_url=reroute_url,
            consent_text=wording,
        )
        url = f"{call.base_url}/consent/{link.token}"
        return call.settle(data({"avatar_group": presenter.one_group(group, call.base_url), "url": url}))


def _wording(body: dict[str, object]) -> str:
    wording = text(body, "consent_text", maximum=TEXT_LENGTH) or ""
    if "<" in wording or ">" in wording:
        raise invalid("consent_text", "consent_text must be plain text without < and >.")
    if body.get("consent_video") is not None and (wording or body.get("reroute_url")):
        raise invalid("consent_video", "consent_video cannot be combined with reroute_url or consent_text.")
    if wording and switches.value("consent_text") == "refused":
        raise Refusal(403, "forbidden", "consent_text is available to selected Enterprise customers only.")
    return wording


def _may_ask(group: Group) -> None:
    if group.is_public:
        raise Refusal(403, "resource_access_denied", "Public avatars need no consent.")
    twin = group.looks.filter(avatar_type="digital_twin").exists()
    if not twin and switches.value("consent_on_photo") == "refused":
        raise invalid("group_id", "Consent is only required for digital twins.")
    if group.consent in lifecycle.GRANTED and switches.value("reissue_after_grant") == "conflict":
        raise Refusal(409, "conflict", "Consent has already been given for this avatar group.")


def _submit_video(call: Call, group: Group, body: dict[str, object]) -> Answer:
    if switches.value("consent_video") == "refused":
        raise Refusal(403, "forbidden", "consent_video is available to Enterprise customers only.")
    inputs.footage(body["consent_video"], "consent_video")
    with transaction.atomic():
        give(group, "granted")
        return call.settle(data({"avatar_group": presenter.one_group(group, call.base_url)}))


def give(group: Group, word: str) -> None:
    """Record the person's answer: granted or rejected."""
    group.consent = word
    group.consented_life = clock.life() if word == "granted" else None
    group.save(update_fields=["consent", "consented_life"])
