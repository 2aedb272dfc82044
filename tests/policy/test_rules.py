"""The rules that every answer cites, and the words of them that the gate reads by."""

import re
from datetime import date

import pytest

from shodaku.policy.domain import refuses_advertising, rules
from shodaku.policy.rules import articles_of, dated

LEVELS = {"law", "guideline", "rfc", "provider", "policy", "watch"}
CONFIDENCE = {"verified-primary", "verified-secondary", "general-knowledge", "product-policy"}


def test_every_rule_says_where_it_comes_from_and_how_sure_we_are():
    for rule_id, rule in rules().items():
        assert rule.rule_id == rule_id
        assert re.fullmatch(r"[A-Z]{2}-\d\d", rule_id)
        assert rule.level in LEVELS
        assert rule.confidence in CONFIDENCE
        assert all((rule.title, rule.requirement, *rule.articles))


def test_the_words_of_the_footer_stand_in_the_rule_that_asks_for_them():
    assert "配信停止" in rules()["SE-13"].parameters["words"]
    assert rules()["SE-01"].parameters == {}
    assert rules()["SE-08"].parameters == {}


def test_rules_are_data_that_nobody_changes_while_the_program_runs():
    assert rules() is rules()
    with pytest.raises(TypeError):
        rules()["SE-01"] = rules()["SE-02"]


def test_articles_of_several_rules_are_named_once_in_their_order():
    assert articles_of(("SE-03", "SE-04", "SE-03")) == (
        *rules()["SE-03"].articles,
        *rules()["SE-04"].articles,
    )
    assert articles_of(()) == ()


def test_a_file_of_rules_has_its_day():
    assert dated("rules.toml") == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("広告メールはご遠慮ください", True),
        ("営業メールお断り", True),
        ("Ｎｏ Ｓａｌｅｓ Ｍａｉｌ", True),
        ("no solicitation, please", True),
        ("ダイレクトメールは不要です", True),
        ("営業部 山田太郎", False),
        ("", False),
    ],
)
def test_words_beside_an_address_that_refuse_advertising(text, expected):
    assert refuses_advertising(text) is expected
