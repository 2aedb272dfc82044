"""A look at an audience while somebody waits: how many are named, and about how many may be written to.

Up to `LOOKED_AT_MAX` people it is exact; of more, people from all over the audience are asked about, and the
answer is an estimate. Nothing is counted without an end. Door: `selectors`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import psycopg
from psycopg import Cursor
from psycopg.rows import scalar_row, tuple_row

from shodaku.contacts.domain import Channel
from shodaku.delivery.audience import PAGE_PEOPLE, Judgement, Span, audience_size, judgements
from shodaku.delivery.domain import Condition, Question
from shodaku.delivery.services import composed, merged
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.policy.domain import Permit

LOOKED_AT_MAX: Final = 5_000
NAMED_MAX: Final = 100_000  # people; beyond it, it is "more than"
SAMPLE_PEOPLE: Final = 20
_AN_END: Final = "SET LOCAL statement_timeout = '3s'"
_SPANS: Final = 10  # each with one slice of SLICE_PEOPLE, so LOOKED_AT_MAX altogether

_sql = db.Statements("shodaku.delivery")


class GlanceTooLong(ShodakuError):
    """Counting these people takes more than 3 seconds; the check before sending does it in the background."""

    code = "glance_too_long"


@dataclass(frozen=True, slots=True)
class Glance:
    """People with an address of the channel. `sendable` is of `looked_at`, who are all of them if `exact`."""

    named: int
    more: bool  # counting ended at `named`
    looked_at: int = 0
    sendable: int = 0
    sample: tuple[Judgement, ...] = field(default=())  # from all over those who were looked at

    @property
    def exact(self) -> bool:
        return not self.more and self.looked_at == self.named

    @property
    def about_sendable(self) -> int:
        """Of all who are named, as far as those tell who were looked at."""
        return round(self.named * self.sendable / self.looked_at) if self.looked_at else 0


def glance(workspace_id: int, question: Question, chosen: Condition, *, now: datetime) -> Glance:
    """Raises GlanceTooLong, SenderUnknown, DatabaseAway."""
    named = _named(workspace_id, question, chosen)
    spans = [Span()] if named <= LOOKED_AT_MAX else _spread(workspace_id)
    judged: list[Judgement] = []
    for span in spans:
        for people in judgements(workspace_id, question, chosen, now=now, span=span):
            judged += people
            if len(spans) > 1 or len(judged) >= LOOKED_AT_MAX:
                break
    judged = judged[:LOOKED_AT_MAX]
    return Glance(
        min(named, NAMED_MAX),
        named > NAMED_MAX,
        len(judged),
        sum(isinstance(each.verdicts[0], Permit) for each in judged),
        _sample(judged),
    )


def named(
    workspace_id: int, channel: Channel, chosen: Condition, *, after: int = 0, rows_max: int = PAGE_PEOPLE
) -> list[int]:
    """A page of those who are named and have an address of the channel, sendable or not.

    Numbers ascend; `after` is the last one of the page before. Raises GlanceTooLong.
    """
    values = {
        "workspace_id": workspace_id, "channel": channel.value, "after": after, "until": Span().until,
        "rows_max": rows_max,
    }  # fmt: skip
    statement = composed(_sql.text("list_audience"), chosen.sql)
    try:
        with (
            db.transaction(workspace_id),
            Cursor(db.connection(), row_factory=scalar_row) as cursor,
        ):
            cursor.execute(_AN_END)
            return cursor.execute(statement, merged(values, chosen)).fetchall()
    except psycopg.errors.QueryCanceled as slow:
        raise GlanceTooLong from slow


def _named(workspace_id: int, question: Question, chosen: Condition) -> int:
    """One more than NAMED_MAX for whatever is more. Raises GlanceTooLong."""
    try:
        with db.transaction(workspace_id), Cursor(db.connection()) as cursor:
            cursor.execute(_AN_END)
            return audience_size(workspace_id, question, chosen, people_max=NAMED_MAX + 1)
    except psycopg.errors.QueryCanceled as slow:
        raise GlanceTooLong from slow


def _sample(judged: list[Judgement]) -> tuple[Judgement, ...]:
    """As far apart as they can be."""
    people = min(SAMPLE_PEOPLE, len(judged))
    return tuple(judged[len(judged) * number // people] for number in range(people))


def _spread(workspace_id: int) -> list[Span]:
    """Ranges of one length from the first contact to the last."""
    with db.transaction(workspace_id), Cursor(db.connection(), row_factory=tuple_row) as cursor:
        row = cursor.execute(_sql.text("get_contact_span"), {"workspace_id": workspace_id}).fetchone()
    first, last = row if row is not None else (None, None)
    if first is None or last is None:
        return []
    step = max(1, -(-(last - first + 1) // _SPANS))
    return [Span(after - 1, after - 1 + step) for after in range(first, last + 1, step)]
