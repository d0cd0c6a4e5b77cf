"""With its default switches the sandbox answers as our own and HeyGen's published description say."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

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


@pytest.fixture
def ask(sandbox: SandboxServer) -> Callable[..., Any]:
    """Send a request and hold its answer against both descriptions; returns the decoded body."""

    def send(method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        answer = sandbox.call(method, path, **options)
        assert answer.status_code == status, answer.text
        assert len(answer.headers["X-Request-Id"]) == 32
        body = answer.json()
        for description in (ours(), published()):
            # The portal's own description lists only the calls the portal makes.
            knows = description and any(
                row.method == method and len(row.path.split("/")) == len(path.split("?", 1)[0].split("/"))
                for row in description.operations
            )
            if knows:
                validate_response(method, path, answer.status_code, body, against=description)
        return body

    return send


def upload(ask: Callable[..., Any], content: bytes, name: str = "file.bin") -> str:
    return ask("POST", "/v3/assets", files={"file": (name, content)})["data"]["asset_id"]


def create(ask: Callable[..., Any], kind: str = "prompt", name: str = "Anna", **more: Any) -> dict[str, Any]:
    body = {"type": kind, "name": name} | ({"prompt": "A woman in a teal blazer"} if kind == "prompt" else {}) | more
    return ask("POST", "/v3/avatars", json=body)["data"]


def test_it_answers_all_three_creations_and_finishes_them(sandbox, ask):
    asset = upload(ask, photo())
    footage = upload(ask, clip_of(20))
    made = [
        create(ask),
        create(ask, "photo", file={"type": "asset_id", "asset_id": asset}),
        create(ask, "digital_twin", file={"type": "asset_id", "asset_id": footage}),
    ]
    for data in made:
        look = data["avatar_item"]
        assert look["status"] == "processing"
        assert look["preview_image_url"] is None
        assert look["supported_api_engines"] == []
        assert data["avatar_group"]["id"] == look["group_id"]
    sandbox.clock(advance_seconds=30)
    types = []
    for data in made:
        look = ask("GET", f"/v3/avatars/looks/{data['avatar_item']['id']}")["data"]
        assert look["status"] == "completed"
        assert look["image_width"] > 0
        types.append(look["avatar_type"])
        assert ask("GET", f"/v3/avatars/{look['group_id']}")["data"]["status"] == "completed"
    assert types == ["photo_avatar", "photo_avatar", "digital_twin"]
    assert made[2]["avatar_group"]["consent_status"] == "pending"
    assert [row["type"] for row in sandbox.creations()] == ["prompt", "photo", "digital_twin"]


def test_it_shows_the_very_photo_that_was_uploaded(sandbox, ask):
    made = create(ask, "photo", file={"type": "asset_id", "asset_id": upload(ask, photo(colour=(250, 40, 40)))})
    sandbox.clock(advance_seconds=30)
    look = ask("GET", f"/v3/avatars/looks/{made['avatar_item']['id']}")["data"]
    red, green, _blue = photo_colour(sandbox, look["preview_image_url"])
    assert red > 200
    assert green < 90


def photo_colour(sandbox: SandboxServer, url: str) -> tuple[int, int, int]:
    import io

    import requests
    from PIL import Image

    answer = requests.get(url, timeout=20)
    assert answer.headers["Content-Type"] == "image/webp"
    assert len(answer.content) < 40_000
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert max(picture.size) == 720
        return picture.convert("RGB").resize((1, 1)).getpixel((0, 0))


def test_it_pages_through_more_than_120_public_groups(ask):
    seen, token = [], None
    while True:
        page = ask("GET", f"/v3/avatars?ownership=public&limit=50{f'&token={token}' if token else ''}")
        seen += [group["id"] for group in page["data"]]
        token = page["next_token"]
        assert page["has_more"] == (token is not None)
        if token is None:
            break
    assert len(seen) == len(set(seen)) >= 120


def test_it_pages_through_a_group_with_60_looks(ask):
    group = next(row for row in ask("GET", "/v3/avatars?ownership=private")["data"] if row["looks_count"] == 60)
    first = ask("GET", f"/v3/avatars/looks?group_id={group['id']}&limit=50")
    second = ask("GET", f"/v3/avatars/looks?group_id={group['id']}&limit=50&token={first['next_token']}")
    ids = {look["id"] for look in first["data"] + second["data"]}
    assert len(ids) == 60
    assert second["next_token"] is None


def test_it_lists_private_before_public_and_filters_by_type(ask):
    page = ask("GET", "/v3/avatars?limit=50")["data"]
    statuses = [group["status"] for group in page]
    assert statuses[0] is not None
    assert statuses[-1] is None
    for kind in ("studio_avatar", "photo_avatar", "digital_twin"):
        looks = ask("GET", f"/v3/avatars/looks?ownership=public&avatar_type={kind}")["data"]
        assert {look["avatar_type"] for look in looks} == {kind}


@pytest.mark.parametrize(
    "query", ["next_token=x", "limit=0", "limit=51", "limit=ten", "token=made-up", "ownership=mine", "page=2"]
)
def test_it_refuses_a_wrong_query(ask, query):
    assert ask("GET", f"/v3/avatars?{query}", status=400)["error"]["param"] == query.split("=")[0]


def test_it_refuses_a_token_of_another_list(ask):
    token = ask("GET", "/v3/avatars?ownership=public")["next_token"]
    assert ask("GET", f"/v3/avatars?ownership=private&token={token}", status=400)["error"]["param"] == "token"


@pytest.mark.parametrize("headers", [{"X-Api-Key": "wrong"}, {"X-Api-Key": ""}])
def test_it_refuses_a_wrong_key(ask, headers):
    assert ask("GET", "/v3/users/me", status=401, headers=headers)["error"]["code"] == "unauthorized"


WRONG_BODIES = [
    ({"type": "video", "name": "A", "prompt": "x"}, "type"),
    ({"type": "prompt", "prompt": "x"}, "name"),
    ({"type": "prompt", "name": "  ", "prompt": "x"}, "name"),
    ({"type": "prompt", "name": "n" * 81, "prompt": "x"}, "name"),
    ({"type": "prompt", "name": 7, "prompt": "x"}, "name"),
    ({"type": "prompt", "name": "A"}, "prompt"),
    ({"type": "prompt", "name": "A", "prompt": "p" * 1001}, "prompt"),
    ({"type": "prompt", "name": "A", "prompt": "x", "seed": 3}, "seed"),
    ({"type": "prompt", "name": "A", "prompt": "x", "file": None}, "file"),
    ({"type": "photo", "name": "A"}, "file"),
    ({"type": "photo", "name": "A", "file": {"type": "url", "url": "http://example.com/a.jpg"}}, "file"),
    ({"type": "photo", "name": "A", "file": {"type": "url", "url": "https://a/b.jpg", "extra": 1}}, "file"),
    ({"type": "photo", "name": "A", "file": {"type": "base64", "content_type": "image/png", "data": "AA"}}, "file"),
    ({"type": "photo", "name": "A", "file": {"type": "url", "url": "https://files.invalid/a.jpg"}}, "file"),
    ({"type": "prompt", "name": "A", "prompt": "x", "reference_images": "https://a/b.jpg"}, "reference_images"),
    (
        {"type": "prompt", "name": "A", "prompt": "x", "reference_images": [{"type": "url", "url": "https://a/b"}] * 4},
        "reference_images",
    ),
]


@pytest.mark.parametrize(("body", "param"), WRONG_BODIES)
def test_it_refuses_a_wrong_creation_by_the_name_of_its_field(sandbox, ask, body, param):
    assert ask("POST", "/v3/avatars", status=400, json=body)["error"]["param"] == param
    assert sandbox.creations() == []


def test_it_takes_nulls_where_the_description_allows_them(ask):
    create(ask, avatar_group_id=None, avatar_id=None, reference_images=None)


def test_it_takes_base64_and_urls(sandbox, ask):
    data = base64.b64encode(photo()).decode()
    create(ask, "photo", file={"type": "base64", "media_type": "image/jpeg", "data": data})
    create(ask, "digital_twin", file={"type": "url", "url": "https://example.com/footage.mp4"})
    create(ask, reference_images=[{"type": "url", "url": "https://example.com/a.png"}] * 3)
    assert len(sandbox.creations()) == 3


def test_it_fetches_a_url_on_this_machine_and_refuses_what_is_no_file(sandbox, ask):
    asset = upload(ask, photo(), "a.jpg")
    create(ask, "photo", file={"type": "url", "url": f"{sandbox.url}/_assets/{asset}"})
    page = {"type": "photo", "name": "A", "file": {"type": "url", "url": f"{sandbox.url}/"}}
    assert ask("POST", "/v3/avatars", status=400, json=page)["error"]["code"] == "download_failed"


def test_it_refuses_small_flat_and_broken_photos(sandbox, ask):
    small = upload(ask, photo(size=(400, 900)))
    flat = upload(ask, photo(flat=True))
    broken = upload(ask, photo()[:400])
    footage = upload(ask, clip_of(20))
    messages = []
    for asset in (small, flat, broken, footage):
        body = {"type": "photo", "name": "A", "file": {"type": "asset_id", "asset_id": asset}}
        messages.append(ask("POST", "/v3/avatars", status=400, json=body)["error"]["message"])
    assert "512" in messages[0]
    assert "No face" in messages[1]
    assert "readable" in messages[2]
    assert "readable" in messages[3]


@pytest.mark.parametrize(("seconds", "status"), [(8, "failed"), (16, "completed"), (590, "completed"), (620, "failed")])
def test_it_judges_the_length_of_footage_only_in_training(sandbox, ask, seconds, status):
    footage = upload(ask, clip_of(seconds))
    made = create(ask, "digital_twin", file={"type": "asset_id", "asset_id": footage})
    sandbox.clock(advance_seconds=30)
    look = ask("GET", f"/v3/avatars/looks/{made['avatar_item']['id']}")["data"]
    assert look["status"] == status
    assert (look["error"] or {}).get("code") == ("training_failed" if status == "failed" else None)
    assert len(sandbox.creations()) == 1


def test_it_adds_looks_to_a_group_and_follows_a_reference_look(sandbox, ask):
    first = create(ask)
    group = first["avatar_group"]["id"]
    assert create(ask, avatar_group_id=group)["avatar_group"]["looks_count"] == 2
    too_early = {"type": "prompt", "name": "A", "prompt": "x", "avatar_id": first["avatar_item"]["id"]}
    assert ask("POST", "/v3/avatars", status=400, json=too_early)["error"]["param"] == "avatar_id"
    sandbox.clock(advance_seconds=30)
    assert create(ask, avatar_id=first["avatar_item"]["id"])["avatar_group"]["id"] == group
    stranger = create(ask)["avatar_group"]["id"]
    ask("POST", "/v3/avatars", status=400, json=too_early | {"avatar_group_id": stranger})
    unknown = {"type": "prompt", "name": "A", "prompt": "x"}
    missing = ask("POST", "/v3/avatars", status=404, json=unknown | {"avatar_group_id": "0" * 32})
    assert missing["error"]["code"] == "avatar_group_not_found"
    missing = ask("POST", "/v3/avatars", status=404, json=unknown | {"avatar_id": "0" * 32})
    assert missing["error"]["code"] == "avatar_not_found"
    public = ask("GET", "/v3/avatars?ownership=public&limit=1")["data"][0]["id"]
    ask("POST", "/v3/avatars", status=403, json=unknown | {"avatar_group_id": public})


def test_it_renames_and_deletes(ask):
    made = create(ask)
    look, group = made["avatar_item"]["id"], made["avatar_group"]["id"]
    assert ask("PATCH", f"/v3/avatars/looks/{look}", json={"name": "New"})["data"]["name"] == "New"
    ask("PATCH", f"/v3/avatars/looks/{look}", status=400, json={"title": "New"})
    assert ask("DELETE", f"/v3/avatars/looks/{look}")["data"] == {"id": look}
    ask("GET", f"/v3/avatars/{group}", status=404)
    other = create(ask)["avatar_group"]["id"]
    assert ask("DELETE", f"/v3/avatars/{other}")["data"] == {"id": other}
    public = ask("GET", "/v3/avatars/looks?ownership=public&limit=1")["data"][0]
    ask("DELETE", f"/v3/avatars/looks/{public['id']}", status=403)
    ask("DELETE", f"/v3/avatars/{public['group_id']}", status=403)


def test_it_answers_account_assets_and_webhooks(sandbox, ask):
    assert ask("GET", "/v3/users/me")["data"]["wallet"]["currency"] == "usd"
    asset = upload(ask, photo(), "me.jpg")
    assert ask("GET", f"/v3/assets/{asset}")["data"]["name"] == "me.jpg"
    rows = ask("GET", f"/v3/assets/statuses?asset_ids={asset},{'0' * 32}")["data"]
    assert [row["status"] for row in rows] == ["completed", "not_found"]
    assert ask("DELETE", f"/v3/assets/{asset}")["data"] == {"id": asset}
    ask("GET", f"/v3/assets/{asset}", status=404)
    hook = ask("POST", "/v3/webhooks/endpoints", json={"url": "https://example.com/hook", "events": None})["data"]
    assert hook["secret"].startswith("whsec_")
    assert ask("GET", "/v3/webhooks/endpoints")["data"][0]["secret"] is None
    path = f"/v3/webhooks/endpoints/{hook['endpoint_id']}"
    assert ask("PATCH", path, json={"events": ["instant_avatar.success"]})["data"]["events"] == [
        "instant_avatar.success"
    ]
    assert ask("POST", f"{path}/rotate-secret", json={})["data"]["secret"] != hook["secret"]
    ask("DELETE", path)
    assert ask("DELETE", path, status=404)["error"]["code"] == "webhook_not_found"
    assert len(ask("GET", "/v3/webhooks/event-types")["data"]) == 30
    assert ask("GET", "/v3/webhooks/events")["data"] == []
    ask("POST", "/v3/webhooks/endpoints", status=400, json={"url": "http://example.com/hook"})


def test_it_gates_videos_by_training_and_consent(sandbox, ask):
    twin = create(ask, "digital_twin", file={"type": "url", "url": "https://example.com/footage.mp4"})
    body = {"type": "avatar", "avatar_id": twin["avatar_item"]["id"], "script": "Hello"}
    group = twin["avatar_group"]["id"]

    def refusal(**more: Any) -> str:
        answer = sandbox.call("POST", "/v3/videos", json=body | more)
        return answer.json()["error"]["code"]

    assert refusal() == "resource_not_ready"
    sandbox.clock(advance_seconds=30)
    assert refusal() == "avatar_consent_required"
    assert refusal(avatar_id=group) == "avatar_not_found"
    sandbox.consent(group, "approve")
    assert refusal(surplus=1) == "invalid_parameter"
    assert refusal(engine={"type": "avatar_9"}) == "invalid_parameter"
    video = sandbox.call("POST", "/v3/videos", json=body | {"engine": {"type": "avatar_iv"}}).json()["data"]
    assert video["status"] == "waiting"
    sandbox.clock(advance_seconds=10)
    done = sandbox.call("GET", f"/v3/videos/{video['video_id']}").json()["data"]
    assert done["status"] == "completed"
    assert sandbox.call("GET", done["video_url"].removeprefix(sandbox.url)).content[4:8] == b"ftyp"


def test_it_serves_private_previews_only_by_a_living_signature(sandbox, ask):
    made = create(ask)
    sandbox.clock(advance_seconds=30)
    path = f"/v3/avatars/looks/{made['avatar_item']['id']}"

    def preview() -> str:
        return ask("GET", path)["data"]["preview_image_url"].removeprefix(sandbox.url)

    url = preview()
    assert {"Expires", "Signature", "Key-Pair-Id"} <= {pair.split("=")[0] for pair in url.split("?")[1].split("&")}
    assert sandbox.call("GET", url).status_code == 200
    assert sandbox.call("GET", url.split("?")[0]).status_code == 403
    assert sandbox.call("GET", url.replace("Expires=1", "Expires=2")).status_code == 403
    sandbox.clock(advance_seconds=604_801)
    assert sandbox.call("GET", url).status_code == 403
    url = preview()
    sandbox.control(f"groups/{made['avatar_group']['id']}/expire-previews", {})
    assert sandbox.call("GET", url).status_code == 403
    public = ask("GET", "/v3/avatars?ownership=public&limit=1")["data"][0]
    assert "?" not in public["preview_image_url"]
    clip = sandbox.call("GET", public["preview_image_url"].removeprefix(sandbox.url).replace("webp", "mp4"))
    assert clip.headers["Accept-Ranges"] == "bytes"
    assert len(clip.content) < 150_000
