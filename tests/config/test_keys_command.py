"""`shodaku keys`, and what starts or does not start without its keys."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import timedelta

import pytest
from tests.kit.key_service import a_service
from tests.ledger.vaults import an_own_vault, another_process
from tests.people import a_shop

from shodaku.accounts import selectors as accounts
from shodaku.config import bind, cli, key_report, worker
from shodaku.config.commands import doctor_command, init_command, serve_command
from shodaku.config.key_report import AGE_DAYS_MAX, PROMISED
from shodaku.kit import clock, keys, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import rotation, selectors, services, vault, weekly_keys

NOW = clock.now()
KEK = KeyPurpose.KEK


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of an installation without a database."""
    monkeypatch.setenv("SHODAKU_KEYS", str(tmp_path / "keys"))
    keys.create_missing(tmp_path / "keys")
    return tmp_path / "keys"


def started(*arguments, capsys):
    status = cli.main(arguments)
    return status, capsys.readouterr().err


def missing(file):
    file.unlink()


def a_directory(file):
    file.unlink()
    file.mkdir()


def empty(file):
    file.unlink()
    keys.write_secret(file, b"")


def exposed(file):
    file.chmod(0o440)


PROCESSES = [
    (("serve",), serve_command.NEEDED),
    *((("worker", "--plane", plane.value), worker.NEEDED[plane]) for plane in worker.Plane),
]


@pytest.mark.parametrize("spoil", [missing, a_directory, empty, exposed])
@pytest.mark.parametrize(
    ("process", "purpose"),
    [(process, purpose) for process, needed in PROCESSES for purpose in needed],
    ids=lambda value: value.value if isinstance(value, KeyPurpose) else " ".join(value),
)
def test_a_process_without_a_key_that_it_needs_does_not_start_and_names_the_file(
    folder, capsys, process, purpose, spoil
):
    file = folder / f"{purpose.value}.1"
    spoil(file)
    status, said = started(*process, capsys=capsys)
    assert status == 3
    assert re.match(r"shodaku: A key file (is missing|cannot be read|can be read by others); sending", said)
    assert str(file) in said
    assert ("chmod 400 " if spoil is exposed else "from your copy") in said
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("process", [process for process, _ in PROCESSES], ids=" ".join)
def test_a_process_whose_key_service_is_away_does_not_start(folder, capsys, monkeypatch, tmp_path, process):
    service = a_service(tmp_path)
    service.named(monkeypatch)
    keys.wrap_plain(folder)
    monkeypatch.setenv("SHODAKU_KMS_UNWRAP", "/nonexistent/program")
    status, said = started(*process, capsys=capsys)
    assert status == 3
    assert said.startswith(f"shodaku: The key service gave no usable answer for {folder}/")
    assert "SHODAKU_KMS_UNWRAP cannot be started" in said


class Reached(Exception):
    pass


@pytest.fixture
def reached(monkeypatch):
    """Everything after the keys were looked at."""

    def stop():
        raise Reached

    monkeypatch.setattr(bind, "start_command", stop)


@pytest.mark.parametrize("purpose", [each for each in KeyPurpose if each not in serve_command.NEEDED])
def test_the_door_to_opt_out_opens_without_the_keys_of_evidence(folder, capsys, reached, purpose):
    """F63: nothing is sent and nothing agreed to, but a no is taken."""
    (folder / f"{purpose.value}.1").unlink()
    with pytest.raises(Reached):
        serve_command.run(None)
    said = capsys.readouterr().err
    told = f'"event": "key.away", "purpose": "{purpose.value}", "code": "key_missing"'
    assert (told in said) == (purpose in serve_command.USED)
    assert (f"{folder}/{purpose.value}.1: from your copy" in said) == (purpose in serve_command.USED)


def test_init_does_not_make_a_lost_key_anew_and_says_so(folder, capsys):
    (folder / "pepper.1").unlink()
    (folder / "form.1").unlink()
    assert init_command.run(None) == 0
    said = capsys.readouterr().out
    assert f"Lost, and not made anew: put {folder}/pepper.1 and later ones back from your copy" in said
    assert "form made" in said
    assert not (folder / "pepper.1").exists()


@pytest.fixture
def here(database, tmp_path, monkeypatch):
    """An installation with one shop, its vault and its keys."""
    with an_own_vault(database, tmp_path) as folder:
        shop = a_shop()
        mine = accounts.workspace(shop.workspace_id)
        monkeypatch.setattr(rotation.accounts, "workspaces", lambda: [mine])
        for name in ("start", "start_command"):
            monkeypatch.setattr(bind, name, lambda: None)
        monkeypatch.setattr(cli.environment, "load", lambda: None)
        vault.ensure(shop.workspace_id, [1, 2, 3])
        yield folder


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = cli.main(["keys", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def aged(folder, name, days):
    at = (NOW - timedelta(days=days, hours=1)).timestamp()
    os.utime(folder / name, (at, at))


def listed(run, *arguments):
    status, out, _ = run("--json", *arguments)
    return status, {each["file"]: each for each in json.loads(out)}


def test_the_list_has_a_line_for_each_file(here, run):
    aged(here, "kek.1", 8)
    status, out, _ = run()
    assert status == 0
    assert out.splitlines()[0].split() == ["file", "state", "days", "mode", "holds", "keys", "to", "do"]
    assert [line.split()[0] for line in out.splitlines()[1:]] == [f"{each.value}.1" for each in KeyPurpose]
    assert next(line for line in out.splitlines() if line.startswith("kek")).split() == [
        *("kek.1", "newest", "8", "0400", "plain", "3")
    ]
    assert run("list") == (0, out, "")


def test_the_list_for_programs_says_the_same(here, run):
    aged(here, "hold.1", 3)
    status, files = listed(run)
    assert status == 0
    assert files["hold.1"] == {
        "file": "hold.1",
        "purpose": "hold",
        "epoch": 1,
        "state": "newest",
        "age_days": 3,
        "mode": "0400",
        "wrapped": False,
        "keys": 0,
        "advice": "",
        "urgent": False,
    }
    assert files["link.1"]["keys"] is None
    assert json.loads(run("list", "--json")[1]) == list(files.values())


@pytest.mark.parametrize(("purpose", "days"), AGE_DAYS_MAX.items())
def test_a_key_is_told_to_be_rotated_when_it_is_too_old_and_not_a_day_before(here, run, purpose, days):
    aged(here, f"{purpose.value}.1", days)
    assert listed(run)[0] == 0
    aged(here, f"{purpose.value}.1", days + 1)
    status, files = listed(run)
    assert status == 1
    told = files[f"{purpose.value}.1"]
    assert told["urgent"]
    assert told["advice"].partition("; ")[0] == f"shodaku keys rotate {purpose.value}"
    assert (PROMISED in told["advice"]) == (purpose is KEK)
    assert f"MEND shodaku keys rotate {purpose.value}" in run()[1]


@pytest.mark.parametrize("purpose", [each for each in KeyPurpose if each not in AGE_DAYS_MAX])
def test_of_other_keys_no_age_is_complained_about(here, run, purpose):
    aged(here, f"{purpose.value}.1", 4000)
    assert listed(run)[0] == 0


def test_a_spoiled_and_a_missing_file_are_told_with_what_to_do(here, run):
    exposed(here / "kek.1")
    (here / "pepper.1").unlink()
    status, files = listed(run)
    assert status == 1
    assert files["kek.1"]["advice"] == f"chmod 400 {here}/kek.1"
    assert files["kek.1"]["mode"] == "0440"
    assert files["pepper.1"]["state"] == "missing"
    assert files["pepper.1"]["advice"].startswith("put it back from your copy")
    assert "pepper.1  missing  -" in run()[1]


def test_a_rotation_says_what_to_copy_and_what_may_end_when(here, run):
    status, out, err = run("rotate", "kek")
    assert status == 0
    first, count, copy, ending = out.splitlines()
    assert first == "kek.2 is the newest key now, and each ledger says so."
    assert count == "Keys wrapped anew: 3"
    assert copy == f"Keep a copy of {here}/kek.2 offline, away from every database backup."
    assert re.fullmatch(r"From \d{4}-\d\d-\d\d on: shodaku keys destroy kek\.1", ending)
    assert "Traceback" not in err


def test_a_rotation_of_a_key_that_wraps_nothing_counts_nothing(here, run):
    assert run("rotate", "form")[1] == "form.2 is the newest key now, and each ledger says so.\n"
    assert run("rotate", "link")[1].splitlines()[1:] == [
        f"Keep a copy of {here}/link.2 offline, away from every database backup."
    ]


def test_an_old_key_is_listed_with_the_day_of_its_end_and_then_ended(here, run):
    run("rotate", "kek")
    assert re.fullmatch(r"may end from \d{4}-\d\d-\d\d on", listed(run)[1]["kek.1"]["advice"])
    status, _, err = run("destroy", "kek.1")
    assert (status, err.splitlines()[0]) == (
        1,
        "shodaku: The key that followed is too young; --now ends the older one all the same.",
    )
    assert run("destroy", "kek")[1] == "No kek file may end yet.\n"
    aged(here, "kek.2", 7)
    status, files = listed(run)
    assert (status, files["kek.1"]["advice"], files["kek.1"]["keys"]) == (0, "shodaku keys destroy kek.1", 0)
    assert run("destroy", "kek")[:2] == (
        0,
        "kek.1 has ended: the file is gone, and each ledger says so.\nDestroy the offline copies too.\n",
    )
    assert "kek.1" not in listed(run)[1]


def test_an_old_key_that_still_wraps_something_is_to_be_rotated_once_more(here, run, tmp_path):
    shutil.copytree(here, tmp_path / "behind")
    run("rotate", "kek")
    with runtime.replaced(another_process(keys=tmp_path / "behind")):
        vault.ensure(accounts.workspaces()[0].workspace_id, [77])
    status, files = listed(run)
    assert (status, files["kek.1"]["keys"], files["kek.1"]["advice"]) == (0, 1, "shodaku keys rotate kek")
    status, _, err = run("destroy", "kek.1", "--now")
    assert status == 1
    assert "Keys are still wrapped under this file" in err


def test_a_key_may_be_ended_before_its_time_on_request(here, run):
    run("rotate", "hold")
    assert run("destroy", "hold.1", "--now")[0] == 0
    assert sorted(rotation.files_of(KeyPurpose.HOLD)) == [2]


def test_keys_that_stayed_behind_make_a_rotation_end_with_status_1(here, run):
    (here / "kek.1").rename(here / "kek.1.aside")
    keys.add_epoch(here, KEK, 2)
    workspace_id = accounts.workspaces()[0].workspace_id
    vault.destroy(workspace_id, 0)
    status, out, _ = run("rotate", "kek")
    assert status == 1
    assert out.splitlines()[-1] == "3 keys stay as they are: their key file is away, or they do not open."


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("rotate", "cookie"), 2, "The cookie key has one epoch"),
        (("destroy", "link.1"), 2, "A file of this purpose is never destroyed"),
        (("destroy", "link"), 2, "A file of this purpose is never destroyed"),
        (("destroy", "kek.1"), 1, "The newest key of its kind cannot end"),
        (("destroy", "kek.9"), 2, "No key file has this name."),
        (("destroy", "kek.0"), 2, "A key file is named by its purpose and its number"),
        (("destroy", "../kek.1"), 2, "A key file is named by its purpose and its number"),
        (("destroy", "kek", "--now"), 2, "A key file is named by its purpose and its number"),
        (("wrap",), 2, "No key service is named"),
    ],
)
def test_what_is_refused_is_refused_in_one_sentence_and_changes_nothing(
    here, run, arguments, status, sentence
):
    before = sorted(file.name for file in here.iterdir())
    found, _, err = run(*arguments)
    assert found == status
    assert err.startswith(f"shodaku: {sentence}")
    assert sorted(file.name for file in here.iterdir()) == before


def test_without_the_vault_the_files_are_listed_and_nothing_is_counted(here, run):
    away = another_process(vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        status, files = listed(run)
        assert (status, files["kek.1"]["keys"]) == (0, None)
        assert run("rotate", "kek")[0] == 3
    with runtime.replaced(another_process(vault_url="")):
        assert listed(run)[1]["kek.1"]["keys"] is None


def test_keys_from_before_a_key_service_are_put_under_it(here, run, tmp_path, monkeypatch):
    a_service(tmp_path).named(monkeypatch)
    assert listed(run)[1]["kek.1"]["advice"] == "shodaku keys wrap"
    status, out, _ = run("wrap")
    assert (status, "kek.1" in out) == (0, True)
    assert listed(run)[1]["kek.1"]["wrapped"] is True
    assert run("wrap")[1].splitlines()[0] == "Wrapped by the key service: all of them already"
    assert run("rotate", "kek")[0] == 0


def acts():
    workspace = accounts.workspaces()[0].workspace_id
    history = selectors.history(workspace, services.INSTALLATION)
    return [each.fields for each in history if each.kind == "admin.keys.wrapped"]


def test_that_keys_were_put_under_a_service_stands_in_each_ledger_once(here, run, tmp_path, monkeypatch):
    a_service(tmp_path).named(monkeypatch)
    assert run("wrap")[:2][1].splitlines()[1:] == ["Each ledger says so."]
    for _ in range(2):
        assert run("wrap")[0] == 0
    (said,) = acts()
    assert said["by"] == "command line"
    assert sorted(said["files"]) == sorted(f"{each.value}.1" for each in KeyPurpose)
    assert not any((here / name).read_bytes().hex() in str(said) for name in said["files"])


def test_what_was_wrapped_while_no_ledger_could_say_so_is_told_by_the_next_call(
    here, run, tmp_path, monkeypatch
):
    a_service(tmp_path).named(monkeypatch)
    away = another_process(vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        status, out, _ = run("wrap")
    assert (status, out.splitlines()[1].partition(";")[0]) == (1, "No ledger says so yet")
    assert all(each["wrapped"] for each in listed(run)[1].values())
    assert acts() == []
    assert run("wrap")[0] == 0
    assert len(acts()) == 1


@pytest.mark.parametrize(("days", "presses"), [(8, False), (9, True)])
def test_an_old_kek_that_is_still_there_two_days_after_its_day_presses(here, run, days, presses):
    run("rotate", "kek")
    aged(here, "kek.2", days)
    keys.add_epoch(here, KEK, 3)
    aged(here, "kek.3", 1)
    status, files = listed(run)
    assert (status, files["kek.1"]["urgent"]) == (int(presses), presses)
    assert files["kek.1"]["advice"].partition("; ")[0] == "shodaku keys destroy kek.1"
    assert (PROMISED in files["kek.1"]["advice"]) == presses


def test_an_old_hold_key_that_is_still_there_does_not_press(here, run):
    run("rotate", "hold")
    aged(here, "hold.2", 60)
    assert listed(run)[0] == 0


def unwritable(folder, monkeypatch):
    """Also for root, who may write into any folder: the file system is mounted to be read."""
    may = os.access
    monkeypatch.setattr(
        weekly_keys.os, "access", lambda path, mode, **said: not mode & os.W_OK and may(path, mode, **said)
    )
    return "not by itself: the folder of keys cannot be written to here"


def no_wrapper(folder, monkeypatch):
    monkeypatch.setenv("SHODAKU_KMS_UNWRAP", "/bin/cat")
    return "not by itself: SHODAKU_KMS_WRAP names no program here"


def made_elsewhere(folder, monkeypatch):
    run_away = folder / "kek.2"
    rotation.rotate(KEK, by="test", now=NOW)
    run_away.unlink()
    return "not by itself: the newest key is on another machine"


@pytest.mark.parametrize("hindered", [unwritable, no_wrapper, made_elsewhere])
def test_where_the_weekly_rotation_cannot_be_made_the_list_says_so_and_later_presses(
    here, run, monkeypatch, hindered
):
    monkeypatch.setenv("SHODAKU_KEY_ROTATION", "weekly")
    why = hindered(here, monkeypatch)
    aged(here, "kek.1", 8)
    status, files = listed(run)
    assert (status, files["kek.1"]["advice"]) == (0, why)
    aged(here, "kek.1", 9)
    status, files = listed(run)
    assert (status, files["kek.1"]["advice"]) == (1, f"shodaku keys rotate kek; {why}; {PROMISED}")


def test_a_rhythm_that_nobody_knows_is_refused_in_one_sentence(here, run, monkeypatch):
    monkeypatch.setenv("SHODAKU_KEY_ROTATION", "sometimes")
    status, _, err = run()
    assert (status, err.splitlines()[0]) == (2, "shodaku: SHODAKU_KEY_ROTATION is weekly or manual.")
    assert not doctors_line().well


def doctors_line():
    return doctor_command._look("keys", doctor_command._keys)


def test_the_doctor_says_in_one_line_how_the_keys_are(here, tmp_path, monkeypatch):
    aged(here, "kek.1", 8)
    found = doctors_line()
    assert (found.well, found.detail) == (True, "10 files, kek.1 8 days, hold.1 0 days, link.1 0 days")
    aged(here, "kek.1", 9)
    exposed(here / "form.1")
    found = doctors_line()
    assert (found.well, found.detail) == (
        False,
        f"kek.1: shodaku keys rotate kek; {PROMISED}; form.1: chmod 400 {here}/form.1",
    )


def test_the_doctor_asks_the_key_service_too(here, tmp_path, monkeypatch):
    service = a_service(tmp_path)
    service.named(monkeypatch)
    keys.wrap_plain(here)
    assert doctors_line().well
    monkeypatch.setenv("SHODAKU_KMS_UNWRAP", "/nonexistent/program")
    found = doctors_line()
    assert not found.well
    assert "The key service gave no usable answer for" in found.detail


def test_no_list_and_no_line_of_the_doctor_holds_a_key(here, run):
    held = [file.read_bytes() for file in here.iterdir()]
    said = f"{run()} {run('--json')} {doctors_line()} {key_report.here(NOW)}"
    assert not any(value.hex() in said or repr(value) in said for value in held)
