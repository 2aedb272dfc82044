"""F26: numbers of people up to 2^48, of entries beyond 2^53, of mailings up to 2^31: nothing is cut off."""

from __future__ import annotations

import email
from contextlib import contextmanager

import psycopg
import pytest
from django.test import Client
from psycopg import sql
from tests.delivery.mailings import launched, outcomes, rows, send_now
from tests.delivery.sink import RunningSink
from tests.optout.serving import URLENCODED, a_token
from tests.people import a_reader, a_shop

from shodaku.kit import runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.suppression import selectors as suppressions

LAST_PERSON = 2**48 - 1  # that a link has room for
LAST_MAILING = 2**31 - 1
BEYOND_RECEIPTS = 2**32 + 1  # the first entry that a link to a receipt has no room for
BEYOND_FLOATS = 2**53 + 1  # the first entry that a JSON reader with floats makes another one of


@contextmanager
def counting_from(database, sequence, number):
    """The next number that this sequence gives; afterwards it goes on where it stood."""
    named = sql.Identifier(sequence)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        stood = owner.execute(sql.SQL("select last_value from {}").format(named)).fetchone()[0]
        owner.execute("select setval(%s, %s, %s)", [sequence, number - 1, True])
        try:
            yield
        finally:
            owner.execute("select setval(%s, %s)", [sequence, stood])


@pytest.fixture
def shop(database):
    return a_shop()


def test_f26_the_last_person_and_the_last_mailing_are_themselves_in_link_and_record(database, shop, tmp_path):
    with counting_from(database, "contact_id_seq", LAST_PERSON):
        reader, too_far = a_reader(shop, "far@example.jp"), a_reader(shop)
    with counting_from(database, "mailing_mailing_id_seq", LAST_MAILING):
        mailing_id = launched(shop, [reader, too_far])
    assert (reader, too_far, mailing_id) == (LAST_PERSON, LAST_PERSON + 1, LAST_MAILING)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    found = {each: said[0] for each, said in outcomes(database, shop, mailing_id).items()}
    assert found == {reader: "accepted", too_far: "failed"}, "whom no link can name gets no mail without one"
    (arrived,) = sink.arrived
    page = email.message_from_bytes(arrived.content)["List-Unsubscribe"].split(">")[0].lstrip("<")
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    token = keys.read_url(page.rpartition("/")[2], Purpose.DELIVERY)
    assert (token.contact_id, token.subject_id) == (reader, mailing_id)


def test_f26_behind_the_last_number_a_mailing_is_refused_whole(database, shop):
    reader = a_reader(shop)
    with (
        counting_from(database, "mailing_mailing_id_seq", LAST_MAILING + 1),
        pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded),
    ):
        launched(shop, [reader])
    assert rows(database, shop, "select count(*) from mailing") == [(0,)]
    assert rows(database, shop, "select count(*) from chunk") == [(0,)]


@pytest.mark.parametrize("number", [BEYOND_RECEIPTS, BEYOND_FLOATS])
def test_f26_entries_of_any_number_carry_a_consent_and_its_end(database, shop, tmp_path, number):
    with counting_from(database, "ledger_entry_entry_id_seq", number):
        reader = a_reader(shop)
        mailing_id = launched(shop, [reader])
        with RunningSink() as sink:
            send_now(database, shop, mailing_id, sink.port, home=tmp_path)
        path = f"/o/{a_token(shop, reader)}"
        answer = Client().post(path, b"scope=all", content_type=URLENCODED)
    assert outcomes(database, shop, mailing_id)[reader] == ("accepted", "OK_CONSENT", number)
    assert answer.status_code == 200
    assert [each.scope for each in suppressions.refusals(shop.workspace_id, reader)] == ["all"]
