"""Who bought what: a file or a program tells it, each row gets its verdict, the same row twice counts once.

Only people who are known get a purchase: a list of buyers makes nobody a contact. Door: `services`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, NewProduct
from shodaku.contacts.selectors import Product
from shodaku.contacts.services import NewPurchase, TooManyProducts
from shodaku.imports.purchase_rows import (
    NEEDED,
    Parsed,
    ParsedPurchase,
    PurchaseVerdict,
    WrittenPurchase,
    parse_purchase,
    purchase_columns,
)
from shodaku.imports.sheet import Limits, Row, Rows, open_rows
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.suppression import services as suppression

__all__ = [
    "NoPurchaseColumns",
    "NoSuchProduct",
    "PurchaseReport",
    "TooManyProducts",
    "archive_product",
    "import_purchases",
    "record_purchases",
    "save_product",
]

SLICE_ROWS: Final = 500
LISTED_ROWS_MAX: Final = 1_000  # rows whose verdict is told one by one, those with a fault


class NoPurchaseColumns(WrongUse):
    """The list needs columns for the product's code, the day and the amount, beside the e-mail address."""

    code = "purchase_columns_missing"


class NoSuchProduct(WrongUse):
    """No product that is offered has this code."""

    code = "product_unknown"


@dataclass(slots=True)
class PurchaseReport:
    """What became of the rows; those that were not recorded one by one, as far as they are listed."""

    rows: int = 0
    counts: Counter[PurchaseVerdict] = field(default_factory=Counter)
    listed: list[tuple[int, PurchaseVerdict]] = field(default_factory=list)  # row of the file, verdict

    def add(self, number: int, verdict: PurchaseVerdict) -> None:
        self.rows += 1
        self.counts[verdict] += 1
        if verdict is not PurchaseVerdict.RECORDED and len(self.listed) < LISTED_ROWS_MAX:
            self.listed.append((number, verdict))


def save_product(workspace_id: int, product: NewProduct, *, by: str, now: datetime) -> int:
    """Its id. A code that is known is called so from now on. Raises TooManyProducts."""
    with db.transaction(workspace_id):
        product_id = contacts.save_product(product, now=now)
        _record(workspace_id, "admin.product.saved", {"product": product.code, "by": by}, now)
        return product_id


def archive_product(workspace_id: int, code: str, *, by: str, now: datetime) -> None:
    """It is not offered any more; who bought it stays known. Raises NoSuchProduct."""
    with db.transaction(workspace_id):
        if not contacts.archive_product(code, now=now):
            raise NoSuchProduct
        _record(workspace_id, "admin.product.archived", {"product": code, "by": by}, now)


def import_purchases(
    workspace_id: int,
    stream: BinaryIO,
    *,
    by: str,
    now: datetime,
    dry_run: bool = False,
    limits: Limits | None = None,
) -> PurchaseReport:
    """A CSV file or a workbook; each slice is a transaction. Raises UnreadableFile, NoPurchaseColumns."""
    rows = open_rows(stream, limits)
    columns = {**purchase_columns(rows.header), "address": rows.columns.get("email", -1)}
    if not set(NEEDED) <= columns.keys() or columns["address"] < 0:
        raise NoPurchaseColumns
    report = PurchaseReport()
    zone = _zone(workspace_id)
    for piece in _slices(rows):
        parsed: list[Parsed] = [
            parse_purchase(_written(row, columns), now, zone)
            if row.readable
            else PurchaseVerdict.ROW_UNREADABLE
            for row in piece
        ]
        verdicts = _judged(workspace_id, parsed, now, by=by, dry_run=dry_run)
        for row, verdict in zip(piece, verdicts, strict=True):
            report.add(row.number, verdict)
    return report


def record_purchases(
    workspace_id: int, written: Sequence[WrittenPurchase], *, by: str, now: datetime
) -> list[PurchaseVerdict]:
    """As a program tells them, in one transaction; verdicts in their order."""
    zone = _zone(workspace_id)
    return _judged(workspace_id, [parse_purchase(each, now, zone) for each in written], now, by=by)


def _judged(
    workspace_id: int, parsed: Sequence[Parsed], now: datetime, *, by: str, dry_run: bool = False
) -> list[PurchaseVerdict]:
    """Looked up, locked, written and told in one transaction."""
    with db.transaction(workspace_id):
        products = {
            each.code: each for each in contacts_known.products(workspace_id) if each.archived_at is None
        }
        owners = _owners(workspace_id, parsed)
        there = contacts.lock_many(sorted(set(owners.values())))
        owners = {address: owner for address, owner in owners.items() if owner in there}
        new = [_new(each, owners, products) for each in parsed]
        wanted = [each for each in new if isinstance(each, NewPurchase)]
        fresh = _would_be_new(workspace_id, wanted) if dry_run else contacts.add_purchases(wanted)
        verdicts = _told(new, fresh)
        recorded = verdicts.count(PurchaseVerdict.RECORDED)
        if recorded and not dry_run:
            _record(workspace_id, "admin.purchases.recorded", {"rows": recorded, "by": by}, now)
        return verdicts


def _would_be_new(workspace_id: int, wanted: Sequence[NewPurchase]) -> set[tuple[int, str]]:
    known = {
        (contact_id, held.reference)
        for contact_id in {each.contact_id for each in wanted}
        for held in contacts_known.purchases(workspace_id, contact_id)
    }
    return {(each.contact_id, each.reference) for each in wanted} - known


def _owners(workspace_id: int, parsed: Sequence[Parsed]) -> dict[str, int]:
    """Whose the addresses are, as far as they are anybody's."""
    addresses = {each.address.address for each in parsed if isinstance(each, ParsedPurchase)}
    tokens = {
        address: suppression.tokens(workspace_id, Channel.EMAIL, address).strict for address in addresses
    }
    claimed = (
        contacts_known.claimed(workspace_id, Channel.EMAIL, list(set(tokens.values()))) if tokens else {}
    )
    return {address: claimed[token] for address, token in tokens.items() if token in claimed}


def _new(
    parsed: Parsed, owners: Mapping[str, int], products: Mapping[str, Product]
) -> NewPurchase | PurchaseVerdict:
    if isinstance(parsed, PurchaseVerdict):
        return parsed
    product = products.get(parsed.product)
    if product is None:
        return PurchaseVerdict.PRODUCT_UNKNOWN
    owner = owners.get(parsed.address.address)
    if owner is None:
        return PurchaseVerdict.PERSON_UNKNOWN
    return NewPurchase(
        contact_id=owner,
        product_id=product.product_id,
        title=product.name,
        amount_yen=parsed.amount_yen,
        at=parsed.at,
        reference=parsed.reference,
        currency=parsed.currency,
        paid=parsed.paid,
    )


def _told(new: Iterable[NewPurchase | PurchaseVerdict], fresh: set[tuple[int, str]]) -> list[PurchaseVerdict]:
    """Of two equal rows the first is the one that was recorded."""
    verdicts = []
    for each in new:
        if isinstance(each, PurchaseVerdict):
            verdicts.append(each)
            continue
        key = (each.contact_id, each.reference)
        verdicts.append(PurchaseVerdict.RECORDED if key in fresh else PurchaseVerdict.KNOWN_ALREADY)
        fresh.discard(key)
    return verdicts


def _written(row: Row, columns: Mapping[str, int]) -> WrittenPurchase:
    def cell(name: str) -> str:
        at = columns.get(name, len(row.cells))
        return row.cells[at] if at < len(row.cells) else ""

    return WrittenPurchase(
        address=cell("address"),
        product=cell("product"),
        bought=cell("bought"),
        amount=cell("amount"),
        amount_yen=cell("amount_yen"),
        currency=cell("currency"),
        reference=cell("reference"),
    )


def _slices(rows: Rows) -> Iterator[list[Row]]:
    while piece := list(islice(rows, SLICE_ROWS)):
        yield piece


def _zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )
