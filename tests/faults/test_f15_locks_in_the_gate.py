"""F15: the gate waits in vain for a lock, or two for each other. Its chunk begins again, from the lock."""

from __future__ import annotations

import re
import threading
from importlib.resources import files

import psycopg
from tests.delivery.mailings import launched, many_readers, outcomes, rows, send_now, wait_until
from tests.delivery.sink import RunningSink
from tests.people import a_shop

from shodaku.config.worker import ROOMS_WITH_JOBS

PEOPLE = 20
WAITS = """
select count(*) from pg_locks l join pg_class c on c.oid = l.relation
where c.relname = 'refusal' and not l.granted
"""
HOLD = "lock table refusal in access exclusive mode"  # as a migration does


def recovered(worker):
    return worker.recover()


def waits_for(database):
    with psycopg.connect(database.owner) as looking:
        return looking.execute(WAITS).fetchone()[0] > 0


def sent_in_the_end(database, shop, people, mailing_id, sink, home):
    """What its journal tells of the chunk is put right, as every five seconds, and it is sent."""

    def all_known():
        send_now(database, shop, mailing_id, sink.port, home=home, during=recovered)
        return len(outcomes(database, shop, mailing_id)) == len(people)

    wait_until(all_known, 60)
    assert sorted(each.recipient for each in sink.arrived) == sorted(f"{each}@example.jp" for each in people)
    assert {outcome for outcome, _, _ in outcomes(database, shop, mailing_id).values()} == {"accepted"}


def test_f15_a_gate_that_waits_too_long_for_a_lock_sends_nothing_and_begins_again(database, tmp_path):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    mailing_id = launched(shop, people)
    with RunningSink() as sink:
        with psycopg.connect(database.owner) as migration:
            migration.execute(HOLD)
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
            assert sink.arrived == []
            states = rows(database, shop, "select state from chunk where mailing_id = %(m)s", m=mailing_id)
            assert states == [("open",)], "given up by the gate, and kept for its journal to tell of it"
        sent_in_the_end(database, shop, people, mailing_id, sink, tmp_path)


def test_f15_of_two_that_wait_for_each_other_one_begins_again_and_nobody_is_lost(database, tmp_path):
    """The other one holds a table that the gate reads, and then wants a person whom the gate holds."""
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    mailing_id = launched(shop, people)
    ended = []

    def get_in_its_way(migration):
        wait_until(lambda: waits_for(database))
        migration.execute("set lock_timeout = '60s'")
        try:
            migration.execute("lock table contact in access exclusive mode")
        except psycopg.errors.DeadlockDetected:
            ended.append("the other one")
        else:
            ended.append("the gate")
        migration.rollback()

    with RunningSink() as sink:
        with psycopg.connect(database.owner) as migration:
            migration.execute(HOLD)
            other = threading.Thread(target=get_in_its_way, args=[migration])
            other.start()
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
            other.join()
        assert len(ended) == 1
        sent_in_the_end(database, shop, people, mailing_id, sink, tmp_path)


def test_f15_people_are_locked_in_the_order_of_their_numbers_everywhere():
    """Who locked several in another order than the gate would wait for it while it waits for them."""
    several = re.compile(r"from contact\b.*\bany\(.*\bfor (no key )?(update|share)\b", re.DOTALL)
    found = [
        (f"{room}/{file.name}", file.read_text(encoding="utf-8"))
        for room in ROOMS_WITH_JOBS
        if (files("shodaku") / room / "sql").is_dir()
        for file in (files("shodaku") / room / "sql").iterdir()
    ]
    locking = {name: text for name, text in found if several.search(text)}
    assert "delivery/lock_contacts.sql" in locking
    assert [name for name, text in locking.items() if "order by" not in text] == []
