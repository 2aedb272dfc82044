"""A complaint from the page of the reason why: read by a human, and stopped at once where that is wished."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from shodaku.contacts import services as contacts
from shodaku.delivery import services as delivery
from shodaku.delivery.services import NewMessage
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.links import Token
from shodaku.ledger import services as ledger
from shodaku.ledger.services import Act, KeyDestroyed
from shodaku.optout.receiving import RECEIVED
from shodaku.optout.stopping import settle_later

TEXT_CHARS_MAX: Final = 1_000
COMPLAINTS_A_DAY_MAX: Final = 5  # of one person; a link may be forwarded
_COMPLAINTS: Final = UUID("a0a3b0f4-3f6b-5e0e-8e49-6f8f6d0c3b11")  # name space

_DAY: Final = timedelta(days=1)
_sql = db.Statements("shodaku.optout")


class TooManyComplaints(WrongUse):
    """You have written as often as can be taken in one day; please write to the sender directly."""

    code = "too_many_complaints"


class Grievance(StrEnum):
    NEVER_AGREED = "never_agreed"
    TOO_OFTEN = "too_often"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Complaint:
    grievance: Grievance
    text: str


def complain(link: Token, complaint: Complaint, now: datetime) -> None:
    """It waits for a human. The words are sealed under the person's key; the same ones of a day are one.

    Works while the key store is away. Raises ContactGone, TooManyComplaints.
    """
    event_id = _id_of(link, complaint, now)
    with db.transaction(link.workspace_id):
        contacts.lock(link.contact_id)
        written = _sql.scalars("list_complaints", contact_id=link.contact_id, after=now - _DAY)
        if event_id in written:
            return
        if len(written) >= COMPLAINTS_A_DAY_MAX:
            raise TooManyComplaints
        said = {
            "via": "page",
            "grievance": complaint.grievance.value,
            "text": complaint.text[:TEXT_CHARS_MAX],
        }
        entry_id = None
        with suppress(KeyDestroyed):  # being erased this very minute: nothing can be sealed for them
            act = Act(link.contact_id, event_id, RECEIVED, now, {k: v for k, v in said.items() if v})
            entry_id = ledger.append_even_without_vault(act)
            if entry_id is None:
                settle_later(link.workspace_id, now)
        message = NewMessage(event_id=event_id, via="page", contact_id=link.contact_id, entry_id=entry_id)
        delivery.keep_message(message, now=now)


def _id_of(link: Token, complaint: Complaint, now: datetime) -> UUID:
    facts = (link.workspace_id, link.contact_id, now.date(), complaint.grievance, complaint.text)
    return uuid5(_COMPLAINTS, "\0".join(map(str, facts)))
