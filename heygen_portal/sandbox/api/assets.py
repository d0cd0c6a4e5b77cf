"""Assets: simple uploads, direct uploads in three steps, and what became of them."""

from __future__ import annotations

import re
import shutil
import time
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from heygen_portal.sandbox import clock, faults, inputs, media, storage, switches
from heygen_portal.sandbox.answers import Answer, Refusal, data, invalid, missing, page
from heygen_portal.sandbox.gateway import Call, accepts
from heygen_portal.sandbox.models import Asset
from heygen_portal.sandbox.validation import known_keys, text, whole_number

SIMPLE_LIMIT = 32 * 1024 * 1024
DIRECT_LIMIT = 200 * 1024 * 1024
LINK_SECONDS = 900
_ENVELOPE = 64 * 1024
TYPES = media.IMAGES | media.VIDEOS | {"audio/mpeg", "audio/wav", "application/pdf", "application/x-subrip"}


def _upload_markers(call: Call) -> faults.Kind | None:
    upload = _uploaded(call)
    return faults.strike(upload.name or "", "upload")


def _uploaded(call: Call) -> UploadedFile:
    if int(call.request.META.get("CONTENT_LENGTH") or 0) > SIMPLE_LIMIT + _ENVELOPE:
        raise Refusal(413, "payload_too_large", "Uploads are limited to 32 MB; use a direct upload.")
    if call.request.content_type != "multipart/form-data":
        raise Refusal(400, "invalid_parameter", "The Content-Type must be multipart/form-data.", "file")
    files = call.request.FILES
    if list(files) != ["file"] or len(files.getlist("file")) != 1 or call.request.POST:
        raise invalid("file", "Send exactly one part, named file.")
    upload = files.getlist("file")[0]
    if (upload.size or 0) > SIMPLE_LIMIT:
        raise Refusal(413, "payload_too_large", "Uploads are limited to 32 MB; use a direct upload.")
    return upload


@accepts(markers=_upload_markers)
def upload(call: Call) -> Answer:
    """Take one file of at most 32 MB; its type is read from its bytes."""
    given = _uploaded(call)
    mime = media.sniff(given.read(4096))
    if mime is None or not given.size:
        raise invalid("file", "The file type is not supported.")
    stored = inputs.new_name()
    path = inputs.file_path(stored)
    shutil.copyfile(given.temporary_file_path(), path)  # type: ignore[attr-defined]
    facts = media.measure(path, mime)
    with transaction.atomic():
        asset = Asset.objects.create(
            filename=(given.name or "file")[:255],
            mime_type=mime,
            size_bytes=given.size,
            status="completed",
            created_at=int(time.time()),
            usable_life=_usable_life(),
            stored=stored,
            facts=facts,
        )
        return call.settle(data(_record(asset, call)))


def _usable_life() -> float:
    late = switches.value("asset_after_upload") == "not_found_20s"
    return clock.life() + (20.0 if late else 0.0)


def _record(asset: Asset, call: Call) -> dict[str, Any]:
    return {
        "asset_id": asset.uid,
        "url": f"{call.base_url}/_assets/{asset.uid}",
        "mime_type": asset.mime_type,
        "size_bytes": asset.size_bytes,
    }


def _begin_markers(call: Call) -> faults.Kind | None:
    return faults.strike(str(call.json().get("filename") or ""), "direct upload")


@accepts(markers=_begin_markers)
def begin_direct(call: Call) -> Answer:
    """Step 1: a signed address for exactly these many bytes of exactly this type."""
    body = call.json()
    known_keys(body, "filename", "content_type", "size_bytes", "checksum_sha256")
    filename = text(body, "filename", required=True, maximum=255) or ""
    content_type = (text(body, "content_type", required=True) or "").lower()
    if content_type not in TYPES:
        raise invalid("content_type", "This content type is not supported.")
    size = whole_number(body, "size_bytes")
    if size > DIRECT_LIMIT:
        raise Refusal(413, "payload_too_large", f"Direct uploads are limited to {DIRECT_LIMIT} bytes.", "size_bytes")
    checksum = _checksum(body)
    with transaction.atomic():
        asset = Asset.objects.create(
            filename=filename,
            mime_type=content_type,
            size_bytes=size,
            checksum_sha256=checksum,
            status="pending_upload",
            created_at=int(time.time()),
            expires_at=clock.now() + LINK_SECONDS,
            complete_refusals=2 if switches.value("asset_complete") == "conflict_twice" else 0,
        )
        answer = {
            "asset_id": asset.uid,
            "upload_url": storage.upload_url(asset, call.base_url),
            "upload_headers": storage.upload_headers(asset),
            "expires_in_seconds": LINK_SECONDS,
            "max_bytes": DIRECT_LIMIT,
            "status": "pending_upload",
        }
        return call.settle(data(answer))


def _checksum(body: dict[str, Any]) -> str:
    checksum = (text(body, "checksum_sha256") or "").lower()
    if checksum and not re.fullmatch(r"[0-9a-f]{64}", checksum):
        raise invalid("checksum_sha256", "checksum_sha256 must be 64 hexadecimal characters.")
    return checksum


def complete_direct(call: Call, asset_id: str) -> Answer:
    """Step 3: the bytes are there; their type is checked against what was declared. May be repeated."""
    body = call.json(required=False)
    known_keys(body, "checksum_sha256")
    checksum = _checksum(body)
    asset = find_asset(asset_id)
    if asset.status == "pending_upload":
        _take_over(asset, checksum)
    if asset.status == "failed":
        raise invalid("asset_id", "The uploaded bytes do not match the declared content type.")
    return call.settle(data(_record(asset, call) | {"status": asset.status}))


def _take_over(asset: Asset, checksum: str) -> None:
    path = inputs.file_path(asset.stored) if asset.stored else None
    if path is None or not path.exists():
        raise Refusal(409, "conflict", "The upload is not visible in storage yet.")
    if asset.complete_refusals > 0:
        Asset.objects.filter(pk=asset.pk).update(complete_refusals=asset.complete_refusals - 1)
        raise Refusal(409, "conflict", "The upload is not visible in storage yet.")
    if checksum and checksum != storage.sha256_of(path):
        raise invalid("checksum_sha256", "The checksum does not match the uploaded bytes.")
    fits = media.sniff_file(path) == asset.mime_type
    asset.status = "completed" if fits else "failed"
    asset.facts = media.measure(path, asset.mime_type) if fits else {}
    asset.usable_life = _usable_life()
    asset.save()


def find_asset(uid: str) -> Asset:
    """An asset by id, or 404."""
    asset = Asset.objects.filter(uid=uid).first()
    if asset is None:
        raise missing("asset_not_found", "Asset")
    return asset


@accepts("asset_ids", "batch_ids")
def list_statuses(call: Call) -> Answer:
    """Where several assets stand; HeyGen returns each id under ``video_id``."""
    wanted = [uid for uid in call.request.GET.get("asset_ids", "").split(",") if uid]
    if not wanted:
        raise invalid("asset_ids", "Name at least one asset id.")
    found = {asset.uid: asset for asset in Asset.objects.filter(uid__in=wanted)}
    words = {"pending_upload": "queued", "completed": "completed", "failed": "failed"}
    rows = []
    for uid in wanted:
        asset = found.get(uid)
        status = words[asset.status] if asset else "not_found"
        if asset and status == "completed" and clock.life() < asset.usable_life:
            status = "processing"
        rows.append({"video_id": uid, "status": status})
    return page(rows, None)


def get_asset(call: Call, asset_id: str) -> Answer:
    """One asset."""
    asset = find_asset(asset_id)
    record = {
        "id": asset.uid,
        "name": asset.filename,
        "type": asset.mime_type.split("/")[0],
        "owner": "sandbox",
        "space_id": "5a4db0c5",
        "folder_id": None,
        "uploaded_at": asset.created_at,
        "url": f"{call.base_url}/_assets/{asset.uid}" if asset.status == "completed" else None,
    }
    return data(record)


def delete_asset(call: Call, asset_id: str) -> Answer:
    """Delete an asset. Pictures already made from it stay."""
    with transaction.atomic():
        asset = find_asset(asset_id)
        asset.delete()
        return call.settle(data({"id": asset_id}))
