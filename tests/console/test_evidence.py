"""What staff ask and take along leaves its trace, and the ledger is not said to be more than it is."""

from __future__ import annotations

import dataclasses
import uuid

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_imports import agree, check
from tests.people import a_shop

from shodaku.imports import selectors
from shodaku.kit import runtime
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def acts(shop, kind):
    return [each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == kind]


def test_whoever_asks_the_never_contact_list_is_recorded_and_the_address_is_not(shop):
    address = f"asked-{uuid.uuid4().hex[:8]}@example.jp"
    assert "Not on the list." in text_of(
        at_desk(shop).post(url(shop, "suppression_ask"), {"address": address})
    )
    (act,) = acts(shop, "admin.suppression.asked")
    assert (act["found"], act["by"].startswith("staff:"), address in str(act)) == (False, True, False)


def test_without_the_key_store_the_list_is_not_asked(shop):
    desk = at_desk(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answer = desk.post(url(shop, "suppression_ask"), {"address": "x@example.jp"})
    assert answer.status_code == 503


def test_a_file_that_is_taken_along_is_recorded_and_a_link_takes_none(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    agree(desk, shop, batch_id)
    (batch,) = selectors.batches(shop.workspace_id)
    file = url(shop, "import_rows", batch.batch_id)
    assert desk.get(file).status_code == 405
    assert f'action="{file}"' in text_of(desk.get(url(shop, "import", batch.batch_id)))
    assert desk.post(file).status_code == 200
    (act,) = acts(shop, "admin.exported")
    assert (act["what"], act["batch"], act["rows"]) == (
        "import",
        str(batch.batch_id),
        1,
    )  # one row has a reason of its own


def test_the_ledger_page_says_that_a_change_is_found_and_not_that_there_can_be_none(shop):
    page = text_of(at_desk(shop).get(url(shop, "ledger")))
    assert "If an entry is altered afterwards, the check below finds it." in page
    assert "by nobody" not in page
