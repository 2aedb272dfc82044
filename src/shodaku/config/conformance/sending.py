"""Send cases: facts by services, the message rendered and linted, the gate, a transport without a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any, Final

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Sender
from shodaku.config.conformance import past
from shodaku.config.conformance.letter import PIXEL, PROMOTION, Display, Letter, display_of, mail, short_text
from shodaku.config.conformance.scratch import SENDER_A, Scratch
from shodaku.config.conformance.words import Case, Outcome, UnknownWord, Words, moment, one_of, only
from shodaku.consent.domain import add_months
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, ContactKind, CountrySource, Residence
from shodaku.content.promotions import Marked, ads_in, without_marks, without_promotions
from shodaku.delivery import sandbox
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import Exemption, MailingKind, NewMailing
from shodaku.kit import clock, db
from shodaku.policy.domain import (
    AD_CLASSES,
    NEWEST_IN_FORCE,
    About,
    Ads,
    Deferred,
    MessageClass,
    Occasion,
    Permit,
    Reason,
    Refused,
)

_ADDRESS: Final = "a@example.jp"
_NUMBER: Final = "+870773111632"  # of a satellite: it says nothing about the country
_GIVEN: Final = frozenset(
    ("recipient", "sender", "list", "settings", "local_time", "queued_at", "current_policy", "facts")
)
_MESSAGE: Final = frozenset(
    (
        *("channel", "class", "ads", "topic", "purpose", "sender", "about", "event", "leads_to", "series"),
        *("decided_at", "from", "subject", "is_reply", "subject_label", "text", "body_style", "pr_label"),
        *("why_line", "headers", "dkim", "auth", "tracking", "tracking_consent", "footer"),
    )
)
_SETTINGS: Final = frozenset(
    (
        *("card_advertising", "relationship", "published_address", "soft_optin", "implied_consent"),
        *("incidental_ads", "evidence_retention"),
    )
)
_ITEMS: Final = {
    "address": "postal_address",
    "contact": "contact_url",
    "phone": "contact_phone",
    "responsible_person": "responsible_person",
    "seller_email": "contact_email",
    "sales_terms": "sales_terms_url",
}
_SWITCHED_ON: Final = {
    "relationship": True,
    "published_address": True,
    "soft_optin": True,
    "implied_consent": True,
    "incidental_ads": True,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the case wants to send, in the product's own words."""

    channel: Channel
    message_class: MessageClass
    topic: str
    words: Words


def answer(case: Case, shop: Scratch) -> Outcome:
    """Raises UnknownWord."""
    given = only(case.given, _GIVEN, "given")
    words = only(case.message, _MESSAGE, "message")
    asked = _asked(words)
    sender, mail_order = _sender(shop, given, words)
    _rules(shop, given)
    person = _person(shop, given, asked, case.jurisdiction)
    past.write(person, given.get("facts") or [], shop.now)
    topic_id = person.topic(person.message_sender, asked.topic)
    letter, altered = _letter(words, asked, sender, mail_order=mail_order)
    mailing = replace(
        _mailing(words, asked, letter, topic_id, shop.sender_id), double_opt_in=person.double_opt_in
    )
    at = moment(words.get("decided_at", "PT0S"), shop.now, "message.decided_at")
    with clock.standing_at(at), db.transaction(shop.workspace_id):
        mailing_id = delivery.plan_one(mailing, person.contact_id, now=at)
        handed = sandbox.hand_over(shop.workspace_id, mailing_id, person.contact_id, now=at, altered=altered)
    return _outcome(handed)


def _asked(words: Words) -> _Asked:
    return _Asked(
        Channel(one_of(words.get("channel", "email"), past.CHANNELS, "message.channel")),
        MessageClass(one_of(words.get("class", "advertising"), past.CLASSES, "message.class")),
        words.get("topic", "news"),
        words,
    )


def _sender(shop: Scratch, given: Words, words: Words) -> tuple[Sender, bool]:
    said = only(
        given.get("sender"), {"name", "legal_name", "kind", "b2c_mail_order", "domains"}, "given.sender"
    )
    from_address = words.get("from", "news@a.example")
    domains = said.get("domains") or ["a.example"]
    own = next((each for each in domains if _at_or_below(from_address, each)), domains[0])
    name = words.get("sender", "A")
    ours = name in _names_of(given)
    sender = replace(
        SENDER_A,
        sender_id=shop.sender_id,
        formal_name=said.get("legal_name", SENDER_A.formal_name) if ours else f"株式会社{name}",
        display_name=said.get("name", name) if ours else name,
        mail_domain=own,
        from_address=f"news@{own}",
        **_said_in_footer(words),
    )
    accounts.save_sender(shop.workspace_id, sender, now=shop.now)
    shop.pretend_from(shop.sender_id, from_address)
    mail_order = bool(said.get("b2c_mail_order", False))
    accounts.declare_mail_order(shop.workspace_id, on=mail_order)
    if one_of(said.get("kind", "company"), {"company", "npo"}, "given.sender.kind") == "npo":
        _switch(shop, Exemption.NON_PROFIT)
    if _shown(words, sender, mail_order=mail_order).reply_suffices:
        _switch(shop, Exemption.REPLIES_READ)
    if (auth := words.get("auth", "aligned")) != "aligned":
        said_dmarc = only(auth, {"dmarc"}, "message.auth").get("dmarc") or "none"
        dmarc = one_of(said_dmarc, {"none", "aligned"}, "message.auth.dmarc")
        delivery.note_domain(shop.workspace_id, own, dmarc_aligned=dmarc == "aligned", now=shop.now)
    return sender, mail_order


def _names_of(given: Words) -> set[str]:
    """The sender of the case is called A, and whatever else the case calls it."""
    return {"A", str((given.get("sender") or {}).get("name", "A"))}


def _said_in_footer(words: Words) -> dict[str, Any]:  # Any: some of a sender's fields, by name
    """A text in place of an item is what this sender has for it."""
    footer = words.get("footer")
    said = footer if isinstance(footer, Mapping) else {}
    return {fact: said[key] for key, fact in _ITEMS.items() if isinstance(said.get(key), str)}


def _at_or_below(address: str, domain: str) -> bool:
    own = address.rpartition("@")[2].lower()
    return own == domain.lower() or own.endswith(f".{domain.lower()}")


def _rules(shop: Scratch, given: Words) -> None:
    """Residence that nobody knows is unknown: the strictest rules hold. Switches as the suite sets them."""
    delivery.choose_rules(shop.workspace_id, NEWEST_IN_FORCE, {}, None, by="conformance", now=shop.now)
    settings = only(given.get("settings"), _SETTINGS, "given.settings")
    for name, on in (_SWITCHED_ON | dict(settings)).items():
        if name != "evidence_retention" and on:
            _switch(shop, Exemption(name))


def _switch(shop: Scratch, exemption: Exemption) -> None:
    delivery.switch_exemption(
        shop.workspace_id, shop.sender_id, exemption, on=True, reason="given", by="conformance", now=shop.now
    )


def _person(shop: Scratch, given: Words, asked: _Asked, jurisdiction: str) -> past.Person:
    said = only(given.get("recipient"), {"kind", "age", "country"}, "given.recipient")
    listed = only(given.get("list"), {"double_opt_in"}, "given.list")
    sender_name, ours = asked.words.get("sender", "A"), _names_of(given)
    if sender_name not in ours:
        ours = {sender_name}  # the message is another's: the row of the shop is theirs
    contact_id = shop.contact(email=_ADDRESS)
    if asked.channel is not Channel.EMAIL:
        shop.reachable_by_phone(contact_id, asked.channel, _NUMBER)
    country = said.get("country", jurisdiction)
    age = said.get("age", "adult")
    if age != "adult" and (isinstance(age, bool) or not isinstance(age, int)):
        raise UnknownWord(hint=f"given.recipient.age: {age!r}")
    kind = one_of(said.get("kind", "person"), frozenset(ContactKind), "given.recipient.kind")
    contacts.describe(
        contact_id,
        country=None if country in ("unknown", "ZZ") else Residence(_code(country), CountrySource.DECLARED),
        kind=ContactKind(kind),
        birth_date=None if age == "adult" else add_months(shop.now, -12 * age).date(),
        timezone=_zone(given.get("local_time", "10:00"), shop.now),
        tracking_consent_at=shop.now if asked.words.get("tracking_consent") else None,
    )
    return past.Person(
        shop=shop,
        contact_id=contact_id,
        address=_ADDRESS,
        message_topic=asked.topic,
        message_sender=sender_name,
        message_channel=asked.channel.value,
        senders=dict.fromkeys(ours, shop.sender_id),
        double_opt_in=bool(listed.get("double_opt_in", True)),
    )


def _code(country: object) -> str:
    if not isinstance(country, str) or not re.fullmatch(r"[A-Z]{2}", country):
        raise UnknownWord(hint=f"given.recipient.country: {country!r}")
    return country


def _zone(local_time: object, now: datetime) -> str:
    """The offset of a clock that shows this time now."""
    if isinstance(local_time, int) and not isinstance(local_time, bool):  # YAML 1.1 reads 22:00 in sixties
        local_time = f"{local_time // 60:02}:{local_time % 60:02}"
    read = re.fullmatch(r"(\d{2}):(\d{2})", local_time) if isinstance(local_time, str) else None
    if read is None:
        raise UnknownWord(hint=f"given.local_time: {local_time!r}")
    utc = now.astimezone(UTC)
    ahead = int(read[1]) * 60 + int(read[2]) - (utc.hour * 60 + utc.minute)
    ahead = (ahead + 12 * 60) % (24 * 60) - 12 * 60
    return f"UTC{'-' if ahead < 0 else '+'}{abs(ahead) // 60:02}:{abs(ahead) % 60:02}"


def _letter(
    words: Words, asked: _Asked, sender: Sender, *, mail_order: bool
) -> tuple[Letter, Callable[[bytes], bytes]]:
    shown = _shown(words, sender, mail_order=mail_order)
    label = words.get("subject_label") or ""
    if asked.channel is Channel.SMS:
        label += f"{pr_label} " if (pr_label := words.get("pr_label")) else ""
        text = _with_ads(words.get("text") or _plain_text(asked, shown), _marked_ads(words, asked))
        return Letter("", f"{label}{text}", None), _as_it_is
    subject = f"{label}{words.get('subject', '11月のお知らせ')}"
    letter = mail(
        subject,
        shown,
        ads=_marked_ads(words, asked),
        pr_label=words.get("pr_label"),
    )
    if only(words.get("tracking"), {"open_pixel"}, "message.tracking").get("open_pixel"):
        letter = replace(letter, html=f"{letter.html}{PIXEL}")
    return letter, _relay(words)


def _shown(words: Words, sender: Sender, *, mail_order: bool) -> Display:
    why = words.get("why_line", "present") is not None
    return display_of(words.get("footer"), sender, mail_order=mail_order, why=why)


def _marked_ads(words: Words, asked: _Asked) -> str:
    """What promotes is advertising as a whole; in any other class somebody marks the blocks."""
    said = one_of(words.get("ads", "none"), frozenset(Ads), "message.ads")
    return "none" if asked.message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY) else said


def _with_ads(text: str, ads: str) -> str:
    block = f"[ad]\n{PROMOTION[: max(2, len(text) // 3)]}\n[/ad]"
    return text if ads == "none" else f"{block}\n{text}" if ads == "main" else f"{text}\n{block}"


def _plain_text(asked: _Asked, shown: Display) -> str:
    if asked.message_class in AD_CLASSES:
        return short_text(shown)
    name = f"[{shown.items.name}]" if shown.items.name else ""
    return (
        f"{name}認証コードは 123456 です。10分以内に入力してください。"
        "ほかの方には決して教えないでください。ご不明な点は窓口でうかがいます。"
    )


def _relay(words: Words) -> Callable[[bytes], bytes]:
    """What the next server does to the head of the mail: headers it drops, the signature it adds."""
    headers = words.get("headers", "complete")
    dropped = set() if headers == "complete" else {name for name, value in headers.items() if value is None}
    dkim = words.get("dkim", "complete")
    uncovered = (
        set() if dkim == "complete" else _names(only(dkim, {"h_missing"}, "message.dkim")["h_missing"])
    )

    def altered(raw: bytes) -> bytes:
        message = message_from_bytes(raw, policy=policy.SMTP)
        for name in dropped:
            del message[name]
        if dkim == "complete":
            return message.as_bytes()
        covered = "\r\n\t:".join(name for name in message if name.lower() not in uncovered)
        signature = f"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s1;\r\n\th={covered}; b=AA==\r\n"
        return signature.encode() + message.as_bytes()

    return altered


def _names(listed: object) -> set[str]:
    names = listed if isinstance(listed, list) else [listed]
    return {str(name).lower() for name in names}


def _as_it_is(raw: bytes) -> bytes:
    return raw


def _mailing(words: Words, asked: _Asked, letter: Letter, topic_id: int, sender_id: int) -> NewMailing:
    advertising = asked.message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY)
    written = Marked(letter.subject, letter.text, letter.html)
    ads = Ads.MAIN if advertising else ads_in(written)
    reduced = without_promotions(written) if ads is Ads.INCIDENTAL else None
    whole = without_marks(written)
    return NewMailing(
        kind=MailingKind.CAMPAIGN if advertising else MailingKind.NOTICE,
        message_class=asked.message_class,
        ads=ads,
        promotional=advertising,
        topic_id=topic_id,
        channel=asked.channel,
        sender_id=sender_id,
        subject=whole.subject,
        text=whole.text,
        html=whole.html,
        purpose=words.get("purpose", "marketing"),
        about=About(one_of(words.get("about", "own"), frozenset(About), "message.about")),
        first_issue=words.get("series") == "first_issue",
        is_reply=words.get("is_reply"),
        paid_content=_paid(words),
        open_pixel=bool((words.get("tracking") or {}).get("open_pixel", False)),
        occasion=Occasion(one_of(event, frozenset(Occasion), "message.event"))
        if (event := words.get("event"))
        else None,
        subject_without_ads=None if reduced is None else reduced.subject,
        text_without_ads=None if reduced is None else reduced.text,
        html_without_ads=None if reduced is None else reduced.html,
    )


def _outcome(handed: sandbox.HandedOver) -> Outcome:
    """The verdict in the words of the suite."""
    match handed.verdict:
        case Permit() as permit:
            _look(permit, handed)
            form = _reduced(permit)
            return (
                Outcome("allow_as", permit.reason, frozenset({form}))
                if form
                else Outcome("allow", permit.reason)
            )
        case Refused(reason=reason, instead=None):
            return Outcome("refuse", reason)
        case Refused(reason=reason, instead=instead):
            return Outcome("allow_as", reason, frozenset({str(instead)}))
        case Deferred(reason=reason, until=None):
            return Outcome("defer", reason, frozenset({"operator_release"}))
        case Deferred(reason=reason, until=until):
            return Outcome("defer", reason, frozenset({f"until_{until:%H%M}_local"}))


def _reduced(permit: Permit) -> str | None:
    if permit.without_ads:
        return "transactional_without_ads"
    if permit.reason is Reason.TRACKING_REMOVED:
        return "without_tracking"
    return "informational" if permit.reason is Reason.OUTSIDE_SE_TREAT_AS_NEWS else None


def _look(permit: Permit, handed: sandbox.HandedOver) -> None:
    """What a reduced form promises to leave out must not have left."""
    if handed.left is None:
        return
    left = _visible(handed.left.content)
    if permit.without_ads and PROMOTION in left:
        raise AssertionError("advertising left in the form without advertising")
    if permit.without_tracking and "data-open-pixel" in left:
        raise AssertionError("the pixel left in the form without tracking")


def _visible(raw: bytes) -> str:
    """All parts of a mail, decoded."""
    parts = message_from_bytes(raw, policy=policy.SMTP).walk()
    return "\n".join(part.get_content() for part in parts if part.get_content_maintype() == "text")


def _paid(words: Words) -> bool:
    """Does it read like somebody else's opinion?"""
    style = words.get("body_style")
    return style is not None and bool(one_of(style, {"third_party_review"}, "message.body_style"))
