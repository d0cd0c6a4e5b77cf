"""Settings as a fresh process reads them."""

import json
import os
import subprocess
import sys

import pytest

from tests.portal_server import REPOSITORY

READ = """
import json, sys
import django
from django.conf import settings
django.setup()
names = sys.argv[1:]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


@pytest.fixture
def process(tmp_path):
    """Run Python with the settings of an environment that has only what is given."""

    def run(*argv, **variables):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {
            **kept,
            "IGNORE_DOTENV": "1",
            "DJANGO_SETTINGS_MODULE": "heygen_portal.settings",
            "DATA_DIR": str(tmp_path / "data"),
            "STATIC_ROOT": str(tmp_path / "static"),
            **variables,
        }
        return subprocess.run(
            [sys.executable, *argv], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def settings_of(process):
    def read(*names, **variables):
        result = process("-c", READ, *names, **variables)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return read


def test_it_is_in_sandbox_mode_without_a_key(settings_of, tmp_path):
    found = settings_of("SANDBOX_MODE", "HEYGEN_API_BASE", "DATABASES", "SYNC_POLL_SCALE", SANDBOX_PORT="8123")
    assert found["SANDBOX_MODE"] is True
    assert found["HEYGEN_API_BASE"] == "http://127.0.0.1:8123"
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "sandbox-mode.sqlite3")
    assert found["SYNC_POLL_SCALE"] == 0.2


def test_it_never_sends_sandbox_calls_to_another_base(settings_of):
    found = settings_of("HEYGEN_API_BASE", HEYGEN_API_BASE="https://api.heygen.com")
    assert found["HEYGEN_API_BASE"].startswith("http://127.0.0.1:")


def test_it_uses_a_database_of_its_own_with_a_key(settings_of, tmp_path):
    found = settings_of("SANDBOX_MODE", "HEYGEN_API_BASE", "DATABASES", HEYGEN_API_KEY="key")
    assert found["SANDBOX_MODE"] is False
    assert found["HEYGEN_API_BASE"] == "https://api.heygen.com"
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "portal.sqlite3")


def test_it_reads_the_key_from_a_file(settings_of, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n")
    assert settings_of("HEYGEN_API_KEY", HEYGEN_API_KEY_FILE=str(tmp_path / "key"))["HEYGEN_API_KEY"] == "from-a-file"


def test_it_reads_a_postgres_address(settings_of):
    found = settings_of("DATABASES", DATABASE_URL="postgres://me:p%40ss@db.example:5433/portal")["DATABASES"]["default"]
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("me", "p@ss", "db.example", 5433)


def test_it_keeps_one_secret_key_over_restarts(settings_of):
    first, second = settings_of("SECRET_KEY"), settings_of("SECRET_KEY")
    assert first == second
    assert len(first["SECRET_KEY"]) == 50


def test_it_secures_cookies_behind_an_https_address(settings_of):
    found = settings_of(
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", PUBLIC_URL="https://portal.example.com/",
    )  # fmt: skip
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert "portal.example.com" in found["ALLOWED_HOSTS"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://portal.example.com"]
    assert found["TRUSTED_PROXIES"] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("DEBUG", "perhaps"), ("SYNC_POLL_SCALE", "0"), ("UPLOAD_MAX_BYTES", "2GB"),
     ("PUBLIC_URL", "http://portal.example.com"), ("STORAGE_URL", "ftp://x"), ("HEYGEN_API_BASE", "http://example.com"),
     ("SECRET_KEY_FILE", "/no/such/file"), ("LEASE_SECONDS", "1")],
)  # fmt: skip
def test_it_refuses_a_bad_value_by_its_name(process, name, value):
    variables = {name: value}
    if name == "HEYGEN_API_BASE":
        variables["HEYGEN_API_KEY"] = "key"
    result = process("-c", "import heygen_portal.settings", **variables)
    assert result.returncode != 0
    last = result.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert name in last


def test_it_has_nothing_to_say_against_a_proper_deployment(process):
    result = process(
        "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        HEYGEN_API_KEY="key", PUBLIC_URL="https://portal.example.com", SECRET_KEY="s3cr3t-" + "abcdefghij" * 6,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_it_warns_of_a_deployment_in_sandbox_mode(process):
    result = process("manage.py", "check", "--deploy", "--fail-level", "WARNING", PUBLIC_URL="https://p.example.com")
    assert result.returncode == 1
    assert "portal.W005" in result.stderr
