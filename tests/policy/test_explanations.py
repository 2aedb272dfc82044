"""Each answer of the gate can be told to a person: in both languages, with its rules, and what to do next."""

import re
from pathlib import Path

import pytest
import yaml

from shodaku.policy.domain import Group, Operational, Reason, explain
from shodaku.policy.rules import rules

SHARED = Path(__file__).parents[3] / "shared"
LAW = SHARED / "law"
ICONS = SHARED / "reference/ui/icons/icons.svg"
AVOIDED = (
    "オプトアウト",
    "オプトイン",
    "退会",
    "ブラックリスト",
    "サプレッション",
    "パーミッション",
    "エビデンス",
    "バウンス",
)

every_reason = pytest.mark.parametrize("reason", [*Reason, *Operational])


@every_reason
def test_every_reason_is_told_in_two_languages(reason):
    told = explain(reason)
    assert re.search(r"[ぁ-ん]", told.ja), "Japanese"
    assert told.ja.endswith("。")
    assert told.en.isascii()
    assert told.en.endswith(".")


@every_reason
def test_japanese_is_short_and_uses_the_words_of_the_glossary(reason):
    told = explain(reason)
    for sentence in (told.ja, told.next_step_ja or ""):
        assert len(sentence) <= 40
        assert not any(word in sentence for word in AVOIDED)


@every_reason
def test_where_somebody_can_act_the_next_step_is_said(reason):
    told = explain(reason)
    assert (told.next_step_ja is None) == (told.next_step_en is None)
    if told.group is Group.WAIT:
        assert told.next_step_ja is not None


@every_reason
def test_every_reason_names_its_rules_and_their_articles(reason):
    told = explain(reason)
    assert told.rules
    assert told.articles


def test_a_no_of_the_person_is_never_something_to_wait_for():
    for reason in (Reason.REFUSED_ALL, Reason.REFUSED_TOPIC, Reason.ERASED_NEVER_CONTACT, Reason.NO_BASIS):
        assert explain(reason).group is Group.NEVER


def test_an_article_is_named_once_however_many_rules_rest_on_it():
    articles = explain(Reason.OK_CONSENT).articles
    assert "特定電子メール法 3条1項1-4号" in articles
    assert len(articles) == len(set(articles))


@pytest.mark.skipif(not LAW.exists(), reason="the law pack is not beside this checkout")
def test_rules_and_articles_are_those_of_the_law_pack():
    reasons = yaml.safe_load((LAW / "reasons.yaml").read_text(encoding="utf-8"))["reasons"]
    rules_of = {row["code"]: tuple(row["rules"]) for row in reasons}
    assert {reason: explain(reason).rules for reason in Reason} == {
        reason: rules_of[reason] for reason in Reason
    }
    source_of = {
        row["id"]: row["source"]
        for row in yaml.safe_load((LAW / "rules.yaml").read_text(encoding="utf-8"))["rules"]
    }
    for rule_id, rule in rules().items():
        if rule_id.startswith("PP-"):
            assert rule.articles == (f"Shodaku {rule_id}",)
        else:
            assert rule.articles == tuple(source_of[rule_id].split("; "))
    assert source_of.keys() <= rules().keys()


@pytest.mark.skipif(not ICONS.exists(), reason="the icon sheet is not beside this checkout")
def test_every_icon_is_on_the_sheet():
    known = set(re.findall(r'id="([^"]+)"', ICONS.read_text(encoding="utf-8")))
    assert {explain(reason).icon for reason in [*Reason, *Operational]} <= known
