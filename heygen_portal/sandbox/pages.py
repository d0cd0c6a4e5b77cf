"""What the sandbox's pages for people share: their headers, and whose forms they take."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200, form_action: str = ""
) -> HttpResponse:
    """A page under a strict policy. ``form_action`` names the one other origin its form may be redirected to."""
    response = render(request, template, context, status=status)
    # Browsers hold a form to the policy through its redirects, so the place it returns people to is listed.
    forms = f"'self' {form_action}".strip()
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
        f"form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
    )
    # Not no-referrer, under which browsers would send the form with the origin null.
    response["Referrer-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def same_origin(request: HttpRequest) -> bool:
    """Whether a form was sent by a page of ours; a client that is no browser names no origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")
    return urlsplit(origin).netloc == request.get_host()
