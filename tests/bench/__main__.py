"""`python -m tests.bench`: what the portal costs, as ratios within one run.

Absolute times differ from machine to machine and from minute to minute; a ratio of two things measured side by side
tells whether the portal got slower. Nothing here fails on time: a goal that is missed is marked, and that is all.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.load import Asker, Cost, Target, compare
from tests.bench.portal import BenchPortal
from tests.bench.report import Report

SMALL = 1000


def main() -> None:
    """Prepare two libraries, measure, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--looks", type=int, default=20_000, help="size of the large library (default: 20000)")
    parser.add_argument("--requests", type=int, default=60, help="requests a round and target (default: 60)")
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        large = BenchPortal(Path(folder) / "large", max(options.looks, 2 * SMALL))
        small = BenchPortal(Path(folder) / "small", SMALL)
        for portal in (small, large):
            started = time.perf_counter()
            portal.prepare()
            _say(f"{portal.looks} looks prepared in {time.perf_counter() - started:.0f} s")
        with large, small:
            for part in (poll, gallery, growth, depth, search, writing, files):
                _say(part.__doc__ or "")
                part(report, large, small, options.requests)
        _say(sync.__doc__ or "")
        sync(report, large)
        _say(pictures.__doc__ or "")
        pictures(report, large)
    print(report.table(large.looks))


def poll(report: Report, large: BenchPortal, _small: BenchPortal, requests: int) -> None:
    """Badge poll against the constant response."""
    targets = {"constant": Target("/bench/constant/"), "poll": poll_target(large)}
    costs = compare(large, targets, requests=requests * 8, connections=8)
    silent, empty = costs["poll"], costs["constant"]
    report.add("poll 204: requests/s against the constant", silent.per_second / empty.per_second, at_least=0.6)
    report.add("poll 204: CPU against the constant", silent.cpu_ms / empty.cpu_ms, at_most=1.7)
    report.add("poll 204: queries", silent.queries, at_most=1)


def gallery(report: Report, large: BenchPortal, _small: BenchPortal, requests: int) -> None:
    """Gallery of 60 against Django admin's list."""
    targets = {
        "gallery": Target("/looks/?ownership=all", large.facts["marketer"]),
        "admin": Target("/admin/avatars/look/", large.facts["admin"]),
    }
    costs = compare(large, targets, requests=requests)
    ratio = costs["gallery"].cpu_ms / costs["admin"].cpu_ms
    report.add("gallery of 60: CPU against admin's list of 50", ratio, at_most=1 / 8)
    report.add("gallery of 60: queries", costs["gallery"].queries, at_most=4)
    report.note(f"gallery {costs['gallery'].cpu_ms:.1f} ms CPU, {costs['gallery'].size / 1000:.0f} KB HTML")


def growth(report: Report, large: BenchPortal, small: BenchPortal, requests: int) -> None:
    """The large library against the small one."""
    for name, path in (("gallery", "/looks/?ownership=all"), ("character", "/groups/{group}/"), ("poll", "")):
        costs = []
        for portal in (large, small):
            target = Target(path.format(**portal.facts), portal.facts["marketer"]) if path else poll_target(portal)
            costs.append(compare(portal, {name: target}, requests=requests * (1 if path else 4))[name])
        report.add(f"growth of the {name}: p50 large against small", costs[0].p50 / costs[1].p50, at_most=1.1)
    posts = [compare(portal, {"post": post_target(portal)}, requests=requests)["post"] for portal in (large, small)]
    report.add("growth of a form post: p50 large against small", posts[0].p50 / posts[1].p50, at_most=1.1)


def depth(report: Report, large: BenchPortal, _small: BenchPortal, requests: int) -> None:
    """A page deep in the list against the first."""
    session = large.facts["marketer"]
    # Like against like: what htmx asks for is the tiles without the page around them.
    headers = {"HX-Request": "true"}
    first = Asker(large).ask(Target("/looks/?ownership=all", session))[3].decode()
    second = unescape(_found(r'(?:href|hx-get)="([^"]*\bafter=[^"]*)"', first))
    deep = re.sub(r"after=[^&]*", f"after={large.facts['deep']}", second)
    targets = {"second": Target(second, session, headers=headers), "deep": Target(deep, session, headers=headers)}
    costs = compare(large, targets, requests=requests)
    report.add(
        "depth: p50 of the deepest page against the second", costs["deep"].p50 / costs["second"].p50, at_most=1.1
    )


def search(report: Report, large: BenchPortal, small: BenchPortal, requests: int) -> None:
    """Searching for common, rare and absent words."""

    def target(portal: BenchPortal, word: str) -> Target:
        return Target(f"/looks/?{urlencode({'ownership': 'all', 'q': word})}", portal.facts["marketer"])

    words = {"common": "studio", "one letter": "s", "rare": "zebrafinch", "absent": "qqqq"}
    targets = {name: target(large, word) for name, word in words.items()}
    targets["page 1"] = Target("/looks/?ownership=all", large.facts["marketer"])
    targets["admin"] = Target("/admin/avatars/look/?q=zebrafinch", large.facts["admin"])
    costs = compare(large, targets, requests=requests)
    first = costs["page 1"].p50
    report.add("search, common word: p50 against page 1", costs["common"].p50 / first, at_most=1.25)
    report.add("search, one letter: p50 against page 1", costs["one letter"].p50 / first, at_most=1.25)
    report.add("search, rare word: p50 against page 1", costs["rare"].p50 / first, at_most=0.6)
    report.add("search, absent word: p50 against page 1", costs["absent"].p50 / first, at_most=0.6)
    report.add("search, rare word: CPU against admin's", costs["rare"].cpu_ms / costs["admin"].cpu_ms, at_most=1 / 30)
    few = compare(small, {"rare": target(small, "zebrafinch")}, requests=requests)["rare"]
    report.add("search, rare word: p50 large against small", costs["rare"].p50 / few.p50, at_most=1.1)


def writing(report: Report, large: BenchPortal, _small: BenchPortal, requests: int) -> None:
    """Form posts and polls, quiet and during a sync."""
    targets = {"constant": Target("/bench/constant/"), "post": post_target(large), "poll": poll_target(large)}
    quiet = compare(large, targets, requests=requests * 4, connections=2)
    rate = quiet["post"].per_second / quiet["constant"].per_second
    report.add("form post: requests/s against the constant", rate, at_least=0.22)
    importer = large.start_inside("importer")
    try:
        time.sleep(3)
        del targets["constant"]
        busy: dict[str, Cost] = compare(large, targets, requests=requests * 4, connections=2)
        if importer.poll() is not None:
            raise RuntimeError("The importer ended while it was to be measured against.")
    finally:
        importer.kill()
        importer.wait()
    report.add("form post during a sync: p95 against quiet", busy["post"].p95 / quiet["post"].p95, at_most=2.5)
    report.add("poll during a sync: p95 against quiet", busy["poll"].p95 / quiet["poll"].p95, at_most=2.0)
    report.add("errors during a sync", sum(cost.failures for cost in busy.values()), at_most=0)


def files(report: Report, large: BenchPortal, _small: BenchPortal, requests: int) -> None:
    """Serving a thumbnail against the constant response."""
    targets = {
        "constant": Target("/bench/constant/"),
        "thumbnail": Target(f"/media/thumbs/{large.facts['thumbnail']}"),
    }
    costs = compare(large, targets, requests=requests * 8, connections=4)
    report.add("thumbnail: CPU against the constant", costs["thumbnail"].cpu_ms / costs["constant"].cpu_ms, at_most=1.3)


def sync(report: Report, large: BenchPortal) -> None:
    """Writing pages of looks against update_or_create."""
    found = large.measure("sync")
    report.add("sync, new rows: rows/s against update_or_create", found["insert_ratio"], at_least=7)
    report.add("sync, changed rows: rows/s against update_or_create", found["update_ratio"], at_least=7)
    report.add("sync, unchanged: rows written", found["unchanged_written"], at_most=0)
    report.note(f"sync writes {found['insert']:.0f} new and {found['update']:.0f} changed rows a second")


def pictures(report: Report, large: BenchPortal) -> None:
    """Making thumbnails."""
    found = large.measure("pictures")
    report.add("thumbnail job: CPU against the sum of its parts", found["ratio"], at_most=1.1)
    report.add("thumbnail jobs: two threads against one", found["two_threads"], at_least=1.9)
    report.add("thumbnail: KB", found["kilobytes"], at_most=10)
    report.add("thumbnail: likeness (PSNR, dB)", found["psnr"], at_least=37)


def poll_target(portal: BenchPortal) -> Target:
    """The poll of the first page, which has sixty looks in training; nothing has changed since."""
    page = Asker(portal).ask(Target("/looks/?status=training", portal.facts["marketer"]))[3].decode()
    address = unescape(_found(r'hx-get="([^"]*/badges/\?[^"]*)"', page))
    return Target(address, portal.facts["marketer"], expected=204)


def post_target(portal: BenchPortal) -> Target:
    """A prompt that is asked for, with a fresh number each time."""
    session = portal.facts["marketer"]
    _status, _ms, headers, page = Asker(portal).ask(Target("/create/prompt/", session))
    csrf = _found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
    cookie = _found(r"(csrftoken=[^;]+)", headers.get("Set-Cookie", ""))

    def body() -> bytes:
        token = secrets.token_urlsafe(24)
        words = {"csrfmiddlewaretoken": csrf, "form_token": token, "name": "Bench", "prompt": "A calm presenter"}
        return urlencode(words).encode()

    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    return Target("/create/prompt/", session, expected=302, body=body, headers=kind)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"The page holds nothing like {pattern}")
    return match.group(1)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
