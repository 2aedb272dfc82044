"""A dead address is not asked again; a full mailbox is, and a filter never costs anybody their mail."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delivery.mailings import launched
from tests.people import a_reader, a_shop

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors, services
from shodaku.delivery.bounces.judging import Evidence, judge
from shodaku.delivery.bounces.verdict import Judgement, Reason, Stage, class_of
from shodaku.delivery.domain import monday
from shodaku.delivery.feedback import (
    HARD,
    BounceResult,
    FeedbackKind,
    Limits,
    UnreadableLimits,
    bounce_kind,
    ends_address,
    kind_of,
    limits,
)
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.policy.domain import rules

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
DAY = timedelta(days=1)
LIMITS = limits(rules()["PR-06"].parameters)


@pytest.mark.parametrize(
    ("status", "at_data_end", "kind"),
    [
        ("5.1.1", False, FeedbackKind.HARD),
        ("5.1.2", False, FeedbackKind.HARD),
        ("5.1.10", False, FeedbackKind.HARD),
        ("5.1.1", True, FeedbackKind.OTHER),  # docomo, au: the person's filter
        ("5.2.2", False, FeedbackKind.SOFT),
        ("4.2.2", False, FeedbackKind.SOFT),
        ("4.7.1", True, FeedbackKind.SOFT),
        ("5.7.1", False, FeedbackKind.OTHER),
        ("5.7.515", False, FeedbackKind.OTHER),
        ("5.0.0", False, FeedbackKind.OTHER),
        ("5.1.100", False, FeedbackKind.OTHER),
        ("", False, FeedbackKind.OTHER),
    ],
)
def test_a_bounce_is_of_one_kind(status, at_data_end, kind):
    assert bounce_kind(status, at_data_end=at_data_end) is kind


@pytest.mark.parametrize(
    ("reason", "status", "passing", "kind"),
    [
        (Reason.USER_UNKNOWN, "5.1.1", False, FeedbackKind.HARD),
        (Reason.HOST_UNKNOWN, "5.0.0", False, FeedbackKind.HARD),
        (Reason.USER_UNKNOWN, "5.1.1", True, FeedbackKind.SOFT),  # not given up yet
        (Reason.MAILBOX_FULL, "5.1.1", False, FeedbackKind.SOFT),
        (Reason.ON_HOLD, "4.0.0", True, FeedbackKind.SOFT),
        (Reason.SYNTAX_ERROR, "5.5.4", False, FeedbackKind.OTHER),
        (Reason.FILTERED, "5.1.1", False, FeedbackKind.OTHER),
        (Reason.BLOCKED, "4.7.1", True, FeedbackKind.OTHER),  # about us, however long it lasts
    ],
)
def test_what_was_understood_counts_by_its_class(reason, status, passing, kind):
    judged = Judgement(reason, class_of(reason, passing=passing), status, "", Stage.UNKNOWN)
    assert kind_of(judged) is kind


def test_what_was_not_understood_counts_by_its_status_alone():
    assert kind_of(judge(Evidence((), "5.2.1"))) is None


@given(st.from_regex(r"[45]\.\d{1,3}\.\d{1,3}", fullmatch=True))
def test_only_three_statuses_are_ever_hard(status):
    assert (bounce_kind(status, at_data_end=False) is FeedbackKind.HARD) == (status in HARD)
    assert bounce_kind(status, at_data_end=True) is not FeedbackKind.HARD


@given(st.integers(0, 9))
def test_limits_end_an_address_and_nothing_else_does(counted):
    assert ends_address(FeedbackKind.HARD, counted, LIMITS) == (counted >= 1)
    assert ends_address(FeedbackKind.SOFT, counted, LIMITS) == (counted >= 3)
    assert not ends_address(FeedbackKind.OTHER, counted, LIMITS)
    assert not ends_address(FeedbackKind.COMPLAINT, counted, LIMITS)


def test_the_limits_are_those_of_the_rule():
    assert Limits(hard=1, soft=3, window=timedelta(days=14)) == LIMITS
    with pytest.raises(UnreadableLimits):
        limits({"hard_limit": 1, "soft_limit": 3, "soft_window": "soon"})


@pytest.fixture
def shop(database):
    return a_shop()


def sent(database, shop, contact_id, at):
    """A mailing that was handed over then."""
    mailing_id = launched(shop, [contact_id])
    with psycopg.connect(database.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        connection.execute("select delivery_partition(%s)", [monday(at)])
        connection.execute(
            "insert into delivery (workspace_id, contact_id, mailing_id, week, channel, outcome, reason,"
            " attempt, at)"
            " values (%s, %s, %s, %s, 'email', 'accepted', 'OK_CONSENT', 1, %s)",
            [shop.workspace_id, contact_id, mailing_id, monday(at), at],
        )
    return mailing_id


def bounce(database, shop, contact_id, status, at=NOW, *, at_data_end=False, mailing_id=None):
    mailing_id = (
        sent(database, shop, contact_id, at - timedelta(hours=1)) if mailing_id is None else mailing_id
    )
    return services.record_bounce(
        shop.workspace_id, contact_id, mailing_id, status, at_data_end=at_data_end, now=at
    )


def invalid(shop, contact_id):
    (row,) = contacts.addresses(shop.workspace_id, contact_id)
    return row.invalid_at


def test_an_address_that_does_not_exist_is_disabled_and_the_ledger_says_why(database, shop):
    contact_id = a_reader(shop)
    assert bounce(database, shop, contact_id, "5.1.1") is BounceResult.DISABLED
    entry = ledger.history(shop.workspace_id, contact_id)[-1]
    assert (invalid(shop, contact_id), entry.kind, entry.fields["status"]) == (
        NOW,
        "address.disabled",
        "5.1.1",
    )


def test_a_second_report_of_it_is_no_second_entry(database, shop):
    contact_id = a_reader(shop)
    mailing_id = sent(database, shop, contact_id, NOW - DAY)
    for _ in range(2):
        assert bounce(database, shop, contact_id, "5.1.1", mailing_id=mailing_id) is BounceResult.DISABLED
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, contact_id)]
    assert kinds.count("address.disabled") == 1


def test_after_it_the_gate_refuses(database, shop):
    contact_id = a_reader(shop)
    bounce(database, shop, contact_id, "5.1.1")
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    verdict, _ = selectors.verdict(shop.workspace_id, contact_id, question, now=NOW)
    assert verdict.reason == "ADDRESS_INVALID"


def test_the_third_soft_bounce_within_14_days_disables(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    results = [bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY) for days in (14, 7, 0)]
    assert results == [BounceResult.COUNTED, BounceResult.COUNTED, BounceResult.DISABLED]


def test_a_message_that_arrived_in_between_begins_the_count_anew(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    for days in (13, 12):
        assert bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY) is BounceResult.COUNTED
    sent(database, shop, contact_id, NOW - 11 * DAY)
    for days in (4, 0):
        assert bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY) is BounceResult.COUNTED
    assert invalid(shop, contact_id) is None
    assert bounce(database, shop, contact_id, "4.2.2", NOW + DAY) is BounceResult.DISABLED


def test_a_message_that_a_server_may_still_try_to_deliver_has_not_arrived(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    for days in (9, 8):
        bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY)
    sent(database, shop, contact_id, NOW - 4 * DAY)
    assert bounce(database, shop, contact_id, "4.2.2", NOW) is BounceResult.DISABLED


def test_a_message_that_was_sent_before_the_bounced_ones_arrived_before_them(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    sent(database, shop, contact_id, NOW - 13 * DAY)
    results = [bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY) for days in (12, 6, 0)]
    assert results[-1] is BounceResult.DISABLED


def test_a_message_that_a_filter_sent_back_has_not_arrived(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    for days in (13, 12):
        bounce(database, shop, contact_id, "4.2.2", NOW - days * DAY)
    bounce(database, shop, contact_id, "5.7.1", NOW - 10 * DAY)
    assert bounce(database, shop, contact_id, "4.2.2", NOW) is BounceResult.DISABLED


def test_what_is_older_than_14_days_counts_no_more(database, shop):
    contact_id = a_reader(shop, at=NOW - 30 * DAY)
    times = (NOW - 14 * DAY - timedelta(seconds=1), NOW - DAY, NOW)
    assert {bounce(database, shop, contact_id, "5.2.2", at) for at in times} == {BounceResult.COUNTED}
    assert invalid(shop, contact_id) is None


def test_one_message_that_is_reported_late_again_and_again_counts_once(database, shop):
    contact_id = a_reader(shop)
    mailing_id = sent(database, shop, contact_id, NOW - timedelta(hours=1))
    for status in ("4.4.1", "4.4.1", "4.4.7", "4.2.2"):
        assert bounce(database, shop, contact_id, status, mailing_id=mailing_id) is BounceResult.COUNTED
    assert [row.status for row in selectors.feedback(shop.workspace_id, contact_id)] == [
        "4.4.1",
        "4.4.7",
        "4.2.2",
    ]


@pytest.mark.parametrize(("status", "at_data_end"), [("5.7.1", False), ("5.1.1", True), ("5.2.1", False)])
def test_a_filter_or_our_own_name_never_counts_against_the_address(database, shop, status, at_data_end):
    contact_id = a_reader(shop)
    for hours in range(4):
        at = NOW + timedelta(hours=hours)
        assert bounce(database, shop, contact_id, status, at, at_data_end=at_data_end) is BounceResult.COUNTED
    assert invalid(shop, contact_id) is None


def test_a_bounce_of_a_message_that_never_left_or_left_long_ago_acts_on_nobody(database, shop):
    contact_id = a_reader(shop)
    old = sent(database, shop, contact_id, NOW - 15 * DAY)
    for mailing_id in (old, old + 1, 0):
        assert bounce(database, shop, contact_id, "5.1.1", mailing_id=mailing_id) is BounceResult.NOBODY
    assert (invalid(shop, contact_id), selectors.feedback(shop.workspace_id, contact_id)) == (None, [])


def test_a_token_without_a_mailing_is_believed_after_any_late_message(database, shop):
    contact_id = a_reader(shop)
    sent(database, shop, contact_id, NOW - DAY)
    assert bounce(database, shop, contact_id, "5.1.1", mailing_id=0) is BounceResult.DISABLED


def test_feedback_is_appended_and_never_changed(database, shop):
    contact_id = a_reader(shop)
    bounce(database, shop, contact_id, "4.2.2")
    for statement in ("update feedback set kind = 'other'", "delete from feedback", "truncate feedback"):
        with psycopg.connect(database.application) as connection:
            connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_an_erased_person_leaves_no_feedback(database, shop):
    contact_id = a_reader(shop)
    mailing_id = sent(database, shop, contact_id, NOW - DAY)
    bounce(database, shop, contact_id, "4.2.2", mailing_id=mailing_id)
    erasure_id = erasure.request(shop.workspace_id, contact_id, rule="erase", receipt="R-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert selectors.feedback(shop.workspace_id, contact_id) == []
    assert bounce(database, shop, contact_id, "5.1.1", mailing_id=mailing_id) is BounceResult.NOBODY


def test_after_an_address_was_restored_what_came_back_before_counts_no_more(database, shop):
    contact_id = a_reader(shop)
    for days in (3, 2, 1):
        result = bounce(database, shop, contact_id, "5.2.2", NOW - days * DAY)
    assert result is BounceResult.DISABLED
    restored = [
        services.restore_address(
            shop.workspace_id, contact_id, Channel.EMAIL, by="staff:1", reason="wrote to us", now=NOW
        )
        for _ in range(2)
    ]
    assert (restored, invalid(shop, contact_id)) == ([True, False], None)
    entry = ledger.history(shop.workspace_id, contact_id)[-1]
    assert (entry.kind, entry.fields["by"], entry.fields["reason"]) == (
        "address.restored",
        "staff:1",
        "wrote to us",
    )
    assert bounce(database, shop, contact_id, "5.2.2", NOW + DAY) is BounceResult.COUNTED
    assert [each.kind for each in selectors.feedback(shop.workspace_id, contact_id)] == ["soft"] * 4
