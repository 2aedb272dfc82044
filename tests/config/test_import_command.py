"""`shodaku import`: the verdict on each row, and an import that was cut off goes on."""

from __future__ import annotations

import argparse
import json

import pytest
from tests.people import a_shop

from shodaku.config.commands import import_command
from shodaku.config.commands.import_command import FileAway, NoImport
from shodaku.imports import portions, selectors

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def a_list(tmp_path):
    path = tmp_path / "list.csv"
    rows = [f"reader{n}@sample.example,9012345678" for n in range(25)]
    path.write_text("\n".join(["メール,携帯", *rows, "nobody,"]), encoding="utf-8")
    return path


def said(shop, capsys, *words):
    parser = argparse.ArgumentParser()
    import_command.define(parser)
    options = parser.parse_args([*map(str, words), "--workspace", shop.slug])
    status = import_command.run(options)
    return status, capsys.readouterr().out


def test_a_dry_run_tells_each_row_with_its_verdict_reason_and_warnings(shop, capsys, a_list):
    status, out = said(shop, capsys, a_list, "--basis", "business_card", "--dry-run", "--json")
    told = json.loads(out)
    assert (status, told["rows"], told["counts"]["pending"], told["counts"]["faulty"]) == (0, 26, 25, 1)
    assert len(told["listed"]) == 26
    assert told["listed"][0] == {
        "row": 2,
        "verdict": "pending",
        "reason": "CARD_NEEDS_CONFIRMATION",
        "warnings": ["PHONE_REPAIRED"],
    }
    assert selectors.batches(shop.workspace_id) == []


def test_an_import_that_was_cut_off_goes_on_by_its_number(shop, capsys, a_list, monkeypatch):
    monkeypatch.setattr(portions, "PORTION_ROWS", 10)

    def cut(rows):
        if rows >= 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_command, "_progress", lambda: cut)
    with pytest.raises(KeyboardInterrupt):
        said(shop, capsys, a_list)
    (batch,) = selectors.batches(shop.workspace_id)
    assert (batch.state, batch.rows_done) == ("running", 20)
    status, out = said(shop, capsys, "--resume", batch.batch_id, "--json")
    told = json.loads(out.splitlines()[-1])
    assert (status, told["state"], told["rows"]) == (0, "done", 26)
    assert (told["counts"]["pending"], told["counts"]["faulty"]) == (25, 1)


def test_a_number_or_a_file_that_is_not_there_is_said(shop, capsys, tmp_path):
    with pytest.raises(NoImport):
        said(shop, capsys, "--resume", 999_999)
    for words in ([], [tmp_path / "nowhere.csv"]):
        with pytest.raises(FileAway):
            said(shop, capsys, *words)
