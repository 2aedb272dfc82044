"""A mailbox that is read by POP3: each no is obeyed once, nothing is lost when a connection breaks, and
whatever the server does is told in a sentence.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.optout.certificates import a_certificate
from tests.optout.pop3_server import a_pop3_server
from tests.optout.ways import a_bounce, a_letter, an_address, desk, is_invalid, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.delivery import selectors as deliveries
from shodaku.delivery.selectors import Sentence
from shodaku.optout import handing_in, mailboxes, maildrop, reaching
from shodaku.optout.mailbox import Mailbox
from shodaku.optout.mailbox_faults import MailboxAway, PlainMailbox, Said
from shodaku.optout.mailboxes import MailboxText

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def server():
    with a_pop3_server() as started:
        yield started


@pytest.fixture
def drop(server):
    return server[1]


@pytest.fixture
def read(shop, server):
    """Looks into the mailbox once."""
    mailboxes.add(shop.workspace_id, "main", at(server[0]))
    return lambda: mailboxes.poll(shop.workspace_id, "main", lambda: NOW)


@pytest.fixture
def deleting(shop, server):
    mailboxes.add(shop.workspace_id, "main", at(server[0], delete=True))
    return lambda: mailboxes.poll(shop.workspace_id, "main", lambda: NOW)


def at(port, **more):
    fields = {"host": "127.0.0.1", "user": "reader", "password": "the secret", "tls": False}
    return Mailbox(port=port, protocol="pop3", **{**fields, **more})


def a_no(shop):
    """Somebody, and their mail."""
    address = an_address()
    return a_reader(shop, address), a_letter("配信停止してください", sender=address)


def fault(shop, server, **more):
    """What is kept of a look that fails, beside the others."""
    mailboxes.add(shop.workspace_id, "main", at(server[0], **more))
    mailboxes.poll_all(lambda: NOW)
    return deliveries.mailbox_place(shop.workspace_id, "main").fault


def test_a_reply_is_obeyed_once_and_stays_where_it_is(shop, drop, read):
    contact_id, raw = a_no(shop)
    name = drop.put(raw)
    assert (read().handled, read().handled) == (1, 0)
    assert (scopes(shop, contact_id), drop.read, list(drop.mails)) == (["all"], [name], [name])
    assert deliveries.mailbox_place(shop.workspace_id, "main").handled == 1


def test_bounces_and_questions_go_where_they_belong(shop, drop, read):
    asking = an_address()
    gone = a_reader(shop)
    a_reader(shop, asking)
    mailing_id = sent(shop, gone, NOW - timedelta(hours=1))
    drop.put(a_bounce(to=f"b+{token(shop, gone, mailing_id)}@aoi.example"))
    drop.put(a_letter("次はいつ届きますか", sender=asking))
    assert read().handled == 2
    assert (is_invalid(shop, gone), scopes(shop, gone)) == (True, [])
    assert [row.via for row in desk(shop)] == ["mail"]


def test_done_mails_are_deleted_where_that_is_wanted_and_what_a_human_has_to_read_stays(shop, drop, deleting):
    contact_id, raw = a_no(shop)
    asking = an_address()
    a_reader(shop, asking)
    drop.put(raw)
    question = drop.put(a_letter("次はいつ届きますか", sender=asking))
    assert deleting().handled == 2
    assert (scopes(shop, contact_id), list(drop.mails)) == (["all"], [question])
    assert (deleting().handled, list(drop.mails)) == (0, [question])


def test_a_farewell_that_is_not_heard_deletes_nothing_and_repeats_nothing(shop, drop, deleting):
    contact_id, raw = a_no(shop)
    name = drop.put(raw)
    drop.deaf_to_quit = True
    with pytest.raises(MailboxAway):
        deleting()
    assert (scopes(shop, contact_id), list(drop.mails)) == (["all"], [name])
    drop.deaf_to_quit = False
    assert deleting().handled == 0
    assert (drop.read, drop.mails) == ([name], {})


def test_while_the_database_is_away_the_mail_waits(shop, drop, deleting, monkeypatch):
    contact_id, raw = a_no(shop)
    name = drop.put(raw)

    def away(*_):
        raise psycopg.OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(handing_in, "receive_mail", away)
        with pytest.raises(psycopg.OperationalError):
            deleting()
    assert (scopes(shop, contact_id), list(drop.mails)) == ([], [name])
    deleting()
    assert (scopes(shop, contact_id), drop.mails) == (["all"], {})


def test_a_crash_between_the_act_and_its_note_counts_nothing_twice(shop, drop, read, monkeypatch):
    gone = a_reader(shop)
    mailing_id = sent(shop, gone, NOW - timedelta(hours=1))
    full = a_bounce(to=f"b+{token(shop, gone, mailing_id)}@aoi.example", status="5.2.2")
    drop.put(full)

    def crash(*_args, **_named):
        raise KeyboardInterrupt

    for _ in range(5):
        with monkeypatch.context() as patched:
            patched.setattr(maildrop.delivery, "note_mailbox_mail", crash)
            with pytest.raises(KeyboardInterrupt):
                read()
    read()
    assert not is_invalid(shop, gone)  # a full mailbox ends an address the third time
    assert len(deliveries.feedback(shop.workspace_id, gone)) == 1


def test_a_mail_that_breaks_the_connection_holds_up_no_other_and_is_shown_the_third_time(shop, drop, read):
    contact_id, raw = a_no(shop)
    drop.breaks.add(drop.put(a_letter("x")))
    drop.put(raw)
    for _ in range(maildrop.TRIES_MAX):
        with pytest.raises(MailboxAway):
            read()
    assert (scopes(shop, contact_id), len(desk(shop))) == (["all"], 1)
    assert read().handled == 0


def test_a_mail_that_is_not_handed_out_is_shown_once(shop, drop, deleting):
    contact_id, raw = a_no(shop)
    name = drop.put(b"x")
    drop.not_handed_out.add(name)
    drop.put(raw)
    assert (deleting().unread, deleting().handled, len(desk(shop))) == (1, 0, 1)
    assert (scopes(shop, contact_id), list(drop.mails)) == (["all"], [name])


def test_what_was_taken_out_of_the_mailbox_is_forgotten_here(shop, drop, read):
    drop.put(a_letter("x"))
    read()
    assert len(deliveries.mailbox_mails(shop.workspace_id, "main")) == 1
    drop.mails.clear()
    read()
    assert deliveries.mailbox_mails(shop.workspace_id, "main") == {}
    drop.put(a_letter("x"))
    read()
    mailboxes.remove(shop.workspace_id, "main")
    assert deliveries.mailbox_mails(shop.workspace_id, "main") == {}


@pytest.mark.parametrize("raw", [b"", b"\0" * 100, b"\xff\xfe\r\n\r\n", b".\r\n..\r\n.x", b"x" * 100_000])
def test_whatever_stands_in_a_mail_the_next_one_is_read(shop, drop, read, raw):
    contact_id, no = a_no(shop)
    drop.put(raw)
    drop.put(no)
    read()
    assert scopes(shop, contact_id) == ["all"]


def test_of_a_mail_of_30_mb_the_first_lines_are_asked_for_alone(shop, drop, read):
    address = an_address()
    contact_id = a_reader(shop, address)
    name = drop.put(a_letter("停止\r\n-- \r\n" + ("x" * 70 + "\r\n") * 420_000, sender=address))
    read()
    assert (scopes(shop, contact_id), drop.top, drop.read) == (["all"], [name], [])


def test_a_session_ends_after_its_number_of_mails_and_the_rest_is_read_next_time(
    shop, drop, read, monkeypatch
):
    monkeypatch.setattr(maildrop, "SESSION_MAILS_MAX", 2)
    for _ in range(3):
        drop.put(a_letter("x"))
    assert [read().handled for _ in range(3)] == [2, 1, 0]


def test_of_more_mails_than_can_be_told_apart_the_newest_are_read_and_it_is_said(
    shop, server, drop, monkeypatch
):
    monkeypatch.setattr(maildrop, "MAILS_MAX", 2)
    contact_id, no = a_no(shop)
    for raw in (a_letter("x"), a_letter("y"), no):
        drop.put(raw)
    assert fault(shop, server) == Said.TOO_MANY
    assert scopes(shop, contact_id) == ["all"]


@pytest.mark.parametrize("starttls", [False, True])
def test_over_tls_with_a_certificate_of_our_own(shop, tmp_path, starttls):
    certificate, key = a_certificate(tmp_path)
    contact_id, no = a_no(shop)
    with a_pop3_server(certificate, key, starttls=starttls) as (port, drop):
        drop.put(no)
        secured = {"tls": True, "starttls": starttls}
        mailboxes.add(shop.workspace_id, "own", at(port, ca_file=str(certificate), **secured))
        mailboxes.add(shop.workspace_id, "unknown", at(port, **secured))
        with pytest.raises(MailboxAway) as refused:
            mailboxes.poll(shop.workspace_id, "unknown", lambda: NOW)
        assert (refused.value.message, drop.passwords) == (Sentence.CERTIFICATE_OWN, [])
        mailboxes.poll(shop.workspace_id, "own", lambda: NOW)
    assert scopes(shop, contact_id) == ["all"]


def test_where_starttls_is_taken_away_no_password_leaves(shop, server, drop):
    assert fault(shop, server, tls=True, starttls=True) == Said.NO_STARTTLS
    assert drop.passwords == []


def test_a_password_never_leaves_this_machine_without_tls(shop):
    mailboxes.add(shop.workspace_id, "far", at(110, host="mail.example.jp"))
    with pytest.raises(PlainMailbox):
        mailboxes.look(shop.workspace_id, "far")


def test_a_port_without_tls_is_told_of(shop, server):
    assert fault(shop, server, tls=True) == Said.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("-ERR [AUTH] no", Said.LOGIN_REFUSED),
        ("-ERR wrong", Said.LOGIN_REFUSED),
        ("-ERR [IN-USE] another session", Said.IN_USE),
        ("-ERR unable to lock maildrop", Said.IN_USE),
        ("-ERR [LOGIN-DELAY] wait", Said.LATER),
        ("-ERR [SYS/TEMP] ill", Said.LATER),
        ("250 welcome", Said.NOT_UNDERSTOOD),
    ],
)
def test_a_refused_login_is_told_and_its_words_are_not_kept(shop, server, drop, answer, sentence):
    drop.refused = answer
    assert fault(shop, server, password="guessed") == sentence


@pytest.mark.parametrize("banner", ["220 mail.example ESMTP", "SSH-2.0-OpenSSH", "\x00\xff", "x" * 100_000])
def test_a_server_that_is_no_mailbox_is_told_of(shop, server, drop, banner):
    drop.banner = banner
    assert fault(shop, server) == Said.NOT_UNDERSTOOD


@pytest.mark.parametrize("listing", ["x", "1", "1 " + "n" * 71, "0x1 name", "-1 name"])
def test_a_listing_that_is_none_is_told_of(shop, server, drop, listing):
    drop.listing = listing
    assert fault(shop, server) == Said.NOT_UNDERSTOOD


def test_a_server_without_lasting_names_is_told_of(shop, server, drop):
    drop.no_names = True
    assert fault(shop, server) == Said.NO_NAMES


def test_a_server_that_stalls_is_left_in_time(shop, server, drop, monkeypatch):
    monkeypatch.setattr(reaching, "TIMEOUT_SECONDS", 0.2)
    drop.stalls = threading.Event()
    assert fault(shop, server) == Sentence.NO_ANSWER


def test_a_server_that_answers_byte_by_byte_without_end_is_left_in_time(shop, server, drop, monkeypatch):
    drop.trickles = True
    real = reaching.way_to
    monkeypatch.setattr("shodaku.optout.pop3.way_to", lambda mailbox: real(mailbox, seconds_max=0.3))
    assert fault(shop, server) == Said.TOO_SLOW


def test_nobody_there_and_no_such_file_are_told_apart(shop, server):
    assert fault(shop, (1,)) == Said.NOT_LISTENING
    mailboxes.remove(shop.workspace_id, "main")
    assert fault(shop, server, tls=True, ca_file="/nowhere/ca.pem") == Said.CA_UNREADABLE


@pytest.mark.parametrize("field", ["host", "user", "password"])
def test_what_would_be_a_command_is_refused(shop, field):
    with pytest.raises(MailboxText):
        mailboxes.add(shop.workspace_id, "main", at(995, **{field: "x\r\nDELE 1"}))


def test_a_look_counts_and_marks_nothing(shop, server, drop):
    mailboxes.add(shop.workspace_id, "main", at(server[0], delete=True))
    drop.put(a_letter("停止"))
    assert (mailboxes.look(shop.workspace_id, "main"), len(drop.mails), drop.read) == (1, 1, [])
