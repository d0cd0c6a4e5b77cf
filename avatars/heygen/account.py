"""The call that tells whose key it is."""

from __future__ import annotations

from .calls import Calls
from .errors import lost
from .records import AccountRecord


class AccountCalls(Calls):
    """Reading the account."""

    def me(self) -> AccountRecord:
        """The account behind the key; free of charge. Success does not prove the right to use avatars."""
        data = self._transport.get("/v3/users/me").get("data")
        if not isinstance(data, dict):
            raise lost("GET", "HeyGen said yes, but its answer holds no account.")
        return AccountRecord.parse(data)
