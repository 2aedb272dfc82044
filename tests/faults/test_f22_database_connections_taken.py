"""F22: all connections are taken, a migration holds a table, the database is away: saying no works."""

from __future__ import annotations

import dataclasses
import threading
import time
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.optout.serving import URLENCODED, Cable, a_server, a_token
from tests.people import a_reader, a_shop

from shodaku.kit import clock, runtime
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


def test_over_sixty_presses_of_a_page_a_minute_from_one_network_are_received(database, shop, tmp_path):
    people = [a_reader(shop) for _ in range(62)]
    with a_server(database, home=tmp_path) as server:
        statuses = [page_press(server, a_token(shop, person))[0] for person in people]
    assert statuses == [200] * 60 + [202] * 2
    settle(tmp_path)
    assert [refused(shop, person) for person in people] == [["all"]] * 62
