"""Rows of `read_facts.sql` as the facts that the gate decides from: for worker, preflight and explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from shodaku.consent.domain import Consent, ConsentState, Flaw, Frequency, Period
from shodaku.contacts.domain import Channel, honorific
from shodaku.delivery.domain import MailingState, Question
from shodaku.policy.domain import (
    NOTHING,
    Ads,
    Bases,
    CampaignState,
    MessageClass,
    MessageFacts,
    OtherConsent,
    PersonFacts,
    Published,
    head_fault,
)
from shodaku.suppression.domain import Refusal, Scope

FENCE_OPEN: Final = "open"
_NEVER: Final = Consent()
_CAMPAIGN_STATES: Final = {
    MailingState.RUNNING: CampaignState.RUNNING,
    MailingState.PAUSED: CampaignState.PAUSED,
    MailingState.CANCELLED: CampaignState.CANCELLED,
    MailingState.DONE: CampaignState.CANCELLED,  # nothing of it is waited for any more
}


class FactsRow(NamedTuple):
    """The columns of read_facts.sql, in their order."""

    contact_id: int
    wire: str | None
    value: str | None
    invalid: bool
    erased_at: datetime | None
    scopes: list[str] | None
    topic_ids: list[int | None] | None
    untils: list[datetime | None] | None
    refused_ats: list[datetime] | None
    state: str | None
    since: datetime | None
    confirmed: bool | None
    expires_at: datetime | None
    last_contact_at: datetime | None
    entry_id: int | None
    flaw: str | None
    other_consent: str | None
    last_sent_at: datetime | None
    sent_in_window: int | None
    asked_at: datetime | None
    reconfirm_asked_at: datetime | None
    form_entry_at: datetime | None
    kinds: list[str] | None
    basis_ats: list[datetime] | None
    refusing: list[bool] | None


class NameRow(NamedTuple):
    """The columns of lock_contacts.sql: held until the commit, as the facts are."""

    contact_id: int
    family_name: str | None
    given_name: str | None
    company: str | None


@dataclass(frozen=True, slots=True)
class MailingRow:
    """The columns of get_mailing.sql."""

    mailing_id: int
    kind: str
    message_class: str
    ads: str
    promotional: bool
    topic_id: int | None
    channel: str
    sender_id: int
    week: date
    subject: str
    text: str
    html: str | None
    links: list[str]
    subject_id: int
    frequency_max: int | None
    frequency_per: str | None
    double_opt_in: bool
    display_name: str
    formal_name: str
    from_address: str
    mail_domain: str
    b2c_mail_order: bool

    @property
    def question(self) -> Question:
        promised = None
        if self.frequency_max is not None and self.frequency_per is not None:
            promised = Frequency(self.frequency_max, Period(self.frequency_per))
        return Question(
            message_class=MessageClass(self.message_class),
            ads=Ads(self.ads),
            topic_id=self.topic_id,
            channel=Channel(self.channel),
            sender_id=self.sender_id,
            subject=self.subject,
            frequency=promised,
            double_opt_in=self.double_opt_in,
        )


@dataclass(frozen=True, slots=True)
class SenderRow:
    """What the gate asks about who sends; a part of get_mailing.sql and get_sender_facts.sql."""

    from_address: str
    mail_domain: str
    b2c_mail_order: bool


def message_facts(
    question: Question, sender: SenderRow | MailingRow, state: MailingState, *, gate_closed: bool
) -> MessageFacts:
    """The same for everybody in the chunk."""
    return MessageFacts(
        channel=question.channel,
        message_class=question.message_class,
        topic_id=question.topic_id,
        ads=question.ads,
        double_opt_in=question.double_opt_in,
        mail_order=sender.b2c_mail_order,
        head_fault=head_fault(
            question.subject,
            sender.from_address.rpartition("@")[2],
            [sender.mail_domain],
            is_reply=question.message_class is MessageClass.REPLY,
        ),
        display_missing=(),  # content.services.freeze lets no message through that lacks anything
        gate_closed=gate_closed,
        campaign_state=_CAMPAIGN_STATES[state],
        complaint_rate_stop=False,
        open_pixel=False,  # no message of ours has one
    )


def facts_parameters(question: Question, now: datetime) -> dict[str, object]:
    """Parameters of read_facts.sql but for the people."""
    counted_after = question.frequency.counted_after(now) if question.frequency else None
    return {
        "channel": question.channel.value,
        "topic_id": question.topic_id,
        "sender_id": question.sender_id,
        "now": now,
        "counted_after": counted_after,
        "asks": question.message_class is MessageClass.CONSENT_REQUEST,
        "reconfirms": question.message_class is MessageClass.RECONFIRM,
    }


def person_facts(row: FactsRow, promised: Frequency | None) -> PersonFacts:
    return PersonFacts(
        contact_id=row.contact_id,
        address_invalid=row.invalid,
        erased_at=row.erased_at,
        refusals=_refusals(row) if row.scopes else (),
        consent=_consent(row, row.state) if row.state else _NEVER,
        other_consent=OtherConsent(row.other_consent) if row.other_consent else None,
        last_sent_at=row.last_sent_at,
        sent_in_window=row.sent_in_window or 0,
        sent_in_window_max=promised.max if promised else None,
        asked_at=row.asked_at,
        reconfirm_asked_at=row.reconfirm_asked_at,
        quiet_until=None,  # mail wakes nobody; quiet hours are of the channel sms
        form_entry_at=row.form_entry_at,
        bases=_bases(row) if row.kinds else NOTHING,
    )


def merge_values(name: NameRow, row: FactsRow) -> Mapping[str, str]:
    """A value for every merge field that a template may have."""
    return {
        "name": honorific(name.family_name, name.given_name, name.company),
        "family_name": name.family_name or "",
        "given_name": name.given_name or "",
        "company": name.company or "",
        "address": row.value or "",
    }


def _consent(row: FactsRow, state: str) -> Consent:
    return Consent(
        ConsentState(state),
        row.since,
        confirmed=bool(row.confirmed),
        expires_at=row.expires_at,
        last_contact_at=row.last_contact_at,
        entry_id=row.entry_id,
        flaw=Flaw(row.flaw) if row.flaw else None,
    )


def _refusals(row: FactsRow) -> tuple[Refusal, ...]:
    columns = (row.scopes or [], row.refused_ats or [], row.topic_ids or [], row.untils or [])
    return tuple(
        Refusal(Scope(scope), at, topic_id, until)
        for scope, at, topic_id, until in zip(*columns, strict=True)
    )


def _bases(row: FactsRow) -> Bases:
    """Kinds as `imports` records them; the latest of a kind counts, and no kind that nobody knows."""
    columns = (row.kinds or [], row.basis_ats or [], row.refusing or [])
    found = {kind: (at, refuses) for kind, at, refuses in zip(*columns, strict=True)}
    card, relationship, published = (
        found.get(kind) for kind in ("business_card", "relationship", "published")
    )
    shown = Published.REFUSING if published and published[1] else Published.BY_BUSINESS
    return Bases(
        card_at=card[0] if card else None,
        card_refuses=card[1] if card else False,
        purchase_at=relationship[0] if relationship else None,
        published=shown if published else None,
    )
