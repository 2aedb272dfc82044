from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.segments.domain import (
    AttributeIs,
    BoughtNothing,
    BoughtWithin,
    CompanyHolds,
    ConditionFault,
    KnownSince,
    LanguageIs,
    Not,
    SourceIs,
    compile_conditions,
    describe,
    dump,
    parse,
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
    st.builds(AttributeIs, names, texts),
)
conditions = st.lists(plain | plain.map(Not), max_size=5).map(tuple)


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
