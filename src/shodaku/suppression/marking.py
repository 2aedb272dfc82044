"""Marks are made and taken away, in the open transaction; each becomes a line of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shodaku.kit import db
from shodaku.kit.erasure_journal import LineKind
from shodaku.suppression import journaling
from shodaku.suppression.domain import NORM, Strength, Tokens
from shodaku.suppression.peppering import aligned

_sql = db.Statements("shodaku.suppression")


def suppress(pairs: Sequence[Tokens], reason: str, *, now: datetime, contact_id: int | None = None) -> int:
    """Never contact these addresses again, in the open transaction; how many tokens are new. Repeating is
    harmless.

    Of an opt-out that erases too, so it needs no pepper while nothing was rotated since the tokens were made.
    """
    epoch, readings = aligned(db.workspace(), pairs)
    marks = [pair for of_one in readings for pair in of_one]
    strict = [(pair.strict, Strength.STRICT.value) for pair in marks]
    broad = [(pair.broad, Strength.BROAD.value) for pair in marks if pair.broad != pair.strict]
    new = _sql.run(
        "insert_suppressions",
        tokens=db.array(token for token, _ in strict + broad),
        strengths=db.array(strength for _, strength in strict + broad),
        norm=NORM,
        epoch=epoch,
        reason=reason,
        now=now,
    )
    said: dict[str, str | int] = {"reason": reason}
    journaling.write(
        journaling.lines_of(LineKind.SUPPRESSION, marks, said, epoch=epoch, at=now, contact_id=contact_id)
    )
    return new


def lift(
    pair: Tokens, *, contact_id: int | None = None, event_id: UUID | None = None, now: datetime | None = None
) -> int:
    """The person opted in again and confirmed it: the only caller is signup.services.confirm_signup (promise
    7). `event_id` is that of their consent: without its entry a restored database does not lift. What a block
    marked stays: it is no one person's to lift.
    """
    epoch, (marks,) = aligned(db.workspace(), [pair])
    tokens = [token for each in marks for token in (each.strict, each.broad)]
    lifted = _sql.run("delete_suppressions", tokens=tokens)
    if lifted and event_id is not None and now is not None:
        lines = journaling.lines_of(
            LineKind.LIFT, marks, {}, epoch=epoch, at=now, contact_id=contact_id, event_id=event_id
        )
        journaling.write(lines)
    return lifted
