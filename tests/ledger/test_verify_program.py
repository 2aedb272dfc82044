"""`shodaku-verify` as a stranger runs it: one file in an empty folder, without the rest of us."""

import ast
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.proofs import FILE, LOG_KEY, PERSON, WITNESS_KEY, Log, a_log, example

from shodaku.ledger import verify

SOURCE = Path(verify.__file__)
NOTE = example()["checkpoint"]
OTHER_KEY = a_log(seeds=(b"x" * 32,)).keys[0]


def test_the_verifier_needs_nothing_but_the_standard_library_of_python_3_9():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - {"__future__"} <= set(sys.stdlib_module_names)


@pytest.fixture
def alone(tmp_path):
    """A copy of the program in an empty folder, and a proof beside it."""
    shutil.copy(SOURCE, tmp_path / "shodaku-verify.py")
    (tmp_path / "bundle.json").write_bytes(FILE)
    (tmp_path / "kept").write_text(NOTE, encoding="utf-8")
    return tmp_path


def run(folder, *arguments, env=None, **more):
    command = [sys.executable, "-I", "-S", "shodaku-verify.py", *arguments]
    spoken = {"LANG": "en_US.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}
    environment = {**os.environ, **spoken, **(env or {})}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, timeout=60, **more
    )


def test_alone_in_a_folder_it_answers_yes_no_or_wrong_use(alone):
    yes = run(alone, "bundle.json", "--key", LOG_KEY)
    no = run(alone, "bundle.json", "--key", OTHER_KEY)
    assert (yes.returncode, no.returncode) == (0, 1)
    assert b"What is proven" in yes.stdout
    assert b"What is not proven" in yes.stdout
    assert b"taro@example.jp" in yes.stdout
    assert no.stdout == (
        b"REFUSED: The checkpoint of the bundle is not signed by any of the given keys. (not_signed)\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("bundle.json",),
        ("missing.json", "--key", LOG_KEY),
        (".", "--key", LOG_KEY),
        ("bundle.json", "--key", "nonsense"),
        ("bundle.json", "--key", WITNESS_KEY),
        ("bundle.json", "--key", LOG_KEY, "--witness", LOG_KEY),
        ("bundle.json", "--key", LOG_KEY, "--witness", WITNESS_KEY, "--need", "2"),
        ("bundle.json", "--key", LOG_KEY, "--need", "-1"),
        ("bundle.json", "--key", LOG_KEY, "--need", "many"),
        ("bundle.json", "--key", LOG_KEY, "--earlier", "missing"),
    ],
)
def test_wrong_use_is_neither_yes_nor_no(alone, arguments):
    done = run(alone, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr


def test_the_languages_follow_the_environment_and_the_option(alone):
    for arguments, environment, word in (
        ((), {"LANG": "ja_JP.UTF-8"}, "証明されていないこと"),
        ((), {"LANG": "C.UTF-8"}, "What is not proven"),
        ((), {"LC_ALL": "ja_JP.UTF-8"}, "証明されていないこと"),
        ((), {"LC_ALL": "C.UTF-8", "LANG": "ja_JP.UTF-8"}, "What is not proven"),
        (("--lang", "ja"), {}, "証明されていないこと"),
    ):
        done = run(alone, "bundle.json", "--key", LOG_KEY, *arguments, env=environment)
        assert word in done.stdout.decode(), environment


def test_an_old_console_without_japanese_gets_an_answer_all_the_same(alone):
    done = run(alone, "bundle.json", "--key", LOG_KEY, "--lang", "ja", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0


def test_programs_read_the_same_answers_in_json(alone):
    yes = json.loads(run(alone, "bundle.json", "--key", LOG_KEY, "--json").stdout)
    no = json.loads(run(alone, "bundle.json", "--key", OTHER_KEY, "--json").stdout)
    assert (yes["verified"], yes["size"], yes["entries"][0]["values"]["n"]) == (True, 3, 1)
    assert (no["verified"], no["reason"]) == (False, "not_signed")
    assert no["ja"].endswith("。")


def test_a_kept_checkpoint_and_standard_input_are_read(alone):
    key = ("--key", LOG_KEY)
    assert b"that you kept" in run(alone, "bundle.json", *key, "--earlier", "kept").stdout
    assert run(alone, "-", *key, input=FILE).returncode == 0
    (alone / "kept").write_bytes(b"\xff" * 70_000)
    assert b"limit is 64 kB" in run(alone, "bundle.json", *key, "--earlier", "kept").stdout


def small_memory():
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))


def test_two_gigabytes_are_refused_unread(alone):
    with (alone / "huge.json").open("wb") as file:
        os.truncate(file.fileno(), 2 << 30)
    done = run(alone, "huge.json", "--key", LOG_KEY, preexec_fn=small_memory)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"limit is 16 MB" in done.stdout


def test_a_file_that_says_it_is_too_large_is_not_even_opened(tmp_path, monkeypatch, capsys):
    file = tmp_path / "large.json"
    file.write_bytes(b" " * (verify.BUNDLE_BYTES_MAX + 1))
    monkeypatch.delattr(Path, "open")
    assert verify.main([str(file), "--key", LOG_KEY, "--lang", "en"]) == 1
    assert "limit is 16 MB" in capsys.readouterr().out


def test_what_hides_its_size_is_read_up_to_the_limit(alone):
    endless = run(alone, "/dev/zero", "--key", LOG_KEY, preexec_fn=small_memory)
    with Path("/dev/zero").open("rb") as zero:
        piped = run(alone, "-", "--key", LOG_KEY, stdin=zero, preexec_fn=small_memory)
    for done in (endless, piped):
        assert (done.returncode, done.stderr) == (1, b"")
        assert b"limit is 16 MB" in done.stdout


def test_nothing_that_a_proof_says_reaches_the_terminal_as_a_command(tmp_path, capsys):
    trap = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\u2066\u200b\nVERIFIED\r\t\u0085"
    log = Log()
    log.record(kind="consent\x1b[31m.given", person=PERSON, n=1, said=trap, topics=[trap])
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(log.bundle(0)), encoding="utf-8")
    for more in ((), ("--lang", "ja"), ("--json",)):
        assert verify.main([str(file), "--key", log.keys[0], *more]) == 0
        shown = capsys.readouterr().out
        assert all(line.replace("\u3000", " ").isprintable() for line in shown.split("\n"))
        assert not re.search(r"^VERIFIED\b(?!:)", shown, re.MULTILINE)
    assert verify.visible("a\x1b[2J\u202eb") == "a<U+001B>[2J<U+202E>b"
    assert verify.visible("東京都　銀座") == "東京都　銀座"


def test_a_name_in_braces_stays_what_it_is(tmp_path, capsys):
    log = a_log(origin="{0.__class__}/ledger/{x}")
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(log.bundle(1, 3)), encoding="utf-8")
    assert verify.main([str(file), "--key", log.keys[0], "--lang", "en"]) == 0
    assert verify.main([str(file), "--key", LOG_KEY, "--lang", "en"]) == 1
    assert capsys.readouterr().out.count("{0.__class__}/ledger/{x}") == 2


def test_a_long_value_is_shown_with_its_length():
    assert verify.visible("x" * 3_000).endswith("x … (3000)")
