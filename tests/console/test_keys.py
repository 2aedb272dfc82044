"""Keys of programs at the desk: made and shown once, listed with their last use, ended."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.api import domain, routes, selectors, services
from shodaku.api.domain import Meter, Scope
from shodaku.console.key_forms import SCOPES
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


def today():
    return datetime.now(UTC).date()  # noqa: TID251 - a test is an edge


def make(shop, desk=None, **changed):
    said = {"name": "web shop", "scopes": ["suppress:write"], "days": "30", "networks": ""} | changed
    return (desk or at_desk(shop)).post(url(shop, "key_make"), said)


def test_a_key_is_shown_once_works_and_stands_nowhere_afterwards(shop, monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())
    day_before_use = today()
    answer = make(shop)
    (key,) = re.findall(r"shodaku_[0-9]+_[A-Z2-7]{32}_[0-9a-f]{8}", text_of(answer))
    assert "no-store" in answer["Cache-Control"]
    told = Client().post(
        "/api/v1/opt-outs",
        {"address": "taro@mail.example"},
        "application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert told.status_code == 200
    page = text_of(at_desk(shop).get(url(shop, "keys")))
    assert key not in page
    assert key.split("_")[2] not in page
    (listed,) = selectors.keys(shop.workspace_id)
    assert (listed.name, listed.scopes) == ("web shop", ["suppress:write"])
    assert day_before_use <= listed.last_used_on <= today()  # midnight may pass in between
    assert listed.expires_at - listed.created_at == timedelta(days=30)


def test_a_revoked_key_opens_nothing_and_both_acts_stand_in_the_ledger(shop):
    make(shop)
    (listed,) = selectors.keys(shop.workspace_id)
    desk = at_desk(shop)
    for _ in range(2):
        assert desk.post(url(shop, "key_revoke", listed.key_id)).status_code == 302
    assert selectors.keys(shop.workspace_id)[0].revoked_at is not None
    assert "Revoked" in text_of(desk.get(url(shop, "keys")))
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.api_key.created", "admin.api_key.revoked"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "あ" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"days": "0"}, "days"),
        ({"days": "1096"}, "days"),
        ({"networks": "192.0.2.0/24, somewhere"}, "networks"),
        ({"networks": ",".join(["192.0.2.0/24"] * 21)}, "networks"),
    ],
)
def test_what_cannot_be_a_key_is_told_at_its_field_and_nothing_is_lost(shop, wrong, field):
    answer = make(shop, **({"name": "kept"} | wrong))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert wrong.get("name", "kept") in text_of(answer)
    assert selectors.keys(shop.workspace_id) == []


def test_networks_are_read_as_they_are_typed_in_japan_too(shop):
    make(shop, networks="192.0.2.0/24、2001:db8::/32")
    assert selectors.keys(shop.workspace_id)[0].networks == ["192.0.2.0/24", "2001:db8::/32"]


def test_one_key_too_many_is_refused_with_a_sentence(shop, monkeypatch):
    monkeypatch.setattr(services, "KEYS_MAX", 1)
    make(shop)
    answer = make(shop)
    assert answer.status_code == 422
    assert "Revoke one" in text_of(answer)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.COMPLIANCE])
def test_only_owners_and_developers_make_and_end_keys(shop, role):
    make(shop)
    (listed,) = selectors.keys(shop.workspace_id)
    desk = at_desk(shop, role)
    assert make(shop, desk).status_code == 403
    assert desk.post(url(shop, "key_revoke", listed.key_id)).status_code == 403
    assert "<form" not in text_of(desk.get(url(shop, "keys"))).split("<main")[1]
    assert make(shop, at_desk(shop, Role.DEVELOPER)).status_code == 200


def test_the_page_for_developers_names_every_right_and_the_limits(shop):
    page = text_of(at_desk(shop, Role.DEVELOPER).get(url(shop, "developers")))
    assert set(SCOPES) == set(Scope)
    assert all(f"<code>{scope.value}</code>" in page for scope in Scope)
    assert "http://testserver/api/v1/openapi.json" in page
    assert f"{domain.CALLS_A_MINUTE:,}" in page
    assert Client().get("/api/v1/openapi.json").status_code == 200


def test_the_example_on_the_page_is_a_call_that_works(shop, monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())
    page = text_of(at_desk(shop).get(url(shop, "developers")))
    example = re.search(r"<code>(curl.*?)</code>", page, re.DOTALL).group(1)
    path = re.search(r"curl -X POST http://testserver(\S+)", example).group(1)
    body = re.search(r"-d &#x27;(.*?)&#x27;|-d '(.*?)'", example)
    key = services.create_key(shop.workspace_id, "x", [Scope.SUPPRESS_WRITE], by="test", now=NOW)
    answer = Client().post(
        path,
        (body.group(1) or body.group(2)).replace("&quot;", '"'),
        "application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200
