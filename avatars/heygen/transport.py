"""Sends one request to HeyGen and reads its answer: limits, errors, log line. It repeats nothing."""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import urllib3.exceptions

from .errors import HeyGenError, Refused, error_from_answer, lost, parse_retry_after, tidy_request_id
from .session import Timeouts, make_session
from .streams import StreamedBody

logger = logging.getLogger("avatars.heygen")

RESPONSE_MAX = 8 * 1024 * 1024

_KEY = re.compile(r"[A-Za-z0-9_:.\-]{1,255}")
_NETWORK_ERRORS = (OSError, urllib3.exceptions.HTTPError, HTTPException)


@dataclass(frozen=True)
class Exchange:
    """One request as an observer sees it. ``status`` is None when no answer came; ``retry_after`` is in seconds."""

    method: str
    path: str
    status: int | None
    milliseconds: int
    request_id: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class RawAnswer:
    """Status, headers and body of an answer. ``broken`` says in words why the body could not be read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str = ""


class Transport:
    """The base address, the key and the session. Use one per thread: a session is not made for sharing.

    A session that is passed in should come from `make_session`: others read the environment and keep cookies.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        session: requests.Session | None = None,
        *,
        on_response: Callable[[Exchange], None] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("The HeyGen API key is empty or has characters no key has.")
        self._api_key = api_key
        self._owns_session = session is None
        self._session = session or make_session()
        self._on_response = on_response
        self.timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def close(self) -> None:
        """Close the connections, unless the session was passed in."""
        if self._owns_session:
            self._session.close()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object a GET answers. None values in `query` are left out."""
        params = {name: value for name, value in (query or {}).items() if value is not None}
        return self._ask("GET", path, params=params, timeout=self.timeouts.read)

    def change(
        self, method: str, path: str, *, key: str, body: Mapping[str, Any] | None = None, empty_ok: bool = False
    ) -> dict[str, Any]:
        """The JSON object a POST, PATCH or DELETE answers; {} for an empty success when `empty_ok`."""
        headers = {"Idempotency-Key": checked_key(key)}
        data: bytes | None = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        return self._ask(method, path, data=data, headers=headers, timeout=self.timeouts.write, empty_ok=empty_ok)

    def upload(self, path: str, body: StreamedBody, content_type: str, *, key: str) -> dict[str, Any]:
        """The JSON object that answers a streamed POST."""
        headers = {"Idempotency-Key": checked_key(key), "Content-Type": content_type}
        return self._ask("POST", path, data=body, headers=headers, timeout=self.timeouts.upload)

    def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, empty_ok: bool = False, **options: Any
    ) -> dict[str, Any]:
        headers = {"X-Api-Key": self._api_key, "Accept": "application/json", **(headers or {})}
        answer = self.exchange(method, self.base_url + path, path, headers=headers, **options)
        if not 200 <= answer.status < 300:
            raise error_from_answer(method, path, answer.status, answer.headers, answer.body, secret=self._api_key)
        return _read_object(method, answer, empty_ok=empty_ok)

    def exchange(self, method: str, url: str, path: str, *, timeout: tuple[float, float], **options: Any) -> RawAnswer:
        """Send one request and read the answer, whatever its status. `path` stands for the address in the log.

        Raises OutcomeUnknown (Unavailable for a GET) when no status line arrived.
        """
        started = time.monotonic()
        answer: RawAnswer | None = None
        failure: HeyGenError | None = None
        try:
            with self._session.request(
                method, url, timeout=timeout, stream=True, allow_redirects=False, **options
            ) as response:
                answer = _read_answer(response, timeout[1])
        except _NETWORK_ERRORS as error:
            failure = _network_failure(method, error)
        self._report(method, path, answer, started)
        # Raised out here, the error carries no context: the library's own exceptions print whole addresses.
        if failure is not None:
            raise failure
        assert answer is not None  # noqa: S101 - either of the two is set above
        return answer

    def _report(self, method: str, path: str, answer: RawAnswer | None, started: float) -> None:
        headers: Mapping[str, str] = answer.headers if answer else {}
        exchange = Exchange(
            method=method,
            path=path,
            status=answer.status if answer else None,
            milliseconds=round((time.monotonic() - started) * 1000),
            request_id=tidy_request_id(headers.get("X-Request-Id")),
            retry_after=parse_retry_after(headers.get("Retry-After")),
        )
        fine = exchange.status is not None and exchange.status < 400
        logger.log(
            logging.INFO if fine else logging.WARNING,
            "%s %s -> %s in %d ms, request %s",
            method,
            path,
            exchange.status or "no answer",
            exchange.milliseconds,
            exchange.request_id or "-",
        )
        if self._on_response is not None:
            try:
                self._on_response(exchange)
            except Exception:
                # An observer's trouble must not turn a known outcome into an unknown one.
                logger.exception("The observer of HeyGen requests failed.")


def _read_answer(response: requests.Response, seconds: float) -> RawAnswer:
    """Read the body with a cap in size and time. What a failure leaves is kept: the status is known already."""
    deadline = time.monotonic() + seconds
    body = bytearray()
    broken = ""
    try:
        # read1 hands out what has arrived; reading full blocks would let a slow drip outlast the deadline.
        while block := response.raw.read1(64 * 1024, decode_content=True):
            body += block
            if len(body) > RESPONSE_MAX:
                broken = "the answer is larger than 8 MiB"
            elif time.monotonic() > deadline:
                broken = "the answer took too long"
            if broken:
                break
    except _NETWORK_ERRORS:
        broken = "the answer was cut off"
    return RawAnswer(response.status_code, response.headers, bytes(body[:RESPONSE_MAX]), broken)


def _read_object(method: str, answer: RawAnswer, *, empty_ok: bool) -> dict[str, Any]:
    facts = {"status": answer.status, "request_id": tidy_request_id(answer.headers.get("X-Request-Id"))}
    if answer.broken:
        raise lost(method, f"HeyGen said yes, but {answer.broken}.", **facts)
    if empty_ok and not answer.body.strip():
        return {}
    payload: object = None
    try:
        payload = json.loads(answer.body)
    except (ValueError, RecursionError):
        logger.debug("The body of an answer with status %s is not JSON.", answer.status)
    if not isinstance(payload, dict):
        raise lost(method, "HeyGen said yes, but its answer cannot be read.", **facts)
    return payload


def _network_failure(method: str, error: Exception) -> HeyGenError:
    """The typed error for a library's exception, in words of our own."""
    reason: object = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(error, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL):
        return Refused("The request could not be built from what HeyGen gave.", code="unsendable")
    if isinstance(error, requests.ConnectTimeout):
        return lost(method, "HeyGen could not be reached in time.", never_sent=True)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return lost(method, "HeyGen's address could not be found.", never_sent=True)
    if isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return lost(method, "HeyGen could not be reached.", never_sent=True)
    if isinstance(error, requests.exceptions.SSLError):
        causes = getattr(reason, "args", None) or (None,)
        untrusted = isinstance(causes[0], ssl.SSLCertVerificationError)
        return lost(method, "A secure connection to HeyGen failed.", never_sent=untrusted)
    if isinstance(error, requests.ReadTimeout):
        return lost(method, "HeyGen did not answer in time.")
    return lost(method, "The connection to HeyGen was lost.")


def segment(value: str) -> str:
    """An id as one segment of a path. Raises ValueError for what would change the path: empty, "." or ".."."""
    if not isinstance(value, str) or value in ("", ".", ".."):
        raise ValueError("An id is empty or no id.")
    return quote(value, safe="")


def checked_key(key: str) -> str:
    """The idempotency key, or ValueError: 1-255 characters out of letters, digits and ``_ : . -``."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError("An idempotency key has 1-255 characters out of letters, digits and _ : . -")
    return key


def checked_base_url(base_url: str) -> str:
    """The API's base address without a trailing slash. ValueError unless https, or http on loopback."""
    parts = urlsplit(base_url.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("The HeyGen API address must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("The HeyGen API address may hold a host and a path only.")
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        raise ValueError("Plain http is accepted for this machine only; use https://.")
    return base_url.strip().rstrip("/")


def is_loopback_host(host: str | None) -> bool:
    """Whether a host name or address literal means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
