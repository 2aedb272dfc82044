"""Limits on real PostgreSQL and real relays: all workers together keep them, and nobody is lost."""

import asyncio
import time
from datetime import timedelta
from importlib.resources import files

import psycopg
import pytest
from tests.delivery.mailings import (
    EVERYBODY,
    launched,
    many_readers,
    newsletter,
    now,
    outcomes,
    rows,
    send_now,
    wait_until,
    worker_process,
)
from tests.delivery.sink import RunningSink
from tests.delivery.test_several_routes import NOTICE, a_route, planned
from tests.people import a_reader, a_shop

from shodaku.delivery import drawing, selectors, services, store
from shodaku.delivery.drawing import Source
from shodaku.delivery.paces import ALL_ROUTES
from shodaku.kit import db


@pytest.fixture
def shop(database):
    return a_shop()


def paced(shop, rate, *, route_id=ALL_ROUTES, group=""):
    services.set_pace(shop.workspace_id, rate, route_id=route_id, domain_group=group, by="test", now=now())


def in_database(database, work):
    async def main():
        connection = await store.connect(database.application)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(main())


def test_workers_that_draw_at_once_get_no_more_than_there_is(database, shop):
    paced(shop, 50.0)
    source = Source(shop.workspace_id)

    async def work(_):
        connections = [await store.connect(database.application) for _ in range(4)]
        begun = time.monotonic()
        try:

            async def many(connection):
                return sum([
                    (await drawing.drawn(connection, source, 20, queued=True, urgent=False)).granted
                    for _ in range(30)
                ])  # fmt: skip

            got = sum(await asyncio.gather(*(many(each) for each in connections)))
        finally:
            for each in connections:
                await each.close()
        return got, time.monotonic() - begun

    got, seconds = in_database(database, work)
    assert 1 <= got <= 50 * seconds + 51


def test_what_was_not_needed_comes_back(database, shop):
    paced(shop, 1_000.0)
    source = Source(shop.workspace_id)
    statement = "update pace set tokens = 101, refilled_at = now() + interval '1 hour' returning 1"
    rows(database, shop, statement)  # nothing is refilled while we look

    async def work(connection):
        done = await drawing.drawn(connection, source, 60, queued=False, urgent=False)
        await drawing.settle(connection, source, 45, [])
        again = await drawing.drawn(connection, source, 500, queued=True, urgent=False)
        return done.granted, again.granted

    assert in_database(database, work) == (60, 85)


def test_a_limit_of_the_workspace_holds_and_the_rest_waits_for_its_turn(database, shop, tmp_path):
    paced(shop, 5.0)
    people = many_readers(database, shop, 20)
    mailing_id = launched(shop, people)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        first = len(sink.arrived)
        assert 1 <= first <= 5
        for _ in range(3):
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    waiting = rows(
        database,
        shop,
        "select cardinality(contact_ids) from chunk where mailing_id = %(m)s and state = 'planned'",
        m=mailing_id,
    )
    found = outcomes(database, shop, mailing_id)
    assert len(found) + sum(n for (n,) in waiting) == 20, "nobody is lost"
    services.cancel(shop.workspace_id, mailing_id, now=now())


def test_two_worker_processes_together_keep_the_rate_of_a_route(database, shop, tmp_path):
    """Each for itself would be done in half the time; a slow machine takes longer, never less."""
    people = many_readers(database, shop, 100)
    with RunningSink() as sink:
        a_route(shop, sink.port, messages_per_second=10)
        mailing_id = launched(shop, people)
        begun = time.monotonic()
        with worker_process(database, tmp_path / "one"), worker_process(database, tmp_path / "two"):
            wait_until(lambda: len(outcomes(database, shop, mailing_id)) == 100, 90)
        ours = {f"{each}@example.jp" for each in people}
        arrived = [each.begun for each in sink.arrived if each.recipient in ours]
    assert len(arrived) == 100
    assert max(arrived) - begun >= (100 - 11) / 10


def test_what_somebody_waits_for_passes_the_queue_of_a_campaign(database, shop, tmp_path):
    paced(shop, 2.0)
    campaign = launched(shop, many_readers(database, shop, 30))
    reader = a_reader(shop, "waits@example.jp")
    with RunningSink() as sink:
        send_now(database, shop, campaign, sink.port, home=tmp_path)
        send_now(database, shop, campaign, sink.port, home=tmp_path)
        send_now(database, shop, launched(shop, [reader], **NOTICE), sink.port, home=tmp_path)
    assert "waits@example.jp" in {each.recipient for each in sink.arrived}
    services.cancel(shop.workspace_id, campaign, now=now())


def test_plans_keep_groups_of_receivers_apart_where_one_has_a_limit(database, shop):
    addresses = ["a@docomo.ne.jp", "b@docomo.ne.jp", "c@ezweb.ne.jp", "d@example.jp", "e@gmail.com"]
    people = [a_reader(shop, each) for each in addresses]
    paced(shop, 1.0, group="docomo")

    def chunks(mailing_id):
        statement = "select domain_group, contact_ids from chunk where mailing_id = %(m)s"
        return dict(rows(database, shop, statement, m=mailing_id))

    wanted = {"docomo": people[:2], "au": people[2:3], "other": people[3:4], "gmail": people[4:]}
    with db.transaction(shop.workspace_id):
        planned_all = services.plan(newsletter(shop), EVERYBODY, now=now())
    assert chunks(planned_all.mailing_id) == wanted
    assert planned_all.people == 5
    assert chunks(launched(shop, people)) == wanted
    paced(shop, None, group="docomo")
    assert chunks(launched(shop, people)) == {None: people}


def test_a_group_waits_and_the_others_do_not(database, shop, tmp_path):
    slow = [a_reader(shop, f"r{n}@docomo.ne.jp") for n in range(6)]
    fast = [a_reader(shop, f"r{n}@gmail.com") for n in range(6)]
    paced(shop, 0.01, group="docomo")
    mailing_id = launched(shop, slow + fast)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    got = [each.recipient.partition("@")[2] for each in sink.arrived]
    assert (got.count("gmail.com"), got.count("docomo.ne.jp")) == (6, 1)
    services.cancel(shop.workspace_id, mailing_id, now=now())


def test_a_receiver_that_is_overrun_is_sent_to_at_half_the_rate_and_its_retries_stay_in_its_group(
    database, shop, tmp_path
):
    paced(shop, 100.0)
    paced(shop, 40.0, group="gmail")
    people = [a_reader(shop, f"r{n}@gmail.com") for n in range(4)]
    mailing_id = launched(shop, people)
    with RunningSink(on_rcpt=lambda _: b"421 4.7.0 too many messages\r\n") as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    found = {each.domain_group: each for each in selectors.paces(shop.workspace_id)}
    assert (found["gmail"].rate, found["gmail"].rate_max, found[""].rate) == (20.0, 40.0, 100.0)
    assert found["gmail"].changed_at is not None
    kept = rows(
        database,
        shop,
        "select distinct domain_group from chunk where mailing_id = %(m)s and state = 'planned'",
        m=mailing_id,
    )
    assert kept == [("gmail",)]


def test_turns_of_a_mailing_that_was_cancelled_hold_up_nobody(database, shop, tmp_path):
    paced(shop, 1.0)
    people = many_readers(database, shop, 300)
    first = launched(shop, people)
    with RunningSink() as sink:
        for _ in range(2):
            send_now(database, shop, first, sink.port, home=tmp_path)
        rows(database, shop, "update pace set promised_until = now() + interval '1 day' returning 1")
        services.cancel(shop.workspace_id, first, now=now())
        second = launched(shop, people[:1])
        rows(database, shop, "update pace set tokens = 2, refilled_at = now() returning 1")
        send_now(database, shop, second, sink.port, home=tmp_path)
    assert len(outcomes(database, shop, second)) == 1


def test_a_route_keeps_the_bucket_of_its_rate(database, shop):
    route_id = a_route(shop, 25, messages_per_second=7)
    assert [(each.route_id, each.rate_max) for each in selectors.paces(shop.workspace_id)] == [(route_id, 7)]
    paced(shop, 3.0, route_id=route_id, group="au")
    services.remove_route(shop.workspace_id, route_id, by="test", now=now())
    assert selectors.paces(shop.workspace_id) == []


def test_limits_that_cannot_be_are_refused(shop):
    route_id = a_route(shop, 25)
    for wrong, fault in (
        ({"rate": 0.0}, services.RateOutOfRange),
        ({"rate": 1.0, "group": "carrier"}, services.UnknownGroup),
        ({"rate": 1.0, "route_id": route_id}, services.RateOfRoute),
        ({"rate": 1.0, "route_id": 2**31 - 1, "group": "au"}, services.NoSuchRoute),
    ):
        with pytest.raises(fault):
            paced(shop, wrong.pop("rate"), **wrong)
    assert selectors.paces(shop.workspace_id) == []


def test_with_one_route_and_no_limit_a_chunk_costs_no_statement_more(database, shop, tmp_path, monkeypatch):
    called, run = [], store.run

    async def noted(connection, name, values):
        called.append(name)
        return await run(connection, name, values)

    monkeypatch.setattr(store, "run", noted)
    with RunningSink() as sink:
        a_route(shop, sink.port)
        send_now(database, shop, launched(shop, [a_reader(shop)]), 1, home=tmp_path)
        assert len(sink.arrived) == 1
        assert not {"get_chunk_route", "lock_pace", "update_pace", "queue_chunk"} & {*called}
        called.clear()
        paced(shop, 5.0)
        send_now(database, shop, launched(shop, [a_reader(shop)]), 1, home=tmp_path)
    assert {"get_chunk_route", "lock_pace", "update_pace"} <= {*called}


def test_turns_are_kept_by_the_clock_of_the_database(database, shop, tmp_path):
    paced(shop, 0.01)
    people = many_readers(database, shop, 2)
    mailing_id = launched(shop, people)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    ((turn,),) = rows(
        database,
        shop,
        "select not_before - now() from chunk where mailing_id = %(m)s and state = 'planned'",
        m=mailing_id,
    )
    assert timedelta(seconds=1) < turn <= timedelta(seconds=100)
    jobs = rows(
        database,
        shop,
        "select count(*) from procrastinate_jobs where (args ->> 'mailing_id')::int = %(m)s"
        " and scheduled_at > now() + interval '1 second'",
        m=mailing_id,
    )
    assert jobs == [(1,)]
    assert len(planned(database, shop, mailing_id)) == 1


def test_rates_that_were_set_before_there_were_buckets_become_some(database, shop):
    """The migration on a database that has routes, by the role that migrates; it is taken back."""
    route_id = a_route(shop, 25, messages_per_second=7)
    a_route(shop, 26)
    migration = (files("shodaku.delivery") / "migrations" / "0012_pace.sql").read_text(encoding="utf-8")
    with psycopg.connect(database.owner) as owner:
        owner.execute("drop table pace; alter table chunk drop column domain_group")
        owner.execute(migration)
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        found = owner.execute("select route_id, domain_group, rate, rate_max from pace").fetchall()
        owner.rollback()
    assert found == [(route_id, "", 7.0, 7.0)]


@pytest.mark.parametrize("rate", [None, 400.0])
@pytest.mark.parametrize(("slow_people", "slows"), [(3, False), (12, True)])
def test_f48_without_a_limit_of_their_own_they_wait_alone_and_a_relay_that_says_it_to_most_slows_down(
    database, shop, tmp_path, rate, slow_people, slows
):
    paced(shop, rate)
    slow = [a_reader(shop, f"r{n}@docomo.ne.jp") for n in range(slow_people)]
    others = [a_reader(shop, f"r{n}@example.jp") for n in range(9)]

    def answer(recipient):
        return b"452 4.7.1 too many mails from you\r\n" if recipient.endswith("@docomo.ne.jp") else None

    mailing_id = launched(shop, slow + others)
    with RunningSink(on_rcpt=answer) as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    found = outcomes(database, shop, mailing_id)
    assert {each: found[each][0] for each in found} == dict.fromkeys(others, "accepted")
    waiting = rows(
        database,
        shop,
        "select contact_ids, not_before > now() + interval '1 minute' from chunk"
        " where mailing_id = %(m)s and state = 'planned'",
        m=mailing_id,
    )
    assert waiting == [(slow, True)]
    rates = [each.rate for each in selectors.paces(shop.workspace_id)]
    assert rates == ([] if rate is None else [rate / 2 if slows else rate])


def test_f48_receivers_that_say_too_fast_slow_down_alone(database, shop, tmp_path):
    """Docomo says 452 to all; Gmail and everybody else get theirs at once, then and in the next mailing."""
    for group in ("docomo", "gmail"):
        paced(shop, 40.0, group=group)
    slow = [a_reader(shop, f"r{n}@docomo.ne.jp") for n in range(4)]
    others = [a_reader(shop, f"r{n}@{name}") for n in range(4) for name in ("gmail.com", "example.jp")]

    def answer(recipient):
        return b"452 4.7.1 too many mails from you\r\n" if recipient.endswith("@docomo.ne.jp") else None

    with RunningSink(on_rcpt=answer) as sink:
        for _ in range(2):
            mailing_id = launched(shop, slow + others)
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
            found = outcomes(database, shop, mailing_id)
            assert {each: found[each][0] for each in found} == dict.fromkeys(others, "accepted")
            waiting = rows(
                database,
                shop,
                "select domain_group, contact_ids, not_before > now() + interval '1 minute' from chunk"
                " where mailing_id = %(m)s and state = 'planned'",
                m=mailing_id,
            )
            assert waiting == [("docomo", slow, True)], "asked again in some minutes, by a new gate"
    rates = {each.domain_group: (each.rate, each.rate_max) for each in selectors.paces(shop.workspace_id)}
    assert rates == {"docomo": (20.0, 40.0), "gmail": (40.0, 40.0)}, "half, once a minute"
