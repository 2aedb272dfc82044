"""What several rules ask about a person: the own request, the unanswered question, the consumer."""

from __future__ import annotations

from datetime import datetime

from shodaku.policy.facts import Facts, HeldConsent


def form_entry(facts: Facts, now: datetime) -> datetime | None:
    """The person's own request, if it was made by now: one from the future proves nothing."""
    at = facts.person.form_entry_at
    return at if at is not None and at <= now else None


def consumer_mail_order(facts: Facts) -> bool:
    """特定商取引法12条の3, 26条1項1号: a seller at a distance, and a person who does not buy in business."""
    return facts.message.mail_order and facts.person.is_person


def already_asked(facts: Facts, now: datetime) -> bool:
    return unanswered(facts, facts.person.asked_at, now)


def unanswered(facts: Facts, asked_at: datetime | None, now: datetime) -> bool:
    """Was that one question put since the person's latest own act? At the same instant it was."""
    if asked_at is None:
        return False
    bases = facts.person.bases
    given = [_given_at(each) for each in facts.person.consents]
    own_acts = (form_entry(facts, now), bases.card_at, bases.oral_notice_at, *given)
    latest = max((at for at in own_acts if at is not None and at <= now), default=None)
    return latest is None or asked_at >= latest


def _given_at(held: HeldConsent) -> datetime | None:
    """A yes that was read into silence is no act of the person."""
    consent = held.consent
    return (consent.last_contact_at or consent.since) if consent.express else None
