"""Each switch of the sandbox does what it says, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox_server import SandboxServer

FOOTAGE = {"type": "url", "url": "https://example.com/footage.mp4"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset()
    return server


def create(sandbox: SandboxServer, kind: str = "prompt", name: str = "Anna") -> dict[str, Any]:
    extra = {"prompt": "A woman"} if kind == "prompt" else {"file": FOOTAGE}
    answer = sandbox.call("POST", "/v3/avatars", json={"type": kind, "name": name, **extra})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def group(sandbox: SandboxServer, uid: str) -> dict[str, Any]:
    return sandbox.call("GET", f"/v3/avatars/{uid}").json()["data"]


def look(sandbox: SandboxServer, uid: str) -> dict[str, Any]:
    return sandbox.call("GET", f"/v3/avatars/looks/{uid}").json()["data"]


def link(sandbox: SandboxServer, uid: str, **body: Any) -> str:
    answer = sandbox.call("POST", f"/v3/avatars/{uid}/consent", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["url"]


def answer_page(url: str, answer: str) -> requests.Response:
    return requests.post(url, data={"answer": answer}, allow_redirects=False, timeout=10)


@pytest.mark.parametrize("word", ["accepted", "approved", "verified_by_partner"])
def test_it_calls_a_given_consent_by_the_chosen_word(sandbox, word):
    sandbox.switch(granted_word=word)
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    sandbox.consent(uid, "approve")
    assert group(sandbox, uid)["consent_status"] == word


def test_it_trains_only_after_consent_when_consent_gates_training(sandbox):
    sandbox.switch(consent_gates_training="yes")
    made = create(sandbox, "digital_twin")
    look_id, group_id = made["avatar_item"]["id"], made["avatar_group"]["id"]
    sandbox.clock(advance_seconds=100)
    assert look(sandbox, look_id)["status"] == group(sandbox, group_id)["status"] == "pending_consent"
    sandbox.consent(group_id, "approve")
    assert look(sandbox, look_id)["status"] == "processing"
    sandbox.clock(advance_seconds=21)
    assert look(sandbox, look_id)["status"] == "completed"


def test_it_refuses_or_links_consent_for_a_prompt_character(sandbox):
    uid = create(sandbox)["avatar_group"]["id"]
    answer = sandbox.call("POST", f"/v3/avatars/{uid}/consent", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    sandbox.switch(consent_on_photo="url")
    assert "/consent/" in link(sandbox, uid)


@pytest.mark.parametrize(("value", "status"), [("old_dies", 410), ("old_lives", 200)])
def test_it_lets_an_old_link_die_or_live_when_a_new_one_is_issued(sandbox, value, status):
    sandbox.switch(reissue=value)
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    old, new = link(sandbox, uid), link(sandbox, uid)
    assert requests.get(old, timeout=10).status_code == status
    assert requests.get(new, timeout=10).status_code == 200


def test_it_refuses_or_links_again_after_consent_was_given(sandbox):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    sandbox.consent(uid, "approve")
    answer = sandbox.call("POST", f"/v3/avatars/{uid}/consent", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    sandbox.switch(reissue_after_grant="url")
    assert link(sandbox, uid)


def test_it_redirects_barely_with_parameters_or_not_at_all(sandbox):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    places = []
    for value in ("bare", "parameters", "none"):
        sandbox.switch(reroute_redirect=value)
        url = link(sandbox, uid, reroute_url="https://portal.example.com/back?a=1")
        policy = requests.get(url, timeout=10).headers["Content-Security-Policy"]
        assert "form-action 'self' https://portal.example.com;" in policy
        places.append(answer_page(url, "refuse").headers["Location"])
    assert places[0] == "https://portal.example.com/back?a=1"
    assert places[1] == "https://portal.example.com/back?a=1&consent_status=rejected&source=heygen"
    assert places[2].startswith("/consent/")


@pytest.mark.parametrize(
    ("answer", "word"), [("approve", "accepted"), ("refuse", "rejected"), ("mismatch", "rejected")]
)
def test_its_consent_page_takes_each_answer_once(sandbox, answer, word):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    url = link(sandbox, uid)
    page = requests.get(url, timeout=10)
    assert "Sandbox: stands in for HeyGen" in page.text
    assert "<script" not in page.text
    done = answer_page(url, answer)
    assert requests.get(sandbox.url + done.headers["Location"], timeout=10).status_code == 200
    assert group(sandbox, uid)["consent_status"] == word
    assert requests.get(url, timeout=10).status_code == 410


def test_its_consent_links_expire_by_hand_and_after_a_day(sandbox):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    url = link(sandbox, uid)
    answer_page(url, "expire")
    assert "expired" in requests.get(url, timeout=10).text
    assert group(sandbox, uid)["consent_status"] == "pending"
    url = link(sandbox, uid)
    sandbox.clock(advance_seconds=24 * 3600 - 60)
    assert requests.get(url, timeout=10).status_code == 200
    sandbox.clock(advance_seconds=61)
    assert requests.get(url, timeout=10).status_code == 410
    assert answer_page(url, "approve").status_code == 410
    assert group(sandbox, uid)["consent_status"] == "pending"


def test_its_consent_page_ignores_a_foreign_form(sandbox):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    foreign = {"Origin": "https://elsewhere.example"}
    answer = requests.post(link(sandbox, uid), data={"answer": "approve"}, headers=foreign, timeout=10)
    assert answer.status_code == 400
    assert group(sandbox, uid)["consent_status"] == "pending"


def test_it_names_types_and_engines_as_chosen(sandbox):
    sandbox.switch(prompt_avatar_type="future_avatar", engine_names="avatar_4")
    uid = create(sandbox)["avatar_item"]["id"]
    sandbox.clock(advance_seconds=13)
    found = look(sandbox, uid)
    assert found["avatar_type"] == "future_avatar"
    assert found["supported_api_engines"] == ["avatar_4_quality", "avatar_4_turbo"]


@pytest.mark.parametrize(("value", "status"), [("group_vanishes", 404), ("group_stays", 200)])
def test_it_keeps_or_drops_a_group_without_looks(sandbox, value, status):
    sandbox.switch(last_look_deleted=value)
    made = create(sandbox)
    sandbox.call("DELETE", f"/v3/avatars/looks/{made['avatar_item']['id']}")
    assert sandbox.call("GET", f"/v3/avatars/{made['avatar_group']['id']}").status_code == status


def test_its_group_status_can_lie(sandbox):
    failed = create(sandbox, name="[fault:training-failed] Anna")
    sandbox.clock(advance_seconds=13)
    uid = failed["avatar_group"]["id"]
    assert group(sandbox, uid)["status"] == "failed"
    assert group(sandbox, uid)["error"]["code"] == "training_failed"
    sandbox.switch(group_status="completed_while_failed")
    assert group(sandbox, uid)["status"] == "completed"
    assert look(sandbox, failed["avatar_item"]["id"])["status"] == "failed"
    sandbox.switch(group_status="early_10s")
    early = create(sandbox)
    sandbox.clock(advance_seconds=5)
    assert group(sandbox, early["avatar_group"]["id"])["status"] == "completed"
    assert look(sandbox, early["avatar_item"]["id"])["status"] == "processing"


@pytest.mark.parametrize(
    ("value", "item", "whole"),
    [("both", True, True), ("null_item", False, True), ("null_group", True, False), ("null_both", False, False)],
)
def test_it_leaves_objects_out_of_the_answer_to_a_creation(sandbox, value, item, whole):
    sandbox.switch(create_returns=value)
    made = create(sandbox)
    assert (made["avatar_item"] is not None, made["avatar_group"] is not None) == (item, whole)
    assert len(sandbox.creations()) == 1


def test_it_creates_and_yet_answers_conflict_or_nothing(sandbox):
    sandbox.switch(create_returns="conflict_but_created")
    body = {"type": "prompt", "name": "Anna", "prompt": "A woman"}
    answer = sandbox.call("POST", "/v3/avatars", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    sandbox.switch(create_returns="timeout_but_created", slow_seconds=0.4)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        sandbox.call("POST", "/v3/avatars", key="k", json=body)
    assert time.monotonic() - started >= 0.4
    assert len(sandbox.creations()) == 2
    sandbox.switch(create_returns="both")
    assert sandbox.call("POST", "/v3/avatars", key="k", json=body).status_code == 200
    assert len(sandbox.creations()) == 2


@pytest.mark.parametrize(("value", "word"), [("pending", "pending"), ("null", None), ("skipped", "skipped")])
def test_it_starts_a_twin_with_the_chosen_consent(sandbox, value, word):
    sandbox.switch(twin_consent=value)
    made = create(sandbox, "digital_twin")
    assert made["avatar_group"]["consent_status"] == word
    sandbox.clock(advance_seconds=21)
    body = {"type": "avatar", "avatar_id": made["avatar_item"]["id"], "script": "Hello"}
    assert sandbox.call("POST", "/v3/videos", json=body).status_code == (400 if word == "pending" else 200)


def test_it_guards_what_is_for_enterprise_customers(sandbox):
    uid = create(sandbox, "digital_twin")["avatar_group"]["id"]
    path = f"/v3/avatars/{uid}/consent"
    assert sandbox.call("POST", path, json={"consent_text": "I allow <b>it</b>"}).status_code == 400
    assert sandbox.call("POST", path, json={"consent_text": "t" * 1001}).status_code == 400
    assert sandbox.call("POST", path, json={"consent_text": "I allow it"}).status_code == 403
    assert sandbox.call("POST", path, json={"consent_video": FOOTAGE}).status_code == 403
    assert sandbox.call("POST", path, json={"consent_video": FOOTAGE, "reroute_url": "https://a/b"}).status_code == 400
    sandbox.switch(consent_text="allowed", consent_video="allowed")
    assert "I allow it" in requests.get(link(sandbox, uid, consent_text="I allow it"), timeout=10).text
    data = sandbox.call("POST", path, json={"consent_video": FOOTAGE}).json()["data"]
    assert "url" not in data
    assert data["avatar_group"]["consent_status"] == "accepted"


@pytest.mark.parametrize("billing", ["wallet", "subscription", "usage_based", "null"])
def test_it_bills_in_the_chosen_way(sandbox, billing):
    sandbox.switch(billing=billing)
    data = sandbox.call("GET", "/v3/users/me").json()["data"]
    filled = [name for name in ("wallet", "subscription", "usage_based") if data[name] is not None]
    assert filled == ([] if billing == "null" else [billing])


def test_it_refuses_an_unknown_switch_or_value_and_changes_nothing(sandbox):
    for wrong in ({"granted_word": "maybe"}, {"unheard_of": "x"}, {"slow_seconds": -1}):
        with pytest.raises(ValueError, match="error"):
            sandbox.switch(reissue="old_lives", **wrong)
    assert sandbox.control("switches")["switches"]["reissue"]["value"] == "old_dies"


class _Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    got: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        self.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def received() -> Iterator[tuple[str, list[Any]]]:
    got: list[Any] = []
    handler = type("Receiver", (_Receiver,), {"got": got})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/hook", got
        listening.shutdown()
        thread.join()


def wait_for(got: list[Any], count: int) -> None:
    deadline = time.monotonic() + 8
    while len(got) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(got) == count


@pytest.mark.parametrize(("value", "header"), [("heygen_signature", "Heygen-Signature"), ("signature", "Signature")])
def test_it_signs_webhooks_in_the_chosen_header(sandbox, received, value, header):
    url, got = received
    sandbox.switch(webhooks=value, webhook_duplicates="yes")
    secret = sandbox.call("POST", "/v3/webhooks/endpoints", json={"url": url}).json()["data"]["secret"]
    made = create(sandbox, "digital_twin")
    sandbox.clock(advance_seconds=21)
    wait_for(got, 2)
    headers, body = got[0]
    assert headers[header] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    event = json.loads(body)
    assert event["event_type"] == "instant_avatar.success"
    assert event["event_data"]["avatar_id"] == made["avatar_item"]["id"]
    assert got[0][1] == got[1][1]
    assert len(sandbox.call("GET", "/v3/webhooks/events").json()["data"]) == 1


def test_it_keeps_quiet_about_twins_and_when_webhooks_are_off(sandbox, received):
    url, got = received
    sandbox.call("POST", "/v3/webhooks/endpoints", json={"url": url})
    create(sandbox)
    sandbox.clock(advance_seconds=30)
    time.sleep(0.4)
    assert got == []
    sandbox.switch(webhooks="signature", webhook_twins="none")
    wait_for(got, 1)
    create(sandbox, "digital_twin")
    create(sandbox, name="[fault:training-failed] Bea")
    sandbox.clock(advance_seconds=30)
    wait_for(got, 2)
    time.sleep(0.4)
    assert sorted(json.loads(body)["event_type"] for _headers, body in got) == [
        "photo_avatar_generation.fail",
        "photo_avatar_generation.success",
    ]
