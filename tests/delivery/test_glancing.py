"""A look at an audience is exact while it is small, says when it is an estimate, and has an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_reader, a_shop

from shodaku.delivery import glancing, selectors
from shodaku.delivery.selectors import GlanceTooLong, glance
from shodaku.policy.domain import Permit
from shodaku.segments.domain import EVERYBODY, SourceIs, Where, compile_conditions

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop(NOW)
    for number in range(40):
        if number % 4:
            a_reader(shop, at=NOW - timedelta(days=1))
        else:
            a_contact(shop, now=NOW, source="import")
    return shop


def seen(shop, where=EVERYBODY):
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    return glance(shop.workspace_id, question, where, now=NOW)


def test_of_few_everybody_is_asked_about(shop):
    found = seen(shop)
    assert (found.named, found.looked_at, found.sendable, found.about_sendable) == (40, 40, 30, 30)
    assert found.exact
    assert len(found.sample) == 20
    assert {isinstance(each.verdicts[0], Permit) for each in found.sample} == {True, False}


def test_only_those_who_are_named_are_counted(shop):
    found = seen(shop, compile_conditions([SourceIs("import")]))
    assert (found.named, found.sendable, found.exact) == (10, 0, True)


def test_nobody_is_nobody(shop):
    found = seen(shop, Where("false"))
    assert (found.named, found.looked_at, found.about_sendable, found.sample) == (0, 0, 0, ())
    assert found.exact


def test_of_many_some_from_everywhere_are_asked_about_and_it_is_said(shop, monkeypatch):
    monkeypatch.setattr(glancing, "LOOKED_AT_MAX", 30)
    monkeypatch.setattr("shodaku.delivery.audience.SLICE_PEOPLE", 3)
    found = seen(shop)
    assert (found.named, found.looked_at, found.exact) == (40, 30, False)
    assert found.about_sendable == round(40 * found.sendable / 30)
    assert found.sample[-1].contact_id - found.sample[0].contact_id > 30


def test_counting_ends(shop, monkeypatch):
    monkeypatch.setattr(glancing, "NAMED_MAX", 25)
    found = seen(shop)
    assert (found.named, found.more, found.exact) == (25, True, False)


def test_a_question_that_takes_too_long_is_given_up(shop, monkeypatch):
    monkeypatch.setattr(glancing, "_AN_END", "SET LOCAL statement_timeout = '50ms'")
    with pytest.raises(GlanceTooLong):
        seen(shop, Where("pg_sleep(1) is not null"))
