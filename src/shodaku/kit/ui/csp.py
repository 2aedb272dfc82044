"""Headers that keep pages inert: one Content Security Policy for all, which a view may only widen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

Response = TypeVar("Response", bound=HttpResponseBase)

BASE: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
# mails bring their own styles, so they live alone: an opaque origin that can run and send nothing
PREVIEW = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox"
)
# the same for everybody to read: its links open beside it, as pages that no sandbox binds
ARCHIVED = f"{PREVIEW} allow-popups allow-popups-to-escape-sandbox"
# a file for programs of others: opened by itself it is nothing but a picture
FILE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
FOR_EVER = "public, max-age=31536000, immutable"
HEADER = "Content-Security-Policy"
ROBOTS = "X-Robots-Tag"


class CspMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy(getattr(response, "csp_extra", {})))
        response.headers.setdefault("Referrer-Policy", "same-origin")  # with none at all a form has no Origin
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if getattr(response, "for_everybody", False):
            response.cookies.clear()
            del response.headers["Vary"]  # it is the same for every language and every visitor
            del response.headers["Content-Language"]
        return response


def policy(extra: Mapping[str, str]) -> str:
    """The policy of every page plus `extra` sources by directive."""
    added = {name: _joined(BASE.get(name, ""), sources) for name, sources in extra.items()}
    return "; ".join(f"{name} {sources}" for name, sources in {**BASE, **added}.items())


def _joined(base: str, sources: str) -> str:
    # 'none' beside another source is ignored by browsers, with a complaint in the console
    return f"{base} {sources}".strip() if base != "'none'" else sources


def allow(response: Response, extra: Mapping[str, str]) -> Response:
    """Let this one page do a little more, e.g. `{"frame-src": "'self'"}` to show a preview."""
    known: Mapping[str, str] = getattr(response, "csp_extra", {})
    merged = {name: f"{known.get(name, '')} {sources}".strip() for name, sources in extra.items()}
    response.csp_extra = {**known, **merged}  # type: ignore[attr-defined] # read by the middleware above
    return response


def preview(response: Response) -> Response:
    """For a mail that is shown by its own URL inside `<iframe sandbox>`."""
    response.headers[HEADER] = PREVIEW
    return public_page(response)


def archived(response: Response) -> Response:
    """For a mail that everybody may see, by its own URL inside `<iframe sandbox>`."""
    response.headers[HEADER] = ARCHIVED
    response.headers[ROBOTS] = "noindex"  # the page around it is what is to be found
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def public_page(response: Response) -> Response:
    """For every page behind a token, its answer to POST too: nobody stores it, nobody lists it, no cookie."""
    patch_cache_control(response, no_store=True, private=True)
    response.headers[ROBOTS] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"  # the URL is the capability
    return response


def public_file(response: Response) -> Response:
    """For a file whose address never shows anything else: anybody keeps it for ever; no cookie with it."""
    response.headers[HEADER] = FILE
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # webmail shows it on its own pages
    response.headers[ROBOTS] = "noindex"
    response.for_everybody = True  # type: ignore[attr-defined] # read by the middleware above
    return response


def is_public(response: HttpResponseBase) -> bool:
    return "noindex" in response.headers.get(ROBOTS, "")
