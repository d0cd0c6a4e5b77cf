"""``manage.py run_sandbox``: the stand-in for HeyGen's API, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from heygen_portal.sandbox import serve


class Command(BaseCommand):
    """Replace this process by the sandbox's server, which has settings and state of its own."""

    help = "Run the stand-in for HeyGen's API (no cost, nothing leaves this machine)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options of the server."""
        serve.add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Announce the address and become the server."""
        data_dir = getattr(settings, "DATA_DIR", None)
        default = Path(data_dir) / "sandbox" if data_dir else None
        state_dir = Path(options["state_dir"]) if options["state_dir"] else default
        self.stdout.write(f"Sandbox of HeyGen's API on http://{options['host']}:{options['port']}/")
        try:
            serve.run(options["host"], options["port"], state_dir)
        except serve.PortTaken as error:
            raise CommandError(str(error)) from None
