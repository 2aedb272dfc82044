"""How many mails a day a new sender may send to a receiver: twice as many while all goes well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delivery.mailings import launched, now, outcomes, rows, send_now
from tests.delivery.sink import RunningSink
from tests.delivery.test_several_routes import NOTICE, a_route
from tests.people import a_reader, a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.feedback import FeedbackKind
from shodaku.delivery.warming import USUAL, WarmUp, day_of, days_for, next_day, next_step, on

DAY = date(2026, 4, 1)
TABLES = st.sampled_from([USUAL, (1,), (3, 6, 12), (50, 60, 70, 1_000, 1_001, 999_999), (7, 500)])


@st.composite
def warm_ups(draw):
    amounts = draw(TABLES)
    step = draw(st.integers(0, len(amounts)))
    sent = draw(st.integers(0, 10**6))
    return WarmUp(1, "gmail", amounts, step, DAY, sent, draw(st.integers(0, sent)))


def a_day(step=3, sent=400, deferred=0):
    return WarmUp(1, "gmail", USUAL, step, DAY, sent, deferred)


def test_it_begins_with_50_and_doubles():
    assert USUAL[:4] == (50, 100, 200, 400)
    assert next_step(a_day(), 0) == 4


@pytest.mark.parametrize(
    ("deferred", "complaints", "step"),
    [
        (19, 0, 4),  # below 5 %
        (20, 0, 3),  # 5 %: held
        (40, 0, 3),  # 10 %
        (41, 0, 2),  # above: halved
    ],
)
def test_what_the_receiver_puts_off_holds_it_or_takes_it_back(deferred, complaints, step):
    assert next_step(a_day(deferred=deferred), complaints) == step


@pytest.mark.parametrize(("complaints", "step"), [(9, 8), (10, 7), (29, 7), (30, 6)])
def test_complaints_hold_it_from_one_and_halve_it_from_three_in_a_thousand(complaints, step):
    amounts = (*(10_000 // 2**n for n in range(7, -1, -1)), 20_000)
    assert next_step(WarmUp(1, "gmail", amounts, 7, DAY, 10_000), complaints) == step


def test_a_day_on_which_little_was_sent_shows_nothing():
    assert next_step(a_day(sent=199), 0) == 3
    assert next_step(a_day(sent=200), 0) == 4
    assert next_step(a_day(sent=0), 5) == 3


@given(warm_ups(), st.integers(0, 1_000))
def test_from_day_to_day_it_goes_one_step_up_at_most(warm, complaints):
    step = next_step(warm, complaints)
    assert 0 <= step <= min(warm.step + 1, len(warm.amounts))
    if step < warm.step:
        assert warm.amounts[step] * 2 <= warm.amounts[warm.step] or step == 0
    assert warm.over <= (step == warm.step), "what is over stays over"


@given(warm_ups(), st.integers(-5, 5), st.integers(0, 1_000))
def test_a_day_begins_once_and_a_clock_that_goes_back_changes_nothing(warm, days, complaints):
    after = on(warm, DAY + timedelta(days=days), complaints)
    if days <= 0:
        assert after == warm
    else:
        assert (after.sent, after.deferred, after.on_day) == (0, 0, DAY + timedelta(days=days))
        assert on(after, after.on_day, complaints) == after


@given(warm_ups(), st.integers(0, 10**6))
def test_the_days_that_are_told_are_as_many_as_the_table_takes(warm, people):
    days = days_for(warm, people)
    room = warm.left
    for step in range(warm.step + 1, warm.step + days + 1):
        assert room < people, "a day less would not do"
        room += warm.amounts[step] if step < len(warm.amounts) else 10_000_000
    assert room >= people


def test_a_day_begins_at_9_in_the_morning_in_japan():
    moment = datetime(2026, 4, 1, 23, 59, tzinfo=UTC)
    assert (day_of(moment), next_day(moment)) == (DAY, datetime(2026, 4, 2, tzinfo=UTC))


@pytest.fixture
def shop(database):
    return a_shop()


def begun(shop, route_id, *amounts, **more):
    services.begin_warm_up(shop.workspace_id, route_id, amounts, by="test", now=now(), **more)


def of(shop, group):
    (found,) = [each for each in selectors.warm_ups(shop.workspace_id) if each.domain_group == group]
    return found


def readers(shop, domain, count):
    return [a_reader(shop, f"r{n}@{domain}") for n in range(count)]


def test_what_is_more_than_the_amount_of_the_day_waits_for_the_next_and_the_page_knows(
    database, shop, tmp_path
):
    with RunningSink() as sink:
        begun(shop, a_route(shop, sink.port), 3, 6, 12)
        people = readers(shop, "gmail.com", 10) + readers(shop, "docomo.ne.jp", 2)
        mailing_id = launched(shop, people)
        for _ in range(3):
            send_now(database, shop, mailing_id, 1, home=tmp_path)
        got = [each.recipient.partition("@")[2] for each in sink.arrived]
        assert (got.count("gmail.com"), got.count("docomo.ne.jp")) == (3, 2)
        assert (of(shop, "gmail").sent, of(shop, "docomo").sent) == (3, 2)
        progress = selectors.progress(shop.workspace_id, mailing_id)
        assert (progress.waiting, progress.another_day) == (7, 7)
        assert progress.ends_at == next_day(next_day(now())), "6 tomorrow, 1 on the day after"
        # another day
        rows(database, shop, "update warm_up set on_day = on_day - 1 returning 1")
        rows(database, shop, "update chunk set not_before = '-infinity' where state = 'planned' returning 1")
        for _ in range(2):
            send_now(database, shop, mailing_id, 1, home=tmp_path)
    assert len(sink.arrived) == 3 + 2 + 6
    assert (of(shop, "gmail").step, of(shop, "gmail").sent) == (1, 6)
    assert len(outcomes(database, shop, mailing_id)) == 11
    services.cancel(shop.workspace_id, mailing_id, now=now())


def test_what_receivers_put_off_takes_the_next_day_back(database, shop, tmp_path):
    with RunningSink(on_rcpt=lambda _: b"451 4.3.0 later\r\n") as sink:
        begun(shop, a_route(shop, sink.port), 2, 4, 8)
        rows(database, shop, "update warm_up set step = 1 returning 1")
        send_now(database, shop, launched(shop, readers(shop, "gmail.com", 3)), 1, home=tmp_path)
        assert (of(shop, "gmail").sent, of(shop, "gmail").deferred) == (3, 3)
        rows(database, shop, "update warm_up set on_day = on_day - 1 returning 1")
        send_now(database, shop, launched(shop, [a_reader(shop, "x@gmail.com")]), 1, home=tmp_path)
    assert of(shop, "gmail").step == 0


def test_complaints_of_these_receivers_take_it_back_and_those_of_others_do_not(database, shop, tmp_path):
    with RunningSink() as sink:
        begun(shop, a_route(shop, sink.port), 2, 4, 8)
        rows(database, shop, "update warm_up set step = 1 returning 1")
        gmail, docomo = readers(shop, "gmail.com", 4), readers(shop, "docomo.ne.jp", 4)
        mailing_id = launched(shop, gmail + docomo)
        send_now(database, shop, mailing_id, 1, home=tmp_path)
        services.record_feedback(
            shop.workspace_id, gmail[0], mailing_id, FeedbackKind.COMPLAINT, "abuse", now=now()
        )
        rows(database, shop, "update warm_up set on_day = on_day - 1 returning 1")
        more = [a_reader(shop, "x@gmail.com"), a_reader(shop, "x@docomo.ne.jp")]
        send_now(database, shop, launched(shop, more), 1, home=tmp_path)
    assert (of(shop, "gmail").step, of(shop, "docomo").step) == (0, 2)


def test_what_somebody_waits_for_is_counted_and_does_not_wait(database, shop, tmp_path):
    with RunningSink() as sink:
        begun(shop, a_route(shop, sink.port), 1, 2)
        for each in readers(shop, "gmail.com", 3):
            send_now(database, shop, launched(shop, [each], **NOTICE), 1, home=tmp_path)
    assert len(sink.arrived) == 3
    assert of(shop, "gmail").sent == 3


def test_after_its_last_day_nothing_is_limited_and_what_ended_limits_nothing(database, shop, tmp_path):
    with RunningSink() as sink:
        route_id = a_route(shop, sink.port)
        begun(shop, route_id, 1)
        rows(database, shop, "update warm_up set step = 1 returning 1")
        send_now(database, shop, launched(shop, readers(shop, "gmail.com", 3)), 1, home=tmp_path)
        assert len(sink.arrived) == 3
        assert services.end_warm_up(shop.workspace_id, route_id, by="test", now=now())
        assert not services.end_warm_up(shop.workspace_id, route_id, by="test", now=now())
    assert selectors.warm_ups(shop.workspace_id) == []


def test_another_table_goes_on_from_where_it_is(database, shop):
    route_id = a_route(shop, 25)
    begun(shop, route_id, 10, 20, 40)
    rows(database, shop, "update warm_up set step = 2, sent = 7 returning 1")
    begun(shop, route_id, 15, 30, domain_group="au")
    assert replace(of(shop, "au"), on_day=DAY) == WarmUp(route_id, "au", (15, 30), 1, DAY, 7)
    assert of(shop, "gmail").amounts == (10, 20, 40)
    services.remove_route(shop.workspace_id, route_id, by="test", now=now())
    assert selectors.warm_ups(shop.workspace_id) == []


@pytest.mark.parametrize("wrong", [(), (0, 5), (5, 5), (10, 5), (1, 10**7 + 1), tuple(range(1, 62))])
def test_a_table_that_cannot_be_is_refused(shop, wrong):
    with pytest.raises(services.WarmUpFault):
        begun(shop, a_route(shop, 25), *wrong)
    assert selectors.warm_ups(shop.workspace_id) == []


def test_what_is_not_there_cannot_be_warmed_up(shop):
    with pytest.raises(services.NoSuchRoute):
        begun(shop, 2**31 - 1, 50)
    with pytest.raises(services.UnknownGroup):
        begun(shop, a_route(shop, 25), 50, domain_group="carrier")
