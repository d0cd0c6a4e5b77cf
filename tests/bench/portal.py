"""A portal with an invented library, served by gunicorn on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.portal_server import REPOSITORY, free_port

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSES, THREADS = 2, 4


class BenchPortal:
    """Prepared for `looks` looks in `folder`; a context manager that serves it. `facts` tells where to point at."""

    def __init__(self, folder: Path, looks: int) -> None:
        self.looks = looks
        self.port = free_port()
        self.facts: dict[str, Any] = {}
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = kept | {
            "IGNORE_DOTENV": "1",
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "PLAIN_STATIC": "1",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }

    def prepare(self) -> None:
        """Make and fill the database."""
        (self.folder / "static").mkdir(parents=True, exist_ok=True)
        self._run("manage.py", "migrate", "-v0")
        self._run("manage.py", "createcachetable", "-v0")
        self.facts = json.loads(self._run("-m", "tests.bench.facts", str(self.looks)))

    def measure(self, what: str) -> dict[str, Any]:
        """What a measurement that runs inside Django (tests.bench.inside) found."""
        return dict(json.loads(self._run("-m", "tests.bench.inside", what)))

    def start_inside(self, what: str) -> subprocess.Popen[bytes]:
        """Start such a measurement beside others; the caller ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.bench.inside", what],
            cwd=REPOSITORY, env=self.environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=REPOSITORY, env=self.environment, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def __enter__(self) -> BenchPortal:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "heygen_portal.wsgi:application", "--no-control-socket",
             "--worker-class", "gthread", "--workers", str(PROCESSES), "--threads", str(THREADS),
             "--bind", f"127.0.0.1:{self.port}", "--keep-alive", "30", "--log-level", "error"],
            cwd=REPOSITORY, env=self.environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/bench/constant/", timeout=5).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__(None, None, None)
                    raise RuntimeError("The web server did not start.") from None
                time.sleep(0.1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def cpu_seconds(self) -> float:
        """What the web processes have used up so far."""
        if self.process is None:
            return 0.0
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        used = 0
        for pid in children:
            # The name in brackets may hold blanks; what follows it does not.
            values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(values[11]) + int(values[12])
        return used / TICKS
