from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from avatars.heygen import AccountRecord, DirectUpload, GroupRecord, LookRecord, Page
from avatars.heygen.records import AssetRecord, AssetStatus, WebhookEndpoint


def test_it_reads_a_whole_group() -> None:
    group = GroupRecord.parse(
        {
            "id": "g1",
            "name": "Ada",
            "created_at": 1764000000,
            "looks_count": 3,
            "consent_status": "a word of tomorrow",
            "status": "failed",
            "error": {"code": "training_failed", "message": "Too short."},
            "preview_image_url": "https://files.test/a.webp?Signature=s3cret",
            "surprise": {"a": 1},
        }
    )

    assert group.created_at == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)
    assert (group.looks_count, group.consent_status) == (3, "a word of tomorrow")
    assert (group.error_code, group.error_message) == ("training_failed", "Too short.")
    assert "s3cret" not in repr(group)


def test_it_reads_a_look_with_everything_mistyped() -> None:
    look = LookRecord.parse(
        {
            "id": "l1",
            "name": None,
            "avatar_type": 5,
            "group_id": ["g"],
            "tags": "no list",
            "supported_api_engines": ["avatar_v", None, 3],
            "image_width": "1080",
            "image_height": -3,
            "error": "text",
            "status": None,
        }
    )

    assert look == LookRecord(id="l1", supported_api_engines=["avatar_v"])


@pytest.mark.parametrize("data", [None, [], "x", {}, {"id": None}, {"id": ""}, {"id": 7}])
def test_it_makes_no_record_without_an_id(data: object) -> None:
    assert GroupRecord.parse(data) is None
    assert LookRecord.parse(data) is None


def test_it_cleans_text_no_database_could_hold() -> None:
    group = GroupRecord.parse({"id": "g\x001", "name": "A\ud800da\x00", "looks_count": 10**30, "created_at": 10**30})
    look = LookRecord.parse({"id": "l", "tags": ["a\x00b", "\ud800"]})

    assert (group.id, group.name, group.looks_count, group.created_at) == ("g1", "A?da", 0, None)
    assert look.tags == ["ab", "?"]


def test_it_calls_a_look_renderable_only_with_picture_and_dimensions() -> None:
    whole = {
        "id": "l",
        "status": "completed",
        "preview_image_url": "https://x.test/p",
        "image_width": 1080,
        "image_height": 1920,
    }

    assert LookRecord.parse(whole).is_renderable
    for name, value in (
        ("status", "processing"),
        ("preview_image_url", None),
        ("image_width", 0),
        ("image_height", None),
    ):
        assert not LookRecord.parse({**whole, name: value}).is_renderable


@pytest.mark.parametrize(
    ("raw", "balance"),
    [
        ({"wallet": {"currency": "usd", "remaining_balance": 12.3}}, (Decimal("12.3"), "usd")),
        ({"wallet": {"currency": "credits", "remaining_balance": None}}, (None, "credits")),
        ({"usage_based": {"remaining_credits": 0}}, (Decimal(0), "credits")),
        (
            {"subscription": {"plan": "pro", "credits": {"premium_credits": {"remaining": 4}, "add_on_credits": None}}},
            (Decimal(4), "plan credits"),
        ),
        (
            {"subscription": {"plan": "free", "credits": {"premium_credits": {"remaining": None}}}},
            (None, "plan credits"),
        ),
        ({"wallet": None}, (None, None)),
        ({"wallet": {"currency": "usd", "remaining_balance": float("nan")}}, (None, "usd")),
        ({}, (None, None)),
    ],
)
def test_it_tells_an_unknown_balance_from_zero(raw: dict, balance: tuple) -> None:
    assert AccountRecord.parse({"username": "u", **raw}).balance == balance


def test_it_keeps_an_unknown_plan_as_it_is() -> None:
    assert AccountRecord.parse({"subscription": {"plan": "galactic"}}).plan == "galactic"


def test_it_hides_permissions_in_reprs() -> None:
    upload = DirectUpload.parse(
        {"asset_id": "a", "upload_url": "https://s.test/?X-Amz-Signature=s3cret", "upload_headers": {"x-t": "s3cret"}}
    )
    asset = AssetRecord.parse({"asset_id": "a", "url": "https://s.test/s3cret"})
    endpoint = WebhookEndpoint.parse({"endpoint_id": "e", "secret": "s3cret", "url": "https://p.test/s3cret"})

    assert upload.upload_headers == {"x-t": "s3cret"}
    assert "s3cret" not in repr((upload, asset, endpoint))


def test_it_reads_assets_by_either_name_of_their_id() -> None:
    assert AssetRecord.parse({"id": "a", "type": "video", "url": None}) == AssetRecord(id="a", mime_type="video")
    assert AssetStatus.parse({"video_id": "a", "status": "queued"}) == AssetStatus("a", "queued")
    assert AssetStatus.parse({"asset_id": "a"}) == AssetStatus("a", "")
    assert DirectUpload.parse({"asset_id": "a"}) is None


@pytest.mark.parametrize(
    ("payload", "next_token", "has_more"),
    [
        ({"has_more": True, "next_token": "t"}, "t", True),
        ({"has_more": False, "next_token": "t"}, None, False),
        ({"has_more": True, "next_token": ""}, None, True),
        ({"next_token": "t"}, "t", True),
        ({}, None, False),
        ({"has_more": "yes", "next_token": 3}, None, False),
    ],
)
def test_it_reads_the_paging_beside_the_data(payload: dict, next_token: str | None, has_more: bool) -> None:
    page = Page.parse({"data": [], **payload}, GroupRecord.parse)

    assert (page.next_token, page.has_more) == (next_token, has_more)
