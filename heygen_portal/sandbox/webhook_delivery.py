"""Signed webhooks, when the switch asks for them: to loopback addresses only, from one background thread."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from . import clock, inputs, lifecycle, switches
from .models import Look, WebhookEndpoint, WebhookEvent

HEADERS = {"heygen_signature": "Heygen-Signature", "signature": "Signature"}
_PAUSE = 0.25
_TRIES = 3
_lock = threading.Lock()
_thread: threading.Thread | None = None
_log = logging.getLogger("sandbox")


def start() -> None:
    """Run the thread if webhooks are on and it is not running."""
    global _thread  # noqa: PLW0603 - one process, one thread
    with _lock:
        if switches.value("webhooks") == "off" or (_thread is not None and _thread.is_alive()):
            return
        _thread = threading.Thread(target=_loop, name="webhooks", daemon=True)
        _thread.start()


def _loop() -> None:
    try:
        while switches.value("webhooks") != "off":
            try:
                for event in _new_events():
                    _deliver(event)
            except Exception:
                _log.exception("a webhook could not be made")
            time.sleep(_PAUSE)
    finally:
        connection.close()


def _new_events() -> list[WebhookEvent]:
    """Events for looks whose training has ended since the last round."""
    life, events = clock.life(), []
    pending = Look.objects.filter(announced=False, started_life__lt=life).select_related("group")
    for look in pending:
        status = lifecycle.look_status(look, look.group, life)
        if status not in ("completed", "failed"):
            continue
        Look.objects.filter(pk=look.pk).update(announced=True)
        if look.origin == "digital_twin" and switches.value("webhook_twins") == "none":
            continue
        stem = "instant_avatar" if look.origin == "digital_twin" else "photo_avatar_generation"
        events.append(
            WebhookEvent.objects.create(
                event_type=f"{stem}.{'success' if status == 'completed' else 'fail'}",
                event_data=_event_data(look),
                created_at=time.time(),
            )
        )
    return events


def _event_data(look: Look) -> dict[str, Any]:
    record = {"avatar_id": look.uid, "avatar_group_id": look.group.uid, "name": look.name}
    return record | ({"error": look.failure_message} if look.failure_code else {})


def _deliver(event: WebhookEvent) -> None:
    body = json.dumps({"event_id": event.uid, "event_type": event.event_type, "event_data": event.event_data}).encode()
    for endpoint in WebhookEndpoint.objects.all():
        if endpoint.events is not None and event.event_type not in endpoint.events:
            continue
        if not inputs.is_loopback(urlsplit(endpoint.url).hostname):
            continue
        times = 2 if switches.value("webhook_duplicates") == "yes" else 1
        for _number in range(times):
            threading.Thread(target=_send, args=(endpoint.url, endpoint.secret, event.uid, body), daemon=True).start()


def _send(url: str, secret: str, event_uid: str, body: bytes) -> None:
    """Post one event; an endpoint that fails is tried again twice, more patiently each time."""
    headers = {"Content-Type": "application/json", "Heygen-Event-Id": event_uid}
    name = HEADERS.get(switches.value("webhooks"))
    if name is None:
        return
    headers[name] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if name == "Heygen-Signature":
        headers["Heygen-Timestamp"] = str(int(time.time()))
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - loopback only, checked above
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        for number in range(_TRIES):
            try:
                with opener.open(request, timeout=10):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(2.0**number)
    finally:
        connection.close()
