"""Planning, stopping, forgetting, and what the screens read."""

import threading
from datetime import date, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from tests.delivery.mailings import (
    EVERYBODY,
    launched,
    many_readers,
    newsletter,
    now,
    outcomes,
    rows,
    send_now,
)
from tests.delivery.sink import RunningSink
from tests.people import a_contact, a_reader, a_shop

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import MailingKind, Result
from shodaku.kit import db, runtime
from shodaku.policy.domain import MessageClass, Permit, Refused
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope


def planned(shop, audience=EVERYBODY, **changes):
    with db.transaction(shop.workspace_id):
        return services.plan(newsletter(shop, **changes), audience, now=now())


def chunks(database, shop, mailing_id):
    statement = "select contact_ids from chunk where mailing_id = %(m)s order by no"
    return [row[0] for row in rows(database, shop, statement, m=mailing_id)]


def refuse(shop, contact_id, scope=Scope.ALL, **more):
    from uuid import uuid4

    with db.transaction(shop.workspace_id):
        contacts.lock(contact_id)
        suppression.refuse(
            [
                suppression.NewRefusal(
                    contact_id=contact_id, scope=scope, at=now(), via="page", event_id=uuid4(), **more
                )
            ]
        )


def test_a_plan_holds_whom_nothing_forbids_and_nobody_else(database):
    shop = a_shop()
    reader, other_topic = a_reader(shop), a_reader(shop)
    refuse(shop, other_topic, Scope.TOPIC, topic_id=shop.other_topic_id)
    refused, invalid, erased = a_reader(shop), a_reader(shop), a_reader(shop, "erased@example.jp")
    refuse(shop, refused)
    with db.transaction(shop.workspace_id):
        contacts.mark_invalid(invalid, Channel.EMAIL, "unknown", now=now())
        pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, "erased@example.jp")
        suppression.suppress([pair], "erased", now=now())
    over = a_reader(shop, expires_at=now() - timedelta(seconds=1))
    stranger = a_contact(shop)

    plan = planned(shop)
    assert (plan.people, plan.chunks) == (2, 1)
    assert chunks(database, shop, plan.mailing_id) == [[reader, other_topic]]
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    said = {
        each.contact_id: each.verdict.reason
        for each in selectors.verdicts(shop.workspace_id, question, EVERYBODY, now=now())
    }
    assert said == {
        reader: "OK_CONSENT",
        other_topic: "OK_CONSENT",
        refused: "REFUSED_ALL",
        invalid: "ADDRESS_INVALID",
        erased: "ERASED_NEVER_CONTACT",
        over: "CONSENT_EXPIRED",
        stranger: "NO_BASIS",
    }


def test_a_plan_is_cut_into_chunks_with_a_job_each(database):
    shop = a_shop()
    people = many_readers(database, shop, 2_200)
    plan = planned(shop)
    assert (plan.people, plan.chunks) == (2_200, 3)
    cut = chunks(database, shop, plan.mailing_id)
    assert [len(each) for each in cut] == [1000, 1000, 200]
    assert [each for chunk in cut for each in chunk] == people
    with psycopg.connect(database.application) as connection:
        statement = """select queue_name, args from procrastinate_jobs
                       where (args ->> 'mailing_id')::int = %s and (args ->> 'workspace_id')::int = %s"""
        jobs = connection.execute(statement, [plan.mailing_id, shop.workspace_id]).fetchall()
    assert {name for name, _ in jobs} == {"send"}
    assert all(args.keys() == {"workspace_id", "mailing_id", "no"} for _, args in jobs), "ids alone"
    assert len(jobs) == 3
    services.cancel(shop.workspace_id, plan.mailing_id, now=now())  # or real workers of other tests send it


def test_two_campaigns_take_turns_whichever_was_launched_first(database):
    """The order in which workers fetch jobs: priority, then age."""
    shop = a_shop()
    many_readers(database, shop, 2_200)
    first, second = planned(shop), planned(shop)
    services.pause(shop.workspace_id, second.mailing_id, now=now())
    with psycopg.connect(database.application) as connection:
        connection.execute(
            "delete from procrastinate_jobs where (args ->> 'mailing_id')::int = %s", [second.mailing_id]
        )
    services.resume(shop.workspace_id, second.mailing_id, now=now())
    with psycopg.connect(database.application) as connection:
        statement = """select (args ->> 'mailing_id')::int from procrastinate_jobs
                       where (args ->> 'workspace_id')::int = %s order by priority desc, id"""
        fetched = [row[0] for row in connection.execute(statement, [shop.workspace_id]).fetchall()]
    assert fetched == [first.mailing_id, second.mailing_id] * 3
    for plan in (first, second):
        services.cancel(shop.workspace_id, plan.mailing_id, now=now())


def test_a_slow_route_makes_small_chunks(database):
    shop = a_shop()
    many_readers(database, shop, 100)
    route = services.NewRoute(name="slow", host="127.0.0.1", port=25, tls="none", messages_per_second=40)
    services.add_route(shop.workspace_id, route, by="test", now=now())
    plan = planned(shop)
    assert [len(each) for each in chunks(database, shop, plan.mailing_id)] == [40, 40, 20]
    services.cancel(shop.workspace_id, plan.mailing_id, now=now())


def test_the_audience_is_what_its_condition_says(database):
    shop = a_shop()
    people = many_readers(database, shop, 10)
    some = SimpleNamespace(sql="c.contact_id = any(%(chosen)s)", parameters={"chosen": people[:3]})
    assert planned(shop, some).people == 3
    taken = SimpleNamespace(sql="c.contact_id > %(now)s", parameters={"now": 1})
    with pytest.raises(services.ParameterTaken):
        planned(shop, taken)


def test_an_empty_plan_is_done_at_once(database):
    shop = a_shop()
    plan = planned(shop)
    assert (plan.people, plan.chunks) == (0, 0)
    assert selectors.progress(shop.workspace_id, plan.mailing_id).state == "done"


def test_who_had_the_promised_number_is_not_planned_again(database, tmp_path):
    from shodaku.consent.domain import Frequency, Period

    shop = a_shop()
    reader = a_reader(shop)
    once = {"frequency": Frequency(1, Period.WEEK)}
    first = planned(shop, **once)
    second = planned(shop, **once)
    assert second.people == 1, "a plan is no licence"
    with RunningSink() as sink:
        send_now(database, shop, first.mailing_id, sink.port, home=tmp_path)
        send_now(database, shop, second.mailing_id, sink.port, home=tmp_path)
    assert len(sink.arrived) == 1
    assert outcomes(database, shop, second.mailing_id)[reader][:2] == ("refused", "CONSENT_FREQUENCY")
    assert planned(shop, **once).people == 0


def test_what_is_for_one_person_is_urgent(database):
    shop = a_shop()
    reader = a_contact(shop)
    with db.transaction(shop.workspace_id):
        mailing = newsletter(shop, kind=MailingKind.CONFIRMATION, message_class=MessageClass.CONSENT_REQUEST)
        mailing_id = services.plan_one(mailing, reader, now=now())
    with psycopg.connect(database.application) as connection:
        statement = """select queue_name from procrastinate_jobs
                       where (args ->> 'mailing_id')::int = %s and (args ->> 'workspace_id')::int = %s"""
        assert connection.execute(statement, [mailing_id, shop.workspace_id]).fetchall() == [("urgent",)]


def test_cancelling_is_final_and_leaves_no_plan(database, tmp_path):
    shop = a_shop()
    many_readers(database, shop, 3)
    plan = planned(shop)
    assert services.cancel(shop.workspace_id, plan.mailing_id, now=now())
    assert not services.cancel(shop.workspace_id, plan.mailing_id, now=now())
    assert not services.resume(shop.workspace_id, plan.mailing_id, now=now())
    with RunningSink() as sink:
        send_now(database, shop, plan.mailing_id, sink.port, home=tmp_path)
    assert sink.arrived == []
    progress = selectors.progress(shop.workspace_id, plan.mailing_id)
    assert (progress.state, progress.total, progress.waiting) == ("cancelled", 3, 0)


def test_progress_and_pages_tell_what_became_of_everybody(database, tmp_path):
    shop = a_shop()
    readers = many_readers(database, shop, 60)
    mailing_id = launched(shop, [*readers, a_contact(shop)])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    progress = selectors.progress(shop.workspace_id, mailing_id)
    assert (progress.total, progress.accepted, progress.refused, progress.waiting) == (61, 60, 1, 0)
    assert progress.state == "done"
    assert progress.ends_at is None
    page = selectors.deliveries(shop.workspace_id, [mailing_id], outcome=Result.ACCEPTED)
    rest = selectors.deliveries(
        shop.workspace_id, [mailing_id], outcome=Result.ACCEPTED, after=page[-1].contact_id
    )
    assert [each.contact_id for each in page + rest] == readers
    (sent,) = selectors.sent_to(shop.workspace_id, readers[0])
    assert (sent.mailing_id, sent.outcome, sent.reason) == (mailing_id, "accepted", "OK_CONSENT")


def test_forgetting_takes_results_and_plans(database, tmp_path):
    shop = a_shop()
    gone, stays = a_reader(shop), a_reader(shop)
    sent = launched(shop, [gone, stays])
    with RunningSink() as sink:
        send_now(database, shop, sent, sink.port, home=tmp_path)
    waiting = launched(shop, [gone, stays])
    with db.transaction(shop.workspace_id):
        forgotten = {
            "bounce_ended": 0, "chunk": 1, "delivery": 1, "early_bounce": 0, "feedback": 0, "hit": 0,
            "inbound_message": 0, "uncertain_choice": 0,
        }  # fmt: skip
        assert services.forget(gone) == forgotten
    assert selectors.sent_to(shop.workspace_id, gone) == []
    assert [*outcomes(database, shop, sent)] == [stays]
    assert chunks(database, shop, waiting) == [[stays]]


def test_one_question_about_one_person_is_answered_with_its_facts(database):
    shop = a_shop()
    reader, stranger = a_reader(shop), a_contact(shop)
    question = selectors.question_of_topic(shop.workspace_id, shop.topic_id)
    verdict, facts = selectors.verdict(shop.workspace_id, reader, question, now=now())
    assert isinstance(verdict, Permit)
    assert verdict.evidence_id == facts.person.consents[0].consent.entry_id
    verdict, _ = selectors.verdict(shop.workspace_id, stranger, question, now=now())
    assert isinstance(verdict, Refused)
    other = selectors.question_of_topic(shop.workspace_id, shop.other_topic_id)
    verdict, facts = selectors.verdict(shop.workspace_id, reader, other, now=now())
    assert (verdict.reason, facts.person.consents[0].reach) == ("CONSENT_SCOPE_TOPIC", "topic")


def test_a_route_keeps_its_password_in_a_file_that_only_its_owner_reads(database):
    shop = a_shop()
    facts = {"name": "main", "host": "mail.example.jp", "port": 587, "tls": "require", "username": "user"}
    route_id = services.add_route(
        shop.workspace_id, services.NewRoute(**facts, password="first"), by="test", now=now()
    )
    file = runtime.current().keys / f"route.{shop.workspace_id}.{route_id}"
    assert (file.read_text(), oct(file.stat().st_mode & 0o777)) == ("first", "0o400")
    changed = services.NewRoute(**facts | {"port": 2525}, password="")
    services.change_route(shop.workspace_id, route_id, changed, by="test", now=now())
    assert file.read_text() == "first"
    (route,) = selectors.routes(shop.workspace_id)
    assert (route.port, route.last_error) == (2525, None)
    assert "password" not in selectors.Route.__slots__


def test_the_first_launches_of_a_week_make_its_table_once(database):
    week, together, faults = date(2090, 1, 2), threading.Barrier(4), []

    def launch():
        with psycopg.connect(database.application) as connection:
            connection.execute("select")
            together.wait(30)
            try:
                connection.execute("select delivery_partition(%s)", [week])
            except psycopg.Error as error:
                faults.append(type(error).__name__)

    threads = [threading.Thread(target=launch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(database.owner) as owner:
        owner.execute("drop table delivery_20900102")
    assert faults == []
