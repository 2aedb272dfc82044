"""Counted in the background: every person once, names behind the numbers, the newest count alone goes on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.campaigns.test_services import PEOPLE, a_draft
from tests.delivery.mailings import newsletter
from tests.people import SENDER, a_contact, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.campaigns import counting, jobs, selectors, services
from shodaku.campaigns.domain import OtherRules
from shodaku.campaigns.services import CountTooOld, Launched, MorePeople, NewCampaign
from shodaku.config import worker
from shodaku.contacts import services as contacts
from shodaku.delivery import selectors as delivery
from shodaku.delivery import services as rules
from shodaku.delivery.domain import Exemption
from shodaku.erasure import services as erasure
from shodaku.kit import clock, db
from shodaku.kit.ids import uuid7
from shodaku.policy.domain import Reason
from shodaku.segments.domain import EVERYBODY, BoughtNothing

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def a_crowd(shop, **kinds):
    return {name: [PEOPLE[name](shop) for _ in range(number)] for name, number in kinds.items()}


def waiting_jobs(shop):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select args::text from procrastinate_jobs where task_name = 'campaigns.count'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s order by id",
            [shop.workspace_id],
        ).fetchall()
    return [json.loads(row[0]) for row in rows]


def start(shop, campaign_id, **more):
    return services.start_count(shop.workspace_id, campaign_id, now=NOW, **more)


def run(shop, preflight_id, at=NOW):
    return services.run_count(shop.workspace_id, preflight_id, now=at)


def found(shop, campaign_id, preflight_id):
    return selectors.preflight(shop.workspace_id, campaign_id, preflight_id)


def members(shop, counted):
    reasons = [*counted.reasons, *counted.allowed]
    return {reason: selectors.members(shop.workspace_id, counted, reason) for reason in reasons}


def test_the_worker_knows_the_job_by_its_name():
    assert worker.jobs()["campaigns.count"] is jobs.count


def test_a_count_in_the_background_is_a_job_and_gives_every_person_one_reason(shop):
    people = a_crowd(shop, reader=3, stranger=2, expired=1, stale=1)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    asked = found(shop, campaign_id, preflight_id)
    assert (asked.state, asked.seen, asked.sendable) == ("waiting", 0, 0)
    (arguments,) = waiting_jobs(shop)
    with clock.standing_at(NOW):
        jobs.count(**arguments)
    counted = found(shop, campaign_id, preflight_id)
    assert counted.done
    assert counted.chosen == counted.seen == 7
    assert counted.sendable + sum(counted.reasons.values()) == 7
    assert counted.allowed == {"OK_CONSENT": 3}
    behind = members(shop, counted)
    assert behind["OK_CONSENT"] == []  # everybody who gets it as it is: no list of names is made
    assert behind["NO_BASIS"] == people["stranger"]
    assert behind["CONSENT_EXPIRED"] == people["expired"]
    assert {reason: len(names) for reason, names in behind.items() if names} == counted.reasons


def test_the_count_at_once_and_the_one_in_the_background_say_the_same(shop):
    a_crowd(shop, reader=2, stranger=1, stale=1)
    campaign_id = a_draft(shop)
    at_once = services.count(shop.workspace_id, campaign_id, now=NOW)
    preflight_id = start(shop, campaign_id)
    assert run(shop, preflight_id)
    later = found(shop, campaign_id, preflight_id)
    same = ("chosen", "sendable", "allowed", "reasons", "content_sha256", "pack", "rules_sha256")
    assert {name: getattr(at_once, name) for name in same} == {name: getattr(later, name) for name in same}


def test_how_far_it_is_stands_there_after_each_slice(shop, monkeypatch):
    monkeypatch.setattr(counting, "PROGRESS_PEOPLE", 2)
    monkeypatch.setattr("shodaku.delivery.audience.SLICE_PEOPLE", 2)
    monkeypatch.setattr("shodaku.delivery.audience.PAGE_PEOPLE", 3)
    a_crowd(shop, reader=5, stranger=2)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    seen = []
    save = counting._save

    def note(*arguments):
        kept = save(*arguments)
        seen.append(found(shop, campaign_id, preflight_id))
        return kept

    monkeypatch.setattr(counting, "_save", note)
    assert run(shop, preflight_id)
    assert [each.seen for each in seen] == [2, 5, 7, 7]
    assert all(each.sendable + sum(each.reasons.values()) == each.seen for each in seen)
    assert {each.chosen for each in seen} == {7}


def test_an_interrupted_count_begins_again_from_nothing(shop, monkeypatch):
    monkeypatch.setattr(counting, "PROGRESS_PEOPLE", 1)
    monkeypatch.setattr(counting, "MEMBERS_A_PART_MAX", 1)
    monkeypatch.setattr("shodaku.delivery.audience.SLICE_PEOPLE", 1)
    people = a_crowd(shop, stranger=4)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    save = counting._save
    calls = []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise ConnectionError
        return save(*arguments)

    monkeypatch.setattr(counting, "_save", fail)
    with pytest.raises(ConnectionError):
        run(shop, preflight_id)
    assert found(shop, campaign_id, preflight_id).seen == 2
    assert run(shop, preflight_id)
    counted = found(shop, campaign_id, preflight_id)
    assert (counted.seen, counted.reasons) == (4, {"NO_BASIS": 4})
    assert selectors.members(shop.workspace_id, counted, "NO_BASIS") == people["stranger"]
    assert not run(shop, preflight_id)  # what is whole is not counted twice


def test_of_two_counts_the_newest_goes_on(shop, monkeypatch):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    older = start(shop, campaign_id)
    newer = start(shop, campaign_id)
    assert not run(shop, older)
    assert run(shop, newer)
    assert found(shop, campaign_id, older).state == "ended"
    assert selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id == newer


def test_a_count_that_runs_ends_when_another_begins(shop, monkeypatch):
    monkeypatch.setattr(counting, "PROGRESS_PEOPLE", 1)
    monkeypatch.setattr("shodaku.delivery.audience.SLICE_PEOPLE", 1)
    a_crowd(shop, reader=3)
    campaign_id = a_draft(shop)
    older = start(shop, campaign_id)
    save = counting._save

    def overtaken(*arguments):
        kept = save(*arguments)
        if found(shop, campaign_id, older).seen == 1:
            start(shop, campaign_id)
        return kept

    monkeypatch.setattr(counting, "_save", overtaken)
    assert not run(shop, older)
    ended = found(shop, campaign_id, older)
    assert (ended.state, ended.seen) == ("ended", 1)


def test_a_second_process_with_the_same_count_takes_it_over(shop, monkeypatch):
    """A worker that was taken for dead and lives on writes nothing any more."""
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    first = counting._begin(shop.workspace_id, preflight_id, NOW)
    second = counting._begin(shop.workspace_id, preflight_id, NOW)
    tally = counting._Tally(compares=False)
    assert not counting._save(shop.workspace_id, first, tally, counting.CountState.RUNNING)
    assert counting._save(shop.workspace_id, second, tally, counting.CountState.RUNNING)


@pytest.mark.parametrize("change", ["text", "conditions", "sender"])
def test_a_draft_that_is_changed_ends_the_count(shop, change):
    a_crowd(shop, reader=1)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    if change == "sender":
        accounts.save_sender(
            shop.workspace_id,
            replace(SENDER, sender_id=shop.sender_id, postal_address="大阪市北区1-1"),
            now=NOW,
        )
    else:
        kept = selectors.campaign(shop.workspace_id, campaign_id)
        text = "別の本文" if change == "text" else kept.text
        edited = NewCampaign(
            name=kept.name,
            topic_id=kept.topic_id,
            subject=kept.subject,
            text=text,
            conditions=() if change == "text" else (BoughtNothing(),),
        )
        services.edit(shop.workspace_id, campaign_id, edited, staff_id=None, now=NOW)
    assert not run(shop, preflight_id)
    assert found(shop, campaign_id, preflight_id).state == "ended"
    assert selectors.latest_preflight(shop.workspace_id, campaign_id) is None


def test_another_name_for_the_same_campaign_leaves_the_count_alone(shop):
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    kept = selectors.campaign(shop.workspace_id, campaign_id)
    renamed = NewCampaign(name="別名", topic_id=kept.topic_id, subject=kept.subject, text=kept.text)
    services.edit(shop.workspace_id, campaign_id, renamed, staff_id=None, now=NOW)
    assert run(shop, preflight_id)


def test_an_audience_of_nobody_is_counted_too(shop):
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    assert run(shop, preflight_id)
    counted = found(shop, campaign_id, preflight_id)
    assert (counted.done, counted.chosen, counted.sendable, counted.reasons) == (True, 0, 0, {})


def test_a_campaign_that_was_launched_is_not_counted(shop):
    a_crowd(shop, reader=1, stranger=1)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=NOW)
    with pytest.raises(services.NoDraft):
        start(shop, campaign_id)
    assert selectors.members(shop.workspace_id, counted, "NO_BASIS") == []  # deliveries tell it now


def test_names_come_in_pages_over_the_parts(shop, monkeypatch):
    monkeypatch.setattr(counting, "MEMBERS_A_PART_MAX", 3)
    monkeypatch.setattr(selectors, "PAGE_ROWS", 4)
    people = a_crowd(shop, stranger=10)["stranger"]
    counted = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    pages, after = [], None
    while page := selectors.members(shop.workspace_id, counted, "NO_BASIS", after=after):
        pages.append(page)
        after = page[-1]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [each for page in pages for each in page] == people


def test_only_the_newest_count_keeps_names(shop):
    a_crowd(shop, stranger=2)
    campaign_id = a_draft(shop)
    older = services.count(shop.workspace_id, campaign_id, now=NOW)
    newer = services.count(shop.workspace_id, campaign_id, now=NOW)
    assert selectors.members(shop.workspace_id, older, "NO_BASIS") == []
    assert len(selectors.members(shop.workspace_id, newer, "NO_BASIS")) == 2


def test_who_is_erased_stands_in_no_list_and_the_numbers_stay(shop):
    stays, gone = (a_contact(shop) for _ in range(2))
    counted = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    erasure_id = erasure.request(shop.workspace_id, gone, rule="asked", receipt="R-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid7(NOW, bytes(10)))
    assert selectors.members(shop.workspace_id, counted, "NO_BASIS") == [stays]
    assert counted.reasons == {"NO_BASIS": 2}


def test_who_is_erased_while_it_counts_is_not_written_down(shop, monkeypatch):
    stays, gone = (a_contact(shop) for _ in range(2))
    campaign_id = a_draft(shop)
    save = counting._save

    def erased_before(*arguments):
        with db.transaction(shop.workspace_id):
            contacts.forget(gone)
        return save(*arguments)

    monkeypatch.setattr(counting, "_save", erased_before)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    assert selectors.members(shop.workspace_id, counted, "NO_BASIS") == [stays]


def test_the_second_pass_of_an_erasure_finds_a_name_that_came_late(shop):
    late = a_contact(shop)
    counted = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    erasure.forget_late_results(shop.workspace_id, late)
    assert selectors.members(shop.workspace_id, counted, "NO_BASIS") == []


def test_numbers_that_do_not_add_up_are_refused_by_the_database(shop):
    a_crowd(shop, reader=1, stranger=1)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    for change in ("sendable = sendable + 1", "reasons = '{}'", "allowed = '{}'", "seen = 1", "chosen = 9"):
        with pytest.raises(psycopg.errors.CheckViolation), db.transaction(shop.workspace_id) as connection:
            connection.execute(
                f"update preflight set {change} where workspace_id = %s and preflight_id = %s",  # noqa: S608 - five constants
                [shop.workspace_id, counted.preflight_id],
            )


# A launch of many people rests on the count of a moment ago


def launch(shop, campaign_id, preflight_id, at=NOW):
    return services.launch(shop.workspace_id, campaign_id, preflight_id, staff_id=None, now=at)


@pytest.fixture
def large(monkeypatch):
    """Two people are many."""
    monkeypatch.setattr(counting, "AT_ONCE_PEOPLE_MAX", 1)


def test_a_large_audience_is_launched_by_its_count_and_not_counted_while_somebody_waits(shop, large):
    a_crowd(shop, reader=2, stranger=1)
    campaign_id = a_draft(shop)
    preflight_id = services.recount(shop.workspace_id, campaign_id, now=NOW)
    assert not found(shop, campaign_id, preflight_id).done
    assert len(waiting_jobs(shop)) == 1
    run(shop, preflight_id)
    answer = launch(shop, campaign_id, preflight_id, NOW + timedelta(minutes=10))
    assert isinstance(answer, Launched)
    assert answer.people == 2


def test_a_small_audience_is_counted_while_somebody_waits(shop):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    preflight_id = services.recount(shop.workspace_id, campaign_id, now=NOW)
    assert found(shop, campaign_id, preflight_id).done
    assert waiting_jobs(shop) == []


def test_an_old_count_of_a_large_audience_launches_nothing(shop, large):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    late = NOW + timedelta(minutes=10, seconds=1)
    assert launch(shop, campaign_id, counted.preflight_id, late) == CountTooOld(NOW)
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


@pytest.mark.parametrize("change", ["pack", "exemption"])
def test_a_count_by_other_rules_launches_nothing(shop, large, change):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    if change == "pack":
        rules.choose_rules(shop.workspace_id, "1.0", {"stale_months": 6}, "JP", by="test", now=NOW)
    else:
        rules.switch_exemption(
            shop.workspace_id,
            shop.sender_id,
            Exemption.CARD_ADVERTISING,
            on=True,
            reason="展示会",
            by="test",
            now=NOW,
        )
    assert launch(shop, campaign_id, counted.preflight_id) == CountTooOld(NOW)


def test_while_a_large_audience_is_counted_anew_nothing_is_launched(shop, large):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    start(shop, campaign_id)
    assert launch(shop, campaign_id, counted.preflight_id) == CountTooOld(None)


def test_more_people_in_a_newer_count_than_the_button_said_are_not_sent_to(shop, large):
    a_crowd(shop, reader=2)
    campaign_id = a_draft(shop)
    shown = services.count(shop.workspace_id, campaign_id, now=NOW)
    a_crowd(shop, reader=1)
    services.count(shop.workspace_id, campaign_id, now=NOW)
    assert launch(shop, campaign_id, shown.preflight_id) == MorePeople(2, 3)


def test_a_count_that_is_not_whole_launches_nothing(shop):
    a_crowd(shop, reader=1)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id)
    assert launch(shop, campaign_id, preflight_id) == services.ContentChanged()


# What would change under another pack


def a_child(shop, age_years):
    child = a_reader(shop, at=NOW - A_DAY)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set birth_date = %s where workspace_id = %s and contact_id = %s",
            [NOW.date().replace(year=NOW.year - age_years), shop.workspace_id, child],
        )
    return child


def test_another_pack_is_asked_about_the_same_facts_and_says_who_moves_where(shop):
    rules.choose_rules(shop.workspace_id, "1.0", {}, "JP", by="test", now=NOW)
    a_crowd(shop, reader=2, stranger=1)
    a_child(shop, 14)
    campaign_id = a_draft(shop)
    found = services.compare_rules(shop.workspace_id, campaign_id, "1.1", {}, now=NOW)
    assert found.pack == "1.1"
    assert found.before == Counter({"OK_CONSENT": 3, "NO_BASIS": 1})
    assert found.after == Counter({"OK_CONSENT": 2, "NO_BASIS": 1, "CONSENT_MINOR": 1})
    assert found.moved == Counter({("OK_CONSENT", "CONSENT_MINOR"): 1})


def test_the_pack_in_force_still_decides_after_a_comparison(shop):
    rules.choose_rules(shop.workspace_id, "1.0", {}, "JP", by="test", now=NOW)
    a_child(shop, 14)
    campaign_id = a_draft(shop)
    preflight_id = start(shop, campaign_id, other=OtherRules("1.1"))
    run(shop, preflight_id)
    counted = found(shop, campaign_id, preflight_id)
    assert (counted.pack, counted.sendable) == ("1.0", 1)
    assert launch(shop, campaign_id, preflight_id).people == 1


def test_a_shorter_term_reads_as_far_back_as_the_longer_one_needs(shop):
    """A mail of eight months ago keeps a consent alive under twelve months, and no more under six."""
    rules.choose_rules(shop.workspace_id, "1.0", {}, "JP", by="test", now=NOW)
    reader = a_reader(shop, at=NOW - 700 * A_DAY)
    sent_eight_months_ago(shop, reader)
    found = services.compare_rules(shop.workspace_id, a_draft(shop), "1.0", {"stale_months": 6}, now=NOW)
    assert found.before == Counter({"OK_CONSENT": 1})
    assert found.moved == Counter({("OK_CONSENT", "CONSENT_STALE"): 1})


def sent_eight_months_ago(shop, contact_id):
    with db.transaction(shop.workspace_id):
        rules.note_sent(newsletter(shop), contact_id, Reason.OK_CONSENT, at=NOW - 240 * A_DAY)


def test_a_pack_that_is_looser_than_the_values_of_ones_own_is_told_and_nothing_is_counted(shop):
    campaign_id = a_draft(shop)
    with pytest.raises(services.Loosens):
        services.compare_rules(shop.workspace_id, campaign_id, "1.1", {"JP.minor_age": 13}, now=NOW)
    with pytest.raises(services.NoPack):
        services.compare_rules(shop.workspace_id, campaign_id, "9.9", {}, now=NOW)
    assert selectors.latest_preflight(shop.workspace_id, campaign_id) is None


def test_two_spans_of_numbers_are_the_whole_audience(shop):
    people = [each for some in a_crowd(shop, reader=3, stranger=2).values() for each in some]
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)

    def judged(span):
        slices = delivery.judgements(shop.workspace_id, question, EVERYBODY, now=NOW, span=span)
        return [each for people in slices for each in people]

    halves = judged(delivery.Span(until=people[1])) + judged(delivery.Span(after=people[1]))
    assert halves == judged(delivery.EVERYBODY)
    assert [each.contact_id for each in halves] == sorted(people)
