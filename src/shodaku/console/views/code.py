"""A campaign written as MJML, HTML or Markdown: saved by itself, compared and taken back as blocks are."""

from __future__ import annotations

import json
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import Saved
from shodaku.console import code_form as fields
from shodaku.console.blocks import merge_fields
from shodaku.console.campaign import DRAFT, found
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.views.looks import looks, people_to_look_as
from shodaku.console.writing import CONFLICT, conflict, newest, save
from shodaku.content import selectors as content
from shodaku.content.domain import FIELDS, Source, TemplateFault, read_written
from shodaku.kit import clock
from shodaku.kit.ui import csp

PICTURES_MAX: Final = 20  # offered beside the code, the newest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def code(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Every press saves what stands in the form, then does what it says."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT or campaign.revision is None:
        return redirect(place(visitor, "campaign", campaign_id))
    kept = newest(visitor, campaign)
    if not isinstance(kept, Source):
        return redirect(place(visitor, "blocks", campaign_id))
    if request.method != "POST":
        return _page(request, visitor, campaign, kept)
    forbid(visitor, Act.WRITE_CAMPAIGN)
    act, _colon, about = request.POST.get("do", "save").partition(":")
    try:
        said = _said(request, act)
    except TemplateFault as fault:
        return _page(request, visitor, campaign, kept, fault=fault)
    answer = save(request, visitor, campaign_id, said)
    if not isinstance(answer, Saved):
        return conflict(request, visitor, campaign, said, answer.newest)
    return redirect(_onward(request, visitor, campaign_id, said, act, about))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def autosave(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """200 with the new state; 409: somebody else saved, nothing was; 422: it cannot be kept."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT or campaign.revision is None:
        return JsonResponse({}, status=CONFLICT)
    try:
        answer = save(request, visitor, campaign_id, fields.source_in(request.POST))
    except TemplateFault as fault:
        return JsonResponse({"fault": fault.sentence(get_language() or "ja")}, status=422)
    if not isinstance(answer, Saved):
        return JsonResponse({"revision": answer.newest}, status=CONFLICT)
    return JsonResponse({"revision": answer.revision})


def _said(request: HttpRequest, act: str) -> Source:
    """Raises TemplateFault."""
    if act == "mine":
        written = read_written(request.POST.get("document", ""))
        if isinstance(written, Source):
            return written
    return fields.source_in(request.POST)


def _onward(
    request: HttpRequest, visitor: Visitor, campaign_id: int, said: Source, act: str, about: str
) -> str:
    here = place(visitor, "code", campaign_id)
    match act:
        case "next":
            if services.lacks(visitor.workspace_id, said):
                return f"{here}#lacks"
            return place(visitor, "preflight", campaign_id)
        case "blocks":
            return _back_to_blocks(request, visitor, campaign_id)
        case "people":
            return f"{here}?people=1"
        case "look":
            person = row_id(request.POST.get("person", ""))
            return f"{here}?look={about}" + (f"&person={person}" if person else "")
        case _:
            messages.success(request, _("Saved."))
            return here


def _back_to_blocks(request: HttpRequest, visitor: Visitor, campaign_id: int) -> str:
    """What was written as code is a state by now, as the blocks are."""
    revision = selectors.last_blocks(visitor.workspace_id, campaign_id)
    if revision is None:
        return place(visitor, "code", campaign_id)
    services.restore_document(
        visitor.workspace_id, campaign_id, revision, staff_id=visitor.staff_id, now=clock.now()
    )
    messages.success(request, _("The mail is as it was then. What was written since is kept as a state."))
    return place(visitor, "blocks", campaign_id)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    kept: Source,
    *,
    fault: TemplateFault | None = None,
) -> HttpResponse:
    """With `fault`, what was sent cannot be kept, and stands in the form all the same."""
    language = get_language() or "ja"
    lacks = [] if fault else services.lacks(visitor.workspace_id, kept)
    context = {
        "campaign": campaign,
        "revision": request.POST.get("revision") or campaign.revision,
        "form": fields.CodeForm(initial=request.POST.dict()) if fault else fields.form_of(kept),
        "lacks": [{"text": each.sentence(language), "line": each.line} for each in lacks],
        "fault": fault.sentence(language) if fault else "",
        "pictures": fields.picture_codes(content.library(visitor.workspace_id, most=PICTURES_MAX)),
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "was_blocks": selectors.last_blocks(visitor.workspace_id, campaign.campaign_id) is not None,
        "fields": [(f"{{{{ {key} }}}}", meaning) for key, meaning in merge_fields()],
        "sample_name": FIELDS["name"].sample,
        "said": json.dumps(_spoken(), ensure_ascii=False),
        **looks(request, visitor, campaign.campaign_id),
        **people_to_look_as(request, visitor, campaign, finished=not lacks and fault is None),
    }
    status = 422 if fault else 200
    response = show(request, visitor, "console/code.html", context, current="campaigns", status=status)
    return csp.allow(response, {"frame-src": "'self'"})


def _spoken() -> dict[str, str]:
    """What a screen reader is told while somebody searches, by the editor's own names; $ is a number."""
    return {
        "current match": _("Found here"),
        "on line": _("in line"),
        "replaced match on line $": _("Replaced in line $"),
        "replaced $ matches": _("Replaced: $"),
    }
