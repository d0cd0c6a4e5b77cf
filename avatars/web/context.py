"""What every page of the shell needs: navigation by role, the sandbox strip, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from avatars.web import access


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    href: str
    icon: str
    current: bool
    in_bottom_bar: bool


# label, url name, icon, right needed (None: everybody), shown in the bottom bar of a phone
_ENTRIES = (
    ("Overview", "overview", "overview", (), True),
    ("Looks", "looks", "looks", (), True),
    ("Characters", "groups", "characters", (), True),
    ("Create", "create", "create", (access.CREATE,), True),
    ("Submissions", "submissions", "submissions", (access.CREATE, access.SEE_ALL_SUBMISSIONS), True),
    ("Consents", "consents", "consents", (access.CREATE, access.SEE_ALL_CONSENTS), False),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template variables of base.html. Costs nothing for visitors without a session."""
    user = getattr(request, "user", None)
    facts: dict[str, Any] = {"sandbox_mode": settings.SANDBOX_MODE, "portal_version": settings.VERSION}
    if user is None or not user.is_authenticated:
        return facts | {"nav": [], "role_label": "", "balance": None, "system_ok": None}
    return facts | {
        "nav": _navigation(request),
        "role_label": _role_label(user),
        "balance": None,
        "system_ok": None,
    }


def _navigation(request: HttpRequest) -> list[NavItem]:
    items = []
    for label, name, icon, rights, in_bottom_bar in _ENTRIES:
        if rights and not any(request.user.has_perm(right) for right in rights):
            continue
        href = reverse(name)
        current = request.path == href or (href != "/" and request.path.startswith(href))
        items.append(NavItem(label, href, icon, current, in_bottom_bar))
    return items


def _role_label(user: Any) -> str:
    """The strongest role a person holds, by the rights it brings."""
    if user.is_superuser:
        return "Superuser"
    if user.has_perm(access.SEE_ALL_CONSENTS):
        return "Admin"
    if user.has_perm(access.SEE_ALL_SUBMISSIONS):
        return "Team lead"
    return "Marketer" if user.has_perm(access.CREATE) else "No role yet"
