"""What protects people: erasures with their certificates, the never-contact list, the ledger."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from shodaku.accounts.domain import Act
from shodaku.console.acts import record
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.contacts.domain import AddressError, Channel, parse_email
from shodaku.erasure import selectors as erasure
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppression
from shodaku.suppression import services as suppression_services


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def erasures(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list cannot be read, only asked by address: a POST, so that no URL holds one."""
    context: dict[str, object] = {
        "erasures": erasure.erasures(visitor.workspace_id),
        "count": suppression.count_suppressed(visitor.workspace_id),
    }
    if request.method == "POST":
        context |= _look_up(visitor, request.POST.get("address", ""))
    return show(request, visitor, "console/erasures.html", context, current="erasures")


def _look_up(visitor: Visitor, text: str) -> dict[str, object]:
    try:
        address = parse_email(text)
    except AddressError as fault:
        return {"asked": text, "fault": fault}
    pair = suppression_services.tokens(visitor.workspace_id, Channel.EMAIL, address.address)
    found = suppression.suppressed(visitor.workspace_id, [pair]).get(pair.strict)
    record(visitor, "admin.suppression.asked", {"found": found is not None}, clock.now())
    return {"asked": text, "found": found}


@require_safe
@allowed(Act.READ)
def ledger_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Reads every entry again: the seal stands only where this check has just passed."""
    audit = ledger.audit(visitor.workspace_id)
    return show(request, visitor, "console/ledger.html", {"audit": audit}, current="ledger")
