"""What can go wrong when talking to HeyGen, as types that say what may be done next.

====================  =========================================================  =====================================
Error                 When                                                       What the caller may do
====================  =========================================================  =====================================
Refused               any definite 4xx not named below, an unexpected redirect   nothing as is; a changed request is a
                                                                                 new deed with a new key
  Unauthorized        401                                                        ask the administrator for a key
  PaymentRequired     402, or a money code on another 4xx                        ask the administrator
  Forbidden           403                                                        ask the administrator
  NotFound            404 and 410                                                treat the thing as gone
  QuotaExceeded       429 with a ``quota_*`` code                                wait for the plan, not for seconds
  UploadExpired       the storage refused a signed address (403)                 begin the upload again, new key
TryAgain              429 otherwise; ``asset_not_found`` while creating          send again after ``retry_after``,
                                                                                 with a NEW key
InProgress            409 ``request_in_progress``                                ask again later with the SAME key
Conflict              any other 409                                              look in the account first: the thing
                                                                                 may exist and may have been billed
OutcomeUnknown        no answer, a cut or unreadable answer, 408, 5xx            send the SAME key and the SAME body
  Unavailable         the same on a GET                                          read again; nothing can have changed
====================  =========================================================  =====================================

The HTTP status decides whether something may be repeated; the code only picks among errors of the same nature. An
HTTP 400 that calls itself ``internal_error`` has been seen, and is a refusal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

MESSAGE_MAX = 500
RETRY_AFTER_MAX = 900.0

_MONEY_CODES = frozenset(
    {"insufficient_credit", "trial_limit_exceeded", "plan_upgrade_required", "subscription_required"}
)
_LOOKS_LIKE_HTML = re.compile(r"<\s*(!doctype|html|head|body|script|title|center)\b", re.IGNORECASE)
_QUERY_OF_A_URL = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


class HeyGenError(Exception):
    """Something went wrong at, or on the way to, HeyGen.

    ``status`` is the HTTP status or None when no answer came; ``code`` is HeyGen's own word in lower case or "";
    ``param`` names the field at fault; ``request_id`` is what HeyGen's support asks for; ``retry_after`` is in seconds.
    ``message`` (also ``str(error)``) is plain text for staff: never HTML, never a key or the query of an address.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str = "",
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message or "HeyGen did not say why."
        self.status = status
        self.code = code.lower()
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status={self.status}, code={self.code!r}, request_id={self.request_id!r})"


class Refused(HeyGenError):
    """A definite no: the same request must not be sent again as it is."""


class Unauthorized(Refused):
    """The API key is missing, wrong or withdrawn (401)."""


class PaymentRequired(Refused):
    """The account lacks money or a plan for this (402)."""


class Forbidden(Refused):
    """The key is valid, but may not do this: a missing scope, someone else's thing, a workspace rule (403)."""


class NotFound(Refused):
    """HeyGen knows no such thing, or it is not ours (404, 410).

    An empty ``code`` means the answer gave no reason of HeyGen's: a proxy, or a wrong API address, may have spoken.
    """


class QuotaExceeded(Refused):
    """A usage quota is used up (429 with a ``quota_*`` code); waiting seconds does not help."""


class UploadExpired(Refused):
    """The storage no longer accepts the signed address: begin the direct upload again with a new key."""


class TryAgain(HeyGenError):
    """A definite answer that invites another try, with a new idempotency key."""


class InProgress(HeyGenError):
    """The first request with this key is still running: ask again later with the same key."""


class Conflict(HeyGenError):
    """HeyGen reports a conflict (409). A creation may have happened and been billed: reconcile before repeating."""


class OutcomeUnknown(HeyGenError):
    """Nobody can tell whether the request had its effect: repeat it only with the same key and the same body.

    ``never_sent`` is True when the connection was never made, so that surely nothing happened.
    """

    def __init__(self, message: str = "", *, never_sent: bool = False, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.never_sent = never_sent


class Unavailable(OutcomeUnknown):
    """A read got no usable answer: read again later; nothing can have changed."""


def lost(method: str, message: str, **facts: Any) -> OutcomeUnknown:
    """The error for a request without a usable answer: `Unavailable` for a GET, else `OutcomeUnknown`."""
    return (Unavailable if method == "GET" else OutcomeUnknown)(message, **facts)


def error_from_answer(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes, *, secret: str = ""
) -> HeyGenError:
    """Turn an answer that is no success into the error it stands for.

    Never fails: the body may be HTML, empty, cut, or of an older shape. `secret` is removed should it be echoed.
    """
    code, message, param = _read_reason(body)
    facts: dict[str, Any] = {
        "status": status,
        "code": code,
        "param": param,
        "request_id": tidy_request_id(headers.get("X-Request-Id")),
        "retry_after": parse_retry_after(headers.get("Retry-After")),
    }
    message = _tidy(message, secret) or _plain_words(status)
    if status >= 500 or status == 408:
        return lost(method, message, **facts)
    return _definite_kind(method, path, status, code.lower())(message, **facts)


def _definite_kind(method: str, path: str, status: int, code: str) -> type[HeyGenError]:
    if status == 409:
        return InProgress if code == "request_in_progress" else Conflict
    if status == 429:
        return QuotaExceeded if code.startswith("quota_") else TryAgain
    # A fresh asset can be unknown to the avatar service for a while; integrators saw it settle within two minutes.
    if status == 404 and code == "asset_not_found" and method == "POST" and path.startswith("/v3/avatars"):
        return TryAgain
    if status == 402 or code in _MONEY_CODES:
        return PaymentRequired
    if status in (404, 410):
        return NotFound
    if status == 401:
        return Unauthorized
    return Forbidden if status == 403 else Refused


def _read_reason(body: bytes) -> tuple[str, str, str | None]:
    """(code, message, param) from any of the shapes HeyGen's answers have had; ("", "", None) from none of them."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return "", "", None
    if not isinstance(payload, dict):
        return "", "", None
    error = payload.get("error")
    if isinstance(error, str):
        return _word(payload.get("code")), error, None
    if not isinstance(error, dict):
        error = payload
    param = error.get("param")
    message = error.get("message") or error.get("detail")
    return _word(error.get("code")), message if isinstance(message, str) else "", _word(param) or None


def _word(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _CONTROL.sub(" ", str(value)).strip()[:100]


def _tidy(message: str, secret: str) -> str:
    if _LOOKS_LIKE_HTML.search(message):
        return ""
    if secret:
        message = message.replace(secret, "***")
    message = message.encode("utf-8", "replace").decode("utf-8")
    message = _QUERY_OF_A_URL.sub(r"\1", _CONTROL.sub(" ", message)).strip()
    return message if len(message) <= MESSAGE_MAX else message[: MESSAGE_MAX - 1] + "…"


def _plain_words(status: int) -> str:
    if 300 <= status < 400:
        return f"HeyGen answered {status}, a redirect. Check the API address in the settings."
    return f"HeyGen answered {status} without a readable reason."


def tidy_request_id(value: str | None) -> str | None:
    """A trace id fit for logs and database columns, or None."""
    return _word(value) or None


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait from a Retry-After header, given as seconds or as an HTTP date; None when unreadable.

    Clamped to 0..900 seconds, so that a wrong clock or a wild answer cannot stop the queue for days.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX)
