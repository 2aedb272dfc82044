"""Whatever is chosen when two contacts become one person: what one of them refused, both refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import Told
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Permit

pytestmark = pytest.mark.usefixtures("database")
AGO = datetime.now(UTC) - timedelta(days=3)  # noqa: TID251 - a test is an edge
NOES = ("none", "topic", "all", "pause", "never")


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def say(shop, contact_id, what):
    if what == "never":
        (address,) = contacts.addresses(shop.workspace_id, contact_id)
        optout.suppress_address(shop.workspace_id, Channel.EMAIL, address.value, "staff:1", AGO)
    elif what != "none":
        scope = {"topic": OptOutScope.TOPIC, "all": OptOutScope.ALL, "pause": OptOutScope.UNTIL}[what]
        no = OptOut(
            workspace_id=shop.workspace_id,
            contact_id=contact_id,
            scope=scope,
            topic_id=shop.topic_id if what == "topic" else None,
            until=AGO + timedelta(days=30) if what == "pause" else None,
            via=Method.PAGE,
        )
        optout.opt_out(no, now=AGO)


def sendable(shop, contact_id):
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id, Channel.EMAIL)
    verdict, _ = delivery.verdict(
        shop.workspace_id, contact_id, question, now=clock.now() + timedelta(minutes=1)
    )
    return isinstance(verdict, Permit)


@settings(max_examples=12)
@given(
    noes=st.tuples(st.sampled_from(NOES), st.sampled_from(NOES)),
    wins=st.dictionaries(st.sampled_from([each.value for each in Told]), st.integers(0, 1)),
    turned=st.booleans(),
)
def test_a_merge_lifts_no_refusal(shop, noes, wins, turned):
    pair = [a_reader(shop, name=name, at=AGO - timedelta(days=9)) for name in ("山田 花子", "山田 華子")]
    for contact_id, what in zip(pair, noes, strict=True):
        say(shop, contact_id, what)
    before = [sendable(shop, each) for each in pair]
    chosen = {told: str(pair[which]) for told, which in wins.items()}
    one, other = pair[::-1] if turned else pair
    at_desk(shop).post(url(shop, "merge", one, other), {**chosen, "confirmed": "1"})
    assert [sendable(shop, each) for each in pair] == [all(before)] * 2
