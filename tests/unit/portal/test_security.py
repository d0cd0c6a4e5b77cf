"""Headers that tell browsers what our pages may do."""

import pytest
from django.contrib.auth import get_user_model

from heygen_portal.middleware.security import content_security_policy

pytestmark = [pytest.mark.urls("tests.unit.portal.urls"), pytest.mark.django_db]
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
    "font-src 'self'"
)


@pytest.fixture
def signed_in(client):
    client.force_login(get_user_model().objects.create_user("mara"))
    return client


def test_it_sends_the_strict_policy_with_every_answer(client):
    for path in ("/page/", "/whoami/", "/nowhere/", "/healthz", "/media/thumbs/none.webp"):
        response = client.get(path)
        assert response["Content-Security-Policy"] == STRICT, path
        assert "camera=()" in response["Permissions-Policy"], path


def test_it_widens_the_policy_where_a_view_asks_for_it(client):
    policy = client.get("/elsewhere/")["Content-Security-Policy"]
    assert "form-action 'self' https://login.example.com;" in policy
    assert policy.replace(" https://login.example.com", "") == STRICT


def test_it_widens_the_policy_by_what_decorator_and_view_both_ask_for(client):
    policy = client.get("/elsewhere/?also")["Content-Security-Policy"]
    assert "form-action 'self' https://login.example.com;" in policy
    assert "img-src 'self' blob: data:;" in policy


def test_it_puts_a_source_in_the_place_of_none():
    assert "default-src https://a.example;" in content_security_policy({"default-src": ["https://a.example"]})


@pytest.mark.parametrize("source", ["https://a.example; script-src *", "x\r\nSet-Cookie: a=b", "a,b", ""])
def test_it_refuses_a_source_that_would_break_out(source):
    with pytest.raises(ValueError, match="cannot be a source"):
        content_security_policy({"form-action": [source]})


def test_it_keeps_pages_of_signed_in_people_out_of_caches(signed_in):
    assert signed_in.get("/page/")["Cache-Control"] == "private, no-store"


def test_it_leaves_a_views_own_caching_alone(signed_in):
    assert signed_in.get("/kept/")["Cache-Control"] == "private, max-age=60"


def test_it_says_nothing_about_caching_to_strangers(client):
    assert "Cache-Control" not in client.get("/whoami/").headers
