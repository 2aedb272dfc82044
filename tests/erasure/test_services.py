from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.people import a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.erasure import jobs, selectors, services
from shodaku.erasure.domain import GRACE
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import vault

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def requested(shop, person, *, at=NOW):
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        return services.request(shop.workspace_id, person, rule="erase", receipt=f"S-{person}", now=at)


def jobs_waiting(database, erasure_id):
    with psycopg.connect(database.application) as connection:
        return connection.execute(
            "select count(*) from procrastinate_jobs where task_name = 'erasure.run' and status = 'todo' "
            "and (args ->> 'erasure_id')::int = %s",
            [erasure_id],
        ).fetchone()[0]


def test_an_erasure_whose_job_was_lost_gets_another_one(database):
    shop = a_shop()
    erasure_id = requested(shop, a_reader(shop), at=datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251 - the sweep asks the real clock
    with psycopg.connect(database.application) as connection:
        connection.execute(
            "delete from procrastinate_jobs where (args ->> 'erasure_id')::int = %s", [erasure_id]
        )
    jobs.sweep()
    jobs.sweep()
    assert jobs_waiting(database, erasure_id) == 1


def test_a_certified_erasure_is_left_alone():
    shop = a_shop()
    erasure_id = requested(shop, a_reader(shop))
    services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert services.defer_unfinished(shop.workspace_id, before=NOW + timedelta(days=1)) == 0


def test_a_key_made_again_while_the_erasure_ran_is_destroyed_too():
    shop = a_shop()
    person = a_reader(shop)
    erasure_id = requested(shop, person)
    original = services._purge

    def purge_beside_a_sign_up(*arguments):
        ledger_services.ensure_keys(shop.workspace_id, [person])
        original(*arguments)

    services._purge, before = purge_beside_a_sign_up, services._purge
    try:
        services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    finally:
        services._purge = before
    assert vault.read(shop.workspace_id, [person]) == {}
    assert selectors.by_receipt(shop.workspace_id, f"S-{person}").state == "certified"


def test_a_person_being_erased_raises_no_false_alarm():
    """The key goes first, the rows in the next moment: in between the entries are noise, not tampering."""
    shop = a_shop()
    person = a_reader(shop)
    requested(shop, person)
    ledger_services.shred(shop.workspace_id, person)
    audit = ledger.audit(shop.workspace_id)
    assert audit.consistent
    assert audit.shredded == 1


def test_an_erasure_begins_once_its_receipt_could_be_saved_and_no_sweep_begins_it_before(database):
    shop = a_shop()
    asked_at = datetime.now(UTC)  # noqa: TID251 - the sweep asks the real clock
    erasure_id = requested(shop, a_reader(shop), at=asked_at)
    with psycopg.connect(database.application) as connection:
        scheduled = connection.execute(
            "select scheduled_at from procrastinate_jobs where task_name = 'erasure.run' "
            "and (args ->> 'erasure_id')::int = %s",
            [erasure_id],
        ).fetchall()
    assert scheduled == [(asked_at + GRACE,)]
    assert timedelta(seconds=60) >= GRACE  # as the page says
    jobs.sweep()
    with clock.standing_at(asked_at + GRACE):
        jobs.sweep()
    assert jobs_waiting(database, erasure_id) == 1
