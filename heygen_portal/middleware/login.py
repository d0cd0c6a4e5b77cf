"""Every page asks for a sign-in, unless its view says otherwise with Django's `login_not_required`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponseBase]


class LoginRequired(LoginRequiredMiddleware):
    """Django's own, but for htmx, which would swap the sign-in page into a fragment, and for callers that want JSON."""

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let views pass that need no sign-in before anybody asks who is there: that would load session and user."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: View
    ) -> HttpResponseBase:
        """Send a browser to the sign-in page; tell htmx to go there as a whole page; tell JSON callers 401."""
        response: HttpResponseBase
        if request.headers.get("HX-Request") == "true":
            response = HttpResponse(status=401)
            response.headers["HX-Redirect"] = self._login_address(request, view_func, _page_htmx_was_on(request))
        elif request.accepts("application/json") and not request.accepts("text/html"):
            response = JsonResponse({"error": {"code": "sign_in_required", "message": "Sign in first."}}, status=401)
        else:
            response = super().handle_no_permission(request, view_func)
        response.headers["Cache-Control"] = "no-store"
        patch_vary_headers(response, ("Cookie", "HX-Request", "Accept"))
        return response

    def _login_address(self, request: HttpRequest, view_func: View, back_to: str) -> str:
        return redirect_to_login(back_to, self.get_login_url(view_func), self.get_redirect_field_name(view_func)).url


def _page_htmx_was_on(request: HttpRequest) -> str:
    """The path of the page that sent the request; the start page when the address named is not our own."""
    address = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return "/"
    parts = urlsplit(address)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
