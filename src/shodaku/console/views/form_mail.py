"""The address of a form for empty mails: opened, shown to be put on posters, closed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.kit import clock
from shodaku.signup import services


@require_POST
@allowed(Act.EDIT_FORMS)
def open_(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    try:
        address = services.open_form_mail(
            visitor.workspace_id,
            form_id,
            request.POST.get("checked_by", ""),
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except services.NoForm as fault:
        raise Http404 from fault
    except services.NotPublished:
        messages.error(request, _("Publish the form first: behind the link there would be no wording."))
    except services.NoServer:
        messages.error(
            request,
            _("Name the mail server as it names itself in Authentication-Results, such as mx.example.com."),
        )
    else:
        messages.success(request, _("Empty mails to %(address)s are answered now.") % {"address": address})
    return redirect(place(visitor, "form", form_id))


@require_POST
@allowed(Act.EDIT_FORMS)
def close(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    if services.close_form_mail(visitor.workspace_id, form_id, now=clock.now()):
        messages.success(
            request, _("Mails to this address are refused from now on. Opened again, it is the same.")
        )
    return redirect(place(visitor, "form", form_id))
