"""What must be in order before the portal's processes start: ports, locks, database, static files, first accounts."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection

from heygen_portal import env

DEMO_ROLES = ("marketer", "lead", "admin")
# Marks the demo accounts for good: no real address can end in .invalid.
DEMO_DOMAIN = "sandbox.invalid"
_DATABASE_LOCK = 4_870_121_395  # Any number, as long as nothing else in the same PostgreSQL database uses it.


# --- Ports --------------------------------------------------------------------------------------------------------


def refuse_taken_port(host: str, port: int, variable: str, what: str) -> None:
    """Raise CommandError when `host`:`port` cannot be listened on; `variable` is what the operator may change."""
    host = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CommandError(f"HOST={host} is not an address of this machine ({error.strerror}).") from None
    with socket.socket(family, kind, protocol) as probe:
        # As gunicorn does: connections of an earlier run that linger in the kernel are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CommandError(_why_not(error, host, port, variable, what)) from None


def _why_not(error: OSError, host: str, port: int, variable: str, what: str) -> str:
    if error.errno == errno.EADDRINUSE:
        holder = _holder_of(port)
        by = f"by {holder}" if holder else "by another program, perhaps a portal that still runs"
        return (
            f"Port {port}, which {what} needs, is already in use {by}.\n"
            f"Stop that program, or choose another port: {variable}={port + 10} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs special rights. Choose one above 1023: {variable}=8000 make run"
    return f"The portal cannot listen on {host}:{port} ({error.strerror}). Set HOST to an address of this machine."


def _holder_of(port: int) -> str:
    """The process that listens on `port`, as far as Linux lets this user see it; otherwise empty."""
    listening = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            cells = row.split()
            if cells[3] == "0A" and int(cells[1].rsplit(":", 1)[1], 16) == port:
                listening.add(f"socket:[{cells[9]}]")
    for process in Path("/proc").glob("[0-9]*") if listening else ():
        try:
            if any(str(handle.readlink()) in listening for handle in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"process {process.name} ({command[:100]})"
        except OSError:
            continue
    return ""


# --- Locks --------------------------------------------------------------------------------------------------------


@contextmanager
def only_portal(data_dir: Path) -> Iterator[None]:
    """Hold the lock of `data_dir` while the portal runs. The system lets go of it whenever and however we die."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"This portal is already running (process {lock.read().strip() or 'unknown'}, data in {data_dir}).\n"
                "Stop it first, or give a second portal its own data and ports: "
                "DATA_DIR=./data-2 PORT=8010 SANDBOX_PORT=8011 make run"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Several services, even on several machines, may start at once; only one may change tables at a time."""
    with (Path(settings.DATA_DIR) / "preparation.lock").open("a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_DATABASE_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_DATABASE_LOCK])


# --- Database and static files --------------------------------------------------------------------------------------


def prepare() -> None:
    """Bring tables, static files and first accounts up to date."""
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        collect_static()
        make_first_administrator()
        settle_demo_accounts()


def collect_static() -> bool:
    """Run collectstatic unless the last run saw the very same files; returns whether it ran.

    A read-only folder with files in it was collected when its image was built, and is left alone.
    """
    root = Path(settings.STATIC_ROOT)
    note = root / ".collected"
    if root.is_dir() and any(root.iterdir()) and not os.access(root, os.W_OK):
        return False
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    changed = []
    for path, content in _static_sources():
        digest.update(f"\0{path}\0".encode() + hashlib.sha256(content).digest())
        target = root / path
        if target.is_file() and target.read_bytes() != content:
            changed.append(target)
    if note.is_file() and note.read_text(encoding="ascii") == digest.hexdigest():
        return False
    for target in changed:
        # collectstatic keeps a file whose time is not older than its source's, whatever stands in it.
        target.unlink()
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(digest.hexdigest(), encoding="ascii")
    return True


def _static_sources() -> Iterator[tuple[str, bytes]]:
    """Every static file of the project and its packages, by the path it is served under."""
    for finder in get_finders():
        for path, storage in finder.list([]):
            prefix = getattr(storage, "prefix", None)
            with storage.open(path) as file:
                yield (f"{prefix}/{path}" if prefix else path), file.read()


# --- People -------------------------------------------------------------------------------------------------------


def make_first_administrator() -> None:
    """Create the superuser that DJANGO_SUPERUSER_* describe, when there is no user at all."""
    username = env.text("DJANGO_SUPERUSER_USERNAME")
    users: Any = get_user_model()._default_manager
    if not username or users.exists():
        return
    password = env.text("DJANGO_SUPERUSER_PASSWORD")
    if not password:
        raise CommandError("DJANGO_SUPERUSER_USERNAME is set, but DJANGO_SUPERUSER_PASSWORD is not. Set both.")
    users.create_superuser(username, env.text("DJANGO_SUPERUSER_EMAIL"), password)


def demo_is_allowed() -> bool:
    """Demo accounts are for trying things out on one's own machine, and nowhere else."""
    return settings.SANDBOX_MODE and env.is_loopback(settings.HOST) and not settings.PUBLIC_URL


def demo_password() -> str:
    """DEMO_PASSWORD, or one made once and kept beside the database."""
    return env.text("DEMO_PASSWORD") or env.kept_secret(Path(settings.DATA_DIR) / "demo-password", length=16)


def settle_demo_accounts() -> None:
    """Make the demo accounts usable where they are allowed, and switch them off anywhere else."""
    users: Any = get_user_model()._default_manager
    if not demo_is_allowed():
        users.filter(email__endswith=f"@{DEMO_DOMAIN}", is_active=True).update(is_active=False)
        return
    password = demo_password()
    for role in DEMO_ROLES:
        user = users.filter(username=role).first()
        if user is None:
            user = users.model(username=role, email=f"{role}@{DEMO_DOMAIN}")
        elif not user.email.endswith(f"@{DEMO_DOMAIN}"):
            continue  # Somebody's real account of that name.
        if not (user.pk and user.is_active and user.check_password(password)):
            user.is_active = True
            user.set_password(password)
            user.save()
        user.groups.set([Group.objects.get(name=role)])


def sign_ins() -> list[tuple[str, str]]:
    """The demo accounts that work, with what each is for."""
    users: Any = get_user_model()._default_manager
    demo = users.filter(email__endswith=f"@{DEMO_DOMAIN}", is_active=True, username__in=DEMO_ROLES)
    names = set(demo.values_list("username", flat=True))
    return [
        (role, meaning)
        for role, meaning in (
            ("marketer", "creates avatars and asks for consent"),
            ("lead", "sees everything that was asked for"),
            ("admin", "sees and decides everything"),
        )
        if role in names
    ]
