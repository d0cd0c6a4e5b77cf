"""Every page asks for a sign-in, in the way its caller understands."""

import pytest

pytestmark = [pytest.mark.urls("tests.unit.portal.urls"), pytest.mark.django_db]


def test_it_sends_a_browser_to_the_sign_in_page_and_back(client):
    response = client.get("/page/?q=a+b")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/page/%3Fq%3Da%2Bb"


def test_it_makes_htmx_load_the_sign_in_page_as_a_whole(client):
    response = client.get("/data/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/page/?q=1"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=/page/%3Fq%3D1"
    assert response.content == b""


@pytest.mark.parametrize(
    "address", ["https://evil.example/page/", "//evil.example/", "javascript:alert(1)", "http://testserver.evil/", ""]
)
def test_it_never_leads_back_to_another_host(client, address):
    response = client.get("/data/", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert response["HX-Redirect"] == "/accounts/login/?next=/"


def test_it_answers_json_callers_in_json(client):
    response = client.get("/data/", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "sign_in_required"


def test_it_is_not_cached(client):
    response = client.get("/page/")
    assert response["Cache-Control"] == "no-store"
    assert "Cookie" in response["Vary"]


def test_it_lets_everybody_see_the_sign_in_page(client):
    assert client.get("/accounts/login/").status_code == 200
