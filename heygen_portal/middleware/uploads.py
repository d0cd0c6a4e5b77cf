"""Refuses bodies that are too large, unreadable, or that nobody may send, before the first byte of them is read.

Django itself has no limit for files, and its CSRF check reads the whole body to find the token: without this guard
anybody on the network could make the server write gigabytes to disk.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html

SMALL_BODY_BYTES = 2 * 1024 * 1024
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
PATHS_THAT_TAKE_FILES = ("/create/", "/uploads/")
RIGHT_TO_CREATE = "avatars.create_avatars"
LINGER_SECONDS = 2.0


class UploadGuard:
    """Looks at Content-Length and at who asks. Stands after authentication and before the CSRF check."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in METHODS_WITH_BODY:
            refusal = self._refusal(request)
            if refusal is not None:
                return _answer(request, *refusal)
        return self.get_response(request)

    def _refusal(self, request: HttpRequest) -> tuple[int, str, str] | None:
        """Status, code and message of the refusal, or None when the body may be read."""
        # Django would decode with whatever codec the client names, and fail on those that are not for text.
        if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
            return 415, "not_utf_8", "The request is not in UTF-8, the only character set the portal reads."
        takes_files = request.path_info.startswith(PATHS_THAT_TAKE_FILES)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length:
            # A request with neither a length nor a transfer coding has no body; only uploads must always name one.
            if takes_files or "HTTP_TRANSFER_ENCODING" in request.META:
                return (
                    411,
                    "length_required",
                    "The request does not say how large it is. Send it with a Content-Length.",
                )
            return None
        if not (length.isascii() and length.isdigit()):
            return 400, "bad_length", "The request does not say properly how large it is."
        size = int(length)
        if size <= SMALL_BODY_BYTES:
            return None
        if not takes_files:
            return 413, "body_too_large", f"At most {_readable(SMALL_BODY_BYTES)} can be sent to this address."
        if size > settings.UPLOAD_MAX_BYTES:
            return (
                413,
                "upload_too_large",
                f"The upload has {_readable(size)}; at most {_readable(settings.UPLOAD_MAX_BYTES)} can be sent at "
                "once. Choose a smaller file, or give its web address instead.",
            )
        user: Any = request.user
        if not user.is_authenticated:
            return 413, "sign_in_required", "Only people who are signed in can upload files. Sign in, then try again."
        if not user.has_perm(RIGHT_TO_CREATE):
            return 413, "not_allowed", "Your role does not include uploading files. Ask an administrator for it."
        return None


def _readable(size: int) -> str:
    """A size in words, as `2.0 MB`, with plain spaces."""
    return filesizeformat(size).replace("\xa0", " ")


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    """The refusal in the caller's own language: a fragment for htmx, JSON, or a small page."""
    response: HttpResponse
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(format_html('<p role="alert">{}</p>', message), status=status)
    elif request.accepts("application/json") and not request.accepts("text/html"):
        error = {"code": code, "message": message, "limit_bytes": settings.UPLOAD_MAX_BYTES}
        response = JsonResponse({"error": error}, status=status)
    else:
        response = HttpResponse(
            format_html(
                '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not accepted</title></head>'
                '<body><main><h1>Not accepted</h1><p role="alert">{}</p><p><a href="/">Back to the portal</a></p>'
                "</main></body></html>",
                message,
            ),
            status=status,
        )
    response.headers["Cache-Control"] = "no-store"
    return _closing(request, response)


def _closing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Hang up after `response`, throwing away what still arrives for a moment.

    Closing at once would make the system reset the connection, and a browser in the middle of sending would then
    show a network error in place of our words.
    """
    connection = request.META.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        return response

    def linger() -> None:
        deadline = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            while (left := deadline - time.monotonic()) > 0:
                connection.settimeout(left)
                if not connection.recv(65536):
                    break

    response._resource_closers.append(linger)  # type: ignore[attr-defined]
    return response


def sweep_incoming(older_than: float) -> int:
    """Delete files in FILE_UPLOAD_TEMP_DIR untouched for `older_than` seconds: killed requests leave them behind.

    Returns how many were deleted.
    """
    limit = time.time() - older_than
    swept = 0
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    if not folder.is_dir():
        return 0
    for path in folder.iterdir():
        # Another worker may sweep at the same moment, so a file may be gone at any line.
        with suppress(FileNotFoundError, PermissionError):
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()
                swept += 1
    return swept
