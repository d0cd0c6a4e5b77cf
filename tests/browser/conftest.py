"""The portal as people have it: real processes, real Chromium, and an ear for everything that goes wrong."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import builders
from tests.portal_server import PortalServer


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """One portal in sandbox mode for all browser tests, hurried along."""
    hurry = {"SANDBOX_SPEED": "4", "SYNC_POLL_SCALE": "0.05", "HEYGEN_REQUESTS_PER_SECOND": "20"}
    with PortalServer(tmp_path_factory.mktemp("site") / "data", env=hurry) as server:
        yield server


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real photo on disk."""
    path = tmp_path_factory.mktemp("media") / "Ana Portrait.jpg"
    path.write_bytes(builders.photo_bytes(900, 1200))
    return path


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real clip on disk, long enough for a twin."""
    path = tmp_path_factory.mktemp("media") / "ben.mp4"
    path.write_bytes(builders.footage_bytes(16))
    return path


class Visitor:
    """One person in one browser window. `complaints` collects what a browser or a server should not say."""

    def __init__(self, context: BrowserContext, site: PortalServer) -> None:
        self.context = context
        self.site = site
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # Chromium writes a line of its own for each refused form; it is the only one allowed.
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status != 422:
            self.complaints.append(f"{response.status} {response.url}")

    def go(self, path: str) -> Page:
        """Open a page of the portal."""
        self.page.goto(self.site.url + path)
        return self.page

    def sign_in(self, name: str) -> Visitor:
        """Sign in with a demo account."""
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", name)
        self.page.fill("input[name=password]", self.site.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.site.url + "/")
        return self


@pytest.fixture
def visit(browser: Browser, site: PortalServer) -> Iterator[Callable[..., Visitor]]:
    """Let a person in: `visit("marketer")`, `visit(java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def let_in(name: str = "", **options: Any) -> Visitor:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        visitor = Visitor(context, site)
        visitors.append(visitor)
        return visitor.sign_in(name) if name else visitor

    yield let_in
    complaints = [one for visitor in visitors for one in visitor.complaints]
    for context in contexts:
        context.close()
    assert not complaints


def sandbox(site: PortalServer, path: str, payload: Any = None) -> Any:
    """Ask or tell the portal's sandbox something through its control endpoints."""
    body = None if payload is None else json.dumps(payload).encode()
    request = urllib.request.Request(
        f"{site.sandbox_url}/_sandbox/{path}",
        data=body,
        headers={"Content-Type": "application/json"},
        method="GET" if body is None else "POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def creations_called(site: PortalServer, name: str) -> int:
    """How many avatars of that name the sandbox really made."""
    return sum(1 for row in sandbox(site, "creations")["creations"] if row["name"] == name)
