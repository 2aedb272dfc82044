"""Programs say no for people, and get the same answer whether the person is known or not."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from tests.people import a_reader, a_shop

from shodaku.api import routes, selectors, services
from shodaku.api.domain import Meter, Scope, read_key
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())


def a_key(shop, *scopes, **how):
    chosen = scopes or (Scope.SUPPRESS_WRITE,)
    return services.create_key(shop.workspace_id, "test", chosen, by="test", now=NOW, **how)


def post(key, path, body, **headers):
    authorization = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
    return Client().post(f"/api/v1/{path}", body, "application/json", **authorization, **headers)


def an_address():
    return f"api-{uuid.uuid4().hex[:10]}@example.jp"


def reason(shop, contact_id, channel=Channel.EMAIL):
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id, channel)
    later = datetime.now(UTC) + timedelta(seconds=1)  # noqa: TID251 - a test is an edge
    return str(delivery.verdict(shop.workspace_id, contact_id, question, now=later)[0].reason)


def is_suppressed(shop, address):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    return bool(suppressions.suppressed(shop.workspace_id, [pair]))


def test_a_no_through_the_api_stops_everything_at_once(shop):
    address = an_address()
    reader = a_reader(shop, address)
    answer = post(a_key(shop), "opt-outs", {"address": address})
    assert answer.status_code == 200, answer.content
    assert reason(shop, reader) == "REFUSED_ALL"


def test_known_and_unknown_addresses_get_the_same_answer(shop):
    address = an_address()
    a_reader(shop, address)
    key = a_key(shop)
    answers = [post(key, "opt-outs", {"address": each}).json() for each in (address, an_address())]
    assert {frozenset(each) for each in answers} == {frozenset({"done", "at", "receipt"})}
    assert [each["receipt"] for each in answers] == [None, None]


def test_a_key_that_may_know_gets_the_receipt(shop):
    address = an_address()
    a_reader(shop, address)
    key = a_key(shop, Scope.SUPPRESS_WRITE, Scope.CONTACTS_READ)
    assert post(key, "opt-outs", {"address": address}).json()["receipt"].startswith("S-")


def test_an_unknown_address_is_never_contacted(shop):
    address = an_address()
    post(a_key(shop), "opt-outs", {"address": address})
    assert is_suppressed(shop, address.upper())


def test_one_topic_can_stop_and_a_pause_can_be_taken(shop):
    address = an_address()
    reader = a_reader(shop, address)
    key = a_key(shop)
    assert post(key, "opt-outs", {"address": address, "scope": "topic", "topic": "sale"}).status_code == 200
    assert reason(shop, reader) == "OK_CONSENT"
    until = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - a test is an edge
    assert post(key, "opt-outs", {"address": address, "scope": "until", "until": until}).status_code == 200
    assert reason(shop, reader) == "REFUSED_UNTIL"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "address"),
        ({"address": ""}, "address"),
        ({"address": "a@example.jp", "scope": "some"}, "scope"),
        ({"address": "a@example.jp", "scope": "topic"}, "topic"),
        ({"address": "a@example.jp", "scope": "topic", "topic": "none"}, "topic"),
        ({"address": "a@example.jp", "until": "2026-01-01"}, "until"),
        ({"address": "a@example.jp", "scope": "until", "until": "2020-01-01"}, "until"),
        ({"address": "a@example.jp", "scope": "until", "until": "2999-01-01"}, "until"),
        ({"address": "a@example.jp", "received_at": "2026-01-01T00:00:00"}, "received_at"),
        ({"address": "a@example.jp", "said": "x" * 301}, "said"),
        ({"address": "a@example.jp", "scop": "all"}, "scop"),
    ],
)
def test_a_body_that_cannot_be_meant_changes_nothing_and_names_its_field(shop, body, field):
    before = rows(shop)
    answer = post(a_key(shop), "opt-outs", body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [each["field"].rpartition(".")[2] for each in answer.json()["errors"]] == [field]
    assert rows(shop) == before


def rows(shop):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select (select count(*) from refusal), (select count(*) from suppression)"
        ).fetchone()


def test_a_body_that_is_no_json_is_said_to_be_none(shop):
    answer = post(a_key(shop), "opt-outs", "{", HTTP_ACCEPT_LANGUAGE="en")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_json")


def test_without_a_live_key_nothing_is_said(shop):
    ended = a_key(shop)
    services.revoke_key(shop.workspace_id, selectors.keys(shop.workspace_id)[0].key_id, by="test", now=NOW)
    elsewhere = a_key(shop, networks=["192.0.2.0/24"])
    answers = [post(each, "opt-outs", {"address": "a@example.jp"}) for each in ("", "x", ended, elsewhere)]
    assert {each.status_code for each in answers} == {401}
    assert len({each.content for each in answers}) == 1


def test_a_key_ends_by_itself_and_works_from_its_network_alone(shop):
    shown = read_key(a_key(shop, days=1, networks=["192.0.2.0/24"]))
    assert selectors.caller(shown, "192.0.2.9", NOW) is not None
    assert selectors.caller(shown, "198.51.100.9", NOW) is None
    assert selectors.caller(shown, "", NOW) is None
    assert selectors.caller(shown, "192.0.2.9", NOW + timedelta(days=2)) is None


def test_a_key_of_one_shop_stops_nobody_in_another(shop):
    address, other = an_address(), a_shop()
    reader = a_reader(other, address)
    post(a_key(shop), "opt-outs", {"address": address})
    assert reason(other, reader) == "OK_CONSENT"


def test_a_key_without_the_right_is_told_which_it_needs(shop):
    answer = post(a_key(shop, Scope.CONTACTS_READ), "opt-outs", {"address": "a@example.jp"})
    assert (answer.status_code, answer.json()["code"]) == (403, "no_right")
    assert "suppress:write" in answer.json()["detail"]


def test_the_call_after_the_last_of_a_minute_is_put_off(shop, monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter(calls_max=2))
    key = a_key(shop)
    answers = [post(key, "opt-outs", {"address": an_address()}) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 50


def test_a_list_is_taken_whole_and_says_nothing_about_who_was_on_it(shop):
    addresses = [an_address() for _ in range(5)] + ["090-1234-5678", "no address at all"]
    key = a_key(shop)
    first, second = (post(key, "suppressions", {"addresses": addresses}).json() for _ in range(2))
    assert first == second == {"taken": 7}
    assert all(is_suppressed(shop, each) for each in addresses[:5])


def test_a_list_that_is_too_long_is_refused_whole(shop):
    before = rows(shop)
    answer = post(a_key(shop), "suppressions", {"addresses": ["a@example.jp"] * 1_001})
    assert answer.status_code == 422
    assert rows(shop) == before


def test_get_is_no_way_to_say_anything(shop):
    key = a_key(shop)
    for path in ("opt-outs", "suppressions"):
        assert Client().get(f"/api/v1/{path}", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 405


def test_the_key_is_nowhere_in_the_database(shop):
    key = a_key(shop)
    with db.transaction(shop.workspace_id) as connection:
        kept = connection.execute("select string_agg(k::text, '') from api_key k").fetchone()[0]
    assert key not in kept
    assert key.split("_")[2] not in kept


def test_the_document_describes_every_route(shop):
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/v1/opt-outs",
        "/api/v1/suppressions",
        "/api/v1/products",
        "/api/v1/products/{code}",
        "/api/v1/purchases",
        "/api/v1/coupon-uses",
        "/api/v1/consents/on",
        "/api/v1/consents/off",
        "/api/v1/consents/state",
        "/api/v1/app-wordings",
        "/api/v1/campaigns/{campaign_id}",
        "/api/v1/campaigns/{campaign_id}/report",
        "/api/v1/segments",
        "/api/v1/segments/{segment_id}",
        "/api/v1/segments/{segment_id}/count",
        "/api/v1/segments/{segment_id}/people",
    }


def test_faults_of_a_key_are_one_sentence(shop):
    with pytest.raises(services.KeyFault):
        services.create_key(shop.workspace_id, "", [Scope.SUPPRESS_WRITE], by="test", now=NOW)
    with pytest.raises(services.KeyFault):
        services.create_key(shop.workspace_id, "x", [], by="test", now=NOW)
    with pytest.raises(services.NetworkFault):
        a_key(shop, networks=["somewhere"])
    with pytest.raises(services.NoSuchKey):
        services.revoke_key(shop.workspace_id, 2**30, by="test", now=NOW)
    crowd = a_shop()
    for _ in range(20):
        a_key(crowd)
    with pytest.raises(services.TooManyKeys):
        a_key(crowd)
