"""Papers: what waits to be keyed in, the batches that came, and their originals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paper_forms import PARK_REASONS, BatchForm, MoreScansForm
from shodaku.console.words import Badge
from shodaku.kit import clock
from shodaku.kit.ui.uploads import InMemory
from shodaku.signup import selectors, services
from shodaku.signup.services import Checking, NewBatch, ParkReason, SheetState


@dataclass(frozen=True, slots=True)
class Line:
    batch: selectors.Batch
    form: str
    code: str
    due: bool  # its originals should be destroyed by now


@dataclass(frozen=True, slots=True)
class SheetLine:
    sheet: selectors.Line
    badge: Badge
    why: str


@require_safe
@allowed(Act.READ)
def papers(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    names = {form.form_id: form.name for form in selectors.forms(visitor.workspace_id)}
    context = {
        "queue": selectors.queue(visitor.workspace_id, visitor.staff_id),
        "parked": [_line_of(each) for each in selectors.parked_sheets(visitor.workspace_id)],
        "lines": [_line(visitor, each, names) for each in selectors.batches(visitor.workspace_id)],
        "may_key": may(visitor.role, Act.EDIT_CONTACTS),
        "alone": len(accounts.staff(visitor.workspace_id)) < 2,  # noqa: PLR2004 - two pairs of eyes
    }
    return show(request, visitor, "console/papers.html", context, current="papers")


# The check of the token reads the form out of the body, and with it the scans: whether they go is settled
# before (config.body_limit), and where: in memory.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_CONTACTS)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]  # a paper lies on our disk encrypted, or not at all
    answered: HttpResponse = csrf_protect(_new)(request, visitor)
    return answered


@csrf_exempt
@require_POST
@allowed(Act.EDIT_CONTACTS)
def add(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]
    answered: HttpResponse = csrf_protect(_add)(request, visitor, batch_id)
    return answered


@require_safe
@allowed(Act.READ)
def batch(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    return _batch_page(request, visitor, _found(visitor, batch_id), MoreScansForm())


@require_POST
@allowed(Act.EDIT_CONTACTS)
def destroyed(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    _found(visitor, batch_id)
    try:
        services.destroy_originals(visitor.workspace_id, batch_id, staff_id=visitor.staff_id, now=clock.now())
    except services.NotSettled:
        messages.error(request, _("Sheets of this batch are still open: their originals are needed."))
    else:
        messages.success(request, _("Written down: the originals are destroyed."))
    return redirect(place(visitor, "paper_batch", batch_id))


def sheet_badge(state: str, *, asks_later: bool = False) -> Badge:
    if asks_later:
        return Badge("wait", _("Recorded; the mail that asks goes later"))
    badges = {
        SheetState.WAITING: Badge("wait", _("To be keyed in")),
        SheetState.SECOND: Badge("wait", _("To be checked")),
        SheetState.THIRD: Badge("wait", _("Two readings differ")),
        SheetState.PARKED: Badge("wait", _("Put aside")),
        SheetState.RECORDED: Badge("go", _("Recorded")),
        SheetState.REFUSED: Badge("never", _("Not recorded")),
        SheetState.DISCARDED: Badge("never", _("Thrown away")),
    }
    return badges[SheetState(state)]


def _new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BatchForm(*typed, workspace_id=visitor.workspace_id)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        pictures, faults = said["scans"]
        order = NewBatch(
            code=said["code"],
            shop=said["shop"],
            checking=Checking(said["checking"]),
            shelf=said["shelf"],
            destroy_on=said["destroy_on"],
        )
        batch_id = services.open_batch(
            visitor.workspace_id, order, pictures, staff_id=visitor.staff_id, now=clock.now()
        )
        _tell(request, len(pictures), faults)
        return redirect(place(visitor, "paper_batch", batch_id))
    fault = ""
    if request.FILES and form.errors and "scans" not in form.errors:
        fault = _("Choose the scans once more: a browser does not keep them. Nothing was recorded yet.")
    context = {"form": form, "fault": fault, "sheets": _any_sheet(visitor)}
    return show(
        request,
        visitor,
        "console/paper_new.html",
        context,
        current="papers",
        status=422 if form.errors else 200,
    )


def _add(request: HttpRequest, visitor: Visitor, batch_id: int) -> HttpResponse:
    found = _found(visitor, batch_id)
    form = MoreScansForm(request.POST, request.FILES)
    if not form.is_valid():
        return _batch_page(request, visitor, found, form, status=422)
    pictures, faults = form.cleaned_data["scans"]
    try:
        services.add_sheets(
            visitor.workspace_id,
            batch_id,
            pictures,
            checking=Checking(found.checking),
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except services.TooManySheets:
        form.add_error(
            "scans", _("A batch holds at most 500 sheets, and none after its originals are destroyed.")
        )
        return _batch_page(request, visitor, found, form, status=422)
    _tell(request, len(pictures), faults)
    return redirect(place(visitor, "paper_batch", batch_id))


def _tell(request: HttpRequest, taken: int, faults: list[str]) -> None:
    told = ngettext("%(n)s sheet waits to be keyed in.", "%(n)s sheets wait to be keyed in.", taken)
    messages.success(request, told % {"n": taken})
    for fault in faults:
        messages.error(request, fault)


def _batch_page(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.Batch,
    form: MoreScansForm,
    *,
    status: int = 200,
) -> HttpResponse:
    names = {each.form_id: each.name for each in selectors.forms(visitor.workspace_id)}
    context = {
        "line": _line(visitor, found, names),
        "sheets": [_line_of(each) for each in selectors.sheets_of(visitor.workspace_id, found.batch_id)],
        "next": selectors.next_sheet(visitor.workspace_id, visitor.staff_id, batch_id=found.batch_id),
        "form": form,
        "may_key": may(visitor.role, Act.EDIT_CONTACTS),
        "staff": {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}.get(
            found.created_by or 0, ""
        ),
    }
    return show(request, visitor, "console/paper_batch.html", context, current="papers", status=status)


def _line(visitor: Visitor, found: selectors.Batch, names: dict[int, str]) -> Line:
    today: date = localtime(clock.now()).date()
    return Line(
        found,
        names.get(found.form_id, ""),
        services.printed_code(visitor.workspace_id, found.code),
        found.destroyed_at is None and found.destroy_on <= today and not found.open,
    )


def _line_of(sheet: selectors.Line) -> SheetLine:
    return SheetLine(sheet, sheet_badge(sheet.state, asks_later=sheet.asks_later), why(sheet.reason))


def why(reason: str | None) -> str:
    """Why a sheet was put aside, or nothing of it was recorded."""
    if reason == services.NEVER:
        return _("The person said never again, on the day of the paper or later.")
    if reason == services.BLOCKED:
        return _("Addresses of this form are blocked here.")
    if reason == services.TAKEN_BACK:
        return _("The words of the sheet were withdrawn.")
    return str(PARK_REASONS[ParkReason(reason)]) if reason else ""


def _any_sheet(visitor: Visitor) -> bool:
    """Was a sheet ever made? Otherwise there is no code to type."""
    return any(
        services.sheets_made(visitor.workspace_id, form.form_id)
        for form in selectors.forms(visitor.workspace_id)
    )


def _found(visitor: Visitor, batch_id: int) -> selectors.Batch:
    found = selectors.batch(visitor.workspace_id, batch_id)
    if found is None:
        raise Http404
    return found
