"""`manage.py up`: the whole portal under one foreground command."""

from __future__ import annotations

import http.client
import os
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

from heygen_portal import env, health, preparation
from heygen_portal.supervisor import Program, Supervisor

WAIT_FOR_MIGRATIONS_SECONDS = 120
SLOW_START_SECONDS = 30
WEB_PROCESSES = 2
WEB_THREADS = 16
# Below the supervisor's own grace, so that gunicorn closes its connections itself.
WEB_GRACE_SECONDS = 7
DESCRIPTION = """\
Starts the portal: prepares database, static files and first accounts, then runs the web server, the worker and,
without a HeyGen key, the sandbox. Prints "Ready" with the address once everything answers. A process that dies is
started again; Ctrl-C stops all of them within ten seconds, a second Ctrl-C at once.

Settings come from the environment or from .env; .env.example explains each of them. The usual ones:
  PORT=8010 SANDBOX_PORT=8011   other ports
  DATA_DIR=./data-2             other data
  HEYGEN_API_KEY=...            real HeyGen instead of the sandbox
"""


class Command(BaseCommand):
    """Start, watch and stop the portal's processes."""

    help = DESCRIPTION
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the line breaks of the help text."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option, for containers that run a service each."""
        parser.add_argument(
            "--only",
            action="append",
            choices=("web", "worker", "sandbox"),
            help="run this part only (may be given more than once); without web, wait for the one that migrates",
        )

    def handle(self, *args: Any, only: list[str] | None = None, **options: Any) -> None:
        """Prepare, run, and exit with 1 when a part could not be kept running."""
        try:
            self._up(set(only or ()))
        except KeyboardInterrupt:
            sys.exit(130)
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {str(error).strip()}\nLook at DATABASE_URL.") from error

    def _up(self, only: set[str]) -> None:
        wanted = only or {"web", "worker"} | ({"sandbox"} if settings.SANDBOX_MODE else set())
        _check_ports(wanted)
        with ExitStack() as held:
            if not only:
                held.enter_context(preparation.only_portal(settings.DATA_DIR))
            self.check()
            if "web" in wanted:
                self.stdout.write("Preparing database and static files ...")
                self.stdout.flush()
                preparation.prepare()
            elif "worker" in wanted:
                _wait_for_migrations()
            connections.close_all()
            readiness = _Readiness(self, wanted)
            code = Supervisor(programs(wanted), probe=readiness.probe, on_ready=readiness.announce).run()
        self.stdout.write("Stopped.")
        if code:
            sys.exit(code)


def programs(wanted: set[str]) -> list[Program]:
    """The commands of the parts in `wanted`, in the order they are started."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    host = f"[{settings.HOST.strip('[]')}]" if ":" in settings.HOST else settings.HOST
    gunicorn = [sys.executable, "-m", "gunicorn", "heygen_portal.wsgi:application"]
    gunicorn += ["--chdir", str(settings.BASE_DIR), "--bind", f"{host}:{settings.PORT}", "--no-control-socket"]
    # Uploads last minutes: threads do not count them as hanging, as gunicorn's default workers would.
    gunicorn += ["--worker-class", "gthread", "--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)]
    gunicorn += ["--timeout", "60", "--graceful-timeout", str(WEB_GRACE_SECONDS), "--keep-alive", "5"]
    # No access log: addresses of the status poll are signed and would let a reader of the log use them. Forwarding
    # headers are judged by our own middleware, so gunicorn trusts nobody.
    gunicorn += ["--log-level", "warning", "--limit-request-line", "8190", "--forwarded-allow-ips", "0.0.0.0/32"]
    if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):  # noqa: S108 - gunicorn's heartbeat files
        gunicorn += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    commands = {"sandbox": [*manage, "run_sandbox"], "web": gunicorn, "worker": [*manage, "run_worker"]}
    return [Program(name, argv) for name, argv in commands.items() if name in wanted]


def _check_ports(wanted: set[str]) -> None:
    if {"web", "sandbox"} <= wanted and settings.PORT == settings.SANDBOX_PORT:
        raise CommandError(f"PORT and SANDBOX_PORT are both {settings.PORT}. Give them different numbers.")
    if "web" in wanted:
        preparation.refuse_taken_port(settings.HOST, settings.PORT, "PORT", "the portal")
    if "sandbox" in wanted:
        preparation.refuse_taken_port("127.0.0.1", settings.SANDBOX_PORT, "SANDBOX_PORT", "the sandbox")


def _wait_for_migrations() -> None:
    """Give the service that migrates its time; a worker on old tables would do harm."""
    deadline = time.monotonic() + WAIT_FOR_MIGRATIONS_SECONDS
    while time.monotonic() < deadline:
        try:
            if health.unapplied_migrations() == 0:
                return
        except OperationalError:
            connection.close()
        time.sleep(1)
    raise CommandError("The database has no up-to-date tables. Start the web service, which makes them.")


class _Readiness:
    """Asks whether the portal is ready, and says so once."""

    def __init__(self, command: Command, wanted: set[str]) -> None:
        self.command = command
        self.wanted = wanted
        self.host = _reachable(settings.HOST)
        self.hint_at = time.monotonic() + SLOW_START_SECONDS

    def probe(self) -> bool:
        """True once the web part answers 200: /readyz for the whole portal, /healthz for the web part alone."""
        if "web" not in self.wanted:
            return True
        path = "/readyz" if "worker" in self.wanted else "/healthz"
        client = http.client.HTTPConnection(self.host, settings.PORT, timeout=1)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            body = answer.read(500)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()
        if answer.status != 200 and time.monotonic() >= self.hint_at:
            self.hint_at = time.monotonic() + SLOW_START_SECONDS
            self.command.stdout.write(f"Not ready yet: {body.decode('utf-8', 'replace')}")
            self.command.stdout.flush()
        return answer.status == 200

    def announce(self) -> None:
        """Print where the portal is and how to sign in."""
        lines = ["", "Ready"] if "web" not in self.wanted else ["", f"Ready: {self._address()}", *_how_to_sign_in()]
        if not settings.SANDBOX_MODE and settings.EMAIL_URL == "":
            lines += ["", f"No EMAIL_URL: mails are written to {settings.MAIL_OUTBOX}, nothing is sent."]
        self.command.stdout.write("\n".join([*lines, "", "Stop with Ctrl-C."]))
        self.command.stdout.flush()
        connections.close_all()

    def _address(self) -> str:
        if settings.PUBLIC_URL:
            return f"{settings.PUBLIC_URL}/"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{settings.PORT}/"


def _reachable(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    plain = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plain, plain)  # noqa: S104 - compared, not bound


def _how_to_sign_in() -> list[str]:
    if settings.SANDBOX_MODE:
        lines = ["Sandbox mode: no HEYGEN_API_KEY is set, so a stand-in answers and nothing is charged."]
    else:
        lines = [f"Connected to {settings.HEYGEN_API_BASE}."]
    if preparation.demo_is_allowed():
        password = preparation.demo_password()
        accounts = preparation.sign_ins()
        return [*lines, "", "Sign in as:", *(f"  {name:<9} {password}   {meaning}" for name, meaning in accounts)]
    users: Any = get_user_model()._default_manager
    if settings.SANDBOX_MODE and not env.is_loopback(settings.HOST):
        lines.append("No demo accounts, because other machines can reach this one.")
    if not users.filter(is_active=True).exists():
        lines += [
            "There is no account yet. Create an administrator:",
            f"  {Path(sys.executable)} manage.py createsuperuser",
            "or set DJANGO_SUPERUSER_USERNAME and DJANGO_SUPERUSER_PASSWORD and start again.",
        ]
    return lines
