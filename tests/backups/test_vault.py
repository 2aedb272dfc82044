"""Keys of persons come back for seven days, and of nobody who was erased since."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from tests.backups.copies import identities, ring
from tests.backups.test_round_trip import backed_up, loaded
from tests.people import a_reader, a_shop

from shodaku.backups import encryption, services
from shodaku.kit import clock, keys, runtime
from shodaku.ledger import services as ledger
from shodaku.ledger.services import INSTALLATION


@pytest.fixture(scope="module")
def shop(database):
    shop, now = a_shop(), clock.now()
    ledger.record_act(shop.workspace_id, "policy", {"by": "the test"}, event_id=uuid.uuid4(), now=now)
    return shop


@pytest.fixture(scope="module")
def people(shop):
    return [a_reader(shop) for _ in range(3)]


@pytest.fixture(scope="module")
def files(database, people, tmp_path_factory):
    folder = tmp_path_factory.mktemp("vault")
    backed_up(database, folder / "all.age")
    with psycopg.connect(database.vault, autocommit=True) as vault:
        services.back_up_vault(
            vault, folder / "keys.age", [encryption.own_recipient(ring())], now=clock.now()
        )
    return folder


@pytest.fixture
def restored(elsewhere, files):
    loaded(elsewhere, files / "all.age")
    return elsewhere


def load(there, files, *, now=None, over=True):
    with psycopg.connect(there.databases.vault, autocommit=True) as vault, there.owner() as owner:
        return services.load_vault(
            vault, owner, files / "keys.age", identities(), ring(), now=now or clock.now(), replace=over
        )


def wrapped(url, shop):
    with psycopg.connect(url) as vault:
        found = vault.execute(
            "select contact_id, epoch, wrapped, created_at from person_key where workspace_id = %s",
            [shop.workspace_id],
        )
        return {row[0]: row[1:] for row in found.fetchall()}


def test_every_key_comes_back_as_it_was_and_still_wrapped(database, restored, files, shop, people):
    load(restored, files)
    there = wrapped(restored.databases.vault, shop)
    assert there == wrapped(database.vault, shop)
    assert {*people, INSTALLATION} <= there.keys()
    keys_here = [bytes(each) for each in runtime.current().ring(keys.KeyPurpose.KEK).epochs.values()]
    content = (files / "keys.age").read_bytes()
    assert not any(each in content for each in keys_here)


def test_a_key_of_somebody_who_is_not_in_the_database_stays_away(restored, files, shop, people):
    gone, purged, stays = people
    with restored.owner() as owner:
        owner.execute(f"set shodaku.workspace = '{shop.workspace_id}'")
        for table in ("consent_event", "consent", "address", "contact"):
            owner.execute(f"delete from {table} where contact_id = %s", [gone])  # noqa: S608 - of four
        owner.execute(
            "insert into erasure (workspace_id, contact_id, state, receipt, rule, requested_at)"
            " values (%s, %s, 'key_destroyed', '', 'erase', now())",
            [shop.workspace_id, purged],
        )
    assert load(restored, files).dropped >= 2
    there = wrapped(restored.databases.vault, shop)
    assert {gone, purged} & there.keys() == set()
    assert {stays, INSTALLATION} <= there.keys()


def test_seven_days_and_not_a_moment_longer(restored, files):
    made = services.checked(files / "keys.age", identities(), ring()).manifest
    load(restored, files, now=made.made_at + timedelta(days=7))
    with pytest.raises(services.VaultTooOld):
        load(restored, files, now=made.made_at + timedelta(days=7, microseconds=1))


def test_a_vault_that_holds_keys_is_left_alone(restored, files, shop):
    load(restored, files)
    before = wrapped(restored.databases.vault, shop)
    with pytest.raises(services.NotEmpty):
        load(restored, files, over=False)
    assert wrapped(restored.databases.vault, shop) == before


def test_keys_that_no_file_opens_are_refused(restored, files, shop, tmp_path):
    load(restored, files)
    before = wrapped(restored.databases.vault, shop)
    folder = tmp_path / "keys"
    folder.mkdir()
    for file in runtime.current().keys.iterdir():
        if not file.name.startswith("kek."):
            keys.write_secret(folder / file.name, file.read_bytes())
    keys.add_epoch(folder, keys.KeyPurpose.KEK, 9)
    with runtime.replaced(replace(runtime.current(), keys=folder)), pytest.raises(keys.KeyMissing) as said:
        load(restored, files)
    assert "kek.1: put it back from your copy" in said.value.hint
    assert wrapped(restored.databases.vault, shop) == before


def test_the_database_comes_first(elsewhere, files):
    with elsewhere.owner() as owner:
        workspaces = owner.execute("select count(*) from workspace").fetchone()[0]
        owner.execute("alter table workspace rename to workspace_away")
        owner.execute("create table workspace (workspace_id int, slug text)")
        try:
            with pytest.raises(services.DatabaseFirst):
                load(elsewhere, files)
        finally:
            owner.execute("drop table workspace")
            owner.execute("alter table workspace_away rename to workspace")
        assert owner.execute("select count(*) from workspace").fetchone()[0] == workspaces


def test_the_two_files_are_not_mistaken_for_each_other(elsewhere, files):
    with elsewhere.owner() as owner, pytest.raises(services.OtherBackup):
        services.load(owner, files / "keys.age", identities(), ring(), replace=True)
    with (
        psycopg.connect(elsewhere.databases.vault, autocommit=True) as vault,
        elsewhere.owner() as owner,
        pytest.raises(services.OtherBackup),
    ):
        services.load_vault(vault, owner, files / "all.age", identities(), ring(), now=clock.now())


def test_an_empty_vault_is_not_overlooked(restored, files, tmp_path):
    """Without the keys of persons no proof would open: who wants that must say so."""
    with psycopg.connect(restored.databases.vault, autocommit=True) as vault:
        vault.execute("truncate person_key")
    made = tmp_path / "counted.age"
    with psycopg.connect(restored.databases.owner, autocommit=True) as owner:
        services.back_up(owner, made, [encryption.own_recipient(ring())], now=clock.now(), keys=3)
    done = restored.run("restore", made, "--replace")
    assert done.status == 2
    assert "The vault here is empty" in done.err
