"""What a no means, before anything is stored."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.accounts.domain import OptOutRule
from shodaku.consent.domain import Frequency, Period, parse_frequency
from shodaku.contacts.domain import Channel
from shodaku.optout.domain import (
    EVERYTHING,
    Choice,
    OptOutScope,
    as_meant,
    as_refusal,
    change_id_of,
    event_id_of,
    is_one_click,
    narrower,
    offered,
    parse_choice,
    receipt_number,
    standing,
    under,
)
from shodaku.suppression.domain import Refusal, Scope

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOPIC = Choice(OptOutScope.TOPIC, topic_id=1)
ERASE = Choice(OptOutScope.ERASE)
PAUSE = Choice(OptOutScope.UNTIL, until=NOW + timedelta(days=30))


@given(
    st.dictionaries(st.sampled_from(["scope", "days", "x"]), st.text(max_size=12)), st.sampled_from([None, 1])
)
def test_a_press_that_cannot_be_read_stops_everything(form, topic_id):
    choice = parse_choice(form, topic_id, NOW)
    read = form.get("scope") in ("topic", "until", "erase")
    assert read or choice == EVERYTHING


@pytest.mark.parametrize(
    ("form", "topic_id", "choice"),
    [
        ({"scope": "topic"}, 1, TOPIC),
        ({"scope": "topic"}, None, EVERYTHING),  # the mail was about no topic
        ({"scope": "all"}, 1, EVERYTHING),
        ({"scope": "erase"}, 1, ERASE),
        ({}, 1, EVERYTHING),
        ({"scope": "until"}, 1, EVERYTHING),
        ({"scope": "until", "days": "-1"}, 1, EVERYTHING),
        ({"scope": "until", "days": "9999"}, 1, EVERYTHING),
    ],
)
def test_each_press_has_its_meaning(form, topic_id, choice):
    assert parse_choice(form, topic_id, NOW) == choice


def test_a_break_ends_at_midnight_so_that_two_presses_are_one_break():
    morning = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    form = {"scope": "until", "days": "30"}
    assert parse_choice(form, None, morning) == parse_choice(form, None, morning + timedelta(hours=5))
    assert parse_choice(form, None, morning).until == datetime(2026, 12, 22, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("choice", [TOPIC, EVERYTHING, ERASE, PAUSE])
@pytest.mark.parametrize("rule", list(OptOutRule))
def test_a_rule_makes_a_no_wider_and_never_narrower(rule, choice):
    width = [OptOutScope.UNTIL, OptOutScope.TOPIC, OptOutScope.ALL, OptOutScope.ERASE]
    assert width.index(under(rule, choice).scope) >= width.index(choice.scope)


def test_where_the_rule_is_erase_stopping_everything_erases():
    assert under(OptOutRule.ERASE, EVERYTHING) == ERASE
    assert under(OptOutRule.STOP_ALL, TOPIC) == EVERYTHING


def test_the_page_offers_the_topic_first_and_under_erase_no_third_choice():
    assert offered(OptOutRule.STOP, topic=True) == (OptOutScope.TOPIC, OptOutScope.ALL, OptOutScope.ERASE)
    assert offered(OptOutRule.STOP_ALL, topic=True) == (OptOutScope.ALL, OptOutScope.ERASE)
    assert offered(OptOutRule.ERASE, topic=True) == (OptOutScope.TOPIC, OptOutScope.ERASE)
    assert offered(OptOutRule.STOP, topic=False) == (OptOutScope.ALL, OptOutScope.ERASE)


def test_one_click_is_the_whole_body_of_rfc_8058():
    assert is_one_click({"List-Unsubscribe": "One-Click"})
    assert not is_one_click({"List-Unsubscribe": "one"})
    assert not is_one_click({"scope": "all"})


def test_a_refusal_that_stands_is_the_same_one():
    before = Refusal(Scope.ALL, NOW)
    again = as_refusal(EVERYTHING, NOW + timedelta(hours=1))
    assert standing((before,), again, None) == before
    assert standing((before,), again, NOW) == before  # a tie goes to the refusal
    assert standing((before,), again, NOW + timedelta(seconds=1)) is None
    assert standing((before,), as_refusal(TOPIC, NOW), None) is None


def test_the_same_act_has_one_id_in_every_time_zone():
    tokyo = Refusal(Scope.ALL, NOW.astimezone(ZoneInfo("Asia/Tokyo")))
    assert event_id_of(1, 2, Refusal(Scope.ALL, NOW)) == event_id_of(1, 2, tokyo)
    assert event_id_of(1, 2, tokyo) != event_id_of(1, 3, tokyo)


def test_a_receipt_is_numbered_by_its_entry_or_while_that_waits_by_the_act():
    act = uuid.UUID(int=0xABCDEF)
    assert receipt_number(date(2026, 11, 22), 123, act) == "S-2026-11-22-000123"
    assert receipt_number(date(2026, 11, 22), None, act) == "S-2026-11-22-WABCDEF"


@pytest.mark.parametrize(
    "scope", [OptOutScope.TOPIC, OptOutScope.UNTIL, OptOutScope.CHANNEL, OptOutScope.LESS_OFTEN]
)
def test_a_choice_without_its_detail_cannot_be_written(scope):
    with pytest.raises(ValueError, match="belongs to scope"):
        Choice(scope)


def test_the_last_channel_is_everything_and_of_a_topic_the_topic():
    mail, texts = Channel.EMAIL, Channel.SMS
    no_mail = Choice(OptOutScope.CHANNEL, channel=mail)
    assert as_meant(no_mail, [(1, mail), (1, texts)]) == no_mail
    assert as_meant(no_mail, [(1, mail), (2, mail)]) == EVERYTHING
    assert as_meant(no_mail, []) == EVERYTHING
    one = Choice(OptOutScope.CHANNEL, topic_id=1, channel=mail)
    assert as_meant(one, [(1, mail), (1, texts)]) == one
    assert as_meant(one, [(1, mail), (2, texts)]) == Choice(OptOutScope.TOPIC, topic_id=1)
    pause = Choice(OptOutScope.UNTIL, until=NOW)
    assert as_meant(pause, []) == pause


def test_a_change_of_the_consent_refuses_nothing():
    channel = Choice(OptOutScope.CHANNEL, channel=Channel.EMAIL)
    fewer = Choice(OptOutScope.LESS_OFTEN, topic_id=1, most=Frequency(1, Period.MONTH))
    assert (as_refusal(channel, NOW), as_refusal(fewer, NOW)) == (None, None)


def test_where_a_no_ends_everything_a_channel_does_too_and_fewer_messages_stay_fewer():
    channel = Choice(OptOutScope.CHANNEL, channel=Channel.EMAIL)
    fewer = Choice(OptOutScope.LESS_OFTEN, topic_id=1, most=Frequency(1, Period.MONTH))
    assert [under(rule, channel) for rule in OptOutRule] == [channel, EVERYTHING, channel]
    assert {under(rule, fewer) for rule in OptOutRule} == {fewer}


@pytest.mark.parametrize(
    ("promised", "chosen", "less"),
    [
        ("4/week", None, ["1/week", "2/month", "1/month", "4/year", "1/year"]),
        ("1/month", None, ["4/year", "1/year"]),
        ("4/week", "1/month", ["4/year", "1/year"]),
        ("1/year", None, []),
        ("4/week", "1/year", []),
    ],
)
def test_less_often_is_always_less_than_is_promised_and_than_was_chosen(promised, chosen, less):
    limit = parse_frequency(chosen).limit if chosen else None
    assert [str(each) for each in narrower(parse_frequency(promised), limit)] == less


def test_a_frequency_that_cannot_be_read_stops_everything():
    assert parse_choice({"scope": "less_often", "most": "often"}, 1, NOW) == EVERYTHING
    assert parse_choice({"scope": "less_often", "most": "1/month"}, None, NOW) == EVERYTHING


def test_a_change_has_one_id_and_another_one_for_another_wish():
    monthly, yearly = (
        Choice(OptOutScope.LESS_OFTEN, topic_id=1, most=Frequency(1, per))
        for per in (Period.MONTH, Period.YEAR)
    )
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert change_id_of(1, 2, monthly, NOW) == change_id_of(1, 2, monthly, tokyo)
    assert (
        len(
            {
                change_id_of(1, 2, monthly, NOW),
                change_id_of(1, 2, yearly, NOW),
                change_id_of(1, 3, monthly, NOW),
            }
        )
        == 3
    )
