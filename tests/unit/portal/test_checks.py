"""Each wrong deployment is told by its own check."""

import pytest
from django.conf import settings as live
from django.core.checks import run_checks

from heygen_portal import checks


def ids(messages):
    return [message.id for message in messages]


@pytest.fixture(autouse=True)
def _few_pages(settings):
    """Django's own checks import all addresses; these tests are about ours."""
    settings.ROOT_URLCONF = "tests.unit.portal.urls"


@pytest.fixture
def proper(settings, tmp_path):
    settings.DATA_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.HOST, settings.PUBLIC_URL, settings.HTTPS = "0.0.0.0", "https://portal.example.com", True
    settings.SANDBOX_MODE = settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["portal.example.com"]
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example.com", "Avatars <avatars@example.com>"
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    return settings


def ours(**kwargs):
    return [message.id for message in run_checks(**kwargs) if (message.id or "").startswith("portal.")]


def test_it_finds_nothing_wrong_with_a_proper_deployment(proper):
    assert ours(include_deployment_checks=True) == []


def test_it_finds_nothing_wrong_with_the_defaults():
    assert ours() == [], live.DATA_DIR


def test_it_reports_a_folder_that_is_missing(proper, tmp_path):
    proper.DATA_DIR = tmp_path / "none"
    (message,) = checks.data_dir_is_writable(None)
    assert message.id == "portal.E001"
    assert str(tmp_path / "none") in message.msg


def test_it_reports_a_folder_that_cannot_be_written(proper, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # Root may write anything, so it is said here.
    assert ids(checks.data_dir_is_writable(None)) == ["portal.E001", "portal.E001"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("EMAIL_FROM", "portal@localhost", "portal.E002"),
        ("TRUSTED_PROXIES", ["proxy.internal"], "portal.E003"),
        ("DEBUG", True, "portal.E004"),
        ("PUBLIC_URL", "http://localhost:8000", "portal.W001"),
        ("ALLOWED_HOSTS", ["*"], "portal.W002"),
        ("SANDBOX_MODE", True, "portal.W003"),
        ("HTTPS", False, "portal.W004"),
    ],
)
def test_it_tells_each_wrong_setting(proper, name, value, expected):
    setattr(proper, name, value)
    assert ours() == [expected]


def test_it_tells_a_deployment_without_a_key(proper):
    proper.SANDBOX_MODE, proper.HOST = True, "127.0.0.1"
    assert ours() == []
    assert ours(include_deployment_checks=True) == ["portal.W005"]


def test_it_lets_a_developer_debug_on_this_machine(proper):
    proper.DEBUG, proper.HOST, proper.PUBLIC_URL = True, "127.0.0.1", ""
    assert checks.debug_is_private(None) == []
