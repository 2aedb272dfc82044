"""What is sealed of somebody is opened by two persons, for a reason, in the ledger, before its day.

One asks, another one approves, either of them opens it: once, within a day of the approval. The entry that
says so is committed before anything leaves. Nothing here lifts a suppression.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Role
from shodaku.contacts.domain import Channel
from shodaku.erasure import keeping
from shodaku.erasure.domain import (
    Unsealing,
    UnsealingNo,
    UnsealingStep,
    Who,
    reason_no,
    refuse_asking,
    refuse_step,
)
from shodaku.erasure.sealing import Sealed
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, SealBroken, Value
from shodaku.ledger.selectors import Bundle
from shodaku.signup import selectors as signup

ASKED: Final = "admin.unsealing.asked"
APPROVED: Final = "admin.unsealing.approved"
DECLINED: Final = "admin.unsealing.declined"
LIST_ROWS_MAX: Final = 100  # requests on a page

_sql = db.Statements("shodaku.erasure")


class UnsealingRefused(WrongUse):
    """What is sealed stays as it is: a rule of opening it is not met."""

    def __init__(self, no: UnsealingNo) -> None:
        self.no = no
        self.code = f"unsealing_{no.value}"
        super().__init__(no.sentence("en"))


class SealingBroken(ShodakuError):
    """What was sealed does not open: it is not what was sealed."""

    code = "sealing_broken"


@dataclass(frozen=True, slots=True)
class Opened:
    """`content` is all that was sealed; `bundle` proves its entries, None when no entry was among it, or more
    of them than a verifier reads.

    `left_out`: hashes of files that had no room in the bundle. Its entries still commit to them.
    """

    bundle: Bundle | None
    content: Mapping[str, Value]
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many sealings can still be opened, and when the first of them ends."""

    count: int
    next_at: datetime | None


def ask_unsealing(
    workspace_id: int, channel: Channel, address: str, reason: str, *, by: int, now: datetime
) -> list[int]:
    """Ask for whatever is sealed of this address; the numbers of the requests, one a sealing.

    To ask where nothing is sealed is an entry, too: the answer tells something. Raises UnsealingRefused,
    VaultAway.
    """
    if (unfit := reason_no(reason)) is not None:
        raise UnsealingRefused(unfit)
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        marks = keeping.lookups(workspace_id, channel, address)
        answer = _ask(workspace_id, marks, reason, by, now)
    if isinstance(answer, UnsealingNo):
        raise UnsealingRefused(answer)
    return answer


def approve_unsealing(workspace_id: int, unsealing_id: int, *, by: int, now: datetime) -> None:
    """The second person agrees. Raises UnsealingRefused, VaultAway."""
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        request = _lock(workspace_id, unsealing_id, UnsealingStep.APPROVE, by, now)
        _sql.run("update_unsealing_approved", unsealing_id=unsealing_id, by=by, now=now)
        _record(workspace_id, APPROVED, {**_asked(request), "by": _staff(by)}, now)


def decline_unsealing(workspace_id: int, unsealing_id: int, *, by: int, now: datetime) -> None:
    """It ends unopened; whoever asked takes it back by this. Raises UnsealingRefused, VaultAway."""
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        request = _lock(workspace_id, unsealing_id, UnsealingStep.DECLINE, by, now)
        _sql.run("update_unsealing_declined", unsealing_id=unsealing_id, by=by, now=now)
        _record(workspace_id, DECLINED, {**_asked(request), "by": _staff(by)}, now)


def open_sealed(workspace_id: int, unsealing_id: int, *, by: int, now: datetime) -> Opened:
    """What was sealed, once it is written down who opens it. A failure leaves the request as it was.

    Raises UnsealingRefused, SealingBroken, NotInTheLog, VaultAway.
    """
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        request = _lock(workspace_id, unsealing_id, UnsealingStep.OPEN, by, now)
        content = _content(workspace_id, request.hold_id)
        bundle, left_out = _bundle(workspace_id, content)
        _sql.run("update_unsealing_opened", unsealing_id=unsealing_id, by=by, now=now)
        said: dict[str, Value] = {
            **_asked(request),
            "approved_by": _staff(request.approved_by),
            "opened_by": _staff(by),
            **({"left_out": left_out} if left_out else {}),
        }
        _record(workspace_id, Kind.UNSEALED, said, now)
    return Opened(bundle, content, left_out)


def unsealings(workspace_id: int) -> list[Unsealing]:
    """Requests for what is still sealed: first those that can still be answered, then the newest."""
    with db.transaction(workspace_id):
        return _sql.rows("list_unsealings", Unsealing, rows_max=LIST_ROWS_MAX)


def holdings(workspace_id: int, *, now: datetime) -> Holdings:
    with db.transaction(workspace_id):
        return _sql.row("count_sealed", Holdings, now=now) or Holdings(0, None)


def _ask(
    workspace_id: int, marks: Sequence[bytes], reason: str, by: int, now: datetime
) -> list[int] | UnsealingNo:
    who = _who(workspace_id, by)
    if (nothing := refuse_asking(who, None, None, now)) is UnsealingNo.NO_RIGHT:
        return nothing
    sealings = _sql.rows("lock_sealed", Sealed, lookups=marks)
    answers = {
        each.hold_id: refuse_asking(who, each.destroy_after, _newest(each.hold_id), now) for each in sealings
    }
    ready = [hold_id for hold_id, no in answers.items() if no is None]
    if ready:
        return [_insert(workspace_id, hold_id, reason, by, now) for hold_id in ready]
    if UnsealingNo.ALREADY_ASKED in answers.values():
        return UnsealingNo.ALREADY_ASKED
    _record(workspace_id, ASKED, {"found": False, "reason": reason, "by": _staff(by)}, now)
    return UnsealingNo.NO_SEALING


def _insert(workspace_id: int, hold_id: UUID, reason: str, by: int, now: datetime) -> int:
    unsealing_id: int = _sql.scalar("insert_unsealing", hold_id=hold_id, reason=reason, by=by, now=now)
    said: dict[str, Value] = {
        "found": True,
        "reason": reason,
        "by": _staff(by),
        "hold_id_sha256": _hashed(hold_id),
    }
    _record(workspace_id, ASKED, said, now)
    return unsealing_id


def _newest(hold_id: UUID) -> Unsealing | None:
    return _sql.row("get_newest_unsealing", Unsealing, hold_id=hold_id)


def _lock(workspace_id: int, unsealing_id: int, step: UnsealingStep, by: int, now: datetime) -> Unsealing:
    request = _sql.row("lock_unsealing", Unsealing, unsealing_id=unsealing_id)
    no = refuse_step(step, _who(workspace_id, by), request, now)
    if no is not None or request is None:
        raise UnsealingRefused(no or UnsealingNo.NO_REQUEST)
    return request


def _who(workspace_id: int, staff_id: int) -> Who:
    """With the role of this moment: a right that was taken away in between is no right."""
    roles = {each.staff_id: Role(each.role) for each in accounts.staff(workspace_id)}
    return Who(staff_id, roles.get(staff_id))


def _content(workspace_id: int, hold_id: UUID) -> Mapping[str, Value]:
    body: bytes | None = _sql.scalar("get_sealed_body", hold_id=hold_id)
    try:
        return ledger.open_sealed_away(workspace_id, hold_id, body or b"")
    except ledger.KeyDestroyed as error:  # the key goes first, its row a moment later
        raise UnsealingRefused(UnsealingNo.DAY_COME) from error
    except SealBroken as error:
        raise SealingBroken from error


def _bundle(workspace_id: int, content: Mapping[str, Value]) -> tuple[Bundle | None, list[str]]:
    """With the scans that were sealed, and the words and pages that are nobody's own and were kept anyway;
    and the hashes of those that had no room.
    """
    entries: Sequence[Mapping[str, Any]] = content["entries"]  # type: ignore[assignment] # as `seal` wrote it
    if not entries:
        return None, []
    rows = [(each["index"], each["entry"], each["disclosed"]) for each in entries]
    hashes = {
        str(shown["value"])
        for each in entries
        for name, shown in each["disclosed"].items()
        if name.endswith(ledger_known.HASH_FIELD)
    }
    files: Sequence[Mapping[str, str]] = content.get("files", [])  # type: ignore[assignment] # older ones have none
    scans = {each["sha256"]: b64decode(each["data"]) for each in files}
    return _fitting(workspace_id, rows, signup.shown_by_hash(workspace_id, hashes) | scans)


def _fitting(
    workspace_id: int,
    rows: Sequence[tuple[int, str, Mapping[str, Mapping[str, Value]]]],
    files: Mapping[str, bytes],
) -> tuple[Bundle | None, list[str]]:
    """The largest files go first until the rest is no more than a verifier reads."""
    largest_first = sorted(files, key=lambda name: (-len(files[name]), name))
    for left_out in range(len(largest_first) + 1):
        attachments = {name: files[name] for name in largest_first[left_out:]}
        try:
            proof = ledger_known.bundle_of_opened(workspace_id, rows, attachments=attachments)
        except ledger_known.TooMuchToProve:
            continue
        return proof, largest_first[:left_out]
    return None, []


def _asked(request: Unsealing) -> dict[str, Value]:
    return {
        "reason": request.reason,
        "asked_by": _staff(request.asked_by),
        "hold_id_sha256": _hashed(request.hold_id),
    }


def _record(workspace_id: int, kind: str, said: Mapping[str, Value], now: datetime) -> None:
    ledger.record_act(workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now)


def _staff(staff_id: int | None) -> str:
    return f"staff:{staff_id}"


def _hashed(hold_id: UUID) -> str:
    return hashlib.sha256(str(hold_id).encode()).hexdigest()
