"""One pass over the whole account: every page of groups and looks, ours first, then HeyGen's public library.

Nothing is held open while HeyGen is asked: a page is read, written in one short transaction, and followed by a pause,
because SQLite lets an importer that never pauses starve everybody else. What a complete listing does not show is gone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import methodcaller
from typing import Any

from django.db import transaction
from django.utils import timezone

from avatars import pace
from avatars.account import current_account
from avatars.heygen import (
    Forbidden,
    GroupRecord,
    HeyGenClient,
    HeyGenError,
    LookRecord,
    NotFound,
    Page,
    TryAgain,
    Unavailable,
)
from avatars.heygen import iterate as all_pages
from avatars.library import gone, mirror
from avatars.models import AvatarGroup, SyncRun
from avatars.step import Step

logger = logging.getLogger("avatars.library")

COMMIT_ROWS = 50
COMMIT_PAUSE = 0.02  # seconds
PAGES_MAX = 2000
READ_TRIES = 3
PATIENCE = 60.0  # seconds of a pause of HeyGen's that are waited out; longer ones end the run
BUSY_PAUSE = 5.0  # seconds, when HeyGen says "too fast" and not for how long
UNKNOWN_GROUPS_MAX = 50  # characters asked for one by one in a run, because no list named them
KEPT_RUNS = timedelta(days=30)

Settle = Callable[[], AbstractContextManager[Any]]


class Stopped(Exception):
    """The run was asked to stop before its end."""


def sync_in_background(step: Step) -> None:
    """The handler of `sync.account`."""
    sync_account(step.heygen, settle=step.settle, should_stop=step.stopping)


def sync_account(
    heygen: Callable[[], HeyGenClient],
    *,
    settle: Settle = transaction.atomic,
    sleep: Callable[[float], None] = time.sleep,
    should_stop: Callable[[], bool] = lambda: False,
    on_page: Callable[[str], None] = lambda _line: None,
    patience: float = PATIENCE,
) -> SyncRun:
    """Bring our copy of the account up to date and answer with the run's row.

    `heygen` gives the client with leave for one request, or raises `pace.Paused`. `settle` opens the transaction a
    page is written in. `on_page` hears a line about each page. Errors of HeyGen's end the run: they are noted in its
    row and raised. A run that was stopped ends without an error, as incomplete.
    """
    run = SyncRun.objects.create()
    reading = Reading(
        run=run,
        heygen=heygen,
        settle=settle,
        sleep=sleep,
        should_stop=should_stop,
        on_page=on_page,
        patience=patience,
    )
    try:
        for ownership in ("private", "public"):
            reading.read_groups(ownership)
            reading.read_looks(ownership)
    except Stopped:
        reading.shortfalls.append("the run was stopped")
    except BaseException as error:
        reason = str(error) if isinstance(error, HeyGenError | pace.Paused) else type(error).__name__
        reading.shortfalls.append(reason)
        raise
    finally:
        run.complete = not reading.shortfalls
        run.error = "; ".join(reading.shortfalls)[:2000]
        run.finished_at = timezone.now()
        run.save()
        SyncRun.objects.filter(started_at__lt=run.started_at - KEPT_RUNS).delete()
    logger.info("sync: %d groups, %d looks, %d rows written", run.groups_seen, run.looks_seen, run.rows_written)
    return run


@dataclass(kw_only=True)
class Reading:
    """The state of one run."""

    run: SyncRun
    heygen: Callable[[], HeyGenClient]
    settle: Settle
    sleep: Callable[[float], None]
    should_stop: Callable[[], bool]
    on_page: Callable[[str], None]
    patience: float
    shortfalls: list[str] = field(default_factory=list)
    seen_groups: set[str] = field(default_factory=set)
    seen_looks: set[str] = field(default_factory=set)
    unknown_asked: int = 0

    def read_groups(self, ownership: str) -> None:
        """All groups of one ownership, and which of ours are gone."""

        def write(records: list[GroupRecord], asked_at: datetime) -> None:
            self.run.groups_seen += len(records)
            # What needs no writing never takes the write lock, which is all of a quiet account.
            records = mirror.groups_to_save(records, ownership=ownership, now=asked_at)
            if records:
                with self.settle():
                    saved = mirror.save_groups(records, ownership=ownership, now=asked_at, retry_pictures=True)
                self._written(saved)

        complete = self._read_all(
            f"{ownership} characters",
            lambda token: self.ask(lambda client: client.list_groups(ownership=ownership, token=token)),
            self.seen_groups,
            write,
        )
        if complete:
            self.run.rows_gone += gone.mark_groups(self, ownership)

    def read_looks(self, ownership: str) -> None:
        """All looks of one ownership, and which of ours are gone."""

        def write(records: list[LookRecord], asked_at: datetime) -> None:
            if ownership == "private":
                self._meet_groups(records)
            self.run.looks_seen += len(records)
            records = mirror.looks_to_save(records, ownership=ownership, now=asked_at)
            if records:
                with self.settle():
                    saved = mirror.save_looks(records, ownership=ownership, now=asked_at, retry_pictures=True)
                self._written(saved)

        complete = self._read_all(
            f"{ownership} looks",
            lambda token: self.ask(lambda client: client.list_looks(ownership=ownership, token=token)),
            self.seen_looks,
            write,
        )
        if complete:
            self.run.rows_gone += gone.mark_looks(self, ownership)

    def ask(self, request: Callable[[HeyGenClient], Any]) -> Any:
        """What HeyGen answers to a read. Waits out short pauses, and repeats what can simply be read again."""
        for attempt in range(1, READ_TRIES + 1):
            if self.should_stop():
                raise Stopped
            try:
                return request(self._leave())
            except TryAgain as error:
                pace.pause(current_account(), error.retry_after or BUSY_PAUSE)
                if attempt == READ_TRIES:
                    raise
            except Unavailable:
                if attempt == READ_TRIES:
                    raise
                self.sleep(2.0 ** (attempt - 1))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def rest(self) -> None:
        """Let others write, after a commit."""
        self.sleep(COMMIT_PAUSE)

    def _leave(self) -> HeyGenClient:
        give_up = time.monotonic() + self.patience
        while True:
            try:
                return self.heygen()
            except pace.Paused as wait:
                seconds = max(0.1, (wait.until - timezone.now()).total_seconds())
                if time.monotonic() + seconds > give_up:
                    raise
                self._sleep_attentively(seconds)

    def _sleep_attentively(self, seconds: float) -> None:
        while seconds > 0:
            if self.should_stop():
                raise Stopped
            self.sleep(min(seconds, 1.0))
            seconds -= 1.0

    def _read_all(
        self,
        what: str,
        fetch: Callable[[str | None], Page[Any]],
        seen: set[str],
        write: Callable[[list[Any], datetime], None],
    ) -> bool:
        """Every page of a listing, each written before the next is asked for. Whether nothing was missed."""
        waiting: list[Any] = []
        asked_at = timezone.now()

        def flush() -> None:
            while waiting:
                write(waiting[:COMMIT_ROWS], asked_at)
                del waiting[:COMMIT_ROWS]
                self.rest()

        def fetch_next(token: str | None) -> Page[Any]:
            nonlocal asked_at
            flush()
            asked_at = timezone.now()
            page = fetch(token)
            self.on_page(f"{what}: {len(page.items)} more")
            return page

        listing = all_pages(fetch_next, max_pages=PAGES_MAX)
        for record in listing:
            # The private lists are read first; what is ours stays ours if the public lists name it as well.
            if record.id not in seen:
                seen.add(record.id)
                waiting.append(record)
        flush()
        if not listing.complete:
            self.shortfalls.append(f"{what}: {listing.why_incomplete}")
        return listing.complete

    def _meet_groups(self, looks: Iterable[LookRecord]) -> None:
        """Ask one by one for characters that looks name and no list did."""
        named = {look.group_id for look in looks if look.group_id}
        known = AvatarGroup.objects.filter(heygen_id__in=named).values_list("heygen_id", flat=True)
        for heygen_id in sorted(named - set(known)):
            if self.unknown_asked >= UNKNOWN_GROUPS_MAX:
                return
            self.unknown_asked += 1
            asked_at = timezone.now()
            try:
                record = self.ask(methodcaller("get_group", heygen_id))
            except (NotFound, Forbidden):
                continue
            with self.settle():
                self._written(mirror.save_groups([record], ownership="private", now=asked_at))
            self.seen_groups.add(record.id)

    def _written(self, saved: mirror.Saved) -> None:
        self.run.rows_written += len(saved.written)
        if saved.refused:
            self.shortfalls.append(f"{saved.refused} things have ids too long to keep")
