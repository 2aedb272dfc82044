"""Promise 2 and 7: a consent that claims a later date does not outlast the no that was recorded after it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_shop, agree

from shodaku.config import explain
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis, Verdict
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import services as suppression

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
ADDRESS = "later@example.jp"

pytestmark = pytest.mark.usefixtures("database")


def opt_out(shop, contact_id):
    request = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE
    )
    return optout.opt_out(request, NOW)


def bring_in(shop, rows, on):
    order = imports.ImportOrder(
        file_name="list.csv",
        basis=Basis.CONSENT,
        evidence="店頭の申込書",
        evidence_on=on,
        confirmed=True,
        topic_id=shop.topic_id,
    )
    return imports.bring_in(
        shop.workspace_id, io.BytesIO(rows.encode()), order, dry_run=False, staff_id=None, now=NOW
    )


def test_a_recorded_no_ends_a_yes_that_claims_a_later_date():
    shop = a_shop()
    reader = a_contact(shop, ADDRESS)
    agree(shop, reader, at=NOW + 2 * A_DAY)
    opt_out(shop, reader)
    (held,) = consents.held(shop.workspace_id, reader)
    assert held.state == "withdrawn"
    for later in range(4):
        assert not explain.explain(shop.workspace_id, ADDRESS, shop.topic_id, now=NOW + later * A_DAY).may


@pytest.mark.parametrize(
    ("rows", "on"),
    [
        (f"メール\n{ADDRESS}\n", (NOW + 2 * A_DAY).date()),
        (f"メール,同意日時\n{ADDRESS},2027-01-01 09:00\n", NOW.date() - A_DAY),
    ],
    ids=["the day of the whole list", "the time of the row"],
)
def test_a_list_with_a_date_in_the_future_gives_no_consent(rows, on):
    shop = a_shop()
    assert bring_in(shop, rows, on).counts == {Verdict.PENDING: 1}
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, ADDRESS)
    contact_id = contacts.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict])[pair.strict]
    assert consents.held(shop.workspace_id, contact_id) == []


def test_a_consent_whose_time_has_come_ends_with_an_entry_of_its_own():
    shop = a_shop()
    reader = a_contact(shop, ADDRESS)
    agree(shop, reader, at=NOW - 10 * A_DAY, expires_at=NOW - A_DAY)
    assert consent.expire_due(shop.workspace_id, now=NOW) == 1
    assert consent.expire_due(shop.workspace_id, now=NOW) == 0
    (held,) = consents.held(shop.workspace_id, reader)
    assert held.state == "expired"
    assert [entry.kind for entry in ledger.history(shop.workspace_id, reader)][-1] == "consent.expired"
    assert ledger.audit(shop.workspace_id).consistent
