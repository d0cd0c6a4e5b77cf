"""Webhook endpoints: register, list, change, delete, rotate; the catalogue and the history of events."""

from __future__ import annotations

import datetime
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from heygen_portal.sandbox import inputs
from heygen_portal.sandbox.answers import Answer, data, invalid, missing, page
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import WebhookEndpoint, WebhookEvent
from heygen_portal.sandbox.validation import known_keys, text

from . import paging

EVENT_TYPES = (
    *(
        f"{stem}.{end}"
        for stem in ("avatar_video", "avatar_video_gif", "video_translate")
        for end in ("success", "fail")
    ),
    "video_translate.preflight.validation_failed",
    "video_translate.preflight.download_failed",
    "personalized_video",
    *(
        f"{stem}.{end}"
        for stem in (
            "instant_avatar",
            "photo_avatar_generation",
            "photo_avatar_train",
            "photo_avatar_add_motion",
            "proofread_creation",
            "live_avatar",
            "avatar_video_caption",
            "video_agent",
            "hyperframes_video",
            "ai_clipping",
        )
        for end in ("success", "fail")
    ),
    "batch.finished",
)


def _iso(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat().replace("+00:00", "Z")


def _record(endpoint: WebhookEndpoint, *, with_secret: bool = False) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint.uid,
        "url": endpoint.url,
        "events": endpoint.events,
        "status": "enabled",
        "created_at": _iso(endpoint.created_at),
        "secret": endpoint.secret if with_secret else None,
    }


def _url(body: dict[str, Any], *, required: bool) -> str | None:
    url = text(body, "url", required=required, maximum=2000)
    if url is None:
        return None
    parts = urlsplit(url)
    # HeyGen demands HTTPS; plain http is let through on loopback, where this sandbox delivers.
    if parts.scheme != "https" and not (parts.scheme == "http" and inputs.is_loopback(parts.hostname)):
        raise invalid("url", "url must be a public HTTPS URL.")
    return url


def _events(body: dict[str, Any]) -> list[str] | None:
    events = body.get("events")
    if events is None:
        return None
    if not isinstance(events, list) or any(event not in EVENT_TYPES for event in events):
        raise invalid("events", "events must be a list of known event types.")
    return events


def _new_secret() -> str:
    return f"whsec_{secrets.token_hex(24)}"


def create(call: Call) -> Answer:
    """Register an endpoint. Its secret is shown now and never again."""
    body = call.json()
    known_keys(body, "url", "events", "entity_id")
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.create(
            url=_url(body, required=True) or "",
            events=_events(body),
            entity_id=text(body, "entity_id") or "",
            secret=_new_secret(),
            created_at=datetime.datetime.now(datetime.UTC).timestamp(),
        )
        return call.settle(data(_record(endpoint, with_secret=True)))


@accepts("limit", "token")
def list_endpoints(call: Call) -> Answer:
    """Endpoints, newest first, without their secrets."""
    rows, token = paging.cut(WebhookEndpoint.objects.all(), call.request.GET, default=10, maximum=100)
    return page([_record(row) for row in rows], token)


def _find(uid: str) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(uid=uid).first()
    if endpoint is None:
        raise missing("webhook_not_found", "Webhook endpoint")
    return endpoint


def change(call: Call, endpoint_id: str) -> Answer:
    """Change the address, or replace the whole list of events."""
    body = call.json()
    known_keys(body, "url", "events")
    with transaction.atomic():
        endpoint = _find(endpoint_id)
        endpoint.url = _url(body, required=False) or endpoint.url
        if "events" in body:
            endpoint.events = _events(body)
        endpoint.save()
        return call.settle(data(_record(endpoint)))


def delete(call: Call, endpoint_id: str) -> Answer:
    """Forget an endpoint."""
    with transaction.atomic():
        _find(endpoint_id).delete()
        return call.settle(data({}))


def rotate_secret(call: Call, endpoint_id: str) -> Answer:
    """A new secret; the old one is dead at once."""
    with transaction.atomic():
        endpoint = _find(endpoint_id)
        endpoint.secret = _new_secret()
        endpoint.save()
        return call.settle(data({"endpoint_id": endpoint.uid, "secret": endpoint.secret}))


def list_event_types(_call: Call) -> Answer:
    """The catalogue. There is no event for consent."""
    rows = [{"event_type": name, "description": f"Sent on {name.replace('_', ' ')}."} for name in EVENT_TYPES]
    return page(rows, None)


@accepts("event_type", "entity_id", "limit", "token")
def list_events(call: Call) -> Answer:
    """What was delivered, newest first."""
    event_type = paging.choice(call.request.GET, "event_type", *EVENT_TYPES)
    rows = WebhookEvent.objects.all()
    if event_type:
        rows = rows.filter(event_type=event_type)
    found, token = paging.cut(rows, call.request.GET, default=10, maximum=100)
    return page(
        [
            {
                "event_id": row.uid,
                "event_type": row.event_type,
                "event_data": row.event_data,
                "created_at": _iso(row.created_at),
            }
            for row in found
        ],
        token,
    )
