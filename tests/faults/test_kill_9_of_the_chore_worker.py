"""An erasure that was begun is finished, also when its worker is killed: the next one takes it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from tests.conftest import HOME
from tests.people import a_reader, a_shop

from shodaku.config import worker
from shodaku.consent.domain import Method
from shodaku.erasure import selectors
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

FINISHED_SECONDS_MAX = 90


def chore_worker(database):
    values = {
        "SHODAKU_HOME": str(HOME),
        "SHODAKU_KEYS": str(HOME / "keys"),
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "shodaku", "worker", "--plane", "chore"], env={**os.environ, **values}
    )


def wait_until(true, seconds=FINISHED_SECONDS_MAX):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)


def state(shop, receipt):
    return selectors.by_receipt(shop.workspace_id, receipt.number).state


def test_an_erasure_cut_off_by_kill_9_is_certified_by_the_next_worker(database):
    shop = a_shop()
    person = a_reader(shop)
    receipt = optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=person, scope=OptOutScope.ERASE, via=Method.PAGE),
        clock.now(),
    )
    # the contact's row is held, so the purge waits: the worker is killed in the middle of its job
    with psycopg.connect(database.application) as holder:
        holder.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        holder.execute("select from contact where contact_id = %s for update", [person])
        first = chore_worker(database)
        wait_until(lambda: state(shop, receipt) == "key_destroyed")
        first.send_signal(signal.SIGKILL)
        first.wait()
    second = chore_worker(database)
    try:
        wait_until(lambda: state(shop, receipt) == "certified")
        assert selectors.remains(shop.workspace_id, person) == {}
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(15) == 0


@pytest.mark.parametrize("task", ["erasure.run", "optout.settle_waiting"])
def test_a_chore_that_fails_is_tried_again(task):
    assert task in worker.jobs()
    assert worker.RETRY.max_attempts > 10
