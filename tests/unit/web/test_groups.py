"""Characters: the list and the page of one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from avatars.models import AvatarGroup
from avatars.states import ConsentState, Status
from tests.unit.web.scene import HOSTILE, make_consent, make_group, make_look, make_twin

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(marketer: Any, sign_in: Any) -> Client:
    """A marketer's browser."""
    return sign_in(marketer)


def names_in(answer: Any) -> list[str]:
    return re.findall(r'class="card__link" href="/groups/\d+/">([^<]*)<', answer.content.decode())


@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_the_same_for_one_character_and_for_sixty(
    client: Client, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make_group(name=f"Person {number}")
    # Session, person, two for the rights, characters.
    with django_assert_num_queries(4):
        assert len(names_in(client.get("/groups/"))) == rows


def test_ours_come_by_default_and_a_search_finds_public_ones(client: Client) -> None:
    make_group(name="Ours")
    public = make_group(name="Zebra", ownership="public")
    AvatarGroup.objects.filter(pk=public.pk).update(search_text="zebra")
    assert names_in(client.get("/groups/")) == ["Ours"]
    assert names_in(client.get("/groups/", {"q": "zeb"})) == ["Zebra"]
    assert names_in(client.get("/groups/", {"ownership": "all"})) == ["Zebra", "Ours"]


def test_characters_are_filtered_by_consent(client: Client) -> None:
    make_twin(ConsentState.WAITING, name="Waits")
    make_twin(ConsentState.GIVEN, name="Gave")
    assert names_in(client.get("/groups/", {"consent": "waiting"})) == ["Waits"]


@pytest.mark.parametrize("looks", [1, 60])
def test_the_page_of_a_character_costs_the_same_for_one_look_and_for_sixty(
    client: Client, looks: int, marketer: Any, django_assert_num_queries: Any
) -> None:
    group = make_twin(ConsentState.WAITING)
    make_consent(group, marketer)
    for number in range(looks):
        make_look(group, name=f"Look {number}")
    # Session, person, two for the rights, character, consent, whether it is theirs, its watch, its link, its mails,
    # looks, badges, events.
    with django_assert_num_queries(12):
        assert client.get(f"/groups/{group.pk}/").content.decode().count('class="card__link" href="/looks/') == looks


def test_adding_a_look_leads_to_the_three_forms_with_the_character_chosen(client: Client) -> None:
    group = make_group()
    page = client.get(f"/groups/{group.pk}/").content.decode()
    for form in ("digital-twin", "photo", "prompt"):
        assert f'href="/create/{form}/?group={group.pk}"' in page
    assert page.index("Add a look</a>") > 0


@pytest.mark.parametrize("role", ["lead", "marketer"])
def test_public_characters_have_no_consent_panel_and_nothing_can_be_added(
    role: str, request: Any, sign_in: Any
) -> None:
    group = make_group(ownership="public", is_twin=True)
    make_look(group, ownership="public")
    page = sign_in(request.getfixturevalue(role)).get(f"/groups/{group.pk}/").content.decode()
    assert "consent-panel" not in page
    assert "Add a look" not in page


def test_a_lead_can_add_nothing(lead: Any, sign_in: Any) -> None:
    assert "Add a look" not in sign_in(lead).get(f"/groups/{make_group().pk}/").content.decode()


def test_a_photo_character_has_no_consent_panel(client: Client) -> None:
    assert "consent-panel" not in client.get(f"/groups/{make_group().pk}/").content.decode()


def test_a_character_that_is_gone_says_so(client: Client) -> None:
    from django.utils import timezone

    group = make_group(gone_at=timezone.now())
    make_look(group, gone_at=timezone.now(), status=Status.GONE)
    page = client.get(f"/groups/{group.pk}/").content.decode()
    assert "Gone at HeyGen." in page
    assert 'data-status="gone"' in page
    assert "Add a look" not in page


def test_more_looks_follow_by_key(client: Client) -> None:
    group = make_group()
    for number in range(61):
        make_look(group, name=f"Look {number}")
    first = client.get(f"/groups/{group.pk}/").content.decode()
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more
    rest = client.get(more.group(1), headers={"HX-Request": "true"}).content.decode()
    assert rest.count('class="card__link" href="/looks/') == 1
    assert "<html" not in rest


def test_our_own_name_is_shown_and_heygens_stays_visible(client: Client) -> None:
    group = make_group(name="group_0417", display_name="Sarah")
    page = client.get(f"/groups/{group.pk}/").content.decode()
    assert '<h1 tabindex="-1">Sarah</h1>' in page
    assert "group_0417" in page


def test_hostile_names_are_escaped(client: Client) -> None:
    group = make_twin(ConsentState.UNKNOWN, name=HOSTILE, display_name=HOSTILE[:80], consent_raw=HOSTILE[:60])
    make_look(group, name=HOSTILE)
    for address in ("/groups/", f"/groups/{group.pk}/", f"/groups/{group.pk}/consent/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
