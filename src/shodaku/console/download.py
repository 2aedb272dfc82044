"""A table as a file to take along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from shodaku.imports.domain import OutEncoding, file_head, write_row


def csv_answer(head: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> HttpResponse:
    """Every cell is guarded: none becomes a formula in a spreadsheet. Nobody on the way keeps a copy."""
    lines = [file_head(OutEncoding.UTF_8), write_row(head).line, *(write_row(row).line for row in rows)]
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response
