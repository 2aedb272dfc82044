"""Whoever says no by whatever way: it holds, it is recorded once, and it works without the vault."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from tests.people import a_contact, a_reader, a_shop, agree
from tests.signup.forms import a_form, ask, newest_request

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.optout import jobs, services
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope, Tokens

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
LATER = NOW + timedelta(minutes=5)


def no(shop, contact_id, scope=OptOutScope.ALL, **details):
    return OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=scope, via=Method.ONE_CLICK, **details
    )


def states(shop, contact_id):
    return {each.topic_id: each.state for each in consents.held(shop.workspace_id, contact_id)}


def refusals(shop, contact_id):
    return suppressions.refusals(shop.workspace_id, contact_id)


def entries(shop, contact_id):
    return ledger.history(shop.workspace_id, contact_id)


def without_vault():
    return runtime.replaced(
        dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    )


def jobs_waiting(shop, task):
    with db.transaction(None) as connection:
        return connection.execute(
            "select count(*) from procrastinate_jobs where task_name = %s and status = 'todo'"
            " and args->>'workspace_id' = %s",
            [task, str(shop.workspace_id)],
        ).fetchone()[0]


def test_a_no_withdraws_everything_and_has_a_receipt():
    shop = a_shop()
    contact_id = a_reader(shop)
    receipt = services.opt_out(no(shop, contact_id), NOW)
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn"}
    assert [(each.scope, each.at) for each in refusals(shop, contact_id)] == [(Scope.ALL, NOW)]
    assert receipt.number.endswith(f"-{receipt.entry_id:06}")


def test_the_entry_says_by_which_way_and_how_far():
    shop = a_shop()
    contact_id = a_reader(shop, "taro-optout@example.jp")
    receipt = services.opt_out(no(shop, contact_id, ip="192.0.2.1"), NOW)
    entry = next(each for each in entries(shop, contact_id) if each.entry_id == receipt.entry_id)
    said = {name: entry.fields.get(name) for name in ("address", "via", "scope", "ip", "n")}
    assert entry.kind == "consent.withdrawn"
    assert said == {
        "address": "taro-optout@example.jp",
        "via": "one-click",
        "scope": "all",
        "ip": "192.0.2.1",
        "n": 2,
    }


def test_one_topic_leaves_the_others():
    shop = a_shop()
    contact_id = a_reader(shop)
    agree(shop, contact_id, topic_id=shop.other_topic_id, at=NOW - timedelta(hours=1))
    services.opt_out(no(shop, contact_id, OptOutScope.TOPIC, topic_id=shop.topic_id), NOW)
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn", shop.other_topic_id: "active"}


def test_a_break_takes_no_consent_back():
    shop = a_shop()
    contact_id = a_reader(shop)
    until = NOW + timedelta(days=30)
    services.opt_out(no(shop, contact_id, OptOutScope.UNTIL, until=until), NOW)
    assert states(shop, contact_id) == {shop.topic_id: "active"}
    assert [(each.scope, each.until) for each in refusals(shop, contact_id)] == [(Scope.UNTIL, until)]


@pytest.mark.parametrize("scope", [OptOutScope.ALL, OptOutScope.TOPIC, OptOutScope.UNTIL])
def test_saying_it_twice_is_one_refusal_one_entry_and_the_same_receipt(scope):
    shop = a_shop()
    contact_id = a_reader(shop)
    details = {
        OptOutScope.ALL: {},
        OptOutScope.TOPIC: {"topic_id": shop.topic_id},
        OptOutScope.UNTIL: {"until": NOW + timedelta(days=30)},
    }[scope]
    first = services.opt_out(no(shop, contact_id, scope, **details), NOW)
    second = services.opt_out(no(shop, contact_id, scope, **details), LATER)
    assert first == second
    assert len(refusals(shop, contact_id)) == 1
    assert len(entries(shop, contact_id)) == 2


def test_who_agreed_again_in_between_refuses_anew():
    shop = a_shop()
    contact_id = a_reader(shop)
    first = services.opt_out(no(shop, contact_id), NOW)
    agree(shop, contact_id, at=NOW + timedelta(minutes=1))
    second = services.opt_out(no(shop, contact_id), LATER)
    assert first.number != second.number
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn"}


def test_somebody_who_agreed_to_nothing_can_refuse_too():
    shop = a_shop()
    contact_id = a_contact(shop)
    services.opt_out(no(shop, contact_id), NOW)
    assert [entry.kind for entry in entries(shop, contact_id)] == ["refusal"]


def test_a_question_that_was_still_open_is_answered_by_the_no():
    shop = a_shop()
    a_form(shop)
    contact_id = ask(shop, "open-question@example.jp", now=NOW - timedelta(hours=1))
    services.opt_out(no(shop, contact_id), NOW)
    assert newest_request(shop, contact_id).state == "withdrawn"


def test_without_the_vault_the_no_holds_at_once_and_its_entry_follows():
    shop = a_shop()
    contact_id = a_reader(shop)
    with without_vault():
        receipt = services.opt_out(no(shop, contact_id), NOW)
    assert (receipt.entry_id, states(shop, contact_id)) == (None, {shop.topic_id: "withdrawn"})
    assert len(refusals(shop, contact_id)) == 1
    assert jobs_waiting(shop, "optout.settle_waiting") == 1
    jobs.settle_waiting(shop.workspace_id)
    assert [entry.kind for entry in entries(shop, contact_id)] == ["consent.confirmed", "consent.withdrawn"]
    assert ledger.audit(shop.workspace_id).consistent
    assert None not in [event.entry_id for event in consents.events(shop.workspace_id, contact_id)]


def test_saying_it_twice_without_the_vault_leaves_one_entry():
    shop = a_shop()
    contact_id = a_reader(shop)
    with without_vault():
        first = services.opt_out(no(shop, contact_id), NOW)
        assert services.opt_out(no(shop, contact_id), LATER) == first
    services.settle_waiting(shop.workspace_id)
    assert len(entries(shop, contact_id)) == 2
    assert ledger.audit(shop.workspace_id).consistent


def test_while_the_vault_stays_away_the_entry_goes_on_waiting():
    shop = a_shop()
    contact_id = a_reader(shop)
    with without_vault():
        services.opt_out(no(shop, contact_id), NOW)
        jobs.settle_waiting(shop.workspace_id)
    assert jobs_waiting(shop, "optout.settle_waiting") == 1


@pytest.mark.parametrize("rule", [OptOutRule.STOP, OptOutRule.ERASE])
def test_erasing_suppresses_every_address_before_anything_is_forgotten(rule):
    shop = a_shop()
    accounts.change_opt_out_rule(shop.workspace_id, rule, "")
    contact_id = a_reader(shop)
    (address,) = contacts.addresses(shop.workspace_id, contact_id)
    scope = OptOutScope.ALL if rule is OptOutRule.ERASE else OptOutScope.ERASE
    receipt = services.opt_out(no(shop, contact_id, scope), NOW)
    pair = Tokens(address.token, address.broad_token)
    assert receipt.scope is OptOutScope.ERASE
    assert suppressions.suppressed(shop.workspace_id, [pair])[address.token].reason == "erased"
    assert jobs_waiting(shop, "erasure.run") == 1


def test_stopping_everything_suppresses_nobody_so_that_notices_about_a_contract_arrive():
    shop = a_shop()
    contact_id = a_reader(shop)
    services.opt_out(no(shop, contact_id), NOW)
    assert suppressions.count_suppressed(shop.workspace_id) == 0


def test_the_workers_are_told_before_the_lock_is_asked_for():
    import psycopg

    shop = a_shop()
    contact_id = a_reader(shop)
    with psycopg.connect(runtime.current().database_url, autocommit=True) as listener:
        listener.execute("listen shodaku_opt_out")
        services.opt_out(no(shop, contact_id), NOW)
        heard = [note.payload for note in listener.notifies(timeout=5, stop_after=1)]
    assert heard == [str(contact_id)]


def test_for_somebody_who_is_gone_there_is_nothing_to_stop():
    shop = a_shop()
    with pytest.raises(ContactGone):
        services.opt_out(no(shop, 2**40), NOW)


def test_a_no_by_telephone_or_paper_is_as_good_as_a_press():
    shop = a_shop()
    contact_id = a_reader(shop)
    told = dataclasses.replace(no(shop, contact_id), via=Method.TELEPHONE, by="staff 7")
    receipt = services.opt_out(told, NOW)
    entry = next(each for each in entries(shop, contact_id) if each.entry_id == receipt.entry_id)
    assert (entry.fields["via"], entry.fields["by"]) == ("telephone", "staff 7")


def listed(shop, address):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    return suppressions.suppressed(shop.workspace_id, [pair]).get(pair.strict)


def never(shop, address):
    services.suppress_address(shop.workspace_id, Channel.EMAIL, address, "command line", NOW)


def test_an_address_on_the_list_stays_there_with_an_entry_that_does_not_hold_it():
    shop = a_shop()
    never(shop, "never@example.jp")
    assert listed(shop, "never@example.jp").reason == "staff"
    (entry,) = entries(shop, 0)
    assert (entry.kind, entry.fields["by"]) == ("suppression.added", "command line")
    assert "never@example.jp" not in str(entry.fields)


def test_who_puts_a_readers_address_on_the_list_tells_the_workers_and_waits_for_bytes_on_the_wire():
    import threading

    import psycopg

    shop = a_shop()
    contact_id = a_reader(shop, "reader-listed@example.jp")
    with (
        psycopg.connect(runtime.current().database_url, autocommit=True) as listener,
        psycopg.connect(runtime.current().database_url) as gate,
    ):
        listener.execute("listen shodaku_opt_out")
        gate.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        gate.execute("select from contact where contact_id = %s for share", [contact_id])
        thread = threading.Thread(target=_never_in_a_thread, args=[shop, "reader-listed@example.jp"])
        thread.start()
        heard = [note.payload for note in listener.notifies(timeout=5, stop_after=1)]
        assert listed(shop, "reader-listed@example.jp") is None
        gate.commit()
        thread.join(timeout=30)
    assert heard == [str(contact_id)]
    assert listed(shop, "reader-listed@example.jp") is not None


def _never_in_a_thread(shop, address):
    from django.db import connection

    try:
        never(shop, address)
    finally:
        connection.close()


def test_without_the_vault_an_address_is_listed_and_its_entry_follows():
    shop = a_shop()
    never(shop, "first@example.jp")
    with without_vault():
        never(shop, "second@example.jp")
        never(shop, "third@example.jp")
    assert listed(shop, "second@example.jp") is not None
    assert jobs_waiting(shop, "optout.settle_waiting") == 1
    jobs.settle_waiting(shop.workspace_id)
    assert sorted(entry.fields["n"] for entry in entries(shop, 0)) == [1, 2, 3]
    assert ledger.audit(shop.workspace_id).consistent
