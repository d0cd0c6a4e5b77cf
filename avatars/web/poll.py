"""The answer to the one poll of a page: silence when nothing changed, else the changed badges.

The silent path is asked for every four seconds by every open page. It verifies a signature, reads plain values by one
query a kind, and touches neither session nor user.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.http import HttpResponse
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from avatars.models import AvatarGroup, Consent, Look, Submission
from avatars.web import badges, watching
from avatars.web.access import visible_consents, visible_submissions
from avatars.web.http import PortalRequest
from avatars.web.watching import CONSENT, STATUS, Shown, Watch

_NO_STORE = {"Cache-Control": "no-store"}
_LOOKS = (
    'SELECT look.id, look.status, look.status_raw, look.consent_state, "group".consent_raw '
    'FROM avatars_look look LEFT JOIN avatars_avatargroup "group" ON "group".id = look.group_id WHERE look.id IN ({})'
)
_GROUPS = "SELECT id, status_raw, gone_at, consent_state, consent_raw FROM avatars_avatargroup WHERE id IN ({})"


@login_not_required
@require_safe
def changed_badges(request: PortalRequest) -> HttpResponse:
    """204 when the page shows the truth; else the badges that changed, a fresh poll, and an event for each item."""
    try:
        asked = watching.read(request.GET.get("s", ""))
    except watching.Tampered:
        return HttpResponse(
            "This address is not complete. Reload the page.", status=400, content_type="text/plain", headers=_NO_STORE
        )
    if asked.fresh and not _changed(asked.shown):
        return HttpResponse(status=204, headers=_NO_STORE)
    # From here on things are told, and a signature that outlived its session must not be enough for that.
    if not request.user.is_authenticated:
        return HttpResponse(_signed_out(request), headers=_NO_STORE)
    return _answer(request, asked.shown)


def _changed(shown: Shown) -> bool:
    """Whether anything differs from what the page shows."""
    for kind, items in shown.items():
        now = _marks_now(kind, list(items))
        if any(now.get(pk) != mark for pk, (mark, _) in items.items()):
            return True
    return False


def _marks_now(kind: str, pks: list[Any]) -> dict[Any, int]:
    if kind == "look":
        return {row[0]: watching.mark_of(*row[1:]) for row in _rows(_LOOKS, pks)}
    if kind == "group":
        return {
            pk: watching.mark_of(badges.group_status(raw, gone_at), raw, state, consent_raw)
            for pk, raw, gone_at, state, consent_raw in _rows(_GROUPS, pks)
        }
    if kind == "submission":
        rows = badges.submission_rows(Submission.objects.filter(pk__in=pks))
        return {row[0]: badges.submission_watch(row, STATUS).mark for row in rows}
    return {pk: watch.mark for pk, watch in badges.of_consents(Consent.objects.filter(pk__in=pks)).items()}


def _rows(statement: str, pks: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(",".join(["%s"] * len(pks))), pks)
        return cursor.fetchall()


def _answer(request: PortalRequest, shown: Shown) -> HttpResponse:
    """What changed, for a person who is signed in; what they may not see any more is left out and asked no longer."""
    parts: list[str] = []
    events: list[str] = []
    watches: list[Watch] = []
    for kind, items in shown.items():
        for shows in {shows for _, shows in items.values()}:
            marks = {pk: mark for pk, (mark, bits) in items.items() if bits == shows}
            for watch, markup in _load(request.user, kind, list(marks), shows):
                watches.append(watch)
                if watch.mark != marks[watch.pk]:
                    parts.append(markup)
                    events.append(watch.event)
    body = badges.poll_element(request, watches) + "".join(parts)
    response = HttpResponse(body, headers=_NO_STORE)
    if events:
        response.headers["HX-Trigger"] = ", ".join(events)
    return response


def _load(user: Any, kind: str, pks: list[Any], shows: int) -> list[tuple[Watch, str]]:
    if kind == "consent":
        return [
            (watch, "") for watch in badges.of_consents(visible_consents(user).filter(pk__in=pks), shows=shows).values()
        ]
    found: dict[Any, badges.Badges]
    if kind == "look":
        found = badges.of_looks(Look.objects.filter(pk__in=pks), shows=shows, oob=True)
    elif kind == "group":
        found = badges.of_groups(AvatarGroup.objects.filter(pk__in=pks), shows=shows, oob=True)
    else:
        found = badges.of_submissions(visible_submissions(user).filter(pk__in=pks), shows=shows, oob=True)
    return [(item.watch, _markup(item, shows)) for item in found.values()]


def _markup(item: badges.Badges, shows: int) -> str:
    """Only the badges the page has: a stray one would have no place to go."""
    return (item.status if shows & STATUS else "") + (item.consent if shows & CONSENT else "")


def _signed_out(request: PortalRequest) -> str:
    """Says that the session has ended, in place of the poll, with the way back to the same page."""
    link = escape(redirect_to_login(_page_of(request)).url)
    return (
        '<div id="badge-poll" class="poll-note" role="status">Your session has ended, so this page no longer updates. '
        f'<a href="{link}">Sign in again</a></div>'
    )


def _page_of(request: PortalRequest) -> str:
    address = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(address)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
