"""What happened between a person and the sender, each step with the ledger entry that proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from shodaku.consent import selectors as consent
from shodaku.consent.domain import Method
from shodaku.consent.services import EventKind
from shodaku.console import words
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, mask
from shodaku.contacts.selectors import Contact
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Result
from shodaku.kit.errors import OutOfReach
from shodaku.kit.ui.bidi import apart
from shodaku.ledger import selectors as ledger
from shodaku.signup import selectors as signup
from shodaku.signup.domain import RequestState, RequestWay
from shodaku.suppression import selectors as suppression
from shodaku.suppression.domain import Refusal, Scope

SENT_SHOWN_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Proof:
    number: int | None  # None: the act waits for the key store, and has no entry yet
    hash: str = ""  # empty while the key store is away
    place: int | None = None  # in the log; None until a checkpoint covers it


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    title: str
    text: str = ""
    tone: str = "go"
    proof: Proof | None = None
    href: str = ""
    action: str = ""
    anchor: str = ""  # of its entry; two lines of one page never have the same


@dataclass(frozen=True, slots=True)
class Timeline:
    moments: list[Moment]
    hashes: bool  # False: the key store is away, so numbers stand without their hashes
    sent_left_out: int


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the lines are made from, read once."""

    slug: str
    topic: Callable[[int | None], str]
    entries: Mapping[int, ledger.Entry]
    requests: Mapping[int, signup.Request]
    refusals: Sequence[Refusal]
    events: Sequence[consent.Event]
    refused: Mapping[datetime, int]  # entries of refusals, by their time


def timeline(
    workspace_id: int, slug: str, contact: Contact, titles: Mapping[int, str], same: Sequence[Contact] = ()
) -> Timeline:
    """Oldest first. The ledger's own entries that no row tells of stand there too; with those of other
    contacts of the same person, each told apart by its address.
    """
    lines = contacts.lines(workspace_id, [each.contact_id for each in same], Channel.EMAIL)
    told, hashes, sent = _told(workspace_id, slug, contact, titles)
    moments = list(told)
    for other in same:
        theirs, known, more = _told(workspace_id, slug, other, titles)
        line = lines.get(other.contact_id)
        under = _("Under %(address)s") % {"address": mask(line.address or "") if line else "–"}
        moments += [replace(each, text=" – ".join(filter(None, (under, each.text)))) for each in theirs]
        hashes, sent = hashes and known, sent + more
    moments.sort(key=lambda moment: moment.at)
    return Timeline(list(_anchored(_placed(workspace_id, moments))), hashes, sent)


def _told(
    workspace_id: int, slug: str, contact: Contact, titles: Mapping[int, str]
) -> tuple[list[Moment], bool, int]:
    """Of one contact; whether their hashes are known, and how many messages are left out."""
    entries, hashes = _entries(workspace_id, contact.contact_id)
    asked = signup.requests_of(workspace_id, contact.contact_id)
    known = _Known(
        slug,
        lambda topic_id: titles.get(topic_id or 0, _("a former topic")),
        entries,
        {each.entry_id: each for each in asked},
        suppression.refusals(workspace_id, contact.contact_id),
        consent.events(workspace_id, contact.contact_id),
        suppression.refusal_entries(workspace_id, contact.contact_id),
    )
    sent = delivery.sent_to(workspace_id, contact.contact_id)
    moments = [
        _arrival(contact),
        *_acts(known),
        *_refusals(known),
        *_unanswered(known, asked),
        *_known_by(known, consent.bases(workspace_id, contact.contact_id)),
        *(_sent(known, row) for row in sent[:SENT_SHOWN_MAX]),
    ]
    moments += _untold(known, moments)
    return moments, hashes, max(0, len(sent) - SENT_SHOWN_MAX)


def _placed(workspace_id: int, moments: Sequence[Moment]) -> Iterator[Moment]:
    """Each proof with its place; the log tells it while the key store is away, too."""
    numbers = {each.proof.number for each in moments if each.proof is not None}
    places = ledger.places(workspace_id, sorted(number for number in numbers if number is not None))
    for moment in moments:
        if moment.proof is None or moment.proof.number is None:
            yield moment
        else:
            yield replace(moment, proof=replace(moment.proof, place=places.get(moment.proof.number)))


def _anchored(moments: Iterable[Moment]) -> Iterator[Moment]:
    """The first line that an entry proves is the act itself; later ones are messages that it allowed."""
    seen: set[int] = set()
    for moment in moments:
        if moment.proof is None or moment.proof.number is None or moment.proof.number in seen:
            yield moment
        else:
            seen.add(moment.proof.number)
            yield replace(moment, anchor=f"entry-{moment.proof.number}")


def _entries(workspace_id: int, contact_id: int) -> tuple[dict[int, ledger.Entry], bool]:
    try:
        return {entry.entry_id: entry for entry in ledger.history(workspace_id, contact_id)}, True
    except OutOfReach:
        return {}, False


def _arrival(contact: Contact) -> Moment:
    way = words.SOURCES.get(contact.source, contact.source)
    return Moment(contact.created_at, _("First known here"), str(way), tone="info")


def _acts(known: _Known) -> Iterator[Moment]:
    stopped = {refusal.at for refusal in known.refusals}
    for event in known.events:
        if event.kind == EventKind.WITHDRAWN and event.at in stopped:
            continue  # told by the refusal that brought it
        badge = words.EVENTS[event.kind]
        title = str(badge.text) % {"topic": known.topic(event.topic_id)}
        text = " – ".join(filter(None, (_way(known, event), _particulars(known, event))))
        yield Moment(event.at, title, text, badge.tone, _proof(known, event.entry_id))


def _way(known: _Known, event: consent.Event) -> str:
    way = str(words.METHODS.get(event.method, event.method))
    request = known.requests.get(event.entry_id or 0)
    by_form = request is not None and request.form_version is not None and request.way == RequestWay.FORM
    by_form = by_form and event.method != Method.EVENT_DESK  # there the place says more
    if request is not None and by_form and event.kind == EventKind.REQUESTED:
        way = _("Sign-up form, version %(version)s of its words") % {"version": request.form_version}
    return f"SMS / {way}" if event.channel == Channel.SMS else way


# of what proves an act without a page: which sheet on which shelf, and who vouched for a mail
_PARTICULARS: Final = ("paper", "place", "desk", "original", "sent_to", "authentication")


def _particulars(known: _Known, event: consent.Event) -> str:
    """Empty while the key store is away, and for everything that came by a page of ours."""
    entry = known.entries.get(event.entry_id or 0)
    if entry is None or not entry.fields or entry.fields.get("method") != event.method:
        return ""
    return ", ".join(str(entry.fields[name]) for name in _PARTICULARS if name in entry.fields)


def _refusals(known: _Known) -> Iterator[Moment]:
    for refusal in known.refusals:
        same = [event for event in known.events if event.at == refusal.at]
        way = str(words.METHODS.get(same[0].method, "")) if same else ""
        proof = _proof(known, known.refused.get(refusal.at)) or Proof(None)
        yield Moment(refusal.at, _no(known, refusal), way, "never", proof)


def _no(known: _Known, refusal: Refusal) -> str:
    match refusal.scope:
        case Scope.TOPIC:
            return _("Opted out of “%(topic)s”") % {"topic": apart(known.topic(refusal.topic_id))}
        case Scope.UNTIL:
            return _("Asked for a pause")
        case _:
            return _("Opted out of all advertising")


def _unanswered(known: _Known, asked: Sequence[signup.Request]) -> Iterator[Moment]:
    told = {event.entry_id for event in known.events}
    for request in asked:
        if request.entry_id in told:
            continue
        topics = ", ".join(map(known.topic, request.topic_ids))
        title = _("Asked for “%(topic)s”") % {"topic": apart(topics)}
        text = "" if request.state == RequestState.CONFIRMED else _("The request was not confirmed.")
        yield Moment(request.at, title, text, "wait", _proof(known, request.entry_id))


def _known_by(known: _Known, bases: Iterable[consent.Basis]) -> Iterator[Moment]:
    for basis in bases:
        title = str(words.BASES.get(basis.kind, basis.kind))
        note = basis.note or _("Known to us, and no consent.")
        if basis.batch_id is None:
            yield Moment(basis.at, title, note, "info")
        else:
            href = reverse("console_import", args=[known.slug, basis.batch_id])
            yield Moment(basis.at, title, note, "info", href=href, action=_("See the import"))


def _sent(known: _Known, row: delivery.SentRow) -> Moment:
    badge = words.OUTCOMES[row.outcome]
    kind = words.MAILINGS.get(row.kind, row.kind)
    title = _("%(outcome)s: %(subject)s") % {"outcome": badge.text, "subject": row.subject}
    tone = "info" if row.outcome == Result.ACCEPTED else badge.tone
    told = words.told(row.reason)
    text = " – ".join(filter(None, (str(kind), str(told.text), words.decided_by(told, row.pack))))
    return Moment(row.at, title, text, tone, _proof(known, row.evidence_id))


def _untold(known: _Known, moments: Sequence[Moment]) -> Iterator[Moment]:
    told = {moment.proof.number for moment in moments if moment.proof is not None}
    for entry in known.entries.values():
        at = _at(entry)
        if entry.entry_id in told or at is None:
            continue
        title = str(words.ENTRIES.get(entry.kind, entry.kind))
        yield Moment(at, title, "", "info", Proof(entry.entry_id, entry.hash))


def _proof(known: _Known, entry_id: int | None) -> Proof | None:
    if entry_id is None:
        return None
    entry = known.entries.get(entry_id)
    return Proof(entry_id, entry.hash if entry else "")


def _at(entry: ledger.Entry) -> datetime | None:
    return datetime.fromisoformat(str(entry.fields["at"])) if entry.fields else None
