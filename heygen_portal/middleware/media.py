"""Serves our own copies of thumbnails without a session: their names are random, so knowing one is the permission."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_NAME = re.compile(r"[0-9a-f]{32}\.webp")
_FOLDER = "thumbs/"


class _Picture(FileResponse):
    """A file response that guesses no headers: all of them are known."""

    def set_headers(self, filelike: object) -> None:
        """Leave the headers as they were given."""


class StoredPictures:
    """Answers everything below MEDIA_URL: thumbnails with their picture, anything else (uploads above all) with 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.root = settings.MEDIA_URL
        self.prefix = settings.MEDIA_URL + _FOLDER
        self.folder = str(Path(settings.MEDIA_ROOT) / "thumbs") + os.sep

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(self.root):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        name = path[len(self.prefix) :] if path.startswith(self.prefix) else ""
        if not _NAME.fullmatch(name):
            return _not_found()
        try:
            # A plain string and one open: this runs once for every card of every list.
            file = open(self.folder + name, "rb", buffering=0)  # noqa: SIM115, PTH123 - the response closes it
        except OSError:
            return _not_found()
        headers = {
            "Content-Type": "image/webp",
            "Content-Length": str(os.fstat(file.fileno()).st_size),
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        }
        if request.method == "HEAD":
            file.close()
            return HttpResponse(headers=headers)
        return _Picture(file, headers=headers)


def _not_found() -> HttpResponse:
    return HttpResponse("Not found.", status=404, content_type="text/plain", headers={"Cache-Control": "no-store"})
