"""Forget whoever has an address, for somebody who asked by telephone, letter or in person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.consent.domain import Method
from shodaku.console.desk_forms import EraseForm, EraseTypedForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.evidence import erasures_page
from shodaku.contacts.services import ContactGone
from shodaku.erasure import selectors as erasure
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

UNPROCESSABLE = 422


@require_POST
@allowed(Act.ERASE)
def begin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The first press changes nothing: it shows in numbers what would go, and asks for a word."""
    form = EraseForm(request.POST, auto_id="erase_%s")
    if not form.is_valid():
        return erasures_page(request, visitor, clock.now(), {"erase_form": form}, status=UNPROCESSABLE)
    contact_id = optout.owner(visitor.workspace_id, form.cleaned_data["address"][1])
    if contact_id is None:
        form.add_error("address", _("Nobody here has this address. On the desk you can stop it for good."))
        return erasures_page(request, visitor, clock.now(), {"erase_form": form}, status=UNPROCESSABLE)
    return _ask(request, visitor, contact_id, EraseTypedForm(initial=_typed(form)))


@require_POST
@allowed(Act.ERASE)
def erase(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = EraseTypedForm(request.POST)
    address = str(request.POST.get("address", ""))
    contact_id = optout.owner(visitor.workspace_id, address) if address else None
    if contact_id is None:
        messages.info(request, _("Nobody here has this address any more. Nothing was changed."))
        return redirect(place(visitor, "erasures"))
    if not form.is_valid():
        return _ask(request, visitor, contact_id, form, status=UNPROCESSABLE)
    order = OptOut(
        workspace_id=visitor.workspace_id,
        contact_id=contact_id,
        scope=OptOutScope.ERASE,
        via=Method(form.cleaned_data["via"]),
        by=f"staff:{visitor.staff_id}",
    )
    try:
        receipt = optout.opt_out(order, now=clock.now())
    except ContactGone:
        messages.info(request, _("Nobody here has this address any more. Nothing was changed."))
    else:
        messages.success(
            request, _("Stopped, and being erased. Receipt %(number)s.") % {"number": receipt.number}
        )
    return redirect(place(visitor, "erasures"))


def _typed(form: EraseForm) -> dict[str, str]:
    return {"address": form.cleaned_data["address"][1], "via": form.cleaned_data["via"]}


def _ask(
    request: HttpRequest, visitor: Visitor, contact_id: int, form: EraseTypedForm, *, status: int = 200
) -> HttpResponse:
    """Masked: who is on the telephone reads the address out, nobody has to see it."""
    counts = erasure.remains(visitor.workspace_id, contact_id)
    context = {
        "form": form,
        "address": form["address"].value(),
        "rows": sum(counts.values()),
        "counts": sorted(counts.items()),
        "sealed_until": erasure.keeps_until(visitor.workspace_id, contact_id, now=clock.now()),
    }
    response = show(
        request, visitor, "console/erase_confirm.html", context, current="erasures", status=status
    )
    patch_cache_control(response, no_store=True, private=True)
    return response
