"""F11: the schema grows, as a new version wants it, while old workers send; then they are replaced."""

from __future__ import annotations

import signal
from collections import Counter

import psycopg
import pytest
from tests.delivery.mailings import (
    EVERYBODY,
    arrived,
    many_readers,
    newsletter,
    now,
    outcomes,
    sink_process,
    wait_until,
    worker_process,
)
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.kit import db

PEOPLE = 3_000
READ_BY_WORKERS = (
    "contact", "address", "consent", "refusal", "suppression", "workspace", "sender", "topic", "mailing",
    "chunk", "delivery", "route",
)  # fmt: skip


@pytest.fixture
def newer_schema(database):
    """What a migration that only adds may do: columns, an index, a table. Taken back afterwards."""

    def grow():
        with psycopg.connect(database.owner, autocommit=True) as owner:
            owner.execute("set lock_timeout = '30s'")
            for table in READ_BY_WORKERS:
                owner.execute(f"alter table {table} add column of_the_next_version text default 'x'")
            owner.execute("create table of_the_next_version (id int primary key)")
            owner.execute("create index of_the_next_version_2 on chunk (of_the_next_version)")

    yield grow
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("drop table if exists of_the_next_version")
        for table in READ_BY_WORKERS:
            owner.execute(f"alter table {table} drop column if exists of_the_next_version")


def test_f11_workers_go_on_while_the_schema_grows_and_new_ones_take_over(database, tmp_path, newer_schema):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    with db.transaction(shop.workspace_id):
        mailing_id = services.plan(newsletter(shop), EVERYBODY, now=now()).mailing_id
    with sink_process(tmp_path) as (port, log_file):

        def came():
            return sum(arrived(log_file, people).values())

        with worker_process(database, tmp_path / "old", port) as old:
            wait_until(lambda: came() > PEOPLE // 10)
            newer_schema()
            since = came()
            assert since < PEOPLE, "it grew while they were sending"
            wait_until(lambda: came() > min(since + PEOPLE // 10, PEOPLE - 1), 60)
            with worker_process(database, tmp_path / "new", port):
                old.send_signal(signal.SIGTERM)
                assert old.wait(30) == 0
                wait_until(lambda: selectors.progress(shop.workspace_id, mailing_id).state == "done", 60)
        counted = arrived(log_file, people)
    assert counted == Counter(people), "everybody once"
    assert Counter(outcome for outcome, _, _ in outcomes(database, shop, mailing_id).values()) == {
        "accepted": PEOPLE
    }
