"""Which language a page speaks: ?lang=, then the clerk's cookie, then Accept-Language, then Japanese."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.cache import patch_vary_headers

from shodaku.kit.ui.csp import is_public

PARAMETER = "lang"
REMEMBERED_SECONDS = 365 * 24 * 60 * 60


class LanguageMiddleware:
    """Stands after the session middleware. A recipient's choice stays in the URL: no cookie for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = asked(request)
        _speak(request, chosen or translation.get_language_from_request(request))
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if chosen and _is_for_staff(request, response):
            _remember(request, response, chosen)
        return response


def asked(request: HttpRequest) -> str | None:
    """The language that the URL asks for, if we speak it."""
    wish = request.GET.get(PARAMETER, "")
    return wish if wish in dict(settings.LANGUAGES) else None


def follow(request: HttpRequest, language: str) -> None:
    """Speak the contact's language on a public page, unless the URL asks for another."""
    if asked(request) is None and language in dict(settings.LANGUAGES):
        _speak(request, language)


def in_language(request: HttpRequest, language: str) -> str:
    """The URL of this page in another language, everything else unchanged."""
    query = request.GET.copy()
    query[PARAMETER] = language
    return f"{request.path}?{query.urlencode()}"


def _speak(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = language


def _is_for_staff(request: HttpRequest, response: HttpResponseBase) -> bool:
    if is_public(response):
        return False
    # the session's presence is enough: asking for the user would cost a query on every page
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.path == resolve_url(settings.LOGIN_URL)


def _remember(request: HttpRequest, response: HttpResponseBase, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=REMEMBERED_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
