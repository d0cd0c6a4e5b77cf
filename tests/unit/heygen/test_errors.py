from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from avatars import heygen
from avatars.heygen import HeyGenClient, HeyGenError, Timeouts, bodies
from avatars.heygen.errors import MESSAGE_MAX, parse_retry_after

from .conftest import API_KEY
from .server import ScriptedServer

BODY = bodies.photo(name="Ada", file=bodies.from_asset("a1"))


def _error(code: str, message: str = "No.", **more: str) -> dict:
    return {"error": {"code": code, "message": message, **more}}


def _failed_create(client: HeyGenClient) -> HeyGenError:
    with pytest.raises(HeyGenError) as caught:
        client.create_avatar(BODY, "key-1")
    return caught.value


def _failed_read(client: HeyGenClient) -> HeyGenError:
    with pytest.raises(HeyGenError) as caught:
        client.get_group("g1")
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_parameter", heygen.Refused),
        (400, "INTERNAL_ERROR", heygen.Refused),
        (400, "resource_limit_exceeded", heygen.Refused),
        (400, "insufficient_credit", heygen.PaymentRequired),
        (401, "authentication_failed", heygen.Unauthorized),
        (402, "insufficient_credit", heygen.PaymentRequired),
        (403, "resource_access_denied", heygen.Forbidden),
        (403, "plan_upgrade_required", heygen.PaymentRequired),
        (404, "avatar_group_not_found", heygen.NotFound),
        (404, "asset_not_found", heygen.TryAgain),
        (410, "", heygen.NotFound),
        (408, "", heygen.OutcomeUnknown),
        (409, "request_in_progress", heygen.InProgress),
        (409, "conflict", heygen.Conflict),
        (409, "", heygen.Conflict),
        (413, "payload_too_large", heygen.Refused),
        (418, "never_heard_of", heygen.Refused),
        (429, "rate_limit_exceeded", heygen.TryAgain),
        (429, "", heygen.TryAgain),
        (429, "quota_exceeded", heygen.QuotaExceeded),
        (500, "internal_error", heygen.OutcomeUnknown),
        (503, "invalid_parameter", heygen.OutcomeUnknown),
        (504, "gateway_timeout", heygen.OutcomeUnknown),
    ],
)
def test_it_tells_the_kinds_of_a_failed_creation_apart(
    server: ScriptedServer, client: HeyGenClient, status: int, code: str, kind: type[HeyGenError]
) -> None:
    server.answer(status, _error(code), headers={"X-Request-Id": "req-7"})

    error = _failed_create(client)

    assert type(error) is kind
    assert (error.status, error.code, error.request_id) == (status, code.lower(), "req-7")


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_it_calls_a_failed_read_unavailable(server: ScriptedServer, client: HeyGenClient, status: int) -> None:
    server.answer(status, _error("internal_error"))

    assert type(_failed_read(client)) is heygen.Unavailable


def test_it_takes_a_missing_asset_for_a_lasting_refusal_outside_creation(
    server: ScriptedServer, client: HeyGenClient
) -> None:
    server.answer(404, _error("asset_not_found"))

    with pytest.raises(heygen.NotFound):
        client.get_asset("a1")


def test_it_names_the_field_at_fault(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(400, _error("invalid_parameter", "Too long.", param="name", doc_url="https://x.test/"))

    error = _failed_create(client)

    assert (error.param, error.message, str(error)) == ("name", "Too long.", "Too long.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "Old shape."}', "Old shape."),
        (b'{"code": 400123, "message": "Older shape."}', "Older shape."),
        (b'{"error": null, "message": "Top level."}', "Top level."),
        (b'{"detail": "Framework shape."}', "Framework shape."),
    ],
)
def test_it_reads_older_error_shapes(server: ScriptedServer, client: HeyGenClient, body: bytes, message: str) -> None:
    server.answer(400, body)

    assert _failed_create(client).message == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><h1>502 Bad Gateway</h1></body></html>",
        b'{"error": {"code": "x", "message": "<!DOCTYPE html><html>oops</html>"}}',
        b'{"error": {"code": ["a"], "message": {"a": 1}, "param": 3.5}}',
        b'{"error": {"cod',
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_it_survives_any_error_body_and_passes_no_html_on(
    server: ScriptedServer, client: HeyGenClient, body: bytes
) -> None:
    server.answer(403, body)

    error = _failed_create(client)

    assert type(error) is heygen.Forbidden
    assert error.message == "HeyGen answered 403 without a readable reason."


def test_it_cuts_long_messages_and_takes_secrets_out(server: ScriptedServer, client: HeyGenClient) -> None:
    text = f"Bad key {API_KEY} for https://files.test/a.png?Signature=s3cret and\x00 so on " + "x" * 900
    server.answer(401, _error("unauthorized", text))

    message = _failed_create(client).message

    assert len(message) == MESSAGE_MAX
    assert message.startswith("Bad key *** for https://files.test/a.png and so on x")
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 2.5 ", 2.5),
        ("-4", 0),
        ("99999", 900),
        ("inf", 900),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Sun, 22 Nov 2026 12:00:40 GMT", 40),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_it_reads_retry_after_in_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)) == seconds


def test_it_hands_retry_after_on_with_every_kind_of_error(server: ScriptedServer, client: HeyGenClient) -> None:
    later = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answer(429, _error("rate_limit_exceeded"), headers={"Retry-After": "12"})
    server.answer(503, b"", headers={"Retry-After": later})

    assert _failed_create(client).retry_after == 12
    assert 50 < (_failed_create(client).retry_after or 0) <= 60


def test_it_does_not_know_the_outcome_when_no_answer_comes_in_time(
    server: ScriptedServer, client: HeyGenClient
) -> None:
    server.answer(200, {"data": {}}, delay=1.2)

    error = _failed_create(client)

    assert type(error) is heygen.OutcomeUnknown
    assert (error.never_sent, error.status) == (False, None)


def test_it_knows_that_nothing_was_sent_when_the_connection_is_refused(server: ScriptedServer) -> None:
    server.stop()
    with HeyGenClient(server.url, API_KEY) as client:
        error = _failed_create(client)

    assert type(error) is heygen.OutcomeUnknown
    assert error.never_sent is True
    assert error.__context__ is None


def test_it_knows_that_nothing_was_sent_when_the_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with HeyGenClient("https://api.example.test", API_KEY) as client:
        error = _failed_read(client)

    assert type(error) is heygen.Unavailable
    assert error.never_sent is True


def _hang_up(handler) -> None:
    handler.connection.close()


def _cut_headers(handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")


def _not_http(handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize("act", [_hang_up, _cut_headers, _not_http])
def test_it_does_not_know_the_outcome_of_a_lost_connection(server: ScriptedServer, client: HeyGenClient, act) -> None:
    server.answer(act=act)
    server.answer(act=act)

    error = _failed_create(client)
    assert type(error) is heygen.OutcomeUnknown
    assert error.never_sent is False
    assert type(_failed_read(client)) is heygen.Unavailable


@pytest.mark.parametrize("body", [b"", b"{", b"<html></html>", b"[1]", b'"yes"'])
def test_it_does_not_know_the_outcome_of_an_unreadable_yes(
    server: ScriptedServer, client: HeyGenClient, body: bytes
) -> None:
    server.answer(200, body, headers={"X-Request-Id": "req-9"})

    error = _failed_create(client)

    assert type(error) is heygen.OutcomeUnknown
    assert (error.status, error.request_id) == (200, "req-9")


def test_it_does_not_trust_an_answer_that_was_cut_off(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, b'{"data": {}}', length=400)

    assert type(_failed_create(client)) is heygen.OutcomeUnknown


def test_it_still_knows_a_refusal_whose_reason_was_cut_off(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(400, b'{"error": {"co', length=400)

    assert type(_failed_create(client)) is heygen.Refused


def test_it_refuses_an_answer_above_eight_mebibytes(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, b'{"data": "' + b"x" * (8 * 1024 * 1024) + b'"}')

    error = _failed_read(client)

    assert type(error) is heygen.Unavailable
    assert "8 MiB" in error.message


def test_it_refuses_a_small_answer_that_unpacks_to_a_huge_one(server: ScriptedServer, client: HeyGenClient) -> None:
    import gzip

    server.answer(200, gzip.compress(b" " * (40 * 1024 * 1024)), headers={"Content-Encoding": "gzip"})

    assert "8 MiB" in _failed_read(client).message


def test_it_ends_an_answer_that_drips(server: ScriptedServer) -> None:
    import time

    def drip(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    server.answer(act=drip)
    started = time.monotonic()
    with HeyGenClient(server.url, API_KEY, timeouts=Timeouts(read=(1, 0.3))) as client:
        error = _failed_read(client)

    assert type(error) is heygen.Unavailable
    assert time.monotonic() - started < 1.5


def test_it_follows_no_redirect(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(307, b"", headers={"Location": server.url + "/elsewhere"})

    error = _failed_create(client)

    assert type(error) is heygen.Refused
    assert "redirect" in error.message
    assert [asked.path for asked in server.asked] == ["/v3/avatars"]
