"""By which rules the gate decides here: pack, stricter values, exemptions, and topics held for complaints.

What other rules would change is shown before anybody chooses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as known
from shodaku.campaigns import services as campaigns
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.rule_forms import (
    EXEMPTIONS,
    TIGHTENABLE,
    ExemptionForm,
    ReleaseForm,
    RulesForm,
    stands_at,
)
from shodaku.console.simulated import asked_rules, rules_looked_at
from shodaku.console.views.person import topic_titles
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Exemption, write_tightening
from shodaku.kit import clock

UNPROCESSABLE: Final = 422
CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class Key:
    """A parameter that may be made stricter."""

    key: str
    example: str
    about: str | Promise
    now: str


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    sender: str
    about: str | Promise
    since: datetime
    entry_id: int


@dataclass(frozen=True, slots=True)
class Level:
    topic: str
    rate: float  # reports in a hundred mails
    measured_at: datetime
    held: bool
    released_at: datetime | None


@require_safe
@allowed(Act.READ)
def rules(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, {})


@require_POST
@allowed(Act.EDIT_SENDER)
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All that was typed, or nothing of it."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, {"rules_form": form}, status=UNPROCESSABLE)
    if _looked_at_others(request, visitor):
        messages.error(request, _("The numbers are other ones by now. Look again before you decide."))
        return _page(request, visitor, {"rules_form": form}, status=CONFLICT)
    said = form.cleaned_data
    services.choose_rules(
        visitor.workspace_id,
        said["pack"],
        said["values"],
        said["home_country"],
        by=_by(visitor),
        now=clock.now(),
    )
    messages.success(request, _("These rules hold from now on, for mails that are on their way too."))
    return redirect(place(visitor, "rules"))


@require_POST
@allowed(Act.EDIT_SENDER)
def simulate(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who would be held under these rules and is not now; no rule changes by it."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, {"rules_form": form}, status=UNPROCESSABLE)
    said = form.cleaned_data
    asked = campaigns.RulesAsked(said["pack"], said["values"], said["home_country"])
    campaigns.ask_simulation(visitor.workspace_id, asked, now=clock.now())
    return redirect(f"{place(visitor, 'rules')}?asked=1#simulation")


@require_safe
@allowed(Act.READ)
def simulating(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The bar alone, for the page that asks every two seconds, and at the end the word to show the answer."""
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "rules"))
    context = rules_looked_at(visitor, topic_titles(visitor.workspace_id))
    if "poll_href" not in context:
        return HttpResponseClientRefresh()
    return show(request, visitor, "console/_counting.html", context, current="rules")


@require_POST
@allowed(Act.EDIT_SENDER)
def switch(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = ExemptionForm(request.POST, senders=_senders(visitor), auto_id="exemption_%s")
    if not form.is_valid():
        return _page(request, visitor, {"exemption_form": form}, status=UNPROCESSABLE)
    said = form.cleaned_data
    services.switch_exemption(
        visitor.workspace_id,
        said["sender"],
        Exemption(said["exemption"]),
        on=said["on"],
        reason=said["reason"],
        by=_by(visitor),
        now=clock.now(),
    )
    messages.success(request, _("Saved, and written into the ledger."))
    return redirect(place(visitor, "rules"))


@require_POST
@allowed(Act.EDIT_SENDER)
def release(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = ReleaseForm(request.POST, topics=_topics(visitor), auto_id="release_%s")
    if not form.is_valid():
        return _page(request, visitor, {"release_form": form}, status=UNPROCESSABLE)
    said = form.cleaned_data
    released = services.release_topic(
        visitor.workspace_id, said["topic"], reason=said["reason"], by=_by(visitor), now=clock.now()
    )
    if released:
        messages.success(request, _("The topic goes on, until the rate rises again."))
    else:
        messages.error(request, _("Nothing held this topic."))
    return redirect(place(visitor, "rules"))


def _page(
    request: HttpRequest, visitor: Visitor, bound: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    choice = selectors.rule_choice(visitor.workspace_id)
    pack = choice.rules
    levels = _levels(visitor, pack.complaint_rate_max)
    asked = asked_rules(visitor) if "asked" in request.GET else None
    initial = asked or {
        "pack": choice.pack,
        "home_country": choice.home(visitor.workspace.locale) or "",
        "tightened": write_tightening(choice.tightened),
    }
    context = {
        "choice": choice,
        "pack": pack,
        "home": choice.home(visitor.workspace.locale),
        "keys": [Key(key, example, about, stands_at(pack, key)) for key, example, about in TIGHTENABLE],
        "switched_on": _switched_on(visitor),
        "levels": levels,
        "complaints_max": pack.complaint_rate_max * 100,
        "may_edit": may(visitor.role, Act.EDIT_SENDER),
        "rules_form": RulesForm(initial=initial),
        "exemption_form": ExemptionForm(senders=_senders(visitor), auto_id="exemption_%s"),
        "release_form": ReleaseForm(topics=_topics(visitor), auto_id="release_%s"),
        "any_held": any(level.held for level in levels),
        **rules_looked_at(visitor, topic_titles(visitor.workspace_id)),
        **bound,
    }
    return show(request, visitor, "console/rules.html", context, current="rules", status=status)


def _looked_at_others(request: HttpRequest, visitor: Visitor) -> bool:
    """The button said a number, and it is of another look, or of other rules in force."""
    said = request.POST.get("simulation")
    if said is None:
        return False
    found = known.simulation(visitor.workspace_id)
    return found is None or not found.stands or said != str(found.number)


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"


def _senders(visitor: Visitor) -> list[tuple[int, str]]:
    return [(each.sender_id, each.display_name) for each in accounts.senders(visitor.workspace_id)]


def _topics(visitor: Visitor) -> list[tuple[int, str]]:
    return list(topic_titles(visitor.workspace_id).items())


def _switched_on(visitor: Visitor) -> list[SwitchedOn]:
    names = dict(_senders(visitor))
    return [
        SwitchedOn(
            names.get(each.sender_id, ""), EXEMPTIONS.get(each.name, each.name), each.since, each.entry_id
        )
        for each in selectors.exemptions(visitor.workspace_id)
    ]


def _levels(visitor: Visitor, rate_max: float) -> list[Level]:
    titles = topic_titles(visitor.workspace_id)
    return [
        Level(
            titles.get(each.topic_id, _("a former topic")),
            round(each.rate * 100, 3),
            each.measured_at,
            each.rate > rate_max and each.released_at is None,
            each.released_at,
        )
        for each in selectors.complaint_levels(visitor.workspace_id)
    ]
