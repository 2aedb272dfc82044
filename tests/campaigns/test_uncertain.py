"""Of whom nobody knows whether a mail arrived: shown with what came since, decided by a person, once."""

import email
import email.policy
from datetime import timedelta

import pytest
from tests.campaigns.test_trials import draft as a_tried_draft
from tests.campaigns.test_trials import launch
from tests.delivery.mailings import launched, now, outcomes, rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop
from tests.sendings import leave

from shodaku.campaigns import selectors as campaigns
from shodaku.campaigns import services
from shodaku.campaigns.services import NewCampaign, NoDecisionReason, NothingGoesAgain
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.delivery import selectors as delivery
from shodaku.delivery import services as delivery_services
from shodaku.delivery.feedback import FeedbackKind
from shodaku.delivery.selectors import AGAIN_DAYS_MAX, Came, Choice
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope

A_DAY = timedelta(days=1)
ENDED = "update chunk set state = 'done', contact_ids = '{}' where mailing_id = %(m)s returning no"
DONE = "update mailing set state = 'done' where mailing_id = %(m)s returning 1"


@pytest.fixture
def shop(database):
    return a_shop()


def silent(_recipient):
    """The server takes the content and goes away without an answer."""
    return b""


def a_campaign(shop, people):
    """Launched: its number, its mailing, its people."""
    readers = [a_reader(shop, at=now() - A_DAY) for _ in range(people)]
    letter = NewCampaign(
        name="11月のお便り",
        topic_id=shop.topic_id,
        subject="11月のお便り",
        text="{{ name }}\n\n冬の品がそろいました。",
    )
    campaign_id = services.create(shop.workspace_id, letter, staff_id=None, now=now())
    counted = services.count(shop.workspace_id, campaign_id, now=now())
    answer = services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())
    return campaign_id, answer.mailing_id, readers


def sent_into_silence(database, shop, people=3):
    """A campaign whose mails all are uncertain, as a lost machine leaves it."""
    campaign_id, mailing_id, readers = a_campaign(shop, people)
    for reader in readers:
        leave(shop, reader, mailing_id, now(), outcome="uncertain")
    rows(database, shop, ENDED, m=mailing_id)
    rows(database, shop, DONE, m=mailing_id)
    return campaign_id, mailing_id, readers


def decide(shop, campaign_id, choice, people=None, *, reason="回線が切れたため", at=None):
    return services.decide_uncertain(
        shop.workspace_id, campaign_id, choice, people, reason, staff_id=None, now=at or now()
    ).people


def repeats(database, shop, mailing_id):
    statement = "select mailing_id from mailing where repeats = %(m)s order by mailing_id"
    return [row[0] for row in rows(database, shop, statement, m=mailing_id)]


def kept(shop, mailing_id):
    return {each.contact_id: each for each in delivery.uncertain(shop.workspace_id, [mailing_id])}


def test_a_second_copy_is_the_same_message_and_its_result_stands_beside_the_first(database, shop, tmp_path):
    campaign_id, mailing_id, (one,) = a_campaign(shop, 1)
    with RunningSink(reply=silent) as first:
        send_now(database, shop, mailing_id, first.port, home=tmp_path)
    assert outcomes(database, shop, mailing_id)[one][0] == "uncertain"
    assert decide(shop, campaign_id, Choice.AGAIN, [one]) == 1
    (again,) = repeats(database, shop, mailing_id)
    with RunningSink() as second:
        send_now(database, shop, again, second.port, home=tmp_path)
    mails = [
        email.message_from_bytes(each.content, policy=email.policy.default)
        for each in (*first.arrived, *second.arrived)
    ]
    names = ("Message-ID", "Subject", "List-Unsubscribe", "To")
    assert [mails[0][name] for name in names] == [mails[1][name] for name in names]
    assert mails[0].get_content() == mails[1].get_content()
    assert outcomes(database, shop, again)[one][0] == "accepted"
    assert kept(shop, mailing_id)[one].again_outcome == "accepted"
    assert outcomes(database, shop, mailing_id)[one][0] == "uncertain", "the first result never changes"


def test_nobody_gets_it_a_third_time_and_nobody_decides_twice(database, shop, tmp_path):
    campaign_id, mailing_id, people = sent_into_silence(database, shop)
    assert decide(shop, campaign_id, Choice.AGAIN, people[:1]) == 1
    assert decide(shop, campaign_id, Choice.AGAIN, people[:1]) == 0
    assert decide(shop, campaign_id, Choice.ARRIVED, people[:1]) == 0
    (again,) = repeats(database, shop, mailing_id)
    with RunningSink(reply=silent) as sink:
        send_now(database, shop, again, sink.port, home=tmp_path)
        send_now(database, shop, again, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    assert kept(shop, mailing_id)[people[0]].again_outcome == "uncertain"
    assert decide(shop, campaign_id, Choice.AGAIN, people[:1]) == 0
    with db.transaction(shop.workspace_id):
        assert delivery_services.repeat(again, people, now=now()) is None


def test_what_came_since_is_shown_and_keeps_a_second_copy_away(database, shop, tmp_path):
    campaign_id, mailing_id, (bounced, clicked, silent_one) = sent_into_silence(database, shop)
    delivery_services.record_bounce(
        shop.workspace_id, bounced, mailing_id, "5.1.1", at_data_end=False, now=now()
    )
    rows(
        database,
        shop,
        """insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)
           values (%(workspace)s, %(c)s, %(m)s, 0, 'human', now()) returning hit_no""",
        c=clicked,
        m=mailing_id,
    )
    found = kept(shop, mailing_id)
    assert [found[each].came and found[each].came[0] for each in (bounced, clicked, silent_one)] == [
        Came.RETURNED,
        Came.CLICKED,
        None,
    ]
    count = delivery.count_uncertain(shop.workspace_id, [mailing_id], now=now())
    assert (count.people, count.seen, count.undecided, count.silent) == (3, 2, 3, 1)
    assert decide(shop, campaign_id, Choice.AGAIN) == 1
    assert decide(shop, campaign_id, Choice.ARRIVED) == 2
    count = delivery.count_uncertain(shop.workspace_id, [mailing_id], now=now())
    assert (count.arrived, count.again, count.undecided, count.silent) == (2, 1, 0, 0)


@pytest.mark.parametrize("kind", [FeedbackKind.COMPLAINT, FeedbackKind.SOFT])
def test_a_report_or_a_delay_shows_too_that_it_left(database, shop, tmp_path, kind):
    campaign_id, mailing_id, (one,) = sent_into_silence(database, shop, people=1)
    delivery_services.record_feedback(shop.workspace_id, one, mailing_id, kind, "4.2.2", now=now())
    assert decide(shop, campaign_id, Choice.AGAIN) == 0


def test_who_opted_out_meanwhile_gets_no_second_copy(database, shop, tmp_path):
    campaign_id, mailing_id, (gone, stays) = sent_into_silence(database, shop, people=2)
    assert decide(shop, campaign_id, Choice.AGAIN) == 2
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=gone, scope=OptOutScope.ALL, via=Method.PAGE), now()
    )
    (again,) = repeats(database, shop, mailing_id)
    with RunningSink() as sink:
        send_now(database, shop, again, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    found = outcomes(database, shop, again)
    assert (found[gone][:2], found[stays][0]) == (("refused", "REFUSED_ALL"), "accepted")


def test_a_message_is_not_counted_against_itself_but_every_copy_counts_for_the_next(database, shop, tmp_path):
    once = {"frequency": Frequency(1, Period.WEEK)}
    reader = a_reader(shop, at=now() - A_DAY)
    first = launched(shop, [reader], **once)
    with RunningSink(reply=silent) as sink:
        send_now(database, shop, first, sink.port, home=tmp_path)
    with db.transaction(shop.workspace_id):
        again = delivery_services.repeat(first, [reader], now=now()).mailing_id
    later = launched(shop, [reader], subject="次の号", **once)
    with RunningSink() as sink:
        send_now(database, shop, again, sink.port, home=tmp_path)
        send_now(database, shop, later, sink.port, home=tmp_path)
    assert outcomes(database, shop, again)[reader][0] == "accepted"
    assert outcomes(database, shop, later)[reader][:2] == ("refused", "CONSENT_FREQUENCY")


@pytest.mark.parametrize("act", [services.pause, services.cancel])
def test_nothing_goes_once_more_of_what_rests_or_was_stopped(database, shop, tmp_path, act):
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    assert delivery.progress(shop.workspace_id, mailing_id).state == "done"
    rows(
        database,
        shop,
        """insert into chunk (workspace_id, mailing_id, contact_ids, not_before)
           values (%(workspace)s, %(m)s, array[1]::bigint[], now() + interval '1 day') returning no""",
        m=mailing_id,
    )
    running = "update mailing set state = 'running' where mailing_id = %(m)s returning 1"
    rows(database, shop, running, m=mailing_id)
    assert act(shop.workspace_id, campaign_id, now=now())
    with pytest.raises(NothingGoesAgain):
        decide(shop, campaign_id, Choice.AGAIN)
    assert decide(shop, campaign_id, Choice.ARRIVED) == 3


def test_of_a_variant_nobody_knows_about_either_is_decided_with_the_content_that_it_had(database, shop):
    for _ in range(12):
        a_reader(shop, at=now() - A_DAY)
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    first, second = campaigns.trial(shop.workspace_id, campaign_id).variants
    for each in (first, second):
        (lost, *_) = rows(
            database, shop, "select contact_ids[1] from chunk where mailing_id = %(m)s", m=each.mailing_id
        )
        leave(shop, lost[0], each.mailing_id, now(), outcome="uncertain")
        rows(database, shop, ENDED, m=each.mailing_id)
        rows(database, shop, DONE, m=each.mailing_id)
    assert decide(shop, campaign_id, Choice.AGAIN) == 2
    for each, subject in ((first, "11月のお便り"), (second, "別の件名")):
        (copy_id,) = repeats(database, shop, each.mailing_id)
        assert delivery.mailing(shop.workspace_id, copy_id).subject == subject
    assert decide(shop, campaign_id, Choice.AGAIN) == 0


def test_a_pause_of_the_campaign_holds_the_second_copies_too(database, shop, tmp_path):
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    decide(shop, campaign_id, Choice.AGAIN)
    (again,) = repeats(database, shop, mailing_id)
    assert services.pause(shop.workspace_id, campaign_id, now=now())
    with RunningSink() as sink:
        send_now(database, shop, again, sink.port, home=tmp_path)
        assert sink.arrived == []
        assert services.resume(shop.workspace_id, campaign_id, now=now())
        send_now(database, shop, again, sink.port, home=tmp_path)
    assert len(sink.arrived) == 3


def test_second_copies_that_rest_alone_are_told_and_go_on(database, shop, tmp_path):
    """After a restore every advertisement that ran rests; the first one had ended."""
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    decide(shop, campaign_id, Choice.AGAIN)
    with db.transaction(shop.workspace_id):
        (again,) = delivery_services.pause_promotions(now=now())
    assert repeats(database, shop, mailing_id) == [again]
    assert delivery.count_uncertain(shop.workspace_id, [mailing_id], now=now()).resting == 1
    assert services.resume(shop.workspace_id, campaign_id, now=now())
    assert delivery.count_uncertain(shop.workspace_id, [mailing_id], now=now()).resting == 0
    with RunningSink() as sink:
        send_now(database, shop, again, sink.port, home=tmp_path)
    assert len(sink.arrived) == 3


def test_what_stops_the_campaign_by_itself_holds_the_second_copies_too(database, shop):
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    decide(shop, campaign_id, Choice.AGAIN)
    (again,) = repeats(database, shop, mailing_id)
    running = "update mailing set state = 'running' where mailing_id = %(m)s returning 1"
    rows(database, shop, running, m=mailing_id)
    statements = db.Statements("shodaku.delivery")
    with db.transaction(shop.workspace_id):
        statements.run("stop_mailing", mailing_id=mailing_id, stopped_for="bounces", sent=900, bad=90)
    assert [delivery.progress(shop.workspace_id, each).state for each in (mailing_id, again)] == [
        "paused"
    ] * 2
    assert services.record_stops(shop.workspace_id, now=now()) == 1, "one stop, one entry"


def test_after_a_week_it_is_no_news_any_more(database, shop, tmp_path):
    campaign_id, mailing_id, _ = sent_into_silence(database, shop)
    at = max(each.at for each in kept(shop, mailing_id).values())
    week = timedelta(days=AGAIN_DAYS_MAX)
    assert decide(shop, campaign_id, Choice.AGAIN, at=at + week) == 0
    assert decide(shop, campaign_id, Choice.AGAIN, at=at + week - timedelta(minutes=1)) == 3


def test_each_decision_is_in_the_ledger_of_its_person_with_who_and_why(database, shop, tmp_path):
    campaign_id, _, (one, other) = sent_into_silence(database, shop, people=2)
    decide(shop, campaign_id, Choice.AGAIN, [one])
    decide(shop, campaign_id, Choice.ARRIVED, [other], reason="電話で確かめた")
    for person, kind, reason in (
        (one, "admin.uncertain.again", "回線が切れたため"),
        (other, "admin.uncertain.arrived", "電話で確かめた"),
    ):
        (entry,) = [each for each in ledger.history(shop.workspace_id, person) if each.kind == kind]
        assert (entry.fields["by"], entry.fields["reason"]) == ("command line", reason)
        assert entry.fields["campaign"] == campaign_id


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_nobody_decides_without_a_reason(database, shop, tmp_path, reason):
    campaign_id, _, _ = sent_into_silence(database, shop, people=1)
    with pytest.raises(NoDecisionReason):
        decide(shop, campaign_id, Choice.ARRIVED, reason=reason)


def test_who_is_erased_leaves_no_decision_behind(database, shop, tmp_path):
    campaign_id, mailing_id, (one, other) = sent_into_silence(database, shop, people=2)
    decide(shop, campaign_id, Choice.ARRIVED)
    with db.transaction(shop.workspace_id):
        delivery_services.forget(one)
    left = rows(
        database, shop, "select contact_id from uncertain_choice where mailing_id = %(m)s", m=mailing_id
    )
    assert left == [(other,)]
    assert campaigns.campaign(shop.workspace_id, campaign_id).state == "running"
