"""The mirror against a real sandbox, and against listings that do not behave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from avatars import pace
from avatars.account import current_account, open_client
from avatars.heygen import Forbidden, GroupRecord, HeyGenClient, LookRecord, NotFound, Page, Refused, Unavailable
from avatars.library import mirror, sync
from avatars.models import AvatarGroup, Consent, Event, Job, Look, Submission, SyncRun
from avatars.states import Status
from avatars.work import claim
from avatars.work.worker import run_job
from tests.builders import make_user
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(sandbox: SandboxServer) -> Iterator[HeyGenClient]:
    with open_client() as opened:
        yield opened


def run_sync(account: Any, **options: Any) -> SyncRun:
    options.setdefault("sleep", lambda _seconds: None)
    return sync.sync_account(lambda: account, **options)


def test_it_mirrors_everything_and_writes_nothing_the_second_time(client: HeyGenClient) -> None:
    run = run_sync(client)
    assert (run.complete, run.error, run.rows_gone) == (True, "", 0)
    assert AvatarGroup.objects.filter(ownership="public").count() >= 120
    assert AvatarGroup.objects.filter(ownership="private", looks_count__gte=60).exists()
    assert not Look.objects.filter(group=None).exists()
    assert run.rows_written == run.groups_seen + run.looks_seen
    assert (run.groups_seen, run.looks_seen) == (AvatarGroup.objects.count(), Look.objects.count())
    stamps = list(Look.objects.order_by("id").values_list("updated_at", flat=True))
    jobs = Job.objects.count()
    again = run_sync(client)
    assert (again.complete, again.rows_written, again.rows_gone) == (True, 0, 0)
    assert list(Look.objects.order_by("id").values_list("updated_at", flat=True)) == stamps
    assert Job.objects.count() == jobs


def test_it_reads_ours_first_and_asks_for_every_page_once(client: HeyGenClient, sandbox: SandboxServer) -> None:
    lines: list[str] = []
    run_sync(client, on_page=lines.append)
    kinds = list(dict.fromkeys(line.partition(":")[0] for line in lines))
    assert kinds == ["private characters", "private looks", "public characters", "public looks"]
    asked = [(call["path"], call.get("query")) for call in sandbox.requests()]
    assert len(asked) == len(lines)


def test_a_twin_of_the_account_gets_its_consent_record(client: HeyGenClient) -> None:
    run_sync(client)
    twins = AvatarGroup.objects.filter(is_twin=True, ownership="private")
    assert twins.exists()
    assert set(Consent.objects.values_list("group_id", flat=True)) == set(twins.values_list("pk", flat=True))


def delete_at_heygen(client: HeyGenClient, look: Look) -> None:
    assert client.delete_look(look.heygen_id, key=f"delete-{look.pk}")


def test_what_was_deleted_at_heygen_is_shown_as_gone_and_its_submission_knows(client: HeyGenClient) -> None:
    run_sync(client)
    look = Look.objects.filter(ownership="private", status=Status.READY).exclude(avatar_type="studio_avatar")[0]
    submission = Submission.objects.create(
        owner=make_user(), kind="photo", name="n", account="sandbox", state=Status.READY, look=look
    )
    delete_at_heygen(client, look)
    run = run_sync(client)
    look.refresh_from_db()
    submission.refresh_from_db()
    assert (run.rows_gone, look.status, submission.state) == (1, Status.GONE, Status.GONE)
    assert Event.objects.filter(verb="look_gone", look=look).exists()


def test_a_deleted_character_takes_its_looks_along(client: HeyGenClient) -> None:
    run_sync(client)
    group = AvatarGroup.objects.filter(ownership="private", looks_count__gte=60)[0]
    assert client.delete_group(group.heygen_id, key="delete-group")
    assert run_sync(client).rows_gone == 1
    assert set(group.looks.values_list("status", flat=True)) == {Status.GONE}
    assert AvatarGroup.objects.filter(gone_at=None, ownership="public").count() >= 120


@pytest.mark.parametrize("kind", ["429", "500", "502", "empty", "reset"])
def test_passing_trouble_is_waited_out(client: HeyGenClient, sandbox: SandboxServer, kind: str) -> None:
    sandbox.faults(kind=kind, method="GET", path_prefix="/v3/avatars/looks", times=1)

    def leave() -> HeyGenClient:
        pace.wait_for_turn(current_account())
        return client

    assert sync.sync_account(leave, sleep=lambda seconds: threading.Event().wait(min(seconds, 1.0))).complete


def test_lasting_trouble_ends_the_run_and_marks_nothing_gone(client: HeyGenClient, sandbox: SandboxServer) -> None:
    run_sync(client)
    look = Look.objects.filter(ownership="private", status=Status.READY, avatar_type="photo_avatar")[0]
    delete_at_heygen(client, look)
    sandbox.faults(kind="500", method="GET", path_prefix="/v3/avatars/looks", times=50)
    with pytest.raises(Unavailable):
        run_sync(client)
    run = SyncRun.objects.first()
    assert run is not None
    assert (run.complete, run.rows_gone, run.finished_at is not None) == (False, 0, True)
    assert run.error
    assert not Look.objects.filter(status=Status.GONE).exists()


def test_the_worker_runs_it_and_comes_back(sandbox: SandboxServer) -> None:
    Job.objects.enqueue("sync.account")
    job = claim.claim(["sync.account"])
    assert job is not None
    run_job(job, threading.Event())
    assert SyncRun.objects.get().complete
    job.refresh_from_db()
    assert job.run_at > timezone.now()
    assert (job.lease_token, job.last_error) == ("", "")


def test_thumbnails_of_the_sandbox_become_ours(client: HeyGenClient, sandbox: SandboxServer) -> None:
    run_sync(client)
    look = Look.objects.filter(ownership="private", status=Status.READY)[0]
    assert look.group is not None
    sandbox.control(f"groups/{look.group.heygen_id}/expire-previews", {})
    Job.objects.exclude(key=f"look.thumbnail:{look.pk}").delete()
    job = claim.claim(["look.thumbnail"])
    assert job is not None
    run_job(job, threading.Event())
    look.refresh_from_db()
    assert look.thumbnail
    assert not Job.objects.exists()


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_tells_what_it_does(sandbox: SandboxServer, capsys: Any) -> None:
    call_command("sync_heygen")
    out = capsys.readouterr().out
    assert "private characters:" in out
    assert "0 gone at HeyGen" in out


def test_the_command_says_plainly_that_the_key_is_wrong(sandbox: SandboxServer, settings: Any) -> None:
    settings.HEYGEN_API_KEY = "wrong"
    with pytest.raises(CommandError, match="HEYGEN_API_KEY"):
        call_command("sync_heygen")


def test_the_command_says_plainly_that_nobody_answers(sandbox: SandboxServer, settings: Any, monkeypatch: Any) -> None:
    settings.HEYGEN_API_BASE = "http://127.0.0.1:9"
    monkeypatch.setattr(sync, "READ_TRIES", 1)
    with pytest.raises(CommandError, match="could not be reached"):
        call_command("sync_heygen")


# --- Listings that do not behave ------------------------------------------------------------------------------------


class Account:
    """An account whose pages are given one by one: what a page token leads to is up to the test."""

    def __init__(
        self, groups: Callable[[str | None], Page[GroupRecord]], looks: Callable[..., Page[LookRecord]]
    ) -> None:
        self._groups = groups
        self._looks = looks
        self.still_there: set[str] = set()
        self.asked_for: list[str] = []

    def list_groups(self, *, ownership: str, token: str | None) -> Page[GroupRecord]:
        return self._groups(token) if ownership == "private" else Page([])

    def list_looks(self, *, ownership: str, token: str | None) -> Page[LookRecord]:
        return self._looks(token) if ownership == "private" else Page([])

    def get_look(self, heygen_id: str) -> LookRecord:
        self.asked_for.append(heygen_id)
        if heygen_id in self.still_there:
            return LookRecord(id=heygen_id, name="still there", status="completed")
        raise NotFound("no such look", status=404)

    def get_group(self, heygen_id: str) -> GroupRecord:
        self.asked_for.append(heygen_id)
        if heygen_id in self.still_there:
            return GroupRecord(id=heygen_id, name="still there")
        raise Forbidden("not yours", status=403)


def some_looks(*ids: str) -> list[LookRecord]:
    return [LookRecord(id=one, name=one, status="completed", group_id="g") for one in ids]


def listing(**pages: Page[LookRecord]) -> Callable[..., Page[LookRecord]]:
    return lambda token: pages[token or "first"]


def no_groups(_token: str | None) -> Page[GroupRecord]:
    return Page([])


@pytest.fixture
def known(db: None) -> None:
    """Three looks that were mirrored an hour ago."""
    then = timezone.now() - timedelta(hours=1)
    mirror.save_looks(some_looks("a", "b", "c"), ownership="private", now=then)
    Look.objects.update(created_at=then)


def gone() -> set[str]:
    return set(Look.objects.exclude(gone_at=None).values_list("heygen_id", flat=True))


@pytest.mark.parametrize(
    "pages",
    [
        listing(first=Page(some_looks("a"), "x", True), x=Page(some_looks("b"), "x", True)),
        listing(first=Page(some_looks("a"), "x", True), x=Page([], "y", True), y=Page([], "x", True)),
        listing(first=Page(some_looks("a"), None, True)),
        listing(first=Page(some_looks("a"), None, False, skipped=1)),
    ],
    ids=["repeats", "circles", "announces more", "skipped one"],
)
@pytest.mark.usefixtures("known")
def test_an_incomplete_listing_marks_nothing_gone(pages: Callable[..., Page[LookRecord]]) -> None:
    run = run_sync(Account(no_groups, pages))
    assert not run.complete
    assert "private looks" in run.error
    assert gone() == set()


@pytest.mark.usefixtures("known")
def test_a_cursor_that_expires_once_is_begun_again() -> None:
    tries: list[str | None] = []

    def pages(token: str | None) -> Page[LookRecord]:
        tries.append(token)
        if token and tries.count(token) == 1:
            raise Refused("expired", status=400, code="invalid_parameter")
        return Page(some_looks("c")) if token else Page(some_looks("a", "b"), "x", True)

    run = run_sync(Account(no_groups, pages))
    assert (run.complete, run.looks_seen) == (True, 3)
    assert gone() == set()


@pytest.mark.usefixtures("known")
def test_ours_is_asked_for_by_itself_before_it_is_given_up() -> None:
    account = Account(no_groups, listing(first=Page(some_looks("a"))))
    account.still_there = {"b"}
    run = run_sync(account)
    assert gone() == {"c"}
    assert (run.complete, run.rows_gone) == (True, 1)
    assert [one for one in account.asked_for if one != "g"] == ["b", "c"]
    assert Look.objects.get(heygen_id="b").name == "still there"


@pytest.mark.usefixtures("known")
def test_what_appears_while_the_run_is_under_way_is_not_gone() -> None:
    def pages(_token: str | None) -> Page[LookRecord]:
        # As if the worker stored a fresh look and read an old one again while the pages were being read.
        mirror.save_look(LookRecord(id="new", status="processing"), ownership="private", now=timezone.now())
        mirror.save_look(some_looks("c")[0], ownership="private", now=timezone.now())
        return Page(some_looks("a", "b"))

    run = run_sync(Account(no_groups, pages))
    assert run.complete
    assert gone() == set()


@pytest.mark.usefixtures("known")
def test_what_the_worker_has_read_since_is_not_undone_by_a_slow_page() -> None:
    def pages(_token: str | None) -> Page[LookRecord]:
        page = Page(some_looks("a", "b", "c"))
        later = timezone.now() + timedelta(seconds=1)
        mirror.save_look(LookRecord(id="a", name="newer", status="failed"), ownership="private", now=later)
        return page

    run_sync(Account(no_groups, pages))
    assert Look.objects.get(heygen_id="a").status == Status.FAILED


@pytest.mark.usefixtures("known")
def test_what_comes_back_is_alive_again() -> None:
    run_sync(Account(no_groups, listing(first=Page(some_looks("a")))))
    assert gone() == {"b", "c"}
    run_sync(Account(no_groups, listing(first=Page(some_looks("a", "b")))))
    assert gone() == {"c"}


@pytest.mark.usefixtures("known")
def test_an_invented_library_is_none_of_heygens_business() -> None:
    then = timezone.now() - timedelta(hours=1)
    mirror.save_looks(some_looks("demo-1"), ownership="private", now=then)
    Look.objects.update(created_at=then)
    run_sync(Account(no_groups, listing(first=Page(some_looks("a", "b", "c")))))
    assert gone() == set()


def test_a_look_names_a_character_that_no_list_did() -> None:
    account = Account(no_groups, listing(first=Page(some_looks("a", "b"))))
    account.still_there = {"g"}
    run_sync(account)
    assert AvatarGroup.objects.get().name == "still there"
    assert set(Look.objects.values_list("group__heygen_id", flat=True)) == {"g"}
    assert account.asked_for == ["g"]


def test_a_page_larger_than_agreed_is_written_in_short_transactions() -> None:
    rests: list[float] = []
    looks = [LookRecord(id=f"{number:032x}") for number in range(120)]
    run_sync(Account(no_groups, listing(first=Page(looks))), sleep=rests.append)
    assert Look.objects.count() == 120
    assert rests.count(sync.COMMIT_PAUSE) >= 3


@pytest.mark.usefixtures("known")
def test_a_stopped_run_ends_without_an_error_and_without_conclusions() -> None:
    stop: list[bool] = []
    account = Account(no_groups, lambda _token: stop.append(True) or Page(some_looks("a"), "x", True))
    run = run_sync(account, should_stop=lambda: bool(stop))
    assert (run.complete, run.error) == (False, "the run was stopped")
    assert gone() == set()


def test_a_pause_of_heygens_is_waited_out_when_it_is_short() -> None:
    account = Account(no_groups, listing(first=Page(some_looks("a"))))
    waits: list[float] = []
    pauses = [timezone.now() + timedelta(seconds=3)]

    def leave() -> Any:
        if pauses:
            raise pace.Paused(pauses.pop())
        return account

    run = sync.sync_account(leave, sleep=waits.append)
    assert run.complete
    assert 2 < sum(wait for wait in waits if wait != sync.COMMIT_PAUSE) <= 3
    long = pace.Paused(timezone.now() + timedelta(minutes=10))

    def never() -> Any:
        raise long

    with pytest.raises(pace.Paused):
        sync.sync_account(never, sleep=waits.append)


def test_runs_of_long_ago_are_forgotten() -> None:
    old = SyncRun.objects.create()
    SyncRun.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=40))
    run = run_sync(Account(no_groups, listing(first=Page([]))))
    assert list(SyncRun.objects.all()) == [run]
