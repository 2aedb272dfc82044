"""Staff who know that an address exists send to it again; who did and why is in the ledger."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_reader, a_shop
from tests.signup.test_services import refuse

from shodaku.accounts.domain import Role
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contacts_services
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def somebody_dead(shop):
    contact_id = a_reader(shop)
    with db.transaction(shop.workspace_id):
        contacts_services.mark_invalid(contact_id, Channel.EMAIL, "5.1.1", now=clock.now())
    return contact_id


def is_invalid(shop, contact_id):
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    return address.invalid_at is not None


@pytest.mark.parametrize(
    ("language", "offered", "said"),
    [
        ("en", "It arrives after all", "Mails are sent to this address again."),
        ("ja", "実は届く", "この宛先への送信を再開しました。"),
    ],
)
def test_a_clerk_who_knows_better_brings_an_address_back(shop, language, offered, said):
    who = somebody_dead(shop)
    desk = at_desk(shop, Role.CLERK, language=language)
    assert offered in text_of(desk.get(url(shop, "contact", who)))
    answer = desk.post(url(shop, "restore_address", who), {"why": "今日メールが来た"}, follow=True)
    shown = text_of(answer)
    assert (said in shown, offered in shown, is_invalid(shop, who)) == (True, False, False)
    entry = ledger.history(shop.workspace_id, who)[-1]
    assert (entry.kind, entry.fields["reason"]) == ("address.restored", "今日メールが来た")
    assert entry.fields["by"].startswith("staff:")


def test_without_a_reason_nothing_changes_and_the_field_says_so(shop):
    who = somebody_dead(shop)
    answer = at_desk(shop).post(url(shop, "restore_address", who), {"why": "  "})
    assert (answer.status_code, is_invalid(shop, who)) == (422, True)
    assert 'aria-invalid="true"' in text_of(answer)
    assert at_desk(shop).post(url(shop, "restore_address", who), {"why": "x" * 201}).status_code == 422


def test_a_no_of_the_person_stays_one(shop):
    who = somebody_dead(shop)
    refuse(shop, who, clock.now())
    at_desk(shop).post(url(shop, "restore_address", who), {"why": "x"})
    assert [each.scope.value for each in suppressions.refusals(shop.workspace_id, who)] == ["all"]


def test_an_address_that_was_sent_to_all_the_time_gets_no_entry(shop):
    who = a_reader(shop)
    before = len(ledger.history(shop.workspace_id, who))
    answer = at_desk(shop, language="en").post(url(shop, "restore_address", who), {"why": "x"}, follow=True)
    assert "Nothing was changed." in text_of(answer)
    assert len(ledger.history(shop.workspace_id, who)) == before


def test_who_may_only_read_brings_nothing_back(shop):
    who = somebody_dead(shop)
    answer = at_desk(shop, Role.DEVELOPER).post(url(shop, "restore_address", who), {"why": "x"})
    assert (answer.status_code, is_invalid(shop, who)) == (403, True)
