"""Pages of one's own data: a look with what is personal masked, and the whole for who reads the mailbox."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts import selectors as accounts
from shodaku.complaints import copying, selectors, services
from shodaku.complaints.own_record import OwnRecord
from shodaku.complaints.own_words import parts
from shodaku.complaints.requests import language_of
from shodaku.complaints.rights import MAILED_LINK_DAYS, OPENED_LINK_MINUTES, WORDS_CHARACTERS_MAX
from shodaku.complaints.services import AskedCopy
from shodaku.contacts.domain import mask
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach
from shodaku.kit.links import Purpose, Token
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.optout import services as optout

AWAY = 503
REFUSED_FORM = 422


@method_decorator(csrf_exempt, name="dispatch")  # the link is the capability; no cookie is read
class OwnDataView(View):
    """`/p/<token>/data`: what is known, masked. Two presses: mail me the whole; something is wrong."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link, record = _person(token)
        if link is None or record is None:
            return unusable(request)
        follow(request, language_of(link.workspace_id, link.contact_id))
        return _look(request, link, record, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link, record = _person(token)
        if link is None or record is None:
            return unusable(request)
        follow(request, language_of(link.workspace_id, link.contact_id))
        try:
            if request.POST.get("act") == "correction":
                return _correction(request, link, record, token)
            asked = services.ask_copy(link.workspace_id, link.contact_id, clock.now())
        except ContactGone:
            return unusable(request)
        return _asked(request, link, asked, token)


@method_decorator(csrf_exempt, name="dispatch")
class MailedDataView(View):
    """`/data/<token>`: the link that was mailed. Looking asks which form; a press opens it, once."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = copying.read_link(token)
        if link is None or not copying.usable(link, clock.now()):
            return unusable(request)
        follow(request, language_of(link.workspace_id, link.contact_id))
        return _opening(request, link)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = copying.read_link(token)
        if link is None:
            return unusable(request)
        follow(request, language_of(link.workspace_id, link.contact_id))
        now = clock.now()
        try:
            copy = services.open_copy(link, now)
        except OutOfReach:
            return _opening(request, link, away=True)
        if copy is None:
            return unusable(request)
        if request.POST.get("form") == "page":
            context = {
                "sender": _sender(link.workspace_id),
                "parts": parts(copy.record, masked=False),
                "made_at": now,
            }
            return public_page(render(request, "complaints/whole.html", context))
        text = json.dumps(copy.content, ensure_ascii=False, indent=2) + "\n"
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return public_page(response)


def _person(token: str) -> tuple[Token | None, OwnRecord | None]:
    link = optout.read_token(token, Purpose.PREFERENCE)
    if link is None:
        return None, None
    try:
        return link, selectors.record_without_words(link.workspace_id, link.contact_id, clock.now())
    except LookupError:
        return link, None


def _look(
    request: HttpRequest,
    link: Token,
    record: OwnRecord,
    token: str,
    *,
    fault: str = "",
    words: str = "",
    status: int = 200,
) -> HttpResponse:
    address = next((each.value for each in record.addresses), "")
    context = {
        "sender": _sender(link.workspace_id),
        "address": mask(address),
        "parts": parts(record, masked=True),
        "preferences": f"/p/{token}",
        "words_max": WORDS_CHARACTERS_MAX,
        "fault": fault,
        "words": words,
    }
    return public_page(render(request, "complaints/own_data.html", context, status=status))


def _correction(request: HttpRequest, link: Token, record: OwnRecord, token: str) -> HttpResponse:
    words = request.POST.get("words", "").strip()
    if not words or len(words) > WORDS_CHARACTERS_MAX:
        fault = (
            _("Write what is wrong, and how it is right.")
            if not words
            else _("Write 1,000 characters at most.")
        )
        return _look(request, link, record, token, fault=fault, words=words, status=REFUSED_FORM)
    taken = services.ask_correction(link.workspace_id, link.contact_id, words, clock.now())
    context = {
        "title": _("We have received it.") if taken else _("You have written several times today"),
        "text": _("Somebody looks into it and asks you by mail before anything is changed.")
        if taken
        else _("What you wrote before has arrived. Please write to the desk below if there is more."),
        "tone": "go" if taken else "wait",
        "sender": _sender(link.workspace_id),
        "links": [{"href": request.path, "text": _("Back to your data")}],
    }
    return public_page(render(request, "ui/message.html", context))


def _asked(request: HttpRequest, link: Token, asked: AskedCopy, token: str) -> HttpResponse:
    match asked:
        case AskedCopy.MAILED:
            title = _("Please look into your mailbox")
            text = _(
                "We sent a mail to the address that is registered, and to no other. Its link opens all of "
                "your data, once, within %(days)s days."
            ) % {"days": MAILED_LINK_DAYS}
            tone, symbol = "go", "mail-wait"
        case AskedCopy.ENOUGH:
            title = _("The mail is on its way already")
            text = _("A few mails a day are sent at most. Please open the newest one.")
            tone, symbol = "wait", "mail-wait"
        case AskedCopy.NO_MAIL:
            title = _("No mail can be sent to you")
            text = _("Please write to the desk below: your data are sent to you in another way.")
            tone, symbol = "wait", "alert"
    context = {
        "title": title,
        "text": text,
        "tone": tone,
        "symbol": symbol,
        "sender": _sender(link.workspace_id),
        "links": [{"href": f"/p/{token}", "text": _("Back to your choices")}],
    }
    return public_page(render(request, "ui/message.html", context))


def _opening(request: HttpRequest, link: Token, *, away: bool = False) -> HttpResponse:
    context = {
        "sender": _sender(link.workspace_id),
        "away": away,
        "minutes": OPENED_LINK_MINUTES,
    }
    return public_page(render(request, "complaints/opening.html", context, status=AWAY if away else 200))


def _sender(workspace_id: int) -> object:
    return next(iter(accounts.senders(workspace_id)), None)
