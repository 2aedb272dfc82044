"""F22: all connections are taken, a migration holds a table, the database is away: saying no works."""

from __future__ import annotations

import dataclasses
import threading
import time
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from tests.optout.serving import PRESS, URLENCODED, Cable, a_server, a_token
from tests.people import a_reader, a_shop

from shodaku.kit import clock, db, runtime
from shodaku.optout import services
from shodaku.suppression import selectors as suppressions

POOL_MAX = 20


@pytest.fixture
def shop(database):
    return a_shop()


def refused(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


def page_press(server, token, **options):
    return server.ask("POST", f"/o/{token}", b"scope=all", {"Content-Type": URLENCODED}, **options)


def test_while_every_connection_of_the_pages_waits_people_are_stopped(database, shop):
    by_program, by_hand = a_reader(shop), a_reader(shop)
    path = f"/ledger/{shop.slug}/checkpoint"
    answers = []
    with a_server(database) as server:
        with psycopg.connect(database.owner) as holder:
            holder.execute("lock table ledger_checkpoint in access exclusive mode")
            readers = [
                threading.Thread(target=lambda: answers.append(server.ask("GET", path, timeout=60)[0]))
                for _ in range(POOL_MAX + 10)
            ]
            for reader in readers:
                reader.start()
            wait_until_waiting(database, POOL_MAX)
            assert server.press(a_token(shop, by_program))[0] == 200
            assert server.ask("GET", f"/o/{a_token(shop, by_hand)}")[0] == 200
            assert page_press(server, a_token(shop, by_hand))[0] == 200
            assert (refused(shop, by_program), refused(shop, by_hand)) == (["all"], ["all"])
            assert answers == []
        for reader in readers:
            reader.join()


def wait_until_waiting(database, count):
    until = time.monotonic() + 60
    with psycopg.connect(database.owner, autocommit=True) as looking:
        while time.monotonic() < until:
            (waiting,) = looking.execute(
                "select count(*) from pg_locks l join pg_class c on c.oid = l.relation"
                " where c.relname = 'ledger_checkpoint' and not l.granted"
            ).fetchone()
            if waiting >= count:
                return
            time.sleep(0.05)
    raise AssertionError("they did not come")


def test_while_a_migration_holds_a_table_the_no_is_received_and_obeyed_afterwards(database, shop, tmp_path):
    person = a_reader(shop)
    with a_server(database, home=tmp_path) as server, psycopg.connect(database.owner) as migration:
        migration.execute("lock table refusal in access exclusive mode")
        status, _, body = server.press(a_token(shop, person))
        assert (status, b"R-" in body) == (202, True)
    settle(tmp_path)
    assert refused(shop, person) == ["all"]


def test_while_the_database_is_away_a_press_is_received_with_a_number_and_obeyed_afterwards(
    database, shop, tmp_path
):
    by_program, by_hand, later = a_reader(shop), a_reader(shop), a_reader(shop)
    real = urlsplit(database.application)
    cable = Cable(real.port)
    through = database.application.replace(f":{real.port}/", f":{cable.port}/")
    with a_server(database, home=tmp_path, url=through) as server:
        assert server.press(a_token(shop, a_reader(shop)))[0] == 200
        cable.cut()
        for answer in (
            server.press(a_token(shop, by_program)),
            page_press(server, a_token(shop, by_hand)),
        ):
            assert (answer[0], b"R-" in answer[2]) == (202, True)
        assert server.ask("GET", f"/o/{a_token(shop, by_hand)}")[0] == 200
        cable.mend()
        assert server.press(a_token(shop, later))[0] == 200
        cable.cut()
    assert (refused(shop, by_program), refused(shop, by_hand), refused(shop, later)) == ([], [], ["all"])
    settle(tmp_path)
    assert (refused(shop, by_program), refused(shop, by_hand)) == (["all"], ["all"])


def settle(home):
    with runtime.replaced(dataclasses.replace(runtime.current(), home=home)):
        services.settle_received(clock.now())


def test_over_sixty_presses_a_minute_from_one_network_wait_for_nobody_and_none_is_refused(
    database, shop, tmp_path
):
    """What can be done at once is done; who is held by somebody is received, and answered without waiting."""
    people = [a_reader(shop) for _ in range(62)]
    held = people[-1]
    with a_server(database, home=tmp_path) as server, psycopg.connect(database.application) as holder:
        statuses = [page_press(server, a_token(shop, person))[0] for person in people[:-1]]
        holder.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        holder.execute("select from contact where contact_id = %s for share", [held])
        statuses.append(page_press(server, a_token(shop, held))[0])
    assert statuses == [200] * 61 + [202]
    assert [refused(shop, person) for person in people] == [["all"]] * 61 + [[]]
    settle(tmp_path)
    assert refused(shop, held) == ["all"]


@pytest.mark.parametrize("table", ["consent", "refusal"])
def test_a_press_of_the_page_while_a_migration_holds_a_table_is_never_lost(database, shop, tmp_path, table):
    person = a_reader(shop)
    with a_server(database, home=tmp_path) as server, psycopg.connect(database.owner) as migration:
        migration.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.Identifier(table)))
        status, _, body = page_press(server, a_token(shop, person), timeout=60)
        assert (status, b"R-" in body) == (202, True)
    settle(tmp_path)
    assert refused(shop, person) == ["all"]


def test_a_table_that_only_the_done_page_reads_costs_a_line_and_no_press(database, shop, tmp_path):
    person = a_reader(shop)
    with a_server(database, home=tmp_path) as server, psycopg.connect(database.owner) as migration:
        migration.execute("lock table authority_order in access exclusive mode")
        assert page_press(server, a_token(shop, person), timeout=60)[0] == 200
        assert refused(shop, person) == ["all"]


def test_a_one_click_through_the_page_says_received_where_it_is_not_done(database, shop, tmp_path):
    """With a cookie it is read by the pages: the answer is as true as that of the short way."""
    person = a_reader(shop)
    with a_server(database, home=tmp_path) as server, psycopg.connect(database.owner) as migration:
        migration.execute("lock table refusal in access exclusive mode")
        headers = {"Content-Type": URLENCODED, "Cookie": "a=b"}
        status, _, body = server.ask("POST", f"/o/{a_token(shop, person)}", PRESS, headers, timeout=60)
        assert (status, b"R-" in body) == (202, True)
    settle(tmp_path)
    assert refused(shop, person) == ["all"]
