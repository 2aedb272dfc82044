"""What law demands of an erased person's evidence is sealed, kept until its day, and then nobody can read it.

The key of a sealing is in the vault; the row names no person and no receipt. `destroy_due` ends it.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import add_months
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel
from shodaku.erasure import keeping
from shodaku.erasure.keeping import Kept
from shodaku.kit import db, log
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.selectors import Proof
from shodaku.policy.domain import Keeping, Reason, Sent, keep_until, may_purge
from shodaku.suppression import services as suppression

DUE_ROWS_MAX: Final = 100  # sealings ended by one run; what is left goes with the next
ORDER: Final = "admin.order"  # 措置命令 (特定電子メール法7条)

# what proves the consents and their end (施行規則4条1項); the rest of the history goes
PROVING: Final = frozenset(
    {
        Kind.CONSENT_REQUESTED,
        Kind.CONSENT_GIVEN,
        Kind.CONSENT_CONFIRMED,
        Kind.CONSENT_RECONFIRMED,
        Kind.CONSENT_EXPIRED,
        Kind.CONSENT_WITHDRAWN,
        Kind.REFUSAL,
    }
)

_sql = db.Statements("shodaku.erasure")


class OrderAhead(WrongUse):
    """An order cannot come in the future."""

    code = "order_ahead"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is kept of somebody who was erased; whose it is, nobody can tell from it."""

    hold_id: UUID
    last_sent_at: datetime
    order_until: datetime | None
    destroy_after: datetime

    @property
    def period(self) -> Keeping:
        return Keeping(self.destroy_after, self.order_until)


def seal(workspace_id: int, erasure_id: int, contact_id: int, *, now: datetime) -> None:
    """The step from requested to sealed; where no law asks, nothing is kept. Raises VaultAway."""
    keeping.settle_waiting(workspace_id)  # the no itself may have waited for the vault
    kept = keeping.binding(workspace_id, contact_id, now)
    if kept is None:
        with db.transaction(workspace_id):
            _sql.run("update_sealed", erasure_id=erasure_id, sealed_until=None)
        return
    with db.transaction(workspace_id):
        hold_id: UUID = _sql.scalar("claim_hold", erasure_id=erasure_id, hold_id=_new_id())
    proofs = ledger_known.proofs(workspace_id, contact_id, PROVING)
    addresses = contacts_known.addresses(workspace_id, contact_id)
    files = ledger.files_to_seal(workspace_id, contact_id, _committed(proofs))
    body = ledger.seal_away(workspace_id, hold_id, _content(kept, proofs, addresses, files))
    said: dict[str, Value] = {"sealed_until": _instant(kept.keeping.until), "entries": len(proofs)}
    with db.transaction(workspace_id):
        if not _sql.run("update_sealed", erasure_id=erasure_id, sealed_until=kept.keeping.until):
            return  # another worker was faster
        marks = [keeping.lookups(workspace_id, Channel(each.channel), each.value)[-1] for each in addresses]
        _sql.run(
            "insert_sealed",
            hold_id=hold_id,
            lookups=marks,
            epoch=suppression.held(workspace_id),
            body=body,
            last_sent_at=kept.last_sent_at,
            order_until=kept.keeping.order_until,
            destroy_after=kept.keeping.until,
        )
        ledger.record_act(workspace_id, Kind.SEALED, said, event_id=_event_id(now), now=now)


def sealed_of(workspace_id: int, channel: Channel, address: str) -> list[Sealed]:
    """What is kept of whoever had this address, the first to end first."""
    with db.transaction(workspace_id):
        marks = keeping.lookups(workspace_id, channel, address)
        return _sql.rows("list_sealed", Sealed, lookups=marks)


def purge_sealed(workspace_id: int, sealed: Sealed, *, now: datetime) -> Reason:
    """RETENTION_ORDER or RETENTION_RUNNING while its time runs; else it is destroyed. Raises VaultAway."""
    reason = may_purge(sealed.period, now)
    if reason is Reason.PURGED:
        _destroy(workspace_id, sealed, now)
    return reason


def destroy_due(workspace_id: int, *, now: datetime) -> int:
    """End a slice of the sealings whose day has come; how many, 0 when none is left. Raises VaultAway."""
    with db.transaction(workspace_id):
        due = _sql.rows("list_due", Sealed, now=now, rows_max=DUE_ROWS_MAX)
    for each in due:
        _destroy(workspace_id, each, now)
    return len(due)


def record_order(workspace_id: int, *, at: datetime, by: str, now: datetime) -> int:
    """An order under article 7 came: evidence of what was sent about then is kept longer, sealed or not.

    The entry's number. Raises OrderAhead, VaultAway.
    """
    if at > now:
        raise OrderAhead
    said: dict[str, Value] = {"ordered_at": _instant(at), "by": by}
    with db.transaction(workspace_id):
        entry_id = ledger.record_act(workspace_id, ORDER, said, event_id=_event_id(now), now=now)
        _sql.run("insert_order", at=at, now=now, entry_id=entry_id)
        _lengthen(workspace_id, at)
        return entry_id


def _lengthen(workspace_id: int, at: datetime) -> None:
    here = accounts.retention(workspace_id)
    if here is None:
        raise keeping.NoWorkspace
    order = at.astimezone(here.zone)
    reaches_back = add_months(order, -keeping.law().last_send - 1)
    for each in _sql.rows("lock_sealed_after", Sealed, after=reaches_back):
        sent = [Sent(each.last_sent_at.astimezone(here.zone))]
        longer = keep_until(
            sent, [order], setting=here.setting, mail_order=here.mail_order, periods=keeping.law()
        )
        if longer is not None and longer.order_until is not None:
            _sql.run("lengthen_sealed", hold_id=each.hold_id, order_until=longer.order_until)


def _destroy(workspace_id: int, sealed: Sealed, now: datetime) -> None:
    """The key first: a crash in between leaves noise, which the next run clears away."""
    key_id = ledger.shred_hold(workspace_id, sealed.hold_id)
    said: dict[str, Value] = {"key_id_sha256": key_id or "", "sealed_until": _instant(sealed.destroy_after)}
    with db.transaction(workspace_id):
        if _sql.run("delete_sealed", hold_id=sealed.hold_id):
            ledger.record_act(workspace_id, Kind.SEAL_DESTROYED, said, event_id=_event_id(now), now=now)
    log.info("erasure.seal_destroyed", workspace=workspace_id)


def _committed(proofs: list[Proof]) -> set[str]:
    """Hashes of what is kept beside the entries: the paper itself proves a consent given on paper."""
    return {
        str(shown.value)
        for proof in proofs
        for name, shown in proof.disclosed.items()
        if name.endswith(ledger_known.HASH_FIELD)
    }


def _content(
    kept: Kept,
    proofs: list[Proof],
    addresses: list[contacts_known.Address],
    files: Mapping[str, bytes],
) -> Mapping[str, Value]:
    return {
        "format": "shodaku-sealed/1",
        "addresses": [{"channel": each.channel, "value": each.value} for each in addresses],
        "sent": kept.sent,
        "last_sent_at": _instant(kept.last_sent_at),
        "files": [{"sha256": name, "data": b64encode(data).decode()} for name, data in sorted(files.items())],
        "entries": [
            {
                "index": proof.entry_id,
                "entry": proof.entry,
                "disclosed": {
                    name: {"salt": shown.salt, "value": shown.value}
                    for name, shown in proof.disclosed.items()
                },
            }
            for proof in proofs
        ],
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _event_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))


def _new_id() -> UUID:
    return UUID(bytes=os.urandom(16), version=4)  # by chance alone: a time would tell which erasure it was
