"""Request bodies that are sent from disk, a block at a time, with their length known beforehand."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterator
from typing import IO

Progress = Callable[[int, int], None]

_BLOCK = 64 * 1024


class StreamedBody:
    """Bytes before, a file, bytes after: read by the HTTP library in blocks and announced by an exact Content-Length.

    `size` is the number of bytes the file still holds from where it stands. `progress(sent, total)` is called after
    each block with the file's own bytes; an exception it raises ends the request.
    """

    def __init__(
        self,
        fileobj: IO[bytes],
        size: int,
        *,
        before: bytes = b"",
        after: bytes = b"",
        progress: Progress | None = None,
    ) -> None:
        if size <= 0:
            # An empty body would make the HTTP library fall back to chunked encoding.
            raise ValueError("An empty file cannot be uploaded.")
        if remaining_bytes(fileobj) != size:
            raise ValueError("The file does not have the announced size.")
        self._file = fileobj
        self._size = size
        self._sent = 0
        self._before = io.BytesIO(before)
        self._after = io.BytesIO(after)
        self._length = len(before) + size + len(after)
        self._progress = progress

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        # The HTTP library takes a body for a stream only when it can be iterated; it then calls read().
        while block := self.read(_BLOCK):
            yield block

    def read(self, amount: int = _BLOCK) -> bytes:
        """The next block, b"" at the end. Raises OSError when the file has become shorter than announced."""
        if block := self._before.read(amount):
            return block
        left = self._size - self._sent
        if left <= 0:
            return self._after.read(amount)
        block = self._file.read(min(amount, left))
        if not block:
            raise OSError("The file ended before its announced size.")
        self._sent += len(block)
        if self._progress is not None:
            self._progress(self._sent, self._size)
        return block


def remaining_bytes(fileobj: IO[bytes]) -> int:
    """The number of bytes between the file's position and its end."""
    here = fileobj.tell()
    end = fileobj.seek(0, os.SEEK_END)
    fileobj.seek(here)
    return end - here


def multipart_file(
    fileobj: IO[bytes], *, filename: str, media_type: str, progress: Progress | None = None
) -> tuple[StreamedBody, str]:
    """(body, content type) of a multipart form with the single part ``file``."""
    if not media_type.isprintable() or not media_type.isascii():
        raise ValueError("The media type is not one.")
    boundary = secrets.token_hex(16)
    name = filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    before = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    ).encode("utf-8", "replace")
    after = f"\r\n--{boundary}--\r\n".encode("ascii")
    body = StreamedBody(fileobj, remaining_bytes(fileobj), before=before, after=after, progress=progress)
    return body, f"multipart/form-data; boundary={boundary}"
