"""Measurements that need no web server, printed as JSON: writing a page of looks, and making thumbnails."""

# ruff: noqa: E402 - models can be imported only once Django is set up
from __future__ import annotations

import io
import json
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.utils import timezone
from PIL import Image, ImageChops, ImageStat

from avatars.heygen import LookRecord
from avatars.library import mirror, thumbnails
from avatars.library.facts import look_facts
from avatars.library.sync import COMMIT_PAUSE, COMMIT_ROWS
from avatars.models import Look

ROWS = 2000
Measured = dict[str, float]


def records(batch: str, name: str) -> list[LookRecord]:
    """A few thousand looks as HeyGen would list them."""
    return [
        LookRecord(
            id=f"bench-{batch}-{number:06d}",
            name=f"{name} {number}",
            avatar_type="photo_avatar",
            status="completed",
            supported_api_engines=["avatar_v", "avatar_iv"],
            image_width=1080,
            image_height=1920,
        )
        for number in range(ROWS)
    ]


def sync() -> Measured:
    """Rows a second by the mirror, a commit a page, against one `update_or_create` a row; and an unchanged repeat."""
    ours_insert = _rows_per_second(lambda: _mirror(records("ours", "first")))
    ours_update = _rows_per_second(lambda: _mirror(records("ours", "second")))
    theirs_insert = _rows_per_second(lambda: _one_by_one(records("theirs", "first")))
    theirs_update = _rows_per_second(lambda: _one_by_one(records("theirs", "second")))
    written = _mirror(records("ours", "second"))
    Look.objects.filter(heygen_id__startswith="bench-").delete()
    return {
        "insert": ours_insert,
        "update": ours_update,
        "insert_ratio": ours_insert / theirs_insert,
        "update_ratio": ours_update / theirs_update,
        "unchanged_written": written,
    }


def importer() -> Measured:
    """Write pages as the sync does, with its pauses, until it is ended."""
    number = 0
    while True:
        number += 1
        for page in _pages(records("import", f"round {number}")):
            mirror.save_looks(page, ownership="public", now=timezone.now())
            time.sleep(COMMIT_PAUSE)


def pictures() -> Measured:
    """CPU of the whole job against the sum of its parts, two threads against one, size, and likeness."""
    content = _encoded(_photo(), "PNG")
    parts = _cpu(lambda: _decode(content)) + _cpu(_reduce(content)) + _cpu(_encode(content))
    job = _cpu(lambda: thumbnails.shrink(content))
    one, two = _wall(content, 1), _wall(content, 2)
    small = thumbnails.shrink(content)
    reference = Image.open(io.BytesIO(content)).convert("RGB")
    reference.thumbnail((thumbnails.LONG_EDGE,) * 2, Image.Resampling.LANCZOS)
    return {
        "ratio": job / parts,
        "milliseconds": job * 1000,
        "two_threads": one / two,
        "kilobytes": len(small) / 1000,
        "psnr": _psnr(reference, Image.open(io.BytesIO(small)).convert("RGB")),
    }


def _pages(rows: list[LookRecord]) -> list[list[LookRecord]]:
    return [rows[start : start + COMMIT_ROWS] for start in range(0, len(rows), COMMIT_ROWS)]


def _mirror(rows: list[LookRecord]) -> int:
    return sum(len(mirror.save_looks(page, ownership="public", now=timezone.now()).written) for page in _pages(rows))


def _one_by_one(rows: list[LookRecord]) -> None:
    for row in rows:
        facts = look_facts(row, ownership="public", now=timezone.now(), current=None, group=None)
        Look.objects.update_or_create(heygen_id=row.id, defaults=facts)


def _rows_per_second(work: Callable[[], Any]) -> float:
    """By CPU time: what others do on the machine meanwhile is none of our business."""
    started = time.process_time()
    work()
    return ROWS / (time.process_time() - started)


def _photo() -> Image.Image:
    """Something with the detail of a photo: noise that is weaker the finer it is, the same each time."""
    dice = random.Random(5)
    picture = Image.new("RGB", (1920, 1080), "grey")
    for columns, weight in ((4, 0.7), (12, 0.4), (40, 0.2), (120, 0.1), (480, 0.03)):
        rows = columns * 9 // 16 or 1
        noise = Image.frombytes("RGB", (columns, rows), dice.randbytes(columns * rows * 3))
        picture = Image.blend(picture, noise.resize(picture.size, Image.Resampling.BICUBIC), weight)
    return picture


def _encoded(image: Image.Image, image_format: str) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format)
    return out.getvalue()


def _decode(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def _reduce(content: bytes) -> Callable[[], None]:
    image = _decode(content)
    box = (thumbnails.LONG_EDGE,) * 2
    return lambda: image.copy().thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encode(content: bytes) -> Callable[[], None]:
    image = _decode(content)
    image.thumbnail((thumbnails.LONG_EDGE,) * 2, Image.Resampling.LANCZOS)
    return lambda: image.save(io.BytesIO(), "WEBP", quality=thumbnails.QUALITY, method=4)


def _cpu(work: Callable[[], Any], times: int = 9) -> float:
    """Seconds of CPU, the best of some."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _wall(content: bytes, threads: int, count: int = 16) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(thumbnails.shrink, [content] * count))
        best = min(best, time.perf_counter() - started)
    return best


def _psnr(first: Image.Image, second: Image.Image) -> float:
    from math import log10

    errors = ImageStat.Stat(ImageChops.difference(first, second)).sum2
    mean = sum(errors) / (first.width * first.height * 3)
    return 99.0 if mean == 0 else 10 * log10(255 * 255 / mean)


if __name__ == "__main__":
    print(json.dumps({"sync": sync, "importer": importer, "pictures": pictures}[sys.argv[1]]()))
