"""Requests over kept connections, and what they cost."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.bench.portal import BenchPortal


@dataclass
class Cost:
    """Of one target: milliseconds of each request, CPU per request in milliseconds, requests a second, queries."""

    milliseconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    queries: int | None = None
    size: int = 0
    failures: int = 0

    @property
    def p50(self) -> float:
        """The middle request."""
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        """The request that is slower than nineteen of twenty."""
        ordered = sorted(self.milliseconds)
        return ordered[int(len(ordered) * 0.95) - 1] if len(ordered) > 20 else ordered[-1]

    @property
    def cpu_ms(self) -> float:
        """The middle round."""
        return statistics.median(self.cpu)

    @property
    def per_second(self) -> float:
        """The middle round."""
        return statistics.median(self.rate)


@dataclass(frozen=True)
class Target:
    """One address and how it is asked for; `body` makes a POST of it."""

    path: str
    session: str = ""
    expected: int = 200
    body: Callable[[], bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Asker:
    """One kept connection to a portal."""

    def __init__(self, portal: BenchPortal) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)

    def ask(self, target: Target, *, counted: bool = False) -> tuple[int, float, http.client.HTTPMessage, bytes]:
        """Status, milliseconds, headers and body of one request."""
        headers = {"Host": "127.0.0.1", **target.headers}
        cookies = [target.headers["Cookie"]] if "Cookie" in target.headers else []
        if target.session:
            cookies.append(f"sessionid={target.session}")
        if cookies:
            headers["Cookie"] = "; ".join(cookies)
        if counted:
            headers["X-Count-Queries"] = "1"
        body = target.body() if target.body else None
        started = time.perf_counter()
        self.connection.request("POST" if body is not None else "GET", target.path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, (time.perf_counter() - started) * 1000, answer.headers, content


def compare(
    portal: BenchPortal, targets: Mapping[str, Target], *, requests: int, rounds: int = 3, connections: int = 1
) -> dict[str, Cost]:
    """Ask for all targets in turn, round after round, so that a slow minute of the machine hits each of them."""
    costs = {name: Cost() for name in targets}
    for name, target in targets.items():
        asker = Asker(portal)
        for _ in range(3 * 2):
            status, _ms, headers, content = asker.ask(target, counted=True)
        costs[name].queries = int(headers.get("X-Queries", -1))
        costs[name].size = len(content)
        if status != target.expected:
            raise RuntimeError(f"{name} ({target.path[:80]}) answered {status}, not {target.expected}")
    for _ in range(rounds):
        for name, target in targets.items():
            _one_round(portal, target, costs[name], requests, connections)
    return costs


def _one_round(portal: BenchPortal, target: Target, cost: Cost, requests: int, connections: int) -> None:
    each = max(1, requests // connections)
    times: list[float] = []
    failures: list[int] = []

    def work() -> None:
        asker = Asker(portal)
        for _ in range(each):
            status, milliseconds, _headers, _content = asker.ask(target)
            times.append(milliseconds)
            if status != target.expected:
                failures.append(status)
        asker.connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    cpu, started = portal.cpu_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    cost.cpu.append((portal.cpu_seconds() - cpu) * 1000 / (each * connections))
    cost.rate.append(each * connections / seconds)
    cost.milliseconds += times
    cost.failures += len(failures)
