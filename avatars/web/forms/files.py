"""The files of one POST: those that came along now, and those an earlier try had kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from avatars.creation.preflight import Purpose, stop_text
from avatars.creation.uploads import UploadRefused, keep_upload
from avatars.models import Upload
from avatars.states import Kind

MAX_REFERENCES = 3
MAX_KEPT = 10


@dataclass
class GivenFiles:
    """The uploads a form may use, and what went wrong with others."""

    uploads: list[Upload] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    came_along: bool = False

    def stops(self, purpose: Purpose) -> list[str]:
        """Why uploads cannot be used for `purpose`; named where there are several."""
        found = [(upload, stop_text(upload, purpose)) for upload in self.uploads]
        named = len(self.uploads) > 1
        return [f"{upload.original_name}: {text}" if named else text for upload, text in found if text]


def input_name(kind: str) -> str:
    """The name of the file input in the form for `kind`."""
    return "reference_images" if kind == Kind.PROMPT else "file"


def take_files(request: HttpRequest, kind: str) -> GivenFiles:
    """Keep every file that came with the POST, whatever else is wrong with it, and find those kept before.

    For footage and photos a file that comes along takes the place of the one kept before; references add up.
    """
    name = input_name(kind)
    sent = request.FILES.getlist(name)
    given = GivenFiles(came_along=bool(sent))
    kept = _kept(request.user, request.POST.getlist("kept_file"), given)
    fresh = _keep_all(request.user, sent, kind, given)
    if kind == Kind.PROMPT:
        given.uploads = _without_twins([*kept, *fresh])
    else:
        given.uploads = (fresh or kept)[:1]
    return given


def _kept(user: Any, words: list[str], given: GivenFiles) -> list[Upload]:
    """The uploads of `user` named by `words`, in that order. Those of other people count as missing."""
    wanted = [_uuid(word) for word in words[:MAX_KEPT] if word]
    found = Upload.objects.filter(owner=user).in_bulk([pk for pk in wanted if pk])
    if any(pk not in found for pk in wanted):
        given.errors.append("A file that was uploaded before is no longer there. Choose it again.")
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def _keep_all(user: Any, sent: Iterable[Any], kind: str, given: GivenFiles) -> list[Upload]:
    role = "reference" if kind == Kind.PROMPT else "file"
    fresh = []
    for number, file in enumerate(sent):
        # Far more than any form takes would only fill the disk.
        if number >= MAX_KEPT:
            break
        try:
            fresh.append(keep_upload(file, owner=user, role=role, kind=Kind(kind)))
        except UploadRefused as refusal:
            given.errors.append(str(refusal))
    return fresh


def _without_twins(uploads: list[Upload]) -> list[Upload]:
    """The same picture sent again with every try counts once."""
    by_content = {upload.sha256: upload for upload in reversed(uploads)}
    return [upload for upload in uploads if by_content[upload.sha256] is upload]


def _uuid(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
