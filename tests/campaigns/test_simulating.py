"""What other rules would change is looked at before anybody chooses them, and looking changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.campaigns import jobs, selectors, services, simulating
from shodaku.campaigns.domain import CountState
from shodaku.campaigns.services import Loosens, RulesAsked
from shodaku.config import worker
from shodaku.consent import services as consent
from shodaku.consent.domain import BasisKind
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.delivery import services as rules
from shodaku.delivery.domain import Exemption
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
STRICTER = RulesAsked("1.0", {"stale_months": 6}, "JP")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def in_small_spans(monkeypatch):
    monkeypatch.setattr(simulating, "SPAN_CONTACTS", 2)
    monkeypatch.setattr(simulating, "AT_ONCE_CONTACTS_MAX", 1)


def quiet_reader(shop, **more):
    """Who agreed eight months ago, and got nothing since."""
    return a_reader(shop, at=NOW - 240 * A_DAY, **more)


def simulated(shop, asked=STRICTER):
    return services.simulate(shop.workspace_id, asked, now=NOW)


def waiting_jobs(shop):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select args::text from procrastinate_jobs where task_name = 'campaigns.simulate_rules'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s order by id",
            [shop.workspace_id],
        ).fetchall()
    return [json.loads(row[0]) for row in rows]


def of_topic(found, topic_id):
    return next(each for each in found.topics if each.topic_id == topic_id)


def test_it_says_how_many_more_would_be_held_and_for_which_reason(shop):
    for _ in range(3):
        a_reader(shop, at=NOW - A_DAY)
    for _ in range(2):
        quiet_reader(shop)
    found = simulated(shop)
    assert (found.people, found.held_more, found.held_fewer) == (5, 2, 0)
    news = of_topic(found, shop.topic_id)
    assert (news.before, news.after) == (5, 3)
    assert dict(news.moved) == {("OK_CONSENT", "CONSENT_STALE"): 2}
    assert (of_topic(found, shop.other_topic_id).before, found.done, found.at) == (0, True, NOW)


def test_somebody_who_loses_two_topics_is_one_person(shop):
    person = quiet_reader(shop)
    agree(shop, person, topic_id=shop.other_topic_id, at=NOW - 240 * A_DAY)
    found = simulated(shop)
    assert (found.people, found.held_more) == (1, 1)
    assert [(each.before, each.after) for each in found.topics] == [(1, 0), (1, 0)]


def test_rules_that_are_less_strict_than_ones_own_hold_fewer(shop):
    quiet_reader(shop)
    rules.choose_rules(shop.workspace_id, "1.0", {"stale_months": 6}, "JP", by="staff:1", now=NOW)
    found = simulated(shop, RulesAsked("1.0", {}, "JP"))
    assert (found.held_more, found.held_fewer) == (0, 1)


def test_whose_country_nobody_knows_is_judged_by_the_home_that_is_asked_about(shop):
    a_reader(shop, at=NOW - A_DAY)
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    asked = RulesAsked("1.0", {}, None)
    rules.choose_rules(shop.workspace_id, "1.0", {}, None, by="staff:1", now=NOW)
    (person,) = contacts_of(shop)
    under_it, _ = delivery.verdict(shop.workspace_id, person, question, now=NOW)
    rules.choose_rules(shop.workspace_id, "1.0", {}, "JP", by="staff:1", now=NOW)
    before, _ = delivery.verdict(shop.workspace_id, person, question, now=NOW)
    moved = of_topic(simulated(shop, asked), shop.topic_id).moved
    expected = {} if before.reason == under_it.reason else {(before.reason.value, under_it.reason.value): 1}
    assert dict(moved) == expected


def contacts_of(shop):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute("select contact_id from contact order by contact_id").fetchall()
    return [row[0] for row in rows]


def test_who_agreed_to_nothing_is_no_concern_of_it(shop):
    a_contact(shop)
    assert (simulated(shop).people, simulated(shop).looked_at) == (0, 1)


def test_whoever_gets_it_by_a_card_alone_is_counted_where_other_rules_give_cards_up(shop):
    holder = a_contact(shop)
    with db.transaction(shop.workspace_id):
        consent.record_bases([{"contact_id": holder, "kind": BasisKind.CARD.value, "at": NOW - 5 * A_DAY}])
    rules.switch_exemption(
        shop.workspace_id,
        shop.sender_id,
        Exemption.CARD_ADVERTISING,
        on=True,
        reason="展示会の名刺",
        by="staff:1",
        now=NOW,
    )
    found = simulated(shop, RulesAsked("1.0", {"JP.exemptions": []}, "JP"))
    assert (found.people, found.held_more) == (1, 1)


def test_looking_changes_no_rule_and_writes_no_entry(shop):
    quiet_reader(shop)
    entries = len(ledger.history(shop.workspace_id, 0))
    simulated(shop)
    assert delivery.rule_choice(shop.workspace_id).chosen_at is None
    assert len(ledger.history(shop.workspace_id, 0)) == entries


def test_rules_that_loosen_are_not_looked_at(shop):
    with pytest.raises(Loosens):
        simulated(shop, RulesAsked("1.0", {"stale_months": 24}, "JP"))
    assert selectors.simulation(shop.workspace_id) is None


def test_few_people_are_looked_at_at_once_and_many_in_the_background(shop, monkeypatch):
    for _ in range(2):
        quiet_reader(shop)
    monkeypatch.setattr(simulating, "AT_ONCE_CONTACTS_MAX", 2)
    services.ask_simulation(shop.workspace_id, STRICTER, now=NOW)
    assert (selectors.simulation(shop.workspace_id).done, waiting_jobs(shop)) == (True, [])
    quiet_reader(shop)
    services.ask_simulation(shop.workspace_id, STRICTER, now=NOW)
    assert selectors.simulation(shop.workspace_id).state is CountState.WAITING
    (arguments,) = waiting_jobs(shop)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    worker.jobs()["campaigns.simulate_rules"](**arguments)
    assert selectors.simulation(shop.workspace_id).held_more == 3


def test_interrupted_it_goes_on_behind_the_last_span_and_counts_nobody_twice(
    shop, in_small_spans, monkeypatch
):
    for _ in range(5):
        quiet_reader(shop)
    services.ask_simulation(shop.workspace_id, STRICTER, now=NOW)
    (arguments,) = waiting_jobs(shop)
    judged, killed = simulating._judged, []

    def until_killed(workspace_id, begun, span):
        if begun.tally.looked_at == 4 and not killed:
            killed.append(span)
            raise KeyboardInterrupt
        return judged(workspace_id, begun, span)

    monkeypatch.setattr(simulating, "_judged", until_killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.simulate_rules(**arguments)
    half = selectors.simulation(shop.workspace_id)
    assert (half.state, half.looked_at, half.held_more) == (CountState.RUNNING, 4, 4)
    spans = []
    monkeypatch.setattr(simulating, "_judged", lambda *given: spans.append(given[2].people) or judged(*given))
    jobs.simulate_rules(**arguments)
    whole = selectors.simulation(shop.workspace_id)
    assert (whole.done, whole.looked_at, whole.people, whole.held_more, spans) == (True, 5, 5, 5, [1])
    assert of_topic(whole, shop.topic_id).before == 5
    assert whole.at == half.at


def test_rules_that_change_under_it_make_it_begin_from_nothing(shop, in_small_spans, monkeypatch):
    for _ in range(3):
        quiet_reader(shop)
    judged = simulating._judged

    def while_somebody_chooses(workspace_id, begun, span):
        if begun.run == 1:
            rules.choose_rules(workspace_id, "1.0", {"stale_months": 6}, "JP", by="staff:1", now=NOW)
        return judged(workspace_id, begun, span)

    monkeypatch.setattr(simulating, "_judged", while_somebody_chooses)
    found = simulated(shop, RulesAsked("1.0", {}, "JP"))
    assert (found.stands, found.people, found.held_more, found.held_fewer) == (True, 3, 0, 3)


def test_a_newer_question_takes_the_place_of_one_that_runs(shop, in_small_spans, monkeypatch):
    for _ in range(3):
        quiet_reader(shop)
    services.ask_simulation(shop.workspace_id, STRICTER, now=NOW)
    (older,) = waiting_jobs(shop)
    judged = simulating._judged

    def while_somebody_asks(workspace_id, begun, span):
        if begun.number == older["number"]:
            services.ask_simulation(workspace_id, RulesAsked("1.1", {}, "JP"), now=NOW)
        return judged(workspace_id, begun, span)

    monkeypatch.setattr(simulating, "_judged", while_somebody_asks)
    assert services.run_simulation(shop.workspace_id, older["number"], now=NOW) is False
    found = selectors.simulation(shop.workspace_id)
    assert (found.number, found.rules.version, found.state) == (
        older["number"] + 1,
        "1.1",
        CountState.WAITING,
    )


def test_it_stands_until_the_rules_in_force_are_others(shop):
    quiet_reader(shop)
    assert simulated(shop).stands
    rules.choose_rules(shop.workspace_id, "1.1", {}, "JP", by="staff:1", now=NOW)
    assert not selectors.simulation(shop.workspace_id).stands


def test_without_anybody_it_says_nobody(shop):
    found = simulated(shop)
    assert (found.done, found.people, found.held_more) == (True, 0, 0)


def test_the_numbers_are_those_of_another_workspace_for_nobody(shop):
    quiet_reader(shop)
    simulated(shop)
    assert selectors.simulation(a_shop().workspace_id) is None


def test_an_address_that_does_not_work_is_held_before_and_after(shop):
    person = quiet_reader(shop)
    with db.transaction(shop.workspace_id):
        contacts.mark_invalid(person, Channel.EMAIL, "bounced", now=NOW)
    found = simulated(shop)
    assert (found.people, found.held_more, of_topic(found, shop.topic_id).before) == (1, 0, 0)
