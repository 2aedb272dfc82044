"""The desk: a claim gets a refusal and what is known, a request gets a file, a leak gets its dates."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.complaints import cases, selectors
from shodaku.complaints.cases import (
    CaseRefused,
    Looked,
    NewCase,
    NoCase,
    NoteTooLong,
    Reply,
    answered,
    case_pack,
    close,
    letter_paper,
    note,
    open_case,
    reopen,
    replies,
    stop,
)
from shodaku.complaints.copying import AskedCopy, OwnCopy, ask_copy, ask_correction, end_lapsed, open_copy
from shodaku.complaints.disclosing import disclosure, owner, parsed, write_down
from shodaku.complaints.domain import Addressee, CaseGrievance, CaseVia, Desk, EvidencePack, letter
from shodaku.complaints.requests import (
    Answered,
    NewRequest,
    NoRequest,
    RequestAhead,
    RequestRefused,
    WordsTooLong,
    answer,
    check_identity,
    correct,
    first_letter,
    lengthen,
    open_request,
    refuse,
    withdraw,
)
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.erasure import selectors as erasures
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.ledger.services import VaultAway
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Breach, Duties, Reason, duties, rules

CLAIMED: Final = "admin.complaint"
LEAKED: Final = "admin.breach"

__all__ = [
    "Answered",
    "Asked",
    "AskedCopy",
    "CaseRefused",
    "Disclosure",
    "NewCase",
    "NewRequest",
    "NoCase",
    "NoRequest",
    "NoteTooLong",
    "OwnCopy",
    "RecordedBreach",
    "Reply",
    "RequestAhead",
    "RequestRefused",
    "WordsTooLong",
    "answer",
    "answer_claim",
    "answered",
    "ask_copy",
    "ask_correction",
    "case_pack",
    "check_identity",
    "close",
    "correct",
    "disclose",
    "end_lapsed",
    "first_letter",
    "lengthen",
    "letter_paper",
    "note",
    "open_case",
    "open_copy",
    "open_request",
    "parsed",
    "record_breach",
    "refuse",
    "reopen",
    "replies",
    "reply_to",
    "stop",
    "withdraw",
]

_sql = db.Statements("shodaku.complaints")


class Asked(StrEnum):
    CLAIM = "claim"
    DISCLOSURE = "disclosure"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """保有個人データの開示 (個人情報保護法33条): `content` is plain JSON."""

    known: bool
    content: dict[str, Any]  # Any: JSON
    reason: Reason = Reason.DISCLOSED_ELECTRONICALLY


@dataclass(frozen=True, slots=True)
class RecordedBreach:
    duties: Duties
    entry_id: int


def answer_claim(workspace_id: int, address: str, says: str, now: datetime, *, by: str) -> EvidencePack:
    """Nothing more begins to leave for this address, and all that is known of it is put together.

    The refusal stands even if the vault is away; then raises VaultAway, and asking again gives the bundle.
    """
    channel, exact = parsed(address)
    contact_id = owner(workspace_id, address)
    if contact_id is None:
        return _answer_stranger(workspace_id, channel, exact, now, by)
    delivery.hint(workspace_id, [contact_id])
    try:
        return _answer_known(workspace_id, contact_id, channel, exact, says, now, by)
    except VaultAway:
        optout.opt_out(_refusal(workspace_id, contact_id, by), now)
        raise
    except ContactGone:  # erased since their address was looked up
        return _answer_stranger(workspace_id, channel, exact, now, by)


def reply_to(workspace_id: int, pack: EvidencePack) -> str:
    """The letter that answers, in the person's language, or the workspace's."""
    workspace = accounts.workspace(workspace_id)
    sender = next(iter(accounts.senders(workspace_id)), None)
    contact_id = owner(workspace_id, pack.address)
    person = contacts_known.contact(workspace_id, contact_id) if contact_id is not None else None
    to = Addressee(
        name=person.name if person else "",
        language=(person.locale if person else None) or (workspace.locale if workspace else "ja"),
        zone=ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo"),
    )
    desk = Desk(sender.formal_name, sender.complaint_contact) if sender else Desk("", "")
    return letter(pack, to, desk)


def disclose(workspace_id: int, address: str, now: datetime, *, by: str) -> Disclosure:
    """All that is kept about whoever has this address, for a machine to read. Raises VaultAway.

    Who asks must have been identified before (個人情報保護法施行令12条): this does not.
    """
    contact_id = owner(workspace_id, address)
    with db.transaction(workspace_id):
        content, entry_id = disclosure(workspace_id, contact_id, address, now, by=by)
        _insert(Asked.DISCLOSURE, entry_id, now, found=contact_id is not None)
    return Disclosure(contact_id is not None, content)


def record_breach(workspace_id: int, breach: Breach, now: datetime, *, by: str) -> RecordedBreach:
    """Data leaked, or may have: what must be done by when, in the ledger whether it must be reported or not.

    Raises VaultAway.
    """
    workspace = accounts.workspace(workspace_id)
    known_on = now.astimezone(ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")).date()
    due = duties(breach, known_on, rules()["PI-06"])
    said: dict[str, Value] = {
        "by": by,
        "people": breach.people,
        "cause": breach.cause,
        "sensitive": breach.sensitive,
        "property_damage": breach.property_damage,
        "encrypted": breach.encrypted,
        "known_on": known_on.isoformat(),
        "answer": due.reason.value,
        "prompt_by": _day(due.prompt_by),
        "final_by": _day(due.final_by),
        "notify": due.notify,
    }
    return RecordedBreach(
        due, ledger.record_act(workspace_id, LEAKED, said, event_id=_event_id(now), now=now)
    )


def _answer_known(
    workspace_id: int, contact_id: int, channel: Channel, address: str, says: str, now: datetime, by: str
) -> EvidencePack:
    """Under the person's lock: read first, for a workspace may erase whom it stops."""
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        acts = selectors.acts(workspace_id, contact_id)
        grounds = selectors.grounds(workspace_id, contact_id)
        sent = selectors.sent(workspace_id, contact_id)
        topic_id = cases.newest_topic(workspace_id, contact_id)
        receipt = optout.opt_out(_refusal(workspace_id, contact_id, by), now)
        pack = EvidencePack(
            address=address,
            acts=acts,
            grounds=grounds,
            sent=sent,
            stopped_at=receipt.at,
            receipt=receipt.number,
        )
        if not pack.found:
            optout.suppress_address(workspace_id, channel, address, by, now, reason="complaint")
        said: dict[str, Value] = {"by": by, "says": says, "found": pack.found}
        entry_id = write_down(workspace_id, contact_id, CLAIMED, said, now)
        _insert(Asked.CLAIM, entry_id, now, found=pack.found)
        looked = Looked(contact_id=contact_id, topic_id=topic_id, stopped_at=now, receipt=receipt.number)
        return replace(pack, case_id=_begin(looked, now, by, entry_id))


def _answer_stranger(
    workspace_id: int, channel: Channel, address: str, now: datetime, by: str
) -> EvidencePack:
    """Nothing is known, so nothing of what they say is written down either: it could never be erased."""
    optout.suppress_address(workspace_id, channel, address, by, now, reason="complaint")
    sealed = erasures.sealed_of(workspace_id, channel, address)
    until = max((each.destroy_after for each in sealed), default=None)
    looked = Looked(contact_id=None, never_contacted=True, sealed_until=until, stopped_at=now)
    with db.transaction(workspace_id):
        entry_id = write_down(workspace_id, None, CLAIMED, {"by": by, "found": False}, now)
        _insert(Asked.CLAIM, entry_id, now, found=False)
        case_id = _begin(looked, now, by, entry_id)
    return EvidencePack(address=address, sealed_until=until, stopped_at=now, receipt=None, case_id=case_id)


def _begin(looked: Looked, now: datetime, by: str, entry_id: int | None) -> int:
    """Who claims never to have agreed is a case of the desk as any other, and stopped already."""
    return cases.begin(
        looked,
        CaseVia.TELEPHONE,
        CaseGrievance.NEVER_AGREED,
        now,
        by=by,
        entry_id=entry_id,
    )


def _refusal(workspace_id: int, contact_id: int, by: str) -> OptOut:
    return OptOut(
        workspace_id=workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.STAFF, by=by
    )


def _insert(asked: Asked, entry_id: int | None, now: datetime, *, found: bool) -> None:
    _sql.run("insert_complaint", kind=asked, found=found, entry_id=entry_id, now=now)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _event_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))
