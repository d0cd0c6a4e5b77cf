"""The calls that bring files to HeyGen: one request for small ones, three steps for large ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import IO, Any
from urllib.parse import urlsplit

from .calls import Calls
from .errors import OutcomeUnknown, Refused, UploadExpired, lost
from .records import AssetRecord, AssetStatus, DirectUpload
from .streams import Progress, StreamedBody, multipart_file, remaining_bytes
from .transport import RawAnswer, is_loopback_host, segment

# HeyGen says 32 MB without saying whether a megabyte is 10**6 or 2**20 bytes; this stays below both.
SIMPLE_UPLOAD_MAX = 30_000_000

_STORAGE_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


class AssetCalls(Calls):
    """Uploading, checking and deleting files."""

    def upload_asset(
        self, fileobj: IO[bytes], *, filename: str, media_type: str, key: str, progress: Progress | None = None
    ) -> AssetRecord:
        """Upload from the file's position to its end: 1 to SIMPLE_UPLOAD_MAX bytes, else ValueError.

        HeyGen tells the type from the bytes. `progress(sent, total)` may raise to give up.
        """
        if remaining_bytes(fileobj) > SIMPLE_UPLOAD_MAX:
            raise ValueError("The file is too large for a simple upload; use a direct upload.")
        body, content_type = multipart_file(fileobj, filename=filename, media_type=media_type, progress=progress)
        payload = self._transport.upload("/v3/assets", body, content_type, key=key)
        return self._parsed("POST", payload, AssetRecord.parse)

    def begin_direct_upload(
        self, *, filename: str, content_type: str, size: int, key: str, sha256_hex: str | None = None
    ) -> DirectUpload:
        """Ask for permission to put one file of exactly `size` bytes into HeyGen's storage, soon."""
        body: dict[str, Any] = {"filename": filename, "content_type": content_type, "size_bytes": size}
        if sha256_hex is not None:
            body["checksum_sha256"] = sha256_hex
        payload = self._transport.change("POST", "/v3/assets/direct-uploads", body=body, key=key)
        return self._parsed("POST", payload, DirectUpload.parse)

    def put_direct_upload(
        self,
        upload: DirectUpload,
        fileobj: IO[bytes],
        *,
        size: int,
        media_type: str,
        progress: Progress | None = None,
    ) -> None:
        """Put the file's `size` bytes into HeyGen's storage. May be repeated while the permission lasts.

        The storage gets the headers HeyGen gave and no API key, which would break the signature. UploadExpired when it
        no longer accepts the address; Refused with code ``payload_too_large``, before sending, above `max_bytes`;
        ValueError when the file has another size.
        """
        self._check_storage_address(upload.upload_url)
        if upload.max_bytes is not None and size > upload.max_bytes:
            raise Refused(
                f"HeyGen takes files up to {upload.max_bytes} bytes; this one has {size}.", code="payload_too_large"
            )
        headers = dict(upload.upload_headers)
        if "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = media_type
        body = StreamedBody(fileobj, size, progress=progress)
        answer = self._transport.exchange(
            "PUT",
            upload.upload_url,
            "(upload storage)",
            headers=headers,
            data=body,
            timeout=self._transport.timeouts.upload,
        )
        if not 200 <= answer.status < 300:
            raise _storage_error(answer)

    def _check_storage_address(self, url: str) -> None:
        parts = urlsplit(url)
        api = urlsplit(self._transport.base_url)
        local = api.scheme == "http" and parts.scheme == "http" and is_loopback_host(parts.hostname)
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise Refused("HeyGen gave an upload address that is not https.", code="insecure_upload_address")

    def complete_direct_upload(self, asset_id: str, *, key: str, sha256: str | None = None) -> AssetRecord:
        """Tell HeyGen the bytes are there; the id is unusable before. Repeating it is harmless.

        Conflict while the storage does not show the object yet: ask again soon, with a new key, for a replayed
        refusal would never change. HeyGen's own uploader asks five times, waiting 0.5 s longer each time.
        """
        body = {} if sha256 is None else {"checksum_sha256": sha256}
        payload = self._transport.change("POST", f"/v3/assets/{segment(asset_id)}/complete", body=body, key=key)
        return self._parsed("POST", payload, AssetRecord.parse)

    def asset_statuses(self, asset_ids: Sequence[str]) -> dict[str, AssetStatus]:
        """How uploaded files stand, by id; an id HeyGen does not mention is missing."""
        if not asset_ids:
            return {}
        page = self._page("/v3/assets/statuses", {"asset_ids": ",".join(asset_ids)}, AssetStatus.parse)
        return {status.id: status for status in page.items}

    def get_asset(self, asset_id: str) -> AssetRecord:
        """One uploaded file. NotFound when HeyGen no longer has it."""
        return self._one(f"/v3/assets/{segment(asset_id)}", AssetRecord.parse)

    def delete_asset(self, asset_id: str, *, key: str) -> bool:
        """Delete an uploaded file. False when it was gone already."""
        return self._delete(f"/v3/assets/{segment(asset_id)}", key)


def _storage_error(answer: RawAnswer) -> Refused | OutcomeUnknown:
    """The error for an answer of the storage, which speaks XML and is quoted by its code word only."""
    found = _STORAGE_CODE.search(answer.body)
    code = found.group(1).decode("ascii").lower() if found else ""
    message = f"HeyGen's storage answered {answer.status}."
    if answer.status >= 500 or answer.status == 408 or code == "requesttimeout":
        return lost("PUT", message, status=answer.status, code=code)
    kind = UploadExpired if answer.status == 403 or code == "expiredtoken" else Refused
    return kind(message, status=answer.status, code=code)
