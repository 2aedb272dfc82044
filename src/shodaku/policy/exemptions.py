"""What may stand in for a consent where the recipient's law knows it and its switch is on (LAW.md 3)."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from shodaku.consent.domain import add_months
from shodaku.policy.facts import About, Facts, Published, ThirdParty
from shodaku.policy.packs import UNKNOWN, Jurisdiction
from shodaku.policy.reasons import Reason
from shodaku.policy.standing import already_asked, consumer_mail_order
from shodaku.policy.verdicts import Instead, Refused


def exemption(facts: Facts, place: Jurisdiction, now: datetime) -> Reason | Refused:
    """The first fact present decides; a later one never repairs what an earlier one lacks."""
    if place.code == UNKNOWN:
        return Refused(Reason.JURISDICTION_UNKNOWN_STRICTEST)
    message, bases = facts.message, facts.person.bases
    if bases.member and message.sender_is_npo and message.about is About.NO_BUSINESS:
        return Reason.OUTSIDE_SE_TREAT_AS_NEWS
    if bases.card_at is not None and _known(place, "card"):
        return _card(facts, place, now)
    if bases.oral_notice_at is not None:
        return Refused(Reason.NO_BASIS_NOT_WRITTEN)
    if bases.third_party is not None:
        return _third_party(facts, bases.third_party, now)
    if bases.published is not None and _known(place, "published_address"):
        return _published(facts, place, bases.published)
    return _dealings(facts, place, now)


def _known(place: Jurisdiction, name: str) -> bool:
    """Does the law of the place know this exemption, whether or not the workspace still uses it?"""
    return name in place.exemptions or name in place.given_up


def _card(facts: Facts, place: Jurisdiction, now: datetime) -> Reason | Refused:
    if facts.person.bases.card_refuses:
        return Refused(Reason.CARD_REFUSES)
    if consumer_mail_order(facts):
        return Refused(Reason.CARD_NOT_VALID_B2C_MAIL_ORDER)
    if "card" not in place.exemptions:
        return Refused(Reason.NO_BASIS)
    if facts.message.switches.card_advertising:
        return Reason.OK_CARD
    if already_asked(facts, now):
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
        case ThirdParty.PROVED if already_asked(facts, now):
            return Refused(Reason.CONSENT_REQUEST_REPEATED)
        case ThirdParty.PROVED:
            return Refused(Reason.THIRD_PARTY_CONSENT_CONFIRM, Instead.CONSENT_REQUEST)
        case unreachable:
            assert_never(unreachable)


def _published(facts: Facts, place: Jurisdiction, published: Published) -> Reason | Refused:
    if "published_address" not in place.exemptions or not facts.message.switches.published_address:
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


def _dealings(facts: Facts, place: Jurisdiction, now: datetime) -> Reason | Refused:
    """Relationship, account, purchase, enquiry: each where the place knows it, in this order."""
    bases = facts.person.bases
    if _known(place, "relationship") and not (
        bases.relationship_active is None and bases.purchase_at is None
    ):
        return _relationship(facts, place, now)
    if _known(place, "soft_optin") and (bases.free_signup or bases.purchase_at is not None):
        return _soft_optin(facts, place)
    if _known(place, "implied_purchase") and (bases.relationship_active or bases.purchase_at is not None):
        return _implied(facts, place, "implied_purchase", bases.purchase_at, place.purchase_months, now)
    if _known(place, "implied_enquiry") and bases.enquiry_at is not None:
        return _implied(facts, place, "implied_enquiry", bases.enquiry_at, place.enquiry_months, now)
    return Refused(Reason.NO_BASIS)


def _relationship(facts: Facts, place: Jurisdiction, now: datetime) -> Reason | Refused:
    """特定電子メール法3条1項3号: with the very business that is advertised."""
    if "relationship" not in place.exemptions or not facts.message.switches.relationship:
        return Refused(Reason.NO_BASIS)
    if consumer_mail_order(facts):
        return Refused(Reason.RELATIONSHIP_NOT_VALID_B2C_MAIL_ORDER)
    if facts.message.about in (About.OTHER_BUSINESS, About.AD_SPACE):
        return Refused(Reason.RELATIONSHIP_OTHER_BUSINESS)
    if _lapsed(facts, place, now):
        return Refused(Reason.RELATIONSHIP_LAPSED)
    return Reason.OK_RELATIONSHIP


def _lapsed(facts: Facts, place: Jurisdiction, now: datetime) -> bool:
    bases = facts.person.bases
    if bases.relationship_active is not None:
        return not bases.relationship_active
    return _over(bases.purchase_at, place.relationship_months, now)


def _soft_optin(facts: Facts, place: Jurisdiction) -> Reason | Refused:
    """A sale, similar goods of one's own, a refusal offered at the sale (ePrivacy Directive 13(2))."""
    bases = facts.person.bases
    if "soft_optin" not in place.exemptions or not facts.message.switches.soft_optin:
        return Refused(Reason.NO_BASIS)
    similar = facts.message.about is About.OWN_SIMILAR
    if bases.free_signup or not (bases.refusal_offered and similar):
        return Refused(Reason.SOFT_OPTIN_CONDITIONS)
    return Reason.OK_SOFT_OPTIN


def _implied(
    facts: Facts, place: Jurisdiction, name: str, at: datetime | None, months: int | None, now: datetime
) -> Reason | Refused:
    """CASL 10(9), 10(10): a contract that runs counts as a purchase of today."""
    if name not in place.exemptions or not facts.message.switches.implied_consent:
        return Refused(Reason.NO_BASIS)
    running = name == "implied_purchase" and facts.person.bases.relationship_active
    return Reason.OK_IMPLIED if running or not _over(at, months, now) else Refused(Reason.IMPLIED_EXPIRED)


def _over(at: datetime | None, months: int | None, now: datetime) -> bool:
    """Has the term since then passed? Where there is no date or no term, it has."""
    return at is None or months is None or now > add_months(at, months)
