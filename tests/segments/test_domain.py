from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.segments.domain import (
    KINDS,
    PLACES,
    ROWS,
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    ConditionFault,
    Expression,
    Group,
    InSegment,
    KanaBegins,
    KanaRow,
    KnownSince,
    KnownWithin,
    LanguageIs,
    Match,
    Names,
    Not,
    PrefectureIs,
    SourceIs,
    SpentAtLeast,
    compile_conditions,
    compile_expression,
    describe,
    describe_expression,
    dump,
    dump_expression,
    parse,
    parse_expression,
)

texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=50).filter(
    lambda text: text.strip() == text
)
names = st.from_regex(r"[a-z]\w{0,10}", fullmatch=True)
plain = st.one_of(
    st.sampled_from(["ja", "en"]).map(LanguageIs),
    st.sampled_from(["form", "import", "staff"]).map(SourceIs),
    st.integers(1, 36_500).map(BoughtWithin),
    st.just(BoughtNothing()),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(KnownSince),
    texts.map(CompanyHolds),
    texts.map(BoughtProduct),
    st.builds(AttributeIs, names, texts),
    st.integers(1, 36_500).map(KnownWithin),
    st.integers(1, 36_500).map(ClickedWithin),
    st.integers(1, 2**31 - 1).flatmap(
        lambda n: st.sampled_from([ClickedIn(n), AgreedTo(n), SpentAtLeast(n)])
    ),
    st.sampled_from(PLACES).map(PrefectureIs),
    texts.filter(lambda text: text.strip(" ・\u3000\u00b7") != "").map(KanaBegins),
    st.sampled_from(list(ROWS)).map(KanaRow),
    st.sampled_from([0, 1]).map(BornIn),
)
single = plain | plain.map(Not)
conditions = st.lists(single, max_size=5).map(tuple)
groups = st.builds(Group, st.sampled_from(Match), st.lists(single, min_size=1, max_size=4).map(tuple))
expressions = st.builds(Expression, st.sampled_from(Match), st.lists(groups, max_size=4).map(tuple))


@given(conditions)
def test_what_is_stored_is_what_was_meant(chosen):
    assert parse(dump(chosen)) == chosen


@given(texts, texts)
def test_no_text_of_a_user_becomes_sql(company, value):
    plain = compile_conditions([CompanyHolds("x"), AttributeIs("y", "z")])
    where = compile_conditions([CompanyHolds(company), AttributeIs("attribute", value)])
    assert where.sql == plain.sql
    assert set(where.parameters.values()) == {company, "attribute", value}


def test_no_condition_means_everybody():
    assert compile_conditions([]).sql == "true"


@given(conditions)
def test_each_condition_has_parameters_of_its_own(chosen):
    where = compile_conditions(chosen)
    for name in where.parameters:
        assert f"%({name})s" in where.sql


@given(conditions)
def test_each_condition_can_be_told_in_both_languages(chosen):
    assert all(describe(each, "ja") and describe(each, "en") for each in chosen)


@pytest.mark.parametrize(
    "stored",
    [
        "everybody",
        [{"is": "sql", "value": "true; drop table contact"}],
        [{"is": "language", "value": "ja' or true --"}],
        [{"is": "bought_within", "value": 0}],
        [{"is": "bought_within", "value": "many"}],
        [{"is": "known_since", "value": "yesterday"}],
        [{"is": "attribute", "name": "a b", "value": "x"}],
        [{"is": "company"}],
        [{"is": "bought_nothing"}] * 21,
        ["bought_nothing"],
        [{"is": ["company"], "value": "x"}],
        [{"is": "company", "value": "a\x00b"}],
        [{"is": "not"}],
        [{"is": "not", "condition": {"is": "not", "condition": {"is": "bought_nothing"}}}],
    ],
)
def test_what_cannot_be_understood_is_told_in_both_languages(stored):
    with pytest.raises(ConditionFault) as fault:
        parse(stored)
    assert fault.value.sentence("ja").endswith("。")
    assert fault.value.sentence("en").endswith(".")


@given(expressions)
def test_a_saved_segment_is_what_was_meant(expression):
    assert parse_expression(dump_expression(expression)) == expression
    assert parse(dump([InSegment(7, 3, expression)])) == (InSegment(7, 3, expression),)


@given(expressions)
def test_a_segment_is_told_in_both_languages(expression):
    assert describe_expression(expression, "ja")
    assert describe_expression(expression, "en")


def test_words_join_what_belongs_together():
    bought = Group(Match.ANY, (BoughtWithin(30), SpentAtLeast(10_000)))
    tokyo = Group(Match.ALL, (Not(PrefectureIs("13")),))
    expression = Expression(Match.ALL, (bought, tokyo))
    assert describe_expression(expression, "ja") == (
        "（30日以内に購入した人、または購入の合計が10,000円以上の人）、かつ「東京都の人」以外の人"
    )
    assert describe_expression(expression, "en") == (
        "(who bought something within 30 days or who bought for 10,000 yen or more altogether) "
        "and all but those who live in Tokyo"
    )
    named = Names(mailings={12: "11月号"})
    assert (
        describe(Not(ClickedIn(12)), "ja", named) == "計測に同意していて、「11月号」のリンクを開いていない人"
    )


def test_every_kind_that_can_be_stored_has_its_words():
    values = {"language": "ja", "source": "form", "known_since": "2026-01-01", "prefecture": "13",
              "kana_row": "ア", "birth_month": 0}  # fmt: skip
    for kind in KINDS:
        (condition,) = parse([{"is": kind, "value": values.get(kind, 1), "name": "area"}])
        assert describe(condition, "ja").endswith("人")


def test_groups_are_joined_as_they_say():
    where = compile_expression(
        Expression(
            Match.ANY,
            (
                Group(Match.ALL, (LanguageIs("ja"), SourceIs("form"))),
                Group(Match.ANY, (LanguageIs("en"), SourceIs("import"))),
            ),
        )
    )
    assert where.sql == (
        "((coalesce(c.locale, 'ja') = %(condition0)s) and (c.source = %(condition1)s)) or "
        "((coalesce(c.locale, 'ja') = %(condition2)s) or (c.source = %(condition3)s))"
    )


@pytest.mark.parametrize(
    "stored",
    [
        [],
        {"groups": "all"},
        {"match": "some", "groups": []},
        {"groups": [{"match": "all", "conditions": []}]},
        {"groups": [{"match": "all"}]},
        {"groups": [{"conditions": [{"is": "segment", "value": 1}]}]},
        {"groups": [{"conditions": [{"is": "bought_nothing"}]}] * 11},
        {"groups": [{"conditions": [{"is": "bought_nothing"}] * 11}] * 2},
    ],
)
def test_a_segment_that_cannot_be_understood_says_why(stored):
    with pytest.raises(ConditionFault) as fault:
        parse_expression(stored)
    assert fault.value.sentence("ja").endswith("。")
    assert fault.value.sentence("en").endswith(".")
