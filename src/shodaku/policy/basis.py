"""On what may this message rest: a consent, or an exemption of the recipient's law (LAW.md section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, add_months
from shodaku.contacts.domain import Channel
from shodaku.policy.exemptions import exemption
from shodaku.policy.facts import About, Ads, Facts, HeldConsent, Reach, ThirdParty
from shodaku.policy.packs import UNKNOWN, Jurisdiction
from shodaku.policy.reasons import Reason
from shodaku.policy.standing import already_asked, consumer_mail_order, form_entry, unanswered
from shodaku.policy.verdicts import Ground, Refused
from shodaku.suppression.domain import Scope, in_force

_SURELY_FRESH: Final = timedelta(days=28)  # below it no calendar is needed: a month is never shorter

_EVIDENCE: Final = {Flaw.INCOMPLETE: Reason.EVIDENCE_INCOMPLETE, Flaw.TAMPERED: Reason.LEDGER_TAMPERED}
_UNMEANT: Final = {Flaw.PRECHECKED: Reason.CONSENT_PRECHECKED, Flaw.DEEMED: Reason.CONSENT_DEEMED}
_ENDED: Final = {
    ConsentState.NEVER: Reason.NO_BASIS,
    ConsentState.WITHDRAWN: Reason.NO_BASIS,
    ConsentState.PENDING: Reason.CONSENT_NOT_CONFIRMED,
    ConsentState.EXPIRED: Reason.CONSENT_EXPIRED,
}
_ACTIVE: Final = (
    ConsentState.ACTIVE
)  # to name a member of an enum costs 0.1-0.2 us, and these are asked of all
_COVERS: Final = Reach.COVERS
_AD_SPACE: Final = About.AD_SPACE
_OK: Final = Reason.OK_CONSENT
_REACH: Final = {
    Reach.SENDER: Reason.CONSENT_SCOPE_SENDER,
    Reach.CHANNEL: Reason.CONSENT_SCOPE_CHANNEL,
}


def advertising_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    """The ground that allows, or the refusal. If there is any consent, consents alone decide, newest first:

    no exemption widens what a person agreed to, nor brings back what was withdrawn.
    """
    newest: Reason | None = None
    for held in facts.person.consents:
        lack = _lack_of_consent(facts, place, held, now)
        if lack is None:
            return Ground(_allowing(facts, held.consent, now), held.consent)
        newest = newest or lack
    if newest is not None:
        return Refused(newest)
    found = exemption(facts, place, now)
    return found if isinstance(found, Refused) else Ground(found, None)


def reconfirm_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    if unanswered(facts, facts.person.reconfirm_asked_at, now):
        return Refused(Reason.RECONFIRM_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    newest: Reason | None = None
    for held in facts.person.consents:
        lack = _lack_of_consent(facts, place, held, now, asks_again=True)
        if lack is None:
            return Ground(Reason.OK_RECONFIRM, held.consent)
        newest = newest or lack
    return Refused(newest or Reason.NO_BASIS)


def consent_request_basis(facts: Facts, place: Jurisdiction, now: datetime) -> Ground | Refused:
    person = facts.person
    if already_asked(facts, now):
        return Refused(Reason.CONSENT_REQUEST_REPEATED)
    if facts.message.ads is not Ads.NONE:
        return Refused(Reason.CONSENT_REQUEST_WITH_ADS)
    if form_entry(facts, now) is not None:
        erased = person.erased_at is not None  # before that entry, or we would not be here
        reason = Reason.OK_FRESH_REQUEST_AFTER_ERASURE if erased else Reason.OK_CONFIRMATION
        return Ground(reason, _requested(facts))
    if person.bases.third_party is ThirdParty.PROVED:
        return Ground(Reason.OK_CONFIRMATION, None)
    found = _request_by_notice(facts, place)
    return found if isinstance(found, Refused) else Ground(found, None)


def _requested(facts: Facts) -> Consent | None:
    """The consent that waits for the confirmation; its entry is the person's request."""
    waiting = (each.consent for each in facts.person.consents if each.reach is Reach.COVERS)
    return next((consent for consent in waiting if consent.state is ConsentState.PENDING), None)


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
    facts: Facts, place: Jurisdiction, held: HeldConsent, now: datetime, *, asks_again: bool = False
) -> Reason | None:
    """The first that is missing, in the order of LAW.md section 3; a re-confirmation is asked for less."""
    consent, since = held.consent, held.consent.since
    if consent.state is not _ACTIVE:
        return _ENDED[consent.state]
    if since is None or since > now:
        return Reason.CONSENT_AFTER_DECISION
    if facts.person.refusals and _taken_back(facts, since, now):
        return Reason.NO_BASIS
    lack = _worthless(facts, place, consent)
    if lack is None and (held.reach is not _COVERS or place.sms_needs_written):
        lack = _out_of_reach(facts, place, held, any_topic=asks_again)
    if lack is not None:
        return lack
    if asks_again:
        lack = _expired(consent, now)
    else:
        lack = _lack_for_advertising(facts, place, consent, consent.last_contact_at or since, now)
    return lack or _unconfirmed(facts, consent)


def _taken_back(facts: Facts, since: datetime, now: datetime) -> bool:
    """Did a no come after it? That another, later consent lifts that no does not bring this one back."""
    topic_id = facts.message.topic_id
    return any(in_force(refusal, topic_id, since, now) for refusal in facts.person.refusals)


def _worthless(facts: Facts, place: Jurisdiction, consent: Consent) -> Reason | None:
    flaw = consent.flaw
    if flaw is not None and flaw in _UNMEANT:
        return _UNMEANT[flaw]
    age, minor_age = facts.person.age_years, place.minor_age
    if age is not None and minor_age is not None and age < minor_age and not _guardian(consent):
        return Reason.CONSENT_MINOR
    if flaw is not None:
        return _EVIDENCE[flaw]
    return Reason.EVIDENCE_INCOMPLETE if consent.entry_id is None else None


def _guardian(consent: Consent) -> bool:
    return consent.terms is not None and consent.terms.guardian


def _out_of_reach(facts: Facts, place: Jurisdiction, held: HeldConsent, *, any_topic: bool) -> Reason | None:
    if held.reach is Reach.SENDER or held.reach is Reach.CHANNEL:
        return _REACH[held.reach]
    if place.sms_needs_written and facts.message.channel is Channel.SMS and not _written(held.consent):
        return Reason.CONSENT_SCOPE_CHANNEL
    if held.reach is Reach.TOPIC and not any_topic:
        return Reason.CONSENT_SCOPE_TOPIC
    return None


def _written(consent: Consent) -> bool:
    return consent.terms is not None and consent.terms.written


def _lack_for_advertising(
    facts: Facts, place: Jurisdiction, consent: Consent, given_at: datetime, now: datetime
) -> Reason | None:
    if _beyond_purpose(facts, consent):
        return Reason.PURPOSE_BEYOND_CONSENT
    if (expired := _expired(consent, now)) is not None:
        return expired
    if now - given_at > _SURELY_FRESH:
        if _stale(facts, given_at, now):
            return Reason.CONSENT_STALE
        if _reconfirm_due(place, given_at, now):
            return Reason.RECONFIRM_DUE
    return Reason.CONSENT_FREQUENCY if _used_up(facts, consent, now) else None


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


def _stale(facts: Facts, given_at: datetime, now: datetime) -> bool:
    """Neither an act of the person nor advertising for 12 months; an unanswered re-confirmation is no act."""
    last = max(given_at, facts.person.last_sent_at or given_at)
    return now > add_months(last, facts.message.pack.stale_months)


def _reconfirm_due(place: Jurisdiction, given_at: datetime, now: datetime) -> bool:
    return place.reconfirm_months is not None and now > add_months(given_at, place.reconfirm_months)


def _used_up(facts: Facts, consent: Consent, now: datetime) -> bool:
    """As many as promised, or as the person wants since, have left in the window."""
    terms, sent_ats = consent.terms, facts.person.sent_ats
    if terms is None:
        return _reached(facts.message.limit, sent_ats, now)
    promised = facts.message.limit if terms.limit is None else terms.limit
    return _reached(promised, sent_ats, now) or _reached(terms.fewer, sent_ats, now)


def _reached(limit: Limit | None, sent_ats: Sequence[datetime], now: datetime) -> bool:
    """The sendings are in order, newest first, so the max-th one tells."""
    if limit is None or len(sent_ats) < limit.max:
        return False
    return limit.max == 0 or sent_ats[limit.max - 1] > limit.counted_after(now)


def _allowing(facts: Facts, consent: Consent, now: datetime) -> Reason:
    message, refusals = facts.message, facts.person.refusals
    if not consent.confirmed:
        return Reason.OK_CONSENT_SINGLE
    if refusals and any(refusal.scope is Scope.ALL for refusal in refusals):
        return Reason.OK_CONSENT_AFTER_REFUSAL  # each of them is older, or we would not be here
    if message.first_issue and _late(consent, message.pack.first_issue_days, now):
        return Reason.OK_CONSENT_FIRST_LATE
    return Reason.OK_AD_SPACE_IN_REQUESTED_MAIL if message.about is _AD_SPACE else _OK


def _late(consent: Consent, days: int, now: datetime) -> bool:
    return consent.since is not None and now - consent.since > timedelta(days=days)
