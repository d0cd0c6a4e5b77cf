"""Every request the client can send is held against the written descriptions of HeyGen's API."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avatars.heygen import HeyGenClient, bodies
from tests.unit.heygen.server import Answer, Asked, ScriptedServer

from .schemas import Description, Mismatch, ours, published, read_body, validate_request, validate_response

GROUP = {"id": "g1", "name": "Ada", "created_at": 1764000000, "looks_count": 1}
LOOK = {"id": "l1", "name": "Ada", "avatar_type": "photo_avatar", "group_id": "g1"}
UPLOADED = {"asset_id": "a1", "url": "https://f.test/a1", "mime_type": "image/png", "size_bytes": 3}
ENDPOINT = {"endpoint_id": "e1", "url": "https://p.test/h", "status": "enabled", "created_at": "2026-11-22T10:00:00Z"}
ACCOUNT = {"username": "u1", "email": None, "first_name": None, "last_name": None, "billing_type": None}
PERMISSION = {
    "asset_id": "a1",
    "upload_url": "https://s3.test/x",
    "upload_headers": {"Content-Type": "video/mp4"},
    "expires_in_seconds": 900,
    "max_bytes": 200_000_000,
    "status": "pending_upload",
}

IMAGE = bodies.from_asset("a1")
EVERY_INPUT = [IMAGE, bodies.from_url("https://x.test/a.png"), bodies.from_bytes("image/png", b"\x89PNG")]


def _created(*_: object) -> dict:
    return {"data": {"avatar_item": LOOK, "avatar_group": GROUP}}


def _list(row: dict) -> dict:
    return {"data": [row], "has_more": False, "next_token": None}


Case = tuple[Callable[[HeyGenClient], Any], dict]

CASES: dict[str, Case] = {
    "create_avatar twin": (
        lambda c: c.create_avatar(bodies.digital_twin(name="Ada", file=EVERY_INPUT[1], group_id="g1"), "k"),
        _created(),
    ),
    "create_avatar photo": (lambda c: c.create_avatar(bodies.photo(name="Ada", file=IMAGE), "k"), _created()),
    "create_avatar photo inline": (
        lambda c: c.create_avatar(bodies.photo(name="Ada", file=EVERY_INPUT[2], group_id="g1"), "k"),
        _created(),
    ),
    "create_avatar prompt": (
        lambda c: c.create_avatar(bodies.prompt(name="Ada", prompt="A woman in blue"), "k"),
        _created(),
    ),
    "create_avatar prompt, everything": (
        lambda c: c.create_avatar(
            bodies.prompt(name="Ada", prompt="P", reference_images=EVERY_INPUT, group_id="g1", look_id="l1"), "k"
        ),
        _created(),
    ),
    "list_groups": (lambda c: c.list_groups(), _list(GROUP)),
    "list_groups, everything": (lambda c: c.list_groups(ownership="private", limit=1, token="t"), _list(GROUP)),
    "get_group": (lambda c: c.get_group("g1"), {"data": GROUP}),
    "delete_group": (lambda c: c.delete_group("g1", key="k"), {"data": {"id": "g1"}}),
    "list_looks": (lambda c: c.list_looks(), _list(LOOK)),
    "list_looks, everything": (
        lambda c: c.list_looks(group_id="g1", avatar_type="photo_avatar", ownership="public", limit=20, token="t"),
        _list(LOOK),
    ),
    "get_look": (lambda c: c.get_look("l1"), {"data": LOOK}),
    "rename_look": (lambda c: c.rename_look("l1", name="Ada", key="k"), {"data": LOOK}),
    "delete_look": (lambda c: c.delete_look("l1", key="k"), {"data": {"id": "l1"}}),
    "request_consent, nothing": (
        lambda c: c.request_consent("g1", bodies.consent(), key="k"),
        {"data": {"avatar_group": GROUP, "url": "https://h.test/c"}},
    ),
    "request_consent, text": (
        lambda c: c.request_consent(
            "g1", bodies.consent(reroute_url="https://p.test/", consent_text="I agree."), key="k"
        ),
        {"data": {"avatar_group": GROUP, "url": "https://h.test/c"}},
    ),
    "request_consent, recording": (
        lambda c: c.request_consent("g1", bodies.consent(consent_video=IMAGE), key="k"),
        {"data": {"avatar_group": GROUP}},
    ),
    "upload_asset": (
        lambda c: c.upload_asset(io.BytesIO(b"abc"), filename="a.png", media_type="image/png", key="k"),
        {"data": UPLOADED},
    ),
    "begin_direct_upload": (
        lambda c: c.begin_direct_upload(filename="a.mp4", content_type="video/mp4", size=3, key="k"),
        {"data": PERMISSION},
    ),
    "begin_direct_upload, checksum": (
        lambda c: c.begin_direct_upload(
            filename="a.mp4", content_type="video/mp4", size=3, sha256_hex="0a" * 32, key="k"
        ),
        {"data": PERMISSION},
    ),
    "complete_direct_upload": (
        lambda c: c.complete_direct_upload("a1", key="k"),
        {"data": {**UPLOADED, "status": "processing"}},
    ),
    "complete_direct_upload, checksum": (
        lambda c: c.complete_direct_upload("a1", key="k", sha256="0a" * 32),
        {"data": {**UPLOADED, "status": "processing"}},
    ),
    "asset_statuses": (
        lambda c: c.asset_statuses(["a1", "a2"]),
        _list({"video_id": "a1", "status": "completed"}),
    ),
    "get_asset": (
        lambda c: c.get_asset("a1"),
        {"data": {"id": "a1", "name": "x", "type": "image", "owner": "o", "space_id": "s", "uploaded_at": 1}},
    ),
    "delete_asset": (lambda c: c.delete_asset("a1", key="k"), {"data": {"id": "a1"}}),
    "list_webhooks": (lambda c: c.list_webhooks(token="t"), _list(ENDPOINT)),
    "create_webhook": (
        lambda c: c.create_webhook("https://p.test/h", key="k", events=["instant_avatar.success"], entity_id="x"),
        {"data": {**ENDPOINT, "secret": "whsec_1"}},
    ),
    "create_webhook, all events": (
        lambda c: c.create_webhook("https://p.test/h", key="k"),
        {"data": {**ENDPOINT, "secret": "whsec_1"}},
    ),
    "update_webhook": (
        lambda c: c.update_webhook("e1", key="k", url="https://p.test/i", events=["instant_avatar.fail"]),
        {"data": ENDPOINT},
    ),
    "delete_webhook": (lambda c: c.delete_webhook("e1", key="k"), {"data": {}}),
    "rotate_webhook_secret": (
        lambda c: c.rotate_webhook_secret("e1", key="k"),
        {"data": {"endpoint_id": "e1", "secret": "whsec_2"}},
    ),
    "list_event_types": (
        lambda c: c.list_event_types(),
        {"data": [{"event_type": "instant_avatar.fail", "description": "A twin failed."}]},
    ),
    "list_events": (
        lambda c: c.list_events(event_type="instant_avatar.fail", entity_id="x", token="t"),
        _list({"event_id": "v1", "event_type": "x", "event_data": {}, "created_at": "2026-11-22T10:00:00Z"}),
    ),
    "me": (lambda c: c.me(), {"data": ACCOUNT}),
}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture(params=["own", "published"])
def description(request: pytest.FixtureRequest) -> Description:
    if request.param == "own":
        return ours()
    document = published()
    if document is None:
        pytest.skip("HEYGEN_OPENAPI names no copy of HeyGen's published description")
    return document


def _send(server: ScriptedServer, case: Case) -> Asked:
    act, answer = case
    server.default = lambda _: Answer(200, answer)
    with HeyGenClient(server.url, "sk-test") as client:
        act(client)
    (asked,) = server.asked
    return asked


@pytest.mark.parametrize("name", CASES)
def test_it_sends_what_is_described(server: ScriptedServer, description: Description, name: str) -> None:
    asked = _send(server, CASES[name])

    content_type = asked.headers.get("Content-Type")
    body = read_body(asked.body, content_type)
    validate_request(asked.method, asked.path, asked.query, body, content_type, against=description)


@pytest.mark.parametrize("name", CASES)
def test_it_is_tested_with_answers_as_described(server: ScriptedServer, description: Description, name: str) -> None:
    asked = _send(server, CASES[name])

    validate_response(asked.method, asked.path, 200, CASES[name][1], against=description)


@pytest.mark.parametrize("name", CASES)
def test_it_sends_a_key_with_every_change_and_with_no_read(server: ScriptedServer, name: str) -> None:
    asked = _send(server, CASES[name])

    assert (asked.method == "GET") == ("Idempotency-Key" not in asked.headers)
    assert asked.headers["X-Api-Key"] == "sk-test"


def test_it_covers_every_method_of_the_client_and_every_call_of_our_description(server: ScriptedServer) -> None:
    elsewhere = {"close", "put_direct_upload"}  # the latter talks to the storage, not to the API
    methods = {name for name in dir(HeyGenClient) if not name.startswith("_")} - elsewhere
    assert {name.split(" ")[0].rstrip(",") for name in CASES} == methods

    used = set()
    for case in CASES.values():
        server.asked.clear()
        asked = _send(server, case)
        used.add(ours().find(asked.method, asked.path).path + " " + asked.method)
    assert used == {operation.path + " " + operation.method for operation in ours().operations}


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/v3/avatars", {}, {"type": "photo", "name": "Ada", "file": IMAGE, "prompt": "surplus"}),
        ("POST", "/v3/avatars", {}, {"type": "video", "name": "Ada", "file": IMAGE}),
        (
            "POST",
            "/v3/avatars",
            {},
            {"type": "photo", "name": "Ada", "file": {"type": "base64", "content_type": "a/b"}},
        ),
        ("POST", "/v3/avatars", {}, {"type": "prompt", "name": "A", "prompt": "P", "reference_images": [IMAGE] * 4}),
        ("POST", "/v3/avatars/g1/consent", {}, {"redirect_url": "https://p.test/"}),
        ("POST", "/v3/assets/direct-uploads", {}, {"filename": "a", "content_type": "video/mp4", "size": 3}),
        ("GET", "/v3/avatars", {"next_token": "t"}, None),
        ("GET", "/v3/avatars/looks", {"limit": "51"}, None),
        ("GET", "/v3/avatars/g1/looks", {}, None),
        ("GET", "/v3/avatars", {}, {"a": 1}),
    ],
)
def test_it_would_notice_a_wrong_request(
    description: Description, method: str, path: str, query: dict, body: object
) -> None:
    with pytest.raises(Mismatch):
        validate_request(method, path, query, body, "application/json" if body else None, against=description)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/v3/avatars", 200, {"data": {"items": []}, "has_more": False}),
        ("GET", "/v3/avatars/g1", 200, {"data": {"id": "g1"}}),
        ("GET", "/v3/avatars/looks", 200, {"data": [{**LOOK, "tags": "a,b"}], "has_more": False}),
        ("POST", "/v3/avatars", 200, {"data": {"avatar_item": {"id": 5}, "avatar_group": None}}),
        ("POST", "/v3/avatars", 400, {"message": "No."}),
        ("POST", "/v3/avatars/g1/consent", 200, {"data": {"url": "https://h.test/"}}),
    ],
)
def test_it_would_notice_a_wrong_answer(
    description: Description, method: str, path: str, status: int, body: object
) -> None:
    with pytest.raises(Mismatch):
        validate_response(method, path, status, body, against=description)


def test_it_prefers_a_literal_path_to_a_placeholder(description: Description) -> None:
    assert description.find("GET", "/v3/avatars/looks").path == "/v3/avatars/looks"
    assert description.find("GET", "/v3/avatars/abc").path == "/v3/avatars/{group_id}"
    assert description.find("GET", "/v3/assets/statuses?asset_ids=a").path == "/v3/assets/statuses"
    with pytest.raises(Mismatch):
        description.find("GET", "/v3/avatars/")
