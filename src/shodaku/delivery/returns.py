"""What comes back after "accepted": bounces and complaints are counted, and messages wait for a human."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery.bounces.verdict import Judgement, Stage
from shodaku.delivery.feedback import (
    BOUNCE_DAYS_MAX,
    QUEUE_DAYS_MAX,
    BounceResult,
    FeedbackKind,
    bounce_kind,
    ends_address,
    limits,
)
from shodaku.delivery.restoring import note_ended
from shodaku.delivery.sources import outside
from shodaku.kit import db, log
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.services import Act, KeyDestroyed
from shodaku.policy.domain import rules

REPORTS_MAX = 5  # of one kind of one message: whoever holds one token fills no table with it
DISABLED = "address.disabled"  # kind of its ledger entry

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message that only a human understands; its words are in the sealed entry alone."""

    event_id: UUID
    via: str  # mail, sms, telephone, report or page
    contact_id: int | None  # None: from somebody who is not known here
    entry_id: int | None


def understand(raw: bytes) -> Judgement | None:
    """What a mail says of the message that it returns; None where it is no bounce. Total."""
    from shodaku.delivery.bounces.classify import classify  # noqa: PLC0415 - 0.1 s of patterns; few hear mail

    return classify(raw).judged


def understand_answer(status: str, answer: str, *, at_data_end: bool) -> Judgement:
    """What a server said, as a provider hands it on: its words count before the provider's own (BOUNCES.md
    section 7). Total.
    """
    from shodaku.delivery.bounces.judging import Evidence, judge  # noqa: PLC0415 - as above
    from shodaku.delivery.bounces.stages import stage_told  # noqa: PLC0415

    stage = Stage.DATA_END if at_data_end else stage_told(answer.lower())
    return judge(Evidence((answer,), status, stage))


def record_bounce(
    workspace_id: int,
    contact_id: int,
    mailing_id: int,
    status: str,
    *,
    at_data_end: bool,
    now: datetime,
    channel: Channel = Channel.EMAIL,
    kind: FeedbackKind | None = None,
    source: str = "",
) -> BounceResult:
    """Of a message whose token was proved; `mailing_id` is 0 where its token names none. `kind` where more
    than the status was understood; `source` is the machine that handed it in.

    A token shows no more than that somebody saw the message, so a bounce is never a refusal, and acts only
    within 14 days of a message that was handed over (BOUNCES.md section 2). Repeating it changes nothing.
    """
    kind = kind or bounce_kind(status, at_data_end=at_data_end)
    with db.transaction(workspace_id):
        if not _sent_lately(contact_id, mailing_id, channel, now) or not _known(contact_id):
            return BounceResult.NOBODY
        _insert(contact_id, kind, status, mailing_id, now)
        limit = limits(rules()["PR-06"].parameters)
        counted: int = _sql.scalar(
            "count_feedback",
            contact_id=contact_id,
            channel=channel,
            kind=kind,
            since=now - limit.window,
            arrived_before=now - timedelta(days=QUEUE_DAYS_MAX),
            now=now,
        )
        if not ends_address(kind, counted, limit):
            return BounceResult.COUNTED
        if not contacts.mark_invalid(contact_id, channel, status, now=now):
            return BounceResult.DISABLED
        if (machine := outside(source)) is not None:
            note_ended(contact_id, channel, machine, now=now)
        said = {"channel": channel.value, "status": status, "bounces": counted}
        with suppress(KeyDestroyed):  # being erased this very minute
            act = Act(contact_id, uuid7(now, os.urandom(10)), DISABLED, now, said)
            ledger.append_even_without_vault(act)
    log.info("delivery.address_disabled", workspace=workspace_id, status=status)
    return BounceResult.DISABLED


def record_feedback(
    workspace_id: int, contact_id: int, mailing_id: int, kind: FeedbackKind, status: str, *, now: datetime
) -> bool:
    """A report that is no bounce. False: nobody is left whom it is about."""
    with db.transaction(workspace_id):
        if not _known(contact_id):
            return False
        _insert(contact_id, kind, status, mailing_id, now)
        return True


def keep_message(message: NewMessage, *, now: datetime) -> None:
    """For a human, in the open transaction. The same message twice is one."""
    columns = {name: getattr(message, name) for name in NewMessage.__slots__}
    _sql.run("insert_inbound_message", now=now, **columns)


def answer_message(workspace_id: int, message_no: int, *, now: datetime) -> bool:
    """A human has seen to it. False: there is no such message, or it was answered."""
    with db.transaction(workspace_id):
        return _sql.run("update_message_answered", message_no=message_no, now=now) == 1


def attach(entries: Mapping[UUID, int]) -> None:
    """Entries that had waited for the vault got their numbers."""
    _sql.run_many(
        "update_message_entry",
        [{"workspace_id": db.workspace(), "event_id": e, "entry_id": n} for e, n in entries.items()],
    )


def _known(contact_id: int) -> bool:
    """Locks the person: of two bounces that come at once, one counts the other."""
    try:
        contacts.lock(contact_id)
    except ContactGone:
        return False
    return True


def _sent_lately(contact_id: int, mailing_id: int, channel: Channel, now: datetime) -> bool:
    return bool(
        _sql.scalar(
            "sent_lately",
            contact_id=contact_id,
            mailing_id=mailing_id,
            channel=channel,
            after=now - timedelta(days=BOUNCE_DAYS_MAX),
        )
    )


def _insert(contact_id: int, kind: FeedbackKind, status: str, mailing_id: int, now: datetime) -> None:
    _sql.run(
        "insert_feedback",
        reports_max=REPORTS_MAX,
        contact_id=contact_id,
        kind=kind,
        status=status,
        mailing_id=mailing_id,
        now=now,
    )
