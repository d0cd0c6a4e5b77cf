"""Which HeyGen account the portal works for, and a client that speaks to it."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from django.conf import settings

from avatars.heygen import HeyGenClient


def current_account() -> str:
    """A label of the account in use: `sandbox`, or HeyGen's host with a fingerprint of the key.

    Stored with everything that is to be sent, so that nothing queued for one account ever reaches another. It does
    not reveal the key.
    """
    if settings.SANDBOX_MODE:
        return "sandbox"
    parts = urlsplit(settings.HEYGEN_API_BASE)
    fingerprint = hashlib.sha256(f"heygen-portal:{settings.HEYGEN_API_KEY}".encode()).hexdigest()[:16]
    return f"{parts.hostname}:{fingerprint}"


def open_client() -> HeyGenClient:
    """A client for the current account; the caller closes it."""
    return HeyGenClient(settings.HEYGEN_API_BASE, settings.HEYGEN_API_KEY)
