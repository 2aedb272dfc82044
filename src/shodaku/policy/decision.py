"""The order of questions at the instant of sending (LAW.md sections 2 and 4); the first hit decides.

Total: every combination of facts gives a Permit, a Refused or a Deferred. The recipient's jurisdiction
decides what a message may rest on; the Japanese display is the floor for all mail from Japan.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from shodaku.contacts.domain import Channel
from shodaku.policy.basis import advertising_basis, consent_request_basis, reconfirm_basis
from shodaku.policy.facts import (
    AD_CLASSES,
    Ads,
    CampaignState,
    Facts,
    HeldConsent,
    MessageClass,
    Reach,
)
from shodaku.policy.packs import Jurisdiction, QuietHours
from shodaku.policy.permit import _MINT, Permit
from shodaku.policy.reasons import AnyReason, Operational, Reason
from shodaku.policy.standing import consumer_mail_order, form_entry
from shodaku.policy.verdicts import Deferred, Ground, Instead, Refused
from shodaku.suppression.domain import Refusal, Scope, in_force

RECEIPT_WINDOW: Final = timedelta(minutes=5)  # 47 CFR 64.1200(a)(12): the one answer to a STOP

BasisOf: TypeAlias = Callable[[Facts, Jurisdiction, datetime], Ground | Refused]

# the linter's findings in the order in which they are told (LAW.md section 5)
DISPLAY_ORDER: Final = (
    Reason.DISPLAY_AD_LABEL_MISSING,
    Reason.DISPLAY_IMAGE_ONLY,
    Reason.DISPLAY_NOT_RECOGNISABLE,
    Reason.DISPLAY_NAME_MISSING,
    Reason.DISPLAY_OPTOUT_MISSING,
    Reason.DISPLAY_OPTOUT_WORDS_MISSING,
    Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,
    Reason.DISPLAY_ADDRESS_MISSING,
    Reason.DISPLAY_CONTACT_MISSING,
    Reason.DISPLAY_TOKUSHO_MISSING,
    Reason.WHY_LINE_MISSING,
    Reason.PR_LABEL_MISSING,
    Reason.HEADER_ONECLICK_MISSING,
    Reason.HEADER_DKIM_UNCOVERED,
    Reason.AUTH_DMARC_MISSING,
)
_NOT_ASKED_OF_REQUESTS: Final = frozenset((Reason.WHY_LINE_MISSING, Reason.HEADER_ONECLICK_MISSING))
_ASKED_OF_MAIL_ALONE: Final = frozenset(
    (Reason.HEADER_ONECLICK_MISSING, Reason.HEADER_DKIM_UNCOVERED, Reason.AUTH_DMARC_MISSING)
)
_SCOPES: Final = {
    Scope.ALL: Reason.REFUSED_ALL,
    Scope.UNTIL: Reason.REFUSED_UNTIL,
    Scope.TOPIC: Reason.REFUSED_TOPIC,
}

# of every ad class what it may rest on; a class that is none of them carries no advertising of its own
_BASES: Final[dict[MessageClass, BasisOf]] = {
    MessageClass.ADVERTISING: advertising_basis,
    MessageClass.SURVEY: advertising_basis,
    MessageClass.CONSENT_REQUEST: consent_request_basis,
    MessageClass.RECONFIRM: reconfirm_basis,
}
# to name a member of an enum costs 0.1-0.2 us, and these are asked of everybody
_CANCELLED: Final = CampaignState.CANCELLED
_PAUSED: Final = CampaignState.PAUSED
_REQUEST: Final = MessageClass.CONSENT_REQUEST

Verdict: TypeAlias = Permit | Refused | Deferred


def decide(facts: Facts, now: datetime) -> Verdict:
    if (fault := _never(facts, now)) is not None:
        return Refused(fault)
    message_class = facts.message.message_class
    basis_of = _BASES.get(message_class)
    if basis_of is not None:
        return _decide_advertising(facts, now, basis_of)
    if message_class is MessageClass.OPTOUT_RECEIPT and not _answers_a_stop(facts, now):
        return Refused(Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY, Instead.WEB_PAGE)
    return _decide_plain(facts, now)


def _never(facts: Facts, now: datetime) -> AnyReason | None:
    """What stops a message before anybody asks what it rests on."""
    message, person = facts.message, facts.person
    if message.gate_closed:
        return Operational.GATE_CLOSED
    if message.campaign_state is _CANCELLED:
        return Operational.CAMPAIGN_CANCELLED
    if person.address_generated:
        return Reason.ADDRESS_FICTITIOUS
    if person.address_invalid:
        return Reason.ADDRESS_INVALID
    if person.erased_at is not None and not _may_reach_the_erased(facts, person.erased_at, now):
        return Reason.ERASED_NEVER_CONTACT
    if message.message_class not in AD_CLASSES and message.ads is Ads.MAIN:
        return Reason.CLASS_MISLABELLED
    return message.head_fault


def _may_reach_the_erased(facts: Facts, erased_at: datetime, now: datetime) -> bool:
    if facts.message.message_class is _REQUEST:
        asked_at = form_entry(facts, now)
        return asked_at is not None and asked_at > erased_at
    return facts.message.message_class is MessageClass.LEGAL


def _refusals_in_force(facts: Facts, now: datetime) -> list[Refusal]:
    refusals, topic_id = facts.person.refusals, facts.message.topic_id
    if not refusals:
        return []
    consented_at = _superseding_at(facts, now)
    return [refusal for refusal in refusals if in_force(refusal, topic_id, consented_at, now)]


def _superseding_at(facts: Facts, now: datetime) -> datetime | None:
    """Only an express, confirmed consent of by now that covers this message lifts a refusal.

    特定商取引法12条の3第2項; the latest such one.
    """
    ats = [each.consent.since for each in facts.person.consents if _supersedes(each)]
    return max((at for at in ats if at is not None and at <= now), default=None)


def _supersedes(held: HeldConsent) -> bool:
    return held.reach is Reach.COVERS and held.consent.confirmed and held.consent.express


def _decide_plain(facts: Facts, now: datetime) -> Verdict:
    """Notices stay lawful after a refusal, without advertising (特定電子メール法3条3項ただし書, 規則6条)."""
    message = facts.message
    legal = message.message_class is MessageClass.LEGAL
    if (
        message.ends_with_all
        and not legal
        and any(refusal.scope is Scope.ALL for refusal in _refusals_in_force(facts, now))
    ):  # stricter than the law: the sender said so before the person pressed
        return Refused(Reason.REFUSED_ALL)
    if message.ads is not Ads.NONE:
        return _decide_incidental(facts, now)
    return _released(facts, Reason.OK_LEGAL if legal else Reason.OK_TRANSACTIONAL, now)


def _answers_a_stop(facts: Facts, now: datetime) -> bool:
    stopped_at = facts.person.sms_stop_at
    if facts.message.channel is not Channel.SMS or facts.message.ads is not Ads.NONE or stopped_at is None:
        return False
    return timedelta(0) <= now - stopped_at <= RECEIPT_WINDOW


def _decide_incidental(facts: Facts, now: datetime) -> Verdict:
    message, person = facts.message, facts.person
    # the name is all that 規則9条ただし書 asks of them
    if message.display.name_unseen or Reason.DISPLAY_NAME_MISSING in message.display.missing:
        return Refused(Reason.DISPLAY_NAME_MISSING)
    if consumer_mail_order(facts) and not person.bases.contract_open:
        return Refused(Reason.NOT_IMPORTANT_CONTRACT_NOTICE)
    unwanted = person.erased_at is not None or _refusals_in_force(facts, now)
    if unwanted or not message.switches.incidental_ads:
        return _released(facts, Reason.AD_STRIPPED_FROM_TRANSACTIONAL, now, without_ads=True)
    reply = message.message_class is MessageClass.REPLY
    return _released(facts, Reason.OK_REPLY_INCIDENTAL if reply else Reason.OK_TRANSACTIONAL_INCIDENTAL, now)


def _decide_advertising(
    facts: Facts,
    now: datetime,
    basis_of: BasisOf,
) -> Verdict:
    refusals = _refusals_in_force(facts, now) if facts.person.refusals else []
    if refusals and not _asked_since(facts, refusals, now):
        return _refused_by_person(refusals)
    place = facts.message.pack.jurisdiction(facts.person.country)
    ground = basis_of(facts, place, now)
    if isinstance(ground, Refused):
        return ground
    if (lack := _lack_of_display(facts, place)) is not None:
        return Refused(lack)
    held_back = _held_back(facts, place, ground, now)
    if held_back is not None:
        return held_back
    evidence_id = None if ground.consent is None else ground.consent.entry_id
    return _released(facts, ground.reason, now, evidence_id=evidence_id)


def _held_back(facts: Facts, place: Jurisdiction, ground: Ground, now: datetime) -> Deferred | None:
    """What waits for an operator, or for the morning; an answer to a form entry waits for neither."""
    message = facts.message
    if message.message_class is _REQUEST:
        return None
    if message.complaint_rate > message.pack.complaint_rate_max and not message.complaint_rate_released:
        return Deferred(Reason.COMPLAINT_RATE_STOP, None)
    hours = place.quiet(message.channel)
    if hours is None or (place.night_consent_lifts_quiet and _night(ground)):
        return None
    until = _quiet_until(hours, now.astimezone(facts.person.zone))
    return None if until is None else Deferred(Reason.QUIET_HOURS, until)


def _night(ground: Ground) -> bool:
    terms = None if ground.consent is None else ground.consent.terms
    return terms is not None and terms.night


def _quiet_until(hours: QuietHours, local: datetime) -> datetime | None:
    """The morning in which the quiet hours end that `local`, on the recipient's clock, lies in."""
    minute = local.hour * 60 + local.minute
    if not hours.holds_at(minute):
        return None
    day = local + timedelta(days=1) if minute >= hours.start else local
    return day.replace(hour=hours.end // 60, minute=hours.end % 60, second=0, microsecond=0)


def _asked_since(facts: Facts, refusals: list[Refusal], now: datetime) -> bool:
    """A consent request may follow a refusal only if the person came back of their own accord, later."""
    if facts.message.message_class is not MessageClass.CONSENT_REQUEST:
        return False
    asked_at = form_entry(facts, now)
    return asked_at is not None and all(asked_at > refusal.at for refusal in refusals)


def _refused_by_person(refusals: list[Refusal]) -> Refused:
    scopes = {refusal.scope for refusal in refusals}
    return Refused(next(reason for scope, reason in _SCOPES.items() if scope in scopes))


def _lack_of_display(facts: Facts, place: Jurisdiction) -> Reason | None:
    message, display = facts.message, facts.message.display
    label = place.subject_label
    if not display.missing and not display.address_linked and label is None:
        return None
    missing = set(display.missing)
    if label is not None and label not in display.labels:
        missing.add(Reason.DISPLAY_AD_LABEL_MISSING)
    if display.address_linked and place.address_in_message:
        missing.add(Reason.DISPLAY_ADDRESS_MISSING)
    if not consumer_mail_order(facts):
        missing.discard(Reason.DISPLAY_TOKUSHO_MISSING)
    if message.message_class is _REQUEST:
        missing -= _NOT_ASKED_OF_REQUESTS
    if message.channel is not Channel.EMAIL:
        missing -= _ASKED_OF_MAIL_ALONE
    known = next((reason for reason in DISPLAY_ORDER if reason in missing), None)
    return known or min(missing, default=None)  # a finding that the list does not know refuses as well


def _released(
    facts: Facts, reason: Reason, now: datetime, *, evidence_id: int | None = None, without_ads: bool = False
) -> Verdict:
    """The permit, unless the campaign rests."""
    message, person = facts.message, facts.person
    if message.campaign_state is _PAUSED:
        return Deferred(Operational.CAMPAIGN_PAUSED, None)
    measured = message.open_pixel or message.click_links
    without_tracking = measured and not person.tracking_consent
    if (
        without_tracking
        and message.message_class in AD_CLASSES
        and reason is not Reason.OUTSIDE_SE_TREAT_AS_NEWS
    ):
        reason = Reason.TRACKING_REMOVED
    return Permit(
        _MINT, person.contact_id, message.channel, reason, now, evidence_id, without_ads, without_tracking
    )
