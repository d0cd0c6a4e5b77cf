"""Stops the portal's processes when the command that started them dies without a chance to do so itself.

Runs as a process of its own, started by the supervisor as a plain script (no Django, so that it is there at once).
It reads process groups from its standard input, `+123` for a new one and `-123` for one that has ended. The end of
input means that the supervisor is gone, however it died.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 9.0


def alive(group: int) -> bool:
    """Whether any process of `group` is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: signal.Signals) -> None:
    """Signal a whole group; one that has ended is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def main() -> None:
    """Follow the supervisor's notes until they end, then stop whatever is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        elif line.startswith("-"):
            groups.discard(int(line[1:]))
    for group in groups:
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
