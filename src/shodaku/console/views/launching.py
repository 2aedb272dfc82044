"""Before a campaign leaves: who gets it and why not the others, and the one button that says the number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import (
    COUNT_HOLDS,
    ApprovalNeeded,
    ApproveAnswer,
    AskAnswer,
    ContentChanged,
    CountState,
    CountTooOld,
    LaunchAnswer,
    MorePeople,
    NothingMeasured,
    NotSendable,
    OtherRules,
    Preflight,
    StartPassed,
)
from shodaku.console import inert, ledger_words
from shodaku.console.acts import record
from shodaku.console.approval import second_person
from shodaku.console.campaign import DRAFT, found
from shodaku.console.display import report
from shodaku.console.frame import place, show
from shodaku.console.funnel import comparison, funnel
from shodaku.console.guard import Visitor, allowed
from shodaku.console.launch_sheet import Made, launch_sheet
from shodaku.console.views.person import topic_titles
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.kit.typesetting import need_libraries
from shodaku.kit.ui.templatetags.ui import minute
from shodaku.ledger.domain import Value
from shodaku.ledger.services import VaultAway
from shodaku.policy.domain import PACK_VERSIONS

CONFLICT: Final = 409
DIGITS_MAX: Final = 18  # of a bigint


@require_safe
@allowed(Act.READ)
def preflight(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Shows what was counted last, or how far it is; counting is a press of its own."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT:
        return redirect(place(visitor, "campaign", campaign_id))
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    return page(request, visitor, campaign, counted)


@require_safe
@allowed(Act.READ)
def counting(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """The bar alone, for the page that asks every two seconds, and at the end the word to show the answer."""
    campaign = found(visitor, campaign_id)
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "preflight", campaign_id))
    if campaign.state != DRAFT or counted is None or counted.done:
        return HttpResponseClientRefresh()
    return show(request, visitor, "console/_counting.html", _counting(visitor, counted), current="campaigns")


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def recount(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """A small audience is counted at once, a large one in the background; with `rules` by others as well."""
    campaign = found(visitor, campaign_id)
    here = redirect(place(visitor, "preflight", campaign_id))
    if campaign.state != DRAFT or report(visitor, campaign).trouble:
        return here  # which says what is wrong
    try:
        preflight_id = services.recount(
            visitor.workspace_id, campaign_id, now=clock.now(), other=_other(request, visitor)
        )
    except services.CountEnded:
        return here  # somebody counts it anew at this moment
    except (services.NoPack, services.Loosens) as fault:
        messages.error(request, _untold(fault))
        return here
    counted = selectors.preflight(visitor.workspace_id, campaign_id, preflight_id)
    if getattr(request, "htmx", False):
        if counted is None or not counted.done:
            return HttpResponseClientRefresh()
        context = funnel(visitor, campaign, counted)
        return show(request, visitor, "ui/_funnel.html", context, current="campaigns")
    return here


@require_POST
@allowed(Act.LAUNCH)
def launch(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """By the number that was shown: content changed or more people answers 409, fewer goes on."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT:
        return redirect(place(visitor, "campaign", campaign_id))  # pressed twice: the same page
    shown = shown_preflight(request, visitor, campaign_id)
    if shown is None or report(visitor, campaign).trouble:
        return redirect(place(visitor, "preflight", campaign_id))
    if request.POST.get("confirmed") != "1":
        context = {"campaign": campaign, "sendable": shown.sendable, "preflight_id": shown.preflight_id}
        return show(request, visitor, "console/launch_confirm.html", context, current="campaigns")
    answer = services.launch(
        visitor.workspace_id, campaign_id, shown.preflight_id, staff_id=visitor.staff_id, now=clock.now()
    )
    if isinstance(answer, services.Launched):
        if _rests(visitor, answer.mailing_id):
            messages.warning(request, _("It was launched and rests at once. The reason stands below."))
        else:
            messages.success(request, _started(answer.people, campaign.starts_at))
        return redirect(place(visitor, "campaign", campaign_id))
    counted = selectors.latest_preflight(visitor.workspace_id, campaign_id)
    return page(request, visitor, campaign, counted, objection(answer), status=CONFLICT)


@require_POST
@allowed(Act.READ)
def sheet(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Of the count that was shown, to be stamped. That it was made is in the ledger before it leaves."""
    campaign, here = found(visitor, campaign_id), redirect(place(visitor, "preflight", campaign_id))
    shown = shown_preflight(request, visitor, campaign_id)
    language = request.POST.get("language", "")
    if campaign.state != DRAFT or shown is None or language not in dict(settings.LANGUAGES):
        return here
    display = report(visitor, campaign)
    if display.frozen is None or display.frozen.content_sha256 != shown.content_sha256:
        return here  # which says that it was changed after the counting
    now = clock.now()
    said: dict[str, Value] = {
        "what": "preflight sheet",
        "campaign": campaign_id,
        "preflight": shown.preflight_id,
        "content": shown.content_sha256,
    }
    try:
        need_libraries()
        made = Made(now, record(visitor, "admin.exported", said, now))
        pdf = launch_sheet(visitor, campaign, shown, made, language)
    except VaultAway:
        raise  # answered as on every page
    except ShodakuError as fault:
        messages.error(request, str(ledger_words.told(fault)))
        return here
    return inert.attached(pdf, "application/pdf", f"check-{campaign_id}-{shown.preflight_id}-{language}.pdf")


def _rests(visitor: Visitor, mailing_id: int) -> bool:
    """By itself: its domain fails, or nobody answers where its links lead."""
    now = delivery.progress(visitor.workspace_id, mailing_id)
    return now is not None and now.stopped_for is not None


def _other(request: HttpRequest, visitor: Visitor) -> OtherRules | None:
    """Another pack, with the stricter values that hold here."""
    version = request.POST.get("rules", "")
    if not version:
        return None
    return OtherRules(version, delivery.rule_choice(visitor.workspace_id).tightened)


def _untold(fault: ShodakuError) -> str:
    return _("These rules cannot be compared: %(why)s") % {"why": fault.message}


def shown_preflight(request: HttpRequest, visitor: Visitor, campaign_id: int) -> Preflight | None:
    text = request.POST.get("preflight", "")
    number = int(text) if text.isdecimal() and len(text) <= DIGITS_MAX else 0
    shown = selectors.preflight(visitor.workspace_id, campaign_id, number)
    return shown if shown is not None and shown.done else None


def objection(answer: LaunchAnswer | AskAnswer | ApproveAnswer) -> str:
    match answer:
        case MorePeople(shown=shown, now=now):
            sentence = _("%(now)s people would get it now, and not %(shown)s. Nothing was sent.")
            return sentence % {"now": f"{now:,}", "shown": f"{shown:,}"}
        case ContentChanged():
            return _("The content was changed after the counting. Nothing was sent.")
        case CountTooOld():
            return _(
                "The count is older than ten minutes, or the rules have changed since."
                " Count again; nothing was sent."
            )
        case StartPassed():
            return _("The time to start has passed. Choose another, or send it at once. Nothing was sent.")
        case ApprovalNeeded(people=people, above=above):
            sentence = _(
                "To more than %(above)s people it goes only when a second person has approved it."
                " These are %(people)s; nothing was sent."
            )
            return sentence % {"above": f"{above:,}", "people": f"{people:,}"}
        case NothingMeasured():
            return _(
                "What decides between the variants is not counted. Switch the counting on in the content,"
                " or let somebody choose. Nothing was sent."
            )
        case NotSendable():
            return _("Nobody can receive this any more. Nothing was sent.")
        case _:
            return _("Something that the law requires is missing. Nothing was sent.")


def _started(people_count: int, starts_at: datetime | None) -> str:
    if starts_at is not None:
        sentence = ngettext(
            "It starts by itself on %(at)s: %(n)s person was chosen.",
            "It starts by itself on %(at)s: %(n)s people were chosen.",
            people_count,
        )
        return sentence % {"at": minute(localtime(starts_at)), "n": f"{people_count:,}"}
    sentence = ngettext(
        "Sending has begun: %(n)s person was chosen.",
        "Sending has begun: %(n)s people were chosen.",
        people_count,
    )
    return sentence % {"n": f"{people_count:,}"}


def page(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    counted: Preflight | None,
    changed: str = "",
    *,
    forms: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """What was counted, and the one step that is next; `forms` are those that come back with a fault."""
    display = report(visitor, campaign)
    if counted is not None and display.frozen and counted.content_sha256 != display.frozen.content_sha256:
        changed = changed or _("The content was changed after the counting. Count again before you send.")
        counted = None
    context: dict[str, Any] = {
        "recount_href": place(visitor, "recount", campaign.campaign_id),
        "counted": None,
        "changed": changed,
        "topic": topic_titles(visitor.workspace_id).get(campaign.topic_id, ""),
        "sender": accounts.sender(visitor.workspace_id, campaign.sender_id),
        "trouble": display.trouble,
        "checks": display.checks,
        "missing": display.missing,
        "mend_href": display.elsewhere or place(visitor, "campaign", campaign.campaign_id),
        "octets": display.octets,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "may_launch": may(visitor.role, Act.LAUNCH),
        "packs": PACK_VERSIONS,
        "goes_again": selectors.first_of(visitor.workspace_id, campaign.campaign_id) is not None,
        "trial": selectors.trial(visitor.workspace_id, campaign.campaign_id),
        "campaign": campaign,
        "passed": campaign.starts_at is not None and campaign.starts_at <= clock.now(),
    }
    if counted is not None and counted.done:
        context |= funnel(visitor, campaign, counted)
        context |= {"counted": counted, "comparison": comparison(counted)}
        context["stale"] = clock.now() - counted.at > COUNT_HOLDS
        if counted.sendable and counted.groups is not None:
            then = campaign.starts_at or clock.now()
            context["finish"] = delivery.finish(visitor.workspace_id, counted.groups, starts_at=then)
            context["tells_finish"] = True
        context |= second_person(visitor, counted, forms or {})
    elif counted is not None:
        context |= _counting(visitor, counted)
    return show(request, visitor, "console/preflight.html", context, current="campaigns", status=status)


def _counting(visitor: Visitor, counted: Preflight) -> dict[str, Any]:
    return {
        "counting": counted,
        "waiting": counted.state == CountState.WAITING,
        "total": max(1, counted.chosen, counted.seen),
        "poll_href": place(visitor, "preflight_progress", counted.campaign_id),
    }
