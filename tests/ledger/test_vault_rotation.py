"""Keys change and nothing is lost: what opened still opens, who was erased stays erased (P7, P9)."""

from __future__ import annotations

import base64
import itertools
import os
import shutil
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kit.key_service import a_service
from tests.ledger.vaults import an_own_vault, another_process, prepare
from tests.people import a_reader, a_shop

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Method
from shodaku.kit import keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.ledger import rotation, selectors, services, vault
from shodaku.ledger.rotation import OVERLAP_DAYS
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import stamp

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SECONDS_MAX = 30
KEK, HOLD, LEDGER = KeyPurpose.KEK, KeyPurpose.HOLD, KeyPurpose.LEDGER
WRAPPING = [KEK, HOLD]


@pytest.fixture
def here(database, tmp_path, monkeypatch):
    """Two shops, whose keys alone are in the vault; slices so small that there are several."""
    with an_own_vault(database, tmp_path) as folder:
        shops = [a_shop(), a_shop()]
        mine = {shop.workspace_id for shop in shops}
        every = accounts.workspaces
        monkeypatch.setattr(
            rotation.accounts, "workspaces", lambda: [each for each in every() if each.workspace_id in mine]
        )
        monkeypatch.setattr(rotation, "SLICE_KEYS", 3)
        yield SimpleNamespace(folder=folder, shops=shops, first=shops[0], second=shops[1])


def rotate(purpose=KEK):
    return rotation.rotate(purpose, by="test", now=NOW)


def destroy(purpose, epoch, *, at_once=True, now=NOW):
    rotation.destroy(purpose, epoch, at_once=at_once, by="test", now=now)


def people(shop, count=7, first=1):
    """Their keys, by contact."""
    ids = list(range(first, first + count))
    vault.ensure(shop.workspace_id, ids)
    return vault.read(shop.workspace_id, ids)


def sealings(shop, count=7):
    return {hold_id: vault.ensure_hold(shop.workspace_id, hold_id) for hold_id in map(uuid_of, range(count))}


def uuid_of(number):
    return uuid.uuid5(uuid.NAMESPACE_OID, str(number))


def entries(shop, purpose=None):
    """What the ledger says of changes of keys, oldest first."""
    history = selectors.history(shop.workspace_id, services.INSTALLATION)
    said = [each.fields for each in history if each.kind == "key.rotated"]
    return [
        {name: value for name, value in fields.items() if name not in {"n", "at", "by"}}
        for fields in said
        if purpose is None or fields["purpose"] == purpose.value
    ]


def age(folder, name, days):
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(folder / name, (at, at))


def epochs(purpose):
    return sorted(vault.count_by_epoch(purpose))


def wait_until(true):
    until = time.monotonic() + SECONDS_MAX
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.01)


def somebody_waits_for_a_lock(database):
    with psycopg.connect(database.vault) as connection:
        return bool(connection.execute("select from pg_locks where not granted").fetchall())


def test_a_rotation_wraps_every_key_anew_and_each_opens_to_the_same_value(here):
    before = {shop.workspace_id: people(shop) for shop in here.shops}
    done = rotate()
    assert (done.epoch, done.unopened) == (2, 0)
    assert epochs(KEK) == [2]
    assert {shop.workspace_id: vault.read(shop.workspace_id, range(1, 8)) for shop in here.shops} == before


def test_a_rotation_of_the_hold_keys_leaves_person_keys_alone(here):
    person, sealed = people(here.first), sealings(here.second)
    done = rotate(HOLD)
    assert (done.epoch, done.rewrapped, done.unopened) == (2, 7, 0)
    assert (epochs(KEK), epochs(HOLD)) == ([1], [2])
    assert {each: vault.read_hold(here.second.workspace_id, each) for each in sealed} == sealed
    assert vault.read(here.first.workspace_id, range(1, 8)) == person


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ensure", "replace", "destroy", "hold", "end hold", "rotate kek", "rotate hold", "end oldest"]
        ),
        st.sampled_from([0, 1]),
        st.integers(1, 4),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_happens_between_rotations_every_key_opens_to_its_value_and_gone_is_gone(here, acts):
    person, sealed = {}, {}
    for shop, number in itertools.product(here.shops, range(1, 5)):
        vault.destroy(shop.workspace_id, number)
        vault.destroy_hold(shop.workspace_id, uuid_of(number))
    for act, which, number in acts:
        workspace_id = here.shops[which].workspace_id
        mine = (workspace_id, number)
        match act:
            case "ensure" | "replace":
                (vault.ensure if act == "ensure" else vault.replace)(
                    workspace_id, *([[number]] if act == "ensure" else [number])
                )
                now = vault.read(workspace_id, [number])[number]
                assert act == "replace" or person.get(mine, now) == now
                assert act == "ensure" or person.get(mine) != now
                person[mine] = now
            case "destroy":
                vault.destroy(workspace_id, number)
                person.pop(mine, None)
            case "hold":
                sealed[mine] = vault.ensure_hold(workspace_id, uuid_of(number))
            case "end hold":
                vault.destroy_hold(workspace_id, uuid_of(number))
                sealed.pop(mine, None)
            case "end oldest":
                with suppress(rotation.NewestStays):
                    destroy(KEK, min(rotation.files_of(KEK)))
            case _:
                assert rotate(KeyPurpose(act.removeprefix("rotate "))).unopened == 0
        for shop, each in itertools.product(here.shops, range(1, 5)):
            it = (shop.workspace_id, each)
            assert vault.read(shop.workspace_id, [each]).get(each) == person.get(it)
            assert vault.read_hold(shop.workspace_id, uuid_of(each)) == sealed.get(it)


def test_each_workspace_gets_one_entry_with_the_number_of_its_own_keys(here):
    people(here.first, 5)
    people(here.second, 2)
    for shop in here.shops:
        services.ensure_keys(shop.workspace_id, [services.INSTALLATION])
    done = rotate()
    assert done.rewrapped == 5 + 2 + 2  # each workspace has a key for its own acts
    assert entries(here.first) == [{"purpose": "kek", "epoch": 2, "rewrapped": 6}]
    assert entries(here.second) == [{"purpose": "kek", "epoch": 2, "rewrapped": 3}]


def test_an_erasure_and_another_key_during_a_rotation_stay_what_they_are(here, monkeypatch):
    workspace_id, before, write = here.first.workspace_id, people(here.first), rotation._write
    replaced = {}

    def meanwhile(table, renewed, epoch):
        """After the slice was read, before it is written."""
        monkeypatch.setattr(rotation, "_write", write)
        assert vault.destroy(workspace_id, 2) is not None
        vault.replace(workspace_id, 3)
        replaced.update(vault.read(workspace_id, [3]))
        write(table, renewed, epoch)

    monkeypatch.setattr(rotation, "_write", meanwhile)
    rotate()
    after = vault.read(workspace_id, range(1, 8))
    assert 2 not in after
    assert after[3] == replaced[3] != before[3]
    assert {each: key for each, key in after.items() if each != 3} == {
        each: key for each, key in before.items() if each not in {2, 3}
    }
    assert epochs(KEK) == [2]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from person_key where contact_id = 2",
        "update person_key set wrapped = 'x' where contact_id = 2",
    ],
)
def test_a_rotation_that_waited_for_an_erasure_does_not_undo_it(here, database, statement):
    people(here.first)
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(runtime.current().vault_url) as eraser:
            eraser.execute(statement)
            rotating = pool.submit(rotate)
            wait_until(lambda: somebody_waits_for_a_lock(database))
        rotating.result(SECONDS_MAX)
    left = vault.rows("list_person_keys_page", workspace_id=-1, subject_id=0, epoch=99, rows_max=99)
    assert bytes(next((each[1] for each in left if each[3] == 2), b"x")) == b"x"


class Killed(BaseException):
    """As kill -9: nothing that stands after it runs."""


def killed_at(monkeypatch, where, name, call, *, after, only=None):
    """The n-th call of this function, or of this statement of the vault, is the last thing that happens."""
    original, seen = getattr(where, name), []

    def killing(*arguments, **named):
        mine = only is None or only in arguments
        seen.extend([1] * mine)
        if mine and len(seen) == call and not after:
            raise Killed
        result = original(*arguments, **named)
        if mine and len(seen) == call and after:
            raise Killed
        return result

    monkeypatch.setattr(where, name, killing)


STEPS = [
    (vault, "run", "insert_rotation", 1),
    (keys, "add_epoch", None, 1),
    (vault, "run", "rewrap_person_keys", 1),
    (vault, "run", "rewrap_person_keys", 3),
    (vault, "rows", "list_rewrapped", 1),
    (services, "record_act", None, 1),
    (services, "record_act", None, 2),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("where", "name", "only", "call"), STEPS, ids=[f"{each[2] or each[1]}-{each[3]}" for each in STEPS]
)
def test_a_rotation_killed_anywhere_is_finished_by_the_next(
    here, where, name, only, call, after, monkeypatch
):
    before = {shop.workspace_id: people(shop) for shop in here.shops}
    for shop in here.shops:
        services.ensure_keys(shop.workspace_id, [services.INSTALLATION])
    with monkeypatch.context() as patch:
        killed_at(patch, where, name, call, after=after, only=only)
        with pytest.raises(Killed):
            rotate()
    done = rotate()
    # a number whose file was never made is given up: a second file of one number must not exist anywhere
    given_up = (only, after) == ("insert_rotation", True) or (name, after) == ("add_epoch", False)
    assert (done.epoch, done.rewrapped, done.unopened) == (3 if given_up else 2, 16, 0)
    assert epochs(KEK) == [done.epoch]
    assert {shop.workspace_id: vault.read(shop.workspace_id, range(1, 8)) for shop in here.shops} == before
    for shop in here.shops:
        assert entries(shop) == [{"purpose": "kek", "epoch": done.epoch, "rewrapped": 8}]
    assert rotate().epoch == done.epoch + 1


def test_two_rotations_are_one_after_the_other(here, database):
    people(here.first)
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as first:
        first.execute("select pg_advisory_lock(7242, 0)")
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(rotate), pool.submit(rotate)]
            wait_until(lambda: somebody_waits_for_a_lock(database))
            assert sorted(rotation.files_of(KEK)) == [1]
            first.close()
            done = [each.result(SECONDS_MAX) for each in both]
    assert sorted(each.epoch for each in done) == [2, 3]
    assert epochs(KEK) == [3]
    assert [each["epoch"] for each in entries(here.first)] == [2, 3]


def test_a_running_process_reads_and_writes_under_the_new_key_at_once(here):
    people(here.first, 1)
    running = another_process()
    running.ring(KEK)
    rotate()
    with runtime.replaced(running):
        assert list(people(here.first, 2)) == [1, 2]
    assert epochs(KEK) == [2]


@pytest.fixture
def behind(here, tmp_path):
    """Another machine, with the key files of yesterday."""
    shutil.copytree(here.folder, tmp_path / "behind")
    return another_process(keys=tmp_path / "behind")


def test_a_machine_without_the_new_key_file_says_which_is_missing(here, behind):
    people(here.first, 1)
    rotate()
    with runtime.replaced(behind), pytest.raises(vault.VaultAway) as away:
        vault.read(here.first.workspace_id, [1])
    assert away.value.hint == f"{behind.keys}/kek.2 is not there, or could not be opened"


def test_under_an_ended_epoch_nothing_is_written_any_more(here, behind):
    workspace_id = here.first.workspace_id
    people(here.first, 1)
    sealings(here.first, 1)
    for purpose in WRAPPING:
        rotate(purpose)
        destroy(purpose, 1)
    with runtime.replaced(behind):
        for write in (
            lambda: vault.ensure(workspace_id, [1, 2]),
            lambda: vault.replace(workspace_id, 1),
            lambda: vault.ensure_hold(workspace_id, uuid_of(99)),
        ):
            with pytest.raises(vault.EpochEnded) as refused:
                write()
            assert refused.value.hint == str(behind.keys)
    assert (epochs(KEK), epochs(HOLD)) == ([2], [2])


def test_what_the_vault_refuses_holds_for_updates_too(here):
    people(here.first, 1)
    rotate()
    destroy(KEK, 1)
    with (
        psycopg.connect(runtime.current().vault_url) as connection,
        pytest.raises(psycopg.errors.RestrictViolation),
    ):
        connection.execute("update person_key set epoch = 1")


def test_an_ended_key_leaves_no_file_and_one_entry_and_everything_opens(here):
    before = people(here.first)
    os.link(here.folder / "kek.1", here.folder / ".kek.1.0a1b2c3d")
    rotate()
    destroy(KEK, 1)
    destroy(KEK, 1)  # again is harmless
    assert sorted(file.name for file in here.folder.iterdir() if "kek" in file.name) == ["kek.2"]
    assert vault.read(here.first.workspace_id, range(1, 8)) == before
    for shop in here.shops:
        assert entries(shop)[1:] == [{"purpose": "kek", "epoch": 1, "ended": True}]
    assert rotate().epoch == 3


def test_a_copy_of_an_ended_key_on_another_machine_is_removed_by_the_same_command(here, behind):
    people(here.first, 1)
    rotate()
    shutil.copy(here.folder / "kek.2", behind.keys / "kek.2")
    destroy(KEK, 1)
    with runtime.replaced(behind):
        destroy(KEK, 1)
        assert sorted(rotation.files_of(KEK)) == [2]
    assert len(entries(here.first)) == 2


@pytest.mark.parametrize("purpose", WRAPPING)
def test_a_key_that_wraps_anything_does_not_end(here, purpose, behind):
    rotate(purpose)
    with runtime.replaced(behind):
        people(here.first, 1) if purpose is KEK else sealings(here.first, 1)
    with pytest.raises(rotation.StillWrapping) as refused:
        destroy(purpose, 1)
    assert refused.value.hint == f"1 under {purpose.value}.1: shodaku keys rotate {purpose.value}"
    assert rotate(purpose).rewrapped >= 1
    destroy(purpose, 1)


def test_a_key_that_is_written_under_in_this_moment_does_not_end(here, database, monkeypatch):
    """The writer began before the end and commits after it was counted for the first time."""
    rotate()
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(runtime.current().vault_url) as writer:
            writer.execute("insert into person_key values (%s, 5, 1, 'x')", [here.first.workspace_id])
            ending = pool.submit(destroy, KEK, 1)
            wait_until(lambda: somebody_waits_for_a_lock(database))
        with pytest.raises(rotation.StillWrapping):
            ending.result(SECONDS_MAX)
    assert 1 in rotation.files_of(KEK)
    people(here.first, 1)  # nothing is ended or locked


def test_the_newest_key_and_one_that_is_not_there_do_not_end(here):
    with pytest.raises(rotation.NewestStays):
        destroy(KEK, 1)
    with pytest.raises(rotation.NoSuchKeyFile):
        destroy(KEK, 2)
    assert sorted(rotation.files_of(KEK)) == [1]


@pytest.mark.parametrize("purpose", [each for each in KeyPurpose if each not in OVERLAP_DAYS])
def test_a_key_that_must_be_known_for_ever_does_not_end(here, purpose):
    keys.add_epoch(here.folder, purpose, 2)
    with pytest.raises(rotation.KeyStays):
        destroy(purpose, 1)
    assert sorted(rotation.files_of(purpose)) == [1, 2]


@pytest.mark.parametrize(("purpose", "days"), OVERLAP_DAYS.items())
def test_a_key_ends_when_the_one_that_followed_is_old_enough_and_not_a_second_before(here, purpose, days):
    rotate(purpose)
    age(here.folder, f"{purpose.value}.2", 0)
    rotate(purpose)
    exactly = NOW + timedelta(days=days)
    with pytest.raises(rotation.StillNeeded) as refused:
        destroy(purpose, 1, at_once=False, now=exactly - timedelta(seconds=1))
    assert refused.value.hint == f"{purpose.value}.1 may end from {exactly:%Y-%m-%d} 03:00 UTC on"
    destroy(purpose, 1, at_once=False, now=exactly)
    assert sorted(rotation.files_of(purpose)) == [2, 3]


def test_two_keys_sign_the_log_until_the_older_one_ends(here):
    before = runtime.current().ring(LEDGER).epochs
    assert rotate(LEDGER).epoch == 2
    ring = runtime.current().ring(LEDGER)
    assert sorted(ring.epochs) == [1, 2]
    assert ring.epochs[1] == before[1]
    destroy(LEDGER, 1)
    assert sorted(runtime.current().ring(LEDGER).epochs) == [2]
    assert entries(here.first) == [
        {"purpose": "ledger", "epoch": 2},
        {"purpose": "ledger", "epoch": 1, "ended": True},
    ]


ENDING = [
    (rotation, "_end", 1),
    (keys, "remove_epoch", 1),
    (services, "record_act", 1),
    (services, "record_act", 2),
]


@pytest.mark.parametrize("goes_on", ["destroy", "rotate"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name", "call"), ENDING, ids=[f"{each[1]}-{each[2]}" for each in ENDING])
def test_an_end_that_was_cut_off_is_finished_by_the_next_change(
    here, where, name, call, after, goes_on, monkeypatch
):
    before = people(here.first)
    rotate()
    with monkeypatch.context() as patch:
        killed_at(patch, where, name, call, after=after)
        with pytest.raises(Killed):
            destroy(KEK, 1)
    began = (name, after) != ("_end", False)
    rotate(LEDGER) if goes_on == "rotate" else destroy(KEK, 1)
    ended = began or goes_on == "destroy"
    assert sorted(rotation.files_of(KEK)) == ([2] if ended else [1, 2])
    assert vault.read(here.first.workspace_id, range(1, 8)) == before
    for shop in here.shops:
        assert [each.get("ended") for each in entries(shop, KEK)] == [None] + [True] * ended


def test_a_file_is_never_removed_while_a_row_needs_it_whatever_the_vault_says(here):
    """A vault from a backup may have rows that nobody expects."""
    people(here.first, 1)
    rotate()
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as connection:
        connection.execute("alter table person_key disable trigger all")
        connection.execute("update person_key set epoch = 1")
        connection.execute("alter table person_key enable trigger all")
        connection.execute("insert into ended_epoch (purpose, epoch) values ('kek', 1)")
    with pytest.raises(rotation.StillWrapping):
        rotation._finish_ends("test", NOW)
    assert 1 in rotation.files_of(KEK)


@pytest.mark.parametrize("purpose", [KeyPurpose.PEPPER, KeyPurpose.COOKIE])
def test_a_key_whose_older_epochs_would_not_be_known_is_not_rotated(here, purpose):
    with pytest.raises(rotation.NotRotated, match=f"^The {purpose.value} "):
        rotate(purpose)
    assert sorted(rotation.files_of(purpose)) == [1]
    assert entries(here.first) == []


def test_links_and_open_forms_survive_a_rotation(here):
    token = Token(here.first.workspace_id, 0, 1, Purpose.NOTICE)
    shown = stamp.Stamp(
        workspace_id=1, form_id=1, version=1, wording_version=1, wording_sha256="", language="ja", at=0
    )
    link = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs).make(token)
    form = stamp.sign(shown)
    for purpose in (KeyPurpose.LINK, KeyPurpose.FORM):
        rotate(purpose)
    links = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    assert links.read(link, Purpose.NOTICE) == token
    assert (link[0], links.make(token)[0]) == (1, 2)
    assert stamp.read(form) == shown
    assert stamp.sign(shown) != form


def test_what_waits_for_the_vault_is_opened_after_a_rotation_of_its_key(here):
    away = another_process(vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    event_id = uuid.uuid4()
    with runtime.replaced(away):
        services.record_act_even_without_vault(
            here.first.workspace_id, "admin.test", {"what": "it"}, event_id=event_id, now=NOW
        )
    rotate(KeyPurpose.OUTBOX)
    assert list(services.settle_waiting(here.first.workspace_id)) == [event_id]


def test_an_epoch_that_fits_into_no_link_is_not_begun(here):
    keys.add_epoch(here.folder, KeyPurpose.LINK, 255)
    with pytest.raises(rotation.NoMoreEpochs):
        rotate(KeyPurpose.LINK)
    assert max(rotation.files_of(KeyPurpose.LINK)) == 255


def test_a_key_that_does_not_open_is_counted_and_stays_and_holds_nothing_up(here):
    before = people(here.first)
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as connection:
        connection.execute(
            "update person_key set wrapped = overlay(wrapped placing 'x' from 20) where contact_id = 2"
        )
    rotate()
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as connection:
        connection.execute("update person_key set epoch = 1 where contact_id in (3, 5)")
        connection.execute("update person_key set epoch = 7 where contact_id = 4")  # of a file that is away
    done = rotate()
    assert done.epoch == 3
    assert done.unopened == 3
    assert vault.read(here.first.workspace_id, [1, 6, 7]) == {each: before[each] for each in (1, 6, 7)}
    with pytest.raises(rotation.StillWrapping):
        destroy(KEK, 1)


def test_a_wrapped_key_moved_to_another_row_is_refused_in_words(here):
    people(here.first, 2)
    with psycopg.connect(runtime.current().vault_url, autocommit=True) as connection:
        connection.execute(
            "update person_key set wrapped = (select wrapped from person_key where contact_id = 1)"
            " where contact_id = 2"
        )
    with pytest.raises(vault.KeyDoesNotOpen):
        vault.read(here.first.workspace_id, [1, 2])


def test_a_rotation_begun_on_another_machine_waits_for_its_file(here, behind, monkeypatch):
    people(here.first, 4)
    with monkeypatch.context() as patch:
        killed_at(patch, vault, "run", 1, after=True, only="rewrap_person_keys")
        with pytest.raises(Killed):
            rotate()
    with runtime.replaced(behind), pytest.raises(keys.KeyMissing) as missing:
        rotate()
    assert missing.value.hint == f"{behind.keys}/kek.2: copy it to this machine"
    assert sorted(keys.read_ring(behind.keys, KEK).epochs) == [1]
    assert rotate().epoch == 2


def test_an_epoch_that_ends_while_a_key_is_read_is_read_again(here, behind, monkeypatch):
    before, ring = people(here.first, 1), vault.ring

    def rotated_meanwhile(purpose):
        """After the row was read under the old epoch, before the ring is asked."""
        monkeypatch.setattr(vault, "ring", ring)
        rotate()
        destroy(KEK, 1)
        return ring(purpose)

    monkeypatch.setattr(vault, "ring", rotated_meanwhile)
    assert vault.read(here.first.workspace_id, [1]) == before


def test_while_the_vault_is_away_no_key_is_made(here):
    away = another_process(vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        for change in (rotate, lambda: destroy(KEK, 1)):
            with pytest.raises(vault.VaultAway):
                change()
    assert sorted(rotation.files_of(KEK)) == [1]


def test_a_rotation_with_a_key_service_keeps_every_key_and_no_plain_file(here, tmp_path, monkeypatch):
    before = people(here.first)
    service = a_service(tmp_path)
    service.named(monkeypatch)
    rotate()
    destroy(KEK, 1)
    assert [each.wrapped for each in rotation.files_of(KEK).values()] == [True]
    calls = len(service.calls)
    with runtime.replaced(another_process()):
        for _ in range(3):
            assert vault.read(here.first.workspace_id, range(1, 8)) == before
    assert len(service.calls) == calls


def test_without_its_service_a_rotation_changes_nothing(here, tmp_path, monkeypatch):
    before = people(here.first)
    a_service(tmp_path).named(monkeypatch)
    monkeypatch.setenv("SHODAKU_KMS_WRAP", "/nonexistent/program")
    with pytest.raises(keys.KeyServiceFailed):
        rotate()
    assert sorted(rotation.files_of(KEK)) == [1]
    assert vault.read(here.first.workspace_id, range(1, 8)) == before


def test_neither_logs_nor_entries_nor_refusals_hold_a_key(here, capsys):
    people(here.first)
    rotate()
    with pytest.raises(rotation.NewestStays) as refused:
        destroy(KEK, 2)
    destroy(KEK, 1)
    said = f"{capsys.readouterr()} {entries(here.first)} {refused.value!r} {refused.value.hint}"
    held = [file.read_bytes() for file in here.folder.iterdir()]
    held += [each[1] for each in vault.rows(
        "list_person_keys_page", workspace_id=-1, subject_id=0, epoch=99, rows_max=99
    )]  # fmt: skip
    for value in held:
        for form in (value.hex(), base64.b64encode(value).decode(), repr(value)):
            assert form not in said
    assert '"event": "key.rotated", "purpose": "kek", "epoch": 2' in said
    assert '"event": "key.ended", "purpose": "kek", "epoch": 1' in said


def test_an_older_vault_gets_what_is_missing_and_keeps_its_keys(here):
    url = runtime.current().vault_url
    before = people(here.first)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop table ended_epoch, key_rotation, rewrapped")
        connection.execute("drop function refuse_ended_epoch cascade")
    for _ in range(2):
        prepare(url)
    rotate()
    destroy(KEK, 1)
    assert vault.read(here.first.workspace_id, range(1, 8)) == before


def test_an_audit_agrees_after_keys_came_and_went(here):
    """P5: the log knows nothing of the keys that wrap keys, and two epochs may sign it."""
    workspace_id = here.first.workspace_id
    readers = [a_reader(here.first), a_reader(here.first)]
    services.sequence_all(workspace_id, now=NOW)
    rotate()
    rotate(LEDGER)
    services.shred(workspace_id, readers[0])
    services.sequence_all(workspace_id, now=NOW)
    rotate()
    destroy(KEK, 1)
    destroy(LEDGER, 1)
    services.sequence_all(workspace_id, now=NOW)
    audit = services.audit(workspace_id, now=NOW)
    assert (audit.consistent, audit.entries, audit.opened, audit.shredded) == (True, 7, 6, 1)
    histories = [selectors.history(workspace_id, each) for each in readers]
    assert [history[0].fields is None for history in histories] == [True, False]


@pytest.mark.parametrize("spoil", ["missing", "exposed", "another"])
def test_without_the_kek_who_opts_out_is_obeyed_and_the_entry_waits(here, spoil):
    """F63: sending does not start, the door to say no stays open."""
    reader, file = a_reader(here.first), here.folder / "kek.1"
    order = OptOut(
        workspace_id=here.first.workspace_id, contact_id=reader, scope=OptOutScope.ALL, via=Method.PAGE
    )
    aside = here.folder.parent / "kek.1"
    shutil.copy2(file, aside)
    file.chmod(0o444)
    if spoil != "exposed":
        file.unlink()
    if spoil == "another":
        keys.add_epoch(here.folder, KEK, 1)
    started_now = replace(runtime.current(), _rings={})
    with runtime.replaced(started_now):
        receipt = optout.opt_out(order, NOW)
        with pytest.raises(vault.VaultAway) as away:
            vault.read(here.first.workspace_id, [reader])
        assert isinstance(away.value, vault.KeyDoesNotOpen) or str(file) in away.value.hint
    assert "-W" in receipt.number
    aside.replace(file)
    assert optout.settle_waiting(here.first.workspace_id) == 1
