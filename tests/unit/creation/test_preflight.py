"""Content checks: what a file is, and whether it may be paid for."""

from __future__ import annotations

import io
import subprocess
import zlib
from pathlib import Path

import pytest
from PIL import Image

from avatars.creation import media
from avatars.creation.media import Facts, measure
from avatars.creation.preflight import Purpose, inspect, judge, purpose_of, stop_text
from avatars.models import Upload
from avatars.states import Kind
from tests.builders import footage_bytes, photo_bytes


def write(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def levels(path: Path, purpose: Purpose) -> list[str]:
    return [check["level"] for check in inspect(path, purpose=purpose).checks]


def text(path: Path, purpose: Purpose) -> str:
    return " ".join(check["text"] for check in inspect(path, purpose=purpose).checks)


def picture(image_format: str, size: tuple[int, int] = (600, 800), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, image_format)
    return out.getvalue()


def ffmpeg(*arguments: str, to: str) -> bytes:
    """What ffmpeg makes of a test picture, in the container `to`."""
    made = subprocess.run(
        ["ffmpeg", "-loglevel", "error", *arguments, "-movflags", "frag_keyframe+empty_moov", "-f", to, "pipe:1"],
        check=True,
        capture_output=True,
    )
    return made.stdout


def test_it_tells_the_type_from_the_bytes_and_never_from_the_name(tmp_path: Path) -> None:
    assert measure(write(tmp_path, photo_bytes(), "movie.mp4")).media_type == "image/jpeg"
    assert measure(write(tmp_path, photo_bytes(image_format="PNG"), "photo.jpg")).media_type == "image/png"
    assert measure(write(tmp_path, footage_bytes(), "photo.png")).media_type == "video/mp4"


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (picture("WEBP"), "Save it as JPEG or PNG"),
        (picture("GIF"), "Save it as JPEG or PNG"),
        (picture("TIFF"), "Save it as JPEG or PNG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "Export it as JPEG"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", "Save it as JPEG or PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Save it as JPEG or PNG"),
        (b"%PDF-1.7 whatever", "JPEG or PNG picture"),
        (b"x", "unknown"),
    ],
)
def test_it_refuses_other_pictures_and_says_what_to_do(tmp_path: Path, content: bytes, advice: str) -> None:
    path = write(tmp_path, content)
    assert levels(path, Purpose.PHOTO) == ["stop"]
    assert advice in text(path, Purpose.PHOTO)


@pytest.mark.parametrize(
    ("content", "called"),
    [
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "MOV"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x08mdat", "MOV"),
        (b"\x1aE\xdf\xa3\xa3B\x86\x81\x01matroska", "MKV"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "AVI"),
    ],
)
def test_it_refuses_other_videos_and_asks_for_an_mp4(tmp_path: Path, content: bytes, called: str) -> None:
    path = write(tmp_path, content)
    assert levels(path, Purpose.FOOTAGE) == ["stop"]
    assert called in text(path, Purpose.FOOTAGE)
    assert "Export it as MP4" in text(path, Purpose.FOOTAGE)


def test_it_says_when_a_photo_stands_where_footage_belongs_and_the_other_way_round(tmp_path: Path) -> None:
    assert "needs footage" in text(write(tmp_path, photo_bytes()), Purpose.FOOTAGE)
    assert "needs a photo" in text(write(tmp_path, footage_bytes()), Purpose.PHOTO)
    assert "must be a JPEG or PNG" in text(write(tmp_path, footage_bytes()), Purpose.REFERENCE)


def test_good_footage_passes_with_its_length_and_size(tmp_path: Path) -> None:
    facts = measure(write(tmp_path, footage_bytes()))
    assert (facts.width, facts.height, facts.has_sound) == (320, 240, True)
    assert facts.duration == pytest.approx(16, abs=0.2)


@pytest.mark.parametrize(
    ("seconds", "level"), [(14.99, "stop"), (15, "pass"), (600, "pass"), (600.1, "stop"), (0, "stop"), (8, "stop")]
)
def test_footage_must_last_fifteen_seconds_to_ten_minutes(seconds: float, level: str) -> None:
    checks = judge(Facts("video/mp4", 1000, 1920, 1080, seconds), Purpose.FOOTAGE)
    assert checks[0]["level"] == level


def test_a_length_just_too_short_is_not_called_fifteen_seconds() -> None:
    checks = judge(Facts("video/mp4", 1000, 1920, 1080, 14.98), Purpose.FOOTAGE)
    assert "14.9 seconds" in checks[0]["text"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts("video/mp4", 1000, 1280, 719, 60), "720p"),
        (Facts("video/mp4", 1000, 1280, 720, 60, has_sound=False), "no sound"),
        (Facts("video/mp4", 100_000_001, 1280, 720, 60), "100 MB"),
    ],
)
def test_footage_that_may_disappoint_is_warned_about_and_still_taken(facts: Facts, words: str) -> None:
    warnings = [check["text"] for check in judge(facts, Purpose.FOOTAGE) if check["level"] == "warn"]
    assert len(warnings) == 1
    assert words in warnings[0]
    assert all(check["level"] != "stop" for check in judge(facts, Purpose.FOOTAGE))


def test_upright_footage_is_measured_by_its_shorter_side() -> None:
    assert all(check["level"] == "pass" for check in judge(Facts("video/webm", 1000, 720, 1280, 60), Purpose.FOOTAGE))


def test_it_finds_the_length_of_a_recording_that_does_not_carry_it(tmp_path: Path) -> None:
    recording = ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=2:d=16", "-c:v", "libvpx", "-deadline", "realtime",
        "-cpu-used", "8", "-live", "1", to="webm",
    )  # fmt: skip
    facts = measure(write(tmp_path, recording))
    assert facts.media_type == "video/webm"
    assert facts.duration == pytest.approx(16, abs=0.5)


def test_sound_alone_is_no_footage(tmp_path: Path) -> None:
    path = write(tmp_path, ffmpeg("-f", "lavfi", "-i", "sine=d=20", "-c:a", "aac", to="mp4"))
    assert levels(path, Purpose.FOOTAGE) == ["stop"]
    assert "no picture" in text(path, Purpose.FOOTAGE)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_footage_that_was_cut_off_in_a_copy_is_stopped(tmp_path: Path, share: float) -> None:
    whole = footage_bytes()
    path = write(tmp_path, whole[: int(len(whole) * share)])
    assert levels(path, Purpose.FOOTAGE) == ["stop"]


def test_garbage_behind_the_mark_of_an_mp4_is_stopped(tmp_path: Path) -> None:
    assert levels(write(tmp_path, b"\x00\x00\x00\x18ftypisom" + b"\x07" * 4000), Purpose.FOOTAGE) == ["stop"]
    assert levels(write(tmp_path, b"\x1aE\xdf\xa3\x9fB\x86webm" + b"\xff" * 4000), Purpose.FOOTAGE) == ["stop"]


@pytest.mark.parametrize(
    ("size", "level"), [((511, 2000), "stop"), ((2000, 511), "stop"), ((512, 512), "pass"), ((3000, 4000), "pass")]
)
def test_a_photo_needs_512_pixels_on_each_side(tmp_path: Path, size: tuple[int, int], level: str) -> None:
    assert levels(write(tmp_path, picture("JPEG", size)), Purpose.PHOTO) == [level]


def test_a_small_reference_is_only_warned_about(tmp_path: Path) -> None:
    assert levels(write(tmp_path, picture("PNG", (200, 200))), Purpose.REFERENCE) == ["warn"]


def test_a_photo_of_more_than_32_mb_is_stopped() -> None:
    assert judge(Facts("image/png", 32_000_000, 900, 900), Purpose.PHOTO)[0]["level"] == "pass"
    assert judge(Facts("image/png", 32_000_001, 900, 900), Purpose.PHOTO)[0]["level"] == "stop"


def test_a_photo_taken_sideways_is_measured_as_it_is_seen(tmp_path: Path) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1200, 800)).save(out, "JPEG", exif=exif)
    facts = measure(write(tmp_path, out.getvalue()))
    assert (facts.width, facts.height) == (800, 1200)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.9])
def test_a_picture_that_was_cut_off_is_stopped(tmp_path: Path, image_format: str, share: float) -> None:
    whole = photo_bytes(image_format=image_format)
    path = write(tmp_path, whole[: int(len(whole) * share)])
    assert levels(path, Purpose.PHOTO) == ["stop"]
    assert "damaged" in text(path, Purpose.PHOTO)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_data_after_the_end_of_a_whole_picture_does_no_harm(tmp_path: Path, image_format: str) -> None:
    polyglot = photo_bytes(image_format=image_format) + b"<script>alert(1)</script>PK\x03\x04" * 10
    facts = measure(write(tmp_path, polyglot))
    assert facts.problem == ""
    assert facts.width == 800


@pytest.mark.parametrize("side", [7100, 20_000])
def test_a_small_file_that_unpacks_to_gigabytes_is_stopped_unread(tmp_path: Path, side: int) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )
    path = write(tmp_path, bomb)
    assert levels(path, Purpose.PHOTO) == ["stop"]
    assert "million pixels" in text(path, Purpose.PHOTO)


def test_an_upload_made_for_one_purpose_is_judged_anew_for_another() -> None:
    small = Upload(
        media_type="image/png", size=1000, width=300, height=300, checks=[{"level": "warn", "text": "small"}]
    )
    assert stop_text(small, Purpose.REFERENCE) == ""
    assert "512" in stop_text(small, Purpose.PHOTO)
    assert "needs footage" in stop_text(small, Purpose.FOOTAGE)


def test_an_upload_nobody_could_read_keeps_its_reason() -> None:
    broken = Upload(media_type="image/png", size=1000, checks=[{"level": "stop", "text": "The picture is damaged."}])
    assert stop_text(broken, Purpose.PHOTO) == "The picture is damaged."


def test_the_role_and_the_kind_decide_the_purpose() -> None:
    assert purpose_of("file", Kind.DIGITAL_TWIN) is Purpose.FOOTAGE
    assert purpose_of("file", Kind.PHOTO) is Purpose.PHOTO
    assert purpose_of("reference", Kind.PROMPT) is Purpose.REFERENCE
    assert purpose_of("reference", Kind.DIGITAL_TWIN) is Purpose.REFERENCE


def test_pillow_is_told_the_limit_for_everybody() -> None:
    assert media.MAX_PIXELS == Image.MAX_IMAGE_PIXELS == 50_000_000
