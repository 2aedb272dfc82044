"""What protects people: erasures with their certificates, and the never-contact list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from shodaku.accounts.domain import Act
from shodaku.console.acts import record
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.sealed_evidence import section
from shodaku.console.unsealing_form import UnsealingForm
from shodaku.contacts.domain import AddressError, Channel, parse_email
from shodaku.erasure import selectors as erasure
from shodaku.kit import clock
from shodaku.suppression import selectors as suppression
from shodaku.suppression import services as suppression_services


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def erasures(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list cannot be read, only asked by address: a POST, so that no URL holds one."""
    looked_up = _look_up(visitor, request.POST.get("address", "")) if request.method == "POST" else {}
    return erasures_page(request, visitor, clock.now(), looked_up)


def erasures_page(
    request: HttpRequest,
    visitor: Visitor,
    now: datetime,
    looked_up: Mapping[str, object] | None = None,
    *,
    form: UnsealingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """With what somebody looked up, or with a request for sealed evidence that was not taken."""
    context = {
        "erasures": erasure.erasures(visitor.workspace_id),
        "count": suppression.count_suppressed(visitor.workspace_id),
        **section(visitor, now, form),
        **(looked_up or {}),
    }
    response = show(request, visitor, "console/erasures.html", context, current="erasures", status=status)
    if form is not None:
        patch_cache_control(response, no_store=True, private=True)  # an address stands on it, as typed
    return response


def _look_up(visitor: Visitor, text: str) -> dict[str, object]:
    try:
        address = parse_email(text)
    except AddressError as fault:
        return {"asked": text, "fault": fault}
    pair = suppression_services.tokens(visitor.workspace_id, Channel.EMAIL, address.address)
    found = suppression.suppressed(visitor.workspace_id, [pair]).get(pair.strict)
    record(visitor, "admin.suppression.asked", {"found": found is not None}, clock.now())
    return {"asked": text, "found": found}
