"""How people sign in: local accounts made by an administrator; nobody signs up by himself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpRequest


class ClosedAccounts(DefaultAccountAdapter):
    """allauth with the sign-up closed, and its refusals in the portal's words."""

    _MISMATCH = "The name and the password do not belong together. Check both, capital letters included."
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
        "too_many_login_attempts": "There were too many tries that failed. Wait a few minutes, then try again.",
        "account_inactive": "This account is switched off. Ask your administrator.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an administrator only."""
        return False


class OneQueryRights(AuthenticationBackend):
    """allauth's sign-in, with a person's own rights and those of their roles read together: every page needs them."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """All rights as `app.codename`; none for somebody who is not active, and none about a single object."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            held = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj)).order_by()
            names = held.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in names}
        return user_obj._perm_cache
