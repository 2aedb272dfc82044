"""Which rule is checked where: every rule is there, and what checks it is named."""

from __future__ import annotations

from shodaku.policy import coverage
from shodaku.policy.rules import rules


def test_every_rule_is_covered_or_said_to_be_one_for_people():
    read = coverage.coverage.__wrapped__()
    assert list(read) == list(rules())
    assert {each.checked for each in read.values()} == {True, False}


def test_a_rule_that_is_checked_names_who_decides_and_what_would_fail():
    read = coverage.coverage.__wrapped__()
    answers = [each for covered in read.values() for each in covered.answers]
    duties = [each for covered in read.values() for each in covered.duties]
    assert all(each.where and each.told.en for each in answers)
    assert all(each.where and each.test for each in duties)
    assert sum(covered.tests for covered in read.values()) > len(rules()) // 2
