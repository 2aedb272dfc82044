"""Promise 14: a restored copy sends nothing before it was told what was said since (P8, F21)."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest
from tests.backups import conftest as places
from tests.backups.copies import Installation, rows_of_everything
from tests.delivery.mailings import launched, rows, wait_until, worker_process
from tests.delivery.sink import RunningSink
from tests.optout.journals import a_home
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasures
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

TRIED = """select (select last_value from procrastinate_jobs_id_seq) > %(before)s
           and not exists (select from procrastinate_jobs where (args ->> 'mailing_id')::int = %(m)s)"""


elsewhere = places.elsewhere  # a fixture


KEPT = """
create schema aside;
create table aside.applied as select * from journal_applied;
create table aside.floor as select * from journal_floor;
delete from journal_applied;
delete from journal_floor;
"""
BACK = """
insert into journal_applied select * from aside.applied on conflict do nothing;
insert into journal_floor select * from aside.floor on conflict do nothing;
drop schema aside cascade;
"""


@contextmanager
def the_only_journal_is_ours(database):
    """The database of the tests has met the homes of many tests, which are gone."""
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(KEPT)
        try:
            yield
        finally:
            owner.execute(BACK)


def a_no(shop, contact_id, scope=OptOutScope.ALL):
    return optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.ONE_CLICK),
        clock.now(),
    )


def one(there, shop, statement, **values):
    ((found,),) = rows(there.databases, shop, statement, **values)
    return found


@pytest.fixture
def home(database, tmp_path):
    with the_only_journal_is_ours(database), a_home(tmp_path / "home"):
        yield tmp_path / "home"


def test_nobody_who_was_erased_or_opted_out_since_the_backup_is_written_to_from_the_restored_copy(
    database,
    home,
    elsewhere,
    tmp_path,
):
    shop = a_shop()
    stays, leaves, erased = (a_reader(shop) for _ in range(3))
    address = {each: contacts.addresses(shop.workspace_id, each)[0].value for each in (stays, leaves, erased)}
    mailing_id = launched(shop, [stays, leaves, erased])
    here = Installation(home, database)
    files = (tmp_path / "all.age", "--vault", tmp_path / "keys.age")
    made = here.run("backup", *files, SHODAKU_KEYS=str(elsewhere.home / "keys"))
    assert made.status == 0, made.err

    a_no(shop, leaves)
    receipt = a_no(shop, erased, OptOutScope.ERASE)
    with worker_process(database, home, plane="chore"):
        wait_until(lambda: erasures.by_receipt(shop.workspace_id, receipt.number).state == "certified", 120)

    done = elsewhere.run("restore", *files, "--replace")
    assert done.status == 1, done.err
    assert "Missing: the journal of host" in done.out
    assert "from line 1 on" in done.out
    before = one(elsewhere, shop, "select last_value from procrastinate_jobs_id_seq")
    with RunningSink() as sink:
        with worker_process(elsewhere.databases, elsewhere.home, sink.port):
            wait_until(lambda: one(elsewhere, shop, TRIED, m=mailing_id, before=before), 120)
        assert address[stays] not in {mail.recipient for mail in sink.arrived}
        refused = elsewhere.run("fence", "open", "--reason", "we are in a hurry")
        assert (refused.status, "Sending stays shut: restored" in refused.out) == (1, True)

        told = elsewhere.run("restore", "--journal", home / "journal")
        assert told.status == 0, told.out + told.err
        assert "Sending is open." in told.out
        assert (
            one(elsewhere, shop, "select state from mailing where mailing_id = %(m)s", m=mailing_id)
            == "paused"
        )
        assert one(elsewhere, shop, "select count(*) from refusal where contact_id = %(c)s", c=leaves) == 1
        assert one(elsewhere, shop, "select count(*) from contact where contact_id = %(c)s", c=erased) == 0
        assert one(elsewhere, shop, "select count(*) from erasure where state = 'certified'") == 1
        written = b"".join(b"".join(each) for each in rows_of_everything(elsewhere.databases.owner).values())
        assert address[stays].encode() in written
        assert address[erased].encode() not in written
        with psycopg.connect(elsewhere.databases.vault) as vault:
            keys = vault.execute(
                "select contact_id from person_key where workspace_id = %s", [shop.workspace_id]
            )
            assert {erased, stays} & {row[0] for row in keys.fetchall()} == {stays}
        entries = elsewhere.run("ledger", "verify", "--workspace", shop.slug)
        assert entries.status == 0, entries.out
        with elsewhere.owner() as owner:
            owner.execute(f"set shodaku.workspace = '{shop.workspace_id}'")
            owner.execute("update mailing set state = 'running' where mailing_id = %s", [mailing_id])
        with worker_process(elsewhere.databases, elsewhere.home, sink.port):
            done_now = "select state from mailing where mailing_id = %(m)s"
            wait_until(lambda: one(elsewhere, shop, done_now, m=mailing_id) == "done", 120)
    assert [mail.recipient for mail in sink.arrived if mail.recipient in address.values()] == [address[stays]]
