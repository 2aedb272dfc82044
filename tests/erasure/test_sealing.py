"""What law demands of an erased person stays sealed until its day; after it nobody can read it."""

from __future__ import annotations

import json
import uuid
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.people import a_contact, a_reader, a_shop, agree

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import EvidenceRetention
from shodaku.consent import selectors as consents
from shodaku.consent.domain import Method, add_months
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing, monday
from shodaku.erasure import jobs, sealing, selectors, services
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.ledger.domain import commitment, field_digest, hold_label, unseal
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Reason
from shodaku.suppression import selectors as suppressions

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SENT_AT = NOW - timedelta(days=10)
DUE = add_months(SENT_AT, 36)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("database")


def sent(shop, person, at=SENT_AT, *, message_class=MessageClass.ADVERTISING, outcome="accepted"):
    """A mail that left in the past."""
    mailing = NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=message_class,
        ads=Ads.MAIN,
        promotional=True,
        topic_id=shop.topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="秋の新商品",
        text="秋の新商品です。",
        html=None,
    )
    with db.transaction(shop.workspace_id) as connection:
        mailing_id = delivery.plan_list(mailing, [], now=at).mailing_id
        connection.execute(
            "insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome,"
            " reason, attempt, at) values (%s, %s, %s, %s, %s, 'email', %s, 'OK_CONSENT', 1, %s)",
            [shop.workspace_id, person, mailing_id, monday(at), shop.topic_id, outcome, at],
        )


def ask(shop, person, at=NOW):
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=person, scope=OptOutScope.ERASE, via=Method.PAGE
    )
    receipt = optout.opt_out(order, at)
    return selectors.by_receipt(shop.workspace_id, receipt.number)


def erase(shop, person, at=NOW):
    asked = ask(shop, person, at)
    services.forget(shop.workspace_id, asked.erasure_id, now=at, event_id=uuid.uuid4())
    return selectors.by_receipt(shop.workspace_id, asked.receipt)


def an_address():
    return f"sealed-{uuid.uuid4().hex[:8]}@example.jp"


def a_reader_of_mails(shop, address):
    person = a_reader(shop, address, at=SENT_AT - timedelta(days=1))
    sent(shop, person, SENT_AT - timedelta(days=5))
    sent(shop, person)
    return person


def sealed_of(shop, address):
    return selectors.sealed_of(shop.workspace_id, Channel.EMAIL, address)


def opened(shop, sealed):
    """What somebody with the hold key reads, which no screen of the product does."""
    with db.transaction(shop.workspace_id) as connection:
        (body,) = connection.execute(
            "select body from sealed where hold_id = %s", [sealed.hold_id]
        ).fetchone()
    key = vault.read_hold(shop.workspace_id, sealed.hold_id)
    return unseal(key, hold_label(shop.workspace_id, sealed.hold_id), body)


def entries(shop, kind):
    return [
        each.fields
        for each in ledger.history(shop.workspace_id, 0)
        if each.kind == kind and each.fields is not None
    ]


def test_the_sealed_proof_holds_consent_withdrawal_address_and_what_was_sent():
    shop, address = a_shop(), an_address()
    done = erase(shop, a_reader_of_mails(shop, address))
    (sealed,) = sealed_of(shop, address)
    assert (done.state, done.sealed_until, sealed.destroy_after) == ("certified", DUE, DUE)
    content = opened(shop, sealed)
    kinds = [json.loads(each["entry"])["kind"] for each in content["entries"]]
    assert kinds == ["consent.confirmed", "consent.withdrawn"]
    assert content["addresses"] == [{"channel": "email", "value": address}]
    assert (content["sent"], content["last_sent_at"][:10]) == (2, "2026-11-15")
    assert content["entries"][0]["disclosed"]["method"]["value"] == "web-double"


def test_what_is_sealed_still_proves_its_entries():
    """With the salts anyone recomputes the commitment, though the person's own key is gone."""
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    for each in opened(shop, sealed_of(shop, address)[0])["entries"]:
        digests = {
            name: field_digest(b64decode(shown["salt"]), name, shown["value"])
            for name, shown in each["disclosed"].items()
        }
        assert commitment(digests) == json.loads(each["entry"])["c"]


def test_an_address_is_found_again_in_every_spelling_and_by_no_other():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    assert len(sealed_of(shop, address.upper())) == 1
    assert sealed_of(shop, f"x{address}") == []
    assert sealed_of(a_shop(), address) == []


def test_nothing_sealed_can_be_read_in_the_database(database):
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        rows = owner.execute("select t::text from sealed t").fetchall()
    assert len(rows) == 1
    assert address not in rows[0][0]


def test_nobody_can_tell_from_a_sealing_which_erasure_it_was(database):
    shop = a_shop()
    done = erase(shop, a_reader_of_mails(shop, an_address()))
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        row = owner.execute(
            "select contact_id, hold_id from erasure where erasure_id = %s", [done.erasure_id]
        ).fetchone()
    assert row == (None, None)


@pytest.mark.parametrize(
    ("message_class", "outcome"),
    [
        (MessageClass.TRANSACTIONAL, "accepted"),
        (MessageClass.CONSENT_REQUEST, "accepted"),
        (MessageClass.ADVERTISING, "refused"),
        (MessageClass.ADVERTISING, "failed"),
    ],
)
def test_where_no_advertisement_left_nothing_is_kept(message_class, outcome):
    shop, address = a_shop(), an_address()
    person = a_reader(shop, address)
    sent(shop, person, message_class=message_class, outcome=outcome)
    done = erase(shop, person)
    assert (done.state, done.sealed_until, sealed_of(shop, address)) == ("certified", None, [])


@pytest.mark.parametrize(
    ("message_class", "outcome"), [(MessageClass.ADVERTISING, "uncertain"), (MessageClass.SURVEY, "accepted")]
)
def test_what_may_have_left_counts_as_an_advertisement(message_class, outcome):
    shop, address = a_shop(), an_address()
    person = a_reader(shop, address)
    sent(shop, person, message_class=message_class, outcome=outcome)
    assert erase(shop, person).sealed_until == DUE


@pytest.mark.parametrize(
    ("setting", "mail_order", "months"),
    [
        (EvidenceRetention.DEFAULT, False, 36),
        (EvidenceRetention.STATUTORY, False, 1),
        (EvidenceRetention.STATUTORY, True, 36),
    ],
)
def test_the_day_is_that_of_the_workspace(setting, mail_order, months):
    shop, address = a_shop(), an_address()
    accounts.change_retention(shop.workspace_id, setting)
    accounts.declare_mail_order(shop.workspace_id, on=mail_order)
    assert erase(shop, a_reader_of_mails(shop, address)).sealed_until == add_months(SENT_AT, months)


def test_on_its_day_the_key_is_destroyed_and_the_row_goes_and_the_ledger_says_so():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    (sealed,) = sealed_of(shop, address)
    assert services.destroy_due(shop.workspace_id, now=DUE - SECOND) == 0
    assert vault.read_hold(shop.workspace_id, sealed.hold_id) is not None
    assert services.destroy_due(shop.workspace_id, now=DUE) == 1
    assert (vault.read_hold(shop.workspace_id, sealed.hold_id), sealed_of(shop, address)) == (None, [])
    assert len(entries(shop, "seal.destroyed")) == 1
    assert services.destroy_due(shop.workspace_id, now=DUE) == 0


def test_a_sealing_whose_key_went_in_a_crash_is_cleared_away_by_the_next_run():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    vault.destroy_hold(shop.workspace_id, sealed_of(shop, address)[0].hold_id)
    assert services.destroy_due(shop.workspace_id, now=DUE) == 1
    assert sealed_of(shop, address) == []


def test_the_daily_job_ends_what_is_due():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    assert selectors.overdue(shop.workspace_id, before=DUE + SECOND) == 1
    with clock.standing_at(DUE + timedelta(days=2)):
        jobs.destroy_due()
    assert selectors.overdue(shop.workspace_id, before=DUE + timedelta(days=9)) == 0


def test_the_certificate_says_until_when_evidence_is_sealed():
    shop = a_shop()
    erase(shop, a_reader_of_mails(shop, an_address()))
    erase(shop, a_reader(shop))
    with_evidence, without = entries(shop, "erased")
    assert with_evidence["sealed_until"].startswith("2029-11-15")
    assert "sealed_until" not in without


class Killed(BaseException):
    """As kill -9: nothing that stands after it runs."""


PLACES = [
    ("claim_hold", db.Statements, "scalar"),
    ("list_of_contact", db.Statements, "rows"),
    ("insert_hold_key", vault, "ensure_hold"),
    ("insert_sealed", db.Statements, "run"),
    ("update_sealed", db.Statements, "run"),
    ("update_key_destroyed", db.Statements, "run"),
    ("update_purged", db.Statements, "run"),
    ("update_certified", db.Statements, "run"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("statement", "where", "name"), PLACES, ids=[place[0] for place in PLACES])
def test_an_erasure_killed_anywhere_goes_on_and_seals_once(statement, where, name, after, monkeypatch):
    shop, address = a_shop(), an_address()
    person = a_reader_of_mails(shop, address)
    asked = ask(shop, person)
    original = getattr(where, name)

    def killing(*arguments, **named):
        mine = where is vault or statement in arguments
        if mine and not after:
            raise Killed
        result = original(*arguments, **named)
        if mine:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(where, name, killing)
        with pytest.raises(Killed):
            services.forget(shop.workspace_id, asked.erasure_id, now=NOW, event_id=uuid.uuid4())
    services.forget(shop.workspace_id, asked.erasure_id, now=NOW, event_id=uuid.uuid4())
    assert selectors.by_receipt(shop.workspace_id, asked.receipt).state == "certified"
    (sealed,) = sealed_of(shop, address)
    assert len(opened(shop, sealed)["entries"]) == 2
    assert selectors.remains(shop.workspace_id, person) == {}
    assert len(entries(shop, "sealed")) == 1


def test_a_withdrawal_that_waited_for_the_vault_is_in_the_proof(monkeypatch):
    shop, address = a_shop(), an_address()
    person = a_reader_of_mails(shop, address)
    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", raise_away)
        asked = ask(shop, person)
    services.forget(shop.workspace_id, asked.erasure_id, now=NOW, event_id=uuid.uuid4())
    kinds = [
        json.loads(each["entry"])["kind"] for each in opened(shop, sealed_of(shop, address)[0])["entries"]
    ]
    assert kinds == ["consent.confirmed", "consent.withdrawn"]


def raise_away(*_):
    raise vault.VaultAway


def test_while_the_vault_is_away_nothing_is_destroyed_and_the_erasure_waits(monkeypatch):
    shop, address = a_shop(), an_address()
    person = a_reader_of_mails(shop, address)
    asked = ask(shop, person)
    with monkeypatch.context() as patch:
        patch.setattr(vault, "ensure_hold", raise_away)
        with pytest.raises(vault.VaultAway):
            services.forget(shop.workspace_id, asked.erasure_id, now=NOW, event_id=uuid.uuid4())
    assert selectors.by_receipt(shop.workspace_id, asked.receipt).state == "requested"
    assert vault.read(shop.workspace_id, [person]) != {}


def test_the_page_can_say_until_when_before_anybody_is_erased():
    shop = a_shop()
    assert selectors.keeps_until(shop.workspace_id, a_reader(shop), now=NOW) is None
    person = a_reader_of_mails(shop, an_address())
    assert selectors.keeps_until(shop.workspace_id, person, now=DUE - SECOND) == DUE
    assert selectors.keeps_until(shop.workspace_id, person, now=DUE) is None


def test_what_need_not_be_kept_any_more_is_not_sealed():
    shop, address = a_shop(), an_address()
    assert erase(shop, a_reader_of_mails(shop, address), DUE).sealed_until is None
    assert sealed_of(shop, address) == []


def test_an_order_lengthens_what_is_sealed_and_never_shortens_it():
    shop, address = a_shop(), an_address()
    accounts.change_retention(shop.workspace_id, EvidenceRetention.STATUTORY)
    erase(shop, a_reader_of_mails(shop, address))
    services.record_order(shop.workspace_id, at=NOW, by="test", now=NOW)
    (sealed,) = sealed_of(shop, address)
    assert sealed.destroy_after == sealed.order_until == add_months(SENT_AT, 12)
    services.record_order(shop.workspace_id, at=NOW - timedelta(days=3), by="test", now=NOW)
    assert sealed_of(shop, address) == [sealed]
    assert len(services.orders(shop.workspace_id)) == 2
    assert len(entries(shop, "admin.order")) == 2


def test_an_order_leaves_alone_what_was_sent_long_before_it():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    later = add_months(SENT_AT, 1) + SECOND
    services.record_order(shop.workspace_id, at=later, by="test", now=later)
    assert sealed_of(shop, address)[0].order_until is None


def test_no_order_comes_in_the_future():
    with pytest.raises(services.OrderAhead):
        services.record_order(a_shop().workspace_id, at=NOW + SECOND, by="test", now=NOW)


def test_what_is_sealed_is_thrown_away_on_request_only_after_its_time():
    shop, address = a_shop(), an_address()
    accounts.change_retention(shop.workspace_id, EvidenceRetention.STATUTORY)
    erase(shop, a_reader_of_mails(shop, address))
    services.record_order(shop.workspace_id, at=NOW, by="test", now=NOW)
    (sealed,) = sealed_of(shop, address)
    end = add_months(SENT_AT, 12)
    assert services.purge_evidence(shop.workspace_id, sealed, now=end - SECOND) is Reason.RETENTION_ORDER
    assert services.purge_evidence(shop.workspace_id, sealed, now=end) is Reason.PURGED
    assert sealed_of(shop, address) == []


def test_evidence_of_somebody_we_know_is_kept_while_its_period_runs():
    shop = a_shop()
    person = a_reader_of_mails(shop, an_address())
    answer = services.purge_evidence(shop.workspace_id, person, now=DUE - SECOND)
    assert answer is Reason.RETENTION_RUNNING
    assert ledger.history(shop.workspace_id, person)[0].fields is not None
    assert [each.state for each in consents.held(shop.workspace_id, person)] == ["active"]


def test_after_it_the_evidence_is_gone_and_with_it_the_consent_but_no_refusal():
    shop = a_shop()
    person = a_reader_of_mails(shop, an_address())
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=person, scope=OptOutScope.ALL, via=Method.PAGE), NOW
    )
    before = vault.read(shop.workspace_id, [person])
    assert services.purge_evidence(shop.workspace_id, person, now=DUE) is Reason.PURGED
    assert ledger.history(shop.workspace_id, person) == []
    assert consents.held(shop.workspace_id, person) == []
    assert vault.read(shop.workspace_id, [person]).keys() == before.keys()
    assert vault.read(shop.workspace_id, [person]) != before
    assert len(suppressions.refusals(shop.workspace_id, person)) == 1
    assert contacts.contact(shop.workspace_id, person) is not None
    assert ledger.audit(shop.workspace_id).consistent


def test_who_agrees_again_after_a_purge_is_recorded_as_anybody_else():
    shop = a_shop()
    person = a_reader_of_mails(shop, an_address())
    services.purge_evidence(shop.workspace_id, person, now=DUE)
    agree(shop, person, at=DUE)
    assert ledger.history(shop.workspace_id, person)[0].fields["n"] == 1
    assert ledger.audit(shop.workspace_id).consistent


def test_a_purge_of_somebody_who_never_got_anything_is_the_decision_not_to_send():
    shop = a_shop()
    person = a_contact(shop)
    assert services.purge_evidence(shop.workspace_id, person, now=NOW) is Reason.PURGED


def test_a_sealing_cannot_be_altered_by_the_application():
    shop, address = a_shop(), an_address()
    erase(shop, a_reader_of_mails(shop, address))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(shop.workspace_id) as connection:
        connection.execute("update sealed set body = ''")


def test_what_is_kept_is_what_proves_a_consent_and_nothing_else():
    assert {kind.value for kind in sealing.PROVING} == {
        "consent.requested",
        "consent.given",
        "consent.confirmed",
        "consent.reconfirmed",
        "consent.expired",
        "consent.withdrawn",
        "refusal",
    }
