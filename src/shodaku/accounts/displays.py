"""What messages say of who sends them, in versions: another one whenever it changes.

Without Django, for processes that plan mailings and start without it; a door of the room for that reason.
"""

from __future__ import annotations

from datetime import datetime

from shodaku.kit import db

_sql = db.Statements("shodaku.accounts")


def keep_display(sender_id: int, *, now: datetime) -> int | None:
    """Number of what messages say now; None: there is no such sender.

    In the open transaction, until whose end nobody changes who sends.
    """
    _sql.scalar("hold_sender", sender_id=sender_id)
    _sql.run("keep_sender_version", sender_id=sender_id, now=now)
    version: int | None = _sql.scalar("newest_sender_version", sender_id=sender_id)
    return version
