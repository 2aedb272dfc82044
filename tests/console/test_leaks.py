"""Leaks of personal data at the desk: written down whether they are reported or not, each with its dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.console.views import leaks
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(leaks.clock, "now", lambda: NOW)
    return a_shop()


def writes(shop, role=Role.COMPLIANCE, **said):
    leak = {"people": "10", "cause": "misdirected_mail", **said}
    return at_desk(shop, role).post(url(shop, "leaks"), leak, follow=True)


def recorded(shop):
    return [each.fields for each in ledger.history(shop.workspace_id, 0) if each.kind == "admin.breach"]


def test_a_few_wrong_recipients_are_written_down_and_reported_to_nobody(shop):
    page = text_of(writes(shop))
    assert "recorded here and reported to nobody" in page
    assert "First report until" not in page
    assert [(each["people"], each["answer"]) for each in recorded(shop)] == [(10, "BREACH_NOT_REPORTABLE")]


@pytest.mark.parametrize(
    ("said", "final"),
    [
        ({"people": "1001"}, "24 Dec 2026"),
        ({"people": "1", "sensitive": "on"}, "24 Dec 2026"),
        ({"people": "1", "cause": "unauthorised_access"}, "23 Jan 2027"),
    ],
)
def test_what_must_be_reported_stands_with_its_last_days(shop, said, final):
    page = text_of(writes(shop, **said))
    assert "The breach must be reported, and the persons told." in page
    assert "First report until 29 Nov 2026" in page
    assert f"Final report until {final}" in page
    assert "Tell the persons" in page


@pytest.mark.parametrize(
    "wrong", [{"people": ""}, {"people": "-1"}, {"people": "1000000001"}, {"people": "many"}, {"cause": "x"}]
)
def test_what_cannot_be_taken_is_said_and_nothing_is_recorded(shop, wrong):
    answer = writes(shop, **wrong)
    assert answer.status_code == 422
    assert "Please correct 1 item" in text_of(answer)
    assert recorded(shop) == []


@pytest.mark.parametrize("role", [Role.CLERK, Role.MARKETER, Role.DEVELOPER])
def test_owners_and_compliance_alone_see_to_it(shop, role):
    assert writes(shop, role).status_code == 403
    assert recorded(shop) == []
    assert url(shop, "leaks") not in text_of(at_desk(shop, role).get(url(shop, "cases")))
    assert url(shop, "leaks") in text_of(at_desk(shop).get(url(shop, "cases")))


def test_none_was_written_down_yet(shop):
    assert "No leak was written down" in text_of(at_desk(shop).get(url(shop, "leaks")))
