"""Invented data for the page that shows every component (templates/styleguide/). Nothing here is read elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from avatars.templatetags.ui import icon

register = template.Library()

LONG_NAME = "Maximiliane Konstantinopoulos-Featherstonehaugh, winter campaign, second take with the grey scarf"
_PEOPLE = ("Sarah Lindqvist", "Tomás Ibarra", "Wei Chen", "Amara Okafor", "Jonas Vogel", LONG_NAME, "Priya Nair", "Lee")
_BADGES = (
    ("info", "status", "queued", "queue", "Queued", True),
    ("info", "status", "uploading", "upload", "Uploading 42 %", True),
    ("info", "status", "creating", "sparkle", "Creating", True),
    ("info", "status", "training", "clock", "Training", True),
    ("ok", "status", "ready", "check", "Ready", False),
    ("stop", "status", "failed", "cross", "Failed", False),
    ("wait", "status", "needs_you", "alert", "Needs you", False),
    ("wait", "status", "unknown_outcome", "question", "Outcome unknown", False),
    ("neutral", "status", "gone", "gone", "Gone at HeyGen", False),
    ("neutral", "consent", "not_asked", "shield", "Consent not asked", False),
    ("wait", "consent", "waiting", "send", "Waiting for consent", False),
    ("ok", "consent", "given", "shield", "Consent given", False),
    ("stop", "consent", "declined", "cross", "Declined", False),
    ("neutral", "status", "unknown", "question", "quarantined_by_vendor", False),
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(max_length=80, help_text="How you will find it again. HeyGen sees it too.")
    prompt = forms.CharField(max_length=1000, widget=forms.Textarea)
    voice = forms.ChoiceField(choices=[("", "Any"), ("warm", "Warm"), ("plain", "Plain")], required=False)
    real = forms.BooleanField(
        label="This picture shows a real person", required=False, help_text="A real person needs a consent."
    )
    gender = forms.ChoiceField(
        label="Orientation", choices=[("portrait", "Portrait"), ("landscape", "Landscape")], widget=forms.RadioSelect
    )


@register.simple_tag
def sample_badge(number: int, prefix: str = "sample") -> SafeString:
    """One of the invented badges, in the exact markup that lists use."""
    tone, kind, word, symbol, label, busy = _BADGES[number % len(_BADGES)]
    return format_html(
        '<span class="badge badge--{}{}" id="{}-{}" data-{}="{}" data-raw="{}" title="Checked 12 s ago">{}'
        '<span class="badge__word">{}</span></span>',
        tone,
        " badge--busy" if busy else "",
        prefix,
        number,
        kind,
        word,
        word,
        icon(symbol),
        label,
    )


@register.simple_tag
def sample_data() -> dict[str, Any]:
    """Everything the style guide needs, by component."""
    now = timezone.now()
    bad = {"wrong-name": "x" * 81, "wrong-prompt": "", "wrong-gender": "diagonal"}
    wrong = SampleForm(bad, auto_id="wrong_%s", prefix="wrong")
    return {
        "badges": format_html_join(" ", "{}", ((sample_badge(number),) for number in range(len(_BADGES)))),
        "form": SampleForm(initial={"name": "Sarah in the studio", "gender": "portrait"}),
        "wrong": wrong,
        "looks": [_look(number) for number in range(8)],
        "steps": _steps(now),
        "moments": [now, now - dt.timedelta(minutes=4), now - dt.timedelta(hours=5), now + dt.timedelta(days=2)],
        **_controls(),
    }


def _look(number: int) -> dict[str, Any]:
    return {
        "name": _PEOPLE[number],
        "meta": ("Digital twin", "Photo avatar", "From words")[number % 3],
        "image": "" if number == 4 else _frame(number),
        "badges": format_html(
            "{} {}", sample_badge((4, 3, 4, 5)[number % 4], f"look{number}"), sample_badge(9 + number % 4, f"c{number}")
        ),
        "locked": "Consent missing" if number in {1, 6} else "",
        "gone": number == 7,
        "count": f"{number * 7 + 1} looks",
    }


def _frame(number: int) -> str:
    """One frame cut out of the drawn contact sheet, so that the guide needs no photos."""
    column, row = number % 3, number // 3
    return f"{static('img/contact-sheet.svg')}#svgView(viewBox({42 + column * 278},{20 + row * 373},260,325))"


def _steps(now: dt.datetime) -> list[dict[str, Any]]:
    return [
        {"title": "Asked for by you", "tone": "ok", "icon": "person", "at": now - dt.timedelta(minutes=9)},
        {
            "title": "Uploaded to HeyGen",
            "tone": "ok",
            "icon": "upload",
            "at": now - dt.timedelta(minutes=8),
            "text": "studio-take-3.mov, 412 MB, in 38 seconds.",
        },
        {
            "title": "Training",
            "tone": "info",
            "icon": "clock",
            "at": now - dt.timedelta(minutes=6),
            "text": "HeyGen usually needs a few minutes. You can leave this page.",
        },
        {"title": "Ready to use", "tone": "next", "icon": "check", "text": "Consent is asked for after training."},
    ]


def _controls() -> dict[str, Any]:
    checks = [
        {"level": "pass", "text": "1080 x 1920, sharp enough"},
        {"level": "warn", "text": "Two faces were found; HeyGen takes the larger one"},
        {"level": "stop", "text": "Shorter than 15 seconds"},
    ]
    return {
        "tabs": [
            {"label": "Waiting", "href": "?tab=waiting", "current": True, "count": 12},
            {"label": "Overdue", "href": "?tab=overdue", "count": 3},
            {"label": "Given", "href": "?tab=given", "count": 148},
            {"label": "Declined", "href": "?tab=declined", "count": 0},
        ],
        "selects": [
            {
                "name": "type",
                "label": "Type",
                "value": "photo",
                "options": [("", "Every type"), ("photo", "Photo avatars"), ("prompt", "From words")],
            },
            {"name": "consent", "label": "Consent", "value": "", "options": [("", "Any consent"), ("given", "Given")]},
        ],
        "chips": [{"label": "Photo avatars", "href": "?"}, {"label": f"Character: {LONG_NAME}", "href": "?"}],
        "kept": [
            {"id": "1", "name": "studio-take-3.jpg", "size_text": "4.2 MB", "preview": _frame(2), "checks": checks}
        ],
        "options": [
            {"id": 1, "label": "Sarah Lindqvist", "meta": "12 looks, consent given", "image": _frame(0)},
            {"id": 2, "label": LONG_NAME, "meta": "1 look, consent not asked"},
        ],
        "samples": [
            {"label": "curl", "code": 'curl -X POST https://api.heygen.com/v3/videos \\\n  -H "x-api-key: $KEY"'},
            {"label": "Python", "code": 'requests.post("https://api.heygen.com/v3/videos", json={"avatar_id": "a1"})'},
        ],
        "funnel": [
            {"label": "Asked", "percent": 100, "value": "40"},
            {"label": "Opened", "percent": 75, "value": "30", "tone": "wait"},
            {"label": "Given", "percent": 60, "value": "24", "tone": "ok"},
        ],
    }
