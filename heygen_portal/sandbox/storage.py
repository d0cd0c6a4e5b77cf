"""A stand-in for the S3 bucket behind direct uploads: strict, signed, and without patience for extra headers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from . import clock, inputs, store
from .models import Asset

_BLOCK = 1 << 20


def upload_headers(asset: Asset) -> dict[str, str]:
    """The headers that are part of the signature and must be sent as they are."""
    headers = {"Content-Type": asset.mime_type, "x-amz-meta-asset-id": asset.uid}
    if asset.checksum_sha256:
        headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(asset.checksum_sha256)).decode()
    return headers


def upload_url(asset: Asset, base_url: str) -> str:
    """The signed address; it dies with the asset's promise."""
    expires = int(asset.expires_at or 0)
    query = urlencode({"X-Amz-Expires": expires, "X-Amz-Signature": _signature(asset, expires)})
    return f"{base_url}/_storage/{asset.uid}?{query}"


def _signature(asset: Asset, expires: int) -> str:
    signed = f"{asset.uid}|{expires}|{asset.size_bytes}|{sorted(upload_headers(asset).items())}"
    return hmac.new(store.secret().encode(), signed.encode(), hashlib.sha256).hexdigest()


def _refuse(status: int, code: str, message: str) -> HttpResponse:
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return HttpResponse(xml, status=status, content_type="application/xml")


def receive(request: HttpRequest, uid: str) -> HttpResponse:
    """Step 2 of a direct upload: PUT the raw bytes."""
    asset = Asset.objects.filter(uid=uid).first()
    if request.method != "PUT":
        return _refuse(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    refusal = _check(request, asset)
    if refusal is not None or asset is None:
        return refusal or _refuse(403, "AccessDenied", "Access Denied")
    stored = inputs.new_name()
    path = inputs.file_path(stored)
    size, digest = _save(request, path)
    if size != asset.size_bytes:
        path.unlink()
        return _refuse(400, "IncompleteBody", "You did not provide the number of bytes specified by Content-Length.")
    if asset.checksum_sha256 and digest != asset.checksum_sha256:
        path.unlink()
        return _refuse(400, "BadDigest", "The SHA256 you specified did not match what we received.")
    if asset.status == "pending_upload":
        Asset.objects.filter(pk=asset.pk).update(stored=stored)
    return HttpResponse(status=200, headers={"ETag": f'"{digest[:32]}"'})


def _check(request: HttpRequest, asset: Asset | None) -> HttpResponse | None:
    """The first thing S3 would object to, or None."""
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return _refuse(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit():
        return _refuse(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    if "X-Api-Key" in request.headers or "Authorization" in request.headers:
        return _refuse(403, "AccessDenied", "There were headers present in the request which were not signed")
    given = request.GET.get("X-Amz-Signature", "")
    if asset is None or not hmac.compare_digest(given.encode(), _signature(asset, int(asset.expires_at or 0)).encode()):
        return _refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
    if clock.now() >= (asset.expires_at or 0):
        return _refuse(403, "AccessDenied", "Request has expired")
    if int(length) != asset.size_bytes:
        return _refuse(403, "SignatureDoesNotMatch", "The Content-Length differs from the signed one.")
    for name, value in upload_headers(asset).items():
        if request.headers.get(name) != value:
            return _refuse(403, "SignatureDoesNotMatch", f"The header {name} differs from the signed one.")
    return None


def _save(request: HttpRequest, path: Path) -> tuple[int, str]:
    """Stream the body to disk in blocks, so that memory does not grow with the file."""
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as target:
        while block := request.read(_BLOCK):
            target.write(block)
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def sha256_of(path: Path) -> str:
    """The checksum of a stored file, as hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def serve(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The bytes of an asset; such links are public at HeyGen."""
    asset = Asset.objects.filter(uid=uid, status="completed").first()
    if asset is None:
        return _refuse(404, "NoSuchKey", "The specified key does not exist.")
    response = FileResponse(inputs.file_path(asset.stored).open("rb"), content_type=asset.mime_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
