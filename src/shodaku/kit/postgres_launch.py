"""Command lines of the embedded PostgreSQL, and what it says when it refuses to start."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from shodaku.kit import memory
from shodaku.kit import postgres_folder as folders
from shodaku.kit import postgres_process as processes
from shodaku.kit import postgres_roles as roles
from shodaku.kit.errors import OutOfReach
from shodaku.kit.postgres_binaries import Account, Binaries
from shodaku.kit.postgres_folder import DiskFull, Folder

LOG_BYTES_MAX = 8_000_000
BUFFERS_MIB_MIN = 128
BUFFERS_MIB_MAX = 512  # the indexes of a million contacts; more made a list of them no quicker

# what an operator may change in postgresql.conf
DEFAULTS = {
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# what nobody may: said on the command line, which wins over every file
INSISTED = {
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # an error repeats values that people typed: it goes to the program that caused it, not into a file
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class PortTaken(OutOfReach):
    """The port of the database is used by another program."""

    code = "postgres_port_taken"


class Unadoptable(OutOfReach):
    """A process that shodaku did not start holds the files of the database."""

    code = "postgres_unadoptable"


class DidNotStart(OutOfReach):
    """PostgreSQL did not start."""

    code = "postgres_did_not_start"


def initialise(account: Account, binaries: Binaries, folder: Folder, password: str) -> None:
    """Beside its later place, then renamed: what is called "data" is whole, what is not holds nothing yet."""
    waiting = folder.path / "data.new"
    if waiting.exists():
        shutil.rmtree(waiting)
    waiting.mkdir(mode=0o700)
    account.give(waiting)
    password_file = folder.path / "superuser-password"
    folders.replace(password_file, password + "\n", mode=0o600)
    try:
        account.give(password_file)
        done = account.run(_initdb(binaries, waiting, password_file))
    finally:
        password_file.unlink()
    if done.returncode != 0:
        shutil.rmtree(waiting)
        raise failure(done.stdout, folder)
    folders.move(waiting, folder.data)


def buffers_mib(memory_bytes: int) -> int:
    """An eighth of the memory, so that everything else has its place: 128 MiB up to 1 GiB of it,
    512 MiB from 4 GiB on. A list of a million comes in a sixth quicker with the second than with the first.
    """
    return min(max(memory_bytes >> 23, BUFFERS_MIB_MIN), BUFFERS_MIB_MAX)


def _initdb(binaries: Binaries, data: Path, password_file: Path) -> list[str | Path]:
    """The C.UTF-8 of the C library: without its letters pg_trgm finds no trigram in Japanese."""
    chosen = {**DEFAULTS, "shared_buffers": f"{buffers_mib(memory.usable_bytes())}MB"}
    settings = [word for name, value in chosen.items() for word in ("--set", f"{name}={value}")]
    # one call for the whole file system instead of one per file: initdb takes 1.4-2.2 s, not 5.3 (ext4)
    sync = ["--sync-method=syncfs"] if sys.platform == "linux" else []
    identity: list[str | Path] = ["-U", roles.SUPERUSER, "-A", "scram-sha-256", "--pwfile", password_file]
    text = ["-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
    return [binaries.initdb, "-D", data, *identity, *text, *settings, *sync]


def command(binaries: Binaries, folder: Folder, port: int, sockets: Path) -> list[str | Path]:
    own = {
        "port": str(port),
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "hba_file": str(folder.host_rules),
    }
    settings = [word for name, value in {**INSISTED, **own}.items() for word in ("-c", f"{name}={value}")]
    return [binaries.postgres, "-D", folder.data, *settings]


def turn_log(log: Path) -> int:
    """Put a long log aside; the length of the one that is written on."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_name(f"{log.name}.1"))
    log.touch(mode=0o600)
    return log.stat().st_size


def said_since(log: Path, length: int) -> str:
    with log.open("rb") as source:
        source.seek(length)
        return source.read().decode(errors="replace")


def failure(said: str, folder: Folder, port: int | None = None) -> OutOfReach:
    """What PostgreSQL wrote before it gave up, in our words; its own are English, whatever the locale."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(hint=f"make room on the disk of {folder.path}")
    if "could not create any TCP/IP sockets" in said:
        return PortTaken(
            hint=f'stop the program on port {port}, or write another "port" into {folder.access}'
        )
    if 'lock file "postmaster.pid"' in said:
        return Unadoptable(hint=_holder(folder.data))
    lines = [line for line in said.splitlines() if line.strip()]
    return DidNotStart(hint=lines[-1] if lines else f"look into {folder.log}")


def _holder(data: Path) -> str:
    """We never remove the file: only a human can tell a PostgreSQL of elsewhere from a number used again."""
    written = processes.read_pid_file(data)
    number = f"process {written.pid}" if written else "the process"
    return f"{number} is named in {data}/postmaster.pid: stop it, or if it is no PostgreSQL, remove that file"
