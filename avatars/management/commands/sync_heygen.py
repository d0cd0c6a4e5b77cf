"""`manage.py sync_heygen`: bring our copy of the account up to date, now and in sight."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from avatars import pace
from avatars.account import current_account, open_client
from avatars.heygen import Forbidden, HeyGenClient, HeyGenError, OutcomeUnknown, Unauthorized
from avatars.library.sync import sync_account
from avatars.models import SyncRun

PATIENCE = 900.0  # seconds; somebody is watching and can press Ctrl-C


class Command(BaseCommand):
    """Read every page of characters and looks; the worker does the same by itself every few minutes."""

    help = "Copy all characters and looks of the HeyGen account, public ones too, into our database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run in the foreground; exit 1 with one plain sentence when it cannot be done."""
        try:
            with open_client() as client:
                run = sync_account(lambda: _leave(client), on_page=self._tell, patience=PATIENCE)
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was read so far is kept; nothing was marked as gone.") from None
        except DatabaseError as error:
            raise CommandError(f"The database is not ready ({error}). Run: python manage.py migrate") from None
        except pace.Paused as wait:
            raise CommandError(f"HeyGen asked for a pause until {wait.until:%H:%M:%S} UTC. Try again then.") from None
        except (HeyGenError, ValueError) as error:
            raise CommandError(_plain(error)) from None
        self._report(run)

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _report(self, run: SyncRun) -> None:
        self.stdout.write(
            f"{run.groups_seen} characters and {run.looks_seen} looks seen, "
            f"{run.rows_written} rows written, {run.rows_gone} gone at HeyGen"
        )
        if not run.complete:
            raise CommandError(f"Not everything could be read: {run.error}. Nothing was marked as gone for that part.")


def _leave(client: HeyGenClient) -> HeyGenClient:
    """The client for one request, when its turn has come."""
    pace.wait_for_turn(current_account())
    return client


def _plain(error: Exception) -> str:
    if isinstance(error, Unauthorized):
        return f"HeyGen does not accept the API key: {error} Check HEYGEN_API_KEY."
    if isinstance(error, Forbidden):
        return f"The API key may not read avatars: {error} Allow it at HeyGen or use another key."
    if isinstance(error, OutcomeUnknown):
        hint = "Is the sandbox running (make run)?" if settings.SANDBOX_MODE else "Check the network and try again."
        return f"{settings.HEYGEN_API_BASE}: {error} {hint}"
    return f"HeyGen refused: {error}" if isinstance(error, HeyGenError) else str(error)
