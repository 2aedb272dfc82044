"""One workspace's layers of pepper, each held against what the database says of it. Imports no Django: every
process looks before it sends or writes a token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyMissing, KeyPurpose, KeyRing
from shodaku.suppression.domain import raised

CHECKED: Final = b"shodaku/check/1"
FIRST: Final = 1

_sql = db.Statements("shodaku.suppression")


class WrongPepper(OutOfReach):
    """A pepper file is another one than the list was made with; sending stays shut until it is put back."""

    code = "wrong_pepper"


class PepperAhead(OutOfReach):
    """These tokens have a layer of pepper that this database does not know yet; finish the rotation first."""

    code = "pepper_ahead"


@dataclass(frozen=True, slots=True)
class Chain:
    """The layers of one workspace, lowest first. Never printed."""

    epochs: tuple[int, ...]
    layers: tuple[bytes, ...] = field(repr=False)

    @property
    def epoch(self) -> int:
        return self.epochs[-1]

    def above(self, epoch: int) -> tuple[bytes, ...]:
        """The layers that a token of this epoch lacks. Raises PepperAhead."""
        if epoch > self.epoch:
            raise PepperAhead(hint="shodaku keys rotate pepper")
        return tuple(layer for each, layer in zip(self.epochs, self.layers, strict=True) if each > epoch)


@dataclass(frozen=True, slots=True)
class Check:
    epoch: int
    mark: bytes | None


def check() -> None:
    """Is each pepper file here the one of this installation? On a connection of its own, for every process,
    also one without Django.

    Raises WrongPepper; KeyMissing, KeyExposed, KeyUnreadable; psycopg.OperationalError without a database.
    """
    with psycopg.connect(runtime.current().database_url, connect_timeout=5) as connection:
        rows = connection.execute(_sql.text("list_pepper_checks")).fetchall()
    compare({int(epoch): bytes(mark) for epoch, mark in rows}, ring())


def compare(marks: Mapping[int, bytes], ring: KeyRing) -> None:
    """What the database says against the files. Raises WrongPepper, KeyMissing."""
    chain_of([Check(epoch, mark) for epoch, mark in sorted(marks.items())], ring)


def chain_of(rows: Sequence[Check], ring: KeyRing) -> Chain:
    """Each layer is looked at when it is used, so that nobody ever works under a wrong one."""
    epochs = tuple(sorted({FIRST, *(row.epoch for row in rows)}))
    marks = {row.epoch: row.mark for row in rows if row.mark is not None}
    layers: list[bytes] = []
    mark = CHECKED
    for epoch in epochs:
        layers.append(layer(epoch, ring))
        mark = raised(mark, layers[-1:])
        if epoch in marks and not hmac.compare_digest(mark, marks[epoch] or b""):
            raise WrongPepper(hint=f"{KeyPurpose.PEPPER}.{epoch}: put it back from your copy")
    return Chain(epochs, tuple(layers))


def layer(epoch: int, ring: KeyRing) -> bytes:
    if epoch not in ring.epochs:
        raise KeyMissing(
            hint=f"{runtime.current().keys}/{KeyPurpose.PEPPER}.{epoch}: copy it to this machine"
        )
    return ring.epochs[epoch]


def ring() -> KeyRing:
    return runtime.current().ring(KeyPurpose.PEPPER)
