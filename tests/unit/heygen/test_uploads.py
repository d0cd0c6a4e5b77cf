from __future__ import annotations

import io
import logging
import time
import tracemalloc
from email import message_from_bytes
from pathlib import Path

import pytest

from avatars import heygen
from avatars.heygen import SIMPLE_UPLOAD_MAX, DirectUpload, HeyGenClient

from .conftest import API_KEY
from .server import Answer, ScriptedServer

UPLOADED = {"asset_id": "a1", "url": "https://files.test/a1", "mime_type": "image/png", "size_bytes": 5}


def _sparse(folder: Path, size: int) -> Path:
    path = folder / "footage.mp4"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def _permission(server: ScriptedServer, **more: object) -> DirectUpload:
    facts = {"asset_id": "a1", "upload_url": f"{server.url}/bucket/a1?X-Amz-Signature=S3CRET", "upload_headers": {}}
    return DirectUpload(**{**facts, **more})


def test_it_uploads_a_small_file_as_one_part_named_file(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": UPLOADED})
    sent: list[tuple[int, int]] = []

    asset = client.upload_asset(
        io.BytesIO(b"\x89PNG\r"),
        filename='né"w\r\n.png',
        media_type="image/png",
        key="k1",
        progress=lambda done, total: sent.append((done, total)),
    )

    asked = server.last
    assert (asset.id, asset.mime_type, asset.size_bytes) == ("a1", "image/png", 5)
    assert (asked.target, asked.headers["Idempotency-Key"]) == ("/v3/assets", "k1")
    assert "Transfer-Encoding" not in asked.headers
    assert int(asked.headers["Content-Length"]) == len(asked.body)
    form = message_from_bytes(b"Content-Type: " + asked.headers["Content-Type"].encode() + b"\r\n\r\n" + asked.body)
    (part,) = form.get_payload()
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_payload(decode=True) == b"\x89PNG\r"
    assert part.get_content_type() == "image/png"
    assert 'filename="né%22w%0D%0A.png"'.encode() in asked.body
    assert sent == [(5, 5)]


def test_it_refuses_files_that_belong_into_a_direct_upload(
    server: ScriptedServer, client: HeyGenClient, tmp_path: Path
) -> None:
    with _sparse(tmp_path, SIMPLE_UPLOAD_MAX + 1).open("rb") as file, pytest.raises(ValueError, match="too large"):
        client.upload_asset(file, filename="a.mp4", media_type="video/mp4", key="k")
    with pytest.raises(ValueError, match="empty"):
        client.upload_asset(io.BytesIO(b""), filename="a.mp4", media_type="video/mp4", key="k")
    with pytest.raises(ValueError, match="media type"):
        client.upload_asset(io.BytesIO(b"a"), filename="a", media_type="a/b\r\nX: y", key="k")
    assert server.asked == []


def test_it_does_not_know_the_outcome_of_an_upload_without_an_id(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"url": "https://files.test/a1"}})

    with pytest.raises(heygen.OutcomeUnknown):
        client.upload_asset(io.BytesIO(b"a"), filename="a", media_type="image/png", key="k")


def test_it_begins_a_direct_upload(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(
        200,
        {
            "data": {
                "asset_id": "a1",
                "upload_url": "https://s3.test/x?sig=1",
                "upload_headers": {"Content-Type": "video/mp4", "x-amz-meta-n": 5, "x-null": None},
                "expires_in_seconds": 900,
                "max_bytes": 200_000_000,
                "status": "pending_upload",
            }
        },
    )

    upload = client.begin_direct_upload(
        filename="a.mp4", content_type="video/mp4", size=7, sha256_hex="ab" * 32, key="k"
    )

    assert server.last.json == {
        "filename": "a.mp4",
        "content_type": "video/mp4",
        "size_bytes": 7,
        "checksum_sha256": "ab" * 32,
    }
    assert upload.upload_headers == {"Content-Type": "video/mp4", "x-amz-meta-n": "5"}
    assert (upload.expires_in_seconds, upload.max_bytes) == (900, 200_000_000)


def test_it_puts_the_bytes_with_the_given_headers_and_no_key(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200)
    file = io.BytesIO(b"skipped" + b"x" * 200_000)
    file.seek(7)
    headers = {"content-type": "video/webm", "x-amz-checksum-sha256": "abc="}
    sent: list[int] = []

    client.put_direct_upload(
        _permission(server, upload_headers=headers),
        file,
        size=200_000,
        media_type="video/mp4",
        progress=lambda done, total: sent.append(done),
    )

    asked = server.last
    names = {name.lower() for name in asked.headers}
    assert (asked.method, asked.target) == ("PUT", "/bucket/a1?X-Amz-Signature=S3CRET")
    assert asked.body == b"x" * 200_000
    assert asked.headers["Content-Length"] == "200000"
    assert (asked.headers["content-type"], asked.headers["x-amz-checksum-sha256"]) == ("video/webm", "abc=")
    assert not names & {"x-api-key", "idempotency-key", "authorization", "transfer-encoding", "cookie"}
    assert sent == sorted(sent)
    assert sent[-1] == 200_000


def test_it_declares_the_type_itself_when_the_permission_does_not(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200)

    client.put_direct_upload(_permission(server), io.BytesIO(b"abc"), size=3, media_type="video/mp4")

    assert server.last.headers["Content-Type"] == "video/mp4"


def test_it_streams_a_large_file_in_little_memory(server: ScriptedServer, client: HeyGenClient, tmp_path: Path) -> None:
    size = 64 * 1024 * 1024
    server.answer(200)
    with _sparse(tmp_path, size).open("rb") as file:
        tracemalloc.start()
        try:
            client.put_direct_upload(_permission(server), file, size=size, media_type="video/mp4")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert server.last.body_length == size
    assert "Transfer-Encoding" not in server.last.headers
    assert peak < 16 * 1024 * 1024


def test_it_streams_a_multipart_file_in_little_memory(
    server: ScriptedServer, client: HeyGenClient, tmp_path: Path
) -> None:
    server.answer(200, {"data": UPLOADED})
    with _sparse(tmp_path, SIMPLE_UPLOAD_MAX).open("rb") as file:
        tracemalloc.start()
        try:
            client.upload_asset(file, filename="a.mp4", media_type="video/mp4", key="k")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert server.last.body_length == int(server.last.headers["Content-Length"]) > SIMPLE_UPLOAD_MAX
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (403, b"<Error><Code>AccessDenied</Code></Error>", heygen.UploadExpired, "accessdenied"),
        (403, b"", heygen.UploadExpired, ""),
        (400, b"<Error><Code>ExpiredToken</Code></Error>", heygen.UploadExpired, "expiredtoken"),
        (400, b"<Error><Code>BadDigest</Code></Error>", heygen.Refused, "baddigest"),
        (400, b"<Error><Code>RequestTimeout</Code></Error>", heygen.OutcomeUnknown, "requesttimeout"),
        (307, b"", heygen.Refused, ""),
        (503, b"<Error><Code>SlowDown</Code></Error>", heygen.OutcomeUnknown, "slowdown"),
    ],
)
def test_it_tells_the_refusals_of_the_storage_apart(
    server: ScriptedServer,
    client: HeyGenClient,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: bytes,
    kind: type[heygen.HeyGenError],
    code: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer(status, body, headers={"Location": server.url + "/elsewhere?S3CRET"})

    with pytest.raises(heygen.HeyGenError) as caught:
        client.put_direct_upload(_permission(server), io.BytesIO(b"abc"), size=3, media_type="video/mp4")

    assert (type(caught.value), caught.value.status, caught.value.code) == (kind, status, code)
    assert len(server.asked) == 1
    assert "urllib3" in caplog.text
    assert "S3CRET" not in caplog.text + str(caught.value) + repr(caught.value)


def test_it_hides_the_signed_address_when_the_storage_cannot_be_reached(
    client: HeyGenClient, caplog: pytest.LogCaptureFixture
) -> None:
    import traceback

    caplog.set_level(logging.DEBUG)
    upload = DirectUpload("a1", "http://127.0.0.1:1/bucket?X-Amz-Signature=S3CRET", {})

    with pytest.raises(heygen.OutcomeUnknown) as caught:
        client.put_direct_upload(upload, io.BytesIO(b"abc"), size=3, media_type="video/mp4")

    assert caught.value.never_sent is True
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert "S3CRET" not in caplog.text + "".join(traceback.format_exception(caught.value))


def test_it_refuses_header_values_that_cannot_be_sent(server: ScriptedServer, client: HeyGenClient) -> None:
    upload = _permission(server, upload_headers={"x-a": "1\r\nX-Evil: S3CRET"})

    with pytest.raises(heygen.Refused) as caught:
        client.put_direct_upload(upload, io.BytesIO(b"abc"), size=3, media_type="video/mp4")
    assert "S3CRET" not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["http://s3.example.test/x", "ftp://s3.example.test/x", "file:///etc/passwd", "https:///x"]
)
def test_it_puts_nothing_to_an_address_that_is_not_https(client: HeyGenClient, url: str) -> None:
    with pytest.raises(heygen.Refused) as caught:
        client.put_direct_upload(DirectUpload("a1", url, {}), io.BytesIO(b"abc"), size=3, media_type="video/mp4")
    assert caught.value.code == "insecure_upload_address"


def test_it_puts_nothing_to_this_machine_when_the_api_is_elsewhere(server: ScriptedServer) -> None:
    with HeyGenClient("https://api.example.test", API_KEY) as client, pytest.raises(heygen.Refused):
        client.put_direct_upload(_permission(server), io.BytesIO(b"abc"), size=3, media_type="video/mp4")
    assert server.asked == []


def test_it_stops_before_sending_what_is_too_large_or_of_another_size(
    server: ScriptedServer, client: HeyGenClient
) -> None:
    with pytest.raises(heygen.Refused) as caught:
        client.put_direct_upload(_permission(server, max_bytes=2), io.BytesIO(b"abc"), size=3, media_type="video/mp4")
    assert caught.value.code == "payload_too_large"
    with pytest.raises(ValueError, match="announced size"):
        client.put_direct_upload(_permission(server), io.BytesIO(b"abc"), size=4, media_type="video/mp4")
    with pytest.raises(ValueError, match="empty"):
        client.put_direct_upload(_permission(server), io.BytesIO(b""), size=0, media_type="video/mp4")
    assert server.asked == []


def test_it_does_not_hang_when_the_file_shrinks_meanwhile(
    server: ScriptedServer, client: HeyGenClient, tmp_path: Path
) -> None:
    path = _sparse(tmp_path, 4_000_000)

    def shrink(done: int, total: int) -> None:
        with path.open("r+b") as other:
            other.truncate(100_000)

    started = time.monotonic()
    with path.open("rb") as file, pytest.raises(heygen.OutcomeUnknown):
        client.put_direct_upload(_permission(server), file, size=4_000_000, media_type="video/mp4", progress=shrink)
    assert time.monotonic() - started < 5


def test_it_lets_the_progress_call_give_up(server: ScriptedServer, client: HeyGenClient) -> None:
    class LeaseLost(Exception):
        pass

    def give_up(done: int, total: int) -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        client.put_direct_upload(
            _permission(server), io.BytesIO(b"x" * 100_000), size=100_000, media_type="video/mp4", progress=give_up
        )
    server.default = lambda asked: Answer(200, {"data": {"username": "u1"}} if asked.method == "GET" else b"")
    assert client.me().username == "u1", "the connection after it must be a fresh one"


def test_it_tells_heygen_that_the_bytes_are_there(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {**UPLOADED, "status": "processing"}})

    asset = client.complete_direct_upload("a1", key="k", sha256="ab" * 32)

    assert (asset.id, asset.status) == ("a1", "processing")
    assert (server.last.path, server.last.headers["Idempotency-Key"]) == ("/v3/assets/a1/complete", "k")
    assert server.last.json == {"checksum_sha256": "ab" * 32}


@pytest.mark.parametrize(("code", "error"), [("conflict", heygen.Conflict), ("request_in_progress", heygen.InProgress)])
def test_it_leaves_repeating_a_completion_to_the_caller(
    server: ScriptedServer, client: HeyGenClient, code: str, error: type[heygen.HeyGenError]
) -> None:
    server.answer(409, {"error": {"code": code, "message": "Not yet."}})

    with pytest.raises(error):
        client.complete_direct_upload("a1", key="k")
    assert len(server.asked) == 1
    assert server.last.body == b"{}"


def test_it_asks_how_assets_stand(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(
        200,
        {
            "data": [{"video_id": "a1", "status": "completed"}, {"video_id": "a2", "status": "not_found"}],
            "has_more": False,
        },
    )

    statuses = client.asset_statuses(["a1", "a2", "a3"])

    assert {name: status.status for name, status in statuses.items()} == {"a1": "completed", "a2": "not_found"}
    assert server.last.query == {"asset_ids": "a1,a2,a3"}
    assert client.asset_statuses([]) == {}
    assert len(server.asked) == 1


def test_it_reads_an_asset(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"id": "a1", "name": "x.png", "type": "image", "url": None}})

    assert client.get_asset("a1").name == "x.png"
    assert server.last.target == "/v3/assets/a1"
