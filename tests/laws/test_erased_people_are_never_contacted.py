"""Promises 7, 8, 13: who was erased stays erased, leaves nothing readable, and alone can come back."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import sql
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.config import explain
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contact_services
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors, services
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis, Verdict
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = "hana.canary-7f3a@example.jp"
NAME = "消去 華"
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def erase(shop, contact_id):
    receipt = optout.opt_out(
        OptOut(
            workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ERASE, via=Method.PAGE
        ),
        NOW,
    )
    erasure = selectors.by_receipt(shop.workspace_id, receipt.number)
    services.forget(shop.workspace_id, erasure.erasure_id, now=NOW, event_id=uuid.uuid4())
    return receipt


def a_buyer(shop):
    person = a_reader(shop, ADDRESS, name=NAME)
    with db.transaction(shop.workspace_id):
        contact_services.record_purchases(
            [{"contact_id": person, "title": "藍染めの手ぬぐい", "amount_yen": 1650, "at": NOW}]
        )
    return person


def everything_that_can_be_read(database):
    """All rows of all tables, as their owner sees them past every policy of the application."""
    import psycopg

    found = []
    with psycopg.connect(database.owner) as owner:
        workspaces = [row[0] for row in owner.execute("select workspace_id from workspace").fetchall()]
        tables = [
            row[0]
            for row in owner.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
            ).fetchall()
        ]
        for workspace_id in workspaces:
            owner.execute(db.set_local(db.Setting.WORKSPACE, workspace_id))
            for table in tables:
                rows = owner.execute(
                    sql.SQL("select t::text from {} t").format(sql.Identifier(table))
                ).fetchall()
                found += [(table, row[0]) for row in rows]
    return found


def test_nothing_of_the_person_remains_in_any_table(database):
    shop = a_shop()
    person = a_buyer(shop)
    erase(shop, person)
    assert selectors.remains(shop.workspace_id, person) == {}
    canaries = (ADDRESS, "hana.canary", "消去", "華")
    left = [
        table
        for table, text in everything_that_can_be_read(database)
        if any(canary in text for canary in canaries)
    ]
    assert left == []


def test_the_certificate_names_the_receipt_and_nobody():
    shop = a_shop()
    receipt = erase(shop, a_buyer(shop))
    done = selectors.by_receipt(shop.workspace_id, receipt.number)
    assert (done.state, done.counts["purchase"], done.counts["address"]) == ("certified", 1, 1)
    assert done.entry_id is not None


def test_the_ledger_still_agrees_and_the_persons_entries_are_noise():
    shop = a_shop()
    erase(shop, a_buyer(shop))
    audit = ledger.audit(shop.workspace_id)
    assert audit.consistent
    assert audit.shredded >= 2


def test_the_address_is_refused_in_every_later_import_whatever_its_spelling():
    shop = a_shop()
    erase(shop, a_buyer(shop))
    rows = f"メール\n{ADDRESS}\n{ADDRESS.upper()}\nhana.canary-7f3a+x@example.jp\n"
    report = imports.bring_in(
        shop.workspace_id,
        io.BytesIO(rows.encode()),
        imports.ImportOrder(
            file_name="again.csv",
            basis=Basis.CONSENT,
            evidence="本人の申込書",
            evidence_on=NOW.date(),
            confirmed=True,
            topic_id=shop.topic_id,
        ),
        dry_run=False,
        staff_id=None,
        now=NOW,
    )
    assert report.counts == {Verdict.SUPPRESSED: 3}


def test_the_gate_refuses_the_address_even_if_somebody_wrote_it_in_again():
    """As after a restore, or a mistake of ours: row and consent are there, and still nothing is sent."""
    shop = a_shop()
    erase(shop, a_buyer(shop))
    back = a_contact(shop, ADDRESS)
    agree(shop, back, at=NOW + timedelta(days=1))
    answer = explain.explain(shop.workspace_id, ADDRESS, shop.topic_id, now=NOW + timedelta(days=2))
    assert (answer.may, answer.reason) == (False, "ERASED_NEVER_CONTACT")


def test_asking_twice_is_one_erasure():
    shop = a_shop()
    person = a_buyer(shop)
    with db.transaction(shop.workspace_id):
        contact_services.lock(person)
        ids = [
            services.request(shop.workspace_id, person, rule="erase", receipt="S-1", now=NOW)
            for _ in range(2)
        ]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("steps_before_the_crash", [0, 1, 2, 3])
def test_an_erasure_that_was_cut_off_goes_on_where_it_stood(steps_before_the_crash, monkeypatch):
    shop = a_shop()
    person = a_buyer(shop)
    with db.transaction(shop.workspace_id):
        contact_services.lock(person)
        erasure_id = services.request(shop.workspace_id, person, rule="erase", receipt="S-2", now=NOW)
    calls = []

    class Killed(BaseException):
        pass

    original = services._read

    def read(*arguments):
        calls.append(1)
        if len(calls) == steps_before_the_crash + 1:
            raise Killed
        return original(*arguments)

    monkeypatch.setattr(services, "_read", read)
    with pytest.raises(Killed):
        services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert selectors.by_receipt(shop.workspace_id, "S-2").state == "certified"
    assert selectors.remains(shop.workspace_id, person) == {}


def test_from_the_request_on_nobody_can_be_written_to_even_before_anything_is_purged():
    shop = a_shop()
    person = a_buyer(shop)
    with db.transaction(shop.workspace_id):
        contact_services.lock(person)
        services.request(shop.workspace_id, person, rule="erase", receipt="S-3", now=NOW)
    assert (
        explain.explain(shop.workspace_id, ADDRESS, shop.topic_id, now=NOW).reason == "ERASED_NEVER_CONTACT"
    )


def test_no_service_but_the_persons_own_confirmation_lifts_a_token():
    """`lift` has one caller in the whole house, and the replay of that same act after a restore."""
    from pathlib import Path

    import shodaku

    callers = [
        str(file.relative_to(Path(shodaku.__file__).parent))
        for file in Path(shodaku.__file__).parent.glob("**/*.py")
        if "suppression.lift(" in file.read_text(encoding="utf-8")
    ]
    assert set(callers) == {"signup/answering.py", "optout/replaying.py"}


def test_a_mark_of_the_never_contact_list_cannot_be_changed_by_the_application():
    import psycopg

    shop = a_shop()
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, ADDRESS)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute("update suppression set reason = 'staff'")
    assert suppression_known.suppressed(shop.workspace_id, [pair])


def test_destroying_a_key_twice_harms_nobody():
    shop = a_shop()
    person = a_buyer(shop)
    assert ledger_services.shred(shop.workspace_id, person) is not None
    assert ledger_services.shred(shop.workspace_id, person) is None
    assert contacts.contact(shop.workspace_id, person) is not None
