"""One derivation behind single rows and pages: what is written, what is left alone, what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from avatars.heygen import GroupRecord, LookRecord
from avatars.library import mirror
from avatars.library.facts import picture_digest
from avatars.models import AvatarGroup, Consent, ConsentLink, Job, Look, Submission
from avatars.states import ConsentState, LinkState, Status
from tests.builders import make_user

pytestmark = pytest.mark.usefixtures("database")

ANNA = GroupRecord(id="a" * 32, name="Anna Keller", status="completed", looks_count=2)
RED = LookRecord(
    id="b" * 32,
    name="Red dress",
    avatar_type="photo_avatar",
    group_id=ANNA.id,
    status="completed",
    supported_api_engines=["avatar_v"],
    image_width=1080,
    image_height=1920,
    preferred_orientation="portrait",
    preview_image_url="https://files2.heygen.ai/a/b/red.webp?Expires=4000000000&Signature=one",
)
TWIN = replace(RED, id="c" * 32, name="Twin", avatar_type="digital_twin")


def moment(seconds: float = 0) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def save_group(record: GroupRecord = ANNA, *, ownership: str = "private", after: float = 0) -> AvatarGroup:
    return mirror.save_group(record, ownership=ownership, now=moment(after))


def save_look(record: LookRecord = RED, *, ownership: str = "private", after: float = 0, **facts: Any) -> Look:
    return mirror.save_look(record, ownership=ownership, now=moment(after), **facts)


def asked_for(kind: str) -> set[str]:
    return set(Job.objects.filter(kind=kind).values_list("subject", flat=True))


def test_it_stores_what_heygen_said_and_what_follows_from_it() -> None:
    group = save_group()
    look = save_look()
    assert (look.group, look.name, look.engines, look.orientation) == (group, "Red dress", ["avatar_v"], "portrait")
    assert (look.status, look.status_raw) == (Status.READY, "completed")
    assert look.consent_state == group.consent_state == ConsentState.NOT_REQUIRED
    assert look.search_text == f"red dress anna keller {RED.id} {ANNA.id}"


def test_it_takes_a_record_with_nothing_but_an_id() -> None:
    group = save_group(GroupRecord(id="g"))
    look = save_look(LookRecord(id="l", group_id="g"))
    assert str(group) == "Unnamed character"
    assert (look.group, look.name, look.status_raw) == (group, "", None)


def test_a_look_of_ours_without_a_word_and_a_picture_is_in_training() -> None:
    assert save_look(LookRecord(id="ours")).status == Status.TRAINING
    assert save_look(LookRecord(id="stock"), ownership="public").status == Status.READY


def test_completed_without_dimensions_is_still_training() -> None:
    assert save_look(replace(RED, image_width=0)).status == Status.TRAINING
    assert save_look(RED, after=1).status == Status.READY


def test_it_keeps_words_as_they_came_and_cuts_what_no_column_holds() -> None:
    look = save_look(
        replace(
            RED,
            name="N" * 300,
            status="Baking\u00e9",
            avatar_type="t" * 100,
            tags=["x" * 500, "nul\x00", "lone \ud800"],
            error_code="e" * 200,
            error_message="m" * 9000,
            default_voice_id="v" * 300,
            gender="g" * 99,
            preferred_orientation="o" * 99,
        )
    )
    assert (look.status_raw, look.status) == ("Baking\u00e9", Status.TRAINING)
    assert [len(look.name), len(look.avatar_type), len(look.error_code)] == [255, 64, 128]
    assert look.tags == ["x" * 100, "nul", "lone ?"]
    assert len(save_group(replace(ANNA, consent_status="w" * 200)).consent_raw or "") == 64


def test_an_id_too_long_for_any_column_is_refused_and_skipped_in_a_page() -> None:
    with pytest.raises(ValueError, match="id"):
        save_look(replace(RED, id="x" * 129))
    saved = mirror.save_looks([RED, replace(RED, id="x" * 129)], ownership="private", now=moment())
    assert (len(saved.written), saved.refused) == (1, 1)
    assert Look.objects.count() == 1


def test_facts_an_answer_leaves_out_stay_and_words_follow_it() -> None:
    save_group()
    save_look()
    look = save_look(LookRecord(id=RED.id, status="failed", error_code="training_failed"), after=1)
    assert (look.name, look.image_width, look.avatar_type) == ("Red dress", 1080, "photo_avatar")
    assert look.group is not None
    assert "anna" in look.search_text
    assert (look.status, look.error_code, look.engines) == (Status.FAILED, "training_failed", [])


def test_an_unchanged_page_writes_nothing() -> None:
    records = [replace(RED, id=f"{number:032x}") for number in range(5)]
    mirror.save_groups([ANNA], ownership="private", now=moment())
    first = mirror.save_looks(records, ownership="private", now=moment())
    stamps = list(Look.objects.order_by("id").values_list("updated_at", "checked_at"))
    again = mirror.save_looks(records, ownership="private", now=moment(1))
    assert (len(first.written), len(again.written)) == (5, 0)
    assert list(Look.objects.order_by("id").values_list("updated_at", "checked_at")) == stamps
    assert not mirror.save_groups([ANNA], ownership="private", now=moment(1)).written


def test_only_the_changed_row_of_a_page_is_written() -> None:
    records = [replace(RED, id=f"{number:032x}") for number in range(5)]
    mirror.save_looks(records, ownership="private", now=moment())
    records[3] = replace(records[3], name="Blue dress")
    saved = mirror.save_looks(records, ownership="private", now=moment(1))
    assert saved.written == {records[3].id}
    assert Look.objects.get(heygen_id=records[3].id).search_text.startswith("blue dress")


def test_a_new_signature_is_no_change() -> None:
    save_look()
    signed_anew = replace(RED, preview_image_url=str(RED.preview_image_url).replace("one", "two"))
    assert not mirror.save_looks([signed_anew], ownership="private", now=moment(1)).written


def test_a_dead_address_is_replaced_as_long_as_the_picture_is_wanted() -> None:
    dead = replace(RED, preview_image_url="https://files2.heygen.ai/a/b/red.webp?Expires=1&Signature=dead")
    save_look(dead)
    assert save_look(RED, after=1).preview_image_url == RED.preview_image_url
    Look.objects.update(preview_image_url=dead.preview_image_url, thumbnail_of=picture_digest(RED.preview_image_url))
    assert not mirror.save_looks([RED], ownership="private", now=moment(2)).written


def test_a_picture_is_asked_for_when_it_is_new() -> None:
    look = save_look()
    assert asked_for("look.thumbnail") == {str(look.pk)}
    Job.objects.all().delete()
    Look.objects.update(thumbnail="x.webp", thumbnail_of=picture_digest(look.preview_image_url))
    save_look(replace(RED, name="Renamed"), after=1)
    assert not asked_for("look.thumbnail")
    save_look(replace(RED, preview_image_url="https://files2.heygen.ai/a/b/other.webp"), after=2)
    assert asked_for("look.thumbnail") == {str(look.pk)}


def test_a_picture_that_could_not_be_had_is_asked_for_again_by_a_sync_only() -> None:
    look = save_look()
    Job.objects.all().delete()
    save_look(after=1)
    assert not asked_for("look.thumbnail")
    mirror.save_looks([RED], ownership="private", now=moment(2), retry_pictures=True)
    assert asked_for("look.thumbnail") == {str(look.pk)}


def test_training_of_ours_is_watched_once() -> None:
    look = save_look(replace(RED, status="processing"))
    assert asked_for("look.poll") == {str(look.pk)}
    Job.objects.all().delete()
    save_look(replace(RED, status="pending_consent"), after=1)
    assert not asked_for("look.poll")
    save_look(replace(RED, id="public", status="processing"), ownership="public")
    assert not asked_for("look.poll")


def test_a_stale_record_never_undoes_a_newer_one() -> None:
    save_look(after=10)
    saved = mirror.save_looks([replace(RED, status="processing")], ownership="private", now=moment())
    assert not saved.written
    assert Look.objects.get().status == Status.READY


def test_what_went_and_came_back_is_alive_again() -> None:
    group, look = save_group(), save_look()
    mirror.mark_gone(group, moment(1))
    look.refresh_from_db()
    assert look.gone_at is not None
    assert look.status == Status.GONE
    save_group(after=2)
    look = save_look(after=2)
    assert (look.gone_at, look.status) == (None, Status.READY)
    assert AvatarGroup.objects.get().gone_at is None


def test_a_look_of_an_unknown_group_gets_its_group_later() -> None:
    assert save_look().group is None
    group = save_group()
    look = save_look(after=1)
    assert look.group == group
    assert "keller" in look.search_text


def test_the_caller_may_know_the_group_better_than_the_record() -> None:
    group = save_group()
    assert save_look(replace(RED, group_id=None), group=group).group == group


def test_their_name_and_ours_are_both_kept_and_both_found() -> None:
    group = save_group()
    look = save_look()
    group.display_name = "Our Annie"
    group.save(update_fields=["display_name"])
    mirror.refresh_names(group)
    group = save_group(replace(ANNA, name="Anna K."), after=1)
    look.refresh_from_db()
    assert (group.name, group.display_name, group.title) == ("Anna K.", "Our Annie", "Our Annie")
    assert group.search_text == f"our annie anna k {ANNA.id}"
    assert "our annie" in look.search_text


def test_a_new_name_of_the_character_reaches_its_looks() -> None:
    save_group()
    look = save_look()
    save_group(replace(ANNA, name="Zoë"), after=1)
    look.refresh_from_db()
    assert look.search_text == f"red dress zoe {RED.id} {ANNA.id}"


def test_a_twin_of_ours_gets_a_consent_and_is_watched() -> None:
    group = save_group(replace(ANNA, consent_status="pending"))
    assert group.consent_state == ConsentState.NOT_ASKED
    Job.objects.all().delete()
    look = save_look(TWIN)
    group.refresh_from_db()
    assert group.is_twin
    assert (look.consent_state, Consent.objects.get().state) == (ConsentState.NOT_ASKED, ConsentState.NOT_ASKED)
    assert asked_for("group.poll") == {str(group.pk)}


def test_a_public_twin_needs_no_consent_of_ours() -> None:
    save_group(ownership="public")
    look = save_look(TWIN, ownership="public")
    assert look.consent_state == ConsentState.NOT_REQUIRED
    assert not Consent.objects.exists()
    assert not asked_for("group.poll")


def test_a_twin_stays_one_whatever_comes_later() -> None:
    save_group()
    save_look(TWIN)
    save_look(replace(TWIN, avatar_type="photo_avatar"), after=1)
    assert AvatarGroup.objects.get().is_twin


def test_our_own_submission_tells_a_twin_whatever_heygen_calls_it() -> None:
    group = save_group()
    look = save_look(replace(TWIN, avatar_type="future_avatar"))
    assert not group.is_twin
    Submission.objects.create(owner=make_user(), kind="digital_twin", name="T", account="sandbox", look=look)
    assert mirror.refresh_consent(group)
    look.refresh_from_db()
    assert (group.is_twin, look.consent_state) == (True, ConsentState.NOT_ASKED)


def test_consent_follows_heygens_word_and_our_links() -> None:
    group = save_group(replace(ANNA, consent_status="pending"))
    look = save_look(TWIN)
    consent = Consent.objects.get()
    link = ConsentLink.objects.create(
        consent=consent,
        state=LinkState.READY,
        asked_by=make_user(),
        issued_at=moment(),
        expires_at=moment(3600),
    )
    assert mirror.refresh_consent(group)
    assert not mirror.refresh_consent(group)
    look.refresh_from_db()
    assert look.consent_state == ConsentState.WAITING
    ConsentLink.objects.filter(pk=link.pk).update(expires_at=moment(-1))
    # Reading the group again notices the dead link, though HeyGen's word is the same.
    assert save_group(replace(ANNA, consent_status="pending"), after=1).consent_state == ConsentState.EXPIRED
    assert save_group(replace(ANNA, consent_status="accepted"), after=2).consent_state == ConsentState.GIVEN
    look.refresh_from_db()
    consent.refresh_from_db()
    assert look.consent_state == consent.state == ConsentState.GIVEN
    assert consent.answered_at is not None


def test_an_old_refusal_is_asked_about_anew() -> None:
    group = save_group(replace(ANNA, consent_status="rejected"))
    save_look(TWIN)
    group.refresh_from_db()
    assert group.consent_state == ConsentState.DECLINED
    ConsentLink.objects.create(
        consent=Consent.objects.get(),
        state=LinkState.READY,
        asked_by=make_user(),
        issued_at=moment(5),
        expires_at=moment(3600),
    )
    mirror.refresh_consent(group)
    assert group.consent_state == ConsentState.WAITING


def test_an_unknown_word_of_consent_is_shown_as_it_is() -> None:
    group = save_group(replace(ANNA, consent_status="verified_by_partner"))
    save_look(TWIN)
    group.refresh_from_db()
    assert (group.consent_state, group.consent_raw) == (ConsentState.UNKNOWN, "verified_by_partner")


def test_it_leaves_alone_what_others_own() -> None:
    group, look = save_group(), save_look()
    Look.objects.update(thumbnail="t.webp", next_check_at=moment(60))
    AvatarGroup.objects.update(display_name="Ours", thumbnail="g.webp")
    save_look(replace(RED, name="Changed"), after=1)
    save_group(replace(ANNA, name="Changed"), after=1)
    look.refresh_from_db()
    group.refresh_from_db()
    assert (look.name, look.thumbnail, look.next_check_at is not None) == ("Changed", "t.webp", True)
    assert (group.name, group.thumbnail, group.display_name) == ("Changed", "g.webp", "Ours")


def test_a_page_costs_the_same_number_of_queries_whatever_its_size(django_assert_max_num_queries: Any) -> None:
    records = [replace(RED, id=f"{number:032x}") for number in range(50)]
    with django_assert_max_num_queries(12):
        mirror.save_looks(records, ownership="private", now=moment())
    with django_assert_max_num_queries(5):
        mirror.save_looks(records, ownership="private", now=moment(1))
