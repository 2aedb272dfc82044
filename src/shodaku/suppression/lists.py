"""Many addresses at once: pasted, from a file, and as tokens out of this installation and into it again.

Nobody learns from an answer here who is on the list: what is taken is counted alike, known or new. Who asks
about one address is counted and written down, for whoever may ask can find out who opted out.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, Final
from uuid import UUID

from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import AddressError, Channel, NumberError, parse_email, parse_phone
from shodaku.kit import db, log, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.suppression import selectors
from shodaku.suppression.domain import NORM, Strength, Tokens
from shodaku.suppression.marking import suppress
from shodaku.suppression.peppering import held, raise_to, registered
from shodaku.suppression.selectors import Suppressed
from shodaku.suppression.tokens import tokens, tokens_many

EXPORTED: Final = "admin.suppression.exported"  # kinds of ledger entries
ASKED: Final = "admin.suppression.asked"
FORMAT: Final = "shodaku-suppression/1"
STEP_ROWS: Final = 5_000  # of one transaction
ROWS_MAX: Final = 5_000_000
LINE_BYTES_MAX: Final = 1_000
FAULTS_SHOWN_MAX: Final = 100
QUESTIONS_PER_HOUR_MAX: Final = 60
REASONS: Final = ("erased", "refused", "complaint", "bounce", "staff", "imported")

_LIST_KEY: Final = b"shodaku/list/1"  # no token begins like this: the pepper signs nothing twice
_ROW: Final = re.compile(rb"(strict|broad) ([0-9a-f]{64}) ([a-z]+)\n")
_FIELDS: Final = re.compile(r"[,;\t]")
_sql = db.Statements("shodaku.suppression")


class ForeignList(WrongUse):
    """The list of tokens was altered, cut off or made by another installation; nothing was taken in."""

    code = "foreign_list"


class ListOfAnother(WrongUse):
    """The list of tokens belongs to another workspace; nothing was taken in."""

    code = "list_of_another"


class ListTooNew(WrongUse):
    """The list was made by a newer version or with a pepper that is not known here; nothing was taken in."""

    code = "list_too_new"


class ListTooLong(WrongUse):
    """A list has at most 5,000,000 lines of at most 1,000 bytes; what came before was taken in."""

    code = "list_too_long"


class TooManyQuestions(ShodakuError):
    """The list may be asked 60 times an hour by one person; wait a little."""

    code = "too_many_questions"


@dataclass(frozen=True, slots=True)
class Taken:
    """Of a list. Nothing tells which of them were known."""

    lines: int = 0
    taken: int = 0
    unreadable: int = 0
    faults: tuple[int, ...] = ()  # numbers of the first lines that are no address

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.lines + other.lines,
            self.taken + other.taken,
            self.unreadable + other.unreadable,
            (self.faults + other.faults)[:FAULTS_SHOWN_MAX],
        )


@dataclass(frozen=True, slots=True)
class Count:
    reason: str
    month: str  # 2026-11
    marks: int


@dataclass(slots=True)
class _Read:
    """A step of a list of addresses."""

    lines: int = 0
    faults: list[int] = field(default_factory=list)
    addresses: dict[Channel, list[str]] = field(default_factory=lambda: defaultdict(list))


def counts(workspace_id: int) -> list[Count]:
    """Marks of single addresses by reason and month, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("count_by_reason", Count)


def add(
    workspace_id: int,
    lines: Iterable[str],
    *,
    by: str,
    now: datetime,
    reason: str = "staff",
    dry_run: bool = False,
) -> Taken:
    """One address or number a line; of several fields the first that holds an @, else the first. Empty lines
    do not count. Each step holds when the next begins: who is cut off gives the same list again.

    Raises ListTooLong, WrongPepper, VaultAway.
    """
    done, numbered = Taken(), enumerate(lines, 1)
    while piece := list(islice(numbered, STEP_ROWS)):
        read = _read(piece)
        taken = sum(len(each) for each in read.addresses.values())
        if taken and not dry_run:
            _take(workspace_id, read.addresses, reason, by, now)
        done += Taken(read.lines, taken, len(read.faults), tuple(read.faults))
        if done.lines > ROWS_MAX:
            raise ListTooLong
    log.info("suppression.list_added", workspace=workspace_id, taken=done.taken, dry_run=dry_run)
    return done


def bring_in(workspace_id: int, stream: BinaryIO, *, by: str, now: datetime, dry_run: bool = False) -> Taken:
    """A file of addresses, or of tokens that `take_out` made. It is read twice if of tokens.

    Raises ForeignList, ListOfAnother, ListTooNew before anything is taken; what `add` raises.
    """
    start = stream.tell()
    first = stream.readline(LINE_BYTES_MAX + 1)
    stream.seek(start)
    if first.startswith(b'{"'):
        return _bring_tokens_in(workspace_id, stream, by, now, dry_run=dry_run)
    return add(workspace_id, _text_lines(stream), by=by, now=now, reason="imported", dry_run=dry_run)


def take_out(workspace_id: int, write: Callable[[bytes], object], *, by: str, now: datetime) -> int:
    """The list as tokens, which nobody can turn back into addresses; how many. Signed, so that a foreign or
    an edited file is not taken in again. Marks that blocks made stay with their block. Raises VaultAway.
    """
    signing = hmac.new(_list_key(), digestmod="sha256")

    def put(line: bytes) -> None:
        signing.update(line)
        write(line)

    with db.transaction(workspace_id):
        epoch, rows = held(workspace_id), 0
        put(_line(format=FORMAT, workspace=workspace_id, norm=NORM, epoch=epoch, made_at=_instant(now)))
        for mark in _marks():
            put(f"{mark.strength} {mark.token.hex()} {mark.reason}\n".encode())
            rows += 1
        said: dict[str, Value] = {"by": by, "rows": rows}
        ledger.record_act(workspace_id, EXPORTED, said, event_id=_event_id(now), now=now)
    write(_line(rows=rows, mac=signing.hexdigest()))
    log.info("suppression.list_exported", workspace=workspace_id, rows=rows)
    return rows


def ask(workspace_id: int, channel: Channel, address: str, *, by: str, now: datetime) -> Suppressed | None:
    """Is this address on the list? Each question is an entry, without the address. Raises TooManyQuestions,
    WrongPepper, VaultAway.
    """
    with db.transaction(workspace_id):
        _sql.run("lock_questions")
        _sql.run("insert_question", by=by, now=now, old=now - timedelta(days=1))
        if _sql.scalar("count_questions", by=by, after=now - timedelta(hours=1)) > QUESTIONS_PER_HOUR_MAX:
            raise TooManyQuestions
        pair = tokens(workspace_id, channel, address)
        found = selectors.suppressed(workspace_id, [pair]).get(pair.strict)
        said: dict[str, Value] = {"found": found is not None, "by": by}
        ledger.record_act(workspace_id, ASKED, said, event_id=_event_id(now), now=now)
    return found


def _text_lines(stream: BinaryIO) -> Iterator[str]:
    """Cp932 is what Excel writes in Japan; an address is the same in both."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        if len(line) > LINE_BYTES_MAX:
            raise ListTooLong
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield line.decode("cp932", "replace")


def _read(piece: Sequence[tuple[int, str]]) -> _Read:
    read = _Read()
    for number, line in piece:
        fields = [part.strip().strip('"') for part in _FIELDS.split(line[:LINE_BYTES_MAX])]
        text = next((part for part in fields if "@" in part or "＠" in part), fields[0])
        if not any(fields):
            continue
        read.lines += 1
        try:
            channel, address = _parsed(text)
        except (AddressError, NumberError):
            read.faults.append(number)
        else:
            read.addresses[channel].append(address)
    return read


def _parsed(text: str) -> tuple[Channel, str]:
    if "@" in text or "＠" in text:
        return Channel.EMAIL, parse_email(text).address
    return Channel.SMS, parse_phone(text).e164


def _take(
    workspace_id: int, addresses: dict[Channel, list[str]], reason: str, by: str, now: datetime
) -> None:
    """Whoever is just being sent to is waited for: the locks come before the marks."""
    with db.transaction(workspace_id):
        pairs: list[Tokens] = []
        owners: set[int] = set()
        for channel, each in addresses.items():
            made = tokens_many(workspace_id, channel, each)
            owners |= set(contacts_known.claimed(workspace_id, channel, [p.strict for p in made]).values())
            pairs += made
        _suppress(pairs, owners, reason, by, now)


def _suppress(pairs: Sequence[Tokens], owners: set[int], reason: str, by: str, now: datetime) -> None:
    contacts.lock_many(sorted(owners))
    said: dict[str, Value] = {"by": by, "reason": reason, "marks": len(pairs)}
    # before the marks: one that cannot be recorded leaves no line that a replay would carry out
    ledger.record_act(db.workspace(), Kind.SUPPRESSION_ADDED, said, event_id=_event_id(now), now=now)
    suppress(pairs, reason, now=now)


@dataclass(frozen=True, slots=True)
class _Mark:
    strength: str
    token: bytes
    reason: str


def _marks() -> Iterator[_Mark]:
    """Page by page; strict ones first, which `_pairs` counts on."""
    for strength in (Strength.STRICT, Strength.BROAD):
        after = b""
        while page := _sql.rows("list_marks", _Mark, strength=strength, after=after, rows_max=STEP_ROWS):
            yield from page
            after = page[-1].token


def _bring_tokens_in(workspace_id: int, stream: BinaryIO, by: str, now: datetime, *, dry_run: bool) -> Taken:
    start = stream.tell()
    epoch, rows = _verified(workspace_id, stream)
    if dry_run:
        return Taken(rows, rows)
    stream.seek(start)
    stream.readline(LINE_BYTES_MAX)
    marks, last_strict = (_mark(line) for line in islice(stream, rows)), None
    while piece := list(islice(marks, STEP_ROWS)):
        last_strict = next((m.token for m in reversed(piece) if m.strength == Strength.STRICT), last_strict)
        if last_strict is None:
            raise ForeignList
        with db.transaction(workspace_id):
            for reason in sorted({mark.reason for mark in piece}):
                pairs = _pairs(
                    [m for m in piece if m.reason == reason], last_strict, epoch, held(workspace_id)
                )
                owned = [contacts_known.claimed(workspace_id, c, [p.strict for p in pairs]) for c in Channel]
                _suppress(pairs, {owner for of_one in owned for owner in of_one.values()}, reason, by, now)
    log.info("suppression.list_brought_in", workspace=workspace_id, rows=rows)
    return Taken(rows, rows)


def _pairs(marks: Sequence[_Mark], any_strict: bytes, epoch: int, current: int) -> list[Tokens]:
    """A broad mark never stands alone: it goes with some strict one of the list, which is there anyhow."""
    pairs = []
    for mark in marks:
        strict = mark.token if mark.strength == Strength.STRICT else any_strict
        pairs.append(Tokens(raise_to(strict, epoch, current), raise_to(mark.token, epoch, current), current))
    return pairs


def _verified(workspace_id: int, stream: BinaryIO) -> tuple[int, int]:
    """The epoch of the tokens and their number. Raises ForeignList, ListOfAnother, ListTooNew."""
    signing = hmac.new(_list_key(), digestmod="sha256")
    head = stream.readline(LINE_BYTES_MAX)
    signing.update(head)
    rows = 0
    while _ROW.fullmatch(line := stream.readline(LINE_BYTES_MAX)):
        signing.update(line)
        rows += 1
        if rows > ROWS_MAX:
            raise ListTooLong
    said, end = _object(head), _object(line)
    mac = end.get("mac")
    if end.get("rows") != rows or not isinstance(mac, str) or stream.read(1):
        raise ForeignList
    if not hmac.compare_digest(signing.hexdigest().encode(), mac.encode("utf-8", "replace")):
        raise ForeignList
    epoch = said.get("epoch")
    if said.get("format") != FORMAT or said.get("norm") != NORM or not isinstance(epoch, int):
        raise ListTooNew
    if said.get("workspace") != workspace_id:
        raise ListOfAnother
    if epoch > held(workspace_id) or (epoch > 1 and not registered(epoch)):
        raise ListTooNew
    return epoch, rows


def _mark(line: bytes) -> _Mark:
    found = _ROW.fullmatch(line)
    if found is None or found[3].decode() not in REASONS:
        raise ForeignList
    return _Mark(found[1].decode(), bytes.fromhex(found[2].decode()), found[3].decode())


def _object(line: bytes) -> dict[str, object]:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        raise ForeignList from None
    if not isinstance(read, dict):
        raise ForeignList
    return read


def _line(**values: object) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _list_key() -> bytes:
    """Of the first pepper, which stays for ever: an old list opens after a rotation too."""
    return hmac.digest(runtime.current().ring(KeyPurpose.PEPPER).epochs[1], _LIST_KEY, "sha256")


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _event_id(now: datetime) -> UUID:
    return uuid7(now, os.urandom(10))
