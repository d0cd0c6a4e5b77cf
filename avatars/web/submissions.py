"""What was asked for and how it went: the list, one page each, and the decisions a person may take."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from avatars.creation import decide, errors
from avatars.library import listing
from avatars.library.thumbnails import thumbnail_url
from avatars.models import Submission
from avatars.states import FOR_A_PERSON, KIND_LABELS, SETTLED, Kind, Status, WrongMove
from avatars.templatetags.ui import reltime
from avatars.web import badges, browsing, cards, progress
from avatars.web.access import CREATE, SEE_ALL_SUBMISSIONS, needs, visible_submissions
from avatars.web.badges import BOTH, STATUS
from avatars.web.browsing import Chip, Select
from avatars.web.forms.fields import row_id
from avatars.web.http import PortalRequest
from avatars.web.uploads import kept_file

PAGE_SIZE = 50
NEWEST = ("-created_at", "-id")
KIND_ICONS = {Kind.DIGITAL_TWIN: "film", Kind.PHOTO: "photo", Kind.PROMPT: "words"}
# Two filters that stand for several states each.
IN_PROGRESS, FOR_PERSON = "in_progress", "for_a_person"
_STATES = (
    ("", "Any state"),
    (IN_PROGRESS, "In progress"),
    (FOR_PERSON, "Waiting for a person"),
    *progress.state_words(),
)
_KINDS = (("", "Any kind"), *((str(kind), label) for kind, label in KIND_LABELS.items()))
# What a field is called where a failure blames it; HeyGen's other names are shown as they are.
FIELD_LABELS = {
    "file": "the file",
    "file_url": "the web address of the file",
    "file_asset_id": "the HeyGen asset id",
    "name": "the name",
    "prompt": "the description",
    "avatar_group_id": "the character",
    "avatar_id": "the reference look",
    "reference_images": "the reference images",
}
FILE_LABELS = {Kind.DIGITAL_TWIN: "Footage", Kind.PHOTO: "Photo", Kind.PROMPT: "Reference"}
ROW_COLUMNS = (
    "id",
    "name",
    "kind",
    "created_at",
    "owner_id",
    "owner__username",
    "owner__first_name",
    "owner__last_name",
    "look__thumbnail",
)


@needs(CREATE, SEE_ALL_SUBMISSIONS)
@require_safe
def submissions(request: PortalRequest) -> HttpResponse:
    """The list, newest first, with filters that live in the address."""
    selects = _selects(request)
    mine = request.GET.get("mine") == "1"
    found = _filtered(request, selects, mine)
    after = request.GET.get("after", "")
    page = listing.page(found.values(*ROW_COLUMNS), after=after, size=PAGE_SIZE, order=NEWEST)
    rows, watches = list_rows(page.items)
    chips = browsing.chips(request, "", selects, {})
    if mine:
        chips.append(Chip("Mine", browsing.without(request, "mine")))
    facts = {
        "rows": rows,
        "selects": selects,
        "chips": chips,
        "first": not after,
        "next_cursor": page.next_cursor,
        "count": browsing.count_words(
            found, len(rows), "submission", "submissions", whole=not after and not page.next_cursor
        ),
        "sees_all": request.user.has_perm(SEE_ALL_SUBMISSIONS),
        "may_create": request.user.has_perm(CREATE),
        "mine": mine,
        "mine_href": browsing.with_value(request, "mine", "1"),
        "poll": badges.poll_element(request, watches),
    }
    return render(request, "submissions/list.html", facts)


def _selects(request: PortalRequest) -> list[Select]:
    selects = [
        Select("state", "State", _STATES, browsing.chosen(request, "state", _STATES)),
        Select("kind", "Kind", _KINDS, browsing.chosen(request, "kind", _KINDS)),
    ]
    if request.user.has_perm(SEE_ALL_SUBMISSIONS):
        owners = _owners()
        selects.append(Select("owner", "Owner", owners, browsing.chosen(request, "owner", owners)))
    return selects


def _owners() -> list[tuple[str, str]]:
    """Everybody who ever asked for an avatar."""
    asked = Submission.objects.filter(owner=OuterRef("pk"))
    people = get_user_model().objects.filter(Exists(asked)).order_by("username")[:200]
    return [("", "Everybody"), *((str(person.pk), _person(person)) for person in people)]


def _person(person: Any) -> str:
    return person.get_full_name() or person.get_username()


def _filtered(request: PortalRequest, selects: list[Select], mine: bool) -> QuerySet[Submission]:
    found = visible_submissions(request.user)
    values = {select.name: select.value for select in selects}
    groups = {IN_PROGRESS: set(Status) - SETTLED, FOR_PERSON: FOR_A_PERSON}
    if values["state"]:
        found = found.filter(state__in=groups.get(values["state"], {values["state"]}))
    if values["kind"]:
        found = found.filter(kind=values["kind"])
    if values.get("owner"):
        found = found.filter(owner_id=int(values["owner"]))
    return found.filter(owner=request.user) if mine else found


def list_rows(items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[badges.Watch]]:
    """Rows of ROW_COLUMNS as ready strings, and what the page has to watch for them. Costs one query."""
    marks = badges.of_submissions([item["id"] for item in items], shows=STATUS)
    rows = []
    for item in items:
        owner = f"{item['owner__first_name']} {item['owner__last_name']}".strip() or item["owner__username"]
        rows.append(
            {
                "href": reverse("submission", args=[item["id"]]),
                "name": item["name"],
                "kind": KIND_LABELS.get(item["kind"], item["kind"]),
                "icon": KIND_ICONS.get(item["kind"], "submissions"),
                "image": thumbnail_url(item["look__thumbnail"]) if item["look__thumbnail"] else "",
                "owner": owner,
                "when": reltime(item["created_at"]),
                "badge": marks[item["id"]].status if item["id"] in marks else "",
            }
        )
    return rows, [mark.watch for mark in marks.values()]


@needs(CREATE, SEE_ALL_SUBMISSIONS)
@require_safe
def submission(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One submission: how it went, what was given, what came of it, and what to decide."""
    item = _visible(request, pk)
    shows = BOTH if item.kind == Kind.DIGITAL_TWIN else STATUS
    marks = badges.of_submissions([pk], shows=shows)[pk]
    facts = _progress_facts(request, item) | {
        "status_badge": marks.status,
        "consent_badge": marks.consent if shows == BOTH else "",
        "kind_label": KIND_LABELS.get(item.kind, item.kind),
        "owner": _person(item.owner),
        "files": [_given_file(file) for file in item.files.all()],
        "file_label": FILE_LABELS.get(Kind(item.kind), "File"),
        "timeline_url": reverse("submission_timeline", args=[pk]),
        "poll": badges.poll_element(request, [marks.watch]),
    }
    return render(request, "submissions/detail.html", facts)


@needs(CREATE, SEE_ALL_SUBMISSIONS)
@require_safe
def submission_timeline(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes while the worker goes on."""
    return render(request, "submissions/_progress.html", _progress_facts(request, _visible(request, pk)))


@needs(CREATE)
@require_POST
def submission_decide(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Take one of the decisions that are open, and go back to the page."""
    item = _visible(request, pk)
    decision = request.POST.get("decision", "")
    try:
        _decide(request, item, decision)
    except WrongMove:
        messages.warning(request, "Nothing was done: the submission has moved on meanwhile. Look at it again.")
    return redirect("submission", pk=pk)


def _decide(request: PortalRequest, item: Submission, decision: str) -> None:
    plain = {
        "try_again": decide.try_again,
        "not_created": decide.not_created_try_again,
        "give_up": decide.give_up,
        "cancel": decide.cancel,
    }
    if decision in plain:
        plain[decision](item, actor=request.user)
    elif decision == "adopt":
        look = decide.candidates(item).filter(pk=row_id(request.POST.get("look"))).first()
        if look is None:
            raise WrongMove("The look is no candidate any more.")
        decide.adopt(item, look, actor=request.user)
    else:
        messages.warning(request, "Nothing was done: the portal does not know this decision. Press the button again.")


def _visible(request: PortalRequest, pk: UUID) -> Submission:
    """The submission, for those who may see it; for everybody else it does not exist."""
    wanted = visible_submissions(request.user).select_related(
        "owner", "look__group", "group", "target_group", "reference_look"
    )
    return get_object_or_404(wanted.prefetch_related("files__upload"), pk=pk)


def _progress_facts(request: PortalRequest, item: Submission) -> dict[str, Any]:
    open_now = decide.actions(item) if request.user.has_perm(CREATE) else frozenset()
    look, explanation = item.look, errors.explain(item)
    blamed = explanation.field if explanation else None
    return {
        "submission": item,
        "explanation": explanation,
        "blamed": FIELD_LABELS.get(blamed, blamed) if blamed else "",
        "actions": open_now,
        "candidates": _candidates(item) if "adopt" in open_now else [],
        "steps": progress.steps(item, percent=_percent(item)),
        "result": look
        and {
            "href": reverse("look", args=[look.pk]),
            "name": look.name or "Unnamed look",
            "meta": cards.type_label(look.avatar_type),
            "image": thumbnail_url(look.thumbnail) if look.thumbnail else "",
        },
        "group": item.group,
        "edit_href": _edit_address(request, item),
    }


def _edit_address(request: PortalRequest, item: Submission) -> str:
    """The form filled with the same input again, for the person whose files they are; offered after a failure."""
    if item.state != Status.FAILED or item.owner_id != request.user.pk or not request.user.has_perm(CREATE):
        return ""
    return f"{reverse(f'create_{item.kind}')}?from={item.pk}" if item.kind in set(Kind) else ""


def _candidates(item: Submission) -> list[dict[str, Any]]:
    """Looks that may be the result, side by side with what was asked for."""
    return [
        {
            "pk": look.pk,
            "href": reverse("look", args=[look.pk]),
            "name": look.name or "Unnamed look",
            "group": look.group.title if look.group else "",
            "type": cards.type_label(look.avatar_type),
            "image": thumbnail_url(look.thumbnail) if look.thumbnail else "",
            "seen": look.created_at,
        }
        for look in decide.candidates(item)[:12]
    ]


def _percent(item: Submission) -> int | None:
    """How much of the uploads HeyGen has, in percent."""
    files = [file for file in item.files.all() if file.upload]
    total = sum(file.upload.size for file in files if file.upload)
    return min(100, 100 * sum(file.sent_bytes for file in files) // total) if total else None


def _given_file(file: Any) -> dict[str, Any]:
    """One input file as it was given."""
    upload = kept_file(file.upload) if file.upload else None
    return {"role": file.role, "url": file.url, "asset_id": file.asset_id, "upload": upload}
