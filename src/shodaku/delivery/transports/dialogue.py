"""The client side of one SMTP connection, without I/O: one round trip a message.

The content of one message, its final dot and the MAIL, RCPT, DATA of the next leave in one write: content may
be first in a group of commands, DATA may be last (RFC 2920 section 3.1). With CHUNKING (RFC 3030) several
messages may be under way at once. Every job taken comes back in exactly one `Batch.outcome`, whatever server
and network do, and the verdicts keep apart what may be sent again and what must not.
"""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple, Protocol

from shodaku.delivery.transports.job import Job, Outcome, Stage, Verdict, printable
from shodaku.delivery.transports.sentences import Sentence

_TOO_LARGE: Final = "5.3.4 The message has %d bytes, and the server takes at most %d (SIZE)."

_LINE_BYTES_MAX: Final = 8192
_REPLY_LINES_MAX: Final = 100
_DIGITS_MAX: Final = 18  # of a size

_GO_AHEAD: Final = 354
_SHUTTING_DOWN: Final = 421
_AUTH_GO_ON: Final = 334
_YES_BELOW: Final = 300
_NO_FROM: Final = 400
_NEVER_FROM: Final = 500


class Tls(StrEnum):
    REQUIRE = "require"
    TRY = "try"  # encrypted if offered
    NONE = "none"


class Login(NamedTuple):
    """Given to the server under TLS only."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(...)"  # never a value in a log or an error page


class Work(Protocol):
    """What a dialogue asks of its owner."""

    def take(self) -> Job | None:
        """The next job whose envelope may leave now."""

    def idle(self, dialogue: Dialogue, /) -> None: ...

    def start_tls(self, dialogue: Dialogue, /) -> None: ...

    def answered(self) -> None:
        """The server answered to a content: it works."""

    def refused(self, outcome: Outcome, /) -> None:
        """The relay, not a message, is the trouble: connection, greeting, TLS, login, shutdown, nonsense."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a relay is spoken to."""

    name: str = "localhost"  # ours, in EHLO
    tls: Tls = Tls.REQUIRE
    login: Login | None = None
    chunking_depth: int = 0  # messages under way at once where CHUNKING is offered; 0: never
    messages_max: int = 1000  # a connection
    reply_seconds_max: float = 300.0  # RFC 5321 section 4.5.3.2
    dot_seconds_max: float = 600.0
    tick_seconds: float = 0.2  # how often somebody looks for replies that are overdue


class _Flight:
    """One job between its MAIL command and its verdict."""

    __slots__ = ("begun", "failure", "job")

    def __init__(self, job: Job, *, begun: bool = False) -> None:
        self.job, self.begun = job, begun
        self.failure: Outcome | None = None

    def settle(self, outcome: Outcome) -> None:
        self.job.batch.outcome(self.job, self.failure or outcome)


class _Verb(Enum):
    GREETING = auto()
    EHLO = auto()
    STARTTLS = auto()
    AUTH = auto()
    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    CONTENT = auto()
    VOID = auto()  # the lone dot after a 354 that followed a refused recipient
    QUIT = auto()


# to name a member of an enum costs 0.1 us, and these are asked of every reply
_MAIL, _RCPT, _DATA, _CONTENT = _Verb.MAIL, _Verb.RCPT, _Verb.DATA, _Verb.CONTENT
_EHLO, _STARTTLS = _Verb.EHLO, _Verb.STARTTLS
_END_OF_DATA: Final = Stage.END_OF_DATA
_ACCEPTED: Final = Verdict.ACCEPTED


class Dialogue:
    """`write` takes buffers, `close` drops the connection without flushing."""

    def __init__(
        self,
        work: Work,
        write: Callable[[list[bytes]], None],
        close: Callable[[], None],
        manner: Manner,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work, self._write, self._close, self._manner, self._now = work, write, close, manner, now
        self._left, self._octets_max = manner.messages_max, 0  # 0: it names no limit
        self._expected: deque[tuple[_Verb, _Flight | None]] = deque([(_Verb.GREETING, None)])
        self._outbox: deque[bytes] = deque()  # commands held back because the server does not pipeline
        self._answers: deque[bytes] = deque()  # to the questions of AUTH LOGIN
        self._rest = b""
        self._earlier: list[bytes] = []  # lines of a reply that goes on
        self._offers: dict[bytes, bytes] = {}
        self._secure = self._ready = self._proven = self.closed = False
        self._pipelining = self._chunking = self._takes_eight_bit = False
        self._waiting_since = now()
        self._ended_by = Sentence.CLOSED

    @property
    def busy(self) -> bool:
        return bool(self._expected)

    def overdue(self, now: float) -> bool:
        if not self._expected:
            return False
        content = self._expected[0][0] in (_Verb.CONTENT, _Verb.VOID)
        patience = self._manner.dot_seconds_max if content else self._manner.reply_seconds_max
        return now - self._waiting_since > patience

    def stalled(self) -> None:
        """It is overdue, and we hang up: the server closed nothing."""
        self._ended_by = Sentence.NO_ANSWER

    def kick(self) -> bool:
        """There is work: begin if idle. False when nothing was taken."""
        if not self._ready or self._expected or self.closed:
            return False
        return self._fill() if self._chunking else self._envelope([])

    def quit(self) -> None:
        if not self.closed and not self._expected:
            self._command(_Verb.QUIT, b"QUIT")

    def secured(self) -> None:
        """TLS is up: what the server said before is forgotten (RFC 3207 section 4.2)."""
        self._secure = True
        self._greet()

    def feed(self, data: bytes) -> None:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LINE_BYTES_MAX:
            return self._broken(Sentence.REPLY_TOO_LONG)
        for at, line in enumerate(lines):
            if self.closed:
                return None
            if not self._is_plain_yes(line):
                self._line(line, more=at + 1 < len(lines) or bool(self._rest))
        return None

    def _is_plain_yes(self, line: bytes) -> bool:
        """To MAIL or RCPT, when DATA is asked for already: half of all replies; nothing follows from it."""
        expected = self._expected
        if line[:4] != b"250 " or self._earlier or self._outbox or not expected:
            return False
        verb = expected[0][0]
        if verb is not _MAIL and verb is not _RCPT:
            return False
        expected.popleft()
        self._waiting_since = self._now()
        return True

    def lost(self) -> None:
        """The connection is gone: settle every job that is under way. Called once, also after `close`."""
        asked = self._expected[0][0] if self._expected else _Verb.QUIT
        if not self.closed and not self._proven and asked is not _Verb.QUIT:
            # one that carried nothing must not be opened again and again at full speed
            self._work.refused(Outcome(Verdict.DEFERRED, Stage.CONNECT, 0, self._ended_by))
        self.closed = True
        flights = {id(flight): flight for _, flight in self._expected if flight is not None}
        self._expected.clear()
        for flight in flights.values():
            if flight.begun:
                flight.settle(Outcome(Verdict.UNCERTAIN, Stage.END_OF_DATA, 0, "connection lost"))
            else:
                flight.settle(Outcome(Verdict.UNTOUCHED, Stage.CONNECT, 0, "connection lost"))

    def _line(self, line: bytes, *, more: bool) -> None:
        code, mark = line[:3], line[3:4]
        if not code.isdigit() or mark not in (b" ", b"-", b"\r", b"") or not b"2" <= code[:1] <= b"5":
            return self._broken(Sentence.NO_SMTP)
        verb = self._expected[0][0] if self._expected else None
        if verb is _EHLO and self._earlier:  # the first line is its name
            keyword, _, parameters = line[4:].strip().upper().replace(b"=", b" ", 1).partition(b" ")
            self._offers[keyword] = self._offers.get(keyword, b"") + b" " + parameters
        if mark == b"-":
            self._earlier.append(line[4:].strip())
            if len(self._earlier) > _REPLY_LINES_MAX:
                self._broken(Sentence.REPLY_TOO_LONG)
            return None
        if self._earlier:
            line = code + b" " + b" ".join([*self._earlier, line[4:].strip()])
            self._earlier.clear()
        if verb is _STARTTLS and more:  # it would be read as if it had come encrypted
            return self._broken(Sentence.TEXT_AFTER_STARTTLS)
        return self._reply(int(code), line)

    def _reply(self, code: int, line: bytes) -> None:
        if not self._expected:
            if code == _SHUTTING_DOWN:  # what a server says before it ends an idle connection
                return self._drop()
            return self._broken(Sentence.UNASKED)
        self._waiting_since = self._now()
        verb, flight = self._expected.popleft()
        if flight is None:
            self._about_connection(verb, code, line)
        else:
            self._about_message(verb, flight, code, line)
        if self.closed:
            return None
        if code == _SHUTTING_DOWN:
            return self._trouble(_answer(Stage.CONNECT, code, line))
        if self._outbox:
            self._send([self._outbox.popleft()])
        elif not self._expected and self._ready:
            self._pause()
        return None

    def _about_message(self, verb: _Verb, flight: _Flight, code: int, line: bytes) -> None:
        if verb is _CONTENT:
            self._about_content(flight, code, line)
        elif verb is _DATA:
            self._about_data(flight, code, line)
        elif code >= _YES_BELOW and flight.failure is None:
            stage = Stage.MAIL if verb is _MAIL else Stage.RCPT
            flight.failure = _answer(stage, code, line)

    def _about_connection(self, verb: _Verb, code: int, line: bytes) -> None:
        match verb:
            case _Verb.RSET | _Verb.VOID:
                return
            case _Verb.QUIT:
                self._drop()
            case _Verb.STARTTLS if (
                code >= _NO_FROM and self._manner.tls is Tls.TRY and code != _SHUTTING_DOWN
            ):
                del self._offers[b"STARTTLS"]
                self._after_ehlo()
            case _Verb.AUTH if code == _AUTH_GO_ON and self._answers:
                self._command(_Verb.AUTH, self._answers.popleft())
            case _ if code >= _YES_BELOW:
                self._trouble(_answer(Stage.CONNECT, code, line))
            case _Verb.GREETING:
                self._greet()
            case _Verb.EHLO:
                self._after_ehlo()
            case _Verb.STARTTLS:
                self._work.start_tls(self)
            case _:
                self._begin()

    def _greet(self) -> None:
        self._offers.clear()
        self._command(_Verb.EHLO, b"EHLO " + self._manner.name.encode())

    def _after_ehlo(self) -> None:
        encrypt = self._manner.tls is not Tls.NONE and not self._secure
        if encrypt and b"STARTTLS" in self._offers:
            self._command(_Verb.STARTTLS, b"STARTTLS")
        elif encrypt and self._manner.tls is Tls.REQUIRE:
            self._broken(Sentence.NO_STARTTLS)
        elif self._manner.login is None:
            self._begin()
        elif self._secure:
            self._log_in(self._manner.login)
        else:
            self._broken(Sentence.PASSWORD_IN_THE_OPEN)

    def _log_in(self, login: Login) -> None:
        offered = self._offers.get(b"AUTH", b"").split()
        user, password = login.user.encode(), login.password.encode()
        if b"PLAIN" in offered:
            secret = base64.b64encode(b"\0" + user + b"\0" + password)
            self._command(_Verb.AUTH, b"AUTH PLAIN " + secret)
        elif b"LOGIN" in offered:
            self._answers.extend((base64.b64encode(user), base64.b64encode(password)))
            self._command(_Verb.AUTH, b"AUTH LOGIN")
        else:
            self._broken(Sentence.NO_LOGIN)

    def _begin(self) -> None:
        self._takes_eight_bit = b"8BITMIME" in self._offers
        self._octets_max = _number(self._offers.get(b"SIZE", b""))
        self._pipelining = b"PIPELINING" in self._offers
        self._chunking = self._manner.chunking_depth > 0 and self._pipelining and b"CHUNKING" in self._offers
        self._ready = True

    def _about_data(self, flight: _Flight, code: int, line: bytes) -> None:
        if code >= _NO_FROM:
            flight.settle(_answer(Stage.DATA, code, line))
            if code != _SHUTTING_DOWN:  # the transaction may still be open on the other side
                self._expected.append((_Verb.RSET, None))
                self._envelope([b"RSET\r\n"])
        elif code != _GO_AHEAD:
            flight.settle(Outcome(Verdict.UNTOUCHED, Stage.DATA, code, _text(line)))
            self._broken(Sentence.DATA_UNCLEAR)
        elif flight.failure is not None:
            # nobody is left to receive it, yet the server waits for content (RFC 2920 section 3.1)
            flight.settle(flight.failure)
            self._expected.append((_Verb.VOID, None))
            self._envelope([b".\r\n"])
        elif (content := self._content_of(flight)) is None:
            # revoked after RCPT: a lone dot would be an empty message, only dropping the connection is none
            flight.settle(Outcome(Verdict.UNTOUCHED, Stage.DATA, 0, "revoked"))
            self._drop()
        else:
            flight.begun = True
            self._expected.append((_CONTENT, flight))
            self._envelope([*content, b".\r\n"])

    def _about_content(self, flight: _Flight, code: int, line: bytes) -> None:
        if _YES_BELOW <= code < _NO_FROM:
            flight.settle(Outcome(Verdict.UNCERTAIN, Stage.END_OF_DATA, code, _text(line)))
            return self._broken(Sentence.MESSAGE_UNCLEAR)
        self._proven = True
        flight.settle(_answer(_END_OF_DATA, code, line))
        if code != _SHUTTING_DOWN:
            self._work.answered()
            if self._chunking:
                self._fill()
        return None

    def _content_of(self, flight: _Flight) -> list[bytes] | None:
        try:
            return flight.job.batch.content(flight.job, eight_bit=self._is_eight_bit(flight.job))
        except BaseException:
            flight.settle(Outcome(Verdict.UNTOUCHED, Stage.DATA, 0, "no content"))
            self._drop()
            raise

    def _is_eight_bit(self, job: Job) -> bool:
        return self._takes_eight_bit and job.eight_bit

    def _mail_from(self, job: Job) -> bytes:
        """BODY= is said before the content is made, which may be less than it allows (RFC 6152 section 3)."""
        body = b" BODY=8BITMIME" if self._is_eight_bit(job) else b""
        return b"MAIL FROM:<%b>%b\r\n" % (job.return_path, body)

    def _envelope(self, ahead: list[bytes]) -> bool:
        """Write `ahead`, and in the same write the envelope of the next message if there is one."""
        job = self._take() if self._pipelining or not (ahead or self._expected) else None
        if job is None:
            if ahead:
                self._send(ahead)
            return False
        flight = _Flight(job)
        self._expected += ((_MAIL, flight), (_RCPT, flight), (_DATA, flight))
        mail = self._mail_from(job)
        rcpt = b"RCPT TO:<%b>\r\n" % job.recipient
        if self._pipelining:
            self._send([*ahead, mail, rcpt, b"DATA\r\n"])
        else:
            self._outbox += (rcpt, b"DATA\r\n")
            self._send([mail])
        return True

    def _fill(self) -> bool:
        """CHUNKING: whole messages until the depth is reached.

        RSET first, as a refused recipient leaves the transaction open; the stuffing is for DATA alone.
        """
        out: list[bytes] = []
        flights = len({id(flight) for _, flight in self._expected if flight is not None})
        while flights < self._manner.chunking_depth and (job := self._take()) is not None:
            flight = _Flight(job)
            content = self._content_of(flight)
            if content is None:
                flight.settle(Outcome(Verdict.UNTOUCHED, Stage.MAIL, 0, "revoked"))
                continue
            whole = b"".join(content).replace(b"\r\n..", b"\r\n.")
            flight.begun = True
            flights += 1
            self._expected += ((_Verb.RSET, None), (_MAIL, flight), (_RCPT, flight))
            self._expected.append((_CONTENT, flight))
            envelope = (self._mail_from(job), job.recipient, len(whole))
            out += (b"RSET\r\n%bRCPT TO:<%b>\r\nBDAT %d LAST\r\n" % envelope, whole)
        if out:
            self._send(out)
        return bool(out)

    def _take(self) -> Job | None:
        """The next one that the server takes; what is larger than it said (RFC 1870) is not offered to it."""
        while self._left > 0 and (job := self._work.take()) is not None:
            if not 0 < self._octets_max < job.octets_min:
                self._left -= 1
                return job
            sizes = (job.octets_min, self._octets_max)
            job.batch.outcome(job, Outcome(Verdict.FAILED, Stage.MAIL, 0, _TOO_LARGE % sizes))
        return None

    def _pause(self) -> None:
        if self._left <= 0:
            self.quit()
        else:
            self._work.idle(self)

    def _command(self, verb: _Verb, line: bytes) -> None:
        self._expected.append((verb, None))
        self._send([line + b"\r\n"])

    def _send(self, buffers: list[bytes]) -> None:
        self._waiting_since = self._now()
        self._write(buffers)

    def _broken(self, why: str) -> None:
        self._trouble(Outcome(Verdict.DEFERRED, Stage.CONNECT, 0, why))

    def _trouble(self, outcome: Outcome) -> None:
        self._work.refused(outcome)
        self._drop()

    def _drop(self) -> None:
        if not self.closed:
            self.closed = True
            self._close()


def _answer(stage: Stage, code: int, line: bytes) -> Outcome:
    """The verdict of a reply; yes before the end of data is no acceptance, and nobody asks for it."""
    if code < _YES_BELOW:
        return Outcome(_ACCEPTED, stage, code, _text(line))
    return Outcome(Verdict.FAILED if code >= _NEVER_FROM else Verdict.DEFERRED, stage, code, _text(line))


def _number(parameters: bytes) -> int:
    """0: none, or no number."""
    first = (parameters.split() or [b""])[0]
    return int(first) if first.isdigit() and len(first) <= _DIGITS_MAX else 0


def _text(line: bytes) -> str:
    return printable(line[4:].strip().decode("utf-8", "replace"))
