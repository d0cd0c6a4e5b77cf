"""The template tags of the design system."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from avatars.templatetags import ui


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=10, help_text="As on the badge.")
    note = forms.CharField(widget=forms.Textarea, required=False)
    agree = forms.BooleanField(label="I agree")
    side = forms.ChoiceField(choices=[("l", "Left"), ("r", "Right")], widget=forms.RadioSelect)


@dataclass
class Entry:
    label: str
    in_bottom_bar: bool
    current: bool = False


def _render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_it_draws_an_icon_that_screen_readers_skip() -> None:
    html = _render('{% icon "copy" "sm" %}')
    assert 'class="icon icon--sm" aria-hidden="true"' in html
    assert "img/icons" in html
    assert '#copy"' in html


def test_it_names_an_icon_that_stands_alone() -> None:
    html = _render('{% icon "lock" label=words %}', words='"Locked" <b>')
    assert 'role="img" aria-label="&quot;Locked&quot; &lt;b&gt;"' in html


def test_it_ties_label_hint_and_error_to_the_control() -> None:
    form = ProfileForm({"name": "x" * 11, "agree": "on", "side": "l"})
    html = _render("{% field form.name counter=True %}", form=form)
    assert 'for="id_name"' in html
    assert 'aria-describedby="hint-name error-name"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="hint-name">As on the badge.' in html
    assert 'id="error-name"><span>Ensure this value has at most 10 characters' in html
    assert "11 of 10" in html


def test_it_keeps_an_empty_slot_for_an_error_to_come() -> None:
    html = _render("{% field form.note %}", form=ProfileForm())
    assert '<p class="field__error" id="error-note"></p>' in html
    assert "optional" in html


def test_it_escapes_what_people_typed() -> None:
    form = ProfileForm({"name": '"><script>', "agree": "on", "side": "l"})
    assert "<script>" not in _render("{% field form.name %}", form=form)


def test_it_gives_a_group_of_radios_a_legend() -> None:
    html = _render("{% field form.side %}", form=ProfileForm())
    assert "<fieldset" in html
    assert "<legend" in html


def test_it_puts_a_checkbox_before_its_label() -> None:
    html = _render("{% field form.agree %}", form=ProfileForm())
    assert html.index('type="checkbox"') < html.index("<label")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "just now"),
        (60, "1 min ago"),
        (240, "4 min ago"),
        (2 * 3600, "2 h ago"),
        (86400, "1 day ago"),
        (3 * 86400, "3 days ago"),
        (-10, "in a moment"),
        (-7200, "in 2 h"),
        (40 * 86400, "13 Oct 2026"),
    ],
)
def test_it_says_how_long_ago_in_plain_words(seconds: int, words: str) -> None:
    now = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
    assert ui.relative_words(now - dt.timedelta(seconds=seconds), now) == words


def test_it_carries_the_exact_time_for_machines_and_readers() -> None:
    html = ui.reltime(dt.datetime(2026, 3, 1, 9, 5, 7, tzinfo=dt.UTC))
    assert 'datetime="2026-03-01T09:05:07+00:00"' in html
    assert 'title="1 Mar 2026, 09:05:07 UTC"' in html
    assert ui.reltime(None) == "never"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (812, "812 B"),
        (340_000, "340 KB"),
        (999_999, "1.0 MB"),
        (4_200_000, "4.2 MB"),
        (412_000_000, "412 MB"),
        (2**31, "2.1 GB"),
    ],
)
def test_it_writes_sizes_as_people_read_them(size: int | None, words: str) -> None:
    assert ui.filesize(size) == words


def test_it_replaces_and_removes_values_of_the_address() -> None:
    request = RequestFactory().get("/looks/", {"q": "a&b", "type": "photo", "after": "x"})
    html = Template('{% load ui %}{% query type="prompt" after=None %}').render(Context({"request": request}))
    assert html == "?q=a%26b&amp;type=prompt"


@pytest.mark.parametrize(
    ("word", "tone"),
    [("success", "ok"), ("error", "stop"), ("warn", "wait"), ("pass", "ok"), ("info", "info"), ("odd", "neutral")],
)
def test_it_knows_the_tone_of_a_level(word: str, tone: str) -> None:
    assert ui.tone(word) == tone


@pytest.mark.parametrize(("place", "marked"), [(0, False), (6, True)])
def test_more_is_marked_when_the_page_at_hand_is_behind_it(place: int, marked: bool) -> None:
    entries = [Entry(str(number), number < 6, current=number == place) for number in range(8)]
    assert ui.split_nav(entries)["in_rest"] is marked


def test_it_fits_the_navigation_into_five_places() -> None:
    entries = [Entry(str(number), number < 6) for number in range(8)]
    bar = ui.split_nav(entries)
    assert [entry.label for entry in bar["shown"]] == ["0", "1", "2", "3"]
    assert [entry.label for entry in bar["rest"]] == ["4", "5", "6", "7"]
    assert ui.split_nav(entries[:5]) == {"shown": entries[:5], "rest": [], "in_rest": False}
    assert ui.split_nav([]) == {"shown": [], "rest": [], "in_rest": False}


def test_it_renders_the_page_of_last_resort_without_any_context() -> None:
    from django.template.loader import get_template

    html = get_template("500.html").render()
    assert "The portal made a mistake" in html
