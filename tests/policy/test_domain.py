"""The order of questions at the instant of sending, and the laws that hold over all facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from tests.examples import A_DAY, CONSENT, NOW, READER, changed
from tests.policy.strategies import all_facts, moments, refusals

from shodaku.consent.domain import Consent, ConsentState, Flaw
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    AD_CLASSES,
    About,
    Ads,
    Bases,
    CampaignState,
    Deferred,
    Instead,
    MessageClass,
    Operational,
    OtherConsent,
    Permit,
    Published,
    Reason,
    Refused,
    Switches,
    ThirdParty,
    decide,
    head_fault,
)
from shodaku.suppression.domain import Refusal, Scope

REASONS = Path(__file__).parents[3] / "shared/law/reasons.yaml"


@given(all_facts, moments)
def test_every_question_has_one_answer_and_the_same_twice(facts, now):
    verdict = decide(facts, now)
    assert isinstance(verdict, Permit | Refused | Deferred)
    assert verdict == decide(facts, now)


@given(all_facts, moments)
def test_a_refusal_at_the_instant_of_sending_lets_no_advertising_pass(facts, now):
    refused = (*facts.person.refusals, Refusal(Scope.ALL, now))
    verdict = decide(changed(facts, refusals=refused), now)
    if facts.message.message_class in AD_CLASSES:
        assert isinstance(verdict, Refused)
    if isinstance(verdict, Permit):
        assert facts.message.ads is Ads.NONE or verdict.without_ads


@given(all_facts, moments)
def test_an_erased_person_gets_nothing_but_what_law_demands(facts, now):
    verdict = decide(changed(facts, erased_at=now), now)
    if facts.message.message_class is not MessageClass.LEGAL:
        assert isinstance(verdict, Refused)


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


@given(all_facts, moments)
def test_what_rests_on_a_consent_names_the_entry_that_proves_it(facts, now):
    verdict = decide(facts, now)
    consented = {
        Reason.OK_CONSENT,
        Reason.OK_CONSENT_SINGLE,
        Reason.OK_CONSENT_AFTER_REFUSAL,
        Reason.OK_RECONFIRM,
    }
    if isinstance(verdict, Permit) and verdict.reason in consented:
        assert verdict.evidence_id is not None


@given(all_facts, moments)
def test_nobody_is_measured_without_having_agreed_to_it(facts, now):
    verdict = decide(facts, now)
    if isinstance(verdict, Permit) and facts.message.open_pixel and not facts.person.tracking_consent:
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


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Reason.OK_CONSENT, Permit)),
        ({"message_class": MessageClass.SURVEY}, (Reason.OK_CONSENT, Permit)),  # always advertising (SE-28)
        ({"erased_at": NOW - A_DAY}, (Reason.ERASED_NEVER_CONTACT, Refused)),
        ({"address_invalid": True}, (Reason.ADDRESS_INVALID, Refused)),
        ({"address_generated": True}, (Reason.ADDRESS_FICTITIOUS, Refused)),
        ({"head_fault": Reason.SENDER_FALSE}, (Reason.SENDER_FALSE, Refused)),
        ({"consent": Consent()}, (Reason.NO_BASIS, Refused)),
        ({"consent": Consent(ConsentState.PENDING, NOW)}, (Reason.CONSENT_NOT_CONFIRMED, Refused)),
        ({"consent": Consent(ConsentState.WITHDRAWN, NOW)}, (Reason.NO_BASIS, Refused)),
        ({"consent": Consent(ConsentState.EXPIRED, NOW)}, (Reason.CONSENT_EXPIRED, Refused)),
        # the nearest consent that does not reach this message is told instead of "none"
        ({"consent": Consent(), "other_consent": OtherConsent.TOPIC}, (Reason.CONSENT_SCOPE_TOPIC, Refused)),
        (
            {"consent": Consent(), "other_consent": OtherConsent.CHANNEL},
            (Reason.CONSENT_SCOPE_CHANNEL, Refused),
        ),
        (
            {"consent": Consent(), "other_consent": OtherConsent.SENDER},
            (Reason.CONSENT_SCOPE_SENDER, Refused),
        ),
        # a refusal at the same instant as the consent wins, an older one is superseded
        ({"refusals": (Refusal(Scope.ALL, NOW - A_DAY),)}, (Reason.REFUSED_ALL, Refused)),
        ({"refusals": (Refusal(Scope.ALL, NOW - 2 * A_DAY),)}, (Reason.OK_CONSENT_AFTER_REFUSAL, Permit)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 1), *REFUSED_NOW)}, (Reason.REFUSED_ALL, Refused)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 1),)}, (Reason.REFUSED_TOPIC, Refused)),
        ({"refusals": (Refusal(Scope.TOPIC, NOW, 2),)}, (Reason.OK_CONSENT, Permit)),
        ({"refusals": (Refusal(Scope.UNTIL, NOW, until=NOW + A_DAY),)}, (Reason.REFUSED_UNTIL, Refused)),
        ({"refusals": (Refusal(Scope.UNTIL, NOW - A_DAY, until=NOW),)}, (Reason.OK_CONSENT, Permit)),
        ({"sent_in_window": 3}, (Reason.OK_CONSENT, Permit)),
        ({"sent_in_window": 4}, (Reason.CONSENT_FREQUENCY, Refused)),
        ({"sent_in_window": 99, "sent_in_window_max": None}, (Reason.OK_CONSENT, Permit)),
        ({"purpose": "third_party_provision"}, (Reason.PURPOSE_BEYOND_CONSENT, Refused)),
        ({"display_missing": (Reason.DISPLAY_ADDRESS_MISSING,)}, (Reason.DISPLAY_ADDRESS_MISSING, Refused)),
        # told in the order of the law, not of the linter
        (
            {"display_missing": (Reason.DISPLAY_ADDRESS_MISSING, Reason.DISPLAY_NAME_MISSING)},
            (Reason.DISPLAY_NAME_MISSING, Refused),
        ),
        # a finding that the list does not know refuses as well
        ({"display_missing": (Reason.CONSENT_EXPIRED,)}, (Reason.CONSENT_EXPIRED, Refused)),
        ({"display_missing": (Reason.WHY_LINE_MISSING,)}, (Reason.WHY_LINE_MISSING, Refused)),
        (
            {"channel": Channel.SMS, "display_missing": (Reason.AUTH_DMARC_MISSING,)},
            (Reason.OK_CONSENT, Permit),
        ),
        ({"complaint_rate_stop": True}, (Reason.COMPLAINT_RATE_STOP, Deferred)),
        ({"quiet_until": NOW + A_DAY}, (Reason.QUIET_HOURS, Deferred)),
        ({"quiet_until": NOW}, (Reason.OK_CONSENT, Permit)),
        ({"open_pixel": True}, (Reason.TRACKING_REMOVED, Permit)),
        ({"open_pixel": True, "tracking_consent": True}, (Reason.OK_CONSENT, Permit)),
        # a deferral outranks the reduction, a refusing display both
        ({"open_pixel": True, "quiet_until": NOW + A_DAY}, (Reason.QUIET_HOURS, Deferred)),
        ({"campaign_state": CampaignState.PAUSED}, (Operational.CAMPAIGN_PAUSED, Deferred)),
        ({"campaign_state": CampaignState.PAUSED, "refusals": REFUSED_NOW}, (Reason.REFUSED_ALL, Refused)),
        ({"campaign_state": CampaignState.CANCELLED}, (Operational.CAMPAIGN_CANCELLED, Refused)),
        ({"about": About.AD_SPACE}, (Reason.OK_AD_SPACE_IN_REQUESTED_MAIL, Permit)),
    ],
)
def test_advertising_to_a_reader(changes, expected):
    assert answer(READER, **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"since": NOW + A_DAY}, Reason.CONSENT_AFTER_DECISION),
        ({"since": NOW}, Reason.OK_CONSENT),
        ({"flaw": Flaw.PRECHECKED}, Reason.CONSENT_PRECHECKED),
        ({"flaw": Flaw.DEEMED}, Reason.CONSENT_DEEMED),
        ({"flaw": Flaw.MINOR}, Reason.CONSENT_MINOR),
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


@pytest.mark.parametrize(("days", "expected"), [(7, Reason.OK_CONSENT), (8, Reason.OK_CONSENT_FIRST_LATE)])
def test_a_first_issue_later_than_a_week_is_sent_and_told(days, expected):
    consent = replace(CONSENT, since=NOW - days * A_DAY)
    assert answer(READER, consent=consent, first_issue=True)[0] == expected


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
        ({"quiet_until": NOW + A_DAY, "complaint_rate_stop": True}, (Reason.OK_CONFIRMATION, Permit)),
        ({"display_missing": (Reason.WHY_LINE_MISSING,)}, (Reason.OK_CONFIRMATION, Permit)),
        ({"display_missing": (Reason.HEADER_ONECLICK_MISSING,)}, (Reason.OK_CONFIRMATION, Permit)),
        ({"display_missing": (Reason.DISPLAY_NAME_MISSING,)}, (Reason.DISPLAY_NAME_MISSING, Refused)),
    ],
)
def test_a_consent_request_goes_once_and_only_to_who_asked(changes, expected):
    assert answer(ASKING, **changes) == expected


def test_a_confirmation_mail_names_the_entry_of_the_request_it_answers():
    assert decide(ASKING, NOW).evidence_id == 6


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
        ({"sent_in_window": 4}, Reason.OK_RECONFIRM),
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
        ({"quiet_until": NOW + A_DAY, "consent": Consent()}, (Reason.OK_TRANSACTIONAL, Permit)),
        (INCIDENTAL, (Reason.OK_TRANSACTIONAL_INCIDENTAL, Permit)),
        (INCIDENTAL | {"refusals": REFUSED_NOW}, (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit)),
        (INCIDENTAL | {"switches": Switches()}, (Reason.AD_STRIPPED_FROM_TRANSACTIONAL, Permit)),
        (INCIDENTAL | {"message_class": MessageClass.REPLY}, (Reason.OK_REPLY_INCIDENTAL, Permit)),
        (
            INCIDENTAL | {"display_missing": (Reason.DISPLAY_NAME_MISSING,)},
            (Reason.DISPLAY_NAME_MISSING, Refused),
        ),
        (
            INCIDENTAL | {"display_missing": (Reason.DISPLAY_ADDRESS_MISSING,)},
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
        (Channel.SMS, NOW - timedelta(minutes=5, seconds=1), Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
        (Channel.SMS, None, Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
        (Channel.EMAIL, NOW, Reason.OPTOUT_RECEIPT_ON_PAGE_ONLY),
    ],
)
def test_an_opt_out_is_answered_on_the_page_and_a_stop_text_by_one_text(channel, stopped_at, expected):
    receipt = {"message_class": MessageClass.OPTOUT_RECEIPT, "channel": channel, "sms_stop_at": stopped_at}
    assert answer(NOTICE, **receipt)[0] == expected


STRANGER = changed(consent=Consent())
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
    elsewhere = {"consent": Consent(), "other_consent": OtherConsent.TOPIC}
    assert answer(READER, **elsewhere, **everything)[0] == Reason.CONSENT_SCOPE_TOPIC


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
