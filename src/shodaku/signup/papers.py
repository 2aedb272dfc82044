"""Papers at the desk: scans come in by the batch, are keyed in, keyed in again, put aside or thrown away.

Until it is settled a scan lies under the key of a person to be, and what was read off it too: whoever is
erased later takes both along, in every backup.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.signup import paper_settling as settling
from shodaku.signup.paper_known import PaperSheet, open_scan, paper_sheet, readings
from shodaku.signup.paper_settling import Settled
from shodaku.signup.sending import new_event_id
from shodaku.signup.sheet_code import SheetCode
from shodaku.signup.sheets import (
    NOTE_CHARS_MAX,
    OPEN,
    SHEETS_OF_A_BATCH_MAX,
    Checking,
    Keyed,
    ParkReason,
    SheetState,
    chosen_to_check,
    differences,
    keyed_json,
)
from shodaku.suppression import services as suppression

RECEIVED: Final = "admin.papers.received"
DISCARDED: Final = "admin.papers.discarded"
DESTROYED: Final = "admin.papers.destroyed"

_sql = db.Statements("shodaku.signup")


class TooManySheets(WrongUse):
    """A batch holds at most 500 sheets; begin another one."""

    code = "too_many_sheets"


class SheetTaken(WrongUse):
    """Somebody else has seen to this sheet in the meantime; nothing of yours was recorded."""

    code = "sheet_taken"


class SameHands(WrongUse):
    """Who keyed a sheet in first cannot check it; a colleague does."""

    code = "same_hands"


class NotSettled(WrongUse):
    """Some sheets of this batch are not settled yet; their originals are still needed."""

    code = "not_settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    code: SheetCode  # of most of its sheets
    shop: str
    checking: Checking
    shelf: str
    destroy_on: date


@dataclass(frozen=True, slots=True)
class Waits:
    """Keyed in, and not settled: a second person looks, or somebody decides between two readings."""

    state: SheetState


def open_batch(
    workspace_id: int,
    batch: NewBatch,
    pictures: Sequence[ledger.Picture],
    *,
    staff_id: int | None,
    now: datetime,
) -> int:
    """Its number; its first sheets wait to be keyed in. Raises TooManySheets, VaultAway."""
    with db.transaction(workspace_id):
        batch_id: int = _sql.scalar(
            "insert_paper_batch",
            form_id=batch.code.form_id,
            version=batch.code.version,
            language=batch.code.language,
            shop=batch.shop,
            checking=batch.checking,
            shelf=batch.shelf,
            destroy_on=batch.destroy_on,
            staff_id=staff_id,
            now=now,
        )
        add_sheets(workspace_id, batch_id, pictures, checking=batch.checking, staff_id=staff_id, now=now)
    return batch_id


def add_sheets(
    workspace_id: int,
    batch_id: int,
    pictures: Sequence[ledger.Picture],
    *,
    checking: Checking,
    staff_id: int | None,
    now: datetime,
) -> None:
    """More scans of the same stack. Raises TooManySheets, VaultAway."""
    if len(pictures) > SHEETS_OF_A_BATCH_MAX:
        raise TooManySheets
    keys = contacts.reserve_ids(len(pictures))
    ledger.ensure_keys(workspace_id, keys)
    with db.transaction(workspace_id):
        before: int | None = _sql.scalar(
            "count_on_paper_batch", batch_id=batch_id, sheets=len(pictures), sheets_max=SHEETS_OF_A_BATCH_MAX
        )
        if before is None:
            raise TooManySheets
        chosen = chosen_to_check(checking, len(pictures), secrets.randbelow, first=before == 0)
        for at, (key_id, picture, checked) in enumerate(zip(keys, pictures, chosen, strict=True), 1):
            _sql.scalar(
                "insert_paper_sheet",
                batch_id=batch_id,
                number=before + at,
                checked=checked,
                key_id=key_id,
                media_type=picture.media_type,
                body=ledger.seal_aside(workspace_id, key_id, "scan", picture.data),
                now=now,
            )
        said: dict[str, Value] = {
            "batch": str(batch_id),
            "sheets": len(pictures),
            "by": f"staff:{staff_id}",
        }
        ledger.record_act(workspace_id, RECEIVED, said, event_id=new_event_id(now), now=now)


def key_in(
    workspace_id: int, sheet_id: int, keyed: Keyed, *, staff_id: int, now: datetime
) -> Settled | Waits:
    """What one person read off a sheet, whoever's turn it is: first, second, or deciding.

    Raises SheetTaken, SameHands, ProofMissing, FileBroken, KeyDestroyed, VaultAway, ContactGone; AddressError
    for an address that was never parsed.
    """
    return suppression.with_fresh_pepper(
        lambda: _key_in(workspace_id, sheet_id, keyed, staff_id=staff_id, now=now)
    )


def _key_in(
    workspace_id: int, sheet_id: int, keyed: Keyed, *, staff_id: int, now: datetime
) -> Settled | Waits:
    with db.transaction(workspace_id):
        found = _held(workspace_id, sheet_id)
        earlier = readings(workspace_id, found)
        match found.state:
            case SheetState.WAITING:
                look, differ = 1, False
            case SheetState.SECOND:
                if earlier[0].staff_id == staff_id:
                    raise SameHands
                look, differ = 2, bool(differences(earlier[0].keyed, keyed))
            case SheetState.THIRD:
                look, differ = 3, False
            case _:
                raise SheetTaken
        _sql.run(
            "insert_paper_reading",
            sheet_id=sheet_id,
            look=look,
            staff_id=staff_id,
            body=_sealed(workspace_id, found, "reading", keyed),
            now=now,
        )
        if differ:
            return _goes_on(sheet_id, SheetState.THIRD)
        if look == 1 and found.checked:
            return _goes_on(sheet_id, SheetState.SECOND)
        settled = settling.settle(workspace_id, found, readings(workspace_id, found), now=now)
    if settled.contact_id != found.key_id:  # nothing lies under the key of the person to be any more
        ledger.shred(workspace_id, found.key_id)
    return settled


def park(workspace_id: int, sheet_id: int, reason: ParkReason, note: str) -> None:
    """Put aside with a reason; what was read off it so far counts no more. Raises SheetTaken, VaultAway."""
    with db.transaction(workspace_id):
        found = _held(workspace_id, sheet_id)
        sealed = None  # without a note no key is needed: one that is gone must not keep a sheet open for ever
        if note:
            sealed = ledger.seal_aside(workspace_id, found.key_id, "note", note[:NOTE_CHARS_MAX].encode())
        _sql.run("delete_paper_readings", sheet_id=sheet_id)
        _sql.run(
            "set_paper_state",
            sheet_id=sheet_id,
            state=SheetState.PARKED,
            reason=reason,
            note=sealed,
        )


def take_up(workspace_id: int, sheet_id: int) -> None:
    """A sheet that was put aside waits again to be keyed in. Raises SheetTaken."""
    with db.transaction(workspace_id):
        if _held(workspace_id, sheet_id).state != SheetState.PARKED:
            raise SheetTaken
        _sql.run("set_paper_state", sheet_id=sheet_id, state=SheetState.WAITING, reason=None, note=None)


def discard(workspace_id: int, sheet_id: int, *, staff_id: int, now: datetime) -> None:
    """A sheet that was put aside becomes nobody's consent: its scan is thrown away, key and all.

    Raises SheetTaken, VaultAway.
    """
    with db.transaction(workspace_id):
        found = _held(workspace_id, sheet_id)
        if found.state != SheetState.PARKED:
            raise SheetTaken
        settling.end(sheet_id, SheetState.DISCARDED, reason=found.reason, now=now)
        said: dict[str, Value] = {
            "batch": str(found.batch_id),
            "sheet": found.number,
            "reason": found.reason or "",
            "by": f"staff:{staff_id}",
        }
        ledger.record_act(workspace_id, DISCARDED, said, event_id=new_event_id(now), now=now)
    ledger.shred(workspace_id, found.key_id)


def destroy_originals(workspace_id: int, batch_id: int, *, staff_id: int, now: datetime) -> None:
    """Somebody destroyed the papers of a batch, and says so. Raises NotSettled, VaultAway."""
    with db.transaction(workspace_id):
        if not _sql.run("destroy_papers", batch_id=batch_id, staff_id=staff_id, now=now):
            raise NotSettled
        said: dict[str, Value] = {"batch": str(batch_id), "by": f"staff:{staff_id}"}
        ledger.record_act(workspace_id, DESTROYED, said, event_id=new_event_id(now), now=now)


def scan_of(workspace_id: int, sheet_id: int) -> ledger.Picture | None:
    """None once the sheet is settled. Raises FileBroken, KeyDestroyed, VaultAway."""
    found = paper_sheet(workspace_id, sheet_id)
    return None if found is None or found.state not in OPEN else open_scan(workspace_id, found)


def _held(workspace_id: int, sheet_id: int) -> PaperSheet:
    """Under the lock of its row. Raises SheetTaken for one that is settled or was never there."""
    _sql.scalar("lock_paper_sheet", sheet_id=sheet_id)
    found = paper_sheet(workspace_id, sheet_id)
    if found is None or found.state not in OPEN:
        raise SheetTaken
    return found


def _goes_on(sheet_id: int, state: SheetState) -> Waits:
    _sql.run("set_paper_state", sheet_id=sheet_id, state=state, reason=None, note=None)
    return Waits(state)


def _sealed(workspace_id: int, sheet: PaperSheet, name: str, keyed: Keyed) -> bytes:
    text = json.dumps(keyed_json(keyed), ensure_ascii=False)
    return ledger.seal_aside(workspace_id, sheet.key_id, name, text.encode())
