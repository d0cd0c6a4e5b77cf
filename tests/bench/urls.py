"""The portal's addresses, and one whose answer is constant: what everything else is measured against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def constant(_request: HttpRequest) -> HttpResponse:
    """Nothing but the way through the middleware."""
    return HttpResponse("constant", content_type="text/plain")


class CountQueries:
    """Answers a request that asks for it with the number of its queries; costs the others nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_X_COUNT_QUERIES" not in request.META:
            return self.get_response(request)
        statements: list[str] = []

        def note(execute: Callable[..., Any], sql: str, *details: Any) -> Any:
            statements.append(sql)
            return execute(sql, *details)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response.headers["X-Queries"] = str(len([one for one in statements if not one.startswith("PRAGMA")]))
        return response


urlpatterns = [path("bench/constant/", constant), path("", include("heygen_portal.urls"))]
