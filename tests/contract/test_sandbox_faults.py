"""Failures on demand, idempotency keys, and a state that survives."""

from __future__ import annotations

import concurrent.futures
import email.utils
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox_server import REPOSITORY, SandboxServer


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> SandboxServer:
    server.reset()
    server.switch(slow_seconds=0.5)
    return server


def post(sandbox: SandboxServer, name: str, *, key: str | None = None, prompt: str = "A woman") -> requests.Response:
    return sandbox.call("POST", "/v3/avatars", key=key, json={"type": "prompt", "name": name, "prompt": prompt})


REFUSALS = [
    ("401", 401, "unauthorized"),
    ("402", 402, "insufficient_credit"),
    ("403", 403, "forbidden"),
    ("413", 413, "payload_too_large"),
    ("quota", 429, "quota_exceeded"),
    ("limit", 400, "resource_limit_reached"),
    ("moderation", 400, "content_policy_violation"),
    ("download", 400, "download_failed"),
    ("no-face", 400, None),
]


@pytest.mark.parametrize(("kind", "status", "code"), REFUSALS)
def test_a_marker_refuses_for_good(sandbox, kind, status, code):
    for _attempt in range(2):
        answer = post(sandbox, f"[fault:{kind}] Anna")
        assert (answer.status_code, answer.json()["error"].get("code")) == (status, code)
    assert sandbox.creations() == []


PASSING = [("409", 409), ("429", 429), ("429date", 429), ("500", 500), ("503", 503), ("504", 504), ("asset-404", 404)]


@pytest.mark.parametrize(("kind", "status"), PASSING)
def test_a_marker_strikes_once_and_then_lets_the_deed_through(sandbox, kind, status):
    answer = post(sandbox, f"[fault:{kind}] Anna", key="first")
    assert answer.status_code == status
    wait = answer.headers.get("Retry-After")
    if kind == "429":
        assert wait == "2"
    if kind == "429date":
        assert -5 < email.utils.parsedate_to_datetime(wait).timestamp() - time.time() < 5
    assert post(sandbox, f"[fault:{kind}] Anna", key="second").status_code == 200
    assert len(sandbox.creations()) == 1


def test_a_marker_strikes_as_often_as_it_says_and_anew_for_the_next_deed(sandbox):
    for _deed in range(2):
        statuses = [post(sandbox, "Anna", prompt="[fault:500x2] A woman").status_code for _attempt in range(3)]
        assert statuses == [500, 500, 200]


def test_a_marker_breaks_the_answer_or_the_connection(sandbox):
    assert post(sandbox, "[fault:502] A").headers["Content-Type"] == "text/html"
    empty = post(sandbox, "[fault:empty] A")
    assert (empty.status_code, empty.content) == (502, b"")
    with pytest.raises(requests.ConnectionError):
        post(sandbox, "[fault:reset] A")
    assert sandbox.creations() == []
    with pytest.raises(requests.ConnectionError):
        post(sandbox, "[fault:dropped] A")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(sandbox, "[fault:half] A")
    cut = post(sandbox, "[fault:cut] A")
    assert cut.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        cut.json()
    assert len(sandbox.creations()) == 3


def test_a_creation_whose_answer_was_lost_is_replayed_for_its_key(sandbox):
    for number, kind in enumerate(("dropped", "half", "timeout-created"), start=1):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            post(sandbox, f"[fault:{kind}] A", key=kind)
        answer = post(sandbox, f"[fault:{kind}] A", key=kind)
        assert answer.status_code == 200
        assert answer.json()["data"]["avatar_item"]["id"] == sandbox.creations()[-1]["id"]
        assert len(sandbox.creations()) == number
    assert [row["replayed"] for row in sandbox.requests()] == [False, True] * 3


def test_a_slow_call_blocks_its_key_but_nobody_else(sandbox):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(post, sandbox, "[fault:slow] A", key="k")
        time.sleep(0.15)
        answer = post(sandbox, "[fault:slow] A", key="k")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "request_in_progress")
        assert post(sandbox, "B").status_code == 200
        assert slow.result().status_code == 200
    assert post(sandbox, "[fault:slow] A", key="k").json() == slow.result().json()


def test_created_though_refused_is_made_once_a_key(sandbox):
    assert post(sandbox, "[fault:409-created] A", key="k").json()["error"]["code"] == "conflict"
    assert post(sandbox, "[fault:409-created] A", key="k").status_code == 409
    assert [row["key"] for row in sandbox.creations()] == ["k"]


def test_markers_reach_uploads_consent_and_moderation_after_the_fact(sandbox):
    files = {"file": ("[fault:500] me.srt", b"1\n00:00 --> 00:01\nHi\n")}
    assert sandbox.call("POST", "/v3/assets", files=files).status_code == 500
    twin = {"type": "digital_twin", "name": "[fault:consent-503] A", "file": {"type": "url", "url": "https://a.com/b"}}
    group = sandbox.call("POST", "/v3/avatars", json=twin).json()["data"]["avatar_group"]["id"]
    statuses = [sandbox.call("POST", f"/v3/avatars/{group}/consent", json={}).status_code for _attempt in range(2)]
    assert statuses == [503, 200]
    look = post(sandbox, "[fault:not-usable] A").json()["data"]["avatar_item"]["id"]
    sandbox.clock(advance_seconds=30)
    body = {"type": "avatar", "avatar_id": look, "script": "Hello"}
    assert sandbox.call("POST", "/v3/videos", json=body).json()["error"]["code"] == "avatar_not_usable"


def test_queued_faults_strike_the_calls_they_name(sandbox):
    sandbox.faults(method="GET", path_prefix="/v3/users", kind="503", times=2)
    assert sandbox.call("GET", "/v3/avatars").status_code == 200
    statuses = [sandbox.call("GET", "/v3/users/me").status_code for _number in range(3)]
    assert statuses == [503, 503, 200]
    with pytest.raises(ValueError, match="no fault"):
        sandbox.faults(kind="flood")
    assert [row["fault"] for row in sandbox.requests()] == ["", "503", "503", ""]


def random_row(sandbox: SandboxServer, seed: int) -> list[str]:
    sandbox.switch(random_faults={"rate": 0.5, "seed": seed, "kinds": ["429", "500", "502", "503"]})
    after = max((row["id"] for row in sandbox.requests()), default=0)
    for _number in range(24):
        sandbox.call("GET", "/v3/users/me")
    return [row["fault"] for row in sandbox.requests(after=after)]


def test_random_faults_follow_their_seed(sandbox):
    first = random_row(sandbox, 7)
    assert first == random_row(sandbox, 7)
    assert first != random_row(sandbox, 8)
    assert 4 < sum(1 for fault in first if fault) < 20


def test_random_faults_never_make_two_avatars_for_one_key(sandbox):
    sandbox.switch(random_faults={"rate": 0.6, "seed": 3, "slow_seconds": 0})
    outcomes: Counter[str] = Counter()
    for number in range(12):
        for _attempt in range(30):
            try:
                answer = post(sandbox, f"Avatar {number}", key=f"key-{number}")
                made = answer.status_code == 200 and answer.json()["data"]["avatar_item"]["name"] == f"Avatar {number}"
            except (requests.RequestException, ValueError):
                made = False
            outcomes["made" if made else "failed"] += 1
            if made:
                break
    sandbox.switch(random_faults={"rate": 0})
    assert outcomes["made"] == 12
    assert outcomes["failed"] > 3
    assert Counter(row["name"] for row in sandbox.creations()) == {f"Avatar {number}": 1 for number in range(12)}


def test_a_key_replays_whatever_the_body_for_a_day(sandbox):
    first = post(sandbox, "Anna", key="k")
    assert post(sandbox, "Bea", key="k").json() == first.json()
    assert post(sandbox, "", key="k").json() == first.json()
    group = first.json()["data"]["avatar_group"]["id"]
    other_path = sandbox.call("POST", f"/v3/avatars/{group}/consent", key="k", json={})
    assert other_path.status_code == 400
    sandbox.clock(advance_seconds=24 * 3600 + 1)
    assert post(sandbox, "Bea", key="k").json() != first.json()
    assert [row["name"] for row in sandbox.creations()] == ["Anna", "Bea"]


@pytest.mark.parametrize(("value", "status"), [("replayed", 400), ("forgotten", 200)])
def test_a_refusal_is_replayed_or_forgotten(sandbox, value, status):
    sandbox.switch(idempotency_errors=value)
    assert post(sandbox, "", key="k").status_code == 400
    assert post(sandbox, "Anna", key="k").status_code == status
    assert post(sandbox, "[fault:500] B", key="again").status_code == 500
    assert post(sandbox, "[fault:500] B", key="again").status_code == 200


def test_a_key_of_the_wrong_shape_is_refused(sandbox):
    for key in ("with space", "k" * 256, "ü".encode().decode("latin-1")):
        assert post(sandbox, "Anna", key=key).json()["error"]["param"] == "Idempotency-Key"


def test_many_at_once_with_one_key_make_one(sandbox):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: post(sandbox, "Anna", key="k"), range(24)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(sandbox.creations()) == 1


def test_its_log_shows_the_calls_and_shortens_long_bodies(sandbox):
    post(sandbox, "Anna", key="k", prompt="p" * 900)
    row = sandbox.requests()[-1]
    assert (row["method"], row["path"], row["status"], row["key"]) == ("POST", "/v3/avatars", 200, "k")
    assert '"name": "Anna"' in row["body"]
    assert len(row["body"]) < 500


def test_its_control_endpoints_answer_only_this_machine(sandbox):
    url = f"{sandbox.url}/_sandbox/switches"
    assert requests.get(url, headers={"Host": "evil.example"}, timeout=10).status_code == 403
    assert requests.get(url, headers={"Origin": "https://evil.example"}, timeout=10).status_code == 403
    assert requests.get(url, timeout=10).status_code == 200
    form = requests.post(f"{sandbox.url}/reset", headers={"Origin": "https://evil.example"}, timeout=10)
    assert form.status_code == 403


def test_its_home_page_shows_every_switch_and_marker_and_takes_its_forms(sandbox):
    page = requests.get(sandbox.url, timeout=10).text
    known = sandbox.control("switches")["switches"]
    assert [name for name in known if f'name="{name}"' not in page] == []
    kinds = sandbox.control("faults")["kinds"]
    assert [kind for kind in kinds if f"[fault:{kind}]" not in page] == []
    requests.post(f"{sandbox.url}/switches", data={"granted_word": "approved"}, timeout=10)
    requests.post(f"{sandbox.url}/clock", data={"scale": "20"}, timeout=10)
    requests.post(f"{sandbox.url}/random-faults", data={"percent": "5", "kinds": ["429"], "seed": "4"}, timeout=10)
    after = sandbox.control("switches")
    assert after["switches"]["granted_word"]["value"] == "approved"
    assert (after["random_faults"]["rate"], after["random_faults"]["kinds"]) == (0.05, ["429"])
    assert sandbox.control("clock")["scale"] == 20


def test_more_groups_and_looks_can_be_seeded(sandbox):
    uid = sandbox.control("seed", {"private_groups": 3, "looks_in_one_group": 200})["group_ids"][0]
    assert sandbox.call("GET", f"/v3/avatars/{uid}").json()["data"]["looks_count"] == 200
    assert sandbox.control("seed", {"private_groups": 2})["group_ids"] != [uid]


def test_a_restart_loses_nothing(tmp_path):
    with SandboxServer(state_dir=tmp_path, speed=1) as own:
        own.switch(granted_word="approved")
        made = post(own, "Anna", key="k").json()["data"]
        own.clock(advance_seconds=5)
        preview: dict[str, Any] = own.call("GET", "/v3/avatars?limit=50").json()["data"][5]
        own.restart(kill=True)
        assert own.control("switches")["switches"]["granted_word"]["value"] == "approved"
        assert post(own, "Other", key="k").json()["data"] == made
        path = f"/v3/avatars/looks/{made['avatar_item']['id']}"
        assert own.call("GET", path).json()["data"]["status"] == "processing"
        own.clock(advance_seconds=8)
        assert own.call("GET", path).json()["data"]["status"] == "completed"
        assert requests.get(preview["preview_image_url"], timeout=10).status_code == 200
        assert len(own.creations()) == 1
        process = own.process
    assert process is not None
    assert process.poll() is not None


def test_a_taken_port_is_said_in_one_sentence(sandbox):
    with pytest.raises(RuntimeError, match=f"Port {sandbox.port} on 127.0.0.1 is taken") as caught:
        SandboxServer(port=sandbox.port).start()
    assert "Traceback" not in str(caught.value)


def test_the_management_command_starts_it_and_says_when_the_port_is_taken(sandbox, tmp_path):
    import os
    import subprocess
    import sys

    command = [sys.executable, "manage.py", "run_sandbox", "--port", str(sandbox.port), "--state-dir", str(tmp_path)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert f"Port {sandbox.port} on 127.0.0.1 is taken" in ended.stderr
    assert "Traceback" not in ended.stderr
    own = SandboxServer(state_dir=tmp_path)
    own.start(command=[sys.executable, "manage.py", "run_sandbox"])
    try:
        assert sandbox.call("GET", "/v3/users/me").status_code == 200
        assert own.call("GET", "/v3/users/me").status_code == 200
    finally:
        own.stop()
    assert (tmp_path / "sandbox.sqlite3").exists()
