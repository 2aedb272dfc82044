"""Pictures for everybody who has their address: mail programs, and our own pages."""

from __future__ import annotations

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from shodaku.content import selectors
from shodaku.content.brand_colours import stylesheet
from shodaku.content.media import ENDINGS
from shodaku.kit.ui import csp


@require_safe
def picture(request: HttpRequest, token: str, ending: str) -> HttpResponseBase:
    return _served(request, token, ending, small=False)


@require_safe
def small(request: HttpRequest, token: str, ending: str) -> HttpResponseBase:
    """For lists of the library."""
    return _served(request, token, ending, small=True)


@require_safe
def colours(request: HttpRequest, colour: str) -> HttpResponseBase:
    """A style sheet that its address describes whole; it reads nothing and belongs to no workspace."""
    response = csp.public_file(HttpResponse(stylesheet(f"#{colour}"), content_type="text/css; charset=utf-8"))
    answer: HttpResponseBase = (
        get_conditional_response(request, etag=f'"{colour}"', response=response) or response
    )
    return answer


def _served(request: HttpRequest, token: str, ending: str, *, small: bool) -> HttpResponseBase:
    found = selectors.picture_body(token, small=small)
    if found is None or ENDINGS[found.media_type] != ending:
        raise Http404
    response = csp.public_file(HttpResponse(found.body, content_type=found.media_type))
    etag = f'"{hashlib.sha256(found.body).hexdigest()}"'
    response.headers["ETag"] = etag
    answer: HttpResponseBase = get_conditional_response(request, etag=etag, response=response) or response
    return answer
