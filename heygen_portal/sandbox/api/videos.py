"""POST and GET /v3/videos: enough to prove that a look is usable. Nothing is rendered."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from heygen_portal.sandbox import clock, faults, lifecycle
from heygen_portal.sandbox.answers import Answer, Refusal, data, invalid, missing
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import Look, Video
from heygen_portal.sandbox.validation import known_keys, text

_KEYS = (
    "type",
    "avatar_id",
    "script",
    "voice_id",
    "audio_url",
    "audio_asset_id",
    "title",
    "resolution",
    "aspect_ratio",
    "engine",
    "background",
    "callback_url",
    "callback_id",
    "caption",
    "output_format",
    "voice_settings",
    "motion_prompt",
)

SCRIPT_LENGTH = 5000
WAITING, DONE = 2.0, 8.0


def _markers(call: Call) -> faults.Kind | None:
    body = call.json()
    return faults.strike(f"{body.get('title') or ''}\n{body.get('script') or ''}", "video")


@accepts(markers=_markers)
def create(call: Call) -> Answer:
    """Ask for a video; refused while the look is not ready, or consent is missing."""
    body = call.json()
    known_keys(body, *_KEYS)
    if body.get("type") != "avatar":
        raise invalid("type", "type must be avatar.")
    look = _usable_look(text(body, "avatar_id", required=True) or "")
    _check_speech(body)
    _check_engine(body, look)
    with transaction.atomic():
        video = Video.objects.create(
            look_uid=look.uid,
            title=text(body, "title", maximum=200) or "",
            created_at=int(time.time()),
            started_life=clock.life(),
        )
        return call.settle(data({"video_id": video.uid, "status": "waiting"}))


def _usable_look(uid: str) -> Look:
    look = Look.objects.filter(uid=uid).select_related("group").first()
    if look is None:
        raise missing("avatar_not_found", "Avatar look")
    status = lifecycle.look_status(look, look.group)
    if status in ("processing", "pending_consent"):
        raise Refusal(409, "resource_not_ready", "The avatar is still being processed.")
    if status == "failed" or not look.usable:
        raise Refusal(400, "avatar_not_usable", "This avatar cannot be used for videos.", "avatar_id")
    if look.group.consent in ("pending", "rejected"):
        raise Refusal(400, "avatar_consent_required", "Consent is required before this avatar can be used.")
    return look


def _check_speech(body: dict[str, Any]) -> None:
    text(body, "script", maximum=SCRIPT_LENGTH)
    if sum(body.get(key) is not None for key in ("script", "audio_url", "audio_asset_id")) != 1:
        raise invalid("script", "Give exactly one of script, audio_url, audio_asset_id.")


def _check_engine(body: dict[str, Any], look: Look) -> None:
    engine = body.get("engine")
    if engine is None:
        return
    if not isinstance(engine, dict) or engine.get("type") not in look.engines:
        raise invalid("engine", "The look does not support this engine.")


def get_video(call: Call, video_id: str) -> Answer:
    """Where a video stands."""
    video = Video.objects.filter(uid=video_id).first()
    if video is None:
        raise missing("resource_not_found", "Video")
    passed = clock.life() - video.started_life
    status = "pending" if passed < WAITING else "processing" if passed < DONE else "completed"
    done = status == "completed"
    record = {
        "id": video.uid,
        "title": video.title,
        "status": status,
        "created_at": video.created_at,
        "video_url": f"{call.base_url}/_videos/{video.uid}.mp4" if done else None,
        "duration": 4.0 if done else None,
    }
    return data(record)
