"""A provider over HTTP that keeps silent or says 500 after it took a mail: the advertisement is not repeated.

Through the worker itself, with the real database, against an imitation of the provider on loopback.
"""

from __future__ import annotations

from collections import Counter

import pytest
from tests.delivery.mailings import launched, many_readers, now, outcomes, rows
from tests.delivery.provider_stub import Imitation
from tests.delivery.test_several_routes import DUE, NOTICE, planned, send_once
from tests.people import a_reader, a_shop

from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Kind
from shodaku.delivery.relays import Target
from shodaku.delivery.transports.dialogue import Login, Tls


@pytest.fixture
def shop(database, monkeypatch):
    monkeypatch.setenv("SHODAKU_PROVIDER_LOCAL", "1")
    return a_shop()


def a_provider(shop, imitation, **changes):
    facts = {"name": "provider", "kind": imitation.kind, "host": "localhost", "port": imitation.port}
    login = {"username": "mg.aoi.example", "password": "himitsu", "tls": "none"}
    return services.add_route(
        shop.workspace_id, services.NewRoute(**facts | login | changes), by="test", now=now()
    )


@pytest.mark.parametrize("kind", [Kind.MAILGUN, Kind.POSTMARK])
def test_a_campaign_leaves_by_a_provider_and_each_mail_carries_its_own_way_out(
    database, shop, tmp_path, kind
):
    people = many_readers(database, shop, 30)
    with Imitation(kind) as imitation:
        a_provider(shop, imitation, username="" if kind is Kind.POSTMARK else "mg.aoi.example")
        mailing_id = launched(shop, people)
        send_once(database, shop, mailing_id, tmp_path)
    assert {outcome for outcome, _, _ in outcomes(database, shop, mailing_id).values()} == {"accepted"}
    assert Counter(each.recipient for each in imitation.taken) == Counter(
        f"{each}@example.jp" for each in people
    )
    told = [str(each.raw or each.body) for each in imitation.taken]
    assert all("List-Unsubscribe" in each and "One-Click" in each for each in told)
    assert all("DKIM-Signature" not in each for each in told), "the provider signs"


def test_f50_an_advertisement_that_nobody_answers_for_is_uncertain_and_never_sent_again(
    database, shop, tmp_path
):
    people = many_readers(database, shop, 3)
    with Imitation(Kind.MAILGUN) as imitation:
        a_provider(shop, imitation, connections=1)
        silent = f"after.{people[0]}@example.jp"  # it takes the mail, and the connection ends without a word
        rows(
            database,
            shop,
            "update address set wire = %(wire)s where contact_id = %(contact)s returning contact_id",
            wire=silent,
            contact=people[0],
        )
        mailing_id = launched(shop, people)
        for _ in range(4):
            send_once(database, shop, mailing_id, tmp_path)
            rows(database, shop, DUE, m=mailing_id)
    found = outcomes(database, shop, mailing_id)
    assert {person: each[0] for person, each in found.items()} == {
        people[0]: "uncertain",
        people[1]: "accepted",
        people[2]: "accepted",
    }
    assert imitation.asked.count(silent) == 1
    assert max(Counter(imitation.asked).values()) == 1, "nobody gets it twice"


def test_f51_a_500_after_the_mail_was_taken_repeats_no_advertisement_and_only_the_notice(
    database, shop, tmp_path
):
    reader = a_reader(shop, "s500after.1@example.jp")
    with Imitation(Kind.SENDGRID) as imitation:
        a_provider(shop, imitation)
        for promotional, asked in ((True, 1), (False, 2)):
            mailing_id = launched(shop, [reader], **({} if promotional else NOTICE))
            for _ in range(2):
                send_once(database, shop, mailing_id, tmp_path)
                rows(database, shop, DUE, m=mailing_id)
            assert len(imitation.asked) == asked
            imitation.asked.clear()
            told = outcomes(database, shop, mailing_id)
            assert told[reader][0] == "uncertain" if promotional else told == {}
            assert bool(planned(database, shop, mailing_id)) != promotional
    (route,) = selectors.routes(shop.workspace_id)
    assert route.last_error == "HTTP 500 it broke"


def test_a_key_that_the_provider_does_not_take_costs_nobody_a_mail(database, shop, tmp_path):
    people = many_readers(database, shop, 10)
    with Imitation(Kind.BREVO) as imitation:
        route_id = a_provider(shop, imitation, password="wrong")
        mailing_id = launched(shop, people)
        send_once(database, shop, mailing_id, tmp_path)
        assert (outcomes(database, shop, mailing_id), imitation.taken) == ({}, [])
        (found,) = selectors.routes(shop.workspace_id)
        assert found.last_error == "HTTP 401 Unauthorized"
        columns = {name: getattr(found, name) for name in services.NewRoute.__slots__ if name != "password"}
        mended = services.NewRoute(**columns | {"password": "himitsu"})
        services.change_route(shop.workspace_id, route_id, mended, by="test", now=now())
        rows(database, shop, DUE, m=mailing_id)
        send_once(database, shop, mailing_id, tmp_path)
    assert len(imitation.taken) == 10


def test_a_key_goes_to_its_provider_alone(database, shop, monkeypatch):
    for host in (
        "evil.example",
        "email.evil.amazonaws.com.evil.example",
        "169.254.169.254",
        "api.sendgrid.com",
    ):
        for kind in (Kind.SES, Kind.POSTMARK):
            with pytest.raises(services.ProviderHostFault):
                services.settled(
                    services.NewRoute(name="x", kind=kind, host=host, port=1, tls="none", username="u")
                )
    monkeypatch.delenv("SHODAKU_PROVIDER_LOCAL")
    with pytest.raises(services.ProviderHostFault):
        services.settled(services.NewRoute(name="x", kind=Kind.BREVO, host="localhost", port=1, tls="none"))
    login = Login("", "himitsu")
    for host, encrypted in (("api.brevo.com", True), ("localhost", False)):
        assert Target(host, 443, Tls.NONE, login, None, 1, kind=Kind.BREVO).encrypted is encrypted
    usual = services.settled(services.NewRoute(name="x", kind=Kind.BREVO, host="", port=587, tls="none"))
    assert (usual.host, usual.port, usual.tls) == ("api.brevo.com", 443, "require")
