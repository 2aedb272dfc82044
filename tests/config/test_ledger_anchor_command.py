"""`shodaku ledger anchor`: where checkpoints are put outside, by hand and for somebody else to check."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import uuid
from datetime import UTC, datetime

import pytest
from tests.ledger.authorities import OPENSSL, Authority, Witness
from tests.people import a_reader, a_shop

from shodaku.config.commands import ledger_anchor, output, workspaces
from shodaku.ledger import anchoring, selectors, services
from shodaku.ledger.notes import read_note
from shodaku.ledger.services import NoTarget

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _own_network(monkeypatch):
    monkeypatch.setenv("SHODAKU_ANCHOR_LOCAL", "1")


@pytest.fixture
def shop():
    shop = a_shop()
    a_reader(shop)
    services.sequence_all(shop.workspace_id, now=NOW)
    return shop


def parsed(*words):
    parser = argparse.ArgumentParser()
    ledger_anchor.define(parser.add_subparsers(dest="verb", required=True))
    return parser.parse_args(["anchor", *words])


def said(capsys, shop, *words):
    status = ledger_anchor.run(parsed("--workspace", shop.slug, *words))
    return status, capsys.readouterr().out


def as_json(capsys, shop, *words):
    status, text = said(capsys, shop, *words, "--json")
    return status, json.loads(text)


def test_a_place_is_added_filled_listed_and_removed(shop, capsys, tmp_path):
    assert said(capsys, shop)[1].startswith("no place outside")
    _, added = as_json(capsys, shop, "add", "file", str(tmp_path))
    status, text = said(capsys, shop)
    assert (status, text) == (0, f"{added['target']} file: anchored, 1 entries there\n")
    assert said(capsys, shop, "run")[1] == f"{added['target']} file: unchanged, 1 entries there\n"
    _, text = said(capsys, shop, "list")
    assert str(tmp_path) in text
    assert text.endswith(
        "outside: A copy is kept outside: whoever has it finds a rewriting. (1 of 1 entries)\n"
    )
    _, listed = as_json(capsys, shop, "list")
    assert (listed["level"], listed["size"], listed["head"], listed["alarming"]) == ("outside", 1, 1, False)
    assert listed["targets"][0]["signature_checked"]
    assert as_json(capsys, shop, "remove", str(added["target"])) == (0, {"removed": added["target"]})
    assert as_json(capsys, shop, "list")[1]["targets"] == []
    _, added = as_json(capsys, shop, "add", "file", str(tmp_path))
    assert "what is there stays" in said(capsys, shop, "remove", str(added["target"]))[1]
    with pytest.raises(NoTarget):
        said(capsys, shop, "remove", str(added["target"]))


def test_a_place_that_cannot_be_reached_is_the_exit_status(shop, capsys, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    said(capsys, shop, "add", "file", str(folder))
    folder.rmdir()
    status, (outcome,) = as_json(capsys, shop, "run")
    assert (status, outcome["result"], outcome["alarming"]) == (1, "failed", False)
    assert outcome["fault"].startswith("unwritable")
    assert "The folder cannot be written." in said(capsys, shop)[1]
    assert "The folder cannot be written." in said(capsys, shop, "list")[1]


def test_a_folder_is_named_from_where_one_stands(shop, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copies").mkdir()
    said(capsys, shop, "add", "file", "copies")
    (target,) = selectors.targets(shop.workspace_id)
    assert target.place == str(tmp_path / "copies")


def test_a_mailbox_is_added_by_its_address_and_shown_masked(shop, capsys):
    address = f"keeper-{uuid.uuid4().hex[:8]}@example.jp"
    said(capsys, shop, "add", "mail", address)
    _, text = said(capsys, shop, "list")
    assert "k****@example.jp" in text
    assert address not in text
    with pytest.raises(workspaces.NoAddress):
        said(capsys, shop, "add", "mail", "no address")
    with pytest.raises(anchoring.NothingToCheck):
        said(capsys, shop, "add", "mail", address, "--vkey", "x")


def test_a_workspace_may_be_named_before_or_after_the_word(shop):
    assert parsed("--workspace", "a", "list").workspace == "a"
    assert parsed("list", "--workspace", "a").workspace == "a"
    assert parsed("--json", "list").json
    assert not parsed("list").json
    assert parsed().anchor_verb is None
    with pytest.raises(SystemExit):
        parsed("add", "none", "x")


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: nobody to sign time")
def test_what_is_exported_is_checked_by_openssl_and_by_the_key_of_the_witness_alone(shop, capsys, tmp_path):
    authority, witness = Authority(tmp_path / "authority"), Witness()
    newest = selectors.head(shop.workspace_id)
    witness.watch(read_note(newest.note).origin, selectors.verifier_keys(shop.workspace_id))
    folder = tmp_path / "copies"
    folder.mkdir()
    said(capsys, shop, "add", "file", str(folder))
    with authority.serve() as stamps, witness.serve() as signs:
        said(capsys, shop, "add", "rfc3161", stamps, "--vkey", str(authority.certificates))
        said(capsys, shop, "add", "witness", signs, "--vkey", witness.vkey)
        assert said(capsys, shop)[0] == 0
    out = tmp_path / "out"
    _, told = as_json(capsys, shop, "export", "-o", str(out))
    assert (told["receipts"], told["time_stamps"]) == (3, 1)
    how = (out / "HOW-TO-CHECK.txt").read_text(encoding="utf-8")
    (command,) = [line for line in how.splitlines() if line.startswith("openssl")]
    answer = subprocess.run(shlex.split(command), cwd=out, capture_output=True, check=True)
    assert b"Verification: OK" in answer.stdout + answer.stderr
    (cosigned,) = out.glob("*.cosigned.txt")
    assert read_note(cosigned.read_text(encoding="utf-8")).signed_by(witness.key)
    (note,) = [file for file in out.glob("*.txt") if file.name.count(".") == 1 and file.name[0] != "H"]
    assert note.read_text(encoding="utf-8") == newest.note
    (where,) = out.glob("*.receipt.txt")
    assert str(folder) in where.read_text(encoding="utf-8")
    with pytest.raises(output.FileThere):
        said(capsys, shop, "export", "-o", str(out))


def test_an_export_without_receipts_says_so(shop, capsys, tmp_path):
    out = tmp_path / "new" / "out"
    assert said(capsys, shop, "export", "-o", str(out))[1].startswith("0 receipts")
    assert [file.name for file in out.iterdir()] == ["HOW-TO-CHECK.txt"]
    assert out.stat().st_mode & 0o077 == 0, "for its owner alone"
    (tmp_path / "file").write_text("x")
    with pytest.raises(output.FileUnwritable):
        said(capsys, shop, "export", "-o", str(tmp_path / "file" / "out"))
    with pytest.raises(output.FileUnwritable):
        ledger_anchor._write_new(tmp_path / "gone" / "x", b"")
