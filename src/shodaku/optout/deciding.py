"""What a human makes of a message that no rule understood: a no after all, no refusal, or seen to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Final

from shodaku.consent.domain import Method
from shodaku.contacts import services as contacts
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.delivery.selectors import InboundRow
from shodaku.kit import db, log
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.optout import stopping
from shodaku.optout.domain import EVERYTHING, OptOut
from shodaku.suppression import services as suppression

DECIDED: Final = "admin.message.decided"
_WAYS: Final[Mapping[str, Method]] = {
    "mail": Method.REPLY,
    "sms": Method.SMS,
    "telephone": Method.TELEPHONE,
    "report": Method.COMPLAINT,
    "page": Method.PAGE,
}


class Decision(StrEnum):
    STOP = "stop"
    NOT_A_REFUSAL = "not_a_refusal"  # a pause that was only for safety ends
    ANSWERED = "answered"


class NobodyToStop(WrongUse):
    """Nobody known wrote this; write the address down as a no instead."""

    code = "nobody_to_stop"


def decide(workspace_id: int, message_no: int, decision: Decision, *, by: str, now: datetime) -> bool:
    """Take a message off the desk. False: there is no such message, or somebody has seen to it.

    Works while the key store is away. Raises NobodyToStop for a no of somebody who is not known.
    """
    message = delivery_known.open_message(workspace_id, message_no)
    if message is None:
        return False
    if decision is Decision.STOP:
        _stop(workspace_id, message, by, now)
    with db.transaction(workspace_id):
        if not delivery.answer_message(workspace_id, message_no, now=now):
            return False
        if decision is Decision.NOT_A_REFUSAL and message.contact_id is not None:
            _go_on(workspace_id, message.contact_id)
        entry_id = ledger.record_act_even_without_vault(
            workspace_id,
            DECIDED,
            {"message": str(message_no), "decision": decision.value, "by": by},
            event_id=uuid7(now, os.urandom(10)),
            now=now,
        )
        if entry_id is None:
            stopping.settle_later(workspace_id, now)
    log.info("optout.decided", workspace=workspace_id, decision=decision.value)
    return True


def _stop(workspace_id: int, message: InboundRow, by: str, now: datetime) -> None:
    if message.contact_id is None:
        raise NobodyToStop
    order = OptOut(
        workspace_id=workspace_id,
        contact_id=message.contact_id,
        scope=EVERYTHING.scope,
        via=_WAYS.get(message.via, Method.STAFF),
        by=by,
    )
    with suppress(ContactGone):  # erased since: nobody is left who could get anything
        stopping.opt_out(order, now)


def _go_on(workspace_id: int, contact_id: int) -> None:
    """What was held for safety goes on, unless another message of theirs has not been read yet."""
    with suppress(ContactGone):
        contacts.lock(contact_id)
        if not delivery_known.waits_for_human(workspace_id, contact_id):
            suppression.end_holds(contact_id)
