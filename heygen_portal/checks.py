"""System checks: each wrong deployment that can be told from the settings, with an id, a cause and what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from heygen_portal import env
from heygen_portal.middleware.proxies import networks

Apps = Sequence[AppConfig] | None


@register()
def data_dir_is_writable(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.E001: everything we keep is in DATA_DIR and MEDIA_ROOT."""
    return [
        Error(
            f"{folder} cannot be written by this user.",
            hint="Set DATA_DIR (or STORAGE_URL) to a folder that the portal's user may write.",
            id="portal.E001",
        )
        for folder in (Path(settings.DATA_DIR), Path(settings.FILE_UPLOAD_TEMP_DIR))
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK))
    ]


@register()
def mail_has_a_sender(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.E002: mail servers refuse, or recipients never see, mails from portal@localhost."""
    if settings.EMAIL_URL and settings.EMAIL_FROM.rstrip(">").endswith("@localhost"):
        return [
            Error(
                "EMAIL_URL is set, but EMAIL_FROM is not.",
                hint='Set EMAIL_FROM to an address of yours, e.g. "Avatars <avatars@example.com>".',
                id="portal.E002",
            )
        ]
    return []


@register()
def proxies_are_addresses(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.E003: a host name in TRUSTED_PROXIES would match nothing."""
    try:
        networks(settings.TRUSTED_PROXIES)
    except ValueError as error:
        return [
            Error(
                f"TRUSTED_PROXIES cannot be read: {error}.",
                hint="List addresses or networks, e.g. 10.0.0.5,172.30.0.0/24.",
                id="portal.E003",
            )
        ]
    return []


@register()
def debug_is_private(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.E004: error pages of DEBUG show source code and settings to everybody."""
    if settings.DEBUG and (settings.PUBLIC_URL or not env.is_loopback(settings.HOST)):
        return [
            Error(
                "DEBUG is on although others can reach the portal.",
                hint="Set DEBUG=0, or unset PUBLIC_URL and keep HOST=127.0.0.1 while you look for the fault.",
                id="portal.E004",
            )
        ]
    return []


@register()
def public_address_is_public(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.W001: subjects open consent links on their own devices."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    if host and env.is_loopback(host):
        return [
            Warning(
                f"PUBLIC_URL names this machine ({host}): nobody else can open the links in our mails.",
                hint="Set PUBLIC_URL to the address that subjects can reach, e.g. https://portal.example.com.",
                id="portal.W001",
            )
        ]
    return []


@register()
def hosts_are_named(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.W002: with a wildcard, a forged Host header ends up in the links we mail."""
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Warning(
                "ALLOWED_HOSTS is a wildcard.",
                hint="List the host names the portal is reached by, e.g. portal.example.com.",
                id="portal.W002",
            )
        ]
    return []


@register()
def sandbox_is_private(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.W003: the sandbox has no real accounts and its consent pages are open."""
    if settings.SANDBOX_MODE and not env.is_loopback(settings.HOST):
        return [
            Warning(
                f"Sandbox mode is reachable from other machines (HOST={settings.HOST}).",
                hint="Set HEYGEN_API_KEY for real use, or HOST=127.0.0.1 to try things out.",
                id="portal.W003",
            )
        ]
    return []


@register()
def sign_in_is_encrypted(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.W004: passwords and session cookies would cross the network in the clear."""
    if not env.is_loopback(settings.HOST) and not settings.HTTPS:
        return [
            Warning(
                f"The portal listens on {settings.HOST}, and people would sign in without encryption.",
                hint="Put a proxy with TLS in front and set PUBLIC_URL to its https address.",
                id="portal.W004",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def deployment_is_live(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """portal.W005: a deployment without a key shows invented avatars."""
    if settings.SANDBOX_MODE:
        return [
            Warning(
                "HEYGEN_API_KEY is empty: the portal runs in sandbox mode.",
                hint="Set HEYGEN_API_KEY, or HEYGEN_API_KEY_FILE to the path of a file that holds it.",
                id="portal.W005",
            )
        ]
    return []
