"""Who was forgotten: each erasure with its steps and certificate, what is kept sealed, and how one begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.desk_forms import EraseForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.sealed_evidence import section
from shodaku.console.unsealing_form import UnsealingForm
from shodaku.console.words import Badge
from shodaku.erasure import selectors as erasure
from shodaku.erasure.domain import Step
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger

STATES: Final[Mapping[str, Badge]] = {
    Step.REQUESTED: Badge("wait", _("Stopped; erasing begins within a minute")),
    Step.SEALED: Badge("wait", _("Evidence sealed; the key goes next")),
    Step.KEY_DESTROYED: Badge("wait", _("Key destroyed; rows go next")),
    Step.PURGED: Badge("wait", _("Rows gone; the certificate comes next")),
    Step.CERTIFIED: Badge("go", _("Erased")),
}


@dataclass(frozen=True, slots=True)
class Line:
    progress: erasure.Progress
    badge: Badge
    counts: list[tuple[str, int]]
    place: int | None  # of the certificate's entry in the log; None until a checkpoint covers it


@require_safe
@allowed(Act.READ)
def erasures(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return erasures_page(request, visitor, clock.now())


def erasures_page(
    request: HttpRequest,
    visitor: Visitor,
    now: datetime,
    more: Mapping[str, object] | None = None,
    *,
    form: UnsealingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """With a request for sealed evidence, or for an erasure, that was not taken."""
    before = row_id(request.GET.get("before", ""))
    rows = erasure.erasure_page(visitor.workspace_id, before=before)
    following = rows[-1].erasure_id if len(rows) == erasure.PAGE_ROWS else None
    context = {
        "lines": _lines(visitor, rows),
        "more": f"{place(visitor, 'erasures')}?before={following}" if following else "",
        "before": before,
        "may_erase": may(visitor.role, Act.ERASE),
        "erase_form": EraseForm(auto_id="erase_%s"),
        **section(visitor, now, form),
        **(more or {}),
    }
    response = show(request, visitor, "console/erasures.html", context, current="erasures", status=status)
    if form is not None or more:
        patch_cache_control(response, no_store=True, private=True)  # an address stands on it, as typed
    return response


def _lines(visitor: Visitor, rows: list[erasure.Progress]) -> list[Line]:
    entries = [row.entry_id for row in rows if row.entry_id is not None]
    places = ledger.places(visitor.workspace_id, entries)
    return [
        Line(
            row,
            STATES[row.state],
            sorted((table, n) for table, n in row.counts.items() if n),
            places.get(row.entry_id or 0),
        )
        for row in rows
    ]
