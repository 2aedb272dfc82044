"""How mails and public pages look: a colour that can be read, a font, a logo of the library."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shodaku.accounts.domain import Act, may
from shodaku.console.brand_forms import BrandForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.content import selectors
from shodaku.content import services as content
from shodaku.kit import clock


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def brand(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """`?picture=` comes back from the choice of a picture: it is shown as the logo to be, and not saved."""
    kept = selectors.brand(visitor.workspace_id)
    form = BrandForm(initial={"colour": kept.colour, "font": kept.font})
    if request.method == "POST":
        forbid(visitor, Act.EDIT_SENDER)
        form = BrandForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            content.save_brand(
                visitor.workspace_id, said["colour"], said["font"], by=_by(visitor), now=clock.now()
            )
            messages.success(request, _("Saved. Mails and pages look so from now on."))
            return redirect(place(visitor, "brand"))
    context = {
        "form": form,
        "brand": kept,
        "logo": _kept(visitor, kept.logo.image_id) if kept.logo else None,
        "chosen": _kept(visitor, _image_id(request.GET.get("picture", ""))),
        "choose_href": f"{place(visitor, 'picture_choose')}?back={place(visitor, 'brand')}",
        "may_write": may(visitor.role, Act.EDIT_SENDER),
    }
    status = 422 if form.errors else 200
    return show(request, visitor, "console/brand.html", context, current="settings", status=status)


@require_POST
@allowed(Act.EDIT_SENDER)
def logo(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Without a picture there is no logo any more."""
    image_id = _image_id(request.POST.get("picture", ""))
    if content.choose_logo(visitor.workspace_id, image_id, by=_by(visitor), now=clock.now()):
        messages.success(request, _("Saved. Mails and pages look so from now on."))
    else:
        messages.error(request, _("This picture is not in the library any more. Choose another one."))
    return redirect(place(visitor, "brand"))


def _kept(visitor: Visitor, image_id: UUID | None) -> selectors.KeptPicture | None:
    return None if image_id is None else selectors.picture(visitor.workspace_id, image_id)


def _image_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
