"""Pages of signing up: the form, and the button behind the link of the mail. GET changes nothing."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final, assert_never

import psycopg
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from shodaku.accounts import selectors as accounts
from shodaku.contacts.services import ContactGone
from shodaku.content.selectors import page_brand
from shodaku.kit import clock, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.kit.ui import csp
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import KeyDestroyed
from shodaku.signup import reception, selectors, services
from shodaku.signup.asked_controls import TYPED_CHARS_MAX
from shodaku.signup.domain import (
    AlreadyConfirmed,
    Answer,
    Confirmed,
    Expired,
    RequestWay,
    Shown,
    ShownSender,
    Standing,
    Unknown,
    WebEvidence,
    origin_of,
)
from shodaku.signup.flood import Flood
from shodaku.signup.forms import (
    HONEYPOT,
    STAMP,
    START,
    AgainForm,
    ChooseForm,
    SignupForm,
    flood_sentence,
    stamp_sentence,
)
from shodaku.signup.selectors import Request
from shodaku.signup.showing import built, form_context
from shodaku.signup.stamp import AGE_SECONDS_MIN, Stamp, StampFault, read, sign

BROWSER_CHARS_MAX = 300
_AWAY = (
    OutOfReach,
    psycopg.OperationalError,
)  # the second: gone, held by somebody, or without room for evidence
SCRIPT_SECONDS: Final = 3_600
_PAGE = "/confirm"  # without its token, a capability, while evidence is shown to others
_FLOODED = {Flood.NETWORK: 429, Flood.FORM: 503}
ELSEWHERE = ("cross-site", "same-site")  # Fetch Metadata: the form that was sent was not this page


def evidence_of(request: HttpRequest, page: str) -> WebEvidence:
    """The configured address and not the Host header, which anybody may choose."""
    return WebEvidence(
        url=runtime.current().public_url + page,
        ip=request.META.get("REMOTE_ADDR", ""),
        browser=request.headers.get("User-Agent", "")[:BROWSER_CHARS_MAX],
    )


# no cookie is set for recipients: the signed stamp and Fetch Metadata say where a form came from
@method_decorator(csrf_exempt, name="dispatch")
class FormView(View):
    framed = False  # on one of the owner's own pages

    def get(
        self, request: HttpRequest, workspace: str, form: str | None = None, code: str = ""
    ) -> HttpResponse:
        shown = _shown(workspace, form, code, request.LANGUAGE_CODE)
        if taken_back(shown):
            return _closed_page(request, shown)
        return _form_page(request, shown, SignupForm(None, shown=shown), None, framed=self.framed)

    def post(
        self, request: HttpRequest, workspace: str, form: str | None = None, code: str = ""
    ) -> HttpResponse:
        newest = _shown(workspace, form, code, request.LANGUAGE_CODE)
        if taken_back(newest):
            return _closed_page(request, newest)
        stamp = read(request.POST.get(STAMP, ""))
        if stamp is None and request.POST.get(START):
            begun = {name: text[:TYPED_CHARS_MAX] for name, text in request.POST.dict().items()}
            form_begun = SignupForm(None, shown=newest, begun=begun)
            return _form_page(request, newest, form_begun, None, begun=True, framed=self.framed)
        if stamp is None or (stamp.workspace_id, stamp.form_id) != (newest.workspace_id, newest.form_id):
            return _again(request, newest, None, StampFault.FORGED, framed=self.framed)
        follow(request, stamp.language)
        shown = selectors.shown(newest.workspace_id, stamp.form_id, stamp.version, stamp.language) or newest
        shown = replace(shown, source_no=stamp.source_no)
        # a box ticked on another site is no act of this person, even with a stamp fetched from us
        if request.headers.get("Sec-Fetch-Site", "") in ELSEWHERE:
            return _again(request, shown, None, StampFault.FORGED, framed=self.framed)
        if taken_back(shown):
            return _again(request, newest, None, StampFault.WITHDRAWN, framed=self.framed)
        fault = stamp.fault(clock.now(), seconds_min=seconds_min())
        if fault is not None:
            return _again(request, shown, stamp, fault, framed=self.framed)
        return _take(request, shown, stamp, framed=self.framed)


@method_decorator(csrf_exempt, name="dispatch")  # as above: what is overridden loses it
class FrameView(FormView):
    """The same page inside of a page of the owner: only of those that staff named."""

    framed = True

    def dispatch(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:  # noqa: ANN401 - Django's signature
        shown = _shown(named["workspace"], named["form"], "", request.LANGUAGE_CODE)
        sites = selectors.ways(shown.workspace_id, shown.form_id).sites
        response = super().dispatch(request, *args, **named)
        return csp.allow(response, {"frame-ancestors": " ".join(sites)}) if sites else response


@method_decorator(csrf_exempt, name="dispatch")  # as the form: no cookie, a signed stamp
class AgainView(View):
    """The mail did not arrive. Answers alike for every address."""

    def get(self, request: HttpRequest, workspace: str, form: str) -> HttpResponse:
        return _again_page(request, _shown(workspace, form, "", request.LANGUAGE_CODE), AgainForm(None), None)

    def post(self, request: HttpRequest, workspace: str, form: str) -> HttpResponse:
        shown = _shown(workspace, form, "", request.LANGUAGE_CODE)
        typed, stamp, now = AgainForm(request.POST), read(request.POST.get(STAMP, "")), clock.now()
        elsewhere = request.headers.get("Sec-Fetch-Site", "") in ELSEWHERE
        ours = stamp is not None and (stamp.workspace_id, stamp.form_id) == (
            shown.workspace_id,
            shown.form_id,
        )
        fault = stamp.fault(now, seconds_min=seconds_min()) if stamp and ours and not elsewhere else None
        if not ours or elsewhere or fault is not None:
            typed.add_error(None, _("Please look at what you entered and press the button on this page."))
            return _again_page(
                request, shown, typed, stamp if fault is StampFault.TOO_YOUNG else None, status=422
            )
        if not typed.is_valid():
            return _again_page(request, shown, typed, stamp, status=422)
        if request.POST.get(HONEYPOT):
            return _sent_again_page(request, shown)
        ip = request.META.get("REMOTE_ADDR", "")
        flood = services.admit(shown.workspace_id, shown.form_id, ip, services.limits(), now)
        if flood is not None:
            typed.add_error(None, flood_sentence(flood))
            return _again_page(request, shown, typed, stamp, status=_FLOODED[flood])
        try:
            address = typed.cleaned_data["email"]
            evidence = evidence_of(request, request.path)
            services.ask_again(shown.workspace_id, shown.form_id, address, evidence, now)
        except KeyDestroyed:
            pass  # being erased this very minute: answered as everybody is
        except OutOfReach:
            typed.add_error(
                None, _("This cannot be recorded at the moment. Nothing is lost; try again in a minute.")
            )
            return _again_page(request, shown, typed, stamp, status=503)
        return _sent_again_page(request, shown)


@require_safe
def embed_script(_request: HttpRequest) -> HttpResponse:
    """The web component under an address that stays; pages of others load it, so it says that they may."""
    response = HttpResponse(built("form.js"), content_type="text/javascript; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    return response


def _take(request: HttpRequest, shown: Shown, stamp: Stamp, *, framed: bool) -> HttpResponse:
    form = SignupForm(request.POST, shown=shown, own_ticks=True)
    if not form.is_valid() or form.request is None:
        return _form_page(request, shown, form, stamp, status=422, framed=framed)
    if not request.POST.get(HONEYPOT):
        ip = request.META.get("REMOTE_ADDR", "")
        flood = services.admit(shown.workspace_id, shown.form_id, ip, services.limits(), clock.now())
        if flood is not None:
            form.add_error(None, flood_sentence(flood))
            return _form_page(request, shown, form, stamp, status=_FLOODED[flood], framed=framed)
        try:
            services.request_signup(form.request, evidence_of(request, request.path), clock.now())
        except (ContactGone, KeyDestroyed):
            pass  # being erased this very minute: answered as everybody is
        except _AWAY:
            form.add_error(
                None, _("This cannot be recorded at the moment. Nothing is lost; try again in a minute.")
            )
            return _form_page(request, shown, form, stamp, status=503, framed=framed)
    asks = any(topic.double_opt_in for topic in form.request.topics)
    ways = selectors.ways(shown.workspace_id, shown.form_id)
    if ways.thanks_url is not None and not framed:
        return _led_to(ways.thanks_url)
    sender = services.shown_sender(shown.workspace_id, shown.published.sender.sender_id)  # as mails leave now
    return _sent_page(request, shown, sender, asks=asks, framed=framed)


def _led_to(url: str) -> HttpResponse:
    """With nothing in the address: whoever is known here, and who is not, arrive there alike."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return public_page(response)


def _again(
    request: HttpRequest, shown: Shown, stamp: Stamp | None, fault: StampFault, *, framed: bool
) -> HttpResponse:
    """The page once more with what was typed; ticks stay only if they were made on a page of ours."""
    form = SignupForm(request.POST, shown=shown, own_ticks=stamp is not None)
    form.is_valid()
    form.add_error(None, stamp_sentence(fault))
    keep = stamp if fault is StampFault.TOO_YOUNG else None
    return _form_page(request, shown, form, keep, status=422, framed=framed)


def _form_page(
    request: HttpRequest,
    shown: Shown,
    form: SignupForm,
    stamp: Stamp | None,
    *,
    status: int = 200,
    begun: bool = False,
    framed: bool,
) -> HttpResponse:
    shown_context = form_context(shown, form, sign(stamp or fresh_stamp(shown)))
    workspace = accounts.workspace(shown.workspace_id)
    context = {
        **shown_context,
        "begun": begun,
        "framed": framed,
        "brand": page_brand(shown.workspace_id),
        "archives": selectors.archives(workspace, shown.language) if workspace and not framed else [],
    }
    response = public_page(render(request, "signup/form.html", context, status=status))
    thanks_url = selectors.ways(shown.workspace_id, shown.form_id).thanks_url
    if thanks_url is None or framed:
        return response
    return csp.allow(response, {"form-action": origin_of(thanks_url)})  # browsers check where a form ends


def _path(view: str, workspace_id: int, form_id: int | None) -> str:
    """Of a page of the form; empty if there is no such form, or nobody can sign up by it now."""
    workspace = accounts.workspace(workspace_id)
    form = next((each for each in selectors.open_forms(workspace_id) if each.form_id == form_id), None)
    if workspace is None or form is None:
        return ""
    return reverse(view, args=[workspace.slug, form.slug])


def fresh_stamp(shown: Shown) -> Stamp:
    wording = shown.published.wording(shown.language)
    return Stamp(
        workspace_id=shown.workspace_id,
        form_id=shown.form_id,
        version=shown.version,
        wording_version=wording.version,
        wording_sha256=wording.sha256,
        language=shown.language,
        at=int(clock.now().timestamp()),
        source_no=shown.source_no,
    )


def taken_back(shown: Shown) -> bool:
    """Were the words of this version withdrawn?"""
    return shown.version in selectors.withdrawn(shown.workspace_id, shown.form_id)


def _closed_page(request: HttpRequest, shown: Shown) -> HttpResponse:
    context = {
        "title": _("This form is closed"),
        "text": _("Nobody can sign up here at the moment. Nothing was sent. Please come back another day."),
        "tone": "wait",
        "sender": shown.published.sender,
        "brand": page_brand(shown.workspace_id),
    }
    return public_page(render(request, "ui/message.html", context, status=410))


def _again_page(
    request: HttpRequest, shown: Shown, form: AgainForm, stamp: Stamp | None, *, status: int = 200
) -> HttpResponse:
    sender = services.shown_sender(shown.workspace_id, shown.published.sender.sender_id)
    context = {
        "form": form,
        "stamp": sign(stamp or fresh_stamp(shown)),
        "sender": sender,
        "brand": page_brand(shown.workspace_id),
        "reception": reception.hint(sender.from_domain),
        "carriers": reception.links(request.LANGUAGE_CODE),
        "back": request.path.removesuffix("/again"),
    }
    return public_page(render(request, "signup/again.html", context, status=status))


def _sent_again_page(request: HttpRequest, shown: Shown) -> HttpResponse:
    context = {
        "title": _("Please look into your mailbox"),
        "text": _("If a mail of yours was waiting and could be sent once more, it is on its way to you."),
        "tone": "go",
        "symbol": "mail-wait",
        "sender": shown.published.sender,
        "brand": page_brand(shown.workspace_id),
    }
    return public_page(render(request, "ui/message.html", context))


def _sent_page(
    request: HttpRequest, shown: Shown, sender: ShownSender, *, asks: bool, framed: bool
) -> HttpResponse:
    """The same for a stranger, a reader and somebody who refused: nobody learns who is known here."""
    if asks:
        title = _("Please look into your mailbox")
        text = _(
            "If anything is to be confirmed, a mail is on its way to you. Press the button behind its link "
            "within 3 days; only then are you registered. At most one such mail is sent a day."
        )
    else:
        title = _("Thank you. You are registered.")
        text = _("A mail with what you chose is on its way to you, unless you receive it already.")
    context = {
        "title": title,
        "text": text,
        "tone": "go",
        "symbol": "mail-wait",
        "sender": sender,
        "brand": page_brand(shown.workspace_id),
        "reception": reception.hint(sender.from_domain),
        "carriers": reception.links(request.LANGUAGE_CODE),
        "again": _path("signup_again", shown.workspace_id, shown.form_id) if asks else "",
        "framed": framed,
    }
    return public_page(render(request, "signup/sent.html", context))


@method_decorator(csrf_exempt, name="dispatch")  # the link is the capability; there is no session to abuse
class ConfirmView(View):
    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_link(token)
        asked = selectors.request(link.workspace_id, link.contact_id, link.subject_id) if link else None
        if link is None or asked is None:
            return unusable(request)
        follow(request, asked.locale)
        match asked.standing(clock.now()):
            case Standing.OPEN if services.taken_back(link.workspace_id, asked):
                return _answer_page(request, link, asked, Expired())
            case Standing.OPEN:
                return _open_page(request, link, asked)
            case Standing.CONFIRMED:
                return _answer_page(request, link, asked, AlreadyConfirmed(asked.answered_at))
            case Standing.EXPIRED | Standing.DECLINED:
                return _answer_page(request, link, asked, Expired())
            case unreachable:
                assert_never(unreachable)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = services.read_link(token)
        asked = selectors.request(link.workspace_id, link.contact_id, link.subject_id) if link else None
        if link is None or asked is None:
            return unusable(request)
        follow(request, asked.locale)
        if request.POST.get("answer") == "decline":
            services.decline_signup(token, evidence_of(request, _PAGE), clock.now())
            return _declined_page(request, link, asked)
        form = ChooseForm(request.POST, shown=_of_mail(link, asked)) if asked.way == RequestWay.MAIL else None
        ticked = form.ticked if form is not None and form.is_valid() else ()
        try:
            answer = services.confirm_signup(token, evidence_of(request, _PAGE), clock.now(), ticked=ticked)
        except services.NothingTicked:
            return _choose_page(request, link, asked, form, status=422)
        except _AWAY:
            return _open_page(request, link, asked, form, status=503)
        return _answer_page(request, link, asked, answer)


def _open_page(
    request: HttpRequest, link: Token, asked: Request, form: ChooseForm | None = None, *, status: int = 200
) -> HttpResponse:
    if asked.way == RequestWay.MAIL:
        return _choose_page(request, link, asked, form, status=status)
    return _confirm_page(request, link, asked, status=status)


def _choose_page(
    request: HttpRequest, link: Token, asked: Request, form: ChooseForm | None, *, status: int = 200
) -> HttpResponse:
    """The whole wording, and boxes that nobody ticked: after an empty mail the consent is given here."""
    shown = _of_mail(link, asked)
    context = {
        "form": form or ChooseForm(None, shown=shown),
        "wording": shown.published.wording(shown.language),
        "sender": shown.published.sender,
        "brand": page_brand(link.workspace_id),
        "policy_version": shown.published.sender.privacy_policy_version,
        "until": asked.expires_at,
        "failed": status == HTTPStatus.SERVICE_UNAVAILABLE,
    }
    return public_page(render(request, "signup/choose.html", context, status=status))


def _of_mail(link: Token, asked: Request) -> Shown:
    """The version that the request is of, in its language. Raises Http404."""
    shown = selectors.shown(link.workspace_id, asked.form_id or 0, asked.form_version or 0, asked.locale)
    if shown is None:
        raise Http404
    return shown


def _confirm_page(request: HttpRequest, link: Token, asked: Request, *, status: int = 200) -> HttpResponse:
    topics = services.offered_in(link.workspace_id, asked)
    context = {
        "topics": [(topic.title(asked.locale), topic.promise(asked.locale)) for topic in topics],
        "until": asked.expires_at,
        "sender": services.sender_in(link.workspace_id, asked),
        "brand": page_brand(link.workspace_id),
        "failed": status != HttpResponse.status_code,
    }
    return public_page(render(request, "signup/confirm.html", context, status=status))


def _answer_page(request: HttpRequest, link: Token, asked: Request, answer: Answer) -> HttpResponse:
    match answer:
        case Confirmed(entry_id=entry_id, at=at, topics=topics):
            entries = ledger.history(link.workspace_id, link.contact_id)
            context: dict[str, object] = {
                "title": _("You are registered."),
                "text": _("From now on you receive: %(topics)s") % {"topics": "、".join(topics)},
                "tone": "go",
                "receipt": {
                    "number": entry_id,
                    "at": at,
                    "hash": next((each.hash for each in entries if each.entry_id == entry_id), ""),
                },
                "links": _afterwards(link, entry_id),
            }
        case AlreadyConfirmed():  # no link: an old mail may be in anybody's hands by now
            context = {
                "title": _("You are registered already."),
                "text": _("Nothing needs to be done. To change what you receive, use the link in our mails."),
                "tone": "go",
            }
        case Expired():
            form = _path("signup_form", link.workspace_id, asked.form_id)
            context = {
                "title": _("This link is no longer valid"),
                "text": _("Nothing was registered. If you still want the mail, please sign up once more."),
                "tone": "wait",
                "action": {"href": form, "text": _("To the form")} if form else None,
            }
        case Unknown():
            return unusable(request)
        case unreachable:
            assert_never(unreachable)
    context["sender"] = services.sender_in(link.workspace_id, asked)
    context["brand"] = page_brand(link.workspace_id)
    return public_page(render(request, "ui/message.html", context))


def _declined_page(request: HttpRequest, link: Token, asked: Request) -> HttpResponse:
    context = {
        "title": _("Thank you. You are not registered."),
        "text": _(
            "Somebody seems to have entered your address. For 30 days no further mail asks you to confirm."
        ),
        "tone": "go",
        "sender": services.sender_in(link.workspace_id, asked),
        "brand": page_brand(link.workspace_id),
    }
    return public_page(render(request, "ui/message.html", context))


def _shown(workspace: str, form: str | None, code: str, language: str) -> Shown:
    """The newest version, found by the form's name or by the short address of a poster."""
    found = accounts.workspace_by_slug(workspace)
    if found is None:
        raise Http404
    lead = None if form is not None else selectors.lead(found.workspace_id, code)
    known = lead if form is None else selectors.form(found.workspace_id, form)
    if known is None or not known.version:
        raise Http404
    shown = selectors.shown(found.workspace_id, known.form_id, known.version, language)
    if shown is None:
        raise Http404
    return replace(shown, source_no=lead.source_no if lead else None)


def _afterwards(link: Token, entry_id: int) -> list[dict[str, str]]:
    """The receipt is offered here alone, to who just confirmed: its link never stands in a mail."""
    links = [{"href": _preferences(link), "text": _("Change what you receive")}]
    receipt = ledger.receipt_path(link.workspace_id, link.contact_id, entry_id)
    if receipt is not None:
        links.insert(0, {"href": receipt, "text": _("Keep your receipt")})
    return links


def _preferences(link: Token) -> str:
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    token = keys.make(Token(link.workspace_id, 0, link.contact_id, Purpose.PREFERENCE))
    return f"/p/{url_form(token)}"


def seconds_min() -> int:
    """Another minimum is for tests and the demonstration: they fill in forms quicker than people."""
    seconds: int = getattr(settings, "SIGNUP_FORM_SECONDS_MIN", AGE_SECONDS_MIN)
    return seconds
