"""A row of a list of coupons that were used, judged as far as it tells itself. Pure. Door: `domain`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final, TypeAlias

from shodaku.contacts.domain import (
    RECEIPT_CHARACTERS_MAX,
    USED_TIMES_MAX,
    NewCouponUse,
    UnfitCouponCode,
    UnreadDate,
    parse_coupon_code,
    parse_moment,
)
from shodaku.imports.columns import heading_key

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("クーポンコード", "クーポン", "コード", "coupon", "coupon code", "code"),
    "used": ("利用日", "使用日", "利用日時", "使用日時", "日付", "used on", "used at", "date"),
    "times": ("回数", "件数", "利用回数", "利用件数", "times", "count", "uses"),
    "receipt": ("レシート番号", "伝票番号", "取引番号", "注文番号", "receipt", "receipt number", "reference"),
}
_FIELD_OF: Final = {heading_key(name): field for field, names in _HEADINGS.items() for name in names}
_TIMES: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
COUPON_COLUMNS_NEEDED: Final = ("code", "used")


class CouponVerdict(StrEnum):
    RECORDED = "recorded"
    KNOWN_ALREADY = "known_already"
    CODE_UNREADABLE = "code_unreadable"
    DATE_UNREADABLE = "date_unreadable"
    DATE_TO_COME = "date_to_come"
    TIMES_UNREADABLE = "times_unreadable"
    RECEIPT_UNREADABLE = "receipt_unreadable"
    ROW_UNREADABLE = "row_unreadable"


ParsedUse: TypeAlias = NewCouponUse | CouponVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenUse:
    """As it was written, by a file or a program; absent is ""."""

    code: str
    used: str
    times: str = ""
    receipt: str = ""


def coupon_columns(header: Sequence[str]) -> dict[str, int]:
    """Field -> index of its column; the left one of two counts."""
    columns: dict[str, int] = {}
    for index, heading in enumerate(header):
        field = _FIELD_OF.get(heading_key(heading))
        if field is not None:
            columns.setdefault(field, index)
    return columns


def parse_use(written: WrittenUse, now: datetime, zone: tzinfo) -> ParsedUse:
    """Of a time the day in `zone` counts; without a number it was used once. The first fault is told."""
    try:
        code = parse_coupon_code(written.code)
    except UnfitCouponCode:
        return CouponVerdict.CODE_UNREADABLE
    try:
        used_on = parse_moment(written.used, zone).astimezone(zone).date()
    except UnreadDate:
        return CouponVerdict.DATE_UNREADABLE
    if used_on > now.astimezone(zone).date():
        return CouponVerdict.DATE_TO_COME
    times = unicodedata.normalize("NFKC", written.times).strip().replace(",", "") or "1"
    if not _TIMES.fullmatch(times) or not 1 <= int(times) <= USED_TIMES_MAX:
        return CouponVerdict.TIMES_UNREADABLE
    receipt = written.receipt.strip()
    if len(receipt) > RECEIPT_CHARACTERS_MAX or any(map(_control, receipt)):
        return CouponVerdict.RECEIPT_UNREADABLE
    return NewCouponUse(code, used_on, int(times), receipt)


def _control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
