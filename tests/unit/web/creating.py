"""Posting creation forms in tests, as a browser does."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.builders import form_token, photo_bytes

TWIN, PHOTO, PROMPT = "/create/digital-twin/", "/create/photo/", "/create/prompt/"
HTMX = {"HX-Request": "true"}
ADDRESS = "https://example.com/portrait.jpg"


def picture(name: str = "photo.jpg", **size: Any) -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    return SimpleUploadedFile(name, photo_bytes(**size), "image/jpeg")


def fields(path: str, **changes: Any) -> dict[str, Any]:
    """What a form that is filled in properly sends; `changes` replace it, None takes a field away."""
    filled: dict[str, Any] = {"form_token": form_token(), "name": "Sarah", "avatar_group_id": ""}
    if path == PROMPT:
        filled["prompt"] = "A woman in her forties in a bright office."
    else:
        filled["file_url"] = ADDRESS
    return {name: value for name, value in {**filled, **changes}.items() if value is not None}


def errors(response: HttpResponse) -> dict[str, str]:
    """The words in each error slot that has any, by field; the summary as `form`."""
    html = response.content.decode()
    found = {}
    for name, body in re.findall(r'<p class="field__error" id="error-(\w+)"[^>]*>(.*?)</p>', html, re.S):
        if words := re.sub(r"<[^>]+>", " ", body).strip():
            found[name] = words
    summary = re.search(r'<div class="errors" id="form-errors"[^>]*>(.*?)</div>', html, re.S)
    if summary and summary[1].strip():
        found["form"] = re.sub(r"<[^>]+>", " ", summary[1]).strip()
    return found


def kept(response: HttpResponse) -> list[str]:
    """The ids of the files that the page carries along."""
    return re.findall(r'name="kept_file" value="([0-9a-f-]{36})"', response.content.decode())


def token_of(response: HttpResponse) -> str:
    """The token of the rendered form."""
    found = re.search(r'name="form_token"[^>]* value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def post(client: Client, path: str, *, htmx: bool = False, **changes: Any) -> HttpResponse:
    """Post a properly filled form with `changes`."""
    return client.post(path, fields(path, **changes), headers=HTMX if htmx else {})
