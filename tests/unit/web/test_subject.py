"""The landing page after HeyGen: the same for everybody, and worth at most one look at HeyGen in ten seconds."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from avatars.models import ConsentLink, Job
from avatars.states import ConsentState
from tests.unit.web.scene import make_consent, make_link, make_twin

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(marketer: Any) -> ConsentLink:
    """A link somebody went through."""
    return make_link(make_consent(make_twin(ConsentState.WAITING), marketer), marketer)


def test_coming_back_queues_a_look_at_heygen_and_proves_nothing(link: ConsentLink) -> None:
    assert Client().get(f"/c/{link.slug}/back/").status_code == 200
    link.refresh_from_db()
    assert link.landed_at is not None
    assert link.consent.group.consent_state == ConsentState.WAITING
    assert Job.objects.filter(key=f"group.poll:{link.consent.group_id}").count() == 1


def test_pressing_reload_all_day_costs_one_look_in_ten_seconds(link: ConsentLink, time_machine: Any) -> None:
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    time_machine.move_to(start, tick=False)
    Client().get(f"/c/{link.slug}/back/")
    Job.objects.all().delete()
    time_machine.move_to(start + dt.timedelta(seconds=5), tick=False)
    Client().get(f"/c/{link.slug}/back/")
    assert not Job.objects.exists()
    time_machine.move_to(start + dt.timedelta(seconds=11), tick=False)
    Client().get(f"/c/{link.slug}/back/")
    assert Job.objects.count() == 1


def test_a_known_and_an_unknown_slug_get_the_same_page(link: ConsentLink) -> None:
    known = Client().get(f"/c/{link.slug}/back/", {"status": "approved", "x": "<script>"})
    unknown = Client().get("/c/no-such-slug/back/")
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content


def test_looking_without_opening_changes_nothing(link: ConsentLink) -> None:
    Client().head(f"/c/{link.slug}/back/")
    assert not Job.objects.exists()


def test_the_page_leads_nowhere_tells_nobody_and_needs_no_script(link: ConsentLink, lead: Any, sign_in: Any) -> None:
    for client in (Client(), sign_in(lead)):
        answer = client.get(f"/c/{link.slug}/back/")
        page = answer.content.decode()
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies
        assert "Thank you" in page
        assert re.findall(r'<a [^>]*href="([^"]*)"', page) == ["#main"]
        assert "htmx" not in page
        assert link.consent.group.title not in page
