"""The mail backend for portals without a mail server: each mail becomes a file that any mail program opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.crypto import get_random_string


class OutboxBackend(BaseEmailBackend):
    """Writes mails to `DATA_DIR/outbox` as .eml files, readable by the portal's own user only. Nothing is sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail completely under a temporary name first, so that no half mail can be picked up."""
        folder: Any = settings.MAIL_OUTBOX
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S}-{get_random_string(8)}"
            draft = folder / f".{name}.part"
            draft.touch(mode=0o600)
            draft.write_bytes(message.message().as_bytes())
            draft.rename(folder / f"{name}.eml")
        return len(email_messages)
