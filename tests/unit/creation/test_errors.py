"""Every stop is explained in words that fit what was asked for."""

from __future__ import annotations

import pytest

from avatars.creation.errors import explain
from avatars.models import Submission
from avatars.states import Kind, Status


@pytest.mark.parametrize(
    ("kind", "word", "field"),
    [(Kind.DIGITAL_TWIN, "Footage", "file"), (Kind.PHOTO, "photo", "file"), (Kind.PROMPT, "description", "prompt")],
)
def test_failed_training_speaks_of_what_was_given(kind, word, field):
    told = explain(Submission(kind=kind, state=Status.FAILED, error_code="training_failed"))
    assert told is not None
    assert word in told.cause
    assert told.field == field


@pytest.mark.parametrize("code", ["insufficient_credit", "SUBSCRIPTION_REQUIRED", "http_402"])
def test_every_word_for_money_means_the_same(code):
    told = explain(Submission(kind=Kind.PHOTO, state=Status.NEEDS_YOU, error_code=code, error_message="No credit"))
    assert told is not None
    assert "nothing was created" in told.next_step
    assert told.heygen_words.startswith("No credit")


def test_an_unknown_code_keeps_heygens_words():
    told = explain(Submission(kind=Kind.PHOTO, state=Status.FAILED, error_code="brand_new", error_message="Because"))
    assert told is not None
    assert told.heygen_words == "Because (brand_new)"
    assert "Details" in told.next_step


def test_nothing_is_explained_while_nothing_stopped():
    assert explain(Submission(kind=Kind.PHOTO, state=Status.TRAINING, error_code="training_failed")) is None
