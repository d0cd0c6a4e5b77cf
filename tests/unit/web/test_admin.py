"""Django's admin: for superusers, readable throughout, changing next to nothing, and without secrets."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from avatars.models import Call, ConsentLink, Event, Job, Look, Submission, SubmissionFile, Throttle
from avatars.states import ConsentState
from avatars.web.masking import masked, masked_address
from tests.builders import make_user
from tests.unit.web.scene import HOSTILE, make_consent, make_link, make_look, make_twin

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "avatars"]
CHANGEABLE = {"avatargroup", "subject"}
SECRET = "very-secret"


@pytest.fixture
def support(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(make_user(is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def rows(marketer: Any) -> dict[str, Any]:
    """One row of each kind that holds something secret."""
    signed = f"https://files.heygen.ai/p.webp?Signature={SECRET}"
    group = make_twin(ConsentState.WAITING, name=HOSTILE, preview_image_url=signed, preview_video_url=signed)
    consent = make_consent(group, marketer)
    link = make_link(consent, marketer, slug=f"{SECRET}-slug", reroute_url=f"https://portal.test/c/{SECRET}/back/")
    look = make_look(group, preview_image_url=signed, preview_video_url=signed)
    submission = Submission.objects.create(owner=marketer, form_token=SECRET, account="a", kind="photo", name="S")
    SubmissionFile.objects.create(submission=submission, role="file", source="url", url=signed)
    body = {"file": {"type": "base64", "data": SECRET}, "reroute_url": f"https://x.test/{SECRET}", "name": "Sarah"}
    call = Call.objects.create(
        deed="d", operation="create", account="a", body=body, answer={"url": signed, "id": "kept-id"}, link=link
    )
    job = Job.objects.create(key="k:1", kind="k", run_at=group.created_at, lease_token=SECRET)
    throttle = Throttle.objects.create(account="a", creating_token=SECRET)
    Event.objects.record("consent_link_ready", actor=marketer, consent=consent, group=group)
    return {
        "avatargroup": group,
        "consentlink": link,
        "look": look,
        "submission": submission,
        "call": call,
        "job": job,
        "throttle": throttle,
    }


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:avatars_{model._meta.model_name}_{page}", args=args)


def test_every_model_of_ours_is_there() -> None:
    from django.apps import apps

    within_another = {SubmissionFile}
    assert set(OURS) | within_another == set(apps.get_app_config("avatars").get_models())


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_list_opens_and_its_search_works(support: Client, rows: dict[str, Any], model: Any) -> None:
    assert support.get(address(model, "changelist"), {"q": "a"}).status_code in {200, 302}
    page = support.get(address(model, "changelist")).content.decode()
    assert SECRET not in page.replace("Signature", "")
    assert "<script>alert" not in page


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_row_opens_without_its_secrets(support: Client, rows: dict[str, Any], model: Any) -> None:
    for row in model._default_manager.all():
        answer = support.get(address(model, "change", row.pk))
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_nothing_is_added_or_deleted_and_little_is_changed_by_hand(
    support: Client, rows: dict[str, Any], model: Any
) -> None:
    assert support.get(address(model, "add")).status_code == 403
    for row in model._default_manager.all():
        assert support.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        changed = support.post(address(model, "change", row.pk), {})
        assert (changed.status_code == 403) is (model._meta.model_name not in CHANGEABLE)


@pytest.mark.parametrize("role", ["marketer", "lead", "admin"])
def test_staff_who_are_no_superusers_see_nothing_of_it(role: str, rows: dict[str, Any]) -> None:
    from django.contrib.auth.models import Permission

    person = make_user(role, is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(person)
    for model in OURS:
        assert client.get(address(model, "changelist")).status_code == 403


def test_renaming_a_character_changes_the_name_only_and_its_looks_are_found_by_it(
    support: Client, rows: dict[str, Any]
) -> None:
    group = rows["avatargroup"]
    sent = {"display_name": "Sarah", "consent_state": "given", "heygen_id": "another"}
    assert support.post(address(type(group), "change", group.pk), sent).status_code == 302
    before = group.heygen_id
    group.refresh_from_db()
    assert (group.display_name, group.consent_state, group.heygen_id) == ("Sarah", ConsentState.WAITING, before)
    assert "sarah" in Look.objects.get(group=group).search_text.lower()


def test_what_is_masked_still_says_what_it_was(support: Client, rows: dict[str, Any]) -> None:
    page = support.get(address(Call, "change", rows["call"].pk)).content.decode()
    assert "kept-id" in page and "Sarah" in page and "https://files.heygen.ai/…" in page
    link = support.get(address(ConsentLink, "change", rows["consentlink"].pk)).content.decode()
    assert "https://heygen.test/…" in link


def test_addresses_and_contents_are_hidden_wherever_they_stand() -> None:
    assert masked({"a": [{"data": "x"}, "https://h.test/a?b"], "name": "n", "n": 1, "none": None}) == {
        "a": [{"data": "(hidden)"}, "https://h.test/…"],
        "name": "n",
        "n": 1,
        "none": None,
    }
    assert masked_address("nonsense") == "(hidden)"
    assert masked_address("") == ""
