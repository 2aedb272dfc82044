"""Whoever holds a message of one reader can stop that reader's mails, as its opt-out link does, and nothing
else: no report says anything about anybody whose token it does not hold, and no token can be made.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.optout.ways import a_bounce, is_invalid, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery import selectors as deliveries
from shodaku.delivery.returns import REPORTS_MAX
from shodaku.kit.links import Purpose
from shodaku.optout import services
from shodaku.optout.domain import Envelope, Heard

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
UNKNOWN = ""  # nothing is known of where it came from: no quarantine helps here
DEAD = "5.1.1"


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def leaked(shop):
    """A reader, and the return path of a mail of theirs that somebody else has seen."""
    contact_id = a_reader(shop)
    mailing_id = sent(shop, contact_id, NOW - timedelta(hours=1))
    return contact_id, mailing_id, f"b+{token(shop, contact_id, mailing_id)}@aoi.example"


def heard(shop, raw, *to):
    return services.receive_mail(shop.workspace_id, raw, NOW, Envelope("", to, UNKNOWN))


def a_complaint(to, kind="abuse"):
    return (
        f"From: fbl@mx.example\r\nTo: {to}\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: x/1\r\n"
        "\r\n--b--\r\n"
    ).encode()


def test_a_report_that_names_a_thousand_people_ends_the_one_whose_token_it_has(shop):
    contact_id, _, to = leaked(shop)
    others = [a_reader(shop, f"other{number}@forged.example") for number in range(3)]
    for each in others:
        sent(shop, each, NOW - timedelta(hours=1))
    named = "".join(
        f"Final-Recipient: rfc822; other{number}@forged.example\r\nAction: failed\r\nStatus: {DEAD}\r\n\r\n"
        for number in range(1_000)
    )
    raw = a_bounce(to=to).replace(b"Final-Recipient", named.encode() + b"Final-Recipient", 1)
    assert heard(shop, raw, to) is Heard.DISABLED
    assert is_invalid(shop, contact_id)
    assert [is_invalid(shop, each) for each in others] == [False] * 3


def test_it_is_never_a_refusal_and_the_owner_brings_the_address_back(shop):
    contact_id, _, to = leaked(shop)
    heard(shop, a_bounce(to=to), to)
    assert (is_invalid(shop, contact_id), scopes(shop, contact_id)) == (True, [])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 59), digit=st.sampled_from("0123456789abcdef"))
def test_no_other_token_can_be_made_out_of_one(shop, place, digit):
    victim, _, to = leaked(shop)
    local = to.partition("@")[0][2:]
    if local[place] == digit:
        return
    made = f"b+{local[:place]}{digit}{local[place + 1 :]}@aoi.example"
    assert heard(shop, a_bounce(to=made), made) is Heard.NOBODY
    assert not is_invalid(shop, victim)


def test_one_token_reported_without_end_counts_once_and_fills_no_table(shop):
    contact_id, mailing_id, to = leaked(shop)
    for number in range(10 * REPORTS_MAX):
        heard(shop, a_bounce(to=to, status=f"4.{number}.1"), to)
        heard(shop, a_bounce(to=to, status=f"5.7.{number}"), to)
        heard(shop, a_complaint(to, f"made-up-{number}"), to)
    assert not is_invalid(shop, contact_id)  # passing faults of one message are one fault
    rows = deliveries.feedback(shop.workspace_id, contact_id)
    assert 0 < len(rows) <= 2 * REPORTS_MAX
    assert deliveries.came_back(shop.workspace_id, mailing_id).returned <= 1


def test_a_made_up_complaint_does_what_the_link_in_the_same_mail_does_and_counts_one_person(shop):
    contact_id, mailing_id, to = leaked(shop)
    other = a_reader(shop)
    for kind in ("abuse", "opt-out", "opt-out-list") * 5:
        assert heard(shop, a_complaint(to, kind), to) is Heard.STOPPED
    assert (set(scopes(shop, contact_id)), scopes(shop, other)) == ({"all"}, [])
    assert deliveries.came_back(shop.workspace_id, mailing_id).complaints == 1


def test_of_a_message_that_was_never_handed_over_or_long_ago_nothing_ends(shop):
    contact_id = a_reader(shop)
    mailing_id = sent(shop, contact_id, NOW - timedelta(days=15))
    to = f"b+{token(shop, contact_id, mailing_id, Purpose.DELIVERY)}@aoi.example"
    assert heard(shop, a_bounce(to=to), to) is Heard.EARLY
    assert not is_invalid(shop, contact_id)
