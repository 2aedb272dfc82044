"""Of whom nobody knows whether a mail arrived: what came of it since, and what somebody decided about each.

The result itself never changes. A decision is a row beside it, one for each person for ever (docs/adr/0031).
Doors: `services`, `selectors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit import db

# What is older is no news any more; and a copy bounces within the 14 days in which a bounce is believed.
AGAIN_DAYS_MAX: Final = 7
DECIDED_AT_ONCE_MAX: Final = 1_000
UNCERTAIN_PAGE_ROWS: Final = 50

_sql = db.Statements("shodaku.delivery")


class Choice(StrEnum):
    ARRIVED = "arrived"  # counts as arrived
    AGAIN = "again"  # once more, through the whole gate


class Came(StrEnum):
    """What shows that it left us after all: each of it needs the mail to have reached a server."""

    REPORTED = "reported"  # as spam
    CLICKED = "clicked"
    OPENED = "opened"  # or a program looked at it
    RETURNED = "returned"  # it came back, or a server told of a delay


@dataclass(frozen=True, slots=True)
class Uncertain:
    contact_id: int
    at: datetime  # when it was tried
    clicked_at: datetime | None  # of who allows measuring, as the next
    opened_at: datetime | None
    complained_at: datetime | None
    returned_at: datetime | None
    choice: str | None  # a Choice; None: nobody decided
    chosen_at: datetime | None
    entry_id: int | None  # who decided, and why
    again_outcome: str | None  # a Result of the second time; None: not sent once more, or not yet
    again_reason: str | None
    again_at: datetime | None

    @property
    def came(self) -> tuple[Came, datetime] | None:
        """The strongest of what came since."""
        found = (
            (Came.REPORTED, self.complained_at),
            (Came.CLICKED, self.clicked_at),
            (Came.OPENED, self.opened_at),
            (Came.RETURNED, self.returned_at),
        )
        return next(((kind, at) for kind, at in found if at is not None), None)


@dataclass(frozen=True, slots=True)
class UncertainCount:
    """In people; `undecided` are those of `people` whom nobody decided about."""

    people: int
    arrived: int
    again: int
    seen: int  # of whom something came since, decided or not
    undecided: int
    silent: int  # may get it once more
    resting: int  # mailings, not people: second ones that are paused


def again_after(now: datetime) -> datetime:
    """What was tried before is not sent once more."""
    return now - timedelta(days=AGAIN_DAYS_MAX)


def uncertain(
    workspace_id: int,
    mailing_ids: Sequence[int],
    *,
    after: int | None = None,
    rows_max: int = UNCERTAIN_PAGE_ROWS,
) -> list[Uncertain]:
    """A page by ascending contact; `after` is the last one of the page before.

    Of mailings that share nobody: those of one campaign.
    """
    asked = {"mailing_ids": db.array(mailing_ids), "after": after or 0, "rows_max": rows_max}
    with db.transaction(workspace_id):
        return _sql.rows("list_uncertain", Uncertain, **asked)


def count_uncertain(workspace_id: int, mailing_ids: Sequence[int], *, now: datetime) -> UncertainCount:
    """Of mailings that share nobody."""
    after = again_after(now)
    with db.transaction(workspace_id):
        rows = [
            _sql.row("count_uncertain", UncertainCount, mailing_id=mailing_id, after=after)
            for mailing_id in mailing_ids
        ]
    known = [astuple(each) for each in rows if each is not None] or [(0,) * len(fields(UncertainCount))]
    return UncertainCount(*map(sum, zip(*known, strict=True)))


def undecided(
    mailing_id: int, contact_ids: Sequence[int] | None, choice: Choice, *, now: datetime
) -> list[int]:
    """Whom this may be decided about, at most DECIDED_AT_ONCE_MAX, in the open transaction.

    Of those named; None: of everybody.
    """
    return _sql.scalars(
        "list_undecided",
        mailing_id=mailing_id,
        contact_ids=None if contact_ids is None else db.array(contact_ids),
        silent=choice is Choice.AGAIN,
        after=again_after(now),
        rows_max=DECIDED_AT_ONCE_MAX,
    )


def note_choice(
    mailing_id: int,
    choice: Choice,
    contact_ids: Sequence[int],
    entry_ids: Sequence[int],
    *,
    again_id: int | None,
    now: datetime,
) -> None:
    """In the open transaction, which holds these people."""
    _sql.run(
        "insert_uncertain_choices",
        mailing_id=mailing_id,
        choice=choice,
        contact_ids=db.array(contact_ids),
        entry_ids=db.array(entry_ids),
        again_id=again_id,
        now=now,
    )
