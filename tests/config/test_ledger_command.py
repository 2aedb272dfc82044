"""`shodaku ledger` as somebody uses it who never read its manual."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import uuid

import pytest
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_reader, a_shop, agree

from shodaku.config.commands import doctor_command, ledger_bundle, ledger_command, output, workspaces
from shodaku.kit import clock
from shodaku.ledger import selectors, services
from shodaku.ledger.notes import read_note

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def run(*words):
    parser = argparse.ArgumentParser()
    ledger_command.define(parser)
    return ledger_command.run(parser.parse_args([str(word) for word in words]))


def said(capsys, shop, *words):
    status = run(*words, "--workspace", shop.slug)
    return status, capsys.readouterr().out


def an_address():
    return f"proof-{uuid.uuid4().hex[:8]}@example.jp"


def test_the_checkpoint_is_printed_as_it_is_signed_and_covers_what_was_just_recorded(shop, capsys):
    a_reader(shop)
    status, text = said(capsys, shop, "checkpoint")
    assert status == 0
    assert read_note(text).size == 1
    a_reader(shop)
    assert read_note(said(capsys, shop, "checkpoint")[1]).size == 2
    assert read_note(said(capsys, shop, "checkpoint", "--size", 1)[1]).size == 1
    assert json.loads(said(capsys, shop, "checkpoint", "--json")[1])["size"] == 2


def test_where_nothing_is_recorded_it_is_said(shop, capsys):
    for verb in ("checkpoint", "keys"):
        with pytest.raises(ledger_command.NoCheckpoint):
            said(capsys, shop, verb)
    with pytest.raises(ledger_command.NoPlace):
        said(capsys, shop, "entry", 0)


def test_an_entry_is_shown_by_its_place(shop, capsys):
    a_reader(shop)
    services.sequence_all(shop.workspace_id, now=clock.now())
    _, text = said(capsys, shop, "entry", 0)
    (place,) = selectors.entries_at(shop.workspace_id, 0, 1)
    assert place.hash.hex() in text
    assert json.loads(said(capsys, shop, "entry", 0, "--json")[1])["entry"] == place.entry
    with pytest.raises(ledger_command.NoPlace):
        said(capsys, shop, "entry", -1)


def test_a_proof_is_written_for_its_owner_alone_and_checked_alone_in_an_empty_folder(shop, capsys, tmp_path):
    address = an_address()
    reader = a_reader(shop, address)
    agree(shop, reader, topic_id=shop.other_topic_id)
    file, lawyer = tmp_path / "proof.json", tmp_path / "lawyer"
    status, text = said(capsys, shop, "bundle", address, "-o", file)
    assert (status, file.stat().st_mode & 0o077) == (0, 0)
    assert "2 entries, proven up to place 2" in text
    assert run("verifier", "-o", tmp_path / "shodaku-verify.py") == 0
    lawyer.mkdir()
    for each in (file, tmp_path / "shodaku-verify.py"):
        shutil.copy(each, lawyer)
    vkey = selectors.verifier_keys(shop.workspace_id)[0]
    command = [sys.executable, "-I", "-S", "shodaku-verify.py", "proof.json", "--key", vkey, "--lang", "en"]
    done = subprocess.run(command, cwd=lawyer, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "These 2 entries" in done.stdout


def test_making_a_proof_is_itself_recorded(shop, capsys, tmp_path):
    address = an_address()
    a_reader(shop, address)
    said(capsys, shop, "bundle", address, "-o", tmp_path / "proof.json")
    services.sequence_all(shop.workspace_id, now=clock.now())
    places = selectors.entries_at(shop.workspace_id, 0, 9)
    assert [each.kind for each in places] == ["consent.confirmed", "admin.bundle.made"]


def test_paper_and_single_proofs_come_beside_the_bundle(shop, capsys, tmp_path):
    address = an_address()
    a_reader(shop, address)
    status, _ = said(
        capsys,
        shop,
        "bundle", address,
        "-o", tmp_path / "proof.json",
        "--pdf", tmp_path / "proof.pdf",
        "--proofs", tmp_path / "proofs",
        "--lang", "ja",
    )  # fmt: skip
    assert status == 0
    assert (tmp_path / "proof.pdf").read_bytes().startswith(b"%PDF-")
    assert [each.name for each in (tmp_path / "proofs").iterdir()] == ["0.tlog-proof"]


def test_what_a_proof_cannot_be_made_of_is_said_before_anything_is_written(shop, capsys, tmp_path):
    file = tmp_path / "proof.json"
    with pytest.raises(workspaces.UnknownPerson):
        said(capsys, shop, "bundle", an_address(), "-o", file)
    with pytest.raises(workspaces.NoAddress):
        said(capsys, shop, "bundle", "nobody", "-o", file)
    address = an_address()
    a_reader(shop, address)
    with pytest.raises(selectors.NoSuchCheckpoint):
        said(capsys, shop, "bundle", address, "-o", file, "--earlier", 7)
    assert not file.exists()
    file.write_text("there")
    with pytest.raises(output.FileThere):
        said(capsys, shop, "bundle", address, "-o", file)


def test_the_audit_agrees_and_says_what_it_could_not_compare(shop, capsys):
    a_reader(shop)
    services.sequence_all(shop.workspace_id, now=clock.now())
    status, text = said(capsys, shop, "verify")
    assert status == 0
    assert "not compared with a checkpoint from outside" in text


def test_the_audit_compares_files_and_folders_of_checkpoints(shop, capsys, tmp_path):
    for _ in range(3):
        a_reader(shop)
        (tmp_path / f"{len(list(tmp_path.iterdir()))}.txt").write_text(said(capsys, shop, "checkpoint")[1])
    for place in (tmp_path, tmp_path / "0.txt"):
        status, text = said(capsys, shop, "verify", "--against", place)
        assert status == 0
        assert "checkpoints from outside agree" in text
    assert json.loads(said(capsys, shop, "verify", "--against", tmp_path, "--json")[1])["outside"] == 3


def test_the_audit_names_the_first_bad_record_and_ends_with_1(database, shop, capsys):
    for _ in range(3):
        a_reader(shop)
    services.sequence_all(shop.workspace_id, now=clock.now())
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x') where seq = 1")
    status, text = said(capsys, shop, "verify")
    assert status == 1
    assert "Place 1 of the log" in text


def test_a_checkpoint_of_a_longer_log_means_that_entries_were_taken_away(shop, capsys, tmp_path):
    other = a_shop()
    for each in (shop, other):
        a_reader(each)
    kept = tmp_path / "kept.txt"
    kept.write_text(said(capsys, other, "checkpoint")[1])
    said(capsys, shop, "checkpoint")
    status, text = said(capsys, shop, "verify", "--against", kept)
    assert status == 1
    assert "another log" in text


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff\xfe", b"{}", b"a\n1\nAAAA\n\n"])
def test_a_file_without_checkpoints_is_refused_by_its_name(shop, capsys, tmp_path, content):
    a_reader(shop)
    file = tmp_path / "kept.txt"
    file.write_bytes(content)
    with pytest.raises(ledger_command.UnreadableCheckpoints) as fault:
        said(capsys, shop, "verify", "--against", file)
    assert "kept.txt" in str(fault.value.hint)
    with pytest.raises(ledger_command.UnreadableCheckpoints):
        said(capsys, shop, "verify", "--against", tmp_path / "absent.txt")


def test_entries_are_published_and_hidden_again_by_a_word(shop, capsys):
    a_reader(shop)
    services.sequence_all(shop.workspace_id, now=clock.now())
    said(capsys, shop, "publish", "entries")
    assert selectors.log(shop.workspace_id).publishes_entries
    said(capsys, shop, "publish", "hashes")
    assert not selectors.log(shop.workspace_id).publishes_entries


def test_the_doctor_sees_entries_that_nobody_takes_up_and_a_log_that_does_not_agree(database, shop):
    a_reader(shop)
    assert shop.slug not in doctor_command._ledger()[1]
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute("update ledger_pending set at = now() - interval '61 seconds'")
    well, detail = doctor_command._ledger()
    assert (well, f"{shop.slug} entries wait" in detail) == (False, True)
    services.sequence_all(shop.workspace_id, now=clock.now())
    assert shop.slug not in doctor_command._ledger()[1]
    with with_the_database_in_hand(database, shop, "ledger_leaf") as owner:
        owner.execute("update ledger_leaf set hash = sha256('x')")
    services.audit(shop.workspace_id, now=clock.now())
    assert f"{shop.slug} does not agree" in doctor_command._ledger()[1]


def test_what_is_to_be_withheld_is_withheld_or_nothing_is_written(shop, capsys, tmp_path):
    address = an_address()
    a_reader(shop, address)
    for number, words in enumerate(("method, n", "method,n ", "method , n")):
        file = tmp_path / f"{number}.json"
        said(capsys, shop, "bundle", address, "-o", file, "--withhold", words)
        (entry,) = json.loads(file.read_text())["entries"]
        assert entry["withheld"].keys() == {"method", "n"}
    for words in ("methud", "Method", "method,,n", ""):
        with pytest.raises(ledger_bundle.UnknownField):
            said(capsys, shop, "bundle", address, "-o", tmp_path / "no.json", "--withhold", words)
    assert not (tmp_path / "no.json").exists()


def test_a_log_is_continued_with_a_reason(shop, capsys):
    a_reader(shop)
    status, text = said(capsys, shop, "continue", "--reason", "復元のあと、確認済み")
    assert (status, "2 entries taken up" in text) == (0, True)
