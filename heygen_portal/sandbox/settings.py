"""Settings of the sandbox, which is a Django project of its own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(
    os.environ.get("SANDBOX_STATE_DIR") or Path(os.environ.get("DATA_DIR") or REPOSITORY / "data") / "sandbox"
).resolve()
for _folder in ("files", "pictures", "incoming"):
    (STATE_DIR / _folder).mkdir(parents=True, exist_ok=True)

# Nothing here is signed by Django: links are signed with a secret kept in the state itself.
SECRET_KEY = secrets.token_hex(32)
DEBUG = False
# The sandbox may be reached by a container's name as well as by loopback; it holds nothing worth protecting by host.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "heygen_portal.sandbox.urls"
WSGI_APPLICATION = "heygen_portal.sandbox.wsgi.application"
INSTALLED_APPS = ["heygen_portal.sandbox.apps.SandboxConfig"]
MIDDLEWARE: list[str] = []
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE_DIR / "sandbox.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [REPOSITORY / "templates"],
        "OPTIONS": {"context_processors": []},
    }
]
STATIC_SOURCE = REPOSITORY / "static" / "sandbox"

# Uploads go to disk, whatever their size, so that memory stays flat.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = STATE_DIR / "incoming"
# A JSON body may carry a file as base64, a third larger than its bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

API_KEY = os.environ.get("SANDBOX_API_KEY") or "sandbox-key"
# Where people reach the sandbox, when that differs from where the portal does (containers, say).
PUBLIC_URL = (os.environ.get("SANDBOX_PUBLIC_URL") or "").rstrip("/")
SPEED = os.environ.get("SANDBOX_SPEED") or ""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "sandbox: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "sandbox": {"handlers": ["console"], "level": "INFO"},
        # The refusals Django would log are answers the API is meant to give.
        "django.request": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
    },
}
