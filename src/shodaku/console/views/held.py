"""Who is behind a number of the check before sending: a page of people, and the whole list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import Preflight
from shodaku.console import people, words
from shodaku.console.acts import record
from shodaku.console.campaign import found
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.kit import clock
from shodaku.ledger.domain import Value


@require_safe
@allowed(Act.READ)
def held(request: HttpRequest, visitor: Visitor, campaign_id: int, reason: str) -> HttpResponse:
    """As they were counted. Under the row of the number for htmx, else a page of its own."""
    campaign = found(visitor, campaign_id)
    counted = _counted(visitor, campaign_id, reason)
    after = row_id(request.GET.get("after", ""))
    page = selectors.members(visitor.workspace_id, counted, reason, after=after) if counted else []
    here = place(visitor, "held", campaign_id, reason)
    within = bool(getattr(request, "htmx", False))
    context = {
        "campaign": campaign,
        "key": reason,
        "reason": words.told(reason),
        "counted": counted,
        "n": _number(counted, reason),
        "people": people.lines(visitor.workspace_id, page).values(),
        "more": f"{here}?{urlencode({'after': page[-1]})}" if len(page) == selectors.PAGE_ROWS else "",
        "all_href": here,
        "closable": within,
    }
    template = "console/_held.html" if within else "console/held.html"
    return show(request, visitor, template, context, current="campaigns")


@require_POST
@allowed(Act.READ)
def held_file(_request: HttpRequest, visitor: Visitor, campaign_id: int, reason: str) -> HttpResponse:
    """Numbers in place of names, as of deliveries; who took them along is in the ledger, so it is no GET."""
    found(visitor, campaign_id)
    counted = _counted(visitor, campaign_id, reason)
    told = words.told(reason)
    rules = " ".join(told.rules)
    cells = [
        [str(contact_id), reason, str(told.text), rules]
        for contact_id in (_all(visitor.workspace_id, counted, reason) if counted else ())
    ]
    taken: dict[str, Value] = {
        "what": "preflight", "campaign": str(campaign_id), "reason": reason, "rows": len(cells),
    }  # fmt: skip
    record(visitor, "admin.exported", taken, clock.now())
    head = [_("Contact"), _("Reason"), _("In words"), _("Rules")]
    return csv_answer(head, cells, f"campaign-{campaign_id}-{reason.lower()}.csv")


def _counted(visitor: Visitor, campaign_id: int, reason: str) -> Preflight | None:
    """The newest count, if it is whole. Raises Http404 for what is no reason."""
    if words.parse_reason(reason) is None:
        raise Http404
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    return counted if counted is not None and counted.done else None


def _number(counted: Preflight | None, reason: str) -> int:
    return 0 if counted is None else counted.reasons.get(reason, 0) + counted.allowed.get(reason, 0)


def _all(workspace_id: int, counted: Preflight, reason: str) -> Iterator[int]:
    after = None
    while page := selectors.members(workspace_id, counted, reason, after=after):
        yield from page
        after = page[-1]
