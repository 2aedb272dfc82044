"""By when somebody who asks about their own data must be answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shodaku.policy.domain import answer_clock, answer_clocks, rules

TOKYO = ZoneInfo("Asia/Tokyo")
PARIS = ZoneInfo("Europe/Paris")


def test_the_numbers_are_those_of_the_rules():
    assert answer_clock("JP").days == rules()["PI-09"].parameters["product_days"] == 14
    assert answer_clock("EU").days == rules()["EU-05"].parameters["days"] == 30
    assert {clock.rule for clock in answer_clocks().values()} <= rules().keys()


def test_a_law_that_is_not_listed_gets_no_more_time_than_any_other():
    assert answer_clock("XX").jurisdiction == "ZZ"
    assert answer_clock("XX").days <= min(clock.days for clock in answer_clocks().values())
    assert not answer_clock("XX").identity_stops


@pytest.mark.parametrize(
    ("code", "begins", "last_day"),
    [
        ("JP", datetime(2026, 11, 25, 0, 0, tzinfo=TOKYO), (2026, 12, 9)),
        ("JP", datetime(2026, 11, 25, 23, 59, tzinfo=TOKYO), (2026, 12, 9)),
        ("EU", datetime(2027, 1, 31, 12, 0, tzinfo=PARIS), (2027, 2, 28)),  # a month is shorter than 30 days
        ("EU", datetime(2027, 3, 10, 12, 0, tzinfo=PARIS), (2027, 4, 9)),  # and here it is longer
    ],
)
def test_the_last_day_is_whole_and_the_shorter_time_holds(code, begins, last_day):
    due = answer_clock(code).due(begins)
    assert (due.hour, due.minute, due.second) == (0, 0, 0)
    last = due - timedelta(microseconds=1)
    assert (last.year, last.month, last.day) == last_day


def test_two_months_more_count_from_the_beginning():
    begins = datetime(2027, 3, 10, 12, 0, tzinfo=PARIS)
    last = answer_clock("EU").longest(begins) - timedelta(microseconds=1)
    assert (last.month, last.day) == (6, 10)
    assert answer_clock("JP").lengthen_months == 0
