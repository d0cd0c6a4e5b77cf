"""The whole portal as real processes, for tests that need it as its users have it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(data_dir: Path) -> dict[int, str]:
    """Processes, with their command lines, that were started for `data_dir`, however they are related to us."""
    mark = f"DATA_DIR={data_dir}".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                if command:  # A zombie has none.
                    found[int(entry.name)] = command
        except OSError:
            continue
    return found


class PortalServer:
    """`manage.py up` with data, ports and environment of its own. Start it, or use it as a context manager.

    In sandbox mode (without HEYGEN_API_KEY in `env`) `password` is that of marketer, lead and admin.
    """

    def __init__(
        self, data_dir: Path, *, env: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()
    ) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.sandbox_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.arguments = arguments
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {
            **kept,
            "IGNORE_DOTENV": "1",
            "DATA_DIR": str(data_dir),
            "STATIC_ROOT": str(data_dir / "static"),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            **(env or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None

    @property
    def password(self) -> str:
        """Of the demo accounts."""
        return self.environment.get("DEMO_PASSWORD") or (self.data_dir / "demo-password").read_text().strip()

    def __enter__(self) -> PortalServer:
        self.start()
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    def launch(self) -> None:
        """Start the command without waiting for anything."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._lines = []
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "manage.py"), "up", *self.arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()

    def start(self) -> None:
        """Start the portal and wait until it is ready."""
        self.launch()
        try:
            self.wait_for("Ready")
        except BaseException:
            self.stop()
            raise

    def wait_for(self, words: str, seconds: float = START_SECONDS) -> str:
        """Wait until a line of the output contains `words`, and return it. Raises with the output when none does."""
        deadline = time.monotonic() + seconds
        while True:
            for line in list(self._lines):
                if words in line:
                    return line
            ended = self.process is None or self.process.poll() is not None
            if ended and self._reader:
                self._reader.join(2)
                if not any(words in line for line in self._lines):
                    raise RuntimeError(f"The portal ended without saying {words!r}:\n{self.logs()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"The portal did not say {words!r} within {seconds} s:\n{self.logs()}")
            time.sleep(0.02)

    def stop(self) -> int:
        """Ask everything to end as Ctrl-C does, wait, and return the exit code. Nothing is left running afterwards."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self._reader:
            self._reader.join(15)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return code

    def kill(self) -> None:
        """Kill the command itself with SIGKILL, and nothing else."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def processes(self) -> dict[int, str]:
        """All processes of this portal by id, with their command lines."""
        return processes_of(self.data_dir)

    def ids_of(self, word: str) -> list[int]:
        """Ids of the processes whose command line contains `word`: gunicorn, run_worker, run_sandbox or guard.py."""
        return sorted(number for number, command in self.processes().items() if word in command)

    def kill_worker(self) -> None:
        """Kill the background worker with SIGKILL; the portal starts another one."""
        for number in self.ids_of("run_worker"):
            os.kill(number, signal.SIGKILL)

    def logs(self) -> str:
        """Everything the portal has written so far."""
        return "\n".join(self._lines)

    def status_of(self, path: str) -> int:
        """The status of a plain GET, 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
