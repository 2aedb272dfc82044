"""What somebody typed stays theirs when their sign-in ends before the press: nothing is done or lost.

The press is answered with a page that holds what came with it, and sends it once more when its author has
signed in, in another window. Only to a press of our own pages: what a stranger's page sent goes to nobody.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.csrf import csrf_failure

_OURS: Final = "csrfmiddlewaretoken"
_CONSOLE: Final = "/console/"


def kept(request: HttpRequest, page: str, *, status: int) -> HttpResponse | None:
    """None where nothing was typed, and for our scripts, which keep it themselves; `page`: where it was.

    A password is never handed back.
    """
    if request.headers.get("hx-request") or not request.accepts("text/html"):
        return None
    fields = [
        (name, value) for name, values in request.POST.lists() if name != _OURS for value in map(str, values)
    ]
    if not any(_is_typed(value) for _, value in fields) or any("password" in name for name, _ in fields):
        return None
    context = {
        "fields": fields,
        "texts": [value for _, value in fields if _is_typed(value)],
        "files": bool(request.FILES),
        "encoding": request.content_type if request.content_type == "multipart/form-data" else "",
        "page": page,
        "signed_in": request.user.is_authenticated if hasattr(request, "user") else None,
    }
    response = render(request, "console/typed.html", context, status=status)
    patch_cache_control(response, no_store=True, private=True)  # and it tells where it is: its press names us
    return response


def _is_typed(value: str) -> bool:
    """By a person: what our buttons and boxes send is a word or a number."""
    return not value.isascii() or " " in value or "\n" in value or "@" in value


def forged_or_late(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a press without its token: signing in changed it since, or a stranger's page sent it."""
    origin = f"{request.scheme}://{request.get_host()}"
    if request.path.startswith(_CONSOLE) and request.headers.get("origin") == origin:
        answer = kept(request, request.path, status=403)
        if answer is not None:
            return answer
    return csrf_failure(request, reason)
