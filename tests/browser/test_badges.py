"""Badges that stay true: after Back, after sleep, after a failed poll, in two tabs; and silence once all is final."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sandbox
from tests.browser.test_story import create_from_words, fresh, wait_ready

BADGE = "[id^=badge-submission-][data-status]"


@pytest.fixture
def slow_training(site):
    """Let training take so long that a test can look around meanwhile."""
    sandbox(site, "clock", {"scale": 0.01})
    yield lambda: sandbox(site, "clock", {"scale": 60})
    sandbox(site, "clock", {"scale": 4})


def in_training(visit, name: str) -> tuple:
    """A submission's page with its badge on training."""
    maker = visit("marketer")
    page = maker.go("/create/prompt/")
    create_from_words(page, name)
    expect(page.locator(BADGE).first).to_have_attribute("data-status", "training", timeout=20_000)
    return maker, page


def polls_of(page: Page) -> list[str]:
    """Collects the addresses of badge polls from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/badges/" in request.url else None)
    return seen


def test_two_tabs_turn_and_then_fall_silent(visit, site, slow_training):
    maker, page = in_training(visit, fresh("Tabs"))
    other = maker.context.new_page()
    other.goto(page.url)
    slow_training()
    for tab in (page, other):
        wait_ready(tab)
        expect(tab.locator("#live")).to_contain_text(re.compile("ready", re.IGNORECASE))
    polls = polls_of(page)
    page.wait_for_timeout(6000)
    assert polls == []


def test_a_quiet_poll_is_204_and_changes_nothing(visit, slow_training):
    _maker, page = in_training(visit, fresh("Quiet"))
    with page.expect_response(re.compile("/badges/")) as answer:
        pass
    assert answer.value.status == 204
    assert len(answer.value.url) < 800


def test_back_shows_what_has_become_of_it(visit, site, slow_training):
    maker, page = in_training(visit, fresh("Back"))
    maker.go("/looks/")
    slow_training()
    page.wait_for_timeout(2500)
    page.go_back()
    expect(page.locator(BADGE).first).to_have_attribute("data-status", "ready", timeout=20_000)


def test_a_hidden_tab_does_not_ask_and_catches_up_at_once(visit, site, slow_training):
    _maker, page = in_training(visit, fresh("Sleep"))
    page.evaluate("""() => {
        window.asleep = true;
        Object.defineProperty(document, 'hidden', {get: () => window.asleep, configurable: true});
        const state = () => window.asleep ? 'hidden' : 'visible';
        Object.defineProperty(document, 'visibilityState', {get: state, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    page.wait_for_timeout(500)
    polls = polls_of(page)
    slow_training()
    page.wait_for_timeout(6000)
    assert polls == []
    page.evaluate("() => { window.asleep = false; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(page.locator(BADGE).first).to_have_attribute("data-status", "ready", timeout=20_000)


def test_a_failed_poll_says_so_and_recovers(visit, site, slow_training):
    maker, page = in_training(visit, fresh("Offline"))
    maker.context.set_offline(True)
    note = page.locator("#poll-note")
    expect(note).to_contain_text("Last updated", timeout=15_000)
    slow_training()
    maker.context.set_offline(False)
    expect(page.locator(BADGE).first).to_have_attribute("data-status", "ready", timeout=20_000)
    expect(note).to_be_hidden()
    # The browser and htmx report the lost connection on the console; nothing else may complain.
    expected = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    maker.complaints = [one for one in maker.complaints if not any(word in one for word in expected)]
