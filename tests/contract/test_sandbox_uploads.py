"""Uploads to the sandbox: simple, direct, and every trap on the way."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.schemas import ours, published, validate_response
from tests.sandbox_media import clip_of, photo
from tests.sandbox_server import SandboxServer


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset()
    return server


def begin(sandbox: SandboxServer, content: bytes, kind: str = "video/mp4", **more: Any) -> dict[str, Any]:
    body = {"filename": "clip", "content_type": kind, "size_bytes": len(content), **more}
    answer = sandbox.call("POST", "/v3/assets/direct-uploads", json=body)
    for description in filter(None, (ours(), published())):
        validate_response("POST", "/v3/assets/direct-uploads", answer.status_code, answer.json(), against=description)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def put(promise: dict[str, Any], content: Any, **headers: str | None) -> requests.Response:
    sent = promise["upload_headers"] | headers
    return requests.put(promise["upload_url"], data=content, headers=sent, timeout=30)


def complete(sandbox: SandboxServer, promise: dict[str, Any], **body: Any) -> requests.Response:
    answer = sandbox.call("POST", f"/v3/assets/{promise['asset_id']}/complete", json=body)
    for description in filter(None, (ours(), published())):
        validate_response("POST", "/v3/assets/x/complete", answer.status_code, answer.json(), against=description)
    return answer


def use(sandbox: SandboxServer, asset: str) -> requests.Response:
    body = {"type": "digital_twin", "name": "A", "file": {"type": "asset_id", "asset_id": asset}}
    return sandbox.call("POST", "/v3/avatars", json=body)


def test_a_direct_upload_goes_in_three_steps(sandbox):
    content = clip_of(20)
    promise = begin(sandbox, content, checksum_sha256=hashlib.sha256(content).hexdigest())
    assert use(sandbox, promise["asset_id"]).json()["error"]["code"] == "asset_not_found"
    assert complete(sandbox, promise).status_code == 409
    assert put(promise, content).status_code == 200
    assert use(sandbox, promise["asset_id"]).status_code == 404
    first = complete(sandbox, promise)
    assert first.status_code == 200
    assert complete(sandbox, promise).json() == first.json()
    assert use(sandbox, promise["asset_id"]).status_code == 200
    assert requests.get(first.json()["data"]["url"], timeout=10).content == content


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Api-Key": "sandbox-key"},
        {"Authorization": "Bearer x"},
        {"Content-Type": "application/octet-stream"},
        {"x-amz-meta-asset-id": "other"},
    ],
)
def test_storage_refuses_headers_that_were_not_signed(sandbox, headers):
    content = clip_of(20)
    promise = begin(sandbox, content)
    answer = put(promise, content, **headers)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/xml"
    assert complete(sandbox, promise).status_code == 409


def test_storage_refuses_other_sizes_chunks_and_signatures(sandbox):
    content = clip_of(20)
    promise = begin(sandbox, content)
    assert put(promise, content + b"x").status_code == 403
    assert put(promise, iter([content])).status_code == 501
    forged = promise | {"upload_url": promise["upload_url"][:-4] + "0000"}
    assert put(forged, content).status_code == 403
    other = begin(sandbox, content + b"x")
    assert put(promise | {"upload_url": other["upload_url"]}, content).status_code == 403
    sandbox.clock(advance_seconds=promise["expires_in_seconds"] + 1)
    assert put(promise, content).status_code == 403
    assert complete(sandbox, promise).status_code == 409


def test_checksums_are_hex_and_enforced(sandbox):
    content = clip_of(20)
    digest = hashlib.sha256(content)
    body = {"filename": "a", "content_type": "video/mp4", "size_bytes": len(content)}
    wrong = body | {"checksum_sha256": base64.b64encode(digest.digest()).decode()}
    answer = sandbox.call("POST", "/v3/assets/direct-uploads", json=wrong)
    assert answer.json()["error"]["param"] == "checksum_sha256"
    promise = begin(sandbox, content, checksum_sha256=digest.hexdigest())
    assert put(promise, bytes(len(content))).status_code == 400
    promise = begin(sandbox, content)
    put(promise, content)
    assert complete(sandbox, promise, checksum_sha256="0" * 64).status_code == 400
    assert complete(sandbox, promise, checksum_sha256=digest.hexdigest()).status_code == 200


def test_the_declared_type_is_held_against_the_bytes(sandbox):
    content = photo()
    promise = begin(sandbox, content, "video/mp4")
    put(promise, content)
    assert complete(sandbox, promise).status_code == 400
    row = sandbox.call("GET", f"/v3/assets/statuses?asset_ids={promise['asset_id']}").json()["data"][0]
    assert row["status"] == "failed"


@pytest.mark.parametrize(
    ("change", "status", "param"),
    [
        ({"size_bytes": 0}, 400, "size_bytes"),
        ({"size_bytes": "9"}, 400, "size_bytes"),
        ({"size_bytes": 300_000_000}, 413, "size_bytes"),
        ({"content_type": "video/quicktime"}, 400, "content_type"),
        ({"filename": None}, 400, "filename"),
        ({"surplus": 1}, 400, "surplus"),
    ],
)
def test_a_promise_is_strict_about_its_fields(sandbox, change, status, param):
    body = {"filename": "a", "content_type": "video/mp4", "size_bytes": 10} | change
    answer = sandbox.call("POST", "/v3/assets/direct-uploads", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_a_fresh_asset_can_be_missing_for_20_seconds_and_completion_can_wait(sandbox):
    sandbox.switch(asset_after_upload="not_found_20s", asset_complete="conflict_twice")
    content = clip_of(20)
    promise = begin(sandbox, content)
    put(promise, content)
    assert [complete(sandbox, promise).status_code for _attempt in range(3)] == [409, 409, 200]
    assert use(sandbox, promise["asset_id"]).json()["error"]["code"] == "asset_not_found"
    sandbox.clock(advance_seconds=21)
    assert use(sandbox, promise["asset_id"]).status_code == 200


KINDS = [
    (photo(), "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n" + b"0" * 40, "image/png"),
    (clip_of(20), "video/mp4"),
    (b"\x1aE\xdf\xa3\x01\x00webm" + b"0" * 40, "video/webm"),
    (b"ID3" + b"0" * 40, "audio/mpeg"),
    (b"RIFF0000WAVEfmt ", "audio/wav"),
    (b"%PDF-1.7", "application/pdf"),
    (b"1\n00:00:01,000 --> 00:00:02,000\nHi\n", "application/x-subrip"),
]


@pytest.mark.parametrize(("content", "mime"), KINDS, ids=[mime for _content, mime in KINDS])
def test_a_type_is_read_from_the_bytes_not_from_the_name(sandbox, content, mime):
    answer = sandbox.call("POST", "/v3/assets", files={"file": ("lie.bin", content, "text/html")})
    data = answer.json()["data"]
    assert (data["mime_type"], data["size_bytes"]) == (mime, len(content))


@pytest.mark.parametrize(
    "content", [b"hello", b"\x00\x00\x00\x14ftypqt  0000", b"RIFF0000WEBPVP8 ", b"GIF89a000", b"<html>"]
)
def test_other_types_are_refused(sandbox, content):
    answer = sandbox.call("POST", "/v3/assets", files={"file": ("a.mp4", content, "video/mp4")})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")


def test_an_upload_is_one_part_called_file(sandbox):
    for files in ({"upload": ("a", photo())}, [("file", ("a", photo())), ("file", ("b", photo()))]):
        assert sandbox.call("POST", "/v3/assets", files=files).status_code == 400
    assert sandbox.call("POST", "/v3/assets", files={"file": ("a", photo())}, data={"x": "1"}).status_code == 400
    assert sandbox.call("POST", "/v3/assets", data=photo()).status_code == 400


def test_more_than_32_mb_is_refused_and_the_answer_arrives(sandbox):
    files = {"file": ("a.mp4", io.BytesIO(bytes(34 * 1024 * 1024)))}
    answer = sandbox.call("POST", "/v3/assets", files=files)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def memory_of(sandbox: SandboxServer) -> int:
    """The greatest memory any process of the sandbox has had, in KiB."""
    assert sandbox.process is not None
    children = Path(f"/proc/{sandbox.process.pid}/task/{sandbox.process.pid}/children").read_text().split()
    found = 0
    for pid in children:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            found = max(found, int(line.split()[1])) if line.startswith("VmHWM") else found
    return found


def test_memory_stays_flat_while_a_large_file_comes_in(sandbox, tmp_path):
    use(sandbox, begin(sandbox, b"x" * 10)["asset_id"])
    before = memory_of(sandbox)
    assert before > 0
    size = 120 * 1024 * 1024
    big = tmp_path / "big"
    with big.open("wb") as target:
        target.truncate(size)
    body = {"filename": "a", "content_type": "video/mp4", "size_bytes": size}
    promise = sandbox.call("POST", "/v3/assets/direct-uploads", json=body).json()["data"]
    with big.open("rb") as source:
        assert put(promise, source).status_code == 200
    assert memory_of(sandbox) - before < 30 * 1024
