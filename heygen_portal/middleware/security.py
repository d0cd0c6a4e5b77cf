"""Headers that tell browsers what our pages may do, and that pages of signed-in people are not to be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Sources = Mapping[str, Sequence[str]]

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "blob:"),
    "media-src": ("'self'", "blob:"),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "base-uri": ("'none'",),
    "manifest-src": ("'self'",),
    "font-src": ("'self'",),
}
# Copying an id needs the clipboard; nothing here needs a camera, a place or a payment.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


@lru_cache(maxsize=256)
def _written(extra: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """The policy as a header value, with `extra` sources added to the directives they are for."""
    sources = dict(POLICY)
    for directive, more in extra:
        kept = tuple(source for source in sources.get(directive, ()) if source != "'none'")
        sources[directive] = kept + tuple(source for source in more if source not in kept)
    return "; ".join(f"{directive} {' '.join(words)}" for directive, words in sources.items())


def _safe_source(source: str) -> str:
    """A source as it may stand in the header; one that would end the directive or the header is refused."""
    if not source or any(sign in source for sign in ";,\r\n\t "):
        raise ValueError(f"{source!r} cannot be a source of a content security policy.")
    return source


def content_security_policy(extra: Sources | None = None) -> str:
    """The header value. `extra` widens it: `{"form-action": ["https://login.example.com"]}`."""
    if not extra:
        return _written(())
    return _written(tuple((name, tuple(_safe_source(source) for source in words)) for name, words in extra.items()))


def widen_csp(extra: Sources) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a view whose pages need more than the policy gives, for instance a form that leads to another host."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def widened(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            response = view(request, *args, **kwargs)
            # What the view itself asked for, knowing the request, stays in force.
            response.csp_extra = {**extra, **getattr(response, "csp_extra", {})}
            return response

        return widened

    return decorate


class SecurityHeaders:
    """Sets Content-Security-Policy and Permissions-Policy on every answer, and keeps private pages out of caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = content_security_policy(getattr(response, "csp_extra", None))
        headers["Permissions-Policy"] = PERMISSIONS
        if (
            "Cache-Control" not in headers
            # The cookie tells enough, and unlike the session it costs no query on public pages.
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and headers.get("Content-Type", "").startswith("text/html")
        ):
            headers["Cache-Control"] = "private, no-store"
        return response
