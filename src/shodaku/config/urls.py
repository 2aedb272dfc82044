"""Where each room's pages are mounted."""

from __future__ import annotations

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from shodaku.config import probes


def home(_request: HttpRequest) -> HttpResponse:
    return redirect("console_choose")


def closed(_request: HttpRequest) -> HttpResponse:
    """The name must exist for allauth; a sign-up does not exist, for staff are invited."""
    raise Http404


# Of allauth these alone: its other pages change addresses, or send mails that no permit covers.
_door: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("signup/", closed, name="account_signup"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("failed/", social.login_error, name="socialaccount_login_error"),
    path("outside/", closed, name="socialaccount_signup"),
    path("connected/", closed, name="socialaccount_connections"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home),
    path("health", probes.health),
    path("ready", probes.ready),
    path("metrics", probes.metrics),
    path("accounts/", include(_door)),
    path("api/", include("shodaku.api.urls")),
    path("console/", include("shodaku.console.urls")),
    path("", include("shodaku.content.urls")),
    path("", include("shodaku.signup.urls")),
    path("", include("shodaku.journeys.urls")),
    path("", include("shodaku.delivery.urls")),
    path("", include("shodaku.complaints.urls")),
    path("", include("shodaku.optout.urls")),
    path("", include("shodaku.erasure.urls")),
    path("", include("shodaku.ledger.urls")),
]

handler400 = "shodaku.config.unreadable.bad_request"
