"""A mail out of a mailbox is handed to whoever acts on it; one that breaks a program holds up no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.kit import log
from shodaku.optout.domain import Heard
from shodaku.optout.hurry import AWAY
from shodaku.optout.receiving import receive_mail, show_unread
from shodaku.optout.whose import addressed_workspace


@dataclass(frozen=True, slots=True)
class Polled:
    handled: int = 0
    unread: int = 0  # shown to a human: no program here reads them


def hand_in(workspace_id: int, raw: bytes, now: datetime) -> Heard | None:
    """None: a human has to look at it, where it lies. Raises one of AWAY."""
    try:
        return receive_mail(addressed_workspace(raw) or workspace_id, raw, now)
    except AWAY:
        raise
    except Exception as fault:  # noqa: BLE001 - a mail that breaks a program must not hold up those behind it
        log.info("optout.mail_failed", error=type(fault).__name__)
        show_unread(workspace_id, raw, now)
        return None


def show_refused(workspace_id: int, place: str, now: datetime) -> None:
    """A mail that the mailbox does not hand out: `place` tells it from the others there."""
    show_unread(workspace_id, f"{workspace_id}/{place}".encode(), now)
