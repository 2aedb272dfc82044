"""A form for the counter: its sheet is made once a version and language, and printed as often as needed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act
from shodaku.console import inert, ledger_words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.signup import selectors, services
from shodaku.signup.services import SheetCode


@require_POST
@allowed(Act.EDIT_FORMS)
def make(request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str) -> HttpResponse:
    """From now on its words are what people on paper agree to."""
    try:
        code = services.make_sheet(
            visitor.workspace_id,
            SheetCode(form_id, version, language),
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except services.NoSheet as fault:
        raise Http404 from fault
    messages.success(request, _("The sheet is made. Its code is %(code)s.") % {"code": code})
    return redirect(place(visitor, "form", form_id))


@require_safe
@allowed(Act.READ)
def pdf(request: HttpRequest, visitor: Visitor, form_id: int, version: int, language: str) -> HttpResponse:
    try:
        made = services.sheet(visitor.workspace_id, SheetCode(form_id, version, language))
    except services.NoSheet as fault:
        raise Http404 from fault
    if version in selectors.withdrawn(visitor.workspace_id, form_id):
        messages.error(
            request, _("The words of this version are withdrawn; its sheet is not printed any more.")
        )
        return redirect(place(visitor, "form", form_id))
    try:
        document = services.print_sheet(visitor.workspace_id, made, now=localtime(clock.now()))
    except ShodakuError as fault:
        messages.error(request, str(ledger_words.FAULTS.get(fault.code, _("The sheet could not be set."))))
        return redirect(place(visitor, "form", form_id))
    code = services.printed_code(visitor.workspace_id, made.code)
    return inert.attached(document, "application/pdf", f"form-{code}.pdf")
