"""Whether to go on: a page with one button. GET changes nothing, for scanners open every link."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import selectors as consents
from shodaku.consent.selectors import Topic
from shodaku.journeys import selectors, services
from shodaku.journeys.domain import Answer, CarriedOn, Over, Pressed, State, Unknown
from shodaku.journeys.selectors import Reconfirmation
from shodaku.kit import clock, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.links import Token
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import KeyDestroyed

BROWSER_CHARS_MAX = 300
_PAGE = "/ask"  # without its token, a capability, while evidence is shown to others


@method_decorator(csrf_exempt, name="dispatch")  # the link is the capability; there is no session to abuse
class CarryOnView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link, asked = _asked(token)
        if link is None or asked is None:
            return unusable(request)
        follow(request, asked.locale)
        if asked.state != State.ASKED:
            return _answer_page(request, link, asked, Over(answered=asked.state == State.ANSWERED))
        return _question_page(request, link, asked)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link, asked = _asked(token)
        if link is None or asked is None:
            return unusable(request)
        follow(request, asked.locale)
        try:
            answer = services.carry_on(token, _pressed(request), clock.now())
        except KeyDestroyed:  # being erased this very minute
            return unusable(request)
        except OutOfReach:
            return _question_page(request, link, asked, status=503)
        return _answer_page(request, link, asked, answer)


def _asked(token: str) -> tuple[Token | None, Reconfirmation | None]:
    link = services.read_link(token)
    if link is None:
        return None, None
    return link, selectors.reconfirmation(link.workspace_id, link.contact_id, link.subject_id)


def _pressed(request: HttpRequest) -> Pressed:
    """The configured address and not the Host header, which anybody may choose."""
    return Pressed(
        url=runtime.current().public_url + _PAGE,
        ip=request.META.get("REMOTE_ADDR", ""),
        browser=request.headers.get("User-Agent", "")[:BROWSER_CHARS_MAX],
    )


def _question_page(
    request: HttpRequest, link: Token, asked: Reconfirmation, *, status: int = 200
) -> HttpResponse:
    topics = _topics(link.workspace_id, asked)
    context = {
        "topics": [
            (each.title(asked.locale), each.frequency.text(asked.locale), each.valid_months)
            for each in topics
        ],
        "renews": asked.renews,
        "until": asked.answer_until,
        "sender": _sender(link.workspace_id, topics),
        "failed": status != HttpResponse.status_code,
    }
    return public_page(render(request, "journeys/ask.html", context, status=status))


def _answer_page(request: HttpRequest, link: Token, asked: Reconfirmation, answer: Answer) -> HttpResponse:
    match answer:
        case CarriedOn(entry_id=entry_id, at=at, topics=topics):
            context: dict[str, object] = {
                "title": _("Thank you. It goes on."),
                "text": _("You go on receiving: %(topics)s") % {"topics": "、".join(topics)},
                "tone": "go",
                "receipt": _receipt(link, entry_id, at),
            }
        case Over(answered=True):
            context = {
                "title": _("Thank you. It goes on."),
                "text": _("You answered before. Nothing needs to be done."),
                "tone": "go",
            }
        case Over():
            context = {
                "title": _("There is nothing to continue"),
                "text": _(
                    "The registration has ended. If you want the mail again, please sign up once more."
                ),
                "tone": "wait",
            }
        case Unknown():
            return unusable(request)
        case unreachable:
            assert_never(unreachable)
    context["sender"] = _sender(link.workspace_id, _topics(link.workspace_id, asked))
    return public_page(render(request, "ui/message.html", context))


def _receipt(link: Token, entry_id: int, at: datetime) -> dict[str, object]:
    entries = ledger.history(link.workspace_id, link.contact_id)
    found = next((each.hash for each in entries if each.entry_id == entry_id), "")
    return {"number": entry_id, "at": at, "hash": found}


def _topics(workspace_id: int, asked: Reconfirmation) -> list[Topic]:
    return [each for each in consents.topics(workspace_id) if each.topic_id in asked.topic_ids]


def _sender(workspace_id: int, topics: list[Topic]) -> Sender | None:
    return accounts.sender(workspace_id, topics[0].sender_id) if topics else None
