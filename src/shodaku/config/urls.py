"""Where each room's pages are mounted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from shodaku.kit import db


def home(_request: HttpRequest) -> HttpResponse:
    return redirect("console_choose")


def health(_request: HttpRequest) -> HttpResponse:
    """For the supervisor and load balancers: the web server answers and reaches its database."""
    with db.transaction(None) as connection:
        connection.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home),
    path("health", health),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("console/", include("shodaku.console.urls")),
    path("", include("shodaku.signup.urls")),
    path("", include("shodaku.optout.urls")),
]
