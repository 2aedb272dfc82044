"""`shodaku campaign` with a time: send --at, status, start."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.campaigns.test_again import sent
from tests.campaigns.test_services import a_draft
from tests.campaigns.test_uncertain import kept, sent_into_silence
from tests.console.desk import at_desk
from tests.people import a_reader, a_shop

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Judged, NewTrial, Variant
from shodaku.config import bind, cli
from shodaku.delivery import link_watch
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_reader(shop, at=clock.now() - timedelta(days=1))
    return shop


@pytest.fixture
def run(shop, capsys, monkeypatch):
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(*arguments):
        status = cli.main(["campaign", *map(str, arguments), "--workspace", shop.slug])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_time_is_read_on_the_clock_of_the_workspace(run, shop):
    number = a_draft(shop)
    then = (clock.now().astimezone(TOKYO) + timedelta(days=2)).replace(minute=30, second=0, microsecond=0)
    status, out, _ = run("send", number, "--at", then.strftime("%Y-%m-%dT%H:%M"))
    assert status == 0
    assert f"launched to 1 people; it starts by itself at {then:%Y-%m-%d %H:%M} JST" in out
    assert selectors.campaign(shop.workspace_id, number).starts_at == then.astimezone(UTC)
    _, out, _ = run("status", number, "--json")
    assert json.loads(out)["scheduled"] is True
    assert run("start", number)[0] == 0
    _, out, _ = run("status", number, "--json")
    assert json.loads(out)["scheduled"] is False
    assert run("start", number)[0] == 1


@pytest.mark.parametrize("days", [-1, 100])
def test_a_time_out_of_reach_is_told_and_sends_nothing(run, shop, days):
    number = a_draft(shop)
    then = clock.now() + timedelta(days=days)
    status, _, error = run("send", number, "--at", then.strftime("%Y-%m-%dT%H:%M"))
    assert status == 2
    assert "A campaign starts in the future, within 90 days." in error
    assert selectors.campaign(shop.workspace_id, number).state == "draft"


def test_what_is_no_time_is_told(run, shop, capsys):
    with pytest.raises(SystemExit) as ended:
        run("send", a_draft(shop), "--at", "tomorrow")
    assert ended.value.code == 2
    assert "tomorrow" in capsys.readouterr().err


def test_a_time_in_the_far_past_of_the_calendar_is_no_crash(run, shop):
    assert run("send", a_draft(shop), "--at", "0001-01-01T00:00")[0] == 2


def test_uncertain_lists_people_by_number_and_decides_with_a_reason(run, shop, database):
    number, mailing, people = sent_into_silence(database, shop, people=2)
    status, out, _ = run("uncertain", number, "--json")
    assert status == 0
    found = {each["person"]: each for each in json.loads(out)}
    assert set(people) <= set(found)
    assert found[people[0]]["came"] is None
    status, _, error = run("uncertain", number, "--decide", "arrived", "--person", people[0])
    assert status == 2
    assert "Say why" in error
    decided = ("uncertain", number, "--decide", "arrived", "--person", people[0], "--reason", "by telephone")
    status, out, _ = run(*decided)
    assert (status, out) == (0, "1 people: count as arrived\n")
    assert run(*decided)[0] == 1
    assert kept(shop, mailing)[people[0]].choice == "arrived"
    status, out, _ = run("uncertain", number)
    assert (status, out.count("arrived")) == (0, 1)


def test_of_a_draft_nobody_is_uncertain(run, shop):
    assert run("uncertain", a_draft(shop))[:2] == (1, "a draft: nothing was sent\n")


def test_what_rests_at_its_launch_is_told(run, shop):
    url = "https://mail.aoi.example"
    for minutes, answered in enumerate((True, False, False, False)):
        at = clock.now() + timedelta(minutes=minutes)
        link_watch.note(shop.workspace_id, url, answered=answered, now=at)
    status, out, _ = run("send", a_draft(shop))
    assert status == 0
    assert "it rests at once, for links" in out
    link_watch.note(shop.workspace_id, url, answered=True, now=clock.now())


def test_preflight_says_when_it_would_be_finished(run, shop, monkeypatch):
    number = a_draft(shop)
    monkeypatch.setenv("SHODAKU_SMTP_URL", "smtp://127.0.0.1:25?tls=none")
    assert "no limit is set" in run("preflight", number)[1]
    monkeypatch.setenv("SHODAKU_SMTP_URL", "smtp://127.0.0.1:25?tls=none&rate=2")
    assert "finished about " in run("preflight", number)[1]
    assert json.loads(run("preflight", number, "--json")[1])["finish"]["limit"] == "rate"
    monkeypatch.delenv("SHODAKU_SMTP_URL")
    assert "nothing would carry it" in run("preflight", number)[1]


def test_from_the_command_line_one_asks_and_never_approves(run, shop):
    """Whoever has a shell could name anybody: the yes is given by somebody who signed in."""
    number = a_draft(shop)
    for role in (Role.MARKETER, Role.COMPLIANCE):
        at_desk(shop, role)
    staff = {each.role: each for each in accounts_known.staff(shop.workspace_id)}
    accounts.need_two_persons(shop.workspace_id, 0)
    status, _, err = run("send", number)
    assert status == 1
    assert "only when a second person has approved it" in err
    assert f"shodaku campaign ask {number} --by" in err
    assert run("ask", number, "--by", "nobody@aoi.example")[0] == 2
    status, out, _ = run("ask", number, "--by", staff["marketer"].email, "--json")
    asked = json.loads(out)
    assert (status, asked["people"]) == (0, 1)
    approved = services.approve(
        shop.workspace_id,
        number,
        asked["approval_id"],
        staff_id=staff["compliance"].staff_id,
        now=clock.now(),
    )
    assert isinstance(approved, services.Approved)
    assert run("send", number)[0] == 0


def test_who_is_named_at_a_command_line_is_a_claim_in_the_ledger_from_the_request_to_the_launch(run, shop):
    number = a_draft(shop)
    for role in (Role.MARKETER, Role.COMPLIANCE):
        at_desk(shop, role)
    staff = {each.role: each for each in accounts_known.staff(shop.workspace_id)}
    _status, out, _ = run("ask", number, "--by", staff["marketer"].email, "--json")
    asked, second = json.loads(out)["approval_id"], staff["compliance"].staff_id
    services.approve(shop.workspace_id, number, asked, staff_id=second, now=clock.now())
    run("send", number)
    told = {each.kind: each.fields for each in ledger.history(shop.workspace_id, 0)}
    request = told["admin.approval.asked"]
    assert request["by"] == "command line"
    assert request["in_the_name_of"] == f"staff:{staff['marketer'].staff_id}"
    assert told["admin.approval.given"]["asked_at_command_line"] is True
    assert told["admin.campaign.launched"]["asked_at_command_line"] is True


def test_a_draft_is_thrown_away_and_what_was_sent_is_not(run, shop):
    number = a_draft(shop)
    assert run("discard", number)[0] == 0
    assert selectors.campaign(shop.workspace_id, number) is None
    assert run("discard", number)[0] == 2
    sent = a_draft(shop)
    run("send", sent)
    status, _, err = run("discard", sent)
    assert status == 1
    assert "Only a draft can be thrown away." in err


def test_variants_are_told_and_one_is_chosen_for_the_others(run, shop):
    number = a_draft(shop)
    assert run("variants", number)[0] == 1
    trial = NewTrial((Variant("別の件名"),), 50, Judged.HAND, 4)
    services.save_trial(shop.workspace_id, number, trial, staff_id=None, now=clock.now())
    run("send", number)
    status, out, _ = run("variants", number, "--json")
    assert (status, [each["variant"] for each in json.loads(out)]) == (0, ["A", "B"])
    assert "judged by hand, with --choose" in run("variants", number)[1]
    assert run("variants", number, "--choose", "B")[0] == 0
    assert selectors.trial(shop.workspace_id, number).winner == 2
    assert run("variants", number, "--choose", "A")[0] == 1


def test_a_campaign_goes_once_more_as_a_draft_and_only_where_opens_were_counted(
    run, shop, database, tmp_path
):
    unmeasured = sent(database, shop, tmp_path, open_pixel=False)
    status, _, err = run("again", unmeasured, "--subject", "まだ間に合います")
    assert status == 1
    assert "the counting of opens was off" in err
    number = sent(database, shop, tmp_path)
    status, out, _ = run("again", number, "--subject", "まだ間に合います", "--json")
    assert (status, json.loads(out)["id"]) == (0, selectors.again_of(shop.workspace_id, number))
    assert run("again", number, "--subject", "三度目")[0] == 1
