"""A campaign through a real Postfix, encrypted: what it takes arrives signed, what it returns ends addresses.

The worker, the process that takes mail in and Postfix run as they do in production, on loopback.
"""

from __future__ import annotations

import smtplib
import ssl
import uuid

import pytest
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import now, outcomes, wait_until, worker_process
from tests.delivery.oracle import verifies
from tests.delivery.sink import RunningSink
from tests.delivery.test_signed_mail import published
from tests.flows.postfix import LOCAL, ONWARD, PASSWORD, USER, a_relay
from tests.flows.test_mail_comes_in import a_process, listening
from tests.optout.ways import is_invalid
from tests.people import a_reader, a_shop

from shodaku.campaigns import services as campaigns
from shodaku.delivery import selectors, services
from shodaku.delivery.arriving import settle_early_bounces
from shodaku.delivery.dkim import Algorithm

USERS = [f"hanako-{uuid.uuid4().hex[:8]}" for _ in range(3)]
ARRIVED_SECONDS_MAX = 60.0


@pytest.fixture(scope="module")
def onward():
    """The server of another domain, to which Postfix hands on; it knows everybody but "gone"."""
    refused = b"550 5.1.1 no such user here\r\n"
    with RunningSink(on_rcpt=lambda to: refused if to.startswith("gone") else None) as sink:
        yield sink


@pytest.fixture(scope="module")
def relay(onward):
    with a_relay(USERS, onward=onward.port) as relay:
        yield relay


@pytest.fixture
def shop(database):
    return a_shop()


def routed(shop, port, **changes):
    facts = {"name": "Postfix", "host": "localhost", "port": port, "tls": "require"}
    route = services.NewRoute(**facts | changes)
    there = selectors.routes(shop.workspace_id)
    if there:
        services.change_route(shop.workspace_id, there[0].route_id, route, by="test", now=now())
    else:
        services.add_route(shop.workspace_id, route, by="test", now=now())


def launched(shop):
    campaign_id = a_draft(shop)
    counted = campaigns.count(shop.workspace_id, campaign_id, now=now())
    answer = campaigns.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())
    assert isinstance(answer, campaigns.Launched)
    return answer


def offered(relay):
    """What Postfix offers once the connection is encrypted."""
    with smtplib.SMTP("localhost", relay.doors.good) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(relay.authority)))
        client.ehlo()
        return client.esmtp_features.keys()


def trouble(shop):
    (route,) = selectors.routes(shop.workspace_id)
    return route.last_error


def done(shop, mailing_id):
    return selectors.progress(shop.workspace_id, mailing_id).state == "done"


def ended_by_its_bounce(shop, contact_id):
    """A report may come before our own result is committed, and then waits for the next look."""
    settle_early_bounces(shop.workspace_id, now=now())
    return is_invalid(shop, contact_id)


def test_what_postfix_takes_arrives_signed_and_what_it_returns_ends_the_address(
    database, relay, onward, shop, tmp_path, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.authority))
    zone = published(shop, Algorithm.RSA, Algorithm.ED25519)
    there = {name: a_reader(shop, f"{name}@{LOCAL}", name="山田 花子") for name in USERS}
    further = a_reader(shop, f"taro@{ONWARD}")
    unknown, refused = a_reader(shop, f"nobody@{LOCAL}"), a_reader(shop, f"gone@{ONWARD}")
    everybody = {*there.values(), further, unknown, refused}
    assert {"chunking", "pipelining"} <= offered(relay)
    routed(shop, relay.doors.good, depth=3)  # so whole mails leave ahead of their replies (RFC 3030)
    with a_process(database, "--lmtp", f"127.0.0.1:{relay.returns}") as incoming:
        listening(incoming)
        with worker_process(database, tmp_path) as _:
            answer = launched(shop)
            wait_until(lambda: done(shop, answer.mailing_id), ARRIVED_SECONDS_MAX)
        wait_until(lambda: ended_by_its_bounce(shop, unknown), ARRIVED_SECONDS_MAX)
        wait_until(lambda: ended_by_its_bounce(shop, refused), ARRIVED_SECONDS_MAX)
        wait_until(lambda: relay.waiting() == 0, ARRIVED_SECONDS_MAX)

    results = outcomes(database, shop, answer.mailing_id)
    assert {contact: outcome[0] for contact, outcome in results.items()} == dict.fromkeys(
        everybody, "accepted"
    ), "the relay took all of them; what it found out later changes no result"
    for name in there:
        (mail,) = relay.mailbox(name)
        assert verifies(mail, zone) == [True, True]
        assert b"ESMTPS" in mail.partition(b"\r\n\r\n")[0], "it came encrypted"
    assert [each.recipient for each in onward.arrived] == [f"taro@{ONWARD}"]
    assert [is_invalid(shop, contact) for contact in (*there.values(), further)] == [False] * 4
    again = launched(shop)
    services.cancel(shop.workspace_id, again.mailing_id, now=now())
    assert again.people == len(everybody) - 2, "who bounced is planned for no more"


WRONG = {
    "other_name": "The server's certificate is for another name.",
    "unknown": "The server's certificate is signed by nobody known here.",
    "login": "5.7.8 Error: authentication failed:",
}


def test_f31_a_wrong_certificate_or_password_lets_nothing_leave_and_the_operator_reads_why(
    database, relay, tmp_path, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.authority))
    before = len(relay.mailbox(USERS[0]))
    shops = {door: a_shop() for door in WRONG}
    mailings = {}
    for door, shop in shops.items():
        a_reader(shop, f"{USERS[0]}@{LOCAL}")
        login = {"username": USER, "password": "wrong"} if door == "login" else {}
        routed(shop, getattr(relay.doors, door), **login)
        mailings[door] = launched(shop).mailing_id
    with worker_process(database, tmp_path):
        for door, sentence in WRONG.items():
            wait_until(lambda d=door: trouble(shops[d]) is not None)
            assert trouble(shops[door]).startswith(sentence)
        assert [outcomes(database, shops[door], mailings[door]) for door in WRONG] == [{}, {}, {}]
        assert len(relay.mailbox(USERS[0])) == before

        for door, shop in shops.items():  # somebody mends it, and what waited leaves
            if door == "login":
                routed(shop, relay.doors.login, username=USER, password=PASSWORD)
            else:
                routed(shop, relay.doors.good)
        for door, shop in shops.items():
            wait_until(lambda s=shop, d=door: done(s, mailings[d]), ARRIVED_SECONDS_MAX)
    for door, shop in shops.items():
        assert [each[0] for each in outcomes(database, shop, mailings[door]).values()] == ["accepted"]
    wait_until(lambda: len(relay.mailbox(USERS[0])) == before + len(WRONG))
