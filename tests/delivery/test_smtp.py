"""Whatever server and network do: every job gets exactly one outcome, and the outcome is true."""

import asyncio
import base64
import collections
import random
import ssl

import pytest
from tests.delivery.relay_stub import FAULTS, StubServer, certificate, running, serving
from tests.examples import NOW, READER

from shodaku.delivery.transports.dialogue import Login, Manner, Tls
from shodaku.delivery.transports.job import Job, Stage, Verdict
from shodaku.delivery.transports.memory import MemoryRelay
from shodaku.delivery.transports.sentences import Sentence
from shodaku.delivery.transports.smtp import Relay, probe, usual_tls
from shodaku.policy.domain import decide

PLAIN = Manner(tls=Tls.NONE)
PERMIT = decide(READER, NOW)


class Letters:
    """A batch of test messages."""

    def __init__(self, names, *, revoked=(), eight_bit=False):
        self.outcomes = collections.defaultdict(list)
        self.asked, self.in_eight_bit = [], set()
        self.jobs = [
            Job(
                self,
                PERMIT,
                b"mail451@x.jp" if name.startswith("mail451") else b"b@x.jp",
                f"{name}@y.jp".encode(),
                eight_bit=eight_bit,
            )
            for name in names
        ]
        self.revoked = set(revoked)
        self.begins = True
        self.left, self.done = len(self.jobs), asyncio.Event()

    def may_begin(self, job):
        return self.begins

    def content(self, job, *, eight_bit=False):
        self.asked.append(job.recipient)
        self.in_eight_bit.add(eight_bit)
        return (
            None
            if job.recipient in self.revoked
            else [b"To: %b\r\n\r\n" % job.recipient, b"x" * 200 + b"\r\n"]
        )

    def outcome(self, job, outcome):
        self.outcomes[job.recipient].append(outcome)
        self.left -= 1
        if not self.left:
            self.done.set()

    def verdicts(self):
        return collections.Counter(outcome.verdict for (outcome,) in self.outcomes.values())


async def finished(letters):
    async with asyncio.timeout(15):
        await letters.done.wait()


async def arrived(server):
    async with asyncio.timeout(15):
        await server.took.wait()


async def send(server, letters, relay_of):
    """Send all letters and close; the relay."""
    async with running(server) as port:
        relay = relay_of(port)
        relay.submit(letters.jobs)
        await finished(letters)
        await relay.close()
    return relay


def one_connection(port):
    return Relay("127.0.0.1", port, 1, manner=PLAIN)


EXTENSIONS = [
    ("PIPELINING", "8BITMIME"),
    ("PIPELINING",),
    ("8BITMIME",),
    (),
    ("PIPELINING", "CHUNKING", "8BITMIME"),
    ("CHUNKING",),
]


STAGES = {"rcpt": Stage.RCPT, "mail": Stage.MAIL, "data": Stage.DATA, "dot": Stage.END_OF_DATA}


@pytest.mark.parametrize("seed", range(30))
def test_every_outcome_is_given_once_and_is_true(seed):
    rnd = random.Random(seed)
    extensions, faulty = EXTENSIONS[seed % len(EXTENSIONS)], (0.0, 0.05, 0.4, 1.0)[seed % 4]
    names = [f"{rnd.choice(FAULTS) if rnd.random() < faulty else 'fine'}.{number}" for number in range(60)]
    greetings = [
        rnd.choice(["421 busy", "554 no", "garbage", "", "220 hi"]) for _ in range(rnd.choice([0, 1]))
    ]
    manner = Manner(
        tls=Tls.NONE,
        chunking_depth=rnd.choice([0, 3]),
        messages_max=rnd.choice([5, 1000]),
    )
    connections, eight_bit = rnd.choice([1, 4, 8]), rnd.random() < 0.5
    server = StubServer(extensions, greetings)

    async def trial():
        revoked = {b"%b@y.jp" % name.encode() for name in names if rnd.random() < 0.02}
        outcomes = collections.defaultdict(list)
        async with running(server) as port:
            relay = Relay("127.0.0.1", port, connections, manner=manner)
            again = names
            for _ in range(100):  # as the engine does: what was not touched goes back and comes again
                letters = Letters(again, revoked=revoked, eight_bit=eight_bit)
                relay.retry_at = 0.0  # the pause is over
                relay.submit(letters.jobs)
                await finished(letters)
                assert letters.in_eight_bit <= {eight_bit and "8BITMIME" in extensions}
                for recipient, (outcome,) in letters.outcomes.items():
                    outcomes[recipient].append(outcome)
                again = [
                    name
                    for name in again
                    if outcomes[recipient := b"%b@y.jp" % name.encode()][-1].verdict is Verdict.UNTOUCHED
                    if recipient not in revoked and not name.startswith("drop_at_rcpt")
                ]
                if not again:
                    break
            await relay.close()
        return outcomes, revoked

    outcomes, revoked = asyncio.run(trial())
    assert server.empty == 0
    for recipient, (*earlier, outcome) in outcomes.items():
        fault, times = recipient.partition(b".")[0].decode(), server.accepted[recipient]
        assert {early.verdict for early in earlier} <= {Verdict.UNTOUCHED}
        assert times <= (recipient not in revoked)
        assert outcome.verdict is Verdict.UNCERTAIN or times == (outcome.verdict is Verdict.ACCEPTED), outcome
        if outcome.verdict is Verdict.UNTOUCHED:
            assert fault == "drop_at_rcpt" or recipient in revoked
        if outcome.verdict in (Verdict.FAILED, Verdict.DEFERRED) and fault[-3:].isdigit():
            assert (outcome.stage, outcome.code) == (STAGES[fault[:-3]], int(fault[-3:]))


def test_a_healthy_relay_takes_everything_over_few_connections():
    server, letters = StubServer(), Letters([f"fine.{number}" for number in range(300)])
    relay = asyncio.run(send(server, letters, lambda port: Relay("127.0.0.1", port, 4, manner=PLAIN)))
    assert letters.verdicts() == {Verdict.ACCEPTED: 300}
    assert server.connections <= 4
    assert relay.unreachable is None


def test_connections_are_kept_from_chunk_to_chunk():
    async def scenario():
        server = StubServer()
        async with running(server) as port:
            relay = one_connection(port)
            for chunk in range(3):
                letters = Letters([f"fine.{chunk}"])
                relay.submit(letters.jobs)
                await finished(letters)
            await relay.close()
        return server

    assert asyncio.run(scenario()).connections == 1


def test_chunked_content_is_not_stuffed_and_dotted_content_is():
    class Dotted(Letters):
        def content(self, job, *, eight_bit=False):
            return [b"To: x\r\n\r\n..dot\r\n", b"x" * 200 + b"\r\n"]

    def stored(extensions):
        server, letters = StubServer(extensions), Dotted(["fine.1"])
        manner = Manner(tls=Tls.NONE, chunking_depth=3)
        asyncio.run(send(server, letters, lambda port: Relay("127.0.0.1", port, 1, manner=manner)))
        return server.contents[b"fine.1@y.jp"]

    assert stored(("PIPELINING",)) == b"To: x\r\n\r\n..dot\r\n" + b"x" * 200 + b"\r\n.\r\n"
    assert stored(("PIPELINING", "CHUNKING")) == b"To: x\r\n\r\n.dot\r\n" + b"x" * 200 + b"\r\n"


def test_what_is_withdrawn_before_it_began_is_given_back_untouched():
    async def scenario():
        server = StubServer()
        server.hold = asyncio.Event()
        first, second = Letters(["fine.1", "fine.2"]), Letters(["fine.3", "fine.4"])
        async with running(server) as port:
            relay = one_connection(port)
            relay.submit([*first.jobs, *second.jobs])
            await arrived(server)
            relay.withdraw(second)
            server.hold.set()
            await finished(first)
            await relay.close()
        return first.verdicts(), second.verdicts(), second.asked

    assert asyncio.run(scenario()) == ({Verdict.ACCEPTED: 2}, {Verdict.UNTOUCHED: 2}, [])


def test_closing_gives_back_what_waits_and_calls_what_has_no_reply_uncertain():
    async def scenario():
        server, letters = StubServer(), Letters(["fine.1", "fine.2", "fine.3"])
        server.hold = asyncio.Event()
        async with running(server) as port:
            relay = one_connection(port)
            relay.submit(letters.jobs)
            await arrived(server)
            await relay.close()
            late = Letters(["fine.4"])
            relay.submit(late.jobs)
            server.hold.set()
        return letters.verdicts(), late.verdicts()

    ours, late = asyncio.run(scenario())
    assert ours == {Verdict.UNCERTAIN: 1, Verdict.UNTOUCHED: 2}
    assert late == {Verdict.UNTOUCHED: 1}


def test_a_server_that_stalls_at_the_dot_leaves_the_message_uncertain():
    async def scenario():
        server, letters = StubServer(), Letters(["fine.1"])
        server.hold = asyncio.Event()
        manner = Manner(tls=Tls.NONE, dot_seconds_max=0.0)
        async with running(server) as port:
            relay = Relay("127.0.0.1", port, 1, manner=manner)
            relay.submit(letters.jobs)
            await finished(letters)
            server.hold.set()
            await relay.close()
        return letters.verdicts()

    assert asyncio.run(scenario()) == {Verdict.UNCERTAIN: 1}


def test_a_relay_that_is_down_gives_everything_back_with_one_sentence_and_backs_off():
    async def scenario():
        async with running(StubServer()) as port:
            pass
        relay, letters = one_connection(port), Letters(["fine.1", "fine.2"])
        relay.submit(letters.jobs)
        await finished(letters)
        await relay.close()
        return relay, letters

    relay, letters = asyncio.run(scenario())
    assert letters.verdicts() == {Verdict.UNTOUCHED: 2}
    assert relay.unreachable.text == "Nothing accepts mail at this address and port."
    assert relay.retry_at > 0
    assert not relay.circuit_open


def test_f32_a_banner_that_never_comes_touches_nobody_and_is_said():
    async def scenario():
        taken, letters = [], Letters([f"fine.{number}" for number in range(9)])

        async def silent(_reader, writer):
            taken.append(writer)

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            manner = Manner(tls=Tls.NONE, reply_seconds_max=0.1, tick_seconds=0.01)
            relay = Relay("127.0.0.1", port, 1, manner=manner)
            relay.submit(letters.jobs)
            await finished(letters)
            await relay.close()
            for writer in taken:
                writer.close()
        return relay, letters, len(taken)

    relay, letters, connections = asyncio.run(scenario())
    assert letters.verdicts() == {Verdict.UNTOUCHED: 9}
    assert (connections, relay.unreachable.text) == (1, Sentence.NO_ANSWER)


@pytest.mark.parametrize("greeting", ["421 4.3.2 busy", "554 5.7.1 go away", "garbage", ""])
def test_a_relay_that_turns_us_away_is_not_called_again_at_once(greeting):
    server, letters = (
        StubServer(greetings=[greeting] * 100),
        Letters([f"fine.{number}" for number in range(9)]),
    )
    relay = asyncio.run(send(server, letters, one_connection))
    assert letters.verdicts() == {Verdict.UNTOUCHED: 9}
    assert server.connections == 1
    assert relay.unreachable.text


def test_f33_a_relay_that_takes_two_connections_and_turns_the_others_away_carries_everything_by_two():
    busy = ["421 4.7.0 too many connections"] * 100
    server = StubServer(greetings=["220 ready", "220 ready", *busy])
    letters = Letters([f"fine.{number}" for number in range(200)])
    relay = asyncio.run(send(server, letters, lambda port: Relay("127.0.0.1", port, 8, manner=PLAIN)))
    assert letters.verdicts() == {Verdict.ACCEPTED: 200}
    assert server.connections <= 8  # each that is turned away is called again after a while, not at once
    assert relay.unreachable is None or relay.unreachable.text.startswith("4.7.0 too many")


def test_a_relay_that_drops_us_before_it_carried_anything_is_not_called_again_at_once():
    server, letters = StubServer(), Letters([f"drop_at_rcpt.{number}" for number in range(9)])
    asyncio.run(send(server, letters, one_connection))
    assert letters.verdicts() == {Verdict.UNTOUCHED: 9}
    assert server.connections == 1


def test_a_relay_that_worked_until_it_dropped_us_is_called_again_at_once():
    server, letters = StubServer(), Letters(["fine.1", "drop_at_rcpt.2", "fine.3"])
    relay = asyncio.run(send(server, letters, one_connection))
    assert letters.verdicts() == {Verdict.ACCEPTED: 2, Verdict.UNTOUCHED: 1}
    assert server.connections == 2
    assert relay.unreachable is None


def test_five_troubles_in_a_row_open_the_circuit_and_one_answer_closes_it():
    async def scenario():
        relay = Relay("127.0.0.1", 1, manner=PLAIN)
        seen = []
        for _ in range(5):
            relay.retry_at = 0.0  # the pause is over
            relay.refused(None)
            relay.refused(None)  # connections that fail together count once
            seen.append(relay.circuit_open)
        relay.answered()
        return [*seen, relay.circuit_open]

    assert asyncio.run(scenario()) == [False, False, False, False, True, False]


def test_a_paced_relay_sends_all_the_same():
    server, letters = StubServer(), Letters([f"fine.{number}" for number in range(20)])
    asyncio.run(send(server, letters, lambda port: Relay("127.0.0.1", port, 2, manner=PLAIN, rate=400)))
    assert letters.verdicts() == {Verdict.ACCEPTED: 20}


@pytest.fixture(scope="module")
def localhost_certificate(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize(
    ("case", "accepted", "sentence"),
    [
        ("good", 9, None),
        ("stripped", 0, "The server offers no encryption (STARTTLS), and this route requires it."),
        ("injected", 0, "The server sent plain text after STARTTLS."),
        ("untrusted", 0, "The server's certificate is signed by the server itself."),
    ],
)
def test_where_encryption_is_required_nothing_leaves_without(case, accepted, sentence, localhost_certificate):
    server = StubServer(("PIPELINING", *(("STARTTLS",) if case != "stripped" else ())))
    server.tls, server.inject = serving(localhost_certificate), case == "injected"
    trust = ssl.create_default_context(cafile=None if case == "untrusted" else str(localhost_certificate))
    letters = Letters([f"fine.{number}" for number in range(9)])

    def relay_of(port):
        return Relay("localhost", port, 2, manner=Manner(tls=Tls.REQUIRE), trust=trust)

    relay = asyncio.run(send(server, letters, relay_of))
    assert sum(server.accepted.values()) == accepted
    assert letters.verdicts() == {Verdict.ACCEPTED if accepted else Verdict.UNTOUCHED: 9}
    assert (relay.unreachable and relay.unreachable.text) == sentence


SECRET = base64.b64encode(b"\0hanako\0himitsu")
LOGINS = {
    "PLAIN LOGIN": [b"PLAIN", SECRET],
    "LOGIN": [b"LOGIN", base64.b64encode(b"hanako"), base64.b64encode(b"himitsu")],
}


def at_another_name(server, trust):
    async def scenario():
        async with running(server) as port:
            return await probe("127.0.0.1", port, Tls.REQUIRE, trust=trust)

    return asyncio.run(scenario())


def probed(server, *, tls=Tls.REQUIRE, login=None, trust=None):
    async def scenario():
        async with running(server) as port:
            return await probe("localhost", port, tls, login, trust=trust)

    return asyncio.run(scenario())


@pytest.mark.parametrize(("offered", "given"), LOGINS.items())
def test_a_login_works_in_the_way_the_server_offers(offered, given, localhost_certificate):
    server = StubServer(("STARTTLS", f"AUTH {offered}"))
    server.tls, server.login = serving(localhost_certificate), given
    trust = ssl.create_default_context(cafile=str(localhost_certificate))
    good = probed(server, login=Login("hanako", "himitsu"), trust=trust)
    bad = probed(server, login=Login("hanako", "wrong"), trust=trust)
    assert good.verdict is Verdict.ACCEPTED
    assert (bad.verdict, bad.code, bad.text) == (Verdict.FAILED, 535, "5.7.8 wrong, …")
    assert bad.enhanced_code == "5.7.8"
    assert server.encrypted == 2


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.TRY])
def test_a_password_never_leaves_unencrypted(tls):
    server = StubServer(("AUTH PLAIN LOGIN",))
    outcome = probed(server, tls=tls, login=Login("hanako", "himitsu"))
    assert outcome.text == "A password is never sent without encryption."
    assert server.logins == []


def test_the_test_of_a_connection_sends_nothing_and_says_what_is_wrong(localhost_certificate):
    assert probed(StubServer(), tls=Tls.NONE).text == "The server is ready to take mail."
    assert probed(StubServer(), tls=Tls.TRY).verdict is Verdict.ACCEPTED
    assert probed(StubServer()).text.startswith("The server offers no encryption")
    assert probed(StubServer(greetings=[""]), tls=Tls.NONE).text == "The server closed the connection."
    assert probed(StubServer(greetings=["554 5.7.1 not you"]), tls=Tls.NONE).text == "5.7.1 not you"
    server = StubServer(("STARTTLS",))
    server.tls = serving(localhost_certificate)
    assert probed(server).text == "The server's certificate is signed by the server itself."
    trust = ssl.create_default_context(cafile=str(localhost_certificate))
    assert at_another_name(server, trust).text == "The server's certificate is for another name."
    assert probed(StubServer(("STARTTLS", "AUTH CRAM-MD5")), tls=Tls.NONE).verdict is Verdict.ACCEPTED


def test_the_test_of_a_connection_to_nowhere_says_so():
    async def scenario():
        async with running(StubServer()) as port:
            pass
        return await probe("127.0.0.1", port, Tls.NONE)

    assert asyncio.run(scenario()).text == "Nothing accepts mail at this address and port."


def test_a_password_shows_in_no_log():
    assert "himitsu" not in f"{Login('hanako', 'himitsu')!r} {Manner(login=Login('hanako', 'himitsu'))!r}"


def test_encryption_is_required_beyond_this_machine():
    assert [usual_tls(host) for host in ("localhost", "127.0.0.1", "::1", "smtp.example.jp")] == [
        Tls.NONE,
        Tls.NONE,
        Tls.NONE,
        Tls.REQUIRE,
    ]


def test_the_relay_in_memory_asks_and_answers_as_the_real_one():
    relay = MemoryRelay()
    letters = Letters(["fine.1", "fine.2"], revoked={b"fine.2@y.jp"})
    relay.submit(letters.jobs)
    assert [outcome.verdict for (outcome,) in letters.outcomes.values()] == [
        Verdict.ACCEPTED,
        Verdict.UNTOUCHED,
    ]
    assert [left.recipient for left in relay.left] == [b"fine.1@y.jp"]

    held, waiting = MemoryRelay(held=True), Letters(["fine.1"])
    held.submit(waiting.jobs)
    held.withdraw(waiting)
    assert waiting.verdicts() == {Verdict.UNTOUCHED: 1}
    assert waiting.asked == held.left == []
