"""The form on a tablet that goes from hand to hand: after each press it is empty again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import psycopg
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger.services import KeyDestroyed
from shodaku.signup import selectors, services
from shodaku.signup.domain import Shown
from shodaku.signup.forms import STAMP, SignupForm, stamp_sentence
from shodaku.signup.showing import form_context
from shodaku.signup.stamp import Stamp, StampFault, read, sign
from shodaku.signup.views import ELSEWHERE, evidence_of, fresh_stamp, seconds_min, taken_back

EMPTY_AFTER_MINUTES: Final = 5  # somebody who walked away leaves nothing for the next one
THANKS_SECONDS: Final = 10
_PAGE = "/d"  # without its token, a capability, while evidence is shown to others


# no cookie: the token is the capability, the signed stamp and Fetch Metadata say where a form came from
@method_decorator(csrf_exempt, name="dispatch")
class DeskView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = _open_desk(token)
        if found is None:
            return _shut(request, token)
        shown = _shown(found, request.LANGUAGE_CODE)
        return _page(request, token, found[0], shown, SignupForm(None, shown=shown), None)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = _open_desk(token)
        if found is None:
            return _shut(request, token)
        desk, newest = found[0], _shown(found, request.LANGUAGE_CODE)
        stamp = read(request.POST.get(STAMP, ""))
        ours = stamp is not None and (stamp.workspace_id, stamp.form_id) == (found[1], desk.form_id)
        if stamp is None or not ours or request.headers.get("Sec-Fetch-Site", "") in ELSEWHERE:
            return _again(request, token, desk, newest, None, StampFault.FORGED)
        if desk.is_of_before(stamp.at):
            return _seen(reverse("signup_desk", args=[token]))
        follow(request, stamp.language)
        shown = selectors.shown(found[1], stamp.form_id, stamp.version, stamp.language) or newest
        if taken_back(shown):
            return _again(request, token, desk, newest, None, StampFault.WITHDRAWN)
        fault = stamp.fault(clock.now(), seconds_min=seconds_min())
        if fault is not None:
            return _again(request, token, desk, shown, stamp, fault)
        return _take(request, token, desk, shown, stamp)


@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """The same for everybody, and nothing of anybody; then the empty form."""
    if services.read_desk(token) is None:
        return unusable(request)
    empty = reverse("signup_desk", args=[token])
    found = _open_desk(token)
    sender = _shown(found, request.LANGUAGE_CODE).published.sender if found else None
    context = {"next": empty, "seconds": THANKS_SECONDS, "sender": sender}
    page = render(request, "signup/desk_thanks.html", context)
    return _left_alone(page, empty, seconds=THANKS_SECONDS)


def _take(request: HttpRequest, token: str, desk: services.Desk, shown: Shown, stamp: Stamp) -> HttpResponse:
    form = SignupForm(request.POST, shown=shown, own_ticks=True)
    if not form.is_valid() or form.request is None:
        return _page(request, token, desk, shown, form, stamp, status=422)
    try:
        services.press_at_desk(form.request, desk.desk_no, evidence_of(request, _PAGE), clock.now())
    except services.DeskShut:
        return _shut(request, token)
    except (ContactGone, KeyDestroyed):
        pass  # being erased this very minute: answered as everybody is
    except (OutOfReach, psycopg.OperationalError):
        form.add_error(
            None, _("This cannot be recorded at the moment. Nothing is lost; try again in a minute.")
        )
        return _page(request, token, desk, shown, form, stamp, status=503)
    return _seen(reverse("signup_desk_thanks", args=[token]))


def _seen(href: str) -> HttpResponse:
    """To a page that was asked for, not sent: going back asks for it again."""
    response = HttpResponseRedirect(href)
    response.status_code = HTTPStatus.SEE_OTHER
    return public_page(response)


def _again(
    request: HttpRequest,
    token: str,
    desk: services.Desk,
    shown: Shown,
    stamp: Stamp | None,
    fault: StampFault,
) -> HttpResponse:
    """The page once more with what was typed; ticks stay only if they were made on a page of ours."""
    form = SignupForm(request.POST, shown=shown, own_ticks=stamp is not None)
    form.is_valid()
    form.add_error(None, stamp_sentence(fault))
    keep = stamp if fault is StampFault.TOO_YOUNG else None
    return _page(request, token, desk, shown, form, keep, status=422)


def _page(
    request: HttpRequest,
    token: str,
    desk: services.Desk,
    shown: Shown,
    form: SignupForm,
    stamp: Stamp | None,
    *,
    status: int = 200,
) -> HttpResponse:
    form.fill_in_by_hand()
    here = reverse("signup_desk", args=[token])
    context = {
        **form_context(shown, form, sign(stamp or fresh_stamp(shown))),
        "desk": desk,
        "here": here,
        "empty_after_minutes": EMPTY_AFTER_MINUTES,
    }
    response = render(request, "signup/desk.html", context, status=status)
    return _left_alone(response, here, seconds=60 * EMPTY_AFTER_MINUTES)


def _left_alone(response: HttpResponse, href: str, *, seconds: int) -> HttpResponse:
    response.headers["Refresh"] = f"{seconds}; url={href}"
    return public_page(response)


def _open_desk(token: str) -> tuple[services.Desk, int] | None:
    """With its workspace; None if it takes nothing, whatever the reason: its form has no words now, too."""
    read_token = services.read_desk(token)
    found = services.desk(read_token.workspace_id, read_token.subject_id) if read_token else None
    if read_token is None or found is None or not found.open_at(clock.now()):
        return None
    form = _form(read_token.workspace_id, found)
    if form.version in selectors.withdrawn(read_token.workspace_id, form.form_id):
        return None
    return found, read_token.workspace_id


def _form(workspace_id: int, desk: services.Desk) -> selectors.Form:
    return next(each for each in selectors.forms(workspace_id) if each.form_id == desk.form_id)


def _shown(found: tuple[services.Desk, int], language: str) -> Shown:
    """The newest version of its form. Raises Http404."""
    desk, workspace_id = found
    known = _form(workspace_id, desk)
    shown = selectors.shown(workspace_id, known.form_id, known.version, language)
    if shown is None:
        raise Http404
    return shown


def _shut(request: HttpRequest, token: str) -> HttpResponse:
    if services.read_desk(token) is None:
        return unusable(request)
    context = {
        "title": _("This desk is closed"),
        "text": _("Nothing was sent. Please ask a member of staff to open it again."),
        "tone": "wait",
    }
    return public_page(render(request, "ui/message.html", context, status=410))
