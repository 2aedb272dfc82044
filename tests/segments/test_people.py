"""The people whom the database finds are those whom a segment means, however it is joined."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import a_shop, agree
from tests.segments.evaluator import Facts, meant

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, parse_email, parse_product
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.segments.domain import (
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    Expression,
    Group,
    InSegment,
    KanaBegins,
    KanaRow,
    KnownSince,
    KnownWithin,
    LanguageIs,
    Match,
    Not,
    PrefectureIs,
    SourceIs,
    SpentAtLeast,
    compile_conditions,
    compile_expression,
)
from shodaku.suppression import services as suppression

PEOPLE = 90
DAYS = (1, 7, 30, 90, 365)
MAILINGS = (11, 12)
_INSERT_HIT = (
    "insert into hit (workspace_id, contact_id, mailing_id, link, actor, at) values (%s, %s, %s, %s, %s, %s)"
)


def somebody(chance, now, topics):
    """Facts of every kind, each often there and often not."""

    def perhaps(*values):
        return chance.choice((None, *values))

    def ago():
        return now - timedelta(days=chance.choice((0, 5, 20, 60, 200, 400)), hours=6)

    facts = Facts(
        locale=perhaps("ja", "en"),
        source=chance.choice(("form", "import", "staff")),
        company=perhaps("株式会社サンプル", "Sample Ltd") or "",
        kana=perhaps("ヤマダ タロウ", "やまだ", "ﾔﾏﾀﾞ ﾊﾅｺ", "ばば", "ﾊﾞﾊﾞ", "えい・あい", "ガトウ") or "",
        birth_date=perhaps(date(1980, now.month, 1), date(1980, now.month % 12 + 1, 28), date(1990, 2, 28)),
        known_at=ago(),
        measured=chance.random() < 0.5,
        topics={topic for topic in topics if chance.random() < 0.4},
    )
    facts.attributes = {
        name: value
        for name, value in (
            ("prefecture", perhaps("東京都", "東京", "京都府", "Kyoto", "北海道", " 神奈川県 ")),
            ("address", perhaps("東京都中央区銀座2-1-5", "京都府京都市", "北海道札幌市", "中央区")),
            ("gender", perhaps("女", "男")),
        )
        if value is not None
    }
    facts.purchases = [(chance.choice((500, 3_000, 20_000)), ago()) for _ in range(chance.randrange(3))]
    facts.products = {code for code in ("course-1", "cup") if chance.random() < 0.3}
    if facts.products and not facts.purchases:
        facts.purchases = [(0, facts.known_at)]
    facts.clicks = [
        (chance.choice(MAILINGS), chance.choice(("human", "human", "bot")), chance.choice((-1, 0, 3)), ago())
        for _ in range(chance.randrange(4))
    ]
    return facts


def remembered(shop, facts, number):
    address = parse_email(f"somebody{number}@example.jp")
    (contact_id,) = contacts.reserve_ids(1)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address.address)
    ledger.ensure_keys(shop.workspace_id, [contact_id])
    with db.transaction(shop.workspace_id) as connection:
        contacts.remember(
            contacts.NewContact(
                contact_id=contact_id,
                address=contacts.NewAddress(
                    Channel.EMAIL, address.address, address.key, address.wire, pair.strict, pair.broad
                ),
                source=facts.source,
                kana=facts.kana,
                company=facts.company,
                locale=facts.locale,
                attributes=facts.attributes,
            ),
            now=facts.known_at,
        )
        contacts.describe(contact_id, birth_date=facts.birth_date)
        if facts.measured:
            contacts.allow_measuring(contact_id, facts.known_at)
        contacts.record_purchases(
            [
                {"contact_id": contact_id, "title": "湯のみ", "amount_yen": yen, "at": at}
                for yen, at in facts.purchases
            ]
        )
        for code in sorted(facts.products):
            product_id = contacts.save_product(parse_product(code, "湯のみ", "", "goods"), now=facts.known_at)
            bought = contacts.NewPurchase(
                contact_id=contact_id, product_id=product_id, title="湯のみ", amount_yen=0,
                at=facts.purchases[0][1] if facts.purchases else facts.known_at, reference=code,
            )  # fmt: skip
            contacts.add_purchases([bought])
        for mailing_id, actor, link, at in facts.clicks:
            connection.execute(_INSERT_HIT, (shop.workspace_id, contact_id, mailing_id, link, actor, at))
    for topic_id in facts.topics:
        agree(shop, contact_id, topic_id=topic_id, at=facts.known_at)
    return contact_id


@pytest.fixture(scope="module")
def crowd(database):
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the database decides
    shop = a_shop(now - timedelta(days=900))
    chance = random.Random(20261126)
    people = {}
    for number in range(PEOPLE):
        facts = somebody(chance, now, (shop.topic_id, shop.other_topic_id))
        people[remembered(shop, facts, number)] = facts
    return shop, people, now


def plain(shop):
    return st.one_of(
        st.sampled_from(["ja", "en"]).map(LanguageIs),
        st.sampled_from(["form", "import", "staff"]).map(SourceIs),
        st.sampled_from(DAYS).map(BoughtWithin),
        st.just(BoughtNothing()),
        st.sampled_from(["course-1", "cup", "none"]).map(BoughtProduct),
        st.sampled_from([1, 501, 3_001, 20_000, 23_000]).map(SpentAtLeast),
        st.integers(0, 500).map(lambda days: KnownSince(date(2026, 11, 26) - timedelta(days=days))),
        st.sampled_from(DAYS).map(KnownWithin),
        st.sampled_from(["サンプル", "sample", "ltd", "%"]).map(CompanyHolds),
        st.builds(AttributeIs, st.sampled_from(["gender", "nothing"]), st.sampled_from(["女", "男"])),
        st.sampled_from([shop.topic_id, shop.other_topic_id, 999_999]).map(AgreedTo),
        st.sampled_from(DAYS).map(ClickedWithin),
        st.sampled_from([*MAILINGS, 99]).map(ClickedIn),
        st.sampled_from(["13", "26", "01", "kanto"]).map(PrefectureIs),
        st.sampled_from(["やま", "ﾔﾏﾀﾞ", "バ", "エイ アイ", "_"]).map(KanaBegins),
        st.sampled_from(["ア", "カ", "ハ", "ヤ"]).map(KanaRow),
        st.sampled_from([0, 1]).map(BornIn),
    )


def expressions(shop):
    single = plain(shop) | plain(shop).map(Not)
    group = st.builds(Group, st.sampled_from(Match), st.lists(single, min_size=1, max_size=3).map(tuple))
    return st.builds(Expression, st.sampled_from(Match), st.lists(group, max_size=3).map(tuple))


def found(shop, where, now):
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    return {each.contact_id for each in delivery.verdicts(shop.workspace_id, question, where, now=now)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_database_finds_whom_a_segment_means(crowd, data):
    shop, people, now = crowd
    expression = data.draw(expressions(shop))
    expected = {contact_id for contact_id, facts in people.items() if meant(expression, facts, now)}
    assert found(shop, compile_expression(expression), now) == expected


def test_every_kind_of_condition_divides_the_crowd(crowd):
    """Else the test above could agree about nothing."""
    shop, people, now = crowd
    for condition in (
        LanguageIs("en"), SourceIs("import"), BoughtWithin(30), BoughtNothing(), SpentAtLeast(3_001),
        BoughtProduct("cup"),
        KnownSince((now - timedelta(days=30)).date()), KnownWithin(30), CompanyHolds("サンプル"),
        AttributeIs("gender", "女"), AgreedTo(shop.topic_id), ClickedWithin(30), ClickedIn(11),
        PrefectureIs("13"), PrefectureIs("kanto"), KanaBegins("やま"), KanaRow("ハ"), BornIn(0), BornIn(1),
    ):  # fmt: skip
        chosen = found(shop, compile_conditions([condition]), now)
        assert 0 < len(chosen) < len(people), condition


def test_of_who_does_not_allow_measuring_neither_a_click_nor_its_absence_is_known(crowd):
    shop, people, now = crowd
    did = found(shop, compile_conditions([ClickedIn(11)]), now)
    did_not = found(shop, compile_conditions([Not(ClickedIn(11))]), now)
    assert did.isdisjoint(did_not)
    assert did | did_not == {contact_id for contact_id, facts in people.items() if facts.measured}


def test_a_segment_that_nobody_filled_in_is_nobody_and_not_everybody(crowd):
    shop, _, now = crowd
    assert found(shop, compile_conditions([InSegment(1)]), now) == set()


@pytest.mark.usefixtures("database")
def test_a_consent_that_ran_out_is_none():
    now = datetime.now(UTC)  # noqa: TID251 - the clock of the database decides
    shop = a_shop(now - timedelta(days=900))
    one, other = (
        remembered(shop, Facts(known_at=now - timedelta(days=9)), name) for name in ("one", "other")
    )
    agree(shop, one, at=now - timedelta(days=8), expires_at=now + timedelta(days=1))
    agree(shop, other, at=now - timedelta(days=8), expires_at=now - timedelta(days=1))
    assert found(shop, compile_conditions([AgreedTo(shop.topic_id)]), now) == {one}
