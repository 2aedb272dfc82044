"""On what may this message rest: a consent, or an exemption of the recipient's law (LAW.md section 3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from shodaku.consent.domain import Consent, ConsentState, Flaw, add_months
from shodaku.contacts.domain import Channel
from shodaku.policy.exemptions import exemption
from shodaku.policy.facts import Ads, Facts, HeldConsent, Reach, ThirdParty
from shodaku.policy.packs import UNKNOWN, Jurisdiction
from shodaku.policy.reasons import Reason
from shodaku.policy.standing import already_asked, consumer_mail_order, form_entry, unanswered
from shodaku.policy.verdicts import Ground, Refused

_SURELY_FRESH: Final = timedelta(days=28)  # below it no calendar is needed: a month is never shorter

_EVIDENCE: Final = {Flaw.INCOMPLETE: Reason.EVIDENCE_INCOMPLETE, Flaw.TAMPERED: Reason.LEDGER_TAMPERED}
_UNMEANT: Final = {Flaw.PRECHECKED: Reason.CONSENT_PRECHECKED, Flaw.DEEMED: Reason.CONSENT_DEEMED}
_REACH: Final = {
    Reach.SENDER: Reason.CONSENT_SCOPE_SENDER,
    Reach.CHANNEL: Reason.CONSENT_SCOPE_CHANNEL,
    Reach.TOPIC: Reason.CONSENT_SCOPE_TOPIC,
}


def advertising_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    """The ground that allows, or the refusal. If there is any consent, consents alone decide, newest first:

    no exemption widens what a person agreed to, nor brings back what was withdrawn.
    """
    held = facts.person.consents
    if not held:
        found = exemption(facts, place, now)
        return found if isinstance(found, Refused) else Ground(found, None)
    newest: Reason | None = None
    for each in held:
        lack = _lack_of_consent(facts, place, each, now) or _lack_for_advertising(
            facts, place, each.consent, now
        )
        if lack is None:
            return Ground(_allowing(facts, each.consent, now), each.consent)
        newest = newest or lack
    return Refused(newest or Reason.NO_BASIS)


def reconfirm_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    if unanswered(facts, facts.person.reconfirm_asked_at, now):
        return Refused(Reason.RECONFIRM_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    newest: Reason | None = None
    for each in facts.person.consents:
        lack = (
            _lack_of_consent(facts, place, each, now, any_topic=True)
            or _expired(each.consent, now)
            or _unconfirmed(facts, each.consent)
        )
        if lack is None:
            return Ground(Reason.OK_RECONFIRM, each.consent)
        newest = newest or lack
    return Refused(newest or Reason.NO_BASIS)


def consent_request_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    person = facts.person
    if already_asked(facts, now):
        return Refused(Reason.CONSENT_REQUEST_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    if (asked := form_entry(facts, now)) is not None:
        fresh = person.erased_at is not None and asked > person.erased_at
        return Ground(Reason.OK_FRESH_REQUEST_AFTER_ERASURE if fresh else Reason.OK_CONFIRMATION, None)
    if person.bases.third_party is ThirdParty.PROVED:
        return Ground(Reason.OK_CONFIRMATION, None)
    found = _request_by_notice(facts, place)
    return found if isinstance(found, Refused) else Ground(found, None)


def _request_by_notice(facts: Facts, place: Jurisdiction) -> Reason | Refused:
    """施行規則2条1項2号: one mail that asks, to an address its owner told us on a card or by word."""
    bases = facts.person.bases
    if place.code == UNKNOWN:
        return Refused(Reason.JURISDICTION_UNKNOWN_STRICTEST)
    if "card" not in place.exemptions or (bases.card_at is None and bases.oral_notice_at is None):
        return Refused(Reason.NO_BASIS)
    if bases.card_refuses:
        return Refused(Reason.CARD_REFUSES)
    if consumer_mail_order(facts):
        return Refused(Reason.CARD_NOT_VALID_B2C_MAIL_ORDER)
    return Reason.OK_CARD_PERMISSION_REQUEST


def _lack_of_consent(
    facts: Facts, place: Jurisdiction, held: HeldConsent, now: datetime, *, any_topic: bool = False
) -> Reason | None:
    """What makes the consent worth nothing, for any message that rests on it."""
    consent = held.consent
    if consent.state is not ConsentState.ACTIVE:
        return _state_of(consent.state)
    if (fault := _worthless(facts, place, consent, now)) is not None:
        return fault
    if held.reach is Reach.SENDER or held.reach is Reach.CHANNEL:
        return _REACH[held.reach]
    if place.sms_needs_written and facts.message.channel is Channel.SMS and not _written(consent):
        return Reason.CONSENT_SCOPE_CHANNEL
    if held.reach is Reach.TOPIC and not any_topic:
        return Reason.CONSENT_SCOPE_TOPIC
    return None


def _state_of(state: ConsentState) -> Reason | None:
    match state:
        case ConsentState.NEVER | ConsentState.WITHDRAWN:
            return Reason.NO_BASIS
        case ConsentState.PENDING:
            return Reason.CONSENT_NOT_CONFIRMED
        case ConsentState.EXPIRED:
            return Reason.CONSENT_EXPIRED
        case ConsentState.ACTIVE:
            return None
        case unreachable:
            assert_never(unreachable)


def _worthless(facts: Facts, place: Jurisdiction, consent: Consent, now: datetime) -> Reason | None:
    if consent.since is None or consent.since > now:
        return Reason.CONSENT_AFTER_DECISION
    flaw = consent.flaw
    if flaw is not None and flaw in _UNMEANT:
        return _UNMEANT[flaw]
    age, minor_age = facts.person.age_years, place.minor_age
    if age is not None and minor_age is not None and age < minor_age and not _guardian(consent):
        return Reason.CONSENT_MINOR
    if flaw is not None:
        return _EVIDENCE[flaw]
    return Reason.EVIDENCE_INCOMPLETE if consent.entry_id is None else None


def _written(consent: Consent) -> bool:
    return consent.terms is not None and consent.terms.written


def _guardian(consent: Consent) -> bool:
    return consent.terms is not None and consent.terms.guardian


def _lack_for_advertising(
    facts: Facts, place: Jurisdiction, consent: Consent, now: datetime
) -> Reason | None:
    if _beyond_purpose(facts, consent):
        return Reason.PURPOSE_BEYOND_CONSENT
    if (expired := _expired(consent, now)) is not None:
        return expired
    given_at = consent.last_contact_at or consent.since
    if given_at is None or now - given_at > _SURELY_FRESH:
        if _stale(facts, given_at, now):
            return Reason.CONSENT_STALE
        if _reconfirm_due(place, given_at, now):
            return Reason.RECONFIRM_DUE
    if _used_up(facts, consent, now):
        return Reason.CONSENT_FREQUENCY
    return _unconfirmed(facts, consent)


def _beyond_purpose(facts: Facts, consent: Consent) -> bool:
    """個人情報保護法18条. A message of its topic's own purpose names none."""
    purpose = facts.message.purpose
    if purpose is None:
        return False
    agreed = None if consent.terms is None else consent.terms.purposes
    return agreed is None or purpose not in agreed


def _expired(consent: Consent, now: datetime) -> Reason | None:
    return Reason.CONSENT_EXPIRED if consent.expires_at is not None and now >= consent.expires_at else None


def _unconfirmed(facts: Facts, consent: Consent) -> Reason | None:
    return None if consent.confirmed or not facts.message.double_opt_in else Reason.CONSENT_NOT_CONFIRMED


def _stale(facts: Facts, given_at: datetime | None, now: datetime) -> bool:
    """Neither an act of the person nor advertising for 12 months; an unanswered re-confirmation is no act."""
    last, sent_at = given_at, facts.person.last_sent_at
    if sent_at is not None and (last is None or sent_at > last):
        last = sent_at
    return last is None or now > add_months(last, facts.message.pack.stale_months)


def _reconfirm_due(place: Jurisdiction, given_at: datetime | None, now: datetime) -> bool:
    months = place.reconfirm_months
    return months is not None and (given_at is None or now > add_months(given_at, months))


def _used_up(facts: Facts, consent: Consent, now: datetime) -> bool:
    """As many as promised have left in the window: the sendings are in order, so the max-th one tells."""
    terms, sent_ats = consent.terms, facts.person.sent_ats
    limit = terms.limit if terms is not None and terms.limit is not None else facts.message.limit
    if limit is None or len(sent_ats) < limit.max:
        return False
    return limit.max == 0 or sent_ats[limit.max - 1] > limit.counted_after(now)


def _allowing(facts: Facts, consent: Consent, now: datetime) -> Reason:
    message = facts.message
    if not consent.confirmed:
        return Reason.OK_CONSENT_SINGLE
    refusals = facts.person.refusals
    if refusals and any(refusal.scope == "all" for refusal in refusals):
        return Reason.OK_CONSENT_AFTER_REFUSAL  # superseded, or we would not be here
    late = timedelta(days=message.pack.first_issue_days)
    if message.first_issue and consent.since is not None and now - consent.since > late:
        return Reason.OK_CONSENT_FIRST_LATE
    if message.about == "ad_space":
        return Reason.OK_AD_SPACE_IN_REQUESTED_MAIL
    return Reason.OK_CONSENT
