"""Record and lift a no. Lifting is reserved for the person's own confirmed sign-up (signup.services)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shodaku.kit import db, log
from shodaku.kit.erasure_journal import LineKind
from shodaku.suppression import journaling
from shodaku.suppression.blocks import Block, block, blocked, blocks, unblock
from shodaku.suppression.domain import Scope
from shodaku.suppression.fence import FenceReason
from shodaku.suppression.journaling import Remembered, in_one_append, journal, mark_applied, silently
from shodaku.suppression.layers import Chain, PepperAhead, WrongPepper, check
from shodaku.suppression.layers import compare as compare_pepper
from shodaku.suppression.lists import Count, Taken, add, ask, bring_in, counts, take_out
from shodaku.suppression.marking import lift, suppress
from shodaku.suppression.peppering import (
    aligned,
    chain,
    convert,
    held,
    register,
    registered,
    require_room,
    with_fresh_pepper,
)
from shodaku.suppression.tokens import pepper, tokens, tokens_many

__all__ = [
    "Block",
    "Chain",
    "Count",
    "FenceReason",
    "NewRefusal",
    "PepperAhead",
    "Remembered",
    "Taken",
    "WrongPepper",
    "add",
    "aligned",
    "ask",
    "attach",
    "block",
    "blocked",
    "blocks",
    "bring_in",
    "chain",
    "check",
    "close_fence",
    "compact",
    "compare_pepper",
    "convert",
    "counts",
    "end_holds",
    "forget",
    "held",
    "in_one_append",
    "journal",
    "lift",
    "mark_applied",
    "note_paused",
    "open_fence",
    "pepper",
    "refuse",
    "register",
    "registered",
    "remember",
    "require_room",
    "silently",
    "suppress",
    "take_out",
    "tokens",
    "tokens_many",
    "unblock",
    "with_fresh_pepper",
]

_sql = db.Statements("shodaku.suppression")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefusal:
    contact_id: int
    scope: Scope
    at: datetime
    via: str
    event_id: UUID
    topic_id: int | None = None
    until: datetime | None = None
    entry_id: int | None = None
    mailing_id: int | None = None  # the mail whose link, button or answer said it


def refuse(refusals: Sequence[NewRefusal]) -> None:
    """What these people said, in the open transaction and under their locks; written to the journal too."""
    if not refusals:
        return
    _sql.run(
        "insert_refusals",
        contact_ids=db.array(each.contact_id for each in refusals),
        scopes=db.array(each.scope.value for each in refusals),
        topic_ids=db.array(each.topic_id for each in refusals),
        untils=db.array(each.until for each in refusals),
        ats=db.array(each.at for each in refusals),
        vias=db.array(str(each.via) for each in refusals),
        event_ids=db.array(each.event_id for each in refusals),
        entry_ids=db.array(each.entry_id for each in refusals),
        mailing_ids=db.array(each.mailing_id or None for each in refusals),
    )
    _count_causes([each for each in refusals if each.mailing_id])
    remember([_remembered(each) for each in refusals])


def _count_causes(refusals: Sequence[NewRefusal]) -> None:
    if not refusals:
        return
    _sql.run(
        "insert_causes",
        mailing_ids=db.array(each.mailing_id for each in refusals),
        scopes=db.array(each.scope.value for each in refusals),
        vias=db.array(str(each.via) for each in refusals),
        ats=db.array(each.at for each in refusals),
    )


def remember(acts: Sequence[Remembered]) -> None:
    """Acts about people that other rooms keep rows of, in the open transaction and after those rows: a
    restored database is told of them.
    """
    journaling.write(journaling.lines_about(acts))


def _remembered(refusal: NewRefusal) -> Remembered:
    said: dict[str, str | int] = {"scope": refusal.scope.value, "via": str(refusal.via)}
    if refusal.topic_id is not None:
        said["topic"] = refusal.topic_id
    if refusal.until is not None:
        said["until"] = refusal.until.astimezone(UTC).isoformat(timespec="microseconds")
    return Remembered(
        kind=LineKind.REFUSAL,
        contact_id=refusal.contact_id,
        at=refusal.at,
        event_id=refusal.event_id,
        said=said,
    )


def close_fence(reason: FenceReason) -> bool:
    """Nothing is sent from now on, for this reason too; opting out works. False: that was known.

    Outside of every transaction, so that it holds whatever becomes of the work of who noticed.
    """
    with db.transaction(None):
        closed = _sql.run("close_fence", reason=reason) == 1
    if closed:
        log.info("fence.closed", reason=reason.value)
    return closed


def open_fence(*reasons: FenceReason) -> bool:
    """These reasons are gone (all, if none is named); is it open now?

    `restored` and `behind` go only after a replay that was complete (optout.replaying), `copied` after
    somebody has stopped the other installation.
    """
    with db.transaction(None):
        _sql.run("open_fence", reasons=[each.value for each in reasons or FenceReason])
        state: str = _sql.scalar("get_fence")
    log.info("fence.opened" if state == "open" else "fence.still_closed")
    return state == "open"


def compact() -> int:
    """Lines that this database has without a gap become one number; how many rows went."""
    with db.transaction(None):
        _sql.run("raise_floor")
        return _sql.run("delete_applied")


def note_paused(mailing_ids: Sequence[int], *, now: datetime) -> None:
    """In the open transaction: these rest because the database was restored while they ran."""
    _sql.run("insert_paused", mailing_ids=list(mailing_ids), now=now)


def end_holds(contact_id: int) -> int:
    """Pauses that were for safety alone end, in the open transaction and under the contact's lock: a human
    has read what was meant. A pause that the person asked for stays.
    """
    return _sql.run("delete_holds", contact_id=contact_id)


def attach(entries: Mapping[UUID, int]) -> None:
    """Entries that had waited for the vault got their numbers."""
    _sql.run_many(
        "update_entry",
        [{"workspace_id": db.workspace(), "event_id": e, "entry_id": n} for e, n in entries.items()],
    )


def forget(contact_id: int) -> dict[str, int]:
    """Refusals belong to the person and go; tokens stay, for they are what keeps the promise."""
    return {"refusal": _sql.run("delete_refusals", contact_id=contact_id)}
