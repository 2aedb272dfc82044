"""From what was read of a person to a letter that a relay carries: all that is done once a message."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shodaku.content.render import Compiled, Recipient, header_date, read_again, render
from shodaku.delivery.dkim import Signer
from shodaku.delivery.engine import Batch, Build, Candidate
from shodaku.delivery.facts import FactsRow, Home, NameRow, merge_values, person_facts
from shodaku.delivery.transports.job import Job
from shodaku.policy.domain import Permit


def candidates(
    rows: Sequence[FactsRow], held: Mapping[int, NameRow], left_out: Container[int], home: Home, now: datetime
) -> list[Candidate]:
    """Those of `rows`, whom we hold, that are not `left_out`."""
    return [
        Candidate(person_facts(row, home, now), row.wire or "", merge_values(held[row.contact_id], row))
        for row in rows
        if row.contact_id not in left_out
    ]


class Letter(Job):
    """A job of the transport that knows whom it is for."""

    __slots__ = ("candidate",)

    def __init__(
        self,
        batch: Batch,
        permit: Permit,
        return_path: bytes,
        candidate: Candidate,
        *,
        eight_bit: bool,
        octets_min: int,
    ) -> None:
        recipient = candidate.wire.encode("ascii")
        super().__init__(batch, permit, return_path, recipient, eight_bit=eight_bit, octets_min=octets_min)
        self.candidate = candidate


class Takes(Protocol):
    """What carries letters: a relay, or one that keeps them."""

    def submit(self, jobs: Sequence[Job]) -> None: ...


class RelayWire:
    """The engine's wire: a relay that gets the letters of one batch at once.

    `eight_bit` only for mail that the relay signs: a server on the way that cannot take 8bit must encode it
    anew, and a signature of ours would not survive that (RFC 6376 section 5.3).
    """

    def __init__(self, relay: Takes, batch: Batch, compiled: Compiled, *, eight_bit: bool = False) -> None:
        self._relay, self._batch, self._compiled = relay, batch, compiled
        self._eight_bit = eight_bit
        self._letters: list[Letter] = []

    def send(self, permit: Permit, candidate: Candidate) -> None:
        compiled = self._compiled
        letter = Letter(
            self._batch,
            permit,
            compiled.return_path(permit.contact_id),
            candidate,
            eight_bit=self._eight_bit,
            octets_min=compiled.octets_min,
        )
        self._letters.append(letter)

    def leave(self) -> None:
        self._relay.submit(self._letters)


def builder(compiled: Compiled, signer: Signer | None, now: datetime) -> Build:
    date, read = header_date(now), False

    def build(permit: Permit, candidate: Candidate, /, *, eight_bit: bool) -> list[bytes]:
        nonlocal read
        recipient = Recipient(permit.contact_id, candidate.wire, candidate.values)
        buffers = render(permit, compiled, recipient, date, eight_bit=eight_bit).buffers
        if not read:  # until one was as planned: 0.1 ms
            read_again(permit, compiled, buffers)
            read = True
        return buffers if signer is None else signer.signed(buffers, now)

    return build
