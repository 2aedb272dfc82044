"""What was done of the mails in a mailbox that is read by POP3: their server marks nothing.

Doors: `delivery.services`, `delivery.selectors`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shodaku.kit import db

MAILS_MAX: Final = 20_000  # of one mailbox that are told apart

_sql = db.Statements("shodaku.delivery")


class MailState(StrEnum):
    TRIED = "tried"  # the connection broke over it
    DONE = "done"
    KEPT = "kept"  # a human has to read it, and finds it in the mailbox alone


@dataclass(frozen=True, slots=True)
class MailboxMail:
    mail: str  # digest of its lasting name
    state: str
    tries: int


def mailbox_mails(workspace_id: int, name: str) -> dict[str, MailboxMail]:
    """By digest; who is not among them is new."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_mailbox_mails", MailboxMail, name=name, rows_max=2 * MAILS_MAX)
    return {row.mail: row for row in rows}


def note_mailbox_mail(workspace_id: int, name: str, mail: str, state: MailState, *, now: datetime) -> int:
    """How many times it was noted by now."""
    with db.transaction(workspace_id):
        tries: int = _sql.scalar("upsert_mailbox_mail", name=name, mail=mail, state=state.value, now=now)
        return tries


def forget_mailbox_mails(workspace_id: int, name: str, listed: Collection[str]) -> None:
    """All but those that lie there still."""
    with db.transaction(workspace_id):
        _sql.run("delete_mailbox_mails_gone", name=name, listed=list(listed))
