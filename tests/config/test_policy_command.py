"""Which rules hold, from the command line; and each reason of a campaign with its people."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.console.desk import at_desk
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import services as campaigns
from shodaku.config.commands import campaign_command, policy_command
from shodaku.delivery import selectors, services
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def policy(shop, capsys):
    return lambda *words: said(policy_command, capsys, *words, "--workspace", shop.slug)


@pytest.fixture
def campaign(shop, capsys):
    return lambda *words: said(campaign_command, capsys, *words, "--workspace", shop.slug)


def said(command, capsys, *words):
    parser = argparse.ArgumentParser()
    command.define(parser)
    options = parser.parse_args(words)
    status = options.run(options)
    return status, capsys.readouterr().out


def test_the_rules_that_hold_are_shown_and_chosen(shop, policy):
    assert policy("show")[1].startswith("pack      1.0 of ")
    status, text = policy("choose", "1.1", "--set", "stale_months=6", "--set", "JP.minor_age = 18")
    assert (status, text.startswith("pack 1.1+ holds, ledger entry #")) == (0, True)
    shown = json.loads(policy("show", "--json")[1])
    assert (shown["pack"], shown["in_force"], shown["home_country"]) == ("1.1+", False, "JP")
    assert shown["tightened"] == {"stale_months": 6, "JP.minor_age": 18}
    policy("choose", "1.0", "--home", "unknown")
    assert "home      unknown: the strictest rules" in policy("show")[1]


def test_before_rules_are_chosen_it_says_whom_they_would_hold_and_chooses_none(shop, policy):
    a_reader(shop, at=NOW - timedelta(days=240))
    a_reader(shop)
    status, text = policy("simulate", "1.0", "--set", "stale_months=6")
    assert status == 0
    assert text.startswith("rules 1.0+: this would hold 1 more of 2 people\n")
    told = json.loads(policy("simulate", "1.0", "--set", "stale_months=6", "--json")[1])
    assert (told["held_more"], told["held_fewer"], told["home_country"]) == (1, 0, "JP")
    assert told["sendable"][0] == {"topic": "news", "now": 2, "then": 1}
    assert told["moved"] == [{"topic": "news", "people": 1, "now": "OK_CONSENT", "then": "CONSENT_STALE"}]
    assert selectors.rule_choice(shop.workspace_id).chosen_at is None
    with pytest.raises(policy_command.WrongValue):
        policy("simulate", "1.0", "--set", "stale_months=24")
    policy("choose", "1.0", "--set", "stale_months=6")
    assert "1 would get a topic that is held from them now" in policy("simulate", "1.0")[1]


@pytest.mark.parametrize("wrong", [["--set", "stale_months=24"], ["--set", "x"], ["--home", "Japan"]])
def test_a_value_that_cannot_be_taken_changes_nothing(shop, policy, wrong):
    with pytest.raises(policy_command.WrongValue) as fault:
        policy("choose", "1.0", *wrong)
    assert fault.value.hint
    assert selectors.rule_choice(shop.workspace_id).chosen_at is None


def test_an_exemption_is_turned_on_and_off_with_a_reason(shop, policy):
    assert policy("exempt", "relationship", "on", "--reason", "既存のお客様")[0] == 0
    (on,) = json.loads(policy("show", "--json")[1])["exemptions"]
    assert (on["sender"], on["exemption"]) == (shop.sender_id, "relationship")
    policy("exempt", "relationship", "off", "--reason", "苦情のため", "--sender", str(shop.sender_id))
    assert selectors.exemptions(shop.workspace_id) == []
    with pytest.raises(services.NoReason):
        policy("exempt", "relationship", "on", "--reason", " ")
    with pytest.raises(policy_command.UnknownSender):
        policy("exempt", "relationship", "on", "--reason", "x", "--sender", "999999999")


def test_a_topic_held_for_complaints_is_released(shop, policy):
    with pytest.raises(policy_command.NothingHeld):
        policy("release", "news", "--reason", "なし")
    services.note_complaints(shop.workspace_id, shop.topic_id, 0.01, now=NOW)
    assert policy("release", "news", "--reason", "名簿を直した") == (0, "news goes on\n")


def a_draft(shop):
    letter = campaigns.NewCampaign(
        name="11月のお便り", topic_id=shop.topic_id, subject="11月のお便り", text="本文です。"
    )
    return campaigns.create(shop.workspace_id, letter, staff_id=None, now=NOW)


def test_each_reason_has_its_people_and_they_are_the_audience(shop, campaign):
    for _ in range(3):
        a_reader(shop)
    for _ in range(2):
        a_contact(shop)
    draft = str(a_draft(shop))
    status, text = campaign("preflight", draft)
    assert status == 0
    assert "rules 1.0: 3 of 5 can receive it" in text
    assert "5 people, each with one reason" in text
    told = json.loads(campaign("preflight", draft, "--json")[1])
    assert told["reasons"] == {"OK_CONSENT": 3, "NO_BASIS": 2}
    assert sum(told["reasons"].values()) == told["audience"] == 5
    assert told["rules"] is None


def test_another_rule_pack_is_compared_person_by_person(shop, campaign):
    a_reader(shop)
    draft = str(a_draft(shop))
    compared = json.loads(campaign("preflight", draft, "--rules", "1.1", "--json")[1])["rules"]
    assert compared == {"pack": "1.1", "reasons": {"OK_CONSENT": 1}, "moved": []}
    assert "rules 1.1: 0 changes" in campaign("preflight", draft, "--rules", "1.1")[1]


def test_a_campaign_to_nobody_answers_no(shop, campaign):
    assert campaign("preflight", str(a_draft(shop)))[0] == 1


def test_mail_order_is_declared_and_written_down(policy):
    status, text = policy("mail-order", "on")
    assert (status, text.startswith("mail order on, ledger entry #")) == (0, True)
    assert "by mail order to consumers" in policy("show")[1]


def test_from_how_many_people_on_two_persons_are_needed_is_set_and_recorded(shop, policy):
    for role in (Role.OWNER, Role.MARKETER):
        at_desk(shop, role)
    assert policy("two-persons", "500")[1].startswith("a second person approves a launch: above 500 people")
    assert json.loads(policy("show", "--json")[1])["two_persons_above"] == 500
    assert "off, ledger entry #" in policy("two-persons", "off")[1]
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.approval.rule", "admin.approval.rule"]
    for wrong in ("-1", "many"):
        with pytest.raises(SystemExit):
            policy("two-persons", wrong)
