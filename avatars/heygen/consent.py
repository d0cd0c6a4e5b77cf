"""The call that asks the person in the footage for consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .calls import Calls
from .errors import lost
from .fields import read_text
from .records import ConsentAnswer, GroupRecord
from .transport import segment


class ConsentCalls(Calls):
    """Asking for consent to a twin."""

    def request_consent(self, group_id: str, body: Mapping[str, Any], *, key: str) -> ConsentAnswer:
        """Ask for a consent page, or submit a recording, with a body from `bodies.consent`.

        The answer's `url` lives about 24 hours and is a secret; a new link needs a new key, or the old one is replayed.
        `url` is None after a recording was submitted. OutcomeUnknown when the answer has neither group nor link.
        """
        path = f"/v3/avatars/{segment(group_id)}/consent"
        data = self._transport.change("POST", path, body=body, key=key).get("data")
        data = data if isinstance(data, dict) else {}
        answer = ConsentAnswer(group=GroupRecord.parse(data.get("avatar_group")), url=read_text(data, "url"))
        if answer.group is None and answer.url is None:
            raise lost("POST", "HeyGen said yes, but its answer holds no link.")
        return answer
