"""Every address of the portal, for every role and method. A new address without a line here fails the first test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from avatars.models import Submission, SubmissionFile
from avatars.states import ConsentState
from avatars.web import urls
from tests.builders import make_photo_upload, make_user
from tests.unit.web.scene import SECRET_LINK, make_consent, make_link, make_look, make_twin

pytestmark = pytest.mark.django_db

SIGN_IN = 302
ROLES = ("anonymous", "nobody", "marketer", "other_marketer", "lead", "admin")


@dataclass(frozen=True)
class Expected:
    """The statuses of one address by method, in the order of ROLES. The things named in it are the marketer's."""

    get: tuple[int, ...]
    post: tuple[int, ...]


def by_role(*statuses: int) -> tuple[int, ...]:
    return (SIGN_IN, *statuses)


EVERYBODY = by_role(200, 200, 200, 200, 200)
CREATORS = by_role(403, 200, 200, 403, 200)
NO_METHOD = by_role(405, 405, 405, 405, 405)
# Where the right is looked at before the method.
NO_METHOD_FOR_CREATORS = by_role(403, 405, 405, 403, 405)
NO_METHOD_FOR_WATCHERS = by_role(403, 405, 405, 405, 405)
READERS = Expected(get=EVERYBODY, post=NO_METHOD)
FORM = Expected(get=CREATORS, post=by_role(403, 422, 422, 403, 422))

TABLE: dict[str, Expected] = {
    "overview": READERS,
    "looks": READERS,
    "look": READERS,
    "look_tile": READERS,
    "groups": READERS,
    "group": READERS,
    "consent_panel": READERS,
    "look_pick": Expected(CREATORS, NO_METHOD_FOR_CREATORS),
    "group_pick": Expected(CREATORS, NO_METHOD_FOR_CREATORS),
    "create": Expected(CREATORS, NO_METHOD_FOR_CREATORS),
    "create_digital_twin": FORM,
    "create_photo": FORM,
    "create_prompt": FORM,
    "create_preview": Expected(NO_METHOD_FOR_CREATORS, by_role(403, 200, 200, 403, 200)),
    "uploads": Expected(NO_METHOD_FOR_CREATORS, by_role(403, 400, 400, 403, 400)),
    "upload_preview": Expected(by_role(404, 200, 404, 200, 200), NO_METHOD),
    "submissions": Expected(by_role(403, 200, 200, 200, 200), NO_METHOD_FOR_WATCHERS),
    "submission": Expected(by_role(403, 200, 404, 200, 200), NO_METHOD_FOR_WATCHERS),
    "submission_timeline": Expected(by_role(403, 200, 404, 200, 200), NO_METHOD_FOR_WATCHERS),
    "submission_decide": Expected(NO_METHOD_FOR_CREATORS, by_role(403, 302, 404, 403, 302)),
    "consents": Expected(by_role(403, 200, 200, 403, 200), NO_METHOD),
    "consent": Expected(by_role(403, 200, 404, 403, 200), NO_METHOD),
    "consent_ask": Expected(NO_METHOD, by_role(403, 422, 403, 403, 422)),
    "consent_check": Expected(NO_METHOD, by_role(403, 302, 403, 403, 302)),
    "consent_send": Expected(NO_METHOD, by_role(403, 422, 404, 403, 422)),
    "consent_message": Expected(NO_METHOD, by_role(403, 200, 404, 403, 200)),
    # Without a signature there is nothing to answer, whoever asks.
    "badges": Expected((400,) * 6, (405,) * 6),
    "subject_back": Expected((200,) * 6, (405,) * 6),
}


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    return {
        "nobody": make_user(),
        "marketer": make_user("marketer"),
        "other_marketer": make_user("marketer"),
        "lead": make_user("lead"),
        "admin": make_user("admin"),
    }


@pytest.fixture
def addresses(people: dict[str, Any]) -> dict[str, str]:
    """Each address of the table, with things of the marketer's in it."""
    owner = people["marketer"]
    group = make_twin(ConsentState.WAITING)
    consent = make_consent(group, owner)
    link = make_link(consent, owner)
    look = make_look(group)
    upload = make_photo_upload(owner)
    submission = Submission.objects.create(owner=owner, form_token="t", account="a", kind="photo", name="S")
    SubmissionFile.objects.create(submission=submission, role="file", source="upload", upload=upload)
    things: dict[str, list[Any]] = {
        "look": [look.pk],
        "look_tile": [look.pk],
        "group": [group.pk],
        "create_preview": ["photo"],
        "upload_preview": [upload.pk],
        "subject_back": [link.slug],
    }
    things |= {name: [submission.pk] for name in ("submission", "submission_timeline", "submission_decide")}
    things |= {name: [consent.pk] for name in ("consent", "consent_send", "consent_message")}
    things |= {name: [group.pk] for name in ("consent_panel", "consent_ask", "consent_check")}
    return {name: reverse(name, args=things.get(name, [])) for name in TABLE}


def status_of(answer: Any) -> int:
    """The status of an answer whose file, if it has one, is closed again."""
    if answer.streaming:
        list(answer.streaming_content)
    answer.close()
    return int(answer.status_code)


def client_of(role: str, people: dict[str, Any]) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(people[role])
    return client


def test_every_address_of_the_portal_is_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(TABLE)


def test_every_other_address_belongs_to_the_sign_in_or_to_the_admin() -> None:
    """Nothing slips in beside the portal's own addresses."""
    ours = {str(pattern.pattern) for pattern in urls.urlpatterns}
    others = {str(one.pattern) for one in get_resolver().url_patterns if isinstance(one, URLResolver)} - {""}
    alone = {str(one.pattern) for one in get_resolver().url_patterns if isinstance(one, URLPattern)} - ours
    assert others == {"accounts/", "admin/"}
    assert alone == {"favicon.ico"}


def test_the_icon_is_for_everybody() -> None:
    assert Client().get("/favicon.ico").status_code == 301


@pytest.mark.parametrize("name", sorted(TABLE))
def test_get_is_answered_as_the_table_says(name: str, people: dict[str, Any], addresses: dict[str, str]) -> None:
    found = tuple(status_of(client_of(role, people).get(addresses[name])) for role in ROLES)
    assert dict(zip(ROLES, found, strict=True)) == dict(zip(ROLES, TABLE[name].get, strict=True))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_post_is_answered_as_the_table_says(name: str, people: dict[str, Any], addresses: dict[str, str]) -> None:
    body = {"decision": "nothing we know"} if name == "submission_decide" else {}
    found = tuple(status_of(client_of(role, people).post(addresses[name], body)) for role in ROLES)
    assert dict(zip(ROLES, found, strict=True)) == dict(zip(ROLES, TABLE[name].post, strict=True))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_other_methods_are_refused_everywhere(
    name: str, method: str, people: dict[str, Any], addresses: dict[str, str]
) -> None:
    client = client_of("admin", people)
    assert getattr(client, method)(addresses[name], "x", content_type="text/plain").status_code == 405


def test_a_form_without_its_token_is_refused(people: dict[str, Any], addresses: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["marketer"])
    for name in ("consent_ask", "consent_check", "consent_send", "submission_decide", "create_prompt"):
        assert client.post(addresses[name]).status_code == 403, name


def test_the_consent_link_is_in_no_page_of_those_who_do_not_look_after_it(
    people: dict[str, Any], addresses: dict[str, str]
) -> None:
    """Leads, other marketers, people without a role: whatever they open, the link is not in it."""
    assert SECRET_LINK.encode() in client_of("marketer", people).get(addresses["group"]).content
    for role in ("anonymous", "nobody", "other_marketer", "lead"):
        client = client_of(role, people)
        for name, address in addresses.items():
            for answer in (client.get(address), client.get(address, headers={"HX-Request": "true"})):
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                answer.close()
                assert b"very-secret-token" not in content, (role, name)


def test_somebody_without_a_role_sees_no_way_to_create(people: dict[str, Any], addresses: dict[str, str]) -> None:
    page = client_of("nobody", people).get(addresses["group"]).content.decode()
    assert reverse("create") not in page
