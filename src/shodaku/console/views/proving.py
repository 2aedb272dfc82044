"""A person's proof to hand over: who made it, and when, is in the ledger before the file leaves."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act
from shodaku.console import inert, ledger_words
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.proof_form import PAPER, Language, PersonProofForm
from shodaku.contacts import selectors as contacts
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.selectors import Bundle
from shodaku.signup import services as signup


@require_POST
@allowed(Act.REVEAL)
def prove(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    here = redirect(place(visitor, "contact", contact_id))
    form = PersonProofForm(request.POST)
    if contacts.contact(visitor.workspace_id, contact_id) is None:
        return show(request, visitor, "console/contact_gone.html", {}, current="contacts", status=404)
    if not form.is_valid():
        messages.error(request, _("Choose the kind of file. Nothing was made."))
        return here
    said = form.cleaned_data
    language = PAPER.get(said["file"])
    if language is not None and not ledger.paper_available():
        messages.error(request, str(ledger_words.FAULTS["no_paper"]))
        return here
    try:
        bundle = signup.prove(
            visitor.workspace_id,
            contact_id,
            by=f"staff:{visitor.staff_id}",
            now=clock.now(),
            attach=said["attach"],
        )
        if language is None:
            return inert.attached(bundle.as_json().encode(), "application/json", f"proof-{contact_id}.json")
        pdf = _paper(visitor, bundle, language)
        return inert.attached(pdf, "application/pdf", f"proof-{contact_id}.pdf")
    except ledger.VaultAway:
        raise  # answered as on every page
    except ShodakuError as fault:
        messages.error(request, str(ledger_words.told(fault)))
        return here


def _paper(visitor: Visitor, bundle: Bundle, language: Language) -> bytes:
    sender = next(iter(accounts.senders(visitor.workspace_id)), None)
    return ledger.make_pdf(
        bundle,
        language=language,
        sender_name=sender.formal_name if sender else visitor.workspace.name,
        made_at=clock.now().astimezone(ZoneInfo(visitor.workspace.timezone)),
        vkeys=ledger_known.verifier_keys(visitor.workspace_id),
    )
