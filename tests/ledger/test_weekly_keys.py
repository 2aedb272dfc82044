"""The KEK changes by the clock where that is switched on, and nowhere else (P8)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from tests.kit.key_service import a_service
from tests.ledger.vaults import an_own_vault, another_process
from tests.people import a_shop

from shodaku.accounts import selectors as accounts
from shodaku.config import environment
from shodaku.kit import db, keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import jobs, rotation, selectors, services, vault, weekly_keys

NOW = datetime(2026, 11, 25, 19, 7, tzinfo=UTC)
A_DAY = timedelta(days=1)
KEK = KeyPurpose.KEK


@pytest.fixture
def here(database, tmp_path, monkeypatch):
    """One shop, whose keys alone are in the vault, and the weekly rhythm."""
    monkeypatch.setenv("SHODAKU_KEY_ROTATION", "weekly")
    with an_own_vault(database, tmp_path) as folder:
        shop = a_shop()
        mine = accounts.workspace(shop.workspace_id)
        monkeypatch.setattr(rotation.accounts, "workspaces", lambda: [mine])
        vault.ensure(shop.workspace_id, range(1, 8))
        yield SimpleNamespace(folder=folder, workspace_id=shop.workspace_id)


def made(folder, epoch, at):
    os.utime(folder / f"kek.{epoch}", (at.timestamp(), at.timestamp()))


def epochs():
    return sorted(rotation.files_of(KEK))


def said(here):
    history = selectors.history(here.workspace_id, services.INSTALLATION)
    return [
        (each.fields["epoch"], each.fields.get("ended", False), each.fields["by"])
        for each in history
        if each.kind == "key.rotated"
    ]


def look(here, now):
    """At this moment; a file that it makes is some seconds younger, as a real one is."""
    make = keys.add_epoch

    def then(folder, purpose, epoch):
        make(folder, purpose, epoch)
        made(folder, epoch, now + timedelta(seconds=5))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rotation.keys, "add_epoch", then)
        weekly_keys.turn(now)


def test_a_key_that_was_destroyed_is_unreadable_in_every_backup_after_14_days(here):
    """Looked at every day at the same hour: each week one comes and one goes, and none lasts eight days."""
    made(here.folder, 1, NOW)
    before = vault.read(here.workspace_id, range(1, 8))
    there = []
    for day in range(1, 30):
        look(here, NOW + day * A_DAY)
        there.append(epochs())
    assert there[5:7] == [[1], [1, 2]]
    assert there[12:14] == [[1, 2], [2, 3]]
    assert there[19:21] == [[2, 3], [3, 4]]
    assert there[27] == [4, 5]
    assert vault.read(here.workspace_id, range(1, 8)) == before
    assert said(here) == [
        (2, False, "system"),
        (3, False, "system"),
        (1, True, "system"),
        (4, False, "system"),
        (2, True, "system"),
        (5, False, "system"),
        (3, True, "system"),
    ]


def test_a_week_that_was_missed_is_caught_up_by_the_next_look(here):
    made(here.folder, 1, NOW - 40 * A_DAY)
    look(here, NOW)
    assert epochs() == [1, 2]
    look(here, NOW + 13 * A_DAY)
    assert epochs() == [2, 3]


def test_a_rotation_that_was_cut_off_is_finished_by_the_next_look(here, monkeypatch):
    made(here.folder, 1, NOW - 7 * A_DAY)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_record_rotation", killed)
        with pytest.raises(KeyboardInterrupt):
            look(here, NOW)
    assert (epochs(), said(here)) == ([1, 2], [])
    look(here, NOW + A_DAY)
    assert (epochs(), said(here)) == ([1, 2], [(2, False, "system")])


def test_two_looks_at_the_same_time_make_one_key(here):
    made(here.folder, 1, NOW - 7 * A_DAY)
    look(here, NOW)
    assert rotation.rotate_when_old(KEK, after=weekly_keys.PERIOD, by="test", now=NOW) is None
    assert epochs() == [1, 2]


@pytest.mark.parametrize("rhythm", [None, "", "manual"])
def test_by_itself_nothing_changes(here, monkeypatch, capsys, rhythm):
    if rhythm is None:
        monkeypatch.delenv("SHODAKU_KEY_ROTATION")
    else:
        monkeypatch.setenv("SHODAKU_KEY_ROTATION", rhythm)
    made(here.folder, 1, NOW - 40 * A_DAY)
    weekly_keys.turn(NOW)
    assert (epochs(), said(here)) == ([1], [])
    assert "key." not in capsys.readouterr().err


def unchanged(here, capsys, why):
    before = vault.count_by_epoch(KEK)
    weekly_keys.turn(NOW)
    assert (vault.count_by_epoch(KEK), said(here)) == (before, [])
    lines = [line for line in capsys.readouterr().err.splitlines() if '"key.' in line]
    assert len(lines) == 1
    assert f'"event": "key.not_rotated", "purpose": "kek", "why": "{why}"' in lines[0]


def test_a_folder_that_cannot_be_written_to_is_left_alone(here, monkeypatch, capsys):
    made(here.folder, 1, NOW - 40 * A_DAY)
    # root, as whom tests may run, can write into any folder that is not on a read-only file system
    monkeypatch.setattr(weekly_keys.os, "access", lambda *_, **__: False)
    unchanged(here, capsys, "folder_not_writable")
    assert epochs() == [1]


def test_where_no_program_wraps_no_number_is_used_up(here, tmp_path, monkeypatch, capsys):
    a_service(tmp_path).named(monkeypatch)
    keys.wrap_plain(here.folder)
    monkeypatch.delenv("SHODAKU_KMS_WRAP")
    made(here.folder, 1, NOW - 40 * A_DAY)
    unchanged(here, capsys, "no_program_wraps")
    assert vault.rows("get_rotation", purpose="kek") == [(None, 0)]


def test_a_machine_that_lacks_the_newest_key_makes_no_newer_one(here, capsys):
    rotation.rotate(KEK, by="test", now=NOW)
    aside = (here.folder / "kek.2").read_bytes()
    (here.folder / "kek.2").unlink()
    made(here.folder, 1, NOW - 40 * A_DAY)
    capsys.readouterr()
    with runtime.replaced(another_process()):
        weekly_keys.turn(NOW)
        assert epochs() == [1]
    assert '"why": "newest_key_elsewhere"' in capsys.readouterr().err
    keys.write_secret(here.folder / "kek.2", aside)
    assert [each[:2] for each in said(here)] == [(2, False)]


def test_a_rhythm_that_nobody_knows_changes_nothing(here, monkeypatch, capsys):
    monkeypatch.setenv("SHODAKU_KEY_ROTATION", "yearly")
    unchanged(here, capsys, "no_such_rhythm")


def test_an_old_key_that_still_wraps_something_stays_and_is_told(here, capsys):
    rotation.rotate(KEK, by="test", now=NOW)
    made(here.folder, 2, NOW - 7 * A_DAY)
    keys.add_epoch(here.folder, KEK, 3)
    made(here.folder, 3, NOW - A_DAY)
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as connection:
        connection.execute("update person_key set epoch = 1 where contact_id = 3")
    weekly_keys.turn(NOW)
    assert epochs() == [1, 2, 3]
    assert '"key.not_rotated", "purpose": "kek", "why": "still_wrapping"' in capsys.readouterr().err


def test_while_the_vault_is_away_the_job_fails_and_is_tried_again(here):
    away = another_process(vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away), pytest.raises(vault.VaultAway):
        jobs.rotate_keys()
    assert epochs() == [1]


def test_the_clock_looks_every_day_and_leaves_one_job(here):
    cron, tick = jobs.PERIODIC["ledger.rotate_keys"]
    assert cron == "7 19 * * *"
    tick()
    tick()
    with db.transaction(None) as connection:
        waiting = connection.execute(
            "select task_name, args::text from procrastinate_jobs"
            " where lock = 'rotate-keys' and status = 'todo'"
        ).fetchall()
    assert waiting == [("ledger.rotate_keys_now", "{}")]
    assert set(jobs.JOBS) >= {"ledger.rotate_keys_now"}


def test_the_demonstration_does_not_take_the_rhythm_over_from_its_shell():
    assert weekly_keys.VARIABLE in environment.NAMES
