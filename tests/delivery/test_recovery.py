"""What a dead worker leaves behind, case by case (TRUST.md section 5)."""

import asyncio
from dataclasses import replace
from functools import partial

from tests.delivery.mailings import launched, outcomes, rows, wait_until
from tests.people import a_reader, a_shop

from shodaku.delivery import recovery, selectors, store, worker
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.journal import Journal
from shodaku.delivery.recovery import LOST_SECONDS, OpenElsewhere, Seen, give_up, open_elsewhere, recover
from shodaku.delivery.worker import host_of
from shodaku.kit import runtime


def opened(database, shop, mailing_id, folder):
    """A chunk as the worker that died had opened it, and its journal."""
    ((no,),) = rows(database, shop, "select no from chunk where mailing_id = %(m)s", m=mailing_id)
    key = ChunkKey(shop.workspace_id, mailing_id, no)
    folder.mkdir(exist_ok=True)

    async def main():
        connection = await store.connect(database.application)
        async with store.transaction(connection, shop.workspace_id):
            chunk = await store.open_chunk(connection, key, host_of(folder))
        await connection.close()
        return chunk

    chunk = asyncio.run(main())
    return Journal(Journal.path(folder, shop.workspace_id, mailing_id, no, chunk.fence))


def recovered(database, folder):
    async def main():
        connection = await store.connect(database.application)
        report = await recover(connection, folder, host_of(folder))
        await connection.close()
        return report

    return asyncio.run(main())


def chunks_of(database, shop, mailing_id):
    statement = "select state, contact_ids, attempt from chunk where mailing_id = %(m)s order by no"
    return rows(database, shop, statement, m=mailing_id)


def test_answered_is_recorded_begun_is_uncertain_the_rest_goes_back(database, tmp_path):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(5)]
    yes, no, later, unknown, unbegun = people
    mailing_id = launched(shop, people)
    journal = opened(database, shop, mailing_id, tmp_path)
    for contact_id in (yes, no, later, unknown):
        journal.begin(contact_id)
    for contact_id, code in ((yes, 250), (no, 550), (later, 451)):
        journal.answer(contact_id, 4, code)
    journal.close()

    report = recovered(database, tmp_path)
    assert (report.chunks, report.recorded, report.uncertain, report.again) == (1, 3, 1, 1)
    entries = dict(rows(database, shop, "select contact_id, entry_id from consent"))
    assert outcomes(database, shop, mailing_id) == {
        yes: ("accepted", "recovered", entries[yes]),
        no: ("failed", "refused_by_server", entries[no]),
        unknown: ("uncertain", "recovered", entries[unknown]),
    }
    assert chunks_of(database, shop, mailing_id) == [("planned", [unbegun], 1), ("planned", [later], 2)]
    assert not journal.file.exists()
    assert recovered(database, tmp_path).chunks == 0


def test_a_notice_that_nobody_knows_of_goes_back(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader], promotional=False)
    journal = opened(database, shop, mailing_id, tmp_path)
    journal.begin(reader)
    journal.close()
    recovered(database, tmp_path)
    assert outcomes(database, shop, mailing_id) == {}
    assert chunks_of(database, shop, mailing_id) == [("planned", [reader], 1)]
    fixed = rows(database, shop, "select route_fixed from chunk where mailing_id = %(m)s", m=mailing_id)
    assert fixed == [(True,)], "it may have arrived, so it goes by no other relay"


def test_without_its_journal_everybody_counts_as_begun(database, tmp_path):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(2)]
    mailing_id = launched(shop, people)
    journal = opened(database, shop, mailing_id, tmp_path)
    journal.forget()
    assert recovered(database, tmp_path).uncertain == 2
    assert selectors.progress(shop.workspace_id, mailing_id).state == "done"


def test_a_chunk_whose_worker_lives_is_left_alone(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    with opened(database, shop, mailing_id, tmp_path):
        assert recovered(database, tmp_path).chunks == 0
    assert chunks_of(database, shop, mailing_id) == [("open", [reader], 1)]
    assert recovered(database, tmp_path).again == 1


def test_another_volumes_chunks_are_not_ours(database, tmp_path):
    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    opened(database, shop, mailing_id, tmp_path / "one").close()
    (tmp_path / "two").mkdir()
    assert recovered(database, tmp_path / "two").chunks == 0


def taken_over(database, shop, folder, seen, at):
    """What a worker on another volume gives up when its own clock says `at`."""

    async def main():
        connection = await store.connect(database.application)
        standing = await open_elsewhere(connection, shop.workspace_id, host_of(folder))
        report = await give_up(connection, seen.lost(standing, at))
        await connection.close()
        return report

    return asyncio.run(main())


def test_what_a_lost_machine_was_sending_is_uncertain_after_a_quarter_of_an_hour(database, tmp_path):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(3)]
    mailing_id = launched(shop, people)
    opened(database, shop, mailing_id, tmp_path / "gone").forget()
    (tmp_path / "here").mkdir()
    seen = Seen()
    for at in (1_000.0, 1_000.0 + LOST_SECONDS - 0.1):
        assert taken_over(database, shop, tmp_path / "here", seen, at).chunks == 0
    assert chunks_of(database, shop, mailing_id) == [("open", people, 1)]
    assert taken_over(database, shop, tmp_path / "here", seen, 1_000.0 + LOST_SECONDS).uncertain == 3
    assert {outcome[:2] for outcome in outcomes(database, shop, mailing_id).values()} == {
        ("uncertain", "recovered")
    }
    assert selectors.progress(shop.workspace_id, mailing_id).state == "done"


def test_a_worker_gives_up_by_itself_what_a_lost_machine_was_sending(database, tmp_path, monkeypatch):
    monkeypatch.setattr(recovery, "LOST_SECONDS", 0.0)
    monkeypatch.setenv("SHODAKU_SMTP_URL", "smtp://127.0.0.1:1?tls=none")
    shop = a_shop()
    mailing_id = launched(shop, [a_reader(shop)])
    opened(database, shop, mailing_id, tmp_path / "gone").forget()

    async def main():
        here, stop = replace(runtime.current(), home=tmp_path / "here"), asyncio.Event()
        running = asyncio.create_task(worker.run(here, stop))
        progress = partial(selectors.progress, shop.workspace_id, mailing_id)
        await asyncio.to_thread(wait_until, lambda: progress().state == "done")
        stop.set()
        await running

    asyncio.run(main())
    assert {each[0] for each in outcomes(database, shop, mailing_id).values()} == {"uncertain"}


def test_a_notice_that_a_lost_machine_was_sending_leaves_again(database, tmp_path):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader], promotional=False)
    opened(database, shop, mailing_id, tmp_path / "gone").forget()
    (tmp_path / "here").mkdir()
    seen = Seen()
    taken_over(database, shop, tmp_path / "here", seen, 0.0)
    assert taken_over(database, shop, tmp_path / "here", seen, LOST_SECONDS).again == 1
    assert chunks_of(database, shop, mailing_id) == [("planned", [reader], 1)]


def test_a_machine_that_settles_its_chunks_is_never_taken_for_lost():
    """A chunk that is opened again, or in which something moved, is another one."""
    seen, key = Seen(), ChunkKey(1, 2, 3)
    for turn in range(10):
        standing = [OpenElsewhere(key, fence=turn, host="a", people=500)]
        assert seen.lost(standing, turn * (LOST_SECONDS - 1)) == []
    standing = [OpenElsewhere(key, fence=9, host="a", people=4)]
    assert seen.lost(standing, 20 * LOST_SECONDS) == []


def test_a_machine_that_comes_back_from_the_lost_loses_its_results_and_sends_nothing_twice(
    database, tmp_path
):
    shop = a_shop()
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    journal = opened(database, shop, mailing_id, tmp_path / "gone")
    journal.begin(reader)
    journal.answer(reader, 4, 250)
    journal.close()
    (tmp_path / "here").mkdir()
    seen = Seen()
    taken_over(database, shop, tmp_path / "here", seen, 0.0)
    taken_over(database, shop, tmp_path / "here", seen, LOST_SECONDS)
    assert recovered(database, tmp_path / "gone").chunks == 0
    assert outcomes(database, shop, mailing_id)[reader][:2] == ("uncertain", "recovered")
    assert chunks_of(database, shop, mailing_id) == [("done", [], 1)]
