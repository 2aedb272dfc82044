"""What people send or tell us and what servers report: it finds its person, and stops what it asks to."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID, uuid5

from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import AddressError, Channel, parse_email
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.delivery.services import BounceResult, FeedbackKind, NewMessage
from shodaku.kit import db, log
from shodaku.kit.ids import uuid7
from shodaku.kit.links import Token
from shodaku.ledger import services as ledger
from shodaku.ledger.services import Act, KeyDestroyed
from shodaku.optout import answering, stopping
from shodaku.optout.domain import (
    EVERYTHING,
    Automatic,
    Bounce,
    Choice,
    Complaint,
    Envelope,
    Failure,
    Heard,
    Letter,
    Mail,
    OptOut,
    Receipt,
    Wish,
    hosts_of,
    on_hold,
    read_head,
    read_letter,
    read_mail,
    read_wish,
    words_of,
)
from shodaku.optout.whose import (
    LEAVES,
    UNSEEN,
    never_contacted,
    number_of,
    owner_of,
    parsed,
    proved,
    tokens_in,
    writer_of,
)
from shodaku.policy.domain import rules
from shodaku.signup import services as signup

SAID_CHARS_MAX: Final = 300  # of the words that prove a refusal
KEPT_CHARS_MAX: Final = 2_000  # of what a human has to read
STATUS_CHARS_MAX: Final = 40  # of the type of a report, which anybody can write
RECEIVED: Final = "message.received"  # kind of its ledger entry
# “opt-out” and “opt-out-list” stood in the drafts of RFC 5965, and carriers still send them. “not-spam” takes
# nothing back, and “fraud”, “virus”, “other” and “auth-failure” are about us, not about what a person wants.
REFUSING: Final = frozenset({"abuse", "opt-out", "opt-out-list"})
_MAILS: Final = UUID("5b0c8a0e-5d0c-5c3b-8f5a-0d8f0c7f2a63")  # name space of mails that came in


@dataclass(frozen=True, slots=True)
class Answered:
    heard: Heard
    reply: str | None = None


def receive_mail(workspace_id: int, raw: bytes, now: datetime, envelope: Envelope = UNSEEN) -> Heard:
    """Any mail that came to an address of the workspace. It never raises for what stands in it."""
    mail = read_mail(raw, envelope)
    if isinstance(mail.received, Automatic | Bounce) and not envelope.source:
        envelope = replace(envelope, source=_source(raw))
    heard = _mail(workspace_id, mail, raw, now, envelope)
    log.info("optout.mail", workspace=workspace_id, heard=heard.value)
    return heard


def show_unread(workspace_id: int, raw: bytes, now: datetime) -> Heard:
    """A mail that no program here can read is shown to a human, who finds it in its mailbox."""
    _to_desk(workspace_id, "mail", None, "", _id_of(workspace_id, raw), now)
    return Heard.DESK


def receive_sms(workspace_id: int, sender_number: str, text: str, now: datetime) -> str | None:
    """The one text that answers it, if any."""
    return hear_sms(workspace_id, sender_number, text, now).reply


def hear_sms(workspace_id: int, sender_number: str, text: str, now: datetime) -> Answered:
    """A text message. Who was erased, or never wants to be contacted, gets no answer (SMS.md section 6)."""
    number = number_of(sender_number)
    contact_id = owner_of(workspace_id, Channel.SMS, number)
    silent = never_contacted(workspace_id, Channel.SMS, number)
    answered = _sms(workspace_id, contact_id, number, text, now)
    log.info("optout.sms", workspace=workspace_id, heard=answered.heard.value)
    return Answered(answered.heard) if silent else answered


def record_call(
    workspace_id: int, address: str, *, by: str, now: datetime, wish: Wish = Wish.STOP, said: str = ""
) -> Heard:
    """What somebody said on the telephone, written down by the desk."""
    match wish:
        case Wish.STOP | Wish.WRONG_PERSON:
            stop_for(workspace_id, address, Method.TELEPHONE, by=by, said=said, now=now)
            return Heard.STOPPED
        case Wish.HELP | Wish.START | Wish.HOLD | Wish.UNCLEAR:
            owner = owner_of(workspace_id, *parsed(address))
            _to_desk(workspace_id, "telephone", owner, said, _new_id(now), now)
            return Heard.DESK
        case unreachable:
            assert_never(unreachable)


def receive_for_client(
    workspace_id: int, address: str, client: str, received_at: datetime, now: datetime, *, by: str = ""
) -> Receipt | None:
    """A refusal that came to the business which entrusted the sending: received there is received here
    (特定電子メール法3条3項). None as of `stop_for`.
    """
    return stop_for(
        workspace_id,
        address,
        Method.STAFF,
        by=by,
        received_by=client,
        received_at=min(received_at, now),
        now=now,
    )


def stop_for(
    workspace_id: int,
    address: str,
    via: Method,
    *,
    by: str,
    now: datetime,
    said: str = "",
    received_by: str = "",
    received_at: datetime | None = None,
    proved: bool = True,
) -> Receipt | None:
    """Everything stops for who owns this e-mail address or number.

    None: nobody here does; then the address is never contacted, so that no later list brings it in.
    """
    channel, bare = parsed(address)
    owner = owner_of(workspace_id, channel, bare)
    if owner is not None:
        request = OptOut(
            workspace_id=workspace_id,
            contact_id=owner,
            scope=EVERYTHING.scope,
            via=via,
            by=by,
            said=said[:SAID_CHARS_MAX],
            received_by=received_by,
            received_at=received_at,
            proved=proved,
        )
        with suppress(ContactGone):  # erased since they were looked up
            return stopping.opt_out(request, _as_of(request, now))
    stopping.suppress_address(workspace_id, channel, bare, by or via.value, now, reason="refused")
    return None


def _mail(workspace_id: int, mail: Mail, raw: bytes, now: datetime, envelope: Envelope) -> Heard:
    addressed = [
        (way, token) for way, token in tokens_in(mail.recipients) if token.workspace_id == workspace_id
    ]
    leaving = next((token for way, token in addressed if way == LEAVES), None)
    if leaving is not None:  # the address itself says what is wanted, whatever the mail does
        return _stop(
            workspace_id, leaving.contact_id, EVERYTHING, Method.REPLY, "", now, mailing_id=leaving.subject_id
        )
    named = next((token for _, token in addressed), None)
    match mail.received:
        case Automatic():
            return _automatic(workspace_id, named, raw, now, envelope.source)
        case Complaint() as complaint:
            return _complaint(
                workspace_id, complaint, proved(workspace_id, named, complaint.returned), raw, now
            )
        case Bounce() as bounce:
            token = proved(workspace_id, named, bounce.returned)
            return _bounce(workspace_id, bounce, token, raw, now, envelope.source)
        case Letter() as letter:
            to = signup.joined(workspace_id, envelope.recipients or mail.recipients)
            if to is not None and not _says_no(letter):
                return _joins(workspace_id, to, raw, now)
            return _letter(workspace_id, letter, named, raw, now)
        case unreachable:
            assert_never(unreachable)


def _says_no(letter: Letter) -> bool:
    """Subject and body of an empty mail say nothing, but for a no: that counts wherever it comes to."""
    words = words_of(rules())
    return read_letter(letter.text, words) is Wish.STOP or read_letter(letter.subject, words) is Wish.STOP


def _joins(workspace_id: int, to: signup.FormMail, raw: bytes, now: datetime) -> Heard:
    """An empty mail to the address of a form is a request, and the answer to it a question."""
    head = read_head(raw)
    mail = signup.EmptyMail(
        sent_to=to.address, senders=head.senders, results=head.results, message_id=head.message_id
    )
    match signup.answer_empty_mail(workspace_id, to, mail, now):
        case signup.Answered.ASKED:
            return Heard.ASKED
        case signup.Answered.UNPROVED:
            return Heard.UNPROVED
        case signup.Answered.SILENT:
            return Heard.NOTED
        case unreachable:
            assert_never(unreachable)


def _letter(workspace_id: int, letter: Letter, named: Token | None, raw: bytes, now: datetime) -> Heard:
    words = words_of(rules())
    wish = read_letter(letter.text, words)
    if wish is Wish.UNCLEAR and letter.subject:
        wish = read_letter(letter.subject, words)
    contact_id = writer_of(workspace_id, letter, named)
    said = letter.text or letter.subject
    match wish:
        case Wish.STOP | Wish.WRONG_PERSON:
            if contact_id is not None:
                token = _proof(workspace_id, letter, named, contact_id)
                return _stop(
                    workspace_id,
                    contact_id,
                    EVERYTHING,
                    Method.REPLY,
                    said,
                    now,
                    proved=token is not None,
                    mailing_id=token.subject_id if token else 0,
                )
            return _stop_stranger(workspace_id, letter, raw, now)
        case Wish.START if contact_id is not None:
            answering.ask_again(workspace_id, contact_id, Method.REPLY, now)
            return Heard.ASKED
        case Wish.HOLD if contact_id is not None:
            _to_desk(workspace_id, "mail", contact_id, said, _id_of(workspace_id, raw), now)
            held = _stop(workspace_id, contact_id, on_hold(now), Method.REPLY, said, now)
            return Heard.ON_HOLD if held is Heard.STOPPED else held
        case Wish.HELP | Wish.START | Wish.HOLD | Wish.UNCLEAR:
            if not said.strip():
                return Heard.NOTED
            _to_desk(workspace_id, "mail", contact_id, said, _id_of(workspace_id, raw), now)
            return Heard.DESK
        case unreachable:
            assert_never(unreachable)


def _sms(workspace_id: int, contact_id: int | None, number: str, text: str, now: datetime) -> Answered:
    match read_wish(text, words_of(rules())):
        case Wish.STOP:
            return _stop_number(workspace_id, contact_id, number, text, now)
        case Wish.WRONG_PERSON:  # the number has another owner: it is not theirs to be known by any more
            stopping.suppress_address(workspace_id, Channel.SMS, number, "sms", now, reason="refused")
            _to_desk(workspace_id, "sms", contact_id, text, _new_id(now), now)
            return Answered(_stop_number(workspace_id, contact_id, number, text, now).heard)
        case Wish.HOLD:
            _to_desk(workspace_id, "sms", contact_id, text, _new_id(now), now)
            if contact_id is None:
                return Answered(Heard.DESK)
            held = _stop(workspace_id, contact_id, on_hold(now), Method.SMS, text, now)
            return Answered(Heard.ON_HOLD if held is Heard.STOPPED else held)
        case Wish.HELP:
            return Answered(Heard.HELPED, answering.help_for(workspace_id, contact_id))
        case Wish.START:
            return Answered(Heard.ASKED, answering.ways_in(workspace_id, contact_id, now))
        case Wish.UNCLEAR:
            _to_desk(workspace_id, "sms", contact_id, text, _new_id(now), now)
            return Answered(Heard.DESK)
        case unreachable:
            assert_never(unreachable)


def _stop_number(
    workspace_id: int, contact_id: int | None, number: str, text: str, now: datetime
) -> Answered:
    """Answered once: who says it again, and is refused to already, hears no more (model text T3)."""
    if contact_id is not None:
        request = _request(workspace_id, contact_id, EVERYTHING, Method.SMS, text)
        with suppress(ContactGone):
            fresh = stopping.opt_out(request, now).at == now
            return Answered(Heard.STOPPED, answering.stopped(workspace_id, contact_id) if fresh else None)
    stopping.suppress_address(workspace_id, Channel.SMS, number, "sms", now, reason="refused")
    return Answered(Heard.STOPPED, answering.stopped(workspace_id, None))


def _complaint(
    workspace_id: int, complaint: Complaint, token: Token | None, raw: bytes, now: datetime
) -> Heard:
    """A report without a message of ours names nobody."""
    if token is None:
        _to_desk(workspace_id, "report", None, "", _id_of(workspace_id, raw), now)
        return Heard.NOBODY
    return complained(workspace_id, token, complaint.kind, now)


def _source(raw: bytes) -> str:
    """The first machine outside that a server on the way names; empty where none does."""
    return next((found for each in hosts_of(raw) if (found := delivery.outside(each)) is not None), "")


def _automatic(workspace_id: int, named: Token | None, raw: bytes, now: datetime, source: str) -> Heard:
    """No words of it are a wish. A bounce without a report acts, if it came to a return path of ours."""
    judged = delivery.understand(raw) if named is not None else None
    if named is None or judged is None:
        return Heard.AUTOMATIC
    failure = Failure(judged.status, delivered=False, at_data_end=not judged.hard)
    kind = delivery.kind_of(judged)
    if not _is_believed(workspace_id, named, failure, kind, source, now):
        return Heard.QUARANTINED
    return bounced(workspace_id, named, failure, now, kind=kind, source=source)


def _bounce(
    workspace_id: int, bounce: Bounce, token: Token | None, raw: bytes, now: datetime, source: str
) -> Heard:
    """A forged report disables nobody: without a token of ours it is nobody's."""
    failures = [failure for failure in bounce.failures if not failure.delivered]
    if not failures:
        return Heard.NOTED
    if token is None:
        delivery.note_unproved(workspace_id, source, now=now)
        return Heard.NOBODY
    (failure, *_) = failures  # one recipient a message, so one in its report
    judged = delivery.understand(raw)
    kind = delivery.kind_of(judged) if judged is not None else None
    if not _is_believed(workspace_id, token, failure, kind, source, now):
        return Heard.QUARANTINED
    return bounced(workspace_id, token, failure, now, kind=kind, source=source)


def _is_believed(
    workspace_id: int, token: Token, failure: Failure, kind: FeedbackKind | None, source: str, now: datetime
) -> bool:
    """A token shows no more than that somebody saw the message: who reports many dead addresses of many
    domains at once is not believed (BOUNCES.md section 2). What ends no address is.
    """
    said = kind or delivery.bounce_kind(failure.status, at_data_end=failure.at_data_end)
    if said is not FeedbackKind.HARD or not source:
        return True
    mailed = [
        each.value
        for each in contacts_known.addresses(workspace_id, token.contact_id)
        if each.channel == Channel.EMAIL
    ]
    domain = mailed[0].rpartition("@")[2] if mailed else ""
    return delivery.is_believed(workspace_id, source, domain, now=now)


def bounced(
    workspace_id: int,
    token: Token,
    failure: Failure,
    now: datetime,
    *,
    kind: FeedbackKind | None = None,
    source: str = "",
) -> Heard:
    """Of a message that its token proves. One that came before our own result waits for it (F53), and is
    then judged by its status, never harder than it was understood.
    """
    if kind is None and failure.answer:
        said = delivery.understand_answer(failure.status, failure.answer, at_data_end=failure.at_data_end)
        kind = delivery.kind_of(said)
    result = delivery.record_bounce(
        workspace_id,
        token.contact_id,
        token.subject_id,
        failure.status,
        at_data_end=failure.at_data_end,
        now=now,
        kind=kind,
        source=source,
    )
    match result:
        case BounceResult.NOBODY:
            kept = delivery.keep_early_bounce(
                workspace_id,
                token.contact_id,
                token.subject_id,
                failure.status,
                at_data_end=failure.at_data_end or kind not in (None, FeedbackKind.HARD),
                now=now,
            )
            return Heard.EARLY if kept else Heard.NOBODY
        case BounceResult.COUNTED:
            return Heard.COUNTED
        case BounceResult.DISABLED:
            return Heard.DISABLED
        case unreachable:
            assert_never(unreachable)


def complained(workspace_id: int, token: Token, kind: str, now: datetime) -> Heard:
    """The spam button refuses everything (PR-07); other reports are noted."""
    feedback, heard = FeedbackKind.OTHER, Heard.NOTED
    if kind in REFUSING:
        feedback = FeedbackKind.COMPLAINT
        heard = _stop(
            workspace_id,
            token.contact_id,
            EVERYTHING,
            Method.COMPLAINT,
            "",
            now,
            mailing_id=token.subject_id,
        )
    status = kind[:STATUS_CHARS_MAX]
    known = delivery.record_feedback(
        workspace_id, token.contact_id, token.subject_id, feedback, status, now=now
    )
    return heard if known else Heard.NOBODY


def stop_named(workspace_id: int, token: Token, via: Method, *, by: str, now: datetime) -> Heard:
    """Everything stops for whom a token names, as somebody else reports it."""
    request = OptOut(
        workspace_id=workspace_id,
        contact_id=token.contact_id,
        scope=EVERYTHING.scope,
        via=via,
        by=by,
        mailing_id=token.subject_id or None,
    )
    try:
        stopping.opt_out(request, now)
    except ContactGone:
        return Heard.NOBODY
    return Heard.STOPPED


def _proof(workspace_id: int, letter: Letter, named: Token | None, contact_id: int) -> Token | None:
    """A token of ours, in the address or in what is answered; an address that it came from is believed."""
    token = proved(workspace_id, named, letter.answered)
    return token if token is not None and token.contact_id == contact_id else None


def _stop(
    workspace_id: int,
    contact_id: int,
    choice: Choice,
    via: Method,
    said: str,
    now: datetime,
    *,
    proved: bool = True,
    mailing_id: int = 0,  # as tokens have it: 0 names none
) -> Heard:
    request = replace(
        _request(workspace_id, contact_id, choice, via, said), proved=proved, mailing_id=mailing_id or None
    )
    try:
        stopping.opt_out(request, now)
    except ContactGone:
        return Heard.NOBODY  # erased: nobody is left who could get anything
    return Heard.STOPPED


def _request(workspace_id: int, contact_id: int, choice: Choice, via: Method, said: str) -> OptOut:
    return OptOut(
        workspace_id=workspace_id,
        contact_id=contact_id,
        scope=choice.scope,
        until=choice.until,
        via=via,
        said=said[:SAID_CHARS_MAX],
    )


def _stop_stranger(workspace_id: int, letter: Letter, raw: bytes, now: datetime) -> Heard:
    """Nobody we know: no later list brings the address in. Who gives none has to be understood by a human."""
    try:
        address = parse_email(letter.sender).address
    except AddressError:
        _to_desk(workspace_id, "mail", None, "", _id_of(workspace_id, raw), now)
        return Heard.DESK
    stopping.suppress_address(workspace_id, Channel.EMAIL, address, "reply", now, reason="refused")
    return Heard.STOPPED


def _as_of(request: OptOut, now: datetime) -> datetime:
    """A no holds from when it came to the client; from now, if the person has done something since."""
    if request.received_at is None:
        return now
    acts = [event.at for event in consents.events(request.workspace_id, request.contact_id)]
    return now if any(at > request.received_at for at in acts) else request.received_at


def _to_desk(
    workspace_id: int, via: str, contact_id: int | None, said: str, event_id: UUID, now: datetime
) -> None:
    """Shown to a human. The words are sealed under the person's key; of strangers nothing is kept."""
    with db.transaction(workspace_id):
        known = contact_id if contact_id is not None and _locked(contact_id) else None
        entry_id = None
        if known is not None:
            act = Act(known, event_id, RECEIVED, now, {"via": via, "text": said[:KEPT_CHARS_MAX]})
            with suppress(KeyDestroyed):
                entry_id = ledger.append_even_without_vault(act)
                if entry_id is None:
                    stopping.settle_later(workspace_id, now)
        message = NewMessage(event_id=event_id, via=via, contact_id=known, entry_id=entry_id)
        delivery.keep_message(message, now=now)


def _locked(contact_id: int) -> bool:
    """False: erased, so by now a stranger."""
    try:
        contacts.lock(contact_id)
    except ContactGone:
        return False
    return True


def _id_of(workspace_id: int, raw: bytes) -> UUID:
    """The same mail handed on twice is one."""
    return uuid5(_MAILS, f"{workspace_id}\0{raw.decode('latin-1')}")


def _new_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))
