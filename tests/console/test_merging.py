"""Two contacts become one person at the desk: side by side, asked once more, nothing of either lost."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as known
from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import selectors as signups
from shodaku.suppression import selectors as suppression

pytestmark = pytest.mark.usefixtures("database")
AGO = datetime.now(UTC) - timedelta(days=3)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


def born(shop, contact_id, day=date(1980, 4, 1)):
    with db.transaction(shop.workspace_id):
        contacts.describe(contact_id, birth_date=day)


def refuse(shop, contact_id):
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE
    )
    optout.opt_out(order, now=AGO)


def test_who_may_be_the_same_person_is_suggested_and_who_only_has_the_name_is_not(shop):
    one, twin, namesake = (a_contact(shop, name="山田 花子") for _ in range(3))
    born(shop, one)
    born(shop, twin)
    born(shop, namesake, date(1991, 1, 1))
    page = text_of(at_desk(shop).get(url(shop, "contact", one)))
    assert url(shop, "merge", one, twin) in page
    assert url(shop, "merge", one, namesake) not in page


def test_the_other_contact_is_found_by_its_address_and_no_url_holds_it(shop):
    address = f"other-{uuid.uuid4().hex[:8]}@example.jp"
    one, other = a_contact(shop), a_contact(shop, address)
    desk = at_desk(shop)
    answer = desk.post(url(shop, "merge_find", one), {"address": address})
    assert (answer.status_code, answer["Location"]) == (302, url(shop, "merge", one, other))
    for typed, said in {
        "nobody@example.jp": "Nobody here has this address",
        "x@": "",
        "": "",
        known.addresses(shop.workspace_id, one)[0].value: "This is the same contact",
    }.items():
        refused = desk.post(url(shop, "merge_find", one), {"address": typed})
        assert refused.status_code == 422
        assert said in text_of(refused)


def test_it_is_asked_once_more_and_then_both_refuse_and_tell_what_was_chosen(shop):
    one = a_reader(shop, name="山田 花子", at=AGO - timedelta(days=9))
    other = a_reader(shop, name="山田 華子", at=AGO - timedelta(days=9))
    refuse(shop, other)
    desk = at_desk(shop, Role.CLERK)
    where = url(shop, "merge", one, other)
    assert "山田 華子" in text_of(desk.get(where))
    asked = text_of(desk.post(where, {"name": str(other)}))
    assert "Make these two one person?" in asked
    assert signups.same_contacts(shop.workspace_id, one) == []
    answer = desk.post(where, {"name": str(other), "confirmed": "1"})
    assert answer["Location"] == url(shop, "contact", one)
    assert known.contact(shop.workspace_id, one).name == "山田 華子"
    assert known.search(shop.workspace_id, "山田花子") == []
    assert suppression.refusals(shop.workspace_id, one) != []
    entries = ledger.history(shop.workspace_id, one)
    assert [each.fields["name_before"] for each in entries if each.kind == "admin.contacts.united"] == [
        "山田 花子"
    ]
    page = text_of(desk.get(url(shop, "contact", one)))
    assert page.count("Under r****@example.jp") >= 3
    assert "They are known to be one person." in text_of(desk.get(where))
    assert "They are known to be one person." in text_of(desk.post(where, {"confirmed": "1"}))


@pytest.mark.parametrize("typed", ["x", "0", "999999999999999999999", "\0"])
def test_what_nobody_could_have_chosen_chooses_nothing_else(shop, typed):
    one, other = a_contact(shop, name="山田 花子"), a_contact(shop, name="山田 華子")
    at_desk(shop).post(url(shop, "merge", one, other), {"name": typed, "confirmed": "1"})
    names = {known.contact(shop.workspace_id, each).name for each in (one, other)}
    assert names == {"山田 花子"}


def test_a_contact_of_another_workspace_or_itself_is_no_second_one(shop):
    one, stranger = a_contact(shop), a_contact(a_shop())
    desk = at_desk(shop)
    for other in (one, stranger, 2**40):
        assert desk.get(url(shop, "merge", one, other)).status_code == 404
        assert desk.post(url(shop, "merge", one, other), {"confirmed": "1"}).status_code == 404


def test_who_may_not_change_contacts_does_not_merge_them(shop):
    one, other = a_contact(shop), a_contact(shop)
    desk = at_desk(shop, Role.DEVELOPER)
    assert desk.post(url(shop, "merge", one, other), {"confirmed": "1"}).status_code == 403
    assert signups.same_contacts(shop.workspace_id, one) == []
