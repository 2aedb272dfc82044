"""`shodaku product` as an operator uses it."""

from __future__ import annotations

import json

import pytest
from tests.people import a_reader, a_shop

from shodaku.config import bind, cli
from shodaku.contacts import selectors as contacts


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["product", *map(str, arguments), "--workspace", shop.slug])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_product_is_saved_and_a_list_of_its_buyers_brought_in(run, shop, tmp_path):
    assert "no product yet" in run("list")[1]
    assert run("save", "cup", "湯のみ", "--kind", "goods", "--url", "https://aoi.example/cup")[0] == 0
    assert json.loads(run("list", "--json")[1]) == [
        {"code": "cup", "name": "湯のみ", "kind": "goods", "url": "https://aoi.example/cup", "offered": True}
    ]
    reader = a_reader(shop, "hana@mail.example")
    file = tmp_path / "bought.csv"
    file.write_text(
        "email,code,date,amount\nhana@mail.example,cup,2026-01-05,500\nx@mail.example,cup,2026-01-05,1\n"
    )
    expected = {"rows": 2, "counts": {"person_unknown": 1, "recorded": 1}}
    dry = json.loads(run("bought", file, "--dry-run", "--json")[1])
    assert {name: dry[name] for name in expected} == expected
    assert contacts.purchases(shop.workspace_id, reader) == []
    status, out, _error = run("bought", file)
    assert status == 0
    assert "person_unknown" in out
    assert len(contacts.purchases(shop.workspace_id, reader)) == 1
    assert run("archive", "cup")[0] == 0
    assert run("archive", "cup")[0] == 2


def test_what_cannot_be_understood_is_one_sentence(run, tmp_path):
    assert run("save", "a b", "x")[0] == 2
    assert run("save", "ab", "x", "--url", "ftp://x")[0] == 2
    assert run("bought", tmp_path / "nowhere.csv")[0] == 2
    (tmp_path / "list.csv").write_text("email,name\na@mail.example,x\n")
    status, _out, error = run("bought", tmp_path / "list.csv")
    assert status == 2
    assert "columns" in error
