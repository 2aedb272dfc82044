"""A row of a list of purchases, read and judged as far as the row itself tells. Pure. Door: `domain`."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

from shodaku.contacts.domain import JST, AddressError, EmailAddress, UnreadDate, parse_email, parse_moment
from shodaku.imports.columns import heading_key

YEN_MAX: Final = 2**31 - 1
REFERENCE_CHARACTERS_MAX: Final = 100
_YEN: Final = "JPY"
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?", re.ASCII)

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "product": (
        "商品コード", "講座コード", "コード", "品番", "商品番号", "product", "product code", "code", "sku",
    ),
    "bought": (
        "購入日", "購入日時", "注文日", "注文日時", "決済日", "bought on", "bought at", "date", "order date",
    ),
    "amount": ("金額", "購入金額", "価格", "合計", "支払金額", "amount", "price", "total"),
    "amount_yen": ("円換算", "円換算額", "日本円", "amount yen", "yen"),
    "currency": ("通貨", "通貨コード", "currency"),
    "reference": ("注文番号", "注文ID", "受注番号", "order", "order number", "order id", "reference"),
}  # fmt: skip
_FIELD_OF: Final = {heading_key(name): field for field, names in _HEADINGS.items() for name in names}
NEEDED: Final = ("product", "bought", "amount")


class PurchaseVerdict(StrEnum):
    RECORDED = "recorded"
    KNOWN_ALREADY = "known_already"
    PERSON_UNKNOWN = "person_unknown"
    PRODUCT_UNKNOWN = "product_unknown"
    ADDRESS_UNREADABLE = "address_unreadable"
    DATE_UNREADABLE = "date_unreadable"
    DATE_TO_COME = "date_to_come"
    AMOUNT_UNREADABLE = "amount_unreadable"
    CURRENCY_UNREADABLE = "currency_unreadable"
    REFERENCE_UNREADABLE = "reference_unreadable"
    ROW_UNREADABLE = "row_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPurchase:
    address: EmailAddress
    product: str  # its code
    at: datetime
    amount_yen: int
    currency: str
    paid: Decimal | None
    reference: str


Parsed: TypeAlias = ParsedPurchase | PurchaseVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPurchase:
    """As it was written, by a file or a program; absent is ""."""

    address: str
    product: str
    bought: str
    amount: str
    amount_yen: str = ""
    currency: str = ""
    reference: str = ""


def purchase_columns(header: Sequence[str]) -> dict[str, int]:
    """Field -> index of its column, of those that only purchases have; the left one of two counts."""
    columns: dict[str, int] = {}
    for index, heading in enumerate(header):
        field = _FIELD_OF.get(heading_key(heading))
        if field is not None:
            columns.setdefault(field, index)
    return columns


def parse_purchase(written: WrittenPurchase, now: datetime, zone: tzinfo = JST) -> Parsed:
    """A day alone is its first instant in `zone`; the first thing that is wrong is told."""
    try:
        address = parse_email(written.address)
    except AddressError:
        return PurchaseVerdict.ADDRESS_UNREADABLE
    try:
        at = parse_moment(written.bought, zone)
    except UnreadDate:
        return PurchaseVerdict.DATE_UNREADABLE
    if at > now:
        return PurchaseVerdict.DATE_TO_COME
    currency = _plain(written.currency).upper() or _YEN
    if not _CURRENCY.fullmatch(currency):
        return PurchaseVerdict.CURRENCY_UNREADABLE
    amount = _amount(written.amount)
    yen = amount if currency == _YEN else _amount(written.amount_yen)
    if amount is None or yen is None or yen != yen.to_integral_value() or yen > YEN_MAX:
        return PurchaseVerdict.AMOUNT_UNREADABLE
    reference = written.reference.strip()
    if len(reference) > REFERENCE_CHARACTERS_MAX or any(map(_control, reference)):
        return PurchaseVerdict.REFERENCE_UNREADABLE
    code = written.product.strip()
    return ParsedPurchase(
        address=address,
        product=code,
        at=at,
        amount_yen=int(yen),
        currency=currency,
        paid=None if currency == _YEN else amount,
        reference=f"order:{reference}" if reference else _told_apart(code, at, amount, currency),
    )


def _told_apart(code: str, at: datetime, amount: Decimal, currency: str) -> str:
    """Without an order number two purchases of one product, time and amount are one."""
    said = f"{code}\0{at.timestamp()}\0{amount.normalize()}\0{currency}"
    return f"same:{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _amount(text: str) -> Decimal | None:
    plain = _plain(text).removeprefix("¥").removeprefix("\\").removesuffix("円").replace(",", "").strip()
    return Decimal(plain) if _AMOUNT.fullmatch(plain) else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
