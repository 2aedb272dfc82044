"""A second person's yes before a launch to many: asked for, given, sent back with words."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors, services
from shodaku.console.approval_form import AskForm, SendBackForm
from shodaku.console.campaign import DRAFT, found
from shodaku.console.display import report
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.launching import CONFLICT, objection, page, shown_preflight
from shodaku.kit import clock

UNPROCESSABLE = 422


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def ask(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """For what was counted and shown; a note that cannot be kept comes back as it was typed."""
    campaign = found(visitor, campaign_id)
    shown = shown_preflight(request, visitor, campaign_id)
    here = place(visitor, "preflight", campaign_id)
    if campaign.state != DRAFT or shown is None or report(visitor, campaign).trouble:
        return redirect(here)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _again(request, visitor, campaign, {"ask_form": form})
    note = form.cleaned_data["words"]
    try:
        answer = services.ask_approval(
            visitor.workspace_id,
            campaign_id,
            shown.preflight_id,
            note,
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except services.NotAsked:
        return redirect(here)  # launched at this moment
    if not isinstance(answer, services.Asked):
        return _conflict(request, visitor, campaign, objection(answer))
    messages.success(request, _("Asked for. Another person finds it on their home page."))
    return redirect(here)


@require_POST
@allowed(Act.APPROVE)
def decide(request: HttpRequest, visitor: Visitor, campaign_id: int, approval_id: int) -> HttpResponse:
    """A yes to exactly what was asked for, or back to its author with words."""
    campaign = found(visitor, campaign_id)
    try:
        if request.POST.get("decision") == "back":
            return _send_back(request, visitor, campaign, approval_id)
        if request.POST.get("decision") != "approve" or report(visitor, campaign).trouble:
            return redirect(place(visitor, "preflight", campaign_id))
        answer = services.approve(
            visitor.workspace_id, campaign_id, approval_id, staff_id=visitor.staff_id, now=clock.now()
        )
    except services.OwnRequest:
        messages.error(request, _("Nobody approves what they asked for themselves. Another person has to."))
        return redirect(place(visitor, "preflight", campaign_id))
    except services.NotAsked:
        return _gone(request, visitor, campaign_id)
    if not isinstance(answer, services.Approved):
        return _conflict(request, visitor, campaign, objection(answer))
    sentence = ngettext(
        "Approved for %(n)s person. It can be sent now.",
        "Approved for %(n)s people. It can be sent now.",
        answer.people,
    )
    messages.success(request, sentence % {"n": f"{answer.people:,}"})
    return redirect(place(visitor, "preflight", campaign_id))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def take_back(request: HttpRequest, visitor: Visitor, campaign_id: int, approval_id: int) -> HttpResponse:
    found(visitor, campaign_id)
    try:
        services.take_back(
            visitor.workspace_id, campaign_id, approval_id, staff_id=visitor.staff_id, now=clock.now()
        )
    except services.NotAsked:
        return _gone(request, visitor, campaign_id)
    messages.success(request, _("Taken back. Nothing was sent."))
    return redirect(place(visitor, "preflight", campaign_id))


def _send_back(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, approval_id: int
) -> HttpResponse:
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _again(request, visitor, campaign, {"back_form": form})
    services.send_back(
        visitor.workspace_id,
        campaign.campaign_id,
        approval_id,
        form.cleaned_data["words"],
        staff_id=visitor.staff_id,
        now=clock.now(),
    )
    messages.success(request, _("Sent back. Its author finds your words on the home page."))
    return redirect(place(visitor, "preflight", campaign.campaign_id))


def _gone(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    messages.warning(request, _("This was decided, changed or sent meanwhile. This is how it stands now."))
    return redirect(place(visitor, "preflight", campaign_id))


def _again(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, forms: dict[str, object]
) -> HttpResponse:
    counted = selectors.latest_preflight(visitor.workspace_id, campaign.campaign_id)
    return page(request, visitor, campaign, counted, forms=forms, status=UNPROCESSABLE)


def _conflict(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, changed: str
) -> HttpResponse:
    counted = selectors.latest_preflight(visitor.workspace_id, campaign.campaign_id)
    return page(request, visitor, campaign, counted, changed, status=CONFLICT)
