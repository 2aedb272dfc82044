"""Advertising rests while the records of its domain fail, or nobody answers where its links lead."""

import http.server
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns.test_stops import entries
from tests.campaigns.test_uncertain import a_campaign
from tests.delivery.mailings import launched, many_readers, now, outcomes, send_now
from tests.delivery.sink import RunningSink
from tests.delivery.zone import texts
from tests.people import a_reader, a_shop

from shodaku.campaigns import services as campaigns
from shodaku.config.commands import doctor_command
from shodaku.delivery import jobs, link_watch, selectors, services
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.dns_checks import DomainCheck, Finding, Said, Subject, fails
from shodaku.delivery.domain import MailingKind
from shodaku.delivery.stopping import (
    FAILED_LOOKS_MIN,
    FAILING_MIN,
    LINK_FAILURES_MIN,
    StopReason,
    domain_fails,
    links_fail,
)
from shodaku.delivery.stops import stop_promotions
from shodaku.kit import runtime
from shodaku.policy.domain import Ads, MessageClass

DOMAIN = "aoi.example"
DMARC = {f"_dmarc.{DOMAIN}": "v=DMARC1; p=none"}
SPF = {DOMAIN: "v=spf1 ip4:192.0.2.1 -all"}
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def shop(database):
    return a_shop()


def look(shop, zone, at):
    return services.check_domain(shop.workspace_id, DOMAIN, texts(zone), by="clock", now=at, twice=True)


def state(shop, mailing_id):
    found = selectors.progress(shop.workspace_id, mailing_id)
    return found.state, found.stopped_for


def on_its_way(database, shop, **changes):
    return launched(shop, many_readers(database, shop, 2), **changes)


def a_key_that_signs(shop):
    (key,) = services.make_dkim_keys(shop.workspace_id, DOMAIN, [Algorithm.RSA], by="test", now=now())
    shown = {key.name: key.record}
    look(shop, SPF | DMARC | shown, now() - 5 * AN_HOUR)
    return key, shown


# what receivers would say


@pytest.mark.parametrize(
    ("said", "aligned", "expected"),
    [
        (Said.FINE, True, False),
        (Said.MISSING, True, False),  # none at all is no failure while the signature speaks
        (Said.OPEN, True, False),
        (Said.MISSING, False, True),
        (Said.SEVERAL, True, True),
        (Said.BROKEN, True, True),
        (Said.TOO_DEEP, True, True),
        (Said.NOBODY, True, True),
        (Said.UNANSWERED, True, None),
        (Said.UNANSWERED, None, None),
        (Said.FINE, None, None),
    ],
)
def test_what_an_spf_record_says_fails_or_not(said, aligned, expected):
    found = DomainCheck(DOMAIN, (Finding(Subject.SPF, DOMAIN, said),), aligned, frozenset())
    assert fails(found, ()) is expected


@given(st.integers(0, 9), st.integers(0, 200))
def test_it_is_certain_after_two_looks_and_half_an_hour_and_not_before(looks, minutes):
    since = now()
    certain = domain_fails(looks, since, since + timedelta(minutes=minutes))
    assert certain == (looks >= FAILED_LOOKS_MIN and timedelta(minutes=minutes) >= FAILING_MIN)


@given(st.integers(0, 9))
def test_what_never_answered_from_here_stops_nothing(failures):
    assert not links_fail(None, failures)
    assert links_fail(now(), failures) == (failures >= LINK_FAILURES_MIN)


# a domain


def test_a_key_that_is_gone_from_dns_stops_advertising_at_the_second_look(database, shop):
    _, shown = a_key_that_signs(shop)
    mailing_id = on_its_way(database, shop)
    began = now() - 2 * AN_HOUR
    assert look(shop, SPF | DMARC, began).aligned, "SPF still speaks for it, so the gate refuses nothing"
    assert state(shop, mailing_id) == ("running", None)
    assert selectors.failing_domains(shop.workspace_id, now=began) == []
    look(shop, SPF | DMARC, began + AN_HOUR)
    assert state(shop, mailing_id) == ("paused", "domain")
    (failing,) = selectors.failing_domains(shop.workspace_id, now=began + AN_HOUR)
    assert (failing.name, failing.since) == (DOMAIN, began)
    assert DOMAIN in doctor_command._domains()[1]
    look(shop, SPF | DMARC | shown, began + 2 * AN_HOUR)
    assert selectors.failing_domains(shop.workspace_id, now=began + 2 * AN_HOUR) == []
    assert state(shop, mailing_id) == ("paused", "domain"), "somebody has looked when it goes on"
    assert services.resume(shop.workspace_id, mailing_id, now=now())
    assert state(shop, mailing_id) == ("running", None)


def test_two_looks_within_a_moment_are_one(database, shop):
    a_key_that_signs(shop)
    mailing_id, began = on_its_way(database, shop), now()
    for seconds in range(3):
        look(shop, SPF | DMARC, began + timedelta(seconds=seconds))
    assert state(shop, mailing_id) == ("running", None)


def test_dns_that_keeps_silent_is_no_proof_and_takes_none_back(database, shop):
    key, _ = a_key_that_signs(shop)
    mailing_id, began = on_its_way(database, shop), now()
    silent = SPF | DMARC | {key.name: None}
    for hours in range(4):
        look(shop, silent, began + hours * AN_HOUR)
    assert state(shop, mailing_id) == ("running", None)
    look(shop, SPF | DMARC, began + 4 * AN_HOUR)
    look(shop, silent, began + 5 * AN_HOUR)
    look(shop, SPF | DMARC, began + 6 * AN_HOUR)
    assert state(shop, mailing_id) == ("paused", "domain")


def test_who_lets_it_go_on_while_it_fails_sees_it_rest_again(database, shop):
    a_key_that_signs(shop)
    mailing_id, began = on_its_way(database, shop), now()
    for hours in range(2):
        look(shop, SPF | DMARC, began + hours * AN_HOUR)
    services.resume(shop.workspace_id, mailing_id, now=now())
    look(shop, SPF | DMARC, began + 2 * AN_HOUR)
    assert state(shop, mailing_id) == ("paused", "domain")
    campaigns.record_stops(shop.workspace_id, now=now())
    assert [each.fields["why"] for each in entries(shop)] == ["domain", "domain"]


def test_what_the_gate_would_refuse_for_good_rests_instead_and_nobody_is_lost(database, shop, tmp_path):
    look(shop, SPF | DMARC, now() - 3 * AN_HOUR)
    reader = a_reader(shop)
    mailing_id = launched(shop, [reader])
    for hours in (2, 1):
        look(shop, {}, now() - hours * AN_HOUR)
    assert not selectors.domain_state(shop.workspace_id, DOMAIN).aligned
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        assert (outcomes(database, shop, mailing_id), sink.arrived) == ({}, [])
        look(shop, SPF | DMARC, now())
        services.resume(shop.workspace_id, mailing_id, now=now())
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    assert outcomes(database, shop, mailing_id)[reader][0] == "accepted"


def test_notices_and_what_starts_in_some_days_are_not_stopped(database, shop):
    a_key_that_signs(shop)
    began = now()
    notice = on_its_way(
        database,
        shop,
        kind=MailingKind.NOTICE,
        message_class=MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        promotional=False,
    )
    soon, later = (
        launched(shop, many_readers(database, shop, 1), starts_at=began + AN_HOUR * hours)
        for hours in (2, 48)
    )
    for hours in range(2):
        look(shop, SPF | DMARC, began + hours * AN_HOUR)
    assert state(shop, notice) == ("running", None)
    assert state(shop, soon) == ("paused", "domain"), "it starts before somebody looks again"
    assert state(shop, later) == ("running", None)


def test_what_is_launched_while_it_fails_rests_at_once_and_a_person_lets_it_go_on(database, shop):
    a_key_that_signs(shop)
    began = now() - 2 * AN_HOUR
    for hours in range(2):
        look(shop, SPF | DMARC, began + hours * AN_HOUR)
    before = on_its_way(database, shop)
    campaign_id, mailing_id, _ = a_campaign(shop, 1)
    assert state(shop, mailing_id) == ("paused", "domain")
    assert state(shop, before) == ("running", None), "a launch stops nothing but itself"
    assert campaigns.resume(shop.workspace_id, campaign_id, now=now())
    assert state(shop, mailing_id) == ("running", None)


def test_another_domain_of_the_shop_goes_on(database, shop):
    mailing_id = on_its_way(database, shop)
    workspace_id, reason = shop.workspace_id, StopReason.DOMAIN
    assert stop_promotions(workspace_id, reason, now=now(), domain="other.example") == []
    assert stop_promotions(workspace_id, reason, now=now(), domain=DOMAIN) == [mailing_id]


# where links lead


@contextmanager
def web_server(status):
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            """Silence."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "answered"), [(200, True), (404, True), (301, True), (502, False), (503, False)]
)
def test_whoever_answers_without_a_fault_of_its_own_is_there(status, answered):
    with web_server(status) as url:
        assert link_watch.answers(url) is answered


def test_nobody_at_the_port_is_no_answer_and_neither_is_no_address():
    with web_server(200) as url:
        pass
    assert not link_watch.answers(url)
    assert not link_watch.answers("not an address")


def seen(shop, minutes, *, answered=False, url="https://mail.aoi.example"):
    at = now() + timedelta(minutes=minutes)
    return link_watch.note(shop.workspace_id, url, answered=answered, now=at)


def test_three_looks_in_a_row_without_an_answer_stop_advertising(database, shop):
    mailing_id = on_its_way(database, shop)
    for place, answered in enumerate((True, False, False, True, False, False)):
        seen(shop, 5 * place, answered=answered)
    assert state(shop, mailing_id) == ("running", None)
    assert not selectors.links(shop.workspace_id).fail
    assert seen(shop, 30).fail
    assert state(shop, mailing_id) == ("paused", "links")
    assert not doctor_command._links()[0]
    assert not seen(shop, 35, answered=True).fail
    assert services.resume(shop.workspace_id, mailing_id, now=now())


def test_what_was_never_reached_and_an_address_that_is_new_stop_nothing(database, shop):
    mailing_id = on_its_way(database, shop)
    for place in range(5):
        assert not seen(shop, place).fail
    seen(shop, 6, answered=True)
    for place in range(5):
        assert not seen(shop, 10 + place, url="https://new.aoi.example").fail
    assert state(shop, mailing_id) == ("running", None)


def test_the_clock_looks_at_the_public_address_for_each_workspace(database, shop, tmp_path):
    here = runtime.current()
    with web_server(200) as url:
        there = runtime.Runtime(tmp_path, here.keys, url, here.database_url, here.vault_url)
        with runtime.replaced(there):
            jobs.look_at_links()
    found = selectors.links(shop.workspace_id)
    assert (found.url, found.failures) == (url, 0)
    assert found.answered_at is not None
