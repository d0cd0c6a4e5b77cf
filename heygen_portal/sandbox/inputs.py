"""Files that come with a creation: by asset id, as base64, or by URL (only loopback is really fetched)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import secrets
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from . import clock, media
from .answers import Refusal, invalid, missing
from .models import Asset
from .validation import file_input

FETCH_LIMIT = 256 * 1024 * 1024


@dataclass
class Source:
    """A file as it was found. ``stored`` is empty for a remote one that is taken on trust."""

    mime_type: str | None
    facts: dict[str, Any] = field(default_factory=dict)
    stored: str = ""


def file_path(stored: str) -> Path:
    """Where a stored file lies."""
    return settings.STATE_DIR / "files" / stored


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def find(value: Any, param: str) -> Source:
    """Read one file input; refusals name ``param``."""
    given = file_input(value, param)
    if given["type"] == "asset_id":
        return _from_asset(given["asset_id"], param)
    if given["type"] == "base64":
        return _from_base64(given, param)
    return _from_url(given["url"], param)


def photo(value: Any, param: str) -> Source:
    """A usable portrait; 400 for what is no picture, is too small, or shows nothing."""
    source = find(value, param)
    if not source.stored:
        return source
    if source.mime_type not in media.IMAGES or source.facts.get("broken"):
        raise invalid(param, "The file is not a readable JPEG or PNG image.")
    if min(source.facts["width"], source.facts["height"]) < media.MINIMUM_SIDE:
        raise invalid(param, f"The image must be at least {media.MINIMUM_SIDE}x{media.MINIMUM_SIDE} pixels.")
    if source.facts["flat"]:
        raise invalid(param, "No face detected in the image.")
    return source


def footage(value: Any, param: str) -> Source:
    """A clip. Its length is not judged here: a wrong one fails in training, after the creation was paid."""
    source = find(value, param)
    if source.stored and (source.mime_type not in media.VIDEOS or source.facts.get("broken")):
        raise invalid(param, "The file is not a readable MP4 or WebM video.")
    return source


def _from_asset(uid: str, param: str) -> Source:
    asset = Asset.objects.filter(uid=uid).first()
    if asset is None or asset.status == "pending_upload" or clock.life() < asset.usable_life:
        raise missing("asset_not_found", "Asset")
    if asset.status == "failed":
        raise invalid(param, "The asset could not be processed.")
    return Source(asset.mime_type, asset.facts, asset.stored)


def _from_base64(given: dict[str, str], param: str) -> Source:
    try:
        content = base64.b64decode(given["data"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid(param, f"{param}.data is not valid base64.") from None
    mime = media.sniff(content[:4096])
    if mime != given["media_type"].lower().replace("image/jpg", "image/jpeg"):
        raise invalid(param, f"{param}.media_type does not match the content.")
    stored = new_name()
    file_path(stored).write_bytes(content)
    return Source(mime, media.measure(file_path(stored), mime or ""), stored)


def _from_url(url: str, param: str) -> Source:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise invalid(param, f"{param}.url must be a public HTTPS URL.")
    if is_loopback(host):
        return _fetch(url)
    if parts.scheme != "https":
        raise invalid(param, f"{param}.url must be a public HTTPS URL.")
    if "private" in host or host.endswith(".invalid"):
        raise _download_failed()
    # Nothing leaves this machine: a remote file is taken to be 20 s of good footage, or a good photo.
    return Source(None, {"duration": 20.0})


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Redirects are not followed: the sandbox fetches from loopback only."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _fetch(url: str) -> Source:
    stored = new_name()
    opener = urllib.request.build_opener(_StayHere, urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer, file_path(stored).open("wb") as target:
            if int(answer.headers.get("Content-Length") or 0) > FETCH_LIMIT:
                raise _download_failed()
            shutil.copyfileobj(answer, target, 1 << 20)
    except (urllib.error.URLError, OSError, ValueError):
        file_path(stored).unlink(missing_ok=True)
        raise _download_failed() from None
    mime = media.sniff_file(file_path(stored))
    if mime is None:
        # A login page, say: fetched, but not a direct file.
        raise _download_failed()
    return Source(mime, media.measure(file_path(stored), mime), stored)


def _download_failed() -> Refusal:
    return Refusal(400, "download_failed", "We could not download the file from the given URL.", "file")


def new_name() -> str:
    """A fresh name in the folder of stored files."""
    return secrets.token_hex(16)
