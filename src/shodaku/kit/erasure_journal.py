"""What people said, beside the database: a restored database is told again whom it must never write to.

A file a host in `<home>/journal`, only ever added to. A line holds numbers and keyed tokens: no address, no
name, no text. The number of a line (`seq`) goes up by one, whichever process of the host writes it; a line
counts as written when it ends with a newline, and is on the disk when `append` returns.

What the database could not take ("received") stands in a second file until it could.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Final
from uuid import UUID

from shodaku.kit import place
from shodaku.kit.errors import OutOfReach, ShodakuError

VERSION: Final = 1
PAIRS_MAX: Final = 500  # of a line
LINE_BYTES_MAX: Final = 256 * 1024
LINES_AT_ONCE: Final = 10_000  # what a reader holds in memory
_TAIL_BYTES: Final = 2 * LINE_BYTES_MAX
_TAIL_BYTES_FIRST: Final = 4096  # holds a few usual lines
_HOST: Final = re.compile(r"[0-9a-f]{16}")
_NUMBER_MAX: Final = 2**63 - 1


class LineKind(StrEnum):
    REFUSAL = "refusal"
    SUPPRESSION = "suppression"
    LIFT = "lift"
    ERASURE = "erasure"


class JournalUnwritable(OutOfReach):
    """The erasure journal cannot be written: look at the disk that holds it."""

    code = "journal_unwritable"


class LineBroken(ShodakuError):
    """A line of the erasure journal cannot be read."""

    code = "journal_line_broken"


Pair = tuple[bytes, bytes]  # strict, broad
Said = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """What is about to be written. `said`: what else the kind needs, see suppression.journaling."""

    kind: LineKind
    at: datetime
    workspace_id: int
    contact_id: int | None = None
    event_id: UUID | None = None
    epoch: int = 1  # of the pepper that the tokens were made with
    norm: int = 1
    tokens: tuple[Pair, ...] = ()
    said: Said = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(NewLine):
    host: str
    seq: int  # 0: received, and not numbered yet
    written_at: datetime  # `at` is the time of the act, which may be long before


@dataclass(frozen=True, slots=True)
class Mark:
    host: str
    seq: int


class Journal:
    """Of this host, for as long as the process lives. Every method may be called by any thread."""

    def __init__(self, home: Path) -> None:
        """Raises PlaceUnreadable."""
        self.folder = home / place.FOLDER
        self.host = place.host(home).id
        self.file = self.folder / f"{self.host}.jsonl"
        self.received = self.folder / f"{self.host}.received.jsonl"
        self._syncing = Lock()
        self._synced = (0, 0)  # inode, bytes that are on the disk for certain
        self._known = (0, 0, 0)  # inode, size, number of its last line

    def append(self, lines: Sequence[NewLine], now: datetime) -> list[Mark]:
        """On the disk when it returns, in one write; their numbers. Raises JournalUnwritable.

        Whoever syncs covers all that was written before it: of many threads few wait for the disk.
        """
        if not lines:
            return []
        try:
            with _opened(self.file) as descriptor:
                with _locked(descriptor):
                    first = self._seal(descriptor) + 1
                    marks = [Mark(self.host, first + number) for number in range(len(lines))]
                    content = b"".join(
                        encode(_numbered(line, mark, now)) for line, mark in zip(lines, marks, strict=True)
                    )
                    end = _write(descriptor, content)
                    inode = os.fstat(descriptor).st_ino
                    self._known = (inode, end, marks[-1].seq)
                self._sync(descriptor, inode, end)
        except OSError as error:
            raise JournalUnwritable(hint=f"{self.file}: {error.strerror}") from None
        return marks

    def receive(self, line: NewLine, now: datetime) -> None:
        """For the time when the database is away; on the disk when it returns. Raises JournalUnwritable."""
        try:
            with self._received_locked() as descriptor:
                _end_torn(descriptor)
                _write(descriptor, encode(_numbered(line, Mark(self.host, 0), now)))
                os.fdatasync(descriptor)
        except OSError as error:
            raise JournalUnwritable(hint=f"{self.received}: {error.strerror}") from None

    def waiting(self) -> bool:
        """Is there anything received that the database has not taken?"""
        try:
            return self.received.stat().st_size > 0
        except OSError:
            return False

    def settle_received(self, settle: Callable[[Sequence[Line]], Iterable[Line]]) -> int:
        """Hand over what was received; what `settle` gives back leaves the file. How many left.

        Nobody who receives waits for it. Twice at once is as good as once, for an act that is done again
        changes nothing. Raises JournalUnwritable, and whatever `settle` raises: then all stay.
        """
        if not self.waiting():
            return 0
        try:
            with self.received.open("rb") as source:
                read = [
                    (raw, _read_or_none(raw)) for raw in islice(_raw_lines(source.fileno()), LINES_AT_ONCE)
                ]
            settled = {encode(line) for line in settle([line for _, line in read if line is not None])}
            broken = [raw for raw, line in read if line is None]
            if broken:
                self._put_aside(broken)
            with self._received_locked() as descriptor:
                there = list(_raw_lines(descriptor))
                self._replace_received([raw for raw in there if raw not in settled and raw not in broken])
        except OSError as error:
            raise JournalUnwritable(hint=f"{self.received}: {error.strerror}") from None
        return len(settled)

    @contextmanager
    def _received_locked(self) -> Iterator[int]:
        """The file that bears the name now: it is replaced whenever lines have left it."""
        while True:
            with _opened(self.received) as descriptor, _locked(descriptor):
                if _bears(self.received, descriptor):
                    yield descriptor
                    return

    def _replace_received(self, lines: Sequence[bytes]) -> None:
        """Whole or not at all; under the lock of the file that goes."""
        fresh = self.folder / f".{self.host}.received"
        fresh.unlink(missing_ok=True)
        with _opened(fresh) as descriptor:
            _write(descriptor, b"".join(lines))
            os.fdatasync(descriptor)
        fresh.replace(self.received)
        _sync_folder(self.folder)

    def _put_aside(self, broken: Sequence[bytes]) -> None:
        with _opened(self.folder / f"{self.host}.broken") as descriptor:
            _write(descriptor, b"".join(broken))
            os.fdatasync(descriptor)

    def _seal(self, descriptor: int) -> int:
        """Number of the last whole line; a torn one behind it is ended, and its number is used again."""
        status = os.fstat(descriptor)
        if self._known[:2] == (status.st_ino, status.st_size):
            return self._known[2]
        _end_torn(descriptor)
        return _last_seq(descriptor)

    def _sync(self, descriptor: int, inode: int, end: int) -> None:
        with self._syncing:
            if self._synced[0] == inode and self._synced[1] >= end:
                return
            known = self._known  # of whole lines; what is being written just now may be taken back
            os.fdatasync(descriptor)
            self._synced = (inode, known[1] if known[0] == inode else end)


def files(folder: Path) -> dict[str, Path]:
    """The journals that lie in a folder, by their host: this one's, and those of others."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return {}
    return {each.stem: each for each in found if each.suffix == ".jsonl" and _HOST.fullmatch(each.stem)}


def read(file: Path, *, after: int = 0, most: int = LINES_AT_ONCE) -> list[Line]:
    """Its lines behind a number, in order; what is torn or damaged is passed over. Raises OSError."""
    with file.open("rb") as source:
        lines: list[Line] = []
        for raw in _raw_lines(source.fileno(), _offset_behind(source.fileno(), after)):
            line = _read_or_none(raw)
            if line is not None and line.seq > after:
                lines.append(line)
                if len(lines) >= most:
                    break
        return lines


def read_numbers(file: Path, numbers: Sequence[int]) -> list[Line]:
    """The lines with these numbers, as far as they are there. Raises OSError."""
    wanted = sorted(set(numbers))
    found: list[Line] = []
    with file.open("rb") as source:
        for first, last in _runs(wanted):
            for raw in _raw_lines(source.fileno(), _offset_behind(source.fileno(), first - 1)):
                line = _read_or_none(raw)
                if line is None or line.seq < first:
                    continue
                if line.seq > last:
                    break
                found.append(line)
    return found


def read_received(file: Path) -> list[Line]:
    """What waits there, broken lines left out. Raises OSError."""
    with file.open("rb") as source:
        return [line for raw in _raw_lines(source.fileno()) if (line := _read_or_none(raw)) is not None]


def last(file: Path) -> int:
    """Number of the last whole line; 0 for none. Raises OSError."""
    with file.open("rb") as source:
        return _last_seq(source.fileno())


def encode(line: Line) -> bytes:
    """One line, its newline included. Raises LineBroken when it is too large for any reader."""
    said = {
        "v": VERSION,
        "host": line.host,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "written": line.written_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "ws": line.workspace_id,
        "kind": line.kind.value,
        "contact": line.contact_id,
        "event": line.event_id.hex if line.event_id else None,
        "epoch": line.epoch,
        "norm": line.norm,
        "tokens": [[strict.hex(), broad.hex()] for strict, broad in line.tokens],
        "said": dict(line.said),
    }
    if line.seq:
        said["seq"] = line.seq
    encoded = json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"
    if len(encoded) > LINE_BYTES_MAX:
        raise LineBroken
    return encoded


def decode(raw: bytes) -> Line:
    """Raises LineBroken."""
    try:
        read = json.loads(raw)
        if not isinstance(read, dict) or read["v"] != VERSION or not _HOST.fullmatch(read["host"]):
            raise LineBroken
        event, contact = read["event"], read["contact"]
        at, written_at = datetime.fromisoformat(read["at"]), datetime.fromisoformat(read["written"])
        if at.tzinfo is None or written_at.tzinfo is None or not isinstance(read["said"], dict):
            raise LineBroken
        return Line(
            host=read["host"],
            seq=_number(read.get("seq", 0)),
            at=at,
            written_at=written_at,
            workspace_id=_number(read["ws"]),
            kind=LineKind(read["kind"]),
            contact_id=None if contact is None else _number(contact),
            event_id=None if event is None else UUID(hex=event),
            epoch=_number(read["epoch"]),
            norm=_number(read["norm"]),
            tokens=tuple((bytes.fromhex(strict), bytes.fromhex(broad)) for strict, broad in read["tokens"]),
            said=read["said"],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LineBroken from error


def _number(value: Any) -> int:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _NUMBER_MAX:
        raise LineBroken
    return value


def _read_or_none(raw: bytes) -> Line | None:
    try:
        return decode(raw)
    except LineBroken:
        return None


def _numbered(line: NewLine, mark: Mark, now: datetime) -> Line:
    if isinstance(line, Line):
        return replace(line, host=mark.host, seq=mark.seq, written_at=now)
    names = NewLine.__dataclass_fields__
    return Line(host=mark.host, seq=mark.seq, written_at=now, **{name: getattr(line, name) for name in names})


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        _sync_folder(file.parent)  # the name of the file must survive a power loss too
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _write(descriptor: int, content: bytes) -> int:
    """All of it or nothing; where it ends. Half a line that stays after all is sealed by the next writer."""
    before = os.fstat(descriptor).st_size
    written = 0
    try:
        while written < len(content):
            written += os.write(descriptor, content[written:])
    except OSError:
        os.ftruncate(descriptor, before)
        raise
    return before + len(content)


def _end_torn(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        _write(descriptor, b"\n")


def _bears(file: Path, descriptor: int) -> bool:
    try:
        return file.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _raw_lines(descriptor: int, offset: int = 0) -> Iterator[bytes]:
    """Lines that end with a newline, from an offset that begins one."""
    rest = b""
    while block := os.pread(descriptor, 1024 * 1024, offset):
        offset += len(block)
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            if line:
                yield line + b"\n"
        if len(rest) > LINE_BYTES_MAX:
            rest = rest[-LINE_BYTES_MAX:]  # no line is longer: damaged, and not held in memory


def _last_seq(descriptor: int) -> int:
    size = os.fstat(descriptor).st_size
    reach = _TAIL_BYTES_FIRST
    while True:
        start = max(0, size - reach)
        tail = os.pread(descriptor, size - start, start)
        for raw in reversed(tail[: tail.rfind(b"\n") + 1].splitlines(keepends=True)):
            line = _read_or_none(raw)
            if line is not None and line.seq:
                return line.seq
        if start == 0:
            return 0
        reach *= 8


def _offset_behind(descriptor: int, seq: int) -> int:
    """Where a reader may begin to find every line behind this number; numbers go up, so half by half."""
    low, high = 0, os.fstat(descriptor).st_size
    if seq <= 0:
        return 0
    while high - low > _TAIL_BYTES:
        middle = (low + high) // 2
        found = _line_at(descriptor, middle, high)
        if found is not None and found[1] <= seq:
            low = found[0]
        else:
            high = middle
    return low


def _line_at(descriptor: int, offset: int, end: int) -> tuple[int, int] | None:
    """Begin and number of the first line that can be read at or behind an offset."""
    tail = os.pread(descriptor, min(end - offset, _TAIL_BYTES), offset)
    begin = tail.find(b"\n") + 1
    while begin and (close := tail.find(b"\n", begin)) >= 0:
        line = _read_or_none(tail[begin : close + 1])
        if line is not None and line.seq:
            return offset + begin, line.seq
        begin = close + 1
    return None


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as stretches without a gap."""
    first = before = None
    for number in numbers:
        if first is None or before is None:
            first = number
        elif number != before + 1:
            yield first, before
            first = number
        before = number
    if first is not None and before is not None:
        yield first, before


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
