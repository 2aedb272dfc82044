"""Whatever was committed gets its place in the log, once, and every signed head begins the next one."""

from __future__ import annotations

import itertools
import shutil
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from tests.ledger.tampering import forget_what_was_signed_here, with_the_database_in_hand
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db, keys, runtime
from shodaku.kit.keys import KeyMissing
from shodaku.ledger import selectors, sequencing, services
from shodaku.ledger.merkle import Frontier, leaf_hash, verify_consistency, verify_inclusion
from shodaku.ledger.notes import parse_vkey, read_note
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def acts(shop, count, *, person=None):
    """Entries of one person, committed."""
    who = person or a_contact(shop)
    services.ensure_keys(shop.workspace_id, [who])
    with db.transaction(shop.workspace_id):
        contacts.lock(who)
        services.append_many(
            [
                Act(who, uuid.uuid4(), "consent.requested", NOW, {"address": "a@example.jp"})
                for _ in range(count)
            ]
        )
    return who


def test_what_was_recorded_stands_in_the_log_and_a_checkpoint_covers_it():
    shop = a_shop()
    reader = a_reader(shop)
    assert selectors.waiting(shop.workspace_id) == 1
    assert services.sequence(shop.workspace_id, now=NOW) == 1
    assert selectors.waiting(shop.workspace_id) == 0
    (entry,) = selectors.history(shop.workspace_id, reader)
    head = selectors.head(shop.workspace_id)
    (place,) = selectors.entries_at(shop.workspace_id, 0, 10)
    assert (entry.index, head.size, place.entry_id, place.kind) == (0, 1, entry.entry_id, "consent.confirmed")
    assert head.root == leaf_hash(place.entry.encode())


def test_the_checkpoint_is_a_note_of_this_log_signed_by_its_listed_key():
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    head, log = selectors.head(shop.workspace_id), selectors.log(shop.workspace_id)
    (vkey,) = selectors.verifier_keys(shop.workspace_id)
    note = read_note(head.note)
    assert log.origin == f"testserver/ledger/{shop.slug}"
    assert (note.origin, note.size, note.root) == (log.origin, 3, head.root)
    assert note.signed_by(parse_vkey(vkey))
    assert selectors.keys_of_origin(log.origin) == [vkey]
    assert selectors.keys_of_origin(f"elsewhere/ledger/{shop.slug}") == []


@pytest.mark.parametrize("batches", [[1, 1, 1], [255, 1, 1], [256, 256], [300, 5, 700], [513]])
def test_however_entries_are_batched_every_head_begins_the_next_and_every_leaf_is_included(batches):
    shop = a_shop()
    person = a_contact(shop)
    for count in batches:
        acts(shop, count, person=person)
        services.sequence(shop.workspace_id, now=NOW)
    heads = selectors.checkpoints(shop.workspace_id, rows_max=10)[::-1]
    assert [head.size for head in heads] == [sum(batches[: i + 1]) for i in range(len(batches))]
    for old, new in itertools.pairwise(heads):
        proof = selectors.consistency(shop.workspace_id, old.size, new.size)
        assert verify_consistency(old.size, new.size, proof, old.root, new.root)
    last = heads[-1]
    for place in selectors.entries_at(shop.workspace_id, 0, last.size)[:: max(1, last.size // 7)]:
        proof = selectors.inclusion(shop.workspace_id, place.index, last.size)
        assert verify_inclusion(place.hash, place.index, last.size, proof, last.root)
    assert selectors.audit(shop.workspace_id).consistent


def test_more_than_one_batch_is_taken_up_in_several_transactions(monkeypatch):
    monkeypatch.setattr(sequencing, "BATCH_ENTRIES", 100)
    shop = a_shop()
    acts(shop, 250)
    assert services.sequence_all(shop.workspace_id, now=NOW) == 250
    assert [each.size for each in selectors.checkpoints(shop.workspace_id, rows_max=9)] == [250, 200, 100]


def test_an_entry_that_commits_late_is_not_lost_behind_a_higher_number():
    shop = a_shop()
    early, late = a_contact(shop), a_contact(shop)
    services.ensure_keys(shop.workspace_id, [early, late])
    wrote, may_commit = threading.Event(), threading.Event()

    def slowly():
        with db.transaction(shop.workspace_id):
            services.append(Act(early, uuid.uuid4(), "consent.requested", NOW, {}))
            wrote.set()
            may_commit.wait(10)

    thread = threading.Thread(target=slowly)
    thread.start()
    assert wrote.wait(10)
    acts(shop, 1, person=late)  # a higher number, committed first
    assert services.sequence(shop.workspace_id, now=NOW) == 1
    may_commit.set()
    thread.join()
    assert services.sequence(shop.workspace_id, now=NOW) == 1
    places = selectors.entries_at(shop.workspace_id, 0, 2)
    assert places[0].entry_id > places[1].entry_id
    assert selectors.audit(shop.workspace_id).consistent


def test_a_second_sequencer_goes_away_while_the_first_is_at_it():
    shop = a_shop()
    acts(shop, 1)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("select pg_advisory_xact_lock(7244, %s)", [shop.workspace_id])
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(services.sequence(shop.workspace_id, now=NOW))
        )
        thread.start()
        thread.join(10)
    assert answers == [0]
    assert services.sequence(shop.workspace_id, now=NOW) == 1


def test_a_log_that_does_not_agree_with_what_was_signed_is_never_signed_again(database):
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 1")
    acts(shop, 1)
    with pytest.raises(selectors.LedgerForked):
        services.sequence(shop.workspace_id, now=NOW)
    other = a_shop()
    acts(other, 1)
    assert shop.workspace_id in services.sequence_due(NOW).stopped
    assert selectors.head(other.workspace_id).size == 1  # the others go on
    assert selectors.head(shop.workspace_id).size == 3
    assert selectors.waiting(shop.workspace_id) == 1


def test_without_the_signing_key_nothing_is_taken_up_and_nothing_is_lost(tmp_path):
    shop = a_shop()
    acts(shop, 2)
    with (
        runtime.replaced(replace(runtime.current(), keys=tmp_path, _rings={})),
        pytest.raises(KeyMissing) as fault,
    ):
        services.sequence(shop.workspace_id, now=NOW)
    assert "ledger.1" in str(fault.value.hint)
    assert selectors.waiting(shop.workspace_id) == 2
    assert services.sequence(shop.workspace_id, now=NOW) == 2


def test_whoever_asks_for_work_sees_which_workspaces_wait_and_nothing_else():
    shop, idle = a_shop(), a_shop()
    acts(shop, 2)
    waiting = sequencing.due()
    assert shop.workspace_id in waiting
    assert idle.workspace_id not in waiting
    assert len(waiting) == len(set(waiting))
    with db.transaction(None) as connection:
        assert connection.execute("select count(*) from ledger_pending").fetchone()[0] == 0


@pytest.mark.parametrize(
    "table", ["ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_signer", "ledger_audit"]
)
@pytest.mark.parametrize(
    "statement", ["delete from {}", "truncate {} cascade", "update {} set workspace_id = 1"]
)
def test_the_application_can_neither_change_nor_delete_what_was_signed(table, statement):
    shop = a_shop()
    acts(shop, 1)
    services.sequence(shop.workspace_id, now=NOW)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute(statement.format(table))


@pytest.mark.parametrize("table", ["ledger_leaf", "ledger_checkpoint"])
def test_even_the_owner_of_the_tables_meets_a_trigger(database, table):
    shop = a_shop()
    acts(shop, 1)
    services.sequence(shop.workspace_id, now=NOW)
    with psycopg.connect(database.owner) as owner:
        owner.execute(f"set local shodaku.workspace = {shop.workspace_id}")
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(f"delete from {table}")  # noqa: S608 - of this file


def test_a_log_that_cannot_be_written_stops_alone(database):
    shop, other = a_shop(), a_shop()
    for each in (shop, other):
        acts(each, 1)
        services.sequence(each.workspace_id, now=NOW)
        acts(each, 1)
    with db.transaction(shop.workspace_id) as connection:  # an entry that was taken up already waits again
        connection.execute(
            "insert into ledger_pending (workspace_id, entry_id)"
            " select workspace_id, min(entry_id) from ledger_leaf group by 1"
        )
    assert shop.workspace_id in services.sequence_due(NOW).stopped
    assert selectors.head(other.workspace_id).size == 2


def test_a_log_that_was_wiped_and_written_anew_is_not_signed_on_the_host_that_signed_it(database):
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    tables = ("ledger_leaf", "ledger_checkpoint")
    with with_the_database_in_hand(database, shop, *tables) as owner:
        entries = [row[0] for row in owner.execute("delete from ledger_leaf returning entry_id")]
        owner.execute("delete from ledger_checkpoint")
        for entry_id in entries[::-1]:
            owner.execute(
                "insert into ledger_pending (workspace_id, entry_id) values (%s, %s)",
                [shop.workspace_id, entry_id],
            )
    with pytest.raises(selectors.LedgerForked):
        services.sequence(shop.workspace_id, now=NOW)
    assert selectors.head(shop.workspace_id) is None


def test_a_checkpoint_that_somebody_wrote_into_the_table_is_not_built_upon(database):
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    with with_the_database_in_hand(database, shop, "ledger_leaf", "ledger_checkpoint") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 2")
        hashes = [row[0] for row in owner.execute("select hash from ledger_leaf order by seq")]
        frontier = Frontier([], 0)
        frontier.extend(hashes)
        owner.execute("update ledger_checkpoint set root = %s, note = 'no note at all'", [frontier.root()])
    forget_what_was_signed_here(shop)  # nor on another host
    acts(shop, 1)
    with pytest.raises(selectors.LedgerForked):
        services.sequence(shop.workspace_id, now=NOW)


def test_a_log_whose_key_was_lost_or_whose_database_was_restored_goes_on_for_a_reason(database, tmp_path):
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    keys.create_missing(tmp_path / "keys")
    for name in ("kek.1", "pepper.1"):  # all but that of the ledger
        (tmp_path / "keys" / name).unlink()
        shutil.copy(runtime.current().keys / name, tmp_path / "keys" / name)
    acts(shop, 1)
    other_key = replace(runtime.current(), keys=tmp_path / "keys", _rings={})
    with runtime.replaced(other_key):
        with pytest.raises(selectors.LedgerForked):
            services.sequence(shop.workspace_id, now=NOW)
        with pytest.raises(services.NoReason):
            services.continue_log(shop.workspace_id, " ", by="test", now=NOW)
        assert services.continue_log(shop.workspace_id, "鍵のファイルを失った", by="test", now=NOW) == 2
        acts(shop, 1)
        assert services.sequence(shop.workspace_id, now=NOW) == 1  # and from then on by itself
        assert selectors.audit_tree(shop.workspace_id).faults == []
    kinds = [each.kind for each in selectors.entries_at(shop.workspace_id, 3, 9)]
    assert "admin.ledger.continued" in kinds


def test_what_does_not_agree_within_itself_is_continued_for_no_reason(database):
    shop = a_shop()
    acts(shop, 3)
    services.sequence(shop.workspace_id, now=NOW)
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 1")
    with pytest.raises(selectors.LedgerForked):
        services.continue_log(shop.workspace_id, "だめもと", by="test", now=NOW)


def test_entries_are_not_published_before_there_are_any():
    shop = a_shop()
    with pytest.raises(services.NoLog):
        services.publish_entries(shop.workspace_id, published=True, by="test", now=NOW)
    assert selectors.waiting(shop.workspace_id) == 0
