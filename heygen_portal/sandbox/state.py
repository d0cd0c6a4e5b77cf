"""The state directory: made ready at start, emptied on request."""

from __future__ import annotations

import shutil
import threading

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from . import clock, faults, idempotency, models, seed, store, switches

_lock = threading.Lock()


def prepare() -> None:
    """Migrate, fill an empty library, and forget what was running when the last process ended."""
    with _lock:
        call_command("migrate", verbosity=0, interactive=False)
        if not models.Group.objects.exists():
            seed.fill()
        idempotency.release_all()
        _remember()


def _remember() -> None:
    """Have every named value in the database, so that none is looked for in vain at each call."""
    store.secret()
    switches.change({})
    if store.get("random_faults") is None:
        faults.set_random(None)
    clock.describe()
    if settings.SPEED:
        clock.set_scale(float(settings.SPEED))


def reset() -> None:
    """Back to a fresh sandbox: library seeded, switches at their defaults, no calls, no files."""
    tables = (
        models.ConsentLink,
        models.Creation,
        models.Asset,
        models.IdempotentAnswer,
        models.ApiCall,
        models.QueuedFault,
        models.Strike,
        models.WebhookEndpoint,
        models.WebhookEvent,
        models.Video,
    )
    with _lock:
        with transaction.atomic():
            for table in tables:
                table.objects.all().delete()
            models.Look.objects.filter(is_public=False).delete()
            models.Group.objects.filter(is_public=False).delete()
            store.forget()
            seed.fill(public=False)
        store.refresh()
        for folder in ("files", "incoming"):
            shutil.rmtree(settings.STATE_DIR / folder, ignore_errors=True)
            (settings.STATE_DIR / folder).mkdir()
        _remember()
