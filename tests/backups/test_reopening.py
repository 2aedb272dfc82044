"""Journals that somebody brings are put together; one that lacks a line keeps the gate shut."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from tests.optout.journals import a_home, lost
from tests.people import a_reader, a_shop

from shodaku.backups import services
from shodaku.consent.domain import Method
from shodaku.kit import clock, db, erasure_journal
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.services import FenceReason


@pytest.fixture
def said(database, tmp_path):
    """The journal of a machine that is gone; the database knows nothing of its lines."""
    shop = a_shop()
    people = [a_reader(shop) for _ in range(4)]
    with a_home(tmp_path / "gone") as journal:
        with lost(shop):
            for person in people:
                optout.opt_out(
                    OptOut(
                        workspace_id=shop.workspace_id,
                        contact_id=person,
                        scope=OptOutScope.ALL,
                        via=Method.ONE_CLICK,
                    ),
                    clock.now(),
                )
        lines = erasure_journal.read(journal.file)
        assert len(lines) == 4
        return shop, people, lines, journal


@pytest.fixture
def home(said, tmp_path):
    """Restored from a backup that knew the first line of that journal."""
    _shop, _people, lines, journal = said
    with a_home(tmp_path / "new"):
        suppression.close_fence(FenceReason.RESTORED)
        with psycopg.connect(settings.OWNER_URL, autocommit=True) as owner:
            owner.execute("insert into restored_position values (%s, 1)", [journal.host])
            with db.transaction(None):
                suppression.mark_applied([erasure_journal.Mark(journal.host, lines[0].seq)])
            yield tmp_path / "new"
            owner.execute("delete from restored_position")
            owner.execute("delete from journal_applied where host = %s", [journal.host])
            owner.execute("delete from journal_floor where host = %s", [journal.host])


def put(folder, name, lines):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(map(erasure_journal.encode, lines)))


def reopened():
    return services.reopen("a test", by="the test", now=clock.now())


def refused(shop, people):
    return [bool(suppressions.refusals(shop.workspace_id, each)) for each in people]


def test_nothing_is_opened_without_the_journal(said, home):
    _shop, _people, _lines, journal = said
    assert reopened().lacking == {journal.host: 2}
    assert suppressions.fence().reason == "restored"


def test_a_journal_that_is_shorter_than_at_the_backup_is_not_enough(said, home, tmp_path):
    _shop, _people, lines, journal = said
    put(tmp_path / "brought", f"{journal.host}.jsonl", lines[:0])
    services.take_in(tmp_path / "brought", clock.now())
    assert reopened().lacking == {journal.host: 1}


def test_a_gap_behind_the_backup_is_not_overlooked(said, home, tmp_path):
    shop, people, lines, journal = said
    put(tmp_path / "brought", f"{journal.host}.jsonl", [lines[0], lines[1], lines[3]])
    services.take_in(tmp_path / "brought", clock.now())
    assert reopened().lacking == {journal.host: 3}
    assert suppressions.fence().state == "closed"
    put(tmp_path / "more", f"{journal.host}.3-3.jsonl", [lines[2]])
    services.take_in(tmp_path / "more", clock.now())
    assert not reopened().lacking
    assert refused(shop, people) == [False, True, True, True]  # the first one was known to the backup


def test_pieces_as_mail_and_programs_keep_them_are_put_together(said, home, tmp_path):
    shop, people, lines, journal = said
    put(tmp_path / "mails", f"{journal.host}.1-2.jsonl", lines[:2])
    put(tmp_path / "mails", f"{journal.host}.2-4.jsonl", lines[1:])
    put(tmp_path / "mails", "readme.jsonl", [])
    assert services.take_in(tmp_path / "mails", clock.now()) == 1
    kept = home / "journal" / f"{journal.host}.jsonl"
    assert erasure_journal.read(kept) == lines
    assert kept.stat().st_mode & 0o777 == 0o600
    assert services.take_in(tmp_path / "mails", clock.now()) == 1
    assert erasure_journal.read(kept) == lines
    assert not reopened().lacking
    assert refused(shop, people) == [False, True, True, True]


def test_what_the_old_machine_had_only_received_is_obeyed_too(said, home, tmp_path):
    shop, people, lines, journal = said
    put(tmp_path / "brought", f"{journal.host}.jsonl", lines[:1])
    put(tmp_path / "brought", f"{journal.host}.received.jsonl", lines[3:])
    services.take_in(tmp_path / "brought", clock.now())
    assert not reopened().lacking
    assert refused(shop, people) == [False, False, False, True]


@pytest.mark.parametrize("name", ["", "notes.txt"])
def test_a_folder_without_a_journal_is_said(home, tmp_path, name):
    folder = tmp_path / "brought"
    if name:
        folder.mkdir()
        (folder / name).write_text("x")
    with pytest.raises(services.NoJournalThere):
        services.take_in(folder, clock.now())


def test_a_journal_that_is_brought_to_an_installation_that_lacks_nothing_changes_no_ledger(said, tmp_path):
    from shodaku.ledger import selectors as ledger
    from shodaku.ledger.services import INSTALLATION

    shop, _people, _lines, _journal = said
    with a_home(tmp_path / "well"):
        assert suppressions.fence().state == "open"
        before = len(ledger.history(shop.workspace_id, INSTALLATION))
        assert services.reopen_if_shut("a test", by="the test", now=clock.now()).open
        assert len(ledger.history(shop.workspace_id, INSTALLATION)) == before
