"""The portal as an operator starts it: one command, real processes, real signals."""

import os
import re
import signal
import socket
import time

import pytest
import requests

from tests.portal_server import PortalServer

PARTS = ("gunicorn heygen_portal.wsgi", "run_worker", "gunicorn heygen_portal.sandbox", "guard.py")


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """One portal for the tests that leave it as they found it."""
    with PortalServer(tmp_path_factory.mktemp("up") / "portal") as server:
        yield server


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


def sign_in(server, name):
    session = requests.Session()
    page = session.get(f"{server.url}/accounts/login/", timeout=10)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text).group(1)
    answer = session.post(
        f"{server.url}/accounts/login/",
        data={"login": name, "password": server.password, "csrfmiddlewaretoken": token},
        allow_redirects=False,
        timeout=10,
    )
    return session, answer


def test_it_is_ready_and_says_where_and_how_to_sign_in(up):
    assert up.status_of("/readyz") == 200
    assert up.status_of("/healthz") == 200
    assert up.logs().count("Ready") == 1
    assert f"Ready: {up.url}/" in up.logs()
    for name in ("marketer", "lead", "admin"):
        assert re.search(rf"^  {name} +{re.escape(up.password)} ", up.logs(), re.MULTILINE)


@pytest.mark.parametrize("name", ["marketer", "lead", "admin"])
def test_it_lets_each_demo_account_in(up, name):
    session, answer = sign_in(up, name)
    assert answer.status_code == 302
    assert session.get(f"{up.url}/", timeout=10).status_code == 200


def test_it_serves_static_files_compressed_and_for_ever(up):
    page = requests.get(f"{up.url}/accounts/login/", timeout=10).text
    address = re.search(r'href="(/static/[^"]+\.css)"', page).group(1)
    answer = requests.get(up.url + address, timeout=10)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"


def test_it_refuses_a_second_start_on_the_same_data(up):
    second = PortalServer(up.data_dir)
    second.launch()
    line = second.wait_for("already running")
    assert f"process {up.process.pid}" in line
    assert second.process.wait(10) == 1
    second.stop()
    assert "Traceback" not in second.logs()
    assert up.status_of("/readyz") == 200


@pytest.mark.parametrize("part", PARTS)
def test_it_starts_a_killed_part_again(up, part):
    before = up.ids_of(part)
    assert before
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: up.ids_of(part) and not set(up.ids_of(part)) & {before[0]})
    wait_until(lambda: up.status_of("/readyz") == 200)


def test_it_answers_a_large_upload_of_a_stranger_before_it_has_arrived(up):
    with socket.create_connection(("127.0.0.1", up.port), 10) as connection:
        connection.sendall(
            b"POST /create/photo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + b"-" * 100_000
        )
        connection.settimeout(5)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_it_lets_a_client_that_sends_everything_first_read_the_refusal(up):
    """Many programs look for the answer only afterwards; hanging up at once would lose it to them."""
    with socket.create_connection(("127.0.0.1", up.port), 10) as connection:
        connection.sendall(b"POST /create/photo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n")
        for _ in range(300):
            connection.sendall(b"-" * 100_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_it_writes_no_address_of_a_visitor_into_its_output(up):
    requests.get(f"{up.url}/accounts/login/?next=/marked-for-this-test/", timeout=10)
    assert "marked-for-this-test" not in up.logs()


def test_it_leaves_nothing_behind_after_ctrl_c(tmp_path):
    server = PortalServer(tmp_path / "portal")
    server.start()
    children = server.processes()
    assert len(children) >= 6
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 10
    assert server.processes() == {}


def test_it_leaves_nothing_behind_when_it_is_killed(tmp_path):
    server = PortalServer(tmp_path / "portal")
    server.start()
    server.kill()
    wait_until(lambda: server.processes() == {})
    server.stop()


@pytest.mark.parametrize(("name", "what"), [("PORT", "the portal"), ("SANDBOX_PORT", "the sandbox")])
def test_it_names_a_taken_port_and_how_to_change_it(tmp_path, name, what):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = PortalServer(tmp_path / "portal", env={name: str(port)})
        server.launch()
        server.wait_for(f"Port {port}, which {what} needs, is already in use")
        server.wait_for(f"{name}={port + 10} make run")
        assert server.process.wait(10) == 1
        server.stop()
    assert "Traceback" not in server.logs()
    assert not (tmp_path / "portal" / "sandbox-mode.sqlite3").exists()


def test_it_creates_no_demo_account_for_others_to_use(tmp_path):
    """Everything else as in sandbox mode, but other machines could reach it."""
    with PortalServer(tmp_path / "portal", env={"HOST": "0.0.0.0"}) as server:
        server.wait_for("createsuperuser")
        assert "marketer" not in server.logs()
        assert not (tmp_path / "portal" / "demo-password").exists()


def test_it_creates_the_administrator_it_is_told_about(tmp_path):
    environment = {
        "DJANGO_SUPERUSER_USERNAME": "root",
        "DJANGO_SUPERUSER_PASSWORD": "a long password",
        "DEMO_PASSWORD": "a long password",
    }
    with PortalServer(tmp_path / "portal", env=environment) as server:
        _, answer = sign_in(server, "root")
        assert answer.status_code == 302


def test_it_runs_parts_as_services_of_their_own_on_postgresql(tmp_path, postgres_url):
    """As in containers: the web part makes the tables, the worker waits for them."""
    environment = {"DATABASE_URL": postgres_url}
    worker = PortalServer(tmp_path / "portal", env=environment, arguments=("--only", "worker"))
    web = PortalServer(tmp_path / "portal", env=environment, arguments=("--only", "web"))
    worker.launch()
    try:
        web.start()
        worker.wait_for("Ready")
        wait_until(lambda: web.status_of("/readyz") == 200)
    finally:
        assert web.stop() == 0
        assert worker.stop() == 0


@pytest.mark.browser
def test_it_shows_a_browser_why_its_upload_is_refused(up, page, tmp_path):
    """The answer must survive although the browser is still sending when the portal hangs up."""
    clip = tmp_path / "clip.mp4"
    with clip.open("wb") as file:
        file.truncate(60_000_000)
    page.goto(f"{up.url}/accounts/login/")
    page.evaluate(
        """() => {
            const form = document.createElement("form");
            Object.assign(form, { method: "post", enctype: "multipart/form-data", action: "/create/photo/" });
            form.innerHTML = '<input type="file" name="file" id="probe"><button id="send">Send</button>';
            document.body.append(form);
        }"""
    )
    page.set_input_files("#probe", str(clip))
    with page.expect_response(lambda response: response.status == 413):
        page.click("#send")
    page.get_by_text("Only people who are signed in can upload files.").wait_for()
