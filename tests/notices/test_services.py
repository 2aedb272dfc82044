"""The copy of the checkpoint in somebody's mailbox: by the same gate and wire as every mail."""

from __future__ import annotations

import email
import email.policy
import json
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import SENDER, a_contact, a_reader, a_shop

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel, parse_email
from shodaku.delivery import services as delivery
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.notes import parse_vkey, read_note
from shodaku.ledger.selectors import AnchorFaultCode, AnchorKind, Level, Result
from shodaku.notices import jobs, services
from shodaku.notices.services import AddressErased
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import services as suppression

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge; the worker stamps with the clock of the machine
A_DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    shop = a_shop()
    a_reader(shop)
    ledger.sequence_all(shop.workspace_id, now=NOW)
    return shop


def an_address():
    return parse_email(f"keeper-{uuid.uuid4().hex[:8]}@example.jp")


def grow(shop):
    a_reader(shop)
    ledger.sequence_all(shop.workspace_id, now=NOW)


def only(shop, now=NOW):
    """The outcome at the only mailbox."""
    (outcome,) = services.mail_checkpoint(shop.workspace_id, now=now)
    return outcome


def planned(shop):
    """mailing -> what will be looked at later, the newest last."""
    with db.transaction(shop.workspace_id) as connection:
        return [
            json.loads(row[0])
            for row in connection.execute(
                "select args::text from procrastinate_jobs where task_name = 'notices.checkpoint_mailed'"
                " and status = 'todo' and (args ->> 'workspace_id')::int = %s order by id",
                [shop.workspace_id],
            ).fetchall()
        ]


def mails_to_come(shop):
    with db.transaction(shop.workspace_id) as connection:
        return connection.execute(
            "select count(*) from procrastinate_jobs where task_name = 'notices.checkpoint_mail_one'"
            " and status = 'todo' and (args ->> 'workspace_id')::int = %s",
            [shop.workspace_id],
        ).fetchone()[0]


def settle(shop, *, now=NOW):
    services.settle_mailed(**planned(shop)[-1], now=now)


def sent(database, shop, home, on_rcpt=None):
    """The mail that was planned last leaves; what arrived."""
    options = {} if on_rcpt is None else {"on_rcpt": on_rcpt}
    with RunningSink(**options) as sink:
        send_now(database, shop, planned(shop)[-1]["mailing_id"], sink.port, home=home)
    return sink.arrived


def state(shop):
    return ledger_known.anchor_state(shop.workspace_id)


def fault(shop):
    (shown,) = state(shop).targets
    return shown.fault.code if shown.fault else None


def test_who_chose_nothing_keeps_a_copy_at_the_senders_own_address(database, shop, tmp_path):
    assert only(shop).result is Result.UNDER_WAY
    (target,) = ledger_known.targets(shop.workspace_id)
    assert target.kind is AnchorKind.MAIL
    person = contacts_known.contact(shop.workspace_id, target.contact_id)
    assert person.source == "staff"
    (mail,) = sent(database, shop, tmp_path)
    assert mail.recipient == SENDER.contact_email
    acts = ledger_known.history(shop.workspace_id, ledger.INSTALLATION)
    added = next(act for act in acts if act.kind == "admin.anchor.added")
    assert (added.fields["kind"], added.fields["by"]) == ("mail", "default")


def test_no_address_stands_among_the_places_or_in_the_entry(shop):
    services.mail_checkpoint(shop.workspace_id, now=NOW)
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute("select place from ledger_anchor_target").fetchall()
    acts = ledger_known.history(shop.workspace_id, ledger.INSTALLATION)
    assert "@" not in repr(rows) + repr([act.fields for act in acts])
    (shown,) = state(shop).targets
    assert shown.place == "s****@aoi.example"


def test_the_default_that_was_removed_does_not_come_back(shop):
    target_id = only(shop).target_id
    ledger.remove_target(shop.workspace_id, target_id, by="test", now=NOW)
    assert services.mail_checkpoint(shop.workspace_id, now=NOW + A_DAY) == []


def test_who_chose_a_folder_gets_no_mail(shop, tmp_path):
    ledger.add_target(shop.workspace_id, "file", str(tmp_path), by="test", now=NOW)
    assert services.mail_checkpoint(shop.workspace_id, now=NOW) == []


def test_without_a_sender_or_an_address_of_theirs_nothing_is_chosen(shop):
    (sender,) = accounts_known.senders(shop.workspace_id)
    accounts.save_sender(shop.workspace_id, replace(sender, contact_email=""), now=NOW)
    assert services.mail_checkpoint(shop.workspace_id, now=NOW) == []
    assert not ledger_known.ever_chosen(shop.workspace_id)


def test_a_workspace_without_a_sender_sends_no_mail():
    workspace = accounts.create_workspace(f"new-{uuid.uuid4().hex[:8]}", "new", now=NOW)
    ledger.record_act(workspace.workspace_id, "admin.test", {}, event_id=uuid.uuid4(), now=NOW)
    ledger.sequence_all(workspace.workspace_id, now=NOW)
    assert services.mail_checkpoint(workspace.workspace_id, now=NOW) == []
    services.add_reader(workspace.workspace_id, an_address(), by="test", now=NOW)
    (outcome,) = services.mail_checkpoint(workspace.workspace_id, now=NOW)
    assert outcome.fault.code is AnchorFaultCode.NO_SENDER


def test_before_the_first_checkpoint_there_is_nothing_to_mail():
    shop = a_shop()
    assert services.mail_checkpoint(shop.workspace_id, now=NOW) == []
    assert not ledger_known.ever_chosen(shop.workspace_id)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_mail_holds_the_checkpoint_word_for_word_the_key_and_what_it_is(
    database, shop, tmp_path, language
):
    with with_the_database_in_hand(database, shop) as owner:
        owner.execute(
            "update workspace set locale = %s where workspace_id = %s", [language, shop.workspace_id]
        )
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    only(shop)
    newest = ledger_known.head(shop.workspace_id)
    (arrived,) = sent(database, shop, tmp_path)
    mail = email.message_from_bytes(arrived.content, policy=email.policy.default)
    text = mail.get_content().replace("\r\n", "\n")
    rule = "―" * 20
    between = text.split(f"{rule}\n")[1]
    assert between == newest.note
    (vkey,) = ledger_known.verifier_keys(shop.workspace_id)
    assert read_note(between).signed_by(
        parse_vkey(re.search(r"^\S+\+[0-9a-f]{8}\+\S+$", text, re.MULTILINE)[0])
    )
    assert vkey in text
    assert str(newest.size) in mail["Subject"]
    assert ("捨てずに保管" if language == "ja" else "keep this mail") in text
    assert mail.get_content_type() == "text/plain", "nothing that could count"
    assert mail["List-Unsubscribe"] is None
    assert re.findall(r"https?://\S+", text) == re.findall(r"http://testserver/o/\S+", text)


def test_it_counts_as_a_copy_outside_when_the_next_server_has_accepted_it(database, shop, tmp_path):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    only(shop)
    size = ledger_known.head(shop.workspace_id).size
    assert state(shop).level is Level.NONE
    sent(database, shop, tmp_path)
    settle(shop)
    assert (state(shop).level, state(shop).size) == (Level.OUTSIDE, size)
    (receipt,) = ledger_known.receipts(shop.workspace_id)
    assert receipt.receipt == f"mailing {planned(shop)[-1]['mailing_id']}".encode()


def test_a_mail_a_day_and_only_if_the_ledger_has_grown(database, shop, tmp_path):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    assert only(shop).result is Result.UNDER_WAY
    assert only(shop).result is Result.UNCHANGED, "the same day again"
    sent(database, shop, tmp_path)
    settle(shop)
    assert only(shop, NOW + A_DAY).result is Result.UNCHANGED, "nothing new"
    grow(shop)
    assert only(shop, NOW + A_DAY).result is Result.UNDER_WAY


def test_what_does_not_leave_is_looked_at_again_and_given_up_after_a_day(shop):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    only(shop)
    settle(shop)
    assert len(planned(shop)) == 2
    assert fault(shop) is None
    settle(shop, now=NOW + A_DAY)
    assert len(planned(shop)) == 2
    assert fault(shop) is AnchorFaultCode.NOT_LEFT
    assert only(shop, NOW + A_DAY).result is Result.UNDER_WAY, "the next one goes"
    assert fault(shop) is AnchorFaultCode.NOT_LEFT, "told until one has arrived"


def test_a_mailbox_that_refuses_is_told(database, shop, tmp_path):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    only(shop)
    sent(database, shop, tmp_path, on_rcpt=lambda _address: b"550 5.1.1 unknown\r\n")
    settle(shop)
    assert fault(shop) is AnchorFaultCode.MAIL_REFUSED
    assert state(shop).level is Level.NONE


def test_a_mailing_that_was_stopped_by_hand_did_not_leave(shop):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    only(shop)
    delivery.cancel(shop.workspace_id, planned(shop)[-1]["mailing_id"], now=NOW)
    settle(shop)
    assert fault(shop) is AnchorFaultCode.NOT_LEFT


def test_an_address_on_the_never_contact_list_is_not_even_remembered(shop):
    address = an_address()
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address.address)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW)
    with pytest.raises(AddressErased):
        services.add_reader(shop.workspace_id, address, by="test", now=NOW)
    assert contacts_known.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]) == {}


def test_an_erased_sender_address_is_no_default(shop):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, SENDER.contact_email)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW)
    assert services.mail_checkpoint(shop.workspace_id, now=NOW) == []
    assert not ledger_known.ever_chosen(shop.workspace_id)


def test_who_stopped_all_mail_gets_no_copy_either(shop):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    (target,) = ledger_known.targets(shop.workspace_id)
    optout.opt_out(
        OptOut(
            workspace_id=shop.workspace_id,
            contact_id=target.contact_id,
            scope=OptOutScope.ALL,
            via=Method.PAGE,
        ),
        NOW - A_DAY,
    )
    assert only(shop).fault.code is AnchorFaultCode.ADDRESS_REFUSED
    assert planned(shop) == []


def test_an_erased_keeper_leaves_no_address_and_is_told_as_gone(shop):
    from shodaku.contacts import services as contacts
    from shodaku.suppression.domain import Tokens

    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    (target,) = ledger_known.targets(shop.workspace_id)
    known = contacts_known.addresses(shop.workspace_id, target.contact_id)
    with db.transaction(shop.workspace_id):
        suppression.suppress([Tokens(each.token, each.broad_token) for each in known], "erased", now=NOW)
    assert only(shop).fault.code is AnchorFaultCode.ADDRESS_GONE
    with db.transaction(shop.workspace_id):
        ledger.forget(target.contact_id)
        contacts.forget(target.contact_id)
    assert only(shop, NOW + A_DAY).fault.code is AnchorFaultCode.ADDRESS_GONE
    (shown,) = state(shop).targets
    assert shown.place == ""


def test_somebody_known_already_stays_who_they_are(shop):
    address = an_address()
    reader = a_reader(shop, address.address)
    services.add_reader(shop.workspace_id, address, by="test", now=NOW)
    (target,) = ledger_known.targets(shop.workspace_id)
    assert target.contact_id == reader
    assert contacts_known.contact(shop.workspace_id, reader).source == "form"


def test_a_log_shorter_than_what_was_mailed_is_an_alarm(database, shop, tmp_path):
    services.add_reader(shop.workspace_id, an_address(), by="test", now=NOW)
    ledger.sequence_all(shop.workspace_id, now=NOW)
    only(shop)
    sent(database, shop, tmp_path)
    settle(shop)
    with with_the_database_in_hand(database, shop, "ledger_leaf", "ledger_checkpoint") as owner:
        owner.execute("delete from ledger_leaf where seq >= 1")
        owner.execute("delete from ledger_checkpoint where size > 1")
    assert only(shop, NOW + A_DAY).fault.code is AnchorFaultCode.FORKED
    assert state(shop).alarming


def test_while_the_vault_is_away_the_default_waits_until_tomorrow(shop):
    here = runtime.current()
    away = replace(here, vault_url="host=127.0.0.1 port=1 dbname=none")
    with runtime.replaced(away):
        assert services.mail_checkpoint(shop.workspace_id, now=NOW) == []
    assert only(shop, NOW + A_DAY).result is Result.UNDER_WAY


def test_the_default_that_somebody_chose_in_the_same_moment_is_chosen_once(shop, monkeypatch):
    """Two workers look at the same time: the second one finds the place taken, and goes on."""
    services.mail_checkpoint(shop.workspace_id, now=NOW)
    monkeypatch.setattr(ledger_known, "ever_chosen", lambda _workspace_id: False)
    assert only(shop).result is Result.UNCHANGED
    assert len(ledger_known.targets(shop.workspace_id)) == 1


def test_the_clock_asks_once_for_each_log_however_often_it_ticks(shop):
    jobs.checkpoint_mail()
    jobs.checkpoint_mail()
    assert mails_to_come(shop) == 1


def test_the_clock_serves_every_workspace_and_the_look_later_is_a_job(database, shop, tmp_path):
    other = a_shop()
    a_contact(other)
    jobs.checkpoint_mail()
    for each in (shop, other):
        assert mails_to_come(each) == 1
    jobs.checkpoint_mail_one(shop.workspace_id)
    assert len(ledger_known.targets(shop.workspace_id)) == 1
    sent(database, shop, tmp_path)
    jobs.checkpoint_mailed(**planned(shop)[-1])
    assert state(shop).level is Level.OUTSIDE
    assert set(jobs.JOBS) == {"notices.checkpoint_mail_one", "notices.checkpoint_mailed"}
    assert jobs.PERIODIC["notices.checkpoint_mail"][0] == "17 4 * * *"
