"""Looks: list, read, rename, delete."""

from __future__ import annotations

from django.db import transaction

from heygen_portal.sandbox import clock, faults, presenter, switches
from heygen_portal.sandbox.answers import Answer, Refusal, data, invalid, missing, page
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import Look
from heygen_portal.sandbox.validation import known_keys, name

from . import paging
from .avatars import find_group

_TYPES = ("studio_avatar", "digital_twin", "photo_avatar")
_CHANGEABLE = frozenset({"digital_twin", "photo_avatar"})


@accepts("group_id", "avatar_type", "ownership", "limit", "token")
def list_looks(call: Call) -> Answer:
    """Looks, newest first, of one character or of all."""
    query = call.request.GET
    ownership = paging.choice(query, "ownership", "public", "private")
    avatar_type = paging.choice(query, "avatar_type", *_TYPES)
    looks = Look.objects.select_related("group")
    if ownership:
        looks = looks.filter(is_public=ownership == "public")
    if avatar_type:
        looks = looks.filter(avatar_type=avatar_type)
    if "group_id" in query:
        looks = looks.filter(group=find_group(query["group_id"]))
    found, token = paging.cut(looks, query, private_first=True)
    life = clock.life()
    return page([presenter.look_record(look, call.base_url, life) for look in found], token)


def find_look(uid: str) -> Look:
    """A look by id, or 404."""
    look = Look.objects.filter(uid=uid).select_related("group").first()
    if look is None:
        raise missing("avatar_not_found", "Avatar")
    return look


def get_look(call: Call, look_id: str) -> Answer:
    """One look, flat."""
    return data(presenter.look_record(find_look(look_id), call.base_url))


def _changeable(look: Look) -> None:
    if look.is_public:
        raise Refusal(403, "forbidden", "Public avatars cannot be changed.")
    if look.avatar_type not in _CHANGEABLE and look.origin != "prompt":
        raise invalid("look_id", "Only photo avatars and digital twins can be changed.")


def _rename_markers(call: Call, look_id: str) -> faults.Kind | None:
    return faults.strike(f"{call.json().get('name') or ''}", f"rename {look_id}")


@accepts(markers=_rename_markers)
def rename_look(call: Call, look_id: str) -> Answer:
    """Give a look another name; an absent name changes nothing."""
    body = call.json()
    known_keys(body, "name")
    with transaction.atomic():
        look = find_look(look_id)
        _changeable(look)
        if body.get("name") is not None:
            look.name = name(body)
            look.save(update_fields=["name"])
        return call.settle(data(presenter.look_record(look, call.base_url)))


def delete_look(call: Call, look_id: str) -> Answer:
    """Delete a look; the last one takes its character along, unless the switch says otherwise."""
    with transaction.atomic():
        look = find_look(look_id)
        _changeable(look)
        group = look.group
        look.delete()
        if not group.looks.exists() and switches.value("last_look_deleted") == "group_vanishes":
            group.delete()
        return call.settle(data({"id": look_id}))
