"""A sender that nothing uses any more is put out of use, and taken back. Door: `services`.

Whether anything uses it, `console.offering` asks: topics and forms stand in rooms above.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shodaku.accounts import selectors
from shodaku.kit import db
from shodaku.kit.errors import WrongUse

SENDERS_MAX: Final = 50  # of a workspace, the retired ones too: the page for readers shows them all

_sql = db.Statements("shodaku.accounts")


class NoSuchSender(WrongUse):
    """There is no such sender here."""

    code = "no_such_sender"


class LastSender(WrongUse):
    """Somebody has to send: add another sender before this one is retired."""

    code = "last_sender"


class TooManySenders(WrongUse):
    """A workspace holds 50 senders; change one that exists, or make another workspace."""

    code = "too_many_senders"


def lock_senders() -> None:
    """In the open transaction: nobody adds a topic or a form to one, or retires one, until it ends."""
    _sql.scalars("lock_senders")


def put_out_of_use(workspace_id: int, sender_id: int, *, now: datetime) -> bool:
    """In the open transaction, with all senders locked; False: it was so. Raises NoSuchSender, LastSender."""
    kept = selectors.sender(workspace_id, sender_id)
    if kept is None:
        raise NoSuchSender
    if kept.retired_at is not None:
        return False
    if len(selectors.senders(workspace_id)) == 1:
        raise LastSender
    _sql.run("update_sender_retired", sender_id=sender_id, retired_at=now)
    return True


def take_into_use(workspace_id: int, sender_id: int) -> bool:
    """Offered again; False: it was in use. Raises NoSuchSender."""
    with db.transaction(workspace_id):
        lock_senders()
        kept = selectors.sender(workspace_id, sender_id)
        if kept is None:
            raise NoSuchSender
        _sql.run("update_sender_retired", sender_id=sender_id, retired_at=None)
        return kept.retired_at is not None


def require_room(workspace_id: int) -> None:
    """For one sender more. Raises TooManySenders."""
    if len(selectors.every_sender(workspace_id)) >= SENDERS_MAX:
        raise TooManySenders
