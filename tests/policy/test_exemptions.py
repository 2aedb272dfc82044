"""What stands in for a consent where there is none, place by place (LAW.md section 3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from tests.examples import A_DAY, NOW, changed

from shodaku.policy.domain import (
    About,
    Ads,
    Bases,
    DisplayReport,
    MessageClass,
    Published,
    Reason,
    Switches,
    ThirdParty,
    decide,
    pack,
    tighten,
)

ALL_ON = Switches(
    card_advertising=True,
    relationship=True,
    published_address=True,
    soft_optin=True,
    implied_consent=True,
    incidental_ads=True,
)
LABELLED = DisplayReport(labels=("(광고)",))
STRANGER = changed(consent=None, switches=ALL_ON, display=LABELLED)
A_SECOND = timedelta(seconds=1)
TWO_YEARS_AGO = datetime(2024, 11, 22, 3, 0, tzinfo=UTC)
SIX_MONTHS_AGO = datetime(2026, 5, 22, 3, 0, tzinfo=UTC)
SOLD = Bases(purchase_at=NOW - A_DAY, refusal_offered=True)
SIMILAR = {"about": About.OWN_SIMILAR}
EVERYTHING = Bases(
    card_at=NOW, published=Published.BY_BUSINESS, relationship_active=True, purchase_at=NOW, enquiry_at=NOW
)


def answer(**changes):
    return decide(changed(STRANGER, **changes), NOW).reason


@pytest.mark.parametrize(
    ("country", "bases", "changes", "expected"),
    [
        ("DE", SOLD, SIMILAR, Reason.OK_SOFT_OPTIN),
        ("GB", SOLD, SIMILAR, Reason.OK_SOFT_OPTIN),
        ("DE", SOLD, {}, Reason.SOFT_OPTIN_CONDITIONS),
        ("DE", replace(SOLD, refusal_offered=False), SIMILAR, Reason.SOFT_OPTIN_CONDITIONS),
        ("DE", replace(SOLD, free_signup=True), SIMILAR, Reason.SOFT_OPTIN_CONDITIONS),
        ("DE", Bases(free_signup=True), SIMILAR, Reason.SOFT_OPTIN_CONDITIONS),
        ("DE", Bases(refusal_offered=True), SIMILAR, Reason.NO_BASIS),
        ("DE", Bases(enquiry_at=NOW, relationship_active=True), SIMILAR, Reason.NO_BASIS),
        ("DE", SOLD, SIMILAR | {"switches": Switches()}, Reason.NO_BASIS),
        ("CA", Bases(purchase_at=TWO_YEARS_AGO), {}, Reason.OK_IMPLIED),
        ("CA", Bases(purchase_at=TWO_YEARS_AGO - A_SECOND), {}, Reason.IMPLIED_EXPIRED),
        # the first fact present decides
        ("CA", Bases(purchase_at=TWO_YEARS_AGO - A_SECOND, enquiry_at=NOW), {}, Reason.IMPLIED_EXPIRED),
        ("CA", Bases(enquiry_at=SIX_MONTHS_AGO), {}, Reason.OK_IMPLIED),
        ("CA", Bases(enquiry_at=SIX_MONTHS_AGO - A_SECOND), {}, Reason.IMPLIED_EXPIRED),
        # a contract that runs is a purchase of today, one that ended is none
        ("CA", Bases(relationship_active=True), {}, Reason.OK_IMPLIED),
        ("CA", Bases(relationship_active=True, purchase_at=TWO_YEARS_AGO - A_DAY), {}, Reason.OK_IMPLIED),
        ("CA", Bases(relationship_active=False), {}, Reason.NO_BASIS),
        ("CA", Bases(relationship_active=False, purchase_at=NOW), {}, Reason.OK_IMPLIED),
        ("CA", Bases(relationship_active=False, enquiry_at=NOW), {}, Reason.OK_IMPLIED),
        ("CA", Bases(purchase_at=NOW), {"switches": Switches()}, Reason.NO_BASIS),
        ("CA", Bases(enquiry_at=NOW), {"switches": Switches()}, Reason.NO_BASIS),
        ("CA", Bases(free_signup=True), {}, Reason.NO_BASIS),
        # of Japan alone
        ("CA", Bases(card_at=NOW, published=Published.BY_BUSINESS), {}, Reason.NO_BASIS),
        ("JP", Bases(enquiry_at=NOW, free_signup=True), {}, Reason.NO_BASIS),
        ("JP", Bases(published=Published.BY_BUSINESS, relationship_active=False), {}, Reason.OK_PUBLISHED),
        ("JP", Bases(relationship_active=False, purchase_at=NOW), {}, Reason.RELATIONSHIP_LAPSED),
        (
            "JP",
            Bases(relationship_active=True),
            {"about": About.AD_SPACE},
            Reason.RELATIONSHIP_OTHER_BUSINESS,
        ),
        ("JP", Bases(relationship_active=True), {"about": About.NO_BUSINESS}, Reason.OK_RELATIONSHIP),
        ("JP", Bases(purchase_at=NOW), {"switches": Switches()}, Reason.NO_BASIS),
        *((code, EVERYTHING, SIMILAR, Reason.NO_BASIS) for code in ("US", "AU", "KR", "SG", "TW")),
        (None, EVERYTHING, SIMILAR, Reason.JURISDICTION_UNKNOWN_STRICTEST),
        ("BR", EVERYTHING, SIMILAR, Reason.JURISDICTION_UNKNOWN_STRICTEST),
        # told by word, or imported: everywhere the same
        ("US", Bases(oral_notice_at=NOW, third_party=ThirdParty.PROVED), {}, Reason.NO_BASIS_NOT_WRITTEN),
        ("US", Bases(third_party=ThirdParty.PURCHASED_LIST), {}, Reason.PURCHASED_LIST),
    ],
)
def test_each_place_knows_its_own(country, bases, changes, expected):
    assert answer(country=country, bases=bases, **changes) == expected


def test_a_member_is_one_of_a_club_that_promotes_no_business():
    club = {"sender_is_npo": True, "about": About.NO_BUSINESS, "bases": Bases(member=True)}
    assert answer(**club) == Reason.OUTSIDE_SE_TREAT_AS_NEWS
    assert answer(**club, open_pixel=True) == Reason.OUTSIDE_SE_TREAT_AS_NEWS
    for other in ({"sender_is_npo": False}, {"about": About.OWN}, {"bases": Bases()}):
        assert answer(**club | other) == Reason.NO_BASIS


GIVEN_UP = [
    ("JP", Bases(card_at=NOW, relationship_active=True)),
    ("JP", Bases(published=Published.BY_BUSINESS, relationship_active=True)),
    ("JP", Bases(relationship_active=True)),
    ("DE", SOLD),
    ("CA", Bases(purchase_at=NOW, enquiry_at=NOW)),
    ("CA", Bases(enquiry_at=NOW)),
]


@pytest.mark.parametrize(("country", "bases"), GIVEN_UP)
def test_what_a_workspace_gave_up_is_no_basis_and_opens_no_other(country, bases):
    place = pack("1.0").jurisdiction(country)
    for name in sorted(place.exemptions):
        kept = sorted(place.exemptions - {name})
        stricter = tighten(pack("1.0"), {f"{place.code}.exemptions": kept})
        before, after = (
            answer(country=country, bases=bases, **SIMILAR),
            answer(country=country, bases=bases, pack=stricter, **SIMILAR),
        )
        assert after in (before, Reason.NO_BASIS)
    none = tighten(pack("1.0"), {f"{place.code}.exemptions": []})
    assert answer(country=country, bases=bases, pack=none, **SIMILAR) == Reason.NO_BASIS


def test_who_gave_cards_up_asks_nobody_by_card():
    without = tighten(pack("1.0"), {"JP.exemptions": ["relationship"]})
    asking = {"message_class": MessageClass.CONSENT_REQUEST, "ads": Ads.NONE, "bases": Bases(card_at=NOW)}
    assert answer(**asking) == Reason.OK_CARD_PERMISSION_REQUEST
    assert answer(**asking, pack=without) == Reason.NO_BASIS
    assert answer(**asking, country=None) == Reason.JURISDICTION_UNKNOWN_STRICTEST
    refusing = {"bases": Bases(card_at=NOW, card_refuses=True)}
    assert answer(**refusing, pack=without) == Reason.CARD_REFUSES


def test_a_running_contract_is_no_enquiry():
    """Where a law knew enquiries alone, a contract would not renew them."""
    canada = pack("1.0").jurisdictions["CA"]
    enquiries = replace(canada, exemptions=frozenset({"implied_enquiry"}))
    places = MappingProxyType({**pack("1.0").jurisdictions, "CA": enquiries})
    only = {"pack": replace(pack("1.0"), jurisdictions=places), "country": "CA"}
    old = Bases(relationship_active=True, enquiry_at=SIX_MONTHS_AGO - A_DAY)
    assert answer(**only, bases=old) == Reason.IMPLIED_EXPIRED
    assert answer(**only, bases=Bases(relationship_active=True, purchase_at=NOW)) == Reason.NO_BASIS


def test_where_a_law_sets_no_term_it_is_over():
    canada = replace(pack("1.0").jurisdictions["CA"], enquiry_months=None)
    places = MappingProxyType({**pack("1.0").jurisdictions, "CA": canada})
    endless = replace(pack("1.0"), jurisdictions=places)
    assert answer(pack=endless, country="CA", bases=Bases(enquiry_at=NOW)) == Reason.IMPLIED_EXPIRED
