"""Who did what: every act of staff and of the installation, out of the ledger that nobody can rewrite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act
from shodaku.console import act_values, ledger_words, staff_names
from shodaku.console.acts import record
from shodaku.console.audit_form import ActsForm, query
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach
from shodaku.ledger import selectors as ledger

UNPROCESSABLE: Final = 422
FILE_ROWS_MAX: Final = 20_000  # of one file; what is older is taken along by a narrower choice
FILE_STEPS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    act: ledger.RecordedAct
    kind: str
    who: str
    things: list[tuple[str, str]]
    href: str  # of the person, if it is about one


@require_safe
@allowed(Act.KEEP_EVIDENCE)
def audit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    names = staff_names.of(visitor.workspace_id)
    form = ActsForm(request.GET, names=names)
    before = row_id(request.GET.get("before", ""))
    if not form.is_valid():
        context = {"form": form, "lines": [], "before": before, "refused": True}
        return show(request, visitor, "console/audit.html", context, current="audit", status=UNPROCESSABLE)
    wanted, away = form.wanted, False
    try:
        page = ledger.acts_page(visitor.workspace_id, wanted, before=before)
    except OutOfReach:
        away, page = True, ledger.closed_acts_page(visitor.workspace_id, wanted, before=before)
    more = ""
    if page.before is not None:
        more = f"{place(visitor, 'audit')}?{query(request.GET).with_(before=page.before)}"
    context = {
        "form": form,
        "lines": [_shortened(_line(visitor, act, names)) for act in page.acts],
        "away": away,
        "more": more,
        "before": before,
        "searched": wanted.opens,
        "narrowed": wanted != ledger.WantedActs(),
        "rows_max": FILE_ROWS_MAX,
        "said": query(request.GET).said.items(),
    }
    return show(request, visitor, "console/audit.html", context, current="audit")


@require_POST
@allowed(Act.KEEP_EVIDENCE)
def audit_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Taking it along is an act itself, and stands in the next file."""
    names = staff_names.of(visitor.workspace_id)
    form = ActsForm(request.POST, names=names)
    if not form.is_valid():
        return redirect(place(visitor, "audit"))
    cells = [_cells(_line(visitor, act, names)) for act in _steps(visitor, form.wanted)]
    record(visitor, "admin.exported", {"what": "acts", "rows": len(cells)}, clock.now())
    head = [
        _("When"),
        _("Who"),
        _("What was done"),
        _("To what"),
        _("Kind"),
        _("Entry"),
        _("Place in the log"),
    ]
    return csv_answer(head, cells, "acts.csv")


def _steps(visitor: Visitor, wanted: ledger.WantedActs) -> Iterator[ledger.RecordedAct]:
    """Raises VaultAway: a file without names would say that nobody did it."""
    before, left = None, FILE_ROWS_MAX
    for _step in range(FILE_STEPS_MAX):
        page = ledger.acts_page(
            visitor.workspace_id, wanted, before=before, rows_max=min(ledger.ACTS_OPENED_MAX, left)
        )
        yield from page.acts
        left -= len(page.acts)
        before = page.before
        if before is None or left <= 0:
            return


def _line(visitor: Visitor, act: ledger.RecordedAct, names: staff_names.StaffNames) -> Line:
    language = get_language() or "ja"
    things = [
        (ledger_words.field(name, language), act_values.told(name, value, language, names))
        for name, value in ledger.told_fields(act.fields or {})
    ]
    href = "" if act.contact_id is None else place(visitor, "contact", act.contact_id)
    who = "" if act.by is None else names.told(act.by)
    return Line(act, ledger_words.entry(act.kind, language), who, things, href)


def _shortened(line: Line) -> Line:
    return replace(line, things=[(name, act_values.on_screen(value)) for name, value in line.things])


def _cells(line: Line) -> list[str]:
    thing = "; ".join(f"{name}: {value}" for name, value in line.things)
    return [
        _iso(line.act.at),
        line.who,
        line.kind,
        thing,
        line.act.kind,
        str(line.act.entry_id),
        "" if line.act.index is None else str(line.act.index),
    ]


def _iso(at: datetime) -> str:
    return localtime(at).isoformat(timespec="seconds")
