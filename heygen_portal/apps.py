"""The project's own application: start-up command and system checks."""

from django.apps import AppConfig


class HeygenPortalConfig(AppConfig):
    """Registers the system checks."""

    name = "heygen_portal"
    verbose_name = "HeyGen Portal"

    def ready(self) -> None:
        """Importing the module registers its checks."""
        from heygen_portal import checks  # noqa: F401, PLC0415 - checks import settings, which must be complete
