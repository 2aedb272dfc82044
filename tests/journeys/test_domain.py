"""The clocks of consents say the same as the gate, on both sides of each limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import A_DAY, CONSENT, NOW, changed

from shodaku.journeys.domain import (
    answer_until,
    ends_unanswered,
    first_issue_due_before,
    silent_before,
    welcome_due_before,
)
from shodaku.policy.domain import Reason, decide

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
A_SECOND = timedelta(seconds=1)


@given(moments, st.integers(1, 24), moments)
def test_whom_the_clock_takes_for_silent_the_gate_takes_for_stale(now, months, last_at):
    if last_at >= silent_before(now, months):
        return
    rules = replace(changed().message.pack, stale_months=months)
    consent = replace(CONSENT, since=last_at, last_contact_at=last_at, expires_at=None)
    facts = changed(consent=consent, pack=rules, sent_ats=())
    assert decide(facts, now).reason is Reason.CONSENT_STALE


def test_a_year_to_the_second_is_no_silence_yet():
    assert silent_before(NOW, 12) == NOW.replace(year=2025)


def test_a_welcome_is_due_after_a_day_and_a_first_issue_after_a_week():
    assert welcome_due_before(NOW, 24) == NOW - A_DAY
    assert first_issue_due_before(NOW, 7) == NOW - 7 * A_DAY


def test_the_question_can_be_answered_for_thirty_days_from_the_moment_it_left():
    until = answer_until(NOW)
    assert until == NOW + 30 * A_DAY
    assert not ends_unanswered(until, NOW, until - A_SECOND)
    assert ends_unanswered(until, NOW, until)
    assert not ends_unanswered(until, NOW + A_DAY, until)
    assert ends_unanswered(until, NOW + A_DAY, until + A_DAY)
