"""Typed readers for the environment. Each refuses a bad value at start, with the name of the variable and what to do.

Every variable `NAME` may also be given as `NAME_FILE`: the path of a file that holds the value, as container
platforms hand out secrets.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name`_FILE names, without surrounding blanks."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read ({error.__class__.__name__}). "
                f"Make the file readable for this user, or set {name} itself."
            ) from error
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool = False) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off."""
    word = text(name, "1" if default else "0").lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={word!r} is neither yes nor no. Use 1 or 0.")


def integer(name: str, default: int, *, at_least: int = 0) -> int:
    """A whole number not below `at_least`."""
    word = text(name, str(default))
    try:
        number = int(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={word!r} is not a whole number.") from None
    if number < at_least:
        raise ImproperlyConfigured(f"{name}={number} is too small; use {at_least} or more.")
    return number


def decimal(name: str, default: float, *, above: float = 0.0) -> float:
    """A number above `above`."""
    word = text(name, str(default))
    try:
        number = float(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={word!r} is not a number.") from None
    if not number > above or number == float("inf"):
        raise ImproperlyConfigured(f"{name}={word} must be a number above {above:g}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def is_loopback(host: str | None) -> bool:
    """Whether `host` (a name or an address, without port) is this machine itself."""
    plain = (host or "").strip("[]").lower()
    if plain == "localhost":
        return True
    try:
        return ipaddress.ip_address(plain).is_loopback
    except ValueError:
        return False  # A name, however much it looks like 127.0.0.1, may lead anywhere.


def web_address(name: str, default: str = "", *, plain_on_loopback: bool = True) -> str:
    """An https address without a trailing slash; http is accepted for loopback hosts only."""
    address = text(name, default).rstrip("/")
    if not address:
        return ""
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ImproperlyConfigured(
            f"{name}={address!r} is not a web address. Write it like https://portal.example.com."
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} must be a plain address without a user, a query or a fragment.")
    if parts.scheme == "http" and not (plain_on_loopback and is_loopback(parts.hostname)):
        raise ImproperlyConfigured(f"{name}={address!r} must begin with https://; http is for this machine only.")
    return address


def secret_key(data_dir: Path) -> str:
    """SECRET_KEY, or a random one made once and kept in `data_dir` for its owner's eyes only."""
    given = text("SECRET_KEY")
    if given:
        return given
    return kept_secret(data_dir / "secret-key", length=50)


def kept_secret(path: Path, *, length: int) -> str:
    """The secret kept in `path`; made once, with owner-only permissions, by whichever process comes first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        return _read_when_written(path)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be written ({error.strerror}). Set DATA_DIR to a folder that this user may write."
        ) from error
    value = secrets.token_urlsafe(length)[:length]
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value + "\n")
    return value


def _read_when_written(path: Path) -> str:
    """The content of `path`, giving the process that is just making it a moment to finish."""
    import time  # noqa: PLC0415 - needed on this rare path only

    for _ in range(100):
        value = path.read_text(encoding="utf-8").strip()
        if value:
            return value
        time.sleep(0.02)
    raise ImproperlyConfigured(f"{path} is empty. Delete it, and a new secret is made at the next start.")
