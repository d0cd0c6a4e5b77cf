"""Control endpoints for tests and scripts: JSON under ``/_sandbox/``, from loopback only, without an API key.

GET  switches                       every switch with its value and values, and the random faults
POST switches                       {"name": value, ..., "random_faults": {rate, kinds, seed, slow_seconds}}
POST reset                          {} - a fresh sandbox
GET  requests                       the log of API calls, oldest first (?after=<id> for news)
GET  creations                      one row for every avatar really made
GET  clock, POST clock              {"scale": 10, "advance_seconds": 60}
POST consents/<group_id>            {"answer": "approve" | "refuse" | "mismatch" | "expire"}
POST groups/<group_id>/expire-previews
POST seed                           {"private_groups": 5, "looks_in_one_group": 60}
GET  faults, POST faults            {"method", "path_prefix", "kind", "times"}, a list of them, or {"clear": true}
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.datastructures import MultiValueDictKeyError

from . import clock, consent_page, faults, inputs, seed, state, switches, webhook_delivery
from .models import ApiCall, Creation, Group, QueuedFault

_Body = dict[str, Any]


class Wrong(Exception):
    """A control request that cannot be done; the message says why."""


def from_here(request: HttpRequest) -> bool:
    """Whether a request comes from this machine, and not from a foreign page in its browser."""
    host = urlsplit(f"//{request.get_host()}").hostname
    origin = request.headers.get("Origin")
    return (
        inputs.is_loopback(request.META.get("REMOTE_ADDR"))
        and inputs.is_loopback(host)
        and (origin is None or urlsplit(origin).netloc == request.get_host())
    )


def dispatch(request: HttpRequest, what: str) -> HttpResponse:
    """Answer one control request."""
    if not from_here(request):
        return JsonResponse({"error": "Control endpoints answer on loopback only."}, status=403)
    name, _slash, rest = what.partition("/")
    handler = _HANDLERS.get((request.method or "", name))
    if handler is None:
        return JsonResponse({"error": f"There is no {request.method} {what}."}, status=404)
    try:
        body = json.loads(request.body or b"{}") if request.method == "POST" else dict(request.GET.items())
        return JsonResponse(handler(body, rest), json_dumps_params={"ensure_ascii": False})
    except (Wrong, ValueError, TypeError, KeyError, MultiValueDictKeyError, AttributeError) as error:
        return JsonResponse({"error": str(error)}, status=400)


def _get_switches(_body: _Body, _rest: str) -> _Body:
    described = {
        switch.name: {"value": switches.value(switch.name), "values": list(switch.values), "about": switch.about}
        for switch in switches.SWITCHES.values()
    }
    return {"switches": described, "random_faults": faults.get_random()}


def _set_switches(body: _Body, rest: str) -> _Body:
    wanted = dict(body)
    chance = wanted.pop("random_faults", ...)
    switches.change(wanted)
    if chance is not ...:
        faults.set_random(chance)
    webhook_delivery.start()
    return _get_switches({}, rest)


def _reset(_body: _Body, _rest: str) -> _Body:
    state.reset()
    return {"reset": True}


def _requests(body: _Body, _rest: str) -> _Body:
    rows = ApiCall.objects.filter(pk__gt=int(body.get("after", 0))).order_by("id").values()
    return {"requests": list(rows)}


def _creations(_body: _Body, _rest: str) -> _Body:
    rows = Creation.objects.order_by("id")
    return {
        "creations": [
            {
                "id": row.look_uid,
                "group_id": row.group_uid,
                "name": row.name,
                "key": row.key,
                "type": row.kind,
                "at": row.at,
            }
            for row in rows
        ]
    }


def _get_clock(_body: _Body, _rest: str) -> _Body:
    return clock.describe()


def _set_clock(body: _Body, _rest: str) -> _Body:
    if unknown := set(body) - {"scale", "advance_seconds"}:
        raise Wrong(f"The clock has no {', '.join(sorted(unknown))}.")
    if "scale" in body:
        if not 0 <= float(body["scale"]) <= 100_000:
            raise Wrong("scale is between 0 and 100000.")
        clock.set_scale(float(body["scale"]))
    if "advance_seconds" in body:
        if float(body["advance_seconds"]) < 0:
            raise Wrong("Time only goes forward.")
        clock.advance(float(body["advance_seconds"]))
    return clock.describe()


def _group(uid: str) -> Group:
    group = Group.objects.filter(uid=uid).first()
    if group is None:
        raise Wrong(f"There is no group {uid}.")
    return group


def _answer_consent(body: _Body, rest: str) -> _Body:
    answer = body.get("answer")
    if answer not in consent_page.ANSWERS:
        raise Wrong(f"answer is one of {', '.join(consent_page.ANSWERS)}.")
    group = _group(rest)
    consent_page.record(group, answer)
    return {"group_id": group.uid, "consent": group.consent}


def _expire_previews(_body: _Body, rest: str) -> _Body:
    uid, _slash, deed = rest.partition("/")
    if deed != "expire-previews":
        raise Wrong(f"A group has no {deed}.")
    group = _group(uid)
    group.preview_epoch += 1
    group.save(update_fields=["preview_epoch"])
    return {"group_id": group.uid}


def _seed(body: _Body, _rest: str) -> _Body:
    if unknown := set(body) - {"private_groups", "looks_in_one_group"}:
        raise Wrong(f"seed has no {', '.join(sorted(unknown))}.")
    made = seed.add_private(
        groups=int(body.get("private_groups", 0)), looks_in_one_group=int(body.get("looks_in_one_group", 0))
    )
    return {"group_ids": made}


def _get_faults(_body: _Body, _rest: str) -> _Body:
    rows = QueuedFault.objects.order_by("id").values("method", "path_prefix", "kind", "times")
    return {"faults": list(rows), "kinds": list(faults.KINDS)}


def _set_faults(body: Any, rest: str) -> _Body:
    if isinstance(body, dict) and body.get("clear"):
        QueuedFault.objects.all().delete()
        return _get_faults({}, rest)
    for wanted in body if isinstance(body, list) else [body]:
        if unknown := set(wanted) - {"method", "path_prefix", "kind", "times"}:
            raise Wrong(f"A fault has no {', '.join(sorted(unknown))}.")
        faults.queue(
            method=str(wanted.get("method") or ""),
            path_prefix=str(wanted.get("path_prefix") or "/v3/"),
            kind=str(wanted["kind"]),
            times=int(wanted.get("times", 1)),
        )
    return _get_faults({}, rest)


_HANDLERS: dict[tuple[str, str], Callable[[Any, str], _Body]] = {
    ("GET", "switches"): _get_switches,
    ("POST", "switches"): _set_switches,
    ("POST", "reset"): _reset,
    ("GET", "requests"): _requests,
    ("GET", "creations"): _creations,
    ("GET", "clock"): _get_clock,
    ("POST", "clock"): _set_clock,
    ("POST", "consents"): _answer_consent,
    ("POST", "groups"): _expire_previews,
    ("POST", "seed"): _seed,
    ("GET", "faults"): _get_faults,
    ("POST", "faults"): _set_faults,
}
