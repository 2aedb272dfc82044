"""Forget a person: suppress, seal what law demands, destroy the key, purge every room's rows, certify.

Each step commits and may be repeated.

Who forgets is named in ROOMS; tests/architecture compares it with the columns that are marked personal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from psycopg.types.json import Jsonb

from shodaku.campaigns import services as campaigns
from shodaku.consent import services as consent
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.delivery import services as delivery
from shodaku.erasure import certificates, keeping, sealing
from shodaku.erasure.domain import CERTIFICATE_RETRY, GRACE, VAULT_BACKUP_DAYS, Step
from shodaku.erasure.keeping import Order, orders
from shodaku.erasure.repeppering import add_layers, catch_up
from shodaku.erasure.sealing import OrderAhead, Sealed, destroy_due, record_order
from shodaku.erasure.unsealing import (
    Opened,
    SealingBroken,
    UnsealingRefused,
    approve_unsealing,
    ask_unsealing,
    decline_unsealing,
    open_sealed,
)
from shodaku.imports import services as imports
from shodaku.journeys import services as journeys
from shodaku.kit import db
from shodaku.kit.erasure_journal import LineKind
from shodaku.kit.ids import uuid7
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.policy.domain import Reason, may_purge
from shodaku.signup import services as signup
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Tokens
from shodaku.suppression.services import Remembered

PURGED = "admin.evidence.purged"
SECOND_PASS_AFTER = timedelta(minutes=10)  # the longest a reply to a content under way may be late

__all__ = [
    "ROOMS",
    "Erasure",
    "Opened",
    "Order",
    "OrderAhead",
    "Sealed",
    "SealingBroken",
    "UnsealingRefused",
    "add_layers",
    "approve_unsealing",
    "ask_unsealing",
    "catch_up",
    "certificate_link",
    "decline_unsealing",
    "defer_unfinished",
    "destroy_due",
    "forget",
    "forget_late_results",
    "open_sealed",
    "orders",
    "purge_evidence",
    "record_order",
    "request",
    "request_many",
]

# every room with a personal column, from the top of the house to the bottom
ROOMS = (signup, imports, campaigns, journeys, delivery, suppression, consent, ledger, contacts)

_sql = db.Statements("shodaku.erasure")


@dataclass(frozen=True, slots=True)
class Erasure:
    erasure_id: int
    contact_id: int | None
    state: str
    receipt: str
    rule: str
    requested_at: datetime
    counts: dict[str, int]
    key_id_sha256: str | None
    sealed_until: datetime | None


@dataclass(frozen=True, slots=True)
class _Asked:
    contact_id: int
    erasure_id: int


def request(workspace_id: int, contact_id: int, *, rule: str, receipt: str, now: datetime) -> int:
    """Suppress every address of the person and write the erasure down, in the open transaction; its id.

    From the commit on nobody can send to the person; what is known of them goes once GRACE has passed.
    Asking twice is one erasure.
    """
    return request_many(workspace_id, {contact_id: receipt}, rule=rule, now=now)[contact_id]


def request_many(
    workspace_id: int, receipts: Mapping[int, str], *, rule: str, now: datetime
) -> dict[int, int]:
    """As `request`, of several people, contact -> number of the receipt; contact -> erasure."""
    contact_ids = sorted(receipts)
    with db.transaction(workspace_id):
        known = contacts_known.addresses_of(workspace_id, contact_ids)
        pairs = [
            Tokens(each.token, each.broad_token, each.pepper_epoch)
            for of_one in known.values()
            for each in of_one
        ]
        suppression.suppress(pairs, "erased", now=now)
        rows = _sql.rows(
            "insert_erasures",
            _Asked,
            contacts=contact_ids,
            receipts=[receipts[each] for each in contact_ids],
            rule=rule,
            now=now,
        )
        suppression.remember([_line(each, rule, receipts[each], now) for each in contact_ids])
        defer(
            *(
                Job(
                    "erasure.run",
                    Queue.CHORE,
                    _ids(workspace_id, row.erasure_id),
                    lock=f"erasure-{workspace_id}-{row.erasure_id}",
                    not_before=now + GRACE,
                )
                for row in rows
            )
        )
        return {row.contact_id: row.erasure_id for row in rows}


def _line(contact_id: int, rule: str, receipt: str, now: datetime) -> Remembered:
    said = {"rule": rule, "receipt": receipt}
    return Remembered(kind=LineKind.ERASURE, contact_id=contact_id, at=now, event_id=None, said=said)


def certificate_link(workspace_id: int, contact_id: int, receipt: str) -> str | None:
    """The path where the certificate will wait, for the page after the act alone: it is stored nowhere.

    Made once; None if it was, or if this receipt is of no erasure that is still under way.
    """
    link = certificates.new_link(workspace_id)
    with db.transaction(workspace_id):
        claimed = _sql.run(
            "claim_certificate", contact_id=contact_id, receipt=receipt, certificate_key=link.public_key
        )
    return link.path if claimed else None


def forget(workspace_id: int, erasure_id: int, *, now: datetime, event_id: UUID) -> None:
    """Go on from the last step that was committed, to the certificate. Raises VaultAway: call again later."""
    steps: dict[Step, Callable[[Erasure], None]] = {
        Step.REQUESTED: lambda erasure: _seal(workspace_id, erasure, now),
        Step.SEALED: lambda erasure: _destroy_key(workspace_id, erasure),
        Step.KEY_DESTROYED: lambda erasure: _purge(workspace_id, erasure, now),
        Step.PURGED: lambda erasure: _certify(workspace_id, erasure, now, event_id),
    }
    for state, step in steps.items():
        erasure = _read(workspace_id, erasure_id)
        if erasure is not None and erasure.state == state:
            step(erasure)


def defer_unfinished(workspace_id: int, *, before: datetime) -> int:
    """Erasures that were asked for before then and have no certificate get a job again; how many.

    A job may be lost with its worker; a promise to forget may not.
    """
    with db.transaction(workspace_id):
        unfinished: list[int] = _sql.scalars("list_unfinished", before=before)
        defer(
            *(
                Job(
                    "erasure.run",
                    Queue.CHORE,
                    _ids(workspace_id, erasure_id),
                    lock=f"erasure-{workspace_id}-{erasure_id}",
                    only_once=f"erasure-{workspace_id}-{erasure_id}",
                )
                for erasure_id in unfinished
            )
        )
        return len(unfinished)


def forget_late_results(workspace_id: int, contact_id: int) -> None:
    """The second pass: a reply that came after the purge wrote one more result, or a count one more name."""
    with db.transaction(workspace_id):
        campaigns.forget(contact_id)
        delivery.forget(contact_id)


def purge_evidence(workspace_id: int, whose: int | Sealed, *, now: datetime) -> Reason:
    """Throw away what proves the consents of a person, or what is sealed of one who was erased.

    RETENTION_ORDER or RETENTION_RUNNING while it must be kept: then nothing changes. PURGED: nobody can read
    it any more, and a person who is still known has agreed to nothing; their refusals stay. Raises
    VaultAway, ContactGone.
    """
    match whose:
        case Sealed():
            return sealing.purge_sealed(workspace_id, whose, now=now)
        case int():
            return _purge_evidence_of(workspace_id, whose, now)
        case unreachable:
            assert_never(unreachable)


def _purge_evidence_of(workspace_id: int, contact_id: int, now: datetime) -> Reason:
    """Rows before the key: with the key alone gone, an audit would take what is left for forged."""
    keeping.settle_waiting(workspace_id)
    event_id = uuid7(now, os.urandom(10))
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        kept = keeping.kept(workspace_id, contact_id)
        reason = may_purge(kept.keeping if kept else None, now)
        if reason is not Reason.PURGED:
            return reason
        counts = signup.forget(contact_id) | consent.forget_consents(contact_id) | ledger.forget(contact_id)
        said: dict[str, Value] = {"counts": dict(sorted(counts.items()))}
        ledger.record_act(workspace_id, PURGED, said, event_id=event_id, now=now)
    ledger.renew_key(workspace_id, contact_id)
    return reason


def _read(workspace_id: int, erasure_id: int) -> Erasure | None:
    with db.transaction(workspace_id):
        return _sql.row("get_erasure", Erasure, erasure_id=erasure_id)


def _seal(workspace_id: int, erasure: Erasure, now: datetime) -> None:
    if erasure.contact_id is not None:
        sealing.seal(workspace_id, erasure.erasure_id, erasure.contact_id, now=now)


def _destroy_key(workspace_id: int, erasure: Erasure) -> None:
    if erasure.contact_id is None:
        return
    if (named := ledger.fingerprint_of_key(workspace_id, erasure.contact_id)) is not None:
        with db.transaction(workspace_id):  # first: who dies after destroying it could not name it any more
            _sql.run("name_key", erasure_id=erasure.erasure_id, key_id_sha256=named)
    ledger.shred(workspace_id, erasure.contact_id)
    with db.transaction(workspace_id):
        _sql.run("update_key_destroyed", erasure_id=erasure.erasure_id)


def _purge(workspace_id: int, erasure: Erasure, now: datetime) -> None:
    """All rows of the person in all rooms, in one transaction, from the top of the house to the bottom."""
    if (contact_id := erasure.contact_id) is None:
        return
    with db.transaction(workspace_id):
        with suppress(contacts.ContactGone):  # gone already: the rest is purged all the same
            contacts.lock(contact_id)  # whoever is writing about the person ends first
        counts: dict[str, int] = {}
        for room in ROOMS:
            counts |= room.forget(contact_id)
        _sql.run("update_purged", erasure_id=erasure.erasure_id, counts=Jsonb(counts))
        late: dict[str, int | str] = {"workspace_id": workspace_id, "contact_id": contact_id}
        defer(Job("erasure.second_pass", Queue.CHORE, late, not_before=now + SECOND_PASS_AFTER))


def _certify(workspace_id: int, erasure: Erasure, now: datetime, event_id: UUID) -> None:
    """The certificate names nobody: receipt number, counts, and the hash of a key that is gone."""
    if erasure.contact_id is not None:
        # a sign-up that began before the purge may have made a key again; after it nobody can
        ledger.shred(workspace_id, erasure.contact_id)
    facts: dict[str, Value] = {
        "receipt": erasure.receipt,
        "rule": erasure.rule,
        "counts": dict(sorted(erasure.counts.items())),
        "key_id_sha256": erasure.key_id_sha256 or "",
    }
    gone = now + timedelta(days=VAULT_BACKUP_DAYS)
    facts["gone_from_backups"] = gone.isoformat(timespec="milliseconds")
    if erasure.sealed_until is not None:
        facts["sealed_until"] = erasure.sealed_until.isoformat(timespec="milliseconds")
    with db.transaction(workspace_id):
        # first, so that of two workers one writes the entry, and nobody is given a link to it any more
        if not _sql.run("update_certified", erasure_id=erasure.erasure_id):
            return
        entry_id = ledger.record_act(workspace_id, Kind.ERASED, facts, event_id=event_id, now=now)
        _sql.run(
            "insert_certificate",
            erasure_id=erasure.erasure_id,
            entry_id=entry_id,
            now=now,
            destroy_after=certificates.kept_until(now),
        )
        certificates.seal_later(workspace_id, erasure.erasure_id, not_before=now + CERTIFICATE_RETRY)


def _ids(workspace_id: int, erasure_id: int) -> dict[str, int | str]:
    return {"workspace_id": workspace_id, "erasure_id": erasure_id}
