"""Somebody presses to ask people again: those whose consent ends soon, or of whom nothing was heard for long.

One question each, while the consent still holds; who was asked since their last yes is not asked twice, and
silence ends what was asked about (LAW.md sections 3 and 6). Door: `services`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as deliveries
from shodaku.delivery.domain import NewMailing, Question
from shodaku.journeys.domain import NotAsked, answer_until, ends_soon_before, silent_before
from shodaku.journeys.letters import Ending, Silence, question, renewal
from shodaku.journeys.reconfirming import mailing_of, plan_question
from shodaku.kit import db
from shodaku.policy.domain import Ads, MessageClass, Permit

GONE: Final = "GONE"

_sql = db.Statements("shodaku.journeys")


@dataclass(frozen=True, slots=True)
class _Due:
    """The columns of list_due.sql."""

    contact_id: int
    sender_id: int
    silent_ids: list[int]
    ending_ids: list[int]
    ends_at: list[datetime]
    agreed_at: datetime
    locale: str | None

    @property
    def topic_ids(self) -> list[int]:
        """What ends soon is asked about first: one question at a time."""
        return self.ending_ids or self.silent_ids


def why_not_asked(workspace_id: int, contact_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Of each of these people who would not be asked now: a NotAsked, or the answer of the gate."""
    due = _due(workspace_id, contact_ids, now)
    by_sender: dict[int, list[int]] = {}
    for each in due.values():
        if each.topic_ids:
            by_sender.setdefault(each.sender_id, []).append(each.contact_id)
    refused = {
        judged.contact_id: judged.verdict.reason.value
        for sender_id, people in by_sender.items()
        for judged in deliveries.verdicts(workspace_id, _question(sender_id), people, now=now)
        if not isinstance(judged.verdict, Permit)
    }
    asked = {each.contact_id: NotAsked.ASKED.value for each in due.values() if not each.topic_ids}
    others = {each: NotAsked.NOT_DUE.value for each in contact_ids if each not in due}
    return others | asked | refused


def ask_again(workspace_id: int, contact_id: int, *, now: datetime) -> str | None:
    """Ask one person; None: asked. Otherwise a NotAsked, the answer of the gate, or GONE."""
    with db.transaction(workspace_id):
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return GONE
        due = _due(workspace_id, [contact_id], now).get(contact_id)
        if due is None:
            return NotAsked.NOT_DUE.value
        if not due.topic_ids:
            return NotAsked.ASKED.value
        language, mailing, until = _letter(workspace_id, due, now)
        verdict, _facts = deliveries.verdict(workspace_id, contact_id, mailing.question, now=now)
        if not isinstance(verdict, Permit):
            return verdict.reason.value
        renews = bool(due.ending_ids)
        plan_question(mailing, contact_id, due.topic_ids, language, until, renews=renews, now=now)
        return None


def asked_since(workspace_id: int, contact_ids: Sequence[int], since: datetime) -> set[int]:
    with db.transaction(workspace_id):
        return set(_sql.scalars("list_asked_since", contact_ids=list(contact_ids), since=since))


def _due(workspace_id: int, contact_ids: Sequence[int], now: datetime) -> dict[int, _Due]:
    months = deliveries.rule_choice(workspace_id).rules.stale_months
    with db.transaction(workspace_id):
        found = _sql.rows(
            "list_due",
            _Due,
            contact_ids=list(contact_ids),
            ends_before=ends_soon_before(now),
            silent_before=silent_before(now, months),
            now=now,
        )
    return {each.contact_id: each for each in found}


def _question(sender_id: int) -> Question:
    return Question(
        message_class=MessageClass.RECONFIRM,
        ads=Ads.NONE,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=sender_id,
    )


def _letter(workspace_id: int, due: _Due, now: datetime) -> tuple[str, NewMailing, datetime]:
    """Language, mail and until when it can be answered. A sender stays as long as its topics do."""
    sender, workspace = accounts.sender(workspace_id, due.sender_id), accounts.workspace(workspace_id)
    if sender is None or workspace is None:
        raise LookupError(due.sender_id)
    zone, language = ZoneInfo(workspace.timezone), due.locale or workspace.locale
    topics = {each.topic_id: each for each in consents.topics(workspace_id)}
    agreed_at, mail_order = due.agreed_at.astimezone(zone), workspace.b2c_mail_order
    if due.ending_ids:
        endings = [
            Ending(topics[topic_id], ends_at.astimezone(zone))
            for topic_id, ends_at in zip(due.ending_ids, due.ends_at, strict=True)
        ]
        letter = renewal(sender, endings, agreed_at, language, mail_order=mail_order)
        return language, mailing_of(letter, sender.sender_id), max(due.ends_at)
    months, until = deliveries.rule_choice(workspace_id).rules.stale_months, answer_until(now)
    silence = Silence(agreed_at, until.astimezone(zone), months)
    asked_about = [topics[topic_id] for topic_id in due.silent_ids]
    letter = question(sender, asked_about, silence, language, mail_order=mail_order)
    return language, mailing_of(letter, sender.sender_id), until
