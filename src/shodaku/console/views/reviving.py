"""Staff know that an address exists which a server called unknown."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.console.desk_forms import RestoreAddressForm
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.person import person_page
from shodaku.contacts.domain import Channel
from shodaku.delivery import services as delivery
from shodaku.kit import clock


@require_POST
@allowed(Act.EDIT_CONTACTS)
def restore(request: HttpRequest, visitor: Visitor, contact_id: int) -> HttpResponse:
    """Only what a bounce ended: a no of the person stays one."""
    form = RestoreAddressForm(request.POST)
    if not form.is_valid():
        return person_page(request, visitor, contact_id, restore_form=form, status=422)
    restored = delivery.restore_address(
        visitor.workspace_id,
        contact_id,
        Channel.EMAIL,
        by=f"staff:{visitor.staff_id}",
        reason=form.cleaned_data["why"],
        now=clock.now(),
    )
    if restored:
        messages.success(request, _("Mails are sent to this address again."))
    else:
        messages.info(request, _("This address was sent to all the time. Nothing was changed."))
    return redirect(place(visitor, "contact", contact_id))
