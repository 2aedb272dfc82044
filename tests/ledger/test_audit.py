"""Whoever alters, removes or swaps a record in the database is found, and the first bad record is named."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import pytest
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import selectors, services
from shodaku.ledger.merkle import Frontier, leaf_hash
from shodaku.ledger.notes import read_note, read_notes, sign_checkpoint, signer_of
from shodaku.ledger.selectors import Fault, FaultKind
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def a_log(*sizes):
    """A shop whose log was signed at each of these sizes."""
    shop = a_shop()
    person = a_contact(shop)
    done = 0
    for size in sizes:
        services.ensure_keys(shop.workspace_id, [person])
        with db.transaction(shop.workspace_id):
            contacts.lock(person)
            services.append_many(
                [Act(person, uuid.uuid4(), "consent.requested", NOW, {}) for _ in range(size - done)]
            )
        services.sequence(shop.workspace_id, now=NOW)
        done = size
    return shop


def audit(shop, outside=()):
    return selectors.audit_tree(shop.workspace_id, outside=outside)


def entry_at(shop, index):
    return selectors.entries_at(shop.workspace_id, index, index + 1)[0]


def test_an_untouched_log_agrees_with_everything_that_was_signed_and_kept_outside():
    shop = a_log(3, 300, 700)
    kept = [read_note(each.note) for each in selectors.checkpoints(shop.workspace_id, rows_max=9)]
    found = audit(shop, kept)
    assert (found.size, found.checkpoints, found.outside, found.faults) == (700, 3, 3, [])


def test_a_workspace_without_entries_agrees():
    assert audit(a_shop()).faults == []


def test_an_altered_entry_is_named_by_its_place(database):
    shop = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute(
            "update ledger_entry set entry = replace(entry, '.requested', '.given') where entry_id = %s",
            [entry_at(shop, 41).entry_id],
        )
    assert audit(shop).faults == [Fault(FaultKind.LEAF_CHANGED, 41, entry_at(shop, 41).entry_id)]


def test_an_altered_hash_is_named_by_its_place(database):
    shop = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 299")
    assert audit(shop).faults == [Fault(FaultKind.LEAF_CHANGED, 299, entry_at(shop, 299).entry_id)]


def alter_both(owner, shop, index):
    place = entry_at(shop, index)
    forged = place.entry.replace("consent.requested", "consent.given")
    owner.execute("update ledger_entry set entry = %s where entry_id = %s", [forged, place.entry_id])
    owner.execute("update ledger_leaf set hash = %s where seq = %s", [leaf_hash(forged.encode()), index])
    return place.entry_id


def test_an_entry_altered_together_with_its_hash_is_named_by_the_tile_that_remembers(database):
    shop = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_entry", "ledger_leaf") as owner:
        entry_id = alter_both(owner, shop, 41)
    assert audit(shop).faults == [Fault(FaultKind.TILE_CHANGED, 41, entry_id)]


def test_behind_the_last_tile_it_is_named_by_the_first_root_that_differs(database):
    shop = a_log(260, 270, 280)
    with with_the_database_in_hand(database, shop, "ledger_entry", "ledger_leaf") as owner:
        alter_both(owner, shop, 265)
    assert audit(shop).faults == [Fault(FaultKind.ROOT_DIFFERS, 270)]


def test_with_the_tile_altered_too_the_root_that_was_signed_differs(database):
    shop = a_log(256, 300)
    with with_the_database_in_hand(database, shop, "ledger_entry", "ledger_leaf", "ledger_tile") as owner:
        alter_both(owner, shop, 41)
        hashes = [row[0] for row in owner.execute("select hash from ledger_leaf order by seq limit 256")]
        (tile,) = Frontier([], 0).extend(hashes)
        owner.execute("update ledger_tile set hashes = %s, root = %s", [tile.hashes, tile.root])
    assert audit(shop).faults[0] == Fault(FaultKind.ROOT_DIFFERS, 256)


@pytest.mark.parametrize(
    ("removed", "fault"),
    [
        (("ledger_leaf",), FaultKind.LEAF_GONE),
        (("ledger_sealed", "ledger_entry"), FaultKind.ENTRY_GONE),
        (("ledger_leaf", "ledger_sealed", "ledger_entry"), FaultKind.LEAF_GONE),
    ],
)
def test_a_deleted_row_is_named_by_its_place(database, removed, fault):
    shop = a_log(300)
    entry_id = entry_at(shop, 7).entry_id
    with with_the_database_in_hand(database, shop, *removed) as owner:
        for table in removed:
            owner.execute(f"delete from {table} where entry_id = %s", [entry_id])  # noqa: S608 - of this file
    first = next(each for each in audit(shop).faults if each.kind is not FaultKind.NOT_TAKEN_UP)
    assert (first.kind, first.number) == (fault, 7)


def test_swapped_rows_are_named_by_their_place(database):
    shop = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set seq = 1000 where seq = 20")
        owner.execute("update ledger_leaf set seq = 20 where seq = 21")
        owner.execute("update ledger_leaf set seq = 21 where seq = 1000")
    (fault,) = audit(shop).faults
    assert (fault.kind, fault.number) == (FaultKind.TILE_CHANGED, 20)


def test_an_altered_checkpoint_is_named_by_its_size(database):
    shop = a_log(3, 5)
    with with_the_database_in_hand(database, shop, "ledger_checkpoint") as owner:
        owner.execute(
            "update ledger_checkpoint set note = replace(note, 'testserver', 'elsewhere') where size = 3"
        )
    assert audit(shop).faults == [Fault(FaultKind.NOTE_CHANGED, 3)]


def test_an_upper_tile_that_was_altered_or_removed_is_named(database, monkeypatch):
    shop = a_log(300)
    with with_the_database_in_hand(database, shop, "ledger_tile") as owner:
        owner.execute("update ledger_tile set root = sha256('x')")
    assert audit(shop).faults == [Fault(FaultKind.TILE_CHANGED, 0)]
    with with_the_database_in_hand(database, shop, "ledger_tile") as owner:
        owner.execute("delete from ledger_tile")
    assert audit(shop).faults == [Fault(FaultKind.TILE_GONE, 0)]


def test_an_entry_that_was_taken_off_the_waiting_list_is_named():
    shop = a_log(3)
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id) as connection:
        entry_id = services.append(Act(person, uuid.uuid4(), "consent.requested", NOW, {}))
        connection.execute("delete from ledger_pending where entry_id = %s", [entry_id])
    assert audit(shop).faults == [Fault(FaultKind.NOT_TAKEN_UP, entry_id, entry_id)]


def test_an_entry_that_waits_for_more_than_a_minute_is_named(database):
    shop = a_log(3)
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id):
        entry_id = services.append(Act(person, uuid.uuid4(), "consent.requested", NOW, {}))
    assert audit(shop).faults == []
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute("update ledger_pending set at = now() - interval '61 seconds'")
    assert audit(shop).faults == [Fault(FaultKind.WAITS_TOO_LONG, entry_id)]


def truncate_tail(owner, size):
    """The newest entries go with all their traces."""
    gone = [row[0] for row in owner.execute("select entry_id from ledger_leaf where seq >= %s", [size])]
    owner.execute("delete from ledger_leaf where seq >= %s", [size])
    owner.execute("delete from ledger_checkpoint where size > %s", [size])
    owner.execute("delete from ledger_sealed where entry_id = any(%s)", [gone])
    owner.execute("delete from ledger_entry where entry_id = any(%s)", [gone])


ALL = ("ledger_entry", "ledger_sealed", "ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_signer")


def test_a_truncated_tail_is_found_by_a_checkpoint_from_outside_and_by_nothing_else(database):
    shop = a_log(100, 600)
    kept = read_note(selectors.head(shop.workspace_id).note)
    with with_the_database_in_hand(database, shop, *ALL) as owner:
        truncate_tail(owner, 100)
        owner.execute("delete from ledger_tile")
    assert audit(shop).faults == []
    assert audit(shop, [kept]).faults == [Fault(FaultKind.SHORTER, 600)]


def test_a_log_written_anew_with_the_signing_key_is_found_by_a_checkpoint_from_outside(database):
    shop = a_log(100, 200)
    kept = read_note(selectors.head(shop.workspace_id).note)
    with with_the_database_in_hand(database, shop, *ALL) as owner:
        alter_both(owner, shop, 41)
        origin = kept.origin
        signer = signer_of(runtime.current().ring(KeyPurpose.LEDGER).newest, origin)
        hashes = [row[0] for row in owner.execute("select hash from ledger_leaf order by seq")]
        for size in (100, 200):
            frontier = Frontier([], 0)
            frontier.extend(hashes[:size])
            note = sign_checkpoint([signer], size, frontier.root())
            owner.execute(
                "update ledger_checkpoint set root = %s, note = %s where size = %s",
                [frontier.root(), note, size],
            )
    assert audit(shop).faults == []
    assert audit(shop, [kept]).faults == [Fault(FaultKind.FORKED, 200)]


def test_a_checkpoint_from_outside_of_another_log_or_another_key_is_no_evidence():
    shop, other = a_log(5), a_log(5)
    strange = read_note(selectors.head(other.workspace_id).note)
    origin = selectors.log(shop.workspace_id).origin
    unsigned = read_note(sign_checkpoint([signer_of(bytes(32), origin)], 5, hashlib.sha256(b"x").digest()))
    found = audit(shop, [strange, unsigned])
    assert found.faults == [Fault(FaultKind.OTHER_LOG, 5), Fault(FaultKind.OTHER_LOG, 5)]
    assert found.outside == 0


def test_several_checkpoints_are_read_from_one_file():
    shop = a_log(3, 5, 9)
    heads = [each.note for each in selectors.checkpoints(shop.workspace_id, rows_max=9)]
    for text in ("".join(heads), "\n".join(heads), "\n\n".join(heads).replace("\n", "\r\n")):
        assert [note.size for note in read_notes(text)] == [9, 5, 3]


def test_what_an_audit_found_is_kept_and_shown():
    shop = a_log(3)
    assert selectors.last_audit(shop.workspace_id) is None
    services.audit(shop.workspace_id, now=NOW)
    last = selectors.last_audit(shop.workspace_id)
    assert (last.at, last.size, last.consistent) == (NOW, 3, True)
    assert last.finding["faults"] == []
    assert last.finding["checkpoints"] == 1


def test_erasing_a_person_changes_nothing_in_the_log():
    shop = a_log(3)
    before = selectors.head(shop.workspace_id)
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id):
        services.append(Act(person, uuid.uuid4(), "consent.requested", NOW, {"address": "x@example.jp"}))
    services.sequence(shop.workspace_id, now=NOW)
    services.shred(shop.workspace_id, person)
    with db.transaction(shop.workspace_id):
        services.forget(person)
    found = selectors.audit(shop.workspace_id)
    assert (found.consistent, found.size, found.shredded) == (True, 4, 1)
    assert selectors.checkpoint_of(shop.workspace_id, 3) == before
