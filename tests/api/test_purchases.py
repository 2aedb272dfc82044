"""A shop's program keeps the catalogue and tells purchases; who is known, only some keys may hear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.api.test_api import a_key, an_address
from tests.people import a_reader, a_shop

from shodaku.api import routes
from shodaku.api.domain import Meter, Scope
from shodaku.contacts import selectors as contacts

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())


def call(key, method, path, body=None):
    headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
    return getattr(Client(), method)(f"/api/v1/{path}", body, "application/json", headers=headers)


def a_purchase(address, **changes):
    return {"address": address, "product": "course-1", "at": "2026-11-01T10:00:00+09:00", "amount": "19800",
            "reference": "A-1", **changes}  # fmt: skip


def test_products_and_purchases_are_told_and_counted_once(shop):
    key = a_key(shop, Scope.PURCHASES_WRITE, Scope.CONTACTS_READ)
    made = call(key, "put", "products/course-1", {"name": "はじめての器", "kind": "course"})
    assert made.json() == {
        "code": "course-1",
        "name": "はじめての器",
        "url": "",
        "kind": "course",
        "offered": True,
    }
    address = an_address()
    reader = a_reader(shop, address, at=NOW - timedelta(days=1))
    sent = {"purchases": [a_purchase(address), a_purchase(an_address(), reference="A-2")]}
    assert call(key, "post", "purchases", sent).json() == {
        "taken": 2,
        "verdicts": ["recorded", "person_unknown"],
    }
    assert call(key, "post", "purchases", sent).json()["verdicts"] == ["known_already", "person_unknown"]
    (bought,) = contacts.purchases(shop.workspace_id, reader)
    assert (bought.title, bought.amount_yen, bought.reference) == ("はじめての器", 19_800, "order:A-1")
    assert call(key, "delete", "products/course-1").status_code == 204
    assert call(key, "delete", "products/course-1").status_code == 404
    late = {"purchases": [a_purchase(address, reference="A-3")]}
    assert call(key, "post", "purchases", late).json()["verdicts"] == ["product_unknown"]
    listed = Client().get("/api/v1/products", headers={"authorization": f"Bearer {key}"}).json()
    assert [each["offered"] for each in listed] == [False]


def test_without_the_right_to_know_the_answer_is_a_number(shop):
    key = a_key(shop, Scope.PURCHASES_WRITE)
    assert call(key, "post", "purchases", {"purchases": [a_purchase(an_address())]}).json() == {
        "taken": 1, "verdicts": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("products/a%20b", {"name": "x"}, "code"),
        ("products/ab", {"name": ""}, "name"),
        ("products/ab", {"name": "x", "url": "javascript:alert(1)"}, "url"),
        ("products/ab", {"name": "x", "kind": "car"}, "kind"),
        ("products/ab", {"name": "x", "price": 1}, "price"),
    ],
)
def test_what_no_product_can_be_names_its_field(shop, path, body, field):
    answer = call(a_key(shop, Scope.PURCHASES_WRITE), "put", path, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].rpartition(".")[2] == field


def test_a_time_needs_its_offset_and_a_key_its_right(shop):
    sent = {"purchases": [a_purchase(an_address(), at="2026-11-01T10:00:00")]}
    assert call(a_key(shop, Scope.PURCHASES_WRITE), "post", "purchases", sent).status_code == 422
    assert call(a_key(shop, Scope.SEGMENTS_READ), "post", "purchases", sent).status_code == 403


def test_a_till_tells_coupons_that_were_used_and_a_receipt_counts_once(shop):
    key = a_key(shop, Scope.PURCHASES_WRITE)
    use = {"code": "aoi-10", "used": "2026-11-01", "times": 2, "receipt": "R-1"}
    uses = {"uses": [use, use, {**use, "used": "soon", "receipt": ""}]}
    told = call(key, "post", "coupon-uses", uses)
    assert told.json() == {"verdicts": ["recorded", "known_already", "date_unreadable"]}
    (kept,) = contacts.coupon_uses(shop.workspace_id)
    assert (kept.code, kept.times, kept.noted_by) == ("AOI-10", 2, None)
    assert call(a_key(shop, Scope.CAMPAIGNS_READ), "post", "coupon-uses", uses).status_code == 403
    assert call(key, "post", "coupon-uses", {"uses": []}).status_code == 422
