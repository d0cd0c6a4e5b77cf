"""`manage.py cleanup`: remove what is left over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from avatars.creation.uploads import KEEP_UNUSED, remove_unused_uploads
from heygen_portal.middleware.uploads import sweep_incoming

STALE_SECONDS = 24 * 3600


class Command(BaseCommand):
    """Removes uploads that no submission used for a week, and temporary files that killed requests left behind."""

    help = "Remove uploads that no submission used within 7 days, and stale temporary files."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how much it was."""
        uploads = remove_unused_uploads()
        temporary = sweep_incoming(STALE_SECONDS)
        self.stdout.write(
            f"Removed {uploads} unused uploads older than {KEEP_UNUSED.days} days and {temporary} temporary files."
        )
