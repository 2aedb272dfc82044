"""`shodaku segment` as an operator uses it."""

from __future__ import annotations

import io
import json

import pytest
from tests.people import a_contact, a_reader, a_shop

from shodaku.config import bind, cli

FORM = {"match": "all", "groups": [{"match": "all", "conditions": [{"is": "source", "value": "form"}]}]}


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["segment", *map(str, arguments), "--workspace", shop.slug])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def read(answer):
    status, out, _ = answer
    return status, json.loads(out)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "form.json"
    path.write_text(json.dumps(FORM), encoding="utf-8")
    return path


def test_a_segment_is_saved_shown_counted_changed_and_archived(run, shop, file, monkeypatch):
    _status, made = read(run("save", "フォームから", "--file", file, "--json"))
    assert made["version"] == 1
    number = made["id"]
    one, other = a_reader(shop), a_contact(shop)
    assert read(run("show", number, "--json"))[1]["expression"] == FORM
    assert json.loads(run("show", number)[1]) == FORM
    counted = read(run("count", number, "--topic", "news", "--json"))[1]
    assert (counted["named"], counted["sendable"], counted["exact"]) == (2, 1, True)
    assert (
        "2 people with an e-mail address, 1 of them may get it now"
        in run("count", number, "--topic", "news")[1]
    )
    assert run("people", number)[1].split() == [str(one), str(other)]
    assert read(run("people", number, "--json"))[1] == [one, other]
    monkeypatch.setattr("sys.stdin", io.StringIO('{"groups": []}'))
    assert "version 2: everybody" in run("save", "全員", "--file", "-", "--id", number)[1]
    assert read(run("list", "--json"))[1] == [
        {"id": number, "version": 2, "name": "全員", "who": "everybody"}
    ]
    assert run("archive", number)[0] == 0
    assert run("archive", number)[0] == 1
    assert "no segment yet" in run("list")[1]


def test_what_cannot_be_understood_is_one_sentence(run, file, tmp_path):
    (tmp_path / "wrong.json").write_text('{"groups": [{"conditions": [{"is": "sql"}]}]}')
    status, _out, error = run("save", "x", "--file", tmp_path / "wrong.json")
    assert status == 2
    assert "There is no such condition." in error
    for name in (tmp_path / "nowhere.json", tmp_path):
        assert run("save", "x", "--file", name)[0] == 2
    assert run("show", 999_999)[0] == 2
    assert run("archive", 999_999)[0] == 2
    number = read(run("save", "x", "--file", file, "--json"))[1]["id"]
    status, _out, error = run("count", number, "--topic", "none")
    assert status == 2
    assert "news" in error
