"""Who is forgotten by the clock: strangers who never confirmed, people who are needed for nothing.

A stranger leaves no trace, not even on the never-contact list: they may sign up again like anybody. Who once
was a reader is erased as if they had asked for it, with suppression, sealing and certificate.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import EvidenceRetention
from shodaku.accounts.selectors import Retention
from shodaku.contacts import services as contacts
from shodaku.contacts.services import ContactGone
from shodaku.erasure import keeping, services
from shodaku.erasure.domain import rested_before, stranger_before
from shodaku.journeys import selectors as clocks
from shodaku.journeys import services as clocks_noted
from shodaku.journeys.domain import Counted, Late
from shodaku.kit import db, log
from shodaku.kit.ids import uuid7
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.policy.domain import Reason, may_purge

ROWS_MAX: Final = 200
FORGOTTEN_A_RUN_MAX: Final = 500  # people of one workspace in a day
STRANGERS: Final = "admin.strangers.forgotten"
PURPOSE_MET: Final = "purpose met"

_sql = db.Statements("shodaku.erasure")


@dataclass(frozen=True, slots=True)
class Unneeded:
    contact_id: int
    rests_since: datetime


def forget_strangers(workspace_id: int, *, now: datetime) -> int:
    """Who was asked to confirm and did not, in the term and the grace after it; how many.

    Their rows go in one transaction, which also orders the end of their key. Works while the vault is away.
    """
    gone = 0
    for contact_id in _strangers(workspace_id, now):
        gone += _forget_stranger(workspace_id, contact_id, now)
    if gone:
        event_id = uuid7(now, os.urandom(10))
        ledger.record_act_even_without_vault(
            workspace_id, STRANGERS, {"count": gone}, event_id=event_id, now=now
        )
        log.info("erasure.strangers_forgotten", workspace=workspace_id, count=gone)
    return gone


def forget_unneeded(workspace_id: int, *, now: datetime) -> int:
    """Who is needed for nothing any more: counted for the console, and erased where that is switched on.

    How many erasures began.
    """
    if not clocks.choice(workspace_id).forgets:
        _note(workspace_id, _unneeded(workspace_id, now), now)
        return 0
    begun = 0
    left: list[Unneeded] = []
    for each in _unneeded(workspace_id, now):
        if begun < FORGOTTEN_A_RUN_MAX and _erase(workspace_id, each.contact_id, now):
            begun += 1
        else:
            left.append(each)
    _note(workspace_id, iter(left), now)
    return begun


def _strangers(workspace_id: int, now: datetime) -> Iterator[int]:
    after = 0
    while page := _list_strangers(workspace_id, now, after=after):
        yield from page
        after = page[-1]


def _list_strangers(
    workspace_id: int, now: datetime, *, after: int = 0, contact_id: int | None = None
) -> list[int]:
    with db.transaction(workspace_id):
        return _sql.scalars(
            "list_strangers",
            expired_before=stranger_before(now),
            after=after,
            contact_id=contact_id,
            rows_max=ROWS_MAX,
        )


def _forget_stranger(workspace_id: int, contact_id: int, now: datetime) -> bool:
    with db.transaction(workspace_id):
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return False
        if not _list_strangers(workspace_id, now, contact_id=contact_id):
            return False  # came back since
        for room in services.ROOMS:
            room.forget(contact_id)
        whose: dict[str, int | str] = {"workspace_id": workspace_id, "contact_id": contact_id}
        defer(Job("erasure.shred", Queue.CHORE, whose))
        return True


def _unneeded(workspace_id: int, now: datetime) -> Iterator[Unneeded]:
    after = 0
    while page := _list_unneeded(workspace_id, now, after=after):
        yield from page
        after = page[-1].contact_id


def _list_unneeded(
    workspace_id: int, now: datetime, *, after: int = 0, contact_id: int | None = None
) -> list[Unneeded]:
    here = accounts.retention(workspace_id)
    if here is None:
        raise keeping.NoWorkspace
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_unneeded",
            Unneeded,
            rested_before=rested_before(now),
            sent_before=rested_before(now, _evidence_months(here)),
            after=after,
            contact_id=contact_id,
            rows_max=ROWS_MAX,
        )


def _evidence_months(here: Retention) -> int:
    """How long after an advertisement what proves it is kept at least; the day is asked one by one."""
    law = keeping.law()
    months = [law.last_send]
    if here.setting is EvidenceRetention.DEFAULT:
        months.append(law.default)
    if here.mail_order:
        months.append(law.advertisement)
    return max(months)


def _erase(workspace_id: int, contact_id: int, now: datetime) -> bool:
    with db.transaction(workspace_id):
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return False
        if not _list_unneeded(workspace_id, now, contact_id=contact_id):
            return False
        kept = keeping.kept(workspace_id, contact_id)
        if may_purge(kept.keeping if kept else None, now) is not Reason.PURGED:
            return False
        receipt = f"P-{now:%Y%m%d}-{os.urandom(6).hex()}"
        services.request(workspace_id, contact_id, rule=PURPOSE_MET, receipt=receipt, now=now)
        return True


def _note(workspace_id: int, left: Iterator[Unneeded], now: datetime) -> None:
    people, oldest = 0, now
    for each in left:
        people, oldest = people + 1, min(oldest, each.rests_since)
    found = [Counted(0, people, oldest)] if people else []
    clocks_noted.note(workspace_id, Late.PURPOSE_MET, found, now=now)
