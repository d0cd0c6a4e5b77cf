"""Every address of the sandbox."""

from __future__ import annotations

import os
from typing import NoReturn

from django.http import HttpRequest, HttpResponse
from django.urls import path

from . import consent_page, control, home, previews, storage
from .answers import missing
from .api import account, assets, avatars, consent, looks, videos, webhooks
from .gateway import Call, endpoint


def _nothing_here(call: Call, rest: str) -> NoReturn:
    raise missing("not_found", f"/v3/{rest}")


API = [
    path("v3/avatars", endpoint(GET=avatars.list_groups, POST=avatars.create)),
    path("v3/avatars/looks", endpoint(GET=looks.list_looks)),
    path(
        "v3/avatars/looks/<str:look_id>",
        endpoint(GET=looks.get_look, PATCH=looks.rename_look, DELETE=looks.delete_look),
    ),
    path("v3/avatars/<str:group_id>", endpoint(GET=avatars.get_group, DELETE=avatars.delete_group)),
    path("v3/avatars/<str:group_id>/consent", endpoint(POST=consent.create)),
    path("v3/assets", endpoint(POST=assets.upload)),
    path("v3/assets/direct-uploads", endpoint(POST=assets.begin_direct)),
    path("v3/assets/statuses", endpoint(GET=assets.list_statuses)),
    path("v3/assets/<str:asset_id>", endpoint(GET=assets.get_asset, DELETE=assets.delete_asset)),
    path("v3/assets/<str:asset_id>/complete", endpoint(POST=assets.complete_direct)),
    path("v3/users/me", endpoint(GET=account.me)),
    path("v3/videos", endpoint(POST=videos.create)),
    path("v3/videos/<str:video_id>", endpoint(GET=videos.get_video)),
    path("v3/webhooks/endpoints", endpoint(GET=webhooks.list_endpoints, POST=webhooks.create)),
    path("v3/webhooks/endpoints/<str:endpoint_id>", endpoint(PATCH=webhooks.change, DELETE=webhooks.delete)),
    path("v3/webhooks/endpoints/<str:endpoint_id>/rotate-secret", endpoint(POST=webhooks.rotate_secret)),
    path("v3/webhooks/event-types", endpoint(GET=webhooks.list_event_types)),
    path("v3/webhooks/events", endpoint(GET=webhooks.list_events)),
    path("v3/<path:rest>", endpoint(GET=_nothing_here, POST=_nothing_here, PATCH=_nothing_here, DELETE=_nothing_here)),
]


def _healthy(_request: HttpRequest) -> HttpResponse:
    # The number tells whoever started a sandbox that this is the one, and not another on the same port.
    return HttpResponse("ok", content_type="text/plain", headers={"X-Sandbox-Process": str(os.getppid())})


def handler404(_request: HttpRequest, _exception: Exception) -> HttpResponse:
    """Nothing at this address."""
    return HttpResponse("There is nothing at this address.\n", status=404, content_type="text/plain")


def handler500(_request: HttpRequest) -> HttpResponse:
    """A bug of ours; the log has the details."""
    return HttpResponse("The sandbox has a bug here.\n", status=500, content_type="text/plain")


urlpatterns = [
    *API,
    path("", home.show),
    path("switches", home.change_switches),
    path("random-faults", home.change_random_faults),
    path("clock", home.change_clock),
    path("reset", home.reset),
    path("healthz", _healthy),
    path("consent/<str:token>", consent_page.show),
    path("consent/<str:token>/done", consent_page.done),
    path("files/<str:uid>/<str:name>", previews.serve),
    path("_assets/<str:uid>", storage.serve),
    path("_storage/<str:uid>", storage.receive),
    path("_videos/<str:name>", previews.sample),
    path("_sandbox/<path:what>", control.dispatch),
]
