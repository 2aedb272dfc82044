"""The send path as machine code: the same files, so the same tests; and never of other files than these."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.delivery.mailings import worker_process

from shodaku.config import native, native_build
from shodaku.config.native import Kind

HOUSE = Path(__file__).resolve().parents[2]
MEET_IT = (
    "tests/content",
    "tests/delivery/test_dialogue.py",
    "tests/delivery/test_engine.py",
    "tests/delivery/test_failing.py",
    "tests/delivery/test_journal.py",
    "tests/delivery/test_recovery.py",
    "tests/delivery/test_signed_mail.py",
    "tests/delivery/test_smtp.py",
    "tests/delivery/test_worker.py",
    "tests/kit/test_links.py",
    "tests/laws/test_no_message_without_permit.py",
    "tests/policy/test_domain.py",
    "tests/policy/test_exemptions.py",
    "tests/security/test_t03_headers.py",
    "tests/simulate/test_histories.py",
)


@pytest.fixture(scope="module")
def machine_code():
    if native.state()[0] is not Kind.NATIVE:
        try:
            native_build.build(native.folder())
        except native_build.NoCompiler as error:
            pytest.skip(f"{error.message} {error.hint}")


def test_the_same_tests_hold_for_the_machine_code(machine_code):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.native", "--tb=short", *MEET_IT]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_a_worker_says_how_its_send_path_runs(machine_code, database, tmp_path):
    with worker_process(database, tmp_path, stderr=subprocess.PIPE) as worker:
        told = next(json.loads(line) for line in worker.stderr if b'"worker.code"' in line)
        worker.stderr.close()
    assert told["kind"] == "native"


@pytest.mark.parametrize("module", native.MODULES)
def test_no_file_that_is_compiled_defines_an_error(module):
    """Its sentence is its docstring, and mypyc keeps none of an exception."""
    tree = ast.parse(native.source_of(module).read_text(encoding="utf-8"))
    bases = [
        ast.unparse(base) for each in ast.walk(tree) if isinstance(each, ast.ClassDef) for base in each.bases
    ]
    assert not [base for base in bases if base.endswith(("Error", "Exception", "OutOfReach", "WrongUse"))]


def made(place, **changed):
    place.mkdir(exist_ok=True)
    stamp = native.stamp(["shodaku.kit.links", "shodaku.kit"]) | changed
    native.write_manifest(place, stamp, {"shodaku.kit.links": "links.so"})
    return place


def test_what_was_made_from_these_very_files_is_used(tmp_path):
    assert native.state(made(tmp_path)) == (Kind.NATIVE, {"shodaku.kit.links": "links.so"})


@pytest.mark.parametrize(
    "changed",
    [
        {"python": "3.11.0"},
        {"platform": "linux-riscv64"},
        {"sources": {"shodaku.kit.links": "of other octets"}},
        {"sources": {"shodaku.kit.gone": "of a file that is gone"}},
    ],
)
def test_what_was_made_from_other_files_or_for_another_python_is_not(tmp_path, changed):
    assert native.state(made(tmp_path, **changed)) == (Kind.STALE, {})


def test_half_a_manifest_is_none(tmp_path):
    made(tmp_path)
    (tmp_path / "manifest.json").write_text('{"stamp": {', encoding="utf-8")
    assert native.state(tmp_path) == (Kind.STALE, {})


def test_without_a_compiler_the_files_themselves_run(tmp_path):
    assert native.state(tmp_path / "nothing") == (Kind.INTERPRETED, {})


def test_it_can_be_switched_off(tmp_path, monkeypatch):
    monkeypatch.setenv("SHODAKU_NATIVE", "off")
    assert native.state(made(tmp_path)) == (Kind.INTERPRETED, {})


def test_a_process_that_has_begun_with_the_files_goes_on_with_them(tmp_path):
    before = list(sys.meta_path)
    assert native.use(made(tmp_path)) is Kind.INTERPRETED
    assert sys.meta_path == before


def test_who_has_no_compiler_is_told_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(native, "folder", lambda: tmp_path / "nothing")
    monkeypatch.setattr(sys, "argv", ["native_build"])
    assert native_build.main() == 3
    assert "apt install" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["native_build", "--if-possible"])
    assert native_build.main() == 0
