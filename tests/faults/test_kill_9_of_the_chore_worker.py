"""An erasure that was begun is finished, also when its worker is killed: the next one takes it up."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid

import procrastinate
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


JOB = """
    insert into procrastinate_jobs (queue_name, task_name, args, status, queueing_lock, worker_id)
    values ('clock', %s, '{}', %s::procrastinate_job_status, %s, %s) returning id
"""


def test_a_tick_that_died_holds_no_other_job_up_when_the_next_tick_waits_already(database):
    """Two of one name cannot wait: the dead one is replaced, and whatever stalled behind it begins again."""
    name = f"erasure.sweep.{uuid.uuid4().hex}"
    with psycopg.connect(database.owner, autocommit=True) as owner:
        dead = owner.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - '1 hour'::interval)"
            " returning id"
        ).fetchone()[0]
        tick = owner.execute(JOB, [name, "doing", name, dead]).fetchone()[0]
        owner.execute(JOB, [name, "todo", name, None])
        behind = owner.execute(JOB, [name + ".2", "doing", None, dead]).fetchone()[0]

    async def run():
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.application))
        async with app.open_async():
            await worker.rescue(app, {name, name + ".2"})

    asyncio.run(run())
    with psycopg.connect(database.owner) as owner:
        found = dict(
            owner.execute("select id, status from procrastinate_jobs where id = any(%s)", [[tick, behind]])
        )
        owner.execute("delete from procrastinate_jobs where task_name like %s", [name + "%"])
    assert found == {behind: "todo"}
