"""Keeps a few processes running under one command, and leaves none behind.

Each process gets a group of its own: Ctrl-C in the terminal reaches only us, and whatever a process has started is
stopped with it. A process that dies is started again; one that keeps dying stops everything. Should we be killed
without warning, `guard.py` stops the groups in our place.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from heygen_portal import guard

GRACE_SECONDS = guard.GRACE_SECONDS
DEATHS_ALLOWED = 5
DEATHS_WITHIN_SECONDS = 60.0
FIRST_RESTART_DELAY = 0.25
PROBE_EVERY_SECONDS = 0.25
SECOND_SIGNAL_AFTER_SECONDS = 0.5
TAIL_LINES = 15
_COLOURS = (36, 35, 33, 32, 34)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Program:
    """Something to keep running: a short name for people, and the command."""

    name: str
    argv: list[str]


@dataclass
class _Child:
    """One program and its present process."""

    program: Program
    prefix: bytes = b""
    process: subprocess.Popen[bytes] | None = None
    restart_at: float | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED))
    tail: deque[bytes] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    unfinished: bytes = b""


class Supervisor:
    """Runs programs until a signal asks to stop, or until one of them keeps dying.

    `probe` is asked four times a second until it says True, then `on_ready` is called once.
    """

    def __init__(
        self,
        programs: list[Program],
        *,
        probe: Callable[[], bool],
        on_ready: Callable[[], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._probe = probe
        self._on_ready = on_ready
        self._ready = False
        self._next_probe = 0.0
        self._environment = {**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"}
        width = max(len(program.name) for program in programs)
        self._children = [_Child(program, _prefix(program.name, width, n)) for n, program in enumerate(programs)]
        self._selector = selectors.DefaultSelector()
        self._guard: subprocess.Popen[bytes] | None = None
        self._signals: list[tuple[int, float]] = []
        self._failure = ""

    def run(self) -> int:
        """Start everything and return the exit code: 0 when asked to stop, 1 when a program could not be kept up."""
        wake_read, wake_write = os.pipe()
        for end in (wake_read, wake_write):
            os.set_blocking(end, False)
        self._selector.register(wake_read, selectors.EVENT_READ, None)
        previous_wakeup = signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        watched = [number for number in _STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        # A shell starts background commands with SIGINT ignored; being told so expressly, we still listen.
        previous = {number: signal.signal(number, self._note) for number in {*watched, signal.SIGINT, signal.SIGCHLD}}
        try:
            self._start_guard()
            for child in self._children:
                self._start(child)
            while not self._signals and not self._failure:
                self._turn()
        finally:
            self._stop()
            signal.set_wakeup_fd(previous_wakeup)
            for number, handler in previous.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(wake_read)
            os.close(wake_write)
        if self._failure:
            print(self._failure, file=sys.stderr, flush=True)
            return 1
        return 0

    # --- while running ---------------------------------------------------------------------------------------

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._signals.append((number, time.monotonic()))

    def _turn(self) -> None:
        """One round: pass output on, look after the dead, start what is due, ask whether all is ready."""
        self._pass_output(timeout=self._pause())
        self._look_after_guard()
        for child in self._children:
            if child.process and child.process.poll() is not None:
                self._bury(child)
            if child.restart_at is not None and time.monotonic() >= child.restart_at and not self._failure:
                self._start(child)
        if not self._ready and not self._failure and time.monotonic() >= self._next_probe:
            self._ready = self._probe()
            self._next_probe = time.monotonic() + PROBE_EVERY_SECONDS
            if self._ready:
                self._on_ready()

    def _pause(self) -> float:
        """Seconds until something is due by itself. Deaths and signals wake us at once."""
        due = [child.restart_at - time.monotonic() for child in self._children if child.restart_at is not None]
        if not self._ready:
            due.append(self._next_probe - time.monotonic())
        return max(0.0, min(due, default=30.0))

    def _start(self, child: _Child) -> None:
        child.restart_at = None
        child.unfinished = b""
        child.process = subprocess.Popen(  # noqa: S603 - the commands are our own
            child.program.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        self._tell_guard(f"+{child.process.pid}")
        assert child.process.stdout is not None  # noqa: S101 - asked for above
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _bury(self, child: _Child) -> None:
        """Clear up after a dead process and plan its next start, or give up."""
        process = child.process
        assert process is not None  # noqa: S101 - the caller has just asked it
        # What it had started itself would hold its port, and would be nobody's child.
        guard.send(process.pid, signal.SIGKILL)
        self._tell_guard(f"-{process.pid}")
        self._read(child)
        self._close_output(child)
        child.process = None
        now = time.monotonic()
        child.deaths.append(now)
        recent = [moment for moment in child.deaths if now - moment <= DEATHS_WITHIN_SECONDS]
        how = _how_it_ended(process.returncode)
        if len(recent) >= DEATHS_ALLOWED:
            lines = b"\n".join(child.tail).decode("utf-8", "replace") or "(it said nothing)"
            self._failure = (
                f"\n{child.program.name} has stopped {len(recent)} times within a minute (last time it {how}), "
                f"so everything is stopped.\nIts last lines were:\n\n{lines}\n"
            )
            return
        child.restart_at = now + FIRST_RESTART_DELAY * 2 ** (len(recent) - 1)
        print(f"{child.program.name} {how}; starting it again.", file=sys.stderr, flush=True)

    # --- the guard --------------------------------------------------------------------------------------------

    def _start_guard(self) -> None:
        script = str(Path(guard.__file__).resolve())
        self._guard = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _tell_guard(self, note: str) -> None:
        if self._guard and self._guard.stdin:
            # When it has died, the next round starts another one and tells it everything.
            with contextlib.suppress(BrokenPipeError):
                os.write(self._guard.stdin.fileno(), f"{note}\n".encode())

    def _look_after_guard(self) -> None:
        if self._guard and self._guard.poll() is not None:
            if self._guard.stdin:
                self._guard.stdin.close()
            self._start_guard()
            for child in self._children:
                if child.process:
                    self._tell_guard(f"+{child.process.pid}")

    # --- output -----------------------------------------------------------------------------------------------

    def _pass_output(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if key.data is not None:
                self._read(key.data)
                continue
            try:
                while os.read(key.fd, 512):
                    pass
            except BlockingIOError:
                pass

    def _read(self, child: _Child) -> None:
        """Pass on what a process has written, by whole lines."""
        output = child.process.stdout if child.process else None
        if output is None or output.closed:
            return
        try:
            while chunk := os.read(output.fileno(), 65536):
                *lines, child.unfinished = (child.unfinished + chunk).split(b"\n")
                for line in lines:
                    child.tail.append(line)
                    _write(child.prefix + line + b"\n")
        except BlockingIOError:
            return
        self._close_output(child)

    def _close_output(self, child: _Child) -> None:
        output = child.process.stdout if child.process else None
        if output is None or output.closed:
            return
        if child.unfinished:
            child.tail.append(child.unfinished)
            _write(child.prefix + child.unfinished + b"\n")
            child.unfinished = b""
        self._selector.unregister(output)
        output.close()

    # --- stopping ---------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Ask all groups to end, wait, then make them. A second Ctrl-C makes them at once."""
        processes = [child.process for child in self._children if child.process]
        for process in processes:
            guard.send(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and not self._asked_again():
            # All must be polled, which collects the dead: a group whose leader waits for that counts as alive.
            running = [process for process in processes if process.poll() is None]
            if not running and not any(guard.alive(process.pid) for process in processes):
                break
            self._pass_output(timeout=0.05)
        for process in processes:
            guard.send(process.pid, signal.SIGKILL)
        for child in self._children:
            if child.process:
                child.process.wait()
                self._read(child)
                self._close_output(child)
                self._tell_guard(f"-{child.process.pid}")
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait()

    def _asked_again(self) -> bool:
        """Whether Ctrl-C was pressed once more. `make` passes a signal on that we may have received already."""
        if not self._signals:
            return False
        first = self._signals[0][1]
        return any(
            number == signal.SIGINT and moment - first >= SECOND_SIGNAL_AFTER_SECONDS
            for number, moment in self._signals[1:]
        )


def _prefix(name: str, width: int, position: int) -> bytes:
    """`web     | ` in a colour of its own; nothing when a file or another program reads us."""
    if not sys.stdout.isatty():
        return b""
    return f"\x1b[{_COLOURS[position % len(_COLOURS)]}m{name.ljust(width)} |\x1b[0m ".encode()


def _how_it_ended(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


def _write(line: bytes) -> None:
    """Write to our own output; when its reader has gone, the portal runs on in silence."""
    with contextlib.suppress(OSError):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
