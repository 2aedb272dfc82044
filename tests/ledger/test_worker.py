"""The process that signs: it takes up what waits, refuses to start without its key, and stops when told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from tests.delivery.mailings import worker_process
from tests.people import a_reader, a_shop

from shodaku.kit import runtime
from shodaku.ledger import selectors, worker

WAIT_SECONDS_MAX = 20.0

pytestmark = pytest.mark.usefixtures("database")


def wait_until_taken_up(shop):
    until = time.monotonic() + WAIT_SECONDS_MAX
    while selectors.waiting(shop.workspace_id) and time.monotonic() < until:
        time.sleep(0.05)
    assert selectors.waiting(shop.workspace_id) == 0


def test_entries_are_covered_by_a_checkpoint_without_anybody_asking(database, tmp_path):
    shop = a_shop()
    a_reader(shop)
    with worker_process(database, tmp_path, plane="ledger") as process:
        wait_until_taken_up(shop)
        a_reader(shop)
        wait_until_taken_up(shop)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert selectors.head(shop.workspace_id).size == 2
    assert selectors.audit_tree(shop.workspace_id).faults == []


@pytest.mark.parametrize("fault", ["absent", "empty", "exposed"])
def test_without_a_key_it_may_read_it_does_not_start_and_says_which_file(database, tmp_path, fault):
    keys = tmp_path / "keys"
    shutil.copytree(runtime.current().keys, keys)
    file = keys / "ledger.1"
    if fault == "exposed":
        file.chmod(0o444)
    else:
        file.unlink()
    if fault == "empty":
        file.touch(0o400)
    done = subprocess.run(
        [sys.executable, "-m", "shodaku", "worker", "--plane", "ledger"],
        env={
            **os.environ,
            "SHODAKU_HOME": str(tmp_path),
            "SHODAKU_KEYS": str(keys),
            "SHODAKU_DATABASE_URL": database.application,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert "ledger.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_waited_for(monkeypatch):
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.01)
    stop, rounds = threading.Event(), []

    def now():
        rounds.append(1)
        if len(rounds) > 2:
            stop.set()
        return datetime.now(UTC)  # noqa: TID251 - a test is an edge

    from shodaku.config import bind
    from shodaku.kit import db

    try:
        worker.run("postgresql://nobody@127.0.0.1:1/nowhere?connect_timeout=1", stop, now)
    finally:
        db.bind(bind.django_transaction)
    assert len(rounds) == 3
