"""A PostgreSQL server for one test run, in a temporary folder, on a free port of this machine."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.portal_server import free_port


class PostgresServer:
    """Use as a context manager; `database()` gives the address of a fresh database and drops it afterwards."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self.user = "postgres" if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PostgresServer:
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        data = self.folder / "data"
        subprocess.run(
            [self.binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, user=self.user, cwd=self.folder,
        )  # fmt: skip
        options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder,
                 *arguments],
                stdout=log, stderr=subprocess.STDOUT, user=self.user, cwd=self.folder,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=2).close()
                return self
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    words = (self.folder / "log").read_text(errors="replace")[-2000:]
                    self.__exit__()
                    raise RuntimeError(f"PostgreSQL did not start:\n{words}") from None
                time.sleep(0.1)

    def __exit__(self, *details: object) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _url(self, database: str) -> str:
        return f"postgres://tests@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty database that exists as long as the block runs."""
        name = f"portal_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self._url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
