"""How the sandbox is started: one gunicorn worker with threads, in a process of its own."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
THREADS = 16


class PortTaken(Exception):
    """The address cannot be listened on; the message says why, and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that the command and the module share."""
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("SANDBOX_PORT") or 8001), help="port to listen on"
    )
    parser.add_argument("--state-dir", default=None, help="folder for its state (default: <DATA_DIR>/sandbox)")


def check_port(host: str, port: int) -> None:
    """Raise PortTaken when the address is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} on {host} is taken. Stop what listens there, or set SANDBOX_PORT."
            else:
                reason = f"The sandbox cannot listen on {host}:{port}: {error.strerror}."
            raise PortTaken(reason) from None


def environment(state_dir: Path | None) -> dict[str, str]:
    """The environment of the server's process."""
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "heygen_portal.sandbox.settings"}
    if state_dir is not None:
        variables["SANDBOX_STATE_DIR"] = str(state_dir)
    known = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    return variables | {"PYTHONPATH": os.pathsep.join(known)}


def command_line(host: str, port: int) -> list[str]:
    """The gunicorn command. One worker owns the state; threads let slow calls be slow."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = {
        "--worker-class": "gthread",
        "--workers": "1",
        "--threads": str(THREADS),
        "--bind": address,
        "--timeout": "0",
        "--graceful-timeout": "2",
        # Longer than clients keep idle connections, so that they never write into one just closed.
        "--keep-alive": "75",
        "--log-level": "warning",
    }
    words = [word for pair in options.items() for word in pair]
    return [sys.executable, "-m", "gunicorn", "heygen_portal.sandbox.wsgi", "--no-control-socket", *words]


def run(host: str, port: int, state_dir: Path | None) -> Any:
    """Become the server; returns only by raising PortTaken."""
    check_port(host, port)
    command = command_line(host, port)
    sys.stdout.flush()
    os.execve(command[0], command, environment(state_dir))  # noqa: S606 - our own interpreter, no shell
