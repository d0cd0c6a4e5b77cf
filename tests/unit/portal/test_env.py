"""The typed readers of the environment."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from heygen_portal import env


def test_it_reads_a_value_without_blanks_around_it(monkeypatch):
    monkeypatch.setenv("COLOUR", "  blue ")
    assert env.text("COLOUR", "red") == "blue"


def test_it_takes_the_default_for_an_empty_value(monkeypatch):
    monkeypatch.setenv("COLOUR", " ")
    assert env.text("COLOUR", "red") == "red"


def test_it_reads_a_value_from_the_file_that_is_named(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("COLOUR", "from the environment")
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "secret"))
    assert env.text("COLOUR") == "from the file"


def test_it_names_the_variable_whose_file_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"COLOUR_FILE names .*none, which cannot be read"):
        env.text("COLOUR")


@pytest.mark.parametrize(
    ("word", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_it_reads_yes_and_no(monkeypatch, word, meaning):
    monkeypatch.setenv("LIGHT", word)
    assert env.boolean("LIGHT", default=not meaning) is meaning


def test_it_refuses_what_is_neither_yes_nor_no(monkeypatch):
    monkeypatch.setenv("LIGHT", "maybe")
    with pytest.raises(ImproperlyConfigured, match="LIGHT='maybe'"):
        env.boolean("LIGHT")


@pytest.mark.parametrize("word", ["ten", "1.5", "0x10"])
def test_it_refuses_what_is_no_whole_number(monkeypatch, word):
    monkeypatch.setenv("COUNT", word)
    with pytest.raises(ImproperlyConfigured, match="COUNT"):
        env.integer("COUNT", 3)


def test_it_refuses_a_number_below_the_least(monkeypatch):
    monkeypatch.setenv("COUNT", "0")
    with pytest.raises(ImproperlyConfigured, match="use 1 or more"):
        env.integer("COUNT", 3, at_least=1)


@pytest.mark.parametrize("word", ["0", "-1", "inf", "nan", "fast"])
def test_it_refuses_a_factor_that_is_not_positive(monkeypatch, word):
    monkeypatch.setenv("SCALE", word)
    with pytest.raises(ImproperlyConfigured, match="SCALE"):
        env.decimal("SCALE", 1.0)


def test_it_splits_lists_at_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example, ,b.example ")
    assert env.words("HOSTS") == ["a.example", "b.example"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.53", "::1", "[::1]", "LOCALHOST"])
def test_it_knows_this_machine(host):
    assert env.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "", None])
def test_it_knows_other_machines(host):
    assert not env.is_loopback(host)


def test_it_takes_an_https_address_without_its_last_slash(monkeypatch):
    monkeypatch.setenv("PLACE", "https://portal.example.com/")
    assert env.web_address("PLACE") == "https://portal.example.com"


@pytest.mark.parametrize(
    "address",
    ["http://portal.example.com", "portal.example.com", "ftp://localhost", "https://", "https://a:b@example.com",
     "https://example.com?x=1", "http://127.0.0.1.example.com"],
)  # fmt: skip
def test_it_refuses_addresses_that_are_not_safe_or_not_plain(monkeypatch, address):
    monkeypatch.setenv("PLACE", address)
    with pytest.raises(ImproperlyConfigured, match="PLACE"):
        env.web_address("PLACE")


def test_it_makes_a_secret_once_for_its_owner_only(tmp_path):
    first = env.kept_secret(tmp_path / "new" / "secret", length=40)
    assert len(first) == 40
    assert env.kept_secret(tmp_path / "new" / "secret", length=40) == first
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600


def test_it_prefers_the_secret_key_it_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "given")
    assert env.secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []
