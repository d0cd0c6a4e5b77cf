"""Files on their way in, and the small pictures of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from avatars.creation.media import PICTURE_TYPES
from avatars.creation.uploads import UploadRefused, keep_upload
from avatars.models import Upload
from avatars.states import Kind
from avatars.templatetags.ui import filesize
from avatars.web.access import CREATE, needs, visible_submissions

_ROLES = ("file", "reference")
# A picture from a stranger is shown as a picture and nothing else, even where a browser opens it by itself.
_PICTURE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=3600",
}


@needs(CREATE)
@require_POST
def uploads(request: HttpRequest) -> JsonResponse:
    """Keep one file and answer what it is and what was found in it."""
    file, kind, role = request.FILES.get("file"), request.GET.get("kind"), request.POST.get("role", "file")
    if not isinstance(file, TemporaryUploadedFile):
        return _refusal("no_file", "No file arrived. Choose it again.")
    if role not in _ROLES or kind not in {None, *Kind}:
        return _refusal("bad_purpose", "The portal does not know what this file is for. Reload the page.")
    try:
        upload = keep_upload(file, owner=request.user, role=role, kind=Kind(kind) if kind else None)
    except UploadRefused as refusal:
        return _refusal("refused", str(refusal), status=422)
    facts = {"id": str(upload.pk), "name": upload.original_name, "media_type": upload.media_type}
    answer = facts | {"size": upload.size, "checks": upload.checks, "preview": preview_address(upload) or None}
    return JsonResponse(answer, status=201, headers={"Cache-Control": "no-store"})


def _refusal(code: str, message: str, *, status: int = 400) -> JsonResponse:
    error = {"code": code, "message": message}
    return JsonResponse({"error": error}, status=status, headers={"Cache-Control": "no-store"})


@require_safe
def upload_preview(request: HttpRequest, pk: UUID) -> HttpResponse | FileResponse:
    """The picture itself, for whoever sent it and for those who may see a submission that uses it."""
    mine = Q(owner=request.user) | Q(used_by__submission__in=visible_submissions(request.user))
    upload = get_object_or_404(Upload.objects.filter(mine).distinct(), pk=pk)
    if not preview_address(upload):
        raise Http404
    try:
        file = upload.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, content_type=upload.media_type, headers=_PICTURE_HEADERS)


def preview_address(upload: Upload) -> str:
    """Where the picture of an upload is; empty for videos and for pictures that could not be read."""
    if upload.media_type not in PICTURE_TYPES or not upload.width:
        return ""
    return reverse("upload_preview", args=[upload.pk])


def kept_file(upload: Upload) -> dict[str, Any]:
    """An upload as the drop zone and the summaries show it."""
    return {
        "id": str(upload.pk),
        "name": upload.original_name,
        "size_text": filesize(upload.size),
        "media_type": upload.media_type,
        "preview": preview_address(upload),
        "checks": upload.checks,
    }
