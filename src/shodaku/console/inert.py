"""What was kept is handed out so that nothing in it can act: its own type, no guessing, no copy kept."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse

from shodaku.kit.ui import csp

# a browser lays a picture out with a style of its own; nothing else is loaded, run or sent
_POLICY: Final = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'; sandbox"
)


def shown(data: bytes, media_type: str, name: str) -> HttpResponse:
    """In the window itself: only what was made here, a picture that was written anew."""
    return _answer(data, media_type, f'inline; filename="{name}"')


def attached(data: bytes, media_type: str, name: str) -> HttpResponse:
    return _answer(data, media_type, f'attachment; filename="{name}"')


def _answer(data: bytes, media_type: str, disposition: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[csp.HEADER] = _POLICY
    return response
