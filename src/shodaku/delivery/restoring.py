"""An address that was said to be dead lives after all: its owner confirmed it, staff know better, or whoever
said so is not believed any more. What the person agreed to or refused stays as it is.

Door: `delivery.services`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.kit import db, log
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.services import Act, KeyDestroyed

RESTORED: Final = "address.restored"  # kind of its ledger entry
BY_CONFIRMATION: Final = "confirmation"
BY_QUARANTINE: Final = "quarantine"
REASON_CHARS_MAX: Final = 200

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class _Ended:
    contact_id: int
    channel: str


def restore_address(
    workspace_id: int, contact_id: int, channel: Channel, *, by: str, reason: str = "", now: datetime
) -> bool:
    """Mails leave to it again, and what came back until now counts no more. False: nobody had said that it is
    dead, or nobody is left.
    """
    with db.transaction(workspace_id):
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return False
        if not contacts.mark_valid(contact_id, channel):
            return False
        _sql.run("mark_restored", contact_id=contact_id, now=now)
        said = {
            "channel": channel.value,
            "by": by,
            **({"reason": reason[:REASON_CHARS_MAX]} if reason else {}),
        }
        with suppress(KeyDestroyed):  # being erased this very minute
            ledger.append_even_without_vault(Act(contact_id, uuid7(now, os.urandom(10)), RESTORED, now, said))
    log.info("delivery.address_restored", workspace=workspace_id, by=by.partition(":")[0])
    return True


def note_ended(contact_id: int, channel: Channel, source: str, *, now: datetime) -> None:
    """In the open transaction: this machine said that the address is dead."""
    _sql.run("insert_ended", contact_id=contact_id, channel=channel.value, source=source, now=now)


def take_back(workspace_id: int, source: str, *, within: timedelta, now: datetime) -> int:
    """All that it ended of late lives again; how many."""
    with db.transaction(workspace_id):
        ended = _sql.rows("take_ended", _Ended, source=source, after=now - within)
    return sum(
        restore_address(workspace_id, each.contact_id, Channel(each.channel), by=BY_QUARANTINE, now=now)
        for each in ended
    )
