"""The library a fresh sandbox has: 124 public characters, and a private account with something of everything."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from . import names
from .api.avatars import ENGINES
from .models import Group, Look
from .pictures.dice import Dice, uid_of
from .pictures.traits import scene

DAY = 86_400
LOOKS_IN_BIG_GROUP = 60
_SIZES = ((1080, 1440), (1080, 1440), (1920, 1080), (1080, 1080))


def _look(group: Group, number: int, *, avatar_type: str, origin: str, **more: Any) -> Look:
    uid = uid_of(f"look {group.uid} {number}")
    dice = Dice(f"library {uid}")
    width, height = dice.choose("size", _SIZES)
    words = scene(uid, more.get("prompt", "")).words
    fields: dict[str, Any] = {
        "uid": uid,
        "group": group,
        "name": f"{group.name.split()[0]} - {words}",
        "is_public": group.is_public,
        "avatar_type": avatar_type,
        "origin": origin,
        "created_at": group.created_at + number * 60,
        "fixed_status": None if group.is_public else "completed",
        "tags": sorted({dice.choose("tag", names.TAGS), dice.choose("tag2", names.TAGS)}),
        "engines": ENGINES["avatar_v_iv_iii"],
        "width": width,
        "height": height,
        "announced": True,
    }
    return Look(**(fields | more))


def _public() -> tuple[list[Group], list[Look]]:
    groups, looks = [], []
    start = int(time.time()) - 400 * DAY
    for number, (name, gender) in enumerate(reversed(names.everybody())):
        uid = uid_of(f"public {name}")
        dice = Dice(f"library {uid}")
        title = name if dice.chance("plain", 0.7) else f"{name}, {dice.choose('role', names.ROLES).lower()}"
        group = Group(
            uid=uid,
            name=title,
            is_public=True,
            gender=gender,
            created_at=start + number * 2 * DAY,
            default_voice_id=uid_of(f"voice {uid}"),
        )
        kind = dice.choose("kind", ("studio_avatar", "studio_avatar", "photo_avatar", "digital_twin"))
        groups.append(group)
        looks += [
            _look(group, index, avatar_type=kind, origin="stock") for index in range(2 + int(dice.number("looks") * 4))
        ]
    return groups, looks


def _private_group(name: str, gender: str, days_ago: float, **more: Any) -> Group:
    created = int(time.time() - days_ago * DAY)
    return Group(uid=uid_of(f"private {name}"), name=name, gender=gender, created_at=created, **more)


def _private() -> tuple[list[Group], list[Look]]:
    crowd = _private_group("Elena Marchetti", "female", 90, consent="granted", consented_life=0.0)
    crowd.default_voice_id = uid_of("voice Elena")
    pending = _private_group("Jonah Brandt", "male", 2, consent="pending", default_voice_id=uid_of("voice Jonah"))
    granted = _private_group("Yara Haddad", "female", 21, consent="granted", consented_life=0.0)
    failed = _private_group("Marek Nowicki", "male", 6)
    photo = _private_group("Imani Wright", "female", 11)
    prompt = _private_group("Captain Nova", "female", 4)
    looks = [_look(crowd, 0, avatar_type="digital_twin", origin="digital_twin")]
    looks += [_look(crowd, n, avatar_type="photo_avatar", origin="photo") for n in range(1, LOOKS_IN_BIG_GROUP)]
    looks += [
        _look(pending, 0, avatar_type="digital_twin", origin="digital_twin"),
        _look(granted, 0, avatar_type="digital_twin", origin="digital_twin"),
        _look(granted, 1, avatar_type="photo_avatar", origin="photo"),
        _look(
            failed,
            0,
            avatar_type="photo_avatar",
            origin="photo",
            fixed_status="failed",
            failure_code="training_failed",
            failure_message="No single clear face was found in the photo.",
        ),
        *(_look(photo, n, avatar_type="photo_avatar", origin="photo") for n in range(3)),
        _look(
            prompt,
            0,
            avatar_type="photo_avatar",
            origin="prompt",
            prompt="Young woman, early 30s, confident, short silver hair, navy jacket, city skyline at night",
        ),
    ]
    return [crowd, granted, photo, failed, prompt, pending], looks


def fill(*, public: bool = True) -> None:
    """Write the library; without the public part when that is there already (no client can change it)."""
    with transaction.atomic():
        for groups, looks in (*([_public()] if public else []), _private()):
            Group.objects.bulk_create(groups)
            Look.objects.bulk_create(looks)


def add_private(*, groups: int, looks_in_one_group: int) -> list[str]:
    """Add private characters; the first of them, if asked for, with many looks. Returns the ids of the characters."""
    people = names.everybody()
    offset = Group.objects.filter(is_public=False).count()
    made, looks = [], []
    for number in range(max(groups, 1 if looks_in_one_group else 0)):
        name, gender = people[(offset + number * 7) % len(people)]
        group = Group(
            uid=uid_of(f"added {offset} {number}"),
            name=name,
            gender=gender,
            created_at=int(time.time()) - (groups - number) * 60,
        )
        count = looks_in_one_group if number == 0 and looks_in_one_group else 1
        made.append(group)
        looks += [_look(group, index, avatar_type="photo_avatar", origin="photo") for index in range(count)]
    with transaction.atomic():
        Group.objects.bulk_create(made)
        Look.objects.bulk_create(looks, batch_size=500)
    return [group.uid for group in made]
