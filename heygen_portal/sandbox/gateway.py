"""The one door of the API: key, log, faults, idempotency; then the handler of the endpoint."""

from __future__ import annotations

import functools
import json
import logging
import re
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from . import faults, idempotency
from .answers import Answer, Refusal, invalid
from .models import ApiCall

Handler = Callable[..., Answer]
_KEY_SHAPE = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
_KEPT_CALLS = 20_000
_log = logging.getLogger("sandbox")


def accepts(*query: str, markers: Callable[..., faults.Kind | None] | None = None) -> Callable[[Handler], Handler]:
    """Name the query parameters a handler knows, and where its fault markers stand."""

    def mark(handler: Handler) -> Handler:
        handler.query = frozenset(query)  # type: ignore[attr-defined]
        handler.markers = markers  # type: ignore[attr-defined]
        return handler

    return mark


class Call:
    """One API request: what handlers need of it, and what the log keeps."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.method = request.method or "GET"
        self.path = request.path
        self.request_id = uuid.uuid4().hex
        self.key = request.headers.get("Idempotency-Key", "")
        self.replayed = False
        self.fault = ""
        self.after: faults.Kind | None = None
        self.remembered: Answer | None = None
        self._json: dict[str, Any] | None = None

    @property
    def base_url(self) -> str:
        """Where people and clients reach this sandbox."""
        return settings.PUBLIC_URL or f"{self.request.scheme}://{self.request.get_host()}"

    def json(self, *, required: bool = True) -> dict[str, Any]:
        """The body as an object; 400 when it is something else. An optional body may be empty."""
        if self._json is None:
            self._json = self._read_json(required=required)
        return self._json

    def _read_json(self, *, required: bool) -> dict[str, Any]:
        raw = self.request.body
        if not raw and not required:
            return {}
        if self.request.content_type != "application/json":
            raise Refusal(400, "invalid_parameter", "The Content-Type must be application/json.")
        try:
            body = json.loads(raw)
        except ValueError:
            raise Refusal(400, "invalid_parameter", "The body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise Refusal(400, "invalid_parameter", "The body must be a JSON object.")
        return body

    def settle(self, answer: Answer) -> Answer:
        """Apply what was to go wrong after the deed, and keep the answer for the key. Safe to call twice.

        A handler that changes something calls this inside its own transaction, so that the deed and the memory of its
        answer are stored together or not at all.
        """
        if self.remembered is None:
            if self.after is not None:
                answer = _spoil(answer, self.after)
            if self.key:
                idempotency.finish(self.method, self.path, self.key, answer)
            self.remembered = answer
        return self.remembered


def _spoil(answer: Answer, kind: faults.Kind) -> Answer:
    """Faults that are part of the answer itself, and so are replayed with it."""
    if answer.status != 200:
        return answer
    if kind.name == "409-created":
        message = "Photo avatar creation conflicted with an existing operation."
        return Answer(409, {"error": {"code": "conflict", "message": message}})
    if kind.name.startswith("null-") and isinstance(answer.body["data"], dict):
        gone = {"null-item": ["avatar_item"], "null-group": ["avatar_group"]}.get(
            kind.name, ["avatar_item", "avatar_group"]
        )
        return Answer(200, {"data": answer.body["data"] | dict.fromkeys(gone)})
    return answer


def endpoint(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A Django view over one handler a method."""

    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        call = Call(request)
        try:
            answer = _serve(call, handlers, parts)
        except Refusal as refusal:
            answer = refusal.answer
        except Exception:
            _log.exception("%s %s failed", call.method, call.path)
            answer = Answer(500, {"error": {"code": "internal_error", "message": "The sandbox has a bug here."}})
        _write_log(call, answer)
        response = answer.http(call.request_id)
        if answer.cut:
            request.META["sandbox.cut"](answer.cut)
        return response

    return view


def _serve(call: Call, handlers: dict[str, Handler], parts: dict[str, str]) -> Answer:
    given = call.request.headers.get("X-Api-Key", "")
    if not given or not secrets.compare_digest(given.encode(), settings.API_KEY.encode()):
        raise Refusal(401, "unauthorized", "The API key is missing or not valid.")
    handler = handlers.get(call.method)
    if handler is None:
        raise Refusal(405, "method_not_allowed", f"{call.method} is not allowed here.", Allow=", ".join(handlers))
    for name in call.request.GET:
        if name not in getattr(handler, "query", ()):
            raise invalid(name, f"Unknown query parameter {name}.")
    if call.method == "GET":
        call.key = ""
    elif "Idempotency-Key" in call.request.headers and not _KEY_SHAPE.fullmatch(call.key):
        call.key = ""
        raise invalid("Idempotency-Key", "The Idempotency-Key is 1 to 255 of A-Z a-z 0-9 _ - : .")
    queued = faults.take_queued(call.method, call.path)
    kind = queued or faults.roll()
    run = functools.partial(_run_once, call, handler, parts)
    return _with_fault(call, kind, run, at_random=queued is None) if kind else run()


def _run_once(call: Call, handler: Handler, parts: dict[str, str]) -> Answer:
    """Handle the call, or replay the first answer to its key."""
    if not call.key:
        return _run(call, handler, parts)
    stored = idempotency.begin(call.method, call.path, call.key)
    if stored is not None:
        call.replayed = True
        return stored
    try:
        return _run(call, handler, parts)
    except Refusal as refusal:
        call.settle(refusal.answer)
        raise
    finally:
        # A crash of ours leaves nothing behind that would block the next attempt.
        idempotency.release(call.method, call.path, call.key)


def _run(call: Call, handler: Handler, parts: dict[str, str]) -> Answer:
    find = getattr(handler, "markers", None)
    kind = find(call, **parts) if find else None

    def run() -> Answer:
        return call.settle(handler(call, **parts))

    return _with_fault(call, kind, run, at_random=False) if kind else run()


def _with_fault(call: Call, kind: faults.Kind, run: Callable[[], Answer], *, at_random: bool) -> Answer:
    call.fault = kind.name
    if kind.stage == "before":
        answer = faults.before_answer(kind.name)
        if answer is None:
            time.sleep(faults.slow_seconds(at_random=at_random))
            return run()
        return call.settle(answer) if call.key and not at_random and 400 <= answer.status < 500 else answer
    call.after = kind
    answer = run()
    if kind.name == "timeout-created":
        time.sleep(faults.slow_seconds(at_random=at_random))
    return _damage(answer, kind.name)


def _damage(answer: Answer, kind: str) -> Answer:
    """Faults of the wire: what was stored is whole, what arrives is not."""
    if kind in ("dropped", "timeout-created"):
        return Answer(0, "", cut="reset")
    if kind in ("cut", "half"):
        text = answer.text()
        cut = "half" if kind == "half" else ""
        return Answer(answer.status, text if cut else text[: len(text) // 2], answer.headers, cut=cut)
    return answer


def _write_log(call: Call, answer: Answer) -> None:
    row = ApiCall.objects.create(
        at=time.time(),
        method=call.method,
        path=call.path[:300],
        query=call.request.META.get("QUERY_STRING", "")[:500],
        status=answer.status,
        key=call.key,
        body=_summary(call),
        request_id=call.request_id,
        replayed=call.replayed,
        fault=call.fault,
    )
    if row.pk % 1000 == 0:
        ApiCall.objects.filter(pk__lt=row.pk - _KEPT_CALLS).delete()


def _summary(call: Call) -> str:
    """A short picture of the body: long texts (base64 data, say) are shortened."""
    try:
        body = call.json(required=False)
    except (Refusal, RawPostDataException):
        return f"{call.request.content_type}, {call.request.META.get('CONTENT_LENGTH') or 0} bytes"
    shown = json.dumps(body, ensure_ascii=False)
    return re.sub(r'"([^"\\]{200})[^"\\]+"', r'"\1..."', shown)[:4000] if body else ""
