"""Coupons that were used: each row of a list is judged, a receipt counts once, and nobody is named."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import a_shop

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import NewCouponUse, UnfitCouponCode, parse_coupon_code
from shodaku.imports import services
from shodaku.imports.coupon_rows import parse_use
from shodaku.imports.domain import CouponVerdict, WrittenUse
from shodaku.kit import db
from shodaku.ledger import selectors as ledger

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
LONG_AGO = date(2020, 1, 1)
LIST = """クーポンコード,利用日,回数,レシート番号
AOI-10,2026-11-25,3,
aoi-10,2026/11/25,,R-1
ＡＯＩ-１０,2026-11-26,1,R-1
,2026-11-25,1,
AOI-10,きのう,1,
AOI-10,2026-11-28,1,
AOI-10,2026-11-25,0,
"""


@pytest.fixture
def shop(database):
    return a_shop()


def bring(shop, text=LIST, **more):
    stream = io.BytesIO(text.encode())
    return services.import_coupon_uses(
        shop.workspace_id, stream, by="staff:1", staff_id=None, now=NOW, **more
    )


def times(shop):
    return contacts.coupon_times(shop.workspace_id, ["AOI-10"], LONG_AGO)["AOI-10"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({}, NewCouponUse("AOI-10", date(2026, 11, 25), 1)),
        ({"times": "１，２００"}, NewCouponUse("AOI-10", date(2026, 11, 25), 1_200)),
        ({"times": "100000"}, NewCouponUse("AOI-10", date(2026, 11, 25), 100_000)),
        ({"times": "100001"}, CouponVerdict.TIMES_UNREADABLE),
        ({"times": "-1"}, CouponVerdict.TIMES_UNREADABLE),
        ({"code": "a" * 60}, NewCouponUse("A" * 60, date(2026, 11, 25), 1)),
        ({"code": "a" * 61}, CouponVerdict.CODE_UNREADABLE),
        ({"code": "a\nb"}, CouponVerdict.CODE_UNREADABLE),
        ({"receipt": "r" * 101}, CouponVerdict.RECEIPT_UNREADABLE),
        ({"used": "2026-11-26T11:59:00+09:00"}, NewCouponUse("AOI-10", date(2026, 11, 26), 1)),
        ({"used": "2026-11-27"}, CouponVerdict.DATE_TO_COME),
        ({"used": "きのう"}, CouponVerdict.DATE_UNREADABLE),
    ],
)
def test_a_row_is_read_or_its_first_fault_is_told(written, found):
    usually = {"code": "aoi-10", "used": "2026-11-25"}
    assert parse_use(WrittenUse(**{**usually, **written}), NOW, TOKYO) == found


@given(st.text(max_size=80))
def test_a_code_read_once_is_read_the_same_again(text):
    try:
        code = parse_coupon_code(text)
    except UnfitCouponCode:
        return
    assert parse_coupon_code(code) == code


def test_each_row_of_a_list_gets_its_verdict_and_the_good_ones_are_kept(shop):
    report = bring(shop)
    assert report.rows == 7
    assert dict(report.counts) == {
        CouponVerdict.RECORDED: 2,
        CouponVerdict.KNOWN_ALREADY: 1,
        CouponVerdict.CODE_UNREADABLE: 1,
        CouponVerdict.DATE_UNREADABLE: 1,
        CouponVerdict.DATE_TO_COME: 1,
        CouponVerdict.TIMES_UNREADABLE: 1,
    }
    assert [row for row, _verdict in report.listed] == [4, 5, 6, 7, 8]
    assert times(shop) == 4


def test_a_look_before_writes_nothing_and_tells_what_would_be(shop):
    before = bring(shop, dry_run=True).counts
    assert times(shop) == 0
    assert bring(shop).counts == before
    assert bring(shop, dry_run=True).counts[CouponVerdict.KNOWN_ALREADY] == 2


def test_without_code_and_day_it_is_no_list_of_uses(shop):
    with pytest.raises(services.NoCouponColumns):
        bring(shop, "code,name\nAOI-10,x\n")


def test_of_a_receipt_no_number_is_kept(shop):
    bring(shop)
    with db.transaction(shop.workspace_id) as connection:
        kept = connection.execute("select u::text from coupon_use u").fetchall()
    assert kept
    assert "R-1" not in str(kept)


def test_what_was_noted_and_taken_back_is_in_the_ledger_and_counts_no_more(shop):
    bring(shop, "code,date,times\nAOI-10,2026-11-25,3\n")
    (use,) = contacts.coupon_uses(shop.workspace_id)
    assert services.take_back_coupon_use(shop.workspace_id, use.use_no, by="staff:1", now=NOW)
    assert not services.take_back_coupon_use(shop.workspace_id, use.use_no, by="staff:1", now=NOW)
    assert times(shop) == 0
    noted, taken = ledger.history(shop.workspace_id, 0)[-2:]
    assert (noted.kind, noted.fields["times"], noted.fields["by"]) == ("admin.coupons.noted", 3, "staff:1")
    assert (taken.kind, taken.fields["code"]) == ("admin.coupons.taken_back", "AOI-10")


def test_another_workspace_sees_and_takes_back_nothing(shop):
    bring(shop)
    (use, *_) = contacts.coupon_uses(shop.workspace_id)
    other = a_shop()
    assert contacts.coupon_uses(other.workspace_id) == []
    assert not services.take_back_coupon_use(other.workspace_id, use.use_no, by="staff:1", now=NOW)
    assert times(shop) == 4
