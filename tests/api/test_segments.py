"""Programs read, save and count segments, and get the numbers of people only with the right to know them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.api.test_api import a_key
from tests.people import a_contact, a_reader, a_shop

from shodaku.api import routes, segments
from shodaku.api.domain import Meter, Scope
from shodaku.ledger import selectors as ledger

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
FORM = {"match": "all", "groups": [{"match": "all", "conditions": [{"is": "source", "value": "form"}]}]}
EVERY = (Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE, Scope.CONTACTS_READ)


@pytest.fixture
def shop(database):
    return a_shop()


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())


def call(key, method, path="", body=None, language="en"):
    headers = {"authorization": f"Bearer {key}", "accept-language": language}
    address = f"/api/v1/segments{path}"
    if body is None:
        return getattr(Client(), method)(address, headers=headers)
    return getattr(Client(), method)(address, body, "application/json", headers=headers)


def test_a_segment_is_saved_read_changed_and_counted(shop):
    key = a_key(shop, *EVERY)
    made = call(key, "post", body={"name": "フォームから", "expression": FORM})
    assert made.status_code == 201
    number = made.json()["id"]
    assert made.json()["sentence"] == "who came in by a sign-up form"
    a_reader(shop, at=NOW - timedelta(days=1))
    a_contact(shop)
    a_contact(shop, source="import")
    counted = call(key, "get", f"/{number}/count?topic=news").json()
    assert counted == {"named": 2, "more": False, "sendable": 1, "exact": True, "looked_at": 2}
    body = {"name": "全員", "expression": {"match": "all", "groups": []}, "seen": 1}
    changed = call(key, "put", f"/{number}", body)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert call(key, "get", f"/{number}?version=1").json()["expression"] == FORM
    assert [each["name"] for each in call(key, "get").json()] == ["全員"]
    assert [each.kind for each in ledger.history(shop.workspace_id, 0)][-2:] == ["admin.segment.saved"] * 2


def test_the_numbers_of_people_come_page_by_page_to_who_may_know_them(shop, monkeypatch):
    monkeypatch.setattr(segments, "PAGE_PEOPLE", 2)
    people = [a_contact(shop) for _ in range(3)]
    key = a_key(shop, *EVERY)
    number = call(key, "post", body={"name": "フォームから", "expression": FORM}).json()["id"]
    first = call(key, "get", f"/{number}/people").json()
    assert first == {"contacts": people[:2], "after": people[1]}
    rest = call(key, "get", f"/{number}/people?after={people[1]}").json()
    assert rest == {"contacts": people[2:], "after": None}
    unknowing = a_key(shop, Scope.SEGMENTS_READ)
    assert call(unknowing, "get", f"/{number}/people").status_code == 403


def test_who_looked_at_an_older_version_overwrites_nothing(shop):
    key = a_key(shop, *EVERY)
    number = call(key, "post", body={"name": "フォームから", "expression": FORM}).json()["id"]
    body = {"name": "フォームから", "expression": FORM, "seen": 1}
    assert call(key, "put", f"/{number}", body).status_code == 200
    late = call(key, "put", f"/{number}", body)
    assert (late.status_code, late.json()["code"]) == (409, "segment_changed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "expression": FORM}, "name"),
        ({"name": "x" * 81, "expression": FORM}, "name"),
        ({"name": "x", "expression": []}, "expression"),
        ({"name": "x", "expression": {"groups": [{"conditions": [{"is": "sql"}]}]}}, "expression"),
        ({"name": "x", "expression": FORM, "sql": "true"}, "sql"),
    ],
)
def test_what_cannot_be_meant_names_its_field(shop, body, field):
    answer = call(a_key(shop, *EVERY), "post", body=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].rpartition(".")[2] == field


def test_faults_speak_the_language_of_the_caller(shop):
    expression = {"groups": [{"conditions": [{"is": "bought_within", "value": 0}]}]}
    body = {"name": "x", "expression": expression}
    key = a_key(shop, *EVERY)
    said = call(key, "post", body=body, language="ja").json()["errors"][0]["detail"]
    assert said == "日数は1から36,500までの数字で入力してください。"


def test_what_is_not_here_is_not_found_also_if_it_is_in_another_shop(shop):
    other = a_shop()
    number = call(a_key(other, *EVERY), "post", body={"name": "x", "expression": FORM}).json()["id"]
    key = a_key(shop, *EVERY)
    for path in (f"/{number}", f"/{2**40}", f"/{number}/count?topic=news", f"/{number}/people"):
        assert call(key, "get", path).status_code == 404
    assert call(key, "put", f"/{number}", {"name": "x", "expression": FORM}).status_code == 404


def test_each_right_opens_its_own_routes_alone(shop):
    reader, writer = a_key(shop, Scope.SEGMENTS_READ), a_key(shop, Scope.SEGMENTS_WRITE)
    assert call(reader, "post", body={"name": "x", "expression": FORM}).status_code == 403
    assert call(writer, "get").status_code == 403
    assert call(writer, "post", body={"name": "x", "expression": FORM}).status_code == 201
