"""What the API says: answers, and refusals in HeyGen's envelope."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse


@dataclass
class Answer:
    """One answer. ``cut`` says how the connection ends early: ``reset`` before a byte, ``half`` amid the body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cut: str = ""

    def text(self) -> str:
        """The body as it goes over the wire."""
        if isinstance(self.body, str):
            return self.body
        return json.dumps(self.body, ensure_ascii=False)

    def http(self, request_id: str) -> HttpResponse:
        """The Django response."""
        # Status 0 means that the connection will be cut; the number never reaches a client.
        response = HttpResponse(self.text(), status=self.status or 500, content_type=self.content_type)
        for name, value in self.headers.items():
            response[name] = value
        response["X-Request-Id"] = request_id
        response["Cache-Control"] = "no-store"
        return response


def data(value: Any) -> Answer:
    """A successful answer."""
    return Answer(body={"data": value})


def page(rows: list[Any], next_token: str | None) -> Answer:
    """One page of a list; the paging words stand beside ``data``, not inside it."""
    return Answer(body={"data": rows, "has_more": next_token is not None, "next_token": next_token})


class Refusal(Exception):
    """An answer other than success, raised from anywhere below a handler."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code
        error = {"code": code, "message": message}
        if param:
            error["param"] = param
        self.answer = Answer(status, {"error": error}, {name.replace("_", "-"): text for name, text in headers.items()})


def invalid(param: str, message: str) -> Refusal:
    """400 for one field."""
    return Refusal(400, "invalid_parameter", message, param)


def missing(code: str, what: str) -> Refusal:
    """404 for something unknown, or not ours."""
    return Refusal(404, code, f"{what} not found.")
