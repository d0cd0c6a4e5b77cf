"""Template tags of the design system: icons, fields, times, sizes and filter links.

They format; they never query. Icon names are the symbols of ``static/img/icons.svg``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select, Textarea
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

#: Django's message levels and our tones, in the words the stylesheet knows.
_TONES = {"success": "ok", "warning": "wait", "error": "stop", "info": "info", "debug": "neutral"}
_TONE_ICONS = {"ok": "check", "wait": "clock", "stop": "alert", "info": "info", "neutral": "info"}
_CHECK_TONES = {"pass": "ok", "warn": "wait", "stop": "stop"}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """One icon of the sprite. ``size`` is empty (20 px) or ``sm`` (16 px).

    Icons stand beside a word and are hidden from screen readers; give ``label`` only where no word stands there.
    """
    href = f"{static('img/icons.svg')}#{name}"
    css = f"icon icon--{size}" if size else "icon"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, href)


@register.simple_tag
def drawing(name: str) -> SafeString:
    """One of the small drawings for empty states and doors (``static/img/drawings.svg``)."""
    href = f"{static('img/drawings.svg')}#{name}"
    return format_html('<svg class="drawing" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.filter
def tone(word: object) -> str:
    """A tone name for a Django message level or a check level; tones pass through, unknown words are neutral."""
    text = str(word or "")
    if text in _TONE_ICONS:
        return text
    return _TONES.get(text) or _CHECK_TONES.get(text, "neutral")


@register.filter
def tone_icon(word: object) -> str:
    """The icon that goes with a tone, so that colour never speaks alone."""
    return _TONE_ICONS[tone(word)]


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """Render a form field with label, hint, error slot and counter: ``{% field form.name hint="..." counter=True %}``.

    Options: ``label``, ``hint``, ``counter`` (needs the field's ``max_length``), ``hide_label``, ``placeholder``,
    ``rows``, ``autocomplete``, ``autofocus``, ``prefix_icon``.
    """
    return {"f": bound, "widget": render_widget(bound, options), "kind": widget_kind(bound), **_words(bound, options)}


def widget_kind(bound: BoundField) -> str:
    """How the label and the control stand to each other: ``checkbox``, ``choices`` (radios) or ``line``."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return "checkbox"
    # A group of controls needs a legend, because a label can name only one of them.
    return "choices" if widget.use_fieldset else "line"


def render_widget(bound: BoundField, options: dict[str, Any]) -> SafeString:
    """The control itself, with the design system's class and pointers to its hint and its error."""
    name = bound.html_name
    attrs: dict[str, Any] = {"aria-describedby": f"hint-{name} error-{name}"}
    if widget_kind(bound) == "line":
        own = bound.field.widget.attrs.get("class", "")
        attrs["class"] = f"{_control_class(bound)} {own}".strip()
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if options.get("counter"):
        attrs["data-counter"] = f"counter-{name}"
    for key in ("placeholder", "rows", "autocomplete", "autofocus", "inputmode"):
        if key in options:
            attrs[key] = options[key]
    return bound.as_widget(attrs=attrs)


def _control_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, Textarea):
        return "input textarea"
    if isinstance(widget, Select):
        return "input select"
    return "input"


def _words(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    limit = getattr(bound.field, "max_length", None)
    value = bound.value()
    return {
        "label": options.get("label", bound.label),
        "hint": options.get("hint", bound.help_text),
        "hide_label": options.get("hide_label", False),
        "counter": bool(options.get("counter") and limit),
        "limit": limit,
        "length": len(str(value)) if value else 0,
        # A mark on the rarer kind keeps forms quiet: most of our fields are required.
        "optional": not bound.field.required and not options.get("quiet_optional"),
    }


@register.simple_tag
def split_nav(items: Sequence[Any]) -> dict[str, Any]:
    """A phone's bottom bar has five places: five entries, or four and "More" with what is left over.

    ``in_rest`` says that the page at hand is behind "More", which is then marked as the place where one is.
    """
    items = list(items or ())
    shown = items if len(items) <= 5 else [item for item in items if item.in_bottom_bar][:4]
    rest = [item for item in items if item not in shown]
    return {"shown": shown, "rest": rest, "in_rest": any(item.current for item in rest)}


@register.filter
def reltime(moment: dt.datetime | None, empty: str = "never") -> SafeString | str:
    """A ``<time>`` that reads "4 min ago" and carries the exact moment for hover, machines and screen readers."""
    if moment is None:
        return empty
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    exact = local.strftime("%-d %b %Y, %H:%M:%S %Z").strip()
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="visually-hidden"> ({})</span></time>',
        local.isoformat(timespec="seconds"),
        exact,
        relative_words(moment),
        exact,
    )


def relative_words(moment: dt.datetime, now: dt.datetime | None = None) -> str:
    """Plain words for a moment before or after now: "just now", "4 min ago", "in 2 h", "3 days ago", "12 Mar 2026"."""
    if now is None:
        now = timezone.now() if timezone.is_aware(moment) else dt.datetime.now()
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now" if seconds >= 0 else "in a moment"
    if size >= 14 * _DAY:
        return f"{moment.day} {moment:%b %Y}"
    amount = _amount(size)
    return f"{amount} ago" if seconds >= 0 else f"in {amount}"


def _amount(seconds: float) -> str:
    if seconds < 55 * _MINUTE:
        return f"{max(1, round(seconds / _MINUTE))} min"
    if seconds < 23.5 * _HOUR:
        return f"{round(seconds / _HOUR)} h"
    days = max(1, round(seconds / _DAY))
    return "1 day" if days == 1 else f"{days} days"


@register.filter
def filesize(size: int | None) -> str:
    """Bytes in the units people read on their own machines: "812 B", "340 KB", "4.2 MB", "1.6 GB"."""
    if size is None:
        return ""
    amount = float(size)
    for unit in ("B", "KB", "MB"):
        # 999.6 would be rounded up to "1000 KB".
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit in {"B", "KB"} or amount >= 99.95 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """The page's query string with some values replaced: ``href="{% query type="photo" after=None %}"``.

    ``None`` or an empty string removes a name. Without anything left it answers ``?``, which clears the query.
    """
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        elif isinstance(value, (list, tuple)):
            params.setlist(name, [str(item) for item in value])
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"
