"""The library of pictures: added several at once, described, chosen for a mail, put away or deleted."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.picture_forms import DescriptionForm, DescriptionsForm, PicturesForm
from shodaku.content import selectors
from shodaku.content import services as content
from shodaku.content.domain import Redrawn, Removed, TemplateFault
from shodaku.kit import clock

SHOWING_MAX: Final = 50  # campaigns that a page names; one more says that there are others
_BLOCK_CHARACTERS_MAX: Final = 64


@require_safe
@allowed(Act.READ)
def pictures(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _library(request, visitor)


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Each file is judged by itself: what is no picture says why, the others are kept."""
    form = PicturesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _library(request, visitor, adding=form)
    redrawn, faults = _redrawn(form.cleaned_data["pictures"])
    if redrawn:
        try:
            content.add_pictures(visitor.workspace_id, redrawn, by=_by(visitor), now=clock.now())
        except content.TooManyPictures:
            full = _("The library is full: 2,000 pictures. Delete those that are not used any more.")
            form.add_error("pictures", full)
            return _library(request, visitor, adding=form)
    if not redrawn:
        form.add_error("pictures", faults)
        return _library(request, visitor, adding=form)
    for fault in faults:
        messages.error(request, fault)
    messages.success(request, _("Added. Now say what is to be seen, then they can be used."))
    return redirect(place(visitor, "pictures"))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def describe(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Those that were described are in the library; the others keep waiting, with what was typed."""
    form = DescriptionsForm(selectors.undescribed(visitor.workspace_id), request.POST)
    complete = form.is_valid()
    for image_id, alt in form.said().items():
        content.describe_picture(visitor.workspace_id, image_id, alt, by=_by(visitor), now=clock.now())
    if complete:
        messages.success(request, _("Saved."))
        return redirect(place(visitor, "pictures"))
    return _library(request, visitor, describing=form)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def picture(request: HttpRequest, visitor: Visitor, image_id: UUID) -> HttpResponse:
    kept = _found(visitor, image_id)
    form = DescriptionForm(initial={"alt": kept.alt})
    if request.method == "POST":
        forbid(visitor, Act.WRITE_CAMPAIGN)
        form = DescriptionForm(request.POST)
        if form.is_valid():
            alt = form.cleaned_data["alt"]
            content.describe_picture(visitor.workspace_id, image_id, alt, by=_by(visitor), now=clock.now())
            messages.success(request, _("Saved. Mails that were sent keep their words."))
            return redirect(place(visitor, "picture", image_id))
    context = {
        "picture": kept,
        "form": form,
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN) and kept.put_away_at is None,
        **_use(visitor, kept),
    }
    status = 422 if form.errors else 200
    return show(request, visitor, "console/picture.html", context, current="pictures", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.WRITE_CAMPAIGN)
def remove(request: HttpRequest, visitor: Visitor, image_id: UUID) -> HttpResponse:
    """Asked on a page of its own, which says what it means for the mails that show it."""
    kept = _found(visitor, image_id)
    use = _use(visitor, kept)
    if request.method != "POST":
        return show(
            request, visitor, "console/picture_remove.html", {"picture": kept, **use}, current="pictures"
        )
    try:
        became = content.remove_picture(
            visitor.workspace_id,
            image_id,
            drafted=bool(use["drafts"]) or use["templated"],
            everywhere=request.POST.get("everywhere") == "1",
            by=_by(visitor),
            now=clock.now(),
        )
    except content.NoPicture:
        raise Http404 from None
    except content.PictureIsLogo:
        messages.error(request, _("This picture is your logo. Choose another logo first."))
        return redirect(place(visitor, "picture", image_id))
    if became is Removed.PUT_AWAY:
        messages.success(request, _("Put away. Mails that show it go on showing it."))
    else:
        messages.success(request, _("Deleted."))
    return redirect(place(visitor, "pictures"))


@require_safe
@allowed(Act.READ)
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A page to choose one picture, for a page that shows it; GET all the way, so that nothing is saved.

    `back` is a page of this workspace; it gets `picture` and, unchanged, `block`. htmx gets the list alone,
    to stand inside a form of its own.
    """
    before = _before(request)
    rows = selectors.library(visitor.workspace_id, before=before)
    back, block = _back(request, visitor), request.GET.get("block", "")[:_BLOCK_CHARACTERS_MAX]
    asked = {"back": back, "block": block}
    more = (
        f"{place(visitor, 'picture_choose')}?{urlencode({**asked, 'before': rows[-1].image_id})}"
        if rows
        else ""
    )
    context = {
        "back": back,
        "for_block": block,
        "pictures": rows,
        "chosen": request.GET.get("chosen", ""),
        "before": before,
        "more": more if len(rows) == selectors.PAGE_PICTURES else "",
    }
    template = (
        "console/_picture_choice.html" if getattr(request, "htmx", False) else "console/picture_choose.html"
    )
    return show(request, visitor, template, context, current="pictures")


def _library(
    request: HttpRequest,
    visitor: Visitor,
    *,
    adding: PicturesForm | None = None,
    describing: DescriptionsForm | None = None,
) -> HttpResponse:
    before = _before(request)
    rows = selectors.library(visitor.workspace_id, before=before)
    may_write = may(visitor.role, Act.WRITE_CAMPAIGN)
    if describing is None and may_write:
        describing = DescriptionsForm(selectors.undescribed(visitor.workspace_id))
    more = f"{place(visitor, 'pictures')}?{urlencode({'before': rows[-1].image_id})}" if rows else ""
    context = {
        "pictures": rows,
        "before": before,
        "more": more if len(rows) == selectors.PAGE_PICTURES else "",
        "adding": adding or PicturesForm(),
        "describing": describing if describing and describing.waiting else None,
        "may_write": may_write,
    }
    refused = (adding and adding.errors) or (describing and describing.errors)
    status = 422 if refused else 200
    return show(request, visitor, "console/pictures.html", context, current="pictures", status=status)


def _redrawn(files: list[Any]) -> tuple[list[Redrawn], list[str]]:
    redrawn, faults = [], []
    for file in files:
        try:
            redrawn.append(content.redraw(file.name, file.read()))
        except TemplateFault as fault:
            faults.append(fault.sentence(get_language() or "ja"))
    return redrawn, faults


def _use(visitor: Visitor, kept: selectors.KeptPicture) -> dict[str, Any]:
    """Who shows it: sent campaigns and drafts, as many as a page names."""
    mailings = selectors.showing_mailings(visitor.workspace_id, kept.image_id, most=SHOWING_MAX + 1)
    found = campaigns.showing(visitor.workspace_id, kept.image_id, kept.token, mailings, most=SHOWING_MAX + 1)
    return {
        "sent": [each for each in found if not each.is_draft][:SHOWING_MAX],
        "drafts": [each for each in found if each.is_draft][:SHOWING_MAX],
        "templated": selectors.is_in_template(visitor.workspace_id, kept.image_id),
        "others": len(found) > SHOWING_MAX or len(mailings) > SHOWING_MAX,
    }


def _found(visitor: Visitor, image_id: UUID) -> selectors.KeptPicture:
    kept = selectors.picture(visitor.workspace_id, image_id)
    if kept is None:
        raise Http404
    return kept


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def _back(request: HttpRequest, visitor: Visitor) -> str:
    """A path of this workspace that exists; anything else leads to the library."""
    path = request.GET.get("back", "")
    here = place(visitor, "home")
    try:
        known = path.startswith(here) and resolve(path).kwargs.get("slug") == visitor.workspace.slug
    except Resolver404:
        known = False
    return path if known else place(visitor, "pictures")


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
