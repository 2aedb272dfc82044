"""What an answer rests on, told in both languages: without a name or an address, with the right dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.examples import A_DAY, CONSENT, JST, NOW, READER, changed

from shodaku.consent.domain import Consent, ConsentState, Flaw, Limit, Terms
from shodaku.contacts.domain import Channel
from shodaku.policy.domain import (
    About,
    Ads,
    Bases,
    CampaignState,
    DisplayReport,
    HeldConsent,
    Instead,
    MessageClass,
    Operational,
    Published,
    Reach,
    Reason,
    Refused,
    Span,
    Switches,
    ThirdParty,
    Word,
    decide,
    facts_used,
    span,
    word_of,
)
from shodaku.suppression.domain import Refusal, Scope

LAST_MONTH = NOW - 30 * A_DAY
NEVER = Consent()


def codes(facts):
    return [each.code for each in facts_used(facts, NOW)]


def words(facts, code):
    return [(each.ja, each.en) for each in facts_used(facts, NOW) if each.code == code]


def english(facts, code):
    (told,) = words(facts, code)
    return told[1]


def answer(facts):
    verdict = decide(facts, NOW)
    return (*word_of(verdict), span(facts, verdict, NOW))


def test_an_ordinary_reader_is_told_in_a_few_facts():
    assert words(READER, "consent") == [
        (
            "2026-11-21の同意、確認済み、台帳の記録 #7、期限 2026-11-23",
            "consent of 2026-11-21, confirmed, ledger entry #7, promised until 2026-11-23",
        )
    ]
    assert codes(READER) == ["no_refusal", "consent", "country", "frequency"]
    assert english(READER, "country") == "country JP, rules of JP"
    assert english(READER, "frequency") == "0 of 4 in 7 days"


def test_days_are_those_of_the_clock_that_is_named():
    late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # the 21st in Japan
    facts = changed(consent=replace(CONSENT, since=late, expires_at=None, last_contact_at=late))
    assert "2026-11-21" in facts_used(facts, NOW)[1].en
    assert "2026-11-20" in facts_used(facts, NOW, UTC)[1].en


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (replace(CONSENT, confirmed=False, expires_at=None, entry_id=None), "not confirmed, no ledger entry"),
        (replace(CONSENT, last_contact_at=NOW, expires_at=None), "ledger entry #7, renewed on 2026-11-22"),
        (replace(CONSENT, last_contact_at=None, expires_at=None, flaw=Flaw.DEEMED), "read into silence"),
        (Consent(ConsentState.PENDING, LAST_MONTH), "asked for on 2026-10-23, not confirmed"),
        (Consent(ConsentState.WITHDRAWN, LAST_MONTH), "consent withdrawn on 2026-10-23"),
        (Consent(ConsentState.EXPIRED, LAST_MONTH), "consent ended on 2026-10-23"),
        (Consent(ConsentState.PENDING), "asked for on ?, not confirmed"),
        (NEVER, "no consent"),
    ],
)
def test_each_state_of_a_consent_has_its_words(consent, told):
    facts = changed(consent=consent)
    assert any(told in each.en for each in facts_used(facts, NOW))


@pytest.mark.parametrize(
    ("reach", "told"),
    [(Reach.SENDER, "another sender"), (Reach.CHANNEL, "another channel"), (Reach.TOPIC, "another topic")],
)
def test_a_consent_to_something_else_says_so_and_dates_nothing(reach, told):
    facts = changed(consents=(HeldConsent(CONSENT, reach),))
    assert told in english(facts, "consent")
    assert answer(facts) == (Word.REFUSE, (), Span())


def test_no_more_consents_are_told_than_anybody_reads():
    facts = changed(consents=(HeldConsent(CONSENT),) * 9)
    assert codes(facts).count("consent") == 5


@pytest.mark.parametrize(
    ("refusal", "reason", "span_", "told"),
    [
        (Refusal(Scope.ALL, NOW), Reason.REFUSED_ALL, Span(NOW), "everything refused on 2026-11-22"),
        (Refusal(Scope.TOPIC, NOW, 1), Reason.REFUSED_TOPIC, Span(NOW), "this topic refused on 2026-11-22"),
        (
            Refusal(Scope.UNTIL, NOW, until=NOW + 30 * A_DAY),
            Reason.REFUSED_UNTIL,
            Span(NOW, NOW + 30 * A_DAY),
            "a pause until 2026-12-22, asked for on 2026-11-22",
        ),
    ],
)
def test_a_no_gives_its_own_date_and_a_pause_its_end(refusal, reason, span_, told):
    facts = changed(refusals=(refusal,))
    assert decide(facts, NOW).reason is reason
    assert answer(facts) == (Word.REFUSE, (), span_)
    assert told in [each.en for each in facts_used(facts, NOW)]


def test_of_two_pauses_the_longer_one_is_told_and_one_that_is_over_is_not():
    pauses = [Refusal(Scope.UNTIL, NOW - A_DAY, until=NOW + days * A_DAY) for days in (0, 5, 2)]
    facts = changed(refusals=tuple(pauses))
    assert answer(facts)[2].until == NOW + 5 * A_DAY
    assert codes(facts).count("paused_by_person") == 2


def test_a_no_to_another_topic_is_none_to_this_one():
    facts = changed(refusals=(Refusal(Scope.TOPIC, NOW, 2),))
    assert "no_refusal" in codes(facts)
    assert span(facts, Refused(Reason.REFUSED_TOPIC), NOW) == Span()


def test_a_yes_is_dated_by_the_consent_that_gave_it():
    assert answer(READER) == (Word.ALLOW, (), Span(NOW - A_DAY, NOW + A_DAY, 7))
    earlier = replace(CONSENT, entry_id=5, since=LAST_MONTH, last_contact_at=LAST_MONTH)
    flawed = replace(CONSENT, flaw=Flaw.INCOMPLETE, earlier=(earlier,))
    facts = changed(consents=(HeldConsent(flawed), HeldConsent(earlier)))
    assert answer(facts)[2] == Span(LAST_MONTH, NOW + A_DAY, 5)


def test_a_yes_whose_consent_is_not_among_the_facts_still_names_its_entry():
    verdict = decide(READER, NOW)
    assert span(changed(consent=None), verdict, NOW) == Span(entry_id=7)


def test_a_notice_rests_on_no_consent_and_is_asked_little():
    facts = changed(message_class=MessageClass.TRANSACTIONAL, ads=Ads.NONE)
    assert answer(facts) == (Word.ALLOW, (), Span())
    assert codes(facts) == []


def test_what_is_reduced_is_allowed_only_in_its_form():
    notice = changed(message_class=MessageClass.TRANSACTIONAL, ads=Ads.INCIDENTAL)
    assert answer(notice)[:2] == (Word.ALLOW_AS, ("without_ads",))
    assert english(notice, "contract") == "no contract under way"
    running = changed(notice, bases=Bases(contract_open=True))
    assert english(running, "contract") == "a contract under way"
    measured = changed(open_pixel=True)
    assert answer(measured)[:2] == (Word.ALLOW_AS, ("without_tracking",))
    assert english(measured, "tracking") == "no consent to measuring"
    assert english(changed(measured, tracking_consent=True), "tracking") == "agreed to measuring"
    counted = changed(click_links=True)
    assert answer(counted)[:2] == (Word.ALLOW_AS, ("without_tracking",))
    assert english(counted, "tracking") == "no consent to measuring"


def test_a_body_that_is_no_business_informs_its_members():
    facts = changed(
        consent=None, sender_is_npo=True, about=About.NO_BUSINESS, bases=Bases(member=True), ads=Ads.MAIN
    )
    assert answer(facts)[:2] == (Word.ALLOW_AS, ("informational",))


def test_a_card_allows_another_mail_in_place_of_this_one():
    facts = changed(consent=None, bases=Bases(card_at=LAST_MONTH))
    assert answer(facts)[:2] == (Word.ALLOW_AS, (Instead.CONSENT_REQUEST.value,))


def test_what_is_put_off_says_until_when():
    night = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)  # 23:00 in Japan
    facts = changed(channel=Channel.SMS)
    verdict = decide(facts, night)
    assert word_of(verdict) == (Word.DEFER, ())
    morning = datetime(2026, 11, 23, 8, 0, tzinfo=JST)
    assert span(facts, verdict, night) == Span(NOW - A_DAY, morning, 7)
    told = {each.code: each.en for each in facts_used(facts, night)}
    assert told["local_time"] == "23:00 on the recipient's clock"


def test_who_was_erased_is_dated_by_the_mark():
    facts = changed(erased_at=LAST_MONTH)
    assert answer(facts) == (Word.REFUSE, (), Span(LAST_MONTH))
    assert english(facts, "erased") == "on the never-contact list since 2026-10-23"


def test_an_operational_no_leaves_the_dates_of_the_consent():
    facts = changed(campaign_state=CampaignState.CANCELLED)
    assert decide(facts, NOW).reason is Operational.CAMPAIGN_CANCELLED
    assert answer(facts)[2] == Span(NOW - A_DAY, NOW + A_DAY, 7)


def test_when_the_promise_is_used_up_the_moment_is_told_at_which_it_is_not():
    sent = tuple(NOW - days * A_DAY for days in (1, 2, 3, 6, 9))
    facts = changed(sent_ats=sent)
    assert decide(facts, NOW).reason is Reason.CONSENT_FREQUENCY
    assert answer(facts)[2] == Span(NOW - A_DAY, NOW + A_DAY, 7)  # the fourth is six days old
    assert english(facts, "frequency") == "4 of 4 in 7 days"
    assert english(facts, "last_sent") == "last advertising 2026-11-21"


def test_a_month_is_free_again_when_it_really_is():
    now = datetime(2026, 2, 10, tzinfo=UTC)
    sent = datetime(2026, 1, 31, tzinfo=UTC)
    consent = replace(CONSENT, since=sent - A_DAY, last_contact_at=sent - A_DAY, expires_at=None)
    facts = changed(consent=consent, limit=Limit(1, months=1), sent_ats=(sent,))
    verdict = decide(facts, now)
    free = span(facts, verdict, now).until
    assert verdict.reason is Reason.CONSENT_FREQUENCY
    assert decide(facts, free).reason is Reason.OK_CONSENT
    assert decide(facts, free - timedelta(days=1)).reason is Reason.CONSENT_FREQUENCY


def test_the_persons_own_limit_is_the_one_that_is_told():
    own = replace(CONSENT, terms=Terms(limit=Limit(2, months=12, days=timedelta(days=1))))
    assert english(changed(consent=own), "frequency") == "0 of 2 in 12 months and 1 day"
    silent = replace(CONSENT, terms=Terms(written=True))
    assert english(changed(consent=silent), "frequency") == "0 of 4 in 7 days"


def test_without_a_limit_nothing_is_counted():
    facts = changed(limit=None)
    assert "frequency" not in codes(facts)
    assert span(facts, Refused(Reason.CONSENT_FREQUENCY), NOW).until is None
    nothing = changed(limit=Limit(0, months=1))
    assert span(nothing, Refused(Reason.CONSENT_FREQUENCY), NOW).until is None


@pytest.mark.parametrize(
    ("bases", "told"),
    [
        (Bases(member=True), "a member"),
        (Bases(card_at=NOW), "business card of 2026-11-22"),
        (Bases(card_at=NOW, card_refuses=True), "with words that refuse advertising"),
        (Bases(oral_notice_at=NOW), "address told by word of mouth on 2026-11-22"),
        *(
            (Bases(third_party=each), "list" if each == "purchased_list" else "others took")
            for each in ThirdParty
        ),
        *((Bases(published=each), "published") for each in Published),
        (Bases(relationship_active=True), "a contract that runs"),
        (Bases(relationship_active=False), "a contract that ended"),
        (Bases(free_signup=True), "an account without a sale"),
        (Bases(purchase_at=NOW), "purchase of 2026-11-22"),
        (Bases(enquiry_at=NOW), "enquiry of 2026-11-22"),
    ],
)
def test_what_stands_in_for_a_consent_is_told_where_there_is_none(bases, told):
    facts = changed(consent=None, bases=bases)
    assert "no_consent" in codes(facts)
    assert any(told in each.en for each in facts_used(facts, NOW))
    assert not any(told in each.en for each in facts_used(changed(bases=bases), NOW))


def test_what_was_asked_and_who_asked_for_it():
    request = changed(
        message_class=MessageClass.CONSENT_REQUEST, ads=Ads.NONE, form_entry_at=LAST_MONTH, asked_at=NOW
    )
    assert english(request, "form_entry") == "the person sent a form on 2026-10-23"
    assert english(request, "permission_asked") == "permission asked for on 2026-11-22"
    assert "form_entry" not in codes(changed(request, form_entry_at=NOW + A_DAY))
    again = changed(message_class=MessageClass.RECONFIRM, ads=Ads.NONE, reconfirm_asked_at=LAST_MONTH)
    assert english(again, "reconfirm_asked") == "asked again on 2026-10-23"
    assert "reconfirm_asked" not in codes(changed(again, reconfirm_asked_at=None))
    assert "frequency" not in codes(again)


def test_country_age_and_trade():
    assert english(changed(country=None), "country") == "country unknown: the strictest rules hold"
    assert english(changed(country="DE", age_years=15), "minor") == "younger than 16"
    assert "minor" not in codes(changed(country="DE", age_years=16))
    assert "minor" not in codes(changed(country="JP", age_years=10))
    assert english(changed(mail_order=True), "mail_order") == "mail order to a consumer"
    assert english(changed(mail_order=True, is_person=False), "mail_order") == "mail order to a business"


def test_faults_of_the_house_and_of_the_message():
    facts = changed(
        gate_closed=True,
        campaign_state=CampaignState.PAUSED,
        head_fault=Reason.SENDER_FALSE,
        address_invalid=True,
        address_generated=True,
        double_opt_in=False,
        complaint_rate=0.01,
        display=DisplayReport(missing=(Reason.DISPLAY_NAME_MISSING, Reason.WHY_LINE_MISSING)),
        switches=Switches(card_advertising=True, soft_optin=True),
    )
    assert codes(facts)[:5] == ["gate_closed", "paused", "head", "generated", "invalid"]
    assert english(facts, "complaint_rate") == "complaint rate 1.00%"
    released = changed(facts, complaint_rate_released=True)
    assert english(released, "complaint_rate") == "complaint rate 1.00%, released by an operator"
    assert english(facts, "display") == "missing in the message: DISPLAY_NAME_MISSING, WHY_LINE_MISSING"
    assert english(facts, "switches") == "exemptions switched on: card_advertising, soft_optin"
    assert english(facts, "single_opt_in") == "a topic that asks for no confirmation"
    assert "cancelled" in codes(changed(campaign_state=CampaignState.CANCELLED))


def test_a_receipt_names_the_stop_that_it_answers():
    receipt = changed(message_class=MessageClass.OPTOUT_RECEIPT, ads=Ads.NONE, channel=Channel.SMS)
    assert codes(receipt) == []
    assert answer(receipt)[:2] == (Word.ALLOW_AS, (Instead.WEB_PAGE.value,))
    assert english(changed(receipt, sms_stop_at=NOW), "stop") == "STOP by text message on 2026-11-22"


def test_of_two_limits_the_narrower_is_told_and_the_later_one_says_when_the_next_may_come():
    fewer = Terms(fewer=Limit(1, months=1))
    consent = replace(CONSENT, since=NOW - 60 * A_DAY, expires_at=None, terms=fewer)
    facts = changed(consent=consent, sent_ats=(NOW - 3 * A_DAY,))
    assert words(facts, "frequency") == [("1か月に1通（上限1通）", "1 of 1 in 1 month")]
    verdict = decide(facts, NOW)
    assert verdict == Refused(Reason.CONSENT_FREQUENCY)
    free = span(facts, verdict, NOW).until
    assert decide(facts, free).reason == Reason.OK_CONSENT
    assert decide(facts, free - timedelta(seconds=1)).reason == Reason.CONSENT_FREQUENCY
