"""A machine that makes up dead addresses is believed no more, whatever tokens it has; others still are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.delivery.bounce_mails import AT_RCPT, answered
from tests.optout.ways import is_invalid, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.services import NewRoute, NoSource
from shodaku.delivery.sources import DOMAINS_MIN, HARD_MAX, QUARANTINE, UNPROVED_MAX, WINDOW, outside
from shodaku.ledger import selectors as ledger
from shodaku.ledger.selectors import WantedActs
from shodaku.optout import services
from shodaku.optout.domain import Envelope, Heard, hosts_of

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
DEAD = answered("550 User unknown", AT_RCPT)
FULL = answered("552 5.2.2 Mailbox full", AT_RCPT, status="5.2.2")
FORGER = "198.18.0.66"
OTHER = "198.18.0.7"


@pytest.fixture
def shop(database):
    return a_shop()


def reader_of(shop, number, domains):
    contact_id = a_reader(shop, f"reader{number}@town{number % domains}.example")
    return contact_id, sent(shop, contact_id, NOW - timedelta(hours=1))


def reported(shop, reader, source, *, raw=DEAD, at=NOW):
    contact_id, mailing_id = reader
    to = f"b+{token(shop, contact_id, mailing_id)}@aoi.example"
    return services.receive_mail(shop.workspace_id, raw, at, Envelope("", (to,), source))


def all_dead(shop, source, *, domains, people=HARD_MAX):
    """As many as are believed of one source."""
    readers = [reader_of(shop, number, domains) for number in range(people)]
    assert {reported(shop, reader, source) for reader in readers} == {Heard.DISABLED}
    return [contact_id for contact_id, _ in readers]


def test_the_51st_dead_address_of_many_domains_in_ten_minutes_ends_nothing(shop):
    all_dead(shop, FORGER, domains=DOMAINS_MIN)
    victim = reader_of(shop, 1_000, DOMAINS_MIN)
    assert reported(shop, victim, FORGER) is Heard.QUARANTINED
    assert not is_invalid(shop, victim[0])
    later = NOW + QUARANTINE - timedelta(minutes=1)
    assert reported(shop, victim, FORGER, at=later) is Heard.QUARANTINED
    assert reported(shop, victim, FORGER, raw=FULL) is Heard.COUNTED  # what ends no address does no harm
    (source,) = deliveries.bounce_sources(shop.workspace_id, now=NOW)
    assert (source.source, source.held, source.trusted) == (FORGER, 2, False)
    assert reported(shop, victim, OTHER) is Heard.DISABLED


def test_what_it_had_ended_before_it_was_found_out_lives_again_and_what_others_ended_does_not(shop):
    dead = reader_of(shop, 2_000, 1)
    assert reported(shop, dead, OTHER) is Heard.DISABLED
    ended = all_dead(shop, FORGER, domains=DOMAINS_MIN)
    assert all(is_invalid(shop, each) for each in ended)
    assert reported(shop, reader_of(shop, 1_000, DOMAINS_MIN), FORGER) is Heard.QUARANTINED
    assert not any(is_invalid(shop, each) for each in ended)
    assert is_invalid(shop, dead[0])
    last = ledger.history(shop.workspace_id, ended[0])[-1]
    assert (last.kind, last.fields["by"]) == ("address.restored", "quarantine")


def test_what_it_had_ended_longer_ago_than_it_is_weighed_stays_ended(shop):
    early = reader_of(shop, 2_000, 1)
    reported(shop, early, FORGER, at=NOW - WINDOW - timedelta(seconds=1))
    all_dead(shop, FORGER, domains=DOMAINS_MIN)
    assert reported(shop, reader_of(shop, 1_000, DOMAINS_MIN), FORGER) is Heard.QUARANTINED
    assert is_invalid(shop, early[0])


def test_after_a_day_it_is_believed_again(shop):
    all_dead(shop, FORGER, domains=DOMAINS_MIN)
    victim = reader_of(shop, 1_000, DOMAINS_MIN)
    assert reported(shop, victim, FORGER) is Heard.QUARANTINED
    assert reported(shop, victim, FORGER, at=NOW + QUARANTINE + timedelta(minutes=1)) is Heard.DISABLED


def test_the_server_of_one_town_may_report_all_its_dead(shop):
    all_dead(shop, FORGER, domains=DOMAINS_MIN - 1, people=HARD_MAX + 5)
    assert deliveries.bounce_sources(shop.workspace_id, now=NOW) == []


def test_the_same_number_over_a_longer_time_is_believed(shop):
    all_dead(shop, FORGER, domains=DOMAINS_MIN)
    later = NOW + WINDOW + timedelta(seconds=1)
    assert reported(shop, reader_of(shop, 1_000, DOMAINS_MIN), FORGER, at=later) is Heard.DISABLED


def test_who_sends_reports_without_any_token_is_not_believed_with_one(shop):
    for _ in range(UNPROVED_MAX + 1):
        assert services.receive_mail(shop.workspace_id, DEAD, NOW, Envelope("", (), FORGER)) is Heard.NOBODY
    victim = reader_of(shop, 1, 1)
    assert reported(shop, victim, FORGER) is Heard.QUARANTINED
    assert not is_invalid(shop, victim[0])


def test_our_own_relay_hands_back_what_became_of_all(shop):
    relay = NewRoute(name="relay", host=FORGER, port=25, tls="none")
    delivery.add_route(shop.workspace_id, relay, by="owner", now=NOW)
    all_dead(shop, FORGER, domains=DOMAINS_MIN, people=HARD_MAX + 5)


def test_staff_may_trust_a_server_and_the_ledger_says_who_did(shop):
    all_dead(shop, FORGER, domains=DOMAINS_MIN)
    victim = reader_of(shop, 1_000, DOMAINS_MIN)
    assert reported(shop, victim, FORGER) is Heard.QUARANTINED
    delivery.trust_source(shop.workspace_id, FORGER, by="owner", now=NOW)
    assert reported(shop, victim, FORGER) is Heard.DISABLED
    (source,) = deliveries.bounce_sources(shop.workspace_id, now=NOW)
    assert (source.trusted, source.quarantined_until) == (True, None)
    (newest, *_) = ledger.acts_page(shop.workspace_id, WantedActs()).acts
    assert newest.kind == "admin.source.trusted"
    with pytest.raises(NoSource):
        delivery.trust_source(shop.workspace_id, "mail.example.org", by="owner", now=NOW)


def test_quiet_sources_are_forgotten_and_trusted_ones_are_not(shop):
    for source in (FORGER, OTHER):
        reported(shop, reader_of(shop, 1, 1), source)
    delivery.trust_source(shop.workspace_id, OTHER, by="owner", now=NOW)
    delivery.drop_old_sources(shop.workspace_id, now=NOW + timedelta(days=2))
    from_then = deliveries.bounce_sources(shop.workspace_id, now=NOW + timedelta(days=2))
    assert [each.source for each in from_then] == [OTHER]


RECEIVED = (
    b"Received: from store.example.jp (localhost [127.0.0.1]) by store.example.jp; Thu, 26 Nov 2026\n"
    b"Received: from mx.example.jp (mx [10.0.0.5])\n\tby store.example.jp with LMTP; Thu, 26 Nov 2026\n"
    b"Received: from forger.example (unknown [198.18.0.66]) by mx.example.jp with ESMTP; Thu, 26 Nov 2026\n"
    b"Received: from mx.google.com (mx.google.com [198.18.0.99]) by forger.example; Thu, 26 Nov 2026\n"
)


def test_behind_servers_of_our_own_the_first_machine_outside_is_the_source(shop):
    assert hosts_of(RECEIVED + DEAD)[:3] == ("127.0.0.1", "10.0.0.5", FORGER)
    for number in range(HARD_MAX):
        reported(shop, reader_of(shop, number, DOMAINS_MIN), "", raw=RECEIVED + DEAD)
    victim = reader_of(shop, 1_000, DOMAINS_MIN)
    assert reported(shop, victim, "", raw=RECEIVED + DEAD) is Heard.QUARANTINED
    assert reported(shop, victim, "") is Heard.DISABLED  # nothing is known of where it came from


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("198.18.0.66", "198.18.0.66"),
        ("IPv6:2001:db8:1:2:3::4", "2001:db8:1:2::"),  # whoever has one address of a /64 has them all
        ("::ffff:198.18.0.66", "198.18.0.66"),
        ("127.0.0.1", None),
        ("192.168.1.5", None),
        ("fd00::1", None),
        ("mx.example.org", None),
        ("", None),
    ],
)
def test_a_machine_is_told_by_its_address(written, source):
    assert outside(written) == source
