"""Sending domains: records to copy into DNS, what it said last, DKIM keys. A chore asks DNS, never a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console import domain_words
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.delivery import selectors, services
from shodaku.delivery.selectors import Algorithm, DkimKey, KeyState, Said
from shodaku.kit import clock

_KINDS: Final = {"rsa": (Algorithm.RSA,), "both": (Algorithm.RSA, Algorithm.ED25519)}


@require_safe
@allowed(Act.READ)
def domains(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor)


@require_POST
@allowed(Act.EDIT_SENDER)
def check(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    services.ask_dns(visitor.workspace_id)
    messages.success(request, _("DNS is asked now. Load this page again in a minute."))
    return redirect(place(visitor, "domains"))


@require_POST
@allowed(Act.EDIT_SENDER)
def new_key(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    domain = request.POST.get("domain", "")
    algorithms = _KINDS.get(request.POST.get("kind", ""))
    if algorithms is None or domain not in selectors.domains(visitor.workspace_id):
        return _page(request, visitor, status=422)
    by = f"staff:{visitor.staff_id}"
    try:
        services.make_dkim_keys(visitor.workspace_id, domain, algorithms, by=by, now=clock.now())
    except services.KeysWaiting as fault:
        messages.error(request, str(domain_words.FAULTS[fault.code]))
        return _page(request, visitor, status=409)
    messages.success(request, _("The key is made. Publish its record; it signs when DNS shows it."))
    return redirect(place(visitor, "domains"))


def _page(request: HttpRequest, visitor: Visitor, *, status: int = 200) -> HttpResponse:
    whose = visitor.workspace_id
    closed = {(each.domain, each.selector): each.sentence for each in selectors.closed_keys(whose)}
    context = {
        "domains": [_domain(whose, each, closed) for each in selectors.domains(whose)],
        "may_edit": may(visitor.role, Act.EDIT_SENDER),
    }
    return show(request, visitor, "console/domains.html", context, current="settings", status=status)


def _domain(whose: int, domain: str, closed: dict[tuple[str, str], str]) -> dict[str, Any]:
    keys, state = selectors.dkim_keys(whose, domain), selectors.domain_state(whose, domain)
    live = [each for each in keys if each.state is not KeyState.ENDED]
    return {
        "name": domain,
        "state": state,
        "reserved": selectors.is_reserved(domain),
        "findings": [
            {
                "subject": domain_words.SUBJECTS[each.subject],
                "name": each.name,
                "text": domain_words.FOUND[each.said],
                "well": each.said is Said.FINE,
            }
            for each in (state.findings if state else ())
        ],
        "signs_here": any(each.state is KeyState.ACTIVE for each in live),
        "waiting": any(each.state is KeyState.WAITING for each in live),
        "keys": list(_keys(live, closed)),
        "suggested": selectors.suggested(domain),
    }


def _keys(keys: Iterable[DkimKey], closed: dict[tuple[str, str], str]) -> Iterable[dict[str, Any]]:
    for each in keys:
        yield {
            "key": each,
            "state": domain_words.STATES[each.state],
            "tone": domain_words.TONES[each.state],
            "closed": (each.domain, each.selector) in closed,
        }
