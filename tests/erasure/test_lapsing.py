"""Strangers who never confirmed leave no trace; who is needed for nothing goes; a no is never lost."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from tests.journeys.clocks import A_DAY, NOW, switch_on
from tests.people import a_contact, a_reader, a_shop, agree
from tests.sendings import sent
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token, contact_of

from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.erasure import jobs, lapsing, selectors, services
from shodaku.journeys import selectors as clocks
from shodaku.journeys.domain import Late
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
ASKED_AT = NOW - 10 * A_DAY
YEARS_AGO = NOW - 5 * 366 * A_DAY


@pytest.fixture
def shop():
    shop = a_shop(YEARS_AGO)
    a_form(shop)
    return shop


def an_address():
    return f"asked-{uuid.uuid4().hex[:10]}@example.jp"


def a_stranger(shop, address=None, at=ASKED_AT):
    return ask(shop, address or an_address(), now=at)


def stop(shop, contact_id, scope=OptOutScope.ALL, now=NOW):
    order = OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.TELEPHONE)
    optout.opt_out(order, now=now)


def known(shop, contact_id):
    return selectors.remains(shop.workspace_id, contact_id) != {}


def test_a_stranger_is_forgotten_when_the_term_and_the_grace_are_over(shop):
    term = timedelta(days=3) + timedelta(days=1)
    stranger = a_stranger(shop, at=ASKED_AT)
    assert lapsing.forget_strangers(shop.workspace_id, now=ASKED_AT + term) == 0
    assert known(shop, stranger)
    assert lapsing.forget_strangers(shop.workspace_id, now=ASKED_AT + term + timedelta(seconds=1)) == 1
    assert selectors.remains(shop.workspace_id, stranger) == {}
    assert lapsing.forget_strangers(shop.workspace_id, now=NOW) == 0


def test_a_forgotten_stranger_is_on_no_list_and_may_sign_up_again(shop):
    address = an_address()
    a_stranger(shop, address)
    lapsing.forget_strangers(shop.workspace_id, now=NOW)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    assert suppressions.suppressed(shop.workspace_id, [pair]) == {}
    assert selectors.erasures(shop.workspace_id) == []
    assert contact_of(shop, address) is None
    again = ask(shop, address, now=NOW)
    signup.confirm_signup(confirm_token(shop, again), EVIDENCE, NOW)
    assert lapsing.forget_strangers(shop.workspace_id, now=NOW + 30 * A_DAY) == 0


def test_the_ledger_keeps_its_entries_and_nobody_can_read_them(shop):
    stranger = a_stranger(shop)
    before = ledger.audit(shop.workspace_id)
    lapsing.forget_strangers(shop.workspace_id, now=NOW)
    jobs.shred(shop.workspace_id, stranger)
    after = ledger.audit(shop.workspace_id)
    assert after.consistent
    assert after.entries == before.entries + 1  # the act of the clock, with a count
    assert after.shredded == before.shredded + 1
    assert ledger.history(shop.workspace_id, stranger) == []


def test_somebody_with_anything_else_stays(shop):
    confirmed, declined, refused, bought, carded, again, moved = (a_stranger(shop) for _ in range(7))
    with db.transaction(shop.workspace_id):
        contacts.record_purchases([{"contact_id": bought, "title": "皿", "amount_yen": 1, "at": NOW}])
        consent.record_bases([{"contact_id": carded, "kind": "business_card", "at": NOW}])
    signup.confirm_signup(confirm_token(shop, confirmed), EVIDENCE, ASKED_AT)
    signup.decline_signup(confirm_token(shop, declined), EVIDENCE, ASKED_AT)
    stop(shop, refused)
    agree(shop, again, topic_id=shop.other_topic_id, at=ASKED_AT)
    sent(shop, moved, ASKED_AT)
    assert lapsing.forget_strangers(shop.workspace_id, now=NOW) == 0
    assert all(known(shop, each) for each in (confirmed, declined, refused, bought, carded, again, moved))
    assert suppressions.refusals(shop.workspace_id, refused) != []


def test_a_question_that_is_still_open_keeps_the_one_before(shop):
    address = an_address()
    stranger = a_stranger(shop, address)
    ask(shop, address, now=NOW - A_DAY)
    assert lapsing.forget_strangers(shop.workspace_id, now=NOW) == 0
    assert known(shop, stranger)


def test_nobody_is_erased_for_want_of_a_purpose_until_the_workspace_says_so(shop):
    somebody = a_contact(shop, now=NOW - 60 * A_DAY)
    assert lapsing.forget_unneeded(shop.workspace_id, now=NOW) == 0
    assert known(shop, somebody)
    (warned,) = clocks.warnings(shop.workspace_id)
    assert (warned.kind, warned.people) == (Late.PURPOSE_MET, 1)


def test_who_is_needed_for_nothing_is_erased_with_all_that_belongs_to_it(shop):
    address = an_address()
    leaver = a_reader(shop, address, at=YEARS_AGO)
    sent(shop, leaver, YEARS_AGO + A_DAY)
    stop(shop, leaver, now=YEARS_AGO + 2 * A_DAY)
    switch_on(shop, asks=False, forgets=True)
    assert lapsing.forget_unneeded(shop.workspace_id, now=NOW) == 1
    assert lapsing.forget_unneeded(shop.workspace_id, now=NOW) == 0
    (erasure,) = selectors.erasures(shop.workspace_id)
    services.forget(shop.workspace_id, erasure.erasure_id, now=NOW, event_id=uuid7(NOW, b"0123456789"))
    (erasure,) = selectors.erasures(shop.workspace_id)
    assert (erasure.rule, erasure.state) == ("purpose met", "certified")
    assert str(leaver) not in erasure.receipt
    assert selectors.remains(shop.workspace_id, leaver) == {}
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    assert pair.strict in suppressions.suppressed(shop.workspace_id, [pair])  # the no outlives the person
    assert clocks.warnings(shop.workspace_id) == []


def test_a_consent_a_purchase_a_basis_or_kept_evidence_is_a_purpose(shop):
    reader = a_reader(shop, at=NOW - 90 * A_DAY)
    bought, carded, lately_written, lately_heard = (a_contact(shop, now=YEARS_AGO) for _ in range(4))
    with db.transaction(shop.workspace_id):
        contacts.record_purchases([{"contact_id": bought, "title": "皿", "amount_yen": 1, "at": YEARS_AGO}])
        consent.record_bases([{"contact_id": carded, "kind": "business_card", "at": YEARS_AGO}])
    sent(shop, lately_written, NOW - 2 * 365 * A_DAY)
    stop(shop, lately_heard, now=NOW - A_DAY)
    switch_on(shop, asks=False, forgets=True)
    assert lapsing.forget_unneeded(shop.workspace_id, now=NOW) == 0
    assert all(known(shop, each) for each in (reader, bought, carded, lately_written, lately_heard))


def test_three_years_after_the_last_advertisement_its_evidence_binds_nobody(shop):
    somebody = a_contact(shop, now=YEARS_AGO)
    last_at = NOW - 2 * 365 * A_DAY
    sent(shop, somebody, last_at)
    switch_on(shop, asks=False, forgets=True)
    three_years = last_at.replace(year=last_at.year + 3)
    assert lapsing.forget_unneeded(shop.workspace_id, now=three_years - A_DAY) == 0
    assert lapsing.forget_unneeded(shop.workspace_id, now=three_years + A_DAY) == 1


def test_the_daily_job_does_both_for_every_workspace(shop):
    stranger = a_stranger(shop)
    a_contact(shop, now=NOW - 60 * A_DAY)
    jobs.lapse()
    assert not known(shop, stranger)
    assert [each.kind for each in clocks.warnings(shop.workspace_id)] == [Late.PURPOSE_MET]
