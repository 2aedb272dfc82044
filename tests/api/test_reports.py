"""Programs read what became of a campaign, in numbers and nobody by name; and throw drafts away."""

from __future__ import annotations

import argparse
import json

import pytest
from django.test import Client
from tests.api.test_api import a_key
from tests.campaigns.test_services import a_draft
from tests.people import a_shop
from tests.reported import a_campaign_that_went

from shodaku.api import routes
from shodaku.api.domain import Meter, Scope
from shodaku.campaigns import reporting
from shodaku.campaigns import selectors as campaigns
from shodaku.config.commands import campaign_command
from shodaku.ledger import selectors as ledger


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture(scope="module")
def went(database, shop, tmp_path_factory):
    return a_campaign_that_went(database, shop, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch):
    monkeypatch.setattr(routes, "_meter", Meter())


def call(key, number):
    headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
    return Client().get(f"/api/v1/campaigns/{number}/report", headers=headers)


def test_the_report_has_every_part_and_nobody_in_it(shop, went):
    answer = call(a_key(shop, Scope.CAMPAIGNS_READ), went.campaign_id)
    found = answer.json()
    assert answer.status_code == 200
    assert found["people"]["accepted"] == 4
    assert found["held_at_launch"] == {"CONSENT_EXPIRED": 1}
    assert {"class": "hard", "reason": "userunknown", "people": 1} in found["bounces"]
    assert {"outcome": "refused", "reason": "REFUSED_ALL", "people": 1} in found["reasons"]
    assert found["opt_outs"] == {"all": 1}
    assert [each["people"] for each in found["links"]] == [0, 2]
    assert found["opens"] == {"people": 1, "clicks": 1, "programs": 0}
    assert found["receivers"]["gmail"] == {"failed": 1}
    assert "@" not in answer.content.decode()


def test_a_key_without_the_right_and_another_shops_key_learn_nothing(shop, went):
    assert call(a_key(shop, Scope.SEGMENTS_READ), went.campaign_id).status_code == 403
    assert call(a_key(a_shop(), Scope.CAMPAIGNS_READ), went.campaign_id).status_code == 404
    assert call("shodaku_1_x_y", went.campaign_id).status_code == 401


def test_what_has_no_report_is_told_apart(shop, went, monkeypatch):
    key = a_key(shop, Scope.CAMPAIGNS_READ)
    assert call(key, 2**31).status_code == 404
    draft = call(key, a_draft(shop))
    assert (draft.status_code, draft.json()["code"]) == (409, "not_launched")
    monkeypatch.setattr(reporting, "AT_ONCE_PEOPLE_MAX", 0)
    waiting = call(key, went.campaign_id)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_counted")
    assert "Ask again in a minute." in waiting.json()["detail"]


def told(capsys, *words):
    parser = argparse.ArgumentParser()
    campaign_command.define(parser)
    status = campaign_command.run(parser.parse_args(words))
    return status, capsys.readouterr().out


def test_the_command_tells_the_same_and_counts_it_now(shop, went, capsys):
    number = str(went.campaign_id)
    status, text = told(capsys, "report", number, "--json", "--workspace", shop.slug)
    assert (status, json.loads(text)["people"]["stopped_in_time"]) == (0, 1)
    status, text = told(capsys, "report", number, "--workspace", shop.slug)
    assert status == 0
    assert "userunknown" in text
    assert "https://shop.example/summer" in text
    draft = str(a_draft(shop))
    assert told(capsys, "report", draft, "--workspace", shop.slug)[0] == 1


def throw_away(key, number, language="en"):
    headers = {"authorization": f"Bearer {key}", "accept-language": language}
    return Client().delete(f"/api/v1/campaigns/{number}", headers=headers)


def test_a_draft_is_thrown_away_once_and_the_ledger_names_the_key(shop):
    key, draft = a_key(shop, Scope.CAMPAIGNS_WRITE), a_draft(shop)
    answer = throw_away(key, draft)
    assert (answer.status_code, answer.content) == (204, b"")
    assert campaigns.campaign(shop.workspace_id, draft) is None
    entry = ledger.history(shop.workspace_id, 0)[-1]
    assert (entry.kind, entry.fields["campaign"]) == ("admin.campaign.discarded", draft)
    assert entry.fields["by"].startswith("api:")
    again = throw_away(key, draft)
    assert (again.status_code, again.json()["code"]) == (404, "no_campaign")


def test_what_was_launched_stays_whatever_a_program_says(shop, went):
    answer = throw_away(a_key(shop, Scope.CAMPAIGNS_WRITE), went.campaign_id, "ja")
    assert (answer.status_code, answer.json()["code"]) == (409, "only_drafts")
    assert answer.json()["detail"].endswith("破棄できるのは下書きだけです。")
    assert campaigns.campaign(shop.workspace_id, went.campaign_id) is not None


def test_a_key_without_the_right_and_another_shops_key_throw_nothing_away(shop):
    draft = a_draft(shop)
    assert throw_away(a_key(shop, Scope.CAMPAIGNS_READ), draft).status_code == 403
    assert throw_away(a_key(a_shop(), Scope.CAMPAIGNS_WRITE), draft).status_code == 404
    assert throw_away("shodaku_1_x_y", draft).status_code == 401
    assert throw_away(a_key(shop, Scope.CAMPAIGNS_WRITE), 2**31).status_code == 404
    assert campaigns.campaign(shop.workspace_id, draft) is not None
