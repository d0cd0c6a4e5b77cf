"""Fills a fresh database and prints, as JSON, where the measurements should point at."""

# ruff: noqa: E402 - models can be imported only once Django is set up
from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from avatars.library.listing import page
from avatars.models import AvatarGroup, Look
from avatars.states import Status
from tests.builders import make_user

PAGE = 60
DEPTH = 1000


def session_of(user: Any) -> str:
    """The cookie of somebody who has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def main(looks: int) -> dict[str, Any]:
    """Fill and point."""
    marketer, admin = make_user("marketer"), make_user(username="root", is_staff=True, is_superuser=True)
    with redirect_stdout(sys.stderr):
        call_command("seed_demo", looks=looks)
    newest = Look.objects.filter(ownership="private").order_by("-id").values_list("pk", flat=True)[:PAGE]
    # Sixty looks in training on the first page, so that its poll asks for sixty whatever chance has made.
    Look.objects.filter(pk__in=list(newest)).update(
        status=Status.TRAINING, status_raw="processing", gone_at=None, updated_at=timezone.now()
    )
    middle = Look.objects.order_by("id")[looks // 2]
    Look.objects.filter(pk=middle.pk).update(search_text=middle.search_text + " zebrafinch")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {
        "marketer": session_of(marketer),
        "admin": session_of(admin),
        "group": AvatarGroup.objects.filter(looks_count__gte=PAGE).order_by("id").values_list("pk", flat=True)[0],
        "deep": _deep_cursor(looks),
        "thumbnail": Look.objects.exclude(thumbnail="").values_list("thumbnail", flat=True)[0],
    }


def _deep_cursor(looks: int) -> str:
    """The cursor of page 1,000, or of the last full page where there are fewer."""
    skipped = min((DEPTH - 1) * PAGE, (looks // PAGE - 2) * PAGE)
    before = Look.objects.order_by("-id").values_list("pk", flat=True)[skipped - 1]
    return page(Look.objects.filter(pk__gte=before).order_by("id"), size=1, order=("id",)).next_cursor


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
