"""The certificate of one's own erasure, for whoever has its link. Nothing is changed by looking at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.erasure import certificates
from shodaku.erasure.certificates import Certificate
from shodaku.kit import clock
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.unusable import unusable

_PARTS = {  # what a table holds, as people call it; whatever is not named is the rest
    "contact": "person",
    "address": "person",
    "address_claim": "person",
    "consent": "consents",
    "consent_event": "consents",
    "basis": "consents",
    "signup_request": "consents",
    "paper_sheet": "consents",
    "reconfirmation": "consents",
    "refusal": "refusals",
    "contact_note": "person",
    "purchase": "purchases",
    "delivery": "messages",
    "chunk": "messages",
    "feedback": "messages",
    "hit": "messages",
    "inbound_message": "messages",
    "ledger_sealed": "evidence",
    "ledger_file": "evidence",
    "ledger_waiting": "evidence",
}


@require_safe
def certificate(request: HttpRequest, link: str) -> HttpResponse:
    found = certificates.read(link, clock.now())
    if found is None:
        return unusable(request)
    workspace_id, opened = found
    workspace = accounts.workspace(workspace_id)
    context = {
        "sender": next(iter(accounts.senders(workspace_id)), None),
        "slug": workspace.slug if workspace else "",
        "certificate": opened if isinstance(opened, Certificate) else None,
        "requested_at": None if isinstance(opened, Certificate) else opened.requested_at,
        "link": link,
        "rows": _rows(opened.counts) if isinstance(opened, Certificate) else [],
    }
    return public_page(render(request, "erasure/certificate.html", context))


@require_safe
def proof(request: HttpRequest, link: str) -> HttpResponse:
    """shodaku-bundle/1, as `shodaku-verify` reads it; where there is none, the page says why."""
    found = certificates.read(link, clock.now())
    if found is None:
        return unusable(request)
    _, opened = found
    if not isinstance(opened, Certificate):
        return public_page(redirect("erasure_certificate", link))
    response = HttpResponse(opened.proof, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="erasure-{opened.entry_id}.json"'
    return public_page(response)


def _rows(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many rows of each kind, in words; what there was nothing of is left out."""
    words = {
        "person": _("Name and addresses"),
        "consents": _("Consents and sign-ups"),
        "refusals": _("Refusals"),
        "purchases": _("Purchases"),
        "messages": _("Messages to you and from you"),
        "evidence": _("Evidence, made unreadable"),
        "rest": _("Other records"),
    }
    of_part: Counter[str] = Counter()
    for table, rows in counts.items():
        of_part[_PARTS.get(table, "rest")] += rows
    return [(text, of_part[part]) for part, text in words.items() if of_part[part]]
