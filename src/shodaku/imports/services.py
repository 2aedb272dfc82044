"""Bring a list in: every row gets a verdict, and nobody becomes sendable by being in a list.

Read in slices; each slice is one transaction. A run that was cut off is begun again with the same file:
who is here already is a duplicate, so nothing is lost and nothing twice.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Role
from shodaku.consent import services as consent
from shodaku.consent.domain import FIRST_DAY, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, search_key
from shodaku.imports.domain import (
    Basis,
    Evidence,
    Limits,
    ParsedRow,
    Row,
    RowFault,
    RowReason,
    RowVerdict,
    Verdict,
    judge,
    open_rows,
    parse_row,
    sentence_of,
    unfit_words,
)
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Tokens

SLICE_ROWS = 500
SHOWN_ROWS_MAX = 200  # rows of a verdict that a report names; the counts hold them all
READ_BYTES = 1_048_576
REVEALED_ROWS_MAX = 10_000
REVEALED = "admin.suppression.revealed"  # kind of its ledger entry

_sql = db.Statements("shodaku.imports")

Told = Callable[[int], None]  # rows read so far


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """What the person who brings the list in declares, once for the whole file."""

    file_name: str
    basis: Basis
    evidence: str = ""  # how and where these people agreed, in words; the paper's shelf number
    wording: str = ""  # what they read when they agreed, as it stood there
    evidence_on: date | None = None
    confirmed: bool = False  # each of them confirmed by mail, elsewhere
    topic_id: int | None = None
    channel: Channel = Channel.EMAIL

    @property
    def standing(self) -> Evidence:
        """A consent counts with its words, its day and its topic (施行規則4条), not without."""
        if not self.evidence.strip():
            return Evidence.NONE
        whole = self.evidence_on is not None and self.topic_id is not None
        return Evidence.COMPLETE if whole else Evidence.INCOMPLETE


@dataclass(frozen=True, slots=True)
class ReportRow:
    line: int
    verdict: Verdict
    reason: str  # a code; sentence() tells it in words
    sentence_ja: str
    sentence_en: str


@dataclass(slots=True)
class BatchReport:
    batch_id: int | None  # None: a dry run, nothing was written
    encoding: str
    columns: tuple[str, ...]
    counts: Counter[Verdict] = field(default_factory=Counter)
    rows: list[ReportRow] = field(default_factory=list)
    named: Counter[Verdict] = field(default_factory=Counter)  # rows in `rows`

    @property
    def total(self) -> int:
        return self.counts.total()


class OwnersOnly(WrongUse):
    """Only an owner may see which rows are never contacted."""

    code = "suppressed_rows_owners_only"


@dataclass(frozen=True, slots=True)
class _Judged:
    parsed: ParsedRow | RowFault
    verdict: RowVerdict
    tokens: Tokens | None


def bring_in(
    workspace_id: int,
    stream: BinaryIO,
    order: ImportOrder,
    *,
    dry_run: bool,
    staff_id: int | None,
    now: datetime,
    limits: Limits | None = None,
    rows_max: int = SHOWN_ROWS_MAX,
    told: Told | None = None,
) -> BatchReport:
    """Read the whole list and give each row its verdict; with `dry_run` nothing is written.

    Faults of the whole file are found before the first row is written. Raises UnreadableFile, VaultAway.
    """
    digest, size = _fingerprint(stream)
    rows = open_rows(stream, limits)
    report = BatchReport(None, rows.form, tuple(rows.columns))
    if not dry_run:
        report.batch_id = _begin(workspace_id, order, digest, size, staff_id, now)
    seen: set[bytes] = set()
    names = [
        name for each in accounts.senders(workspace_id) for name in (each.formal_name, each.display_name)
    ]
    unfit = unfit_words(order.wording, order.evidence, names)
    for piece in _slices(rows):
        parsed = [parse_row(row, rows.columns, order.channel, width=len(rows.header)) for row in piece]
        judge_and_write = partial(
            _judge_and_write, workspace_id, report.batch_id, parsed, order, unfit, seen, now
        )
        judged, met = suppression.with_fresh_pepper(judge_and_write)
        seen |= met
        _report(report, judged, rows_max)
        if told is not None:
            told(report.total)
    if report.batch_id is not None:
        _end(workspace_id, report)
    return report


def reveal_suppressed(workspace_id: int, batch_id: int, *, role: Role, by: str, now: datetime) -> list[int]:
    """Numbers of the rows whose address is never contacted: it tells who opted out, so it is an owner's
    alone, and written down. Raises OwnersOnly, VaultAway.
    """
    if role is not Role.OWNER:
        raise OwnersOnly
    with db.transaction(workspace_id):
        lines: list[int] = _sql.scalars("list_suppressed_rows", batch_id=batch_id, rows_max=REVEALED_ROWS_MAX)
        said: dict[str, Value] = {"by": by, "batch": batch_id, "rows": len(lines)}
        ledger.record_act(workspace_id, REVEALED, said, event_id=uuid7(now, os.urandom(10)), now=now)
    return lines


def forget(contact_id: int) -> dict[str, int]:
    """Rows of batches that name the person; the batch and its counts stay."""
    return {"import_row": _sql.run("delete_rows_of", contact_id=contact_id)}


def _slices(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while piece := list(islice(source, SLICE_ROWS)):
        yield piece


def _fingerprint(stream: BinaryIO) -> tuple[str, int]:
    start, digest, size = stream.tell(), hashlib.sha256(), 0
    while block := stream.read(READ_BYTES):
        digest.update(block)
        size += len(block)
    stream.seek(start)
    return digest.hexdigest(), size


def _begin(
    workspace_id: int, order: ImportOrder, digest: str, size: int, staff_id: int | None, now: datetime
) -> int:
    facts: dict[str, Value] = {
        "file_sha256": digest,
        "basis": order.basis.value,
        "evidence": order.evidence,
        **({"wording": order.wording} if order.wording else {}),
        "by": f"staff:{staff_id}" if staff_id else "command line",
    }
    entry_id = ledger.record_act(
        workspace_id, Kind.IMPORT, facts, event_id=uuid7(now, os.urandom(10)), now=now
    )
    with db.transaction(workspace_id):
        batch_id: int = _sql.scalar(
            "insert_batch",
            file_name=PurePath(order.file_name).name[:200],
            digest=digest,
            size=size,
            basis=order.basis,
            evidence=order.evidence,
            evidence_on=order.evidence_on,
            topic_id=order.topic_id,
            channel=order.channel,
            staff_id=staff_id,
            entry_id=entry_id,
            now=now,
        )
        return batch_id


def _judge_and_write(
    workspace_id: int,
    batch_id: int | None,
    rows: Sequence[ParsedRow | RowFault],
    order: ImportOrder,
    unfit: RowReason | None,
    seen: AbstractSet[bytes],
    now: datetime,
) -> tuple[list[_Judged], set[bytes]]:
    """A slice; without a batch nothing is written. Its verdicts, and whom it names."""
    judged = _judge(workspace_id, rows, order, unfit, seen, now)
    if batch_id is not None:
        _write(workspace_id, batch_id, judged, order, now)
    return judged, {each.tokens.strict for each in judged if each.tokens is not None}


def _judge(
    workspace_id: int,
    rows: Sequence[ParsedRow | RowFault],
    order: ImportOrder,
    unfit: RowReason | None,
    seen: AbstractSet[bytes],
    now: datetime,
) -> list[_Judged]:
    """Suppression and earlier acquaintance are looked up for the slice at once."""
    good = [row for row in rows if isinstance(row, ParsedRow)]
    addresses = [_address(row, order.channel) for row in good]
    with db.transaction(workspace_id):
        made = suppression.tokens_many(workspace_id, order.channel, addresses)
        never = set(suppression_known.suppressed(workspace_id, made))
        known = contacts_known.claimed(workspace_id, order.channel, [pair.strict for pair in made])
        if order.channel is Channel.EMAIL:
            kept_out = suppression.blocked(workspace_id, addresses)
            never |= {
                pair.strict for address, pair in zip(addresses, made, strict=True) if address in kept_out
            }
    tokens = {row.number: pair for row, pair in zip(good, made, strict=True)}
    judged, met = [], set[bytes]()
    for row in rows:
        pair = tokens.get(row.number)
        verdict = judge(
            row,
            order.basis,
            _standing(row, order, now),
            suppressed=pair is not None and pair.strict in never,
            known=pair is not None and (pair.strict in known or pair.strict in seen or pair.strict in met),
            unfit=unfit,
        )
        if pair is not None:
            met.add(pair.strict)
        judged.append(_Judged(row, verdict, pair))
    return judged


def _standing(row: ParsedRow | RowFault, order: ImportOrder, now: datetime) -> Evidence:
    """A consent dated in the future proves nothing, and must not outlast an opt-out of before that day.

    Nor does one of before the first day.
    """
    if isinstance(row, ParsedRow) and order.standing is Evidence.COMPLETE:
        at = row.consented_at or _day(order.evidence_on, now)
        return Evidence.COMPLETE if at <= now and at.date() >= FIRST_DAY else Evidence.INCOMPLETE
    return order.standing


def _write(
    workspace_id: int, batch_id: int, judged: Sequence[_Judged], order: ImportOrder, now: datetime
) -> None:
    taken = [each for each in judged if each.verdict.verdict in (Verdict.ACCEPTED, Verdict.PENDING)]
    ids = contacts.reserve_ids(len(taken)) if taken else []
    ledger.ensure_keys(workspace_id, ids)
    with db.transaction(workspace_id):
        fresh = [_contact(each, contact_id, order) for each, contact_id in zip(taken, ids, strict=True)]
        owners = contacts.remember_many(fresh, now=now) if fresh else []
        # somebody else may have brought a person in a moment ago: then this row is a duplicate, and changes
        # nothing
        own = [(each, owner) for each, owner, mine in zip(taken, owners, ids, strict=True) if owner == mine]
        _record_consents([pair for pair in own if pair[0].verdict.verdict is Verdict.ACCEPTED], order, now)
        _record_bases(own, order, batch_id, now)
        people = {each.parsed.number: owner for each, owner in own}
        _sql.run_many("insert_row", [_row(batch_id, each, people) for each in judged if _worth_a_look(each)])


def _contact(each: _Judged, contact_id: int, order: ImportOrder) -> contacts.NewContact:
    row, pair = each.parsed, each.tokens
    if not isinstance(row, ParsedRow) or pair is None:
        raise TypeError("only a row with an address becomes a contact")
    names = " ".join(filter(None, (row.family_name, row.given_name, row.kana, row.company)))
    return contacts.NewContact(
        contact_id=contact_id,
        address=_new_address(row, order.channel, pair),
        source="import",
        family_name=row.family_name or "",
        given_name=row.given_name or "",
        kana=row.kana or "",
        company=row.company or "",
        search_key=search_key(names),
        attributes=row.attributes,
    )


def _new_address(row: ParsedRow, channel: Channel, pair: Tokens) -> contacts.NewAddress:
    if channel is Channel.EMAIL and row.email is not None:
        email = row.email
        return contacts.NewAddress(
            channel, email.address, email.key, email.wire, pair.strict, pair.broad, pair.epoch
        )
    number = _address(row, channel)
    return contacts.NewAddress(channel, number, number, number, pair.strict, pair.broad, pair.epoch)


def _address(row: ParsedRow, channel: Channel) -> str:
    if channel is Channel.EMAIL and row.email is not None:
        return row.email.address
    if channel is Channel.SMS and row.phone is not None:
        return row.phone.e164
    raise TypeError("parse_row lets no row pass without an address of its channel")


def _record_consents(people: Sequence[tuple[_Judged, int]], order: ImportOrder, now: datetime) -> None:
    """As it was given elsewhere: with double opt-in it still waits for the mail, unless that was confirmed
    too.
    """
    if not people or order.topic_id is None:
        return
    acts = [_act(each, contact_id, order, now) for each, contact_id in people]
    entries = ledger.append_many(acts)
    kinds = [consent.EventKind.GIVEN, *([consent.EventKind.CONFIRMED] if order.confirmed else [])]
    consent.record(
        [
            consent.NewEvent(
                contact_id=act.contact_id,
                topic_id=order.topic_id,
                channel=order.channel,
                kind=kind,
                method=Method.IMPORT,
                at=act.at,
                event_id=act.event_id,
                entry_id=entry_id,
            )
            for act, entry_id in zip(acts, entries, strict=True)
            for kind in kinds
        ]
    )


def _act(each: _Judged, contact_id: int, order: ImportOrder, now: datetime) -> ledger.Act:
    row = each.parsed
    if not isinstance(row, ParsedRow):
        raise TypeError("only a row with an address becomes a consent")
    at = row.consented_at or _day(order.evidence_on, now)
    fields: dict[str, Value] = {
        "address": _address(row, order.channel),
        "channel": order.channel.value,
        "method": Method.IMPORT.value,
        "topics": [str(order.topic_id)],
        "evidence": order.evidence,
        **({"wording": order.wording} if order.wording else {}),
        "imported_at": now.isoformat(timespec="seconds"),
    }
    kind = Kind.CONSENT_CONFIRMED if order.confirmed else Kind.CONSENT_GIVEN
    return ledger.Act(contact_id, uuid7(now, os.urandom(10)), kind, at, fields)


def _day(day: date | None, now: datetime) -> datetime:
    return now if day is None else datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _record_bases(
    people: Sequence[tuple[_Judged, int]], order: ImportOrder, batch_id: int, now: datetime
) -> None:
    if order.basis in (Basis.NONE, Basis.CONSENT):
        return
    rows = []
    for each, contact_id in people:
        on = each.parsed.exchanged_on if isinstance(each.parsed, ParsedRow) else None
        rows.append(
            {
                "contact_id": contact_id,
                "kind": order.basis.value,
                "at": _day(on or order.evidence_on, now),
                "batch_id": batch_id,
                "note": order.evidence or None,
                "refusing_words": False,
            }
        )
    consent.record_bases(rows)


def _worth_a_look(each: _Judged) -> bool:
    return each.verdict.verdict is not Verdict.ACCEPTED


def _row(batch_id: int, each: _Judged, people: Mapping[int, int]) -> dict[str, object]:
    """A suppressed row keeps its number and no person: the list must not tell who said no."""
    return {
        "workspace_id": db.workspace(),
        "batch_id": batch_id,
        "line": each.parsed.number,
        "contact_id": people.get(each.parsed.number),
        "verdict": each.verdict.verdict.value,
        "reason": each.verdict.reason.value,
    }


def _report(report: BatchReport, judged: Sequence[_Judged], rows_max: int) -> None:
    """Counts hold every row; named are at most `rows_max` of each verdict, and never who said no."""
    report.counts.update(each.verdict.verdict for each in judged)
    for each in judged:
        verdict, reason = each.verdict.verdict, each.verdict.reason
        if verdict is Verdict.SUPPRESSED or report.named[verdict] >= rows_max:
            continue
        report.named[verdict] += 1
        report.rows.append(
            ReportRow(
                each.parsed.number,
                verdict,
                reason.value,
                sentence_of(reason, "ja"),
                sentence_of(reason, "en"),
            )
        )


def _end(workspace_id: int, report: BatchReport) -> None:
    with db.transaction(workspace_id):
        counts = {verdict.value: count for verdict, count in sorted(report.counts.items())}
        _sql.run("update_done", batch_id=report.batch_id, counts=Jsonb(counts))
