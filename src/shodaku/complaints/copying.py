"""One's own data, asked for on one's own page: the file goes to whoever reads the mailbox.

A link may be forwarded: so the page shows little, and mails a second link to the address itself; that
one is used once, and to use it is the proof of who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.complaints import requests
from shodaku.complaints.disclosing import disclosure
from shodaku.complaints.own_letter import own_letter
from shodaku.complaints.own_record import OwnRecord, RequestRow, own_record
from shodaku.complaints.requests import NewRequest
from shodaku.complaints.rights import (
    MAILED_LINK_DAYS,
    OPENED_LINK_MINUTES,
    OWN_REQUESTS_A_DAY_MAX,
    DataRequest,
    Identified,
    RequestKind,
    RequestState,
    RequestVia,
)
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.policy.domain import Ads, MessageClass, Permit

BY = "the person's own page"
DAY = timedelta(days=1)

_sql = db.Statements("shodaku.complaints")


class AskedCopy(StrEnum):
    MAILED = "mailed"
    ENOUGH = "enough"  # mailed a few times today already
    NO_MAIL = "no_mail"  # nothing may be mailed to this person: the desk helps


@dataclass(frozen=True, slots=True)
class OwnCopy:
    content: dict[str, Any]  # Any: JSON
    record: OwnRecord


def ask_copy(workspace_id: int, contact_id: int, now: datetime) -> AskedCopy:
    """Mail the link to the person's address, at most a few times a day. Raises ContactGone."""
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        if _asked_today(contact_id, RequestKind.ACCESS, now) >= OWN_REQUESTS_A_DAY_MAX:
            return AskedCopy.ENOUGH
        mailing = _mailing(workspace_id, contact_id, now)
        if mailing is None:
            return AskedCopy.NO_MAIL
        new = NewRequest(kind=RequestKind.ACCESS, via=RequestVia.PAGE, received_at=now, contact_id=contact_id)
        request_id = requests.open_request(workspace_id, new, now, by=BY)
        mailing_id = delivery.plan_one(mailing, contact_id, now=now)
        _sql.run("set_request_mailing", request_id=request_id, mailing_id=mailing_id)
        return AskedCopy.MAILED


def ask_correction(workspace_id: int, contact_id: int, words: str, now: datetime) -> bool:
    """The desk looks into what is wrong. False: enough was asked today. Raises ContactGone."""
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        if _asked_today(contact_id, RequestKind.CORRECTION, now) >= OWN_REQUESTS_A_DAY_MAX:
            return False
        new = NewRequest(
            kind=RequestKind.CORRECTION,
            via=RequestVia.PAGE,
            received_at=now,
            contact_id=contact_id,
            words=words,
        )
        requests.open_request(workspace_id, new, now, by=BY)
        return True


def end_lapsed(workspace_id: int, now: datetime) -> int:
    """Requests whose mailed link was never used within its days end by themselves; how many."""
    with db.transaction(workspace_id):
        return _sql.run("end_lapsed_requests", now=now, before=now - timedelta(days=MAILED_LINK_DAYS))


def read_link(text: str) -> Token | None:
    """The token of a link to one's own data; None for anything else."""
    return LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs).read_url(text, Purpose.DOWNLOAD)


def usable(link: Token, now: datetime) -> bool:
    """Does the link still open something? Looking changes nothing."""
    with db.transaction(link.workspace_id):
        request = _mailed(link)
    return request is not None and _is_usable(request, now)


def open_copy(link: Token, now: datetime) -> OwnCopy | None:
    """Everything kept about whoever reads this mailbox; that it was opened stands in the ledger.

    None: the link was used, is over, or the person was erased. Raises VaultAway: then it was not used either.
    """
    with db.transaction(link.workspace_id):
        try:
            contacts.lock(link.contact_id)
        except ContactGone:
            return None
        request = _mailed(link)
        if request is None or not _is_usable(request, now):
            return None
        workspace_id, contact_id = link.workspace_id, link.contact_id
        record = own_record(workspace_id, contact_id, now)
        if not request.open:
            return OwnCopy(disclosure(workspace_id, contact_id, "", now, by=BY)[0], record)
        if request.state is RequestState.WAITING_IDENTITY:
            requests.check_identity(workspace_id, request.request_id, Identified.MAILBOX, now, by=BY)
        answered = requests.answer(workspace_id, request.request_id, now, by=BY)
        return OwnCopy(answered.content or {}, record)


def _mailed(link: Token) -> DataRequest | None:
    row = _sql.row("lock_mailed_request", RequestRow, contact_id=link.contact_id, mailing_id=link.subject_id)
    return row.value if row else None


def _is_usable(request: DataRequest, now: datetime) -> bool:
    if request.open:
        return now < request.received_at + timedelta(days=MAILED_LINK_DAYS)
    if request.state is not RequestState.ANSWERED or request.ended_at is None:
        return False
    return now < request.ended_at + timedelta(minutes=OPENED_LINK_MINUTES)


def _asked_today(contact_id: int, kind: RequestKind, now: datetime) -> int:
    count: int = _sql.scalar("count_own_requests", contact_id=contact_id, kind=kind, since=now - DAY)
    return count


def _mailing(workspace_id: int, contact_id: int, now: datetime) -> NewMailing | None:
    """A notice without advertising; None if the gate, which is asked again, would not let it leave."""
    workspace = accounts.workspace(workspace_id)
    sender = next(iter(accounts.senders(workspace_id)), None)
    if workspace is None or sender is None:
        return None
    until = (now + timedelta(days=MAILED_LINK_DAYS)).astimezone(ZoneInfo(workspace.timezone))
    language = requests.language_of(workspace_id, contact_id)
    letter = own_letter(sender.display_name, sender.formal_name, sender.complaint_contact, language, until)
    mailing = NewMailing(
        kind=MailingKind.NOTICE,
        message_class=MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        promotional=False,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=sender.sender_id,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )
    verdict, _facts = deliveries.verdict(workspace_id, contact_id, mailing.question, now=now)
    return mailing if isinstance(verdict, Permit) else None
