"""F20, F21: an older database stands in the place of the newer one, and nobody told the product.

Promise 14: nothing leaves before what was said since is known again.
"""

from __future__ import annotations

import dataclasses
import signal
from collections import Counter
from contextlib import ExitStack

import pytest
from tests.delivery.mailings import launched, wait_until, worker_process
from tests.delivery.sink import RunningSink
from tests.faults import by_hand
from tests.optout.journals import a_home
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.erasure import selectors as erasures
from shodaku.kit import clock, runtime
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.skipif(by_hand.EXTERNAL, reason="needs the superuser of the database")


@pytest.fixture
def home(database, tmp_path):
    with a_home(tmp_path / "home"):
        yield tmp_path / "home"


def a_no(shop, contact_id, scope=OptOutScope.ALL):
    return optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.ONE_CLICK),
        clock.now(),
    )


def state(shop, mailing_id):
    return deliveries.progress(shop.workspace_id, mailing_id).state


def done_or_resumed(shop, mailing_id):
    """Whoever looked presses "go on": it rests when its line was missing for more than 15 seconds."""
    if state(shop, mailing_id) == "paused":
        delivery.resume(shop.workspace_id, mailing_id, now=clock.now())
    return state(shop, mailing_id) == "done"


def arrived(sink, addresses):
    """How often each of ours got something: a worker sends for other shops of this database too."""
    return Counter(mail.recipient for mail in sink.arrived if mail.recipient in set(addresses.values()))


def contacts_address(shop, contact_id):
    return contacts.addresses(shop.workspace_id, contact_id)[0].value


def test_f21_a_dump_put_back_behind_a_running_worker_reaches_nobody_who_said_no_since(
    database, home, tmp_path
):
    shop = a_shop()
    stays, leaves, erased = (a_reader(shop) for _ in range(3))
    addresses = {each: contacts_address(shop, each) for each in (stays, leaves, erased)}
    sent_since = launched(shop, [stays, leaves, erased])
    by_hand.dump_rows(database, tmp_path / "dump")
    with RunningSink() as sink, worker_process(database, home, sink.port):
        wait_until(lambda: state(shop, sent_since) == "done", 60)
        with worker_process(database, home, plane="chore"):
            a_no(shop, leaves)
            receipt = a_no(shop, erased, OptOutScope.ERASE)
            wait_until(
                lambda: erasures.by_receipt(shop.workspace_id, receipt.number).state == "certified", 60
            )
        assert arrived(sink, addresses) == Counter(addresses.values())

        by_hand.restore_rows(database, tmp_path / "dump")
        wait_until(lambda: suppressions.fence().state == "closed", 60)  # by the send worker alone
        assert suppressions.fence().reason == "behind"
        assert suppressions.refusals(shop.workspace_id, leaves) == []
        assert contacts.contact(shop.workspace_id, erased) is not None

        with worker_process(database, home, plane="chore"):
            wait_until(lambda: suppressions.fence().state == "open", 60)
        assert suppressions.refusals(shop.workspace_id, leaves)
        assert contacts.contact(shop.workspace_id, erased) is None
        assert erasures.remains(shop.workspace_id, erased) == {}
        assert erasures.by_receipt(shop.workspace_id, receipt.number).state == "certified"
        assert state(shop, sent_since) == "paused"
        assert suppressions.paused_by_replay(shop.workspace_id) == {sent_since}
        assert arrived(sink, addresses) == Counter(addresses.values()), "twice"

        again = launched(shop, [stays, leaves])
        wait_until(lambda: state(shop, again) == "done", 60)
        assert arrived(sink, addresses) == Counter([addresses[stays], *addresses.values()])


class _Supervised:
    """A worker that asks for a job while its tables are dropped ends with status 1; `shodaku up` starts it
    again.
    """

    def __init__(self, stack, start):
        self._stack, self._start = stack, start
        self.process = stack.enter_context(start())

    def runs(self):
        if self.process.poll() is not None:
            assert self.process.returncode == 1
            self.process = self._stack.enter_context(self._start())
        return True


def test_f20_a_failover_that_lost_the_last_opt_out_reaches_nobody_who_said_it(database, home, tmp_path):
    """No chore worker has looked in between: the journal of the host alone knows. The send worker reads
    it.
    """
    shop = a_shop()
    stays, leaves = a_reader(shop), a_reader(shop)
    addresses = {each: contacts_address(shop, each) for each in (stays, leaves)}
    with RunningSink() as sink, ExitStack() as stack:
        worker = _Supervised(stack, lambda: worker_process(database, home, sink.port))
        wait_until(lambda: by_hand.hears(database), 60)
        by_hand.dump(database, tmp_path / "dump")
        a_no(shop, leaves)
        by_hand.restore(database, tmp_path / "dump")
        by_hand.cut_connections(database)
        _fresh_connections()

        mailing_id = launched(shop, [stays, leaves])
        wait_until(lambda: worker.runs() and suppressions.fence().state == "closed", 60)
        assert suppressions.fence().reason == "behind"
        assert addresses[leaves] not in {mail.recipient for mail in sink.arrived}

        with worker_process(database, home, plane="chore"):
            wait_until(lambda: suppressions.fence().state == "open", 60)
            assert suppressions.refusals(shop.workspace_id, leaves)
            wait_until(lambda: worker.runs() and done_or_resumed(shop, mailing_id), 120)
        worker.process.send_signal(signal.SIGTERM)
        worker.process.wait(15)
    assert {mail.recipient for mail in sink.arrived} & set(addresses.values()) == {addresses[stays]}


def test_f04_a_line_whose_transaction_never_committed_counts_as_opted_out(database, home):
    """kill -9 of the web process between the journal and the commit: nobody got the answer 'done'."""
    from tests.optout.journals import lost

    shop = a_shop()
    stays, leaves = a_reader(shop), a_reader(shop)
    addresses = {each: contacts_address(shop, each) for each in (stays, leaves)}
    with lost(shop):
        a_no(shop, leaves)
    mailing_id = launched(shop, [stays, leaves])
    with RunningSink() as sink, worker_process(database, home, sink.port):
        wait_until(lambda: addresses[stays] in {mail.recipient for mail in sink.arrived}, 60)
        with worker_process(database, home, plane="chore"):
            wait_until(lambda: suppressions.refusals(shop.workspace_id, leaves), 60)
            wait_until(lambda: done_or_resumed(shop, mailing_id), 120)
        assert addresses[leaves] not in {mail.recipient for mail in sink.arrived}


def test_f17_while_a_received_no_waits_beside_the_database_no_worker_of_the_host_sends(database, home):
    shop = a_shop()
    stays, leaves = a_reader(shop), a_reader(shop)
    addresses = {each: contacts_address(shop, each) for each in (stays, leaves)}
    away = dataclasses.replace(runtime.current(), database_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        optout.receive(
            OptOut(
                workspace_id=shop.workspace_id,
                contact_id=leaves,
                scope=OptOutScope.ALL,
                via=Method.ONE_CLICK,
            ),
            clock.now(),
        )
    mailing_id = launched(shop, [stays, leaves])
    put_off = """select count(*) from procrastinate_jobs
                 where (args ->> 'mailing_id')::int = %(m)s and scheduled_at > now() - interval '1 minute'"""
    from tests.delivery.mailings import rows

    with RunningSink() as sink, worker_process(database, home, sink.port):
        wait_until(lambda: rows(database, shop, put_off, m=mailing_id)[0][0] > 0, 30)
        assert not {mail.recipient for mail in sink.arrived} & set(addresses.values())
        with worker_process(database, home, plane="chore"):
            wait_until(lambda: done_or_resumed(shop, mailing_id), 120)
        arrived = {mail.recipient for mail in sink.arrived} & set(addresses.values())
    assert arrived == {addresses[stays]}


def _fresh_connections():
    """Of this process: the failover cut them too."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
