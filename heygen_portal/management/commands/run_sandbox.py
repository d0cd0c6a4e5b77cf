"""``manage.py run_sandbox``: the stand-in for HeyGen's API, in a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

REPOSITORY = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    """Become ``python -m heygen_portal.sandbox``, which shares neither settings nor state nor code with the portal."""

    help = "Run the stand-in for HeyGen's API (no cost, nothing leaves this machine)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it listens, and where it keeps its state."""
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("SANDBOX_PORT") or 8001), help="port to listen on"
        )
        parser.add_argument("--state-dir", default=None, help="folder for its state (default: <DATA_DIR>/sandbox)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Announce the address and hand over; a taken port is reported by the process that follows."""
        self.stdout.write(f"Sandbox of HeyGen's API on http://{options['host']}:{options['port']}/")
        self.stdout.flush()
        state_dir = options["state_dir"] or Path(settings.DATA_DIR) / "sandbox"
        command = [sys.executable, "-m", "heygen_portal.sandbox", "--host", options["host"]]
        command += ["--port", str(options["port"]), "--state-dir", str(Path(state_dir).resolve())]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter, no shell
