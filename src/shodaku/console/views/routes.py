"""Mail servers: which carry the mails, in which order and shares, and how they are."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.route_forms import WARM_UP_FAULT, PaceForm, RouteForm, WarmUpForm
from shodaku.console.route_words import CARRIED, FAULTS, RECEIVERS
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Carries
from shodaku.kit import clock
from shodaku.notices import services as notices

_AT_A_FIELD: Final = (
    services.HostNeeded,
    services.AccountNeeded,
    services.KeyFault,
    services.ProviderHostFault,
)
_FIELDS: Final = {
    services.HostNeeded.code: "host",
    services.AccountNeeded.code: "username",
    services.KeyFault.code: "password",
    services.ProviderHostFault.code: "host",
}
_TRIAL_SECONDS_MAX: Final = 20.0  # somebody waits for the page


@require_safe
@allowed(Act.READ)
def routes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _list(request, visitor, RouteForm())


@require_POST
@allowed(Act.EDIT_SENDER)
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = RouteForm(request.POST)
    if not form.is_valid():
        return _list(request, visitor, form, status=422)
    try:
        services.add_route(
            visitor.workspace_id, services.NewRoute(**form.cleaned_data), by=_by(visitor), now=clock.now()
        )
    except services.TooManyRoutes as fault:
        messages.error(request, str(FAULTS[fault.code]))
        return _list(request, visitor, form, status=409)
    except _AT_A_FIELD as fault:
        form.add_error(_FIELDS[fault.code], str(FAULTS[fault.code]))
        return _list(request, visitor, form, status=422)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "routes"))


@require_POST
@allowed(Act.EDIT_SENDER)
def pace(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A limit that all workers together keep."""
    form = _pace_form(selectors.routes(visitor.workspace_id), request.POST)
    if not form.is_valid():
        return _list(request, visitor, RouteForm(), form, status=422)
    said = form.cleaned_data
    try:
        services.set_pace(
            visitor.workspace_id,
            said["rate"],
            route_id=said["route"],
            domain_group=said["receivers"],
            by=_by(visitor),
            now=clock.now(),
        )
    except services.RateOfRoute as fault:
        form.add_error("receivers", str(FAULTS[fault.code]))
        return _list(request, visitor, RouteForm(), form, status=422)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "routes"))


@require_safe
@allowed(Act.EDIT_SENDER)
def route(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    found = _found(visitor, route_id)
    return _one(request, visitor, found, _route_form(found))


@require_POST
@allowed(Act.EDIT_SENDER)
def change(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    """Workers follow within five seconds; what has begun ends where it is."""
    found, form = _found(visitor, route_id), RouteForm(request.POST)
    if not form.is_valid():
        return _one(request, visitor, found, form, status=422)
    said = services.NewRoute(**form.cleaned_data)
    try:
        services.change_route(visitor.workspace_id, route_id, said, by=_by(visitor), now=clock.now())
    except services.RouteNeeded as fault:
        messages.error(request, str(FAULTS[fault.code]))
        return _one(request, visitor, found, form, status=409)
    except _AT_A_FIELD as fault:
        form.add_error(_FIELDS[fault.code], str(FAULTS[fault.code]))
        return _one(request, visitor, found, form, status=422)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "routes"))


@require_POST
@allowed(Act.EDIT_SENDER)
def warm_up(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    """Begun, changed or ended."""
    found, form, by, now = _found(visitor, route_id), WarmUpForm(request.POST), _by(visitor), clock.now()
    if request.POST.get("end") == "1":
        services.end_warm_up(visitor.workspace_id, route_id, by=by, now=now)
        messages.success(request, _("Its mails are not counted by days any more."))
        return redirect(place(visitor, "routes"))
    if form.is_valid():
        try:
            services.begin_warm_up(visitor.workspace_id, route_id, form.cleaned_data["daily"], by=by, now=now)
        except services.WarmUpFault:
            form.add_error("daily", WARM_UP_FAULT)
    if not form.is_valid():
        return _one(request, visitor, found, _route_form(found), form, status=422)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "routes"))


@require_POST
@allowed(Act.EDIT_SENDER)
def try_it(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    """Nothing is sent, and nothing is kept of what the server said: it is shown once."""
    found = _found(visitor, route_id)
    try:
        tried = services.try_route(visitor.workspace_id, route_id, seconds_max=_TRIAL_SECONDS_MAX)
    except (services.PasswordMissing, services.ProviderHostFault) as fault:
        tried = services.Tried(well=False, sentence=fault.message)
    return _one(request, visitor, found, _route_form(found), tried=tried)


@require_POST
@allowed(Act.EDIT_SENDER)
def test_mail(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    """To the member who presses, by this server alone."""
    _found(visitor, route_id)
    try:
        notices.try_by_mail(visitor.workspace_id, route_id, staff_id=visitor.staff_id, now=clock.now())
    except notices.AddressErased:
        messages.error(request, _("Your address was erased here, so nothing is sent to it."))
    except notices.CannotTry:
        messages.error(
            request,
            _(
                "No test can be sent: there is no sender, you stopped our mails to your address, or the"
                " server is off or carries only what goes to many."
            ),
        )
    else:
        messages.success(request, _("The test is on its way to your address, by this server alone."))
    return redirect(place(visitor, "route", route_id))


@require_POST
@allowed(Act.EDIT_SENDER)
def remove(request: HttpRequest, visitor: Visitor, route_id: int) -> HttpResponse:
    _found(visitor, route_id)
    try:
        services.remove_route(visitor.workspace_id, route_id, by=_by(visitor), now=clock.now())
    except services.RouteNeeded as fault:
        messages.error(request, str(FAULTS[fault.code]))
    else:
        messages.success(request, _("The mail server is removed, and its password with it."))
    return redirect(place(visitor, "routes"))


@require_POST
@allowed(Act.EDIT_SENDER)
def trust(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A machine whose returned mails are not believed is a server of their own, says somebody."""
    source = request.POST.get("source", "")
    try:
        services.trust_source(visitor.workspace_id, source, by=_by(visitor), now=clock.now())
    except services.NoSource:
        messages.error(request, _("This is no address of a machine. Nothing was changed."))
    else:
        messages.success(request, _("Trusted. What it reports counts from now on."))
    return redirect(place(visitor, "routes"))


def _found(visitor: Visitor, route_id: int) -> selectors.Route:
    """Raises Http404."""
    every = selectors.routes(visitor.workspace_id)
    found = next((each for each in every if each.route_id == route_id), None)
    if found is None:
        raise Http404
    return found


def _route_form(found: selectors.Route) -> RouteForm:
    initial = {name: getattr(found, name) for name in RouteForm.base_fields if name != "password"}
    return RouteForm(initial=initial | {"signs_for": ", ".join(found.signs_for)})


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"


def _pace_form(found: list[selectors.Route], said: QueryDict | None = None) -> PaceForm:
    named = [(each.route_id, each.name) for each in found]
    return PaceForm(said, routes=named, groups=[(name, str(RECEIVERS[name])) for name in selectors.groups()])


def _paces(visitor: Visitor, found: list[selectors.Route]) -> list[tuple[selectors.Pace, str, str, str, str]]:
    """Each limit with its server and its receivers in words."""
    names = {each.route_id: each.name for each in found}
    return [
        (
            each,
            names.get(each.route_id, "") or _("All of them together"),
            str(RECEIVERS[each.domain_group]) if each.domain_group else _("All receivers"),
            f"{each.rate_max:g}",
            f"{each.rate:.3g}",
        )
        for each in selectors.paces(visitor.workspace_id)
    ]


def _warm_ups(visitor: Visitor, found: list[selectors.Route]) -> list[tuple[selectors.WarmUp, str, str, int]]:
    """Each that is not over, with its server, its receivers and its day in words."""
    names = {each.route_id: each.name for each in found}
    return [
        (each, names[each.route_id], str(RECEIVERS[each.domain_group]), each.step + 1)
        for each in selectors.warm_ups(visitor.workspace_id)
        if not each.over and each.route_id in names
    ]


def _list(
    request: HttpRequest,
    visitor: Visitor,
    form: RouteForm,
    pace_form: PaceForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    found = selectors.routes(visitor.workspace_id)
    carried = [Carries(each.carries) for each in found if each.enabled]
    held, unaligned = selectors.held(visitor.workspace_id), selectors.unaligned(visitor.workspace_id)
    context: dict[str, Any] = {
        "routes": found,
        "rows": [(each, CARRIED[each.carries], held.get(each.route_id, 0)) for each in found],
        "unaligned": [
            (each.name, ", ".join(unaligned[each.route_id])) for each in found if each.route_id in unaligned
        ],
        "route_form": form,
        "paces": _paces(visitor, found),
        "warm_ups": _warm_ups(visitor, found),
        "pace_form": pace_form or _pace_form(found),
        "mailboxes": selectors.mailbox_places(visitor.workspace_id),
        "distrusted": selectors.distrusted(visitor.workspace_id, now=clock.now()),
        "may_edit": may(visitor.role, Act.EDIT_SENDER),
        "nobody_carries_campaigns": bool(found) and not any(each.takes(urgent=False) for each in carried),
        "nobody_carries_urgent": bool(found) and not any(each.takes(urgent=True) for each in carried),
    }
    return show(request, visitor, "console/routes.html", context, current="settings", status=status)


def _one(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.Route,
    form: RouteForm,
    warm_up_form: WarmUpForm | None = None,
    *,
    tried: services.Tried | None = None,
    status: int = 200,
) -> HttpResponse:
    begun = [each for each in selectors.warm_ups(visitor.workspace_id) if each.route_id == found.route_id]
    daily = {"daily": ", ".join(map(str, begun[0].amounts))} if begun else None
    context = {
        "route": found,
        "route_form": form,
        "warm_up_form": warm_up_form or WarmUpForm(initial=daily),
        "warms": bool(begun),
        "tried": tried,
        "tried_at": clock.now(),
    }
    return show(request, visitor, "console/route.html", context, current="settings", status=status)
