"""`manage.py seed_demo`: a full library without HeyGen, for demonstrations and measurements."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from avatars.library.demo import seed
from avatars.library.demo_pictures import store_pictures
from avatars.library.facts import DEMO_PREFIX
from avatars.library.thumbnails import delete_thumbnail
from avatars.models import AvatarGroup, Look

PICTURES = 36


class Command(BaseCommand):
    """Invent characters, looks, submissions and consents. Running it again changes nothing but the pictures' names."""

    help = "Fill the database with invented characters and looks; nothing is sent to HeyGen."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--looks", type=int, default=500, help="how many looks there shall be (default: 500)")
        parser.add_argument("--force", action="store_true", help="also where a real HeyGen account is configured")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows; refuse where people work with a real account."""
        if not settings.SANDBOX_MODE and not options["force"]:
            raise CommandError("A real HeyGen account is configured. Invented content does not belong there (--force).")
        if options["looks"] < 1:
            raise CommandError("--looks must be at least 1.")
        old = _pictures_in_use()
        pictures = store_pictures(PICTURES)
        made = seed(options["looks"], owners=_owners(), pictures=pictures, now=timezone.now())
        for name in (old | set(pictures)) - _pictures_in_use():
            delete_thumbnail(name)
        self.stdout.write(
            f"{made.groups} characters, {made.looks} looks, {made.submissions} submissions, {made.consents} consents"
        )


def _pictures_in_use() -> set[str]:
    rows = [model.objects.filter(heygen_id__startswith=DEMO_PREFIX) for model in (AvatarGroup, Look)]
    return {name for found in rows for name in found.values_list("thumbnail", flat=True).distinct() if name}


def _owners() -> list[Any]:
    """The people there are, or one who cannot sign in."""
    people = get_user_model().objects
    found = list(people.filter(is_active=True).order_by("pk")[:5])
    return found or [people.create_user("demo", password=None)]
