"""A person's proof for others: their history, with what they were shown attached. Making one is an act."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.ledger.selectors import ABSENT_BY_DEFAULT, Bundle, Entry
from shodaku.signup import selectors

BUNDLE_MADE: Final = "admin.bundle.made"


def prove(
    workspace_id: int,
    contact_id: int,
    *,
    by: str,
    now: datetime,
    absent: Collection[str] = ABSENT_BY_DEFAULT,
    only: Collection[int] | None = None,
    earlier: int | None = None,
    attach: bool = False,
) -> Bundle:
    """As `ledger.selectors.bundle`, with the exact wordings, pages, pictures and scans if `attach`.

    It is written into the ledger before anybody gets it; scans are read, and each reading is an entry.
    Raises NotInTheLog, NothingToProve, TooMuchToProve, NoSuchCheckpoint, VaultAway.
    """
    history = ledger_known.history(workspace_id, contact_id)
    bundle = ledger_known.bundle(
        workspace_id,
        contact_id,
        absent=absent,
        only=[each.entry_id for each in history] if only is None else only,
        earlier=earlier,
        # reading a scan makes an entry of its own, which comes too late for this proof
        attachments=_attachments(workspace_id, contact_id, history, by, now) if attach else {},
    )
    said: dict[str, Value] = {
        "contact": str(contact_id),
        "by": by,
        "entries": bundle.entries,
        "attached": attach,
    }
    ledger.record_act(workspace_id, BUNDLE_MADE, said, event_id=uuid7(now, os.urandom(10)), now=now)
    return bundle


def _attachments(
    workspace_id: int, contact_id: int, history: Sequence[Entry], by: str, now: datetime
) -> dict[str, bytes]:
    committed = {
        value
        for entry in history
        for name, value in (entry.fields or {}).items()
        if name.endswith(ledger_known.HASH_FIELD) and isinstance(value, str)
    }
    found = selectors.shown_by_hash(workspace_id, committed)
    for file in ledger_known.files_of(workspace_id, contact_id):
        if file.sha256 in committed:
            _, found[file.sha256] = ledger.read_file(
                workspace_id, contact_id, file.evidence_id, by=by, now=now
            )
    return found
