"""Stored pictures are served by their random names, uploads never."""

import pytest

NAME = "0123456789abcdef0123456789abcdef.webp"
pytestmark = pytest.mark.urls("tests.unit.portal.urls")


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "thumbs").mkdir()
    (tmp_path / "thumbs" / NAME).write_bytes(b"RIFFpicture")
    return tmp_path


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_it_serves_a_picture_without_a_session_or_a_query(media, client):
    """No database mark on this test: any query would fail it."""
    response = client.get(f"/media/thumbs/{NAME}")
    assert response.status_code == 200
    assert body(response) == b"RIFFpicture"
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Length"] == "11"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


def test_it_answers_head_with_the_size_alone(media, client):
    response = client.head(f"/media/thumbs/{NAME}")
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "11", b"")


@pytest.mark.parametrize(
    "path",
    [
        "thumbs/ffffffffffffffffffffffffffffffff.webp",
        "thumbs/0123456789ABCDEF0123456789ABCDEF.webp",
        f"thumbs/{NAME}%0a",
        f"thumbs/../thumbs/{NAME}",
        f"thumbs/%2e%2e/thumbs/{NAME}",
        f"thumbs//{NAME}",
        f"thumbs/{NAME}/",
        "thumbs/",
        "thumbs/../secret",
        "incoming/upload.mp4",
        "uploads/photo.jpg",
        "",
    ],
)
def test_it_serves_nothing_else(media, client, path):
    for name in ("incoming/upload.mp4", "uploads/photo.jpg", "secret"):
        (media / name).parent.mkdir(exist_ok=True)
        (media / name).write_bytes(b"private")
    response = client.get(f"/media/{path}")
    assert response.status_code == 404
    assert body(response) == b"Not found."


def test_it_takes_no_posts(media, client):
    assert client.post(f"/media/thumbs/{NAME}").status_code == 405
