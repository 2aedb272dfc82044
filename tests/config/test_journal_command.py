"""What an operator sees of the journal beside the database."""

from __future__ import annotations

import json

import pytest
from tests.optout.journals import a_home, lost
from tests.people import a_reader, a_shop

from shodaku.config import cli
from shodaku.config.commands import doctor_command
from shodaku.consent.domain import Method
from shodaku.kit import clock, runtime
from shodaku.optout import services as optout
from shodaku.optout import tending
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors
from shodaku.suppression import services as suppression


@pytest.fixture
def journal(database, tmp_path, monkeypatch):
    from shodaku.config import bind

    monkeypatch.delenv("SHODAKU_JOURNAL_COPY", raising=False)
    with a_home(tmp_path) as of_this_test:
        monkeypatch.setattr(bind, "start_command", lambda: None)  # it is started, and with another home
        yield of_this_test


def a_no(shop):
    reader = a_reader(shop)
    request = OptOut(
        workspace_id=shop.workspace_id, contact_id=reader, scope=OptOutScope.ALL, via=Method.ONE_CLICK
    )
    optout.opt_out(request, clock.now())
    return request


def said(capsys, *arguments):
    status = cli.main(["journal", *arguments])
    return status, capsys.readouterr().out


def test_a_database_that_knows_every_line_is_well(journal, capsys):
    a_no(a_shop())
    assert said(capsys, "check") == (0, "The database knows every line.\n")


def test_a_journal_nobody_has_is_named_with_its_line_and_the_status_is_one(journal, capsys):
    shop = a_shop()
    a_no(shop)
    with lost(shop):
        a_no(shop)
    tending.catch_up(clock.now())
    journal.file.write_bytes(b"")
    with_lines = selectors.Position(journal.host, 0, 2, 2)
    selectors.keep_seen(runtime.current().home, selectors.Seen({journal.host: with_lines}))
    status, text = said(capsys, "check")
    assert status == 1
    assert f"the journal of host {journal.host} from line 2 on" in text


def test_the_list_shows_hosts_copies_and_what_was_received(journal, capsys, monkeypatch, tmp_path):
    shop = a_shop()
    request = a_no(shop)
    optout.receive(request, clock.now())
    monkeypatch.setenv("SHODAKU_JOURNAL_COPY", f"file://{tmp_path}/nowhere")
    status, text = said(capsys, "list")
    assert status == 0
    assert f"{journal.host}  last line 1, the database has 1  (this host)" in text
    assert "Received and not obeyed yet: 1" in text
    assert f"file:{tmp_path}/nowhere  up to line 0, never: well" in text
    found = json.loads(said(capsys, "--json")[1])
    assert found["hosts"][journal.host] == {"last": 1, "applied": 1}


def test_the_doctor_warns_of_no_copy_and_of_one_beside_the_database(journal, monkeypatch, tmp_path):
    well, detail, warns = doctor_command._journal()
    assert (well, warns) == (True, True)
    assert "SHODAKU_JOURNAL_COPY" in detail
    monkeypatch.setenv("SHODAKU_JOURNAL_COPY", f"file://{tmp_path}")
    monkeypatch.setattr(doctor_command, "_near", lambda _: True)
    assert "volume of the database" in doctor_command._journal()[1]
    monkeypatch.setattr(doctor_command, "_near", lambda _: False)
    assert doctor_command._journal()[::2] == (True, False)


def test_the_doctor_mends_what_was_received_and_not_obeyed(journal):
    optout.receive(a_no(a_shop()), clock.now())
    well, detail, _ = doctor_command._journal()
    assert not well
    assert "does the chore worker run?" in detail
    tending.tend(clock.now())
    assert doctor_command._journal()[0]


def test_a_place_that_cannot_be_read_is_one_sentence(journal, monkeypatch, capsys):
    monkeypatch.setenv("SHODAKU_JOURNAL_COPY", "s3://bucket")
    assert cli.main(["journal"]) == 2
    assert "file:///folder" in capsys.readouterr().err
    assert suppression.journal().host == journal.host
