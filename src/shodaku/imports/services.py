"""Bring a list in: every row gets a verdict, and nobody becomes sendable by being in a list.

A list is read in portions, each of them one transaction (imports.portions). It may be handed in and left:
declared step by step as a draft, checked and brought in by a job (imports.running), paused and gone on with.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Final

from shodaku.accounts.domain import Role
from shodaku.imports.bringing import SHOWN_ROWS_MAX, BatchReport, ReportRow, bring_in
from shodaku.imports.coupon_uses import (
    CouponReport,
    NoCouponColumns,
    import_coupon_uses,
    note_coupon_uses,
    take_back_coupon_use,
)
from shodaku.imports.declared import ImportOrder
from shodaku.imports.files import BYTES_MAX as FILE_BYTES_MAX
from shodaku.imports.files import FRAME_BYTES_MAX
from shodaku.imports.portions import Superseded
from shodaku.imports.purchases import (
    NoPurchaseColumns,
    NoSuchProduct,
    PurchaseReport,
    TooManyProducts,
    archive_product,
    import_purchases,
    record_purchases,
    save_product,
)
from shodaku.imports.running import (
    FOUND_ROWS_MAX,
    Cells,
    FileGone,
    NotNow,
    ask_for_check,
    cells_of,
    declare,
    hand_in,
    order_of,
    pause,
    preview,
    resume,
    run,
    start,
    throw_away,
)
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

__all__ = [
    "FILE_BYTES_MAX",
    "FOUND_ROWS_MAX",
    "FRAME_BYTES_MAX",
    "REVEALED",
    "REVEALED_ROWS_MAX",
    "SHOWN_ROWS_MAX",
    "BatchReport",
    "Cells",
    "CouponReport",
    "FileGone",
    "ImportOrder",
    "NoCouponColumns",
    "NoPurchaseColumns",
    "NoSuchProduct",
    "NotNow",
    "OwnersOnly",
    "PurchaseReport",
    "ReportRow",
    "Superseded",
    "TooManyProducts",
    "archive_product",
    "ask_for_check",
    "bring_in",
    "cells_of",
    "declare",
    "forget",
    "hand_in",
    "import_coupon_uses",
    "import_purchases",
    "note_coupon_uses",
    "order_of",
    "pause",
    "preview",
    "record_purchases",
    "resume",
    "reveal_suppressed",
    "run",
    "save_product",
    "start",
    "take_back_coupon_use",
    "throw_away",
]

REVEALED_ROWS_MAX: Final = 10_000
REVEALED: Final = "admin.suppression.revealed"  # kind of its ledger entry

_sql = db.Statements("shodaku.imports")


class OwnersOnly(WrongUse):
    """Only an owner may see which rows are never contacted."""

    code = "suppressed_rows_owners_only"


def reveal_suppressed(workspace_id: int, batch_id: int, *, role: Role, by: str, now: datetime) -> list[int]:
    """Numbers of the rows whose address is never contacted: it tells who opted out, so it is an owner's
    alone, and written down. Raises OwnersOnly, VaultAway.
    """
    if role is not Role.OWNER:
        raise OwnersOnly
    with db.transaction(workspace_id):
        lines: list[int] = _sql.scalars("list_suppressed_rows", batch_id=batch_id, rows_max=REVEALED_ROWS_MAX)
        said: dict[str, Value] = {"by": by, "batch": batch_id, "rows": len(lines)}
        ledger.record_act(workspace_id, REVEALED, said, event_id=uuid7(now, os.urandom(10)), now=now)
    return lines


def forget(contact_id: int) -> dict[str, int]:
    """Rows of batches that name the person; the batch and its counts stay."""
    return {"import_row": _sql.run("delete_rows_of", contact_id=contact_id)}
