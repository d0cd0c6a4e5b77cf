#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    """Run one management command with the portal's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heygen_portal.settings")
    # Settings must be named before Django is imported.
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Our settings say what is wrong and what to do; a stack trace would only hide it.
        sys.exit(f"The portal cannot start: {error}")


if __name__ == "__main__":
    main()
