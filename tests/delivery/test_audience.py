"""Everybody of an audience gets the answer that the gate gives to one alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.delivery.mailings import newsletter
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.consent import services as consent
from shodaku.consent.domain import BasisKind, Method
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors, services
from shodaku.kit import db
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Reason, pack, tighten
from shodaku.segments.domain import EVERYBODY, SourceIs, compile_conditions

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def crowd(database):
    """Somebody of every kind that is read in its own way."""
    shop = a_shop(NOW - 900 * A_DAY)
    a_reader(shop, at=NOW - A_DAY)
    a_contact(shop)
    a_contact(shop, source="import")
    a_reader(shop, topic_id=shop.other_topic_id, at=NOW - A_DAY)
    a_reader(shop, at=NOW - 10 * A_DAY, expires_at=NOW - A_DAY)
    a_reader(shop, at=NOW - 500 * A_DAY)
    for agreed in (False, True):
        holder = a_contact(shop)
        with db.transaction(shop.workspace_id):
            consent.record_bases(
                [{"contact_id": holder, "kind": BasisKind.CARD.value, "at": NOW - 5 * A_DAY}]
            )
        if agreed:
            agree(shop, holder, at=NOW - 4 * A_DAY)
    mailed = a_reader(shop, at=NOW - 700 * A_DAY)
    with db.transaction(shop.workspace_id):
        services.note_sent(newsletter(shop), mailed, Reason.OK_CONSENT, at=NOW - 240 * A_DAY)
    for back in (False, True):
        gone = a_reader(shop, at=NOW - 10 * A_DAY)
        order = OptOut(
            workspace_id=shop.workspace_id, contact_id=gone, scope=OptOutScope.ALL, via=Method.PAGE
        )
        optout.opt_out(order, NOW - 2 * A_DAY)
        if back:
            agree(shop, gone, at=NOW - A_DAY)
    return shop


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_everybody_gets_the_answer_of_the_gate(crowd, channel):
    question = selectors.question_of_topic(crowd.workspace_id, crowd.topic_id, channel)
    everybody = [
        (each.contact_id, each.verdicts[0])
        for people in selectors.judgements(crowd.workspace_id, question, EVERYBODY, now=NOW)
        for each in people
    ]
    alone = [
        (contact_id, selectors.verdict(crowd.workspace_id, contact_id, question, now=NOW)[0])
        for contact_id, _ in everybody
    ]
    assert everybody == alone
    streamed = selectors.verdicts(crowd.workspace_id, question, EVERYBODY, now=NOW)
    assert [tuple(each) for each in streamed] == alone
    assert len({verdict.reason for _, verdict in alone}) >= (7 if channel is Channel.EMAIL else 0)


def test_each_pack_answers_as_it_would_alone(crowd):
    question = selectors.question_of_topic(crowd.workspace_id, crowd.topic_id)
    packs = [None, tighten(pack("1.0"), {"stale_months": 6}), pack("1.1")]
    together = [
        each.verdicts
        for people in selectors.judgements(crowd.workspace_id, question, EVERYBODY, now=NOW, packs=packs)
        for each in people
    ]
    for place, rules in enumerate(packs):
        alone = selectors.verdicts(crowd.workspace_id, question, EVERYBODY, now=NOW, rules=rules)
        assert [verdicts[place] for verdicts in together] == [each.verdict for each in alone]
    assert any(first != second for first, second, _third in together)


def test_the_size_of_an_audience_is_the_number_of_its_judgements(crowd):
    question = selectors.question_of_topic(crowd.workspace_id, crowd.topic_id)
    imported = compile_conditions((SourceIs("import"),))
    for chosen, people in ((EVERYBODY, 11), (imported, 1)):
        assert selectors.audience_size(crowd.workspace_id, question, chosen) == people
        slices = selectors.judgements(crowd.workspace_id, question, chosen, now=NOW)
        assert sum(map(len, slices)) == people
    assert selectors.audience_size(crowd.workspace_id, question, EVERYBODY, people_max=4) == 4


def test_slices_and_pages_lose_nobody_whatever_their_size(crowd, monkeypatch):
    question = selectors.question_of_topic(crowd.workspace_id, crowd.topic_id)

    def ids():
        slices = selectors.judgements(crowd.workspace_id, question, EVERYBODY, now=NOW)
        return [each.contact_id for people in slices for each in people]

    whole = ids()
    for slice_people, page_people in ((1, 1), (2, 3), (3, 11), (11, 11), (12, 5)):
        monkeypatch.setattr("shodaku.delivery.audience.SLICE_PEOPLE", slice_people)
        monkeypatch.setattr("shodaku.delivery.audience.PAGE_PEOPLE", page_people)
        assert ids() == whole


def test_who_looks_at_the_first_only_leaves_nothing_open(crowd):
    question = selectors.question_of_topic(crowd.workspace_id, crowd.topic_id)
    slices = selectors.judgements(crowd.workspace_id, question, EVERYBODY, now=NOW)
    assert next(slices)
    slices.close()
    assert selectors.audience_size(crowd.workspace_id, question, EVERYBODY) == 11
