"""People are found by the beginning of what they are called or reached by, in any width and kana."""

from __future__ import annotations

import uuid
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connections, transaction
from tests.people import a_shop

from shodaku.contacts import finding, selectors
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, parse_address, parse_email
from shodaku.contacts.search_keys import address_beginning, search_keys
from shodaku.kit import clock, db
from shodaku.ledger import services as ledger
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def somebody(shop, *, family="", given="", kana="", company="", email=None, mobile=None):
    (contact_id,) = contacts.reserve_ids(1)
    ledger.ensure_keys(shop.workspace_id, [contact_id])
    parsed = parse_email(email or f"{uuid.uuid4().hex}@example.jp")
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, parsed.address)
    with db.transaction(shop.workspace_id):
        contacts.remember(
            contacts.NewContact(
                contact_id=contact_id,
                address=contacts.NewAddress(
                    Channel.EMAIL, parsed.address, parsed.key, parsed.wire, pair.strict, pair.broad
                ),
                source="staff",
                family_name=family,
                given_name=given,
                kana=kana,
                company=company,
            ),
            now=clock.now(),
        )
        if mobile:
            number = parse_address(Channel.SMS, mobile)
            pair = suppression.tokens(shop.workspace_id, Channel.SMS, number.value)
            contacts.add_address(
                contact_id,
                contacts.NewAddress(
                    Channel.SMS, number.value, number.key, number.value, pair.strict, pair.broad
                ),
                now=clock.now(),
            )
    return contact_id


def found(shop, text):
    return {row.contact_id for row in selectors.search(shop.workspace_id, text)}


@pytest.mark.parametrize(
    "text",
    [
        "ヤマ", "やまだ", "ﾔﾏﾀﾞ", "ヤマダ ハナコ", "はなこ", "ﾊﾅｺ", "山田", "山田花子", "山田　花子", "花子",
        "ｈａｎａｋｏ．ｙ", "Hanako.Y@Example.JP", "hanako", "サンプル", "㈱サンプル", "さんぷる商",
        "090-1234", "０９０１２３４５６７８", "+819012345678", "(090)1234-5678", "田花", "プル商", "山\0田",
    ],
)  # fmt: skip
def test_a_person_is_found_by_names_readings_company_address_and_number(shop, text):
    wanted = somebody(
        shop, family="山田", given="花子", kana="ヤマダ ハナコ", company="株式会社サンプル商事",
        email="Hanako.Y@example.jp", mobile="090-1234-5678",
    )  # fmt: skip
    somebody(shop, family="佐藤", given="太郎", kana="サトウ タロウ", email="taro@other.example")
    assert found(shop, text) == {wanted}


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "山_", "😀", "ー" * 5_000])
def test_signs_of_a_pattern_are_letters_and_find_nobody(shop, text):
    somebody(shop, family="山田", given="花子")
    assert found(shop, text) == set()


def test_what_a_person_is_called_now_finds_them_and_the_old_name_does_not(shop):
    who = somebody(shop, family="旧姓", given="花子", kana="キュウセイ ハナコ", company="サンプル")
    with db.transaction(shop.workspace_id):
        contacts.rename(who, family_name="山田", given_name="花子", search_key="")
    assert [found(shop, text) for text in ("旧姓", "山田", "サンプル")] == [set(), {who}, {who}]


def test_pages_of_a_search_name_everybody_once_and_in_order(shop):
    everybody = [somebody(shop, family="鈴木", given=f"{number:02d}") for number in range(7)]
    seen, start = [], None
    while True:
        page = selectors.find(shop.workspace_id, "鈴木", start=start, rows_max=3)
        seen += [row.contact_id for row in page.rows]
        if page.following is None:
            break
        start = page.following
    assert seen == everybody


def test_the_telephone_book_knows_kana_and_puts_who_has_no_name_last(shop):
    nameless = somebody(shop)
    who = {
        kana: somebody(shop, family="漢字", kana=kana)
        for kana in ("ハンダ", "ガトウ", "オオノ", "オーノ", "カトウ")
    }
    names = [*(who[kana] for kana in ("オオノ", "オーノ", "カトウ", "ガトウ", "ハンダ")), nameless]
    seen, start = [], None
    while True:
        page = selectors.find(shop.workspace_id, order=selectors.Order.KANA, start=start, rows_max=2)
        seen += [row.contact_id for row in page.rows]
        if page.following is None:
            break
        start = page.following
    assert seen == names


@pytest.mark.parametrize("order", list(selectors.Order))
def test_a_condition_that_few_fulfil_is_asked_about_so_many_and_the_next_page_goes_on(
    shop, order, monkeypatch
):
    monkeypatch.setattr(finding, "LOOKED_AT_MAX", 3)
    wanted = {somebody(shop, family="山田", company="A") for _ in range(2)}
    for number in range(7):
        somebody(shop, family="山田", given=str(number))
    wanted |= {somebody(shop, family="山田", company="A")}
    chosen = finding._Everybody("c.company = %(firm)s", {"firm": "A"})
    seen, looks, start = [], [], None
    while True:
        page = selectors.find(shop.workspace_id, order=order, chosen=chosen, start=start)
        seen += [row.contact_id for row in page.rows]
        looks.append(page.ended_early)
        if page.following is None:
            break
        start = page.following
    assert (sorted(seen), looks.count(True)) == (sorted(wanted), 3)


def test_where_many_names_begin_so_parts_are_looked_for_in_none(shop):
    for _ in range(4):
        somebody(shop, family="鈴木")
    assert selectors.find(shop.workspace_id, "鈴", rows_max=3).parts is None
    assert selectors.find(shop.workspace_id, "鈴", rows_max=4).parts == []


def test_every_search_is_answered_out_of_an_index(shop, database):
    """Behind row-level security only comparisons that are leakproof reach an index."""
    import psycopg

    with psycopg.connect(database.application) as connection:
        connection.execute(f"set shodaku.workspace = '{shop.workspace_id}'")
        connection.execute("set enable_seqscan = off")
        statement = db.sql("shodaku.contacts", "list_beginning").replace("/*where*/", "true")
        values = {
            "workspace_id": shop.workspace_id, "names_after": "ア", "names_id": 0, "names_to": "イ",
            "address_after": "a", "address_id": 0, "address_to": "b", "looked_at_max": 51, "rows_max": 51,
        }  # fmt: skip
        plan = "\n".join(row[0] for row in connection.execute(f"explain {statement}", values).fetchall())
    for index in ("name", "given", "kana", "given_kana", "company"):
        assert f"contact_by_{index}" in plan
    assert "address_by_key" in plan
    assert "Seq Scan" not in plan


def test_keys_are_bounded_and_a_number_is_looked_for_as_it_is_kept():
    keys = search_keys("あ" * 5_000, None, None, None)
    assert (len(keys.name), keys.given, keys.kana) == (200, None, None)
    assert address_beginning("０９０−１２３４") == "+81901234"
    assert address_beginning("123") == "123"


def test_people_who_were_known_before_there_were_keys_are_found_after_the_migration(shop, database):
    who = somebody(shop, family="山田", given="花子", kana="ヤマダ ハナコ", company="サンプル")
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set name_key = null, given_key = null, kana_key = null, given_kana_key = null, "
            "company_key = null, search_key = 'ニックネーム', in_order = default where workspace_id = %s",
            [shop.workspace_id],
        )
    assert found(shop, "山田") == set()
    migration = import_module("shodaku.contacts.migrations.0008_search")
    with transaction.atomic(using="owner"):
        migration.fold_known(None, SimpleNamespace(connection=connections["owner"]))
    assert [found(shop, text) for text in ("山田", "ハナ", "サンプ", "クネーム")] == [{who}] * 4
    (row,) = selectors.find(shop.workspace_id, order=selectors.Order.KANA).rows
    assert row.key.startswith("ヤマタハナコ")
