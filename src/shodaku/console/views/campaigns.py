"""Campaigns: the list, the draft with its display report, how it looks, a test to oneself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import NAME_CHARACTERS_MAX, noticed_product
from shodaku.campaigns.selectors import CampaignOrder
from shodaku.console import words
from shodaku.console.campaign import DRAFT, found, lines
from shodaku.console.campaign_filter import Narrowed, narrow
from shodaku.console.campaign_form import NOTHING, TO_BLOCKS, TO_CODE, CampaignForm
from shodaku.console.code_form import STARTERS
from shodaku.console.display import Report, report
from shodaku.console.draft_conflict import Difference, differences, typed
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.sorting import Direction, Head
from shodaku.console.views.person import offered_titles, topic_titles
from shodaku.console.views.running import result_page
from shodaku.console.writing import CONFLICT, newest
from shodaku.contacts import selectors as contacts
from shodaku.content.domain import FIELDS, Source, TemplateFault
from shodaku.kit import clock
from shodaku.kit.ui import csp
from shodaku.policy.domain import MessageClass
from shodaku.segments import selectors as saved
from shodaku.segments.domain import (
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    Condition,
    InSegment,
    LanguageIs,
    SourceIs,
)


@require_safe
@allowed(Act.READ)
def campaigns(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A page, newest first; what it is narrowed to stands in the URL."""
    topics = topic_titles(visitor.workspace_id)
    tags = selectors.tags(visitor.workspace_id)
    narrowed = narrow(request.GET, topics, tags, ZoneInfo(visitor.workspace.timezone))
    before = row_id(request.GET.get("before", ""))
    rows_max = selectors.PAGE_ROWS
    found = selectors.page(
        visitor.workspace_id,
        narrowed.chosen,
        now=clock.now(),
        order=narrowed.order,
        before=_serial(before),
        rows_max=rows_max,
    )
    more = ""
    if len(found) == rows_max:
        more = f"{place(visitor, 'campaigns')}?{narrowed.query(before=found[-1].campaign_id)}"
    context = {
        "lines": lines(visitor, found),
        "heads": _heads(visitor, narrowed),
        "narrowed": narrowed,
        "topics": list(topics.items()),
        "tags": tags,
        "states": [(state, each.text) for state, each in words.CAMPAIGN_STATES.items()],
        "more": more,
        "first_href": f"{place(visitor, 'campaigns')}?{narrowed.query()}" if before else "",
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "may_prepare": may(visitor.role, Act.PREPARE),
    }
    return show(request, visitor, "console/campaigns.html", context, current="campaigns")


def _heads(visitor: Visitor, narrowed: Narrowed) -> list[Head]:
    order, here = narrowed.order, f"{place(visitor, 'campaigns')}?"
    by_name, by_time = CampaignOrder.NAME, CampaignOrder.LATEST
    name = CampaignOrder.NAME_BACK if order is by_name else by_name
    when = CampaignOrder.EARLIEST if order is by_time else by_time
    return [
        Head(_("Campaign"), here + narrowed.query(order=name.value), _DIRECTIONS.get((order, "name"))),
        Head(_("Topic")),
        Head(_("State")),
        Head(_("Handed over"), number=True),
        Head(_("When"), here + narrowed.query(order=when.value), _DIRECTIONS.get((order, "when"))),
    ]


_DIRECTIONS: Final = {
    (CampaignOrder.NAME, "name"): Direction.UP,
    (CampaignOrder.NAME_BACK, "name"): Direction.DOWN,
    (CampaignOrder.EARLIEST, "when"): Direction.UP,
    (CampaignOrder.LATEST, "when"): Direction.DOWN,
}


def _serial(number: int | None) -> int | None:
    """Larger than any campaign's is from the beginning."""
    return None if number is None or number >= 2**31 else number


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    topics = offered_titles(visitor.workspace_id)
    if not topics:
        return redirect(place(visitor, "topic_new"))
    if request.method != "POST":
        form = CampaignForm(
            topics=list(topics.items()), segments=_segments(visitor), products=_products(visitor)
        )
        return _editor(request, visitor, form, None)
    form = CampaignForm(
        request.POST,
        request.FILES,
        topics=list(topics.items()),
        segments=_segments(visitor),
        products=_products(visitor),
    )
    if form.is_valid():
        said = form.cleaned_data
        who = visitor.staff_id
        try:
            campaign_id = services.create(
                visitor.workspace_id, _order(said), staff_id=who, now=clock.now(), added=said["added"]
            )
        except TemplateFault as fault:
            form.add_error("added", fault.sentence(get_language() or "ja"))
        else:
            return _onward(request, visitor, campaign_id)
    return _editor(request, visitor, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def campaign(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """A draft is edited here; what was launched shows how far it is."""
    kept = found(visitor, campaign_id)
    if request.method != "POST":
        if kept.state != DRAFT:
            return result_page(request, visitor, kept)
        return _editor(request, visitor, _form(visitor, kept), kept)
    forbid(visitor, Act.WRITE_CAMPAIGN)
    form = _form(visitor, kept, request)
    if kept.state != DRAFT:
        return _sent_meanwhile(request, visitor, form, kept)
    if form.is_valid():
        try:
            services.edit(
                visitor.workspace_id,
                campaign_id,
                _order(form.cleaned_data),
                staff_id=visitor.staff_id,
                now=clock.now(),
                added=form.cleaned_data["added"],
                removed=request.POST.getlist("remove"),
                seen=request.POST.get("seen") or None,
            )
        except TemplateFault as fault:
            form.add_error("added", fault.sentence(get_language() or "ja"))
        except (services.SavedMeanwhile, services.AlreadyLaunched):
            return _conflict(request, visitor, campaign_id)
        else:
            return _onward(request, visitor, campaign_id)
    return _editor(request, visitor, form, kept)


def _form(
    visitor: Visitor,
    kept: selectors.Campaign,
    request: HttpRequest | None = None,
    *,
    typed_here: bool = False,
) -> CampaignForm:
    """As it was saved, and with a request as it was typed; `typed_here`: with its text, wherever that is."""
    return CampaignForm(
        request.POST if request else None,
        request.FILES if request else None,
        initial=_initial(kept),
        topics=list(offered_titles(visitor.workspace_id, kept.topic_id).items()),
        segments=_segments(visitor, kept),
        products=_products(visitor),
        asks=kept.asks,
        in_blocks=kept.revision is not None and not typed_here,
    )


def _conflict(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Somebody else was first: what was typed stays in the form, beside what was saved."""
    kept = found(visitor, campaign_id)
    form = _form(visitor, kept, request)
    if kept.state != DRAFT:
        return _sent_meanwhile(request, visitor, form, kept)
    typed_here = "text" in request.POST  # and went into blocks meanwhile, where the form has no place for it
    compared = _form(visitor, kept, request, typed_here=typed_here)
    return _editor(request, visitor, form, kept, differs=differences(compared))


def _sent_meanwhile(
    request: HttpRequest, visitor: Visitor, form: CampaignForm, kept: selectors.Campaign
) -> HttpResponse:
    context = {"campaign": kept, "typed": typed(form)}
    return show(
        request, visitor, "console/sent_meanwhile.html", context, current="campaigns", status=CONFLICT
    )


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def check(request: HttpRequest, visitor: Visitor, campaign_id: int | None = None) -> HttpResponse:
    """What the law requires, asked of what is being written; nothing is saved.

    The part of the page for htmx, which asks while somebody writes; else the editor as it was sent.
    """
    kept = None if campaign_id is None else found(visitor, campaign_id)
    topics = list(offered_titles(visitor.workspace_id, kept.topic_id if kept else None).items())
    form = CampaignForm(
        request.POST,
        topics=topics,
        segments=_segments(visitor, kept),
        products=_products(visitor),
        asks=kept is not None and kept.asks,
        in_blocks=kept is not None and kept.revision is not None,
    )
    display = report(visitor, _unsaved(visitor, form.cleaned_data, kept)) if form.is_valid() else None
    if getattr(request, "htmx", False):
        context = _told(display or Report(_("Choose a topic and write a subject, then it can be checked.")))
        return show(request, visitor, "console/_law.html", context, current="campaigns")
    return _editor(request, visitor, form, kept, display)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def test(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    display = report(visitor, found(visitor, campaign_id))
    if not display.trouble:
        try:
            services.test_send(visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now())
        except services.StaffErased:
            messages.error(request, _("Your address was erased here, so nothing is sent to it."))
        except services.StaffRefused:
            messages.error(request, _("You stopped mails to your own address; sign up again to get tests."))
        else:
            messages.success(request, _("The test is on its way to your address."))
            if display.missing:
                messages.warning(
                    request, _("What the law requires is missing from it. It cannot be sent so.")
                )
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def copy(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    found(visitor, campaign_id)
    try:
        fresh = services.copy(visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now())
    except services.AlreadyAgain:
        messages.error(
            request, _("This is a second mail to those who did not open the first. Copy the first one.")
        )
        return redirect(place(visitor, "campaign", campaign_id))
    return redirect(place(visitor, "campaign", fresh))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def discard(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """For good, so the first press asks."""
    kept = found(visitor, campaign_id)
    if kept.state == DRAFT and request.POST.get("confirmed") != "1":
        context = {
            "campaign": kept,
            "files": selectors.files(visitor.workspace_id, campaign_id),
            "approval": selectors.approval(visitor.workspace_id, campaign_id),
        }
        return show(request, visitor, "console/discard_confirm.html", context, current="campaigns")
    try:
        services.discard(visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now())
    except services.OnlyDrafts:
        messages.warning(request, _("It was sent meanwhile, so it stays. Nothing was thrown away."))
        return redirect(place(visitor, "campaign", campaign_id))
    messages.success(request, _("The draft “%(name)s” was thrown away.") % {"name": kept.name})
    return redirect(place(visitor, "campaigns"))


def _onward(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    if request.POST.get("next") == TO_BLOCKS:
        services.write_in_blocks(
            visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now()
        )
        return redirect(place(visitor, "blocks", campaign_id))
    if request.POST.get("next") == TO_CODE:
        starter = STARTERS["en" if get_language() == "en" else "ja"]
        services.write_as_code(
            visitor.workspace_id, campaign_id, starter=starter, staff_id=visitor.staff_id, now=clock.now()
        )
        return redirect(place(visitor, "code", campaign_id))
    if request.POST.get("next") == "preflight":
        return redirect(place(visitor, "preflight", campaign_id))
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "campaign", campaign_id))


def _editor(
    request: HttpRequest,
    visitor: Visitor,
    form: CampaignForm,
    kept: selectors.Campaign | None,
    checked: Report | None = None,
    differs: list[Difference] | None = None,
) -> HttpResponse:
    """`checked` is of what stands in the form; without it the report is of what was saved.

    `differs`: from what somebody else saved meanwhile; the next press puts this in its place.
    """
    display = checked or (report(visitor, kept) if kept else None)
    context = {
        "form": form,
        "campaign": kept,
        "seen": _seen(request, kept, differs),
        "differs": differs,
        "files": selectors.files(visitor.workspace_id, kept.campaign_id) if kept else [],
        "chosen_again": bool(request.FILES),
        "fields": _fields(),
        "sample_name": FIELDS["name"].sample,
        "examined": display is not None,
        "unsaved": checked is not None,
        "check_href": place(visitor, "campaign_check", kept.campaign_id)
        if kept
        else place(visitor, "campaign_new_check"),
        "part": "html" if kept and kept.html else "text",
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "as_code": kept is not None
        and kept.revision is not None
        and isinstance(newest(visitor, kept), Source),
        **_told(display or Report()),
    }
    status = CONFLICT if differs is not None else 422 if form.errors else 200
    response = show(
        request, visitor, "console/campaign_edit.html", context, current="campaigns", status=status
    )
    return csp.allow(response, {"frame-src": "'self'"})


def _seen(request: HttpRequest, kept: selectors.Campaign | None, differs: list[Difference] | None) -> str:
    """What the author of the form began with; after a comparison, what it was compared with."""
    if kept is None:
        return ""
    return kept.mark if differs is not None else request.POST.get("seen", "") or kept.mark


def _unsaved(visitor: Visitor, said: dict[str, Any], kept: selectors.Campaign | None) -> services.NewCampaign:
    """With the files that were saved before; those just chosen come with the next save."""
    files = selectors.files(visitor.workspace_id, kept.campaign_id) if kept else []
    order = replace(_order(said), files=tuple(files))
    if kept is not None and kept.revision is not None:
        order = replace(order, text=kept.text, html=kept.html)
    if kept is None or not kept.asks:
        return order
    return replace(order, message_class=MessageClass(kept.message_class), conditions=kept.conditions)


def _told(display: Report) -> dict[str, Any]:
    return {"trouble": display.trouble, "checks": display.checks}


def _fields() -> list[tuple[str, str]]:
    english = get_language() == "en"
    return [(f"{{{{ {name} }}}}", field.en if english else field.ja) for name, field in FIELDS.items()]


def _order(said: dict[str, Any]) -> services.NewCampaign:
    return services.NewCampaign(
        name=(said["name"] or said["subject"])[:NAME_CHARACTERS_MAX],
        topic_id=said["topic"],
        subject=said["subject"],
        text=said.get("text", ""),  # of a campaign in blocks it is made of them
        html=said.get("html", ""),
        conditions=_conditions(said),
        message_class=MessageClass.TRANSACTIONAL if said.get("notice_to") else MessageClass.ADVERTISING,
        click_links=said.get("click_links", False),
        open_pixel=said.get("open_pixel", False),
        starts_at=said["starts_at"],
        tags=said["tags"],
    )


def _conditions(said: dict[str, Any]) -> tuple[Condition, ...]:
    chosen: list[Condition] = []
    if said.get("notice_to"):
        chosen.append(BoughtProduct(said["notice_to"]))
    if said.get("segment") is not None:
        chosen.append(InSegment(said["segment"]))
    if said.get("bought") == NOTHING:
        chosen.append(BoughtNothing())
    elif said.get("bought"):
        chosen.append(BoughtWithin(int(said["bought"])))
    if said.get("language"):
        chosen.append(LanguageIs(said["language"]))
    if said.get("source"):
        chosen.append(SourceIs(said["source"]))
    return tuple(chosen)


def _segments(visitor: Visitor, kept: selectors.Campaign | None = None) -> list[tuple[int, str]]:
    """Those that are offered, and the one that this draft uses, should it have been put away since."""
    offered = {each.segment_id: each.name for each in saved.segments(visitor.workspace_id)}
    for condition in kept.conditions if kept else ():
        if isinstance(condition, InSegment) and condition.segment_id not in offered:
            found = saved.segment(visitor.workspace_id, condition.segment_id)
            offered |= {found.segment_id: found.name} if found else {}
    return list(offered.items())


def _products(visitor: Visitor) -> list[tuple[str, str]]:
    """Put away or not: what was sold keeps its buyers."""
    return [(each.code, each.name) for each in contacts.products(visitor.workspace_id)]


def _initial(kept: selectors.Campaign) -> dict[str, object]:
    return {
        "name": kept.name,
        "topic": kept.topic_id,
        "subject": kept.subject,
        "text": kept.text,
        "html": kept.html,
        "click_links": kept.click_links,
        "open_pixel": kept.open_pixel,
        "starts_at": kept.starts_at,
        "tags": ", ".join(kept.tags),
        **dict(map(_chosen, kept.conditions)),
        "notice_to": noticed_product(kept.message_class, kept.conditions) or "",
    }


def _chosen(condition: Condition) -> tuple[str, str]:
    match condition:
        case InSegment(segment_id):
            return "segment", str(segment_id)
        case BoughtProduct(code):
            return "notice_to", code
        case BoughtNothing():
            return "bought", NOTHING
        case BoughtWithin(days):
            return "bought", str(days)
        case LanguageIs(language):
            return "language", language
        case SourceIs(source):
            return "source", source
        case _:
            return "other", ""  # made elsewhere, and kept only until this form is saved
