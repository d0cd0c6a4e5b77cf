"""The one door to HeyGen's API."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import requests

from .account import AccountCalls
from .assets import AssetCalls
from .avatars import AvatarCalls
from .consent import ConsentCalls
from .session import Timeouts
from .transport import Exchange, Transport
from .webhooks import WebhookCalls


class HeyGenClient(AvatarCalls, ConsentCalls, AssetCalls, WebhookCalls, AccountCalls):
    """One method per endpoint. Knows no models, opens no transaction, decides no retry. Every error is a `HeyGenError`;
    ValueError means the caller is at fault.

    Use it as a context manager or call `close()`. One client per thread. `on_response` is told of every request, with
    status None when no answer came. A session that is passed in is left open.
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
        self._transport = Transport(base_url, api_key, session, on_response=on_response, timeouts=timeouts)

    def __repr__(self) -> str:
        return f"HeyGenClient({self._transport.base_url!r})"

    def __enter__(self) -> HeyGenClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the session was passed in."""
        self._transport.close()
