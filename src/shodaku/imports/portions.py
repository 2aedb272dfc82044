"""A portion of a list: judged, then written in one transaction that also says how far the import is.

What was committed is never done again, and what was not committed did not happen: killed anywhere, the next
run begins behind the last row of the last portion.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, CountrySource, Residence, search_key
from shodaku.imports.declared import ImportOrder, day_of
from shodaku.imports.domain import (
    Basis,
    ParsedRow,
    Row,
    RowFault,
    RowReader,
    RowReason,
    RowVerdict,
    Verdict,
    judge,
    unfit_words,
)
from shodaku.imports.rows import MOBILE_ATTRIBUTE
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Tokens

PORTION_ROWS: Final = 10_000  # more are no quicker here, and each thousand held is 3 MiB
MARK_BYTES: Final = 8  # of a token: that two of a million agree by chance is 1 in 37 million

_sql = db.Statements("shodaku.imports")


class Superseded(ShodakuError):
    """Somebody else has paused or taken over this import; what was committed stays."""

    code = "import_superseded"


@dataclass(frozen=True, slots=True)
class Judged:
    parsed: ParsedRow | RowFault
    verdict: RowVerdict
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class Portion:
    number: int  # from 0
    rows: Sequence[ParsedRow | RowFault]
    last: bool


@dataclass(slots=True)
class Seen:
    """Whom the portions before named, by a mark of the token: 8 MB for a million."""

    runs: list[Sequence[int]] = field(default_factory=list)

    def among(self, tokens: Iterable[bytes]) -> set[bytes]:
        return {token for token in tokens if self._has(int.from_bytes(token[:MARK_BYTES], "big"))}

    def add(self, tokens: Iterable[bytes]) -> None:
        from array import array  # noqa: PLC0415 - a check alone needs it

        self.runs.append(array("Q", sorted(int.from_bytes(token[:MARK_BYTES], "big") for token in tokens)))

    def _has(self, mark: int) -> bool:
        for run in self.runs:
            place = bisect_left(run, mark)
            if place < len(run) and run[place] == mark:
                return True
        return False


def portions(rows: Iterable[Row], reader: RowReader, *, after: int = 0, first: int = 0) -> Iterator[Portion]:
    """The rows behind row `after`, read, the first portion numbered `first`."""
    kept: list[ParsedRow | RowFault] = []
    number = first
    for row in rows:
        if row.number <= after:
            continue
        if len(kept) == PORTION_ROWS:
            yield Portion(number, kept, last=False)
            kept, number = [], number + 1
        kept.append(reader.read(row))
    if kept:
        yield Portion(number, kept, last=True)


class Bringer:
    """Judges and writes the portions of one list; without a batch it only judges."""

    def __init__(self, workspace_id: int, batch_id: int | None, order: ImportOrder, now: datetime) -> None:
        self._workspace_id, self._batch_id = workspace_id, batch_id
        self._order, self._now = order, now
        senders = accounts.senders(workspace_id)
        names = [name for each in senders for name in (each.formal_name, each.display_name)]
        self._unfit = unfit_words(order.wording, order.evidence, names)
        self._third_party = order.third_party(names)
        self._seen = Seen()

    def bring(self, portion: Portion) -> list[Judged]:
        """Outside of every transaction but a test's own. Raises Superseded, VaultAway."""
        return suppression.with_fresh_pepper(lambda: self._bring(portion))

    def _bring(self, portion: Portion) -> list[Judged]:
        judged = self._judge(portion.rows)
        if self._batch_id is None:
            if not portion.last:
                self._seen.add(each.tokens.strict for each in judged if each.tokens is not None)
            return judged
        taken = [each for each in judged if _is_taken(each)]
        ids = contacts.reserve_ids(len(taken)) if taken else []
        ledger.ensure_keys(self._workspace_id, ids)
        with db.transaction(self._workspace_id):
            return self._write(portion, judged, taken, ids)

    def _judge(self, rows: Sequence[ParsedRow | RowFault]) -> list[Judged]:
        """Suppression and earlier acquaintance are looked up for the portion at once."""
        channel = self._order.channel
        good = [row for row in rows if isinstance(row, ParsedRow)]
        addresses = [address_of(row, channel) for row in good]
        with db.transaction(self._workspace_id):
            made = suppression.tokens_many(self._workspace_id, channel, addresses)
            never = set(suppression_known.suppressed(self._workspace_id, made))
            met = set(contacts_known.claimed(self._workspace_id, channel, [pair.strict for pair in made]))
            if channel is Channel.EMAIL:
                kept_out = suppression.blocked(self._workspace_id, addresses)
                never |= {
                    pair.strict for address, pair in zip(addresses, made, strict=True) if address in kept_out
                }
        met |= self._seen.among(pair.strict for pair in made)
        pairs = iter(made)
        judged = []
        for row in rows:
            if isinstance(row, RowFault):
                judged.append(Judged(row, RowVerdict(Verdict.FAULTY, row.code), None))
                continue
            pair = next(pairs)
            verdict = self._verdict(row, suppressed=pair.strict in never, known=pair.strict in met)
            met.add(pair.strict)
            judged.append(Judged(row, verdict, pair))
        return judged

    def _verdict(self, row: ParsedRow, *, suppressed: bool, known: bool) -> RowVerdict:
        return judge(
            row,
            self._order.basis_of(row),
            self._order.standing(row, self._now),
            suppressed=suppressed,
            known=known,
            unfit=self._unfit,
            third_party=self._third_party,
        )

    def _write(
        self, portion: Portion, judged: list[Judged], taken: Sequence[Judged], ids: Sequence[int]
    ) -> list[Judged]:
        """In the open transaction. That it is this portion's turn is asked first, under the batch's lock."""
        self._take_turn(portion)
        never = suppression_known.suppressed(
            self._workspace_id, [each.tokens for each in taken if each.tokens is not None]
        )  # who said no since they were judged
        fresh = [
            self._contact(each, contact_id)
            for each, contact_id in zip(taken, ids, strict=True)
            if each.tokens is not None and each.tokens.strict not in never
        ]
        owners = contacts.remember_many(fresh, now=self._now) if fresh else []
        # somebody else may have brought a person in a moment ago: then this row is a duplicate, and changes
        # nothing
        own = {new.contact_id for new, owner in zip(fresh, owners, strict=True) if new.contact_id == owner}
        people = {
            each.parsed.number: contact_id
            for each, contact_id in zip(taken, ids, strict=True)
            if contact_id in own
        }
        final = [self._as_written(each, people, never) for each in judged]
        brought = [(each, people[each.parsed.number]) for each in final if each.parsed.number in people]
        self._record_consents([pair for pair in brought if pair[0].verdict.verdict is Verdict.ACCEPTED])
        self._record_bases(brought)
        self._insert_rows(final, people)
        self._tell(portion, final)
        return final

    def _as_written(self, each: Judged, people: Mapping[int, int], never: Mapping[bytes, object]) -> Judged:
        if not _is_taken(each) or each.parsed.number in people:
            return each
        if each.tokens is not None and each.tokens.strict in never:
            reason = RowVerdict(Verdict.SUPPRESSED, RowReason.ERASED_NEVER_CONTACT)
        else:
            reason = RowVerdict(Verdict.DUPLICATE, RowReason.ALREADY_KNOWN)
        return Judged(each.parsed, reason, each.tokens)

    def _take_turn(self, portion: Portion) -> None:
        if not _sql.run("take_turn", batch_id=self._batch_id, portion=portion.number):
            raise Superseded

    def _tell(self, portion: Portion, judged: Sequence[Judged]) -> None:
        counts = Counter(each.verdict.verdict.value for each in judged)
        reasons = Counter(f"{each.verdict.verdict.value} {each.verdict.reason.value}" for each in judged)
        _sql.run(
            "update_done_so_far",
            batch_id=self._batch_id,
            rows=len(judged),
            line=portion.rows[-1].number,
            counts=Jsonb(counts),
            reasons=Jsonb(reasons),
        )

    def _contact(self, each: Judged, contact_id: int) -> contacts.NewContact:
        row, pair, order = each.parsed, each.tokens, self._order
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
            attributes=_attributes(row, order.channel),
            country=Residence(order.country, CountrySource.DECLARED) if order.country else None,
        )

    def _record_consents(self, people: Sequence[tuple[Judged, int]]) -> None:
        """As it was given elsewhere: with double opt-in it still waits for the mail, unless that was
        confirmed too.
        """
        topic_id = self._order.topic_id
        if not people or topic_id is None:
            return
        acts = [self._act(each, contact_id) for each, contact_id in people]
        entries = ledger.append_many(acts)
        kinds = [consent.EventKind.GIVEN, *([consent.EventKind.CONFIRMED] if self._order.confirmed else [])]
        consent.record(
            [
                consent.NewEvent(
                    contact_id=act.contact_id,
                    topic_id=topic_id,
                    channel=self._order.channel,
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

    def _act(self, each: Judged, contact_id: int) -> ledger.Act:
        row, order = each.parsed, self._order
        at = order.agreed_at(row, self._now) if isinstance(row, ParsedRow) else None
        if not isinstance(row, ParsedRow) or at is None:
            raise TypeError("only a row with an address and a day becomes a consent")
        fields: dict[str, Value] = {
            "address": address_of(row, order.channel),
            "channel": order.channel.value,
            "method": Method.IMPORT.value,
            "topics": [str(order.topic_id)],
            "evidence": order.evidence_of(row),
            **({"wording": order.wording} if order.wording else {}),
            "imported_at": self._now.isoformat(timespec="seconds"),
        }
        kind = Kind.CONSENT_CONFIRMED if order.confirmed else Kind.CONSENT_GIVEN
        return ledger.Act(contact_id, uuid7(self._now, os.urandom(10)), kind, at, fields)

    def _record_bases(self, people: Sequence[tuple[Judged, int]]) -> None:
        rows = [
            self._basis(row, basis, contact_id)
            for each, contact_id in people
            if isinstance(row := each.parsed, ParsedRow)
            and (basis := self._order.basis_of(row)) not in {Basis.NONE, Basis.CONSENT}
        ]
        if rows:
            consent.record_bases(rows, first=True)

    def _basis(self, row: ParsedRow, basis: Basis, contact_id: int) -> Mapping[str, object]:
        order = self._order
        details = {
            Basis.CUSTOMER: order.relation.value or None,
            Basis.THIRD_PARTY: self._third_party.value,
        }
        return {
            "contact_id": contact_id,
            "kind": basis.value,
            "at": day_of(row.exchanged_on or order.evidence_on, self._now) or self._now,
            "batch_id": self._batch_id,
            "note": order.evidence_of(row) or None,
            "detail": details.get(basis),
        }

    def _insert_rows(self, judged: Sequence[Judged], people: Mapping[int, int]) -> None:
        """A suppressed row keeps its number and no person: the list must not tell who said no."""
        rows = [each for each in judged if _is_worth_a_look(each)]
        if not rows:
            return
        _sql.run(
            "insert_rows",
            batch_id=self._batch_id,
            lines=db.array(each.parsed.number for each in rows),
            contacts=db.array(people.get(each.parsed.number) for each in rows),
            verdicts=db.array(each.verdict.verdict.value for each in rows),
            reasons=db.array(each.verdict.reason.value for each in rows),
            warnings=db.array(" ".join(_warnings(each)) for each in rows),
        )


def _warnings(each: Judged) -> tuple[str, ...]:
    return each.parsed.warnings if isinstance(each.parsed, ParsedRow) else ()


def _is_taken(each: Judged) -> bool:
    return each.verdict.verdict in {Verdict.ACCEPTED, Verdict.PENDING}


def _is_worth_a_look(each: Judged) -> bool:
    return not _is_taken(each) or bool(_warnings(each))


def _attributes(row: ParsedRow, channel: Channel) -> Mapping[str, str]:
    """A number beside an address for mails is known, and no way to reach anybody."""
    if channel is Channel.EMAIL and row.phone is not None:
        return {**row.attributes, MOBILE_ATTRIBUTE: row.phone.e164}
    return row.attributes


def _new_address(row: ParsedRow, channel: Channel, pair: Tokens) -> contacts.NewAddress:
    if channel is Channel.EMAIL and row.email is not None:
        email = row.email
        return contacts.NewAddress(
            channel, email.address, email.key, email.wire, pair.strict, pair.broad, pair.epoch
        )
    number = address_of(row, channel)
    return contacts.NewAddress(channel, number, number, number, pair.strict, pair.broad, pair.epoch)


def address_of(row: ParsedRow, channel: Channel) -> str:
    if channel is Channel.EMAIL and row.email is not None:
        return row.email.address
    if channel is Channel.SMS and row.phone is not None:
        return row.phone.e164
    raise TypeError("a reader lets no row pass without an address of its channel")
