"""Bodies are judged by their announced length, before a byte of them is read."""

import os
import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from heygen_portal.middleware.uploads import SMALL_BODY_BYTES, sweep_incoming

pytestmark = [pytest.mark.urls("tests.unit.portal.urls"), pytest.mark.django_db]


class Untouchable:
    """A body that fails the test when anybody reads it."""

    def read(self, *args):
        raise AssertionError("The body was read.")

    readline = read


def announce(client, path, length, method="POST", **headers):
    """Send a request that announces `length` bytes and must not be asked for any of them."""
    extra = {} if length is None else {"CONTENT_LENGTH": str(length)}
    request = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": Untouchable(), **extra}
    return client.request(**request, **{f"HTTP_{name.upper()}": value for name, value in headers.items()})


@pytest.fixture
def marketer(client):
    user = get_user_model().objects.create_user("mara")
    user.groups.add(Group.objects.get(name="marketer"))
    client.force_login(user)
    return client


@pytest.fixture
def lead(client):
    user = get_user_model().objects.create_user("lea")
    user.groups.add(Group.objects.get(name="lead"))
    client.force_login(user)
    return client


def test_it_lets_a_marketer_upload(marketer):
    file = SimpleUploadedFile("clip.mp4", b"x" * (SMALL_BODY_BYTES + 1))
    response = marketer.post("/create/photo/", {"file": file})
    assert (response.status_code, response.content) == (200, str(SMALL_BODY_BYTES + 1).encode())


def test_it_lets_small_forms_pass_anywhere(client):
    assert client.post("/forms/", {"text": "hello"}).content == b"5"


def test_it_refuses_a_stranger_without_reading(client):
    response = announce(client, "/create/photo/", SMALL_BODY_BYTES + 1)
    assert response.status_code == 413
    assert b"Only people who are signed in" in response.content


def test_it_refuses_a_role_that_does_not_create(lead):
    response = announce(lead, "/uploads/", SMALL_BODY_BYTES + 1)
    assert response.status_code == 413
    assert b"Your role" in response.content


def test_it_refuses_a_large_body_where_no_files_go(marketer):
    for method in ("POST", "PUT", "PATCH"):
        response = announce(marketer, "/forms/", SMALL_BODY_BYTES + 1, method)
        assert response.status_code == 413
        assert b"2.0 MB" in response.content


def test_it_refuses_more_than_the_limit_and_names_it(marketer, settings):
    settings.UPLOAD_MAX_BYTES = 5 * 1024**2
    response = announce(marketer, "/create/photo/", 6 * 1024**2)
    assert response.status_code == 413
    assert b"The upload has 6.0 MB; at most 5.0 MB can be sent at once." in response.content


def test_it_takes_an_upload_of_exactly_the_limit(marketer, settings):
    settings.UPLOAD_MAX_BYTES = 3 * 1024**2
    assert announce(marketer, "/create/photo/", 3 * 1024**2).status_code == 200
    assert announce(marketer, "/create/photo/", 3 * 1024**2 + 1).status_code == 413


def test_it_asks_for_a_length(marketer):
    assert announce(marketer, "/create/photo/", None).status_code == 411
    assert announce(marketer, "/forms/", None, transfer_encoding="chunked").status_code == 411


def test_it_lets_a_request_without_a_body_pass(client):
    assert client.request(PATH_INFO="/forms/", REQUEST_METHOD="POST").status_code == 200


@pytest.mark.parametrize("length", ["-1", "ten", "1e9", "٣"])
def test_it_refuses_a_length_that_is_no_number(marketer, length):
    assert announce(marketer, "/create/photo/", length).status_code == 400


def test_it_speaks_json_to_those_who_ask_for_it(client):
    response = announce(client, "/uploads/", SMALL_BODY_BYTES + 1, accept="application/json")
    assert response.json()["error"]["code"] == "sign_in_required"


def test_it_gives_htmx_a_fragment(client):
    response = announce(client, "/uploads/", SMALL_BODY_BYTES + 1, hx_request="true", accept="*/*")
    assert response.content.startswith(b'<p role="alert">')


def test_it_judges_before_the_csrf_check_reads():
    from django.test import Client

    assert announce(Client(enforce_csrf_checks=True), "/forms/", 10**9).status_code == 413


def test_it_sweeps_what_killed_requests_left_behind(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    for name, age in (("old.upload", 7200), ("fresh.upload", 60)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    (tmp_path / "folder").mkdir()
    os.utime(tmp_path / "folder", (0, 0))
    assert sweep_incoming(3600) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "fresh.upload"]


def test_it_sweeps_nothing_where_nothing_was_uploaded_yet(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "none"
    assert sweep_incoming(0) == 0


@pytest.mark.parametrize("charset", ["rot13", "hex", "utf-16", "utf-7", "unicode_escape", "no-such-charset"])
def test_it_reads_no_other_character_set_than_utf_8(client, charset):
    content_type = f"multipart/form-data; boundary=x; charset={charset}"
    assert client.generic("POST", "/accounts/login/", b"login=a", content_type).status_code == 415
