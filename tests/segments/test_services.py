"""Saved segments: names, versions that never change, and what the ledger says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.people import a_shop

from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.segments import selectors, services
from shodaku.segments.domain import Expression, Group, InSegment, LanguageIs, Match, SourceIs

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
JAPANESE = Expression(Match.ALL, (Group(Match.ALL, (LanguageIs("ja"),)),))
IMPORTED = Expression(Match.ANY, (Group(Match.ANY, (SourceIs("import"), LanguageIs("en"))),))


@pytest.fixture
def shop():
    return a_shop(NOW)


def created(shop, name="国内のお客様", expression=JAPANESE):
    return services.create(shop.workspace_id, name, expression, by="staff:1", now=NOW)


def changed(shop, segment_id, **said):
    order = {"name": "国内のお客様", "expression": IMPORTED, "by": "api:3", "now": LATER, **said}
    return services.change(shop.workspace_id, segment_id, **order)


def test_each_save_is_a_version_of_its_own_and_the_older_ones_stay(shop):
    segment_id = created(shop)
    assert changed(shop, segment_id, name="輸入名簿　海外", seen=1) == 2
    newest = selectors.segment(shop.workspace_id, segment_id)
    first = selectors.segment(shop.workspace_id, segment_id, 1)
    assert (newest.name, newest.version, newest.expression, newest.saved_by) == (
        "輸入名簿　海外",
        2,
        IMPORTED,
        "api:3",
    )
    assert (first.version, first.expression, first.saved_by) == (1, JAPANESE, "staff:1")
    assert [each.version for each in selectors.versions(shop.workspace_id, segment_id)] == [2, 1]
    assert [entry.kind for entry in ledger.history(shop.workspace_id, 0)] == ["admin.segment.saved"] * 2


def test_a_version_cannot_be_changed_even_by_the_program(shop):
    segment_id = created(shop)
    for statement in ("update segment_version set version = 9", "delete from segment_version"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            db.transaction(shop.workspace_id) as connection,
        ):
            connection.execute(statement)
    assert selectors.segment(shop.workspace_id, segment_id).version == 1


def test_who_did_not_see_the_newest_version_does_not_overwrite_it(shop):
    segment_id = created(shop)
    changed(shop, segment_id, seen=1)
    with pytest.raises(services.SegmentChanged):
        changed(shop, segment_id, expression=JAPANESE, seen=1)
    assert selectors.segment(shop.workspace_id, segment_id).expression == IMPORTED


@pytest.mark.parametrize("name", ["", "  ", "あ" * 81, "a\nb", "a\0b"])
def test_a_name_is_needed(shop, name):
    with pytest.raises(services.SegmentNameFault):
        created(shop, name)


def test_two_live_segments_have_two_names(shop):
    one, other = created(shop), created(shop, "海外のお客様")
    with pytest.raises(services.SegmentExists):
        created(shop)
    with pytest.raises(services.SegmentExists):
        changed(shop, other, name="国内のお客様")
    assert services.archive(shop.workspace_id, one, by="staff:1", now=LATER)
    assert changed(shop, other, name="国内のお客様") == 2


def test_an_archived_one_is_not_offered_and_not_changed_but_still_explained(shop):
    segment_id = created(shop)
    assert services.archive(shop.workspace_id, segment_id, by="staff:1", now=LATER)
    assert not services.archive(shop.workspace_id, segment_id, by="staff:1", now=LATER)
    assert selectors.segments(shop.workspace_id) == []
    assert selectors.segment(shop.workspace_id, segment_id).expression == JAPANESE
    with pytest.raises(services.SegmentArchived):
        changed(shop, segment_id)


def test_a_shop_knows_its_own_segments_alone(shop):
    segment_id = created(shop)
    other = a_shop(NOW)
    assert selectors.segment(other.workspace_id, segment_id) is None
    assert selectors.filled_in(other.workspace_id, InSegment(segment_id)) == InSegment(segment_id)
    with pytest.raises(services.NoSegment):
        changed(other, segment_id)


def test_there_is_an_end_to_how_many(shop, monkeypatch):
    monkeypatch.setattr(services, "SEGMENTS_MAX", 2)
    created(shop, "1")
    created(shop, "2")
    with pytest.raises(services.TooManySegments):
        created(shop, "3")
