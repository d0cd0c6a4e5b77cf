"""Invented content: believable, repeatable, and never where people work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from avatars.library.search import matching
from avatars.models import AvatarGroup, Consent, ConsentLink, Look, Submission
from avatars.states import ConsentState, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "thumbs"


def seed(looks: int, **options: Any) -> None:
    call_command("seed_demo", looks=looks, verbosity=0, **options)


def test_it_makes_as_many_looks_as_asked_for_in_many_states(media: Path) -> None:
    seed(700)
    assert Look.objects.count() == 700
    assert set(Look.objects.values_list("status", flat=True)) == {
        Status.READY, Status.TRAINING, Status.FAILED, Status.GONE,
    }  # fmt: skip
    assert set(AvatarGroup.objects.values_list("consent_state", flat=True)) == set(ConsentState) - {
        ConsentState.WITHDRAWN
    }
    assert Submission.objects.filter(look__isnull=False).exists()
    assert ConsentLink.objects.exists()
    shown = set(Look.objects.exclude(thumbnail="").values_list("thumbnail", flat=True))
    assert shown <= {path.name for path in media.iterdir()}
    assert matching(Look.objects.all(), "studio").exists()
    for group in AvatarGroup.objects.prefetch_related("looks"):
        assert group.looks_count == group.looks.count()
        assert {look.consent_state for look in group.looks.all()} == {group.consent_state}


def test_twice_is_the_same_as_once_and_more_adds(media: Path) -> None:
    seed(150)
    counts = [model.objects.count() for model in (AvatarGroup, Look, Submission, Consent, ConsentLink)]
    names = list(Look.objects.order_by("id").values_list("heygen_id", "name"))
    seed(150)
    assert [model.objects.count() for model in (AvatarGroup, Look, Submission, Consent, ConsentLink)] == counts
    assert list(Look.objects.order_by("id").values_list("heygen_id", "name")) == names
    shown = [set(model.objects.values_list("thumbnail", flat=True)) - {""} for model in (AvatarGroup, Look)]
    assert {path.name for path in media.iterdir()} == set.union(*shown)
    seed(200)
    assert Look.objects.count() == 200


def test_it_refuses_beside_a_real_account_unless_forced(settings: Any) -> None:
    settings.SANDBOX_MODE = False
    with pytest.raises(CommandError, match="real HeyGen account"):
        seed(10)
    assert not Look.objects.exists()
    seed(10, force=True)
    assert Look.objects.count() == 10


def test_it_wants_at_least_one() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        seed(0)
