"""The layers of the pepper: which a workspace's tokens have, what tells a wrong file, and one layer more.

`token' = HMAC(pepper_n, token)`, without any address (TRUST.md section 2.3). The epoch is what the database
says, workspace by workspace; which files exist does not matter, except that none may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final, TypeVar

import psycopg

from shodaku.contacts import services as contacts
from shodaku.kit import db
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.suppression.domain import Tokens, raised
from shodaku.suppression.layers import CHECKED, FIRST, Chain, Check, chain_of, layer, ring

LAYERS_MAX: Final = 5  # each look-up computes them all
ROWS_AT_ONCE: Final = 10_000
ATTEMPTS_MAX: Final = 120
PAUSE_SECONDS: Final = 0.25
STALE: Final = "SHP01"  # raised by the triggers of contacts 0003_pepper.sql

_sql = db.Statements("shodaku.suppression")
Result = TypeVar("Result")
Layer = Callable[[bytes], bytes]
AlsoRaised = Callable[[int, Layer], int]  # in the open transaction, to this epoch; how many


class PepperStale(OutOfReach):
    """The pepper is being changed this moment; try again."""

    code = "pepper_stale"


class PepperBusy(OutOfReach):
    """Somebody kept writing addresses, so nothing was changed; try again."""

    code = "pepper_busy"


class TooManyLayers(WrongUse):
    """The pepper has five layers, which is the most; it cannot be rotated once more."""

    code = "too_many_layers"


def write_check() -> None:
    """The check constant of the first pepper, where there is none yet; by who prepares an installation."""
    with db.transaction(None):
        if not _checks():
            register(FIRST)


def chain(workspace_id: int) -> Chain:
    """The layers of the workspace, which stay until the end of the open transaction, if there is one: what is
    looked up and written in it with their tokens fits. Raises WrongPepper, KeyMissing.
    """
    with db.transaction(workspace_id):
        rows = _sql.rows("hold_pepper_layers", Check)
    return chain_of(rows, ring())


def held(workspace_id: int) -> int:
    """The epoch alone, held likewise: needs no key."""
    with db.transaction(workspace_id):
        epoch: int = _sql.scalar("hold_pepper")
        return epoch


def newest() -> bytes:
    """The pepper of the newest layer by itself, for what lives a few days and is not looked up later."""
    with db.transaction(None):
        known = _checks()
    return layer(max((each.epoch for each in known), default=FIRST), ring())


def raise_to(token: bytes, from_epoch: int, to_epoch: int) -> bytes:
    """A token as a later epoch has it. Raises WrongPepper, KeyMissing; PepperAhead for an earlier one."""
    if from_epoch == to_epoch:
        return token
    with db.transaction(None):
        known = [each for each in _checks() if each.epoch <= to_epoch]
    return raised(token, chain_of(known, ring()).above(from_epoch))


def aligned(workspace_id: int, pairs: Sequence[Tokens]) -> tuple[int, list[list[Tokens]]]:
    """In the open transaction: its epoch, and of each pair what it may be by now. No key is needed while
    nothing was rotated.

    One that says no epoch was read a moment ago: it may lack the newest layer, and stands for both.
    """
    epoch = held(workspace_id)
    if all(pair.epoch == epoch or (pair.epoch is None and epoch == FIRST) for pair in pairs):
        return epoch, [[pair if pair.epoch == epoch else replaced_epoch(pair, epoch)] for pair in pairs]
    layers = chain(workspace_id)
    return epoch, [_readings(layers, pair) for pair in pairs]


def replaced_epoch(pair: Tokens, epoch: int) -> Tokens:
    return pair if pair.epoch == epoch else Tokens(pair.strict, pair.broad, epoch)


def with_fresh_pepper(act: Callable[[], Result]) -> Result:
    """Do it, and once more if a rotation came between the computing of a token and its row. Outside of every
    transaction. Raises PepperStale.
    """
    try:
        return act()
    except psycopg.DatabaseError as error:
        if error.sqlstate != STALE:
            raise
    try:
        return act()
    except psycopg.DatabaseError as error:
        if error.sqlstate != STALE:
            raise
        raise PepperStale from error


def require_room() -> None:
    """Raises TooManyLayers."""
    with db.transaction(None):
        if len(_checks()) >= LAYERS_MAX:
            raise TooManyLayers


def registered(epoch: int) -> bool:
    """Does anything hang on this epoch?"""
    with db.transaction(None):
        return any(each.epoch == epoch for each in _checks())


def register(epoch: int) -> None:
    """From here on the epoch exists, and its file must never be lost. Raises WrongPepper, KeyMissing."""
    with db.transaction(None):
        before = [each for each in _checks() if each.epoch < epoch]
        layers = chain_of(before, ring()).layers if before else ()
        mark = raised(CHECKED, [*layers, layer(epoch, ring())])
        _sql.run("insert_pepper_check", epoch=epoch, mark=mark)
        chain_of(_checks(), ring())


def convert(workspace_id: int, epoch: int, also: Sequence[AlsoRaised] = ()) -> int:
    """Every token of the workspace gets its layers up to this epoch, in one transaction: no reader ever sees
    half of it, and whoever writes tokens waits for its end. How many addresses and marks; 0: they had them.

    Killed anywhere, nothing happened. Raises WrongPepper, KeyMissing, PepperBusy.
    """
    return alone(workspace_id, lambda: _converted(epoch, also))


def alone(workspace_id: int, act: Callable[[], Result]) -> Result:
    """In a transaction in which nobody else writes tokens of the workspace. Whoever comes meanwhile waits
    behind us, so we never wait for long ourselves. Raises PepperBusy.
    """
    for _ in range(ATTEMPTS_MAX):
        try:
            with db.transaction(workspace_id):
                _sql.run("set_lock_timeout")
                _sql.run("lock_pepper")
                return act()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            Event().wait(PAUSE_SECONDS)
    raise PepperBusy


def _converted(epoch: int, also: Sequence[AlsoRaised]) -> int:
    from shodaku.accounts import services as accounts  # noqa: PLC0415 - needs Django, which commands set up later

    workspace_id = db.workspace()
    before = chain(workspace_id)
    if not accounts.raise_pepper_epoch(workspace_id, epoch):
        return 0
    missing = chain(workspace_id).above(before.epoch)

    def once_more(token: bytes) -> bytes:
        return raised(token, missing)

    count = contacts.raise_tokens(epoch, once_more, rows_max=ROWS_AT_ONCE)
    count += _raise_marks(epoch, once_more)
    return count + sum(each(epoch, once_more) for each in also)


def _raise_marks(epoch: int, once_more: Layer) -> int:
    count, after = 0, b""
    while page := _sql.scalars("list_suppressions_below", epoch=epoch, after=after, rows_max=ROWS_AT_ONCE):
        marks = [bytes(each) for each in page]
        _sql.run("raise_suppressions", before=marks, after=[once_more(each) for each in marks], epoch=epoch)
        count, after = count + len(marks), marks[-1]
    return count


def _readings(layers: Chain, pair: Tokens) -> list[Tokens]:
    if pair.epoch is not None:
        lacking = layers.above(pair.epoch)
        return [Tokens(raised(pair.strict, lacking), raised(pair.broad, lacking), layers.epoch)]
    last = layers.layers[-1:] if len(layers.layers) > 1 else ()
    later = Tokens(raised(pair.strict, last), raised(pair.broad, last), layers.epoch)
    return [replaced_epoch(pair, layers.epoch), *([later] if last else [])]


def _checks() -> list[Check]:
    return _sql.rows("list_pepper_checks", Check)
