"""Nos that come together are obeyed as if they had come one after the other."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.delivery.mailings import a_shop_after_the_last_analysis
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.consent import selectors as consents
from shodaku.consent.domain import Frequency, Method, Period
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.erasure import selectors as erasures
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import vault
from shodaku.optout import services
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC).replace(microsecond=123_000)  # noqa: TID251 - a test is an edge
UNTIL = NOW + timedelta(days=30)
ROWS_READ = """
select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
where relname in ('contact', 'address', 'consent', 'consent_event', 'refusal')
"""
PEOPLE = 5  # the last one is erased, and the two before are one person

presses = st.lists(
    st.tuples(
        st.integers(0, PEOPLE - 1),
        st.sampled_from(["all", "topic", "other topic", "until", "erase", "mail", "texts", "less often"]),
    ),
    max_size=9,
)


def no(shop, contact_id, word="all"):
    details = {
        "all": {"scope": OptOutScope.ALL},
        "topic": {"scope": OptOutScope.TOPIC, "topic_id": shop.topic_id},
        "other topic": {"scope": OptOutScope.TOPIC, "topic_id": shop.other_topic_id},
        "until": {"scope": OptOutScope.UNTIL, "until": UNTIL},
        "erase": {"scope": OptOutScope.ERASE},
        "mail": {"scope": OptOutScope.CHANNEL, "channel": Channel.EMAIL},
        "texts": {"scope": OptOutScope.CHANNEL, "channel": Channel.SMS},
        "less often": {
            "scope": OptOutScope.LESS_OFTEN,
            "topic_id": shop.topic_id,
            "most": Frequency(1, Period.MONTH),
        },
    }[word]
    return OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, via=Method.ONE_CLICK, **details)


def a_house():
    """A shop and its people: with one consent, with two, with none, and who is there no more."""
    shop = a_shop()
    people = [a_reader(shop), a_reader(shop), a_reader(shop), a_contact(shop), a_contact(shop)]
    agree(shop, people[1], topic_id=shop.other_topic_id, at=NOW - timedelta(hours=1))
    with db.transaction(shop.workspace_id):
        signup.join(people[2], people[3], now=NOW - timedelta(hours=2))
        contacts.forget(people[4])
    return shop, people


def left(shop, people):
    """Everything about them that a no may change, without numbers that only one of two shops has."""
    topics = {shop.topic_id: "news", shop.other_topic_id: "sale", None: None}
    return [
        (
            {(topics[e.topic_id], e.channel): e.state for e in consents.held(shop.workspace_id, person)},
            [
                (each.scope, topics[each.topic_id], each.until, each.at)
                for each in suppressions.refusals(shop.workspace_id, person)
            ],
            [
                (entry.kind, entry.fields["n"], entry.fields.get("scope"))
                for entry in sorted(
                    ledger.history(shop.workspace_id, person), key=lambda each: each.fields["n"]
                )
            ],
        )
        for person in people
    ] + [suppressions.count_suppressed(shop.workspace_id), len(erasures.erasures(shop.workspace_id))]


def alike(receipts):
    """Which of them are the same receipt: the first place where each stands."""
    return [
        None if receipt is None else (receipts.index(receipt), receipt.scope, receipt.at)
        for receipt in receipts
    ]


def one_by_one(requests, now):
    receipts = []
    for request in requests:
        try:
            receipts.append(services.opt_out(request, now))
        except ContactGone:
            receipts.append(None)
    return receipts


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(presses)
def test_many_at_once_are_as_many_one_after_the_other(said):
    shop, people = a_house()
    other, others = a_house()
    together = services.opt_out_many([no(shop, people[who], what) for who, what in said], NOW)
    apart = one_by_one([no(other, others[who], what) for who, what in said], NOW)
    assert alike(together) == alike(apart)
    assert left(shop, people) == left(other, others)


def test_the_receipts_come_in_the_order_of_the_nos_and_none_for_who_is_gone():
    shop, people = a_house()
    first, gone, second = services.opt_out_many([no(shop, people[i]) for i in (0, 4, 1)], NOW)
    assert gone is None
    assert (first, second) == tuple(one_by_one([no(shop, people[i]) for i in (0, 1)], NOW))


def test_one_batch_may_hold_nos_to_several_shops():
    shop, people = a_house()
    other, others = a_house()
    receipts = services.opt_out_many([no(shop, people[0]), no(other, others[0]), no(shop, people[1])], NOW)
    assert all(receipts)
    assert [
        len(suppressions.refusals(s.workspace_id, p)) for s, p in ((shop, people[0]), (other, others[0]))
    ] == [
        1,
        1,
    ]


def test_the_same_press_twice_in_one_batch_is_one_no_and_one_receipt():
    shop, people = a_house()
    first, second = services.opt_out_many([no(shop, people[0])] * 2, NOW)
    assert first == second
    assert len(suppressions.refusals(shop.workspace_id, people[0])) == 1


def test_of_a_person_with_two_contacts_both_are_stopped_whichever_link_was_pressed():
    shop, people = a_house()
    services.opt_out_many([no(shop, people[3])], NOW)
    assert [len(suppressions.refusals(shop.workspace_id, people[i])) for i in (2, 3)] == [1, 1]


def test_to_leave_the_last_channel_is_to_leave():
    shop, people = a_house()
    (receipt,) = services.opt_out_many([no(shop, people[0], "mail")], NOW)
    assert receipt.scope is OptOutScope.ALL
    assert [each.scope for each in suppressions.refusals(shop.workspace_id, people[0])] == ["all"]


def test_to_leave_one_channel_of_two_refuses_nothing_and_says_so_once():
    shop, people = a_house()
    texted(shop, people[0])
    first, second = services.opt_out_many([no(shop, people[0], "mail")] * 2, NOW)
    again = services.opt_out(no(shop, people[0], "mail"), NOW + timedelta(minutes=1))
    assert (first, first.scope) == (second, OptOutScope.CHANNEL)
    assert again == first
    assert suppressions.refusals(shop.workspace_id, people[0]) == []
    held = {each.channel: each.state for each in consents.held(shop.workspace_id, people[0])}
    assert held == {"email": "withdrawn", "sms": "active"}
    assert [entry.kind for entry in ledger.history(shop.workspace_id, people[0])].count(
        "consent.withdrawn"
    ) == 1


def texted(shop, contact_id):
    """The consent for mails is one for texts too."""
    from shodaku.consent import services as consent

    event_id = uuid.uuid4()
    with db.transaction(shop.workspace_id):
        contacts.lock(contact_id)
        act = ledger_services.Act(
            contact_id, event_id, "consent.confirmed", NOW - timedelta(hours=1), {"channel": "sms"}
        )
        entry_id = ledger_services.append(act)
        consent.record(
            [
                consent.NewEvent(
                    contact_id=contact_id,
                    topic_id=shop.topic_id,
                    channel=Channel.SMS,
                    kind=kind,
                    method=Method.WEB_DOUBLE,
                    at=NOW - timedelta(hours=1),
                    event_id=event_id,
                    entry_id=entry_id,
                )
                for kind in (consent.EventKind.REQUESTED, consent.EventKind.CONFIRMED)
            ]
        )


def test_less_often_goes_on_with_its_entry_and_is_written_once():
    shop, people = a_house()
    first, second = services.opt_out_many([no(shop, people[0], "less often")] * 2, NOW)
    again = services.opt_out(no(shop, people[0], "less often"), NOW + timedelta(minutes=1))
    assert first == second == again
    assert {each.state for each in consents.held(shop.workspace_id, people[0])} == {"active"}
    said = [entry.fields.get("frequency") for entry in ledger.history(shop.workspace_id, people[0])]
    assert [each for each in said if each] == ["1/month"]


def test_without_waiting_whoever_is_held_is_left_for_later_and_nobody_else_is(database):
    shop, people = a_house()
    with psycopg.connect(database.application) as sending:
        sending.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        sending.execute("select from contact where contact_id = %s for share", [people[0]])
        receipts = services.opt_out_many([no(shop, people[0]), no(shop, people[1])], NOW, wait=False)
    assert [receipt is None for receipt in receipts] == [True, False]
    assert suppressions.refusals(shop.workspace_id, people[0]) == []
    (receipt,) = services.opt_out_many([no(shop, people[0])], NOW, wait=False)
    assert receipt is not None


def test_without_waiting_nobody_is_stopped_by_half(database):
    shop, people = a_house()
    with psycopg.connect(database.application) as sending:
        sending.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        sending.execute("select from contact where contact_id = %s for share", [people[3]])
        assert services.opt_out_many([no(shop, people[2])], NOW, wait=False) == [None]
    assert suppressions.refusals(shop.workspace_id, people[2]) == []


def test_without_the_vault_all_of_them_are_obeyed_and_their_entries_wait():
    shop, people = a_house()
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        receipts = services.opt_out_many([no(shop, each) for each in people[:3]], NOW)
    assert [receipt.entry_id for receipt in receipts] == [None] * 3
    assert services.settle_waiting(shop.workspace_id) >= 3
    numbers = [
        [entry.fields["n"] for entry in ledger.history(shop.workspace_id, each)] for each in people[:2]
    ]
    assert [sorted(each) for each in numbers] == [[1, 2], [1, 2, 3]]


def test_one_whose_key_was_destroyed_stops_nobody_elses_entry():
    shop, people = a_house()
    vault.destroy(shop.workspace_id, people[0])
    first, second = services.opt_out_many([no(shop, people[0]), no(shop, people[1])], NOW)
    assert (first.entry_id, second.entry_id is None) == (None, False)
    assert len(suppressions.refusals(shop.workspace_id, people[0])) == 1


def test_a_batch_takes_a_handful_of_statements_however_many_are_in_it(monkeypatch):
    shop = a_shop()
    people = [a_reader(shop) for _ in range(12)]
    counted = []
    real = psycopg.Cursor.execute

    def counting(self, query, *args, **kwargs):
        counted.append(query)
        return real(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)
    services.opt_out_many([no(shop, each) for each in people], NOW)
    assert len(counted) <= 24  # hint, vault and journal included; one more a person would be 24 more


def test_a_workspace_that_the_planner_takes_for_empty_is_not_read_through(database):
    """As after its first import: what is read follows from how many say no, not from how many there are."""
    shop, people = a_shop_after_the_last_analysis(database, 2_000, refusing=1_000)
    ledger_services.ensure_keys(shop.workspace_id, people[1_000:1_020])
    with db.transaction(shop.workspace_id) as connection:
        services.opt_out_many([no(shop, each) for each in people[1_000:1_020]], NOW)
        read = dict(connection.execute(ROWS_READ).fetchall())
    assert read["consent"] > 0
    assert {table: rows for table, rows in read.items() if rows > 20 * 10} == {}
