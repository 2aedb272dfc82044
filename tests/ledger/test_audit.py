"""Whoever alters, removes or swaps a record in the database is found, and the first bad record is named."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import selectors, services
from shodaku.ledger.merkle import Frontier, leaf_hash, verify_inclusion
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


def test_a_tile_that_was_altered_or_removed_is_named(database):
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


def test_entries_that_wait_never_hide_an_altered_one(database):
    shop = a_log(300)
    person = a_contact(shop)
    services.ensure_keys(shop.workspace_id, [person])
    with db.transaction(shop.workspace_id):
        services.append_many([Act(person, uuid.uuid4(), "refusal", NOW, {}) for _ in range(150)])
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_pending set at = now() - interval '2 minutes'")
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 7")
    faults = selectors.audit(shop.workspace_id).faults
    assert (faults[0].kind, faults[0].number) == (FaultKind.LEAF_CHANGED, 7)
    assert {each.kind for each in faults[1:]} == {FaultKind.WAITS_TOO_LONG}


def a_forged_head(owner, shop, signer, size, entries):
    """An entry more in the log, and a checkpoint over it by somebody else's key."""
    owner.execute(
        "insert into ledger_leaf (workspace_id, seq, entry_id, hash) values (%s, %s, %s, sha256('x'))",
        [shop.workspace_id, size, max(entries) + 1_000_000],
    )
    hashes = [row[0] for row in owner.execute("select hash from ledger_leaf order by seq")]
    frontier = Frontier([], 0)
    frontier.extend(hashes)
    note = sign_checkpoint([signer], size + 1, frontier.root())
    owner.execute(
        "insert into ledger_checkpoint (workspace_id, size, root, note, at) values (%s, %s, %s, %s, now())",
        [shop.workspace_id, size + 1, frontier.root(), note],
    )


def test_a_head_by_a_key_that_we_do_not_hold_is_named_though_the_key_stands_in_the_list(database):
    shop = a_log(5)
    stranger = signer_of(b"s" * 32, selectors.log(shop.workspace_id).origin)
    entries = [each.entry_id for each in selectors.entries_at(shop.workspace_id, 0, 5)]
    with with_the_database_in_hand(database, shop) as owner:
        a_forged_head(owner, shop, stranger, 5, entries)
        owner.execute(
            "insert into ledger_signer (workspace_id, vkey, since) values (%s, %s, now())",
            [shop.workspace_id, str(stranger.key)],
        )
    assert audit(shop).faults[0] == Fault(FaultKind.HEAD_NOT_OURS, 6)


@pytest.mark.parametrize("vkey", ["junk", str(signer_of(bytes(32), "elsewhere/ledger/x").key)])
def test_a_row_that_is_no_key_of_this_log_is_named_and_the_rest_is_read(database, vkey):
    shop = a_log(5)
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute(
            "insert into ledger_signer (workspace_id, vkey, since) values (%s, %s, now() + interval '1 day')",
            [shop.workspace_id, vkey],
        )
    found = audit(shop)
    assert found.faults == [Fault(FaultKind.KEY_STRANGE, 0)]
    assert found.checkpoints == 1


def test_a_part_of_the_tree_over_entries_that_are_not_there_tells_that_the_log_was_longer(database):
    shop = a_log(100, 600)
    with with_the_database_in_hand(database, shop, *ALL) as owner:
        truncate_tail(owner, 100)
    assert audit(shop).faults == [Fault(FaultKind.TILE_BEYOND, 0), Fault(FaultKind.TILE_BEYOND, 256)]


def test_a_kept_checkpoint_counts_as_agreeing_only_if_it_was_reached(database):
    shop = a_log(3, 300)
    kept = [read_note(each.note) for each in selectors.checkpoints(shop.workspace_id, rows_max=9)]
    assert audit(shop, [*kept, kept[0]]).outside == 3
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 0")
    assert audit(shop, kept).outside == 0


WIDE = 65_536  # leaves under one tile of tiles


@pytest.fixture(scope="module")
def wide(database):
    """A log with a tile above its tiles, written as the owner: the tree needs nobody's key."""
    shop = a_shop()
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute(
            "with fresh as (insert into ledger_entry (workspace_id, event_id, entry)"
            " select %(w)s, gen_random_uuid(), '{\"c\":\"' || g || '\"}' from generate_series(1, %(n)s) g"
            " returning entry_id) insert into ledger_pending (workspace_id, entry_id)"
            " select %(w)s, entry_id from fresh",
            {"w": shop.workspace_id, "n": WIDE + 10},
        )
    services.sequence_all(shop.workspace_id, now=NOW)
    return shop


def test_a_log_of_many_tiles_agrees_and_its_proofs_are_short(wide):
    head = selectors.head(wide.workspace_id)
    assert (audit(wide).faults, head.size) == ([], WIDE + 10)
    for index in (0, 255, 256, WIDE - 1, WIDE, WIDE + 9):
        (place,) = selectors.entries_at(wide.workspace_id, index, index + 1)
        proof = selectors.inclusion(wide.workspace_id, index, head.size)
        assert verify_inclusion(place.hash, index, head.size, proof, head.root)
        assert len(proof) <= 17


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("update ledger_tile set root = sha256('x') where level = 1", FaultKind.TILE_CHANGED),
        (
            "update ledger_tile set hashes = overlay(hashes placing '\\x00' from 9) where level = 1",
            FaultKind.TILE_CHANGED,
        ),
        ("delete from ledger_tile where level = 1", FaultKind.TILE_GONE),
    ],
)
def test_a_tile_of_tiles_that_was_altered_or_removed_is_named(database, wide, change, kind):
    with with_the_database_in_hand(database, wide, "ledger_tile") as owner:
        row = owner.execute(
            "select workspace_id, level, n, hashes, root from ledger_tile where level = 1"
        ).fetchone()
        owner.execute(change)
    assert audit(wide).faults == [Fault(kind, 0)]
    with with_the_database_in_hand(database, wide, "ledger_tile") as owner:
        owner.execute("delete from ledger_tile where level = 1")
        owner.execute("insert into ledger_tile values (%s, %s, %s, %s, %s)", row)


def test_a_sealed_body_that_no_erasure_took_away_is_missed_even_if_it_was_the_newest(database):
    shop = a_log(3)
    gone, stays = a_contact(shop), a_contact(shop)
    for person in (gone, stays):
        services.ensure_keys(shop.workspace_id, [person])
        with db.transaction(shop.workspace_id):
            services.append_many([Act(person, uuid.uuid4(), "refusal", NOW, {}) for _ in range(2)])
    services.sequence_all(shop.workspace_id, now=NOW)
    services.shred(shop.workspace_id, gone)
    with db.transaction(shop.workspace_id):
        services.forget(gone)
    assert selectors.audit(shop.workspace_id).faults == ()
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute(
            "delete from ledger_sealed where entry_id = (select max(entry_id) from ledger_sealed"
            " where contact_id = %s)",
            [stays],
        )
    assert selectors.audit(shop.workspace_id).faults == (Fault(FaultKind.BODIES_MISSING, 1),)


def test_the_application_cannot_say_that_something_was_erased():
    shop = a_log(1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into ledger_shredded (workspace_id, bodies) values (%s, 9)", [shop.workspace_id]
        )
