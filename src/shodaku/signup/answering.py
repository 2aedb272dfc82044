"""The owner of the address answers: confirms, or says that it was somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import ConsentState, Method
from shodaku.consent.services import EventKind
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, search_key, split_name
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.kit import db, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.signup import selectors, told
from shodaku.signup.domain import (
    AlreadyConfirmed,
    Answer,
    Confirmed,
    Expired,
    OfferedTopic,
    RequestState,
    RequestWay,
    ShownSender,
    Standing,
    Unknown,
    WebEvidence,
)
from shodaku.signup.moving import leave, received_at
from shodaku.signup.selectors import Request
from shodaku.signup.sending import events, greet, new_event_id, offered, sender_of, tell_moved
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import NO_WISH, Scope, Strength, Tokens
from shodaku.suppression.selectors import Suppressed

_sql = db.Statements("shodaku.signup")


class NothingTicked(WrongUse):
    """Tick at least one kind of news."""

    code = "nothing_ticked"


_ANSWERABLE: Final = (ConsentState.PENDING, ConsentState.ACTIVE)
# a mark keeps no way: what staff wrote down is most of them
_WAYS: Final = {"erased": Method.PAGE, "complaint": Method.COMPLAINT}


def read_link(text: str) -> Token | None:
    """The token of a confirmation link; None for anything else."""
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return keys.read_url(text, Purpose.CONFIRMATION)


def confirm_signup(text: str, evidence: WebEvidence, now: datetime, *, ticked: Sequence[int] = ()) -> Answer:
    """The owner of the address pressed the button behind the link. `ticked` counts after an empty mail, which
    names no topic. Raises VaultAway, NothingTicked.
    """
    link = read_link(text)
    if link is None:
        return Unknown()
    _hint(link)
    with db.transaction(link.workspace_id):
        request = _locked(link)
        if request is None:
            return Unknown()
        match request.standing(now):
            case Standing.OPEN:
                return _confirm(link.workspace_id, request, evidence, now, ticked)
            case Standing.CONFIRMED:
                return AlreadyConfirmed(request.answered_at)
            case Standing.EXPIRED | Standing.DECLINED:
                return Expired()
            case unreachable:
                assert_never(unreachable)


def decline_signup(text: str, evidence: WebEvidence, now: datetime) -> bool:
    """The request ends with "that was not me", even without the vault; False if there was none to decline."""
    link = read_link(text)
    if link is None:
        return False
    with db.transaction(link.workspace_id):
        request = _locked(link)
        if request is None or request.standing(now) is not Standing.OPEN:
            return False
        _sql.run("answer_request", **_whose(request), state=RequestState.DECLINED, now=now)
        event_id = new_event_id(now)
        fields: dict[str, Value] = {
            "method": Method.PAGE.value,
            "scope": "request",
            "topic_ids": [str(each) for each in request.topic_ids],
            **_seen(evidence),
        }
        act = Act(request.contact_id, event_id, Kind.CONSENT_WITHDRAWN, now, fields)
        entry_id = ledger.append_even_without_vault(act)
        # who is asked to take over another's mail may have their own, and an empty mail named no topic: only
        # what was asked for is declined
        narrow = request.moves_from is not None or request.way == RequestWay.MAIL
        ends = (ConsentState.PENDING,) if narrow else _ANSWERABLE
        consent.withdraw(
            [
                consent.Withdrawal(
                    contact_id=request.contact_id,
                    topic_id=topic_id,
                    method=Method.PAGE,
                    event_id=event_id,
                    entry_id=entry_id,
                    at=now,
                )
                for topic_id in _pending(link.workspace_id, request, ends)
            ]
        )
        return True


def _hint(link: Token) -> None:
    """A confirmed move ends the old address: the workers let go of its lock, as before any opt-out."""
    known = selectors.request(link.workspace_id, link.contact_id, link.subject_id)
    if known is not None and known.moves_from is not None:
        delivery.hint(link.workspace_id, [known.moves_from])


def _locked(link: Token) -> Request | None:
    """The request a link is about, read under the locks of who is concerned; None if one was erased."""
    known = selectors.request(link.workspace_id, link.contact_id, link.subject_id)
    moves_from = known.moves_from if known is not None else None
    try:
        for contact_id in sorted({link.contact_id, moves_from or link.contact_id}):
            contacts.lock(contact_id)
    except ContactGone:
        return None
    return selectors.request(link.workspace_id, link.contact_id, link.subject_id)


def taken_back(workspace_id: int, request: Request) -> bool:
    """Were the words that the person was shown withdrawn since? Then nobody agrees to them any more."""
    if request.form_id is None:
        return False
    return request.form_version in selectors.withdrawn(workspace_id, request.form_id)


def _confirm(
    workspace_id: int, request: Request, evidence: WebEvidence, now: datetime, ticked: Sequence[int]
) -> Answer:
    topics = offered_in(workspace_id, request)
    if taken_back(workspace_id, request):
        return Expired()
    if request.way == RequestWay.MAIL:
        topics = [topic for topic in topics if topic.topic_id in ticked]
        _begin(request, topics)
    waiting = _pending(workspace_id, request)
    topics = [topic for topic in topics if topic.topic_id in waiting]
    if request.moves_from is not None:  # what they stopped since they asked for the move stays stopped
        received = received_at(workspace_id, request.moves_from, now)
        topics = [topic for topic in topics if topic.topic_id in received]
    if not topics:
        return Expired()
    asked = _asked(workspace_id, request)
    event_id = new_event_id(now)
    method = _way_of(request, asked)
    fields: dict[str, Value] = {
        **{name: value for name, value in asked.items() if name not in ("n", "at", "ip", "browser", "url")},
        "method": method.value,
        "topics": [topic.title(request.locale) for topic in topics],
        "topic_ids": [str(topic.topic_id) for topic in topics],
        "purpose": list(dict.fromkeys(topic.purpose for topic in topics)),
        "frequency": [str(topic.frequency) for topic in topics],
        "request_entry": request.entry_id,
        **_seen(evidence),
    }
    _lift(workspace_id, request.contact_id, event_id, now)
    entry_id = ledger.append(Act(request.contact_id, event_id, Kind.CONSENT_CONFIRMED, now, fields))
    consent.record(events(request.contact_id, topics, EventKind.CONFIRMED, method, event_id, entry_id, now))
    delivery.restore_address(
        workspace_id, request.contact_id, Channel.EMAIL, by=delivery.BY_CONFIRMATION, now=now
    )  # who pressed the link in a mail has got it
    answers = told.answers_in(request.contact_id, request.request_id)
    _sql.run("answer_request", **_whose(request), state=RequestState.CONFIRMED, now=now)
    if request.moves_from is not None:
        leave(workspace_id, request.moves_from, request.contact_id, _seen(evidence), now)
        tell_moved(workspace_id, request.moves_from, topics, request.locale, now)
    else:
        _rename(request.contact_id, asked)
        told.keep(workspace_id, request.contact_id, answers, now)
    greet(workspace_id, request.contact_id, topics, request.locale, now)
    return Confirmed(entry_id, now, tuple(topic.title(request.locale) for topic in topics))


def _way_of(request: Request, asked: dict[str, Value]) -> Method:
    """By which way the consent is told; of a desk or an app the press there, which this one confirms."""
    pressed_at = asked.get("method")
    if pressed_at in (Method.EVENT_DESK, Method.APP):
        return Method(pressed_at)
    return Method.WEB_DOUBLE if request.form_id is not None else Method.PREFERENCE


def _begin(request: Request, topics: Sequence[OfferedTopic]) -> None:
    """What was asked for becomes known only now, with its boxes. Raises NothingTicked."""
    if not topics:
        raise NothingTicked
    event_id = new_event_id(request.at)
    consent.record(
        events(
            request.contact_id,
            topics,
            EventKind.REQUESTED,
            Method.EMPTY_MAIL,
            event_id,
            request.entry_id,
            request.at,
        )
    )


def offered_in(workspace_id: int, request: Request) -> list[OfferedTopic]:
    """The topics of a request as its form promised them; of the preference centre, as they are."""
    if request.form_id is not None and request.form_version is not None:
        version = selectors.form_version(workspace_id, request.form_id, request.form_version)
        return version.published.chosen(request.topic_ids) if version else []
    return [offered(topic) for topic in consents.topics(workspace_id) if topic.topic_id in request.topic_ids]


def sender_in(workspace_id: int, request: Request) -> ShownSender:
    """Who asked. Raises NoSender."""
    if request.form_id is not None and request.form_version is not None:
        version = selectors.form_version(workspace_id, request.form_id, request.form_version)
        if version is not None:
            return version.published.sender
    return sender_of(workspace_id, request.topic_ids[0])


def _pending(
    workspace_id: int, request: Request, answerable: Sequence[ConsentState] = _ANSWERABLE
) -> set[int]:
    """Topics of the request that still wait for its answer; what the person opted out of since does not."""
    states = {
        each.topic_id: each.state
        for each in consents.held(workspace_id, request.contact_id)
        if each.channel == Channel.EMAIL
    }
    return {topic_id for topic_id in request.topic_ids if states.get(topic_id) in answerable}


def _asked(workspace_id: int, request: Request) -> dict[str, Value]:
    """The sealed evidence of the request: its name becomes the contact's only now that its owner confirms."""
    entries = ledger_known.history(workspace_id, request.contact_id)
    return next((e.fields for e in entries if e.entry_id == request.entry_id and e.fields), {})


def _lift(workspace_id: int, contact_id: int, event_id: UUID, now: datetime) -> None:
    pairs = [
        Tokens(address.token, address.broad_token, address.pepper_epoch)
        for address in contacts_known.addresses(workspace_id, contact_id)
        if address.channel == Channel.EMAIL
    ]
    marks = suppressions.suppressed(workspace_id, pairs)
    lifted = sum(suppression.lift(pair, contact_id=contact_id, event_id=event_id, now=now) for pair in pairs)
    if lifted:
        fields: dict[str, Value] = {"channel": Channel.EMAIL.value, "by": "confirmation"}
        lift_id = new_event_id(now)
        entry_id = ledger.append(Act(contact_id, lift_id, Kind.SUPPRESSION_LIFTED, now, fields))
        _still_refuse(contact_id, marks.values(), lift_id, entry_id)


def _still_refuse(contact_id: int, marks: Iterable[Suppressed], event_id: UUID, entry_id: int) -> None:
    """What the mark said goes on as a refusal of everything from then, which the new consent ends for its own
    topics alone: a list, or another contact of the same person, brings nobody what they said no to.
    """
    said = [mark for mark in marks if mark.strength == Strength.STRICT and mark.reason not in NO_WISH]
    if not said:
        return
    newest = max(said, key=lambda mark: mark.at)
    suppression.refuse(
        [
            suppression.NewRefusal(
                contact_id=contact_id,
                scope=Scope.ALL,
                at=newest.at,
                via=_WAYS.get(newest.reason, Method.STAFF).value,
                event_id=event_id,
                entry_id=entry_id,
            )
        ]
    )


def _rename(contact_id: int, asked: dict[str, Value]) -> None:
    name = asked.get("name")
    if isinstance(name, str) and name:
        family_name, given_name = split_name(name)
        contacts.rename(
            contact_id, family_name=family_name, given_name=given_name, search_key=search_key(name)
        )


def _seen(evidence: WebEvidence) -> dict[str, str]:
    seen = {"url": evidence.url, "ip": evidence.ip, "browser": evidence.browser}
    return {name: value for name, value in seen.items() if value}


def _whose(request: Request) -> dict[str, object]:
    return {"contact_id": request.contact_id, "request_id": request.request_id}
