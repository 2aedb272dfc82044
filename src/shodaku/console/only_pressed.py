"""Addresses that only take presses, opened by hand, by reloading or after signing in: a sentence, a way on.

Without it the browser shows a page of its own. Nothing is done, and it stays 405 (RFC 9110, 15.5.6).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

_CONSOLE: Final = "/console/"


class OnlyPressedMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self._get_response(request)
        if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not _looked_at(request):
            return answer
        slug = request.path.removeprefix(_CONSOLE).partition("/")[0]
        context = {
            "title": _("This page cannot be opened by its address"),
            "text": _("A button leads here. Nothing was done. Go back to the page with the button."),
            "tone": "wait",
            "links": [{"href": f"{_CONSOLE}{slug}/", "text": _("Back to the home page")}],
        }
        page = render(request, "ui/message.html", context, status=HTTPStatus.METHOD_NOT_ALLOWED)
        page.headers["Allow"] = answer.headers["Allow"]
        return page


def _looked_at(request: HttpRequest) -> bool:
    return request.method == "GET" and request.path.startswith(_CONSOLE) and request.accepts("text/html")
