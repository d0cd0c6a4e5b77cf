"""The look library: the grid, its filters and pages, the page of one look, and the ready request."""

from __future__ import annotations

import ast
import html
import json
import re
import shlex
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from avatars.models import Submission
from avatars.states import ConsentState, Status
from avatars.web import snippets, watching
from tests.builders import make_user
from tests.unit.web.scene import HOSTILE, make_group, make_look, make_twin

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(lead: Any, sign_in: Any) -> Client:
    """A team lead's browser: the role that browses and picks."""
    return sign_in(lead)


def names_in(answer: Any) -> list[str]:
    return re.findall(r'class="card__link" href="/looks/\d+/">([^<]*)<', answer.content.decode())


# --- The grid --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 60])
def test_the_grid_costs_the_same_for_one_look_and_for_sixty(
    client: Client, rows: int, django_assert_num_queries: Any
) -> None:
    group = make_group()
    for number in range(rows):
        make_look(group, name=f"Look {number}")
    # Session, person, two for the rights, characters to choose from, looks.
    with django_assert_num_queries(5):
        assert len(names_in(client.get("/looks/"))) == rows


def test_a_library_of_several_pages_is_counted_by_one_query_more(
    client: Client, django_assert_num_queries: Any
) -> None:
    for number in range(61):
        make_look(make_group() if number == 0 else None, name=f"Look {number}")
    with django_assert_num_queries(6):
        answer = client.get("/looks/")
    assert len(names_in(answer)) == 60
    assert "<strong>61</strong> looks" in answer.content.decode()


def test_pages_follow_by_plain_links_without_repeating_or_hiding(client: Client) -> None:
    for number in range(130):
        make_look(name=f"Look {number}")
    seen, address = [], "/looks/"
    while address:
        answer = client.get(address)
        seen += names_in(answer)
        more = re.search(r'href="([^"]+)" rel="next"', answer.content.decode())
        address = html.unescape(more.group(1)) if more else ""
    assert seen == [f"Look {number}" for number in reversed(range(130))]


def test_with_htmx_the_next_page_is_appended_with_pager_and_poll(client: Client) -> None:
    for number in range(61):
        make_look(name=f"Look {number}", status=Status.TRAINING, status_raw="processing")
    first = client.get("/looks/").content.decode()
    more = html.unescape(re.search(r'href="([^"]+)" rel="next"', first).group(1))  # type: ignore[union-attr]
    token = html.unescape(re.search(r'name="watching" value="([^"]+)"', first).group(1))  # type: ignore[union-attr]
    text = client.get(f"{more}&watching={token}", headers={"HX-Request": "true"}).content.decode()
    assert text.startswith("<li")
    assert "<html" not in text
    assert 'id="pager"' in text and 'rel="next"' not in text
    assert 'id="badge-poll"' in text and text.count("hx-swap-oob") == 2
    again = html.unescape(re.search(r"\?s=([^\"]+)", text).group(1))  # type: ignore[union-attr]
    assert len(watching.read(again).shown["look"]) == 61


def test_the_bare_page_shows_ours_and_a_search_finds_public_looks_too(client: Client) -> None:
    make_look(name="Ours")
    make_look(name="Zebra", ownership="public", search_text="zebra")
    assert names_in(client.get("/looks/")) == ["Ours"]
    assert names_in(client.get("/looks/", {"ownership": "public"})) == ["Zebra"]
    assert names_in(client.get("/looks/", {"ownership": "all"})) == ["Zebra", "Ours"]
    assert names_in(client.get("/looks/", {"q": "zeb"})) == ["Zebra"]


def test_a_search_of_ours_that_finds_nothing_offers_the_public_library(client: Client) -> None:
    make_look(name="Zebra", ownership="public", search_text="zebra")
    page = client.get("/looks/", {"q": "zebra", "ownership": "private"}).content.decode()
    assert "None of our looks match" in page
    assert "/looks/?q=zebra&amp;ownership=all" in page


def test_each_filter_narrows_and_gets_a_chip_that_takes_it_away(client: Client) -> None:
    twin = make_twin(ConsentState.WAITING, name="Tom")
    make_look(twin, name="Twin", avatar_type="video_avatar")
    make_look(name="Photo", avatar_type="photo_avatar")
    make_look(name="Failed", avatar_type="photo_avatar", status=Status.FAILED)
    wanted = {
        "type": ("digital_twin", ["Twin"], "Type: Digital twin"),
        "status": ("failed", ["Failed"], "Status: Failed"),
        "consent": ("waiting", ["Twin"], "Consent: Waiting for consent"),
        "character": (str(twin.pk), ["Twin"], "Character: Tom"),
    }
    for name, (value, found, chip) in wanted.items():
        answer = client.get("/looks/", {name: value})
        assert names_in(answer) == found
        assert f'<a class="chip" href="/looks/"> <span>{chip}</span>' in " ".join(answer.content.decode().split())
    both = client.get("/looks/", {"type": "photo_avatar", "status": "failed"}).content.decode()
    assert 'href="/looks/?type=photo_avatar"' in both and 'href="/looks/?status=failed"' in both


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nonsense"},
        {"character": "99999999999999999999999"},
        {"character": "²"},
        {"after": "nonsense"},
        {"after": "\x00"},
        {"q": '" OR 1=1 --'},
        {"q": "\x00"},
        {"q": "*"},
        {"type": HOSTILE},
    ],
)
def test_an_odd_address_is_a_page_and_no_error(client: Client, query: dict[str, str]) -> None:
    make_look()
    assert client.get("/looks/", query).status_code == 200


def test_tiles_have_a_fixed_size_and_load_lazily_after_the_first_row(client: Client) -> None:
    for number in range(8):
        make_look(name=f"Look {number}", thumbnail="a" * 32 + ".webp")
    page = client.get("/looks/").content.decode()
    pictures = re.findall(r"<img src=\"/media/thumbs/[^>]*>", page)
    assert len(pictures) == 8
    assert all('width="480" height="600"' in picture and 'decoding="async"' in picture for picture in pictures)
    assert ['loading="lazy"' in picture for picture in pictures] == [False] * 6 + [True] * 2


def test_a_tile_whose_consent_is_missing_says_so(client: Client) -> None:
    make_look(make_twin(ConsentState.DECLINED), heygen_id="locked-id")
    page = client.get("/looks/").content.decode()
    assert "Consent missing" in page
    assert "locked-id" not in page


def test_a_tile_that_may_change_fetches_itself_anew(client: Client) -> None:
    look = make_look(status=Status.TRAINING, status_raw="processing")
    final = make_look()
    page = client.get("/looks/").content.decode()
    assert f'hx-trigger="look-{look.pk}-changed from:body delay:2s"' in page
    assert f"look-{final.pk}-changed" not in page
    tile = client.get(f"/looks/{look.pk}/tile/").content.decode()
    assert tile.startswith("<li hx-get") and tile.endswith("</li>")


def test_hostile_names_are_escaped_in_the_grid_and_on_the_page(client: Client) -> None:
    look = make_look(make_group(name=HOSTILE), name=HOSTILE, heygen_id=HOSTILE, tags=[HOSTILE], engines=[HOSTILE])
    for address in ("/looks/", f"/looks/{look.pk}/", f"/looks/?q={HOSTILE}", f"/looks/?engine={HOSTILE}"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page or "q=" in address or "engine" in address


@pytest.mark.parametrize("role", ["marketer", "lead"])
def test_an_empty_library_says_what_to_do(role: str, request: Any, sign_in: Any) -> None:
    page = sign_in(request.getfixturevalue(role)).get("/looks/").content.decode()
    assert "No looks yet" in page
    assert ("Create avatar" in page) == (role == "marketer")


# --- One look --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("siblings", [0, 60])
def test_the_page_of_a_look_costs_the_same_whatever_the_character_holds(
    client: Client, siblings: int, django_assert_num_queries: Any
) -> None:
    group = make_group()
    look = make_look(group)
    for number in range(siblings):
        make_look(group, name=f"Sibling {number}")
    with django_assert_num_queries(6):
        assert client.get(f"/looks/{look.pk}/").status_code == 200


def test_the_ids_can_be_copied_and_told_apart(client: Client) -> None:
    look = make_look(make_group(heygen_id="group-id"), heygen_id="look-id")
    page = " ".join(client.get(f"/looks/{look.pk}/").content.decode().split())
    assert 'data-copy="look-id" data-copy-name="Look id"' in page
    assert 'data-copy="group-id" data-copy-name="Character id"' in page


@pytest.mark.parametrize("state", [ConsentState.NOT_ASKED, ConsentState.WAITING, ConsentState.UNKNOWN])
def test_without_consent_the_look_id_is_locked_and_there_is_no_request(client: Client, state: ConsentState) -> None:
    look = make_look(make_twin(state), heygen_id="locked-id")
    page = client.get(f"/looks/{look.pk}/").content.decode()
    assert "locked-id" not in page
    assert "/v3/videos" not in page
    assert "Locked." in page


@pytest.mark.parametrize("state", [ConsentState.GIVEN, ConsentState.WAIVED, ConsentState.NOT_REQUIRED])
def test_with_consent_there_is_a_request_with_the_look_id(client: Client, state: ConsentState) -> None:
    look = make_look(make_twin(state), heygen_id="free-id")
    page = client.get(f"/looks/{look.pk}/").content.decode()
    assert html.unescape(page).count('"avatar_id": "free-id"') == 2


def test_a_look_that_is_gone_says_so_and_keeps_its_page(client: Client) -> None:
    look = make_look(gone_at=timezone.now(), status=Status.GONE)
    page = client.get(f"/looks/{look.pk}/").content.decode()
    assert "Gone at HeyGen." in page
    assert "POST /v3/videos" not in page


def test_a_huge_number_in_the_address_is_not_found(client: Client) -> None:
    for address in ("/looks/99999999999999999999999/", "/groups/99999999999999999999999/", "/looks/0/"):
        assert client.get(address).status_code == 404


def test_the_prompt_is_shown_to_those_who_may_see_the_submission(
    marketer: Any, lead: Any, sign_in: Any, admin_person: Any
) -> None:
    look = make_look()
    Submission.objects.create(
        owner=marketer, form_token="t", account="a", kind="prompt", name="S", prompt="a quiet librarian", look=look
    )
    for person, visible in ((marketer, True), (lead, True), (make_user("marketer"), False), (make_user(), False)):
        page = sign_in(person).get(f"/looks/{look.pk}/").content.decode()
        assert ("a quiet librarian" in page) is visible
        assert "Prompt avatar" in page


def test_an_engine_can_be_chosen_by_address(client: Client) -> None:
    look = make_look(engines=["avatar_v", "avatar_iv", "brand_new"])
    bare = html.unescape(client.get(f"/looks/{look.pk}/").content.decode())
    assert '"engine": {"type": "avatar_iv"}' in bare
    chosen = html.unescape(client.get(f"/looks/{look.pk}/", {"engine": "brand_new"}).content.decode())
    assert '"engine": {"type": "brand_new"}' in chosen
    odd = html.unescape(client.get(f"/looks/{look.pk}/", {"engine": "not listed"}).content.decode())
    assert '"engine": {"type": "avatar_iv"}' in odd


# --- The request -----------------------------------------------------------------------------------------------------


def body_of_curl(code: str) -> dict[str, Any]:
    """The body as a shell would hand it to curl."""
    words = shlex.split(code)
    return json.loads(words[words.index("--data-raw") + 1])


def body_of_python(code: str) -> dict[str, Any]:
    """The body as Python would send it."""
    tree = ast.parse(code)
    call = next(
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and any(k.arg == "json" for k in node.keywords)
    )
    return ast.literal_eval(next(keyword.value for keyword in call.keywords if keyword.arg == "json"))


@pytest.mark.parametrize(
    "look_id", ["abc", HOSTILE, "quote ' and \" and \\ and $HOME and `id`", "line\nbreak", "Zoë 😀"]
)
def test_both_samples_say_the_same_whatever_the_id_holds(look_id: str) -> None:
    curl, python = snippets.samples(look_id=look_id, voice_id=look_id, orientation="portrait", engine="avatar_iv")
    assert body_of_curl(curl.code) == body_of_python(python.code)
    assert body_of_curl(curl.code)["avatar_id"] == look_id
    assert body_of_curl(curl.code)["aspect_ratio"] == "9:16"


def test_an_engine_is_named_only_when_the_look_lists_engines() -> None:
    curl, _ = snippets.samples(look_id="abc")
    assert "engine" not in body_of_curl(curl.code)
    assert body_of_curl(curl.code)["type"] == "avatar"


def test_the_real_key_is_in_no_sample_and_no_page(client: Client, settings: Any) -> None:
    settings.HEYGEN_API_KEY = "hg-real-key-0123456789"
    settings.SANDBOX_MODE = False
    settings.HEYGEN_API_BASE = "https://api.heygen.com"
    look = make_look(engines=["avatar_iv"])
    page = client.get(f"/looks/{look.pk}/").content.decode()
    assert "hg-real-key" not in page
    assert "$HEYGEN_API_KEY" in page
    assert "os.environ[" in html.unescape(page)


def test_the_sandbox_names_the_real_place_for_videos(settings: Any) -> None:
    settings.SANDBOX_MODE = True
    assert "https://api.heygen.com/v3/videos" in snippets.samples(look_id="abc")[0].code


def test_odd_engine_lists_are_read_kindly() -> None:
    assert snippets.engines_of(None) == []
    assert [engine.word for engine in snippets.engines_of([1, "", "x", "x", None, "avatar_iv"])] == ["avatar_iv", "x"]


def test_what_came_back_without_its_picture_looks_again_a_few_times_and_then_rests(client: Client) -> None:
    group = make_group()
    look = make_look(group)
    page = client.get(f"/groups/{group.pk}/").content.decode()
    assert "load delay" not in page, "a page that a person opened rests"
    address, asked = f"/looks/{look.pk}/tile/?character=1&try=1", 0
    while address:
        asked += 1
        again = re.search(r'hx-get="([^"]+)"', client.get(address).content.decode())
        address = html.unescape(again.group(1)) if again else ""
    assert asked == 4
    type(look).objects.filter(pk=look.pk).update(thumbnail="a" * 32 + ".webp")
    assert "hx-get" not in client.get(f"/looks/{look.pk}/tile/?try=1").content.decode()
