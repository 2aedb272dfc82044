"""What a transport takes and gives back: a job of one permitted message, and one outcome for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, Protocol

from shodaku.delivery.transports.faults import UnsafeEnvelope
from shodaku.policy.domain import Permit

_ENVELOPE: Final = re.compile(rb"[!-;=?-~]{0,254}")  # no space, no angle bracket, nothing but ASCII
_ADDRESS: Final = re.compile(r"[^\s<>\"']+@[\w.-]+")
_TEXT_CHARACTERS_MAX: Final = 200
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")


class Stage(IntEnum):
    """Where the server answered. The same text means different things at RCPT and at the end of DATA."""

    CONNECT = 0
    MAIL = 1
    RCPT = 2
    DATA = 3
    END_OF_DATA = 4


class Verdict(IntEnum):
    ACCEPTED = 1  # 2xx to the final dot, never more than that
    FAILED = 3  # 5xx
    UNCERTAIN = 4  # the content began to leave and no reply came: it may have been accepted (RFC 1047)
    DEFERRED = 5  # 4xx: try again later, after a new gate
    UNTOUCHED = 6  # no byte of the content left


class Outcome(NamedTuple):
    verdict: Verdict
    stage: Stage
    code: int = 0
    text: str = ""

    @property
    def enhanced_code(self) -> str | None:
        """RFC 3463, where the server names one."""
        match = _ENHANCED.match(self.text)
        return match[0] if match else None


def printable(text: str) -> str:
    """One line without addresses: a reply is kept, and must not keep a person."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    if "@" in text:
        text = _ADDRESS.sub("…", text)
    return text[:_TEXT_CHARACTERS_MAX]


class Job:
    """One permitted message to be sent; `batch` is told what becomes of it.

    `eight_bit`: it may leave as 8bit where a connection offers 8BITMIME (RFC 6152). `octets_min`: it has no
    less, whatever stands in it.
    """

    __slots__ = ("batch", "eight_bit", "octets_min", "permit", "recipient", "return_path")

    def __init__(
        self,
        batch: Batch,
        permit: Permit,
        return_path: bytes,
        recipient: bytes,
        *,
        eight_bit: bool = False,
        octets_min: int = 0,
    ) -> None:
        if not isinstance(permit, Permit):
            raise TypeError("a transport takes nothing but a Permit")
        if not recipient or not _ENVELOPE.fullmatch(recipient) or not _ENVELOPE.fullmatch(return_path):
            raise UnsafeEnvelope
        self.batch, self.permit, self.return_path, self.recipient = batch, permit, return_path, recipient
        self.eight_bit, self.octets_min = eight_bit, octets_min


class Transport(Protocol):
    """What carries permitted messages to the next server. Times are of the monotonic clock."""

    unreachable: Outcome | None
    retry_at: float
    now: Callable[[], float]

    @property
    def circuit_open(self) -> bool: ...

    def submit(self, jobs: Sequence[Job]) -> None: ...

    def withdraw(self, batch: Batch) -> None:
        """Give back what has not begun: the batch's time is over."""

    async def close(self) -> None:
        """Give back the queue; what is under way and not answered within a second is uncertain."""


class Batch(Protocol):
    """The jobs of one chunk transaction; it gets back its own kind of `Job`."""

    def may_begin(self, job: Any) -> bool: ...  # noqa: ANN401 - a subclass of Job, known to the batch alone

    def content(self, job: Any, *, eight_bit: bool = False) -> list[bytes] | None:  # noqa: ANN401 - as above
        """The last look, the journal line, the message; called right before it leaves. None: it must not.

        `eight_bit`: this very connection offers it, and the server was told (BODY=8BITMIME).
        """

    def outcome(self, job: Any, outcome: Outcome) -> None:  # noqa: ANN401 - as above
        """Called exactly once a job."""
