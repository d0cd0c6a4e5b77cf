"""Looks and characters as the API shows them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from . import clock, lifecycle, previews
from .models import Group, Look

WITH_VIDEO = frozenset({"digital_twin", "studio_avatar"})


def orientation(look: Look) -> str:
    """portrait, landscape or square."""
    if look.width == look.height:
        return "square"
    return "portrait" if look.height > look.width else "landscape"


def look_record(look: Look, base_url: str, life: float | None = None) -> dict[str, Any]:
    """One look, flat. Until it is completed it has no pictures, no dimensions and no engines."""
    group = look.group
    status = lifecycle.look_status(look, group, clock.life() if life is None else life)
    done = status in (None, "completed")
    error = {"code": look.failure_code, "message": look.failure_message} if status == "failed" else None
    with_video = done and look.avatar_type in WITH_VIDEO and look.origin != "prompt"
    return {
        "id": look.uid,
        "name": look.name,
        "avatar_type": look.avatar_type,
        "group_id": group.uid,
        "gender": group.gender,
        "default_voice_id": group.default_voice_id,
        "preview_image_url": previews.image_url(look, base_url) if done else None,
        "preview_video_url": previews.video_url(look, base_url) if with_video else None,
        "status": status,
        "error": error,
        "tags": look.tags,
        "supported_api_engines": look.engines if done else [],
        "image_width": look.width if done else None,
        "image_height": look.height if done else None,
        "preferred_orientation": orientation(look) if done else None,
    }


def group_record(group: Group, looks: list[Look], base_url: str, life: float | None = None) -> dict[str, Any]:
    """One character, flat, with the picture of its first finished look."""
    life = clock.life() if life is None else life
    status = lifecycle.group_status(group, looks, life)
    face = next((look for look in looks if lifecycle.look_status(look, group, life) in (None, "completed")), None)
    failed = next((look for look in looks if look.failure_code), None)
    error = {"code": failed.failure_code, "message": failed.failure_message} if status == "failed" and failed else None
    with_video = face is not None and face.avatar_type in WITH_VIDEO and face.origin != "prompt"
    return {
        "id": group.uid,
        "name": group.name,
        "created_at": group.created_at,
        "looks_count": len(looks),
        "gender": group.gender,
        "preview_image_url": previews.image_url(face, base_url) if face else None,
        "preview_video_url": previews.video_url(face, base_url) if face and with_video else None,
        "default_voice_id": group.default_voice_id,
        "consent_status": lifecycle.consent_word(group),
        "status": status,
        "error": error,
    }


def one_group(group: Group, base_url: str) -> dict[str, Any]:
    """One character, its looks read from the database."""
    return group_records([group], base_url)[0]


def group_records(groups: list[Group], base_url: str) -> list[dict[str, Any]]:
    """Several characters with one query for all their looks."""
    looks: dict[int, list[Look]] = defaultdict(list)
    for look in Look.objects.filter(group__in=groups).order_by("id").select_related("group"):
        looks[look.group_id].append(look)
    life = clock.life()
    return [group_record(group, looks[group.pk], base_url, life) for group in groups]
