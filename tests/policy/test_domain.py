"""The order of questions at the instant of sending, and the laws that hold over all facts."""

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import A_DAY, CONSENT, NOW, READER, changed
from tests.policy.strategies import all_facts, changes, moments, refusals, tightened

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, Terms
from shodaku.contacts.domain import Channel
from shodaku.policy import decision
from shodaku.policy.domain import (
    AD_CLASSES,
    DISPLAY_ORDER,
    NOTHING,
    About,
    Ads,
    Bases,
    CampaignState,
    Deferred,
    DisplayReport,
    HeldConsent,
    Instead,
    MessageClass,
    Operational,
    Permit,
    Published,
    Reach,
    Reason,
    Refused,
    Switches,
    ThirdParty,
    decide,
    explain,
    head_fault,
    pack,
    tighten,
)
from shodaku.suppression.domain import Refusal, Scope

REASONS = Path(__file__).parents[3] / "shared/law/reasons.yaml"


@given(all_facts, moments)
def test_every_question_has_one_answer_with_its_rules_and_the_same_twice(facts, now):
    verdict = decide(facts, now)
    assert isinstance(verdict, Permit | Refused | Deferred)
    assert verdict == decide(facts, now)
    assert explain(verdict.reason).rules


@given(all_facts, moments)
def test_a_refusal_at_the_instant_of_sending_lets_no_advertising_pass(facts, now):
    refused = (*facts.person.refusals, Refusal(Scope.ALL, now))
    verdict = decide(changed(facts, refusals=refused), now)
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(verdict, Refused)
        assert verdict.instead is None
    if isinstance(verdict, Permit):
        assert facts.message.ads is Ads.NONE or verdict.without_ads


@given(all_facts, moments)
def test_an_erased_person_gets_nothing_but_what_law_demands(facts, now):
    verdict = decide(changed(facts, erased_at=now), now)
    if facts.message.message_class is not MessageClass.LEGAL:
        assert isinstance(verdict, Refused)
        assert verdict.instead is None
    elif isinstance(verdict, Permit):
        assert facts.message.ads is Ads.NONE or verdict.without_ads


@given(all_facts, moments)
def test_of_who_is_unknown_no_advertising_is_allowed(facts, now):
    unknown = changed(facts, consents=(), form_entry_at=None, bases=NOTHING)
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(decide(unknown, now), Refused)


@given(all_facts, moments, st.randoms(use_true_random=False))
def test_the_order_of_refusals_does_not_matter(facts, now, chance):
    shuffled = chance.sample(facts.person.refusals, len(facts.person.refusals))
    assert decide(changed(facts, refusals=tuple(shuffled)), now) == decide(facts, now)


@given(all_facts, moments, changes)
def test_no_stricter_pack_allows_what_was_not_allowed(facts, now, some):
    """Nor does it hold for later what was refused."""
    stricter = decide(changed(facts, pack=tightened(facts.message.pack, some)), now)
    as_it_is = decide(changed(facts, pack=pack(facts.message.pack.version)), now)
    if isinstance(stricter, Permit):
        assert isinstance(as_it_is, Permit)
    if isinstance(as_it_is, Refused):
        assert isinstance(stricter, Refused)


@given(all_facts, refusals, moments)
def test_one_more_refusal_never_turns_no_into_yes(facts, refusal, now):
    more = changed(facts, refusals=(*facts.person.refusals, refusal))
    if isinstance(decide(more, now), Permit):
        assert isinstance(decide(facts, now), Permit)


@given(all_facts, moments)
def test_a_permit_is_for_the_contact_channel_and_moment_that_were_asked_about(facts, now):
    match decide(facts, now):
        case Permit() as permit:
            asked = (facts.person.contact_id, facts.message.channel, now)
            assert (permit.contact_id, permit.channel, permit.decided_at) == asked


def test_nobody_else_makes_a_permit():
    with pytest.raises(TypeError, match=r"^only policy\.domain\.decide makes a Permit$"):
        Permit(None, *decide(READER, NOW))
    permit = decide(READER, NOW)
    for forged in (lambda: Permit._make(permit), lambda: permit._replace(contact_id=2), lambda: copy(permit)):
        with pytest.raises(TypeError, match=r"^only policy\.domain\.decide makes a Permit$"):
            forged()


@given(all_facts, moments)
def test_what_rests_on_a_consent_names_the_entry_that_proves_it(facts, now):
    verdict = decide(facts, now)
    consented = {
        Reason.OK_CONSENT,
        Reason.OK_CONSENT_SINGLE,
        Reason.OK_CONSENT_AFTER_REFUSAL,
        Reason.OK_CONSENT_FIRST_LATE,
        Reason.OK_AD_SPACE_IN_REQUESTED_MAIL,
        Reason.OK_RECONFIRM,
    }
    if isinstance(verdict, Permit) and verdict.reason in consented:
        assert verdict.evidence_id == 7


@given(all_facts, moments)
def test_nobody_is_measured_without_having_agreed_to_it(facts, now):
    verdict = decide(facts, now)
    measures = facts.message.open_pixel or facts.message.click_links
    if isinstance(verdict, Permit) and measures and not facts.person.tracking_consent:
        assert verdict.without_tracking


@given(all_facts, moments)
def test_nothing_leaves_while_the_gate_is_closed(facts, now):
    assert decide(changed(facts, gate_closed=True), now) == Refused(Operational.GATE_CLOSED)


@given(all_facts, moments)
def test_a_campaign_that_rests_or_ended_permits_nothing(facts, now):
    for state in (CampaignState.PAUSED, CampaignState.CANCELLED):
        assert not isinstance(decide(changed(facts, campaign_state=state), now), Permit)


@pytest.mark.skipif(not REASONS.exists(), reason="the law pack is not beside this checkout")
def test_every_reason_of_the_gate_stands_in_the_law_pack():
    known = {row["code"] for row in yaml.safe_load(REASONS.read_text(encoding="utf-8"))["reasons"]}
    assert set(Reason) <= known
    assert set(Operational) & known == set()


def answer(facts, **changes):
    verdict = decide(changed(facts, **changes), NOW)
    return verdict.reason, type(verdict)


REFUSED_NOW = (Refusal(Scope.ALL, NOW),)
A_SECOND = timedelta(seconds=1)


NIGHT = timezone(timedelta(hours=20))  # where it is 23 o'clock


def lacks(*missing, **other):
    return {"display": DisplayReport(missing=missing, **other)}


def held(*reaches):
    return {"consents": tuple(HeldConsent(CONSENT, reach) for reach in reaches)}


def sent_days_ago(*days):
    return {"sent_ats": tuple(NOW - timedelta(days=each) for each in days)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Reason.OK_CONSENT, Permit)),
        ({"message_class": MessageClass.SURVEY}, (Reason.OK_CONSENT, Permit)),  # always advertising (SE-28)
        ({"erased_at": NOW - A_DAY}, (Reason.ERASED_NEVER_CONTACT, Refused)),
        ({"address_invalid": True}, (Reason.ADDRESS_INVALID, Refused)),
        ({"address_generated": True}, (Reason.ADDRESS_FICTITIOUS, Refused)),
        ({"head_fault": Reason.SENDER_FALSE}, (Reason.SENDER_FALSE, Refused)),
        ({"consent": None}, (Reason.NO_BASIS, Refused)),
        ({"consent": Consent()}, (Reason.NO_BASIS, Refused)),
        ({"consent": Consent(ConsentState.PENDING, NOW)}, (Reason.CONSENT_NOT_CONFIRMED, Refused)),
        ({"consent": Consent(ConsentState.WITHDRAWN, NOW)}, (Reason.NO_BASIS, Refused)),
        ({"consent": Consent(ConsentState.EXPIRED, NOW)}, (Reason.CONSENT_EXPIRED, Refused)),
        # of consents that all fail the newest is told, and one that passes is enough
        (held(Reach.TOPIC), (Reason.CONSENT_SCOPE_TOPIC, Refused)),
        (held(Reach.CHANNEL, Reach.TOPIC), (Reason.CONSENT_SCOPE_CHANNEL, Refused)),
        (held(Reach.SENDER, Reach.CHANNEL), (Reason.CONSENT_SCOPE_SENDER, Refused)),
        (held(Reach.SENDER, Reach.COVERS), (Reason.OK_CONSENT, Permit)),
        # a refusal at the same instant as the consent wins, an older one is superseded
        ({"refusals": (Refusal(Scope.ALL, NOW - A_DAY),)}, (Reason.REFUSED_ALL, Refused)),
        ({"refusals": (Refusal(Scope.ALL, NOW - 2 * A_DAY),)}, (Reason.OK_CONSENT_AFTER_REFUSAL, Permit)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 1), *REFUSED_NOW)}, (Reason.REFUSED_ALL, Refused)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 1),)}, (Reason.REFUSED_TOPIC, Refused)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 2),)}, (Reason.OK_CONSENT, Permit)),
        ({"refusals": (Refusal(Scope.UNTIL, NOW, until=NOW + A_DAY),)}, (Reason.REFUSED_UNTIL, Refused)),
        ({"refusals": (Refusal(Scope.UNTIL, NOW - A_DAY, until=NOW),)}, (Reason.OK_CONSENT, Permit)),
        (sent_days_ago(1, 2, 3), (Reason.OK_CONSENT, Permit)),
        (sent_days_ago(1, 2, 3, 4), (Reason.CONSENT_FREQUENCY, Refused)),
        (sent_days_ago(1, 2, 3, 7), (Reason.OK_CONSENT, Permit)),  # exactly a window old is free again
        (sent_days_ago(1, 2, 3, 6.99), (Reason.CONSENT_FREQUENCY, Refused)),
        (sent_days_ago(*range(20)) | {"limit": None}, (Reason.OK_CONSENT, Permit)),
        ({"limit": Limit(0, days=A_DAY)}, (Reason.CONSENT_FREQUENCY, Refused)),
        ({"purpose": "third_party_provision"}, (Reason.PURPOSE_BEYOND_CONSENT, Refused)),
        (
            {"display": DisplayReport(missing=(Reason.DISPLAY_ADDRESS_MISSING,))},
            (Reason.DISPLAY_ADDRESS_MISSING, Refused),
        ),
        # told in the order of the law, not of the linter
        (
            {
                "display": DisplayReport(
                    missing=(
                        Reason.DISPLAY_ADDRESS_MISSING,
                        Reason.DISPLAY_NAME_MISSING,
                    )
                )
            },
            (Reason.DISPLAY_NAME_MISSING, Refused),
        ),
        # a finding that the list does not know refuses as well
        ({"display": DisplayReport(missing=(Reason.CONSENT_EXPIRED,))}, (Reason.CONSENT_EXPIRED, Refused)),
        ({"display": DisplayReport(missing=(Reason.WHY_LINE_MISSING,))}, (Reason.WHY_LINE_MISSING, Refused)),
        (
            {"channel": Channel.SMS, "display": DisplayReport(missing=(Reason.AUTH_DMARC_MISSING,))},
            (Reason.OK_CONSENT, Permit),
        ),
        ({"complaint_rate": 0.003}, (Reason.OK_CONSENT, Permit)),
        ({"complaint_rate": 0.0031}, (Reason.COMPLAINT_RATE_STOP, Deferred)),
        ({"complaint_rate": 0.0031, "complaint_rate_released": True}, (Reason.OK_CONSENT, Permit)),
        ({"open_pixel": True}, (Reason.TRACKING_REMOVED, Permit)),
        ({"open_pixel": True, "tracking_consent": True}, (Reason.OK_CONSENT, Permit)),
        ({"click_links": True}, (Reason.TRACKING_REMOVED, Permit)),
        ({"click_links": True, "tracking_consent": True}, (Reason.OK_CONSENT, Permit)),
        # a deferral outranks the reduction, a refusing display both
        ({"open_pixel": True, "complaint_rate": 1.0}, (Reason.COMPLAINT_RATE_STOP, Deferred)),
        (
            {"open_pixel": True, "complaint_rate": 1.0} | lacks(Reason.WHY_LINE_MISSING),
            (Reason.WHY_LINE_MISSING, Refused),
        ),
        ({"campaign_state": CampaignState.PAUSED}, (Operational.CAMPAIGN_PAUSED, Deferred)),
        ({"campaign_state": CampaignState.PAUSED, "refusals": REFUSED_NOW}, (Reason.REFUSED_ALL, Refused)),
        ({"campaign_state": CampaignState.CANCELLED}, (Operational.CAMPAIGN_CANCELLED, Refused)),
        ({"gate_closed": True}, (Operational.GATE_CLOSED, Refused)),
        ({"about": About.AD_SPACE}, (Reason.OK_AD_SPACE_IN_REQUESTED_MAIL, Permit)),
    ],
)
def test_advertising_to_a_reader(changes, expected):
    assert answer(READER, **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"since": NOW + A_DAY}, Reason.CONSENT_AFTER_DECISION),
        ({"since": None}, Reason.CONSENT_AFTER_DECISION),
        ({"since": NOW}, Reason.OK_CONSENT),
        ({"flaw": Flaw.PRECHECKED}, Reason.CONSENT_PRECHECKED),
        ({"flaw": Flaw.DEEMED}, Reason.CONSENT_DEEMED),
        ({"flaw": Flaw.INCOMPLETE}, Reason.EVIDENCE_INCOMPLETE),
        ({"flaw": Flaw.TAMPERED}, Reason.LEDGER_TAMPERED),
        ({"entry_id": None}, Reason.EVIDENCE_INCOMPLETE),  # without an entry there is no proof
        # the end is the first moment at which the consent no longer holds
        ({"expires_at": NOW}, Reason.CONSENT_EXPIRED),
        ({"expires_at": NOW + timedelta(microseconds=1)}, Reason.OK_CONSENT),
        ({"confirmed": False}, Reason.CONSENT_NOT_CONFIRMED),
    ],
)
def test_what_a_consent_must_be(changes, expected):
    assert answer(READER, consent=replace(CONSENT, **changes))[0] == expected


@pytest.mark.parametrize(
    ("age_years", "country", "guardian", "expected"),
    [
        (15, "DE", False, Reason.CONSENT_MINOR),
        (16, "DE", False, Reason.OK_CONSENT),
        (15, "DE", True, Reason.OK_CONSENT),
        (None, "DE", False, Reason.OK_CONSENT),  # nobody said: taken for an adult
        (1, "JP", False, Reason.OK_CONSENT),
    ],
)
def test_a_child_needs_a_guardian_where_the_law_has_an_age(age_years, country, guardian, expected):
    for terms in [Terms(guardian=guardian)] + [None] * (not guardian):
        consent = replace(CONSENT, terms=terms)
        assert answer(READER, age_years=age_years, country=country, consent=consent)[0] == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"flaw": Flaw.PRECHECKED}, {"age_years": 3}, Reason.CONSENT_PRECHECKED),
        ({"flaw": Flaw.INCOMPLETE}, {"age_years": 3}, Reason.CONSENT_MINOR),
        ({"entry_id": None}, held(Reach.SENDER), Reason.EVIDENCE_INCOMPLETE),
        ({"expires_at": NOW}, {"purpose": "support"}, Reason.PURPOSE_BEYOND_CONSENT),
        ({"expires_at": NOW}, {"limit": Limit(0)}, Reason.CONSENT_EXPIRED),
        ({"confirmed": False}, {"limit": Limit(0)}, Reason.CONSENT_FREQUENCY),
    ],
)
def test_of_two_lacks_the_first_in_the_order_of_the_law_is_told(first, second, expected):
    reach = second.pop("consents", (HeldConsent(CONSENT),))[0].reach
    consents = (HeldConsent(replace(CONSENT, **first), reach),)
    assert answer(READER, country="EU", consents=consents, **second)[0] == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (None, Reason.PURPOSE_BEYOND_CONSENT),
        (Terms(), Reason.PURPOSE_BEYOND_CONSENT),
        (Terms(purposes=frozenset({"news"})), Reason.PURPOSE_BEYOND_CONSENT),
        (Terms(purposes=frozenset({"news", "support"})), Reason.OK_CONSENT),
    ],
)
def test_a_purpose_of_its_own_must_have_been_agreed_to(terms, expected):
    assert answer(READER, purpose="support", consent=replace(CONSENT, terms=terms))[0] == expected


@pytest.mark.parametrize(
    ("country", "channel", "terms", "expected"),
    [
        ("US", Channel.SMS, None, Reason.CONSENT_SCOPE_CHANNEL),
        ("US", Channel.SMS, Terms(), Reason.CONSENT_SCOPE_CHANNEL),
        ("US", Channel.SMS, Terms(written=True), Reason.OK_CONSENT),
        ("US", Channel.EMAIL, None, Reason.OK_CONSENT),
        ("CA", Channel.SMS, None, Reason.OK_CONSENT),
    ],
)
def test_a_text_to_the_united_states_needs_a_written_consent(country, channel, terms, expected):
    consent = replace(CONSENT, terms=terms)
    assert answer(READER, country=country, channel=channel, consent=consent)[0] == expected


def test_the_limit_of_the_consent_stands_before_that_of_the_topic():
    yesterday = sent_days_ago(1)
    own = replace(CONSENT, terms=Terms(limit=Limit(1, days=A_DAY + A_SECOND)))
    assert answer(READER, consent=own, **yesterday)[0] == Reason.CONSENT_FREQUENCY
    assert answer(READER, consent=replace(CONSENT, terms=Terms()), **yesterday)[0] == Reason.OK_CONSENT
    wide = replace(CONSENT, terms=Terms(limit=Limit(9, months=1)))
    assert answer(READER, consent=wide, limit=Limit(1, months=1), **yesterday)[0] == Reason.OK_CONSENT


def test_what_a_person_took_back_stays_taken_back_though_a_newer_consent_lifts_the_no():
    """特定商取引法12条の3第2項: only what was asked for afterwards, and that is over here."""
    refusals = (Refusal(Scope.ALL, NOW - 5 * A_DAY),)
    old = HeldConsent(replace(CONSENT, since=NOW - 9 * A_DAY, last_contact_at=NOW - 9 * A_DAY))
    newer = HeldConsent(replace(CONSENT, expires_at=NOW))
    for asking in ({}, {"message_class": MessageClass.RECONFIRM, "ads": Ads.NONE}):
        assert answer(READER, consents=(newer, old), **asking)[1] == Permit
        refused = answer(READER, consents=(newer, old), refusals=refusals, **asking)
        assert refused == (Reason.CONSENT_EXPIRED, Refused)


def test_a_topic_without_confirmation_mail_accepts_the_first_yes():
    assert answer(READER, double_opt_in=False, consent=replace(CONSENT, confirmed=False)) == (
        Reason.OK_CONSENT_SINGLE,
        Permit,
    )


def test_a_yes_that_anybody_could_have_typed_lifts_no_refusal():
    unconfirmed = replace(CONSENT, confirmed=False)
    older = (Refusal(Scope.ALL, NOW - 2 * A_DAY),)
    expected = (Reason.REFUSED_ALL, Refused)
    assert answer(READER, double_opt_in=False, consent=unconfirmed, refusals=older) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [(NOW, Reason.OK_CONSENT_AFTER_REFUSAL), (NOW + timedelta(seconds=1), Reason.REFUSED_ALL)],
)
def test_a_yes_of_this_instant_lifts_an_older_refusal_and_one_of_the_future_none(since, expected):
    consent = replace(CONSENT, since=since, last_contact_at=since)
    assert answer(READER, consent=consent, refusals=(Refusal(Scope.ALL, NOW - A_DAY),))[0] == expected


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, flaw=Flaw.DEEMED),
        replace(CONSENT, flaw=Flaw.PRECHECKED),
        replace(CONSENT, state=ConsentState.PENDING),
        replace(CONSENT, since=None),
    ],
)
def test_a_yes_that_nobody_said_lifts_no_refusal(consent):
    older = (Refusal(Scope.ALL, NOW - 2 * A_DAY),)
    assert answer(READER, consent=consent, refusals=older)[0] == Reason.REFUSED_ALL


@pytest.mark.parametrize("reach", [Reach.SENDER, Reach.CHANNEL, Reach.TOPIC])
def test_a_yes_to_something_else_lifts_no_refusal(reach):
    older = (Refusal(Scope.ALL, NOW - 2 * A_DAY),)
    covering = HeldConsent(replace(CONSENT, since=NOW - 3 * A_DAY))
    consents = (HeldConsent(CONSENT, reach), covering)
    assert answer(READER, consents=consents, refusals=older)[0] == Reason.REFUSED_ALL


def test_of_several_refusals_the_widest_is_told():
    topic, pause = Refusal(Scope.TOPIC, NOW, 1), Refusal(Scope.UNTIL, NOW, until=NOW + A_DAY)
    assert answer(READER, refusals=(topic, pause, *REFUSED_NOW))[0] == Reason.REFUSED_ALL
    assert answer(READER, refusals=(topic, pause))[0] == Reason.REFUSED_UNTIL


TWELVE_MONTHS_AGO = datetime(2025, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last_contact_at", "last_sent_at", "expected"),
    [
        (TWELVE_MONTHS_AGO, None, Reason.OK_CONSENT),
        (TWELVE_MONTHS_AGO - timedelta(seconds=1), None, Reason.CONSENT_STALE),
        (TWELVE_MONTHS_AGO - A_DAY, NOW - A_DAY, Reason.OK_CONSENT),
        (TWELVE_MONTHS_AGO - A_DAY, TWELVE_MONTHS_AGO - A_DAY, Reason.CONSENT_STALE),
    ],
)
def test_after_twelve_silent_months_only_a_reconfirmation_may_go(last_contact_at, last_sent_at, expected):
    consent = replace(CONSENT, since=TWELVE_MONTHS_AGO - 30 * A_DAY, last_contact_at=last_contact_at)
    assert answer(READER, consent=consent, last_sent_at=last_sent_at)[0] == expected
    asking = {"message_class": MessageClass.RECONFIRM, "ads": Ads.NONE}
    assert answer(READER, consent=consent, last_sent_at=last_sent_at, **asking)[0] == Reason.OK_RECONFIRM


def test_twelve_months_over_a_leap_day_are_366_days():
    since = datetime(2027, 3, 1, tzinfo=UTC)
    consent = replace(CONSENT, since=since, last_contact_at=since, expires_at=None)
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert decide(changed(consent=consent), leap_day).reason == Reason.OK_CONSENT
    assert decide(changed(consent=consent), leap_day + A_DAY).reason == Reason.CONSENT_STALE


def test_a_month_of_february_is_long_enough_to_be_stale_after_one_month():
    since = datetime(2027, 2, 1, tzinfo=UTC)
    consent = replace(CONSENT, since=since, last_contact_at=None, expires_at=None)
    monthly = changed(consent=consent, pack=tighten(pack("1.0"), {"stale_months": 1}))
    assert decide(monthly, datetime(2027, 3, 1, tzinfo=UTC)).reason == Reason.OK_CONSENT
    assert decide(monthly, datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC)).reason == Reason.CONSENT_STALE


TWO_YEARS_AGO = datetime(2024, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "given_at", "renewed_at", "expected"),
    [
        ("KR", TWO_YEARS_AGO, None, Reason.OK_CONSENT),
        ("KR", TWO_YEARS_AGO - A_SECOND, None, Reason.RECONFIRM_DUE),
        ("KR", TWO_YEARS_AGO - A_SECOND, TWO_YEARS_AGO, Reason.OK_CONSENT),
        (None, TWO_YEARS_AGO - A_SECOND, None, Reason.RECONFIRM_DUE),
        ("JP", TWO_YEARS_AGO - A_SECOND, None, Reason.OK_CONSENT),
    ],
)
def test_korea_and_residence_unknown_ask_again_after_two_years(country, given_at, renewed_at, expected):
    consent = replace(CONSENT, since=given_at, last_contact_at=renewed_at)
    labelled = DisplayReport(labels=("(광고)",))
    mailed = {"country": country, "last_sent_at": NOW - A_DAY, "display": labelled}
    assert answer(READER, consent=consent, **mailed)[0] == expected


@pytest.mark.parametrize(
    ("late_by", "expected"),
    [(timedelta(0), Reason.OK_CONSENT), (A_SECOND, Reason.OK_CONSENT_FIRST_LATE)],
)
def test_a_first_issue_later_than_a_week_is_sent_and_told(late_by, expected):
    consent = replace(CONSENT, since=NOW - 7 * A_DAY - late_by)
    assert answer(READER, consent=consent, first_issue=True)[0] == expected
    assert answer(READER, consent=consent)[0] == Reason.OK_CONSENT


ASKING = changed(
    message_class=MessageClass.CONSENT_REQUEST,
    ads=Ads.NONE,
    consent=Consent(ConsentState.PENDING, NOW, entry_id=6),
    form_entry_at=NOW,
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Reason.OK_CONFIRMATION, Permit)),
        ({"form_entry_at": None}, (Reason.NO_BASIS, Refused)),
        ({"form_entry_at": NOW + A_DAY}, (Reason.NO_BASIS, Refused)),
        # one message that asks, never a reminder; a new request of the person is answered anew
        ({"asked_at": NOW}, (Reason.CONSENT_REQUEST_REPEATED, Refused)),
        ({"asked_at": NOW - A_DAY}, (Reason.OK_CONFIRMATION, Permit)),
        ({"ads": Ads.INCIDENTAL}, (Reason.CONSENT_REQUEST_WITH_ADS, Refused)),
        # the way back is the person's own later request, and nothing else
        ({"erased_at": NOW - A_DAY}, (Reason.OK_FRESH_REQUEST_AFTER_ERASURE, Permit)),
        ({"erased_at": NOW}, (Reason.ERASED_NEVER_CONTACT, Refused)),
        ({"refusals": (Refusal(Scope.ALL, NOW - A_DAY),)}, (Reason.OK_CONFIRMATION, Permit)),
        ({"refusals": REFUSED_NOW}, (Reason.REFUSED_ALL, Refused)),
        ({"refusals": REFUSED_NOW, "form_entry_at": None}, (Reason.REFUSED_ALL, Refused)),
        # it answers at once, at night and whatever the list's complaints; the footer stays demanded
        ({"channel": Channel.SMS, "zone": NIGHT, "complaint_rate": 1.0}, (Reason.OK_CONFIRMATION, Permit)),
        ({"display": DisplayReport(missing=(Reason.WHY_LINE_MISSING,))}, (Reason.OK_CONFIRMATION, Permit)),
        (
            {"display": DisplayReport(missing=(Reason.HEADER_ONECLICK_MISSING,))},
            (Reason.OK_CONFIRMATION, Permit),
        ),
        (
            {"display": DisplayReport(missing=(Reason.DISPLAY_NAME_MISSING,))},
            (Reason.DISPLAY_NAME_MISSING, Refused),
        ),
    ],
)
def test_a_consent_request_goes_once_and_only_to_who_asked(changes, expected):
    assert answer(ASKING, **changes) == expected


def test_a_confirmation_mail_names_the_entry_of_the_request_it_answers():
    assert decide(ASKING, NOW).evidence_id == 6
    assert decide(changed(ASKING, consent=None), NOW).evidence_id is None
    assert decide(changed(ASKING, consent=CONSENT), NOW).evidence_id is None
    elsewhere = HeldConsent(Consent(ConsentState.PENDING, NOW, entry_id=6), Reach.TOPIC)
    assert decide(changed(ASKING, consents=(elsewhere,)), NOW).evidence_id is None


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ({"form_entry_at": NOW - 2 * A_DAY}, Reason.CONSENT_REQUEST_REPEATED),
        ({"form_entry_at": NOW}, Reason.OK_CONFIRMATION),
        ({"form_entry_at": NOW + A_SECOND}, Reason.CONSENT_REQUEST_REPEATED),  # not by now
        ({"bases": Bases(card_at=NOW)}, Reason.OK_CARD_PERMISSION_REQUEST),
        ({"bases": Bases(card_at=NOW - 2 * A_DAY)}, Reason.CONSENT_REQUEST_REPEATED),
        ({"bases": Bases(card_at=NOW + A_SECOND)}, Reason.CONSENT_REQUEST_REPEATED),
        ({"bases": Bases(oral_notice_at=NOW)}, Reason.OK_CARD_PERMISSION_REQUEST),
        (
            {"consent": replace(CONSENT, last_contact_at=NOW)},
            Reason.NO_BASIS,
        ),  # a new act, and no question to put
        ({"consent": replace(CONSENT, since=NOW, last_contact_at=None)}, Reason.NO_BASIS),
        (
            {"consent": replace(CONSENT, last_contact_at=NOW, flaw=Flaw.DEEMED)},
            Reason.CONSENT_REQUEST_REPEATED,
        ),
    ],
)
def test_a_question_is_put_again_only_after_an_act_of_the_person(act, expected):
    unanswered = changed(ASKING, asked_at=NOW - A_DAY, form_entry_at=None, consent=None)
    assert answer(unanswered, **act)[0] == expected


RESTING = {"campaign_state": CampaignState.PAUSED}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (timezone(timedelta(hours=17, minutes=59)), None),  # 20:59
        (timezone(timedelta(hours=18)), "2026-11-23T08:00:00+18:00"),  # 21:00
        (timezone(timedelta(hours=4, minutes=59)), "2026-11-22T08:00:00+04:59"),  # 07:59
        (timezone(timedelta(hours=5)), None),  # 08:00
        (timezone(timedelta(hours=-3)), "2026-11-22T08:00:00-03:00"),  # midnight
    ],
)
def test_a_text_waits_for_the_morning_of_the_recipient(zone, expected):
    verdict = decide(changed(channel=Channel.SMS, zone=zone, open_pixel=True), NOW)
    if expected is None:
        assert verdict.reason == Reason.TRACKING_REMOVED
    else:
        assert verdict == Deferred(Reason.QUIET_HOURS, datetime.fromisoformat(expected))


def test_the_morning_after_the_clocks_were_put_back_is_at_eight_too():
    evening = datetime(2026, 10, 31, 22, 30, 59, 7, tzinfo=ZoneInfo("America/New_York"))
    consent = replace(CONSENT, since=evening - A_DAY, last_contact_at=None, expires_at=None)
    verdict = decide(
        changed(channel=Channel.SMS, zone=ZoneInfo("America/New_York"), consent=consent), evening
    )
    assert verdict.until.astimezone(UTC) == datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    assert (verdict.until.hour, verdict.until.minute, verdict.until.second) == (8, 0, 0)


def test_stricter_hours_end_when_they_say():
    stricter = tighten(pack("1.0"), {"JP.quiet_sms": "20:30-09:15", "JP.quiet_email": "20:30-09:15"})
    for channel in (Channel.SMS, Channel.EMAIL):
        verdict = decide(changed(channel=channel, pack=stricter, zone=NIGHT), NOW)
        assert verdict.until.isoformat() == "2026-11-23T09:15:00+20:00"
    assert answer(READER, channel=Channel.FAX, pack=stricter, zone=NIGHT)[1] == Permit


@pytest.mark.parametrize(
    ("country", "channel", "terms", "expected"),
    [
        ("JP", Channel.EMAIL, None, Reason.OK_CONSENT),
        ("JP", Channel.SMS, Terms(night=True), Reason.QUIET_HOURS),
        ("KR", Channel.EMAIL, None, Reason.QUIET_HOURS),
        ("KR", Channel.SMS, Terms(), Reason.QUIET_HOURS),
        ("KR", Channel.SMS, Terms(night=True), Reason.OK_CONSENT),
        ("KR", Channel.EMAIL, Terms(night=True), Reason.OK_CONSENT),
    ],
)
def test_a_consent_for_the_night_lifts_quiet_hours_in_korea_alone(country, channel, terms, expected):
    night = {"zone": NIGHT, "display": DisplayReport(labels=("(광고)",)), "country": country}
    assert answer(READER, channel=channel, consent=replace(CONSENT, terms=terms), **night)[0] == expected


def test_what_rests_on_no_consent_has_no_consent_for_the_night():
    club = {"sender_is_npo": True, "about": About.NO_BUSINESS, "bases": Bases(member=True), "consent": None}
    korean = {"country": "KR", "zone": NIGHT, "display": DisplayReport(labels=("(광고)",))}
    assert answer(READER, **club, **korean)[0] == Reason.QUIET_HOURS


def test_a_campaign_that_rests_is_told_last():
    assert answer(READER, **RESTING, complaint_rate=1.0)[0] == Reason.COMPLAINT_RATE_STOP
    assert decide(changed(NOTICE, **RESTING), NOW) == Deferred(Operational.CAMPAIGN_PAUSED, None)


@pytest.mark.parametrize(
    ("country", "display", "expected"),
    [
        ("JP", DisplayReport(address_linked=True), Reason.OK_CONSENT),
        ("US", DisplayReport(address_linked=True), Reason.DISPLAY_ADDRESS_MISSING),
        ("US", DisplayReport(), Reason.OK_CONSENT),
        ("KR", DisplayReport(), Reason.DISPLAY_AD_LABEL_MISSING),
        ("KR", DisplayReport(labels=("<ADV>",)), Reason.DISPLAY_AD_LABEL_MISSING),
        ("KR", DisplayReport(labels=("(광고)",)), Reason.OK_CONSENT),
        ("KR", DisplayReport(missing=(Reason.DISPLAY_NAME_MISSING,)), Reason.DISPLAY_AD_LABEL_MISSING),
        ("JP", DisplayReport(labels=("(광고)",)), Reason.OK_CONSENT),
    ],
)
def test_the_recipients_law_adds_to_the_display(country, display, expected):
    assert answer(READER, country=country, display=display)[0] == expected


TOLD_IN_THIS_ORDER = (  # LAW.md section 5, then section 2, steps 9 and 10
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


@pytest.mark.parametrize("first", range(len(TOLD_IN_THIS_ORDER)))
def test_the_display_is_told_in_the_order_of_the_law(first):
    found = lacks(*reversed(TOLD_IN_THIS_ORDER[first:]))
    assert answer(READER, mail_order=True, **found)[0] == TOLD_IN_THIS_ORDER[first]
    assert DISPLAY_ORDER[first] == TOLD_IN_THIS_ORDER[first]


def test_the_items_of_mail_order_are_asked_of_mail_order_to_consumers_alone():
    found = lacks(Reason.DISPLAY_TOKUSHO_MISSING)
    assert answer(READER, **found)[0] == Reason.OK_CONSENT
    assert answer(READER, mail_order=True, is_person=False, **found)[0] == Reason.OK_CONSENT
    assert answer(READER, mail_order=True, **found)[0] == Reason.DISPLAY_TOKUSHO_MISSING


@pytest.mark.parametrize(
    "reason", [Reason.HEADER_ONECLICK_MISSING, Reason.HEADER_DKIM_UNCOVERED, Reason.AUTH_DMARC_MISSING]
)
def test_what_only_mail_has_is_asked_of_mail_alone(reason):
    assert answer(READER, **lacks(reason))[0] == reason
    assert answer(READER, channel=Channel.SMS, **lacks(reason))[0] == Reason.OK_CONSENT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Reason.OK_RECONFIRM),
        ({"reconfirm_asked_at": NOW}, Reason.RECONFIRM_REPEATED),
        ({"reconfirm_asked_at": NOW - 2 * A_DAY}, Reason.OK_RECONFIRM),  # answered: an act came later
        ({"ads": Ads.INCIDENTAL}, Reason.CONSENT_REQUEST_WITH_ADS),
        ({"consent": Consent()}, Reason.NO_BASIS),
        ({"consent": replace(CONSENT, expires_at=NOW)}, Reason.CONSENT_EXPIRED),
        ({"consent": replace(CONSENT, confirmed=False)}, Reason.CONSENT_NOT_CONFIRMED),
        (sent_days_ago(1, 2, 3, 4), Reason.OK_RECONFIRM),
        (held(Reach.TOPIC), Reason.OK_RECONFIRM),
        (held(Reach.CHANNEL), Reason.CONSENT_SCOPE_CHANNEL),
        (held(Reach.SENDER, Reach.COVERS), Reason.OK_RECONFIRM),
        ({"purpose": "third_party_provision"}, Reason.OK_RECONFIRM),
        ({"consent": None}, Reason.NO_BASIS),
        ({"refusals": REFUSED_NOW}, Reason.REFUSED_ALL),
    ],
)
def test_a_reconfirmation_asks_once_who_has_agreed(changes, expected):
    reconfirm = changed(message_class=MessageClass.RECONFIRM, ads=Ads.NONE)
    assert answer(reconfirm, **changes)[0] == expected


NOTICE = changed(message_class=MessageClass.TRANSACTIONAL, ads=Ads.NONE, refusals=REFUSED_NOW)
INCIDENTAL = {"ads": Ads.INCIDENTAL, "refusals": (), "switches": Switches(incidental_ads=True)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # a contract notice stays lawful after a refusal, without ads (特定電子メール法3条3項ただし書)
        ({}, (Reason.OK_TRANSACTIONAL, Permit)),
        ({"channel": Channel.SMS, "zone": NIGHT, "consent": None}, (Reason.OK_TRANSACTIONAL, Permit)),
        (INCIDENTAL, (Reason.OK_TRANSACTIONAL_INCIDENTAL, Permit)),
        (INCIDENTAL | {"refusals": REFUSED_NOW}, (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit)),
        (INCIDENTAL | {"switches": Switches()}, (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit)),
        (INCIDENTAL | {"message_class": MessageClass.REPLY}, (Reason.OK_REPLY_INCIDENTAL, Permit)),
        (
            INCIDENTAL | {"display": DisplayReport(missing=(Reason.DISPLAY_NAME_MISSING,))},
            (Reason.DISPLAY_NAME_MISSING, Refused),
        ),
        (
            INCIDENTAL | {"display": DisplayReport(missing=(Reason.DISPLAY_ADDRESS_MISSING,))},
            (Reason.OK_TRANSACTIONAL_INCIDENTAL, Permit),
        ),
        (INCIDENTAL | {"mail_order": True}, (Reason.NOT_IMPORTANT_CONTRACT_NOTICE, Refused)),
        (INCIDENTAL | {"mail_order": True, "is_person": False}, (Reason.OK_TRANSACTIONAL_INCIDENTAL, Permit)),
        (
            INCIDENTAL | {"mail_order": True, "bases": Bases(contract_open=True)},
            (Reason.OK_TRANSACTIONAL_INCIDENTAL, Permit),
        ),
        ({"ads": Ads.MAIN, "refusals": ()}, (Reason.CLASS_MISLABELLED, Refused)),
        # a consent that was withdrawn since supersedes nothing
        (
            INCIDENTAL
            | {
                "refusals": (Refusal(Scope.ALL, NOW - A_DAY),),
                "consent": Consent(ConsentState.WITHDRAWN, NOW),
            },
            (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit),
        ),
        ({"message_class": MessageClass.LEGAL, "erased_at": NOW}, (Reason.OK_LEGAL, Permit)),
        (
            INCIDENTAL | {"message_class": MessageClass.LEGAL, "erased_at": NOW},
            (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit),
        ),
        ({"message_class": MessageClass.AUTH_CODE, "erased_at": NOW}, (Reason.ERASED_NEVER_CONTACT, Refused)),
    ],
)
def test_a_plain_notice(changes, expected):
    assert answer(NOTICE, **changes) == expected


@pytest.mark.parametrize(
    ("channel", "stopped_at", "expected"),
    [
        (Channel.SMS, NOW - timedelta(minutes=5), Reason.OK_TRANSACTIONAL),
        (Channel.SMS, NOW, Reason.OK_TRANSACTIONAL),
        (Channel.SMS, NOW + A_SECOND, Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
        (Channel.SMS, NOW - timedelta(minutes=5, seconds=1), Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
        (Channel.SMS, None, Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
        (Channel.EMAIL, NOW, Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
    ],
)
def test_an_opt_out_is_answered_on_the_page_and_a_stop_text_by_one_text(channel, stopped_at, expected):
    receipt = {"message_class": MessageClass.OPTOUT_RECEIPT, "channel": channel, "sms_stop_at": stopped_at}
    assert answer(NOTICE, **receipt)[0] == expected
    with_ads = {"ads": Ads.INCIDENTAL, "refusals": (), "switches": Switches(incidental_ads=True)}
    assert decide(changed(NOTICE, **receipt, **with_ads), NOW) == Refused(
        Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY, Instead.WEB_PAGE
    )


STRANGER = changed(consent=None)
CARD = Bases(card_at=NOW - A_DAY)
MAIL_ORDER = {"mail_order": True}
ALL_ON = {"switches": Switches(card_advertising=True, relationship=True, published_address=True)}


@pytest.mark.parametrize(
    ("bases", "changes", "expected"),
    [
        (CARD, {}, Reason.CARD_NEEDS_CONFIRMATION),
        (CARD, {"asked_at": NOW}, Reason.CONSENT_REQUEST_REPEATED),
        (CARD, ALL_ON, Reason.OK_CARD),
        (CARD, ALL_ON | MAIL_ORDER, Reason.CARD_NOT_VALID_B2C_MAIL_ORDER),
        (CARD, ALL_ON | MAIL_ORDER | {"is_person": False}, Reason.OK_CARD),
        (replace(CARD, card_refuses=True), ALL_ON, Reason.CARD_REFUSES),
        (Bases(oral_notice_at=NOW), ALL_ON, Reason.NO_BASIS_NOT_WRITTEN),
        (Bases(third_party=ThirdParty.PURCHASED_LIST), ALL_ON, Reason.PURCHASED_LIST),
        (Bases(third_party=ThirdParty.SENDER_NOT_NAMED), {}, Reason.CONSENT_PARTY_UNIDENTIFIED),
        (Bases(third_party=ThirdParty.UNPROVED), {}, Reason.EVIDENCE_INCOMPLETE),
        (Bases(third_party=ThirdParty.PROVED), {}, Reason.THIRD_PARTY_CONSENT_CONFIRM),
        (Bases(third_party=ThirdParty.PROVED), {"asked_at": NOW}, Reason.CONSENT_REQUEST_REPEATED),
        (Bases(published=Published.BY_BUSINESS), {}, Reason.NO_BASIS),
        (Bases(published=Published.BY_BUSINESS), ALL_ON, Reason.OK_PUBLISHED),
        (Bases(published=Published.BY_PERSON), ALL_ON, Reason.PUBLISHED_NOT_IN_BUSINESS),
        (Bases(published=Published.REFUSING), ALL_ON, Reason.PUBLISHED_REFUSES),
        (Bases(relationship_active=True), {}, Reason.NO_BASIS),
        (Bases(relationship_active=True), ALL_ON, Reason.OK_RELATIONSHIP),
        (Bases(relationship_active=False), ALL_ON, Reason.RELATIONSHIP_LAPSED),
        (
            Bases(relationship_active=True),
            ALL_ON | {"about": About.OTHER_BUSINESS},
            Reason.RELATIONSHIP_OTHER_BUSINESS,
        ),
        (Bases(purchase_at=TWELVE_MONTHS_AGO), ALL_ON, Reason.OK_RELATIONSHIP),
        (Bases(purchase_at=TWELVE_MONTHS_AGO - A_DAY), ALL_ON, Reason.RELATIONSHIP_LAPSED),
        (Bases(purchase_at=NOW), ALL_ON | MAIL_ORDER, Reason.RELATIONSHIP_NOT_VALID_B2C_MAIL_ORDER),
        (
            Bases(member=True),
            {"sender_is_npo": True, "about": About.NO_BUSINESS},
            Reason.OUTSIDE_SE_TREAT_AS_NEWS,
        ),
        (Bases(member=True), {"about": About.NO_BUSINESS}, Reason.NO_BASIS),
    ],
)
def test_what_may_stand_in_for_a_consent(bases, changes, expected):
    assert answer(STRANGER, bases=bases, **changes)[0] == expected


def test_no_exemption_widens_or_revives_what_a_person_agreed_to():
    everything = {"bases": Bases(card_at=NOW, relationship_active=True), **ALL_ON}
    withdrawn = Consent(ConsentState.WITHDRAWN, NOW)
    assert answer(READER, consent=withdrawn, **everything)[0] == Reason.NO_BASIS
    assert answer(READER, **held(Reach.TOPIC), **everything)[0] == Reason.CONSENT_SCOPE_TOPIC


def test_a_card_that_allows_no_advertising_points_to_the_one_request():
    assert decide(changed(STRANGER, bases=CARD), NOW) == Refused(
        Reason.CARD_NEEDS_CONFIRMATION, Instead.CONSENT_REQUEST
    )


@pytest.mark.parametrize(
    ("bases", "changes", "expected"),
    [
        (CARD, {}, Reason.OK_CARD_PERMISSION_REQUEST),
        (Bases(oral_notice_at=NOW - A_DAY), {}, Reason.OK_CARD_PERMISSION_REQUEST),
        (CARD, {"asked_at": NOW}, Reason.CONSENT_REQUEST_REPEATED),
        (CARD, MAIL_ORDER, Reason.CARD_NOT_VALID_B2C_MAIL_ORDER),
        (replace(CARD, card_refuses=True), {}, Reason.CARD_REFUSES),
        (Bases(third_party=ThirdParty.PROVED), {}, Reason.OK_CONFIRMATION),
        (Bases(third_party=ThirdParty.UNPROVED), {}, Reason.NO_BASIS),
        (Bases(purchase_at=NOW), ALL_ON, Reason.NO_BASIS),
        # a card handed over later lifts no refusal
        (CARD, {"refusals": (Refusal(Scope.ALL, NOW - 30 * A_DAY),)}, Reason.REFUSED_ALL),
    ],
)
def test_who_told_us_an_address_is_asked_once(bases, changes, expected):
    request = {"message_class": MessageClass.CONSENT_REQUEST, "ads": Ads.NONE, "bases": bases}
    assert answer(STRANGER, **request, **changes)[0] == expected


@pytest.mark.parametrize(
    ("subject", "from_domain", "is_reply", "expected"),
    [
        ("11月のお知らせ", "a.example", False, None),
        ("11月のお知らせ", "News.A.example", False, None),
        ("11月のお知らせ", "ba.example", False, Reason.SENDER_FALSE),
        ("RE: ご注文", "a.example", False, Reason.SUBJECT_DECEPTIVE),
        ("Ｆｗｄ：ご注文", "a.example", False, Reason.SUBJECT_DECEPTIVE),
        ("返信: ご注文", "a.example", False, Reason.SUBJECT_DECEPTIVE),
        ("Re: お問い合わせ", "a.example", True, None),
        ("Reopening: 新店舗", "a.example", False, None),
    ],
)
def test_a_message_pretends_to_be_neither_an_answer_nor_from_somebody_else(
    subject, from_domain, is_reply, expected
):
    assert head_fault(subject, from_domain, ["a.example"], is_reply=is_reply) == expected


def test_every_class_that_promotes_has_a_basis_of_its_own_and_no_other_has_one():
    assert set(decision._BASES) == AD_CLASSES


MONTH = Limit(1, months=1)


@pytest.mark.parametrize(
    ("terms", "sent_days_ago", "reason"),
    [
        (Terms(fewer=MONTH), 3, Reason.CONSENT_FREQUENCY),
        (Terms(fewer=MONTH), 40, Reason.OK_CONSENT),  # outside the window
        (Terms(fewer=Limit(2, months=1)), 3, Reason.OK_CONSENT),
        (Terms(limit=Limit(1, months=1), fewer=Limit(2, months=1)), 3, Reason.CONSENT_FREQUENCY),
        (Terms(limit=Limit(9, months=1)), 3, Reason.OK_CONSENT),
    ],
)
def test_who_wants_less_gets_no_more_than_that_and_never_more_than_was_promised(terms, sent_days_ago, reason):
    consent = replace(CONSENT, since=NOW - 60 * A_DAY, terms=terms)
    facts = changed(consent=consent, sent_ats=(NOW - sent_days_ago * A_DAY,))
    assert decide(facts, NOW).reason == reason


@given(all_facts, moments)
def test_a_notice_that_ends_with_everything_lets_a_total_refusal_stop_it(facts, now):
    refused = changed(facts, refusals=(Refusal(Scope.ALL, now),), ends_with_all=True)
    verdict = decide(refused, now)
    legal = facts.message.message_class is MessageClass.LEGAL  # what the law demands is said to everybody
    assert isinstance(verdict, Refused) or legal


@pytest.mark.parametrize(
    ("refusal", "ends", "reason"),
    [
        (Refusal(Scope.ALL, NOW - A_DAY), True, Reason.REFUSED_ALL),
        (Refusal(Scope.ALL, NOW - A_DAY), False, Reason.OK_TRANSACTIONAL),
        (Refusal(Scope.TOPIC, NOW - A_DAY, topic_id=1), True, Reason.OK_TRANSACTIONAL),
        (Refusal(Scope.UNTIL, NOW - A_DAY, until=NOW + A_DAY), True, Reason.OK_TRANSACTIONAL),
    ],
)
def test_only_a_total_no_ends_a_notice_and_only_where_the_workspace_says_so(refusal, ends, reason):
    facts = changed(
        message_class=MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        topic_id=None,
        consents=(),
        refusals=(refusal,),
        ends_with_all=ends,
    )
    assert decide(facts, NOW).reason == reason
