"""A sandbox of one's own, for tests and scripts: started on a free port, controlled over HTTP, surely stopped.

    with SandboxServer(speed=50) as sandbox:
        sandbox.switch(granted_word="approved")
        sandbox.faults(method="POST", path_prefix="/v3/avatars", kind="500", times=2)
        ...
        assert len(sandbox.creations()) == 1

It shares no code with the portal. `SandboxServer.call` sends one API request, as plainly as curl would.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

REPOSITORY = Path(__file__).resolve().parent.parent
_COMMAND = (sys.executable, "-m", "heygen_portal.sandbox")
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SandboxServer:
    """One sandbox process with its own state directory.

    ``speed`` is how many times faster than usual avatars train; ``state_dir`` may be given to come back to a state,
    otherwise a temporary one is made and removed. ``log`` holds what the process printed.
    """

    api_key = "sandbox-key"

    def __init__(self, *, state_dir: Path | None = None, speed: float = 1.0, port: int | None = None) -> None:
        self._temporary = state_dir is None
        self.state_dir = Path(state_dir or tempfile.mkdtemp(prefix="sandbox-"))
        self.speed = speed
        self.port = port or free_port()
        self.log = self.state_dir / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address to give to a client as the API's base."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, patience: float = 30.0, command: Sequence[str] = _COMMAND) -> SandboxServer:
        """Start the process and wait until it answers; its own words are in the error when it does not."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"SANDBOX_SPEED": str(self.speed), "SANDBOX_API_KEY": self.api_key}
        for name in ("SANDBOX_PUBLIC_URL", "SANDBOX_STATE_DIR"):
            environment.pop(name, None)
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--state-dir", str(self.state_dir)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), _OPENER.open(f"{self.url}/healthz", timeout=2) as answer:
                # On a taken port it is somebody else who answers; ours will say so and end.
                if answer.headers.get("X-Sandbox-Process") == str(self.process.pid):
                    return self
            time.sleep(0.05)
        self._end()
        raise RuntimeError(f"The sandbox did not start:\n{self.log.read_text(errors='replace')}")

    def _end(self, *, kill: bool = False) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(8)
        # The process leads a group of its own; whatever is left of it goes now.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)

    def stop(self) -> None:
        """End the process and remove a temporary state."""
        self._end()
        if self._temporary:
            shutil.rmtree(self.state_dir, ignore_errors=True)

    def restart(self, *, kill: bool = False) -> SandboxServer:
        """End the process (with SIGKILL if asked) and start it again on the same state and port."""
        self._end(kill=kill)
        return self.start()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def call(self, method: str, path: str, *, key: str | None = None, **options: Any) -> requests.Response:
        """One API request on a connection of its own; `key` becomes the Idempotency-Key."""
        headers = {"X-Api-Key": self.api_key, "Connection": "close", **options.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return requests.request(method, self.url + path, headers=headers, timeout=30, **options)

    def control(self, path: str, payload: Any = None) -> Any:
        """GET a control endpoint, or POST to it when there is a payload; ValueError with its words when refused."""
        body = None if payload is None else json.dumps(payload).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            data=body,
            headers={"Content-Type": "application/json"},
            method="GET" if body is None else "POST",
        )
        try:
            with _OPENER.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode(errors="replace")) from None

    def reset(self) -> None:
        """A fresh sandbox: seeded library, default switches, no log, no files."""
        self.control("reset", {})

    def creations(self) -> list[dict[str, Any]]:
        """One row for every avatar really made: id, group_id, name, key, type, at."""
        return self.control("creations")["creations"]

    def requests(self, *, after: int = 0) -> list[dict[str, Any]]:
        """The log of API calls, oldest first; `status` 0 means that the connection was cut."""
        return self.control(f"requests?after={after}")["requests"]

    def switch(self, **changes: Any) -> dict[str, Any]:
        """Set switches by name; ``random_faults={...}`` too."""
        return self.control("switches", changes)

    def faults(self, *, kind: str, method: str = "", path_prefix: str = "/v3/", times: int = 1) -> None:
        """Let the next matching calls fail."""
        self.control("faults", {"kind": kind, "method": method, "path_prefix": path_prefix, "times": times})

    def clock(self, *, scale: float | None = None, advance_seconds: float | None = None) -> dict[str, Any]:
        """Change the speed, or let time pass at once."""
        wanted = {"scale": scale, "advance_seconds": advance_seconds}
        return self.control("clock", {name: value for name, value in wanted.items() if value is not None})

    def consent(self, group_id: str, answer: str) -> dict[str, Any]:
        """Answer for the person depicted: approve, refuse, mismatch or expire."""
        return self.control(f"consents/{group_id}", {"answer": answer})
