"""Who is meant is a typed tree, never SQL: whatever a form or a stored row says, only parameters carry it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.segments.domain import (
    AttributeIs,
    BoughtNothing,
    BoughtWithin,
    CompanyHolds,
    ConditionFault,
    Not,
    compile_conditions,
    compile_expression,
    parse,
    parse_expression,
)

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOSTILE = [
    "'; drop table contact; --",
    "%(workspace_id)s",
    "%s %% %(x)s",
    "$1",
    "\\'",
    "x' or 'a'='a",
    "/*where*/",
    "名前",
]
KINDS = [
    "language",
    "source",
    "bought_within",
    "bought_nothing",
    "known_since",
    "company",
    "attribute",
    "spent",
    "bought",
    "known_within",
    "topic",
    "clicked_within",
    "clicked_in",
    "prefecture",
    "kana",
    "kana_row",
    "birth_month",
    "segment",
    "not",
    "sql",
    None,
]

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.sampled_from(HOSTILE)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
nearly = st.recursive(
    st.fixed_dictionaries(
        {"is": st.sampled_from(KINDS) | anything},
        optional={
            "value": anything | st.sampled_from(["ja", "form", "2026-01-01", 30, "13", "kanto", "ア", 1]),
            "name": anything | st.just("area"),
        },
    ),
    lambda inner: st.fixed_dictionaries({"is": st.just("not"), "condition": inner}),
    max_leaves=3,
)
NAMES = re.compile(r"%\((condition\d+(?:_name|_from|_to)?)\)s")
# all the SQL there can be: words and signs of `segments.domain`, none of a user's
VOCABULARY = frozenset({
    "true", "not", "is", "and", "coalesce", "lower", "strpos", "exists", "select", "from", "where", "now",
    "date", "make_interval", "days", "c", "p", "purchase", "locale", "ja", "source", "workspace_id",
    "contact_id", "at", "created_at", "company", "attributes", "false", "timestamp", "time", "zone",
    "timezone", "workspace", "w", "sum", "amount_yen", "k", "consent", "topic_id", "state", "active",
    "expires_at", "null", "or", "h", "hit", "actor", "human", "link", "mailing_id", "tracking_consent_at",
    "case", "when", "then", "else", "end", "btrim", "prefecture", "any", "unnest", "text", "named",
    "starts_with", "address", "replace", "translate", "normalize", "kana", "nfkc", "left", "extract", "month",
    "birth_date", "date_trunc", "months", "product", "g", "join", "on", "product_id", "code",
})  # fmt: skip


@given(anything | st.lists(nearly, max_size=4))
def test_what_is_stored_is_understood_or_refused_and_its_sql_is_ours(stored):
    try:
        chosen = parse(stored)
    except ConditionFault:
        return
    where = compile_conditions(chosen)
    assert set(NAMES.findall(where.sql)) == set(where.parameters)
    rest = NAMES.sub("", where.sql)
    assert "%" not in rest
    assert set(re.findall(r"[^\W\d]\w*", rest)) <= VOCABULARY
    assert not re.search(r";|--|/\*|\\|\"", rest)


@given(anything | st.fixed_dictionaries({"match": st.sampled_from(["all", "any"]), "groups": st.lists(
    st.fixed_dictionaries({"match": st.sampled_from(["all", "any"]) | anything,
                           "conditions": st.lists(nearly, max_size=3)}), max_size=3)}))  # fmt: skip
def test_a_stored_segment_is_understood_or_refused_and_its_sql_is_ours(stored):
    try:
        expression = parse_expression(stored)
    except ConditionFault:
        return
    where = compile_expression(expression)
    assert set(NAMES.findall(where.sql)) == set(where.parameters)
    rest = NAMES.sub("", where.sql)
    assert set(re.findall(r"[^\W\d]\w*", rest)) <= VOCABULARY
    assert not re.search(r"%|;|--|/\*|\\|\"", rest)


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_the_same_conditions_are_the_same_sql_whatever_they_say(one, other):
    def sql(text):
        return compile_conditions([CompanyHolds(text), Not(AttributeIs(text, text))]).sql

    assert sql(one) == sql(other)


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop(NOW)
    a_contact(shop, now=NOW)
    return shop


def chosen_in(shop, *conditions):
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    verdicts = delivery.verdicts(shop.workspace_id, question, compile_conditions(conditions), now=NOW)
    return {each.contact_id for each in verdicts}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_finds_nobody_and_harms_nothing(shop, text):
    everybody = chosen_in(shop)
    assert chosen_in(shop, CompanyHolds(text)) == set()
    assert chosen_in(shop, AttributeIs("area", text)) == set()
    assert chosen_in(shop, AttributeIs(text, text)) == set()
    assert chosen_in(shop, Not(CompanyHolds(text))) == everybody != set()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(nearly, max_size=3))
def test_the_database_can_run_whatever_is_understood(shop, stored):
    try:
        chosen = parse(stored)
    except ConditionFault:
        return
    assert chosen_in(shop, *chosen) <= chosen_in(shop)


@pytest.mark.usefixtures("database")
def test_a_purchase_in_another_shop_is_nobodys_here():
    shops = SimpleNamespace(ours=a_shop(NOW), other=a_shop(NOW))
    here, there = a_contact(shops.ours, now=NOW), a_contact(shops.other, now=NOW)
    bought = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - the clock of the database decides
    with db.transaction(shops.other.workspace_id):
        contacts.record_purchases(
            [{"contact_id": there, "title": "湯のみ", "amount_yen": 3300, "at": bought}]
        )
    assert chosen_in(shops.ours, BoughtWithin(30)) == set()
    assert chosen_in(shops.ours, BoughtNothing()) == {here}
    assert chosen_in(shops.other, BoughtWithin(30)) == {there}
    assert chosen_in(shops.other, Not(BoughtNothing())) == {there}
