"""An entry that is looked at now leads to the signed root, is on its way, or is told as what it is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors, services
from shodaku.ledger.merkle import leaf_hash
from shodaku.ledger.selectors import InLog
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def record(shop, count=1, person=None):
    """Numbers of new entries, not taken up yet."""
    who = person or a_contact(shop)
    services.ensure_keys(shop.workspace_id, [who])
    with db.transaction(shop.workspace_id):
        contacts.lock(who)
        acts = [Act(who, uuid.uuid4(), "consent.requested", NOW, {}) for _ in range(count)]
        return services.append_many(acts)


def a_log(size):
    shop = a_shop()
    numbers = record(shop, size)
    services.sequence_all(shop.workspace_id, now=NOW)
    return shop, numbers


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_entry_leads_to_the_root_that_was_signed_last(size):
    shop, numbers = a_log(size)
    head = selectors.head(shop.workspace_id)
    for index in sorted({0, size // 2, size - 1}):
        leaf = selectors.leaf_at(shop.workspace_id, index)
        assert (leaf.state, leaf.entry_id, leaf.index) == (InLog.VERIFIED, numbers[index], index)
        assert (leaf.size, leaf.hash) == (size, leaf_hash(leaf.entry.encode()))
        assert leaf == selectors.leaf_of(shop.workspace_id, numbers[index])
        assert leaf.tlog_proof().endswith(f"\n\n{head.note}")
        assert leaf.tlog_proof().splitlines()[:2] == ["c2sp.org/tlog-proof@v1", f"index {index}"]


def test_an_entry_that_waits_is_being_recorded():
    shop, _ = a_log(2)
    (number,) = record(shop)
    leaf = selectors.leaf_of(shop.workspace_id, number)
    assert (leaf.state, leaf.index, leaf.kind) == (InLog.RECORDING, None, "consent.requested")
    services.sequence_all(shop.workspace_id, now=NOW)
    assert selectors.leaf_of(shop.workspace_id, number).state is InLog.VERIFIED


def test_where_nothing_stands_nothing_is_found():
    shop, numbers = a_log(2)
    assert selectors.leaf_at(shop.workspace_id, 2) is None
    assert selectors.leaf_of(shop.workspace_id, numbers[-1] + 1_000_000) is None
    assert selectors.leaf_of(a_shop().workspace_id, numbers[0]) is None  # another shop's


def test_an_altered_entry_leads_nowhere_and_what_was_written_need_not_even_be_one(database):
    shop, numbers = a_log(3)
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute("update ledger_entry set entry = 'no entry' where entry_id = %s", [numbers[1]])
    leaf = selectors.leaf_at(shop.workspace_id, 1)
    assert (leaf.state, leaf.kind, leaf.hour_at) == (InLog.FAILED, "", None)
    assert selectors.leaf_at(shop.workspace_id, 0).state is InLog.VERIFIED


def test_an_entry_that_was_removed_is_told_by_the_leaf_that_it_left(database):
    shop, numbers = a_log(3)
    before = selectors.leaf_at(shop.workspace_id, 1)
    with with_the_database_in_hand(database, shop, "ledger_entry", "ledger_sealed") as owner:
        owner.execute("delete from ledger_sealed where entry_id = %s", [numbers[1]])
        owner.execute("delete from ledger_entry where entry_id = %s", [numbers[1]])
    leaf = selectors.leaf_at(shop.workspace_id, 1)
    assert (leaf.state, leaf.entry, leaf.hash) == (InLog.FAILED, None, before.hash)


def test_a_signature_that_no_key_of_the_log_made_verifies_nothing(database):
    shop, _ = a_log(3)
    with with_the_database_in_hand(database, shop, "ledger_checkpoint") as owner:
        owner.execute(
            "update ledger_checkpoint set note = replace(note, %s, %s) where workspace_id = %s",
            ["\n3\n", "\n4\n", shop.workspace_id],
        )
    assert selectors.leaf_at(shop.workspace_id, 0).state is InLog.FAILED


def test_without_checkpoint_or_tile_nothing_is_proven(database):
    shop, _ = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_tile") as owner:
        owner.execute("delete from ledger_tile where workspace_id = %s", [shop.workspace_id])
    assert selectors.leaf_at(shop.workspace_id, 299).state is InLog.FAILED
    with with_the_database_in_hand(database, shop, "ledger_checkpoint") as owner:
        owner.execute("delete from ledger_checkpoint where workspace_id = %s", [shop.workspace_id])
    leaf = selectors.leaf_at(shop.workspace_id, 0)
    assert (leaf.state, leaf.proof, leaf.size) == (InLog.FAILED, (), 0)


def test_an_entry_that_neither_waits_nor_has_a_place_was_lost(database):
    shop, _ = a_log(2)
    (number,) = record(shop)
    with with_the_database_in_hand(database, shop, "ledger_pending") as owner:
        owner.execute("delete from ledger_pending where entry_id = %s", [number])
    assert selectors.leaf_of(shop.workspace_id, number).state is InLog.FAILED


def test_places_are_told_of_those_that_have_one():
    shop, numbers = a_log(3)
    (waiting,) = record(shop)
    found = selectors.places(shop.workspace_id, [*numbers, waiting])
    assert found == {number: place for place, number in enumerate(numbers)}


def test_what_waits_is_counted_with_its_age():
    shop, _ = a_log(1)
    assert selectors.backlog(shop.workspace_id) == selectors.Backlog(0, None)
    record(shop, 3)
    found = selectors.backlog(shop.workspace_id)
    assert found.entries == 3
    assert not found.late(found.since + timedelta(seconds=60))
    assert found.late(found.since + timedelta(seconds=61))
    assert not selectors.Backlog(0, None).late(NOW)
