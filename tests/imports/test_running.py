"""An import that may be left: each portion is committed once, whatever happens to who brings it in."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import a_contact, a_shop

from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, search_keys
from shodaku.contacts.services import Newcomer, newcomers, remember_newcomers
from shodaku.imports import files, portions, running, selectors, services
from shodaku.imports.domain import Basis, UnreadableFile, Verdict
from shodaku.imports.services import ImportOrder
from shodaku.kit import clock, db, runtime
from shodaku.ledger import services as ledger
from shodaku.suppression import services as suppression

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ORDER = ImportOrder(file_name="list.csv", basis=Basis.CARD, evidence="東京ビッグサイト", country="JP")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch):
    monkeypatch.setattr(portions, "PORTION_ROWS", 100)


def a_list(count, head="メール,氏名"):
    return "\n".join([head, *(f"reader{n}@sample.example,山田 {n}" for n in range(count))]).encode()


def hand_in(shop, data, order=ORDER):
    batch_id = running.hand_in(shop.workspace_id, [data], "list.csv", staff_id=None, now=NOW)
    running.declare(shop.workspace_id, batch_id, order)
    return batch_id


def checked(shop, data, order=ORDER):
    batch_id = hand_in(shop, data, order)
    running.ask_for_check(shop.workspace_id, batch_id)
    return batch_id


def begun_by_job(shop, data):
    """As if the list were a long one: whoever is the worker does the rest."""
    batch_id = hand_in(shop, data)
    running.ask_for_check(shop.workspace_id, batch_id, at_once_bytes=0)
    assert batch_of(shop, batch_id).state == "checking"
    running.check(shop.workspace_id, batch_id, now=NOW)
    running.start(shop.workspace_id, batch_id, staff_id=None, now=NOW, at_once_bytes=0)
    return batch_id


def batch_of(shop, batch_id):
    return selectors.batch(shop.workspace_id, batch_id)


def people(shop):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select count(*), count(distinct key) from address where workspace_id = %s", [shop.workspace_id]
        ).fetchone()


def test_a_short_list_is_checked_and_brought_in_at_once_and_its_file_is_gone():
    shop = a_shop()
    batch_id = checked(shop, a_list(250))
    found = batch_of(shop, batch_id)
    assert (found.state, found.rows_total, found.counts) == ("checked", 250, {"pending": 250})
    assert people(shop) == (0, 0)
    running.start(shop.workspace_id, batch_id, staff_id=None, now=NOW)
    done = batch_of(shop, batch_id)
    assert (done.state, done.rows_done, done.portions) == ("done", 250, 3)
    assert done.entry_id is not None
    assert people(shop) == (250, 250)
    assert files.open_of(shop.workspace_id, batch_id) is None


def test_a_declaration_that_was_changed_after_the_check_is_checked_again():
    shop = a_shop()
    batch_id = checked(shop, a_list(3))
    running.declare(shop.workspace_id, batch_id, ImportOrder(file_name="list.csv", basis=Basis.NONE))
    with pytest.raises(running.NotNow):
        running.start(shop.workspace_id, batch_id, staff_id=None, now=NOW)
    assert people(shop) == (0, 0)


def test_pressed_twice_it_is_one_import():
    shop = a_shop()
    batch_id = checked(shop, a_list(3))
    for _ in range(2):
        running.start(shop.workspace_id, batch_id, staff_id=None, now=NOW)
    assert people(shop) == (3, 3)
    assert batch_of(shop, batch_id).counts == {"pending": 3}


def test_a_list_that_cannot_be_read_says_why_at_the_check_and_may_be_declared_anew():
    shop = a_shop()
    data = a_list(150) + b'\n"never closed,x\n'
    batch_id = checked(shop, data)
    found = batch_of(shop, batch_id)
    assert (found.state, found.fault) == ("draft", "broken_quotes")
    assert found.findings["said"]["ja"].startswith("152行目")
    assert people(shop) == (0, 0)


@pytest.mark.parametrize("data", [b"PK\x03\x04 zip", b"", b"\x00\x01"])
def test_what_is_no_list_leaves_no_draft_and_no_file(data):
    shop = a_shop()
    with pytest.raises(UnreadableFile):
        running.hand_in(shop.workspace_id, [data], "x.zip", staff_id=None, now=NOW)
    assert selectors.batches(shop.workspace_id) == []
    assert list((runtime.current().home / "uploads" / str(shop.workspace_id)).glob("*")) == []


def test_a_paused_import_goes_on_where_it_was(monkeypatch):
    shop = a_shop()
    batch_id = begun_by_job(shop, a_list(450))
    written, write = [], portions.Bringer._write

    def paused_after_two(self, portion, *rest):
        outcome = write(self, portion, *rest)
        written.append(portion.number)
        return outcome

    def bring(self, portion, brought=portions.Bringer.bring):
        outcome = brought(self, portion)
        if portion.number == 1:
            running.pause(shop.workspace_id, batch_id)
        return outcome

    monkeypatch.setattr(portions.Bringer, "_write", paused_after_two)
    with monkeypatch.context() as patch:
        patch.setattr(portions.Bringer, "bring", bring)
        assert not running.run(shop.workspace_id, batch_id, now=NOW)
    assert batch_of(shop, batch_id).state == "paused"
    assert people(shop) == (200, 200)
    assert running.resume(shop.workspace_id, batch_id)
    assert running.run(shop.workspace_id, batch_id, now=NOW)
    assert written == [0, 1, 2, 3, 4]
    assert people(shop) == (450, 450)
    assert batch_of(shop, batch_id).counts == {"pending": 450}


def test_two_workers_on_one_import_bring_each_row_in_once():
    shop = a_shop()
    batch_id = begun_by_job(shop, a_list(1000))
    ended = []

    def worker():
        from django.db import connections

        ended.append(running.run(shop.workspace_id, batch_id, now=NOW))
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    while batch_of(shop, batch_id).state != "done":  # both may have stopped for each other
        running.run(shop.workspace_id, batch_id, now=NOW)
    assert people(shop) == (1000, 1000)
    assert batch_of(shop, batch_id).counts == {"pending": 1000}


BRING = """
import sys
from shodaku.config import bind
bind.start()
from shodaku.imports import portions, running
from shodaku.kit import clock
portions.PORTION_ROWS = 100
print("begins", flush=True)
running.run(int(sys.argv[1]), int(sys.argv[2]), now=clock.now())
bind.stop()
"""


def a_process(shop, batch_id):
    here = runtime.current()
    environment = {
        **os.environ,
        "SHODAKU_HOME": str(here.home),
        "SHODAKU_KEYS": str(here.keys),
        "SHODAKU_DATABASE_URL": here.database_url,
        "SHODAKU_VAULT_URL": here.vault_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", BRING, str(shop.workspace_id), str(batch_id)],
        env=environment,
        stdout=subprocess.PIPE,
    )


def test_killed_at_any_moment_and_gone_on_with_each_row_is_there_once():
    shop = a_shop()
    batch_id = begun_by_job(shop, a_list(3000))
    chance, seen = random.Random(20261126), []
    for _ in range(3):
        with a_process(shop, batch_id) as process:
            process.stdout.readline()
            more = chance.randint(1, 7)
            begun, until = batch_of(shop, batch_id).portions, time.monotonic() + 60
            while batch_of(shop, batch_id).portions < begun + more and time.monotonic() < until:
                threading.Event().wait(chance.random() / 50)
            process.send_signal(signal.SIGKILL)
        stopped = batch_of(shop, batch_id)
        seen.append(stopped.portions)
        assert people(shop) == (stopped.rows_done, stopped.rows_done)
    assert seen == sorted(seen)
    assert 0 < seen[0] < 30
    while batch_of(shop, batch_id).state == "running":
        running.run(shop.workspace_id, batch_id, now=clock.now())
    assert people(shop) == (3000, 3000)
    assert batch_of(shop, batch_id).counts == {"pending": 3000}


ADDRESSES = [
    "a@sample.example", "A@sample.example", "b@sample.example", "gone@sample.example", "x", "",
    "known@sample.example", "gone+x@sample.example", "c@sample.example;d@sample.example",
]  # fmt: skip
BASES = ["同意", "名刺", "取引先", "公表", "なし", "第三者提供", "???", ""]
ROWS = st.lists(st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(BASES)), min_size=1, max_size=24)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 7))
def test_in_portions_as_at_once_each_row_has_the_same_verdict(monkeypatch, rows, size):
    text = "メール,根拠,氏名\n" + "".join(f"{address},{basis},山田\n" for address, basis in rows)
    order = ImportOrder(
        file_name="l.csv", basis=Basis.NONE, evidence="申込書 棚12", evidence_on=date(2026, 10, 3),
        provision="2026年10月、株式会社提携より", named_sender="別の会社",
    )  # fmt: skip

    def outcome(portion_rows, *, dry_run):
        monkeypatch.setattr(portions, "PORTION_ROWS", portion_rows)
        shop = a_shop()
        a_contact(shop, "known@sample.example")
        with db.transaction(shop.workspace_id):
            gone = suppression.tokens(shop.workspace_id, Channel.EMAIL, "gone@sample.example")
            suppression.suppress([gone], "erased", now=NOW)
        report = services.bring_in(
            shop.workspace_id, io.BytesIO(text.encode()), replace(order, topic_id=shop.topic_id),
            dry_run=dry_run, staff_id=None, now=NOW,
        )  # fmt: skip
        named = [(row.line, row.verdict, row.reason, row.warnings) for row in report.rows]
        return report.counts, report.reasons, named, people(shop)[0]

    whole = outcome(10_000, dry_run=False)
    assert outcome(size, dry_run=False) == whole
    assert outcome(size, dry_run=True)[:3] == whole[:3]


def test_every_verdict_in_one_list_with_a_basis_of_its_own_in_each_row():
    shop = a_shop()
    a_contact(shop, "known@sample.example")
    with db.transaction(shop.workspace_id):
        gone = suppression.tokens(shop.workspace_id, Channel.EMAIL, "gone@sample.example")
        suppression.suppress([gone], "erased", now=NOW)
    text = (
        "メール,根拠,取得場所,同意日,名刺交換日,携帯\n"
        "yes@sample.example,同意,店頭の申込書,2026-10-03,,\n"
        "card@sample.example,名刺,展示会,,2026-11-01,9012345678\n"
        "buyer@sample.example,取引先,,,,\n"
        "known@sample.example,同意,店頭,2026-10-03,,\n"
        "gone@sample.example,同意,店頭,2026-10-03,,\n"
        "what@sample.example,???,,,,\n"
        "nobody,同意,,,,\n"
    )
    order = ImportOrder(file_name="l.csv", basis=Basis.NONE, topic_id=shop.topic_id, confirmed=True)
    report = services.bring_in(
        shop.workspace_id, io.BytesIO(text.encode()), order, dry_run=False, staff_id=None, now=NOW
    )
    assert report.counts == {
        Verdict.ACCEPTED: 1, Verdict.PENDING: 3, Verdict.DUPLICATE: 1, Verdict.SUPPRESSED: 1,
        Verdict.FAULTY: 1,
    }  # fmt: skip
    listed = [
        (row.line, row.verdict, row.reason, row.warnings)
        for row in selectors.rows(shop.workspace_id, report.batch_id)
    ]
    assert listed == [
        (3, "pending", "CARD_NEEDS_CONFIRMATION", ["PHONE_REPAIRED"]),
        (5, "duplicate", "ALREADY_KNOWN", []),
        (7, "pending", "IMPORT_WITHOUT_BASIS", ["BASIS_UNREAD"]),
        (8, "faulty", "ADDR_FORM", []),
    ]
    assert batch_of(shop, report.batch_id).reasons == {
        "accepted CONSENT_RECORDED": 1, "pending CARD_NEEDS_CONFIRMATION": 1,
        "pending CUSTOMER_NEEDS_CONSENT": 1, "pending IMPORT_WITHOUT_BASIS": 1, "faulty ADDR_FORM": 1,
        "duplicate ALREADY_KNOWN": 1, "suppressed ERASED_NEVER_CONTACT": 1,
    }  # fmt: skip
    (held,) = consents.held(shop.workspace_id, found(shop, "yes@sample.example"))
    assert (held.state, held.since.date()) == ("active", date(2026, 10, 2))  # of Japan's third of October
    (card,) = consents.bases(shop.workspace_id, found(shop, "card@sample.example"))
    assert (card.kind, card.note) == ("business_card", "展示会")
    for address in ("what@sample.example", "buyer@sample.example", "card@sample.example"):
        assert consents.held(shop.workspace_id, found(shop, address)) == []


def found(shop, address):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    return contacts.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)


WHOLE = {"named_sender": "sender", "evidence": "申込書", "provision": "2026年10月、株式会社提携より"}


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        ({}, "CONSENT_PARTY_UNIDENTIFIED", "sender_not_named"),
        (WHOLE | {"provision": ""}, "EVIDENCE_INCOMPLETE", "unproved"),
        (WHOLE | {"evidence": " "}, "EVIDENCE_INCOMPLETE", "unproved"),
        (WHOLE | {"named_sender": "別の会社"}, "CONSENT_PARTY_UNIDENTIFIED", "sender_not_named"),
        (WHOLE, "THIRD_PARTY_CONSENT_CONFIRM", "proved"),
        (WHOLE | {"purchased": True}, "PURCHASED_LIST", "purchased_list"),
    ],
)
def test_a_third_partys_list_needs_its_record_and_the_named_sender(said, reason, detail):
    from shodaku.accounts import selectors as accounts

    shop = a_shop()
    if said.get("named_sender") == "sender":
        (sender,) = accounts.senders(shop.workspace_id)
        said = {**said, "named_sender": f" {sender.formal_name} "}
    order = ImportOrder(file_name="l.csv", basis=Basis.THIRD_PARTY, **said)
    report = services.bring_in(
        shop.workspace_id, io.BytesIO(a_list(1)), order, dry_run=False, staff_id=None, now=NOW
    )
    assert [(row.verdict, row.reason) for row in report.rows] == [(Verdict.PENDING, reason)]
    with db.transaction(shop.workspace_id) as connection:
        kept = connection.execute(
            "select kind, detail from basis where workspace_id = %s and contact_id = %s",
            [shop.workspace_id, found(shop, "reader0@sample.example")],
        ).fetchall()
    assert kept == [("import", detail)]


def test_the_same_file_twice_is_said_and_doubles_nobody():
    shop = a_shop()
    first = checked(shop, a_list(3))
    running.start(shop.workspace_id, first, staff_id=None, now=NOW)
    second = checked(shop, a_list(3))
    again = batch_of(shop, second)
    assert selectors.same_file(shop.workspace_id, again).batch_id == first
    assert again.counts == {"duplicate": 3}


def test_a_list_whose_headings_nobody_knows_is_read_by_the_columns_that_were_said():
    shop = a_shop()
    data = "姓名,电子邮件,电话\n山田 太郎,taro@sample.example,090-1234-5678\n".encode()
    batch_id = running.hand_in(shop.workspace_id, [data], "list.csv", staff_id=None, now=NOW)
    shown = running.preview(shop.workspace_id, batch_of(shop, batch_id))
    assert shown.columns == {"email": 1}
    order = ImportOrder(file_name="list.csv", basis=Basis.NONE, columns={"email": 1, "name": 0})
    running.declare(shop.workspace_id, batch_id, order)
    running.ask_for_check(shop.workspace_id, batch_id)
    assert batch_of(shop, batch_id).counts == {"pending": 1}


def test_who_says_no_between_the_verdict_and_the_row_is_not_brought_in(monkeypatch):
    shop = a_shop()
    judged = portions.Bringer._judge

    def then_no(self, rows):
        verdicts = judged(self, rows)
        with db.transaction(shop.workspace_id):
            pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, "reader1@sample.example")
            suppression.suppress([pair], "erased", now=NOW)
        return verdicts

    monkeypatch.setattr(portions.Bringer, "_judge", then_no)
    report = services.bring_in(
        shop.workspace_id, io.BytesIO(a_list(3)), ORDER, dry_run=False, staff_id=None, now=NOW
    )
    assert report.counts == {Verdict.PENDING: 2, Verdict.SUPPRESSED: 1}
    assert found(shop, "reader1@sample.example") is None


def test_a_list_of_an_hour_ago_is_gone_unless_it_was_begun():
    shop = a_shop()
    draft, begun = hand_in(shop, a_list(1)), begun_by_job(shop, a_list(2))
    old = time.time() - 3700
    for folder in ("uploads", "imports"):
        for path in (runtime.current().home / folder / str(shop.workspace_id)).glob("*"):
            assert path.stat().st_mode & 0o077 == 0
            os.utime(path, (old, old))
    files.sweep(clock.now())
    assert files.open_of(shop.workspace_id, draft) is None
    files.open_of(shop.workspace_id, begun).close()
    with pytest.raises(running.FileGone):
        running.ask_for_check(shop.workspace_id, draft)


def test_who_stands_in_a_portion_that_is_still_being_written_is_known_to_the_next_one():
    shop = a_shop()
    order = replace(ORDER, topic_id=shop.topic_id)
    rows = [f"reader{n}@sample.example" for n in range(100)]
    rows += [f"Reader{n}@sample.example" for n in range(50)]
    before = ledger.count_keys()
    report = services.bring_in(
        shop.workspace_id, io.BytesIO("\n".join(["メール", *rows]).encode()), order,
        dry_run=False, staff_id=None, now=NOW,
    )  # fmt: skip
    assert report.counts == {Verdict.PENDING: 100, Verdict.DUPLICATE: 50}
    assert people(shop) == (100, 100)
    assert ledger.count_keys() - before == 101  # the installation's own, and nobody's twice


def test_a_portion_is_judged_while_the_one_before_is_written(monkeypatch):
    """The other way round would never end: the first one waits for the second to be judged."""
    shop = a_shop()
    batch_id = begun_by_job(shop, a_list(250))
    judged, write, prepare = threading.Event(), portions.Bringer._write, portions.Bringer.prepare
    waited = []

    def written(self, prepared):
        if prepared.number == 0:
            waited.append(judged.wait(60))
        return write(self, prepared)

    def prepared(self, portion):
        found = prepare(self, portion)
        if portion.number == 1:
            judged.set()
        return found

    monkeypatch.setattr(portions.Bringer, "_write", written)
    monkeypatch.setattr(portions.Bringer, "prepare", prepared)
    assert running.run(shop.workspace_id, batch_id, now=NOW)
    assert waited == [True]
    assert people(shop) == (250, 250)


def test_nobody_is_remembered_in_a_workspace_that_is_not_there():
    listed = one_newcomer()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(2_000_000_000):
        remember_newcomers(listed, now=NOW)


def one_newcomer():
    one = Newcomer(
        contact_id=1, token=b"t" * 32, broad_token=b"t" * 32, address="a@sample.example",
        key="a@sample.example", wire="a@sample.example", family_name="", given_name="", kana="",
        company="", found_by=search_keys("", "", "", ""), attributes={},
    )  # fmt: skip
    return newcomers([one], channel=Channel.EMAIL, source="import", country=None, pepper_epoch=1)
