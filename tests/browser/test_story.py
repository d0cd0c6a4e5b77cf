"""The main job from beginning to end, by three people in real browsers."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import creations_called


def fresh(name: str) -> str:
    """A name no other test uses."""
    return f"{name} {uuid.uuid4().hex[:6]}"


def wait_ready(page: Page) -> None:
    """Wait on a submission's page, without reloading, until its badge says ready."""
    page.evaluate("window.stayed = true")
    expect(page.locator("[id^=badge-submission-][data-status]").first).to_have_attribute(
        "data-status", "ready", timeout=40_000
    )
    assert page.evaluate("window.stayed") is True


def create_from_words(page: Page, name: str) -> None:
    page.fill("[name=name]", name)
    page.fill("[name=prompt]", "A friendly woman in her forties, navy blazer, bright office, soft daylight")
    page.get_by_role("button", name="Create prompt avatar").click()
    page.wait_for_url(re.compile("/submissions/"))


def test_a_prompt_avatar_becomes_ready_under_the_eyes_of_its_maker(visit, site):
    maker = visit("marketer")
    name = fresh("Commander")
    page = maker.go("/create/prompt/")
    create_from_words(page, name)
    wait_ready(page)
    assert creations_called(site, name) == 1


def test_a_photo_avatar_is_made_from_a_dropped_photo(visit, site, photo: Path):
    maker = visit("marketer")
    name = fresh("Ana")
    page = maker.go("/create/photo/")
    page.set_input_files("input[type=file]", photo)
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Create photo avatar").click()
    page.wait_for_url(re.compile("/submissions/"))
    wait_ready(page)
    assert creations_called(site, name) == 1


def test_twin_consent_and_three_people(visit, site, footage: Path):
    maker = visit("marketer")
    name = fresh("Ben")
    page = maker.go("/create/digital-twin/")
    page.set_input_files("input[type=file]", footage)
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Create digital twin").click()
    page.wait_for_url(re.compile("/submissions/"))
    wait_ready(page)

    # Its character's page: ask for the link, which arrives by itself.
    page.locator("main a[href^='/groups/']").first.click()
    page.wait_for_url(re.compile(r"/groups/\d+/"))
    group_path = page.url.removeprefix(site.url)
    expect(page.locator("[data-consent]").first).to_have_attribute("data-consent", "not_asked")
    page.get_by_role("button", name="Ask for the consent link").click()
    copy = page.get_by_role("button", name="Copy link")
    expect(copy).to_be_visible()
    link = copy.get_attribute("data-copy")

    # The lead sees the state, and neither the link nor the id.
    lead = visit("lead")
    lead_page = lead.go(group_path)
    assert link not in lead_page.content()
    expect(lead_page.locator("[data-consent]").first).to_have_attribute("data-consent", "waiting")

    # The person answers in a browser of their own; the maker's badges turn without a reload.
    page.evaluate("window.stayed = true")
    person = visit(viewport={"width": 390, "height": 844})
    person.page.goto(link)
    person.page.get_by_role("button", name=re.compile("approve", re.IGNORECASE)).click()
    expect(page.locator("[data-consent]").first).to_have_attribute("data-consent", "given", timeout=30_000)
    assert page.evaluate("window.stayed") is True

    # The lead finds the look and copies its id.
    lead.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    lead_page = lead.go("/looks/")
    lead_page.fill("main [name=q]", name)
    lead_page.keyboard.press("Enter")
    lead_page.locator("main a[href^='/looks/']:not([href*='?'])", has_text=name).first.click()
    lead_page.wait_for_url(re.compile(r"/looks/\d+/"))
    lead_page.get_by_role("button", name=re.compile("look id", re.IGNORECASE)).first.click()
    copied = lead_page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"[0-9a-f]{32}", copied)
    assert copied in lead_page.content()

    # The admin sees the consent in the register.
    admin = visit("admin")
    admin_page = admin.go("/consents/")
    row = admin_page.locator("main", has_text=name)
    expect(row.locator("[data-consent=given]").first).to_be_visible()


def test_a_look_is_added_to_an_existing_character(visit, site):
    maker = visit("marketer")
    first, second = fresh("Maya"), fresh("Maya in red")
    page = maker.go("/create/prompt/")
    create_from_words(page, first)
    wait_ready(page)
    page.locator("main a[href^='/groups/']").first.click()
    page.wait_for_url(re.compile(r"/groups/(\d+)/"))
    group = re.search(r"/groups/(\d+)/", page.url)[1]
    page = maker.go(f"/create/prompt/?group={group}")
    create_from_words(page, second)
    wait_ready(page)
    page = maker.go(f"/groups/{group}/")
    expect(page.locator("main", has_text=first)).to_be_visible()
    expect(page.get_by_text(second).first).to_be_visible()


def test_a_double_click_makes_one_submission(visit, site):
    maker = visit("marketer")
    name = fresh("Twice")
    page = maker.go("/create/prompt/")
    page.fill("[name=name]", name)
    page.fill("[name=prompt]", "A calm man with a grey beard")
    page.get_by_role("button", name="Create prompt avatar").dblclick()
    page.wait_for_url(re.compile("/submissions/"))
    wait_ready(page)
    assert creations_called(site, name) == 1


def test_bad_input_is_answered_beside_the_field_and_loses_nothing(visit, photo: Path):
    maker = visit("marketer")
    page = maker.go("/create/photo/")
    page.set_input_files("input[type=file]", photo)
    expect(page.locator("[data-upload-item]")).to_contain_text("Ana Portrait.jpg")
    page.get_by_role("button", name="Create photo avatar").click()
    expect(page.locator("#error-name")).to_contain_text(re.compile("name", re.IGNORECASE))
    expect(page.locator("[data-upload-item]")).to_contain_text("Ana Portrait.jpg")
    page.fill("[name=name]", fresh("Ana"))
    page.get_by_role("button", name="Create photo avatar").click()
    page.wait_for_url(re.compile("/submissions/"))


def test_it_all_works_without_script(visit, site, photo: Path):
    maker = visit(java_script_enabled=False)
    maker.sign_in("marketer")
    name = fresh("Plain")
    page = maker.go("/create/photo/")
    page.set_input_files("input[name=file]", photo)
    page.get_by_role("button", name="Create photo avatar").click()
    # Refused for the missing name; the photo is kept.
    expect(page.locator("#error-name")).not_to_be_empty()
    expect(page.locator("input[name=kept_file]")).to_have_count(1)
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Create photo avatar").click()
    page.wait_for_url(re.compile("/submissions/"))
    badge = page.locator("[id^=badge-submission-][data-status]").first
    for _reload in range(60):
        if badge.get_attribute("data-status") == "ready":
            break
        page.wait_for_timeout(500)
        page.reload()
    assert badge.get_attribute("data-status") == "ready"
    assert creations_called(site, name) == 1
