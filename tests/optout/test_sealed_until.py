"""The page that offers an erasure says what stays and until when, and nothing of it where nothing does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.erasure.test_sealing import sent
from tests.people import a_reader, a_shop
from tests.signup.forms import link

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EvidenceRetention
from shodaku.consent.domain import add_months
from shodaku.kit.links import Purpose, Token

pytestmark = pytest.mark.usefixtures("database")
SENT_AT = datetime.now(UTC) - timedelta(days=2)  # noqa: TID251 - a test is an edge
STAYS = "法令で保存が必要な同意の証拠は封をして保管し"


def page_of(shop, person):
    return f"/o/{link(Token(shop.workspace_id, 0, person, Purpose.DELIVERY))}"


def text_of(response):
    return response.content.decode().replace("<wbr>", "")


def day(months):
    at = add_months(SENT_AT.astimezone(ZoneInfo("Asia/Tokyo")), months)
    return f"{at.year}年{at.month}月{at.day}日"


@pytest.mark.parametrize(
    ("setting", "months"), [(EvidenceRetention.DEFAULT, 36), (EvidenceRetention.STATUTORY, 1)]
)
def test_both_pages_name_the_day_on_which_evidence_is_destroyed(setting, months):
    shop = a_shop()
    accounts.change_retention(shop.workspace_id, setting)
    person = a_reader(shop)
    sent(shop, person, SENT_AT)
    page = text_of(Client().get(page_of(shop, person)))
    assert STAYS in page
    assert day(months) in page
    assert "同意した内容" not in page  # which would disappear where nothing must be kept
    done = text_of(Client().post(page_of(shop, person), {"scope": "erase"}))
    assert STAYS in done
    assert day(months) in done


def test_where_nothing_was_sent_nothing_is_said_to_stay():
    shop = a_shop()
    person = a_reader(shop)
    assert STAYS not in text_of(Client().get(page_of(shop, person)))
    assert STAYS not in text_of(Client().post(page_of(shop, person), {"scope": "erase"}))
