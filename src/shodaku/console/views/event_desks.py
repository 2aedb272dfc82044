"""A form on a tablet at an occasion: opened for some hours, its link and code, closed."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.kit import clock, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.typesetting import qr_svg
from shodaku.kit.ui.csp import public_page
from shodaku.signup import selectors, services


class DeskForm(forms.Form):
    place = forms.CharField(
        label=gettext_lazy("Occasion or shop"),
        max_length=services.PLACE_CHARS_MAX,
        help_text=gettext_lazy("It stands on the page and in the evidence, such as: trade fair Tokyo 2026."),
    )
    desk = forms.CharField(
        label=gettext_lazy("Desk or till"),
        max_length=services.DESK_CHARS_MAX,
        help_text=gettext_lazy("Which tablet or till, such as: A-2."),
    )
    hours = forms.TypedChoiceField(
        label=gettext_lazy("Open for"), coerce=int, help_text=gettext_lazy("You can close it sooner.")
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data, initial={"hours": 8})  # type: ignore[arg-type] # what a request holds
        self.fields["hours"].choices = [  # type: ignore[attr-defined] # a field of choices
            (hours, ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}) for hours in services.HOURS
        ]


@dataclass(frozen=True, slots=True)
class Line:
    desk: services.Desk
    is_open: bool
    address: str  # "" of one that is closed


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def desks(request: HttpRequest, visitor: Visitor, form_id: int) -> HttpResponse:
    kept = next((each for each in selectors.forms(visitor.workspace_id) if each.form_id == form_id), None)
    if kept is None or not kept.version:
        raise Http404
    typed, status = DeskForm(request.POST or None), 200
    if request.method == "POST":
        forbid(visitor, Act.EDIT_CONTACTS)
        if typed.is_valid() and _opened(visitor, form_id, typed):
            messages.success(request, _("The desk is open. Open its address on the tablet."))
            return redirect(place(visitor, "event_desks", form_id))
        status = 422
    found = services.desks(visitor.workspace_id, form_id, before=row_id(request.GET.get("before", "")))
    shown, now = found[: services.DESK_ROWS], clock.now()
    context = {
        "kept": kept,
        "form": typed,
        "lines": [Line(each, each.open_at(now), _address(visitor, each)) for each in shown],
        "older": shown[-1].desk_no if len(found) > len(shown) else None,
        "may_open": may(visitor.role, Act.EDIT_CONTACTS),
    }
    return show(request, visitor, "console/event_desks.html", context, current="forms", status=status)


@require_safe
@allowed(Act.EDIT_CONTACTS)
def code(_request: HttpRequest, visitor: Visitor, form_id: int, desk_no: int) -> HttpResponse:
    """The address as a picture that a tablet reads. Only while the desk is open."""
    found = services.desk(visitor.workspace_id, desk_no)
    if found is None or found.form_id != form_id or not found.open_at(clock.now()):
        raise Http404
    picture = qr_svg(_address(visitor, found)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return public_page(HttpResponse(picture, content_type="image/svg+xml"))


@require_POST
@allowed(Act.EDIT_CONTACTS)
def close(request: HttpRequest, visitor: Visitor, form_id: int, desk_no: int) -> HttpResponse:
    if services.close_desk(
        visitor.workspace_id, form_id, desk_no, staff_id=visitor.staff_id, now=clock.now()
    ):
        messages.success(request, _("Closed. The page on the tablet takes nothing more."))
    return redirect(place(visitor, "event_desks", form_id))


def _opened(visitor: Visitor, form_id: int, typed: DeskForm) -> bool:
    said = typed.cleaned_data
    wanted = services.NewDesk(form_id=form_id, place=said["place"], desk=said["desk"], hours=said["hours"])
    try:
        services.open_desk(visitor.workspace_id, wanted, staff_id=visitor.staff_id, now=clock.now())
    except services.UnfitPlace:
        typed.add_error(None, _("Write place and desk as plain words, in one line."))
        return False
    except OutOfReach:
        typed.add_error(
            None, _("This cannot be recorded at the moment. Nothing is lost; try again in a minute.")
        )
        return False
    return True


def _address(visitor: Visitor, found: services.Desk) -> str:
    """Only for who may open one: whoever has it can send the form in the name of the desk."""
    if not found.open_at(clock.now()) or not may(visitor.role, Act.EDIT_CONTACTS):
        return ""
    token = services.desk_token(visitor.workspace_id, found.desk_no)
    return f"{runtime.current().public_url}{reverse('signup_desk', args=[token])}"
