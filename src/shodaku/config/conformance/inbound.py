"""Inbound cases: real mails and texts are built from the words, and read as any other that comes in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from shodaku.config.conformance.scratch import Scratch
from shodaku.config.conformance.words import Case, Outcome, UnknownWord, Words, moment, only
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import AddressError, Channel, NumberError, fold_width, parse_email, parse_phone
from shodaku.content.render import Draft, Recipient, SenderIdentity, compile_message, header_date
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import clock, db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.optout import services as optout
from shodaku.optout.domain import Envelope, Heard, read_wish, words_of
from shodaku.policy.domain import Ads, MessageClass, Reason, rules
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.domain import Scope, in_force

READER: Final = "a@example.jp"  # who writes, where a case does not say it
NUMBER: Final = "+819012345678"
OURS: Final = "info@a.example"
WINDOW: Final = timedelta(days=13)  # in which the bounces of a case have come
_UNSEEN: Final = Envelope()


@dataclass(frozen=True, slots=True)
class _Came:
    """Somebody's message was taken in: whose state is asked for, and what the product says it did."""

    contact_id: int
    heard: Heard
    helped: bool = False


def answer(case: Case, shop: Scratch) -> Outcome:
    """Raises UnknownWord."""
    only(case.message, (), "message")
    given = only(case.given, {*_WAYS, "address", "at"}, "given")
    ways = [way for way in _WAYS if way in given]
    if len(ways) != 1:
        raise UnknownWord(hint="given: one message is needed")
    (way,) = ways
    if "address" in given and way != "refusal_received_by":
        raise UnknownWord(hint="given.address")
    at = moment(given.get("at", "PT0S"), shop.now, "given.at")
    came = _WAYS[way](given, shop, at)
    return _told(came, shop, bounced=way == "dsn")


def _mail(given: Words, shop: Scratch, at: datetime) -> _Came:
    said = only(given["mail"], {"to", "from", "text"}, "given.mail")
    sender = fold_width(_text(said.get("from", READER), "given.mail.from"))
    contact_id = shop.contact(email=_email(sender, "given.mail.from"))
    head = [("From", sender), ("Subject", "Re: news")]
    if (to := said.get("to", OURS)) is not None:  # null: it names nobody that it is for
        head.append(("To", _text(to, "given.mail.to")))
    raw = _letter(head, _text(said.get("text", ""), "given.mail.text"), at)
    return _Came(contact_id, _receive(shop, raw, at))


def _auto_reply(given: Words, shop: Scratch, at: datetime) -> _Came:
    said = only(given["auto_reply"], {"headers", "text"}, "given.auto_reply")
    contact_id = shop.contact(email=READER)
    headers = said.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise UnknownWord(hint="given.auto_reply.headers")
    head = [("From", READER), ("To", OURS), ("Subject", "Re: news")]
    for name, value in headers.items():
        null_path = value is None and str(name).lower() == "return-path"
        text = "<>" if null_path else _text(value, f"given.auto_reply.headers.{name}")
        head = [*((n, v) for n, v in head if n.lower() != str(name).lower()), (str(name), text)]
    raw = _letter(head, _text(said.get("text", ""), "given.auto_reply.text"), at)
    return _Came(contact_id, _receive(shop, raw, at))


def _sms(given: Words, shop: Scratch, at: datetime) -> _Came:
    said = only(given["sms"], {"text"}, "given.sms")
    contact_id = shop.contact(phone=NUMBER)
    with clock.standing_at(at):
        answered = optout.hear_sms(
            shop.workspace_id, NUMBER, _text(said.get("text", ""), "given.sms.text"), at
        )
    helped = answered.heard is Heard.HELPED and answered.reply is not None
    return _Came(contact_id, answered.heard, helped)


def _phone_call(given: Words, shop: Scratch, at: datetime) -> _Came:
    said = only(given["phone_call"], {"address", "wish"}, "given.phone_call")
    address = _text(said.get("address", READER), "given.phone_call.address")
    spoken = _text(said.get("wish", ""), "given.phone_call.wish").replace("_", " ")
    wish = read_wish(spoken, words_of(rules()))
    contact_id = _owner(shop, address, "given.phone_call.address")
    with clock.standing_at(at):
        heard = optout.record_call(
            shop.workspace_id, address, by="complaint desk", wish=wish, said=spoken, now=at
        )
    return _Came(contact_id, heard)


def _for_client(given: Words, shop: Scratch, at: datetime) -> _Came:
    client = _text(given["refusal_received_by"], "given.refusal_received_by")
    address = _text(given.get("address", READER), "given.address")
    contact_id = _owner(shop, address, "given.address")
    receipt = optout.receive_for_client(shop.workspace_id, address, client, at, shop.now)
    return _Came(contact_id, Heard.STOPPED if receipt else Heard.NOBODY)


def _arf(given: Words, shop: Scratch, at: datetime) -> _Came:
    said = only(given["arf"], {"feedback-type", "rcpt"}, "given.arf")
    address = _email(_text(said.get("rcpt", READER), "given.arf.rcpt"), "given.arf.rcpt")
    kind = _text(said.get("feedback-type", "abuse"), "given.arf.feedback-type")
    contact_id = shop.contact(email=address)
    _, ours = _sent(shop, contact_id, address, at)
    report = (
        f"Feedback-Type: {kind}\r\nUser-Agent: Mailbox/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: <{address}>\r\n"
    )
    head = [("From", "<feedback@mailbox.example>"), ("To", "<fbl@a.example>"), ("Subject", "FW: news")]
    raw = _report(head, "feedback-report", "An e-mail abuse report.", report, ours, at)
    return _Came(contact_id, _receive(shop, raw, at))


def _dsn(given: Words, shop: Scratch, at: datetime) -> _Came:
    """As many bounces as have come within the window, of as many messages, this one the last."""
    said = only(given["dsn"], {"status", "count"}, "given.dsn")
    status, count = _text(said.get("status"), "given.dsn.status"), said.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise UnknownWord(hint="given.dsn.count")
    contact_id = shop.contact(email=READER)
    heard = Heard.NOBODY
    for number in range(count):
        then = at - WINDOW * (count - 1 - number) / count
        return_path, ours = _sent(shop, contact_id, READER, then)
        action = "delayed" if status.startswith("4") else "failed"
        report = (
            "Reporting-MTA: dns; mx.example.jp\r\n\r\n"
            f"Final-Recipient: rfc822; {READER}\r\nAction: {action}\r\nStatus: {status}\r\n"
        )
        head = [
            ("Return-Path", "<>"),
            ("From", "<mailer-daemon@mx.example.jp>"),
            ("To", f"<{return_path}>"),
            ("Subject", "Undelivered Mail Returned to Sender"),
            ("Auto-Submitted", "auto-replied"),
        ]
        raw = _report(head, "delivery-status", "The mail was returned.", report, ours, then)
        heard = _receive(shop, raw, then, Envelope("", (return_path,)))
    return _Came(contact_id, heard)


_WAYS: Final = {
    "mail": _mail,
    "sms": _sms,
    "phone_call": _phone_call,
    "refusal_received_by": _for_client,
    "arf": _arf,
    "dsn": _dsn,
    "auto_reply": _auto_reply,
}


def _receive(shop: Scratch, raw: bytes, at: datetime, envelope: Envelope = _UNSEEN) -> Heard:
    with clock.standing_at(at):
        return optout.receive_mail(shop.workspace_id, raw, at, envelope)


def _told(came: _Came, shop: Scratch, *, bounced: bool) -> Outcome:
    """From the rows of the person as they are now."""
    refused = any(
        refusal.scope is Scope.ALL and in_force(refusal, None, None, shop.now)
        for refusal in suppressions.refusals(shop.workspace_id, came.contact_id)
    )
    disabled = any(
        address.invalid_at is not None
        for address in contacts_known.addresses(shop.workspace_id, came.contact_id)
    )
    if refused:
        return Outcome("effect", Reason.REFUSAL_RECORDED_ALL, frozenset({"refusal_all"}))
    if disabled:
        return Outcome("effect", Reason.ADDRESS_INVALID, frozenset({"address_disabled"}))
    if came.helped:
        return Outcome("effect", Reason.HELP_REPLIED, frozenset({"help_reply"}))
    return Outcome("no_effect", Reason.SOFT_BOUNCE_COUNTED if bounced else Reason.AUTO_REPLY_IGNORED)


def _sent(shop: Scratch, contact_id: int, address: str, at: datetime) -> tuple[str, bytes]:
    """A message of ours, handed over before it comes back: its return path, and the message itself."""
    topic_id = shop.topic("news")
    before = at - timedelta(minutes=1)
    mailing = NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        promotional=True,
        topic_id=topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="news",
        text="news {{ opt_out }}",
        html=None,
    )
    with db.transaction(shop.workspace_id):
        mailing_id = delivery.note_sent(mailing, contact_id, Reason.OK_CONSENT, at=before)
    compiled = compile_message(
        Draft(mailing.subject, mailing.text, None, ()),
        SenderIdentity("株式会社A", "news@a.example", "a.example", runtime.current().public_url),
        workspace_id=shop.workspace_id,
        subject_id=mailing_id,
        links=LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs),
        purpose=Purpose.DELIVERY,
        list_id="news.a.example",
        one_click=True,
    )
    message = compiled.full.splice(Recipient(contact_id, address, {}), header_date(before))
    return compiled.return_path(contact_id).decode(), b"".join(message.buffers)


def _letter(head: list[tuple[str, str]], text: str, at: datetime) -> bytes:
    body = b64encode(text.encode()).decode()
    lines = [f"{name}: {value}" for name, value in [*head, ("Date", format_datetime(at))]]
    lines += [
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    return "\r\n".join([*lines, "", body, ""]).encode()


def _report(
    head: list[tuple[str, str]], kind: str, told: str, report: str, ours: bytes, at: datetime
) -> bytes:
    lines = [f"{name}: {value}" for name, value in [*head, ("Date", format_datetime(at))]]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/report; report-type={kind}; boundary="=_part"']
    lines += ["", "--=_part", "Content-Type: text/plain", "", told]
    lines += ["", "--=_part", f"Content-Type: message/{kind}", "", report]
    lines += ["--=_part", "Content-Type: message/rfc822", "", ""]
    return "\r\n".join(lines).encode() + ours + b"\r\n--=_part--\r\n"


def _owner(shop: Scratch, address: str, where: str) -> int:
    if "@" in fold_width(address):
        return shop.contact(email=_email(address, where))
    try:
        return shop.contact(phone=parse_phone(address).e164)
    except NumberError:
        raise UnknownWord(hint=f"{where}: {address!r}") from None


def _email(text: str, where: str) -> str:
    """With or without the name of who it is of, in any width."""
    folded = fold_width(text)
    try:
        return parse_email(parseaddr(folded)[1] or folded).address
    except AddressError:
        raise UnknownWord(hint=f"{where}: {text!r}") from None


def _text(value: Any, where: str) -> str:  # noqa: ANN401 - what YAML holds
    """YAML reads `no` and `yes` as truth values; a header says them as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value) if isinstance(value, int | float) else value
    if not isinstance(text, str) or (where.startswith("given.auto_reply.headers") and "\n" in text):
        raise UnknownWord(hint=f"{where}: {value!r}")
    return text
