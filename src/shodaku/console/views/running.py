"""While a campaign is on its way: how far, pause, go on, stop for good."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.consent import selectors as consent
from shodaku.console import clicks, words
from shodaku.console.acts import record
from shodaku.console.campaign import badge, figures, launched, moves, trial_badge
from shodaku.console.download import csv_answer
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.report import reason_lines
from shodaku.console.trial import trial_card
from shodaku.console.views.person import topic_titles
from shodaku.content import selectors as content
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState
from shodaku.kit import clock, runtime
from shodaku.ledger.domain import Value
from shodaku.suppression import selectors as suppressions


def result_page(request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign) -> HttpResponse:
    context = _standing(visitor, campaign.campaign_id)
    progress: delivery.Progress = context["progress"]
    card = trial_card(visitor, campaign)
    found = selectors.report(visitor.workspace_id, campaign, now=clock.now())
    context |= {
        "topic": topic_titles(visitor.workspace_id).get(campaign.topic_id, ""),
        "badge": trial_badge(campaign) if card["trial"] and card["trial"].undecided else badge(progress),
        **card,
        "reasons": reason_lines(found) if found else [],
        "measured": clicks.measured(visitor, campaign.campaign_id, found),
        "stopped": words.stopped(progress)
        if progress.state is MailingState.PAUSED and not card["trial"]
        else "",
        "rests_since_restore": progress.state is MailingState.PAUSED
        and not suppressions.paused_by_replay(visitor.workspace_id).isdisjoint(context["mailing_ids"]),
        "may_be_shown": services.may_be_shown(campaign, clock.now()),
        **_back_number(visitor, campaign.campaign_id),
        "may_launch": may(visitor.role, Act.LAUNCH),
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
    }
    return show(request, visitor, "console/campaign.html", context, current="campaigns")


def _back_number(visitor: Visitor, campaign_id: int) -> dict[str, object]:
    """Where everybody may see it, if its author said so."""
    number = content.back_number_of(visitor.workspace_id, campaign_id)
    topic = consent.topic(visitor.workspace_id, number.topic_id) if number else None
    if number is None or topic is None:
        return {"back_number": None}
    place_of = [visitor.workspace.slug, topic.slug, number.back_number_id]
    return {"back_number": number, "archive_href": reverse("signup_back_number", args=place_of)}


@require_safe
@allowed(Act.READ)
def progress(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """The bar alone, for the page that asks every two seconds; without htmx the page itself."""
    context = _standing(visitor, campaign_id)
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "campaign", campaign_id))
    return show(request, visitor, "console/_campaign_progress.html", context, current="campaigns")


@require_POST
@allowed(Act.READ)
def clicks_file(_request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Figures by link, of nobody in particular. Who took them along is in the ledger, so it is no GET."""
    campaign, _mailing_ids = launched(visitor, campaign_id)
    found = selectors.report(visitor.workspace_id, campaign, now=clock.now())
    measured = clicks.measured(visitor, campaign_id, found)
    if measured is None:
        raise Http404
    cells = clicks.cells(measured)
    taken: dict[str, Value] = {"what": "clicks", "campaign": str(campaign_id), "rows": len(cells)}
    record(visitor, "admin.exported", taken, clock.now())
    return csv_answer(clicks.head(), cells, f"campaign-{campaign_id}-clicks.csv")


@require_POST
@allowed(Act.LAUNCH)
def pause(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    launched(visitor, campaign_id)
    services.pause(visitor.workspace_id, campaign_id, now=clock.now(), staff_id=visitor.staff_id)
    messages.success(request, _("Paused. What has begun ends within two seconds."))
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.LAUNCH)
def resume(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    launched(visitor, campaign_id)
    services.resume(visitor.workspace_id, campaign_id, now=clock.now(), staff_id=visitor.staff_id)
    messages.success(request, _("Sending goes on. Each person is checked again."))
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.LAUNCH)
def start(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Before its time."""
    launched(visitor, campaign_id)
    if services.start_now(visitor.workspace_id, campaign_id, now=clock.now(), staff_id=visitor.staff_id):
        messages.success(request, _("It starts now. Each person is checked again."))
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.LAUNCH)
def cancel(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """For good, so the first press asks and says how many stay unsent."""
    context = _standing(visitor, campaign_id)
    before: delivery.Progress = context["progress"]
    if request.POST.get("confirmed") != "1":
        context["waiting"] = before.waiting
        return show(request, visitor, "console/stop_confirm.html", context, current="campaigns")
    services.cancel(visitor.workspace_id, campaign_id, now=clock.now(), staff_id=visitor.staff_id)
    handed = ngettext(
        "Sending has stopped. %(n)s was handed over.",
        "Sending has stopped. %(n)s were handed over.",
        before.accepted,
    )
    messages.success(request, handed % {"n": f"{before.accepted:,}"})
    return redirect(place(visitor, "campaign", campaign_id))


def _standing(visitor: Visitor, campaign_id: int) -> dict[str, Any]:
    campaign, mailing_ids = launched(visitor, campaign_id)
    now = selectors.progress(visitor.workspace_id, campaign_id)
    if now is None:
        raise LookupError(campaign_id)
    moving = moves(now) and now.waiting > 0
    return {
        "campaign": campaign,
        "figures": figures(visitor, campaign_id, now),
        "stopped_in_time": selectors.stopped_in_time(visitor.workspace_id, campaign_id),
        "came_back": selectors.came_back(visitor.workspace_id, campaign_id),
        "over": now.state in (MailingState.DONE, MailingState.CANCELLED),
        "mailing_ids": mailing_ids,
        "progress": now,
        "done": now.total - now.waiting,
        "rate": round(now.per_second) if moving else 0,
        "no_room": moving and not delivery.has_room(runtime.current().home / "journals"),
        "poll_href": place(visitor, "campaign_progress", campaign_id) if moving else "",
    }
