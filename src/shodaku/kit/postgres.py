"""Supervisor of the embedded PostgreSQL: makes it, starts or adopts it, stops it (DEPENDENCIES section 3)."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from shodaku.kit import postgres_binaries as programs
from shodaku.kit import postgres_folder as folders
from shodaku.kit import postgres_launch as launch
from shodaku.kit import postgres_process as processes
from shodaku.kit import postgres_roles as roles
from shodaku.kit.errors import OutOfReach
from shodaku.kit.postgres_binaries import Account, Binaries
from shodaku.kit.postgres_folder import Access, AccessLost, DiskFull, Folder
from shodaku.kit.postgres_launch import DidNotStart, PortTaken
from shodaku.kit.postgres_process import PidFile, Postmaster

READY_SECONDS_MAX = 600.0  # recovery after a crash reads up to max_wal_size, 1 GB
ANSWER_SECONDS_MAX = 5
SHUTDOWN_SECONDS_MAX = 10.0  # in which sessions of a killed postmaster notice that it is gone
# below the range from which the kernel takes source ports of outgoing connections (32768 upwards on Linux):
# a port out of it may be taken at the next start by any program that just connects somewhere
PORTS = range(20_000, 32_000)


class Deaf(OutOfReach):
    """PostgreSQL runs on the database folder but does not answer."""

    code = "postgres_deaf"


class NotRunning(OutOfReach):
    """PostgreSQL is not running."""

    code = "postgres_not_running"


@dataclass(frozen=True, slots=True)
class Databases:
    """Connection strings, with passwords in them; over TCP, which reaches whatever account asks."""

    owner: str = field(repr=False)  # owns "shodaku" and migrates it
    application: str = field(repr=False)  # works in "shodaku", owns nothing
    vault: str = field(repr=False)  # owns "vault", alone in it


class Postgres:
    """One PostgreSQL in one folder; `with Postgres(folder) as databases:` or start and stop.

    `port` is for this start; without it the one of the first start is used again. `run_as` is asked only when
    we are root.
    """

    def __init__(self, folder: Path, *, port: int | None = None, run_as: str | None = None) -> None:
        self._folder = Folder(folder)
        self._port = port
        self._run_as = run_as
        self._lock: int | None = None
        self._postmaster: Postmaster | None = None
        self._short_folder: Path | None = None  # of the socket, where the folder's own path is too long

    def __enter__(self) -> Databases:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Of the postmaster while it runs."""
        return self._postmaster.pid if self._postmaster is not None and self._postmaster.alive() else None

    def start(self) -> Databases:
        """Create what is missing, start or adopt the server; safe to repeat, also after the server died.

        Raises the named errors of this module, postgres_folder, postgres_binaries and postgres_process.
        """
        try:
            with folders.named_errors(self._folder.path):
                return self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started or adopted; nothing happens when nothing runs. Raises DoesNotStop."""
        try:
            if self._postmaster is not None:
                processes.stop(self._postmaster)
                self._postmaster = None
        finally:
            if self._short_folder is not None:
                shutil.rmtree(self._short_folder, ignore_errors=True)  # after a crash a socket is left in it
            if self._lock is not None:
                os.close(self._lock)
            self._lock = self._short_folder = None

    def facts(self) -> Mapping[str, str]:
        """version, folder, size, last_checkpoint; also of a server that another process supervises.

        Raises NotRunning, AccessLost, FolderUnusable.
        """
        with folders.named_errors(self._folder.path):
            access = folders.read_access(self._folder)
            written = processes.read_pid_file(self._folder.data)
        if access is None or written is None:
            raise NotRunning(hint="shodaku up")
        try:
            with _connect(written, access, roles.SUPERUSER) as connection:
                return {"folder": str(self._folder.path), **roles.facts(connection)}
        except psycopg.OperationalError as error:
            raise NotRunning(hint="shodaku up") from error

    def _start(self) -> Databases:
        account = programs.unprivileged(self._run_as)
        self._folder = folders.prepare(self._folder.path.resolve(), account)
        if self._lock is None:
            self._lock = folders.lock(self._folder)
        binaries = programs.find(account, self._folder.binaries)
        access = folders.read_access(self._folder)
        if access is not None and self.pid is None:
            self._postmaster = _adopt(binaries, self._folder, access)
        if access is None or self._postmaster is None:
            access = self._make(account, binaries, access)
            self._run(account, binaries, access.port if self._port is None else self._port)
        written = processes.read_pid_file(self._folder.data)
        if written is None:
            raise DidNotStart(hint=str(self._folder.log))
        _create_roles(written, access, self._folder)
        return _databases(written.port, access.passwords)

    def _make(self, account: Account, binaries: Binaries, access: Access | None) -> Access:
        """An empty database, unless there is one: passwords first, then the files they open."""
        folders.require_space(self._folder)
        if access is None:
            names = (roles.SUPERUSER, *roles.ROLES)
            passwords = {name: secrets.token_urlsafe(32) for name in names}
            access = Access(_free_port() if self._port is None else self._port, passwords)
            folders.write_access(self._folder, access)
        if not self._folder.data.exists():
            launch.initialise(account, binaries, self._folder, access.passwords[roles.SUPERUSER])
        folders.check_version(self._folder, binaries)
        return access

    def _run(self, account: Account, binaries: Binaries, port: int) -> None:
        """Until it is ready. A killed postmaster's sessions may hold its shared memory a moment longer."""
        folders.replace(self._folder.host_rules, roles.HOST_RULES, mode=0o644)
        sockets = self._short_folder or folders.socket_folder(self._folder, account)
        if sockets.parent != self._folder.path:
            self._short_folder = sockets
        until = time.monotonic() + SHUTDOWN_SECONDS_MAX
        while True:
            before = launch.turn_log(self._folder.log)
            command = launch.command(binaries, self._folder, port, sockets)
            with self._folder.log.open("ab") as log:
                self._postmaster = processes.Child(account.spawn(command, log))
            if processes.wait_until_ready(self._postmaster, self._folder.data, READY_SECONDS_MAX):
                return
            said = launch.said_since(self._folder.log, before)
            if "pre-existing shared memory" not in said or time.monotonic() > until:
                raise launch.failure(said, self._folder, port)
            time.sleep(processes.POLL_SECONDS)


def _adopt(binaries: Binaries, folder: Folder, access: Access) -> Postmaster | None:
    """The orphan of a killed supervisor, once it answers; None when there is none. Raises Deaf, AccessLost.

    Whatever else may hold the files, PostgreSQL itself finds and refuses when it is started.
    """
    orphan = processes.find_orphan(binaries, folder.data)
    written = processes.read_pid_file(folder.data)
    if orphan is None or written is None:
        return None
    if written.status == "stopping":  # it takes no new connection, and may wait long for the old ones
        processes.stop(orphan)
        return None
    if not processes.wait_until_ready(orphan, folder.data, READY_SECONDS_MAX):
        return None
    try:
        with _connect(written, access, roles.SUPERUSER) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError as error:
        raise _unanswered(error, folder, orphan.pid) from error
    return orphan


def _free_port() -> int:
    for _ in range(100):
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise PortTaken(hint=f"none is free from {PORTS.start} to {PORTS.stop}")


def _connect(written: PidFile, access: Access, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=written.socket_folder,
        port=written.port,
        user=roles.SUPERUSER,
        password=access.passwords[roles.SUPERUSER],
        dbname=database,
        connect_timeout=ANSWER_SECONDS_MAX,
        autocommit=True,
    )


def _create_roles(written: PidFile, access: Access, folder: Folder) -> None:
    try:
        roles.create_missing(partial(_connect, written, access), access.passwords)
    except psycopg.OperationalError as error:
        raise _unanswered(error, folder, written.pid) from error


def _unanswered(error: psycopg.OperationalError, folder: Folder, pid: int) -> OutOfReach:
    if isinstance(error, psycopg.errors.DiskFull):
        return DiskFull(hint=f"make room on the disk of {folder.path}")
    if "password authentication failed" in str(error):
        return AccessLost(hint=f"put {folder.access} back as it was when {folder.data} was made")
    answer = str(error).strip().splitlines()[-1:]
    return Deaf(hint=f"process {pid}: {' '.join(answer)}; more in {folder.log}")


def _databases(port: int, passwords: Mapping[str, str]) -> Databases:
    def url(role: str, database: str) -> str:
        return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{database}"

    return Databases(
        owner=url(roles.OWNER, "shodaku"),
        application=url(roles.APPLICATION, "shodaku"),
        vault=url(roles.VAULT, "vault"),
    )
