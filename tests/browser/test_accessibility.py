"""Every page in light and dark, wide and narrow: no axe finding, no sideways scroll."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "/",
    "/looks/",
    "/looks/?ownership=all",
    "/groups/",
    "/create/",
    "/create/digital-twin/",
    "/create/photo/",
    "/create/prompt/",
    "/submissions/",
    "/consents/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_accessibility_findings(visit, scheme):
    person = visit("admin", color_scheme=scheme)
    findings = {}
    for path in PAGES:
        person.go(path)
        result = Axe().run(person.page)
        if result.violations_count:
            findings[path] = result.generate_report()
    assert findings == {}


def test_detail_pages_have_no_accessibility_findings(visit):
    person = visit("admin")
    for listing, pattern in (
        ("/looks/", "main a[href^='/looks/']:not([href*='?'])"),
        ("/groups/", "main li a[href^='/groups/']"),
    ):
        person.go(listing)
        person.page.locator(pattern).first.click()
        person.page.wait_for_load_state()
        assert Axe().run(person.page).violations_count == 0, person.page.url


@pytest.mark.parametrize("width", [360, 390])
def test_nothing_scrolls_sideways_on_a_phone(visit, width):
    person = visit("admin", viewport={"width": width, "height": 800})
    wide = []
    for path in PAGES:
        person.go(path)
        if person.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert wide == []


def test_the_sign_in_page_is_accessible(visit):
    person = visit()
    person.go("/accounts/login/")
    assert Axe().run(person.page).violations_count == 0
