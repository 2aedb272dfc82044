"""What became of a campaign, person by person, with the consent that covered each message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.console import people, trial, words
from shodaku.console.acts import record
from shodaku.console.campaign import FIGURES, Figure, figures, launched
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Result
from shodaku.kit import clock
from shodaku.ledger.domain import Value


@dataclass(frozen=True, slots=True)
class Line:
    row: delivery.DeliveryRow
    person: people.PersonLine | None
    badge: words.Badge
    reason: words.Told
    decided_by: str
    href: str
    letter: str  # of the variant; "": there are none


@require_safe
@allowed(Act.READ)
def deliveries(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    campaign, mailing_ids = launched(visitor, campaign_id)
    outcome = _outcome(request.GET)
    after = request.GET.get("after", "")
    rows = delivery.deliveries(visitor.workspace_id, mailing_ids, outcome=outcome, after=row_id(after))
    more = ""
    if len(rows) == delivery.PAGE_ROWS:
        query = {"outcome": outcome.value if outcome else "", "after": rows[-1].contact_id}
        more = f"{place(visitor, 'deliveries', campaign_id)}?{urlencode(query)}"
    context = {
        "campaign": campaign,
        "tabs": _tabs(visitor, campaign_id),
        "outcome": outcome.value if outcome else "",
        "lines": _lines(visitor, campaign_id, rows),
        "more": more,
        "may_reveal": may(visitor.role, Act.REVEAL),
    }
    return show(request, visitor, "console/deliveries.html", context, current="campaigns")


@require_POST
@allowed(Act.READ)
def deliveries_file(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Numbers in place of names: a list of addresses is not what proves a campaign.

    Who took them along is in the ledger, so it is no GET.
    """
    _campaign, mailing_ids = launched(visitor, campaign_id)
    letters = trial.letters(visitor, campaign_id)
    head = [
        _("Contact"),
        _("Outcome"),
        _("Reason"),
        _("In words"),
        _("Evidence"),
        _("Reply code"),
        _("When"),
        _("Rules"),
        *([_("Variant")] if letters else []),
    ]
    outcome = _outcome(request.POST)
    cells = [_cells(row, letters) for row in _all(visitor.workspace_id, mailing_ids, outcome)]
    taken: dict[str, Value] = {"what": "deliveries", "campaign": str(campaign_id), "rows": len(cells)}
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer(head, cells, f"campaign-{campaign_id}.csv")


def _outcome(said: QueryDict) -> Result | None:
    asked = said.get("outcome", "")
    return Result(asked) if asked in FIGURES else None


def _tabs(visitor: Visitor, campaign_id: int) -> list[Figure]:
    progress = campaigns.progress(visitor.workspace_id, campaign_id)
    if progress is None:
        return []
    each = figures(visitor, campaign_id, progress)
    everybody = Figure(
        "", _("All"), "info", sum(tab.people for tab in each), place(visitor, "deliveries", campaign_id)
    )
    return [everybody, *each]


def _lines(visitor: Visitor, campaign_id: int, rows: list[delivery.DeliveryRow]) -> list[Line]:
    letters = trial.letters(visitor, campaign_id)
    found = people.lines(visitor.workspace_id, [row.contact_id for row in rows])
    return [
        Line(
            row,
            found.get(row.contact_id),
            words.OUTCOMES[row.outcome],
            told := words.told(row.reason),
            words.decided_by(told, row.pack),
            _href(visitor, row),
            letters.get(row.mailing_id, ""),
        )
        for row in rows
    ]


def _href(visitor: Visitor, row: delivery.DeliveryRow) -> str:
    page = place(visitor, "contact", row.contact_id)
    return f"{page}#entry-{row.evidence_id}" if row.evidence_id else page


def _all(workspace_id: int, mailing_ids: list[int], outcome: Result | None) -> Iterator[delivery.DeliveryRow]:
    after = None
    while rows := delivery.deliveries(workspace_id, mailing_ids, outcome=outcome, after=after):
        yield from rows
        after = rows[-1].contact_id


def _cells(row: delivery.DeliveryRow, letters: Mapping[int, str]) -> list[str]:
    at = localtime(row.at).isoformat(timespec="seconds")
    told = words.told(row.reason)
    said, by = str(told.text), words.decided_by(told, row.pack)
    outcome = str(words.OUTCOMES[row.outcome].text)
    evidence = str(row.evidence_id or "")
    cells = [str(row.contact_id), outcome, row.reason, said, evidence, str(row.code or ""), at, by]
    return [*cells, letters.get(row.mailing_id, "")] if letters else cells
