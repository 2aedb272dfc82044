"""`shodaku vacuum` as an operator runs it."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import sql
from tests.people import a_shop

from shodaku.config import bind, cli, vacuuming


@pytest.fixture(autouse=True)
def _started(database, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)


def test_every_table_of_both_databases_is_written_anew(database, capsys):
    a_shop()
    assert cli.main(["vacuum", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    with psycopg.connect(database.owner) as owner, psycopg.connect(database.vault) as vault:
        count = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        tables = sum(each.execute(count).fetchone()[0] for each in (owner, vault))
        statistics = 2  # the planner's own table, of each database
    assert (said["tables"], said["left"]) == (tables + statistics, [])


def test_a_table_that_somebody_holds_is_left_and_named(database, capsys, monkeypatch):
    monkeypatch.setattr(vacuuming, "LOCK_SECONDS", 1)
    with psycopg.connect(database.owner) as holder:
        holder.execute(sql.SQL("select from contact"))
        assert cli.main(["vacuum"]) == 1
    said = capsys.readouterr().out
    assert "shodaku.contact: held by somebody, left as it is" in said
    assert "repeat the command at a quiet hour" in said
