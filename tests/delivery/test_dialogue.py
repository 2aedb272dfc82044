"""What is said on one connection, line by line, and what no server may make us believe."""

import pytest
from tests.examples import NOW, READER

from shodaku.delivery.transports.dialogue import Dialogue, Login, Manner, Tls
from shodaku.delivery.transports.faults import UnsafeEnvelope
from shodaku.delivery.transports.job import Job, Outcome, Stage, Verdict
from shodaku.policy.domain import decide

PERMIT = decide(READER, NOW)
GREETING = b"220 hello\r\n250-me\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n"
ONE_AT_A_TIME = b"220 hello\r\n250 me\r\n"


class Talk:
    """A dialogue with its owner and its batch; `said` is what the server heard since the last look."""

    def __init__(self, recipients=(), *, revoked=(), eight_bit=False, **manner):
        self.buffers, self.closed, self.troubles, self.answers = [], False, [], 0
        self.outcomes, self.idles, self.encrypting, self.now = {}, 0, False, 0.0
        self.jobs = [Job(self, PERMIT, b"v@x.jp", recipient, eight_bit=eight_bit) for recipient in recipients]
        self.revoked, self.asked_for_eight_bit = revoked, []
        self.dialogue = Dialogue(
            self,
            self.buffers.extend,
            self._close,
            Manner(**{"tls": Tls.NONE, "name": "us.example.jp"} | manner),
            lambda: self.now,
        )

    def _close(self):
        self.closed = True

    def take(self):
        return self.jobs.pop(0) if self.jobs else None

    def idle(self, dialogue):
        self.idles += 1
        dialogue.kick()

    def start_tls(self, dialogue):
        self.encrypting = True

    def answered(self):
        self.answers += 1

    def refused(self, outcome):
        self.troubles.append(outcome.text)

    def may_begin(self, job):
        return True

    def content(self, job, *, eight_bit=False):
        self.asked_for_eight_bit.append(eight_bit)
        return None if job.recipient in self.revoked else [b"To: %b\r\n\r\n" % job.recipient, b"..x\r\n"]

    def outcome(self, job, outcome):
        assert job.recipient not in self.outcomes, "told twice"
        self.outcomes[job.recipient] = outcome

    def hear(self, data):
        self.buffers.clear()
        self.dialogue.feed(data)
        return b"".join(self.buffers)


def content(recipient):
    return b"To: %b\r\n\r\n..x\r\n.\r\n" % recipient


ENVELOPE = b"MAIL FROM:<v@x.jp>\r\nRCPT TO:<%b>\r\nDATA\r\n"
YES = b"250 Ok\r\n250 Ok\r\n354 go\r\n"


def test_one_message_costs_one_write_and_the_next_envelope_rides_with_it():
    talk = Talk([b"a@y.jp", b"b@y.jp"])
    assert talk.hear(b"220 hello\r\n") == b"EHLO us.example.jp\r\n"
    assert talk.hear(GREETING[11:]) == ENVELOPE % b"a@y.jp"
    assert talk.hear(YES) == content(b"a@y.jp") + ENVELOPE % b"b@y.jp"
    assert talk.hear(b"250 2.0.0 queued\r\n" + YES) == content(b"b@y.jp")
    assert talk.hear(b"250 2.0.0 queued\r\n") == b""
    accepted = Outcome(Verdict.ACCEPTED, Stage.END_OF_DATA, 250, "2.0.0 queued")
    assert talk.outcomes == {b"a@y.jp": accepted, b"b@y.jp": accepted}
    assert (talk.idles, talk.answers, talk.troubles) == (2, 2, [])


def test_a_server_without_pipelining_hears_one_command_at_a_time():
    talk = Talk([b"a@y.jp"])
    assert talk.hear(ONE_AT_A_TIME) == b"EHLO us.example.jp\r\nMAIL FROM:<v@x.jp>\r\n"
    assert talk.hear(b"250 Ok\r\n") == b"RCPT TO:<a@y.jp>\r\n"
    assert talk.hear(b"250 Ok\r\n") == b"DATA\r\n"
    assert talk.hear(b"354 go\r\n") == content(b"a@y.jp")


def test_replies_may_arrive_in_any_pieces():
    talk = Talk([b"a@y.jp"])
    for byte in GREETING + YES + b"250 2.0.0 queued\r\n":
        talk.dialogue.feed(bytes([byte]))
    assert talk.outcomes[b"a@y.jp"].verdict is Verdict.ACCEPTED


def test_several_lines_of_a_reply_are_kept_as_one_without_addresses():
    talk = Talk([b"a@y.jp"])
    talk.hear(GREETING)
    talk.hear(b"250 Ok\r\n550-5.1.1 The user <a@y.jp>\r\n550 5.1.1 is\tnot here\r\n503 no\r\n")
    assert talk.outcomes[b"a@y.jp"] == Outcome(
        Verdict.FAILED, Stage.RCPT, 550, "5.1.1 The user <…> 5.1.1 is not here"
    )
    assert talk.outcomes[b"a@y.jp"].enhanced_code == "5.1.1"


def test_a_content_is_never_sent_to_nobody():
    talk = Talk([b"a@y.jp"])
    talk.hear(GREETING)
    assert talk.hear(b"250 Ok\r\n550 no\r\n354 go all the same\r\n") == b".\r\n"
    assert talk.hear(b"554 no valid recipients\r\n") == b""
    assert talk.outcomes[b"a@y.jp"].verdict is Verdict.FAILED


def test_who_is_revoked_after_the_envelope_gets_not_even_an_empty_message():
    talk = Talk([b"a@y.jp"], revoked=[b"a@y.jp"])
    talk.hear(GREETING)
    assert talk.hear(YES) == b""
    assert talk.closed
    assert talk.outcomes[b"a@y.jp"].verdict is Verdict.UNTOUCHED


@pytest.mark.parametrize(
    ("replies", "verdict", "stage"),
    [
        (b"550 no\r\n503 no\r\n503 no\r\n", Verdict.FAILED, Stage.MAIL),
        (b"250 Ok\r\n450 later\r\n503 no\r\n", Verdict.DEFERRED, Stage.RCPT),
        (b"250 Ok\r\n250 Ok\r\n451 later\r\n", Verdict.DEFERRED, Stage.DATA),
        (b"250 Ok\r\n421 going\r\n", Verdict.DEFERRED, Stage.RCPT),
        (b"250 Ok\r\n250 Ok\r\n250 what?\r\n", Verdict.UNTOUCHED, Stage.DATA),  # no 354: nothing was sent
        (b"250 Ok\r\n250 Ok\r\nxyzzy\r\n", Verdict.UNTOUCHED, Stage.CONNECT),
        (YES + b"550 spam\r\n", Verdict.FAILED, Stage.END_OF_DATA),
        (YES + b"451 later\r\n", Verdict.DEFERRED, Stage.END_OF_DATA),
        (YES + b"421 going\r\n", Verdict.DEFERRED, Stage.END_OF_DATA),
        (YES + b"354 more?\r\n", Verdict.UNCERTAIN, Stage.END_OF_DATA),
        (YES + b"xyzzy\r\n", Verdict.UNCERTAIN, Stage.END_OF_DATA),
        (YES, Verdict.UNCERTAIN, Stage.END_OF_DATA),
        (b"250 Ok\r\n", Verdict.UNTOUCHED, Stage.CONNECT),
    ],
)
@pytest.mark.parametrize("greeting", [GREETING, ONE_AT_A_TIME])
def test_the_verdict_says_whether_the_message_may_be_sent_again(replies, verdict, stage, greeting):
    talk = Talk([b"a@y.jp"])
    talk.hear(greeting)
    for line in replies.splitlines(keepends=True) if greeting is ONE_AT_A_TIME else [replies]:
        if b"a@y.jp" not in talk.outcomes and not talk.closed:
            talk.hear(line)
    talk.dialogue.lost()
    assert talk.outcomes[b"a@y.jp"][:2] == (verdict, stage)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"hello\r\n",
        b"199 hello\r\n",
        b"620 hello\r\n",
        b"220:hello\r\n",
        b"\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"2" * 9000,
        b"220-x\r\n" * 101,
    ],
)
def test_what_is_no_reply_ends_the_connection(nonsense):
    talk = Talk([b"a@y.jp"])
    talk.hear(nonsense)
    assert talk.closed
    assert talk.troubles
    assert talk.outcomes == {}


def test_an_idle_connection_may_be_ended_by_the_server_without_any_trouble():
    talk = Talk()
    talk.hear(GREETING)
    talk.hear(b"421 4.4.2 idle too long\r\n")
    talk.dialogue.lost()
    assert (talk.closed, talk.troubles) == (True, [])


def test_after_the_last_message_of_a_connection_we_say_goodbye():
    talk = Talk([b"a@y.jp", b"b@y.jp"], messages_max=1)
    talk.hear(GREETING)
    assert talk.hear(YES) == content(b"a@y.jp")
    assert talk.hear(b"250 queued\r\n") == b"QUIT\r\n"
    talk.hear(b"221 bye\r\n")
    assert (talk.closed, talk.troubles, len(talk.jobs)) == (True, [], 1)


def test_whole_messages_are_under_way_where_the_server_takes_chunks():
    talk = Talk([b"a@y.jp", b"b@y.jp", b"c@y.jp"], chunking_depth=2)
    whole = b"RSET\r\nMAIL FROM:<v@x.jp>\r\nRCPT TO:<%b>\r\nBDAT 18 LAST\r\nTo: %b\r\n\r\n.x\r\n"
    talk.hear(GREETING[:11])
    assert talk.hear(GREETING[11:]) == whole % (b"a@y.jp", b"a@y.jp") + whole % (b"b@y.jp", b"b@y.jp")
    assert talk.hear(b"250 Ok\r\n" * 4) == whole % (b"c@y.jp", b"c@y.jp")
    talk.hear(b"250 Ok\r\n250 Ok\r\n550 no\r\n503 no\r\n")
    talk.dialogue.lost()
    verdicts = [talk.outcomes[recipient].verdict for recipient in (b"a@y.jp", b"b@y.jp", b"c@y.jp")]
    assert verdicts == [Verdict.ACCEPTED, Verdict.FAILED, Verdict.UNCERTAIN]


def test_chunks_are_not_sent_ahead_to_a_server_that_takes_one_command_at_a_time():
    talk = Talk([b"a@y.jp"], chunking_depth=2)
    assert talk.hear(b"220 hello\r\n250-me\r\n250 CHUNKING\r\n").endswith(b"MAIL FROM:<v@x.jp>\r\n")


def test_after_a_refused_data_the_transaction_is_reset_before_the_next():
    talk = Talk([b"a@y.jp", b"b@y.jp"])
    talk.hear(GREETING)
    assert talk.hear(b"250 Ok\r\n250 Ok\r\n451 later\r\n") == b"RSET\r\n" + ENVELOPE % b"b@y.jp"
    assert talk.hear(b"250 Ok\r\n" + YES) == content(b"b@y.jp")


@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("offered", [True, False])
@pytest.mark.parametrize("eight_bit", [True, False])
def test_8bit_is_asked_for_and_announced_only_where_letter_and_server_allow_it(depth, offered, eight_bit):
    talk = Talk([b"a@y.jp"], eight_bit=eight_bit, chunking_depth=depth)
    heard = talk.hear(GREETING if offered else GREETING.replace(b"8BITMIME", b"ETRN"))
    heard += talk.hear(b"250 Ok\r\n" + YES if depth else YES)
    announced = b"MAIL FROM:<v@x.jp> BODY=8BITMIME\r\n" in heard
    assert (announced, talk.asked_for_eight_bit) == (offered and eight_bit, [offered and eight_bit])
    assert announced or b"MAIL FROM:<v@x.jp>\r\n" in heard


def test_what_a_server_offered_before_encryption_is_no_reason_to_send_8bit():
    talk = Talk([b"a@y.jp"], eight_bit=True, tls=Tls.REQUIRE)
    talk.hear(b"220 hello\r\n250-me\r\n250-8BITMIME\r\n250 STARTTLS\r\n220 go\r\n")
    talk.dialogue.secured()
    assert b"MAIL FROM:<v@x.jp>\r\n" in talk.hear(b"250-me\r\n250 PIPELINING\r\n")


def sized(*sizes):
    talk = Talk()
    talk.jobs = [
        Job(talk, PERMIT, b"v@x.jp", f"{number}@y.jp".encode(), octets_min=size)
        for number, size in enumerate(sizes)
    ]
    return talk


def test_what_is_larger_than_the_server_takes_fails_at_once_and_the_next_one_goes():
    talk = sized(10_001, 10_000, 20_000)
    heard = talk.hear(GREETING.replace(b"CHUNKING", b"SIZE 10000"))
    assert heard.endswith(ENVELOPE % b"1@y.jp")
    assert talk.outcomes == {
        b"0@y.jp": Outcome(
            Verdict.FAILED,
            Stage.MAIL,
            0,
            "5.3.4 The message has 10001 bytes, and the server takes at most 10000 (SIZE).",
        )
    }
    assert talk.hear(YES) == content(b"1@y.jp")
    assert talk.outcomes[b"2@y.jp"].enhanced_code == "5.3.4"
    assert not talk.closed


@pytest.mark.parametrize(
    "offered", [b"SIZE", b"SIZE 0", b"SIZE many", b"SIZE -1", b"SIZE " + b"9" * 30, b"ETRN"]
)
def test_a_server_that_names_no_size_that_can_be_read_is_asked(offered):
    talk = sized(10**9)
    assert talk.hear(GREETING.replace(b"CHUNKING", offered)).endswith(ENVELOPE % b"0@y.jp")


STARTTLS = b"220 hello\r\n250-me\r\n250-AUTH=LOGIN PLAIN\r\n250 STARTTLS\r\n"


def test_after_encryption_all_that_was_offered_before_is_forgotten():
    talk = Talk([b"a@y.jp"], tls=Tls.REQUIRE, login=Login("u", "p"))
    assert talk.hear(STARTTLS).endswith(b"STARTTLS\r\n")
    talk.hear(b"220 go\r\n")
    assert talk.encrypting
    talk.buffers.clear()
    talk.dialogue.secured()
    assert b"".join(talk.buffers) == b"EHLO us.example.jp\r\n"
    talk.hear(b"250 me\r\n")
    assert talk.troubles == ["The server offers no known way to log in (AUTH PLAIN or LOGIN)."]


def test_where_encryption_is_tried_a_server_that_cannot_just_now_is_used_without():
    talk = Talk([b"a@y.jp"], tls=Tls.TRY)
    talk.hear(STARTTLS)
    assert talk.hear(b"454 not now\r\n") == b"MAIL FROM:<v@x.jp>\r\n"
    talk = Talk([b"a@y.jp"], tls=Tls.REQUIRE)
    talk.hear(STARTTLS)
    assert talk.hear(b"454 not now\r\n") == b""
    assert (talk.closed, talk.troubles) == (True, ["not now"])


def test_a_question_that_no_login_asks_gets_no_password():
    talk = Talk(tls=Tls.REQUIRE, login=Login("u", "p"))
    talk.hear(STARTTLS)
    talk.hear(b"220 go\r\n")
    talk.dialogue.secured()
    assert talk.hear(b"250-me\r\n250 AUTH=PLAIN\r\n").startswith(b"AUTH PLAIN ")
    assert talk.hear(b"334 once more\r\n") == b""
    assert talk.closed


def test_a_reply_is_waited_for_300_seconds_and_600_after_the_dot():
    talk = Talk([b"a@y.jp"])
    talk.hear(GREETING)
    assert [talk.dialogue.overdue(now) for now in (300.0, 300.1)] == [False, True]
    talk.hear(YES)
    assert [talk.dialogue.overdue(now) for now in (600.0, 600.1)] == [False, True]
    talk.now = 100.0
    talk.hear(b"250 queued\r\n")
    assert not talk.dialogue.overdue(9999.0)


@pytest.mark.parametrize("greeted", [False, True])
def test_f45_a_byte_a_second_is_waited_for_no_longer_than_silence(greeted):
    """Lines that go on, or one line without end: what is no whole reply moves no deadline."""
    talk = Talk([b"a@y.jp"])
    if greeted:
        talk.hear(GREETING)
    for second, byte in enumerate((b"250-wait\r\n" * 20 + b"x" * 200)[:300], start=1):
        talk.now = float(second)
        talk.dialogue.feed(bytes([byte]))
        assert not talk.dialogue.overdue(talk.now)
    assert talk.dialogue.overdue(300.1)
    talk.dialogue.lost()
    assert [each.verdict for each in talk.outcomes.values()] == [Verdict.UNTOUCHED] * greeted
    assert len(talk.jobs) == (not greeted)  # nobody was taken before the greeting


def test_when_the_content_cannot_be_made_the_job_still_has_its_outcome():
    class Failing(Talk):
        def content(self, job, *, eight_bit=False):
            raise ArithmeticError

    talk = Failing([b"a@y.jp"])
    talk.hear(GREETING)
    with pytest.raises(ArithmeticError):
        talk.hear(YES)
    talk.dialogue.lost()
    assert talk.outcomes[b"a@y.jp"].verdict is Verdict.UNTOUCHED
    assert talk.closed


def test_a_transport_takes_nothing_but_a_permit():
    with pytest.raises(TypeError, match=r"Permit|tuple"):
        Job(Talk(), None, b"v@x.jp", b"a@y.jp")


@pytest.mark.parametrize(
    "address", [b"a@y.jp>\r\nRCPT TO:<v@x.jp", b"a b@y.jp", b"a@y.jp\n", b"\xe5\xb1\xb1@y.jp", b"<a@y.jp"]
)
def test_what_would_be_a_second_command_is_no_envelope(address):
    for envelope in ((b"v@x.jp", address), (address, b"a@y.jp")):
        with pytest.raises(UnsafeEnvelope):
            Job(Talk(), PERMIT, *envelope)
    with pytest.raises(UnsafeEnvelope):
        Job(Talk(), PERMIT, b"v@x.jp", b"")
