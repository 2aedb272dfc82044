"""What a dead worker leaves behind, case by case (TRUST.md section 5)."""

import asyncio

from tests.delivery.mailings import launched, outcomes, rows
from tests.people import a_reader, a_shop

from shodaku.delivery import selectors, store
from shodaku.delivery.chunks import ChunkKey
from shodaku.delivery.journal import Journal
from shodaku.delivery.recovery import recover
from shodaku.delivery.worker import host_of


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
