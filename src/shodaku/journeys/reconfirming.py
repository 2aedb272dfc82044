"""After a long silence one mail asks whether to go on: it is sent, answered, or its term ends the consent.

An unanswered question is no contact, and no second one follows it (LAW.md sections 3 and 6, PP-02).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Method, add_months
from shodaku.consent.selectors import Topic
from shodaku.consent.services import EventKind, NewEvent
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.journeys import selectors
from shodaku.journeys.domain import (
    Answer,
    CarriedOn,
    Over,
    Pressed,
    State,
    Unknown,
    answer_until,
    ends_unanswered,
    silent_before,
)
from shodaku.journeys.letters import Letter, Silence, question
from shodaku.kit import db, log, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act, KeyDestroyed
from shodaku.policy.domain import Ads, MessageClass, Permit

ASKED_A_RUN_MAX: Final = 500  # of one workspace in a day: a relay that was quiet for a year is not flooded
ROWS_MAX: Final = 200

_sql = db.Statements("shodaku.journeys")


@dataclass(frozen=True, slots=True)
class _Silent:
    """The columns of list_silent.sql."""

    contact_id: int
    sender_id: int
    topic_ids: list[int]
    agreed_at: datetime
    last_own_at: datetime
    locale: str | None


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """The columns of list_unanswered.sql."""

    contact_id: int
    reconfirmation_id: int
    topic_ids: list[int]
    mailing_id: int | None
    asked_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Renewable:
    topic_id: int
    last_own_at: datetime


def ask_silent(workspace_id: int, *, now: datetime) -> int:
    """Ask those of whom nothing was heard, nor sent to, for months; how many. Only where it is switched on.

    The gate is asked now and, as for every mail, when it leaves: here so that nobody is written down as asked
    whom it would refuse.
    """
    if not selectors.choice(workspace_id).asks:
        return 0
    asked = 0
    for silent in _silent(workspace_id, now):
        asked += _ask(workspace_id, silent.contact_id, now)
        if asked >= ASKED_A_RUN_MAX:
            break
    return asked


def read_link(text: str) -> Token | None:
    """The token of a link that asks whether to go on; None for anything else."""
    return LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs).read_url(text, Purpose.ASK)


def carry_on(text: str, pressed: Pressed, now: datetime) -> Answer:
    """The person pressed "continue". Raises VaultAway."""
    link = read_link(text)
    if link is None:
        return Unknown()
    with db.transaction(link.workspace_id):
        try:
            contacts.lock(link.contact_id)
        except ContactGone:
            return Unknown()
        asked = selectors.reconfirmation(link.workspace_id, link.contact_id, link.subject_id)
        if asked is None:
            return Unknown()
        standing = _renewable(asked.contact_id, asked.topic_ids, now)
        if asked.state != State.ASKED or not standing:
            return Over(answered=asked.state == State.ANSWERED)
        return _carry_on(link.workspace_id, asked, [each.topic_id for each in standing], pressed, now)


def end_unanswered(workspace_id: int, *, now: datetime) -> int:
    """Nobody answered within the term: what was asked about ends; how many people. Raises VaultAway.

    It is what the mail said, so it happens whether or not the workspace still asks others.
    """
    ended = 0
    for each in _unanswered(workspace_id, now):
        if each.left_at is None:
            _never_asked(workspace_id, each, now)
        elif ends_unanswered(answer_until(each.asked_at), each.left_at, now):
            ended += _end(workspace_id, each, now)
    return ended


def _silent(workspace_id: int, now: datetime) -> Iterator[_Silent]:
    after = 0
    while page := _list_silent(workspace_id, now, after=after):
        yield from page
        after = page[-1].contact_id


def _list_silent(
    workspace_id: int, now: datetime, *, after: int = 0, contact_id: int | None = None
) -> list[_Silent]:
    months = deliveries.rule_choice(workspace_id).rules.stale_months
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_silent",
            _Silent,
            silent_before=silent_before(now, months),
            after=after,
            contact_id=contact_id,
            now=now,
            rows_max=ROWS_MAX,
        )


def _ask(workspace_id: int, contact_id: int, now: datetime) -> bool:
    with db.transaction(workspace_id):
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return False
        silent = next(iter(_list_silent(workspace_id, now, contact_id=contact_id)), None)
        mailing = None if silent is None else _mailing(workspace_id, silent, now)
        if silent is None or mailing is None:
            return False
        verdict, _facts = deliveries.verdict(workspace_id, contact_id, mailing.question, now=now)
        if not isinstance(verdict, Permit):
            return False
        language = _language(workspace_id, silent.locale)
        plan_question(mailing, contact_id, silent.topic_ids, language, answer_until(now), now=now)
        return True


def plan_question(
    mailing: NewMailing,
    contact_id: int,
    topic_ids: Sequence[int],
    language: str,
    until: datetime,
    *,
    renews: bool = False,
    now: datetime,
) -> None:
    """The mail that asks, and the row that its answer is about, in the open transaction."""
    reconfirmation_id: int = _sql.scalar(
        "insert_reconfirmation",
        contact_id=contact_id,
        topic_ids=list(topic_ids),
        locale=language,
        now=now,
        answer_until=until,
        renews=renews,
    )
    planned = replace(mailing, subject_id=reconfirmation_id)
    _sql.run(
        "update_mailing",
        contact_id=contact_id,
        reconfirmation_id=reconfirmation_id,
        mailing_id=delivery.plan_one(planned, contact_id, now=now),
    )


def _mailing(workspace_id: int, silent: _Silent, now: datetime) -> NewMailing | None:
    sender = accounts.sender(workspace_id, silent.sender_id)
    workspace = accounts.workspace(workspace_id)
    if sender is None or workspace is None:
        return None
    zone, months = ZoneInfo(workspace.timezone), deliveries.rule_choice(workspace_id).rules.stale_months
    letter = question(
        sender,
        _topics(workspace_id, silent.topic_ids),
        Silence(silent.agreed_at.astimezone(zone), answer_until(now).astimezone(zone), months),
        _language(workspace_id, silent.locale),
        mail_order=workspace.b2c_mail_order,
    )
    return mailing_of(letter, sender.sender_id)


def mailing_of(letter: Letter, sender_id: int) -> NewMailing:
    """At most once, for the law allows one: what may have left is never sent again."""
    return NewMailing(
        kind=MailingKind.RECONFIRM,
        message_class=MessageClass.RECONFIRM,
        ads=Ads.NONE,
        promotional=True,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=sender_id,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
    )


def _language(workspace_id: int, locale: str | None) -> str:
    workspace = accounts.workspace(workspace_id)
    return locale or (workspace.locale if workspace else "ja")


def _topics(workspace_id: int, topic_ids: Sequence[int]) -> list[Topic]:
    return [each for each in consents.topics(workspace_id) if each.topic_id in topic_ids]


def _renewable(contact_id: int, topic_ids: Sequence[int], now: datetime) -> list[_Renewable]:
    return _sql.rows("list_renewable", _Renewable, contact_id=contact_id, topic_ids=list(topic_ids), now=now)


def _carry_on(
    workspace_id: int,
    asked: selectors.Reconfirmation,
    topic_ids: Sequence[int],
    pressed: Pressed,
    now: datetime,
) -> CarriedOn:
    """The person's yes renews the last contact. A promised end stays the day that was promised, unless they
    were asked for another term.
    """
    topics = _topics(workspace_id, topic_ids)
    ends = {each.topic_id: _next_end(each, now) for each in topics} if asked.renews else {}
    until: list[Value] = [_instant(end) for end in ends.values() if end is not None]
    seen = {"url": pressed.url, "ip": pressed.ip, "browser": pressed.browser}
    fields: dict[str, Value] = {
        "method": Method.CARRY_ON.value,
        "topics": [each.title(asked.locale) for each in topics],
        "topic_ids": [str(each.topic_id) for each in topics],
        "frequency": [str(each.frequency) for each in topics],
        "channel": Channel.EMAIL.value,
        "asked_at": _instant(asked.asked_at),
        **({"until": until} if until else {}),
        **{name: value for name, value in seen.items() if value},
    }
    event_id = _event_id(now)
    entry_id = ledger.append(Act(asked.contact_id, event_id, Kind.CONSENT_RECONFIRMED, now, fields))
    consent.record(
        [
            replace(
                _event(asked.contact_id, topic_id, EventKind.RECONFIRMED, event_id, entry_id, now),
                expires_at=ends.get(topic_id),
            )
            for topic_id in topic_ids
        ]
    )
    _close(asked.contact_id, asked.reconfirmation_id, State.ANSWERED, now)
    return CarriedOn(entry_id, now, tuple(each.title(asked.locale) for each in topics))


def _next_end(topic: Topic, now: datetime) -> datetime | None:
    """The end of a yes that is given now; None: the topic promises none."""
    return add_months(now, topic.valid_months) if topic.valid_months else None


def _unanswered(workspace_id: int, now: datetime) -> Iterator[_Unanswered]:
    after = (0, 0)
    while page := _list_unanswered(workspace_id, now, after):
        yield from page
        after = (page[-1].contact_id, page[-1].reconfirmation_id)


def _list_unanswered(workspace_id: int, now: datetime, after: tuple[int, int]) -> list[_Unanswered]:
    contact_id, reconfirmation_id = after
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_unanswered",
            _Unanswered,
            now=now,
            after_contact=contact_id,
            after_id=reconfirmation_id,
            rows_max=ROWS_MAX,
        )


def _never_asked(workspace_id: int, each: _Unanswered, now: datetime) -> None:
    """The mail did not leave in its term, and must not any more: its link would answer nothing."""
    with db.transaction(workspace_id):
        if each.mailing_id is not None:
            delivery.cancel(workspace_id, each.mailing_id, now=now)
        _close(each.contact_id, each.reconfirmation_id, State.UNSENT, None)


def _end(workspace_id: int, each: _Unanswered, now: datetime) -> bool:
    """What the person said yes to once more since they were asked stays."""
    with db.transaction(workspace_id):
        try:
            contacts.lock(each.contact_id)
        except ContactGone:
            return False
        asked = selectors.reconfirmation(workspace_id, each.contact_id, each.reconfirmation_id)
        if asked is None or asked.state != State.ASKED:
            return False  # answered this very moment
        standing = _renewable(each.contact_id, each.topic_ids, now)
        over = [known.topic_id for known in standing if known.last_own_at < each.asked_at]
        if over:
            try:
                _expire(each, over, now)
            except KeyDestroyed:  # being erased this very minute
                return False
        _close(each.contact_id, each.reconfirmation_id, State.ENDED, None)
    if over:
        log.info("clocks.consent_ended", workspace=workspace_id, topics=len(over))
    return bool(over)


def _expire(each: _Unanswered, topic_ids: Sequence[int], now: datetime) -> None:
    fields: dict[str, Value] = {
        "method": Method.CLOCK.value,
        "topics": [str(topic_id) for topic_id in topic_ids],
        "channel": Channel.EMAIL.value,
        "reason": "reconfirmation unanswered",
        "asked_at": _instant(each.asked_at),
    }
    event_id = _event_id(now)
    entry_id = ledger.append(Act(each.contact_id, event_id, Kind.CONSENT_EXPIRED, now, fields))
    consent.record(
        [
            _event(each.contact_id, topic_id, EventKind.EXPIRED, event_id, entry_id, now)
            for topic_id in topic_ids
        ]
    )


def _event(
    contact_id: int, topic_id: int, kind: EventKind, event_id: UUID, entry_id: int, now: datetime
) -> NewEvent:
    return NewEvent(
        contact_id=contact_id,
        topic_id=topic_id,
        channel=Channel.EMAIL,
        kind=kind,
        method=Method.CARRY_ON if kind is EventKind.RECONFIRMED else Method.CLOCK,
        at=now,
        event_id=event_id,
        entry_id=entry_id,
    )


def _close(contact_id: int, reconfirmation_id: int, state: State, answered_at: datetime | None) -> None:
    _sql.run(
        "close_reconfirmation",
        contact_id=contact_id,
        reconfirmation_id=reconfirmation_id,
        state=state,
        answered_at=answered_at,
    )


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _event_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))
