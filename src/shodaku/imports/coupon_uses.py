"""How often coupons were used: a file or a program tells it, each row gets its verdict. Door: `services`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import NewCouponUse
from shodaku.imports.coupon_rows import (
    COUPON_COLUMNS_NEEDED,
    CouponVerdict,
    ParsedUse,
    WrittenUse,
    coupon_columns,
    parse_use,
)
from shodaku.imports.sheet import Limits, Row, Rows, open_rows
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

SLICE_ROWS: Final = 500
LISTED_ROWS_MAX: Final = 1_000  # rows whose verdict is told one by one, those with a fault


class NoCouponColumns(WrongUse):
    """The list needs a column for the code and one for the day."""

    code = "coupon_columns_missing"


@dataclass(slots=True)
class CouponReport:
    """What became of the rows; those that were not recorded one by one, as far as they are listed."""

    rows: int = 0
    counts: Counter[CouponVerdict] = field(default_factory=Counter)
    listed: list[tuple[int, CouponVerdict]] = field(default_factory=list)  # row of the file, verdict

    def add(self, number: int, verdict: CouponVerdict) -> None:
        self.rows += 1
        self.counts[verdict] += 1
        if verdict is not CouponVerdict.RECORDED and len(self.listed) < LISTED_ROWS_MAX:
            self.listed.append((number, verdict))


def import_coupon_uses(
    workspace_id: int,
    stream: BinaryIO,
    *,
    by: str,
    staff_id: int | None,
    now: datetime,
    dry_run: bool = False,
    limits: Limits | None = None,
) -> CouponReport:
    """A CSV file or a workbook; each slice is a transaction. Raises UnreadableFile, NoCouponColumns."""
    rows = open_rows(stream, limits, addressed=False)
    columns = coupon_columns(rows.header)
    if not set(COUPON_COLUMNS_NEEDED) <= columns.keys():
        raise NoCouponColumns
    report = CouponReport()
    seen: set[tuple[str, str]] | None = set() if dry_run else None
    zone = _zone(workspace_id)
    for piece in _slices(rows):
        parsed: list[ParsedUse] = [
            parse_use(_written(row, columns), now, zone) if row.readable else CouponVerdict.ROW_UNREADABLE
            for row in piece
        ]
        verdicts = _judged(workspace_id, parsed, by, staff_id, now, seen=seen)
        for row, verdict in zip(piece, verdicts, strict=True):
            report.add(row.number, verdict)
    return report


def note_coupon_uses(
    workspace_id: int, written: Sequence[WrittenUse], *, by: str, staff_id: int | None, now: datetime
) -> list[CouponVerdict]:
    """As a program or a person tells them, in one transaction; verdicts in their order."""
    zone = _zone(workspace_id)
    return _judged(workspace_id, [parse_use(each, now, zone) for each in written], by, staff_id, now)


def take_back_coupon_use(workspace_id: int, use_no: int, *, by: str, now: datetime) -> bool:
    """It was noted by mistake. False: it is not there any more."""
    with db.transaction(workspace_id):
        removed = contacts.take_back_coupon_use(use_no)
        if removed is None:
            return False
        said: dict[str, Value] = {"code": removed.code, "times": removed.times, "by": by}
        _record(workspace_id, "admin.coupons.taken_back", said, now)
        return True


def _judged(
    workspace_id: int,
    parsed: Sequence[ParsedUse],
    by: str,
    staff_id: int | None,
    now: datetime,
    *,
    seen: set[tuple[str, str]] | None = None,
) -> list[CouponVerdict]:
    """`seen`: receipts of the rows before, of a look at what would happen; None: it happens."""
    uses = [each for each in parsed if isinstance(each, NewCouponUse)]
    if seen is not None:
        counted = _would_count(workspace_id, uses, seen)
    else:
        counted = _note(workspace_id, uses, by, staff_id, now)
    told = iter(counted)
    return [
        each
        if isinstance(each, CouponVerdict)
        else CouponVerdict.RECORDED
        if next(told)
        else CouponVerdict.KNOWN_ALREADY
        for each in parsed
    ]


def _would_count(workspace_id: int, uses: Sequence[NewCouponUse], seen: set[tuple[str, str]]) -> list[bool]:
    """Of two lines with one receipt the first counts; nothing is written."""
    counted = []
    for each, known in zip(uses, contacts_known.told_before(workspace_id, uses), strict=True):
        key = None if each.same is None else (each.code, each.same)
        counted.append(not known and key not in seen)
        if key is not None:
            seen.add(key)
    return counted


def _note(
    workspace_id: int, uses: Sequence[NewCouponUse], by: str, staff_id: int | None, now: datetime
) -> list[bool]:
    """In their order, whether it counts; told in one entry of the ledger."""
    with db.transaction(workspace_id):
        counted = [contacts.note_coupon_use(each, staff_id=staff_id, now=now) for each in uses]
        times = sum(each.times for each, new in zip(uses, counted, strict=True) if new)
        if times:
            _record(
                workspace_id, "admin.coupons.noted", {"rows": sum(counted), "times": times, "by": by}, now
            )
        return counted


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )


def _written(row: Row, columns: Mapping[str, int]) -> WrittenUse:
    def cell(name: str) -> str:
        at = columns.get(name, len(row.cells))
        return row.cells[at] if at < len(row.cells) else ""

    return WrittenUse(code=cell("code"), used=cell("used"), times=cell("times"), receipt=cell("receipt"))


def _slices(rows: Rows) -> Iterator[list[Row]]:
    while piece := list(islice(rows, SLICE_ROWS)):
        yield piece


def _zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
