"""The facts of a send case, written one after the other as they happened, by the services that write them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from shodaku.config.conformance.scratch import SENDER_A, Scratch
from shodaku.config.conformance.words import UnknownWord, Words, moment, one_of, only, span
from shodaku.consent import services as consent
from shodaku.consent.domain import (
    ACTIVE,
    ENDED,
    REFUSAL_OFFERED,
    BasisKind,
    Flaw,
    Limit,
    Method,
    Terms,
)
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import clock
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Reason, ThirdParty, refuses_advertising
from shodaku.signup import selectors as signup_known
from shodaku.signup import services as signup
from shodaku.signup.domain import FormDefinition, SignupRequest, Typed, WebEvidence, parse_signup
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Tokens

CHANNELS: Final = frozenset(Channel)
CLASSES: Final = frozenset(MessageClass)
_SECOND: Final = timedelta(seconds=1)


@dataclass
class Person:
    """Whom the case is about, and what the message says that the facts refer to."""

    shop: Scratch
    contact_id: int
    address: str
    message_topic: str
    message_channel: str
    message_sender: str = "A"
    senders: dict[str, int] = field(default_factory=dict)
    double_opt_in: bool = True

    def topic(self, sender: str, slug: str) -> int:
        """A topic belongs to one sender: the same word of another sender is another topic."""
        sender_id = self.senders[sender] if sender in self.senders else self._sender(sender)
        name = slug if sender_id == self.shop.sender_id else f"{sender}-{slug}"
        return self.shop.topic(name, sender_id=sender_id, double_opt_in=self.double_opt_in)

    def _sender(self, name: str) -> int:
        """A sister company of who sends the message, with the same domain."""
        sister = replace(SENDER_A, formal_name=f"株式会社{name}", display_name=name)
        self.senders[name] = self.shop.another_sender(sister)
        return self.senders[name]


_Write = Callable[[Person, Words, datetime], None]


def write(person: Person, facts: list[Any], now: datetime) -> None:  # Any: what YAML holds
    """All of them in the order of their times, with the clock standing at each. Raises UnknownWord."""
    acts = []
    for place, fact in enumerate(facts):
        if not isinstance(fact, Mapping) or len(fact) != 1:
            raise UnknownWord(hint=f"given.facts[{place}]: one fact is one key")
        ((name, body),) = fact.items()
        where = f"given.facts[{place}].{name}"
        if name not in _FACTS:
            raise UnknownWord(hint=where)
        known, act = _FACTS[name]
        words = only(body if body is None or isinstance(body, Mapping) else {"is": body}, known, where)
        acts.append((_at(words, name, now, where), place, act, words))
    for at, _, act, words in sorted(acts, key=lambda each: each[:2]):
        with clock.standing_at(at):
            act(person, words, at)


def _at(words: Words, name: str, now: datetime, where: str) -> datetime:
    default = "-P30D" if name == "consent" else "PT0S"
    return moment(words.get("at", default), now, f"{where}.at")


def _consent(person: Person, words: Words, at: datetime) -> None:
    shop, confirmed = person.shop, words.get("confirmed", True)
    limit = words.get("frequency")
    terms = Terms(
        purposes=frozenset(words.get("purposes", ["marketing"])),
        limit=None if limit is None else _limit(limit),
        written=words.get("written", False),
        night=words.get("night", False),
        guardian=words.get("guardian", False),
    )
    ends = words.get("expires")
    kinds = ("requested", "confirmed") if confirmed else ("given",)
    event_id = uuid7(at, os.urandom(10))
    # a consent to nothing is one all the same: it decides, and covers no message
    slugs = words.get("topics", ["news"]) or ["nothing-at-all"]
    topics = [person.topic(words.get("sender", "A"), slug) for slug in slugs]
    fields = {"method": Method.WEB_DOUBLE.value, "topics": [str(each) for each in topics]}
    contacts.lock(person.contact_id)
    entry_id = ledger.append(ledger.Act(person.contact_id, event_id, Kind.CONSENT_CONFIRMED, at, fields))
    consent.record(
        [
            consent.NewEvent(
                contact_id=person.contact_id,
                topic_id=topic_id,
                channel=Channel(one_of(channel, CHANNELS, "consent.channels")),
                kind=consent.EventKind(kind),
                method=Method.WEB_DOUBLE,
                at=at,
                event_id=event_id,
                entry_id=entry_id,
                expires_at=None if ends is None else moment(ends, shop.now, "consent.expires"),
                flaw=_flaw(words),
                terms=terms,
            )
            for topic_id in topics
            for channel in words.get("channels", ["email"]) or [Channel.FAX.value]
            for kind in kinds
        ]
    )
    if (renewed := words.get("reconfirmed")) is not None:
        _renew(person, topics, words, moment(renewed, shop.now, "consent.reconfirmed"))


def _limit(words: object) -> Limit:
    known = only(words, {"max", "per"}, "consent.frequency")
    months, days = span(known.get("per"), "consent.frequency.per")
    return Limit(known["max"], months, days)


def _flaw(words: Words) -> Flaw | None:
    """The first in the order in which the gate would tell them."""
    if (
        one_of(words.get("box", "unchecked"), {"unchecked", "checked_by_default"}, "consent.box")
        != "unchecked"
    ):
        return Flaw.PRECHECKED
    if not words.get("express", True):
        return Flaw.DEEMED
    evidence = one_of(
        words.get("evidence", "complete"), {"complete", "incomplete", "none", "tampered"}, "consent.evidence"
    )
    return {"incomplete": Flaw.INCOMPLETE, "none": Flaw.INCOMPLETE, "tampered": Flaw.TAMPERED}.get(evidence)


def _renew(person: Person, topics: list[int], words: Words, at: datetime) -> None:
    consent.record(
        [
            consent.NewEvent(
                contact_id=person.contact_id,
                topic_id=topic_id,
                channel=Channel(channel),
                kind=consent.EventKind.RECONFIRMED,
                method=Method.WEB_DOUBLE,
                at=at,
                event_id=uuid7(at, os.urandom(10)),
                entry_id=None,
            )
            for topic_id in topics
            for channel in words.get("channels", ["email"])
        ]
    )


def _refusal(person: Person, words: Words, at: datetime) -> None:
    scope = OptOutScope(one_of(words.get("scope", "all"), {"all", "topic", "until"}, "refusal.scope"))
    topic = words.get("topic", person.message_topic)
    until = words.get("until")
    optout.opt_out(
        OptOut(
            workspace_id=person.shop.workspace_id,
            contact_id=person.contact_id,
            scope=scope,
            via=_WAYS.get(words.get("via"), Method.PAGE),
            topic_id=person.topic(person.message_sender, topic) if scope is OptOutScope.TOPIC else None,
            until=moment(until, person.shop.now, "refusal.until") if scope is OptOutScope.UNTIL else None,
        ),
        at,
    )


def _form_entry(person: Person, words: Words, at: datetime) -> None:
    """Through our own form, by the person alone: an operator's or a program's entry is no act of hers."""
    by = one_of(words.get("by", "person"), {"person", "operator", "api"}, "form_entry.by")
    if by != "person" or not words.get("box_checked", True):
        return
    shop = person.shop
    topic_id = shop.topic("asked-for")
    if signup_known.form(shop.workspace_id, "join") is None:
        new = signup.NewForm(slug="join", name="join", sender_id=shop.sender_id)
        form_id = signup.create_form(shop.workspace_id, new, at)
        definition = FormDefinition(title="お便り", topic_ids=(topic_id,))
        signup.publish(shop.workspace_id, form_id, definition, None, at)
    form = signup_known.form(shop.workspace_id, "join")
    if form is None or form.version is None:
        raise LookupError("the form was published above")
    shown = signup_known.shown(shop.workspace_id, form.form_id, form.version, "ja")
    if shown is None:
        raise LookupError("the form was published above")
    request = parse_signup(Typed(email=person.address, name="", topics=(str(topic_id),)), shown)
    if not isinstance(request, SignupRequest):
        raise TypeError("the entry is complete")
    signup.request_signup(request, WebEvidence(url="https://a.example/join", ip="192.0.2.1"), at)


def _basis(kind: BasisKind, detail: Callable[[Words], str | None], *, words_key: str = "") -> _Write:
    def write_basis(person: Person, words: Words, at: datetime) -> None:
        refusing = words.get(words_key, False)
        consent.record_bases(
            [
                {
                    "contact_id": person.contact_id,
                    "kind": kind.value,
                    "at": at,
                    "refusing_words": refuses_advertising(refusing)
                    if isinstance(refusing, str)
                    else bool(refusing),
                    "detail": detail(words),
                }
            ]
        )

    return write_basis


def _third_party(words: Words) -> str:
    one_of(words.get("from"), {"purchased_list", "co_registration"}, "import.from")
    if words["from"] == "purchased_list":
        return ThirdParty.PURCHASED_LIST
    if not words.get("names_sender", False):
        return ThirdParty.SENDER_NOT_NAMED
    proved = words.get("evidence") == "complete" and words.get("provision_record", False)
    return ThirdParty.PROVED if proved else ThirdParty.UNPROVED


def _member(person: Person, words: Words, at: datetime) -> None:
    if words.get("is") is not False:
        _basis(BasisKind.MEMBER, lambda _: None)(person, {}, at)


def _nothing(_person: Person, _words: Words, _at: datetime) -> None:
    """Said, and without influence on any message."""


def _erased(person: Person, _words: Words, at: datetime) -> None:
    """What is left of an erased person: the keyed marks of the addresses."""
    shop = person.shop
    marks = [
        Tokens(each.token, each.broad_token, each.pepper_epoch)
        for each in contacts_known.addresses(shop.workspace_id, person.contact_id)
    ]
    suppression.suppress(marks, "erased", now=at)


def _sent(person: Person, words: Words, at: datetime) -> None:
    shop, answered = person.shop, words.get("answer") in ("yes", True)  # YAML 1.1 reads a bare yes as true
    message_class = MessageClass(one_of(words.get("class", "advertising"), CLASSES, "sent.class"))
    channel = Channel(one_of(words.get("channel", person.message_channel), CHANNELS, "sent.channel"))
    slug = words.get("topic", person.message_topic)
    topic_id = person.topic(person.message_sender, slug)
    if answered and message_class is MessageClass.RECONFIRM:
        _renew(person, [topic_id], {"channels": [channel.value]}, at + _SECOND)
    if answered and message_class is MessageClass.CONSENT_REQUEST:
        return  # answered: it is the consent that counts, and nothing asks for the question any more
    promotes = message_class is MessageClass.ADVERTISING
    mailing = NewMailing(
        kind=MailingKind.CAMPAIGN if promotes else MailingKind.NOTICE,
        message_class=message_class,
        ads=Ads.MAIN if promotes else Ads.NONE,
        promotional=promotes,
        topic_id=topic_id,
        channel=channel,
        sender_id=shop.sender_id,
        subject=slug,
        text=slug,
        html=None,
    )
    reason = Reason.OK_CONSENT if promotes else Reason.OK_TRANSACTIONAL
    delivery.note_sent(mailing, person.contact_id, reason, at=at)


def _generated(person: Person, _words: Words, _at: datetime) -> None:
    contacts.mark_generated(person.contact_id, Channel(person.message_channel))


def _invalid(person: Person, words: Words, at: datetime) -> None:
    if words.get("is") is not False:
        contacts.mark_invalid(person.contact_id, Channel(person.message_channel), "5.1.1", now=at)


def _complaints(person: Person, words: Words, at: datetime) -> None:
    topic_id = person.topic(person.message_sender, person.message_topic)
    delivery.note_complaints(person.shop.workspace_id, topic_id, float(words["is"]), now=at)


# by which way a no came matters for nothing but the one answer to a STOP text
_WAYS: Final[Mapping[object, Method]] = {"sms": Method.SMS, "email": Method.REPLY, "phone": Method.TELEPHONE}
_CONSENT: Final = frozenset(
    (
        *("at", "express", "box", "confirmed", "sender", "channels", "topics", "purposes", "frequency"),
        *("evidence", "expires", "reconfirmed", "written", "night", "guardian", "policy_version"),
    )
)
_PLAIN: Final = frozenset({"at"})
_SAID: Final = frozenset({"is", "at"})

_FACTS: Final[Mapping[str, tuple[frozenset[str], _Write]]] = {
    "consent": (_CONSENT, _consent),
    "refusal": (frozenset({"at", "scope", "topic", "until", "via", "received_by"}), _refusal),
    "form_entry": (frozenset({"at", "box_checked", "confirmed", "by"}), _form_entry),
    "business_card": (
        frozenset({"at", "words"}),
        _basis(BasisKind.CARD, lambda _: None, words_key="words"),
    ),
    "oral_notice": (frozenset({"at", "where"}), _basis(BasisKind.ORAL_NOTICE, lambda _: None)),
    "published": (
        frozenset({"at", "where", "refusal_words"}),
        _basis(BasisKind.PUBLISHED, lambda _: None, words_key="refusal_words"),
    ),
    "relationship": (
        frozenset({"at", "type", "active"}),
        _basis(BasisKind.RELATIONSHIP, lambda words: ACTIVE if words.get("active", True) else ENDED),
    ),
    "purchase": (
        frozenset({"at", "once", "refusal_offered_at_collection"}),
        _basis(
            BasisKind.PURCHASE,
            lambda words: REFUSAL_OFFERED if words.get("refusal_offered_at_collection") else None,
        ),
    ),
    "enquiry": (_PLAIN, _basis(BasisKind.ENQUIRY, lambda _: None)),
    "free_signup": (_PLAIN, _basis(BasisKind.FREE_SIGNUP, lambda _: None)),
    "appointment": (_PLAIN, _nothing),
    "contract": (
        frozenset({"at", "stage"}),
        _basis(
            BasisKind.CONTRACT,
            lambda words: one_of(
                words.get("stage"), {"accepted", "paid", "shipped", "completed"}, "contract.stage"
            ),
        ),
    ),
    "member": (_SAID, _member),
    "import": (
        frozenset({"at", "from", "names_sender", "consent_wording", "evidence", "provision_record"}),
        _basis(BasisKind.THIRD_PARTY, _third_party),
    ),
    "erased": (_PLAIN, _erased),
    "sent": (frozenset({"at", "class", "topic", "channel", "answer"}), _sent),
    "never_mailed": (_SAID, _nothing),
    "generated": (frozenset({"at", "pattern"}), _generated),
    "address_invalid": (_SAID, _invalid),
    "complaint_rate_list": (_SAID, _complaints),
}
