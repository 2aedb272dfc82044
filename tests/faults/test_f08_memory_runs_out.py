"""F08: memory runs out while a message is made. It waits, visibly; what others wait for goes on."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import psycopg
from tests.delivery.mailings import (
    launched,
    many_readers,
    now,
    outcomes,
    rows,
    sink_process,
    wait_until,
    worker_process,
)
from tests.people import a_shop

from shodaku.content import services as content
from shodaku.content.carried import FILE_BYTES_MAX, MailFile
from shodaku.delivery import selectors
from shodaku.kit import db

ROOM_BYTES = (
    6 * 1024 * 1024
)  # an ordinary message needs a part of one of them, the large one several times as many
JOBS = """
select status::text from procrastinate_jobs
where task_name = 'delivery.send_chunk' and (args ->> 'mailing_id')::int = %s
"""


def address_space(process):
    pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def states_of_jobs(database, mailing_id):
    with psycopg.connect(database.owner) as owner:
        return [state for (state,) in owner.execute(JOBS, [mailing_id]).fetchall()]


def test_f08_a_message_too_large_for_the_memory_left_waits_and_the_others_go_on(database, tmp_path):
    shop = a_shop()
    people, waiting = many_readers(database, shop, 3), many_readers(database, shop, 3)
    pdf = MailFile("冬.pdf", "application/pdf", os.urandom(FILE_BYTES_MAX))
    with db.transaction(shop.workspace_id):
        files = content.keep_files([pdf], now=now())

    def done(mailing_id):
        return selectors.progress(shop.workspace_id, mailing_id).state == "done"

    with sink_process(tmp_path) as (port, _):
        with worker_process(database, tmp_path / "home", port) as worker:
            first = launched(shop, people)
            wait_until(lambda: done(first))
            most = address_space(worker) + ROOM_BYTES
            resource.prlimit(worker.pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
            large = launched(shop, waiting, files=tuple(files))
            wait_until(lambda: states_of_jobs(database, large) == ["failed"])
            others = [launched(shop, people) for _ in range(3)]
            wait_until(lambda: all(map(done, others)))
            assert worker.poll() is None
            assert outcomes(database, shop, large) == {}
            held = rows(database, shop, "select state from chunk where mailing_id = %(m)s", m=large)
            assert held == [("planned",)], "nobody of it is lost"
        with worker_process(database, tmp_path / "home", port):  # with room again
            wait_until(lambda: done(large), 60)
    assert {outcome for outcome, _, _ in outcomes(database, shop, large).values()} == {"accepted"}
