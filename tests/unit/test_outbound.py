from __future__ import annotations

import logging
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avatars import outbound
from avatars.outbound import Blocked, Failed, Fetched, Gone, fetch
from tests.conftest import missing
from tests.unit.heygen.server import Answer, ScriptedServer

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.default = lambda _: Answer(200, PNG, {"Content-Type": "Image/PNG; q=1"})
    yield server
    server.stop()


def _fetch(url: str, **changes: Any) -> Fetched:
    options: dict[str, Any] = {
        "allowed_hosts": {"127.0.0.1", "localhost", "files.example.test", ".cdn.example.test"},
        "allow_loopback": True,
        "max_bytes": 1000,
        "total_seconds": 3,
        "media_types": {"image/png", "image/webp"},
    }
    return fetch(url, **{**options, **changes})


class Resolver:
    """Stands in for the system's name lookup: the scripted answers in order, the last one for good."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *args: object, **kwargs: object) -> list[tuple]:
        if host.replace(".", "").isdigit() or ":" in host:
            addresses = [host]
        else:
            self.asked.append(host)
            addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> Resolver:
    resolver = Resolver(*answers)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


def _no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("A connection was attempted.")

    monkeypatch.setattr(outbound, "_connect", refuse)


def test_it_fetches_a_file(server: ScriptedServer) -> None:
    fetched = _fetch(server.url + "/p/a.png?Signature=s3cret%2F")

    assert (fetched.content, fetched.media_type) == (PNG, "image/png")
    assert server.last.target == "/p/a.png?Signature=s3cret%2F"
    assert server.last.headers["Host"] == f"127.0.0.1:{server.port}"
    assert "Cookie" not in server.last.headers
    assert "\\x89PNG" not in repr(fetched)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.7",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "2001:0:4136:e378:8000:63bf:a247:28dd",
    ],
)
def test_it_reaches_no_address_inside(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    _resolve_to(monkeypatch, [address])
    _no_connections(monkeypatch)

    with pytest.raises(Blocked):
        _fetch("https://files.example.test/a.png", allow_loopback=False)


def test_it_reaches_no_name_with_even_one_address_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    _no_connections(monkeypatch)

    with pytest.raises(Blocked):
        _fetch("https://files.example.test/a.png", allow_loopback=False)


def test_it_keeps_private_networks_closed_when_this_machine_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve_to(monkeypatch, ["192.168.1.1"])
    _no_connections(monkeypatch)

    with pytest.raises(Blocked):
        _fetch("http://files.example.test/a.png", allow_loopback=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_it_connects_to_public_addresses(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    connected: list[str] = []
    _resolve_to(monkeypatch, [address])

    def record(parts: object, addresses: list, deadline: float) -> None:
        connected.extend(str(one) for one in addresses)
        raise Failed("enough")

    monkeypatch.setattr(outbound, "_connect", record)
    with pytest.raises(Failed, match="enough"):
        _fetch("https://files.example.test/a.png", allow_loopback=False)
    assert connected == [address]


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.test/a.png",
        "https://files.example.test:8443/a.png",
        "ftp://files.example.test/a.png",
        "file:///etc/passwd",
        "https://user:pass@files.example.test/a.png",
        "https://@files.example.test/a.png",
        "https://other.example.test/a.png",
        "https://files.example.test.evil.test/a.png",
        "https://cdn.example.test/a.png",
        "https://evilcdn.example.test/a.png",
        "https://files.exämple.test/a.png",
        "https://files.example.test:port/a.png",
        "https://[::1/a.png",
        "https:///a.png",
        "//files.example.test/a.png",
        "",
    ],
)
def test_it_refuses_other_hosts_schemes_and_ports(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    _resolve_to(monkeypatch, ["93.184.216.34"])
    _no_connections(monkeypatch)

    with pytest.raises(Blocked):
        _fetch(url)


@pytest.mark.parametrize(
    "host", ["files.example.test", "FILES.Example.Test", "a.cdn.example.test", "b.a.cdn.example.test."]
)
def test_it_knows_hosts_by_name_and_by_ending(
    monkeypatch: pytest.MonkeyPatch, server: ScriptedServer, host: str
) -> None:
    _resolve_to(monkeypatch, ["127.0.0.1"])

    assert _fetch(f"http://{host}:{server.port}/a.png").content == PNG


def test_it_connects_to_the_address_it_has_checked(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    resolver = _resolve_to(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])

    assert _fetch(f"http://files.example.test:{server.port}/a.png").content == PNG
    assert resolver.asked == ["files.example.test"]
    assert server.last.headers["Host"] == f"files.example.test:{server.port}"


def test_it_tries_the_next_address_of_a_name(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    _resolve_to(monkeypatch, ["::1", "127.0.0.1"])

    assert _fetch(f"http://localhost:{server.port}/a.png").content == PNG


def test_it_checks_certificates_by_the_name_and_not_the_address(
    monkeypatch: pytest.MonkeyPatch, server: ScriptedServer, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        missing("OpenSSL", "openssl")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=files.example.test -addext subjectAltName=DNS:files.example.test"
    )
    subprocess.run([*request.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    monkeypatch.setattr(outbound, "_ssl_context", lambda: ssl.create_default_context(cafile=str(certificate)))
    resolver = _resolve_to(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])

    assert _fetch(f"https://files.example.test:{server.port}/a.png").content == PNG
    assert names == resolver.asked == ["files.example.test"]
    _resolve_to(monkeypatch, ["127.0.0.1"])
    with pytest.raises(Failed):
        _fetch(f"https://a.cdn.example.test:{server.port}/a.png")
    monkeypatch.undo()
    _resolve_to(monkeypatch, ["127.0.0.1"])
    with pytest.raises(Failed):
        _fetch(f"https://files.example.test:{server.port}/a.png")


def test_it_follows_three_redirects_and_no_more(server: ScriptedServer) -> None:
    for status in (301, 302, 307):
        server.answer(status, b"", headers={"Location": "../b.png"})
    assert _fetch(server.url + "/x/y/a.png").content == PNG
    assert [asked.path for asked in server.asked] == ["/x/y/a.png", "/x/b.png", "/b.png", "/b.png"]

    for _ in range(4):
        server.answer(308, b"", headers={"Location": "/again"})
    with pytest.raises(Failed, match="redirects"):
        _fetch(server.url + "/a.png")


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/a.png", "https://evil.example.test/", "file:///etc/passwd", "http://[::ffff:10.0.0.1]/"]
)
def test_it_checks_where_a_redirect_leads(server: ScriptedServer, target: str) -> None:
    server.answer(302, b"", headers={"Location": target})

    with pytest.raises(Blocked):
        _fetch(server.url + "/a.png", allowed_hosts={"127.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"})


def test_it_checks_the_addresses_of_every_redirect_anew(
    monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    _resolve_to(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    server.answer(302, b"", headers={"Location": "/latest/meta-data"})

    with pytest.raises(Blocked):
        _fetch(f"http://files.example.test:{server.port}/a.png")
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_it_says_when_a_file_is_no_longer_given_out(server: ScriptedServer, status: int) -> None:
    server.answer(status, b"<Error/>", headers={"Content-Type": "application/xml"})

    with pytest.raises(Gone) as caught:
        _fetch(server.url + "/a.png")
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (500, b"", {}),
        (304, b"", {}),
        (302, b"", {}),
        (206, PNG, {"Content-Type": "image/png"}),
        (200, PNG, {}),
        (200, b"<html>", {"Content-Type": "text/html"}),
        (200, b"<svg/>", {"Content-Type": "image/svg+xml"}),
        (200, PNG, {"Content-Type": "image/png", "Content-Encoding": "gzip"}),
        (200, b"x" * 1001, {"Content-Type": "image/png"}),
    ],
)
def test_it_takes_nothing_that_is_not_as_expected(
    server: ScriptedServer, status: int, body: bytes, headers: dict[str, str]
) -> None:
    server.answer(status, body, headers=headers)

    with pytest.raises(Failed):
        _fetch(server.url + "/a.png")


def test_it_takes_a_file_of_exactly_the_largest_size(server: ScriptedServer) -> None:
    server.answer(200, b"x" * 1000, headers={"Content-Type": "image/png"})

    assert len(_fetch(server.url + "/a.png").content) == 1000


def test_it_stops_reading_an_endless_answer(server: ScriptedServer) -> None:
    def endless(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
        for _ in range(10_000):
            handler.wfile.write(b"x" * 10_000)

    server.answer(act=endless)
    with pytest.raises(Failed, match="larger"):
        _fetch(server.url + "/a.png")


def test_it_does_not_take_a_cut_answer_for_a_whole_one(server: ScriptedServer) -> None:
    server.answer(200, PNG, headers={"Content-Type": "image/png"}, length=400)

    with pytest.raises(Failed):
        _fetch(server.url + "/a.png")


@pytest.mark.parametrize(
    "opening",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
    ],
)
def test_it_ends_a_dripping_answer_at_the_deadline(server: ScriptedServer, opening: bytes) -> None:
    def drip(handler) -> None:
        handler.wfile.write(opening)
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    server.answer(act=drip)
    started = time.monotonic()
    with pytest.raises(Failed):
        _fetch(server.url + "/a.png", total_seconds=0.4)
    assert time.monotonic() - started < 1.5


def test_it_fails_plainly_when_nobody_listens_or_the_name_is_unknown(
    monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
) -> None:
    server.stop()
    with pytest.raises(Failed, match="reached"):
        _fetch(server.url + "/a.png")

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Failed, match="not found"):
        _fetch("https://files.example.test/a.png")


def test_it_never_writes_down_a_whole_address(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="avatars.outbound")
    _fetch(server.url + "/p/a.png?Signature=S3CRET")
    server.answer(404)
    with pytest.raises(Gone) as caught:
        _fetch(server.url + "/a.png?Signature=S3CRET")
    with pytest.raises(Blocked) as blocked:
        _fetch("https://evil.example.test/a.png?Signature=S3CRET")

    assert "GET 127.0.0.1 -> 200" in caplog.text
    assert "S3CRET" not in caplog.text + str(caught.value) + str(blocked.value)
