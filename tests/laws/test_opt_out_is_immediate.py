"""Promise 2: after an opt-out is answered, no message to that person begins.

What is asserted: while four worker processes send, people opt out through the product's own service. The
relay stamps each message with CLOCK_MONOTONIC when it reads the first byte of its content; the test stamps
each answer when the service has returned. For everybody who opted out, every stamp of the relay is before
that of the answer: tolerance 0. A content that began earlier has been answered by the relay before its chunk
let go of the person's lock, and so before the opt-out could commit; the relay's stamp cannot be late.
"""

import itertools
import threading
import time
from contextlib import ExitStack

import psycopg
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
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.delivery import selectors, services
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.services import opt_out

PEOPLE = 4_000
WORKERS = 4
LEAVERS = 2


def test_after_the_answer_no_message_begins(database, tmp_path):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    leavers = people[::-25]  # the last chunks first: many leave in time, many do not
    ledger.ensure_keys(shop.workspace_id, leavers)
    with db.transaction(shop.workspace_id):
        planned = services.plan(newsletter(shop), EVERYBODY, now=now())
    answered, stop = {}, threading.Event()

    def leave(some):
        for contact_id in itertools.takewhile(lambda _: not stop.is_set(), some):
            request = OptOut(
                workspace_id=shop.workspace_id,
                contact_id=contact_id,
                scope=OptOutScope.ALL,
                via=Method.ONE_CLICK,
            )
            opt_out(request, now())
            answered[contact_id] = time.monotonic()

    with RunningSink(seconds=0.002) as sink, ExitStack() as stack:
        for _ in range(WORKERS):
            stack.enter_context(worker_process(database, tmp_path / "home", sink.port))
        wait_until(lambda: len(sink.arrived) > PEOPLE // 20)
        threads = [threading.Thread(target=leave, args=[leavers[at::LEAVERS]]) for at in range(LEAVERS)]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: selectors.progress(shop.workspace_id, planned.mailing_id).state == "done", 50)
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    ours = {f"{contact_id}@example.jp": contact_id for contact_id in people}
    stamps = [(ours[each.recipient], each.begun) for each in sink.arrived if each.recipient in ours]
    begun = dict(stamps)
    assert len(begun) == len(stamps), "nobody got it twice"
    late = {each for each, at in answered.items() if begun.get(each, 0.0) >= at}
    assert late == set()
    results = outcomes(database, shop, planned.mailing_id)
    spared = set(answered) - set(begun)
    assert spared, "somebody left in time, or this proves nothing"
    assert {results[each][0] for each in spared} == {"refused"}
    assert sorted(results) == people


ONE_STATEMENT = """
select c.contact_id, (select count(*) from refusal r
                      where r.workspace_id = c.workspace_id and r.contact_id = c.contact_id)
from contact c where c.workspace_id = %(workspace)s and c.contact_id = %(contact)s for share of c
"""
HOLD = "select from contact where workspace_id = %(workspace)s and contact_id = %(contact)s for update"
REFUSE = """
insert into refusal (workspace_id, contact_id, scope, at, via, event_id)
values (%(workspace)s, %(contact)s, 'all', now(), 'page', gen_random_uuid())
"""


def refusals_seen_by(database, shop, contact_id, *statements):
    """The opt-out holds the person, the gate arrives and waits, the opt-out is committed and answered."""
    values, seen = {"workspace": shop.workspace_id, "contact": contact_id}, []
    setting = db.set_local(db.Setting.WORKSPACE, shop.workspace_id)
    with (
        psycopg.connect(database.application) as leaving,
        psycopg.connect(database.application) as gate,
        psycopg.connect(database.application, autocommit=True) as watch,
    ):
        leaving.execute(setting)
        gate.execute(setting)
        leaving.execute(HOLD, values)
        leaving.execute(REFUSE, values)

        def arrive():
            for statement in statements:
                found = gate.execute(statement, values).fetchone()
            seen.append(found[-1])

        thread = threading.Thread(target=arrive)
        thread.start()
        waiting = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
        wait_until(lambda: watch.execute(waiting, [gate.info.backend_pid]).fetchone()[0])
        leaving.commit()
        thread.join()
    return seen


def test_facts_read_in_the_statement_that_locks_are_from_before_the_opt_out(database):
    """The negative control: the obvious gate lets the message out."""
    shop = a_shop()
    assert refusals_seen_by(database, shop, a_reader(shop), ONE_STATEMENT) == [0]


def test_facts_read_after_the_lock_know_the_opt_out(database):
    shop = a_shop()
    lock = HOLD.replace("for update", "for share")
    read = ONE_STATEMENT.replace("for share of c", "")
    assert refusals_seen_by(database, shop, a_reader(shop), lock, read) == [1]


def test_the_gate_locks_in_one_statement_and_reads_in_another():
    lock, read = (db.sql("shodaku.delivery", name).lower() for name in ("lock_contacts", "read_facts"))
    assert "for share skip locked" in lock
    assert "refusal" not in lock
    statements = [line for line in read.splitlines() if not line.startswith("--")]
    assert "for share" not in "\n".join(statements)


def test_who_is_just_opting_out_goes_back_and_is_refused_the_next_time(database, tmp_path):
    shop = a_shop()
    leaving, staying = a_reader(shop, "leaving@example.jp"), a_reader(shop, "staying@example.jp")
    mailing_id = launched(shop, [leaving, staying])
    values = {"workspace": shop.workspace_id, "contact": leaving}
    with RunningSink() as sink:
        with psycopg.connect(database.application) as opting_out:
            opting_out.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            opting_out.execute(HOLD, values)
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
            assert [each.recipient for each in sink.arrived] == ["staying@example.jp"]
            assert leaving not in outcomes(database, shop, mailing_id)
            opting_out.execute(REFUSE, values)
        rows(
            database,
            shop,
            "update chunk set not_before = now() where mailing_id = %(m)s returning 1",
            m=mailing_id,
        )
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert [each.recipient for each in sink.arrived] == ["staying@example.jp"]
    assert outcomes(database, shop, mailing_id)[leaving][:2] == ("refused", "REFUSED_ALL")
