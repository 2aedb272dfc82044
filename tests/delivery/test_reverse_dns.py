"""The address of a mail server and its name: both lead to each other, or it is told who can mend it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from tests.delivery.mailings import now
from tests.delivery.zone import records, served, texts
from tests.people import a_shop

from shodaku.delivery import dns_lookup, link_watch, selectors, services
from shodaku.delivery.dns_checks import Finding, Said, Subject
from shodaku.delivery.domain import Kind
from shodaku.delivery.reverse_dns import HOSTS_MAX, LOOKUPS_MAX, relay_findings
from shodaku.kit import runtime

HOST = "mail.aoi.jp"
FORTH = {(HOST, "A"): "192.0.2.7"}
BACK = {("7.2.0.192.in-addr.arpa", "PTR"): HOST}
SIX = "2001:db8::7"
SIX_POINTER = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
FINE = {"aoi.example": "v=spf1 mx -all", "_dmarc.aoi.example": "v=DMARC1; p=none"}


def said(zone, *hosts):
    return [(each.name, each.said) for each in relay_findings(hosts or [HOST], records(zone))]


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        (FORTH | BACK, Said.FINE),
        (FORTH, Said.NO_NAME),
        # a name that anybody could claim: only the forward record shows that its owner agrees
        (FORTH | {("7.2.0.192.in-addr.arpa", "PTR"): "pool.isp.example"}, Said.UNCONFIRMED),
        (
            FORTH
            | {
                ("7.2.0.192.in-addr.arpa", "PTR"): "pool.isp.example",
                ("pool.isp.example", "A"): "192.0.2.8",
            },
            Said.UNCONFIRMED,
        ),
        # of several names one is enough
        (FORTH | {("7.2.0.192.in-addr.arpa", "PTR"): ("pool.isp.example", HOST)}, Said.FINE),
        (FORTH | {("7.2.0.192.in-addr.arpa", "PTR"): None}, Said.UNANSWERED),
        (FORTH | {("7.2.0.192.in-addr.arpa", "PTR"): "a.example", ("a.example", "A"): None}, Said.UNANSWERED),
        ({(HOST, "A"): "10.1.2.3"}, Said.INSIDE),
        ({(HOST, "A"): "100.64.0.1"}, Said.INSIDE),
        ({(HOST, "A"): "127.0.0.1"}, Said.INSIDE),
        ({(HOST, "AAAA"): "fd00::1"}, Said.INSIDE),
    ],
)
def test_what_is_found_of_one_address(zone, found):
    ((name, what),) = said(zone)
    assert what is found
    assert name.endswith(f" ({HOST})")


def test_each_address_is_looked_at_by_itself():
    zone = FORTH | BACK | {(HOST, "AAAA"): SIX}
    assert said(zone) == [(f"192.0.2.7 ({HOST})", Said.FINE), (f"{SIX} ({HOST})", Said.NO_NAME)]
    zone |= {(SIX_POINTER, "PTR"): HOST}
    assert said(zone)[1] == (f"{SIX} ({HOST})", Said.FINE)


def test_a_mail_server_that_is_named_by_its_address_needs_no_name_of_its_own():
    assert said(BACK | FORTH, "192.0.2.7") == [("192.0.2.7", Said.FINE)]
    assert said({}, "localhost") == [("127.0.0.1 (localhost)", Said.INSIDE)]


def test_a_name_without_an_address_is_told():
    assert said({}) == [(HOST, Said.NO_ADDRESS)]
    assert said({(HOST, "A"): None}) == [(HOST, Said.UNANSWERED)]


def test_hosts_with_many_addresses_and_names_keep_nobody_busy():
    asked = []

    def ask(name, kind):
        asked.append((name, kind))
        many = range(200)
        return (
            [f"{each}.evil.example" for each in many]
            if kind == "PTR"
            else [f"192.0.2.{each}" for each in many]
        )

    relay_findings([f"{each}.example.jp" for each in range(200)], ask)
    assert len(asked) <= LOOKUPS_MAX


def test_as_many_servers_as_a_workspace_may_have_are_looked_at_once_each():
    zone, hosts = {}, [f"{number}.aoi.jp" for number in range(HOSTS_MAX)]
    for number, host in enumerate(hosts):
        zone |= {(host, "A"): f"192.0.2.{number}", (f"{number}.2.0.192.in-addr.arpa", "PTR"): host}
    assert [found for _, found in said(zone, *hosts, *hosts)] == [Said.FINE] * HOSTS_MAX


def test_a_real_server_is_asked_the_same():
    with served(FORTH | BACK | {(SIX_POINTER, "PTR"): HOST, (HOST, "AAAA"): SIX}) as server:
        ask = dns_lookup.from_environment({"SHODAKU_DNS": server}).ask
        found = relay_findings([HOST], ask)
    assert [each.said for each in found] == [Said.FINE, Said.FINE]


@pytest.fixture
def relay(monkeypatch):
    monkeypatch.setitem(os.environ, "SHODAKU_SMTP_URL", f"smtp://{HOST}:587?tls=require")


def state(shop):
    return selectors.domain_state(shop.workspace_id, "aoi.example")


def beside(shop, subject):
    return [each for each in state(shop).findings if each.subject is subject]


def look(shop, zone, **more):
    return services.check_domain(
        shop.workspace_id, "aoi.example", texts(zone), by="test", now=now(), ask=records(zone), **more
    )


@pytest.mark.usefixtures("relay", "database")
def test_the_relay_stands_beside_the_records_of_the_domain_and_stops_nothing():
    shop = a_shop()
    assert look(shop, FINE | FORTH).aligned
    assert state(shop).aligned
    assert beside(shop, Subject.PTR) == [Finding(Subject.PTR, f"192.0.2.7 ({HOST})", Said.NO_NAME)]
    assert not selectors.failing_domains(shop.workspace_id, now=now())


@pytest.mark.usefixtures("relay", "database")
def test_a_relay_that_changes_puts_off_no_certainty_about_the_domain():
    """What stops a domain must be found twice; of the relay other things may be found meanwhile."""
    shop = a_shop()
    look(shop, FINE | FORTH)
    broken = {"aoi.example": "v=spf1 mx -all"}
    assert look(shop, broken | FORTH, twice=True).aligned is False
    assert state(shop).aligned, "found once"
    assert look(shop, broken | FORTH | BACK, twice=True).aligned is False
    assert not state(shop).aligned


@pytest.mark.usefixtures("relay", "database")
def test_mail_servers_of_the_workspace_count_and_not_that_of_the_environment():
    shop = a_shop()
    mailgun = services.NewRoute(
        name="p",
        host="",
        port=443,
        tls="require",
        username="mg.aoi.jp",
        password="k",
        kind=Kind.MAILGUN,
    )
    services.add_route(shop.workspace_id, mailgun, by="test", now=now())
    look(shop, FINE | FORTH)
    assert beside(shop, Subject.PTR) == [], "a provider's own"
    own = services.NewRoute(name="own", host="relay.aoi.jp", port=25, tls="try")
    services.add_route(shop.workspace_id, own, by="test", now=now())
    look(shop, FINE | {("relay.aoi.jp", "A"): "192.0.2.9"})
    assert beside(shop, Subject.PTR) == [Finding(Subject.PTR, "192.0.2.9 (relay.aoi.jp)", Said.NO_NAME)]


@pytest.mark.usefixtures("database")
def test_the_button_of_mail_programs_needs_an_address_with_https_where_somebody_answers():
    """RFC 8058 section 3.1."""
    shop, url = a_shop(), "https://mail.aoi.jp"
    look(shop, FINE)
    assert [each.said for each in beside(shop, Subject.ONE_CLICK)] == [Said.PLAIN], "of the tests"
    with runtime.replaced(replace(runtime.current(), public_url=url)):
        look(shop, FINE)
        assert beside(shop, Subject.ONE_CLICK) == [], "nobody has looked whether it answers"
        for answered, said_of_it in ((True, Said.FINE), (False, Said.SILENT)):
            link_watch.note(shop.workspace_id, url, answered=answered, now=now())
            look(shop, FINE)
            assert beside(shop, Subject.ONE_CLICK) == [Finding(Subject.ONE_CLICK, url, said_of_it)]
    assert not selectors.failing_domains(shop.workspace_id, now=now())
