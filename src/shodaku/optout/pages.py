"""Words of the public pages: choices, what happened and why, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from django.utils.translation import gettext as _

from shodaku.consent.selectors import Basis, Topic
from shodaku.consent.services import EventKind
from shodaku.delivery.domain import MailingKind
from shodaku.ledger.selectors import Leaf
from shodaku.optout.domain import OptOutScope
from shodaku.optout.selectors import Recorded


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    scope: OptOutScope
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    title: str
    text: str
    proof: Proof | None
    tone: str


def choices(scopes: Sequence[OptOutScope], topic: Topic | None, language: str) -> list[ScopeChoice]:
    erasing_only = OptOutScope.ALL not in scopes
    return [
        ScopeChoice(scope, *_choice(scope, topic, language, erasing_only=erasing_only)) for scope in scopes
    ]


def _choice(scope: OptOutScope, topic: Topic | None, language: str, *, erasing_only: bool) -> tuple[str, str]:
    match scope:
        case OptOutScope.TOPIC:
            name = topic.title(language) if topic else ""
            often = topic.frequency.text(language) if topic else ""
            return (
                _("Only “%(topic)s”") % {"topic": name},
                _("Sent %(often)s. Other messages continue.") % {"often": often},
            )
        case OptOutScope.ALL:
            return (
                _("All e-mail and SMS"),
                _("All news stops. Only messages about an order or a contract remain."),
            )
        case OptOutScope.ERASE if erasing_only:
            return (
                _("Everything; my records are erased"),
                _("A complete stop also erases your records and purchases. This cannot be undone."),
            )
        case OptOutScope.ERASE:
            return (
                _("Stop everything and erase my records"),
                _("Your purchase history goes too. This cannot be undone."),
            )
        case OptOutScope.UNTIL:
            return _("Take a break"), _("Nothing is sent for a while.")
        case unreachable:
            assert_never(unreachable)


def what_stopped(scope: OptOutScope) -> str:
    match scope:
        case OptOutScope.TOPIC | OptOutScope.ALL:
            return _("Stopped.")
        case OptOutScope.UNTIL:
            return _("You have a break.")
        case OptOutScope.ERASE:
            return _("Stopped. Your records are being erased.")
        case unreachable:
            assert_never(unreachable)


def timeline(acts: Sequence[Recorded], language: str) -> list[Happened]:
    return [
        Happened(
            at=act.event.at,
            title=_happened(EventKind(act.event.kind)),
            text=_about(act, language),
            proof=None if act.event.entry_id is None else Proof(act.event.entry_id, act.hash),
            tone="never" if act.event.kind in (EventKind.WITHDRAWN, EventKind.EXPIRED) else "go",
        )
        for act in acts
    ]


def _happened(kind: EventKind) -> str:
    match kind:
        case EventKind.REQUESTED:
            return _("You asked for it")
        case EventKind.GIVEN:
            return _("You agreed")
        case EventKind.CONFIRMED:
            return _("You confirmed it by the link in our mail")
        case EventKind.RECONFIRMED:
            return _("You chose to continue")
        case EventKind.WITHDRAWN:
            return _("You stopped it")
        case EventKind.EXPIRED:
            return _("Your consent ended")
        case unreachable:
            assert_never(unreachable)


def _about(act: Recorded, language: str) -> str:
    topic = act.topic.title(language) if act.topic else ""
    if act.wording_version is None:
        return topic
    return _("%(topic)s; words of the page: version %(version)s") % {
        "topic": topic,
        "version": act.wording_version,
    }


def place_in_words(leaf: Leaf) -> str:
    """Where the record stands; nothing while it is on its way."""
    if leaf.index is None:
        return ""
    place = {"index": f"{leaf.index:,}", "size": f"{leaf.size:,}"}
    return _("Place %(index)s of the log, whose signed size is %(size)s.") % place


def consented(acts: Sequence[Recorded]) -> bool:
    """Did the person ever agree? That somebody asked for their address is no act of theirs yet."""
    agreed = (EventKind.GIVEN, EventKind.CONFIRMED, EventKind.RECONFIRMED)
    return any(act.event.kind in agreed for act in acts)


def why_it_came(kind: MailingKind | None, acts: Sequence[Recorded], *, known: bool) -> str:
    """In place of a consent, or besides one that this mail did not need; `known`: a basis is listed."""
    if kind is MailingKind.TEST:
        return _("This mail was a test: somebody who works for the sender had a draft sent to this address.")
    if kind is MailingKind.NOTICE:
        return _("This mail is a notice about an order or a contract. It carries no advertising.")
    if consented(acts):
        return ""
    if kind is MailingKind.CAMPAIGN and known:
        return _("This mail rests on what is listed below.")
    if kind in (None, MailingKind.CONFIRMATION) and any(a.event.kind == EventKind.REQUESTED for a in acts):
        return _(
            "Somebody, probably you, entered this address in a form, and a mail asked you to confirm. "
            "Unless it is confirmed, no news is sent."
        )
    return _("Nothing that explains this mail is recorded. You can stop all mail below.")


def basis_lines(bases: Sequence[Basis]) -> list[tuple[datetime, str]]:
    """What was known before any consent; each is a ground, and none is a consent."""
    names = {
        "business_card": _("You gave us a business card."),
        "relationship": _("You are a customer of ours."),
        "purchase": _("You bought something from us."),
        "published": _("You published this address for your business."),
    }
    return [(basis.at, names.get(basis.kind, _("You were in contact with us."))) for basis in bases]
