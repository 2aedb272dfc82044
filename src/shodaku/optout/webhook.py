"""The door of an SMS provider: a text comes in, and the answer to it goes out with the response.

Who knows the secret of the workspace may knock. It is a file beside the keys; without it there is no door.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts import selectors as accounts
from shodaku.kit import clock, runtime
from shodaku.kit.keys import write_secret
from shodaku.kit.ui.csp import public_page
from shodaku.optout import services

BODY_BYTES_MAX: Final = 65_536
SECRET_BYTES: Final = 24
_BEARER: Final = "Bearer "


def secret_file(workspace_id: int) -> Path:
    return runtime.current().keys / f"inbound.{workspace_id}"


def new_secret(workspace_id: int) -> str:
    """Opens the door, or changes its lock: the secret before this one opens nothing any more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    file = secret_file(workspace_id)
    file.unlink(missing_ok=True)
    write_secret(file, secret.encode())
    return secret


@method_decorator(csrf_exempt, name="dispatch")  # a provider has no cookie; the secret is its right
class SmsView(View):
    """`POST /inbound/sms/<workspace>` with the form fields `From` and `Body`; 200 when all is written."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str, secret: str = "") -> HttpResponse:
        workspace = accounts.workspace_by_slug(slug)
        given = secret or request.headers.get("Authorization", "").removeprefix(_BEARER)
        if workspace is None or not _opens(workspace.workspace_id, given):
            return _answer("", 404)  # the same for no workspace, no door and a wrong secret
        if len(request.body) > BODY_BYTES_MAX:
            return _answer("", 413)
        sender, text = request.POST.get("From", ""), request.POST.get("Body", "")
        if not sender:
            return _answer("", 400)
        reply = services.receive_sms(workspace.workspace_id, sender, text, clock.now())
        return _answer(reply or "", 200)


def _opens(workspace_id: int, given: str) -> bool:
    try:
        secret = secret_file(workspace_id).read_bytes()
    except FileNotFoundError:
        secret = b""
    return bool(secret) and hmac.compare_digest(secret, given.encode())


def _answer(text: str, status: int) -> HttpResponse:
    return public_page(HttpResponse(text, status=status, content_type="text/plain; charset=utf-8"))
