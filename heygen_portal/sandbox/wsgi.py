"""The WSGI application: Django, its static files, and the ways a connection may be cut."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heygen_portal.sandbox.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

Environ = dict[str, Any]
_DRAIN_LIMIT = 512 * 1024 * 1024

_django = get_wsgi_application()

from . import state, webhook_delivery  # noqa: E402 - models may be imported only once Django is set up

state.prepare()
webhook_delivery.start()


def _reset(environ: Environ) -> None:
    """Let the client see a reset: nothing more is sent, and closing does not linger."""
    client = environ.get("gunicorn.socket")
    if client is not None:
        with contextlib.suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # gunicorn takes this for a client that went away, and closes without a word.
    raise ConnectionResetError(errno.ECONNRESET, "cut on purpose")


def _half(body: Iterable[bytes]) -> Iterator[bytes]:
    whole = b"".join(body)
    yield whole[: len(whole) // 2]
    raise ConnectionResetError(errno.ECONNRESET, "cut on purpose")


def _drain(environ: Environ) -> None:
    """Read what a handler left unread, so that a refusal reaches a client that is still sending."""
    source, left = environ["wsgi.input"], _DRAIN_LIMIT
    with contextlib.suppress(Exception):
        while left > 0 and (block := source.read(min(left, 1 << 18))):
            left -= len(block)


def _api(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    cut: list[str] = []
    environ["sandbox.cut"] = cut.append
    body = _django(environ, start_response)
    _drain(environ)
    if cut == ["reset"]:
        _reset(environ)
    if cut == ["half"]:
        return _half(body)
    return body


application = WhiteNoise(_api, root=settings.STATIC_SOURCE, prefix="static/sandbox/", autorefresh=False, max_age=300)
