"""Whatever goes wrong, the send path keeps what it promises; and who plants a fault in it is found out."""

import json
import os
import subprocess
import sys

import pytest

from shodaku.config import cli
from shodaku.config.simulate.bugs import BUGS, planted
from shodaku.config.simulate.chance import FAULTS
from shodaku.config.simulate.run import simulate, sweep
from shodaku.delivery import store

TRACED = """
from shodaku.config.simulate.run import simulate
for seed in (3, 17, 28):
    print(simulate(seed, say=print))
"""


@pytest.fixture(scope="module")
def found():
    return sweep(range(120))


def test_no_history_breaks_a_promise(found):
    assert found.failed == [], dict(found.violations)
    assert found.results["accepted"] > 0
    assert found.results["uncertain"] > 0
    assert found.repeated > 0


def test_every_kind_of_fault_is_met(found):
    assert {*FAULTS} - {*found.faults} == set()


@pytest.mark.interpreted
@pytest.mark.parametrize(
    "name",
    ["journal_after_wire", "retried_uncertain", "closed_is_untouched", "unknown_is_failure", "no_window"],
)
def test_a_planted_bug_is_found(name):
    assert sweep(range(60), BUGS[name], first_only=True).failed


@pytest.mark.parametrize("name", BUGS)
def test_every_bug_has_a_place_where_it_can_be_planted(name):
    with planted(BUGS[name]):
        pass


def test_a_planted_bug_is_gone_afterwards():
    before = store.lock
    with planted(BUGS["gate_without_lock"]):
        assert store.lock is not before
    assert store.lock is before


def test_a_seed_is_the_same_history_whatever_the_hash_seed():
    traces = [
        subprocess.run(
            [sys.executable, "-c", TRACED],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "4711")
    ]
    assert traces[0].count("\n") > 100
    assert traces[0] == traces[1]


def test_a_seed_is_the_same_history_after_others_and_alone():
    alone = simulate(41)
    sweep(range(40))
    assert simulate(41) == alone


def test_the_command_says_how_many_passed_and_fails_when_one_did(capsys):
    assert cli.main(["simulate", "--seeds", "0:5"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed"
    assert cli.main(["simulate", "--seeds", "0:10", "--bug", "journal_after_wire"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith(" failed")


@pytest.mark.interpreted
def test_a_failing_seed_is_told_as_it_was(capsys):
    seed = sweep(range(60), BUGS["retried_uncertain"], first_only=True).failed[0]
    assert cli.main(["simulate", "--seed", str(seed), "--bug", "retried_uncertain", "--trace", "60"]) == 1
    *lines, sentence, end = capsys.readouterr().out.splitlines()
    assert any("hands over news" in line for line in lines)
    assert sentence == "an advertisement was handed over twice"
    assert end == "0 passed, 1 failed"


def test_programs_get_json(capsys):
    assert cli.main(["simulate", "--seeds", "0:3", "--json"]) == 0
    total, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert (total["seeds"], total["failed"], end) == (3, [], {"passed": 3, "failed": 0})
    assert cli.main(["simulate", "--seed", "2", "--json", "--trace", "3"]) == 0
    assert len(json.loads(capsys.readouterr().out)["trace"]) == 3


@pytest.mark.parametrize("seeds", ["5", "5:5", "9:1", "a:b", "0:1000001", ":3"])
def test_seeds_of_another_form_are_one_sentence(seeds, capsys):
    assert cli.main(["simulate", "--seeds", seeds]) == 2
    assert "0:2000" in capsys.readouterr().err


def test_an_unknown_bug_names_those_there_are(capsys):
    assert cli.main(["simulate", "--bug", "none"]) == 2
    assert "gate_without_lock" in capsys.readouterr().err
