"""Complaints: an address becomes a case, the case a sheet of evidence; nothing of an address is in a URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, OptOutRule, may
from shodaku.complaints import selectors, services
from shodaku.complaints.domain import (
    Case,
    CaseGrievance,
    CaseState,
    CaseVia,
    refuse_noting,
    refuse_stopping,
)
from shodaku.console import case_words, people, staff_names, words, written
from shodaku.console.case_forms import LANGUAGES, NoteForm, OpenCaseForm, StopForm
from shodaku.console.case_sheet import sheet
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.proof_form import PersonProofForm
from shodaku.console.views.person import topic_titles
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.ledger import services as ledger

UNPROCESSABLE: Final = 422
MONTHS_SHOWN: Final = timedelta(days=335)  # eleven months and this one


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list was narrowed to; "" is everything."""

    state: str = ""
    grievance: str = ""
    topic: str = ""

    def query(self, **more: object) -> str:
        said = {"state": self.state, "about": self.grievance, "topic": self.topic, **more}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    case: Case
    person: people.PersonLine | None
    grievance: str | Promise
    via: str | Promise
    topic: str
    badge: words.Badge
    clock: words.Badge


@dataclass(frozen=True, slots=True)
class Month:
    month: datetime
    topic: str
    counts: selectors.CaseMonth
    answer: str


@dataclass(frozen=True, slots=True)
class LogLine:
    at: datetime
    badge: words.Badge
    by: str
    words: str
    entry_id: int | None


@require_safe
@allowed(Act.READ)
def cases(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _list(request, visitor)


@require_POST
@allowed(Act.ANSWER)
def open_(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """By the address that somebody says; from then on everything goes by the number of the case."""
    form = OpenCaseForm(request.POST, auto_id="open_%s")
    if not form.is_valid():
        return _list(request, visitor, form=form, status=UNPROCESSABLE)
    said, now, by = form.cleaned_data, clock.now(), f"staff:{visitor.staff_id}"
    address = said["address"][1]
    new = services.NewCase(
        via=CaseVia(said["via"]),
        grievance=CaseGrievance(said["grievance"]),
        address=address,
        words=said["words"],
    )
    number = services.open_case(visitor.workspace_id, new, now, by=by)
    if request.POST.get("then") == "stop" and not erases(visitor):
        _stop_at_once(request, visitor, number, address, now)
    return redirect(place(visitor, "case", number))


@require_safe
@allowed(Act.READ)
def case(request: HttpRequest, visitor: Visitor, case_id: int) -> HttpResponse:
    return case_page(request, visitor, case_id)


def case_page(request: HttpRequest, visitor: Visitor, case_id: int, **forms: Form) -> HttpResponse:
    """With a form that was not taken, what was typed in it stays, and the answer is 422."""
    found, now = the_case(visitor, case_id), clock.now()
    titles = topic_titles(visitor.workspace_id)
    (line,) = _lines(visitor, [found], titles, now)
    known = found.contact_id is not None
    may_finish = may(visitor.role, Act.REVEAL)
    context: dict[str, Any] = {
        "line": line,
        "sheet": sheet(visitor.workspace_id, found, titles),
        "log": _log(visitor, found),
        "others": _others(visitor, found, titles, now),
        "may_answer": may(visitor.role, Act.ANSWER),
        "may_finish": may_finish,
        "may_note": refuse_noting(found) is None and may(visitor.role, Act.ANSWER),
        "may_stop": refuse_stopping(found) is None and (known or not found.known),
        "next": _next(found),
        "erases": erases(visitor) and known,
        "stop_form": StopForm(known=known, erases=erases(visitor), auto_id="stop_%s"),
        "note_form": NoteForm(auto_id="note_%s"),
        "proof_form": PersonProofForm(auto_id="proof_%s") if may_finish and known else None,
        "paper": ledger.paper_available(),
        "languages": LANGUAGES,
        **forms,
    }
    status = UNPROCESSABLE if forms else HttpResponse.status_code
    response = show(request, visitor, "console/case.html", context, current="cases", status=status)
    patch_cache_control(response, no_store=True, private=True)
    return response


def the_case(visitor: Visitor, case_id: int) -> Case:
    found = selectors.case(visitor.workspace_id, case_id)
    if found is None:
        raise Http404
    return found


def erases(visitor: Visitor) -> bool:
    """Does a no for everything erase here?"""
    return OptOutRule(visitor.workspace.on_opt_out) is OptOutRule.ERASE


def _next(found: Case) -> str:
    """The step that the page's one filled button takes."""
    if found.state is CaseState.CLOSED:
        return "reopen"
    if found.stopped_at is None and not found.never_contacted and (found.contact_id or not found.known):
        return "stop"
    return "answered" if found.state is CaseState.OPEN else "close"


def _stop_at_once(request: HttpRequest, visitor: Visitor, number: int, address: str, now: datetime) -> None:
    by = f"staff:{visitor.staff_id}"
    try:
        receipt = services.stop(visitor.workspace_id, number, now, by=by, address=address)
    except services.CaseRefused:
        return  # it was stopped before; the page says since when
    except ContactGone:
        messages.info(request, _("This person is being erased; nothing is sent to them any more."))
        return
    if receipt is None:
        messages.success(request, _("Nobody here has this address. It is never contacted from now on."))
    else:
        messages.success(request, _("Stopped. Receipt %(number)s.") % {"number": receipt})


def _list(
    request: HttpRequest, visitor: Visitor, *, form: OpenCaseForm | None = None, status: int = 200
) -> HttpResponse:
    titles, now = topic_titles(visitor.workspace_id), clock.now()
    narrowed = _narrowed(request.GET, titles)
    before = row_id(request.GET.get("before", ""))
    rows = selectors.cases(
        visitor.workspace_id,
        state=narrowed.state or None,
        grievance=CaseGrievance(narrowed.grievance) if narrowed.grievance else None,
        topic_id=int(narrowed.topic) if narrowed.topic else None,
        before=before,
    )
    more = ""
    if len(rows) == selectors.CASE_PAGE_ROWS:
        more = f"{place(visitor, 'cases')}?{narrowed.query(before=rows[-1].case_id)}"
    context = {
        "lines": _lines(visitor, rows, titles, now),
        "counts": selectors.case_counts(visitor.workspace_id, now),
        "months": _months(visitor, titles, now),
        "narrowed": narrowed,
        "states": [
            (selectors.UNFINISHED, _("All that are not closed")),
            *((state, badge.text) for state, badge in case_words.STATES.items()),
        ],
        "grievances": [*case_words.GRIEVANCES.items()],
        "topics": [(str(topic_id), title) for topic_id, title in titles.items()],
        "more": more,
        "before": before,
        "may_answer": may(visitor.role, Act.ANSWER),
        "may_reveal": may(visitor.role, Act.REVEAL),
        "erases": erases(visitor),
        "open_form": form or OpenCaseForm(auto_id="open_%s"),
    }
    response = show(request, visitor, "console/cases.html", context, current="cases", status=status)
    patch_cache_control(response, no_store=True, private=True)
    return response


def _narrowed(said: QueryDict, titles: dict[int, str]) -> Narrowed:
    """What is none of the choices is everything: anybody may have typed it into the URL."""
    state, grievance = said.get("state", ""), said.get("about", "")
    topic_id = row_id(said.get("topic", ""))
    return Narrowed(
        state if state in (selectors.UNFINISHED, *CaseState) else "",
        grievance if grievance in tuple(CaseGrievance) else "",
        str(topic_id) if topic_id in titles else "",
    )


def _lines(visitor: Visitor, rows: list[Case], titles: dict[int, str], now: datetime) -> list[Line]:
    found = people.lines(visitor.workspace_id, {row.contact_id for row in rows if row.contact_id is not None})
    return [
        Line(
            row,
            found.get(row.contact_id or 0),
            case_words.GRIEVANCES[row.grievance],
            case_words.VIAS[row.via],
            _title(titles, row.topic_id),
            case_words.STATES[row.state],
            case_words.clock(row, now),
        )
        for row in rows
    ]


def _others(visitor: Visitor, found: Case, titles: dict[int, str], now: datetime) -> list[Line]:
    if found.contact_id is None:
        return []
    rows = selectors.cases_of(visitor.workspace_id, found.contact_id)
    return _lines(visitor, [row for row in rows if row.case_id != found.case_id], titles, now)


def _months(visitor: Visitor, titles: dict[int, str], now: datetime) -> list[Month]:
    since = localtime(now - MONTHS_SHOWN).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = selectors.case_months(visitor.workspace_id, since, visitor.workspace.timezone)
    zone = since.tzinfo
    return [
        Month(
            datetime(row.month.year, row.month.month, 1, tzinfo=zone),
            _title(titles, row.topic_id) or _("no topic"),
            row,
            "" if row.answer_seconds is None else case_words.lasted(timedelta(seconds=row.answer_seconds)),
        )
        for row in rows
    ]


def _log(visitor: Visitor, found: Case) -> list[LogLine]:
    rows = selectors.steps(visitor.workspace_id, found.case_id)
    opened = written.opened(visitor, [(found.contact_id, row.entry_id) for row in rows])
    names = staff_names.of(visitor.workspace_id)
    return [
        LogLine(
            row.at,
            case_words.STEPS[row.step],
            names.told(row.by),
            opened.words.get(row.entry_id or 0, ""),
            row.entry_id,
        )
        for row in rows
    ]


def _title(titles: dict[int, str], topic_id: int | None) -> str:
    return "" if topic_id is None else titles.get(topic_id, _("a former topic"))
