"""F12: making one message ends the worker three times; it is parked with its reason, the others leave."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.delivery.mailings import (
    EVERYBODY,
    arrived,
    many_readers,
    newsletter,
    now,
    outcomes,
    sink_process,
    wait_until,
    worker_process,
)
from tests.faults import poisoned_worker
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.domain import CRASHES_MAX, Failure, Result
from shodaku.delivery.journal import Journal
from shodaku.kit import db

CONNECTIONS = 4


def _sent(database, shop, planned, poisoned, folder):
    """Worker after worker, until the mailing is done; how many ended by themselves, and what arrived."""
    ended = 0

    def done():
        return selectors.progress(shop.workspace_id, planned.mailing_id).state == "done"

    with sink_process(folder) as (port, log_file):
        while not done() and ended <= CRASHES_MAX:
            words = (str(poisoned),)
            with worker_process(
                database, folder / "home", port, module=poisoned_worker.__name__, words=words
            ) as worker:
                wait_until(lambda worker=worker: done() or worker.poll() is not None)
                ended += worker.poll() is not None
        return ended, log_file


@pytest.mark.parametrize("people", [1, 40])
def test_f12_a_message_whose_making_ends_the_process_is_parked_the_third_time_and_the_others_leave(
    database, tmp_path, people
):
    shop = a_shop()
    readers = many_readers(database, shop, people)
    poisoned = readers[people // 2]
    with db.transaction(shop.workspace_id):
        planned = services.plan(newsletter(shop), EVERYBODY, now=now())
    ended, log_file = _sent(database, shop, planned, poisoned, tmp_path)
    results = outcomes(database, shop, planned.mailing_id)
    assert ended == CRASHES_MAX
    assert sorted(results) == readers, "nobody is lost"
    assert results[poisoned][:2] == (Result.FAILED, Failure.UNBUILDABLE)
    kinds = Counter(outcome for outcome, _, _ in results.values())
    assert kinds["failed"] == 1
    assert kinds["uncertain"] <= 2 * CONNECTIONS, "who was on the way when the process ended, twice"
    counted = arrived(log_file, readers)
    assert poisoned not in counted
    assert max(counted.values(), default=1) == 1


def test_the_journal_of_a_chunk_that_ended_a_worker_says_whose_message_was_being_made(tmp_path):
    file = Journal.path(tmp_path, 1, 7, 3, 2)
    with Journal(file) as journal:
        journal.build(1)
        journal.begin(1)
        journal.build(2)
    with Journal(file, create=False) as journal:
        found = journal.read()
    assert (found.begun, found.building) == ({1}, 2)
