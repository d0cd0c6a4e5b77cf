from __future__ import annotations

import base64
import logging

import pytest

from avatars import heygen
from avatars.heygen import Exchange, HeyGenClient, bodies, make_session

from .conftest import API_KEY
from .server import ScriptedServer

GROUP = {"id": "g1", "name": "Ada", "created_at": 1764000000, "looks_count": 1, "consent_status": "pending"}
LOOK = {"id": "l1", "name": "Ada", "avatar_type": "digital_twin", "group_id": "g1", "status": "processing"}


def test_it_creates_an_avatar(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"avatar_item": LOOK, "avatar_group": GROUP}})
    body = bodies.digital_twin(name="Ada", file=bodies.from_asset("a1"))

    created = client.create_avatar(body, "key-1")

    assert (created.item.id, created.group.id, created.group.consent_status) == ("l1", "g1", "pending")
    assert (server.last.method, server.last.target, server.last.json) == ("POST", "/v3/avatars", body)
    assert server.last.headers["X-Api-Key"] == API_KEY
    assert server.last.headers["Idempotency-Key"] == "key-1"
    assert server.last.headers["Content-Type"] == "application/json"
    assert server.last.headers["User-Agent"].startswith("HeyGen-Portal/")


@pytest.mark.parametrize(
    "data", [None, {}, {"avatar_item": None, "avatar_group": None}, {"avatar_item": {"name": "no id"}}, []]
)
def test_it_gives_two_nothings_for_a_creation_without_ids(
    server: ScriptedServer, client: HeyGenClient, data: object
) -> None:
    server.answer(200, {"data": data})

    created = client.create_avatar({}, "key-1")

    assert (created.item, created.group) == (None, None)


def test_it_lists_groups_with_the_filters_that_were_given(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": [GROUP, {"name": "no id"}], "has_more": True, "next_token": "t/2="})

    page = client.list_groups(ownership="private", token="t&1")

    assert server.last.query == {"ownership": "private", "limit": "50", "token": "t&1"}
    assert "Idempotency-Key" not in server.last.headers
    assert ([group.id for group in page.items], page.next_token, page.has_more, page.skipped) == (
        ["g1"],
        "t/2=",
        True,
        1,
    )


def test_it_lists_looks_with_the_filters_that_were_given(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": [LOOK], "has_more": False, "next_token": None})

    page = client.list_looks(group_id="g1", avatar_type="photo_avatar", limit=20)

    assert (server.last.path, server.last.query) == (
        "/v3/avatars/looks",
        {"group_id": "g1", "avatar_type": "photo_avatar", "limit": "20"},
    )
    assert [look.id for look in page.items] == ["l1"]


@pytest.mark.parametrize("payload", [{"data": {"items": []}}, {"data": None}, {}])
def test_it_does_not_take_an_answer_without_a_list_for_an_empty_one(
    server: ScriptedServer, client: HeyGenClient, payload: dict
) -> None:
    server.answer(200, payload)

    with pytest.raises(heygen.Unavailable):
        client.list_groups()


def test_it_reads_one_group_and_one_look(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": GROUP})
    server.answer(200, {"data": LOOK})

    assert client.get_group("g1").looks_count == 1
    assert server.last.target == "/v3/avatars/g1"
    assert client.get_look("l1").avatar_type == "digital_twin"
    assert server.last.target == "/v3/avatars/looks/l1"


def test_it_does_not_take_an_answer_without_an_id_for_a_group(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"avatar_group": GROUP}})

    with pytest.raises(heygen.Unavailable):
        client.get_group("g1")


def test_it_keeps_an_id_inside_its_path_segment(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": GROUP})

    client.get_group("a/../b?c#d e")

    assert server.last.target == "/v3/avatars/a%2F..%2Fb%3Fc%23d%20e"


@pytest.mark.parametrize("bad", ["", ".", ".."])
def test_it_refuses_an_id_that_would_change_the_path(server: ScriptedServer, client: HeyGenClient, bad: str) -> None:
    with pytest.raises(ValueError, match="id"):
        client.delete_group(bad, key="k")
    assert server.asked == []


def test_it_renames_a_look(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {**LOOK, "name": "Ada in blue"}})

    assert client.rename_look("l1", name="Ada in blue", key="k2").name == "Ada in blue"
    assert (server.last.method, server.last.json) == ("PATCH", {"name": "Ada in blue"})
    assert server.last.headers["Idempotency-Key"] == "k2"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("delete_group", "/v3/avatars/x1"),
        ("delete_look", "/v3/avatars/looks/x1"),
        ("delete_asset", "/v3/assets/x1"),
        ("delete_webhook", "/v3/webhooks/endpoints/x1"),
    ],
)
def test_it_deletes_and_takes_404_for_done(
    server: ScriptedServer, client: HeyGenClient, method: str, path: str
) -> None:
    server.answer(200, {"data": {"id": "x1"}})
    server.answer(204)
    server.answer(404, {"error": {"code": "not_found", "message": "Gone."}})
    server.answer(403, {"error": {"code": "forbidden", "message": "No."}})
    delete = getattr(client, method)

    assert [delete("x1", key="k"), delete("x1", key="k"), delete("x1", key="k")] == [True, True, False]
    with pytest.raises(heygen.Forbidden):
        delete("x1", key="k")
    assert {(asked.method, asked.path, asked.body) for asked in server.asked} == {("DELETE", path, b"")}


def test_it_asks_for_consent(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"avatar_group": GROUP, "url": "https://heygen.test/consent/s3cret"}})

    answer = client.request_consent("g1", bodies.consent(reroute_url="https://portal.test/done"), key="k")

    assert answer.url == "https://heygen.test/consent/s3cret"
    assert answer.group.id == "g1"
    assert (server.last.path, server.last.json) == (
        "/v3/avatars/g1/consent",
        {"reroute_url": "https://portal.test/done"},
    )


def test_it_sends_an_empty_object_for_consent_without_wishes(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"avatar_group": GROUP}})

    assert client.request_consent("g1", bodies.consent(), key="k").url is None
    assert server.last.body == b"{}"


def test_it_does_not_take_an_empty_consent_answer_for_success(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {}})

    with pytest.raises(heygen.OutcomeUnknown):
        client.request_consent("g1", {}, key="k")


def test_it_reads_the_account(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": {"username": "u1", "email": None, "billing_type": "wallet", "new": 1}})
    server.answer(200, {"data": None})

    assert (client.me().username, server.last.target) == ("u1", "/v3/users/me")
    with pytest.raises(heygen.Unavailable):
        client.me()


def test_it_manages_webhooks(server: ScriptedServer, client: HeyGenClient) -> None:
    endpoint = {
        "endpoint_id": "e1",
        "url": "https://p.test/h",
        "status": "enabled",
        "created_at": "2026-11-22T10:00:00Z",
    }
    server.answer(200, {"data": {**endpoint, "secret": "whsec_1"}})
    server.answer(200, {"data": [endpoint], "has_more": False})
    server.answer(200, {"data": {**endpoint, "events": ["instant_avatar.fail"]}})
    server.answer(200, {"data": {"endpoint_id": "e1", "secret": "whsec_2"}})
    server.answer(200, {"data": {}})

    assert client.create_webhook("https://p.test/h", key="k", events=["instant_avatar.success"]).secret == "whsec_1"
    assert server.last.json == {"url": "https://p.test/h", "events": ["instant_avatar.success"]}
    assert [(item.id, item.events) for item in client.list_webhooks().items] == [("e1", None)]
    assert client.update_webhook("e1", key="k", events=["instant_avatar.fail"]).events == ["instant_avatar.fail"]
    assert (server.last.method, server.last.json) == ("PATCH", {"events": ["instant_avatar.fail"]})
    assert client.rotate_webhook_secret("e1", key="k") == "whsec_2"
    assert server.last.path == "/v3/webhooks/endpoints/e1/rotate-secret"
    with pytest.raises(heygen.OutcomeUnknown):
        client.rotate_webhook_secret("e1", key="k")


def test_it_lists_event_types_and_events(server: ScriptedServer, client: HeyGenClient) -> None:
    server.answer(200, {"data": [{"event_type": "instant_avatar.fail", "description": "A twin failed."}]})
    event = {"event_id": "v1", "event_type": "x", "event_data": {"a": 1}, "created_at": "2026-11-22T10:00:00"}
    server.answer(200, {"data": [event], "has_more": False})

    assert [kind.id for kind in client.list_event_types()] == ["instant_avatar.fail"]
    page = client.list_events(event_type="x")
    assert page.items[0].created_at.isoformat() == "2026-11-22T10:00:00+00:00"
    assert server.last.query == {"event_type": "x", "limit": "50"}


def test_it_builds_bodies_without_surplus_keys_or_nulls() -> None:
    assert bodies.photo(name="A", file=bodies.from_url("https://x.test/a.png"), group_id="g1") == {
        "type": "photo",
        "name": "A",
        "file": {"type": "url", "url": "https://x.test/a.png"},
        "avatar_group_id": "g1",
    }
    assert bodies.prompt(name="A", prompt="P") == {"type": "prompt", "name": "A", "prompt": "P"}
    full = bodies.prompt(
        name="A", prompt="P", reference_images=[bodies.from_bytes("image/png", b"\x00\xff")], group_id="g", look_id="l"
    )
    assert full["reference_images"][0]["media_type"] == "image/png"
    assert base64.b64decode(full["reference_images"][0]["data"]) == b"\x00\xff"
    assert (full["avatar_group_id"], full["avatar_id"]) == ("g", "l")
    with pytest.raises(ValueError, match="recording"):
        bodies.consent(reroute_url="https://x.test/", consent_video=bodies.from_asset("a"))


@pytest.mark.parametrize("key", ["", "with space", "ü", "x" * 256, "a/b", "line\nbreak"])
def test_it_refuses_idempotency_keys_heygen_would_not_take(
    server: ScriptedServer, client: HeyGenClient, key: str
) -> None:
    with pytest.raises(ValueError, match="idempotency"):
        client.create_avatar({}, key)
    assert server.asked == []


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.heygen.com",
        "http://192.168.0.4:8000",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "https://user:pass@api.heygen.com",
        "https://api.heygen.com?x=1",
        "api.heygen.com",
        "",
    ],
)
def test_it_refuses_base_addresses_that_would_expose_the_key(base_url: str) -> None:
    with pytest.raises(ValueError, match=r"HeyGen API address|Plain http"):
        HeyGenClient(base_url, API_KEY)


@pytest.mark.parametrize(
    "base_url", ["https://api.heygen.com/", "http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9"]
)
def test_it_accepts_https_and_this_machine(base_url: str) -> None:
    with HeyGenClient(base_url, API_KEY) as client:
        assert base_url.rstrip("/") in repr(client)


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX-Evil: 1", "schlüssel"])
def test_it_refuses_keys_that_are_none_without_quoting_them(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        HeyGenClient("https://api.heygen.com", key)
    assert not key or key not in str(caught.value)


def test_it_takes_nothing_from_the_environment(
    server: ScriptedServer, client: HeyGenClient, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password plan\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    server.answer(200, {"data": GROUP}, headers={"Set-Cookie": "sid=1; Path=/"})
    server.answer(200, {"data": GROUP})

    client.get_group("g1")
    client.get_group("g1")

    assert "Authorization" not in server.last.headers
    assert "Cookie" not in server.last.headers


def test_it_leaves_a_session_it_was_given_open(server: ScriptedServer) -> None:
    server.default = lambda _: heygen_answer({"data": GROUP})
    with make_session() as session:
        with HeyGenClient(server.url, API_KEY, session) as client:
            client.get_group("g1")
        adapter = session.get_adapter(server.url)
        assert len(adapter.poolmanager.pools) == 1
        assert "X-Api-Key" not in session.headers


def heygen_answer(body: object):
    from .server import Answer

    return Answer(200, body)


def test_it_tells_the_observer_of_every_request(server: ScriptedServer) -> None:
    seen: list[Exchange] = []
    server.answer(200, {"data": GROUP}, headers={"X-Request-Id": "r1"})
    server.answer(429, b"", headers={"Retry-After": "3"})
    with HeyGenClient(server.url, API_KEY, on_response=seen.append) as client:
        client.get_group("g1")
        with pytest.raises(heygen.TryAgain):
            client.list_groups(token="t1")
        server.stop()
        client.close()
        with pytest.raises(heygen.Unavailable):
            client.me()

    assert [(one.method, one.path, one.status, one.request_id, one.retry_after) for one in seen] == [
        ("GET", "/v3/avatars/g1", 200, "r1", None),
        ("GET", "/v3/avatars", 429, None, 3.0),
        ("GET", "/v3/users/me", None, None, None),
    ]


def test_it_does_not_lose_an_answer_to_a_failing_observer(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(exchange: Exchange) -> None:
        raise RuntimeError("database is locked")

    server.answer(200, {"data": GROUP})
    with HeyGenClient(server.url, API_KEY, on_response=fail) as client:
        assert client.get_group("g1").id == "g1"
    assert "observer" in caplog.text


def test_it_logs_no_key_body_query_or_consent_link(
    server: ScriptedServer, client: HeyGenClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="avatars.heygen")
    server.answer(200, {"data": {"avatar_group": GROUP, "url": "https://h.test/c/L1NK-S3CRET"}})
    server.answer(200, {"data": [], "has_more": False}, headers={"X-Request-Id": "req-1"})

    answer = client.request_consent("g1", bodies.consent(consent_text="B0DY-S3CRET"), key="k")
    client.list_groups(token="T0KEN-S3CRET")

    assert "GET /v3/avatars -> 200" in caplog.text
    assert "req-1" in caplog.text
    assert "urllib3" in caplog.text, "the library's own lines must be part of this test"
    everything = caplog.text + repr(answer) + repr(client) + repr(client.__dict__)
    assert "S3CRET" not in everything
    assert API_KEY not in everything
