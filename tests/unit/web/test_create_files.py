"""Files in the creation forms: kept over every mistake, checked by content, and never taken from somebody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from avatars.models import Submission, Upload
from tests.builders import footage_bytes, form_token, make_footage_upload, make_photo_upload
from tests.unit.web.creating import ADDRESS, PHOTO, PROMPT, TWIN, errors, kept, picture, post

SignIn = Callable[[Any], Client]


@pytest.fixture
def web(marketer: Any, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def clip() -> SimpleUploadedFile:
    return SimpleUploadedFile("clip.mp4", footage_bytes(), "video/mp4")


def test_footage_is_taken_for_a_twin(web: Client) -> None:
    assert post(web, TWIN, file_url="", file=clip()).status_code == 302
    upload = Submission.objects.get().files.get().upload
    assert upload.media_type == "video/mp4"
    assert upload.duration > 15


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_survives_a_mistake_elsewhere(web: Client, htmx: bool) -> None:
    answer = post(web, PHOTO, name="", file_url="", file=picture("me.jpg"), htmx=htmx)
    assert answer.status_code == 422
    assert set(errors(answer)) == {"name", "form"}
    upload = Upload.objects.get()
    assert kept(answer) == [str(upload.pk)]
    assert "me.jpg" in answer.content.decode()
    assert post(web, PHOTO, file_url="", kept_file=str(upload.pk)).status_code == 302
    assert Submission.objects.get().files.get().upload == upload


def test_a_file_survives_the_search_for_a_character(web: Client) -> None:
    answer = post(web, PHOTO, file_url="", file=picture(), find_group="1", group_q="a")
    assert answer.status_code == 200
    assert kept(answer) == [str(Upload.objects.get().pk)]


def test_a_file_kept_before_goes_on_being_kept(web: Client, marketer: Any) -> None:
    upload = make_photo_upload(marketer)
    assert kept(post(web, PHOTO, name="", file_url="", kept_file=str(upload.pk))) == [str(upload.pk)]


def test_an_htmx_422_leaves_the_drop_zone_alone_when_no_file_came_along(web: Client, marketer: Any) -> None:
    upload = make_photo_upload(marketer)
    answer = post(web, PHOTO, name="", file_url="", kept_file=str(upload.pk), htmx=True)
    assert 'id="upload-file"' not in answer.content.decode()


def test_a_new_file_takes_the_place_of_the_kept_one(web: Client, marketer: Any) -> None:
    old = make_photo_upload(marketer)
    post(web, PHOTO, file_url="", kept_file=str(old.pk), file=picture("new.jpg", width=700))
    assert Submission.objects.get().files.get().upload.original_name == "new.jpg"


def test_a_file_nobody_wants_to_keep_is_not_used(web: Client, marketer: Any) -> None:
    make_photo_upload(marketer)
    answer = post(web, PHOTO, file_url="")
    assert "file" in errors(answer)
    assert kept(answer) == []


def test_a_kept_file_counts_as_a_file(web: Client, marketer: Any) -> None:
    answer = post(web, PHOTO, kept_file=str(make_photo_upload(marketer).pk))
    assert set(errors(answer)) == {"file", "file_url", "form"}


@pytest.mark.parametrize("word", ["nope", str(uuid.uuid4()), "\x00", "0" * 5000])
def test_a_kept_file_that_is_not_there_is_said(web: Client, word: str) -> None:
    answer = post(web, PHOTO, file_url="", kept_file=word)
    assert answer.status_code == 422
    assert "no longer there" in errors(answer)["file"]


def test_nobody_uses_the_file_of_somebody_else(web: Client, admin_person: Any) -> None:
    theirs = make_photo_upload(admin_person)
    answer = post(web, PHOTO, file_url="", kept_file=str(theirs.pk))
    assert answer.status_code == 422
    assert kept(answer) == []
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("path", "file", "words"),
    [
        (PHOTO, lambda: picture(width=500), "512"),
        (PHOTO, lambda: SimpleUploadedFile("a.jpg", b"GIF89a....", "image/jpeg"), "GIF"),
        (PHOTO, clip, "needs a photo"),
        (TWIN, picture, "needs footage"),
        (TWIN, lambda: SimpleUploadedFile("a.mp4", footage_bytes(seconds=8), "video/mp4"), "15 seconds"),
        (
            TWIN,
            lambda: SimpleUploadedFile("a.mov", b"\x00\x00\x00\x14ftypqt  \x00\x00", "video/mp4"),
            "Export it as MP4",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_kept_and_refused_with_the_reason(
    web: Client, path: str, file: Callable[[], Any], words: str
) -> None:
    answer = post(web, path, file_url="", file=file())
    assert answer.status_code == 422
    assert words in errors(answer)["file"]
    assert len(kept(answer)) == 1
    again = post(web, path, file_url="", kept_file=kept(answer)[0])
    assert words in errors(again)["file"]
    assert not Submission.objects.exists()


def test_footage_kept_for_a_twin_is_no_photo(web: Client, marketer: Any) -> None:
    assert (
        "needs a photo"
        in errors(post(web, PHOTO, file_url="", kept_file=str(make_footage_upload(marketer).pk)))["file"]
    )


def test_an_empty_file_is_refused(web: Client) -> None:
    answer = post(web, PHOTO, file_url="", file=SimpleUploadedFile("empty.jpg", b"", "image/jpeg"))
    assert "empty.jpg is empty" in errors(answer)["file"]


def test_references_add_up_and_three_is_the_limit(web: Client, marketer: Any) -> None:
    first, second = make_photo_upload(marketer), make_photo_upload(marketer, width=900)
    several = {"kept_file": [str(first.pk), str(second.pk)], "reference_images": [picture("c.jpg", width=1000)]}
    refused = post(web, PROMPT, **several, reference_image_urls=ADDRESS)
    assert "at most 3" in errors(refused)["reference_images"]
    assert len(kept(refused)) == 3
    assert post(web, PROMPT, kept_file=kept(refused)).status_code == 302
    assert Submission.objects.get().files.count() == 3


def test_the_same_reference_sent_again_with_every_try_counts_once(web: Client) -> None:
    first = post(web, PROMPT, name="", reference_images=[picture("a.jpg"), picture("b.jpg", width=900)])
    again = post(web, PROMPT, kept_file=kept(first), reference_images=[picture("a.jpg"), picture("b.jpg", width=900)])
    assert again.status_code == 302
    assert Submission.objects.get().files.count() == 2


def test_a_bad_reference_is_named_among_the_good_ones(web: Client) -> None:
    bad = SimpleUploadedFile("bad.png", b"nothing", "image/png")
    answer = post(web, PROMPT, reference_images=[picture("good.jpg"), bad])
    assert "bad.png" in errors(answer)["reference_images"]
    assert "good.jpg" not in errors(answer)["reference_images"]


def test_no_more_files_are_kept_than_any_form_takes(web: Client) -> None:
    post(web, PROMPT, reference_images=[picture(f"{n}.jpg", width=600 + n) for n in range(14)])
    assert Upload.objects.count() == 10


def test_nothing_stays_in_the_folder_for_temporary_files(web: Client) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = set(folder.iterdir())
    post(web, PHOTO, name="", file_url="", file=picture())
    post(web, PHOTO, file_url="", file=picture())
    post(web, PHOTO, form_token=form_token(), other=picture())
    assert set(folder.iterdir()) == before
