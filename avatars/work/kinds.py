"""Every kind of background work: who does it, how long it may take, and whether it may hold up others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from avatars.consent import fetch, mail, watch
from avatars.creation import advance, training, uploads
from avatars.library import sync, thumbnails
from avatars.step import Step, scaled
from heygen_portal.middleware.uploads import sweep_incoming

# A handler does one step and answers in how many seconds the job is to run again, or None when it is done.
Handler = Callable[[Step], float | None]

SYNC_EVERY = 15 * 60.0  # seconds, before scaling
CLEANUP_EVERY = 6 * 3600.0
STALE_SECONDS = 24 * 3600.0  # no upload takes a day; what is older was left behind by a killed request


@dataclass(frozen=True)
class Kind:
    """`deadline` (seconds) is how long a lease is renewed for one run; `quick` ones also run in the express lane."""

    handler: Handler
    deadline: float
    quick: bool = False


def _sync(step: Step) -> float | None:
    sync.sync_in_background(step)
    return scaled(SYNC_EVERY)


def _cleanup(_step: Step) -> float | None:
    uploads.remove_unused_uploads()
    sweep_incoming(STALE_SECONDS)
    return CLEANUP_EVERY


KINDS: dict[str, Kind] = {
    "submission.advance": Kind(advance.advance, deadline=3600),
    "look.poll": Kind(training.poll_look, deadline=120, quick=True),
    "group.poll": Kind(watch.poll_group, deadline=120, quick=True),
    "consent.fetch": Kind(fetch.fetch_link, deadline=180, quick=True),
    "mail.send": Kind(mail.send, deadline=120, quick=True),
    "look.thumbnail": Kind(thumbnails.fetch_look_thumbnail, deadline=180),
    "group.thumbnail": Kind(thumbnails.fetch_group_thumbnail, deadline=180),
    "sync.account": Kind(_sync, deadline=3600),
    "cleanup": Kind(_cleanup, deadline=600),
}
QUICK = frozenset(name for name, kind in KINDS.items() if kind.quick)
# Kinds that are always due again; the worker makes sure they exist.
PERIODIC = ("sync.account", "cleanup")
