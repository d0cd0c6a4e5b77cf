"""A scene for fault tests: a database and workers of its own against a sandbox, without any web process.

Also run as a program inside that scene (`python -m tests.faults.scene store 12`), where Django belongs to the scene
and not to the test run.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


class Scene:
    """Data, settings and workers of one fault test; `close` leaves no process behind."""

    def __init__(self, data_dir: Path, sandbox_url: str, api_key: str, *, database_url: str = "") -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "heygen_portal.settings",
            "IGNORE_DOTENV": "1",
            "PLAIN_STATIC": "1",
            "DATA_DIR": str(data_dir),
            "HEYGEN_API_KEY": api_key,
            "HEYGEN_API_BASE": sandbox_url,
            "HEYGEN_REQUESTS_PER_SECOND": "50",
            "SYNC_POLL_SCALE": "0.05",
            "LEASE_SECONDS": "3",
            "PYTHONWARNINGS": "error",
        }
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = (data_dir / "workers.log").open("ab")
        self.run("manage.py", "migrate", "--verbosity", "0")

    def run(self, *arguments: str) -> str:
        """Run one Python program of the repository in the scene and answer its output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            check=False,
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *words: str) -> Any:
        """Let this module act inside the scene; see `main`."""
        return json.loads(self.run("-m", "tests.faults.scene", *words).splitlines()[-1])

    def start_worker(self) -> None:
        """One more worker."""
        self.workers.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "run_worker", "--threads", "3"],
                cwd=REPOSITORY,
                env=self.environment,
                stdout=self.log,
                stderr=self.log,
                start_new_session=True,
            )
        )

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL a random worker and start another."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.start_worker()

    def wait_until_settled(self, seconds: float) -> list[dict[str, Any]]:
        """All submissions, once none of them is on its way any more; fails with the log when that takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            rows = self.ask("states")
            if all(row["state"] in {"ready", "failed", "needs_you", "unknown_outcome"} for row in rows):
                return rows
            time.sleep(1.0)
        self.log.flush()
        raise AssertionError(
            f"not settled in {seconds} s: {self.ask('states')}\n{Path(self.log.name).read_text()[-6000:]}"
        )

    def close(self) -> None:
        """Stop all workers."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.log.close()


def main(words: list[str]) -> Any:
    """`store N`: store N submissions of all kinds; `states`: how they stand."""
    import django

    django.setup()
    from avatars.models import Submission

    if words[0] == "store":
        return _store(int(words[1]))
    rows = Submission.objects.order_by("created_at").values("name", "state", "error_code", "look__heygen_id")
    return list(rows)


def _store(count: int) -> int:
    from avatars.creation.store import NewFile, store_submission
    from avatars.states import Kind
    from tests import builders

    owner = builders.make_user("marketer")
    kinds = [Kind.PROMPT, Kind.PHOTO, Kind.DIGITAL_TWIN]
    for number in range(count):
        kind = kinds[number % 3]
        files = []
        if kind == Kind.PHOTO:
            files = [NewFile("file", "upload", upload=builders.make_photo_upload(owner))]
        elif kind == Kind.DIGITAL_TWIN:
            files = [NewFile("file", "upload", upload=builders.make_footage_upload(owner))]
        store_submission(
            owner=owner,
            kind=kind,
            form_token=builders.form_token(),
            name=f"Number {number}",
            files=files,
            prompt="A friendly person" if kind == Kind.PROMPT else "",
        )
    return count


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
