"""The pages on which avatars are asked for: three doors, and a form behind each."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from avatars.creation.preflight import LARGEST_PICTURE_BYTES
from avatars.models import Submission
from avatars.states import KIND_LABELS, Kind
from avatars.web import pickers
from avatars.web.access import CREATE, needs
from avatars.web.doors import DOORS
from avatars.web.forms.creation import FORMS, CreationForm
from avatars.web.forms.fields import is_form_token, normalised
from avatars.web.forms.files import MAX_REFERENCES, GivenFiles, input_name, take_files
from avatars.web.http import PortalRequest
from avatars.web.uploads import kept_file

ACCEPT = {Kind.DIGITAL_TWIN: "video/mp4,video/webm,.mp4,.webm"}
ACCEPT_PICTURES = "image/jpeg,image/png,.jpg,.jpeg,.png"
UPLOAD_WORDS = {
    Kind.DIGITAL_TWIN: ("Footage", "MP4 or WebM, 15 seconds to 10 minutes."),
    Kind.PHOTO: ("Photo", "JPEG or PNG, at least 512 pixels on each side, up to 32 MB."),
    Kind.PROMPT: ("Reference images", "Up to three JPEG or PNG pictures that show what you mean."),
}
# Names under which the buttons that only search ask for the page again.
FIND_BUTTONS = ("find_group", "find_look")


@needs(CREATE)
@require_safe
def doors(request: PortalRequest) -> HttpResponse:
    """Choose how to make an avatar."""
    return render(request, "create/doors.html", {"doors": DOORS.values(), "asked": request.GET.urlencode()})


@needs(CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def digital_twin(request: PortalRequest) -> HttpResponse:
    """The form for footage."""
    return _creation(request, Kind.DIGITAL_TWIN)


@needs(CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: PortalRequest) -> HttpResponse:
    """The form for a photo."""
    return _creation(request, Kind.PHOTO)


@needs(CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def prompt(request: PortalRequest) -> HttpResponse:
    """The form for a description."""
    return _creation(request, Kind.PROMPT)


@needs(CREATE)
@require_POST
def preview(request: PortalRequest, kind: str) -> HttpResponse:
    """What would be sent if the form were posted as it stands; nothing is kept and no error is shown."""
    if kind not in FORMS:
        raise Http404
    form = _form(request, Kind(kind))
    form.is_valid()
    return render(request, "create/_preview.html", _summary(form))


def _creation(request: PortalRequest, kind: Kind) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _blank_form(request, kind))
    searching = any(button in request.POST for button in FIND_BUTTONS)
    before = None if searching else _made_before(request)
    if before is not None:
        return _already_sent(request, before, kind)
    form = _form(request, kind)
    if searching:
        # Without script the search for a character is a round trip: nothing is judged, everything is kept.
        form.errors.clear()
        return _page(request, form)
    if not form.is_valid():
        return _rejected(request, form)
    submission, created = form.store()
    return _go_to(request, submission) if created else _already_sent(request, submission, kind)


def _form(request: PortalRequest, kind: Kind) -> CreationForm:
    return FORMS[kind](request.POST, owner=request.user, given=take_files(request, kind))


def _blank_form(request: PortalRequest, kind: Kind) -> CreationForm:
    """A fresh form, with what the address asks for: a character, a reference look, or the inputs of an earlier try."""
    initial: dict[str, Any] = {"avatar_group_id": request.GET.get("group", "")}
    if kind == Kind.PROMPT:
        initial["avatar_id"] = request.GET.get("look", "")
    given = GivenFiles()
    earlier = _earlier(request, kind)
    if earlier is not None:
        _fill_from(earlier, initial, given)
    return FORMS[kind](owner=request.user, given=given, initial=initial)


def _earlier(request: PortalRequest, kind: Kind) -> Submission | None:
    """The person's own submission that is to be edited and tried again."""
    try:
        pk = uuid.UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return Submission.objects.filter(owner=request.user, kind=kind, pk=pk).first()


def _fill_from(earlier: Submission, initial: dict[str, Any], given: GivenFiles) -> None:
    initial.update(
        name=earlier.name,
        prompt=earlier.prompt,
        avatar_group_id=earlier.target_group_id or "",
        avatar_id=earlier.reference_look_id or "",
        depicts_real_person=earlier.depicts_real_person,
        permission_note=earlier.permission_note,
    )
    files = list(earlier.files.select_related("upload"))
    given.uploads = [file.upload for file in files if file.upload]
    addresses = "\n".join(file.url for file in files if file.source == "url")
    initial["reference_image_urls" if earlier.kind == Kind.PROMPT else "file_url"] = addresses
    initial["file_asset_id"] = "".join(file.asset_id for file in files if file.source == "asset_id")


def _made_before(request: PortalRequest) -> Submission | None:
    """The submission this very form has made already."""
    token = request.POST.get("form_token", "")
    if not is_form_token(token):
        return None
    return Submission.objects.filter(owner=request.user, form_token=token).first()


def _already_sent(request: PortalRequest, submission: Submission, kind: Kind) -> HttpResponse:
    """Lead to what the form made the first time; say so where it now asked for something else."""
    asked = (kind, request.POST.get("name", "").strip(), normalised(request.POST.get("prompt", "").strip()))
    if asked != (submission.kind, submission.name, submission.prompt):
        messages.info(request, "This form had been sent already; nothing new was created.")
    return _go_to(request, submission)


def _go_to(request: PortalRequest, submission: Submission) -> HttpResponse:
    address = reverse("submission", args=[submission.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _rejected(request: PortalRequest, form: CreationForm) -> HttpResponse:
    """422: for htmx only what changed, for a plain browser the whole page with everything kept."""
    if not request.htmx:
        return _page(request, form, status=422)
    return render(request, "create/_rejected.html", _facts(request, form), status=422)


def _page(request: PortalRequest, form: CreationForm, *, status: int = 200) -> HttpResponse:
    return render(request, f"create/{form.kind}.html", _facts(request, form), status=status)


def _facts(request: PortalRequest, form: CreationForm) -> dict[str, Any]:
    """Everything a form page shows."""
    asked = request.POST if form.is_bound else {}
    summary = _summary(form)
    group, look = summary["group"], summary["reference_look"]
    facts: dict[str, Any] = {"group_q": asked.get("group_q", ""), "look_q": asked.get("look_q", "")}
    if form.kind == Kind.PROMPT:
        facts["look_options"] = pickers.look_options(facts["look_q"], look.pk if look else "")
        facts["look_chosen"] = look.pk if look else ""
        facts["no_look"] = pickers.NO_LOOK
    return {
        **facts,
        **summary,
        "upload": _upload_facts(form),
        "upload_url": f"{reverse('uploads')}?kind={form.kind}",
        "group_options": pickers.group_options(facts["group_q"], group.pk if group else ""),
        "group_chosen": group.pk if group else "",
        "new_character": pickers.NEW_CHARACTER,
    }


def _upload_facts(form: CreationForm) -> dict[str, Any]:
    """The drop zone's parameters."""
    name = input_name(form.kind)
    label, hint = UPLOAD_WORDS[form.kind]
    return {
        "name": name,
        "label": label,
        "hint": hint,
        "required": form.kind != Kind.PROMPT,
        "role": form.role,
        "accept": ACCEPT.get(form.kind, ACCEPT_PICTURES),
        "max_bytes": settings.UPLOAD_MAX_BYTES if form.kind == Kind.DIGITAL_TWIN else LARGEST_PICTURE_BYTES,
        "max_files": MAX_REFERENCES if form.kind == Kind.PROMPT else 1,
        "kept": [kept_file(upload) for upload in form.given.uploads],
        "errors": form.errors.get(name, []) if form.is_bound else [],
    }


def _summary(form: CreationForm) -> dict[str, Any]:
    """What would be sent, for the panel beside the form."""
    if form.is_bound:
        form.is_valid()
        group, look = form.target_group, form.reference_look
    else:
        group = pickers.groups_to_add_to().filter(pk=pickers.row_id(form.initial.get("avatar_group_id"))).first()
        look = pickers.looks_to_go_by().filter(pk=pickers.row_id(form.initial.get("avatar_id"))).first()
    values = {name: form[name].value() or "" for name in form.fields}
    return {
        "form": form,
        "kind_label": KIND_LABELS[form.kind],
        "door": DOORS[form.kind],
        "group": group,
        "target": group or (look.group if look else None),
        "reference_look": look,
        "given": values,
        "kept": [kept_file(upload) for upload in form.given.uploads],
        "addresses": [line for line in str(values.get("reference_image_urls", "")).split() if line],
        "preview_url": reverse("create_preview", args=[form.kind]),
    }
