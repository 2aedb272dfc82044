"""What belongs to oneself: name, language, colours and keys of the screen, password, factors, sign-ins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Act, Theme, browser_of
from shodaku.console import shortcuts as keys
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.staff_forms import ScreenForm
from shodaku.kit import clock


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The choices hold at once, in every workspace."""
    own = services.staff(visitor.staff_id)
    saved = {
        "name": own.name,
        "language": own.language,
        "theme": own.theme,
        "shortcuts": own.shortcuts,
    }
    form = ScreenForm(request.POST or None, initial=saved)
    if request.method != "POST" or not form.is_valid():
        return _page(request, visitor, form, 422 if form.errors else 200)
    said = form.cleaned_data
    services.choose_screen(
        visitor.staff_id,
        name=said["name"],
        language=said["language"],
        theme=Theme(said["theme"]),
        shortcuts=said["shortcuts"],
    )
    messages.success(request, _("Saved."))
    answer = redirect(place(visitor, "account"))
    answer.delete_cookie(
        settings.LANGUAGE_COOKIE_NAME
    )  # what was chosen now counts before what a link once asked for
    return answer


@require_POST
@allowed(Act.READ)
def end_one(request: HttpRequest, visitor: Visitor, sign_in_id: int) -> HttpResponse:
    """Signs one browser out. One's own is left by the button of the frame."""
    mine = request.session.session_key
    listed = selectors.sign_ins(visitor.staff_id, now=clock.now())
    ours = any(each.sign_in_id == sign_in_id and each.session_key == mine for each in listed)
    if not ours and services.end_sign_in(visitor.staff_id, sign_in_id):
        messages.success(request, _("Signed out there."))
    else:
        messages.info(request, _("This sign-in had ended already."))
    return redirect(place(visitor, "account"))


@require_POST
@allowed(Act.READ)
def end_others(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    services.end_other_sign_ins(request, visitor.staff_id)
    messages.success(request, _("Signed out everywhere but here."))
    return redirect(place(visitor, "account"))


@require_POST
@allowed(Act.READ)
def guide(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The first steps are put away for this member alone, or shown again until they are done."""
    away = request.POST.get("away") == "1"
    services.put_guide_away(visitor.workspace_id, visitor.staff_id, away=away)
    if away:
        messages.success(request, _("Put away. My account shows them again."))
    return redirect(place(visitor, "home"))


@require_safe
@allowed(Act.READ)
def shortcuts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list that the key ? opens, as a page for whoever has no script."""
    context = {"groups": keys.every(), "on": visitor.shortcuts}
    return show(request, visitor, "console/shortcuts.html", context, current="")


def _page(request: HttpRequest, visitor: Visitor, form: ScreenForm, status: int) -> HttpResponse:
    own = services.staff(visitor.staff_id)
    context = {
        "form": form,
        "email": own.email,
        "guide_away": selectors.guide_is_away(visitor.workspace_id, visitor.staff_id),
        "rows": [
            {
                "sign_in": each,
                "browser": browser_of(each.program),
                "here": each.session_key == request.session.session_key,
            }
            for each in selectors.sign_ins(visitor.staff_id, now=clock.now())
        ],
    }
    return show(request, visitor, "console/account.html", context, current="", status=status)
