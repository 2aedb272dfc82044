"""Promise 10 has teeth: what rests on an altered record allows nothing from the moment it is found."""

from __future__ import annotations

import argparse
import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.people import a_reader, a_shop, agree
from tests.signup.forms import a_form, ask, confirm_token

from shodaku.config.commands import ledger_command
from shodaku.consent import jobs, services
from shodaku.consent.domain import Flaw, Method
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger.vault import VaultAway
from shodaku.policy.domain import Permit, Reason
from shodaku.signup import services as signup
from shodaku.signup.domain import WebEvidence

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
AGREED_AT = NOW - timedelta(days=20)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def forge(database, shop, entry_id, change="body = set_byte(body, 20, 255 - get_byte(body, 20))"):
    """As somebody with the owner's rights would, who switches the guard off for a moment."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("alter table ledger_sealed disable trigger ledger_sealed_no_update")
        owner.execute(f"update ledger_sealed set {change} where entry_id = %s", [entry_id])  # noqa: S608 - of this file
        owner.execute("alter table ledger_sealed enable trigger ledger_sealed_no_update")


def lose(database, shop, entry_id):
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("delete from ledger_sealed where entry_id = %s", [entry_id])


def gate(shop, person, topic_id=None):
    question = delivery.question_of_topic(shop.workspace_id, topic_id or shop.topic_id)
    verdict, _facts = delivery.verdict(shop.workspace_id, person, question, now=NOW)
    return verdict.reason


def flaws(shop, person):
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select topic_id, flaw from consent where contact_id = %s", [person]
        ).fetchall()
    return dict(rows)


def entry_of(shop, person):
    return ledger.history(shop.workspace_id, person)[-1].entry_id


def test_a_consent_whose_entry_was_altered_stops_at_the_gate(shop, database):
    person, other = a_reader(shop, at=AGREED_AT), a_reader(shop, at=AGREED_AT)
    before = gate(shop, person)
    forge(database, shop, entry_of(shop, person))
    found = services.audit(shop.workspace_id, now=NOW)
    assert not found.consistent
    assert gate(shop, person) is Reason.LEDGER_TAMPERED
    assert gate(shop, other) is before


def test_it_stays_stopped_whenever_the_consent_is_folded_anew(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    forge(database, shop, entry_of(shop, person))
    services.audit(shop.workspace_id, now=NOW)
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        services.record([renewal(shop, person)])
    assert flaws(shop, person) == {shop.topic_id: Flaw.TAMPERED}


def renewal(shop, person, entry_id=None):
    return services.NewEvent(
        contact_id=person,
        topic_id=shop.topic_id,
        channel=Channel.EMAIL,
        kind=services.EventKind.RECONFIRMED,
        method=Method.WEB_DOUBLE,
        at=NOW,
        event_id=uuid.uuid4(),
        entry_id=entry_id,
    )


def test_a_fresh_yes_of_the_person_counts_again(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    allowed = gate(shop, person)
    forge(database, shop, entry_of(shop, person))
    services.audit(shop.workspace_id, now=NOW)
    agree(shop, person, at=NOW - timedelta(hours=1))
    assert gate(shop, person) is allowed


def test_other_topics_of_the_same_person_go_on(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    agree(shop, person, topic_id=shop.other_topic_id, at=AGREED_AT + timedelta(hours=1))
    forge(database, shop, entry_of(shop, person))
    services.audit(shop.workspace_id, now=NOW)
    assert flaws(shop, person) == {shop.topic_id: None, shop.other_topic_id: Flaw.TAMPERED}


def test_from_whose_history_something_is_missing_everything_is_distrusted(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    agree(shop, person, topic_id=shop.other_topic_id, at=AGREED_AT + timedelta(hours=1))
    lose(database, shop, ledger.history(shop.workspace_id, person)[0].entry_id)
    services.audit(shop.workspace_id, now=NOW)
    assert flaws(shop, person) == {shop.topic_id: Flaw.TAMPERED, shop.other_topic_id: Flaw.TAMPERED}


def test_a_confirmation_is_no_better_than_the_question_it_answers(shop, database):
    a_form(shop, now=AGREED_AT)
    person = ask(shop, f"forged-{uuid.uuid4().hex[:8]}@example.jp", now=AGREED_AT)
    question = entry_of(shop, person)
    signup.confirm_signup(
        confirm_token(shop, person), WebEvidence(url="http://testserver/confirm"), AGREED_AT
    )
    forge(database, shop, question)
    services.audit(shop.workspace_id, now=NOW)
    assert gate(shop, person) is Reason.LEDGER_TAMPERED


def test_an_altered_renewal_renews_nothing(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        act = ledger_act(person)
        entry_id = append(act)
        services.record([renewal(shop, person, entry_id)])
    assert last_contact(shop, person) == NOW
    forge(database, shop, entry_id)
    services.audit(shop.workspace_id, now=NOW)
    assert last_contact(shop, person) == AGREED_AT
    assert flaws(shop, person) == {shop.topic_id: None}


def ledger_act(person):
    from shodaku.ledger.services import Act

    return Act(person, uuid.uuid4(), "consent.reconfirmed", NOW, {"method": "web-double"})


def append(act):
    from shodaku.ledger import services as ledger_services

    return ledger_services.append(act)


def last_contact(shop, person):
    with db.transaction(shop.workspace_id) as connection:
        row = connection.execute(
            "select last_contact_at from consent where contact_id = %s", [person]
        ).fetchone()
    return row[0]


def test_a_withdrawal_holds_whatever_became_of_its_entry(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        entry_id = append(ledger_act(person))
        taken_back = services.Withdrawal(
            contact_id=person, method=Method.PAGE, event_id=uuid.uuid4(), entry_id=entry_id, at=NOW
        )
        services.withdraw([taken_back])
    forge(database, shop, entry_id)
    services.audit(shop.workspace_id, now=NOW)
    assert not isinstance(gate(shop, person), Permit)
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select state from consent where contact_id = %s", [person]).fetchone() == (
            "withdrawn",
        )


def test_a_whole_ledger_changes_nothing(shop):
    person = a_reader(shop, at=AGREED_AT)
    before = gate(shop, person)
    assert services.audit(shop.workspace_id, now=NOW).consistent
    assert (gate(shop, person), flaws(shop, person)) == (before, {shop.topic_id: None})


def test_the_application_cannot_take_distrust_back(shop, database):
    person = a_reader(shop, at=AGREED_AT)
    forge(database, shop, entry_of(shop, person))
    services.audit(shop.workspace_id, now=NOW)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute("delete from distrusted_entry")


@pytest.mark.parametrize("way", ["command", "job"])
def test_command_and_daily_job_both_stop_what_they_find(way, shop, database, capsys):
    person = a_reader(shop, at=AGREED_AT)
    forge(database, shop, entry_of(shop, person))
    if way == "command":
        parser = argparse.ArgumentParser()
        ledger_command.define(parser)
        options = parser.parse_args(["verify"])
        assert options.run(options) == 1
        assert f"Entry {entry_of(shop, person)}: what was sealed" in capsys.readouterr().out
    else:
        jobs.audit()
        assert audits_to_come(shop) == 1
        jobs.JOBS["consent.audit_one"](shop.workspace_id)
        assert '"ledger.fault"' in capsys.readouterr().err
    assert gate(shop, person) is Reason.LEDGER_TAMPERED


def test_the_daily_audit_is_a_job_for_each_ledger_so_that_one_that_fails_ends_no_other(shop, database):
    other = a_shop()
    a_reader(other, at=AGREED_AT)
    person = a_reader(shop, at=AGREED_AT)
    forge(database, shop, entry_of(shop, person))
    for _ in range(2):
        jobs.audit()
    assert [audits_to_come(each) for each in (shop, other)] == [1, 1]
    away = dataclasses.replace(runtime.current(), vault_url="host=127.0.0.1 port=1 dbname=none", _rings={})
    with runtime.replaced(away), pytest.raises(VaultAway):
        jobs.audit_one(other.workspace_id)
    jobs.audit_one(shop.workspace_id)
    assert flaws(shop, person) == {shop.topic_id: Flaw.TAMPERED}


def audits_to_come(shop):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select count(*) from procrastinate_jobs where task_name = 'consent.audit_one'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s",
            [shop.workspace_id],
        ).fetchone()[0]
