"""Before a campaign leaves: who gets it and why not the others, and the one button that says the number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import ContentChanged, LaunchAnswer, MorePeople, NotSendable, Preflight
from shodaku.console import people, words
from shodaku.console.campaign import DRAFT, found
from shodaku.console.display import report
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.person import topic_titles
from shodaku.kit import clock

PEOPLE_SHOWN_MAX: Final = 50
CONFLICT: Final = 409
DIGITS_MAX: Final = 18  # of a bigint
GROUPS: Final = ("wait", "never")


@require_safe
@allowed(Act.READ)
def preflight(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Shows what was counted last; counting is a press of its own."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT:
        return redirect(place(visitor, "campaign", campaign_id))
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    return _page(request, visitor, campaign, counted)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def recount(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    campaign = found(visitor, campaign_id)
    if report(visitor, campaign).trouble:
        return redirect(place(visitor, "preflight", campaign_id))  # which says what is wrong
    counted = services.count(visitor.workspace_id, campaign_id, now=clock.now())
    if getattr(request, "htmx", False):
        context = _funnel(visitor, campaign, counted)
        return show(request, visitor, "ui/_funnel.html", context, current="campaigns")
    return redirect(place(visitor, "preflight", campaign_id))


@require_safe
@allowed(Act.READ)
def held(request: HttpRequest, visitor: Visitor, campaign_id: int, reason: str) -> HttpResponse:
    """Who is behind a number, by the rules of this moment."""
    campaign = found(visitor, campaign_id)
    if words.parse_reason(reason) is None:
        raise Http404
    now = clock.now()
    chosen = selectors.verdicts(visitor.workspace_id, campaign_id, now=now)
    behind = [each.contact_id for each in chosen if each.verdict.reason.value == reason]
    shown = behind[:PEOPLE_SHOWN_MAX]
    context = {
        "campaign": campaign,
        "key": reason,
        "reason": words.told(reason),
        "people": people.lines(visitor.workspace_id, shown).values(),
        "left_out": len(behind) - len(shown),
        "closable": bool(getattr(request, "htmx", False)),
    }
    template = "console/_held.html" if context["closable"] else "console/held.html"
    return show(request, visitor, template, context, current="campaigns")


@require_POST
@allowed(Act.LAUNCH)
def launch(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """By the number that was shown: content changed or more people answers 409, fewer goes on."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT:
        return redirect(place(visitor, "campaign", campaign_id))  # pressed twice: the same page
    shown = _shown(request, visitor, campaign_id)
    if shown is None or report(visitor, campaign).trouble:
        return redirect(place(visitor, "preflight", campaign_id))
    if request.POST.get("confirmed") != "1":
        context = {"campaign": campaign, "sendable": shown.sendable, "preflight_id": shown.preflight_id}
        return show(request, visitor, "console/launch_confirm.html", context, current="campaigns")
    answer = services.launch(
        visitor.workspace_id, campaign_id, shown.preflight_id, staff_id=visitor.staff_id, now=clock.now()
    )
    if isinstance(answer, services.Launched):
        messages.success(request, _started(answer.people))
        return redirect(place(visitor, "campaign", campaign_id))
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    return _page(request, visitor, campaign, counted, _objection(answer), status=CONFLICT)


def _shown(request: HttpRequest, visitor: Visitor, campaign_id: int) -> Preflight | None:
    text = request.POST.get("preflight", "")
    number = int(text) if text.isdecimal() and len(text) <= DIGITS_MAX else 0
    return selectors.preflight(visitor.workspace_id, campaign_id, number)


def _objection(answer: LaunchAnswer) -> str:
    match answer:
        case MorePeople(shown=shown, now=now):
            sentence = _("%(now)s people would get it now, and not %(shown)s. Nothing was sent.")
            return sentence % {"now": f"{now:,}", "shown": f"{shown:,}"}
        case ContentChanged():
            return _("The content was changed after the counting. Nothing was sent.")
        case NotSendable():
            return _("Nobody can receive this any more. Nothing was sent.")
        case _:
            return _("Something that the law requires is missing. Nothing was sent.")


def _started(people_count: int) -> str:
    sentence = ngettext(
        "Sending has begun: %(n)s person was chosen.",
        "Sending has begun: %(n)s people were chosen.",
        people_count,
    )
    return sentence % {"n": f"{people_count:,}"}


def _page(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    counted: Preflight | None,
    changed: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    display = report(visitor, campaign)
    if counted is not None and display.frozen and counted.content_sha256 != display.frozen.content_sha256:
        changed = changed or _("The content was changed after the counting. Count again before you send.")
        counted = None
    context = {
        **(
            _funnel(visitor, campaign, counted)
            if counted
            else {"recount_href": _recount_href(visitor, campaign)}
        ),
        "counted": counted,
        "changed": changed,
        "topic": topic_titles(visitor.workspace_id).get(campaign.topic_id, ""),
        "sender": accounts.sender(visitor.workspace_id, campaign.sender_id),
        "trouble": display.trouble,
        "checks": display.checks,
        "missing": display.missing,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "may_launch": may(visitor.role, Act.LAUNCH),
    }
    context["campaign"] = campaign
    return show(request, visitor, "console/preflight.html", context, current="campaigns", status=status)


def _funnel(visitor: Visitor, campaign: selectors.Campaign, counted: Preflight) -> dict[str, Any]:
    """Sendable and held together are the chosen: each person has one reason."""
    told = {reason: words.told(reason) for reason in counted.reasons}
    wait, never = (_rows(visitor, campaign, counted.reasons, told, tone) for tone in GROUPS)
    return {
        "sendable": counted.sendable,
        "wait": sum(row["n"] for row in wait),
        "never": sum(row["n"] for row in never),
        "chosen": counted.chosen,
        "counted_at": counted.at,
        "groups": [{"tone": "wait", "rows": wait}, {"tone": "never", "rows": never}],
        "recount_href": _recount_href(visitor, campaign),
        "preflight_id": counted.preflight_id,
    }


def _rows(
    visitor: Visitor,
    campaign: selectors.Campaign,
    reasons: Mapping[str, int],
    told: Mapping[str, words.Told],
    tone: str,
) -> list[dict[str, Any]]:
    ordered = sorted(reasons.items(), key=lambda each: -each[1])
    return [
        {
            "icon": told[reason].icon,
            "n": people_count,
            "title": told[reason].text,
            "text": told[reason].next_step,
            "action": _("See the names"),
            "href": place(visitor, "held", campaign.campaign_id, reason),
            "key": reason,
        }
        for reason, people_count in ordered
        if people_count and told[reason].tone == tone
    ]


def _recount_href(visitor: Visitor, campaign: selectors.Campaign) -> str:
    return place(visitor, "recount", campaign.campaign_id)
