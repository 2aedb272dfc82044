"""Key files and the service behind them: what opens, what is refused in one sentence, what is never told."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.kit.key_service import a_service

from shodaku.kit import key_store, keys, runtime
from shodaku.kit.keys import KeyPurpose

NOBODY = 65534
SECRET = "what-the-program-said"


@pytest.fixture(autouse=True)
def no_service(monkeypatch):
    monkeypatch.delenv("SHODAKU_KMS_WRAP", raising=False)
    monkeypatch.delenv("SHODAKU_KMS_UNWRAP", raising=False)


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "keys"
    keys.create_missing(there)
    return there


def a_runtime(folder):
    return runtime.Runtime(folder, folder, "", "", "")


def told(fault):
    """Everything that a terminal, a log or a developer's traceback could show of it."""
    return "".join(traceback.format_exception(fault)) + fault.message + fault.hint


def test_each_purpose_gets_a_file_of_its_own_that_its_owner_alone_can_read(folder):
    assert {file.name for file in folder.iterdir()} == {f"{each.value}.1" for each in KeyPurpose}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o400}
    values = [keys.read_ring(folder, each).newest for each in KeyPurpose]
    assert {len(value) for value in values} == {keys.KEY_BYTES}
    assert len(set(values)) == len(values)
    assert keys.create_missing(folder) == []


def test_no_purpose_is_forgotten_when_keys_are_made():
    assert sorted(keys._MADE_IN_ORDER) == sorted(KeyPurpose)


@pytest.mark.parametrize("purpose", [KeyPurpose.PEPPER, KeyPurpose.KEK, KeyPurpose.LINK, KeyPurpose.HOLD])
def test_a_lost_key_is_not_made_anew_in_silence(folder, purpose):
    """A new pepper looks as well as the old one, and protects nobody."""
    (folder / f"{purpose.value}.1").unlink()
    assert keys.lost(folder) == [purpose]
    assert keys.create_missing(folder) == []
    with pytest.raises(keys.KeyMissing):
        keys.read_ring(folder, purpose)


@pytest.mark.parametrize(
    "purpose", [KeyPurpose.OUTBOX, KeyPurpose.COOKIE, KeyPurpose.FORM, KeyPurpose.LEDGER, KeyPurpose.DKIM]
)
def test_a_key_that_can_be_another_one_is_made_again(folder, purpose):
    (folder / f"{purpose.value}.1").unlink()
    assert keys.create_missing(folder) == [purpose]


def test_an_older_installation_gets_the_purposes_that_came_later(folder):
    later = [KeyPurpose.HOLD, KeyPurpose.LEDGER, KeyPurpose.BACKUP, KeyPurpose.DKIM]
    for purpose in later:
        (folder / f"{purpose.value}.1").unlink()
    assert keys.create_missing(folder) == later


def test_another_backup_key_may_be_made_for_what_comes_after_it(folder):
    """It protects nobody and proves nothing: only the older backups need the older one."""
    (folder / "backup.1").unlink()
    assert keys.lost(folder) == []
    assert keys.create_missing(folder) == [KeyPurpose.BACKUP]


@pytest.mark.parametrize("made", range(len(KeyPurpose)))
def test_a_first_start_that_was_cut_off_goes_on_where_it_ended(folder, made):
    for purpose in keys._MADE_IN_ORDER[made:]:
        (folder / f"{purpose.value}.1").unlink()
    assert keys.create_missing(folder) == list(keys._MADE_IN_ORDER[made:])


def missing(file):
    file.unlink()


def dangling(file):
    file.unlink()
    file.symlink_to(file.with_name("away"))


def a_directory(file):
    file.unlink()
    file.mkdir()


def empty(file):
    file.chmod(0o600)
    file.write_bytes(b"")
    file.chmod(0o400)


def too_short(file):
    file.chmod(0o600)
    file.write_bytes(bytes(range(65, 65 + keys.KEY_BYTES - 1)))
    file.chmod(0o400)


def too_long(file):
    file.chmod(0o600)
    file.write_bytes(b"k" * (key_store.FILE_BYTES_MAX + 1))
    file.chmod(0o400)


def exposed(mode):
    def expose(file):
        file.chmod(mode)

    expose.__name__ = f"mode_{mode:04o}"
    return expose


FAULTS = [
    (missing, keys.KeyMissing, "from your copy"),
    (dangling, keys.KeyMissing, "from your copy"),
    (a_directory, keys.KeyUnreadable, "is no file"),
    (empty, keys.KeyUnreadable, "holds 0 bytes"),
    (too_short, keys.KeyUnreadable, "holds 31 bytes, not 32"),
    (too_long, keys.KeyUnreadable, "holds 16385 bytes"),
    *((exposed(0o400 | bit), keys.KeyExposed, "chmod 400 ") for bit in (0o040, 0o020, 0o010, 0o4, 0o2, 0o1)),
]


@pytest.mark.parametrize(("spoil", "kind", "what_to_do"), FAULTS, ids=[each[0].__name__ for each in FAULTS])
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(folder, spoil, kind, what_to_do):
    file = folder / "kek.1"
    spoil(file)
    with pytest.raises(kind) as refused:
        keys.require(folder, [KeyPurpose.LINK, KeyPurpose.KEK])
    assert refused.value.exit_status == 3
    assert str(file) in refused.value.hint
    assert what_to_do in refused.value.hint
    keys.require(folder, [KeyPurpose.LINK])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(("name", "mode"), [("kek.1", 0o400), ("", 0o700)], ids=["the file", "the folder"])
def test_a_file_of_another_account_is_named_with_what_to_do(folder, name, mode):
    open_to_all = Path(tempfile.mkdtemp(prefix="shodaku-keys-"))
    open_to_all.chmod(0o755)
    there = open_to_all / "keys"
    shutil.copytree(folder, there)
    there.chmod(0o755 if name else mode)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(keys.KeyUnreadable) as refused:
            keys.read_ring(there, KeyPurpose.KEK)
    finally:
        os.seteuid(0)
        shutil.rmtree(open_to_all)
    assert str(there / name) in refused.value.hint
    assert "must belong to the account that shodaku runs as" in refused.value.hint


def test_without_a_folder_there_is_one_sentence_too(tmp_path):
    with pytest.raises(keys.KeyMissing) as refused:
        keys.read_ring(tmp_path / "nowhere", KeyPurpose.KEK)
    assert "shodaku init" in refused.value.hint
    (tmp_path / "a file").touch()
    with pytest.raises(keys.KeyUnreadable):
        keys.read_ring(tmp_path / "a file", KeyPurpose.KEK)


@pytest.mark.parametrize(
    "name", ["kek.1.bak", "kek.01", "kek.0", "kek.x", "kek.", ".kek.2.0a1b", "KEK.2", "kek.-1"]
)
def test_a_file_of_another_name_is_no_key(folder, name):
    shutil.copy(folder / "kek.1", folder / name)
    assert list(keys.read_ring(folder, KeyPurpose.KEK).epochs) == [1]


def test_epochs_are_counted_and_not_spelled(folder):
    for epoch in range(2, 12):
        keys.add_epoch(folder, KeyPurpose.KEK, epoch)
    ring = keys.read_ring(folder, KeyPurpose.KEK)
    assert ring.newest_epoch == 11
    assert len(set(ring.epochs.values())) == 11


def test_a_key_is_never_written_over(folder):
    before = keys.read_ring(folder, KeyPurpose.KEK).newest
    with pytest.raises(FileExistsError):
        keys.add_epoch(folder, KeyPurpose.KEK, 1)
    assert keys.read_ring(folder, KeyPurpose.KEK).newest == before
    assert [file.name for file in folder.iterdir() if file.name.startswith(".")] == []


def test_who_looks_while_a_key_is_written_sees_all_of_it_or_nothing(folder, monkeypatch):
    link, seen = os.link, []

    def looking(source, target):
        seen.append(keys.read_ring(folder, KeyPurpose.KEK))
        link(source, target)
        seen.append(keys.read_ring(folder, KeyPurpose.KEK))

    monkeypatch.setattr(os, "link", looking)
    keys.add_epoch(folder, KeyPurpose.KEK, 2)
    assert [list(ring.epochs) for ring in seen] == [[1], [1, 2]]


def test_with_a_destroyed_key_goes_what_a_killed_writer_left_of_it(folder):
    os.link(folder / "kek.1", folder / ".kek.1.0a1b2c3d")
    keys.add_epoch(folder, KeyPurpose.KEK, 2)
    assert keys.remove_epoch(folder, KeyPurpose.KEK, 1)
    assert not keys.remove_epoch(folder, KeyPurpose.KEK, 1)
    assert [file.name for file in folder.iterdir() if "kek" in file.name] == ["kek.2"]


def test_a_look_at_the_files_tells_faults_and_no_value(folder):
    keys.add_epoch(folder, KeyPurpose.KEK, 2)
    (folder / "kek.1").chmod(0o440)
    values = [file.read_bytes() for file in folder.iterdir()]
    found = keys.inspect(folder)
    assert [each.name for each in found][:3] == ["kek.1", "kek.2", "hold.1"]
    assert [(each.newest, each.wrapped, f"{each.mode:o}") for each in found[:2]] == [
        (False, False, "440"),
        (True, False, "400"),
    ]
    assert isinstance(found[0].fault, keys.KeyExposed)
    assert found[1].fault is None
    ring = keys.read_ring(folder, KeyPurpose.LINK)
    assert not any(repr(value) in f"{found} {ring} {a_runtime(folder)}" for value in values)


def test_a_new_epoch_reaches_a_running_process_at_once(folder):
    process = a_runtime(folder)
    assert process.ring(KeyPurpose.KEK) is process.ring(KeyPurpose.KEK)
    for epoch in range(2, 30):
        keys.add_epoch(folder, KeyPurpose.KEK, epoch)
        assert process.ring(KeyPurpose.KEK).newest_epoch == epoch
        keys.remove_epoch(folder, KeyPurpose.KEK, epoch - 1)
        assert list(process.ring(KeyPurpose.KEK).epochs) == [epoch]


def test_many_threads_see_whole_rings_while_keys_come_and_go(folder):
    process = a_runtime(folder)
    last = 40

    def look(_):
        seen = []
        while not seen or seen[-1] < last:
            seen.append(process.ring(KeyPurpose.KEK).newest_epoch)
        return seen == sorted(seen)

    with ThreadPoolExecutor(4) as pool:
        looking = pool.map(look, range(4))
        for epoch in range(2, last + 1):
            keys.add_epoch(folder, KeyPurpose.KEK, epoch)
        assert list(looking) == [True] * 4


def test_a_running_process_keeps_the_keys_that_it_has_when_files_are_spoiled(folder, monkeypatch, capsys):
    """Who wants to opt out is not turned away because of a chmod; a new process does not start."""
    monkeypatch.setattr(runtime, "AGAIN_SECONDS", 0.0)
    process = a_runtime(folder)
    before = process.ring(KeyPurpose.LINK)
    (folder / "link.1").chmod(0o444)
    keys.add_epoch(folder, KeyPurpose.KEK, 2)  # the folder has changed
    assert process.ring(KeyPurpose.LINK) is before
    assert (
        '"event": "key.not_read_again", "purpose": "link", "code": "key_exposed"' in capsys.readouterr().err
    )
    with pytest.raises(keys.KeyExposed):
        a_runtime(folder).ring(KeyPurpose.LINK)
    (folder / "link.1").chmod(0o400)
    assert process.ring(KeyPurpose.LINK).epochs == before.epochs
    assert capsys.readouterr().err == ""


def test_a_folder_that_is_away_is_asked_again_only_after_a_while(folder, capsys):
    process = a_runtime(folder)
    before = process.ring(KeyPurpose.KEK)
    folder.rename(folder.with_name("away"))
    assert [process.ring(KeyPurpose.KEK) for _ in range(10)] == [before] * 10
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.fixture
def service(tmp_path, monkeypatch):
    made = a_service(tmp_path)
    made.named(monkeypatch)
    return made


def test_with_a_service_the_files_hold_what_it_wrapped_and_the_key_is_in_memory_alone(service, tmp_path):
    folder = tmp_path / "keys"
    keys.create_missing(folder)
    on_disk = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for purpose in KeyPurpose:
        key = keys.read_ring(folder, purpose).newest
        assert len(key) == keys.KEY_BYTES
        assert key not in on_disk
    assert {each.wrapped for each in keys.inspect(folder)} == {True}


def test_the_service_is_asked_once_a_file_and_not_once_a_person(service, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    for epoch in (1, 2):
        keys.add_epoch(folder, KeyPurpose.KEK, epoch)
    before = service.calls.count("unwrap")
    process = a_runtime(folder)
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda _: process.ring(KeyPurpose.KEK), range(40)))
    keys.require(folder, [KeyPurpose.KEK])
    assert {len(ring.epochs) for ring in rings} == {2}
    assert service.calls.count("unwrap") - before == 2
    keys.add_epoch(folder, KeyPurpose.KEK, 3)
    before = service.calls.count("unwrap")
    assert process.ring(KeyPurpose.KEK).newest_epoch == 3
    assert service.calls.count("unwrap") - before == 1


def test_a_destroyed_key_leaves_the_memory_of_the_store(service, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    for epoch in (1, 2):
        keys.add_epoch(folder, KeyPurpose.KEK, epoch)
    gone = keys.read_ring(folder, KeyPurpose.KEK).epochs[1]
    keys.remove_epoch(folder, KeyPurpose.KEK, 1)
    keys.read_ring(folder, KeyPurpose.KEK)
    assert gone not in [key for _, key in key_store.from_environment()._opened.values()]


def test_keys_from_before_the_service_work_and_can_be_put_under_it(folder, tmp_path, monkeypatch):
    before = {each: keys.read_ring(folder, each).newest for each in KeyPurpose}
    made_at = {each.name: each.made_at for each in keys.inspect(folder)}
    with pytest.raises(keys.NoKeyService):
        keys.wrap_plain(folder)
    a_service(tmp_path).named(monkeypatch)
    assert {each: keys.read_ring(folder, each).newest for each in KeyPurpose} == before
    process = a_runtime(folder)
    process.ring(KeyPurpose.KEK)
    assert keys.wrap_plain(folder) == sorted(f"{each.value}.1" for each in KeyPurpose)
    assert keys.wrap_plain(folder) == []
    assert {each: keys.read_ring(folder, each).newest for each in KeyPurpose} == before
    assert process.ring(KeyPurpose.KEK).newest == before[KeyPurpose.KEK]
    assert {each.name: each.made_at for each in keys.inspect(folder)} == made_at
    assert {each.mode for each in keys.inspect(folder)} == {0o400}
    held = [file.read_bytes() for file in folder.iterdir()]
    assert not any(value in held for value in before.values())


def test_without_the_service_what_it_wrapped_is_refused_with_what_to_do(service, tmp_path, monkeypatch):
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.add_epoch(folder, KeyPurpose.KEK, 1)
    monkeypatch.delenv("SHODAKU_KMS_UNWRAP")
    monkeypatch.delenv("SHODAKU_KMS_WRAP")
    with pytest.raises(keys.KeyUnreadable) as refused:
        keys.read_ring(folder, KeyPurpose.KEK)
    assert "SHODAKU_KMS_UNWRAP" in refused.value.hint


def python(code):
    return shlex.join([sys.executable, "-I", "-S", "-c", code])


SAYS = f"import sys; sys.stdout.write({SECRET!r}); sys.stderr.write({SECRET!r}); sys.stdout.flush(); "
FAILING = [
    (python(SAYS + "sys.exit(7)"), "ended with status 7"),
    (python(SAYS + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), "ended with status -9"),
    (python(SAYS + "sys.stdout.close(); import signal; signal.pause()"), "gave no answer within"),
    (python(SAYS), "gave no 32 bytes"),
    (python("import sys; sys.stdin.read()"), "wrote nothing"),
    ("/nonexistent/program", "cannot be started"),
    ("/", "cannot be started"),
]


@pytest.mark.parametrize(("command", "why"), FAILING, ids=[why for _, why in FAILING[:-1]] + ["a folder"])
def test_a_service_that_fails_is_told_in_one_sentence_that_names_the_file_and_nothing_it_said(
    service, tmp_path, monkeypatch, command, why
):
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.add_epoch(folder, KeyPurpose.KEK, 1)
    monkeypatch.setattr(key_store, "ANSWER_SECONDS_MAX", 0.5 if "within" in why else 10.0)
    monkeypatch.setenv("SHODAKU_KMS_UNWRAP", command)
    with pytest.raises(keys.KeyServiceFailed) as failed:
        keys.read_ring(folder, KeyPurpose.KEK)
    assert failed.value.exit_status == 3
    assert str(folder / "kek.1") in failed.value.message
    assert failed.value.hint.startswith("SHODAKU_KMS_UNWRAP ")
    assert why in failed.value.hint
    assert SECRET not in told(failed.value)
    assert failed.value.__context__ is None


def test_a_changed_file_does_not_open_and_its_content_is_not_told(service, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.add_epoch(folder, KeyPurpose.KEK, 1)
    file = folder / "kek.1"
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    file.chmod(0o400)
    with pytest.raises(keys.KeyServiceFailed) as failed:
        keys.read_ring(folder, KeyPurpose.KEK)
    assert bytes(content).hex() not in told(failed.value)


@pytest.mark.parametrize(
    ("wrapping", "why"),
    [
        (python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"), "wrote 32 bytes"),
        (python("import sys; sys.stdout.buffer.write(b'k' * 16385)"), "wrote 16385 bytes"),
        (python("print('no key at all')"), "SHODAKU_KMS_UNWRAP ended with status 1"),
        (python("import sys; sys.exit(1)"), "SHODAKU_KMS_WRAP ended with status 1"),
    ],
    ids=["wraps nothing", "too long", "wraps what it cannot open", "fails"],
)
def test_a_key_that_the_service_would_lose_is_never_made(service, tmp_path, monkeypatch, wrapping, why):
    folder = tmp_path / "keys"
    folder.mkdir()
    monkeypatch.setenv("SHODAKU_KMS_WRAP", wrapping)
    with pytest.raises(keys.KeyServiceFailed) as failed:
        keys.add_epoch(folder, KeyPurpose.KEK, 1)
    assert why in failed.value.hint
    assert list(folder.iterdir()) == []


def test_a_service_that_opens_another_key_than_it_wrapped_is_refused(service, tmp_path, monkeypatch):
    folder = tmp_path / "keys"
    folder.mkdir()
    monkeypatch.setenv("SHODAKU_KMS_UNWRAP", python("import sys; sys.stdout.buffer.write(b'k' * 32)"))
    with pytest.raises(keys.KeyServiceFailed) as failed:
        keys.add_epoch(folder, KeyPurpose.KEK, 1)
    assert failed.value.hint == "SHODAKU_KMS_UNWRAP does not open what SHODAKU_KMS_WRAP wraps"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ({"SHODAKU_KMS_WRAP": "cat"}, "SHODAKU_KMS_UNWRAP too"),
        ({"SHODAKU_KMS_UNWRAP": "cat"}, "SHODAKU_KMS_WRAP too"),
        ({"SHODAKU_KMS_UNWRAP": "cat 'x"}, "SHODAKU_KMS_UNWRAP: quotation marks"),
        ({"SHODAKU_KMS_UNWRAP": "cat", "SHODAKU_KMS_WRAP": 'cat "'}, "SHODAKU_KMS_WRAP: quotation marks"),
    ],
)
def test_a_service_named_by_halves_is_wrong_use_before_a_key_is_made(tmp_path, monkeypatch, named, hint):
    for name, command in named.items():
        monkeypatch.setenv(name, command)
    with pytest.raises(keys.KeyServiceUnset) as refused:
        keys.create_missing(tmp_path / "keys")
    assert refused.value.exit_status == 2
    assert refused.value.hint.startswith(hint)
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_command_line_is_no_shell_script(service, tmp_path, monkeypatch):
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.add_epoch(folder, KeyPurpose.KEK, 1)
    monkeypatch.setenv(
        "SHODAKU_KMS_UNWRAP", f"{service.unwrap} ; touch {tmp_path}/harm $(touch {tmp_path}/harm)"
    )
    keys.read_ring(folder, KeyPurpose.KEK)
    assert not (tmp_path / "harm").exists()
