"""What came back to the return path of a message of ours acts by what it says, and never beyond that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.delivery.bounce_mails import (
    AT_DATA_END,
    AT_RCPT,
    answered,
    exim,
    ezweb,
    kddi,
    letter,
    qmail,
    report,
)
from tests.optout.ways import an_address, is_invalid, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery import selectors as deliveries
from shodaku.ledger import selectors as ledger
from shodaku.optout import services
from shodaku.optout.domain import Envelope, Heard

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(database):
    return a_shop()


def came_back(shop, contact_id, raw, *, at=NOW, sent_at=None):
    """To the return path of a message that was handed over an hour before."""
    mailing_id = sent(shop, contact_id, sent_at or at - HOUR)
    to = f"b+{token(shop, contact_id, mailing_id)}@aoi.example"
    return services.receive_mail(shop.workspace_id, raw, at, Envelope("", (to,)))


def kinds(shop, contact_id):
    return [row.kind for row in deliveries.feedback(shop.workspace_id, contact_id)]


DEAD = [
    answered("550 User unknown", AT_RCPT),
    qmail("<reader@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)"),
    exim("reader@example.org", "Unrouteable address"),
    ezweb("    >>> RCPT TO:<reader@ezweb.ne.jp>\n    <<< 550 <reader@ezweb.ne.jp>: User unknown"),
]


OURS = Path(__file__).parents[1] / "bounces" / "mails"


@pytest.mark.parametrize(
    "name", ["postfix-18-utf8-report", "broken-02-no-action", "broken-07-crlf-in-base64-report"]
)
def test_a_report_in_other_letters_or_without_a_field_still_ends_a_dead_address(shop, name):
    contact_id = a_reader(shop)
    assert came_back(shop, contact_id, (OURS / f"{name}.eml").read_bytes()) is Heard.DISABLED
    assert scopes(shop, contact_id) == []


@pytest.mark.parametrize(
    "name", ["postfix-03-relayed", "away-01-sieve-null-path", "mdn-02-deleted-unread", "postfix-04-expanded"]
)
def test_what_arrived_and_who_is_away_leave_no_trace_at_the_address(shop, name):
    contact_id = a_reader(shop)
    assert came_back(shop, contact_id, (OURS / f"{name}.eml").read_bytes()) in (Heard.NOTED, Heard.AUTOMATIC)
    assert kinds(shop, contact_id) == []


@pytest.mark.parametrize("raw", DEAD)
def test_a_dead_address_is_disabled_with_or_without_a_report_and_nothing_is_refused(shop, raw):
    contact_id = a_reader(shop)
    assert came_back(shop, contact_id, raw) is Heard.DISABLED
    assert is_invalid(shop, contact_id)
    assert scopes(shop, contact_id) == []
    assert ledger.history(shop.workspace_id, contact_id)[-1].kind == "address.disabled"


@pytest.mark.parametrize(
    "raw",
    [
        report("5.0.0", "550 : User unknown", recipient="reader@ezweb.ne.jp"),
        answered("550 Unknown user reader@docomo.ne.jp", AT_DATA_END, recipient="reader@docomo.ne.jp"),
        report("5.1.1", "550 5.7.26 Unauthenticated email is not accepted due to the domain's DMARC policy"),
        qmail(
            "<reader@example.org>:\n192.0.2.1 failed after I sent the message.\nRemote host said: 550 spam"
        ),
    ],
)
def test_a_filter_or_our_own_name_never_counts_against_the_address(shop, raw):
    contact_id = a_reader(shop)
    for hours in range(4):
        assert came_back(shop, contact_id, raw, at=NOW + hours * HOUR) is Heard.COUNTED
    assert set(kinds(shop, contact_id)) == {"other"}
    assert not is_invalid(shop, contact_id)


@pytest.mark.parametrize(
    "raw", [kddi("As their mailbox is full."), exim("reader@example.org", "retry timeout exceeded")]
)
def test_the_third_soft_one_within_14_days_disables(shop, raw):
    contact_id = a_reader(shop, at=NOW - timedelta(days=30))
    heard = [came_back(shop, contact_id, raw, at=NOW - timedelta(days=days)) for days in (14, 7, 0)]
    assert heard == [Heard.COUNTED, Heard.COUNTED, Heard.DISABLED]


def test_a_server_that_has_not_given_up_disables_nobody_at_once(shop):
    contact_id = a_reader(shop)
    assert (
        came_back(shop, contact_id, report("5.1.1", "550 5.1.1 unknown", action="delayed")) is Heard.COUNTED
    )
    assert (kinds(shop, contact_id), is_invalid(shop, contact_id)) == (["soft"], False)


@pytest.mark.parametrize(
    "raw",
    [
        letter("来週まで不在です", sender="y@example.jp", subject="自動返信: お知らせ"),
        letter("away", sender="y@example.jp", headers=["Auto-Submitted: auto-replied"]),
    ],
)
def test_an_automatic_answer_changes_nothing(shop, raw):
    contact_id = a_reader(shop)
    assert came_back(shop, contact_id, raw) is Heard.AUTOMATIC
    assert (kinds(shop, contact_id), is_invalid(shop, contact_id)) == ([], False)


@pytest.mark.parametrize("raw", DEAD)
def test_who_makes_one_up_disables_nobody(shop, raw):
    address = an_address()
    contact_id = a_reader(shop, address)
    sent(shop, contact_id, NOW - HOUR)
    raw = raw.replace(b"reader@example.org", address.encode())
    forged = Envelope("", ("b+" + "0" * 62 + "@aoi.example",))
    assert services.receive_mail(shop.workspace_id, raw, NOW, forged) in (Heard.NOBODY, Heard.AUTOMATIC)
    assert (kinds(shop, contact_id), is_invalid(shop, contact_id)) == ([], False)


@pytest.mark.parametrize("raw", DEAD)
def test_one_of_a_message_that_left_long_ago_disables_nobody(shop, raw):
    contact_id = a_reader(shop)
    came_back(shop, contact_id, raw, sent_at=NOW - timedelta(days=15))
    assert (kinds(shop, contact_id), is_invalid(shop, contact_id)) == ([], False)
