"""The page of products: a catalogue, and lists that are checked first, with a verdict for each row."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.contacts import selectors as contacts

pytestmark = pytest.mark.usefixtures("database")
CUP = {"code": "cup", "name": "湯のみ", "kind": "goods", "url": "https://aoi.example/cup"}


@pytest.fixture
def shop():
    return a_shop()


def a_list(text):
    return SimpleUploadedFile("bought.csv", text.encode(), content_type="text/csv")


def test_the_catalogue_is_kept_and_a_list_checked_and_recorded(shop):
    desk = at_desk(shop)
    assert "No product yet" in text_of(desk.get(url(shop, "products")))
    assert desk.post(url(shop, "product_save"), CUP).status_code == 302
    reader = a_reader(shop, "hana@mail.example")
    rows = "hana@mail.example,cup,2026-01-05,500円\nx@mail.example,cup,2026-01-05,1\n"
    text = f"メール,商品コード,購入日,金額\n{rows}"
    checked = text_of(desk.post(url(shop, "purchases"), {"file": a_list(text), "do": "check"}))
    assert "1 of 2 rows would be recorded." in checked
    assert contacts.purchases(shop.workspace_id, reader) == []
    done = text_of(desk.post(url(shop, "purchases"), {"file": a_list(text), "do": "record"}))
    assert "1 of 2 rows were recorded." in done
    assert "Nobody is known by this address." in done
    assert "x@mail.example" not in done
    assert "湯のみ" in text_of(desk.get(url(shop, "contact", reader)))
    (cup,) = contacts.products(shop.workspace_id)
    assert desk.post(url(shop, "product_archive", cup.product_id)).status_code == 302
    assert contacts.products(shop.workspace_id)[0].archived_at is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"name": ""}, "name"),
        ({"url": "javascript:x"}, "url"),
        ({"kind": "car"}, "kind"),
    ],
)
def test_what_no_product_can_be_is_said_at_its_field(shop, wrong, field):
    answer = at_desk(shop).post(url(shop, "product_save"), CUP | wrong)
    assert answer.status_code == 422
    assert set(answer.context["product_form"].errors) == {field}
    assert contacts.products(shop.workspace_id) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("email,product,amount\na@mail.example,cup,1\n", "Columns are missing"),
        ("product,date,amount\ncup,2026-01-05,1\n", "e-mail"),
        ("", "empty"),
    ],
)
def test_a_list_that_cannot_be_taken_says_why(shop, text, sentence):
    answer = at_desk(shop).post(url(shop, "purchases"), {"file": a_list(text), "do": "record"})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_of_a_list_without_a_good_row_nobody_is_told_to_record_it(shop):
    text = "メール,商品コード,購入日,金額\nx@mail.example,cup,2026-01-05,1\n"
    page = text_of(at_desk(shop).post(url(shop, "purchases"), {"file": a_list(text), "do": "check"}))
    assert "No row can be recorded as it stands" in page
    assert "choose the file once more and record it" not in page


def test_who_may_not_bring_in_lists_sees_products_and_changes_none(shop):
    desk = at_desk(shop, Role.COMPLIANCE)
    page = text_of(desk.get(url(shop, "products")))
    assert "Record the purchases" not in page
    assert desk.post(url(shop, "product_save"), CUP).status_code == 403
    assert desk.post(url(shop, "purchases"), {"file": a_list("x")}).status_code == 403
