"""On what may this message rest: a consent, or an exemption of 特定電子メール法3条1項 (LAW.md section 3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from shodaku.consent.domain import Consent, ConsentState, Flaw, add_months
from shodaku.policy.facts import About, Ads, Bases, Facts, MessageFacts, OtherConsent, Published, ThirdParty
from shodaku.policy.reasons import Reason
from shodaku.policy.verdicts import Instead, Refused
from shodaku.suppression.domain import Scope

STALE_MONTHS: Final = 12  # PP-02
RELATIONSHIP_MONTHS: Final = 12  # product policy; the act sets no period
FIRST_ISSUE_DAYS: Final = 7  # PP-01
_SURELY_FRESH: Final = timedelta(days=365)  # below it no calendar is needed: 12 months are never shorter

_FLAWS: Final = {
    Flaw.PRECHECKED: Reason.CONSENT_PRECHECKED,
    Flaw.DEEMED: Reason.CONSENT_DEEMED,
    Flaw.MINOR: Reason.CONSENT_MINOR,
    Flaw.INCOMPLETE: Reason.EVIDENCE_INCOMPLETE,
    Flaw.TAMPERED: Reason.LEDGER_TAMPERED,
}
_OTHER: Final = {
    OtherConsent.SENDER: Reason.CONSENT_SCOPE_SENDER,
    OtherConsent.CHANNEL: Reason.CONSENT_SCOPE_CHANNEL,
    OtherConsent.TOPIC: Reason.CONSENT_SCOPE_TOPIC,
}


def advertising_basis(facts: Facts, now: datetime) -> Reason | Refused:
    """The reason that allows, or the refusal. If there is any consent, consents alone decide:

    no exemption widens what a person agreed to, nor brings back what was withdrawn.
    """
    person = facts.person
    if person.consent.state is ConsentState.NEVER and person.other_consent is None:
        return _exemption(facts, now)
    lack = _lack_of_consent(facts, now) or _lack_for_advertising(facts, now)
    return Refused(lack) if lack else _allowing(facts, now)


def reconfirm_basis(facts: Facts, now: datetime) -> Reason | Refused:
    if _unanswered(facts, facts.person.reconfirm_asked_at, now):
        return Refused(Reason.RECONFIRM_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    lack = _lack_of_consent(facts, now) or _expired(facts, now) or _unconfirmed(facts)
    return Refused(lack) if lack else Reason.OK_RECONFIRM


def consent_request_basis(facts: Facts, now: datetime) -> Reason | Refused:
    person = facts.person
    if _already_asked(facts, now):
        return Refused(Reason.CONSENT_REQUEST_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    if (asked := form_entry(facts, now)) is not None:
        fresh = person.erased_at is not None and asked > person.erased_at
        return Reason.OK_FRESH_REQUEST_AFTER_ERASURE if fresh else Reason.OK_CONFIRMATION
    if person.bases.third_party is ThirdParty.PROVED:
        return Reason.OK_CONFIRMATION
    return _request_by_notice(facts)


def _request_by_notice(facts: Facts) -> Reason | Refused:
    """施行規則2条1項2号: one mail that asks, to an address its owner told us on a card or by word."""
    bases = facts.person.bases
    if bases.card_at is None and bases.oral_notice_at is None:
        return Refused(Reason.NO_BASIS)
    if bases.card_refuses:
        return Refused(Reason.CARD_REFUSES)
    if consumer_mail_order(facts):
        return Refused(Reason.CARD_NOT_VALID_B2C_MAIL_ORDER)
    return Reason.OK_CARD_PERMISSION_REQUEST


def form_entry(facts: Facts, now: datetime) -> datetime | None:
    """The person's own request, if it was made by now: one from the future proves nothing."""
    at = facts.person.form_entry_at
    return at if at is not None and at <= now else None


def consumer_mail_order(facts: Facts) -> bool:
    return facts.message.mail_order and facts.person.is_person


def _lack_of_consent(facts: Facts, now: datetime) -> Reason | None:
    """What makes the consent worth nothing, for any message that rests on it."""
    consent = facts.person.consent
    match consent.state:  # the commonest first: to name a member costs 94 ns, and this is asked of everybody
        case ConsentState.ACTIVE:
            return _flaw_of(consent, now)
        case ConsentState.NEVER | ConsentState.WITHDRAWN:
            other = facts.person.other_consent
            return Reason.NO_BASIS if other is None else _OTHER[other]
        case ConsentState.PENDING:
            return Reason.CONSENT_NOT_CONFIRMED
        case ConsentState.EXPIRED:
            return Reason.CONSENT_EXPIRED
        case unreachable:
            assert_never(unreachable)


def _flaw_of(consent: Consent, now: datetime) -> Reason | None:
    if consent.since is None or consent.since > now:
        return Reason.CONSENT_AFTER_DECISION
    if consent.flaw is not None:
        return _FLAWS[consent.flaw]
    if consent.entry_id is None:
        return Reason.EVIDENCE_INCOMPLETE
    return None


def _lack_for_advertising(facts: Facts, now: datetime) -> Reason | None:
    message, person = facts.message, facts.person
    if message.purpose is not None and message.purpose not in person.consent.purposes:
        return Reason.PURPOSE_BEYOND_CONSENT
    if (expired := _expired(facts, now)) is not None:
        return expired
    if _stale(facts, now):
        return Reason.CONSENT_STALE
    if person.sent_in_window_max is not None and person.sent_in_window >= person.sent_in_window_max:
        return Reason.CONSENT_FREQUENCY
    return _unconfirmed(facts)


def _expired(facts: Facts, now: datetime) -> Reason | None:
    expires_at = facts.person.consent.expires_at
    return Reason.CONSENT_EXPIRED if expires_at is not None and now >= expires_at else None


def _unconfirmed(facts: Facts) -> Reason | None:
    confirmed = facts.person.consent.confirmed or not facts.message.double_opt_in
    return None if confirmed else Reason.CONSENT_NOT_CONFIRMED


def _stale(facts: Facts, now: datetime) -> bool:
    """Neither an act of the person nor advertising for 12 months; an unanswered re-confirmation is no act."""
    consent, sent_at = facts.person.consent, facts.person.last_sent_at
    last = consent.last_contact_at or consent.since
    if sent_at is not None and (last is None or sent_at > last):
        last = sent_at
    if last is None:
        return True
    return now - last > _SURELY_FRESH and now > add_months(last, STALE_MONTHS)


def _allowing(facts: Facts, now: datetime) -> Reason:
    message, consent = facts.message, facts.person.consent
    if not consent.confirmed:
        return Reason.OK_CONSENT_SINGLE
    refusals = facts.person.refusals
    if refusals and any(refusal.scope is Scope.ALL for refusal in refusals):
        return Reason.OK_CONSENT_AFTER_REFUSAL  # superseded, or we would not be here
    late = timedelta(days=FIRST_ISSUE_DAYS)
    if message.first_issue and consent.since is not None and now - consent.since > late:
        return Reason.OK_CONSENT_FIRST_LATE
    if message.about is About.AD_SPACE:
        return Reason.OK_AD_SPACE_IN_REQUESTED_MAIL
    return Reason.OK_CONSENT


def _exemption(facts: Facts, now: datetime) -> Reason | Refused:
    """The first fact present decides; a later one never repairs what an earlier one lacks."""
    message, bases = facts.message, facts.person.bases
    if bases.member and message.sender_is_npo and message.about is About.NO_BUSINESS:
        return Reason.OUTSIDE_SE_TREAT_AS_NEWS
    if bases.card_at is not None:
        return _card(facts, now)
    if bases.oral_notice_at is not None:
        return Refused(Reason.NO_BASIS_NOT_WRITTEN)
    if bases.third_party is not None:
        return _third_party(facts, bases.third_party, now)
    if bases.published is not None:
        return _published(facts, bases.published)
    if bases.relationship_active is not None or bases.purchase_at is not None:
        return _relationship(facts, now)
    return Refused(Reason.NO_BASIS)


def _card(facts: Facts, now: datetime) -> Reason | Refused:
    if facts.person.bases.card_refuses:
        return Refused(Reason.CARD_REFUSES)
    if consumer_mail_order(facts):
        return Refused(Reason.CARD_NOT_VALID_B2C_MAIL_ORDER)
    if facts.message.switches.card_advertising:
        return Reason.OK_CARD
    if _already_asked(facts, now):
        return Refused(Reason.CONSENT_REQUEST_REPEATED)
    return Refused(Reason.CARD_NEEDS_CONFIRMATION, Instead.CONSENT_REQUEST)


def _third_party(facts: Facts, third_party: ThirdParty, now: datetime) -> Refused:
    match third_party:
        case ThirdParty.PURCHASED_LIST:
            return Refused(Reason.PURCHASED_LIST)
        case ThirdParty.SENDER_NOT_NAMED:
            return Refused(Reason.CONSENT_PARTY_UNIDENTIFIED)
        case ThirdParty.UNPROVED:
            return Refused(Reason.EVIDENCE_INCOMPLETE)
        case ThirdParty.PROVED if _already_asked(facts, now):
            return Refused(Reason.CONSENT_REQUEST_REPEATED)
        case ThirdParty.PROVED:
            return Refused(Reason.THIRD_PARTY_CONSENT_CONFIRM, Instead.CONSENT_REQUEST)
        case unreachable:
            assert_never(unreachable)


def _published(facts: Facts, published: Published) -> Reason | Refused:
    if not facts.message.switches.published_address:
        return Refused(Reason.NO_BASIS)
    match published:
        case Published.REFUSING:
            return Refused(Reason.PUBLISHED_REFUSES)
        case Published.BY_PERSON:
            return Refused(Reason.PUBLISHED_NOT_IN_BUSINESS)
        case Published.BY_BUSINESS:
            return Reason.OK_PUBLISHED
        case unreachable:
            assert_never(unreachable)


def _relationship(facts: Facts, now: datetime) -> Reason | Refused:
    if not facts.message.switches.relationship:
        return Refused(Reason.NO_BASIS)
    if consumer_mail_order(facts):
        return Refused(Reason.RELATIONSHIP_NOT_VALID_B2C_MAIL_ORDER)
    if not _own_business(facts.message):
        return Refused(Reason.RELATIONSHIP_OTHER_BUSINESS)
    if _lapsed(facts.person.bases, now):
        return Refused(Reason.RELATIONSHIP_LAPSED)
    return Reason.OK_RELATIONSHIP


def _own_business(message: MessageFacts) -> bool:
    return message.about not in (About.OTHER_BUSINESS, About.AD_SPACE)


def _lapsed(bases: Bases, now: datetime) -> bool:
    if bases.relationship_active is not None:
        return not bases.relationship_active
    return bases.purchase_at is None or now > add_months(bases.purchase_at, RELATIONSHIP_MONTHS)


def _already_asked(facts: Facts, now: datetime) -> bool:
    return _unanswered(facts, facts.person.asked_at, now)


def _unanswered(facts: Facts, asked_at: datetime | None, now: datetime) -> bool:
    """Was that one question put since the person's latest own act? At the same instant it was."""
    if asked_at is None:
        return False
    bases, consent = facts.person.bases, facts.person.consent
    given_at = consent.last_contact_at or (consent.since if consent.state is ConsentState.ACTIVE else None)
    own_acts = (form_entry(facts, now), bases.card_at, bases.oral_notice_at, given_at)
    latest = max((at for at in own_acts if at is not None), default=None)
    return latest is None or asked_at >= latest
