"""Is another installation running on the same data? Then nothing is sent from here until a human has decided.

Three things tell: the folder was copied (`kit.place`), the gate's row was made in another database, or
somebody else has just left a mark beside the copies of the journal. Without Django, for the send plane asks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from shodaku.backups import catalogue
from shodaku.backups.catalogue import ROOM, Connection
from shodaku.kit import db, log, place

LEASE: Final = "lease.json"
LEASE_BYTES_MAX: Final = 4096
YOUNG: Final = timedelta(seconds=150)  # each installation leaves its mark once a minute; one may be missed
_SUPPRESSION: Final = "shodaku.suppression"
_NONCE_CHARACTERS: Final = 32

Open = Callable[[], AbstractContextManager[Connection]]  # a transaction


@dataclass(frozen=True, slots=True)
class Lease:
    holder: str  # the host that wrote it
    nonce: str
    at: datetime

    def young(self, now: datetime) -> bool:
        return -YOUNG < now - self.at < YOUNG


@dataclass(frozen=True, slots=True)
class Signs:
    """Of another installation; all None: there is none."""

    folder_of: str | None = None  # the host whose folder this was
    database: str | None = None  # in which the gate's row was made
    holder: str | None = None  # who left a mark a moment ago

    def __bool__(self) -> bool:
        return any((self.folder_of, self.database, self.holder))

    @property
    def sentence(self) -> str:
        told = {
            f"this folder is a copy of the one of host {self.folder_of}": self.folder_of,
            f"the rows were made in another database ({self.database})": self.database,
            f"host {self.holder} of another installation was at the copies of the journal a moment ago": (
                self.holder
            ),
        }
        return "; ".join(words for words, true in told.items() if true)


def look(opened: Open, home: Path, folders: Sequence[Path], now: datetime) -> Signs:
    """Shut the gate when there is another one; else leave our mark. Raises PlaceUnreadable, psycopg.Error."""
    us = place.host(home)
    _touch_journal(home, us.id)
    with opened() as connection:
        connection.execute(db.sql(_SUPPRESSION, "register_host"), {"host": us.id})
        signs = _signs(connection, us, folders, now)
        if signs:
            closed = connection.execute(db.sql(_SUPPRESSION, "close_fence"), {"reason": "copied"}).rowcount
    if not signs:
        leave_mark(opened, us.id, folders, now)
    elif closed:
        log.info("fence.closed", reason="copied", folder=bool(signs.folder_of), database=bool(signs.database))
    return signs


def signs(opened: Open, home: Path, folders: Sequence[Path], now: datetime) -> Signs:
    """As `look`, and nothing is changed. Raises PlaceUnreadable, psycopg.Error."""
    with opened() as connection:
        return _signs(connection, place.host(home), folders, now, adopt=False)


def take_over(opened: Open, home: Path, folders: Sequence[Path], now: datetime) -> None:
    """A human has stopped the other one. Raises PlaceUnreadable, psycopg.Error."""
    us = place.settle(home)
    with opened() as connection:
        connection.execute(
            db.sql(_SUPPRESSION, "update_database_id"), {"database_id": catalogue.database_id(connection)}
        )
    leave_mark(opened, us.id, folders, now)


def leave_mark(opened: Open, host: str, folders: Sequence[Path], now: datetime) -> None:
    """Known to the database before anybody can find it. A folder that cannot be written to is left out."""
    nonce = secrets.token_hex(_NONCE_CHARACTERS // 2)
    with opened() as connection:
        connection.execute(db.sql(ROOM, "delete_leases"))
        connection.execute(db.sql(ROOM, "insert_lease"), {"nonce": nonce})
    said = {"holder": host, "nonce": nonce, "at": now.astimezone(UTC).isoformat(timespec="milliseconds")}
    for folder in folders:
        fresh = folder / f".{LEASE}.{nonce[:8]}"
        try:
            fresh.write_text(json.dumps(said) + "\n", encoding="ascii")
            fresh.replace(folder / LEASE)
        except OSError as error:
            log.info("lease.unwritable", error=type(error).__name__)
            with suppress(OSError):
                fresh.unlink(missing_ok=True)


def read_lease(folder: Path) -> Lease | None:
    """None where there is none, or it is damaged: then it says nothing."""
    try:
        with (folder / LEASE).open("rb") as source:
            said = json.loads(source.read(LEASE_BYTES_MAX))
        at = datetime.fromisoformat(said["at"])
        return Lease(str(said["holder"]), str(said["nonce"]), at) if at.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _signs(
    connection: Connection, us: place.Host, folders: Sequence[Path], now: datetime, *, adopt: bool = True
) -> Signs:
    return Signs(
        us.came_from, _other_database(connection, adopt=adopt), _other_holder(connection, folders, now)
    )


def _other_database(connection: Connection, *, adopt: bool) -> str | None:
    here = catalogue.database_id(connection)
    row = connection.execute(db.sql(_SUPPRESSION, "get_database_id")).fetchone()
    made_in = row[0] if row else None
    if made_in is None and here is not None and adopt:
        connection.execute(db.sql(_SUPPRESSION, "update_database_id"), {"database_id": here})
    return made_in if made_in is not None and here is not None and made_in != here else None


def _other_holder(connection: Connection, folders: Sequence[Path], now: datetime) -> str | None:
    found = [lease for folder in folders if (lease := read_lease(folder)) is not None and lease.young(now)]
    nonces = [lease.nonce for lease in found]
    ours = {row[0] for row in connection.execute(db.sql(ROOM, "list_leases"), {"nonces": nonces}).fetchall()}
    return next((lease.holder for lease in found if lease.nonce not in ours), None)


def _touch_journal(home: Path, host: str) -> None:
    """A restore elsewhere asks for this file, also when nobody ever said no here."""
    with suppress(OSError):
        (home / place.FOLDER / f"{host}.jsonl").touch(mode=0o600, exist_ok=True)
