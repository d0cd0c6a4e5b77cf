"""`manage.py run_worker`: do the background work."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from avatars.work.worker import Worker


class Command(BaseCommand):
    """Run one worker. Any number may run side by side, on any number of machines with the same database."""

    help = "Do the background work: uploads, creations, polling, mails, thumbnails, the mirror."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--threads", type=int, default=None, help="lanes side by side (default: WORKER_THREADS)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or SIGINT; the step in hand is finished first."""
        worker = Worker(threads=options["threads"])
        signal.signal(signal.SIGTERM, worker.stop)
        signal.signal(signal.SIGINT, worker.stop)
        if options["once"]:
            done = worker.run_once()
            self.stdout.write(f"{done} jobs done")
        else:
            worker.run()
