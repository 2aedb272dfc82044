"""Where the files of a form go while it is read."""

from __future__ import annotations

from typing import IO

from django.core.files.uploadhandler import MemoryFileUploadHandler


class InMemory(MemoryFileUploadHandler):
    """A file of a form never becomes one of ours, whatever its size: for papers and proofs of persons.

    Before it, Django's ASGI handler has taken in the whole body: in memory up to
    FILE_UPLOAD_MAX_MEMORY_SIZE, which the settings hold above what such a page takes; beyond it in a
    temporary file without a name. How much that can be at most: `config.body_limit`.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
        self.activated = True
