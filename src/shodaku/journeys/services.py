"""The clocks of consents: what they may do is chosen here, what is late is noted, who is silent is asked."""

from __future__ import annotations

import os
from datetime import datetime

from shodaku.delivery import selectors as delivery
from shodaku.journeys.asking_again import GONE, ask_again, asked_since, why_not_asked
from shodaku.journeys.domain import (
    WELCOME_LOOKED_BACK,
    Counted,
    Late,
    first_issue_due_before,
    silent_before,
    welcome_due_before,
)
from shodaku.journeys.reconfirming import ask_silent, carry_on, end_unanswered, read_link
from shodaku.kit import db, log
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

__all__ = [
    "GONE",
    "ask_again",
    "ask_silent",
    "asked_since",
    "carry_on",
    "choose",
    "end_unanswered",
    "forget",
    "note",
    "note_late",
    "note_welcomes",
    "read_link",
    "why_not_asked",
]

CHOSEN = "admin.clocks"

_sql = db.Statements("shodaku.journeys")


def choose(workspace_id: int, *, asks: bool, forgets: bool, by: str, now: datetime) -> int:
    """What the clocks may do from here on; the entry's number. Raises VaultAway."""
    said: dict[str, Value] = {"asks": asks, "forgets": forgets, "by": by}
    with db.transaction(workspace_id):
        event_id = uuid7(now, os.urandom(10))
        entry_id = ledger.record_act(workspace_id, CHOSEN, said, event_id=event_id, now=now)
        _sql.run("upsert_choice", asks=asks, forgets=forgets, entry_id=entry_id, now=now)
        return entry_id


def note_welcomes(workspace_id: int, *, now: datetime) -> int:
    """Welcomes that did not leave in time; how many people wait for one (PP-01)."""
    rules = delivery.rule_choice(workspace_id).rules
    with db.transaction(workspace_id):
        found = _sql.rows(
            "measure_welcome_late",
            Counted,
            after=now - WELCOME_LOOKED_BACK,
            due_before=welcome_due_before(now, rules.welcome_hours),
        )
    return note(workspace_id, Late.WELCOME_LATE, found, now=now)


def note_late(workspace_id: int, *, now: datetime) -> int:
    """First issues that are overdue (PP-01), and who is silent for too long (PP-02); how many people."""
    rules = delivery.rule_choice(workspace_id).rules
    silent = silent_before(now, rules.stale_months)
    with db.transaction(workspace_id):
        first = _sql.rows(
            "measure_first_late",
            Counted,
            after=silent,
            due_before=first_issue_due_before(now, rules.first_issue_days),
            now=now,
        )
        quiet = _sql.rows("measure_silent", Counted, silent_before=silent, now=now)
    late = note(workspace_id, Late.FIRST_MAIL_LATE, first, now=now)
    return late + note(workspace_id, Late.SILENT, quiet, now=now)


def note(workspace_id: int, kind: Late, found: list[Counted], *, now: datetime) -> int:
    """What a clock found now takes the place of what it found before; how many people it is."""
    with db.transaction(workspace_id):
        _sql.run("delete_warnings", kind=kind, topic_ids=[each.topic_id for each in found])
        for each in found:
            _sql.run(
                "upsert_warning",
                kind=kind,
                topic_id=each.topic_id,
                people=each.people,
                oldest_at=each.oldest_at,
                now=now,
            )
    people = sum(each.people for each in found)
    if people:
        log.info("clocks.late", workspace=workspace_id, kind=kind.value, people=people)
    return people


def forget(contact_id: int) -> dict[str, int]:
    """Delete all rows about the person; rows per table."""
    return {"reconfirmation": _sql.run("delete_reconfirmations", contact_id=contact_id)}
