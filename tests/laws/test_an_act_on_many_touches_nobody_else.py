"""Whoever is chosen for an act on many people, nobody else is touched, and who refused stays refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.test_a_merge_lifts_no_refusal import NOES, say, sendable
from tests.people import a_reader, a_shop

from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasures
from shodaku.kit import clock
from shodaku.optout import bulk, services
from shodaku.optout.services import BulkAct
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")
AGO = datetime.now(UTC) - timedelta(days=9)  # noqa: TID251 - a test is an edge


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def left(shop, who):
    """Everything of a person that an act on many may change."""
    return (
        contacts.contact(shop.workspace_id, who),
        consents.held(shop.workspace_id, who),
        suppressions.refusals(shop.workspace_id, who),
        erasures.requested_of(shop.workspace_id, [who]),
    )


@settings(max_examples=12)
@given(
    people=st.lists(st.tuples(st.sampled_from(NOES), st.booleans()), min_size=1, max_size=6),
    act=st.sampled_from(BulkAct),
    again=st.booleans(),
)
def test_nobody_who_is_not_chosen_is_touched_and_a_refused_person_stays_refused(shop, people, act, again):
    everybody = [a_reader(shop, at=AGO) for _ in people]
    for who, (what, _) in zip(everybody, people, strict=True):
        say(shop, who, what)
    chosen = [who for who, (_, ticked) in zip(everybody, people, strict=True) if ticked]
    others = [who for who in everybody if who not in chosen]
    before = [left(shop, who) for who in others]
    welcome = {who for who in chosen if sendable(shop, who)}
    for _ in range(2 if again else 1):
        number = services.choose_ticked(shop.workspace_id, act, chosen, staff_id=1, now=clock.now())
        services.begin_bulk(shop.workspace_id, number, Method.STAFF, staff_id=1, now=clock.now())
        bulk.run(shop.workspace_id, number)
    assert [left(shop, who) for who in others] == before
    # a question ends no consent, and brings none back; a file takes people along, and changes nobody
    changes_nobody = act in {BulkAct.ASK, BulkAct.EXPORT}
    assert {who for who in chosen if sendable(shop, who)} == (welcome if changes_nobody else set())
    erased = set(chosen) if act is BulkAct.ERASE else set()
    assert set(erasures.requested_of(shop.workspace_id, everybody)) == erased
