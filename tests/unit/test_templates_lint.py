"""What the strict content security policy and htmx without eval demand of every template, held by reading them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
# Mails are read by mail programs, which know no stylesheets, and never by a browser under our policy.
MAILS = tuple(page for page in PAGES if page.startswith("mail/"))
COMMENT = re.compile(r"{% comment .*?%}.*?{% endcomment %}|{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)
TEMPLATE_CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
FORBIDDEN = {
    "a script without a src": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\b(?:data-)?hx-on\b", re.IGNORECASE),
    "js: or javascript:": re.compile(r"[\"'](?:js|javascript):", re.IGNORECASE),
    # With eval off htmx drops the filter and sends the request unconditionally.
    "a filter in hx-trigger": re.compile(r"hx-trigger\s*=\s*(?:\"[^\"]*\[|'[^']*\[)", re.IGNORECASE),
}
SPRITES = {"icon": "icons.svg", "drawing": "drawings.svg"}


def _markup(page: str) -> str:
    return COMMENT.sub("", (TEMPLATES / page).read_text())


def _faults(markup: str) -> list[str]:
    # Template code goes first, so that a > in a condition cannot hide the rest of a tag.
    plain = TEMPLATE_CODE.sub("", markup)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(plain)]


def _symbols(sprite: str) -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img" / sprite).read_text()))


@pytest.mark.parametrize("page", PAGES)
def test_it_parses(page: str) -> None:
    assert get_template(page)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in MAILS])
def test_it_has_nothing_the_policy_would_block(page: str) -> None:
    assert _faults(_markup(page)) == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<script>1</script>", "a script without a src"),
        ("<style>p{}</style>", "a style element"),
        ('<p {% if a > b %}class="x"{% endif %} style="top:0">', "a style attribute"),
        ('<a href="/" onclick="x()">', "an inline handler"),
        ('<a hx-on:click="x()">', "hx-on"),
        ("<a hx-vals='js:{a: 1}'>", "js: or javascript:"),
        ('<a hx-trigger="click[ctrlKey]">', "a filter in hx-trigger"),
    ],
)
def test_the_lint_finds_what_it_looks_for(markup: str, fault: str) -> None:
    assert fault in _faults(markup)


@pytest.mark.parametrize(("tag", "sprite"), SPRITES.items())
def test_every_icon_a_template_names_is_in_the_sprite(tag: str, sprite: str) -> None:
    named = {(page, name) for page in PAGES for name in re.findall(rf'{{% {tag} "([^"]+)"', _markup(page))}
    assert named, "no template names one, so this test would hold nothing"
    assert {(page, name) for page, name in named if name not in _symbols(sprite)} == set()


def test_every_icon_a_state_names_is_in_the_sprite() -> None:
    from avatars import states

    faces = [*states.STATUS_FACES.values(), *states.CONSENT_FACES.values()]
    assert {face.icon for face in faces} - _symbols("icons.svg") == set()


def test_raw_colours_stand_in_the_tokens_only() -> None:
    raw = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab)\(", re.IGNORECASE)
    sheets = [path for path in (ROOT / "static/css").glob("*.css") if path.name != "tokens.css"]
    assert sheets
    found = {path.name: raw.findall(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)) for path in sheets}
    assert {name: colours for name, colours in found.items() if colours} == {}


def test_every_token_a_sheet_uses_is_defined() -> None:
    sheets = {path.name: path.read_text() for path in (ROOT / "static/css").glob("*.css")}
    used = {name for text in sheets.values() for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    defined = {name for text in sheets.values() for name in re.findall(r"(--[a-z0-9-]+)\s*:", text)}
    assert used - defined == set()
