"""A mailbox elsewhere is read mail by mail: each no is obeyed once, and a broken mail holds up no other."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.optout.certificates import a_certificate
from tests.optout.imap_server import an_imap_server
from tests.optout.ways import a_bounce, a_letter, an_address, desk, is_invalid, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery import selectors as deliveries
from shodaku.kit import runtime
from shodaku.optout import handing_in, mailbox_files, mailboxes
from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, PlainMailbox, Said
from shodaku.optout.mailbox_files import MailboxName, MailboxUnreadable, NoMailbox
from shodaku.optout.mailboxes import MailboxThere

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def server():
    with an_imap_server() as started:
        yield started


@pytest.fixture
def box(server):
    return server[1]


@pytest.fixture
def read(shop, server):
    """Looks into the mailbox once."""
    mailboxes.add(shop.workspace_id, "main", at(server[0]))
    return lambda: mailboxes.poll(shop.workspace_id, "main", lambda: NOW)


def at(port, **more):
    fields = {"host": "127.0.0.1", "user": "reader", "password": "the secret", "tls": False}
    return Mailbox(port=port, **{**fields, **more})


def place(shop):
    return deliveries.mailbox_place(shop.workspace_id, "main")


def test_a_reply_in_the_mailbox_is_obeyed_once_and_marked_as_read(shop, box, read):
    address = an_address()
    contact_id = a_reader(shop, address)
    box.put(a_letter("昔の停止", sender=an_address()), seen=True)  # of the time before
    uid = box.put(a_letter("配信停止してください", sender=address))
    assert read().handled == 1
    assert (scopes(shop, contact_id), box.seen, box.read) == (["all"], {1, uid}, [uid])
    assert read().handled == 0
    assert box.read == [uid]
    assert (place(shop).uid, place(shop).handled) == (uid, 1)


def test_a_mail_that_somebody_has_read_meanwhile_is_obeyed_all_the_same(shop, box, read):
    read()
    address = an_address()
    contact_id = a_reader(shop, address)
    box.put(a_letter("配信停止", sender=address), seen=True)
    assert read().handled == 1
    assert scopes(shop, contact_id) == ["all"]


def test_bounces_automatic_replies_and_questions_go_where_they_belong(shop, box, read):
    address, asking = an_address(), an_address()
    gone, here = a_reader(shop), a_reader(shop, address)
    a_reader(shop, asking)
    mailing_id = sent(shop, gone, NOW - timedelta(hours=1))
    box.put(a_bounce(to=f"b+{token(shop, gone, mailing_id)}@aoi.example"))
    box.put(a_letter("stop", sender=address, head=["Auto-Submitted: auto-replied"]))
    box.put(a_letter("次はいつ届きますか", sender=asking))
    assert read().handled == 3
    assert (is_invalid(shop, gone), scopes(shop, gone), scopes(shop, here)) == (True, [], [])
    assert [row.via for row in desk(shop)] == ["mail"]


def test_a_mail_that_is_not_handed_out_is_shown_and_holds_up_no_other(shop, box, read):
    address = an_address()
    contact_id = a_reader(shop, address)
    box.not_handed_out.add(box.put(b"x"))
    box.put(a_letter("停止", sender=address))
    polled = read()
    assert (polled.handled, polled.unread, len(desk(shop))) == (2, 1, 1)
    assert scopes(shop, contact_id) == ["all"]


def test_a_mail_that_breaks_the_program_is_shown_and_holds_up_no_other(shop, box, read, monkeypatch):
    address = an_address()
    contact_id = a_reader(shop, address)
    real = handing_in.receive_mail
    monkeypatch.setattr(
        handing_in, "receive_mail", lambda *said: 1 / 0 if b"break" in said[1] else real(*said)
    )
    box.put(a_letter("break"))
    box.put(a_letter("停止", sender=address))
    assert read().unread == 1
    assert (len(desk(shop)), scopes(shop, contact_id)) == (1, ["all"])


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * 100, b"\xff\xfe\r\n\r\n", b"From: x\r\nContent-Type: multipart/x"]
)
def test_whatever_stands_in_a_mail_the_next_one_is_read(shop, box, read, raw):
    address = an_address()
    contact_id = a_reader(shop, address)
    box.put(raw)
    box.put(a_letter("停止", sender=address))
    read()
    assert scopes(shop, contact_id) == ["all"]


def test_of_a_mail_of_30_mb_the_first_is_asked_for_alone(shop, box, read):
    address = an_address()
    contact_id = a_reader(shop, address)
    box.put(a_letter("停止\r\n-- \r\n" + "x" * 30_000_000, sender=address))
    read()
    assert scopes(shop, contact_id) == ["all"]


def test_while_the_database_is_away_the_mail_waits_unread(shop, box, read, monkeypatch):
    read()
    address = an_address()
    contact_id = a_reader(shop, address)
    uid = box.put(a_letter("停止", sender=address))

    def away(*_):
        raise psycopg.OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(handing_in, "receive_mail", away)
        with pytest.raises(psycopg.OperationalError):
            read()
    assert uid not in box.seen
    read()
    assert scopes(shop, contact_id) == ["all"]


def test_when_mails_are_numbered_anew_what_came_since_the_last_look_is_read(shop, box, read):
    box.put(a_letter("x"))
    read()
    address, earlier = an_address(), an_address()
    new, old = a_reader(shop, address), a_reader(shop, earlier)
    box.validity, box.mails, box.seen, box.next_uid = 8, {}, set(), 1
    box.put(a_letter("停止", sender=earlier), seen=True)  # of long ago: read, and done
    box.since.add(box.put(a_letter("停止", sender=address), seen=True))
    read()
    assert (scopes(shop, old), scopes(shop, new)) == ([], ["all"])
    assert (place(shop).validity, place(shop).uid) == (8, 2)


def test_done_mails_go_to_the_folder_that_is_named(shop, server, box):
    mailboxes.add(shop.workspace_id, "moving", at(server[0], moved_to="Done"))
    uid = box.put(a_letter("停止"))
    mailboxes.poll(shop.workspace_id, "moving", lambda: NOW)
    assert (box.copied, box.mails) == ([(uid, "Done")], {})


def test_a_mailbox_that_may_only_be_read_is_read_once(shop, box, read):
    read()
    box.only_read = True
    box.put(a_letter("x"))
    assert [read().handled, read().handled] == [1, 0]


def test_over_tls_with_a_certificate_of_our_own(shop, tmp_path):
    certificate, key = a_certificate(tmp_path)
    address = an_address()
    contact_id = a_reader(shop, address)
    with an_imap_server(certificate, key) as (port, box):
        box.put(a_letter("停止", sender=address))
        mailboxes.add(shop.workspace_id, "own", at(port, tls=True, ca_file=str(certificate)))
        mailboxes.add(shop.workspace_id, "unknown", at(port, tls=True))
        with pytest.raises(MailboxAway):
            mailboxes.poll(shop.workspace_id, "unknown", lambda: NOW)
        mailboxes.poll(shop.workspace_id, "own", lambda: NOW)
    assert scopes(shop, contact_id) == ["all"]


def test_one_that_cannot_be_read_stops_no_other_and_says_why(shop, server, box):
    address = an_address()
    contact_id = a_reader(shop, address)
    box.put(a_letter("停止", sender=address))
    mailboxes.add(shop.workspace_id, "a-wrong", at(server[0], password="guessed"))
    mailboxes.add(shop.workspace_id, "b-gone", at(1))
    mailboxes.add(shop.workspace_id, "c-good", at(server[0]))
    mailboxes.poll_all(lambda: NOW)
    assert scopes(shop, contact_id) == ["all"]
    faults = {
        name: deliveries.mailbox_place(shop.workspace_id, name).fault
        for name in mailbox_files.names(shop.workspace_id)
    }
    assert faults == {"a-wrong": Said.LOGIN_REFUSED, "b-gone": Said.NOT_LISTENING, "c-good": ""}


def test_a_password_never_leaves_this_machine_without_tls(shop):
    mailboxes.add(shop.workspace_id, "far", at(143, host="mail.example.jp"))
    with pytest.raises(PlainMailbox):
        mailboxes.look(shop.workspace_id, "far")


def test_a_look_counts_and_marks_nothing(shop, server, box):
    mailboxes.add(shop.workspace_id, "main", at(server[0]))
    box.put(a_letter("停止"))
    assert (mailboxes.look(shop.workspace_id, "main"), box.seen, box.read) == (1, set(), [])


def test_its_secrets_are_a_file_that_its_owner_alone_reads(shop):
    mailboxes.add(shop.workspace_id, "main", at(993))
    file = runtime.current().keys / f"mailbox.{shop.workspace_id}.main"
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert "the secret" not in repr(mailbox_files.named(shop.workspace_id, "main"))
    with pytest.raises(MailboxThere):
        mailboxes.add(shop.workspace_id, "main", at(993))
    mailboxes.remove(shop.workspace_id, "main")
    assert mailbox_files.names(shop.workspace_id) == []
    with pytest.raises(NoMailbox):
        mailboxes.remove(shop.workspace_id, "main")


@pytest.mark.parametrize("name", ["", "../kek.1", "A", "x" * 31, "a.b", "1"])
def test_a_name_that_is_none_is_refused(shop, name):
    with pytest.raises(MailboxName):
        mailboxes.add(shop.workspace_id, name, at(993))


def test_a_file_that_cannot_be_read_is_said(shop):
    file = runtime.current().keys / f"mailbox.{shop.workspace_id}.main"
    file.write_text("{")
    with pytest.raises(MailboxUnreadable):
        mailboxes.poll(shop.workspace_id, "main", lambda: NOW)
