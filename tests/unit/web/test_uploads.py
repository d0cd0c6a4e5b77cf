"""POST /uploads/ and the previews: who may, what is answered, and how a stranger's picture is shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from avatars.models import Upload
from tests.builders import (
    footage_bytes,
    make_footage_upload,
    make_photo_upload,
    make_submission,
    make_user,
    photo_bytes,
)

SignIn = Callable[[Any], Client]
JSON = {"Accept": "application/json"}


def picture(name: str = "me.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_bytes(640, 800), "text/html")


@pytest.fixture
def web(marketer: Any, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def status(client: Client, path: str) -> int:
    """The status of a page; whatever file it streams is closed."""
    answer = client.get(path)
    answer.close()
    return int(answer.status_code)


def test_it_answers_what_the_file_is(web: Client, marketer: Any) -> None:
    answer = web.post("/uploads/?kind=photo", {"file": picture(), "role": "file"}, headers=JSON)
    upload = Upload.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(upload.pk),
        "name": "me.jpg",
        "media_type": "image/jpeg",
        "size": upload.size,
        "checks": [{"level": "pass", "text": "JPEG picture, 640 \u00d7 800 pixels."}],
        "preview": f"/uploads/{upload.pk}/preview/",
    }
    assert upload.owner == marketer


def test_footage_has_no_preview(web: Client) -> None:
    clip = SimpleUploadedFile("clip.mp4", footage_bytes(), "video/mp4")
    answer = web.post("/uploads/?kind=digital_twin", {"file": clip}, headers=JSON).json()
    assert answer["preview"] is None
    assert "stop" not in {check["level"] for check in answer["checks"]}


def test_a_reference_is_judged_as_one(web: Client) -> None:
    small = SimpleUploadedFile("a.png", photo_bytes(300, 300, "PNG"), "image/png")
    answer = web.post("/uploads/?kind=prompt", {"file": small, "role": "reference"}, headers=JSON).json()
    assert [check["level"] for check in answer["checks"]] == ["warn"]


def test_a_file_with_a_stop_is_kept_and_told(web: Client) -> None:
    broken = SimpleUploadedFile("a.jpg", photo_bytes()[:900], "image/jpeg")
    answer = web.post("/uploads/?kind=photo", {"file": broken}, headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["checks"][0]["level"] == "stop"
    assert answer.json()["preview"] is None
    assert web.get(f"/uploads/{answer.json()['id']}/preview/").status_code == 404


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", {}, 400),
        ("", {"file": "text"}, 400),
        ("?kind=other", {"file": picture}, 400),
        ("?kind=%00", {"file": picture}, 400),
        ("", {"file": picture, "role": "boss"}, 400),
        ("", {"file": lambda: SimpleUploadedFile("a.jpg", b"", "image/jpeg")}, 422),
    ],
)
def test_what_is_wrong_is_answered_in_words(web: Client, query: str, body: dict[str, Any], status: int) -> None:
    data = {name: value() if callable(value) else value for name, value in body.items()}
    answer = web.post(f"/uploads/{query}", data, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")
    assert not Upload.objects.exists()


def test_only_people_who_create_may_upload(lead: Any, sign_in: SignIn, db: None) -> None:
    assert sign_in(lead).post("/uploads/", {"file": picture()}, headers=JSON).status_code == 403
    assert Client().post("/uploads/", {"file": picture()}, headers=JSON).status_code == 401
    assert sign_in(make_user()).post("/uploads/", {"file": picture()}).status_code == 403
    assert not Upload.objects.exists()


def test_it_takes_posts_only(web: Client) -> None:
    assert web.get("/uploads/").status_code == 405


def test_it_asks_for_the_form_s_own_proof(marketer: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(marketer)
    assert strict.post("/uploads/", {"file": picture()}, headers=JSON).status_code == 403


def test_a_preview_is_shown_as_a_picture_and_nothing_else(web: Client, marketer: Any) -> None:
    upload = make_photo_upload(marketer)
    answer = web.get(f"/uploads/{upload.pk}/preview/")
    assert b"".join(answer.streaming_content) == Path(upload.file.path).read_bytes()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"].startswith("inline;")
    assert upload.original_name not in answer["Content-Disposition"]
    assert "private" in answer["Cache-Control"]
    answer.close()


def test_a_preview_is_for_its_owner_and_for_those_who_see_its_submission(
    marketer: Any, lead: Any, admin_person: Any, sign_in: SignIn
) -> None:
    unused, used = make_photo_upload(marketer), make_photo_upload(marketer)
    make_submission(marketer, upload=used)
    make_submission(marketer, upload=used)
    other = make_user("marketer")
    seen = {
        (who.username, name): status(sign_in(who), f"/uploads/{upload.pk}/preview/")
        for who in (marketer, lead, admin_person, other)
        for name, upload in (("unused", unused), ("used", used))
    }
    assert seen == {
        ("mara", "unused"): 200,
        ("mara", "used"): 200,
        ("lena", "unused"): 404,
        ("lena", "used"): 200,
        ("adam", "unused"): 404,
        ("adam", "used"): 200,
        (other.username, "unused"): 404,
        (other.username, "used"): 404,
    }
    assert Client().get(f"/uploads/{used.pk}/preview/").status_code == 302


def test_there_is_no_preview_of_footage_of_nothing_and_of_what_is_lost(web: Client, marketer: Any) -> None:
    lost = make_photo_upload(marketer)
    Path(lost.file.path).unlink()
    for pk in (make_footage_upload(marketer).pk, uuid.uuid4(), lost.pk):
        assert status(web, f"/uploads/{pk}/preview/") == 404
