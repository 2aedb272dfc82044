"""Every second or two: what was received is obeyed, the database is held against the journals, copies are
made.

One process of a host at a time. A line whose transaction failed is obeyed without any ado; a database that
was turned back shuts the gate until it was told everything (TRUST.md section 4).
"""

from __future__ import annotations

import fcntl
import heapq
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.contacts import services as contacts
from shodaku.kit import db, erasure_journal, log, place, runtime
from shodaku.kit.erasure_journal import Line, Mark
from shodaku.kit.keys import KeyUnavailable
from shodaku.optout import copying, replaying
from shodaku.optout.received import settle_received
from shodaku.optout.replaying import Replayed
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.selectors import (
    APPLY_AFTER,
    MISSING_MAX,
    FenceReason,
    Head,
    Seen,
    furthest,
    overdue,
    short,
    went_back,
)

HEADS_SECONDS: Final = 60  # the worker looks at the head of a workspace before each chunk anyway
_LOCK: Final = "tend.lock"


@dataclass(frozen=True, slots=True)
class Missing:
    """What the database lacks: lines that can be read, and hosts of whose journal nobody here has the
    rest.
    """

    lines: tuple[Line, ...]
    unreadable: Mapping[str, int]  # host -> the first number
    torn: Sequence[Mark]  # of our own journal: they say nothing, see close_holes
    more: bool  # than were looked at at once


@dataclass(frozen=True, slots=True)
class Comparison:
    """The database held against all that is known here."""

    missing: Missing
    turned_back: tuple[str, ...]  # hosts of whose journal it had more before
    lost_heads: tuple[int, ...]  # workspaces of whose ledger more was signed here

    def behind(self, now: datetime) -> bool:
        lost = self.turned_back or self.lost_heads or self.missing.unreadable
        return bool(lost or overdue(self.missing.lines, now))


@dataclass(frozen=True, slots=True)
class HostLines:
    host: str
    last: int  # the last line that can be read here or in a copy
    count: int  # how many the database has


@dataclass(frozen=True, slots=True)
class Overview:
    """For people who look after it."""

    host: str
    hosts: tuple[HostLines, ...]
    received: int
    copies: Mapping[str, copying.Copied]
    missing: int
    unreadable: Mapping[str, int]
    lost_heads: tuple[int, ...]
    behind: bool


def overview(now: datetime) -> Overview:
    """Raises PlaceUnreadable, NoCopyPlace."""
    journal, compared, found = suppression.journal(), compare(), suppressions.positions()
    lasts = {host: max(map(erasure_journal.last, files)) for host, files in journals().items()}
    states = copying.read_states(journal.folder)
    return Overview(
        host=journal.host,
        hosts=tuple(
            HostLines(host, lasts.get(host, 0), found[host].count if host in found else 0)
            for host in sorted({*lasts, *found})
        ),
        received=len(erasure_journal.read_received(journal.received)) if journal.waiting() else 0,
        copies={each.name: states.get(each.name, copying.Copied()) for each in copying.places()},
        missing=len(compared.missing.lines),
        unreadable=compared.missing.unreadable,
        lost_heads=compared.lost_heads,
        behind=compared.behind(now),
    )


def tend(now: datetime) -> None:
    """Everything that is due. Raises JournalUnwritable, PlaceUnreadable, NoCopyPlace."""
    journal = suppression.journal()
    with _alone(journal.folder) as ours:
        if not ours:
            return
        check_pepper()
        settle_received(now)
        catch_up(now)
        if _due("copied", copying.COPY_SECONDS, now):
            copying.copy(journal, copying.places(), now)
        suppression.compact()


def check_pepper() -> None:
    """Under another pepper nobody who said no would be recognised: nothing is sent while it stands here."""
    try:
        suppression.check()
    except (suppression.WrongPepper, KeyUnavailable) as fault:
        if suppression.close_fence(FenceReason.KEYS):
            log.info("pepper.wrong", code=fault.code)
    else:
        if FenceReason.KEYS.value in suppressions.fence().reason.split():
            suppression.open_fence(FenceReason.KEYS)


def catch_up(now: datetime) -> Replayed:
    """Obey what the database lacks; shut the gate when it was turned back, and open it after all is told."""
    compared = compare(heads=_is_shut() or _due("heads", HEADS_SECONDS, now))
    if compared.behind(now):
        suppression.close_fence(FenceReason.BEHIND)
    shut = _is_shut()
    if shut:
        skip_ids()
    done, compared = _tell(compared, now, timedelta(0) if shut else APPLY_AFTER)
    seen = suppressions.read_seen(runtime.current().home)
    told = shut and bool(seen.told or done.lines or compared.turned_back or compared.lost_heads)
    finished = shut and complete(compared, now) and not (done.unfinished or replaying.unfinished(now))
    if finished and told:
        replaying.finish(now)
    _remember(seen, settle=finished, told=told and not finished, given=finished or not shut)
    if finished:
        suppression.open_fence(FenceReason.BEHIND)
    return done


def _tell(compared: Comparison, now: datetime, after: timedelta) -> tuple[Replayed, Comparison]:
    """What became of the lines that are older than `after`, and how the database stands then."""
    close_holes(compared.missing)
    done, heads = Replayed(), compared.lost_heads
    while lines := overdue(compared.missing.lines, now, after):
        done += replaying.replay(lines, now)
        again = replace(compare(heads=False), lost_heads=heads)
        close_holes(again.missing)
        if again.missing.lines == compared.missing.lines:
            break
        compared = again
    return done, compared


def skip_ids() -> None:
    """No number of a contact that was given out on this host before is given again by a database that does
    not know of it.
    """
    contacts.skip_ids(suppressions.read_seen(runtime.current().home).contact_ids_upto)


def _is_shut() -> bool:
    return FenceReason.BEHIND.value in suppressions.fence().reason.split()


def complete(compared: Comparison, now: datetime) -> bool:
    """Does the database have every line that is known here, but for those just being written?"""
    missing = compared.missing
    lacks = compared.turned_back or missing.unreadable or missing.more
    return not (lacks or overdue(missing.lines, now, APPLY_AFTER))


def compare(more_folders: Sequence[Path] = (), *, heads: bool = True) -> Comparison:
    """With the journals of this host, its copies, and those in `more_folders`; with the heads of all ledgers,
    which take a question each. Raises NoCopyPlace.
    """
    home = runtime.current().home
    seen, found = suppressions.read_seen(home), suppressions.positions()
    sources = journals(more_folders)
    lasts = {host: max(map(erasure_journal.last, files)) for host, files in sources.items()}
    known = {host: each.high for host, each in furthest(seen.positions, found).items()}
    upto = {host: max(lasts.get(host, 0), known.get(host, 0)) for host in {*lasts, *known}}
    missing = _missing(short(upto, found), sources, lasts)
    lost = [each for each, head in _lost_heads().items() if head != seen.settled.get(each)] if heads else []
    turned_back = tuple(went_back(seen.positions, found))
    return Comparison(missing, turned_back, tuple(sorted(lost)))


def journals(more_folders: Sequence[Path] = ()) -> dict[str, list[Path]]:
    """Host -> its journal here and its copies, as far as they can be read."""
    own = runtime.current().home / place.FOLDER
    found: dict[str, list[Path]] = {}
    for folder in (own, *copying.folders(copying.places()), *more_folders):
        for host, file in erasure_journal.files(folder).items():
            found.setdefault(host, []).append(file)
    return found


def copy_folders() -> list[Path]:
    """Places of the journal's copies that are folders. Raises NoCopyPlace."""
    return copying.folders(copying.places())


def _missing(
    lacking: Mapping[str, int], sources: Mapping[str, Sequence[Path]], lasts: Mapping[str, int]
) -> Missing:
    by_host: list[list[Line]] = []
    unreadable: dict[str, int] = {}
    holes: list[Mark] = []
    more, ours = False, suppression.journal().host
    for host, last in sorted(lacking.items()):
        numbers = suppressions.missing(host, last)
        more = more or len(numbers) == MISSING_MAX
        lines = _read(sources.get(host, ()), numbers)
        by_host.append(sorted(lines, key=_order))
        absent = set(numbers) - {line.seq for line in lines}
        # of a journal that was brought here, a hole is a piece that nobody has brought yet
        torn = {number for number in absent if number < lasts.get(host, 0) and host == ours}
        holes += [Mark(host, number) for number in sorted(torn)]
        if beyond := absent - torn:
            unreadable[host] = min(beyond)
    return Missing(tuple(heapq.merge(*by_host, key=_order)), unreadable, holes, more)


def _read(files: Sequence[Path], numbers: Sequence[int]) -> list[Line]:
    found: dict[int, Line] = {}
    for file in files:
        left = [number for number in numbers if number not in found]
        if left:
            found |= {line.seq: line for line in erasure_journal.read_numbers(file, left)}
    return list(found.values())


def close_holes(missing: Missing) -> None:
    """In our own journal a number between readable ones was torn by a power loss, before anybody had an
    answer: it says nothing.
    """
    if missing.torn:
        with db.transaction(None):
            suppression.mark_applied(missing.torn)
        log.info("journal.holes", lines=len(missing.torn))


def _lost_heads() -> dict[int, Head]:
    """Workspace -> the head of its log that was signed here, where this database has fewer entries."""
    signed = suppressions.signed_heads(runtime.current().home)  # before the questions: see ledger.marks.keep
    return {
        workspace_id: head
        for workspace_id, head in signed.items()
        if accounts.workspace(workspace_id) is not None and head.size > suppressions.head_size(workspace_id)
    }


def _order(line: Line) -> tuple[datetime, str, int]:
    return line.at, line.host, line.seq


def _remember(seen: Seen, *, settle: bool, told: bool, given: bool) -> None:
    """For a process that looks later. `settle`: heads that the replayed database lacks are told no more;
    `given`: this database knows all the numbers of contacts that were given out.
    """
    settled = {**seen.settled, **_lost_heads()} if settle else seen.settled
    upto = seen.contact_ids_upto
    last_id = contacts.last_id()
    if given and last_id + replaying.SPARE_IDS // 2 > upto:  # the file is not written for every new contact
        upto = last_id + replaying.SPARE_IDS
    fresh = Seen(furthest(seen.positions, suppressions.positions()), settled, told, upto)
    if fresh != seen:
        suppressions.keep_seen(runtime.current().home, fresh)


def _due(name: str, seconds: int, now: datetime) -> bool:
    """By the time of the file that says so: every process of the host goes by it."""
    mark = suppression.journal().folder / name
    try:
        last = mark.stat().st_mtime
    except OSError:
        last = 0.0
    if abs(now.timestamp() - last) < seconds:
        return False
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch(mode=0o600)
    os.utime(mark, (now.timestamp(), now.timestamp()))
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
