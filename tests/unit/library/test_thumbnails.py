"""From bytes of strangers to small pictures of ours, and from a dying address to a copy that stays."""

from __future__ import annotations

import http.server
import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from avatars.heygen import Unavailable
from avatars.library import thumbnails
from avatars.library.facts import picture_digest, wants_thumbnail
from avatars.models import AvatarGroup, Job, Look
from avatars.step import Step


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "thumbs"


def encoded(image: Image.Image, image_format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def photo(width: int = 1920, height: int = 1080, mode: str = "RGB") -> Image.Image:
    return Image.radial_gradient("L").resize((width, height)).convert(mode)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_of_picture_becomes_a_small_webp(image_format: str) -> None:
    small = opened(thumbnails.shrink(encoded(photo(), image_format)))
    assert (small.format, small.size) == ("WEBP", (480, 270))


@pytest.mark.parametrize("size", [(100, 60), (480, 480), (1, 1)])
def test_a_small_picture_keeps_its_size(size: tuple[int, int]) -> None:
    assert opened(thumbnails.shrink(encoded(photo(*size)))).size == size


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "CMYK", "RGBA", "LA"])
def test_every_colour_mode_is_taken(mode: str) -> None:
    base = photo(600, 400)
    if mode == "I;16":
        picture, image_format = Image.new("I;16", (600, 400), 30_000), "PNG"
    else:
        picture, image_format = base.convert(mode), "JPEG" if mode == "CMYK" else "PNG"
    assert opened(thumbnails.shrink(encoded(picture, image_format))).size == (480, 320)


def test_transparency_stays() -> None:
    assert opened(thumbnails.shrink(encoded(Image.new("RGBA", (600, 400), (255, 0, 0, 10))))).mode == "RGBA"


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_turned_photo_stands_upright_and_tells_nothing(mode: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    picture = Image.new("RGB", (800, 400), "white")
    picture.paste("black", (0, 0, 400, 400))
    small = opened(thumbnails.shrink(encoded(picture.convert(mode), "JPEG", exif=exif.tobytes(), quality=95)))
    assert small.size == (240, 480)
    assert small.convert("L").getpixel((120, 40)) < 60 < 200 < small.convert("L").getpixel((120, 440))
    assert not small.getexif()
    assert b"taken at home" not in thumbnails.shrink(encoded(picture, "JPEG", exif=exif.tobytes()))


def png_that_claims(width: int, height: int) -> bytes:
    """A tiny file whose header promises a giant picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        encoded(photo())[:500],
        encoded(photo(), "JPEG")[:-5000],
        encoded(photo(), "BMP"),
        encoded(photo(), "TIFF"),
        png_that_claims(8000, 8000),
        png_that_claims(60_000, 60_000),
        png_that_claims(2**31 - 1, 1),
        png_that_claims(0, 10),
    ],
    ids=["empty", "text", "svg", "postscript", "cut png", "cut jpeg", "bmp", "tiff", "64 megapixels",
         "bomb", "strip", "none"],
)  # fmt: skip
def test_what_is_no_picture_of_ours_is_refused(content: bytes, media: Path) -> None:
    with pytest.raises(thumbnails.NotAPicture):
        thumbnails.store_thumbnail(content)
    assert not media.exists() or not list(media.iterdir())


def test_a_stored_picture_has_a_random_name_and_no_leftovers(media: Path) -> None:
    names = {thumbnails.store_thumbnail(encoded(photo(64, 64))) for _ in range(3)}
    assert {path.name for path in media.iterdir()} == names
    assert all(len(name) == 37 and name.endswith(".webp") for name in names)
    assert thumbnails.thumbnail_url("a.webp") == "/media/thumbs/a.webp"
    assert thumbnails.thumbnail_url("") == ""


def test_deleting_stays_inside_the_folder(media: Path) -> None:
    outside = media.parent / "precious.webp"
    outside.write_bytes(b"x")
    thumbnails.store_thumbnail(encoded(photo(8, 8)))
    thumbnails.delete_thumbnail("../precious.webp")
    thumbnails.delete_thumbnail("")
    assert outside.exists()


# --- Fetching -------------------------------------------------------------------------------------------------------


@dataclass
class PictureHost:
    """A web server on this machine that stands for HeyGen's picture host and for the API that signs addresses."""

    url: str = ""
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def host(settings: Any) -> Iterator[PictureHost]:
    known = PictureHost()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            status, media_type, body = known.answers.get(self.path, (404, "application/json", b"{}"))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    known.url = settings.HEYGEN_API_BASE = f"http://127.0.0.1:{server.server_address[1]}"
    settings.REQUESTS_PER_SECOND = 500.0
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def look(host: PictureHost, db: None) -> Look:
    return Look.objects.create(heygen_id="look-1", preview_image_url=f"{host.url}/old.png?sig=1", status="ready")


Run = Callable[..., None]


@pytest.fixture
def run(django_capture_on_commit_callbacks: Any) -> Run:
    """Do the job of a row as the worker does, commit callbacks included."""

    def fetch(row: Look | AvatarGroup, *, attempts: int = 1) -> None:
        kind = "look.thumbnail" if isinstance(row, Look) else "group.thumbnail"
        Job.objects.filter(kind=kind).delete()
        Job.objects.enqueue(kind, row.pk)
        job = Job.objects.get(kind=kind)
        job.lease_token, job.attempts = "mine", attempts
        job.save()
        handler = thumbnails.fetch_look_thumbnail if isinstance(row, Look) else thumbnails.fetch_group_thumbnail
        step = Step(job)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                assert handler(step) is None
        finally:
            step.close()
        row.refresh_from_db()

    return fetch


def serve(host: PictureHost, path: str, content: bytes, *, status: int = 200, media_type: str = "image/png") -> None:
    host.answers[path] = (status, media_type, content)


def test_it_keeps_a_copy_and_removes_the_one_before(host: PictureHost, look: Look, run: Run, media: Path) -> None:
    serve(host, "/old.png?sig=1", encoded(photo()))
    run(look)
    first = look.thumbnail
    assert (media / first).is_file()
    assert look.thumbnail_of == picture_digest(look.preview_image_url)
    assert not wants_thumbnail(look)
    run(look)
    assert host.asked == ["/old.png?sig=1"]
    Look.objects.update(preview_image_url=f"{host.url}/new.png")
    look.refresh_from_db()
    serve(host, "/new.png", encoded(photo(300, 300)))
    run(look)
    assert [path.name for path in media.iterdir()] == [look.thumbnail] != [first]


def test_a_dead_address_is_exchanged_for_a_fresh_one_once(host: PictureHost, look: Look, run: Run) -> None:
    serve(host, "/old.png?sig=1", b"expired", status=403)
    fresh = f'{{"data": {{"id": "look-1", "status": "completed", "preview_image_url": "{host.url}/old.png?sig=2"}}}}'
    serve(host, "/v3/avatars/looks/look-1", fresh.encode(), media_type="application/json")
    serve(host, "/old.png?sig=2", encoded(photo()))
    run(look)
    assert look.thumbnail
    assert not wants_thumbnail(look)
    assert [urlsplit(path).path for path in host.asked] == ["/old.png", "/v3/avatars/looks/look-1", "/old.png"]


def test_a_picture_that_stays_dead_is_given_up_politely(host: PictureHost, look: Look, run: Run) -> None:
    serve(host, "/old.png?sig=1", b"", status=404)
    run(look)
    assert not look.thumbnail
    assert wants_thumbnail(look)
    assert len(host.asked) == 2


def test_groups_have_pictures_too(host: PictureHost, db: None, run: Run) -> None:
    group = AvatarGroup.objects.create(heygen_id="g", preview_image_url=f"{host.url}/g.png")
    serve(host, "/g.png", encoded(photo()))
    run(group)
    assert group.thumbnail


def test_trouble_is_tried_again_and_then_left_to_the_next_sync(host: PictureHost, look: Look, run: Run) -> None:
    serve(host, "/old.png?sig=1", b"", status=503)
    with pytest.raises(Unavailable):
        run(look, attempts=1)
    run(look, attempts=thumbnails.ATTEMPTS)
    assert not look.thumbnail


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"<html>", "text/html"), (b"<html>", "image/png"), (b"x" * (thumbnails.BYTES_MAX + 1), "image/png")],
)
def test_what_is_no_picture_leaves_the_old_copy(
    host: PictureHost, look: Look, run: Run, content: bytes, media_type: str
) -> None:
    Look.objects.update(thumbnail="kept.webp")
    serve(host, "/old.png?sig=1", content, media_type=media_type)
    run(look, attempts=thumbnails.ATTEMPTS)
    assert look.thumbnail == "kept.webp"


def test_only_known_hosts_are_asked(host: PictureHost, look: Look, run: Run, settings: Any) -> None:
    settings.HEYGEN_API_BASE = "https://api.heygen.com"
    serve(host, "/old.png?sig=1", encoded(photo()))
    for address in (f"{host.url}/old.png?sig=1", "https://169.254.169.254/x.png", "ftp://files.heygen.ai/x", "x"):
        Look.objects.update(preview_image_url=address)
        look.refresh_from_db()
        run(look)
    assert not look.thumbnail
    assert host.asked == []


def test_a_look_that_is_gone_or_deleted_is_left_alone(host: PictureHost, look: Look, run: Run) -> None:
    Look.objects.update(gone_at=look.created_at)
    look.refresh_from_db()
    run(look)
    assert host.asked == []
    Job.objects.enqueue("look.thumbnail", 10**9)
    assert thumbnails.fetch_look_thumbnail(Step(Job.objects.get(subject=str(10**9)))) is None


def test_a_lost_lease_leaves_no_file_behind(host: PictureHost, look: Look, media: Path) -> None:
    from avatars.step import LeaseLost

    serve(host, "/old.png?sig=1", encoded(photo()))
    Job.objects.enqueue("look.thumbnail", look.pk)
    job = Job.objects.get(kind="look.thumbnail")
    job.lease_token = "not mine any more"
    with pytest.raises(LeaseLost):
        thumbnails.fetch_look_thumbnail(Step(job))
    look.refresh_from_db()
    assert not look.thumbnail
    assert not list(media.iterdir())
