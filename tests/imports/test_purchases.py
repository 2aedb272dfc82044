"""Lists of purchases: a verdict for each row, the same row twice counts once, nobody is a contact by one."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contact_services
from shodaku.contacts.domain import Channel, UnfitProduct, parse_product
from shodaku.imports import services
from shodaku.imports.domain import NoAddressColumn, PurchaseVerdict, WrittenPurchase
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
HEAD = "email,product,date,amount\n"
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    shop = a_shop(NOW)
    for code, name in (("course-1", "はじめての器"), ("cup", "湯のみ")):
        product = parse_product(code, name, "https://aoi.example/" + code, "course")
        services.save_product(shop.workspace_id, product, by="staff:1", now=NOW)
    return shop


def imported(shop, text, **how):
    stream = io.BytesIO(text.encode())
    return services.import_purchases(shop.workspace_id, stream, by="staff:1", now=NOW, **how)


def bought(shop, contact_id):
    return contacts.purchases(shop.workspace_id, contact_id)


def test_a_list_is_recorded_and_each_other_row_says_why_not(shop):
    reader = a_reader(shop, "hana@mail.example", at=NOW)
    report = imported(
        shop,
        "メールアドレス,商品コード,購入日,金額,通貨,円換算,注文番号\n"
        'hana@mail.example,course-1,2026年11月1日,"19,800円",,,A-1\n'
        "HANA@mail.example,cup,2026-11-02 10:30,22.50,usd,3500,A-2\n"
        "hana@mail.example,course-1,2026-11-01,19800,,,A-1\n"
        "nobody@mail.example,cup,2026-11-02,500,,,A-3\n"
        "hana@mail.example,plate,2026-11-02,500,,,A-4\n"
        "no address,cup,2026-11-02,500,,,A-5\n"
        "hana@mail.example,cup,some day,500,,,A-6\n"
        "hana@mail.example,cup,2027-01-01,500,,,A-7\n"
        "hana@mail.example,cup,2026-11-02,-500,,,A-8\n"
        "hana@mail.example,cup,2026-11-02,10,euro,1600,A-9\n"
        f"hana@mail.example,cup,2026-11-02,500,,,{'x' * 101}\n",
    )
    assert report.rows == 11
    assert report.counts[PurchaseVerdict.RECORDED] == 2
    assert report.listed == [
        (4, PurchaseVerdict.KNOWN_ALREADY),
        (5, PurchaseVerdict.PERSON_UNKNOWN),
        (6, PurchaseVerdict.PRODUCT_UNKNOWN),
        (7, PurchaseVerdict.ADDRESS_UNREADABLE),
        (8, PurchaseVerdict.DATE_UNREADABLE),
        (9, PurchaseVerdict.DATE_TO_COME),
        (10, PurchaseVerdict.AMOUNT_UNREADABLE),
        (11, PurchaseVerdict.CURRENCY_UNREADABLE),
        (12, PurchaseVerdict.REFERENCE_UNREADABLE),
    ]
    cup, course = bought(shop, reader)
    assert (course.title, course.amount_yen, course.code, course.paid) == (
        "はじめての器",
        19_800,
        "course-1",
        None,
    )
    assert course.at == datetime(2026, 10, 31, 15, 0, tzinfo=UTC)  # midnight where the shop is
    assert (cup.amount_yen, cup.currency, cup.paid, cup.reference) == (
        3_500,
        "USD",
        Decimal("22.50"),
        "order:A-2",
    )


def test_the_same_file_again_changes_nothing(shop):
    reader = a_reader(shop, "hana@mail.example", at=NOW)
    text = HEAD + "hana@mail.example,cup,2026-11-01,500\nhana@mail.example,cup,2026-11-02,500\n"
    assert imported(shop, text).counts[PurchaseVerdict.RECORDED] == 2
    assert imported(shop, text).counts == {PurchaseVerdict.KNOWN_ALREADY: 2}
    assert len(bought(shop, reader)) == 2


def test_a_dry_run_tells_the_same_and_writes_nothing(shop):
    reader = a_reader(shop, "hana@mail.example", at=NOW)
    text = HEAD + "hana@mail.example,cup,2026-11-01,500\nnobody@mail.example,cup,2026-11-01,5\n"
    dry = imported(shop, text, dry_run=True)
    assert bought(shop, reader) == []
    wet = imported(shop, text)
    assert dry.counts == wet.counts
    assert imported(shop, text, dry_run=True).counts[PurchaseVerdict.KNOWN_ALREADY] == 1


def test_a_list_without_its_columns_is_refused_whole(shop):
    with pytest.raises(services.NoPurchaseColumns):
        imported(shop, "email,product,amount\na@mail.example,cup,500\n")
    with pytest.raises(NoAddressColumn):
        imported(shop, "product,date,amount\ncup,2026-11-01,500\n")


def test_nobody_becomes_a_contact_by_having_bought_and_the_erased_stay_unknown(shop):
    written = WrittenPurchase(address="gone@mail.example", product="cup", bought="2026-11-01", amount="500")
    (verdict,) = services.record_purchases(shop.workspace_id, [written], by="api:1", now=NOW)
    assert verdict is PurchaseVerdict.PERSON_UNKNOWN
    with db.transaction(shop.workspace_id):
        token = suppression.tokens(shop.workspace_id, Channel.EMAIL, "gone@mail.example").strict
    assert contacts.claimed(shop.workspace_id, Channel.EMAIL, [token]) == {}


def test_the_ledger_says_who_recorded_how_many_and_names_nobody(shop):
    a_reader(shop, "hana@mail.example", at=NOW)
    imported(shop, "email,product,date,amount\nhana@mail.example,cup,2026-11-01,500\n")
    last = ledger.history(shop.workspace_id, 0)[-1]
    assert last.kind == "admin.purchases.recorded"
    assert (last.fields["rows"], last.fields["by"]) == (1, "staff:1")
    assert "hana" not in str(last.fields)


def test_purchases_go_with_the_person(shop):
    buyer = a_contact(shop, "hana@mail.example", now=NOW)
    imported(shop, HEAD + "hana@mail.example,cup,2026-11-01,500\n")
    with db.transaction(shop.workspace_id):
        assert contact_services.forget(buyer)["purchase"] == 1
    assert bought(shop, buyer) == []


def test_a_product_keeps_its_code_and_changes_its_name(shop):
    for name in ("急須", "大きな急須"):
        services.save_product(
            shop.workspace_id, parse_product("pot", name, "", "goods"), by="staff:1", now=NOW
        )
    found = {each.code: each for each in contacts.products(shop.workspace_id)}
    assert found["pot"].name == "大きな急須"
    services.archive_product(shop.workspace_id, "pot", by="staff:1", now=NOW)
    assert [each.code for each in contacts.products(shop.workspace_id)][-1] == "pot"
    with pytest.raises(services.NoSuchProduct):
        services.archive_product(shop.workspace_id, "pot", by="staff:1", now=NOW)


@pytest.mark.parametrize(
    ("code", "name", "url", "kind"),
    [
        ("", "x", "", "goods"),
        ("ä", "x", "", "goods"),
        ("a" * 41, "x", "", "goods"),
        ("a", "", "", "goods"),
        ("a", "x\ny", "", "goods"),
        ("a", "=?utf-8?q?x?=", "", "goods"),
        ("a", "x" * 101, "", "goods"),
        ("a", "x", "javascript:alert(1)", "goods"),
        ("a", "x", "https://", "goods"),
        ("a", "x", "https://[", "goods"),
        ("a", "x", "", "car"),
    ],
)
def test_what_no_product_can_be_is_refused(code, name, url, kind):
    with pytest.raises(UnfitProduct):
        parse_product(code, name, url, kind)


def test_there_is_an_end_to_how_many(shop, monkeypatch):
    monkeypatch.setattr(contact_services, "PRODUCTS_MAX", 2)
    with pytest.raises(services.TooManyProducts):
        services.save_product(
            shop.workspace_id, parse_product("third", "x", "", "other"), by="staff:1", now=NOW
        )
    assert len(contacts.products(shop.workspace_id)) == 2
