"""Promise 10: any altered, deleted, reordered or truncated record is detected, and the first one is named."""

from __future__ import annotations

import contextlib
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_shop

from shodaku.config import bind
from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors, services
from shodaku.ledger.faults import FaultKind
from shodaku.ledger.notes import read_note
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SIZE = 270  # one full tile, and more
EVERYTHING = ("ledger_entry", "ledger_sealed", "ledger_leaf", "ledger_checkpoint")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def log(database):
    shop = a_shop()
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    for size in (9, 200, 256, SIZE):
        head = selectors.head(shop.workspace_id)
        with db.transaction(shop.workspace_id):
            contacts.lock(person)
            more = size - (head.size if head else 0)
            services.append_many([Act(person, uuid.uuid4(), "refusal", NOW, {}) for _ in range(more)])
        services.sequence(shop.workspace_id, now=NOW)
    return shop, read_note(selectors.head(shop.workspace_id).note)


def alter(owner, place):
    forged = place.entry.replace("refusal", "consent.given")
    owner.execute("update ledger_entry set entry = %s where entry_id = %s", [forged, place.entry_id])
    return place.index


def alter_with_its_hash(owner, place):
    alter(owner, place)
    owner.execute(
        "update ledger_leaf set hash = sha256('\\x00'::bytea || convert_to(e.entry, 'UTF8'))"
        " from ledger_entry e"
        " where e.entry_id = ledger_leaf.entry_id and ledger_leaf.entry_id = %s",
        [place.entry_id],
    )
    return place.index


def alter_the_hash(owner, place):
    owner.execute("update ledger_leaf set hash = sha256('x') where entry_id = %s", [place.entry_id])
    return place.index


def delete(owner, place):
    for table in ("ledger_leaf", "ledger_sealed", "ledger_entry"):
        owner.execute(f"delete from {table} where entry_id = %s", [place.entry_id])  # noqa: S608 - of this file
    return place.index


def delete_the_entry(owner, place):
    for table in ("ledger_sealed", "ledger_entry"):
        owner.execute(f"delete from {table} where entry_id = %s", [place.entry_id])  # noqa: S608 - of this file
    return place.index


def swap_with_the_next(owner, place):
    first = min(place.index, SIZE - 2)
    for before, after in ((first, SIZE), (first + 1, first), (SIZE, first + 1)):
        owner.execute("update ledger_leaf set seq = %s where seq = %s", [after, before])
    return first


def truncate(owner, place):
    """All from here on, with the checkpoints that tell of it."""
    owner.execute("delete from ledger_checkpoint where size > %s", [place.index])
    gone = [
        row[0]
        for row in owner.execute("delete from ledger_leaf where seq >= %s returning entry_id", [place.index])
    ]
    for table in ("ledger_sealed", "ledger_entry"):
        owner.execute(f"delete from {table} where entry_id = any(%s)", [gone])  # noqa: S608 - of this file
    return place.index


WAYS = [alter, alter_with_its_hash, alter_the_hash, delete, delete_the_entry, swap_with_the_next, truncate]


class _Undone(Exception):
    pass


@contextlib.contextmanager
def db_bound_to(connection):
    """The audit reads on the very connection that altered the rows, before they are put back."""

    @contextlib.contextmanager
    def joined(settings):
        connection.execute(settings)
        yield connection

    db.bind(joined)
    try:
        yield
    finally:
        db.bind(bind.django_transaction)


def found_after(database, log, way, place):
    """What the audit says of the altered log; the database is then as it was."""
    shop, kept = log
    found = []
    with contextlib.suppress(_Undone), with_the_database_in_hand(database, shop, *EVERYTHING) as owner:
        where = way(owner, place)
        with db_bound_to(owner):
            found = selectors.audit_tree(shop.workspace_id, outside=[kept]).faults
        raise _Undone
    return where, found


@given(way=st.sampled_from(WAYS), index=st.integers(0, SIZE - 1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_to_whichever_record_the_audit_finds_it(database, log, way, index):
    (place,) = selectors.entries_at(log[0].workspace_id, index, index + 1)
    where, faults = found_after(database, log, way, place)
    assert faults, (way.__name__, index)
    first = next(each for each in faults if each.kind is not FaultKind.NOT_TAKEN_UP)
    match first.kind:
        case (
            FaultKind.ROOT_DIFFERS | FaultKind.FORKED
        ):  # behind the last full tile: named by the next root that was signed
            assert where < first.number
        case FaultKind.SHORTER:
            assert first.number == SIZE
        case FaultKind.NO_HEAD:
            assert first.number <= where
        case _:
            assert first.number == where


def test_the_untouched_log_agrees(log):
    shop, kept = log
    assert selectors.audit_tree(shop.workspace_id, outside=[kept]).faults == []
