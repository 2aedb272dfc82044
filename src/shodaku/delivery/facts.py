"""Rows of `read_facts.sql` as the facts that the gate decides from: for worker, preflight and explain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any, Final, NamedTuple

from shodaku.consent.domain import (
    ACTIVE,
    OPEN_STAGES,
    REFUSAL_OFFERED,
    BasisKind,
    Consent,
    ConsentState,
    Flaw,
    Frequency,
    Period,
    add_months,
    consent_of,
    terms_of,
)
from shodaku.contacts.domain import Channel, ContactKind, age_years, honorific, zone_of
from shodaku.delivery.domain import STANDINGS, Exemption, MailingState, Question
from shodaku.policy.domain import (
    COMPLETE,
    NEWEST_IN_FORCE,
    NOTHING,
    About,
    Ads,
    Bases,
    CampaignState,
    DisplayReport,
    HeldConsent,
    MessageClass,
    MessageFacts,
    Occasion,
    Pack,
    PersonFacts,
    Published,
    Reach,
    Switches,
    ThirdParty,
    head_fault,
    pack,
    tighten,
)
from shodaku.suppression.domain import Refusal, Scope

FENCE_OPEN: Final = "open"
# of these classes consents alone decide about who ever gave one, so nothing else is read of them
_CONSENTS_ALONE: Final = frozenset((MessageClass.ADVERTISING, MessageClass.SURVEY, MessageClass.RECONFIRM))
_PERSON: Final = ContactKind.PERSON.value
_STATES: Final = {each.value: each for each in ConsentState}
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
    generated: bool
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
    terms: dict[str, Any] | None  # Any: JSON, here and below
    earlier: list[dict[str, Any]] | None
    others: list[dict[str, Any]] | None
    last_sent_at: datetime | None
    sent_ats: list[datetime] | None
    asked_at: datetime | None
    reconfirm_asked_at: datetime | None
    form_entry_at: datetime | None
    kinds: list[str] | None
    basis_ats: list[datetime] | None
    refusing: list[bool] | None
    details: list[str | None] | None
    country: str | None
    kind: str
    birth_date: date | None
    timezone: str | None
    tracking_consent: bool
    sms_stop_at: datetime | None
    digest: int | None  # stands for all above but the address, where somebody asked for it


class GateRow(NamedTuple):
    """The columns of get_gate_state.sql: what may change while a campaign runs."""

    state: str | None
    fence: str
    pack: str | None
    tightened: dict[str, Any] | None  # Any: JSON
    home_country: str | None
    rate: float | None
    released: bool
    locale: str
    timezone: str
    b2c_mail_order: bool
    ended: list[str]  # occasions of notices that a total opt-out ends here
    dmarc: str | None  # of the sending domain; None: nobody looked
    exemptions: list[str]
    now: datetime  # by the database's clock: whatever a worker's own says, people are decided about alike

    @property
    def rules(self) -> Pack:
        """The pack of the workspace; what nobody chose is the newest one in force. Raises PackUnknown."""
        return _rules(self.pack or NEWEST_IN_FORCE, json.dumps(self.tightened or {}, sort_keys=True))

    @property
    def home(self) -> str | None:
        """Where people live of whom nobody knows it: as the workspace said, else as its language tells."""
        if self.pack is not None:
            return self.home_country
        return "JP" if self.locale == "ja" else None


@cache
def _rules(version: str, tightened: str) -> Pack:
    return tighten(pack(version), json.loads(tightened)) if tightened != "{}" else pack(version)


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
    purpose: str | None
    about: str
    first_issue: bool
    is_reply: bool | None
    paid_content: bool
    open_pixel: bool
    subject_without_ads: str | None
    text_without_ads: str | None
    html_without_ads: str | None
    occasion: str | None
    repeats: int | None  # goes once more to people of that mailing, as the same message
    display_name: str
    formal_name: str
    from_address: str
    mail_domain: str
    postal_address: str
    contact_phone: str
    contact_email: str
    contact_url: str
    responsible_person: str
    sales_terms_url: str

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
            purpose=self.purpose,
            about=About(self.about),
            first_issue=self.first_issue,
            is_reply=self.is_reply,
            open_pixel=self.open_pixel,
            click_links=bool(self.links),
            occasion=Occasion(self.occasion) if self.occasion else None,
            repeats=self.repeats,
        )


@dataclass(frozen=True, slots=True)
class SenderRow:
    """What the gate asks about who sends; a part of get_mailing.sql and get_sender_facts.sql."""

    from_address: str
    mail_domain: str


def message_facts(
    question: Question,
    sender: SenderRow | MailingRow,
    gate: GateRow,
    display: DisplayReport = COMPLETE,
    *,
    rules: Pack | None = None,
) -> MessageFacts:
    """The same for everybody in the chunk. Raises PackUnknown."""
    on = frozenset(gate.exemptions)
    return MessageFacts(
        channel=question.channel,
        message_class=question.message_class,
        topic_id=question.topic_id,
        ads=question.ads,
        double_opt_in=question.double_opt_in,
        mail_order=gate.b2c_mail_order,
        head_fault=head_fault(
            question.subject,
            sender.from_address.rpartition("@")[2],
            [sender.mail_domain],
            is_reply=_answers(question),
        ),
        display=display,
        gate_closed=gate.fence != FENCE_OPEN,
        campaign_state=_campaign_state(gate.state),
        complaint_rate=gate.rate or 0.0,
        complaint_rate_released=gate.released,
        open_pixel=question.open_pixel,
        click_links=question.click_links,
        ends_with_all=question.occasion is not None and question.occasion in gate.ended,
        pack=rules or gate.rules,
        limit=question.frequency.limit if question.frequency else None,
        purpose=question.purpose,
        about=question.about,
        first_issue=question.first_issue,
        sender_is_npo=Exemption.NON_PROFIT in on,
        switches=Switches(**{each.value: each.value in on for each in Exemption if each not in STANDINGS}),
    )


def _answers(question: Question) -> bool:
    return question.message_class is MessageClass.REPLY if question.is_reply is None else question.is_reply


def _campaign_state(state: str | None) -> CampaignState:
    """Of a mailing; what is only asked about is none yet, and would run."""
    return CampaignState.RUNNING if state is None else _CAMPAIGN_STATES[MailingState(state)]


def facts_parameters(
    question: Question, now: datetime, *stale_months: int, digested: bool = False
) -> dict[str, object]:
    """Parameters of read_facts.sql but for the people; with several terms, what each of them asks for."""
    return {
        "channel": question.channel.value,
        "topic_id": question.topic_id,
        "sender_id": question.sender_id,
        "now": now,
        "stale_before": add_months(now, -min(stale_months)),
        "sent_after": add_months(now, -max(stale_months)),
        "counted_after": question.frequency.counted_after(now) if question.frequency else None,
        "asks": question.message_class is MessageClass.CONSENT_REQUEST,
        "bases": question.message_class not in _CONSENTS_ALONE,
        "reconfirms": question.message_class is MessageClass.RECONFIRM,
        "receipts": question.message_class is MessageClass.OPTOUT_RECEIPT,
        "repeats": question.repeats or 0,
        "wide": question.message_class is MessageClass.RECONFIRM or question.purpose is not None,
        "digested": digested,
    }


def person_facts(row: FactsRow, home: Home, now: datetime) -> PersonFacts:
    return PersonFacts(
        contact_id=row.contact_id,
        address_invalid=row.invalid,
        address_generated=row.generated,
        erased_at=row.erased_at,
        refusals=_refusals(row) if row.scopes else (),
        consents=_consents(row),
        last_sent_at=row.last_sent_at,
        sent_ats=tuple(row.sent_ats) if row.sent_ats else (),
        asked_at=row.asked_at,
        reconfirm_asked_at=row.reconfirm_asked_at,
        country=row.country or home.country,
        age_years=None if row.birth_date is None else age_years(row.birth_date, now),
        zone=home.zone if row.timezone is None else zone_of(row.timezone),
        form_entry_at=row.form_entry_at,
        tracking_consent=row.tracking_consent,
        sms_stop_at=row.sms_stop_at,
        is_person=row.kind == _PERSON,
        bases=_bases(row) if row.kinds else NOTHING,
    )


@dataclass(frozen=True, slots=True)
class Home:
    """What holds for people of whom nobody knows more: country (None: the strictest rules) and clock."""

    country: str | None
    zone: tzinfo

    @classmethod
    def of(cls, gate: GateRow) -> Home:
        return cls(gate.home, zone_of(gate.timezone))


def merge_values(name: NameRow, row: FactsRow) -> Mapping[str, str]:
    """A value for every merge field that a template may have."""
    return {
        "name": honorific(name.family_name, name.given_name, name.company),
        "family_name": name.family_name or "",
        "given_name": name.given_name or "",
        "company": name.company or "",
        "address": row.value or "",
    }


def _consents(row: FactsRow) -> tuple[HeldConsent, ...]:
    """Newest first; a consent that was taken back stands last, so that a live one speaks before it."""
    if row.state is None:
        return _others(row) if row.others else ()
    covering = Consent(
        _STATES[row.state],
        row.since,
        confirmed=bool(row.confirmed),
        expires_at=row.expires_at,
        last_contact_at=row.last_contact_at,
        entry_id=row.entry_id,
        flaw=Flaw(row.flaw) if row.flaw else None,
        terms=terms_of(row.terms),
    )
    if row.earlier is None and row.others is None:
        return (HeldConsent(covering),)
    earlier = [HeldConsent(consent_of(each)) for each in row.earlier or ()]
    held = [HeldConsent(covering), *earlier, *_others(row)]
    withdrawn = [each for each in held if each.consent.state is ConsentState.WITHDRAWN]
    live = [each for each in held if each.consent.state is not ConsentState.WITHDRAWN]
    return (*sorted(live, key=_since, reverse=True), *withdrawn)


def _others(row: FactsRow) -> tuple[HeldConsent, ...]:
    return tuple(HeldConsent(consent_of(each), Reach(each["reach"])) for each in row.others or ())


def _since(held: HeldConsent) -> float:
    return held.consent.since.timestamp() if held.consent.since else 0.0


def _refusals(row: FactsRow) -> tuple[Refusal, ...]:
    columns = (row.scopes or [], row.refused_ats or [], row.topic_ids or [], row.untils or [])
    return tuple(
        Refusal(Scope(scope), at, topic_id, until)
        for scope, at, topic_id, until in zip(*columns, strict=True)
    )


def _bases(row: FactsRow) -> Bases:
    """The latest of each kind counts, and no kind that nobody knows."""
    columns = zip(row.kinds or [], row.basis_ats or [], row.refusing or [], row.details or [], strict=True)
    found = {kind: _Basis(at, refusing, detail) for kind, at, refusing, detail in columns}
    card, published = found.get(BasisKind.CARD), found.get(BasisKind.PUBLISHED)
    relationship, purchase = found.get(BasisKind.RELATIONSHIP), found.get(BasisKind.PURCHASE)
    bought = purchase or (relationship if relationship and relationship.detail is None else None)
    third, contract = found.get(BasisKind.THIRD_PARTY), found.get(BasisKind.CONTRACT)
    oral, enquiry = found.get(BasisKind.ORAL_NOTICE), found.get(BasisKind.ENQUIRY)
    return Bases(
        member=BasisKind.MEMBER in found,
        card_at=card.at if card else None,
        card_refuses=card.refusing if card else False,
        oral_notice_at=oral.at if oral else None,
        third_party=ThirdParty(third.detail) if third and third.detail else None,
        published=_published(row, published) if published else None,
        relationship_active=relationship.detail == ACTIVE if relationship and relationship.detail else None,
        free_signup=BasisKind.FREE_SIGNUP in found,
        purchase_at=bought.at if bought else None,
        refusal_offered=bought.detail == REFUSAL_OFFERED if bought else False,
        enquiry_at=enquiry.at if enquiry else None,
        contract_open=contract is not None and contract.detail in OPEN_STAGES,
    )


class _Basis(NamedTuple):
    at: datetime
    refusing: bool
    detail: str | None


def _published(row: FactsRow, published: _Basis) -> Published:
    if published.refusing:
        return Published.REFUSING
    return Published.BY_PERSON if row.kind == ContactKind.PERSON else Published.BY_BUSINESS
