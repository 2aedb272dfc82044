"""Every situation of the law pack through the product, and what becomes of a file that is not right."""

import subprocess
import sys
from pathlib import Path

import pytest

from shodaku.config.conformance import run, suite
from shodaku.config.conformance.words import UnknownWord, moment, only, span

SHARED = Path(__file__).parents[3] / "shared/law/situations.yaml"
OWN = Path(__file__).parents[1] / "policy/more_situations.yaml"
ONE = """
situations:
- id: X1
  kind: send
  given: {facts: [{consent: {}}]}
  message: {}
  expected: {verdict: allow, reason: OK_CONSENT}
"""


def listed(one):
    return one.removeprefix("\nsituations:\n")


def results(file):
    return list(run.run(suite.load(file)))


@pytest.mark.skipif(not SHARED.exists(), reason="the law pack is not beside this checkout")
def test_every_situation_of_the_law_pack_is_answered_as_it_expects(database):
    assert [result.line for result in results(SHARED) if not result.passed] == []


def test_every_situation_of_our_own_is_answered_as_the_law_demands(database):
    assert [result.line for result in results(OWN) if not result.passed] == []


def test_a_case_leaves_nothing_behind(database, tmp_path):
    file = tmp_path / "two.yaml"
    refused = (
        ONE.replace("X1", "X2")
        .replace("[{consent: {}}]", "[{consent: {}}, {refusal: {at: -PT1S}}]")
        .replace("allow, reason: OK_CONSENT", "refuse, reason: REFUSED_ALL")
    )
    file.write_text("situations:\n" + "".join(map(listed, (ONE, refused, ONE.replace("X1", "X3")))))
    assert [result.passed for result in results(file)] == [True, True, True]


def test_a_failure_names_the_case_what_was_expected_what_came_and_the_rules(database, tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(ONE.replace("allow, reason: OK_CONSENT", "refuse, reason: NO_BASIS"))
    (result,) = results(file)
    assert result.line.startswith("FAIL X1 send expected refuse/NO_BASIS got allow/OK_CONSENT rules SE-03,")


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("{consent: {}}, {purchse: {at: -P1D}}", "given.facts[1].purchse"),
        ("{consent: {at: 3 days ago}}", "given.facts[0].consent.at"),
        ("{consent: {chanels: [email]}}", "given.facts[0].consent.chanels"),
    ],
)
def test_a_word_that_the_vocabulary_does_not_have_fails_its_case_and_is_named(
    database, tmp_path, word, where
):
    file = tmp_path / "typo.yaml"
    file.write_text(ONE.replace("{consent: {}}", word))
    (result,) = results(file)
    assert not result.passed
    assert where in result.line


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("situations: [", "line 1"),
        ("", "a mapping is needed"),
        ("situtions: []", "situations is missing"),
        ("situations: {}", "line 1: situations: a list"),
        (ONE.replace("  kind: send", "  kind: sned"), "line 4: kind: 'sned'"),
        (ONE.replace("  message: {}", "  mesage: {}"), "line 6: mesage: no such key"),
        (
            ONE.replace("  expected: {verdict: allow,", "  expected: {verdct: allow,"),
            "expected.verdct: no such key",
        ),
        (ONE.replace("  kind: send\n", ""), "line 3: kind: is missing"),
        (ONE.replace("  message: {}", "  given: {}"), "given: stands twice"),
        (ONE + listed(ONE), "id X1 stands already in line 3"),
        (f"vocabulary: {{now: yesterday}}{ONE}", "vocabulary.now"),
        (f"vocabulary: {{now: '2026-11-16T10:00:00'}}{ONE}", "needs its zone"),
    ],
)
def test_a_file_with_a_typo_is_refused_as_a_whole_with_line_and_key(tmp_path, text, hint):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(suite.Unreadable) as refused:
        suite.load(file)
    assert hint in refused.value.hint


def test_a_missing_file_is_wrong_use(tmp_path):
    with pytest.raises(suite.Unreadable):
        suite.load(tmp_path / "nowhere.yaml")


def test_a_bare_list_is_a_file_of_situations_too(tmp_path):
    file = tmp_path / "list.yaml"
    file.write_text(listed(ONE))
    assert [each.case.case_id for each in suite.load(file).situations] == ["X1"]


@pytest.mark.parametrize("text", ["", "P", "PT", "-", "1D", "P1D2H", "P-1D", None, 3])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(UnknownWord):
        span(text, "at")


def test_months_follow_the_calendar_and_days_the_clock():
    now = suite.load(OWN).now
    assert moment("-P1M", now, "at") == now.replace(month=now.month - 1)
    assert (now - moment("-P1DT2H", now, "at")).total_seconds() == 26 * 3600


def test_only_lets_no_foreign_key_pass():
    with pytest.raises(UnknownWord) as refused:
        only({"a": 1, "b": 2}, {"a"}, "given")
    assert refused.value.hint == "given.b"


def test_the_command_counts_and_ends_with_the_right_status(tmp_path):
    good, wrong = tmp_path / "good.yaml", tmp_path / "wrong.yaml"
    good.write_text(ONE)
    wrong.write_text(ONE.replace("OK_CONSENT", "OK_CARD"))
    command = [sys.executable, "-m", "shodaku", "policy", "conformance"]
    ended = subprocess.run([*command, good], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")
    ended = subprocess.run([*command, wrong, "--json"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert '"passed": false' in ended.stdout
    ended = subprocess.run([*command, tmp_path / "nowhere.yaml"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
