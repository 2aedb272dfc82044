"""A no that comes before the yes has its place in the log, or in the middle of a list, holds all the same."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.laws.test_a_merge_lifts_no_refusal import sendable
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.imports import portions, services
from shodaku.imports.domain import Basis, Verdict
from shodaku.imports.services import ImportOrder
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
LIST = ImportOrder(
    file_name="list.csv",
    basis=Basis.CONSENT,
    evidence="本人の申込書",
    evidence_on=clock.now().date() - timedelta(days=3),
    confirmed=True,
)
HEAD = "メール,氏名"


def say_no(shop, contact_id, scope=OptOutScope.ALL):
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.PAGE),
        now=clock.now(),
    )


def known(shop, address):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    return contacts.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)


def test_f60_a_no_before_the_yes_is_in_the_log_holds_at_once_and_both_are_there_in_their_order():
    shop = a_shop()
    contact_id = a_reader(shop)
    assert sendable(shop, contact_id)
    assert ledger.head(shop.workspace_id) is None  # nobody has sequenced anything
    say_no(shop, contact_id)
    assert not sendable(shop, contact_id)
    ledger_services.sequence(shop.workspace_id, now=clock.now())
    yes, *_, no = ledger.history(shop.workspace_id, contact_id)
    assert yes.kind == "consent.confirmed"
    assert yes.index < no.index
    assert (yes.fields["n"], no.fields["n"]) == (1, len(ledger.history(shop.workspace_id, contact_id)))
    assert not sendable(shop, contact_id)


@pytest.mark.parametrize("scope", [OptOutScope.ALL, OptOutScope.ERASE])
def test_f61_who_says_no_when_half_of_a_list_is_in_is_not_brought_back_by_its_rest(monkeypatch, scope):
    shop = a_shop()
    address = "taro@sample.example"
    monkeypatch.setattr(portions, "PORTION_ROWS", 2)
    rows = [address, "b@sample.example", "c@sample.example", address.upper(), "d@sample.example", address]
    bring, said = portions.Bringer.bring, []

    def then_no(self, portion):
        outcome = bring(self, portion)
        if portion.number == 0:
            said.append(known(shop, address))
            say_no(shop, said[0], scope)
        return outcome

    monkeypatch.setattr(portions.Bringer, "bring", then_no)
    text = "\n".join([HEAD, *(f"{each},山田" for each in rows)])
    report = services.bring_in(
        shop.workspace_id,
        io.BytesIO(text.encode()),
        replace(LIST, topic_id=shop.topic_id),
        dry_run=False,
        staff_id=None,
        now=clock.now(),
    )
    assert report.counts[Verdict.ACCEPTED] == 4
    assert sum(report.counts.values()) == len(rows)
    owner = known(shop, address)
    assert owner is None or not sendable(shop, owner)
    assert not any(sendable(shop, each) for each in said)
    assert sendable(shop, known(shop, "d@sample.example"))
