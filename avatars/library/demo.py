"""Believable content for demonstrations and measurements. The same numbers give the same content each time."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from avatars.account import current_account
from avatars.library.facts import DEMO_PREFIX, folded, look_search_text
from avatars.models import AvatarGroup, Consent, ConsentLink, Look, Submission
from avatars.states import ConsentState, Kind, LinkState, Status

BATCH = 500
_NAMESPACE = uuid.UUID("6f0c9f2e-3b57-4d6e-9a39-0b7a5d3c8e11")

# fmt: off
_FIRST = (
    "Anna", "Ben", "Chloé", "Daniel", "Elif", "Felix", "Giulia", "Hannah", "Igor", "Jasmin", "Kofi", "Lena", "Marek",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë",
)
_LAST = (
    "Keller", "Nguyen", "O'Brien", "García", "Schmidt", "Kowalski", "Rossi", "Haddad", "Lindqvist", "Okafor", "Müller",
    "Tanaka", "Dubois", "Novák", "Costa", "Fischer", "Patel", "Jensen", "Moreau",
)
_PLACES = (
    "Studio", "Office", "Kitchen", "Rooftop", "Garden", "Library", "Stage", "Workshop", "Lounge", "Street", "Newsroom",
)
_CLOTHES = (
    "navy blazer", "red dress", "white shirt", "green jumper", "grey hoodie", "black turtleneck", "denim jacket",
    "summer top", "beige coat", "striped shirt", "lab coat", "polka dots",
)
# fmt: on
_SHAPES = ((1080, 1080, "square"), (1920, 1080, "landscape"), (1080, 1920, "portrait"))
_TYPES = {Kind.DIGITAL_TWIN: "digital_twin", Kind.PHOTO: "photo_avatar", Kind.PROMPT: "photo_avatar"}
_STATUSES = (Status.READY,) * 43 + (Status.TRAINING,) * 2 + (Status.FAILED,) * 3 + (Status.GONE,) * 2
_RAW_STATUS = {Status.READY: "completed", Status.TRAINING: "processing", Status.FAILED: "failed"}
# Our word, HeyGen's word, and hours until the newest link ends (None: no link was ever made).
_CONSENTS: tuple[tuple[ConsentState, str, int | None], ...] = (
    (ConsentState.GIVEN, "accepted", -200),
    (ConsentState.GIVEN, "approved", -90),
    (ConsentState.WAITING, "pending", 20),
    (ConsentState.NOT_ASKED, "pending", None),
    (ConsentState.EXPIRED, "pending", -30),
    (ConsentState.DECLINED, "rejected", -60),
    (ConsentState.WAIVED, "skipped", None),
    (ConsentState.UNKNOWN, "verified_by_partner", -10),
)


@dataclass
class Seeded:
    """How many rows there are of each kind now."""

    groups: int = 0
    looks: int = 0
    submissions: int = 0
    consents: int = 0


@dataclass
class _Character:
    group: AvatarGroup
    kind: Kind
    consent: tuple[ConsentState, str, int | None]
    looks: int


def seed(looks: int, *, owners: Sequence[Any], pictures: Sequence[str], now: datetime) -> Seeded:
    """Fill the database with `looks` looks, their characters, submissions by `owners`, and consents.

    `pictures` are names of stored thumbnails, which are shared. Rows of an earlier run are brought to what this one
    would make; more looks than before add to them.
    """
    dice = random.Random(20_000)  # noqa: S311 - the same content each time is the point
    characters = _characters(looks, dice, pictures, now)
    _write(AvatarGroup, [one.group for one in characters], "heygen_id", now)
    ids = dict(AvatarGroup.objects.filter(heygen_id__startswith=DEMO_PREFIX).values_list("heygen_id", "pk"))
    for one in characters:
        one.group.pk = ids[one.group.heygen_id]
    made = [look for one in characters for look in _looks(one, dice, pictures, now)]
    _write(Look, made, "heygen_id", now)
    look_ids = dict(Look.objects.filter(heygen_id__startswith=DEMO_PREFIX).values_list("heygen_id", "pk"))
    submissions = _submissions(characters, made, look_ids, owners, dice)
    _write(Submission, submissions, "id", now)
    consents = _consents(characters, owners, now)
    return Seeded(len(characters), len(made), len(submissions), consents)


def _characters(looks: int, dice: random.Random, pictures: Sequence[str], now: datetime) -> list[_Character]:
    characters: list[_Character] = []
    left = looks
    while left > 0:
        number = len(characters)
        count = min(left, 60 if number == 0 else dice.choice((1, 2, 3, 4, 6, 8, 12, 20)))
        left -= count
        is_public = dice.random() < 0.25
        kind = dice.choice((Kind.PHOTO, Kind.PHOTO, Kind.PROMPT, Kind.DIGITAL_TWIN))
        is_twin = kind == Kind.DIGITAL_TWIN and not is_public
        consent = _CONSENTS[number % len(_CONSENTS)] if is_twin else (ConsentState.NOT_REQUIRED, "", None)
        name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
        group = AvatarGroup(
            heygen_id=_heygen_id("group", number),
            name=name,
            ownership="public" if is_public else "private",
            status_raw=None if is_public else "completed",
            consent_raw=consent[1] or None,
            consent_raw_at=now if consent[1] else None,
            consent_state=consent[0],
            is_twin=is_twin,
            looks_count=count,
            thumbnail=dice.choice(pictures),
            heygen_created_at=now - timedelta(hours=number),
            checked_at=now,
        )
        group.search_text = folded(name, group.heygen_id)
        characters.append(_Character(group, kind, consent, count))
    return characters


def _looks(one: _Character, dice: random.Random, pictures: Sequence[str], now: datetime) -> list[Look]:
    rows = []
    for number in range(one.looks):
        status = dice.choice(_STATUSES) if one.group.is_private else Status.READY
        width, height, orientation = dice.choice(_SHAPES)
        is_ready = status in (Status.READY, Status.GONE)
        look = Look(
            heygen_id=_heygen_id("look", f"{one.group.heygen_id}/{number}"),
            group_id=one.group.pk,
            name=f"{dice.choice(_PLACES)}, {dice.choice(_CLOTHES)}",
            avatar_type=_TYPES[one.kind] if one.group.is_private else "studio_avatar",
            ownership=one.group.ownership,
            engines=["avatar_v", "avatar_iv", "avatar_iii"] if is_ready else [],
            image_width=width if is_ready else 0,
            image_height=height if is_ready else 0,
            orientation=orientation if is_ready else "",
            status=status,
            status_raw=_RAW_STATUS.get(status, "completed") if one.group.is_private else None,
            error_code="training_failed" if status == Status.FAILED else "",
            error_message="Footage is too short or too long" if status == Status.FAILED else "",
            consent_state=one.group.consent_state,
            thumbnail=dice.choice(pictures) if is_ready else "",
            checked_at=now,
            gone_at=now if status == Status.GONE else None,
        )
        look.search_text = look_search_text(look.name, look.heygen_id, one.group)
        rows.append(look)
    return rows


def _submissions(
    characters: Sequence[_Character],
    looks: Sequence[Look],
    look_ids: dict[str, int],
    owners: Sequence[Any],
    dice: random.Random,
) -> list[Submission]:
    kinds = {one.group.pk: one.kind for one in characters}
    rows = []
    for look in looks:
        if look.ownership == "public" or dice.random() > 0.1:
            continue
        kind = kinds[look.group_id or 0]
        rows.append(
            Submission(
                id=uuid.uuid5(_NAMESPACE, look.heygen_id),
                form_token=look.heygen_id,
                owner=dice.choice(owners),
                account=current_account(),
                kind=kind,
                name=look.name[:80],
                prompt=f"A friendly presenter, {look.name.lower()}, soft light" if kind == Kind.PROMPT else "",
                depicts_real_person=kind == Kind.PHOTO,
                permission_note="Signed release on file" if kind == Kind.PHOTO else "",
                state=look.status,
                error_code=look.error_code,
                error_message=look.error_message,
                look_id=look_ids[look.heygen_id],
                group_id=look.group_id,
            )
        )
    return rows


def _consents(characters: Sequence[_Character], owners: Sequence[Any], now: datetime) -> int:
    twins = [one for one in characters if one.group.is_twin]
    answers = (ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WAIVED)
    Consent.objects.bulk_create(
        [
            Consent(
                group_id=one.group.pk,
                owner=owners[number % len(owners)],
                state=one.consent[0],
                asked_at=None if one.consent[2] is None else now,
                answered_at=now if one.consent[0] in answers else None,
            )
            for number, one in enumerate(twins)
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    kept = dict(Consent.objects.filter(group__heygen_id__startswith=DEMO_PREFIX).values_list("group_id", "pk"))
    links = []
    for one in twins:
        hours = one.consent[2]
        if hours is None:
            continue
        ends = now + timedelta(hours=hours)
        slug = one.group.heygen_id[:32]
        links.append(
            ConsentLink(
                consent_id=kept[one.group.pk],
                slug=slug,
                state=LinkState.READY,
                url=f"https://demo.invalid/consent/{slug}",
                asked_by=owners[0],
                issued_at=ends - timedelta(hours=23, minutes=30),
                expires_at=ends,
            )
        )
    ConsentLink.objects.bulk_create(links, batch_size=BATCH, ignore_conflicts=True)
    return len(twins)


def _write(model: type[models.Model], rows: list[Any], identity: str, now: datetime) -> None:
    """Insert or update in short transactions, and spread the times over the past, the first row being the oldest."""
    skipped = {identity, "id", "created_at"}
    names = [field.name for field in model._meta.concrete_fields if field.name not in skipped]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        with transaction.atomic():
            model._default_manager.bulk_create(
                batch, update_conflicts=True, unique_fields=[identity], update_fields=names
            )
            when = now - timedelta(minutes=len(rows) - start)
            keys = [getattr(row, identity) for row in batch]
            model._default_manager.filter(**{f"{identity}__in": keys}).update(created_at=when, updated_at=when)


def _heygen_id(what: str, which: object) -> str:
    return DEMO_PREFIX + hashlib.sha256(f"{what} {which}".encode()).hexdigest()[:32]
