"""The matrix on a person says what the gate says, cell by cell, and names what proves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_reader, a_shop

from shodaku.consent.domain import Frequency, Method, Period
from shodaku.consent.services import NewTopic, create_topic
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Reason, Word

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
ADS = {MessageClass.ADVERTISING: Ads.MAIN, MessageClass.SURVEY: Ads.MAIN}


@pytest.fixture
def shop():
    return a_shop()


def standing(shop, contact_id, **asked):
    return selectors.standing(shop.workspace_id, contact_id, now=NOW, **asked)


def stop(shop, contact_id, scope=OptOutScope.ALL, topic_id=None):
    order = OptOut(
        workspace_id=shop.workspace_id,
        contact_id=contact_id,
        scope=scope,
        topic_id=topic_id,
        via=Method.TELEPHONE,
    )
    return optout.opt_out(order, now=NOW)


def test_every_class_is_answered_on_every_topic_and_the_notices_once(shop):
    reader = a_reader(shop)
    answers = standing(shop, reader).answers
    asked = [(each.topic_id, each.message_class) for each in answers]
    of_topics, of_all = selectors.OF_TOPICS, selectors.OF_ALL
    assert asked == [
        *((topic_id, each) for topic_id in (shop.topic_id, shop.other_topic_id) for each in of_topics),
        *((None, each) for each in of_all),
    ]
    assert {each.channel for each in answers} == {Channel.EMAIL}
    assert {each.pack for each in answers} == {"1.0"}
    assert all(each.rules for each in answers)


def test_each_answer_is_the_gates_own(shop):
    reader = a_reader(shop)
    stop(shop, reader, OptOutScope.TOPIC, shop.other_topic_id)
    for answer in standing(shop, reader, channels=list(Channel)).answers:
        question = Question(
            message_class=answer.message_class,
            ads=ADS.get(answer.message_class, Ads.NONE),
            topic_id=answer.topic_id,
            channel=answer.channel,
            sender_id=shop.sender_id,
            frequency=Frequency(4, Period.WEEK) if answer.topic_id else None,
        )
        verdict, _facts = selectors.verdict(shop.workspace_id, reader, question, now=NOW)
        assert answer.reason is verdict.reason, answer


def test_a_yes_names_the_consent_and_a_no_the_refusal(shop):
    reader = a_reader(shop, at=NOW - timedelta(days=3))
    (before, *_) = standing(shop, reader, classes=[MessageClass.ADVERTISING]).answers
    assert (before.word, before.reason, before.may) == (Word.ALLOW, Reason.OK_CONSENT, True)
    assert before.since == NOW - timedelta(days=3)
    stop(shop, reader)
    (after, *_) = standing(shop, reader, classes=[MessageClass.ADVERTISING]).answers
    consent, refusal = ledger.history(shop.workspace_id, reader)
    assert (after.word, after.reason, after.may) == (Word.REFUSE, Reason.REFUSED_ALL, False)
    assert (before.entry_id, after.entry_id) == (consent.entry_id, refusal.entry_id)
    assert after.since == NOW
    assert "refused_all" in [each.code for each in after.used]


def test_notices_go_on_after_a_no(shop):
    reader = a_reader(shop)
    stop(shop, reader)
    answers = standing(shop, reader, classes=selectors.OF_ALL).answers
    assert [each.reason for each in answers] == [Reason.OK_TRANSACTIONAL, Reason.OK_LEGAL]


def test_one_topic_and_one_class_are_answered_alone(shop):
    reader = a_reader(shop)
    found = standing(shop, reader, classes=[MessageClass.SURVEY], topic_id=shop.other_topic_id)
    assert [(each.topic_id, each.message_class) for each in found.answers] == [
        (shop.other_topic_id, MessageClass.SURVEY)
    ]


def test_more_topics_than_a_page_holds_are_counted_and_not_asked(shop):
    for number in range(selectors.TOPICS_MAX):
        topic = NewTopic(
            slug=f"more-{number}",
            name="その他",
            name_en="More",
            content="案内",
            purpose="案内",
            frequency=Frequency(1, Period.MONTH),
            sender_id=shop.sender_id,
        )
        create_topic(shop.workspace_id, topic, now=NOW)
    found = standing(shop, a_contact(shop), classes=[MessageClass.ADVERTISING])
    assert (len(found.answers), found.topics_left_out) == (selectors.TOPICS_MAX, 2)
    last = found.answers[-1].topic_id
    rest = standing(shop, a_contact(shop), classes=[MessageClass.ADVERTISING], after=last)
    assert (len(rest.answers), rest.topics_left_out) == (2, 0)
    assert {each.topic_id for each in rest.answers}.isdisjoint(each.topic_id for each in found.answers)


def test_who_is_not_here_is_told_as_unknown(shop):
    with pytest.raises(selectors.ContactUnknown):
        standing(shop, 987_654_321)


def test_a_page_on_one_person_asks_the_database_a_few_times_a_topic(shop, monkeypatch):
    reader = a_reader(shop)
    asked = []
    for way in ("row", "rows"):
        run = getattr(db.Statements, way)
        monkeypatch.setattr(
            db.Statements,
            way,
            lambda self, name, *more, _run=run, **parameters: (
                asked.append(name) or _run(self, name, *more, **parameters)
            ),
        )
    standing(shop, reader)
    assert asked.count("read_facts") == 2 * 3 + 1
    assert asked.count("get_gate_state") == 2 + 1
