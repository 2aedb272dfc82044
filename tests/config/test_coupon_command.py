"""`shodaku coupon`: a use is noted, a list brought in, and what was noted is told."""

from __future__ import annotations

import json

import pytest
from tests.people import a_shop

from shodaku.config import bind, cli

DAY = "2026-01-05"


@pytest.fixture
def run(database, monkeypatch, capsys):
    shop = a_shop()
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def told(*words):
        status = cli.main(["coupon", *words, "--workspace", shop.slug])
        return status, capsys.readouterr().out

    return told


def test_a_use_is_noted_and_the_same_receipt_counts_once(run):
    assert run("used", "aoi-10", "--on", DAY, "--times", "3", "--receipt", "R-1") == (0, "recorded\n")
    assert run("used", "AOI-10", "--on", DAY, "--receipt", "R-1") == (0, "known_already\n")
    status, out = run("list", "--json")
    (line,) = json.loads(out)
    assert (status, line["code"], line["on"], line["times"]) == (0, "AOI-10", DAY, 3)


def test_what_cannot_be_noted_says_why(run):
    assert run("used", "AOI-10", "--on", "soon") == (2, "date_unreadable\n")
    assert run("used", "AOI-10", "--times", "0") == (2, "times_unreadable\n")


def test_a_list_is_looked_at_and_brought_in(run, tmp_path):
    path = tmp_path / "till.csv"
    path.write_text(f"code,date,times\nAOI-10,{DAY},4\n,{DAY},1\n", encoding="utf-8")
    told = json.loads(run("import", str(path), "--dry-run", "--json")[1])
    assert told["counts"] == {"code_unreadable": 1, "recorded": 1}
    assert json.loads(run("list", "--json")[1]) == []
    assert json.loads(run("import", str(path), "--json")[1])["listed"] == [
        {"row": 3, "verdict": "code_unreadable"}
    ]
    assert len(json.loads(run("list", "--json")[1])) == 1
