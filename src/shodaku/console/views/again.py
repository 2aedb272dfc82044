"""A campaign once more, under another subject, to those who did not open it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import NAME_CHARACTERS_MAX
from shodaku.console.campaign import launched
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError

FAULTS: dict[type[ShodakuError], Promise] = {
    services.NotForNotices: gettext_lazy(
        "Advertising alone goes once more; notices and the request for permission do not."
    ),
    services.NotYetSent: gettext_lazy("It has not left for everybody yet. Come back when it is done."),
    services.OpensNotCounted: gettext_lazy(
        "Nobody knows who opened it: the counting of opens was off when it was sent. "
        "Switch it on in the next campaign."
    ),
    services.AlreadyAgain: gettext_lazy("A campaign goes once more only once."),
}


class AgainForm(forms.Form):
    subject = forms.CharField(
        label=gettext_lazy("New subject"),
        max_length=NAME_CHARACTERS_MAX,
        help_text=gettext_lazy("Another one than before; the content is the same and can be changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def again(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """A draft; it is counted and sent like any other."""
    campaign, _mailing_id = launched(visitor, campaign_id)
    form = AgainForm(request.POST or None)
    try:
        services.check_again(visitor.workspace_id, campaign)
        if request.method == "POST" and form.is_valid():
            again_id = services.send_again(
                visitor.workspace_id,
                campaign_id,
                form.cleaned_data["subject"],
                staff_id=visitor.staff_id,
                now=clock.now(),
            )
            messages.success(request, _("A draft for those who did not open it. Count, then send it."))
            return redirect(place(visitor, "preflight", again_id))
    except services.SameSubject:
        form.add_error("subject", _("Write another subject than that of the first mail."))
    except tuple(FAULTS) as fault:
        return _refused(request, visitor, campaign, FAULTS[type(fault)])
    context = {"campaign": campaign, "form": form}
    status = 422 if form.errors else 200
    return show(request, visitor, "console/again.html", context, current="campaigns", status=status)


def _refused(
    request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign, why: Promise
) -> HttpResponse:
    again_id = selectors.again_of(visitor.workspace_id, campaign.campaign_id)
    context = {
        "campaign": campaign,
        "why": why,
        "again_href": place(visitor, "campaign", again_id) if again_id else "",
    }
    status = 409 if request.method == "POST" else 200
    return show(request, visitor, "console/again.html", context, current="campaigns", status=status)
