"""Rule packs: what each version holds, whose law a country has, and that a workspace can only tighten."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.policy.strategies import STRICTER

from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    NEWEST_IN_FORCE,
    PACK_VERSIONS,
    UNKNOWN,
    PackUnknown,
    QuietHours,
    TighteningFault,
    pack,
    tighten,
)

LAW = Path(__file__).parents[3] / "shared/law/jurisdictions.yaml"
NIGHT = QuietHours(21 * 60, 8 * 60)
BASE = pack("1.0")


@pytest.mark.parametrize(
    ("country", "code"),
    [
        (None, "ZZ"),
        ("ZZ", "ZZ"),
        ("BR", "ZZ"),
        ("", "ZZ"),
        ("JP", "JP"),
        ("EU", "EU"),
        ("DE", "EU"),
        ("NO", "EU"),
        ("GB", "UK"),
        ("UK", "UK"),
        ("KR", "KR"),
    ],
)
def test_a_country_has_the_law_of_its_jurisdiction_and_an_unknown_one_the_strictest(country, code):
    assert BASE.jurisdiction(country).code == code


def test_the_newest_pack_in_force_is_one_of_the_versions_and_the_reform_is_not_in_force():
    assert PACK_VERSIONS == ("1.0", "1.1")
    assert NEWEST_IN_FORCE == "1.0"
    assert [pack(version).in_force for version in PACK_VERSIONS] == [True, False]
    assert {pack(version).dated for version in PACK_VERSIONS} == {date(2026, 11, 16)}
    with pytest.raises(PackUnknown, match="9"):
        pack("9")


def test_the_reform_only_adds_an_age_in_japan():
    reform = pack("1.1")
    assert (reform.version, reform.name, reform.tightened) == ("1.1", "1.1", ())
    changed = {code for code in BASE.jurisdictions if BASE.jurisdictions[code] != reform.jurisdictions[code]}
    assert changed == {"JP"}
    assert (BASE.jurisdictions["JP"].minor_age, reform.jurisdictions["JP"].minor_age) == (None, 16)


def test_parameters_of_the_whole_pack():
    numbers = (BASE.stale_months, BASE.first_issue_days, BASE.welcome_hours, BASE.confirmation_days)
    assert numbers == (12, 7, 24, 3)
    assert BASE.complaint_rate_max == 0.003
    assert BASE.labels == ("(광고)",)


def test_quiet_hours_are_of_a_channel_and_over_midnight():
    korea, japan = BASE.jurisdictions["KR"], BASE.jurisdictions["JP"]
    assert [korea.quiet(channel) for channel in (Channel.SMS, Channel.EMAIL, Channel.FAX)] == [
        NIGHT,
        NIGHT,
        None,
    ]
    assert [japan.quiet(channel) for channel in (Channel.SMS, Channel.EMAIL)] == [NIGHT, None]
    clock = {20 * 60 + 59: False, 21 * 60: True, 0: True, 8 * 60 - 1: True, 8 * 60: False}
    assert {minute: NIGHT.holds_at(minute) for minute in clock} == clock


@pytest.mark.skipif(not LAW.exists(), reason="the law pack is not beside this checkout")
def test_parameters_are_those_of_the_law_pack():
    rows = yaml.safe_load(LAW.read_text(encoding="utf-8"))["jurisdictions"]
    assert [row["code"] for row in rows] == list(BASE.jurisdictions)
    for row in rows:
        place, implied = BASE.jurisdictions[row["code"]], row.get("implied", {})
        assert place.laws == tuple(row["laws"])
        assert place.confidence == row["confidence"]
        # of the exemptions, these two are no basis: they are questions of the message itself
        assert place.exemptions == set(row["exemptions"]) - {"incidental_ads", "ad_space"}
        assert place.given_up == frozenset()
        assert place.sms_needs_written == (row["basis"]["sms"] == "written_consent")
        assert place.relationship_months == months(row.get("relationship_lapses"))
        assert place.purchase_months == months(implied.get("purchase"))
        assert place.enquiry_months == months(implied.get("enquiry"))
        assert place.reconfirm_months == months(row["reconfirm_every"])
        assert place.minor_age == row["minor_age"]
        assert place.subject_label == row["subject_label"]
        assert place.address_in_message == row.get("address_in_message", False)
        assert (place.quiet_sms, place.quiet_email) == tuple(
            NIGHT if row["quiet_hours"][channel] else None for channel in ("sms", "email")
        )
        assert place.night_consent_lifts_quiet == (row["code"] == "KR")


def months(duration):
    if duration is None:
        return None
    return int(duration[1:-1]) * {"Y": 12, "M": 1}[duration[-1]]


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"stale_months": 1}, lambda pack: pack.stale_months),
        ({"stale_months": 12}, lambda pack: pack.stale_months),  # as it is
        ({"welcome_hours": 1}, lambda pack: pack.welcome_hours),
        ({"first_issue_days": 1}, lambda pack: pack.first_issue_days),
        ({"confirmation_days": 1}, lambda pack: pack.confirmation_days),
        ({"complaint_rate_max": 0}, lambda pack: pack.complaint_rate_max),
        ({"complaint_rate_max": 0.003}, lambda pack: pack.complaint_rate_max),
        ({"JP.relationship_months": 1}, lambda pack: pack.jurisdictions["JP"].relationship_months),
        ({"CA.purchase_months": 24}, lambda pack: pack.jurisdictions["CA"].purchase_months),
        ({"CA.enquiry_months": 1}, lambda pack: pack.jurisdictions["CA"].enquiry_months),
        ({"JP.reconfirm_months": 1200}, lambda pack: pack.jurisdictions["JP"].reconfirm_months),
        ({"KR.reconfirm_months": 1}, lambda pack: pack.jurisdictions["KR"].reconfirm_months),
        ({"JP.minor_age": 1}, lambda pack: pack.jurisdictions["JP"].minor_age),
        ({"EU.minor_age": 16}, lambda pack: pack.jurisdictions["EU"].minor_age),
        ({"KR.minor_age": 100}, lambda pack: pack.jurisdictions["KR"].minor_age),
        ({"JP.sms_needs_written": True}, lambda pack: pack.jurisdictions["JP"].sms_needs_written),
        ({"US.sms_needs_written": True}, lambda pack: pack.jurisdictions["US"].sms_needs_written),
        ({"JP.sms_needs_written": False}, lambda pack: pack.jurisdictions["JP"].sms_needs_written),
        ({"JP.address_in_message": True}, lambda pack: pack.jurisdictions["JP"].address_in_message),
    ],
)
def test_a_stricter_value_is_taken(changes, read):
    ((key, value),) = changes.items()
    stricter = tighten(BASE, changes)
    assert read(stricter) == value
    assert type(read(stricter)) is type(value)
    assert stricter.tightened == (key,)
    assert stricter.name == "1.0+"
    assert (stricter.version, BASE.name, BASE.tightened) == ("1.0", "1.0", ())


def test_a_change_of_one_place_is_of_no_other():
    stricter = tighten(BASE, {"KR.minor_age": 19})
    others = {code for code in BASE.jurisdictions if BASE.jurisdictions[code] == stricter.jurisdictions[code]}
    assert others == set(BASE.jurisdictions) - {"KR"}


def test_a_star_is_every_place_and_a_term_that_nothing_rests_on_stays_none():
    stricter = tighten(
        BASE, {"*.purchase_months": 1, "*.reconfirm_months": 7, "*.quiet_email": "20:00-09:30"}
    )
    for code, place in stricter.jurisdictions.items():
        assert place.purchase_months == (1 if code == "CA" else None)
        assert place.reconfirm_months == 7
        assert place.quiet_email == QuietHours(1200, 570)
        assert place.quiet_sms == BASE.jurisdictions[code].quiet_sms


def test_exemptions_can_be_given_up_and_stay_known():
    once = tighten(BASE, {"JP.exemptions": ["card", "relationship"]})
    twice = tighten(once, {"JP.exemptions": ["card"], "stale_months": 6})
    japan = twice.jurisdictions["JP"]
    assert japan.exemptions == {"card"}
    assert japan.given_up == {"relationship", "published_address"}
    assert twice.tightened == ("JP.exemptions", "JP.exemptions", "stale_months")
    with pytest.raises(TighteningFault):
        tighten(twice, {"JP.exemptions": ["card", "relationship"]})
    assert tighten(BASE, {"*.exemptions": []}).jurisdictions["CA"].exemptions == frozenset()


UNKNOWN_KEYS = [
    "weather",
    "version",
    "jurisdictions",
    "XX.minor_age",
    "JP.weather",
    "JP.laws",
    ".minor_age",
    "*.code",
]
UNFIT = [
    ("stale_months", "6"),
    ("stale_months", 0),
    ("stale_months", 1201),
    ("stale_months", True),
    ("stale_months", 6.5),
    ("stale_months", None),
    ("welcome_hours", 25),
    ("first_issue_days", 366),
    ("confirmation_days", 32),
    ("complaint_rate_max", -0.1),
    ("complaint_rate_max", 1.1),
    ("complaint_rate_max", float("nan")),
    ("JP.relationship_months", 0),
    ("JP.relationship_months", 1201),
    ("JP.relationship_months", True),
    ("JP.relationship_months", 6.0),
    ("JP.purchase_months", "none"),
    ("JP.minor_age", 0),
    ("JP.minor_age", 101),
    ("JP.minor_age", True),
    ("JP.minor_age", "16"),
    ("JP.sms_needs_written", 1),
    ("JP.address_in_message", "yes"),
    ("JP.exemptions", "card"),
    ("JP.exemptions", [1]),
    ("JP.quiet_sms", None),
    ("JP.quiet_sms", ""),
    ("JP.quiet_sms", "20:00"),
    ("JP.quiet_sms", "20:00-"),
    ("JP.quiet_sms", "-08:00"),
    ("JP.quiet_sms", "20:00-20:00"),
    ("JP.quiet_sms", "08:00-20:00"),
    ("JP.quiet_sms", "24:00-08:00"),
    ("JP.quiet_sms", "20:60-08:00"),
    ("JP.quiet_sms", "2000-0800"),
    ("JP.quiet_sms", "9:00-08:00"),
    ("JP.quiet_sms", "20:0-08:00"),
    ("JP.quiet_sms", "-1:00-08:00"),
    ("JP.quiet_sms", "ab:cd-08:00"),
    ("JP.quiet_sms", "20:cd-08:00"),
    ("JP.quiet_sms", "a0:00-08:00"),
]
LOOSER = [
    ("stale_months", 13),
    ("stale_months", 12.5),
    ("first_issue_days", 8),
    ("confirmation_days", 4),
    ("complaint_rate_max", 0.0031),
    ("JP.relationship_months", 13),
    ("CA.purchase_months", 25),
    ("CA.enquiry_months", 7),
    ("KR.reconfirm_months", 25),
    ("*.reconfirm_months", 25),
    ("EU.minor_age", 15),
    ("*.minor_age", 15),
    ("US.sms_needs_written", False),
    ("*.address_in_message", False),
    ("JP.exemptions", ["soft_optin"]),
    ("US.exemptions", ["card"]),
    ("JP.quiet_sms", "21:01-08:00"),
    ("JP.quiet_sms", "21:00-07:59"),
    ("KR.quiet_email", "22:00-09:00"),
]


def fault(changes):
    with pytest.raises(TighteningFault) as caught:
        tighten(BASE, changes)
    return caught.value


@pytest.mark.parametrize("key", UNKNOWN_KEYS)
def test_a_key_that_the_pack_does_not_have_is_named(key):
    told = fault({key: 1})
    assert (told.key, told.ja, told.en) == (
        key,
        "この項目は規則にありません。",
        "The pack has no such parameter.",
    )
    assert str(told) == f"{key}: The pack has no such parameter."


@pytest.mark.parametrize(("key", "value"), UNFIT)
def test_a_value_that_does_not_fit_is_named(key, value):
    told = fault({key: value})
    assert (told.key, told.ja) == (key, "この項目に使えない値です。")
    assert told.en == "The value does not fit this parameter."


@pytest.mark.parametrize(("key", "value"), LOOSER)
def test_a_value_that_would_loosen_is_named(key, value):
    told = fault({key: value})
    assert (told.key, told.ja) == (key, "規則をゆるめる変更はできません。きびしい値にしてください。")
    assert told.en == "A pack can only be tightened. Choose a stricter value."


@pytest.mark.parametrize(("key", "value"), [*LOOSER, ("JP.weather", 1), ("stale_months", "6")])
def test_one_bad_change_takes_all_of_them_back(key, value):
    assert fault({"welcome_hours": 1, "JP.minor_age": 20, key: value}).key == key
    assert pack("1.0") is BASE
    assert BASE.welcome_hours == 24


@given(
    st.sampled_from(sorted(STRICTER)).flatmap(
        lambda key: st.tuples(st.just(key), st.sampled_from(STRICTER[key]))
    )
)
def test_what_was_taken_once_can_be_taken_again_and_changes_nothing_more(change):
    key, value = change
    once = tighten(BASE, {key: value})
    again = tighten(once, {key: value})
    assert again.jurisdictions == once.jurisdictions
    assert (again.stale_months, again.complaint_rate_max) == (once.stale_months, once.complaint_rate_max)


def test_nothing_to_change_is_no_change():
    assert tighten(BASE, {}) == BASE


def test_where_residence_is_unknown_every_place_is_as_strict_or_less():
    strictest = BASE.jurisdictions[UNKNOWN]
    assert strictest.exemptions == frozenset()
    for place in BASE.jurisdictions.values():
        assert (place.minor_age or 0) <= strictest.minor_age
        assert strictest.address_in_message
        assert place.reconfirm_months in (None, strictest.reconfirm_months)


def test_the_countries_with_a_law_of_their_own_are_those_of_the_pack():
    known = pack(NEWEST_IN_FORCE).known_countries
    assert {"JP", "US", "GB", "FR", "KR"} <= known
    assert not {"ZZ", "BR"} & known
