"""Links to pictures and clips: plain for the public library, signed and dying for private looks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from . import clock, store, switches
from .models import Group, Look
from .pictures import render

KEY_PAIR = "KSANDBOX1TEST"
CLIP = Path(__file__).parent / "pictures" / "clip.mp4"


def image_url(look: Look, base_url: str) -> str:
    """The preview picture of a look."""
    return base_url + _signed(f"/files/{look.uid}/preview.webp", look)


def video_url(look: Look, base_url: str) -> str:
    """The preview clip of a look."""
    return base_url + _signed(f"/files/{look.uid}/preview.mp4", look)


def _signed(path: str, look: Look) -> str:
    if look.is_public:
        return path
    expires = int(clock.now() + switches.value("preview_seconds"))
    return f"{path}?Expires={expires}&Signature={_signature(path, expires, look.group)}&Key-Pair-Id={KEY_PAIR}"


def _signature(path: str, expires: int, group: Group) -> str:
    message = f"{path}|{expires}|{group.preview_epoch}".encode()
    digest = hmac.new(store.secret().encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refusal(request: HttpRequest, look: Look) -> str:
    """Why a private link is refused, or an empty string."""
    expires, signature = request.GET.get("Expires", ""), request.GET.get("Signature", "")
    if not signature or not expires.isdigit() or request.GET.get("Key-Pair-Id") != KEY_PAIR:
        return "Missing Key-Pair-Id query parameter or cookie value"
    if not hmac.compare_digest(signature.encode(), _signature(request.path, int(expires), look.group).encode()):
        return "Access denied"
    return "" if int(expires) > clock.now() else "Access denied: the link has expired"


def serve(request: HttpRequest, uid: str, name: str) -> HttpResponseBase:
    """Answer a preview link, as a CDN would: 403 with XML for a dead one."""
    look = Look.objects.filter(uid=uid).select_related("group").first()
    reason = _refusal(request, look) if look and not look.is_public else ""
    if look is None or reason:
        xml = (
            f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>{reason}</Message></Error>'
        )
        return HttpResponse(xml, status=403, content_type="text/xml")
    if name == "preview.mp4":
        return _clip(request)
    response = FileResponse(render.picture_of(look).open("rb"), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=86400" if look.is_public else "private, max-age=300"
    return response


def _clip(request: HttpRequest) -> HttpResponse:
    """The sample clip, whole or the part a player asks for."""
    content = CLIP.read_bytes()
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if wanted is None:
        response = HttpResponse(content, content_type="video/mp4")
    else:
        first = int(wanted[1])
        last = min(int(wanted[2]) if wanted[2] else len(content) - 1, len(content) - 1)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
        response = HttpResponse(content[first : last + 1], status=206, content_type="video/mp4")
        response["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "public, max-age=86400"
    return response


def sample(request: HttpRequest, name: str) -> HttpResponse:
    """What a finished video would be: the sample clip, whatever its name."""
    return _clip(request) if name.endswith(".mp4") else HttpResponse(status=404)
