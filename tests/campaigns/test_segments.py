"""A draft means its saved segment as it is; what was launched means it as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.campaigns.test_services import a_draft, launch
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.services import ContentChanged, Launched, NewCampaign, NoSegment
from shodaku.kit import db
from shodaku.segments import services as segments
from shodaku.segments.domain import Expression, Group, InSegment, LanguageIs, Match, SourceIs

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def of(*conditions, match=Match.ALL):
    return Expression(Match.ALL, (Group(match, conditions),))


@pytest.fixture
def shop():
    shop = a_shop(NOW)
    for source in ("form", "form", "import"):
        a_reader(shop, at=NOW - timedelta(days=1), source=source)
    return shop


@pytest.fixture
def segment_id(shop):
    return segments.create(shop.workspace_id, "フォームから", of(SourceIs("form")), by="staff:1", now=NOW)


def changed(shop, segment_id, expression):
    return segments.change(shop.workspace_id, segment_id, "フォームから", expression, by="staff:1", now=NOW)


def test_a_campaign_goes_to_a_saved_segment(shop, segment_id):
    answer = launch(shop, a_draft(shop, conditions=(InSegment(segment_id),)))
    assert isinstance(answer, Launched)
    assert answer.people == 2


def test_a_segment_and_further_conditions_hold_together(shop, segment_id):
    draft = a_draft(shop, conditions=(InSegment(segment_id), LanguageIs("en")))
    assert services.count(shop.workspace_id, draft, now=NOW).chosen == 0


def test_a_draft_follows_its_segment(shop, segment_id):
    draft = a_draft(shop, conditions=(InSegment(segment_id),))
    assert services.count(shop.workspace_id, draft, now=NOW).sendable == 2
    changed(shop, segment_id, of(SourceIs("import")))
    assert services.count(shop.workspace_id, draft, now=NOW).sendable == 1


def test_what_was_counted_for_another_version_is_not_launched(shop, segment_id):
    draft = a_draft(shop, conditions=(InSegment(segment_id),))
    counted = services.count(shop.workspace_id, draft, now=NOW)
    changed(shop, segment_id, of(SourceIs("import")))
    assert launch(shop, draft, counted) == ContentChanged()


def test_once_launched_it_says_for_ever_to_whom(shop, segment_id):
    draft = a_draft(shop, conditions=(InSegment(segment_id),))
    launch(shop, draft)
    changed(shop, segment_id, of(SourceIs("import")))
    meant = selectors.campaign(shop.workspace_id, draft).conditions
    assert meant == (InSegment(segment_id, 1, of(SourceIs("form"))),)


def test_a_copy_is_a_draft_and_follows_again(shop, segment_id):
    draft = a_draft(shop, conditions=(InSegment(segment_id),))
    launch(shop, draft)
    changed(shop, segment_id, of(SourceIs("import")))
    again = services.copy(shop.workspace_id, draft, staff_id=None, now=NOW)
    assert selectors.campaign(shop.workspace_id, again).conditions == (
        InSegment(segment_id, 2, of(SourceIs("import"))),
    )


def test_who_names_a_segment_that_is_not_here_is_told(shop, segment_id):
    elsewhere = a_shop(NOW)
    with pytest.raises(NoSegment):
        a_draft(elsewhere, conditions=(InSegment(segment_id),))
    draft = a_draft(shop)
    letter = NewCampaign(
        name="便り",
        topic_id=shop.topic_id,
        subject="便り",
        text="本文",
        conditions=(InSegment(segment_id + 1),),
    )
    with pytest.raises(NoSegment):
        services.edit(shop.workspace_id, draft, letter, staff_id=None, now=NOW)
    with db.transaction(shop.workspace_id):
        assert selectors.campaign(shop.workspace_id, draft).conditions == ()
