"""Where the law is checked: every rule with its words, its function and its tests, or as one for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.config import law_matrix
from shodaku.console.views.coverage import LAWS
from shodaku.policy.domain import coverage, rules

NODES_MAX = 1_500  # of one page, by the budget of every page
ROOT = Path(__file__).parents[2]


def test_every_rule_is_listed_and_every_place_is_there():
    assert list(coverage()) == list(rules())
    places = {
        place.partition(":")[0]
        for covered in coverage().values()
        for each in covered.answers
        for place in each.where
    }
    tests = {
        test.partition(":")[0]
        for covered in coverage().values()
        for each in covered.answers
        for test in each.tests
    }
    duties = [duty for covered in coverage().values() for duty in covered.duties]
    assert {place for place in places if not (ROOT / "src/shodaku" / place).is_file()} == set()
    assert {test for test in tests if not (ROOT / "tests" / test).is_file()} == set()
    assert len(duties) == len(law_matrix.DUTIES)


def test_a_duty_has_its_words_in_both_languages():
    assert [duty.duty for duty in law_matrix.DUTIES if not duty.duty_ja or duty.duty_ja == duty.duty] == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "A refusal is obeyed, by whichever way it came"),
        ("ja", "どの経路で届いた拒否にも従う"),
    ],
)
def test_who_works_here_reads_it_in_their_language(language, told):
    shop = a_shop()
    desk, place = at_desk(shop, Role.CLERK, language=language), url(shop, "law")
    first = text_of(desk.get(place))
    assert told in first
    assert "laws/test_opt_out_is_immediate.py" in first
    pages = [text_of(desk.get(place, {"law": name})) for name in (*LAWS, "other")]
    assert [rule_id for rule_id in rules() if not any(f">{rule_id}</b>" in page for page in pages)] == []
    assert told in text_of(desk.get(place, {"law": "nonsense"}))
    assert max(len(re.findall(r"<[a-z]", page)) for page in pages) <= NODES_MAX
