"""Sequencers are killed and PostgreSQL is stopped at once under load; nothing acknowledged is lost.

    python -m tests.ledger.crash --kills 60 --restarts 8

prints one JSON line; exit status 1 if an acknowledged entry is missing or the checkpoints disagree.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psycopg

from shodaku.config import bind
from shodaku.config.databases import migrate
from shodaku.kit import db, keys
from shodaku.kit.postgres import Postgres
from shodaku.ledger import selectors

WRITERS = 3
BATCH = 7  # entries a transaction
PROGRESS_SECONDS_MAX = 3.0
# without the pause between rounds, so that most kills hit a transaction that is under way
SEQUENCER = (
    "from shodaku.ledger import worker; worker.PAUSE_SECONDS = 0.0; worker.AWAY_SECONDS = 0.05\n"
    "from shodaku.config import worker as planes; planes.run(planes.Plane.LEDGER)"
)


class Writer(threading.Thread):
    """Writes entries as the product's own statement does; counts as acknowledged what was committed."""

    def __init__(self, url: str, workspace_id: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.url, self.workspace_id, self.stop = url, workspace_id, stop
        self.acknowledged: list[uuid.UUID] = []

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with psycopg.connect(self.url, connect_timeout=5) as connection:
                    self._write(connection)
            except psycopg.OperationalError:
                time.sleep(0.05)

    def _write(self, connection: psycopg.Connection) -> None:
        statement = db.sql("shodaku.ledger", "insert_entries")
        while not self.stop.is_set():
            events = [uuid.uuid4() for _ in range(BATCH)]
            with connection.transaction():
                connection.execute(db.set_local(db.Setting.WORKSPACE, self.workspace_id))
                parameters = {
                    "workspace_id": self.workspace_id,
                    "events": events,
                    "entries": [json.dumps({"c": event.hex}).encode() for event in events],
                    "contacts": [1] * BATCH,
                    "bodies": [b"x"] * BATCH,
                }
                connection.execute(statement, parameters)
            self.acknowledged += events


class Sequencers:
    """Two of them, killed in turn and started again at once.

    No kill before a head was signed since the last one: where processes start slowly, all kills would hit a
    start.
    """

    def __init__(self, url: str, workspace_id: int, chance: random.Random) -> None:
        self.url, self.workspace_id = url, workspace_id
        self.chance, self.kills, self.signed = chance, 0, 0
        self.running = [self._start(), self._start()]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", SEQUENCER], stderr=subprocess.DEVNULL)

    def kill_one(self) -> None:
        until = time.monotonic() + PROGRESS_SECONDS_MAX
        while (now := self._heads()) <= self.signed and time.monotonic() < until:
            time.sleep(0.02)
        self.signed = max(now, self.signed)
        time.sleep(self.chance.uniform(0.0, 0.5))
        which = self.kills % 2
        self.running[which].send_signal(signal.SIGKILL)
        self.running[which].wait()
        self.running[which] = self._start()
        self.kills += 1

    def _heads(self) -> int:
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                connection.execute(db.set_local(db.Setting.WORKSPACE, self.workspace_id))
                row = connection.execute("select count(*) from ledger_checkpoint").fetchone()
        except psycopg.OperationalError:  # it starts again just now
            return 0
        return int(row[0]) if row else 0

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(10)


def run(kills: int, restarts: int, seed: int) -> dict[str, object]:
    home = Path(tempfile.mkdtemp(prefix="shodaku-crash-"))
    home.chmod(0o755)  # the unprivileged PostgreSQL must reach its folder inside
    os.environ |= {"SHODAKU_HOME": str(home), "SHODAKU_KEYS": str(home / "keys")}
    keys.create_missing(home / "keys")
    postgres = Postgres(home / "postgres")
    try:
        databases = postgres.start()
        os.environ |= {
            "SHODAKU_DATABASE_URL": databases.application,
            "SHODAKU_OWNER_URL": databases.owner,
            "SHODAKU_VAULT_URL": databases.vault,
        }
        bind.start()
        migrate()
        return _under_load(postgres, databases.application, kills, restarts, random.Random(seed))
    finally:
        bind.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def _under_load(
    postgres: Postgres, url: str, kills: int, restarts: int, chance: random.Random
) -> dict[str, object]:
    from tests.people import a_shop

    shop, stop = a_shop(), threading.Event()
    writers = [Writer(url, shop.workspace_id, stop) for _ in range(WRITERS)]
    sequencers = Sequencers(url, shop.workspace_id, chance)
    try:
        for writer in writers:
            writer.start()
        for turn in range(kills):
            sequencers.kill_one()
            if restarts and turn % (kills // restarts) == kills // restarts - 1:
                _restart_at_once(postgres)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    bind.stop()  # connections of before the restarts
    bind.start()
    until = time.monotonic() + 30
    while selectors.waiting(shop.workspace_id) and time.monotonic() < until:
        time.sleep(0.1)
    sequencers.end()
    return _found(shop.workspace_id, writers, sequencers.kills, restarts)


def _restart_at_once(postgres: Postgres) -> None:
    """Immediate shutdown: no checkpoint is written, sessions are cut."""
    os.kill(postgres.pid, signal.SIGQUIT)
    while postgres.pid is not None:  # its supervisor starts it again when it is gone
        time.sleep(0.01)
    postgres.start()


def _found(workspace_id: int, writers: list[Writer], kills: int, restarts: int) -> dict[str, object]:
    acknowledged = {event for writer in writers for event in writer.acknowledged}
    with db.transaction(workspace_id) as connection:
        query = "select e.event_id from ledger_leaf l join ledger_entry e using (workspace_id, entry_id)"
        taken_up = {row[0] for row in connection.execute(query).fetchall()}
    audit = selectors.audit_tree(workspace_id)
    return {
        "kills": kills,
        "restarts": restarts,
        "acknowledged": len(acknowledged),
        "missing": len(acknowledged - taken_up),
        "entries": audit.size,
        "checkpoints_consistent": audit.checkpoints,
        "faults": [f"{fault.kind} {fault.number}" for fault in audit.faults],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ledger.crash")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--restarts", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = run(options.kills, options.restarts, options.seed)
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if found["missing"] or found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
