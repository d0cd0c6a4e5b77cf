"""The application: everything about avatars."""

from django.apps import AppConfig


class AvatarsConfig(AppConfig):
    """HeyGen avatars: creation, consent, library, background work and pages."""

    name = "avatars"
    verbose_name = "Avatars"
