"""When a mailing would be finished: by rates, by amounts of a day, and by nothing at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delivery.mailings import EVERYBODY, launched, many_readers, newsletter, now, rows
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.finishing import Limit, Rate, Way, forecast
from shodaku.delivery.services import NewRoute
from shodaku.delivery.warming import WarmUp, days_for
from shodaku.kit import db

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
ONE = (Way(1, 100),)
PEOPLE = st.integers(0, 2_000_000)
RATES = st.floats(0.01, 10_000)


def told(people, ahead=None, ways=ONE, rates=(), warm_ups=()):
    return forecast(people, ahead or {}, ways, rates, warm_ups, NOON)


def warm(*amounts, sent=0, step=0, route_id=1, group="gmail"):
    return WarmUp(route_id, group, amounts, step, NOON.date(), sent)


def test_without_a_limit_nobody_knows_how_fast_the_server_takes_it():
    found = told({"gmail": 1_000})
    assert (found.limit, found.ends_at, found.days, found.first_day) == (Limit.NONE, None, 0, 1_000)


@pytest.mark.parametrize(
    ("rates", "seconds"),
    [
        ([Rate(1, "", 10)], 100),
        ([Rate(0, "", 4)], 250),  # of the workspace, whatever carries it
        ([Rate(1, "", 10), Rate(0, "docomo", 1)], 400),  # 400 of them are with docomo
        ([Rate(1, "docomo", 8), Rate(1, "", 5)], 200),
        ([Rate(2, "", 0.1), Rate(1, "", 10)], 100),  # another route's limit is none of ours
        ([Rate(0, "au", 0.1), Rate(1, "", 10)], 100),  # nor is that of receivers nobody of whom is meant
    ],
)
def test_the_narrowest_limit_decides(rates, seconds):
    found = told({"docomo": 400, "other": 600}, rates=rates)
    assert (found.limit, found.ends_at) == (Limit.RATE, NOON + timedelta(seconds=seconds))


def test_routes_share_by_weight_and_who_stands_by_carries_nothing():
    ways = (Way(1, 300), Way(2, 100), Way(3, 0))
    limits = [Rate(1, "", 10), Rate(2, "", 1), Rate(3, "", 0.001)]
    found = told({"other": 4_000}, ways=ways, rates=limits)
    assert found.ends_at == NOON + timedelta(seconds=1_000)


def test_what_waits_already_goes_in_turn_with_it():
    found = told({"other": 100}, {"other": 300}, rates=[Rate(1, "", 1)])
    assert (found.ahead, found.ends_at) == (300, NOON + timedelta(seconds=400))


def test_amounts_of_a_day_tell_the_day_and_how_many_leave_on_the_first():
    found = told({"gmail": 350}, warm_ups=[warm(50, 100, 200, 400)])
    assert (found.limit, found.days, found.first_day) == (Limit.DAYS, 2, 50)
    assert found.ends_at == datetime(2026, 11, 28, tzinfo=UTC)


def test_after_the_last_amount_a_rate_decides():
    found = told({"gmail": 50 + 100 + 7_200}, rates=[Rate(1, "", 1)], warm_ups=[warm(50, 100)])
    assert (found.limit, found.days) == (Limit.DAYS, 2)
    assert found.ends_at == datetime(2026, 11, 28, 2, tzinfo=UTC)


def test_what_was_sent_today_is_not_sent_again_and_what_is_over_limits_nothing():
    assert told({"gmail": 50}, warm_ups=[warm(50, 100, sent=50)]).days == 1
    assert told({"gmail": 50}, warm_ups=[warm(50, step=1)]).limit is Limit.NONE


def test_one_that_fits_in_the_amount_of_today_waits_for_no_other_day():
    assert told({"gmail": 50}, warm_ups=[warm(50, 100)]).limit is Limit.NONE


def test_a_rate_that_fills_more_than_a_day_goes_on_the_next():
    found = told({"other": 86_400}, rates=[Rate(1, "", 1)])
    assert (found.limit, found.days, found.ends_at) == (Limit.RATE, 1, NOON + timedelta(days=1))


def test_to_nobody_it_is_finished_at_once():
    assert told({}, rates=[Rate(1, "", 1)]).first_day == 0


@given(PEOPLE, st.lists(st.integers(1, 100_000), min_size=1, max_size=60, unique=True).map(sorted))
def test_it_says_as_many_days_as_the_warm_up_says_of_itself(people, amounts):
    one = warm(*amounts)
    assert told({"gmail": people}, warm_ups=[one]).days == days_for(one, people)


@given(PEOPLE, PEOPLE, RATES, RATES)
def test_it_is_never_earlier_than_any_one_limit_lets_it(gmail, other, whole, of_group):
    limits = [Rate(0, "", whole), Rate(1, "gmail", of_group)]
    found = told({"gmail": gmail, "other": other}, rates=limits)
    if found.ends_at is not None and gmail + other:
        least = max((gmail + other) / whole, gmail / of_group)
        assert (found.ends_at - NOON).total_seconds() >= least * (1 - 1e-6) - 0.001


@pytest.fixture
def shop(database):
    return a_shop()


def a_route(shop, **more):
    new = NewRoute(name="one", host="127.0.0.1", port=25, tls="none", **more)
    return services.add_route(shop.workspace_id, new, by="test", now=now())


def test_routes_limits_and_what_waits_are_read_from_the_workspace(database, shop):
    a_route(shop, messages_per_second=2)
    found = selectors.finish(shop.workspace_id, {"gmail": 100, "other": 100}, starts_at=NOON)
    assert (found.limit, found.ends_at) == (Limit.RATE, NOON + timedelta(seconds=100))
    launched(shop, many_readers(database, shop, 20))
    later = selectors.finish(shop.workspace_id, {"gmail": 100}, starts_at=NOON)
    assert (later.ahead, later.ends_at) == (20, NOON + timedelta(seconds=60))


def test_without_anything_that_carries_campaigns_there_is_no_time_to_tell(shop, monkeypatch):
    monkeypatch.delenv("SHODAKU_SMTP_URL", raising=False)
    assert selectors.finish(shop.workspace_id, {"gmail": 1}, starts_at=NOON) is None
    monkeypatch.setenv("SHODAKU_SMTP_URL", "smtp://127.0.0.1:25?tls=none&rate=5")
    assert selectors.finish(shop.workspace_id, {"gmail": 50}, starts_at=NOON).ends_at == NOON + timedelta(
        seconds=10
    )


def test_who_took_notice_lately_comes_first_while_the_server_is_warmed_up(database, shop):
    route_id = a_route(shop)
    services.begin_warm_up(shop.workspace_id, route_id, [50, 100], by="test", now=now())
    people = many_readers(database, shop, 6_100)
    clicked, unmeasured, wrote = people[-1], people[-2], people[-3]
    allow = """update contact set tracking_consent_at = now()
               where workspace_id = %(workspace)s and contact_id = %(c)s returning 1"""
    rows(database, shop, allow, c=clicked)
    for contact_id in (clicked, unmeasured):
        hit = """insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)
                 values (%(workspace)s, %(c)s, 1, 0, 'human', now() - interval '3 days') returning 1"""
        rows(database, shop, hit, c=contact_id)
    message = """insert into inbound_message (workspace_id, contact_id, via, event_id, received_at)
                 values (%(workspace)s, %(c)s, 'mail', gen_random_uuid(), now() - interval '5 days')
                 returning 1"""
    rows(database, shop, message, c=wrote)
    with db.transaction(shop.workspace_id):
        mailing_id = services.plan(newsletter(shop), EVERYBODY, now=now()).mailing_id
    chunks = rows(
        database, shop, "select contact_ids from chunk where mailing_id = %(m)s order by no", m=mailing_id
    )
    first, others = set(chunks[0][0]), [each for (ids,) in chunks[1:] for each in ids]
    assert {clicked, wrote} <= first
    assert unmeasured in others, "of who does not allow it nothing is measured"
    assert all(ids == sorted(ids) for (ids,) in chunks)
    assert sorted([*first, *others]) == people
    assert [len(ids) for (ids,) in chunks] == [50] * 100 + [1000, 100]
