"""A campaign in blocks: written, saved by itself, compared when two wrote at once, taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import Saved
from shodaku.console import block_forms as fields
from shodaku.console.block_moves import STEPS, doubled, moved, place_of, with_block, without
from shodaku.console.blocks import differences, merge_fields, staff_names
from shodaku.console.campaign import DRAFT, found
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.views.looks import looks, people_to_look_as
from shodaku.console.writing import CONFLICT, conflict, newest, save
from shodaku.content import selectors as content
from shodaku.content.domain import FIELDS, Coupon, Document, TemplateFault, read_document, wrapped
from shodaku.content.selectors import KeptPicture
from shodaku.kit import clock
from shodaku.kit.ui import csp

PICTURES_MAX: Final = 50  # offered in a block, the newest; all others are found in the library


class Pressed(NamedTuple):
    """What a button of the form does besides saving, and to which block or with which word."""

    act: str
    about: str


@dataclass(frozen=True, slots=True)
class BlockLine:
    block_id: str
    number: int
    kind: str
    name: str | Promise
    icon: str
    form: forms.Form
    doc: str
    lacks: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def blocks(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Every press saves what stands in the form, then does what it says."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT or campaign.revision is None:
        return redirect(place(visitor, "campaign", campaign_id))
    kept = newest(visitor, campaign)
    if not isinstance(kept, Document):
        return redirect(place(visitor, "code", campaign_id))
    if request.method != "POST":
        return _page(request, visitor, campaign, fields.typed_of(kept), kept)
    forbid(visitor, Act.WRITE_CAMPAIGN)
    pressed = _pressed(request)
    typed = None
    try:
        if pressed.act == "mine":
            document = read_document(request.POST.get("document", ""))
        else:
            typed = fields.typed_in(request.POST)
            document = fields.document_of(typed)
        document = _done(visitor, campaign, document, pressed)
        return _save(request, visitor, campaign, document, pressed)
    except TemplateFault as fault:
        typed = typed or fields.typed_of(kept)
        return _page(request, visitor, campaign, typed, None, fault=fault)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def autosave(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """200 with the new state; 409: somebody else saved, nothing was; 422: it is no document."""
    campaign = found(visitor, campaign_id)
    if campaign.state != DRAFT or campaign.revision is None:
        return JsonResponse({}, status=CONFLICT)
    try:
        document = fields.document_of(fields.typed_in(request.POST))
        answer = save(request, visitor, campaign_id, document)
    except TemplateFault as fault:
        return JsonResponse({"fault": fault.sentence(get_language() or "ja")}, status=422)
    if not isinstance(answer, Saved):
        return JsonResponse({"revision": answer.newest}, status=CONFLICT)
    return JsonResponse({"revision": answer.revision})


@require_safe
@allowed(Act.READ)
def states(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """Each time it was saved; `?state=` compares one of them with the newest."""
    campaign = found(visitor, campaign_id)
    if campaign.revision is None:
        raise Http404
    before = row_id(request.GET.get("before", ""))
    page = selectors.revisions(visitor.workspace_id, campaign_id, before=before)
    here = place(visitor, "blocks_states", campaign_id)
    names = staff_names(visitor)
    more = f"{here}?before={page[-1].revision}" if len(page) == selectors.PAGE_ROWS else ""
    context = {
        "campaign": campaign,
        "states": [
            {
                "revision": each.revision,
                "name": names(each.saved_by),
                "at": each.saved_at,
                "href": f"{here}?state={each.revision}",
                "newest": each.revision == campaign.revision,
            }
            for each in page
        ],
        "more": more,
        "shown": _shown(request, visitor, campaign),
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN) and campaign.state == DRAFT,
    }
    return show(request, visitor, "console/blocks_states.html", context, current="campaigns")


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def restore(request: HttpRequest, visitor: Visitor, campaign_id: int, revision: int) -> HttpResponse:
    found(visitor, campaign_id)
    try:
        services.restore_document(
            visitor.workspace_id, campaign_id, revision, staff_id=visitor.staff_id, now=clock.now()
        )
    except services.NoRevision as fault:
        raise Http404 from fault
    messages.success(request, _("The mail is as it was then. What was written since is kept as a state."))
    return redirect(place(visitor, "blocks", campaign_id))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def into_code(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    """One way, so it is asked first; the state in blocks is kept, and can be taken back from the code."""
    campaign = found(visitor, campaign_id)
    here = place(visitor, "blocks", campaign_id)
    if campaign.state != DRAFT or campaign.revision is None:
        return redirect(place(visitor, "campaign", campaign_id))
    document = newest(visitor, campaign)
    if not isinstance(document, Document):
        return redirect(place(visitor, "code", campaign_id))
    if request.method != "POST":
        coupons = any(isinstance(each, Coupon) for each in document.blocks)
        context = {"campaign": campaign, "revision": campaign.revision, "coupons": coupons}
        return show(request, visitor, "console/into_code.html", context, current="campaigns")
    try:
        answer = services.turn_into_code(
            visitor.workspace_id,
            campaign_id,
            base=row_id(request.POST.get("revision", "")) or 0,
            staff_id=visitor.staff_id,
            now=clock.now(),
        )
    except TemplateFault as fault:
        messages.error(request, fault.sentence(get_language() or "ja"))
        return redirect(here)
    if not isinstance(answer, Saved):
        messages.error(request, _("Somebody saved meanwhile. Look at the blocks, then press again."))
        return redirect(here)
    messages.success(request, _("It is code now. The blocks are kept, and can be brought back below."))
    return redirect(place(visitor, "code", campaign_id))


def _pressed(request: HttpRequest) -> Pressed:
    act, _colon, about = request.POST.get("do", "save").partition(":")
    return Pressed(act, about)


def _done(visitor: Visitor, campaign: selectors.Campaign, document: Document, pressed: Pressed) -> Document:
    """Raises TemplateFault."""
    taken = [each.block_id for each in document.blocks]
    match pressed.act:
        case "up" | "down":
            return moved(document, pressed.about, STEPS[pressed.act])
        case "copy":
            return doubled(document, pressed.about, fields.fresh_id(taken))
        case "delete":
            return without(document, pressed.about)
        case "add":
            return with_block(document, fields.new_block(pressed.about, fields.fresh_id(taken)))
        case "undo":
            return _with_deleted(visitor, campaign, document, pressed.about)
        case "wrap":
            return wrapped(document)
        case _:
            return document


def _with_deleted(visitor: Visitor, campaign: selectors.Campaign, document: Document, about: str) -> Document:
    """The block of an older state, where it stood; all else stays as it is now."""
    revision, _colon, block_id = about.partition(":")
    number = row_id(revision)
    before = None
    if number is not None:
        before = selectors.document(visitor.workspace_id, campaign.campaign_id, number)
    if not isinstance(before, Document):
        return document
    at = place_of(before, block_id)
    if at is None or place_of(document, block_id) is not None:
        return document
    return with_block(document, before.blocks[at], at)


def _save(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    document: Document,
    pressed: Pressed,
) -> HttpResponse:
    answer = save(request, visitor, campaign.campaign_id, document)
    if not isinstance(answer, Saved):
        return conflict(request, visitor, campaign, document, answer.newest)
    return redirect(_onward(request, visitor, campaign, document, pressed, answer.revision))


def _onward(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    document: Document,
    pressed: Pressed,
    revision: int,
) -> str:
    here = place(visitor, "blocks", campaign.campaign_id)
    match pressed.act:
        case "next":
            if services.lacks(visitor.workspace_id, document):
                return f"{here}#lacks"
            return place(visitor, "preflight", campaign.campaign_id)
        case "add":
            return f"{here}#b-{document.blocks[-1].block_id}"
        case "up" | "down" | "copy" | "undo":
            return f"{here}#b-{pressed.about.rpartition(':')[2]}"
        case "delete":
            return f"{here}?deleted={revision - 1}:{pressed.about}"
        case "picture":
            asked = urlencode({"back": here, "block": pressed.about})
            return f"{place(visitor, 'picture_choose')}?{asked}"
        case "code":
            return place(visitor, "blocks_into_code", campaign.campaign_id)
        case "people":
            return f"{here}?people=1"
        case "look":
            person = row_id(request.POST.get("person", ""))
            return f"{here}?look={pressed.about}" + (f"&person={person}" if person else "")
        case _:
            messages.success(request, _("Saved."))
            return here


def _page(
    request: HttpRequest,
    visitor: Visitor,
    campaign: selectors.Campaign,
    typed: fields.TypedMail,
    document: Document | None,
    *,
    fault: TemplateFault | None = None,
) -> HttpResponse:
    """`document` None: what stands in the form is none, and `fault` says why."""
    language = get_language() or "ja"
    lacks = [] if document is None else services.lacks(visitor.workspace_id, document)
    typed, unsaved = _with_chosen(request, visitor, typed)
    pictures = _pictures(visitor, typed)
    told = [
        {"text": each.sentence(language), "href": f"#b-{each.block_id}" if each.block_id else ""}
        for each in lacks
    ]
    by_block = {each.block_id: tuple(one.told(language) for one in lacks if one.block_id == each.block_id)
                for each in lacks}  # fmt: skip
    context = {
        "campaign": campaign,
        "revision": request.POST.get("revision") or campaign.revision,
        "blocks": list(_lines(typed, by_block, pictures)),
        "around": fields.AroundForm(
            initial={"preheader": typed.preheader, "own_text": typed.own_text}, auto_id="id_%s"
        ),
        "kinds": [(kind, name, fields.ICONS[kind]) for kind, name in fields.NAMES.items()],
        "lacks": told if document is not None else [],
        "fault": fault.sentence(language) if fault else "",
        "deleted": _deleted(request),
        "unsaved": unsaved,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
        "fields": [(f"{{{{ {key} }}}}", meaning) for key, meaning in merge_fields()],
        "merge_fields": merge_fields(),
        "sample_name": FIELDS["name"].sample,
        **looks(request, visitor, campaign.campaign_id),
        **people_to_look_as(request, visitor, campaign, finished=not lacks and fault is None),
    }
    status = 422 if fault else 200
    response = show(request, visitor, "console/blocks.html", context, current="campaigns", status=status)
    return csp.allow(response, {"frame-src": "'self'"})


def _lines(
    typed: fields.TypedMail, lacks: dict[str | None, tuple[str, ...]], pictures: fields.Pictures
) -> list[BlockLine]:
    return [
        BlockLine(
            each.block_id,
            number,
            each.kind,
            fields.NAMES[each.kind],
            fields.ICONS[each.kind],
            fields.fields_of(each, pictures),
            _doc(each),
            lacks.get(each.block_id, ()),
        )
        for number, each in enumerate(typed.blocks, 1)
    ]


def _doc(typed: fields.Typed) -> str:
    return typed.values.get("doc") or ""


def _with_chosen(
    request: HttpRequest, visitor: Visitor, typed: fields.TypedMail
) -> tuple[fields.TypedMail, bool]:
    """With the picture that was chosen in the library, `?block=&picture=`; saved when somebody saves."""
    block_id, said = request.GET.get("block", ""), request.GET.get("picture", "")
    try:
        picture = content.picture(visitor.workspace_id, UUID(said)) if block_id and said else None
    except ValueError:
        picture = None
    if picture is None or request.method == "POST":
        return typed, False
    blocks = tuple(
        fields.with_picture(each, picture) if each.block_id == block_id else each for each in typed.blocks
    )
    return replace(typed, blocks=blocks), blocks != typed.blocks


def _pictures(visitor: Visitor, typed: fields.TypedMail) -> list[KeptPicture]:
    """Those to choose from: the newest, and those that stand in the mail, put away or not."""
    offered = content.library(visitor.workspace_id, most=PICTURES_MAX)
    known = {str(each.image_id) for each in offered}
    others = dict.fromkeys(each.values.get("image") or "" for each in typed.blocks)
    kept = (
        content.picture(visitor.workspace_id, UUID(each)) for each in others if each and each not in known
    )
    return [*offered, *(each for each in kept if each)]


def _deleted(request: HttpRequest) -> str:
    """`12:n3`: block n3 of state 12 can come back."""
    said = request.GET.get("deleted", "")
    revision, _colon, block_id = said.partition(":")
    return said if row_id(revision) is not None and block_id.replace("-", "").isalnum() else ""


def _shown(request: HttpRequest, visitor: Visitor, campaign: selectors.Campaign) -> dict[str, Any] | None:
    revision = row_id(request.GET.get("state", ""))
    if revision is None:
        return None
    then = selectors.document(visitor.workspace_id, campaign.campaign_id, revision)
    if then is None:
        raise Http404
    return {"revision": revision, "rows": differences(then, newest(visitor, campaign))}
