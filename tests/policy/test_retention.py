"""How long evidence is kept, by 特定電子メール法施行規則4条2項 and 特定商取引法施行規則30条2項."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.accounts.domain import EvidenceRetention
from shodaku.consent.domain import add_months
from shodaku.policy.domain import (
    Keeping,
    Periods,
    Reason,
    Sent,
    keep_until,
    may_purge,
    retention_periods,
    rules,
)

JST = timezone(timedelta(hours=9))
LAW = retention_periods(rules())
MAIL = datetime(2026, 1, 31, 10, 0, tzinfo=JST)
STATUTORY, DEFAULT = EvidenceRetention.STATUTORY, EvidenceRetention.DEFAULT
INSTANT = timedelta(microseconds=1)


def kept(*sent, orders=(), setting=STATUTORY, mail_order=False):
    return keep_until(
        [each if isinstance(each, Sent) else Sent(each) for each in sent],
        orders,
        setting=setting,
        mail_order=mail_order,
        periods=LAW,
    )


def until(*sent, **facts):
    return kept(*sent, **facts).until


def test_the_periods_are_those_of_the_rules():
    assert Periods(last_send=1, order=12, default=36, advertisement=36, fax=12) == LAW


@pytest.mark.parametrize("period", ["P", "", "3Y", "P3D", "PT3H"])
def test_a_period_that_is_none_of_the_calendar_is_refused(period):
    changed = {**rules()}
    rule = changed["TS-05"]
    changed["TS-05"] = type(rule)(
        rule.rule_id, rule.level, rule.title, rule.requirement, (), "", {"after_each_ad": period}
    )
    with pytest.raises(ValueError, match="no period"):
        retention_periods(changed)


@pytest.mark.parametrize("mail_order", [True, False])
@pytest.mark.parametrize("setting", EvidenceRetention)
def test_what_was_never_sent_binds_nobody_whatever_was_ordered(setting, mail_order):
    assert kept(orders=[MAIL], setting=setting, mail_order=mail_order) is None


def test_a_month_after_the_last_mail_counts_by_the_calendar():
    assert until(MAIL) == datetime(2026, 2, 28, 10, 0, tzinfo=JST)
    assert until(MAIL, MAIL - timedelta(days=300)) == datetime(2026, 2, 28, 10, 0, tzinfo=JST)


def test_mail_order_keeps_each_advertisement_for_three_years_even_by_statute():
    assert until(MAIL, mail_order=True) == datetime(2029, 1, 31, 10, 0, tzinfo=JST)


def test_the_default_keeps_for_three_years_after_the_last_advertisement():
    assert until(MAIL - timedelta(days=90), MAIL, setting=DEFAULT) == add_months(MAIL, 36)


def test_a_fax_of_mail_order_is_kept_for_a_year_and_is_no_mail():
    fax = Sent(MAIL, by_fax=True)
    assert until(fax, mail_order=True) == add_months(MAIL, 12)
    assert kept(fax) is None
    assert until(fax, setting=DEFAULT) == add_months(MAIL, 36)


def test_an_earlier_mail_of_mail_order_outlasts_a_later_fax():
    fax = Sent(add_months(MAIL, 6), by_fax=True)
    assert until(MAIL, fax, mail_order=True) == add_months(MAIL, 36)


ORDER = datetime(2026, 6, 1, tzinfo=JST)


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        # within a year after the order: a year from the last of them
        ([ORDER], add_months(ORDER, 12)),
        ([ORDER, add_months(ORDER, 6)], add_months(ORDER, 18)),
        ([add_months(ORDER, 12)], add_months(ORDER, 24)),
        # one that came later than the year counts for itself alone
        ([add_months(ORDER, 3), add_months(ORDER, 12) + INSTANT], add_months(ORDER, 15)),
        # the order came within a month after the last mail
        ([ORDER - timedelta(days=1)], add_months(ORDER - timedelta(days=1), 12)),
        ([add_months(ORDER, -1)], add_months(ORDER, 11)),
        # too late after the last one, and none followed
        ([add_months(ORDER, -1) - INSTANT], None),
        ([add_months(ORDER, 12) + INSTANT], None),
    ],
)
def test_an_order_lengthens_what_was_sent_about_it(sent, end):
    keeping = kept(*sent, orders=[ORDER])
    assert keeping.order_until == end
    assert keeping.until == max(filter(None, [end, add_months(max(sent), 1)]))


def test_of_two_orders_the_longer_one_counts():
    later = add_months(ORDER, 8)
    assert kept(ORDER, later, orders=[ORDER, later]).order_until == add_months(later, 12)


def test_an_order_does_not_lengthen_what_was_sent_by_fax():
    fax = Sent(ORDER, by_fax=True)
    assert kept(fax, orders=[ORDER], mail_order=True) == Keeping(add_months(ORDER, 12), None)


def test_a_purge_waits_for_the_very_instant():
    keeping = kept(MAIL)
    assert may_purge(keeping, keeping.until - INSTANT) is Reason.RETENTION_RUNNING
    assert may_purge(keeping, keeping.until) is Reason.PURGED


def test_an_order_is_named_while_it_binds_and_then_the_period_that_still_runs():
    keeping = kept(ORDER, orders=[ORDER], setting=DEFAULT)
    assert may_purge(keeping, add_months(ORDER, 12) - INSTANT) is Reason.RETENTION_ORDER
    assert may_purge(keeping, add_months(ORDER, 12)) is Reason.RETENTION_RUNNING
    assert may_purge(keeping, add_months(ORDER, 36)) is Reason.PURGED


def test_where_nothing_binds_evidence_may_go():
    assert may_purge(None, MAIL) is Reason.PURGED


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - with timezones
several = st.lists(moments, max_size=5)


@given(several, several, st.sampled_from(EvidenceRetention), st.booleans(), moments)
def test_a_further_mail_or_order_never_shortens(sent, orders, setting, mail_order, more):
    facts = {"setting": setting, "mail_order": mail_order}
    before = kept(*sent, orders=orders, **facts)
    for after in (
        kept(*sent, more, orders=orders, **facts),
        kept(*sent, orders=[*orders, more], **facts),
        kept(*sent, orders=orders, setting=DEFAULT, mail_order=True),
    ):
        assert before is None or after.until >= before.until
