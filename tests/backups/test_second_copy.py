"""Two installations on the same data: the copy notices, and sends nothing until a human has decided."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from tests.people import a_shop

from shodaku.backups import second_copy, selectors, services
from shodaku.kit import clock, db, place, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import INSTALLATION
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.services import FenceReason


@pytest.fixture
def home(database, tmp_path, monkeypatch):
    """With a folder for copies of the journal; at its end the gate is open, whatever was found."""
    (tmp_path / "copies").mkdir()
    monkeypatch.setenv("SHODAKU_JOURNAL_COPY", (tmp_path / "copies").as_uri())
    folder = tmp_path / "home"
    with runtime.replaced(replace(runtime.current(), home=folder)):
        yield folder
        second_copy.take_over(lambda: db.transaction(None), folder, [], clock.now())
        suppression.open_fence()


@pytest.fixture
def copies(home):
    return home.parent / "copies"


def look(now=None):
    return services.look_for_copies(now or clock.now())


def test_an_installation_that_is_alone_leaves_its_mark_and_stays_open(home, copies):
    assert not look()
    assert not look()
    lease = second_copy.read_lease(copies)
    assert lease.holder == place.host(home).id
    assert suppressions.fence().state == "open"
    assert (home / "journal" / f"{lease.holder}.jsonl").exists()
    assert suppressions.positions()[lease.holder].high == 0


def test_a_folder_that_was_copied_shuts_the_gate(home, tmp_path):
    look()
    original = place.host(home).id
    shutil.copytree(home, tmp_path / "copy")
    with runtime.replaced(replace(runtime.current(), home=tmp_path / "copy")):
        signs = look()
        assert signs.folder_of == original
        assert original in signs.sentence
        assert suppressions.fence().reason == "copied"
        assert selectors.place_of(clock.now()).signs == signs


def test_rows_that_were_made_in_another_database_shut_the_gate(home):
    look()
    with db.transaction(None) as connection:
        connection.execute("update fence set database_id = '1-1'")
    assert look().database == "1-1"
    assert suppressions.fence().reason == "copied"


def test_a_database_from_before_this_rule_is_taken_for_what_it_is(home):
    with db.transaction(None) as connection:
        connection.execute("update fence set database_id = null")
    assert not look()
    with db.transaction(None) as connection:
        (found,) = connection.execute("select database_id from fence").fetchone()
    assert found


def somebody_elses(copies, at):
    said = {"holder": "f" * 16, "nonce": "0" * 32, "at": at.isoformat()}
    (copies / second_copy.LEASE).write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("age", "found"), [(0, True), (149, True), (151, False), (-149, True), (-151, False)]
)
def test_a_fresh_mark_of_another_installation_shuts_the_gate_and_is_left_alone(home, copies, age, found):
    now = clock.now()
    somebody_elses(copies, now - timedelta(seconds=age))
    assert bool(look(now)) is found
    assert (suppressions.fence().state == "closed") is found
    assert (second_copy.read_lease(copies).holder == "f" * 16) is found


def test_two_hosts_of_one_database_know_each_others_marks(home, copies, tmp_path):
    look()
    with runtime.replaced(replace(runtime.current(), home=tmp_path / "second")):
        assert not look()
        assert second_copy.read_lease(copies).holder == place.host(tmp_path / "second").id
    assert not look()


def test_a_database_that_was_restored_elsewhere_does_not_know_the_mark(home, copies):
    look()
    with db.transaction(None) as connection:
        connection.execute("delete from lease")  # it is in no backup
    assert look().holder == place.host(home).id


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"at": "x"}', '{"holder": 1, "nonce": 2, "at": "2026-01-01"}']
)
def test_a_damaged_mark_says_nothing(home, copies, content):
    (copies / second_copy.LEASE).write_text(content)
    assert not look()


def test_a_folder_that_cannot_be_written_to_stops_nobody(home, copies):
    shutil.rmtree(copies)
    assert not look()


def test_a_human_opens_it_with_a_reason_that_stays_in_each_ledger(home, copies):
    shop = a_shop()
    now = clock.now()
    somebody_elses(copies, now)
    look(now)
    with pytest.raises(services.NoReason):
        services.open_by_hand("  ", by="the test", now=now)
    assert suppressions.fence().state == "closed"
    outcome = services.open_by_hand("the old machine is switched off", by="the test", now=now)
    assert outcome.open
    assert second_copy.read_lease(copies).holder == place.host(home).id
    assert not look(now)
    (entry,) = [
        each for each in ledger.history(shop.workspace_id, INSTALLATION) if each.kind == services.OPENED
    ]
    assert entry.fields["reason"] == "the old machine is switched off"
    assert entry.fields["closed_for"] == "copied"


def test_by_hand_only_the_copy_is_settled_and_other_reasons_stay(home):
    now = clock.now()
    suppression.close_fence(FenceReason.COPIED)
    suppression.close_fence(FenceReason.KEYS)
    outcome = services.open_by_hand("looked", by="the test", now=now)
    assert not outcome.open
    assert outcome.reason == "keys"


def test_an_open_gate_needs_nobody(home):
    assert services.open_by_hand("why not", by="the test", now=clock.now()).open


def test_a_restored_database_is_not_opened_by_a_reason_alone(home):
    with db.transaction(None) as connection:
        connection.execute("delete from restored_position")
    suppression.close_fence(FenceReason.RESTORED)
    with psycopg.connect(settings.OWNER_URL, autocommit=True) as owner:
        owner.execute("insert into restored_position values ('00000000000000aa', 41)")
    try:
        outcome = services.open_by_hand("we are in a hurry", by="the test", now=clock.now())
        assert outcome.lacking == {"00000000000000aa": 42}
        assert suppressions.fence().state == "closed"
    finally:
        with db.transaction(None) as connection:
            connection.execute("delete from restored_position")
