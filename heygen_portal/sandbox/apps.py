"""The sandbox's one Django app."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Tables and templates of the stand-in; never installed in the portal."""

    name = "heygen_portal.sandbox"
    label = "sandbox"
