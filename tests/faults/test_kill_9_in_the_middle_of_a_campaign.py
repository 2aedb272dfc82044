"""Promise 4: a worker is killed in the middle, twice. Nobody gets the message twice, nobody is forgotten."""

import signal
from collections import Counter

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
from tests.people import a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.domain import CHUNK_CONTACTS_MAX, Result
from shodaku.kit import db

PEOPLE = 5_000
KILLS = 2
CONNECTIONS = 4


def test_kill_9_in_the_middle_of_a_campaign(database, tmp_path):
    shop = a_shop()
    people = many_readers(database, shop, PEOPLE)
    with db.transaction(shop.workspace_id):
        planned = services.plan(newsletter(shop), EVERYBODY, now=now())
    assert (planned.people, planned.chunks) == (PEOPLE, PEOPLE // CHUNK_CONTACTS_MAX)

    with sink_process(tmp_path) as (port, log_file):
        for kill in range(KILLS):
            until = sum(arrived(log_file, people).values()) + PEOPLE // 5
            with worker_process(database, tmp_path / "home", port) as worker:
                wait_until(lambda until=until: sum(arrived(log_file, people).values()) >= until)
                worker.send_signal(signal.SIGKILL)
                worker.wait()
            assert selectors.progress(shop.workspace_id, planned.mailing_id).state == "running", kill
        with worker_process(database, tmp_path / "home", port):
            wait_until(lambda: selectors.progress(shop.workspace_id, planned.mailing_id).state == "done")
        counted = arrived(log_file, people)

    assert max(counted.values()) == 1, "twice"
    results = outcomes(database, shop, planned.mailing_id)
    assert sorted(results) == people, "everybody has exactly one row"
    by_outcome = Counter(outcome for outcome, _, _ in results.values())
    uncertain = {contact for contact, (outcome, _, _) in results.items() if outcome == "uncertain"}
    accepted = {contact for contact, (outcome, _, _) in results.items() if outcome == "accepted"}
    assert by_outcome.keys() <= {"accepted", "uncertain"}
    assert len(uncertain) <= CONNECTIONS * KILLS, "what nobody can know is bounded by the connections"
    assert accepted <= counted.keys(), "nothing is called accepted that did not arrive"
    assert counted.keys() <= accepted | uncertain
    listed = selectors.deliveries(shop.workspace_id, [planned.mailing_id], outcome=Result.UNCERTAIN)
    assert {row.contact_id for row in listed} == uncertain

    progress = selectors.progress(shop.workspace_id, planned.mailing_id)
    assert (progress.accepted, progress.uncertain, progress.waiting) == (len(accepted), len(uncertain), 0)
