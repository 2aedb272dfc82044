"""`shodaku suppress`: lists in and out, blocks; and `shodaku keys rotate pepper`."""

from __future__ import annotations

import io
import json
import stat
import sys

import pytest
from tests.people import a_shop
from tests.suppression.peppers import a_pepper_of_our_own

from shodaku.config import bind, cli
from shodaku.contacts.domain import Channel
from shodaku.kit import db
from shodaku.ledger import rotation
from shodaku.suppression import selectors, services


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture
def run(shop, capsys, monkeypatch):
    for name in ("start", "start_command"):
        monkeypatch.setattr(bind, name, lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments, group="suppress"):
        place = ["--workspace", shop.slug] if group == "suppress" else []
        status = cli.main([group, *map(str, arguments), *place])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def is_marked(shop, address):
    pair = services.tokens(shop.workspace_id, Channel.EMAIL, address)
    return pair.strict in selectors.suppressed(shop.workspace_id, [pair])


def test_several_addresses_and_standard_input_are_added(shop, run, monkeypatch):
    assert run("add", "a@example.jp", "b@example.jp")[:2] == (0, "2 lines: 2 taken, 0 no address\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("c@example.jp\nnobody\n"))
    status, out, err = run("add", "-")
    assert (status, out) == (1, "2 lines: 1 taken, 1 no address\n")
    assert err.endswith("no address in lines 2\n")
    assert all(is_marked(shop, f"{name}@example.jp") for name in "abc")


def test_the_list_goes_out_as_a_private_file_and_comes_in_again(shop, run, tmp_path):
    run("add", "a+b@example.jp", "c@example.jp")
    file = tmp_path / "list"
    status, out, _ = run("export", file)
    assert (status, out.startswith("3 tokens in ")) == (0, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["list"]
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from suppression")
    assert run("import", file, "--dry-run")[0] == 0
    assert not is_marked(shop, "c@example.jp")
    assert run("import", file, "--json")[0] == 0
    assert is_marked(shop, "c@example.jp")


def test_what_is_refused_is_refused_in_one_sentence(shop, run, tmp_path):
    file = tmp_path / "list"
    run("export", file)
    altered = tmp_path / "altered"
    altered.write_bytes(file.read_bytes()[:-5])
    refusals = {
        ("export", file): "A file of this name exists already",
        ("export", tmp_path / "no" / "list"): "The file cannot be written",
        ("import", tmp_path / "none"): "The file cannot be read",
        ("import", altered): "The list of tokens was altered",
        ("add",): "Name an address, or -",
        ("add", "nobody"): "The text is no e-mail address",
        ("block", "*@*"): "A block is a domain such as",
        ("unblock", "7"): "There is no such block",
    }
    for arguments, sentence in refusals.items():
        status, _, err = run(*arguments)
        assert status == 2, arguments
        assert err.startswith(f"shodaku: {sentence}"), arguments


def test_a_block_is_made_listed_and_lifted(shop, run):
    made = json.loads(run("block", "*@blocked.example", "--reason", "wrong list", "--json")[1])
    run("add", "a@example.jp")
    listed = json.loads(run("list", "--json")[1])
    assert [each["blocked"] for each in listed["blocks"]] == ["*@blocked.example"]
    assert [(each["reason"], each["addresses"]) for each in listed["marks"]] == [("staff", 1)]
    assert "a@example.jp" not in run("list")[1]
    assert (
        run("unblock", made["number"])[1] == f"block {made['number']} is lifted; 0 addresses are free of it\n"
    )


def test_an_empty_list_says_so(run):
    assert run("list") == (0, "nobody is on the list\n", "")


def test_the_pepper_is_rotated_by_the_command_and_the_list_still_holds(
    database, shop, run, tmp_path, monkeypatch
):
    with a_pepper_of_our_own(database, tmp_path, monkeypatch, shop) as folder:
        run("add", "a@example.jp", "b@example.jp")
        status, out, _ = run("rotate", "pepper", group="keys")
        first, count, everywhere, copy = out.splitlines()
        assert (status, first) == (0, "pepper.2 is the newest key now, and each ledger says so.")
        assert count == "Marks and addresses with one layer more: 2"
        assert "every machine" in everywhere
        assert copy == f"Keep a copy of {folder}/pepper.2 offline, away from every database backup."
        assert run("check", "a@example.jp")[0] == 0
        assert run("destroy", "pepper.1", group="keys")[0] == 2
        assert sorted(rotation.files_of(rotation.KeyPurpose.PEPPER)) == [1, 2]
