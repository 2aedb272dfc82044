"""What machines hand in is remembered here: where mail may come to, how far a mailbox was read, and reports
that come too early, or twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery.feedback import BounceResult
from shodaku.delivery.returns import record_bounce
from shodaku.kit import db

EARLY_HOURS_MAX: Final = 72  # a report waits so long for our own result (BOUNCES.md section 7)
EVENT_DAYS_MAX: Final = 4  # longer than a signature is taken
COUNT_DAYS_MAX: Final = 90
ADDRESSES_MAX: Final = 200
MAILBOXES_MAX: Final = 200
EARLY_ROWS_MAX: Final = 10_000
COUNT_ROWS_MAX: Final = 200
FAULT_CHARS_MAX: Final = 200
NAME_CHARS_MAX: Final = 40

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    name: str
    validity: int  # 0: never read
    uid: int
    handled: int
    fault: str  # empty while it can be read
    at: datetime


@dataclass(frozen=True, slots=True)
class ProviderCount:
    provider: str
    event: str
    on_day: date
    events: int


def open_inbound_address(workspace_id: int, address: str, *, now: datetime) -> bool:
    """Mail to it is read. False: it was before."""
    with db.transaction(workspace_id):
        return _sql.run("insert_inbound_address", address=address.lower(), now=now) == 1


def close_inbound_address(workspace_id: int, address: str) -> bool:
    with db.transaction(workspace_id):
        return _sql.run("delete_inbound_address", address=address.lower()) == 1


def inbound_addresses(workspace_id: int) -> list[str]:
    """In small letters."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_inbound_addresses", rows_max=ADDRESSES_MAX)


def mailbox_place(workspace_id: int, name: str) -> MailboxPlace | None:
    with db.transaction(workspace_id):
        return _sql.row("get_mailbox_place", MailboxPlace, name=name)


def mailbox_places(workspace_id: int) -> list[MailboxPlace]:
    """By name."""
    with db.transaction(workspace_id):
        return _sql.rows("list_mailbox_places", MailboxPlace, rows_max=MAILBOXES_MAX)


def note_mailbox(
    workspace_id: int, name: str, *, validity: int, uid: int, handled: int, now: datetime
) -> None:
    """Everything up to this number is done; `handled` of them were just now."""
    with db.transaction(workspace_id):
        _sql.run("upsert_mailbox_place", name=name, validity=validity, uid=uid, handled=handled, now=now)


def note_mailbox_fault(workspace_id: int, name: str, fault: str, *, now: datetime) -> None:
    with db.transaction(workspace_id):
        _sql.run("update_mailbox_fault", name=name, fault=fault[:FAULT_CHARS_MAX], now=now)


def forget_mailbox(workspace_id: int, name: str) -> None:
    with db.transaction(workspace_id):
        _sql.run("delete_mailbox_place", name=name)
        _sql.run("delete_mailbox_mails", name=name)


def keep_early_bounce(
    workspace_id: int,
    contact_id: int,
    mailing_id: int,
    status: str,
    *,
    at_data_end: bool,
    now: datetime,
    channel: Channel = Channel.EMAIL,
) -> bool:
    """A report came before our own result, whose transaction may still run. False: nobody is left."""
    with db.transaction(workspace_id):
        with suppress(ContactGone):
            contacts.lock(contact_id)
            _sql.run(
                "insert_early_bounce",
                contact_id=contact_id,
                mailing_id=mailing_id,
                channel=channel.value,
                status=status,
                at_data_end=at_data_end,
                now=now,
            )
            return True
        return False


def settle_early_bounces(workspace_id: int, *, now: datetime) -> int:
    """Act on what has its message by now, and let go of what got none in 72 hours; how many acted."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_early_bounces", _EarlyRow, rows_max=EARLY_ROWS_MAX)
    settled = 0
    for row in rows:
        with db.transaction(workspace_id):
            result = record_bounce(
                workspace_id,
                row.contact_id,
                row.mailing_id,
                row.status,
                at_data_end=row.at_data_end,
                now=now,
                channel=Channel(row.channel),
            )
            if result is BounceResult.NOBODY and now - row.at <= timedelta(hours=EARLY_HOURS_MAX):
                continue
            _sql.run(
                "delete_early_bounce",
                contact_id=row.contact_id,
                mailing_id=row.mailing_id,
                channel=row.channel,
                status=row.status,
            )
            settled += result is not BounceResult.NOBODY
    return settled


def event_seen(workspace_id: int, event_id: UUID) -> bool:
    with db.transaction(workspace_id):
        return bool(_sql.scalar("is_event_seen", event_id=event_id))


def note_event(workspace_id: int, event_id: UUID, *, now: datetime) -> None:
    """After the act; between the two a second copy does the same once more, and changes nothing."""
    with db.transaction(workspace_id):
        _sql.run("insert_provider_event", event_id=event_id, now=now)


def count_event(workspace_id: int, provider: str, event: str, *, now: datetime) -> None:
    with db.transaction(workspace_id):
        _sql.run("count_provider_event", provider=provider, event=event[:NAME_CHARS_MAX], now=now)


def provider_counts(workspace_id: int) -> list[ProviderCount]:
    """The newest day first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_provider_counts", ProviderCount, rows_max=COUNT_ROWS_MAX)


def drop_old_events(workspace_id: int, *, now: datetime) -> None:
    with db.transaction(workspace_id):
        _sql.run("delete_provider_events", before=now - timedelta(days=EVENT_DAYS_MAX))
        _sql.run("delete_provider_counts", before=now - timedelta(days=COUNT_DAYS_MAX))


@dataclass(frozen=True, slots=True)
class _EarlyRow:
    contact_id: int
    mailing_id: int
    channel: str
    status: str
    at_data_end: bool
    at: datetime
