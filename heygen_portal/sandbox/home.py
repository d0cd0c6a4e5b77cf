"""The sandbox's home page: what it is, its switches as a form, what was made, what can go wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect

from . import clock, control, faults, pages, previews, state, switches, webhook_delivery
from .models import ApiCall, Creation, Group, Look

_SPEEDS = (0.2, 1, 5, 20)


def _switch_rows() -> list[dict[str, Any]]:
    return [
        {
            "name": switch.name,
            "about": switch.about,
            "value": switches.value(switch.name),
            "changed": switches.value(switch.name) != switch.initial,
            "values": [(word, word.replace("_", " ")) for word in switch.values],
            "maximum": f"{switch.maximum:g}",
        }
        for switch in switches.SWITCHES.values()
    ]


def _made() -> list[dict[str, Any]]:
    rows = list(Creation.objects.order_by("-id")[:12])
    looks = {look.uid: look for look in Look.objects.filter(uid__in=[row.look_uid for row in rows])}
    return [
        {"row": row, "picture": previews.image_url(looks[row.look_uid], "") if row.look_uid in looks else ""}
        for row in rows
    ]


def _faces() -> list[str]:
    """A row of faces from the library, for the top of the page."""
    groups = Group.objects.filter(is_public=True).order_by("-id")[:9]
    firsts = [group.looks.order_by("id").first() for group in groups]
    return [previews.image_url(look, "") for look in firsts if look]


def show(request: HttpRequest) -> HttpResponse:
    """The overview."""
    context = {
        "faces": _faces(),
        "switches": _switch_rows(),
        "created": _made(),
        "creation_count": Creation.objects.count(),
        "group_count": Group.objects.count(),
        "look_count": Look.objects.count(),
        "calls": ApiCall.objects.order_by("-id")[:15],
        "kinds": faults.KINDS.values(),
        "random": faults.get_random(),
        "random_kinds": faults.RANDOM_KINDS,
        "speeds": _SPEEDS,
        "scale": clock.scale(),
        "base_url": f"{request.scheme}://{request.get_host()}",
    }
    return pages.show(request, "sandbox/home.html", context)


def _form(view: Callable[[HttpRequest], str]) -> Callable[[HttpRequest], HttpResponse]:
    """A form of the home page: sent by POST, from this machine, by this very page."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect("/")
        if not pages.same_origin(request) or not control.from_here(request):
            return HttpResponseForbidden("The sandbox takes changes only from its own page, on this machine.")
        try:
            place = view(request)
        except ValueError as error:
            return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
        return HttpResponseRedirect(f"/#{place}")

    return guarded


@_form
def change_switches(request: HttpRequest) -> str:
    """Store the whole form of switches."""
    switches.change({name: request.POST[name] for name in switches.SWITCHES if name in request.POST})
    webhook_delivery.start()
    return "switches"


@_form
def change_random_faults(request: HttpRequest) -> str:
    """Store the random faults."""
    faults.set_random(
        {
            "rate": float(request.POST.get("percent") or 0) / 100,
            "kinds": request.POST.getlist("kinds"),
            "seed": request.POST.get("seed") or 0,
        }
    )
    return "random"


@_form
def change_clock(request: HttpRequest) -> str:
    """Set the speed, or let time pass."""
    if request.POST.get("scale"):
        clock.set_scale(min(1000.0, max(0.0, float(request.POST["scale"]))))
    if request.POST.get("advance_seconds"):
        clock.advance(max(0.0, float(request.POST["advance_seconds"])))
    return "clock"


@_form
def reset(_request: HttpRequest) -> str:
    """Start afresh."""
    state.reset()
    return ""
