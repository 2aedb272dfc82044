"""Who said no: when, by which way, to what, in which words, and what proves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.console import people, words, written
from shodaku.console.acts import record
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.views.person import topic_titles
from shodaku.kit import clock
from shodaku.ledger.domain import Value
from shodaku.optout import selectors as optout
from shodaku.suppression import selectors as suppression
from shodaku.suppression.domain import Scope

FILE_ROWS_MAX: Final = 50_000  # of one file; what is older is taken along by a narrower choice
STEP_ROWS: Final = 5_000
REASONS_SINCE: Final = timedelta(days=335)  # eleven months and this one


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list was narrowed to; "" is everything."""

    via: str = ""
    scope: str = ""
    campaign: campaigns.Campaign | None = None  # by whose mails it was said

    def query(self, **more: object) -> str:
        campaign_id = self.campaign.campaign_id if self.campaign else None
        said = {"way": self.via, "scope": self.scope, "campaign": campaign_id, **more}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    contact_id: int
    person: people.PersonLine | None
    at: datetime
    way: str | Promise
    scope: str | Promise
    topic: str
    until: datetime | None
    words: str
    entry_id: int | None
    href: str


@require_safe
@allowed(Act.READ)
def refusals(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    narrowed = _narrowed(visitor, request.GET)
    before = row_id(request.GET.get("before", ""))
    rows = _page(visitor, narrowed, before, suppression.PAGE_ROWS)
    opened = written.opened(visitor, [(row.contact_id, row.entry_id) for row in rows])
    more = ""
    if len(rows) == suppression.PAGE_ROWS:
        more = f"{place(visitor, 'refusals')}?{narrowed.query(before=rows[-1].refusal_no)}"
    context = {
        "lines": _lines(visitor, rows, opened),
        "away": opened.away,
        "narrowed": narrowed,
        "ways": [(way.value, words.METHODS[way]) for way in words.NO_WAYS],
        "scopes": [(scope, text) for scope, text in words.NO_SCOPES.items()],
        "more": more,
        "before": before,
        "may_reveal": may(visitor.role, Act.REVEAL),
        "rows_max": FILE_ROWS_MAX,
        "reasons": _reasons(visitor.workspace_id),
    }
    return show(request, visitor, "console/refusals.html", context, current="refusals")


@require_POST
@allowed(Act.READ)
def refusals_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Numbers in place of names; addresses only for who may reveal them, and asks to."""
    narrowed, addressed = _narrowed(visitor, request.POST), request.POST.get("addresses") == "1"
    if addressed:
        forbid(visitor, Act.REVEAL)
    head = [_("Contact"), _("When"), _("Way"), _("Scope"), _("Topic"), _("Until"), _("Evidence")]
    cells = list(_cells(visitor, narrowed, addressed=addressed))
    taken: dict[str, Value] = {
        "what": "refusals",
        "rows": len(cells),
        "addresses": addressed,
        "way": narrowed.via,
        "scope": narrowed.scope,
        "campaign": str(narrowed.campaign.campaign_id) if narrowed.campaign else "",
    }
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer([*head, _("Address")] if addressed else head, cells, "refusals.csv")


def _reasons(workspace_id: int) -> list[tuple[str | Promise, int]]:
    """The most frequent first."""
    counted: Counter[str] = Counter()
    since = localtime(clock.now() - REASONS_SINCE).date()
    for each in optout.reason_counts(workspace_id, since):
        counted[each.reason] += each.count
    return [(words.LEAVING[reason], count) for reason, count in counted.most_common()]


def _narrowed(visitor: Visitor, said: QueryDict) -> Narrowed:
    """What is no way, no scope and no campaign is everything: anybody may have typed it into the URL."""
    via, scope = said.get("way", ""), said.get("scope", "")
    number = row_id(said.get("campaign", "")) or 0
    known = number < 2**31
    return Narrowed(
        via if via in tuple(words.NO_WAYS) else "",
        scope if scope in tuple(words.NO_SCOPES) else "",
        campaigns.campaign(visitor.workspace_id, number) if number and known else None,
    )


def _page(
    visitor: Visitor, narrowed: Narrowed, before: int | None, rows_max: int
) -> list[suppression.RefusalLine]:
    return suppression.refusal_page(
        visitor.workspace_id,
        via=narrowed.via or None,
        scope=Scope(narrowed.scope) if narrowed.scope else None,
        mailing_ids=_mailings(visitor, narrowed),
        before=before,
        rows_max=rows_max,
    )


def _mailings(visitor: Visitor, narrowed: Narrowed) -> list[int] | None:
    if narrowed.campaign is None:
        return None
    parts = campaigns.parts(visitor.workspace_id, narrowed.campaign.campaign_id)
    return [each.mailing_id for each in parts]


def _lines(visitor: Visitor, rows: list[suppression.RefusalLine], opened: written.Opened) -> list[Line]:
    found = people.lines(visitor.workspace_id, {row.contact_id for row in rows})
    titles = topic_titles(visitor.workspace_id)
    return [
        Line(
            row.contact_id,
            found.get(row.contact_id),
            row.at,
            words.METHODS.get(row.via, row.via),
            words.NO_SCOPES.get(row.scope, row.scope),
            _topic(titles, row.topic_id),
            row.until,
            opened.words.get(row.entry_id or 0, ""),
            row.entry_id,
            _href(visitor, row),
        )
        for row in rows
    ]


def _href(visitor: Visitor, row: suppression.RefusalLine) -> str:
    page = place(visitor, "contact", row.contact_id)
    return f"{page}#entry-{row.entry_id}" if row.entry_id else page


def _topic(titles: dict[int, str], topic_id: int | None) -> str:
    return "" if topic_id is None else titles.get(topic_id, _("a former topic"))


def _cells(visitor: Visitor, narrowed: Narrowed, *, addressed: bool) -> Iterator[list[str]]:
    titles = topic_titles(visitor.workspace_id)
    for rows in _steps(visitor, narrowed):
        asked = {row.contact_id for row in rows} if addressed else set()
        found = people.lines(visitor.workspace_id, asked)
        for row in rows:
            cells = [
                str(row.contact_id),
                _iso(row.at),
                str(words.METHODS.get(row.via, row.via)),
                str(words.NO_SCOPES.get(row.scope, row.scope)),
                _topic(titles, row.topic_id),
                _iso(row.until) if row.until else "",
                str(row.entry_id or ""),
            ]
            person = found.get(row.contact_id)
            yield [*cells, person.address if person else ""] if addressed else cells


def _steps(visitor: Visitor, narrowed: Narrowed) -> Iterator[list[suppression.RefusalLine]]:
    before, left = None, FILE_ROWS_MAX
    while left and (rows := _page(visitor, narrowed, before, min(STEP_ROWS, left))):
        yield rows
        before, left = rows[-1].refusal_no, left - len(rows)


def _iso(at: datetime) -> str:
    return localtime(at).isoformat(timespec="seconds")
