"""Switches in an app of the sender that were moved to off: obeyed at once, each press once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shodaku.consent import services as consent
from shodaku.consent.domain import AppScreen, Method
from shodaku.consent.services import KeyReused, Once
from shodaku.contacts import services as contacts
from shodaku.contacts.services import ContactGone
from shodaku.kit import db
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.stopping import opt_out_many


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    workspace_id: int
    contact_id: int
    topic_ids: Sequence[int]
    screen: AppScreen | None  # None: what its program called it is no name
    wording_version: int
    by: str  # which program tells it
    ip: str = ""


def switch_off(told: SwitchedOff, once: Once, now: datetime) -> bool:
    """It holds when this returns, also while the key store is away. False: this press was obeyed before.

    First obeyed, then noted: what ends between the two is obeyed once more, and that stops nothing new.
    Another no under a key that was used is obeyed too: a fault of a program costs nobody theirs.
    """
    with db.transaction(told.workspace_id):
        if consent.was_told(told.contact_id, once):
            return False
    opt_out_many([_no(told, topic_id) for topic_id in told.topic_ids], now)
    with suppress(ContactGone, KeyReused), db.transaction(told.workspace_id):
        contacts.lock(told.contact_id)
        consent.first_time(told.contact_id, once, now=now)
    return True


def _no(told: SwitchedOff, topic_id: int) -> OptOut:
    return OptOut(
        workspace_id=told.workspace_id,
        contact_id=told.contact_id,
        scope=OptOutScope.TOPIC,
        topic_id=topic_id,
        via=Method.APP,
        by=told.by,
        ip=told.ip,
        screen=told.screen,
        wording_version=told.wording_version,
    )
