"""POST /v3/avatars in its three types, and the characters: list, read, delete."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from heygen_portal.sandbox import clock, faults, inputs, lifecycle, media, presenter, switches
from heygen_portal.sandbox.answers import Answer, Refusal, data, invalid, missing, page
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import Creation, Group, Look, new_uid
from heygen_portal.sandbox.validation import PROMPT_LENGTH, known_keys, name, text

from . import paging

_KEYS = {
    "photo": ("type", "name", "file", "avatar_group_id"),
    "digital_twin": ("type", "name", "file", "avatar_group_id"),
    "prompt": ("type", "name", "prompt", "reference_images", "avatar_group_id", "avatar_id"),
}
ENGINES = {
    "avatar_v_iv_iii": ["avatar_v", "avatar_iv", "avatar_iii"],
    "avatar_4": ["avatar_4_quality", "avatar_4_turbo"],
}
_CREATE_FAULTS = {
    "null_item": "null-item",
    "null_group": "null-group",
    "null_both": "null-both",
    "conflict_but_created": "409-created",
    "timeout_but_created": "timeout-created",
}
MAXIMUM_REFERENCES = 3


@dataclass
class Order:
    """A creation that passed every check."""

    kind: str
    name: str
    group: Group | None
    prompt: str = ""
    source: inputs.Source = field(default_factory=lambda: inputs.Source(None))


def _markers(call: Call) -> faults.Kind | None:
    body = call.json()
    words = f"{body.get('name') or ''}\n{body.get('prompt') or ''}"
    struck = faults.strike(words, "create")
    if struck is None and (forced := _CREATE_FAULTS.get(switches.value("create_returns"))):
        return faults.KINDS[forced]
    return struck


@accepts(markers=_markers)
def create(call: Call) -> Answer:
    """Make one avatar; both objects come back while it is still training."""
    order = _read_order(call.json())
    with transaction.atomic():
        look = _make(order, call.key)
        return call.settle(
            data(
                {
                    "avatar_item": presenter.look_record(look, call.base_url),
                    "avatar_group": presenter.one_group(look.group, call.base_url),
                }
            )
        )


def _read_order(body: dict[str, Any]) -> Order:
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise invalid("type", "type must be one of digital_twin, photo, prompt.")
    known_keys(body, *_KEYS[kind])
    order = Order(kind, name(body), None)
    if kind == "prompt":
        order.prompt = text(body, "prompt", required=True, maximum=PROMPT_LENGTH) or ""
    group_uid = text(body, "avatar_group_id")
    order.group = _own_group(group_uid) if group_uid is not None else None
    if kind == "prompt":
        _read_references(body)
        order.group = _group_of_reference(text(body, "avatar_id"), order.group)
    else:
        if body.get("file") is None:
            raise invalid("file", "file is required.")
        order.source = (inputs.photo if kind == "photo" else inputs.footage)(body["file"], "file")
    return order


def _read_references(body: dict[str, Any]) -> None:
    references = body.get("reference_images")
    if references is None:
        return
    if not isinstance(references, list):
        raise invalid("reference_images", "reference_images must be a list.")
    if len(references) > MAXIMUM_REFERENCES:
        raise invalid("reference_images", f"At most {MAXIMUM_REFERENCES} reference images are allowed.")
    for reference in references:
        source = inputs.find(reference, "reference_images")
        if source.stored and (source.mime_type not in media.IMAGES or source.facts.get("broken")):
            raise invalid("reference_images", "A reference image is not a readable JPEG or PNG image.")


def _own_group(uid: str) -> Group:
    group = Group.objects.filter(uid=uid).first()
    if group is None:
        raise missing("avatar_group_not_found", "Avatar group")
    if group.is_public:
        raise Refusal(403, "resource_access_denied", "Public avatar groups cannot be extended.")
    return group


def _group_of_reference(look_uid: str | None, group: Group | None) -> Group | None:
    """The character that a reference look leads to; it must have a picture and fit the character named."""
    if look_uid is None:
        return group
    look = Look.objects.filter(uid=look_uid).select_related("group").first()
    if look is None:
        raise missing("avatar_not_found", "Avatar")
    if lifecycle.look_status(look, look.group) not in (None, "completed"):
        raise invalid("avatar_id", "The referenced avatar has no usable image.")
    if group is not None and look.group_id != group.pk:
        raise invalid("avatar_id", "The referenced avatar does not belong to the avatar group.")
    if look.is_public:
        raise Refusal(403, "resource_access_denied", "Public avatars cannot be used as a reference.")
    return look.group


def _make(order: Order, key: str) -> Look:
    uid, created = new_uid(), int(time.time())
    group = order.group
    if group is None:
        # HeyGen's first photo look may share its id with its character; clients must not tell them apart by id.
        group_uid = uid if order.kind == "photo" else new_uid()
        group = Group.objects.create(uid=group_uid, name=order.name, created_at=created)
    if order.kind == "digital_twin":
        _ask_consent(group)
    avatar_type = {"photo": "photo_avatar", "digital_twin": "digital_twin"}.get(order.kind)
    facts = order.source.facts
    failure = _failure(order)
    look = Look.objects.create(
        uid=uid,
        group=group,
        name=order.name,
        avatar_type=avatar_type or switches.value("prompt_avatar_type"),
        origin=order.kind,
        created_at=created,
        started_life=clock.life(),
        training_seconds=lifecycle.TRAINING_SECONDS[order.kind],
        gated=order.kind == "digital_twin" and switches.value("consent_gates_training") == "yes",
        failure_code=failure[0],
        failure_message=failure[1],
        usable=not faults.has_effect(f"{order.name}\n{order.prompt}", "not-usable"),
        engines=ENGINES[switches.value("engine_names")],
        width=facts.get("width") or 1080,
        height=facts.get("height") or 1440,
        prompt=order.prompt,
        picture_file=order.source.stored if order.kind == "photo" else "",
    )
    Creation.objects.create(
        at=time.time(), look_uid=uid, group_uid=group.uid, name=order.name, kind=order.kind, key=key
    )
    return look


def _ask_consent(group: Group) -> None:
    """A twin's character waits for consent; one that has an answer keeps it."""
    if group.consent:
        return
    word = switches.value("twin_consent")
    group.consent = "" if word == "null" else word
    group.default_voice_id = group.default_voice_id or new_uid()
    group.save()


def _failure(order: Order) -> tuple[str, str]:
    """What training will find wrong: a code and a message, or two empty strings."""
    if faults.has_effect(f"{order.name}\n{order.prompt}", "training-failed"):
        return "training_failed", "Training failed: the face could not be followed through the footage."
    duration = order.source.facts.get("duration")
    if order.kind == "digital_twin" and duration is not None and not media.SHORTEST <= duration <= media.LONGEST:
        return "training_failed", "Footage is too short or too long"
    return "", ""


@accepts("ownership", "limit", "token")
def list_groups(call: Call) -> Answer:
    """Characters: private ones first, newest first."""
    ownership = paging.choice(call.request.GET, "ownership", "public", "private")
    groups = Group.objects.all()
    if ownership:
        groups = groups.filter(is_public=ownership == "public")
    found, token = paging.cut(groups, call.request.GET, private_first=True)
    return page(presenter.group_records(found, call.base_url), token)


def find_group(uid: str) -> Group:
    """A character by id, or 404."""
    group = Group.objects.filter(uid=uid).first()
    if group is None:
        raise missing("avatar_group_not_found", "Avatar group")
    return group


def get_group(call: Call, group_id: str) -> Answer:
    """One character, flat."""
    return data(presenter.one_group(find_group(group_id), call.base_url))


def delete_group(call: Call, group_id: str) -> Answer:
    """Delete a character with all its looks, for good."""
    with transaction.atomic():
        group = find_group(group_id)
        if group.is_public:
            raise Refusal(403, "forbidden", "Public avatar groups cannot be deleted.")
        group.delete()
        return call.settle(data({"id": group_id}))
