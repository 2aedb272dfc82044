"""Around the pages of the sign-in library: a second factor that is set up, changed or removed ends every
other sign-in of the same person, and the code to scan is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from shodaku.accounts.signing_in import end_other_sign_ins
from shodaku.kit.ui import csp

# pages of allauth that change what somebody can sign in with; the password's page ends the others by itself
_CHANGES: Final = frozenset({
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_remove_webauthn",
    "mfa_generate_recovery_codes",
})  # fmt: skip
_WITH_CODE: Final = "mfa_activate_totp"  # its QR code is a data: URL, which our policy refuses elsewhere

# their forms end at the organisation's provider, and Chromium holds redirects to the policy too
_LEADS_OUT: Final = frozenset({"account_login", "openid_connect_login"})


class SecondFactorMiddleware:
    """Stands after authentication and messages, before the views of allauth."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        page = _page(request)
        if page in _LEADS_OUT and settings.OUTSIDE is not None:
            return csp.allow(self._answer(request, page), {"form-action": settings.OUTSIDE.origin})
        if page == _WITH_CODE:
            return csp.allow(self._answer(request, page), {"img-src": "data:"})
        return self._answer(request, page)

    def _answer(self, request: HttpRequest, page: str) -> HttpResponseBase:
        if request.method != "POST" or page not in _CHANGES or not request.user.is_authenticated:
            return self.get_response(request)
        staff: Any = request.user  # the model stands behind AnonymousUser
        before = _factors(staff.id)
        response = self.get_response(request)
        if _factors(staff.id) != before:
            end_other_sign_ins(request, staff.id)
        return response


def _page(request: HttpRequest) -> str:
    """Name of the page that is asked for; "" for one that is not there."""
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _factors(staff_id: int) -> list[tuple[int, object]]:
    """Each with when it was made and its codes: another set of codes under one number is another factor."""
    found = Authenticator.objects.filter(user_id=staff_id).order_by("id")
    return [(each.id, (each.created_at, each.data.get("seed"))) for each in found]
