"""After a restore the gate is shut until this database was told everything that was said since the backup.

The journals of all hosts that the backup knew are read: here, in copies, and where somebody brings them.
One that is missing, or lacks a line, keeps the gate shut.
"""

from __future__ import annotations

import heapq
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.backups.domain import Position
from shodaku.kit import db, erasure_journal, log
from shodaku.kit.erasure_journal import Line
from shodaku.kit.errors import OutOfReach
from shodaku.ledger import services as ledger
from shodaku.optout import services as optout
from shodaku.optout.services import Replayed
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.services import FenceReason

_PART: Final = re.compile(r"([0-9a-f]{16})\.[0-9]{1,19}-[0-9]{1,19}\.jsonl")  # as mail and programs get them
_RECEIVED: Final = ".received.jsonl"
_sql = db.Statements("shodaku.backups")


class NoJournalThere(OutOfReach):
    """No journal lies in this folder: it holds files such as 0123456789abcdef.jsonl."""

    code = "no_journal_there"


@dataclass(frozen=True, slots=True)
class Reopened:
    """`lacking`: hosts of whose journal a line is missing, with its number."""

    open: bool = False
    lacking: Mapping[str, int] = field(default_factory=dict)
    replayed: Replayed = field(default_factory=Replayed)
    unfinished: bool = False  # an erasure waits for the key store, or a line could not be obeyed
    paused: int = 0  # mailings that rest until somebody looked
    forked: tuple[str, ...] = ()  # workspaces whose log stays stopped
    reason: str = ""  # why it is still shut


def reopen(reason: str, *, by: str, now: datetime) -> Reopened:
    """Tell the database everything, and open the gate after that; safe to repeat, and to cut off.

    `reason` goes into each ledger, which goes on behind it. Raises VaultAway, KeyUnavailable, NoCopyPlace.
    """
    optout.skip_ids()
    optout.settle_received(now)
    done = Replayed()
    while True:
        if lacking := _lacking():
            return _shut(done, lacking=lacking)
        missing = optout.compare().missing
        optout.close_holes(missing)
        if missing.unreadable:
            return _shut(done, lacking=missing.unreadable)
        if not missing.lines:
            break
        before = suppressions.positions()
        done += optout.replay(missing.lines, now)
        if suppressions.positions() == before:
            return _shut(done, unfinished=True)
    if done.unfinished or optout.unfinished(now):
        return _shut(done, unfinished=True)
    forked = _continue_ledgers(reason, by=by, now=now)
    paused = optout.finish(now)
    with db.transaction(None):
        _sql.run("forget_positions")
    opened = suppression.open_fence(FenceReason.RESTORED, FenceReason.BEHIND)
    return Reopened(
        open=opened, replayed=done, paused=paused, forked=forked, reason=suppressions.fence().reason
    )


def _shut(done: Replayed, *, lacking: Mapping[str, int] | None = None, unfinished: bool = False) -> Reopened:
    return Reopened(
        lacking=lacking or {}, replayed=done, unfinished=unfinished, reason=suppressions.fence().reason
    )


def take_in(folder: Path, now: datetime) -> int:
    """Journals that somebody brings stay here from now on; of how many hosts. Pieces are put together.

    Raises NoJournalThere, OSError.
    """
    ours = suppression.journal()
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        raise NoJournalThere(hint=f"{folder}: {error.strerror}") from None
    found: dict[str, list[Path]] = {host: [file] for host, file in erasure_journal.files(folder).items()}
    for name in names:
        if part := _PART.fullmatch(name):
            found.setdefault(part[1], []).append(folder / name)
    waiting = [folder / name for name in names if name.endswith(_RECEIVED)]
    if not found and not waiting:
        raise NoJournalThere(hint=str(folder))
    for host, files in found.items():
        if host != ours.host:  # our own is being written
            _merge(ours.folder / f"{host}.jsonl", files)
    for file in waiting:
        if file.name != ours.received.name:
            for line in erasure_journal.read_received(file):
                ours.receive(line, now)
    return len(found)


def _merge(target: Path, files: Sequence[Path]) -> None:
    """By their numbers, each once; whole or not at all."""
    known = [target] if target.exists() else []
    merged = heapq.merge(*map(_lines, [*known, *files]), key=lambda line: line.seq)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    last = 0
    try:
        with open(fresh, "wb", opener=lambda path, flags: os.open(path, flags | os.O_EXCL, 0o600)) as out:
            for line in merged:
                if line.seq > last:
                    out.write(erasure_journal.encode(line))
                    last = line.seq
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _lines(file: Path) -> Iterator[Line]:
    after = 0
    while lines := erasure_journal.read(file, after=after):
        yield from lines
        after = lines[-1].seq


def _lacking() -> dict[str, int]:
    """Hosts of whose journal the line with this number is nowhere to be read."""
    sources = optout.journals()
    with db.transaction(None):
        wanted = _sql.rows("list_restored_positions", Position)
    lacking: dict[str, int] = {}
    for each in wanted:
        last = max(map(erasure_journal.last, sources.get(each.host, ())), default=None)
        if last is None or last < each.seq:
            lacking[each.host] = (each.seq if last is None else last) + 1
    for host, files in sources.items():
        gap = _gap(host, files)
        if gap is not None and host != suppression.journal().host:
            lacking.setdefault(host, gap)
    return lacking


def _gap(host: str, files: Sequence[Path]) -> int | None:
    """The first number that the database lacks and no file has, as far as one look reaches."""
    numbers = suppressions.missing(host, max(map(erasure_journal.last, files)))
    there = {line.seq for line in chain(*(erasure_journal.read_numbers(file, numbers) for file in files))}
    return next((number for number in numbers if number not in there), None)


def _continue_ledgers(reason: str, *, by: str, now: datetime) -> tuple[str, ...]:
    forked = []
    for workspace in accounts.workspaces():
        try:
            ledger.continue_log(workspace.workspace_id, reason, by=by, now=now)
        except ledger.LedgerForked:
            forked.append(workspace.slug)
            log.info("ledger.stopped", workspace=workspace.workspace_id)
    return tuple(forked)
