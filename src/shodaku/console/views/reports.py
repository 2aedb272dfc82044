"""What a campaign came to: a page that can be printed, and the same as a file."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors, services
from shodaku.console import clicks, report, words
from shodaku.console.acts import record
from shodaku.console.campaign import badge, launched, trial_badge
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.shares import share
from shodaku.console.trial import variant_lines
from shodaku.console.views.person import topic_titles
from shodaku.kit import clock
from shodaku.ledger.domain import Value


@require_safe
@allowed(Act.READ)
def campaign_report(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    campaign, _mailing_ids = launched(visitor, campaign_id)
    found = selectors.report(visitor.workspace_id, campaign, now=clock.now())
    progress = selectors.progress(visitor.workspace_id, campaign_id)
    tried = selectors.trial(visitor.workspace_id, campaign_id)
    if tried is not None and tried.undecided:
        state = trial_badge(campaign)
    else:
        state = badge(progress) if progress else words.CAMPAIGN_STATES[campaign.state]
    context: dict[str, object] = {
        "campaign": campaign,
        "progress": progress,
        "badge": state,
        "trial": tried,
        "topic": topic_titles(visitor.workspace_id).get(campaign.topic_id, ""),
        "report": found,
        "asked": selectors.report_asked(visitor.workspace_id, campaign_id) is not None,
        "recount_href": place(visitor, "campaign_report_recount", campaign_id),
    }
    if found is not None:
        context |= _parts(visitor, campaign, found, _link_order(request))
    return show(request, visitor, "console/report.html", context, current="campaigns")


@require_POST
@allowed(Act.READ)
def recount(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    launched(visitor, campaign_id)
    services.ask_report(visitor.workspace_id, campaign_id)
    messages.info(request, _("It is being counted again. Open this page in a moment."))
    return redirect(place(visitor, "campaign_report", campaign_id))


@require_POST
@allowed(Act.READ)
def report_file(_request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Figures, of nobody in particular. Who took them along is in the ledger, so it is no GET."""
    campaign, _mailing_ids = launched(visitor, campaign_id)
    found = selectors.report(visitor.workspace_id, campaign, now=clock.now())
    if found is None:
        return redirect(place(visitor, "campaign_report", campaign_id))
    targets, _opens = selectors.measuring(visitor.workspace_id, campaign_id)
    tried = variant_lines(visitor, campaign, found)
    coupons = selectors.times_used(visitor.workspace_id, campaign_id)
    cells = report.cells(found, _held(visitor, campaign_id), targets, coupons, tried)
    taken: dict[str, Value] = {"what": "report", "campaign": str(campaign_id), "rows": len(cells)}
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer(report.head(), cells, f"campaign-{campaign_id}-report.csv")


def _link_order(request: HttpRequest) -> clicks.LinkOrder:
    asked = request.GET.get("links")
    return clicks.LinkOrder(asked) if asked in list(clicks.LinkOrder) else clicks.LinkOrder.PEOPLE


def _parts(
    visitor: Visitor, campaign: selectors.Campaign, found: selectors.Report, order: clicks.LinkOrder
) -> dict[str, object]:
    handed = found.number("people", "accepted")
    bars = report.bars(found)
    counted = selectors.launch_preflight(visitor.workspace_id, campaign.campaign_id)
    return {
        "people": found.numbers("people"),
        "shares": {
            name: share(found.number("people", name), handed)
            for name in ("clickers", "opted_out", "complaints", "returned")
        }
        | {"openers": share(found.number("opens", "people"), handed)},
        "reasons": report.reason_lines(found),
        "counted": counted,
        "held": report.held_lines(counted.reasons) if counted else [],
        "bounces": report.bounce_lines(found),
        "measured": clicks.measured(visitor, campaign.campaign_id, found, order),
        "link_heads": clicks.heads(place(visitor, "campaign_report", campaign.campaign_id), order),
        "bars": bars,
        "columns": [asdict(each) for each in bars],
        "noes": report.no_lines(found),
        "noes_href": f"{place(visitor, 'refusals')}?campaign={campaign.campaign_id}",
        "receivers": report.receiver_lines(found),
        "compared": report.compared(visitor, campaign, found),
        "coupons": list(selectors.times_used(visitor.workspace_id, campaign.campaign_id).items()),
        "variants": variant_lines(visitor, campaign, found),
    }


def _held(visitor: Visitor, campaign_id: int) -> dict[str, int]:
    counted = selectors.launch_preflight(visitor.workspace_id, campaign_id)
    return dict(counted.reasons) if counted else {}
