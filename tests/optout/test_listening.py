"""Our own door for mail takes every no, relays nothing, and says 250 only when it is done."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
import tracemalloc
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.optout.certificates import a_certificate
from tests.optout.journals import a_home
from tests.optout.ways import a_bounce, a_letter, an_address, desk, is_invalid, never, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import sent

from shodaku.consent import selectors as consents
from shodaku.delivery import services as delivery
from shodaku.kit import erasure_journal
from shodaku.optout import listening, services
from shodaku.optout.listening import Door, Limits, NoSuchPlace, Place, PlaceTaken, Traffic, parse_place

pytestmark = pytest.mark.usefixtures("database")
STARTED_SECONDS_MAX = 10
CHUNK = b"x" * 998 + b"\r\n"


class Clock:
    def __init__(self):
        self.now = datetime.now(UTC)  # noqa: TID251 - a test is an edge

    def __call__(self):
        return self.now


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def clock():
    return Clock()


@contextmanager
def a_door(clock, *, limits=None, lmtp=None, tls=None):
    """The port of SMTP; or the path of LMTP."""
    door = Door(clock, traffic=Traffic(limits or Limits()))
    ready, told, loops = threading.Event(), [], []

    async def run():
        stopped = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stopped))

        def opened(places):
            told.extend(places)
            ready.set()

        await listening.serve(
            door,
            smtp=[] if lmtp else [Place("127.0.0.1", 0)],
            lmtp=[Place(path=str(lmtp))] if lmtp else [],
            tls=tls,
            hostname="mail.aoi.example",
            stopped=stopped,
            opened=opened,
        )

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(STARTED_SECONDS_MAX)
    try:
        yield str(lmtp) if lmtp else int(told[0].rpartition(":")[2])
    finally:
        loop, stopped = loops[0]
        loop.call_soon_threadsafe(stopped.set)
        thread.join(STARTED_SECONDS_MAX)
        door.threads.shutdown()
        assert not thread.is_alive()


def hand_in(port, to, raw, sender="somebody@example.jp"):
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        return client.sendmail(sender, to if isinstance(to, list) else [to], raw)


def test_a_mail_to_the_signed_address_is_done_when_250_is_said(shop, clock):
    contact_id = a_reader(shop)
    with a_door(clock) as port:
        hand_in(port, f"o+{token(shop, contact_id)}@aoi.example", a_letter())
        assert scopes(shop, contact_id) == ["all"]


def test_each_signed_address_of_one_mail_is_obeyed(shop, clock):
    readers = [a_reader(shop) for _ in range(3)]
    with a_door(clock) as port:
        hand_in(port, [f"o+{token(shop, each)}@aoi.example" for each in readers], a_letter())
    assert [scopes(shop, each) for each in readers] == [["all"]] * 3


@pytest.mark.parametrize("to", ["someone@else.example", "o+" + "0" * 62 + "@aoi.example", "postmaster"])
def test_what_is_not_ours_is_refused_and_passed_on_to_nobody(shop, clock, to):
    with a_door(clock) as port, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        hand_in(port, to, a_letter("stop"))
    assert {code for code, _ in refused.value.recipients.values()} == {550}


def test_a_reply_to_an_address_of_the_workspace_is_read_until_it_is_closed(shop, clock):
    address, to = an_address(), f"Info-{shop.slug}@aoi.example"
    contact_id = a_reader(shop, address)
    delivery.open_inbound_address(shop.workspace_id, to, now=clock())
    with a_door(clock) as port:
        hand_in(port, to.upper(), a_letter("もう送らないでください", sender=address, to=to), address)
        assert scopes(shop, contact_id) == ["all"]
        delivery.close_inbound_address(shop.workspace_id, to)
        clock.now += timedelta(minutes=1)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            hand_in(port, to, a_letter("stop", sender=address), address)


def test_an_automatic_reply_and_the_null_return_path_change_nothing(shop, clock):
    contact_id = a_reader(shop)
    to = f"b+{token(shop, contact_id)}@aoi.example"
    with a_door(clock) as port:
        hand_in(port, to, a_letter("stop", head=["Auto-Submitted: auto-replied"]))
        hand_in(port, to, a_letter("stop"), sender="")
    assert (scopes(shop, contact_id), desk(shop)) == ([], [])


def test_a_bounce_to_its_return_path_ends_the_address_and_not_the_consent(shop, clock):
    contact_id = a_reader(shop)
    mailing_id = sent(shop, contact_id, clock() - timedelta(hours=1))
    to = f"b+{token(shop, contact_id, mailing_id)}@aoi.example"
    with a_door(clock) as port:
        hand_in(port, to, a_bounce(to=to), sender="")
    assert (is_invalid(shop, contact_id), scopes(shop, contact_id)) == (True, [])
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"active"}


def test_a_bounce_without_a_token_of_ours_ends_no_address(shop, clock):
    address, to = an_address(), f"bounces-{shop.slug}@aoi.example"
    contact_id = a_reader(shop, address)
    sent(shop, contact_id, clock() - timedelta(hours=1))
    delivery.open_inbound_address(shop.workspace_id, to, now=clock())
    with a_door(clock) as port:
        hand_in(port, to, a_bounce(address, to=to), sender="")
    assert (is_invalid(shop, contact_id), never(shop, address)) == (False, None)


def stream(port, to, megabytes, text):
    """A mail that nobody holds in memory, this test included."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        said = connection.makefile("rb")
        said.readline()
        for line in ("HELO x", "MAIL FROM:<a@example.jp>", f"RCPT TO:<{to}>", "DATA"):
            connection.sendall(line.encode() + b"\r\n")
            said.readline()
        connection.sendall(f"From: a@example.jp\r\nTo: {to}\r\n\r\n{text}\r\n-- \r\n".encode())
        block = CHUNK * 100
        for _ in range(megabytes * 10):
            connection.sendall(block)
        connection.sendall(b".\r\n")
        return said.readline()


def test_of_a_mail_of_30_mb_the_first_is_read_and_little_is_held(shop, clock):
    contact_id = a_reader(shop)
    with a_door(clock) as port:
        tracemalloc.start()
        try:
            reply = stream(port, f"b+{token(shop, contact_id)}@aoi.example", 30, "配信停止")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (reply[:3], scopes(shop, contact_id)) == (b"250", ["all"])
    assert peak < 12_000_000


def test_a_mail_without_end_is_refused_and_the_next_one_taken(shop, clock, monkeypatch):
    monkeypatch.setattr(listening, "ACCEPTED_BYTES_MAX", 2_000_000)
    contact_id = a_reader(shop)
    to = f"o+{token(shop, contact_id)}@aoi.example"
    with a_door(clock) as port:
        assert stream(port, to, 3, "x")[:3] == b"552"
        assert scopes(shop, contact_id) == []
        hand_in(port, to, a_letter())
    assert scopes(shop, contact_id) == ["all"]


def raw_talk(port, data):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data + b"QUIT\r\n")
        said = b""
        with suppress(TimeoutError):
            while b"221" not in said and (more := connection.recv(65_536)):
                said += more
    return said.decode().splitlines()


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\r\n.\n"])
def test_nothing_is_smuggled_in_behind_an_end_that_is_none(shop, clock, end):
    first, second = a_reader(shop), a_reader(shop)
    head = b"HELO x\r\nMAIL FROM:<a@example.jp>\r\n"
    to_first = f"RCPT TO:<b+{token(shop, first)}@aoi.example>\r\n".encode()
    to_second = f"RCPT TO:<o+{token(shop, second)}@aoi.example>\r\n".encode()
    mail = b"DATA\r\nFrom: a@example.jp\r\n\r\nhello" + end
    with a_door(clock) as port:
        said = raw_talk(
            port,
            head + to_first + mail + b"MAIL FROM:<b@example.jp>\r\n" + to_second + b"DATA\r\nx\r\n.\r\n",
        )
    assert sum(line.startswith("354") for line in said) == 1
    assert scopes(shop, second) == []


def test_a_line_longer_than_any_buffer_is_read_and_dots_are_taken_off(shop, clock):
    contact_id = a_reader(shop)
    text = "x" * 300_000 + "\r\n..\r\n"
    with a_door(clock) as port:
        hand_in(port, f"o+{token(shop, contact_id)}@aoi.example", a_letter(text))
    assert scopes(shop, contact_id) == ["all"]


@pytest.mark.parametrize(
    "line", [b"A" * 100_000, b"MAIL FROM:<a b>", b"\xff\xfe", b"RCPT", b"AUTH PLAIN", b"VRFY a@example.jp"]
)
def test_nonsense_is_answered_and_ends_nothing(shop, clock, line):
    contact_id = a_reader(shop)
    with a_door(clock) as port:
        assert raw_talk(port, b"EHLO x\r\n" + line + b"\r\n")[-1].startswith("221")
        hand_in(port, f"o+{token(shop, contact_id)}@aoi.example", a_letter())
    assert scopes(shop, contact_id) == ["all"]


def test_who_sends_too_fast_is_slowed_and_nothing_is_lost(shop, clock):
    readers, codes = [a_reader(shop) for _ in range(6)], []
    waiting = list(readers)
    with a_door(clock, limits=Limits(mails_a_minute=2, neighbours_too=True)) as port:
        while waiting:
            try:
                hand_in(port, f"o+{token(shop, waiting[0])}@aoi.example", a_letter())
                waiting.pop(0)
            except smtplib.SMTPSenderRefused as refused:
                codes.append(refused.smtp_code)
                clock.now += timedelta(minutes=1)
    assert codes == [450, 450]
    assert [scopes(shop, each) for each in readers] == [["all"]] * 6


def test_too_many_connections_of_one_network_are_told_to_come_again(clock):
    with a_door(clock, limits=Limits(connections_of_network=2, neighbours_too=True)) as port:
        with smtplib.SMTP("127.0.0.1", port), smtplib.SMTP("127.0.0.1", port):
            with pytest.raises(smtplib.SMTPConnectError) as refused:
                smtplib.SMTP("127.0.0.1", port)
            assert refused.value.smtp_code == 421
        with smtplib.SMTP("127.0.0.1", port) as client:
            assert client.noop()[0] == 250


def test_the_mail_server_of_this_machine_is_never_slowed():
    traffic = Traffic(Limits(mails_a_minute=0))
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    assert [traffic.network(peer) for peer in (("127.0.0.1", 1), ("::1", 1, 0, 0), "", None)] == [""] * 4
    assert traffic.is_too_fast(traffic.network(("203.0.113.9", 1)), now)
    assert not traffic.is_too_fast("", now)
    assert traffic.network(("203.0.113.1", 1)) == traffic.network(("203.0.113.9", 2))


def test_more_recipients_than_a_mail_may_have_are_sent_for_later(shop, clock, monkeypatch):
    monkeypatch.setattr(listening, "RECIPIENTS_MAX", 1)
    first, second = a_reader(shop), a_reader(shop)
    with a_door(clock) as port:
        refused = hand_in(
            port, [f"o+{token(shop, each)}@aoi.example" for each in (first, second)], a_letter()
        )
    assert [code for code, _ in refused.values()] == [452]
    assert (scopes(shop, first), scopes(shop, second)) == (["all"], [])


def away(*_arguments):
    raise psycopg.OperationalError


def test_while_the_database_is_away_a_no_is_written_down_and_everything_else_comes_again(
    shop, clock, monkeypatch, tmp_path
):
    contact_id = a_reader(shop)
    leaving, bouncing = (f"{way}+{token(shop, contact_id)}@aoi.example" for way in "ob")
    with a_home(tmp_path) as journal:
        with a_door(clock) as port, monkeypatch.context() as patched:
            patched.setattr(listening, "receive_mail", away)
            hand_in(port, leaving, a_letter())
            with pytest.raises(smtplib.SMTPDataError) as refused:
                hand_in(port, bouncing, a_letter("stop"))
        assert (refused.value.smtp_code, scopes(shop, contact_id)) == (451, [])
        assert services.settle_received(clock()) == 1
        assert scopes(shop, contact_id) == ["all"]
        assert [line.kind for line in erasure_journal.read(journal.file)] == ["refusal"]


def test_a_journal_that_cannot_be_written_keeps_the_mail_with_its_server(shop, clock, monkeypatch):
    contact_id = a_reader(shop)

    def full(*_arguments):
        raise erasure_journal.JournalUnwritable

    with a_door(clock) as port:
        monkeypatch.setattr(listening, "receive_mail", away)
        monkeypatch.setattr(listening, "receive", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            hand_in(port, f"o+{token(shop, contact_id)}@aoi.example", a_letter())
    assert refused.value.smtp_code == 451


def test_a_fault_of_ours_keeps_the_mail_with_its_server(shop, clock, monkeypatch):
    contact_id = a_reader(shop)
    monkeypatch.setattr(listening, "receive_mail", lambda *_: 1 / 0)
    with a_door(clock) as port, pytest.raises(smtplib.SMTPDataError) as refused:
        hand_in(port, f"o+{token(shop, contact_id)}@aoi.example", a_letter())
    assert refused.value.smtp_code == 451


def test_lmtp_answers_once_for_each_recipient(shop, clock, tmp_path, monkeypatch):
    first, second = a_reader(shop), a_reader(shop)
    real = listening.receive_mail

    def half(workspace_id, raw, now, envelope):
        if token(shop, second) in envelope.recipients[0]:
            raise psycopg.InterfaceError
        return real(workspace_id, raw, now, envelope)

    monkeypatch.setattr(listening, "receive_mail", half)
    with a_door(clock, lmtp=tmp_path / "lmtp") as path, smtplib.LMTP(path) as client:
        to = [f"o+{token(shop, first)}@aoi.example", f"b+{token(shop, second)}@aoi.example"]
        client.ehlo("x")  # says LHLO
        client.mail("a@example.jp")
        assert [client.rcpt(each)[0] for each in to] == [250, 250]
        assert client.docmd("DATA")[0] == 354
        client.send(a_letter("stop") + b".\r\n")
        assert [client.getreply()[0], client.getreply()[0]] == [250, 451]
        assert client.docmd("EHLO x")[0] == 500
    assert (scopes(shop, first), scopes(shop, second)) == (["all"], [])
    assert not (tmp_path / "lmtp").exists()


def test_a_socket_that_a_killed_process_left_is_taken_over(shop, clock, tmp_path):
    contact_id = a_reader(shop)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "lmtp"))
    left.close()
    with a_door(clock, lmtp=tmp_path / "lmtp") as path, smtplib.LMTP(path) as client:
        client.sendmail("a@example.jp", [f"o+{token(shop, contact_id)}@aoi.example"], a_letter())
    assert scopes(shop, contact_id) == ["all"]


def test_with_a_certificate_the_mail_comes_encrypted(shop, clock, tmp_path):
    contact_id = a_reader(shop)
    certificate, key = a_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)
    with a_door(clock, tls=context) as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        assert client.starttls(context=trusting)[0] == 220
        client.ehlo()
        assert not client.has_extn("auth")
        client.sendmail("a@example.jp", [f"o+{token(shop, contact_id)}@aoi.example"], a_letter())
    assert scopes(shop, contact_id) == ["all"]


@pytest.mark.parametrize("text", ["", "25", "host:", "host:x", "host:70000", "unix:relative", "host:-1"])
def test_what_is_no_place_to_listen_at_is_refused(text):
    with pytest.raises(NoSuchPlace):
        parse_place(text)


def test_places_are_read_as_they_are_written():
    assert parse_place("127.0.0.1:25") == Place("127.0.0.1", 25)
    assert parse_place("[::1]:25") == Place("::1", 25)
    assert str(parse_place("unix:/run/x")) == "unix:/run/x"


def test_a_place_that_is_taken_is_said(clock):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        serving = listening.serve(
            Door(clock),
            smtp=[Place(*other.getsockname())],
            lmtp=[],
            tls=None,
            hostname="x",
            stopped=asyncio.Event(),
        )
        with pytest.raises(PlaceTaken):
            asyncio.run(serving)
