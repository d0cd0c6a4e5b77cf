"""Forwarding headers count only from proxies we know."""

import pytest

pytestmark = [pytest.mark.urls("tests.unit.portal.urls")]


@pytest.fixture
def ask(settings, client):
    """What the portal believes about a visitor: address and scheme."""

    def whoami(peer, trusted=(), **headers):
        settings.TRUSTED_PROXIES = list(trusted)
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        return client.get("/whoami/", REMOTE_ADDR=peer, headers=headers).content.decode()

    return whoami


def test_it_ignores_the_headers_of_strangers(ask):
    assert ask("8.8.8.8", ["10.0.0.5"], x_forwarded_for="1.2.3.4", x_forwarded_proto="https") == "8.8.8.8 http"


def test_it_ignores_all_such_headers_when_no_proxy_is_named(ask):
    assert ask("127.0.0.1", [], x_forwarded_for="1.2.3.4", x_forwarded_proto="https") == "127.0.0.1 http"


def test_it_believes_a_known_proxy(ask):
    assert ask("10.0.0.5", ["10.0.0.5"], x_forwarded_for="1.2.3.4", x_forwarded_proto="https") == "1.2.3.4 https"


def test_it_knows_a_proxy_by_its_network(ask):
    assert ask("172.30.77.9", ["172.30.77.0/24"], x_forwarded_for="2001:db8::7") == "2001:db8::7 http"


def test_it_takes_the_nearest_address_that_is_no_proxy(ask):
    """A visitor may send the header himself; proxies write to its right end."""
    forwarded = "6.6.6.6, 1.2.3.4, 10.0.0.9"
    assert ask("10.0.0.5", ["10.0.0.0/24"], x_forwarded_for=forwarded) == "1.2.3.4 http"


@pytest.mark.parametrize("forwarded", ["", "unknown", "1.2.3.4, <script>"])
def test_it_keeps_the_proxys_address_when_the_header_makes_no_sense(ask, forwarded):
    assert ask("10.0.0.5", ["10.0.0.5"], x_forwarded_for=forwarded) == "10.0.0.5 http"
