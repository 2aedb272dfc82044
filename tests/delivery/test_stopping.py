"""A mailing stops by itself when too many addresses do not exist, or too many people report it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delivery.mailings import launched, many_readers, now, outcomes, rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Failure, Outcome, Result
from shodaku.delivery.feedback import FeedbackKind
from shodaku.delivery.stopping import SENT_MIN, StopReason, Weighed, count_hard, stop_for
from shodaku.delivery.worker import Worker
from shodaku.kit import runtime

PEOPLE = st.integers(0, 10_000)


@given(st.integers(0, SENT_MIN - 1), PEOPLE, PEOPLE)
def test_few_mails_stop_nothing(sent, hard, complaints):
    assert stop_for(Weighed(sent, hard, complaints)) is None


@given(st.integers(SENT_MIN, 10**6), PEOPLE, PEOPLE)
def test_it_stops_above_one_in_twenty_or_three_in_a_thousand(sent, hard, complaints):
    stops = stop_for(Weighed(sent, hard, complaints)) is not None
    assert stops == (hard * 20 > sent or complaints * 1000 > 3 * sent)


def test_the_limits_themselves_stop_nothing():
    assert stop_for(Weighed(1000, 50, 3)) is None
    assert stop_for(Weighed(1000, 51, 0)) is StopReason.BOUNCES
    assert stop_for(Weighed(1000, 0, 4)) is StopReason.COMPLAINTS


@pytest.mark.parametrize(
    ("code", "reply", "stage", "hard"),
    [
        (550, "5.1.1 unknown", 2, 1),
        (550, "No such user here", 2, 1),
        (550, "5.7.1 blocked by our policy", 2, 0),
        (552, "5.2.2 mailbox full", 2, 0),
        (554, "5.7.1 looks like spam", 4, 0),  # who refuses the content knows the address
    ],
)
def test_only_addresses_that_do_not_exist_count(code, reply, stage, hard):
    failed = Outcome(1, Result.FAILED, Failure.BY_SERVER, 7, stage, code, reply)
    accepted = Outcome(2, Result.ACCEPTED, Failure.RECOVERED, 7, 4, 250, "2.0.0 ok")
    assert count_hard([failed, accepted]) == hard


@pytest.fixture
def shop(database):
    return a_shop()


def weighed(database, home):
    async def main():
        here = runtime.current()
        worker = Worker(runtime.Runtime(home, here.keys, here.public_url, database.application, ""))
        try:
            return await worker.weigh()
        finally:
            await worker.close()

    return asyncio.run(main())


def sent(database, shop, people, home, *, unknown=()):
    names = {f"{each}@example.jp": b"550 5.1.1 unknown\r\n" for each in unknown}
    mailing_id = launched(shop, people)
    with RunningSink(on_rcpt=names.get) as sink:
        # one more who waits, else it would be done
        rows(
            database,
            shop,
            """insert into chunk (workspace_id, mailing_id, contact_ids, not_before)
               values (%(workspace)s, %(m)s, array[%(c)s::bigint], now() + interval '1 day') returning no""",
            m=mailing_id,
            c=people[0],
        )
        send_now(database, shop, mailing_id, sink.port, home=home)
    assert len(outcomes(database, shop, mailing_id)) == len(people)
    return mailing_id


def test_a_list_of_dead_addresses_stops_and_goes_on_when_somebody_says_so(database, shop, tmp_path):
    people = many_readers(database, shop, 500)
    mailing_id = sent(database, shop, people, tmp_path, unknown=people[:26])
    weighed(database, tmp_path)
    found = selectors.progress(shop.workspace_id, mailing_id)
    assert (found.state, found.stopped_for, found.stopped_sent, found.stopped_bad) == (
        "paused",
        "bounces",
        500,
        26,
    )
    assert services.resume(shop.workspace_id, mailing_id, now=now())
    weighed(database, tmp_path)
    found = selectors.progress(shop.workspace_id, mailing_id)
    assert (found.state, found.stopped_for) == ("running", None), "it counts from here anew"
    services.cancel(shop.workspace_id, mailing_id, now=now())


def test_as_many_as_are_allowed_stop_nothing_and_reports_that_come_later_do(database, shop, tmp_path):
    people = many_readers(database, shop, 500)
    mailing_id = sent(database, shop, people, tmp_path, unknown=people[:25])
    weighed(database, tmp_path)
    assert selectors.progress(shop.workspace_id, mailing_id).state == "running"
    said = [(each, FeedbackKind.COMPLAINT, "abuse") for each in people[30:31] * 5]  # one person, five times
    for contact_id, kind, status in said:
        services.record_feedback(shop.workspace_id, contact_id, mailing_id, kind, status, now=now())
    weighed(database, tmp_path)
    assert selectors.progress(shop.workspace_id, mailing_id).state == "running"
    services.record_bounce(shop.workspace_id, people[40], mailing_id, "5.1.1", at_data_end=False, now=now())
    weighed(database, tmp_path)
    found = selectors.progress(shop.workspace_id, mailing_id)
    assert (found.state, found.stopped_for, found.stopped_bad) == ("paused", "bounces", 26)
    services.cancel(shop.workspace_id, mailing_id, now=now())


def test_people_who_report_it_stop_it(database, shop, tmp_path):
    people = many_readers(database, shop, 500)
    mailing_id = sent(database, shop, people, tmp_path)
    for contact_id in people[:2]:
        services.record_feedback(
            shop.workspace_id, contact_id, mailing_id, FeedbackKind.COMPLAINT, "abuse", now=now()
        )
    weighed(database, tmp_path)
    found = selectors.progress(shop.workspace_id, mailing_id)
    assert (found.stopped_for, found.stopped_sent, found.stopped_bad) == ("complaints", 500, 2)
    services.cancel(shop.workspace_id, mailing_id, now=now())
