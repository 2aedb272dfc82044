"""Promise 12: a rewriting by whoever holds database and key is found outside, and told as such."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from datetime import timedelta

import psycopg
import pytest
from tests.ledger.authorities import OPENSSL, Authority, Witness, serving
from tests.ledger.tampering import forget_what_was_signed_here, with_the_database_in_hand
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import clock, db
from shodaku.kit.outgoing import NoWebAddress, OddPort
from shodaku.ledger import anchoring, jobs, selectors, services
from shodaku.ledger.anchored import AnchorFault, AnchorFaultCode, AnchorKind, Level, Result, kind_word
from shodaku.ledger.anchors import git as git_anchor
from shodaku.ledger.anchors import timestamp
from shodaku.ledger.anchors.der import with_sorted_certificates
from shodaku.ledger.notes import parse_vkey, read_note, read_notes
from shodaku.ledger.services import Act, NoTarget, TargetThere, TooManyTargets

pytestmark = pytest.mark.usefixtures("database")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: nobody to sign time")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

AN_HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_network(monkeypatch):
    monkeypatch.setenv("SHODAKU_ANCHOR_LOCAL", "1")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authorities") / "one")


@pytest.fixture
def shop():
    shop = a_shop()
    a_reader(shop)
    grow(shop, 2)
    return shop


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


def grow(shop, count=1):
    """As many entries more, taken up and signed; the checkpoint."""
    who = a_contact(shop)
    with db.transaction(shop.workspace_id):
        contacts.lock(who)
        services.append_many(
            [
                Act(who, uuid.uuid4(), "consent.requested", clock.now(), {"method": "form"})
                for _ in range(count)
            ]
        )
    services.sequence_all(shop.workspace_id, now=clock.now())
    return selectors.head(shop.workspace_id)


def add(shop, kind, place, vkey=None):
    target_id = services.add_target(shop.workspace_id, kind, str(place), vkey, by="test", now=clock.now())
    services.sequence_all(shop.workspace_id, now=clock.now())  # that it was added is an entry itself
    return target_id


def anchor(shop, now=None):
    """Authorities stamp with the clock of the machine, so the time is that of the call."""
    return services.anchor(shop.workspace_id, now=now or clock.now())


def only(shop, now=None):
    """The outcome at the only place."""
    (outcome,) = anchor(shop, now)
    return outcome


def failed(shop, now=None):
    outcome = only(shop, now)
    assert outcome.result is Result.FAILED
    (target,) = selectors.targets(shop.workspace_id)
    assert target.fault == outcome.fault
    return outcome.fault.code


def state(shop):
    return selectors.anchor_state(shop.workspace_id)


def head(shop):
    return selectors.head(shop.workspace_id)


def receipt(shop):
    return selectors.receipts(shop.workspace_id)[-1]


def rewrite(database, shop):
    """The operator turns the first two entries around and signs it all anew: nothing inside disagrees."""
    with with_the_database_in_hand(database, shop, "ledger_leaf", "ledger_checkpoint") as owner:
        entries = [
            row[0] for row in owner.execute("select entry_id from ledger_leaf order by seq").fetchall()
        ]
        owner.execute("delete from ledger_leaf")
        owner.execute("delete from ledger_checkpoint")
    forget_what_was_signed_here(shop)
    for entry_id in (entries[1], entries[0], *entries[2:]):
        with db.transaction(shop.workspace_id) as connection:
            connection.execute(
                "insert into ledger_pending (workspace_id, entry_id) values (%s, %s)",
                [shop.workspace_id, entry_id],
            )
        services.sequence_all(shop.workspace_id, now=clock.now())
    assert selectors.audit_tree(shop.workspace_id).faults == []


def truncate(database, shop, size):
    """The operator takes the newest entries away, and their checkpoints."""
    with with_the_database_in_hand(database, shop, "ledger_leaf", "ledger_checkpoint") as owner:
        owner.execute("delete from ledger_leaf where seq >= %s", [size])
        owner.execute("delete from ledger_checkpoint where size > %s", [size])


def test_a_place_is_added_once_listed_and_removed_and_both_are_acts_in_the_ledger(shop, folder):
    target_id = add(shop, "file", folder)
    (target,) = selectors.targets(shop.workspace_id)
    assert (target.target_id, target.kind, target.place) == (target_id, AnchorKind.FILE, str(folder))
    with pytest.raises(TargetThere):
        add(shop, "file", folder)
    services.remove_target(shop.workspace_id, target_id, by="test", now=clock.now())
    assert selectors.targets(shop.workspace_id) == []
    assert selectors.ever_chosen(shop.workspace_id)
    with pytest.raises(NoTarget):
        services.remove_target(shop.workspace_id, target_id, by="test", now=clock.now())
    acts = selectors.history(shop.workspace_id, services.INSTALLATION)
    assert [act.kind for act in acts] == ["admin.anchor.added", "admin.anchor.removed"]
    for act in acts:
        assert (act.fields["kind"], act.fields["place"]) == ("file", str(folder))


def test_a_log_has_eight_places_at_most(shop, tmp_path):
    for number in range(8):
        (tmp_path / str(number)).mkdir()
        add(shop, "file", tmp_path / str(number))
    with pytest.raises(TooManyTargets):
        add(shop, "file", tmp_path)


@pytest.mark.parametrize(
    ("kind", "place", "vkey", "error"),
    [
        ("none", "x", None, anchoring.UnknownKind),
        ("file", "relative", None, anchoring.NoFolder),
        ("file", "/no/such/folder", None, anchoring.NoFolder),
        ("file", "/" + "x" * 600, None, anchoring.NoFolder),
        ("file", "/\0", None, anchoring.NoFolder),
        ("file", "/", "x+1+y", anchoring.NothingToCheck),
        ("mail", "hanako@example.jp", None, anchoring.NoReader),
        ("mail", "contact:999999999", None, anchoring.NoReader),
        ("rfc3161", "ftp://tsa.example", None, NoWebAddress),
        ("rfc3161", "https://user:secret@tsa.example", None, NoWebAddress),
        ("rfc3161", "https://tsa.example", "ca.pem", anchoring.CertificatesNeeded),
        ("rfc3161", "https://tsa.example", "/no/such/ca.pem", anchoring.CertificatesNeeded),
        ("rfc3161", "https://tsa.example", "/etc/hostname", anchoring.CertificatesNeeded),
        ("witness", "https://witness.example", None, anchoring.WitnessKeyNeeded),
        ("witness", "https://witness.example", "witness.example+00000000+AAAA", anchoring.WitnessKeyNeeded),
        ("witness", "witness.example", Witness().vkey, NoWebAddress),
    ],
)
def test_what_is_no_place_is_refused_with_its_own_sentence(shop, kind, place, vkey, error):
    with pytest.raises(error):
        services.add_target(shop.workspace_id, kind, place, vkey, by="test", now=clock.now())
    assert selectors.targets(shop.workspace_id) == []


def test_the_key_of_a_log_is_no_key_of_a_witness(shop):
    (vkey,) = selectors.verifier_keys(shop.workspace_id)
    with pytest.raises(anchoring.WitnessKeyNeeded):
        add(shop, "witness", "https://witness.example", vkey)


def test_an_odd_port_is_only_used_in_ones_own_network(shop, monkeypatch):
    monkeypatch.delenv("SHODAKU_ANCHOR_LOCAL")
    with pytest.raises(OddPort):
        add(shop, "witness", "https://witness.example:8443", Witness().vkey)


def test_nothing_is_anchored_before_there_is_a_checkpoint(folder):
    shop = a_shop()
    services.add_target(shop.workspace_id, "file", str(folder), by="test", now=clock.now())
    assert only(shop).result is Result.UNCHANGED
    assert list(folder.iterdir()) == []


def test_a_workspace_that_is_none_has_no_places():
    with pytest.raises(services.NoWorkspace):
        services.anchor(1_000_000, now=clock.now())


def test_one_workspace_never_sees_the_places_of_another(shop, folder):
    add(shop, "file", folder)
    stranger = a_shop()
    assert selectors.targets(stranger.workspace_id) == []
    assert not selectors.ever_chosen(stranger.workspace_id)
    assert anchor(stranger) == []


def test_a_folder_gets_each_checkpoint_as_a_file_and_all_in_one(shop, folder):
    add(shop, "file", folder)
    first = head(shop)
    outcome = only(shop)
    assert (outcome.result, outcome.size) == (Result.ANCHORED, first.size)
    file = folder / f"{shop.slug}-{first.size:012d}.txt"
    assert file.read_text(encoding="utf-8") == first.note
    assert receipt(shop).receipt == os.fsencode(file)
    second = grow(shop)
    assert only(shop).result is Result.ANCHORED
    every = (folder / f"{shop.slug}.checkpoints").read_text(encoding="utf-8")
    assert every == f"{first.note}\n{second.note}\n"
    assert len(list(folder.iterdir())) == 3, "no draft is left"


def test_what_is_there_is_not_put_there_again(shop, folder):
    add(shop, "file", folder)
    anchor(shop)
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert only(shop, clock.now() + AN_HOUR).result is Result.UNCHANGED
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before


def test_a_place_that_is_added_again_finds_its_copy_and_adds_nothing(shop, folder):
    services.remove_target(shop.workspace_id, add(shop, "file", folder), by="test", now=clock.now())
    services.sequence_all(shop.workspace_id, now=clock.now())
    anchor(shop)
    add(shop, "file", folder)
    assert only(shop).result is Result.ANCHORED
    every = (folder / f"{shop.slug}.checkpoints").read_text(encoding="utf-8")
    assert every.count(f"{read_note(head(shop).note).origin}\n") == 1


@pytest.mark.parametrize("written", [5, 40, 95, -3])
def test_a_copy_that_a_crash_left_half_written_hides_none_of_the_others(shop, folder, written):
    add(shop, "file", folder)
    anchor(shop)
    first, newest = head(shop), grow(shop)
    every = folder / f"{shop.slug}.checkpoints"
    with every.open("ab") as file:
        file.write(newest.note.encode()[:written])
    assert only(shop).result is Result.ANCHORED
    text = every.read_text(encoding="utf-8")
    assert text == f"{first.note}\n{newest.note}\n"
    assert [each.size for each in read_notes(text)] == [first.size, newest.size]


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_what_somebody_else_wrote_into_the_file_stays(shop, folder, ending):
    add(shop, "file", folder)
    every = folder / f"{shop.slug}.checkpoints"
    every.write_text(f"looked at by the auditor{ending}", encoding="utf-8")
    only(shop)
    assert every.read_text(encoding="utf-8") == f"looked at by the auditor\n\n{head(shop).note}\n"


def test_a_copy_that_is_no_checkpoint_is_an_alarm(shop, folder):
    add(shop, "file", folder)
    anchor(shop)
    every = folder / f"{shop.slug}.checkpoints"
    every.write_text(every.read_text(encoding="utf-8").replace("=\n\n", "==\n\n"), encoding="utf-8")
    grow(shop)
    assert failed(shop) is AnchorFaultCode.FORKED


def test_a_disk_that_is_full_is_told_and_the_rest_of_it_goes_the_next_time(shop, folder, monkeypatch):
    add(shop, "file", folder)
    anchor(shop)
    newest, write = grow(shop), os.write
    with monkeypatch.context() as full:
        full.setattr("shodaku.ledger.anchors.folder.os.write", lambda handle, text: write(handle, text[:9]))
        assert failed(shop) is AnchorFaultCode.UNWRITABLE
    assert only(shop).result is Result.ANCHORED
    assert (
        read_notes((folder / f"{shop.slug}.checkpoints").read_text(encoding="utf-8"))[-1].size == newest.size
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_fault_of_its_own_as_its_owner(shop, folder):
    add(shop, "file", folder)
    folder.chmod(0o500)
    assert failed(shop) is AnchorFaultCode.UNWRITABLE


def test_a_folder_that_is_gone_is_a_fault_and_its_return_mends_it(shop, folder):
    add(shop, "file", folder)
    folder.rmdir()
    assert failed(shop) is AnchorFaultCode.UNWRITABLE
    assert state(shop).level is Level.NONE
    folder.mkdir()
    assert only(shop).result is Result.ANCHORED
    assert selectors.targets(shop.workspace_id)[0].fault is None


def test_a_link_in_place_of_the_file_leads_nowhere_else(shop, folder, tmp_path):
    add(shop, "file", folder)
    (folder / f"{shop.slug}.checkpoints").symlink_to(tmp_path / "elsewhere")
    assert failed(shop) is AnchorFaultCode.UNWRITABLE
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("text", ["another text", "\xff\n", ""])
def test_a_file_that_says_something_else_is_never_written_over(shop, folder, text):
    add(shop, "file", folder)
    file = folder / f"{shop.slug}-{head(shop).size:012d}.txt"
    file.write_text(text, encoding="latin-1")
    assert failed(shop) is AnchorFaultCode.FORKED
    assert file.read_text(encoding="latin-1") == text
    assert state(shop).alarming


def test_a_file_of_this_size_with_another_root_is_an_alarm(shop, folder):
    add(shop, "file", folder)
    newest = head(shop)
    line = newest.note.split("\n")[2]
    (folder / f"{shop.slug}-{newest.size:012d}.txt").write_text(
        newest.note.replace(line, "A" * 43 + "="), encoding="utf-8"
    )
    assert failed(shop) is AnchorFaultCode.FORKED


def test_a_rewritten_log_contradicts_the_copy_in_the_folder(database, shop, folder):
    add(shop, "file", folder)
    anchor(shop)
    before = (folder / f"{shop.slug}.checkpoints").read_bytes()
    rewrite(database, shop)
    grow(shop)
    assert failed(shop) is AnchorFaultCode.FORKED
    assert state(shop).alarming
    assert state(shop).level is Level.NONE
    assert (folder / f"{shop.slug}.checkpoints").read_bytes() == before


def test_a_log_that_lost_its_newest_entries_is_told_by_its_own_receipts(database, shop, folder):
    add(shop, "file", folder)
    newest = grow(shop)
    anchor(shop)
    truncate(database, shop, newest.size - 1)
    assert failed(shop) is AnchorFaultCode.FORKED


def test_a_log_that_lost_entries_and_receipts_is_told_by_the_folder(database, shop, folder):
    services.remove_target(shop.workspace_id, add(shop, "file", folder), by="test", now=clock.now())
    add(shop, "file", folder)
    newest = grow(shop)
    anchor(shop)
    truncate(database, shop, newest.size - 1)
    with with_the_database_in_hand(database, shop, "ledger_anchor") as owner:
        owner.execute("delete from ledger_anchor")
    assert failed(shop) is AnchorFaultCode.FORKED


def test_a_log_that_came_back_is_well_again(database, shop, folder):
    """A replica that lags is shorter for a moment."""
    add(shop, "file", folder)
    newest = grow(shop)
    anchor(shop)
    with with_the_database_in_hand(database, shop, "ledger_checkpoint") as owner:
        owner.execute("delete from ledger_checkpoint where size = %s", [newest.size])
    assert failed(shop) is AnchorFaultCode.FORKED
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into ledger_checkpoint (workspace_id, size, root, note, at) values (%s, %s, %s, %s, %s)",
            [shop.workspace_id, newest.size, newest.root, newest.note, newest.at],
        )
    assert only(shop).result is Result.UNCHANGED
    assert not state(shop).alarming


def test_a_folder_of_another_log_is_not_mixed_with_this_one(shop, folder):
    add(shop, "file", folder)
    note = head(shop).note.replace("testserver", "other.example")
    (folder / f"{shop.slug}.checkpoints").write_text(f"{note}\n", encoding="utf-8")
    assert failed(shop) is AnchorFaultCode.OTHER_LOG


@pytest.fixture
def work_tree(tmp_path):
    tree = tmp_path / "tree"
    git(tmp_path, "init", "--quiet", str(tree))
    return tree


def git(where, *words):
    answer = subprocess.run(["git", "-C", str(where), *words], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


@needs_git
def test_a_work_tree_gets_a_commit_of_the_two_files_and_nothing_else(shop, work_tree):
    (work_tree / ".gitignore").write_text("*\n")
    (work_tree / "draft.md").write_text("of somebody else")
    git(work_tree, "add", "--force", "draft.md")
    add(shop, "git", work_tree)
    assert only(shop).result is Result.ANCHORED
    commit = git(work_tree, "rev-parse", "HEAD")
    assert receipt(shop).receipt.decode() == commit
    assert git(work_tree, "show", "--name-only", "--format=%an %ae", commit).split("\n") == [
        "shodaku ledger ledger@shodaku.invalid",
        "",
        f"{shop.slug}-{head(shop).size:012d}.txt",
        f"{shop.slug}.checkpoints",
    ]
    grow(shop)
    only(shop)
    assert git(work_tree, "rev-list", "--count", "HEAD") == "2"
    assert git(work_tree, "diff", "--cached", "--name-only") == "draft.md"


@needs_git
def test_a_hook_of_the_work_tree_does_not_run(shop, work_tree, tmp_path):
    hook = work_tree / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\nexit 1\n")
    hook.chmod(0o755)
    add(shop, "git", work_tree)
    assert only(shop).result is Result.ANCHORED
    assert not (tmp_path / "ran").exists()


@needs_git
def test_a_commit_goes_to_the_origin_and_a_push_that_failed_is_tried_again(shop, work_tree, tmp_path):
    git(work_tree, "remote", "add", "origin", str(tmp_path / "origin.git"))
    add(shop, "git", work_tree)
    assert failed(shop) is AnchorFaultCode.PUSH_FAILED
    git(tmp_path, "init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    assert only(shop).result is Result.ANCHORED
    branch = git(work_tree, "rev-parse", "--abbrev-ref", "HEAD")
    assert git(tmp_path / "origin.git", "rev-parse", branch) == receipt(shop).receipt.decode()
    assert git(work_tree, "rev-list", "--count", "HEAD") == "1", "the retry made no second commit"


@needs_git
def test_a_folder_without_git_is_no_work_tree(shop, folder):
    with pytest.raises(selectors.AnchorFailed, match="no git work tree"):
        add(shop, "git", folder)


@needs_git
def test_a_work_tree_that_is_none_any_more_is_a_fault(shop, work_tree):
    add(shop, "git", work_tree)
    shutil.rmtree(work_tree / ".git")
    assert failed(shop) is AnchorFaultCode.NO_WORK_TREE


@needs_git
def test_what_git_refuses_is_a_fault(shop, work_tree):
    add(shop, "git", work_tree)
    (work_tree / ".git" / "index.lock").touch()
    assert failed(shop) is AnchorFaultCode.GIT_FAILED


@needs_git
def test_without_git_there_is_nothing_to_commit_with(shop, work_tree, monkeypatch):
    add(shop, "git", work_tree)
    monkeypatch.setenv("PATH", "/nowhere")
    assert failed(shop) is AnchorFaultCode.GIT_MISSING


@needs_git
def test_a_git_that_hangs_is_left_after_a_minute(shop, work_tree, tmp_path, monkeypatch):
    add(shop, "git", work_tree)
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(git_anchor, "SECONDS_MAX", 0.1)
    assert failed(shop) is AnchorFaultCode.GIT_FAILED


@needs_openssl
def test_a_time_stamp_is_kept_as_it_came_and_openssl_verifies_it(shop, authority, tmp_path):
    with authority.serve() as url:
        add(shop, "rfc3161", url, str(authority.certificates))
        outcome = only(shop)
    assert (outcome.result, outcome.fault) == (Result.ANCHORED, None)
    kept = receipt(shop)
    (tmp_path / "t.tsr").write_bytes(kept.receipt)
    (tmp_path / "t.signed").write_text(read_note(kept.note).text)
    words = ["-data", "t.signed", "-in", "t.tsr", "-CAfile", str(authority.certificates)]
    answer = subprocess.run([OPENSSL, "ts", "-verify", *words], cwd=tmp_path, capture_output=True, check=True)
    assert b"Verification: OK" in answer.stdout + answer.stderr
    assert abs((kept.at - clock.now()).total_seconds()) < 300
    assert state(shop).level is Level.AGAINST_OPERATOR
    assert state(shop).well


@needs_openssl
def test_every_request_has_a_nonce_of_its_own_and_asks_for_the_certificate(shop, authority):
    with authority.serve() as url:
        add(shop, "rfc3161", url)
        only(shop)
        grow(shop)
        only(shop, clock.now() + 2 * AN_HOUR)
    first, second = authority.asked[-2:]
    assert first[-14:] != second[-14:]
    assert first.endswith(b"\x01\x01\xff"), "certReq is TRUE"


@needs_openssl
def test_an_authority_is_asked_once_an_hour_and_only_if_the_log_has_grown(shop, authority):
    with authority.serve() as url:
        add(shop, "rfc3161", url, str(authority.certificates))
        assert only(shop).result is Result.ANCHORED
        grow(shop)
        assert only(shop, clock.now() + timedelta(minutes=50)).result is Result.UNCHANGED
        assert only(shop, clock.now() + AN_HOUR).result is Result.ANCHORED
        assert only(shop, clock.now() + 3 * AN_HOUR).result is Result.UNCHANGED


@needs_openssl
def test_without_certificates_the_signature_is_said_to_be_unchecked_and_does_not_count(shop, authority):
    with authority.serve() as url:
        add(shop, "rfc3161", url)
        assert only(shop).result is Result.ANCHORED
    (shown,) = state(shop).targets
    assert shown.unchecked
    assert "not checked here" in shown.sentence("en")
    assert "確かめていません" in shown.sentence("ja")
    assert state(shop).level is Level.NONE


def flipped(place):
    def alter(query, reply):
        return reply[:place] + bytes([reply[place] ^ 1]) + reply[place + 1 :]

    return alter


@needs_openssl
@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (flipped(-5), AnchorFaultCode.BAD_SIGNATURE),
        (lambda query, reply: b"hello", AnchorFaultCode.UNREADABLE),
        (lambda query, reply: b"", AnchorFaultCode.UNREADABLE),
        (lambda query, reply: reply[:-1], AnchorFaultCode.UNREADABLE),
        (lambda query, reply: bytes.fromhex("30053003020102"), AnchorFaultCode.NOT_GRANTED),
        (lambda query, reply: bytes.fromhex("30053003020100"), AnchorFaultCode.UNREADABLE),  # no token
        (lambda query, reply: bytes(64 * 1024 + 1), AnchorFaultCode.ANSWER_TOO_LARGE),
    ],
)
def test_an_answer_that_proves_nothing_is_refused(shop, authority, alter, fault):
    with authority.serve(alter) as url:
        add(shop, "rfc3161", url, str(authority.certificates))
        assert failed(shop) is fault
    assert selectors.receipts(shop.workspace_id) == []


@needs_openssl
def test_a_stamp_for_another_request_is_refused(shop, authority):
    """The same text was stamped before: its stamp says nothing about now."""
    earlier = []

    def replay(query, reply):
        earlier.append(reply)
        return earlier[0]

    with authority.serve(replay) as url:
        text = read_note(head(shop).note).text.encode()
        where = anchoring.outgoing.parse_web_address(url, local=True)
        timestamp.stamp(where, None, text, local=True, now=clock.now())
        with pytest.raises(selectors.AnchorFailed) as refused:
            timestamp.stamp(where, None, text, local=True, now=clock.now())
    assert refused.value.fault.code is AnchorFaultCode.WRONG_NONCE


@needs_openssl
def test_a_stamp_for_another_text_is_refused(shop, authority, tmp_path):
    (tmp_path / "x").write_text("something else")
    query = subprocess.run(
        [OPENSSL, "ts", "-query", "-data", "x", "-sha256", "-cert"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    with authority.serve(lambda asked, reply: authority.reply(query)) as url:
        add(shop, "rfc3161", url, str(authority.certificates))
        assert failed(shop) is AnchorFaultCode.OTHER_IMPRINT


@needs_openssl
def test_a_stamp_of_an_authority_that_is_not_trusted_is_refused(shop, authority, tmp_path):
    other = Authority(tmp_path / "other")
    with authority.serve() as url:
        add(shop, "rfc3161", url, str(other.certificates))
        assert failed(shop) is AnchorFaultCode.BAD_SIGNATURE


@needs_openssl
@pytest.mark.parametrize(("minutes", "result"), [(4, Result.ANCHORED), (6, Result.FAILED)])
def test_a_stamp_from_the_future_means_a_wrong_clock(shop, authority, minutes, result):
    with authority.serve() as url:
        add(shop, "rfc3161", url, str(authority.certificates))
        outcome = only(shop, clock.now() - timedelta(minutes=minutes))
    assert outcome.result is result
    assert outcome.fault is None or outcome.fault.code is AnchorFaultCode.IN_FUTURE


@needs_openssl
def test_certificates_that_can_no_longer_be_read_stop_the_check(shop, authority, tmp_path):
    file = tmp_path / "ca.pem"
    shutil.copy(authority.certificates, file)
    with authority.serve() as url:
        add(shop, "rfc3161", url, str(file))
        file.write_text("nothing")
        assert failed(shop) is AnchorFaultCode.NO_CERTIFICATES


@needs_openssl
def test_certificates_in_the_order_of_openssl_are_read_and_the_token_stays_as_it_came(shop, tmp_path):
    chained = Authority(tmp_path / "chained", chain=True)
    sent = []
    with chained.serve(lambda query, reply: sent.append(reply) or reply) as url:
        add(shop, "rfc3161", url, str(chained.certificates))
        outcome = only(shop)
    assert outcome.fault is None
    assert receipt(shop).receipt == sent[0]
    assert with_sorted_certificates(sent[0]) != sent[0], "the order was not that of DER"
    assert sorted(with_sorted_certificates(sent[0])) == sorted(sent[0])


def tlv(tag, *parts):
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def an_answer(certificates):
    """A skeleton of a TimeStampResp, nothing in it but what surrounds the certificates."""
    data = tlv(0x30, b"\x02\x01\x03", b"\x31\x00", b"\x30\x00", certificates, b"\x31\x00")
    return tlv(0x30, tlv(0x30, b"\x02\x01\x00"), tlv(0x30, b"\x06\x01\x2a", tlv(0xA0, data)))


def test_certificates_are_sorted_and_nothing_else_is_touched():
    one, two = b"\x30\x01\x09", b"\x30\x01\x05"
    assert with_sorted_certificates(an_answer(tlv(0xA0, one, two))) == an_answer(tlv(0xA0, two, one))
    assert with_sorted_certificates(an_answer(tlv(0xA0, two, one))) == an_answer(tlv(0xA0, two, one))


def test_what_is_no_answer_of_an_authority_is_left_as_it_is():
    for text in ("", "30", "68656c6c6f", "3080", "3084ffffffff", "300205", "3002050030", "30053003020100"):
        answer = bytes.fromhex(text)
        assert with_sorted_certificates(answer) == answer
    for certificates in (b"", tlv(0xA0, b"\x30\x05\x00"), tlv(0xA1), tlv(0xA0, b"\x30")):
        assert with_sorted_certificates(an_answer(certificates)) == an_answer(certificates)


@pytest.mark.parametrize(
    ("status", "headers", "fault"),
    [
        (302, [("Location", "https://elsewhere.example/")], AnchorFaultCode.REDIRECTED),
        (503, [], AnchorFaultCode.BAD_STATUS),
    ],
)
def test_an_authority_that_leads_elsewhere_or_is_ill_is_told(shop, status, headers, fault):
    with serving(lambda path, body: (status, "text/html", b"", *headers)) as url:
        add(shop, "rfc3161", url)
        assert failed(shop) is fault


def test_an_authority_that_is_away_is_told(shop):
    with serving(lambda path, body: (200, "text/html", b"")) as url:
        add(shop, "rfc3161", url)
    assert failed(shop) is AnchorFaultCode.UNREACHABLE


def test_an_authority_in_a_private_network_is_not_asked(shop, monkeypatch):
    asked = []
    with serving(lambda path, body: asked.append(body) or (200, "text/html", b"")) as url:
        add(shop, "rfc3161", url)
        monkeypatch.delenv("SHODAKU_ANCHOR_LOCAL")
        with db.transaction(shop.workspace_id):
            (target,) = selectors.targets(shop.workspace_id)
        # the port alone would be refused as well: it is the address that is looked at here
        monkeypatch.setattr(anchoring.outgoing, "parse_web_address", local_address)
        assert failed(shop) is AnchorFaultCode.PRIVATE_NETWORK
    assert target.place == url
    assert asked == []


def local_address(text, *, local=False):
    host, _, port = text.removeprefix("http://").partition(":")
    return anchoring.outgoing.WebAddress("http", host, int(port), "/")


def test_without_the_optional_part_the_sentence_names_it(shop, monkeypatch):
    add(shop, "rfc3161", "http://127.0.0.1:9")
    monkeypatch.setattr(timestamp, "import_module", missing)
    assert failed(shop) is AnchorFaultCode.LIBRARY_MISSING
    with pytest.raises(timestamp.NoTimestamps, match=r"shodaku\[anchor\]"):
        add(shop, "rfc3161", "http://127.0.0.1:10")


def missing(name):
    raise ModuleNotFoundError(name)


@pytest.fixture
def witness(shop):
    witness = Witness()
    witness.watch(read_note(head(shop).note).origin, selectors.verifier_keys(shop.workspace_id))
    return witness


def test_a_witness_signs_each_checkpoint_that_continues_the_last(shop, witness):
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        assert only(shop).result is Result.ANCHORED
        for count in (1, 3, 7):
            grow(shop, count)
            assert only(shop).result is Result.ANCHORED
        assert only(shop).result is Result.UNCHANGED
    assert witness.answers == [200] * 4
    newest = head(shop)
    note = read_note(selectors.cosigned(shop.workspace_id, newest.size, newest.note))
    assert note.signed_by(witness.key)
    assert note.signed_by(parse_vkey(selectors.verifier_keys(shop.workspace_id)[0]))
    assert (state(shop).level, state(shop).size) == (Level.AGAINST_OPERATOR, newest.size)


def test_a_witness_that_knows_more_than_we_remember_is_given_the_proof_it_asks_for(shop, witness):
    with witness.serve() as url:
        services.remove_target(
            shop.workspace_id, add(shop, "witness", url, witness.vkey), by="x", now=clock.now()
        )
        first = add(shop, "witness", url, witness.vkey)
        only(shop)
        services.remove_target(shop.workspace_id, first, by="x", now=clock.now())
        add(shop, "witness", f"{url}/", witness.vkey)
        assert only(shop).result is Result.ANCHORED
    assert witness.answers == [200, 409, 200]


def test_a_witness_signs_once_more_what_it_has_signed_already(shop, witness):
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        origin, newest = read_note(head(shop).note).origin, head(shop)
        witness.signed[origin] = (newest.size, newest.root)  # our row was lost after its answer
        assert only(shop).result is Result.ANCHORED
    assert witness.answers == [409, 200]


def test_a_rewritten_log_is_refused_by_the_witness_and_that_is_an_alarm(database, shop, witness):
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        only(shop)
        rewrite(database, shop)
        grow(shop)
        assert failed(shop) is AnchorFaultCode.OTHER_HISTORY
    assert witness.answers == [200, 422]
    assert state(shop).alarming
    assert state(shop).level is Level.NONE


def test_a_log_of_the_same_length_with_another_root_is_an_alarm(database, shop, witness):
    with witness.serve() as url:
        first = add(shop, "witness", url, witness.vkey)
        only(shop)
        services.remove_target(shop.workspace_id, first, by="x", now=clock.now())
        add(shop, "witness", f"{url}/", witness.vkey)
        origin = read_note(head(shop).note).origin
        witness.signed[origin] = (head(shop).size, b"r" * 32)
        assert failed(shop) is AnchorFaultCode.OTHER_HISTORY


def test_a_log_that_is_shorter_than_the_witness_has_seen_is_an_alarm(shop, witness):
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        witness.signed[read_note(head(shop).note).origin] = (1000, b"r" * 32)
        assert failed(shop) is AnchorFaultCode.OTHER_HISTORY
    assert witness.answers == [409]


def test_a_witness_that_does_not_know_the_log_or_its_key_says_so(shop, witness):
    origin = read_note(head(shop).note).origin
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        keys = witness.known.pop(origin)
        assert failed(shop) is AnchorFaultCode.LOG_UNKNOWN
        witness.watch(origin, [])
        assert failed(shop) is AnchorFaultCode.KEY_UNKNOWN
        witness.known[origin] = keys
        assert only(shop).result is Result.ANCHORED


def test_a_cosignature_of_another_key_is_none(shop, witness):
    with witness.serve() as url:
        add(shop, "witness", url, Witness(seed=b"o" * 32).vkey)
        assert failed(shop) is AnchorFaultCode.NO_COSIGNATURE
    assert selectors.receipts(shop.workspace_id) == []


def test_lines_of_other_keys_before_ours_are_passed_over(shop, witness):
    other = Witness(name="witness.example/w2", seed=b"o" * 32)
    other.known = witness.known

    def answer(path, body):
        lines = [each._answer(path, body)[2] for each in (other, witness)]
        return 200, "text/plain", b"nonsense\n" + b"".join(lines)

    with serving(answer) as url:
        add(shop, "witness", url, witness.vkey)
        assert only(shop).result is Result.ANCHORED
    assert receipt(shop).receipt.decode().split(" ")[1] == witness.key.name


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", "— witness.example/w1 AAAA\n".encode()])
def test_an_answer_without_a_cosignature_is_refused(shop, witness, content):
    with serving(lambda path, body: (200, "text/plain", content)) as url:
        add(shop, "witness", url, witness.vkey)
        assert failed(shop) is AnchorFaultCode.NO_COSIGNATURE


def test_a_cosignature_from_the_future_means_a_wrong_clock(shop, witness):
    witness.clock = lambda: time.time() + 600
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        assert failed(shop) is AnchorFaultCode.IN_FUTURE


@pytest.mark.parametrize(
    ("status", "kind", "content", "fault"),
    [
        (409, "text/plain", b"3\n", AnchorFaultCode.BAD_STATUS),
        (409, "text/x.tlog.size", b"three\n", AnchorFaultCode.BAD_STATUS),
        (409, "text/x.tlog.size", b"01\n", AnchorFaultCode.BAD_STATUS),
        (409, "text/x.tlog.size", b"0\n", AnchorFaultCode.UNREADABLE),  # what we just said
        (409, "text/x.tlog.size", b"1\n", AnchorFaultCode.BAD_STATUS),  # again and again
        (400, "text/plain", b"", AnchorFaultCode.BAD_STATUS),
        (299, "text/plain", b"", AnchorFaultCode.BAD_STATUS),
        (307, "text/plain", b"", AnchorFaultCode.REDIRECTED),
    ],
)
def test_a_witness_that_answers_nonsense_is_told(shop, witness, status, kind, content, fault):
    asked = []
    with serving(lambda path, body: asked.append(body) or (status, kind, content)) as url:
        add(shop, "witness", url, witness.vkey)
        assert failed(shop) is fault
    assert len(asked) <= 2


def test_one_place_that_fails_stops_no_other(shop, folder, tmp_path, witness):
    gone = tmp_path / "gone"
    gone.mkdir()
    add(shop, "file", gone)
    gone.rmdir()
    add(shop, "rfc3161", "http://127.0.0.1:1")
    add(shop, "file", folder)
    with witness.serve() as url:
        add(shop, "witness", url, witness.vkey)
        results = {each.target_id: each.result for each in anchor(shop)}
    kinds = [each.kind.value for each in selectors.targets(shop.workspace_id)]
    assert kinds == ["file", "rfc3161", "file", "witness"]
    assert [results[key] for key in sorted(results)] == ["failed", "failed", "anchored", "anchored"]
    assert not state(shop).well
    assert state(shop).level is Level.AGAINST_OPERATOR


def test_what_nobody_foresaw_stops_no_other_place_either(shop, folder, monkeypatch):
    add(shop, "rfc3161", "http://127.0.0.1:1")
    add(shop, "file", folder)
    monkeypatch.setattr(timestamp, "stamp", lambda *args, **options: 1 / 0)
    first, second = anchor(shop)
    assert (first.fault, second.result) == (
        AnchorFault(AnchorFaultCode.UNFORESEEN, "ZeroDivisionError"),
        Result.ANCHORED,
    )


def test_a_mailbox_is_left_to_the_notices(shop):
    add(shop, "mail", f"contact:{a_contact(shop, 'keeper@example.jp')}")
    assert anchor(shop) == []
    (shown,) = state(shop).targets
    assert shown.place == "k****@example.jp"
    assert state(shop).level is Level.NONE, "nothing arrived yet"


def test_every_hour_each_log_with_a_place_outside_gets_a_job_of_its_own(shop, folder):
    add(shop, "file", folder)
    jobs.anchor_each()
    jobs.anchor_each()
    with db.transaction(shop.workspace_id) as connection:
        (count,) = connection.execute(
            "select count(*) from procrastinate_jobs where task_name = 'ledger.anchor_one'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s",
            [shop.workspace_id],
        ).fetchone()
    assert count == 1
    jobs.anchor_one(shop.workspace_id)
    assert state(shop).level is Level.OUTSIDE


def test_receipts_are_read_a_page_after_another(shop, folder, monkeypatch):
    monkeypatch.setattr("shodaku.ledger.targets.RECEIPT_ROWS", 2)
    add(shop, "file", folder)
    for _ in range(5):
        grow(shop)
        only(shop)
    pages, after = [], (0, 0)
    while page := selectors.receipts(shop.workspace_id, after=after):
        pages.append(len(page))
        after = (page[-1].target_id, page[-1].size)
    assert pages == [2, 2, 1]


def test_a_receipt_is_never_changed_and_never_taken_back(shop, folder):
    add(shop, "file", folder)
    only(shop)
    for statement in ("update ledger_anchor set size = 1", "delete from ledger_anchor"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            db.transaction(shop.workspace_id) as connection,
        ):
            connection.execute(statement)


def test_every_fault_level_and_kind_has_words_in_both_languages():
    told = [AnchorFault(code).sentence(lang) for code in AnchorFaultCode for lang in ("ja", "en")]
    told += [kind_word(kind, lang) for kind in AnchorKind for lang in ("ja", "en")]
    assert all(told)
    for code in AnchorFaultCode:
        fault = AnchorFault(code, "7")
        assert AnchorFault.read(str(fault)) == fault
        assert fault.sentence("en").endswith("(7)")
        assert fault.sentence("ja").endswith("（7）")


def test_a_fault_that_another_version_wrote_is_told_as_unforeseen():
    assert AnchorFault.read("solar_flare: 3") == AnchorFault(AnchorFaultCode.UNFORESEEN, "3")
    assert AnchorFault.read(None) is None


def test_a_detail_is_cut_where_it_is_stored():
    assert len(str(AnchorFault(AnchorFaultCode.UNFORESEEN, "x" * 500))) < 100
