"""The request as the pages get it, with what the middleware has added."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PortalRequest(HttpRequest):
    """A request of somebody who is signed in, which the middleware makes sure of."""

    user: User
    htmx: HtmxDetails
