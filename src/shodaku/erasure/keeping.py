"""How long the evidence of a person must be kept, read from what was sent to them and which orders came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from shodaku.accounts import selectors as accounts
from shodaku.consent import services as consent
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.erasure.domain import lookup
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import services as ledger
from shodaku.policy.domain import Keeping, Periods, Sent, keep_until, retention_periods, rules
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import raised

SEALED_AT_ONCE: Final = 1_000

_sql = db.Statements("shodaku.erasure")


class NoWorkspace(ShodakuError):
    """No such workspace exists."""

    code = "no_workspace"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent to a person, and until when that binds us."""

    sent: int
    last_sent_at: datetime
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class Order:
    """措置命令 (特定電子メール法7条)."""

    order_id: int
    at: datetime
    recorded_at: datetime
    entry_id: int


@cache
def law() -> Periods:
    """The periods of the rules that this program carries."""
    return retention_periods(rules())


def kept(workspace_id: int, contact_id: int) -> Kept | None:
    """None: nothing was ever sent to them, so no law asks for anything."""
    ads = deliveries.ads_sent_to(workspace_id, contact_id)
    if not ads:
        return None
    sent = [Sent(each.at, by_fax=each.channel == Channel.FAX) for each in ads]
    keeping = kept_for(workspace_id, sent)
    return None if keeping is None else Kept(len(ads), ads[-1].at, keeping)


def binding(workspace_id: int, contact_id: int, now: datetime) -> Kept | None:
    """As `kept`, if the period has not ended: what no law asks for any more is not sealed either."""
    found = kept(workspace_id, contact_id)
    return found if found is not None and now < found.keeping.until else None


def kept_for(workspace_id: int, sent: Sequence[Sent]) -> Keeping | None:
    """By the setting and the orders of the workspace, on its clock. Raises NoWorkspace."""
    here = accounts.retention(workspace_id)
    if here is None:
        raise NoWorkspace
    return keep_until(
        [Sent(each.at.astimezone(here.zone), each.by_fax) for each in sent],
        [each.at.astimezone(here.zone) for each in orders(workspace_id)],
        setting=here.setting,
        mail_order=here.mail_order,
        periods=law(),
    )


def settle_waiting(workspace_id: int) -> None:
    """What waited for the vault gets its entry, before somebody's history is read for the last time.

    Raises VaultAway.
    """
    with db.transaction(workspace_id):
        entries = ledger.settle_waiting(workspace_id)
        consent.attach(entries)
        suppression.attach(entries)
        delivery.attach(entries)


def orders(workspace_id: int) -> list[Order]:
    """Oldest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_orders", Order)


def lookups(workspace_id: int, channel: Channel, address: str) -> list[bytes]:
    """Under the layers that this workspace's marks have, in an open transaction until its end."""
    layers = suppression.chain(workspace_id)
    return [raised(lookup(layers.layers[0], workspace_id, channel, address), layers.layers[1:])]


def raise_lookups(epoch: int, once_more: Callable[[bytes], bytes]) -> int:
    """Whatever is sealed gets its next layer of pepper, in the open transaction; how many."""
    count, after = 0, UUID(int=0)
    while page := _sql.rows("list_sealed_below", _Marks, epoch=epoch, after=after, rows_max=SEALED_AT_ONCE):
        _sql.run_many(
            "raise_sealed",
            [
                {
                    "workspace_id": db.workspace(),
                    "hold_id": row.hold_id,
                    "lookups": [once_more(mark) for mark in row.lookups],
                    "epoch": epoch,
                }
                for row in page
            ],
        )
        count, after = count + len(page), page[-1].hold_id
    return count


@dataclass(frozen=True, slots=True)
class _Marks:
    hold_id: UUID
    lookups: list[bytes]
