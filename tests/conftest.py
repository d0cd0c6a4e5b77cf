"""What all tests share: an environment of their own, no network but this machine, Chromium and PostgreSQL."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest

# Everything below stands before Django is loaded. DJANGO_SETTINGS_MODULE is named here, and not in pyproject.toml,
# because pytest-django would otherwise read the settings, and with them a developer's .env, before this file.
_TEMPORARY = tempfile.TemporaryDirectory(prefix="portal-tests-")
DATA_DIR = Path(_TEMPORARY.name)
for _name in list(os.environ):
    if _name.startswith(("HEYGEN_API_", "EMAIL_", "PRICE_", "CONSENT_", "DJANGO_SUPERUSER_", "COMPANY_")):
        del os.environ[_name]
for _name in ("DATABASE_URL", "STORAGE_URL", "PUBLIC_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "DEBUG", "HOST", "PORT",
              "SANDBOX_PORT", "SECRET_KEY_FILE", "UPLOAD_MAX_BYTES", "DEMO_PASSWORD", "TIME_ZONE", "LANGUAGE_CODE",
              "SYNC_POLL_SCALE", "LEASE_SECONDS"):  # fmt: skip
    os.environ.pop(_name, None)
os.environ.update(
    DJANGO_SETTINGS_MODULE="heygen_portal.settings",
    IGNORE_DOTENV="1",
    DATA_DIR=str(DATA_DIR / "data"),
    STATIC_ROOT=str(DATA_DIR / "static"),
    PLAIN_STATIC="1",
    SECRET_KEY="tests-only-" + "k" * 50,
)
# WhiteNoise warns of a missing folder, and warnings are errors here.
(DATA_DIR / "static").mkdir()
django.setup()

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_POSTGRES_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def missing(what: str, package: str) -> None:
    """Skip the running test because `what` is not installed; in CI nothing may be skipped, so there it fails."""
    message = f"{what} is not installed. On Debian: apt-get install {package}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


# --- Network --------------------------------------------------------------------------------------------------------


def _is_this_machine(address: Any) -> bool:
    """Whether a socket address stays on this machine: a path (AF_UNIX) or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Fail any test that tries to reach another machine, even by asking for its address."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_lookup = socket.getaddrinfo

    def refuse(address: object) -> None:
        pytest.fail(f"A test tried to reach {address!r}. Tests talk to this machine only.")

    def connect(self: socket.socket, address: Any) -> None:
        if not _is_this_machine(address):
            refuse(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_this_machine(address):
            refuse(address)
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_this_machine((name,)):
            try:
                ipaddress.ip_address(name)  # An address asks nobody; connecting to it is what is refused.
            except ValueError:
                refuse(name)
        return real_lookup(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


# --- Chromium -------------------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser or a PostgreSQL server by the fixtures it uses."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if {"page", "browser", "context", "new_context"} & set(fixtures):
            item.add_marker(pytest.mark.browser)
        if "postgres_url" in fixtures:
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium in place of a downloaded one."""
    if _CHROMIUM is None:
        missing("Chromium", "chromium")
    return {
        **browser_type_launch_args,
        "executable_path": _CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test names its own server. The plugin's fixture of this name warns, and warnings are errors here."""


@pytest.fixture(autouse=True)
def _orm_beside_playwright(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop running, in which Django refuses its database unless told otherwise."""
    if request.node.get_closest_marker("browser"):
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    """The folder of the newest PostgreSQL server programs."""
    if not _POSTGRES_BINARIES:
        missing("PostgreSQL", "postgresql")
    return _POSTGRES_BINARIES[-1]


@pytest.fixture(scope="session")
def postgres_server(postgres_binaries: Path) -> Iterator[Any]:
    """A PostgreSQL server of our own for this run."""
    from tests.postgres_server import PostgresServer

    with PostgresServer(postgres_binaries) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """DATABASE_URL of a fresh, empty database."""
    with postgres_server.database() as url:
        yield url


# --- The whole portal -----------------------------------------------------------------------------------------------


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Any]:
    """The real thing, started by `manage.py up` in sandbox mode with fresh data."""
    from tests.portal_server import PortalServer

    with PortalServer(tmp_path / "portal") as server:
        yield server


def pytest_configure() -> None:
    """Hash passwords quickly: a proper hash takes a third of a second, in many tests several times."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    """Delete the temporary data; a Python that is shutting down would warn about it."""
    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()
    _TEMPORARY.cleanup()
