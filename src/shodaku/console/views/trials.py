"""Variants of a campaign: written, taken out, and one of them chosen for the others."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors, services
from shodaku.console.campaign import DRAFT, found
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.trial import letter, trial_card
from shodaku.console.trial_form import TrialForm, initial_of
from shodaku.content.domain import TemplateFault
from shodaku.kit import clock
from shodaku.policy.domain import MessageClass


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def trial(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT:
        return redirect(place(visitor, "campaign", campaign_id))
    if campaign.message_class != MessageClass.ADVERTISING:
        raise Http404
    kept = selectors.trial(visitor.workspace_id, campaign_id)
    if request.method != "POST":
        return _page(request, visitor, campaign, TrialForm(initial=initial_of(kept)))
    form = TrialForm(request.POST)
    if form.is_valid() and _saved(visitor, campaign_id, form):
        messages.success(request, _("Saved. Count again, then it can be sent."))
        return redirect(place(visitor, "preflight", campaign_id))
    return _page(request, visitor, campaign, form)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def drop(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    found(visitor, campaign_id)
    try:
        services.drop_trial(visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now())
    except services.NoDraftToTry:
        return redirect(place(visitor, "campaign", campaign_id))
    messages.success(request, _("Taken out. Everybody gets the same mail."))
    return redirect(place(visitor, "preflight", campaign_id))


@require_POST
@allowed(Act.LAUNCH)
def choose(request: HttpRequest, visitor: Visitor, campaign_id: int, no: int) -> HttpResponse:
    """For good, so the first press asks and says how many get it."""
    campaign = found(visitor, campaign_id)
    card = trial_card(visitor, campaign)
    line = next((each for each in card.get("trial_lines", []) if each.no == no), None)
    if line is None:
        raise Http404
    if card["trial"].undecided and request.POST.get("confirmed") != "1":
        context = {"campaign": campaign, "line": line, "waiting": card["trial_waiting"]}
        return show(request, visitor, "console/trial_confirm.html", context, current="campaigns")
    try:
        planned = services.decide_trial(
            visitor.workspace_id, campaign_id, no, staff_id=visitor.staff_id, now=clock.now()
        )
    except services.NothingToDecide:
        messages.warning(request, _("It was decided or stopped meanwhile. This is how it stands now."))
    else:
        sentence = ngettext(
            "%(letter)s goes to the other %(n)s person. Each is checked again.",
            "%(letter)s goes to the other %(n)s people. Each is checked again.",
            planned.people,
        )
        messages.success(request, sentence % {"letter": letter(no), "n": f"{planned.people:,}"})
    return redirect(place(visitor, "campaign", campaign_id))


def _saved(visitor: Visitor, campaign_id: int, form: TrialForm) -> bool:
    """False: the form says why, and holds all that was typed."""
    try:
        services.save_trial(
            visitor.workspace_id, campaign_id, form.order(), staff_id=visitor.staff_id, now=clock.now()
        )
    except TemplateFault as fault:
        form.add_error(None, fault.sentence(get_language() or "ja"))
    except services.SameTwice:
        form.add_error(None, _("Two variants are the same. Change the subject or the text of one of them."))
    except services.NotMeasured:
        form.add_error(
            "judged_by",
            _("This campaign does not count that. Switch the counting on in its content, or choose by hand."),
        )
    except services.NoDraftToTry:
        form.add_error(None, _("It was sent meanwhile. Nothing was changed."))
    else:
        return True
    return False


def _page(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, form: TrialForm
) -> HttpResponse:
    context = {
        "campaign": campaign,
        "form": form,
        "has_trial": selectors.trial(visitor.workspace_id, campaign.campaign_id) is not None,
    }
    status = 422 if form.errors else 200
    return show(request, visitor, "console/trial.html", context, current="campaigns", status=status)
