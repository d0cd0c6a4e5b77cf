"""The supervisor with small programs of its own: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.portal_server import REPOSITORY, processes_of

RUN = """
import sys
from heygen_portal.supervisor import Program, Supervisor
programs = [Program(f"part{n}", [sys.executable, "-u", "-c", code]) for n, code in enumerate(sys.argv[1:])]
sys.exit(Supervisor(programs, probe=lambda: True, on_ready=lambda: print("Ready", flush=True)).run())
"""
SLEEP = "import time; print('up'); time.sleep(300)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(300)"
WITH_CHILD = "import subprocess, time; subprocess.Popen(['sleep', '300']); print('up'); time.sleep(300)"
DYING = "import sys; sys.exit('it is broken')"


class Run:
    """One supervisor, its output, and everything it has started."""

    def __init__(self, folder, *codes):
        self.folder = folder
        self.output = folder / "output"
        # The mark in the environment finds every process again, whoever its parent is by then.
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, *codes], cwd=REPOSITORY, env=environment, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait_for(self, words, times=1, seconds=15):
        deadline = time.monotonic() + seconds
        while self.output.read_text().count(words) < times:
            assert time.monotonic() < deadline, f"{words!r} did not come:\n{self.output.read_text()}"
            time.sleep(0.02)

    def left(self):
        return processes_of(self.folder)

    def wait_until_nothing_is_left(self, seconds=15):
        deadline = time.monotonic() + seconds
        while self.left():
            assert time.monotonic() < deadline, self.left()
            time.sleep(0.02)

    def ids_of(self, word):
        return [number for number, command in self.left().items() if word in command and RUN not in command]


@pytest.fixture
def start(tmp_path):
    runs = []

    def begin(*codes):
        run = Run(tmp_path, *codes)
        runs.append(run)
        return run

    yield begin
    for run in runs:
        for number in run.left():
            os.kill(number, signal.SIGKILL)
        run.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_everything_when_asked(start, number):
    run = start(SLEEP, WITH_CHILD)
    run.wait_for("up", times=2)
    run.process.send_signal(number)
    assert run.process.wait(10) == 0
    assert run.left() == {}


def test_it_says_ready_once(start):
    run = start(SLEEP)
    run.wait_for("up")
    time.sleep(0.8)
    run.process.send_signal(signal.SIGINT)
    run.process.wait(10)
    assert run.output.read_text().count("Ready") == 1


def test_it_passes_output_on_as_it_is_when_no_terminal_reads_it(start):
    run = start("import time; print('a line', end=''); time.sleep(300)", SLEEP)
    run.wait_for("up")
    run.process.send_signal(signal.SIGINT)
    run.process.wait(10)
    assert "\na line\n" in "\n" + run.output.read_text()
    assert "\x1b" not in run.output.read_text()


def test_it_starts_a_dead_program_again(start):
    run = start(SLEEP, "import time; print('other'); time.sleep(300)")
    run.wait_for("up")
    (number,) = run.ids_of("print('up')")
    os.kill(number, signal.SIGKILL)
    run.wait_for("up", times=2)
    assert run.ids_of("print('up')") != [number]
    assert "part0 was killed by signal 9; starting it again." in run.output.read_text()
    assert run.output.read_text().count("other") == 1


def test_it_clears_away_what_a_dead_program_has_started(start):
    run = start(WITH_CHILD)
    run.wait_for("up")
    (orphan,) = run.ids_of("sleep 300")
    (number,) = run.ids_of("subprocess.Popen")
    os.kill(number, signal.SIGKILL)
    run.wait_for("up", times=2)
    assert orphan not in run.left()


def test_it_gives_up_on_a_program_that_keeps_dying_and_says_why(start):
    run = start(SLEEP, DYING)
    assert run.process.wait(20) == 1
    output = run.output.read_text()
    assert "part1 has stopped 5 times within a minute (last time it ended with code 1)" in output
    assert output.rstrip().endswith("it is broken")
    assert run.left() == {}


def test_it_kills_at_once_when_asked_twice(start):
    run = start(DEAF)
    run.wait_for("deaf")
    run.process.send_signal(signal.SIGINT)
    time.sleep(0.8)
    assert run.process.poll() is None, "a deaf program has its grace"
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(3) == 0
    assert run.left() == {}


def test_it_takes_a_signal_that_make_repeats_for_one(start):
    run = start(DEAF)
    run.wait_for("deaf")
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        run.process.send_signal(number)
    time.sleep(0.8)
    assert run.process.poll() is None


def test_it_leaves_nothing_behind_when_it_is_killed_itself(start):
    run = start(WITH_CHILD, SLEEP)
    run.wait_for("up", times=2)
    run.process.kill()
    run.process.wait()
    run.wait_until_nothing_is_left()


def test_it_leaves_nothing_behind_although_its_guard_was_killed_before(start):
    run = start(SLEEP)
    run.wait_for("up")
    (guard,) = run.ids_of("guard.py")
    os.kill(guard, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while run.ids_of("guard.py") in ([], [guard]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.2)
    run.process.kill()
    run.process.wait()
    run.wait_until_nothing_is_left()
