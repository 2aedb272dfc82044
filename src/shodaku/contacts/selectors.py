"""What is known of people and their addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shodaku.contacts.domain import Channel, NewCouponUse
from shodaku.contacts.finding import (
    FOUND_AMONG,
    LOOKED_AT_MAX,
    PAGE_ROWS,
    Found,
    Order,
    Page,
    Start,
    find,
)
from shodaku.kit import db

ALIKE_MAX = 10
TASKS_SHOWN_MAX = 20
PRODUCTS_SHOWN_MAX = 5_000

__all__ = [
    "FOUND_AMONG",
    "LOOKED_AT_MAX",
    "PAGE_ROWS",
    "PRODUCTS_SHOWN_MAX",
    "Address",
    "Contact",
    "CouponUse",
    "Details",
    "Found",
    "Line",
    "Note",
    "Order",
    "Page",
    "Product",
    "Purchase",
    "Start",
    "addresses",
    "addresses_of",
    "alike",
    "claimed",
    "contact",
    "coupon_times",
    "coupon_uses",
    "details",
    "find",
    "lines",
    "measured_since",
    "notes",
    "open_tasks",
    "products",
    "purchases",
    "search",
    "told_before",
]

_sql = db.Statements("shodaku.contacts")


@dataclass(frozen=True, slots=True)
class Contact:
    contact_id: int
    family_name: str | None
    given_name: str | None
    kana: str | None
    company: str | None
    locale: str | None
    source: str
    created_at: datetime

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family_name, self.given_name))) or self.company or ""


@dataclass(frozen=True, slots=True)
class Address:
    contact_id: int
    channel: str
    value: str
    wire: str
    token: bytes
    broad_token: bytes
    invalid_at: datetime | None
    pepper_epoch: int = 1  # of both tokens


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a list of something else."""

    contact_id: int
    family_name: str | None
    given_name: str | None
    kana: str | None
    company: str | None
    address: str | None
    created_at: datetime

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family_name, self.given_name))) or self.company or ""


@dataclass(frozen=True, slots=True)
class Details:
    """What a person told besides name and address."""

    birth_date: date | None
    attributes: dict[str, str]  # by the label of the field, or by the column of a list


@dataclass(frozen=True, slots=True)
class Purchase:
    purchase_no: int
    title: str
    amount_yen: int
    currency: str
    paid: Decimal | None  # in that currency; None: amount_yen says it
    reference: str | None
    code: str | None  # of the product; None: from before there was a catalogue
    at: datetime


@dataclass(frozen=True, slots=True)
class Product:
    product_id: int
    code: str
    name: str
    url: str
    kind: str
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """What staff wrote down about a person; a task, if it is due on a day."""

    contact_id: int
    note_no: int
    text: str
    written_by: int  # of the staff, as the next
    at: datetime
    due_on: date | None
    whose: int | None  # None: anybody's
    done_at: datetime | None

    @property
    def open(self) -> bool:
        return self.due_on is not None and self.done_at is None


def claimed(workspace_id: int, channel: Channel, tokens: Sequence[bytes]) -> dict[bytes, int]:
    """Which of these tokens belong to somebody: token -> contact."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_claims", _Claim, channel=channel, tokens=db.marks(tokens))
    return {row.token: row.contact_id for row in rows}


def contact(workspace_id: int, contact_id: int) -> Contact | None:
    with db.transaction(workspace_id):
        return _sql.row("get_contact", Contact, contact_id=contact_id)


def details(workspace_id: int, contact_id: int) -> Details | None:
    with db.transaction(workspace_id):
        return _sql.row("get_details", Details, contact_id=contact_id)


def notes(workspace_id: int, contact_id: int) -> list[Note]:
    """What is to be done first, then the newest."""
    with db.transaction(workspace_id):
        return _sql.rows("list_notes", Note, contact_id=contact_id)


def open_tasks(workspace_id: int, staff_id: int) -> list[Note]:
    """Of this member of the staff and of anybody, the most urgent first; at most `TASKS_SHOWN_MAX`."""
    with db.transaction(workspace_id):
        return _sql.rows("list_open_tasks", Note, staff_id=staff_id, rows_max=TASKS_SHOWN_MAX)


def measured_since(workspace_id: int, contact_id: int) -> datetime | None:
    """When the person allowed it to be noted which links they follow; None: they did not."""
    with db.transaction(workspace_id):
        at: datetime | None = _sql.scalar("get_measured_since", contact_id=contact_id)
        return at


def addresses(workspace_id: int, contact_id: int) -> list[Address]:
    with db.transaction(workspace_id):
        return _sql.rows("list_addresses", Address, contact_id=contact_id)


def addresses_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[Address]]:
    """As `addresses`, of several people; who has none is not in it."""
    found: dict[int, list[Address]] = defaultdict(list)
    with db.transaction(workspace_id):
        for row in _sql.rows("list_addresses_of", Address, contacts=db.array(contact_ids)):
            found[row.contact_id].append(row)
    return found


def search(workspace_id: int, text: str) -> list[Found]:
    """The first page of who is found by it; all are found by nothing."""
    page = find(workspace_id, text)
    return [*page.rows, *(page.parts or ())]


def alike(workspace_id: int, contact_id: int) -> list[int]:
    """Who may be the same person, by name and birthday or by telephone number."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_alike", contact_id=contact_id, rows_max=ALIKE_MAX)


def lines(workspace_id: int, contact_ids: Sequence[int], channel: Channel) -> dict[int, Line]:
    """Names and an address each, of this channel where there is one; who is erased is left out."""
    if not contact_ids:
        return {}
    with db.transaction(workspace_id):
        rows = _sql.rows("list_lines", Line, contact_ids=list(contact_ids), channel=channel)
    return {row.contact_id: row for row in rows}


def purchases(workspace_id: int, contact_id: int) -> list[Purchase]:
    with db.transaction(workspace_id):
        return _sql.rows("list_purchases", Purchase, contact_id=contact_id)


def products(workspace_id: int) -> list[Product]:
    """The catalogue by code; what is not offered any more comes last."""
    with db.transaction(workspace_id):
        return _sql.rows("list_products", Product, rows_max=PRODUCTS_SHOWN_MAX)


@dataclass(frozen=True, slots=True)
class CouponUse:
    use_no: int
    code: str
    used_on: date
    times: int
    noted_by: int | None  # staff; None: a program or a command
    noted_at: datetime


def coupon_uses(workspace_id: int, *, before: int | None = None) -> list[CouponUse]:
    """A page of what was noted, newest first; `before` is the last one of the page before."""
    with db.transaction(workspace_id):
        return _sql.rows("list_coupon_uses", CouponUse, before=before, rows_max=PAGE_ROWS)


def told_before(workspace_id: int, uses: Sequence[NewCouponUse]) -> list[bool]:
    """In their order, whether the receipt was told before; nothing is written."""
    asked = {"codes": [each.code for each in uses], "sames": [each.same for each in uses]}
    with db.transaction(workspace_id):
        known = {(each.code, each.same) for each in _sql.rows("list_known_receipts", _Receipt, **asked)}
    return [(each.code, each.same) in known for each in uses]


def coupon_times(workspace_id: int, codes: Sequence[str], since: date) -> dict[str, int]:
    """How often each was used on that day or later; 0 for what never was."""
    with db.transaction(workspace_id):
        found = _sql.rows("count_coupon_uses", _Times, codes=list(codes), since=since)
    return dict.fromkeys(codes, 0) | {each.code: each.times for each in found}


@dataclass(frozen=True, slots=True)
class _Receipt:
    code: str
    same: str


@dataclass(frozen=True, slots=True)
class _Times:
    code: str
    times: int


@dataclass(frozen=True, slots=True)
class _Claim:
    token: bytes
    contact_id: int
