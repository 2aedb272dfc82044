"""The steps of a case: stop, note, answer, close, open again; the letter as a PDF."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.complaints import services
from shodaku.console import inert, ledger_words
from shodaku.console.acts import record
from shodaku.console.case_forms import LANGUAGES, NoteForm, StopForm
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.cases import case_page, erases, the_case
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import services as ledger


@require_POST
@allowed(Act.STOP)
def stop(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    """Everything, on every channel, at once; an unknown address goes on the never-contact list."""
    found = the_case(visitor, case_id)
    form = StopForm(
        request.POST, known=found.contact_id is not None, erases=erases(visitor), auto_id="stop_%s"
    )
    if not form.is_valid():
        return case_page(request, visitor, case_id, stop_form=form)

    def step() -> None:
        receipt = services.stop(
            visitor.workspace_id, case_id, clock.now(), by=_by(visitor), address=form.stranger
        )
        if receipt is None:
            messages.success(request, _("Nobody here has this address. It is never contacted from now on."))
        else:
            messages.success(request, _("Stopped. Receipt %(number)s.") % {"number": receipt})

    return _stepped(request, visitor, case_id, step)


@require_POST
@allowed(Act.ANSWER)
def note(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    the_case(visitor, case_id)
    form = NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return case_page(request, visitor, case_id, note_form=form)

    def step() -> None:
        words = form.cleaned_data["note"]
        services.note(visitor.workspace_id, case_id, words, clock.now(), by=_by(visitor))
        messages.success(request, _("Saved, and written into the ledger."))

    return _stepped(request, visitor, case_id, step)


@require_POST
@allowed(Act.REVEAL)
def answered(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    def step() -> None:
        services.answered(visitor.workspace_id, case_id, clock.now(), by=_by(visitor))
        messages.success(request, _("Written down: the person has an answer."))

    return _stepped(request, visitor, case_id, step)


@require_POST
@allowed(Act.REVEAL)
def close(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    def step() -> None:
        services.close(visitor.workspace_id, case_id, clock.now(), by=_by(visitor))
        messages.success(request, _("The case is closed."))

    return _stepped(request, visitor, case_id, step)


@require_POST
@allowed(Act.REVEAL)
def reopen(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    def step() -> None:
        services.reopen(visitor.workspace_id, case_id, clock.now(), by=_by(visitor))
        messages.success(request, _("The case is open again."))

    return _stepped(request, visitor, case_id, step)


@require_POST
@allowed(Act.REVEAL)
def letter(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    """Who made it, and when, is in the ledger before the file leaves."""
    found = the_case(visitor, case_id)
    language = request.POST.get("language", "")
    here = redirect(place(visitor, "case", case_id))
    if language not in dict(LANGUAGES):
        messages.error(request, _("Choose the kind of file. Nothing was made."))
        return here
    now = clock.now()
    try:
        pdf = services.letter_paper(visitor.workspace_id, found, language, now)
    except ledger.VaultAway:
        raise  # answered as on every page
    except services.CaseRefused as refused:
        messages.error(request, refused.no.sentence(get_language() or "ja"))
        return here
    except ShodakuError as fault:
        messages.error(request, str(ledger_words.told(fault)))
        return here
    record(visitor, "admin.exported", {"what": "complaint letter", "case": str(case_id)}, now)
    return inert.attached(pdf, "application/pdf", f"case-{case_id}-{language}.pdf")


def _stepped(request: HttpRequest, visitor: Visitor, case_id: int, step: Callable[[], None]) -> HttpResponse:
    try:
        step()
    except services.NoCase as none:
        raise Http404 from none
    except services.CaseRefused as refused:
        messages.error(request, refused.no.sentence(get_language() or "ja"))
    except ContactGone:
        messages.info(
            request, _("This person was erased since. What stays is that somebody complained then.")
        )
    return redirect(place(visitor, "case", case_id))


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
