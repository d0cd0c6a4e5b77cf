"""The creation forms: what they take, what they refuse, and that nothing is made twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.utils import timezone

from avatars.creation import store
from avatars.models import Job, Submission, Upload
from avatars.states import ConsentState, Kind, Status
from tests.builders import form_token, make_photo_upload, make_submission
from tests.unit.web.creating import ADDRESS, PHOTO, PROMPT, TWIN, errors, fields, picture, post, token_of
from tests.unit.web.scene import HOSTILE, make_group, make_look

SignIn = Callable[[Any], Client]


@pytest.fixture
def web(marketer: Any, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def usable_look(group: Any, **facts: Any) -> Any:
    """A look that a prompt may go by."""
    return make_look(group, preview_image_url="https://heygen.test/p.jpg", image_width=800, image_height=1000, **facts)


# --- Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/create/", TWIN, PHOTO, PROMPT, "/groups/pick/", "/looks/pick/"])
def test_only_people_who_create_get_in(path: str, marketer: Any, lead: Any, admin_person: Any, sign_in: SignIn) -> None:
    assert sign_in(marketer).get(path).status_code == 200
    assert sign_in(admin_person).get(path).status_code == 200
    assert sign_in(lead).get(path).status_code == 403
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("path", [TWIN, PHOTO, PROMPT, "/create/preview/photo/"])
def test_a_lead_cannot_post_either(path: str, lead: Any, sign_in: SignIn) -> None:
    assert sign_in(lead).post(path, fields(PHOTO)).status_code == 403
    assert not Submission.objects.exists()


# --- What is stored --------------------------------------------------------------------------------------------------


def test_a_digital_twin_is_stored_with_its_address(web: Client, marketer: Any) -> None:
    answer = post(web, TWIN, file_url="https://example.com/clip.mp4", name="  Sarah \u00a0")
    made = Submission.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/submissions/{made.pk}/")
    assert (made.kind, made.name, made.owner, made.state) == ("digital_twin", "Sarah", marketer, Status.QUEUED)
    file = made.files.get()
    assert (file.role, file.source, file.url) == ("file", "url", "https://example.com/clip.mp4")
    assert Job.objects.filter(kind="submission.advance", subject=str(made.pk)).exists()


def test_a_photo_is_stored_with_its_upload_and_the_record_of_permission(web: Client) -> None:
    answer = post(
        web, PHOTO, file_url="", file=picture("me.jpg"), depicts_real_person="on", permission_note="Signed\r\ntoday"
    )
    made = Submission.objects.get()
    assert answer.status_code == 302
    assert made.files.get().upload.original_name == "me.jpg"
    assert made.depicts_real_person
    assert made.permission_note == "Signed\ntoday"


def test_a_photo_may_be_an_asset_of_heygens(web: Client) -> None:
    assert post(web, PHOTO, file_url="", file_asset_id=" asset_7-Q ").status_code == 302
    assert Submission.objects.get().files.get().asset_id == "asset_7-Q"


def test_a_prompt_is_stored_with_its_references_and_its_look(web: Client) -> None:
    look = usable_look(make_group())
    answer = post(
        web,
        PROMPT,
        prompt="One.\r\nTwo.",
        reference_images=[picture("a.jpg"), picture("b.jpg", width=900)],
        reference_image_urls="\r\n https://example.com/c.png \r\n\r\n",
        avatar_id=str(look.pk),
    )
    made = Submission.objects.get()
    assert answer.status_code == 302
    assert (made.prompt, made.reference_look, made.target_group) == ("One.\nTwo.", look, None)
    assert [(file.role, file.position, file.source) for file in made.files.all()] == [
        ("reference", 0, "upload"),
        ("reference", 1, "upload"),
        ("reference", 2, "url"),
    ]


def test_a_look_is_added_to_a_character(web: Client) -> None:
    group = make_group()
    post(web, PHOTO, avatar_group_id=str(group.pk))
    assert Submission.objects.get().target_group == group


def test_htmx_is_led_to_the_submission(web: Client) -> None:
    answer = post(web, PHOTO, htmx=True)
    assert answer["HX-Redirect"] == f"/submissions/{Submission.objects.get().pk}/"


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "changes", "field"),
    [
        (PHOTO, {"name": ""}, "name"),
        (PHOTO, {"name": "   "}, "name"),
        (PHOTO, {"name": "x" * 81}, "name"),
        (PHOTO, {"name": "two\nlines"}, "name"),
        (PHOTO, {"name": "nul\x00"}, "name"),
        (PHOTO, {"name": "\u200b\u200b"}, "name"),
        (PHOTO, {"name": None}, "name"),
        (PHOTO, {"file_url": ""}, "file"),
        (PHOTO, {"file_url": "http://example.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "ftp://example.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "javascript:alert(1)"}, "file_url"),
        (PHOTO, {"file_url": "https://user:secret@example.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://@example.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https:///a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://exa mple.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://example.com:99999/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://[::1/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://example.com\\@evil.com/a.jpg"}, "file_url"),
        (PHOTO, {"file_url": "https://example.com/" + "a" * 2000}, "file_url"),
        (PHOTO, {"file_url": "https://\u2100\u2100.\u2100/\x00"}, "file_url"),
        (PHOTO, {"file_url": "", "file_asset_id": "a b"}, "file_asset_id"),
        (PHOTO, {"file_url": "", "file_asset_id": "x" * 129}, "file_asset_id"),
        (PHOTO, {"file_url": "", "file_asset_id": "../x"}, "file_asset_id"),
        (PHOTO, {"depicts_real_person": "on"}, "permission_note"),
        (PHOTO, {"depicts_real_person": "on", "permission_note": "  \n "}, "permission_note"),
        (PHOTO, {"permission_note": "x" * 1001}, "permission_note"),
        (PROMPT, {"prompt": ""}, "prompt"),
        (PROMPT, {"prompt": " \r\n "}, "prompt"),
        (PROMPT, {"prompt": "x" * 1001}, "prompt"),
        (PROMPT, {"prompt": "bell\x07"}, "prompt"),
        (
            PROMPT,
            {"reference_image_urls": "https://example.com/a.png\nhttp://example.com/b.png"},
            "reference_image_urls",
        ),
        (PROMPT, {"reference_image_urls": "\n".join(f"{ADDRESS}?{n}" for n in range(4))}, "reference_image_urls"),
        (PROMPT, {"reference_image_urls": f"{ADDRESS}\n" * 5000}, "reference_image_urls"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_bad_input_is_refused_beside_its_field(
    web: Client, path: str, changes: dict[str, Any], field: str, htmx: bool
) -> None:
    answer = post(web, path, htmx=htmx, **changes)
    assert answer.status_code == 422
    assert set(errors(answer)) == {field, "form"}
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "localhost", "sub.localhost", "intranet", "nas.local",
        "portal.internal", "2130706433", "0x7f.0.0.1", "0x7f000001", "127.1", "localhost.", "127.0.0.1.",
    ],
)  # fmt: skip
def test_addresses_heygen_cannot_reach_are_refused(web: Client, host: str) -> None:
    answer = post(web, PHOTO, file_url=f"https://{host}/a.jpg")
    assert answer.status_code == 422
    assert "file_url" in errors(answer)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://example.com/a.jpg", "https://example.com/a.jpg"),
        ("  HTTPS://Example.com:8443/a b.jpg ".replace("a b", "a%20b"), "https://example.com:8443/a%20b.jpg"),
        (
            "https://cdn.example.com/p.jpg?X-Amz-Signature=ab%2Fcd&x=1",
            "https://cdn.example.com/p.jpg?X-Amz-Signature=ab%2Fcd&x=1",
        ),
        ("https://münchen.example/größe.jpg", "https://xn--mnchen-3ya.example/gr%C3%B6%C3%9Fe.jpg"),
        ("https://93.184.216.34/a.jpg", "https://93.184.216.34/a.jpg"),
    ],
)
def test_public_addresses_are_taken_in_plain_ascii(web: Client, typed: str, stored: str) -> None:
    assert post(web, PHOTO, file_url=typed).status_code == 302
    assert Submission.objects.get().files.get().url == stored


def test_the_lengths_count_what_a_person_sees(web: Client) -> None:
    assert post(web, PHOTO, name=" " + "\U0001f600" * 80 + " ").status_code == 302
    # 999 line breaks, sent as two characters each, and one letter at either end.
    assert post(web, PROMPT, prompt="a" + "\r\n" * 998 + "b").status_code == 302
    assert post(web, PROMPT, prompt="a" + "\r\n" * 999 + "b").status_code == 422


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"file_asset_id": "a1"}, "a web address and an asset id"),
        ({"file": picture}, "a file and a web address"),
        ({"file": picture, "file_url": "", "file_asset_id": "a1"}, "a file and an asset id"),
        ({"file": picture, "file_asset_id": "a1"}, "a file and a web address and an asset id"),
    ],
)
def test_more_than_one_way_to_give_the_file_is_refused_beside_each(
    web: Client, given: dict[str, Any], named: str
) -> None:
    changes = {name: value() if callable(value) else value for name, value in given.items()}
    answer = post(web, PHOTO, **changes)
    assert answer.status_code == 422
    used = {"file_url": ADDRESS, **changes}
    assert set(errors(answer)) == {"form"} | {name for name, value in used.items() if value}
    assert named in errors(answer)["form"]


@pytest.mark.parametrize("word", ["999999", "abc", "-1", "1.5", "9" * 40, "٣", "0x1", "1 OR 1=1", "\x00"])
def test_absurd_characters_and_looks_are_refused(web: Client, word: str) -> None:
    answer = post(web, PROMPT, avatar_group_id=word, avatar_id=word)
    assert answer.status_code == 422
    assert set(errors(answer)) == {"avatar_group_id", "avatar_id", "form"}


def test_public_and_gone_characters_cannot_take_a_look(web: Client, settings: Any) -> None:
    for group in (make_group(ownership="public"), make_group(gone_at=timezone.now())):
        assert "avatar_group_id" in errors(post(web, PHOTO, avatar_group_id=str(group.pk)))


def test_a_reference_look_must_be_ready_ours_and_have_a_picture(web: Client) -> None:
    group = make_group()
    useless = [
        usable_look(group, status=Status.TRAINING),
        usable_look(group, status=Status.FAILED),
        usable_look(group, status=Status.GONE),
        usable_look(group, ownership="public"),
        make_look(group),
    ]
    for look in useless:
        assert set(errors(post(web, PROMPT, avatar_id=str(look.pk)))) == {"avatar_id", "form"}


def test_a_reference_look_must_belong_to_the_chosen_character(web: Client) -> None:
    mine, other = make_group(), make_group(name="Amir")
    look = usable_look(mine)
    assert set(errors(post(web, PROMPT, avatar_id=str(look.pk), avatar_group_id=str(other.pk)))) == {
        "avatar_id",
        "form",
    }
    assert post(web, PROMPT, avatar_id=str(look.pk), avatar_group_id=str(mine.pk)).status_code == 302


def test_everything_wrong_at_once_is_said_at_once(web: Client) -> None:
    answer = post(web, PROMPT, name="", prompt="", avatar_group_id="x", depicts_real_person="on")
    assert set(errors(answer)) == {"name", "prompt", "avatar_group_id", "permission_note", "form"}


# --- The price -------------------------------------------------------------------------------------------------------


def test_a_price_must_be_confirmed_where_there_is_one(web: Client, settings: Any) -> None:
    settings.PRICES = {"digital_twin": "", "photo": "1.00 USD", "prompt": ""}
    assert "1.00 USD" in web.get("/create/").content.decode()
    assert "1.00 USD" in web.get(PHOTO).content.decode()
    assert set(errors(post(web, PHOTO))) == {"confirm_cost", "form"}
    assert post(web, PHOTO, confirm_cost="on").status_code == 302
    assert Submission.objects.get().price == "1.00 USD"


def test_no_price_is_mentioned_where_none_is_set(web: Client) -> None:
    assert "confirm_cost" not in web.get(PHOTO).content.decode()
    assert post(web, PHOTO).status_code == 302


# --- Once and only once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_the_same_form_makes_one_submission_however_often_it_is_posted(web: Client, htmx: bool) -> None:
    sent = fields(PHOTO)
    first = web.post(PHOTO, sent)
    again = web.post(PHOTO, sent, headers={"HX-Request": "true"} if htmx else {})
    assert Submission.objects.count() == 1
    assert again["HX-Redirect" if htmx else "Location"] == first["Location"]
    assert not list(get_messages(again.wsgi_request))


def test_a_form_that_was_sent_before_with_other_content_says_that_nothing_was_made(web: Client) -> None:
    token = form_token()
    post(web, PHOTO, form_token=token)
    answer = post(web, PHOTO, form_token=token, name="Somebody else", file_url="", file=picture())
    assert answer.status_code == 302
    assert Submission.objects.count() == 1
    assert "nothing new was created" in str(next(iter(get_messages(answer.wsgi_request))))
    assert not Upload.objects.exists()


def test_the_token_of_another_person_is_no_key_to_their_submission(
    marketer: Any, admin_person: Any, sign_in: SignIn
) -> None:
    token = form_token()
    theirs = post(sign_in(admin_person), PHOTO, form_token=token)["Location"]
    mine = post(sign_in(marketer), PHOTO, form_token=token)["Location"]
    assert mine != theirs
    assert Submission.objects.count() == 2


@pytest.mark.parametrize("token", [None, "", "short", "x" * 31, "x" * 33, "ü" * 32, "a" * 31 + "\x00", "x" * 5000])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_missing_or_malformed_token_gets_a_fresh_one_and_everything_is_kept(
    web: Client, token: str | None, htmx: bool
) -> None:
    answer = post(web, PHOTO, form_token=token, name="Kept", htmx=htmx)
    assert answer.status_code == 422
    assert set(errors(answer)) == {"form"}
    fresh = token_of(answer)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", fresh)
    assert htmx or 'value="Kept"' in answer.content.decode()
    assert post(web, PHOTO, form_token=fresh).status_code == 302


def test_every_rendered_form_has_a_token_of_its_own(web: Client) -> None:
    assert token_of(web.get(PHOTO)) != token_of(web.get(PHOTO))


def test_a_rejected_form_keeps_its_token(web: Client) -> None:
    token = form_token()
    assert token_of(post(web, PHOTO, form_token=token, name="")) == token


def test_the_slower_of_two_racing_posts_finds_what_the_quicker_made(
    web: Client, marketer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = form_token()

    @contextmanager
    def overtaken() -> Iterator[None]:
        # Both have looked for the token and found nothing; now the other one stores first.
        Submission.objects.create(owner=marketer, form_token=token, account="test", kind=Kind.PHOTO, name="Sarah")
        with transaction.atomic():
            yield

    monkeypatch.setattr(store, "transaction", SimpleNamespace(atomic=overtaken))
    answer = post(web, PHOTO, form_token=token)
    quicker = Submission.objects.get()
    assert answer["Location"] == f"/submissions/{quicker.pk}/"
    assert not Job.objects.exists()


# --- Plain pages -----------------------------------------------------------------------------------------------------


def test_a_plain_422_is_the_whole_page_with_everything_typed(web: Client) -> None:
    group = make_group(name="Amir")
    answer = post(
        web, PROMPT, name="", prompt="A man.\r\nA smile.", avatar_group_id=str(group.pk),
        reference_image_urls=ADDRESS, depicts_real_person="on", permission_note="Asked him",
    )  # fmt: skip
    html = answer.content.decode()
    assert "<html" in html
    for typed in ("A man.\r\nA smile.", ADDRESS, "Asked him"):
        assert typed in html
    assert re.search(rf'name="avatar_group_id" value="{group.pk}" checked', html)
    assert re.search(r'name="depicts_real_person"[^>]*checked', html)


def test_an_htmx_422_is_fragments_only(web: Client) -> None:
    html = post(web, PHOTO, name="", htmx=True).content.decode()
    assert "<html" not in html
    for field in ("name", "file", "file_url", "file_asset_id", "avatar_group_id", "permission_note"):
        assert f'id="error-{field}" hx-swap-oob="true"' in html
    assert 'id="form-errors"' in html
    assert "Sarah" not in html


def test_what_is_typed_never_becomes_markup(web: Client) -> None:
    html = post(web, PROMPT, name="", prompt=HOSTILE, permission_note=HOSTILE, group_q=HOSTILE).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_character_and_a_look_can_be_named_in_the_address(web: Client) -> None:
    group = make_group()
    look = usable_look(group)
    html = web.get(f"{PROMPT}?group={group.pk}&look={look.pk}").content.decode()
    assert f'name="avatar_group_id" value="{group.pk}" checked' in html
    assert f'name="avatar_id" value="{look.pk}" checked' in html


@pytest.mark.parametrize("query", ["group=abc&look=%00", "group=99999999999999999999", "from=x", "from=" + "0" * 36])
def test_nonsense_in_the_address_gives_an_empty_form(web: Client, query: str) -> None:
    html = web.get(f"{PROMPT}?{query}").content.decode()
    assert 'name="avatar_group_id" value="" checked' in html


def test_an_earlier_try_fills_the_form(web: Client, marketer: Any) -> None:
    earlier = make_submission(marketer, upload=make_photo_upload(marketer), name="First try", state=Status.FAILED)
    html = web.get(f"{PHOTO}?from={earlier.pk}").content.decode()
    assert 'value="First try"' in html
    assert f'name="kept_file" value="{earlier.files.get().upload_id}"' in html


def test_nobody_fills_a_form_from_what_somebody_else_gave(web: Client, admin_person: Any) -> None:
    theirs = make_submission(admin_person, name="Secret name")
    assert "Secret name" not in web.get(f"{PHOTO}?from={theirs.pk}").content.decode()


# --- Choosing a character --------------------------------------------------------------------------------------------


def test_without_script_the_search_for_a_character_keeps_everything(web: Client) -> None:
    make_group(name="Amir", search_text="amir")
    make_group(name="Berta", search_text="berta")
    answer = post(web, PHOTO, name="", find_group="1", group_q="ami", file_url=ADDRESS, permission_note="Noted")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert errors(answer) == {}
    assert "Amir" in html
    assert "Berta" not in html
    for kept in (ADDRESS, "Noted", 'value="ami"'):
        assert kept in html
    assert not Submission.objects.exists()


def test_the_picker_offers_twenty_of_our_own_by_name(web: Client) -> None:
    for number in range(25):
        make_group(name=f"Character {number:02}", search_text=f"character {number:02}")
    make_group(name="Character public", ownership="public", search_text="character public")
    make_group(name="Character gone", gone_at=timezone.now(), search_text="character gone")
    html = web.get("/groups/pick/?q=character").content.decode()
    assert html.count("picker__option") == 21
    assert "public" not in html
    assert "gone" not in html


def test_the_picker_keeps_the_chosen_one_whatever_is_searched(web: Client) -> None:
    chosen = make_group(name="Zoe", search_text="zoe")
    make_group(name="Amir", search_text="amir")
    html = web.get(f"/groups/pick/?group_q=amir&avatar_group_id={chosen.pk}").content.decode()
    assert f'value="{chosen.pk}" checked' in html
    assert "Amir" in html


@pytest.mark.parametrize("path", ["/groups/pick/", "/looks/pick/"])
@pytest.mark.parametrize(
    "words", ["%00", "%27%22%3B--", "*" * 50, "%F0%9F%98%80", "x" * 5000, "NEAR(a b)", "%ED%A0%80"]
)
def test_the_picker_survives_any_words(web: Client, path: str, words: str) -> None:
    answer = web.get(f"{path}?q={words}&avatar_group_id={words}&avatar_id={words}")
    assert answer.status_code == 200
    assert "Nothing by that name" in answer.content.decode()


# --- The panel beside the form ---------------------------------------------------------------------------------------


def test_the_panel_shows_what_would_be_sent_and_judges_nothing(web: Client) -> None:
    group = make_group(name="Amir")
    look = usable_look(group, name="Amir in grey")
    html = post(
        web, "/create/preview/prompt/", prompt="A tall man", name="Tall", avatar_id=str(look.pk)
    ).content.decode()
    for words in ("A tall man", "Tall", "Amir in grey", "Amir"):
        assert words in html
    assert "field__error" not in html
    assert not Submission.objects.exists()


def test_the_panel_survives_nonsense(web: Client) -> None:
    answer = web.post("/create/preview/photo/", {"name": "\x00", "avatar_group_id": "9" * 40, "kept_file": "nope"})
    assert answer.status_code == 200
    assert web.post("/create/preview/other/", {}).status_code == 404


# --- Nothing falls over ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [TWIN, PHOTO, PROMPT])
def test_bodies_that_are_no_form_are_refused_in_order(web: Client, path: str) -> None:
    web.raise_request_exception = False
    bodies: list[tuple[bytes, str]] = [
        (b"", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"\xff\xfe\xed\xa0\x80=1&name=\xed\xa0\x80", "application/x-www-form-urlencoded"),
        (b"no boundary here", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\ncut off', "multipart/form-data; boundary=x"),
        (b"name=" + b"a" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"name=" + b"a" * 10_000_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"x%d=1" % number for number in range(5000)), "application/x-www-form-urlencoded"),
    ]
    for body, content_type in bodies:
        answer = web.post(path, data=body, content_type=content_type)
        assert answer.status_code in {400, 411, 413, 422}, (content_type, body[:40])


def test_ten_megabytes_of_text_are_refused(web: Client) -> None:
    web.raise_request_exception = False
    assert post(web, PROMPT, prompt="x" * 10_000_000).status_code in {400, 413, 422}


def test_files_under_any_other_name_are_left_alone(web: Client) -> None:
    answer = post(web, PHOTO, name=picture(), kept_file=picture(), form_token=picture())
    assert answer.status_code == 422
    assert {"name", "form"} <= set(errors(answer))
    assert not Upload.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(web: Client, method: str) -> None:
    assert getattr(web, method)(PHOTO).status_code in {405, 411}


def test_the_queries_of_a_form_do_not_grow_with_the_library(web: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(QUERIES):
        web.get(PROMPT)
    for number in range(50):
        usable_look(make_group(name=f"Character {number}", consent_state=ConsentState.GIVEN))
    with django_assert_num_queries(QUERIES):
        web.get(PROMPT)


QUERIES = 7
