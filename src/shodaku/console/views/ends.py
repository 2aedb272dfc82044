"""What ends when: consents, questions without an answer, sealed evidence; and what the clocks may do here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime, make_aware
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, EvidenceRetention
from shodaku.consent import selectors as consents
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasures
from shodaku.journeys import selectors as journeys
from shodaku.journeys.domain import ANSWER_DAYS
from shodaku.kit import clock

MONTHS: Final = 12
COUNTED_MAX: Final = 10_000  # of each cell: a page counts no further
YEAR_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Month:
    month: datetime
    consents: int
    unanswered: int
    sealed: int


@require_safe
@allowed(Act.READ)
def ends(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    spans = _spans(clock.now())
    counts = zip(
        spans,
        consents.endings(visitor.workspace_id, spans, most=COUNTED_MAX),
        journeys.unanswered(visitor.workspace_id, spans, most=COUNTED_MAX),
        erasures.sealed_ending(visitor.workspace_id, spans, most=COUNTED_MAX),
        strict=True,
    )
    months = [Month(since, *of_month) for (since, _until), *of_month in counts]
    retention = accounts.retention(visitor.workspace_id)
    context = {
        "months": months,
        "most": COUNTED_MAX,
        "anything": any(each.consents or each.unanswered or each.sealed for each in months),
        "choice": journeys.choice(visitor.workspace_id),
        "answer_days": ANSWER_DAYS,
        "stale_months": delivery.rule_choice(visitor.workspace_id).rules.stale_months,
        "keeps_longer": retention is not None and retention.setting is EvidenceRetention.DEFAULT,
    }
    return show(request, visitor, "console/ends.html", context, current="erasures")


def _spans(now: datetime) -> list[tuple[datetime, datetime]]:
    """The rest of the month from now on, and the eleven after it, by the calendar of the workspace."""
    here = localtime(now)
    firsts = [_first(here, ahead) for ahead in range(1, MONTHS + 1)]
    return list(zip([now, *firsts], firsts, strict=False))


def _first(here: datetime, ahead: int) -> datetime:
    years, month = divmod(here.month - 1 + ahead, YEAR_MONTHS)
    return make_aware(datetime(here.year + years, month + 1, 1))  # noqa: DTZ001 - made aware here
