"""Web situations: links are opened and pressed, forms checked, published and filled in, by real requests.

What is answered comes from the responses and from what is stored afterwards.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, assert_never
from urllib.parse import parse_qsl, urlencode

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from shodaku.config.conformance import web_people as people
from shodaku.config.conformance.scratch import SENDER_A, Scratch
from shodaku.config.conformance.web_page import OwnForm, flag, opt_out_page, parse_form, signup_page
from shodaku.config.conformance.words import Case, Outcome, UnknownWord, Words, one_of, only, span
from shodaku.consent.domain import add_months
from shodaku.contacts.domain import AddressError, Channel, parse_email
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import clock, db
from shodaku.kit.links import Purpose, url_form
from shodaku.optout import services as optout
from shodaku.policy.domain import Ads, Deferred, MessageClass, Permit, Reason, Refused
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.signup.domain import CONFIRMATION_DAYS, Standing
from shodaku.suppression.domain import Scope

_SUBJECTS: Final = ("unsubscribe_token", "unsubscribe_page", "confirm_link", "address_change", "form")
_GIVEN: Final = (*_SUBJECTS, "already_refused", "message_age")
_MESSAGE: Final = (
    "method",
    "body",
    "content_type",
    "cookies",
    "by",
    "submit",
    "ticked",
    "publish_form",
    "publish_page",
    "send",
)
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_FLAGS: Final = ("submit", "ticked", "publish_form", "publish_page")
_FORM_URLENCODED: Final = "application/x-www-form-urlencoded"
_READER: Final = "a@example.jp"
_A_DAY: Final = timedelta(days=1)
_AN_HOUR: Final = timedelta(hours=1)
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)


def answer(case: Case, shop: Scratch) -> Outcome:
    """Raises UnknownWord."""
    given, message = only(case.given, _GIVEN, "given"), only(case.message, _MESSAGE, "message")
    for name in _FLAGS:
        flag(message, name, "message")
    _refused_at(
        given, shop.now, shop.now
    )  # tells of the link of a mail; beside any other act it is only read
    match _subject(given, message):
        case "unsubscribe_page":
            return _unsubscribe_page(given.get("unsubscribe_page"), shop)
        case "confirm_link":
            return _confirm_link(given["confirm_link"], message, shop)
        case "address_change":
            return _address_change(given["address_change"], message, shop)
        case "form":
            return _form(parse_form(given.get("form")), message, shop)
        case _:
            return _unsubscribe(given, message, shop)


def _subject(given: Words, message: Words) -> str:
    """The one thing that is acted on; what is published or filled in without being described is ours."""
    named = [subject for subject in _SUBJECTS if subject in given]
    if len(named) > 1:
        raise UnknownWord(hint=f"given.{named[0]} beside given.{named[1]}")
    if named or given:
        return named[0] if named else "unsubscribe_token"
    if message.get("publish_page"):
        return "unsubscribe_page"
    if message.get("publish_form") or message.get("submit") or "send" in message:
        return "form"
    raise UnknownWord(hint="given: nothing to act on")


def _unsubscribe(given: Words, message: Words, shop: Scratch) -> Outcome:
    """The link in the head of a mail about a topic, at any age."""
    token = one_of(given.get("unsubscribe_token", "valid"), ("valid", "tampered"), "given.unsubscribe_token")
    mailed_at = _ago(given.get("message_age", "P1D"), shop.now, "given.message_age")
    contact_id = people.reader(shop, _READER, mailed_at - _A_DAY)
    link = people.link(shop, contact_id, Purpose.DELIVERY, _mail(shop, contact_id, mailed_at))
    if (refused_at := _refused_at(given, mailed_at, shop.now)) is not None:
        with clock.standing_at(refused_at):
            shop.browser.post(f"/o/{link}", {"List-Unsubscribe": "One-Click"})
    if token == "tampered":  # noqa: S105 - a word of the vocabulary
        link = _tampered(link)
    before = people.state(shop, contact_id)
    response, method = _send(shop, f"/o/{link}", message)
    after = people.state(shop, contact_id)
    if optout.read_token(link) is None:
        return _unchanged(Reason.TOKEN_INVALID, before, after)
    if method != "POST":
        return _unchanged(Reason.GET_MUST_NOT_CHANGE, before, after)
    return _refusal(before, after, response, shop, contact_id)


def _refused_at(given: Words, mailed_at: datetime, now: datetime) -> datetime | None:
    """When the person said no before: at a time that is told, else some time after the mail."""
    said = given.get("already_refused")
    if isinstance(said, str):
        return _ago(said, now, "given.already_refused")
    return mailed_at + (now - mailed_at) / 2 if flag(given, "already_refused", "given") else None


def _refusal(
    before: people.State, after: people.State, response: people.Answered, shop: Scratch, contact_id: int
) -> Outcome:
    forms = {
        name
        for name, holds in (
            ("http_200", response.status == _OK),
            ("no_redirect", response.status not in _REDIRECTS and not response.location),
        )
        if holds
    }
    everything = [refusal for refusal in after.refusals if refusal.scope is Scope.ALL]
    stopped = isinstance(verdict := people.gate(shop, contact_id), Refused) and bool(after.refusals)
    if everything and verdict.reason is Reason.REFUSED_ALL:
        again = any(refusal.scope is Scope.ALL for refusal in before.refusals) and len(everything) == 1
        forms.add("idempotent" if again else "refusal_all")
    return Outcome("effect" if stopped else "no_effect", Reason.REFUSAL_RECORDED, frozenset(forms))


def _unsubscribe_page(value: object, shop: Scratch) -> Outcome:
    """A page for opting out is checked before it is published; one that wants nothing is our own."""
    words = only(value, ("requires",), "given.unsubscribe_page")
    requires = words.get("requires")
    if requires is not None and (not isinstance(requires, str) or not requires.strip()):
        raise UnknownWord(hint=f"given.unsubscribe_page.requires: {requires!r}")
    if requires is None:
        contact_id = people.reader(shop, _READER, shop.now - _A_DAY)
        link = people.link(shop, contact_id, Purpose.DELIVERY)
        html = shop.browser.get(f"/o/{link}").content.decode()
    else:
        html = opt_out_page(requires)
    return _checked(shop, {"kind": "opt_out", "html": html})


def _confirm_link(value: object, message: Words, shop: Scratch) -> Outcome:
    words = only(value, ("age", "ttl"), "given.confirm_link")
    age = shop.now - _ago(words.get("age", "PT1H"), shop.now, "given.confirm_link.age")
    life = shop.now - _ago(words.get("ttl", f"P{CONFIRMATION_DAYS}D"), shop.now, "given.confirm_link.ttl")
    # our links live three days; of one with another life it counts how far from its end it is pressed
    asked_at = shop.now - max(age - life + timedelta(days=CONFIRMATION_DAYS), timedelta(0))
    people.publish_form(shop, ["news"], asked_at - _AN_HOUR)
    people.sign_up(shop, _READER, ["news"], asked_at)
    contact_id = people.person(shop, _READER)
    if contact_id is None:
        raise LookupError("somebody who signed up is not known")
    return _press(shop, contact_id, message)


def _press(shop: Scratch, contact_id: int, message: Words) -> Outcome:
    """The link of a mail that asked is opened, or its button pressed."""
    path = people.confirm_path(shop, contact_id)
    before = people.state(shop, contact_id)
    _response, method = _send(shop, path, message)
    after = people.state(shop, contact_id)
    if method != "POST":
        return _unchanged(Reason.GET_MUST_NOT_CHANGE, before, after)
    if before != after:
        return _recorded(shop, contact_id)
    link = signup.read_link(path.rpartition("/")[2])
    request = signups.request(link.workspace_id, contact_id, link.subject_id) if link else None
    if request is None:
        return _unchanged(Reason.TOKEN_INVALID, before, after)
    expired = request.standing(shop.now) is Standing.EXPIRED
    return _unchanged(Reason.TOKEN_EXPIRED if expired else Reason.CONSENT_NOT_CONFIRMED, before, after)


def _address_change(value: object, message: Words, shop: Scratch) -> Outcome:
    words = only(value, ("new", "confirmed"), "given.address_change")
    new = _address(words.get("new"))
    old_id = people.reader(shop, _READER, shop.now - 2 * _A_DAY)
    path = f"/p/{people.link(shop, old_id, Purpose.PREFERENCE)}/address"
    with clock.standing_at(shop.now - _AN_HOUR):
        shop.browser.post(path, {"address": new})
    contact_id = people.person(shop, new)
    if contact_id is None:
        raise LookupError("nobody was asked at the new address")
    if flag(words, "confirmed", "given.address_change"):
        people.confirm(shop, contact_id, shop.now - _AN_HOUR / 2)
    if "send" not in message:
        return _press(shop, contact_id, message)
    return _sent(shop, contact_id, message)


def _form(form: OwnForm, message: Words, shop: Scratch) -> Outcome:
    """The shop's page is checked; what passes is published as a form of ours, and filled in there."""
    checked = _checked(
        shop,
        {
            "kind": "signup",
            "html": signup_page(form, SENDER_A.formal_name),
            "last_screen": {None: "no_order", True: "shows", False: "hides"}[form.last_screen_shows_consent],
            **({"required_to_buy": "on"} if form.required_to_buy else {}),
            **({"incentive": "on"} if form.incentive else {}),
        },
    )
    if checked.verdict != "allow":
        return checked
    if not message.get("submit") and "send" not in message:
        return checked if _published(form, shop) else Outcome("refuse", "FORM_NOT_PUBLISHED")
    asked_at = shop.now - _AN_HOUR
    people.publish_form(shop, form.topics, asked_at - _AN_HOUR)
    ticked = form.topics if message.get("ticked", True) else ()
    people.sign_up(shop, _READER, ticked, asked_at)
    contact_id = people.person(shop, _READER)
    if contact_id is not None and form.confirmed:
        people.confirm(shop, contact_id, asked_at + _AN_HOUR / 2)
    if "send" in message:
        stranger = shop.contact(email=_READER) if contact_id is None else contact_id
        return _sent(shop, stranger, message, form.topics[0])
    return checked if contact_id is None or not form.confirmed else _recorded(shop, contact_id)


def _published(form: OwnForm, shop: Scratch) -> bool:
    said = {
        "name": "A",
        "slug": people.FORM,
        "title": "お便り",
        "topics": [str(shop.topic(topic)) for topic in form.topics],
        "incentive": form.incentive or "",
    }
    people.at_the_desk(shop, "form_new", said, accept="text/html")
    stands = signups.form(shop.workspace_id, people.FORM)
    return stands is not None and stands.version > 0


def _checked(shop: Scratch, said: Mapping[str, object]) -> Outcome:
    """What the console's check of a page answers."""
    told = people.at_the_desk(shop, "form_check", said)
    if told.status != _OK:
        return Outcome("refuse", "PAGE_UNREADABLE")
    read = json.loads(told.content)
    return Outcome(read["verdict"], read["reason"])


def _sent(shop: Scratch, contact_id: int, message: Words, topic: str = "news") -> Outcome:
    """The gate's answer to the message that is to be sent."""
    one_of(message["send"], (MessageClass.ADVERTISING.value,), "message.send")
    match people.gate(shop, contact_id, topic):
        case Permit(reason=reason):
            return Outcome("allow", reason)
        case Refused(reason=refused, instead=instead):
            return Outcome("allow_as" if instead else "refuse", refused, frozenset(filter(None, [instead])))
        case Deferred(reason=waits):
            return Outcome("defer", waits)
        case unreachable:
            assert_never(unreachable)


def _recorded(shop: Scratch, contact_id: int) -> Outcome:
    active = people.receives(shop, contact_id)
    forms = frozenset({"consent_active"}) if active else frozenset[str]()
    return Outcome("effect" if active else "no_effect", Reason.CONSENT_RECORDED, forms)


def _unchanged(reason: Reason, before: people.State, after: people.State) -> Outcome:
    return Outcome("no_effect" if before == after else "effect", reason)


def _send(shop: Scratch, path: str, message: Words) -> tuple[people.Answered, str]:
    """One request as the case words it, and its method; nothing that an earlier visitor left comes along."""
    scanner = message.get("by") == "link_scanner"
    said = message.get("method", "GET" if scanner else "POST")
    method = one_of(said.upper() if isinstance(said, str) else said, _METHODS, "message.method")
    body, content_type = _body(message)
    shop.browser.cookies.clear()
    shop.browser.cookies.load(_cookies(message.get("cookies")))
    headers = {"user-agent": _text(message.get("by"), "message.by")}
    sent = body if method not in ("GET", "HEAD") else b""
    response = shop.browser.generic(method, path, sent, content_type=content_type, headers=headers)
    shop.browser.cookies.clear()
    location = response.headers.get("Location", "")
    return people.Answered(response.status_code, location, response.content), method


def _body(message: Words) -> tuple[bytes, str]:
    body = message.get("body")
    content_type = _text(message.get("content_type"), "message.content_type") or _FORM_URLENCODED
    if isinstance(body, Mapping):
        body = urlencode({str(name): str(value) for name, value in body.items()})
    text = _text(body, "message.body")
    if content_type.startswith("multipart/form-data"):
        fields = dict(parse_qsl(text, keep_blank_values=True))
        return encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT
    return text.encode(), content_type


def _cookies(value: object) -> dict[str, str]:
    match value:
        case None | False:
            return {}
        case str():
            return {"visitor": value}
        case Mapping():
            return {str(name): str(each) for name, each in value.items()}
        case _:
            raise UnknownWord(hint=f"message.cookies: {value!r}")


def _text(value: object, where: str) -> str:
    """Absent is empty. Raises UnknownWord."""
    if value is not None and not isinstance(value, str):
        raise UnknownWord(hint=f"{where}: {value!r}")
    return value or ""


def _ago(age: object, now: datetime, where: str) -> datetime:
    """An age is told with or without the sign of the past."""
    months, rest = span(age, where)
    return add_months(now, -abs(months)) - abs(rest)


def _address(value: object) -> str:
    try:
        return parse_email(_text(value, "given.address_change.new")).address
    except AddressError as fault:
        raise UnknownWord(hint=f"given.address_change.new: {value!r}") from fault


def _tampered(link: str) -> str:
    """The same link with one bit of its code turned."""
    token = bytearray(binascii.a2b_base64(link.replace("-", "+").replace("_", "/") + "=="))
    token[-1] ^= 1
    return url_form(bytes(token))


def _mail(shop: Scratch, contact_id: int, at: datetime) -> int:
    """An advertising mail about the topic; its number is what the links in it name."""
    mailing = NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        promotional=True,
        topic_id=shop.topic("news"),
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="お知らせ",
        text="お知らせです。",
        html=None,
    )
    with db.transaction(shop.workspace_id):
        return delivery.plan_one(mailing, contact_id, now=at)
