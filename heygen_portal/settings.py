"""Django settings of the portal. Everything an operator may change comes from the environment (see .env.example)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from heygen_portal import env

BASE_DIR = Path(__file__).resolve().parent.parent

# Tests set IGNORE_DOTENV, so that a developer's own .env can never send a test to the real HeyGen.
if not env.boolean("IGNORE_DOTENV") and (BASE_DIR / ".env").is_file():
    environ.Env.read_env(str(BASE_DIR / ".env"))

VERSION = "0.1.0"
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data"))).resolve()
DEBUG = env.boolean("DEBUG")
SECRET_KEY = env.secret_key(DATA_DIR)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, at_least=1)
SANDBOX_PORT = env.integer("SANDBOX_PORT", 8001, at_least=1)

# --- HeyGen -----------------------------------------------------------------------------------------------------
# Without a key the portal talks to its own stand-in, whatever base is named: the two must never mix.
HEYGEN_API_KEY = env.text("HEYGEN_API_KEY")
SANDBOX_MODE = not HEYGEN_API_KEY
if SANDBOX_MODE:
    HEYGEN_API_KEY = env.text("SANDBOX_API_KEY", "sandbox-key")
    HEYGEN_API_BASE = f"http://127.0.0.1:{SANDBOX_PORT}"
else:
    HEYGEN_API_BASE = env.web_address("HEYGEN_API_BASE", "https://api.heygen.com")
SYNC_POLL_SCALE = env.decimal("SYNC_POLL_SCALE", 0.2 if SANDBOX_MODE else 1.0)
# HeyGen publishes no figure; two requests a second have troubled nobody we know of.
REQUESTS_PER_SECOND = env.decimal("HEYGEN_REQUESTS_PER_SECOND", 2.0)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60, at_least=2)
WORKER_THREADS = env.integer("WORKER_THREADS", 4, at_least=1)
PRICES = {kind: env.text(f"PRICE_{kind.upper()}") for kind in ("digital_twin", "photo", "prompt")}

# --- Addresses --------------------------------------------------------------------------------------------------
PUBLIC_URL = env.web_address("PUBLIC_URL")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if PUBLIC_HOST and PUBLIC_HOST not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(PUBLIC_HOST)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
CONSENT_REROUTE_URL = env.web_address("CONSENT_REROUTE_URL")
HTTPS = PUBLIC_URL.startswith("https://")
# An https address needs a proxy that ends TLS; the one on this machine is believed without being named.
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES", "127.0.0.1,::1" if HTTPS else "")

# --- Applications -----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "heygen_portal",
    "avatars",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "heygen_portal.middleware.security.SecurityHeaders",
    "heygen_portal.health.HealthAnswers",
    "heygen_portal.middleware.proxies.ForwardedHeaders",
    "django.middleware.security.SecurityMiddleware",
    "heygen_portal.middleware.media.StoredPictures",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "heygen_portal.middleware.uploads.UploadGuard",
    "django.middleware.csrf.CsrfViewMiddleware",
    "heygen_portal.middleware.login.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "heygen_portal.urls"
WSGI_APPLICATION = "heygen_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "avatars.web.context.shell",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------------------------
# Sandbox mode has a file of its own: nothing queued there can reach the paid API, no demo account survives it.
DATABASE_FILE = DATA_DIR / ("sandbox-mode.sqlite3" if SANDBOX_MODE else "portal.sqlite3")
try:
    DATABASES = {"default": environ.Env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{DATABASE_FILE}"))}
except Exception as error:
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read. Write it like postgres://user:password@host:5432/name, "
        "with special characters in the password percent-encoded."
    ) from error
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN, so that two writers queue up instead of failing half way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Sign-in throttles must be shared by all web processes, hence a table and no per-process memory.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

# --- Files ------------------------------------------------------------------------------------------------------
STORAGE_URL = env.text("STORAGE_URL", f"file://{DATA_DIR / 'media'}")
if not STORAGE_URL.startswith("file:///"):
    raise ImproperlyConfigured(
        f"STORAGE_URL={STORAGE_URL!r} is not supported yet. Write it like file:///var/lib/portal/media."
    )
MEDIA_ROOT = Path(STORAGE_URL.removeprefix("file://"))
MEDIA_URL = "/media/"
# On the same volume as MEDIA_ROOT, so that keeping an upload is a rename and never a copy.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o640
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 2 * 1024**3, at_least=1)
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or env.boolean("PLAIN_STATIC")
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- People -----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["avatars.web.accounts.OneQueryRights"]
ACCOUNT_ADAPTER = "avatars.web.accounts.ClosedAccounts"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_SESSION_REMEMBER = None
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("overview")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Mail -------------------------------------------------------------------------------------------------------
EMAIL_URL = env.text("EMAIL_URL")
EMAIL_FROM = DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "portal@localhost")
EMAIL_TIMEOUT = 20
MAIL_OUTBOX = DATA_DIR / "outbox"
if EMAIL_URL:
    try:
        globals().update(environ.Env.email_url_config(EMAIL_URL))
    except Exception as error:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read. Write it like smtp+tls://user:password@host:587."
        ) from error
else:
    EMAIL_BACKEND = "avatars.consent.outbox.OutboxBackend"

# --- Who we are, to subjects ------------------------------------------------------------------------------------
COMPANY_NAME = env.text("COMPANY_NAME")

# --- Safety -----------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# What only the owner of the domain can decide: whether subdomains are served by https too, and preloading.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
TIME_ZONE = env.text("TIME_ZONE", "UTC")
os.environ.setdefault("TZ", TIME_ZONE)
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # One line for each request that went well says little to an operator; failures are warnings.
        "avatars.heygen": {"level": "INFO" if DEBUG else "WARNING"},
        "avatars.outbound": {"level": "INFO" if DEBUG else "WARNING"},
    },
}
