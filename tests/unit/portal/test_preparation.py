"""What must be in order before the portal's processes start."""

import os
import socket
import subprocess
import sys

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError
from django.test import RequestFactory

from heygen_portal import preparation
from tests.portal_server import REPOSITORY, free_port

User = get_user_model()


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_it_says_who_holds_a_port_and_how_to_choose_another(listener):
    with pytest.raises(CommandError) as refusal:
        preparation.refuse_taken_port("127.0.0.1", listener, "PORT", "the portal")
    message = str(refusal.value)
    assert f"Port {listener}, which the portal needs, is already in use by process {os.getpid()}" in message
    assert f"PORT={listener + 10} make run" in message


def test_it_lets_a_free_port_pass_and_leaves_it_free():
    port = free_port()
    for _ in range(2):
        preparation.refuse_taken_port("localhost", port, "PORT", "the portal")


def test_it_says_when_the_host_is_not_this_machine():
    with pytest.raises(CommandError, match="Set HOST to an address of this machine"):
        preparation.refuse_taken_port("192.0.2.1", free_port(), "PORT", "the portal")


def test_it_refuses_a_second_portal_on_the_same_data(tmp_path):
    with preparation.only_portal(tmp_path):
        with pytest.raises(CommandError, match=rf"already running \(process {os.getpid()}, data in {tmp_path}\)"):
            with preparation.only_portal(tmp_path):
                pass
    with preparation.only_portal(tmp_path):
        pass


def test_it_forgets_the_lock_of_a_portal_that_was_killed(tmp_path):
    code = (
        "import os, signal; from pathlib import Path; import django; django.setup()\n"
        "from heygen_portal.preparation import only_portal\n"
        f"with only_portal(Path({str(tmp_path)!r})): os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False,
                            capture_output=True, env={**os.environ})  # fmt: skip
    assert killed.returncode == -9, killed.stderr
    with preparation.only_portal(tmp_path):
        pass


def test_it_collects_static_files_only_when_they_have_changed(settings, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.css").write_text("a {}")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    assert preparation.collect_static() is True
    assert preparation.collect_static() is False
    (tmp_path / "source" / "a.css").write_text("a { color: red }")
    assert preparation.collect_static() is True
    assert (tmp_path / "collected" / "a.css").read_text() == "a { color: red }"


def test_it_collects_again_when_the_folder_was_deleted(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    assert preparation.collect_static() is True
    for path in (tmp_path / "collected").rglob("*"):
        if path.is_file():
            path.unlink()
    assert preparation.collect_static() is True


# --- People ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sandbox(settings, tmp_path, monkeypatch, db):
    settings.DATA_DIR, settings.SANDBOX_MODE, settings.HOST, settings.PUBLIC_URL = tmp_path, True, "127.0.0.1", ""
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    return settings


def signs_in(name, password):
    request = RequestFactory().post("/")
    return authenticate(request, username=name, password=password) is not None


def test_it_makes_three_demo_accounts_one_a_role(sandbox):
    preparation.settle_demo_accounts()
    password = preparation.demo_password()
    for role in ("marketer", "lead", "admin"):
        user = User.objects.get(username=role)
        assert [group.name for group in user.groups.all()] == [role]
        assert not user.is_staff
        assert not user.is_superuser
        assert signs_in(role, password)
    assert [name for name, _ in preparation.sign_ins()] == ["marketer", "lead", "admin"]


def test_it_keeps_the_demo_password_over_restarts(sandbox):
    preparation.settle_demo_accounts()
    hashes = list(User.objects.order_by("pk").values_list("password", flat=True))
    preparation.settle_demo_accounts()
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == hashes


def test_it_takes_the_demo_password_it_is_given(sandbox, monkeypatch):
    preparation.settle_demo_accounts()
    monkeypatch.setenv("DEMO_PASSWORD", "a-password-of-mine")
    preparation.settle_demo_accounts()
    assert signs_in("marketer", "a-password-of-mine")


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOST", "0.0.0.0"), ("PUBLIC_URL", "https://portal.example.com"), ("SANDBOX_MODE", False)],
)
def test_it_switches_demo_accounts_off_where_others_could_use_them(sandbox, name, value):
    preparation.settle_demo_accounts()
    password = preparation.demo_password()
    setattr(sandbox, name, value)
    preparation.settle_demo_accounts()
    assert not signs_in("admin", password)
    assert preparation.sign_ins() == []


def test_it_makes_no_demo_account_in_live_use(sandbox):
    sandbox.SANDBOX_MODE = False
    preparation.settle_demo_accounts()
    assert not User.objects.exists()


def test_it_leaves_a_persons_account_of_the_same_name_alone(sandbox):
    User.objects.create_user("admin", "ada@example.com", "her own password")
    preparation.settle_demo_accounts()
    assert signs_in("admin", "her own password")
    assert [name for name, _ in preparation.sign_ins()] == ["marketer", "lead"]


@pytest.fixture
def superuser(monkeypatch, db):
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "root")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long password")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "root@example.com")


def test_it_makes_the_first_administrator(superuser):
    preparation.make_first_administrator()
    user = User.objects.get()
    assert (user.username, user.email, user.is_superuser, user.is_staff) == ("root", "root@example.com", True, True)
    assert signs_in("root", "a long password")


def test_it_makes_no_administrator_when_there_is_a_user(superuser):
    User.objects.create_user("somebody")
    preparation.make_first_administrator()
    assert User.objects.count() == 1


def test_it_asks_for_the_administrators_password(superuser, monkeypatch):
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD")
    with pytest.raises(CommandError, match="DJANGO_SUPERUSER_PASSWORD"):
        preparation.make_first_administrator()
