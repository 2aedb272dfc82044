"""A table as a file to take along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from shodaku.imports.domain import OutEncoding, file_head, write_row

_Answer = TypeVar("_Answer", bound=HttpResponseBase)


def csv_answer(head: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> HttpResponse:
    """Every cell is guarded: none becomes a formula in a spreadsheet. Nobody on the way keeps a copy."""
    lines = [file_head(OutEncoding.UTF_8), write_row(head).line, *(write_row(row).line for row in rows)]
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    return _attached(response, name)


def csv_stream(
    head: Sequence[str], pages: Iterator[Sequence[Sequence[str]]], name: str
) -> StreamingHttpResponse:
    """As `csv_answer`, of any length: a page is asked for when the one before it has left."""
    response = StreamingHttpResponse(_streamed(head, pages), content_type="text/csv; charset=utf-8")
    return _attached(response, name)


async def _streamed(head: Sequence[str], pages: Iterator[Sequence[Sequence[str]]]) -> AsyncIterator[bytes]:
    """Pages are read in a thread: what blocks would be read to its end before the first line left."""
    following = sync_to_async(lambda: next(pages, None))
    yield file_head(OutEncoding.UTF_8) + write_row(head).line
    while (rows := await following()) is not None:
        yield b"".join(write_row(row).line for row in rows)


def _attached(response: _Answer, name: str) -> _Answer:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response
