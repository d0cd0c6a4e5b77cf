"""The calls on webhook endpoints and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .calls import Calls
from .errors import lost
from .pagination import Page
from .records import EventRecord, EventType, WebhookEndpoint
from .transport import segment

_ENDPOINTS = "/v3/webhooks/endpoints"


class WebhookCalls(Calls):
    """Registering addresses that HeyGen reports events to."""

    def list_webhooks(self, *, limit: int = 100, token: str | None = None) -> Page[WebhookEndpoint]:
        """One page of endpoints, at most 100; secrets are not listed."""
        return self._page(_ENDPOINTS, {"limit": limit, "token": token}, WebhookEndpoint.parse)

    def create_webhook(
        self, url: str, *, key: str, events: Sequence[str] | None = None, entity_id: str | None = None
    ) -> WebhookEndpoint:
        """Register a public https address; `events` None means all. The answer is the one time to see the secret."""
        body: dict[str, Any] = {"url": url}
        if events is not None:
            body["events"] = list(events)
        if entity_id is not None:
            body["entity_id"] = entity_id
        payload = self._transport.change("POST", _ENDPOINTS, body=body, key=key)
        return self._parsed("POST", payload, WebhookEndpoint.parse)

    def update_webhook(
        self, endpoint_id: str, *, key: str, url: str | None = None, events: Sequence[str] | None = None
    ) -> WebhookEndpoint:
        """Change the address or the whole list of events; None leaves a field alone."""
        body: dict[str, Any] = {}
        if url is not None:
            body["url"] = url
        if events is not None:
            body["events"] = list(events)
        payload = self._transport.change("PATCH", f"{_ENDPOINTS}/{segment(endpoint_id)}", body=body, key=key)
        return self._parsed("PATCH", payload, WebhookEndpoint.parse)

    def delete_webhook(self, endpoint_id: str, *, key: str) -> bool:
        """Remove an endpoint. False when it was gone already."""
        return self._delete(f"{_ENDPOINTS}/{segment(endpoint_id)}", key)

    def rotate_webhook_secret(self, endpoint_id: str, *, key: str) -> str:
        """The new secret; the old one is void from now on."""
        payload = self._transport.change("POST", f"{_ENDPOINTS}/{segment(endpoint_id)}/rotate-secret", key=key)
        data = payload.get("data")
        secret = data.get("secret") if isinstance(data, dict) else None
        if not isinstance(secret, str) or not secret:
            raise lost("POST", "HeyGen said yes, but its answer holds no secret.")
        return secret

    def list_event_types(self) -> list[EventType]:
        """The kinds of events HeyGen can report; the endpoint has no paging."""
        return self._page("/v3/webhooks/event-types", {}, EventType.parse).items

    def list_events(
        self,
        *,
        event_type: str | None = None,
        entity_id: str | None = None,
        limit: int = 50,
        token: str | None = None,
    ) -> Page[EventRecord]:
        """One page of events HeyGen has tried to deliver, at most 100."""
        query = {"event_type": event_type, "entity_id": entity_id, "limit": limit, "token": token}
        return self._page("/v3/webhooks/events", query, EventRecord.parse)
