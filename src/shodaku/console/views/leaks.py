"""Leaks of personal data: whether each must be reported, and by when (個人情報保護法26条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from shodaku.accounts.domain import Act
from shodaku.complaints import services
from shodaku.console import staff_names, words
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.leak_form import CAUSES, LeakForm
from shodaku.console.paging import row_id
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.ledger.domain import Value
from shodaku.policy.domain import Reason, explain

UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Line:
    act: ledger.RecordedAct
    cause: str | Promise
    people: int | None
    answer: words.Badge
    known_on: date | None
    prompt_by: date | None
    final_by: date | None
    notify: bool
    who: str


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.REVEAL)
def leaks(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Recorded whether it must be reported or not: that it was looked at is what has to be shown."""
    form = LeakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        recorded = services.record_breach(
            visitor.workspace_id, form.breach, clock.now(), by=f"staff:{visitor.staff_id}"
        )
        told = explain(recorded.duties.reason)
        due = recorded.duties.reason is Reason.BREACH_REPORT_DUE
        tell = messages.warning if due else messages.success
        tell(request, told.ja if get_language() == "ja" else told.en)
        return redirect(place(visitor, "leaks"))
    before = row_id(request.GET.get("before", ""))
    page = ledger.acts_page(visitor.workspace_id, ledger.WantedActs(kind=services.LEAKED), before=before)
    names = staff_names.of(visitor.workspace_id)
    context = {
        "form": form,
        "lines": [_line(act, names) for act in page.acts],
        "today": localtime(clock.now()).date(),
        "more": f"{place(visitor, 'leaks')}?before={page.before}" if page.before is not None else "",
        "before": before,
    }
    status = UNPROCESSABLE if request.method == "POST" else HttpResponse.status_code
    return show(request, visitor, "console/leaks.html", context, current="cases", status=status)


def _line(act: ledger.RecordedAct, names: staff_names.StaffNames) -> Line:
    said: Mapping[str, Value] = act.fields or {}
    cause, people = str(said.get("cause", "")), said.get("people")
    told = words.told(str(said.get("answer", "")))
    due = said.get("answer") == Reason.BREACH_REPORT_DUE.value
    return Line(
        act=act,
        cause=CAUSES.get(cause, cause),
        people=people if isinstance(people, int) else None,
        answer=words.Badge("danger" if due else "never", told.text),
        known_on=_day(said.get("known_on")),
        prompt_by=_day(said.get("prompt_by")),
        final_by=_day(said.get("final_by")),
        notify=said.get("notify") is True,
        who="" if act.by is None else names.told(act.by),
    )


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
