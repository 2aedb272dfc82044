"""A portion of a list: judged, then written in one transaction that also says how far the import is.

What was committed is never done again, and what was not committed did not happen: killed anywhere, the next
run begins behind the last row of the last portion.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Final, NamedTuple

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, CountrySource, Residence, search_keys
from shodaku.imports.declared import ImportOrder, day_of
from shodaku.imports.domain import (
    Basis,
    Evidence,
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
CHANCE_BYTES: Final = 10  # of an entry's number
MARK_BYTES: Final = 8  # of a token: that two of a million agree by chance is 1 in 37 million

_NO_BASIS: Final = frozenset({Basis.NONE, Basis.CONSENT})  # nothing to note beside the consent itself
_SAID_NO: Final = RowVerdict(Verdict.SUPPRESSED, RowReason.ERASED_NEVER_CONTACT)
_KNOWN: Final = RowVerdict(Verdict.DUPLICATE, RowReason.ALREADY_KNOWN)
_NOBODY: Final[Mapping[int, int]] = MappingProxyType({})
_TAKEN: Final = frozenset({Verdict.ACCEPTED, Verdict.PENDING})

_sql = db.Statements("shodaku.imports")


class Superseded(ShodakuError):
    """Somebody else has paused or taken over this import; what was committed stays."""

    code = "import_superseded"


class Judged(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class New:
    """What will be written of the people who are taken."""

    people: Mapping[int, int]  # number of the row -> of the contact
    listed: contacts.Newcomers
    asked: suppression_known.Asked
    bases: Sequence[consent.FirstBasis]
    acts: Mapping[int, ledger.Act]  # number of the row -> what was agreed to elsewhere


@dataclass(frozen=True, slots=True)
class Prepared:
    """A portion with its verdicts; `new` in a batch, if anybody is taken."""

    portion: Portion
    judged: list[Judged]
    new: New | None = None

    @property
    def number(self) -> int:
        return self.portion.number


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
        self._before: AbstractSet[bytes] = frozenset()  # tokens of the portion that may still be under way
        self._country = Residence(order.country, CountrySource.DECLARED) if order.country else None
        self._details: Final[Mapping[Basis, str]] = {
            Basis.CUSTOMER: order.relation.value,
            Basis.THIRD_PARTY: self._third_party.value,
        }

    def prepare(self, portion: Portion) -> Prepared:
        """Its verdicts, the numbers and keys of new people, and what will be written of them; nothing is
        written yet. Portions in their order, each while the one before is perhaps still being written.

        Outside of every transaction but a test's own. Raises VaultAway.
        """
        judged = self._judge(portion.rows)
        if self._batch_id is None:
            if not portion.last:
                self._seen.add(each.tokens.strict for each in judged if each.tokens is not None)
            return Prepared(portion, judged)
        self._before = {each.tokens.strict for each in judged if each.tokens is not None}
        taken = [each for each in judged if _is_taken(each)]
        return Prepared(portion, judged, self._new(taken) if taken else None)

    def _new(self, taken: Sequence[Judged]) -> New:
        ids = contacts.reserve_ids(len(taken))
        ledger.ensure_keys(self._workspace_id, ids)
        pairs = [each.tokens for each in taken if each.tokens is not None]
        listed = contacts.newcomers(
            list(map(self._newcomer, taken, pairs, ids)),
            channel=self._order.channel,
            source="import",
            country=self._country,
            pepper_epoch=pairs[0].epoch,
        )
        people = {each.parsed.number: contact_id for each, contact_id in zip(taken, ids, strict=True)}
        asked = suppression_known.asked_about(pairs)
        return New(people, listed, asked, self._bases(taken, ids), self._acts(taken, ids))

    def bring(self, prepared: Prepared) -> list[Judged]:
        """Outside of every transaction but a test's own. Raises Superseded, VaultAway, PepperStale."""
        if self._batch_id is None:
            return prepared.judged
        ready = [prepared]  # once: after a rotation of the pepper the tokens are computed anew
        return suppression.with_fresh_pepper(
            lambda: self._bring(ready.pop() if ready else self._prepared_again(prepared.portion))
        )

    def _prepared_again(self, portion: Portion) -> Prepared:
        self._before = frozenset()
        return self.prepare(portion)

    def _bring(self, prepared: Prepared) -> list[Judged]:
        with db.transaction(self._workspace_id):
            return self._write(prepared)

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
        met |= self._seen.among(pair.strict for pair in made) | self._before
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
        basis = self._order.basis_of(row)
        evidence = self._order.standing(row, self._now) if basis is Basis.CONSENT else Evidence.NONE
        return judge(
            row,
            basis,
            evidence,
            suppressed=suppressed,
            known=known,
            unfit=self._unfit,
            third_party=self._third_party,
        )

    def _write(self, prepared: Prepared) -> list[Judged]:
        """In the open transaction. That it is this portion's turn is asked first, under the batch's lock."""
        self._take_turn(prepared.portion)
        final, people = prepared.judged, _NOBODY
        if prepared.new is not None:
            final, people = self._write_new(prepared.judged, prepared.new)
        self._insert_rows(final, people)
        self._tell(prepared.portion, final)
        return final

    def _write_new(self, judged: list[Judged], new: New) -> tuple[list[Judged], Mapping[int, int]]:
        never = suppression_known.suppressed_of(self._workspace_id, new.asked)  # who said no since
        listed = new.listed.only(lambda each: each.token not in never) if never else new.listed
        own = contacts.remember_newcomers(listed, now=self._now) if listed.people else set()
        final = judged
        people, bases = new.people, new.bases
        if len(own) < len(people):
            # somebody else may have brought a person in a moment ago: then this row is a duplicate, and
            # changes nothing
            people = {number: contact_id for number, contact_id in people.items() if contact_id in own}
            final = [_as_written(each, people, never) for each in judged]
            bases = [basis for basis in bases if basis.contact_id in own]
        self._record_consents([new.acts[number] for number in people if number in new.acts])
        if bases:
            consent.record_first_bases(bases, self._batch_id)
        return final, people

    def _take_turn(self, portion: Portion) -> None:
        if not _sql.run("take_turn", batch_id=self._batch_id, portion=portion.number):
            raise Superseded

    def _tell(self, portion: Portion, judged: Sequence[Judged]) -> None:
        reasons = Counter([each.verdict for each in judged])
        counts: Counter[str] = Counter()
        for verdict, rows in reasons.items():
            counts[verdict.verdict.value] += rows
        _sql.run(
            "update_done_so_far",
            batch_id=self._batch_id,
            rows=len(judged),
            line=portion.rows[-1].number,
            counts=Jsonb(counts),
            reasons=Jsonb({f"{each.verdict.value} {each.reason.value}": n for each, n in reasons.items()}),
        )

    def _newcomer(self, each: Judged, pair: Tokens, contact_id: int) -> contacts.Newcomer:
        row, channel = each.parsed, self._order.channel
        if not isinstance(row, ParsedRow):
            raise TypeError("only a row with an address becomes a contact")
        family, given, kana, company = row.family_name, row.given_name, row.kana, row.company
        address, key, wire = _written_address(row, channel)
        return contacts.Newcomer(
            contact_id,
            pair.strict,
            pair.broad,
            address,
            key,
            wire,
            family or "",
            given or "",
            kana or "",
            company or "",
            search_keys(family, given, kana, company),
            _attributes(row, channel),
        )

    def _record_consents(self, acts: Sequence[ledger.Act]) -> None:
        """As it was given elsewhere: with double opt-in it still waits for the mail, unless that was
        confirmed too.
        """
        topic_id = self._order.topic_id
        if not acts or topic_id is None:
            return
        entries = ledger.append_many(acts)
        kinds = [consent.EventKind.GIVEN, *([consent.EventKind.CONFIRMED] if self._order.confirmed else [])]
        consent.record_first(
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

    def _acts(self, taken: Sequence[Judged], ids: Sequence[int]) -> dict[int, ledger.Act]:
        """Of those who agreed; chance is drawn once, for asking the kernel costs more than the entry."""
        if self._order.topic_id is None:
            return {}
        agreed = [(each, number) for each, number in zip(taken, ids, strict=True) if _is_accepted(each)]
        chance = os.urandom(CHANCE_BYTES * len(agreed))
        return {
            each.parsed.number: self._act(each, contact_id, chance[at : at + CHANCE_BYTES])
            for at, (each, contact_id) in zip(count(0, CHANCE_BYTES), agreed, strict=False)
        }

    def _act(self, each: Judged, contact_id: int, chance: bytes) -> ledger.Act:
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
        return ledger.Act(contact_id, uuid7(self._now, chance), kind, at, fields)

    def _bases(self, taken: Sequence[Judged], ids: Sequence[int]) -> list[consent.FirstBasis]:
        order, now = self._order, self._now
        bases = []
        for each, contact_id in zip(taken, ids, strict=True):
            row = each.parsed
            if not isinstance(row, ParsedRow) or (basis := order.basis_of(row)) in _NO_BASIS:
                continue
            at = day_of(row.exchanged_on or order.evidence_on, now) or now
            detail = self._details.get(basis, "")
            bases.append(consent.FirstBasis(contact_id, basis.value, at, order.evidence_of(row), detail))
        return bases

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
    return each.verdict.verdict in _TAKEN


def _as_written(each: Judged, people: Mapping[int, int], never: Mapping[bytes, object]) -> Judged:
    if not _is_taken(each) or each.parsed.number in people:
        return each
    if each.tokens is not None and each.tokens.strict in never:
        return each._replace(verdict=_SAID_NO)
    return each._replace(verdict=_KNOWN)


def _is_accepted(each: Judged) -> bool:
    return each.verdict.verdict is Verdict.ACCEPTED


def _is_worth_a_look(each: Judged) -> bool:
    return not _is_taken(each) or bool(_warnings(each))


def _attributes(row: ParsedRow, channel: Channel) -> Mapping[str, str]:
    """A number beside an address for mails is known, and no way to reach anybody."""
    if channel is Channel.EMAIL and row.phone is not None:
        return {**row.attributes, MOBILE_ATTRIBUTE: row.phone.e164}
    return row.attributes


def _written_address(row: ParsedRow, channel: Channel) -> tuple[str, str, str]:
    """As typed; one for all spellings; as an envelope carries it."""
    if channel is Channel.EMAIL and row.email is not None:
        email = row.email
        return email.address, email.key, email.wire
    number = address_of(row, channel)
    return number, number, number


def address_of(row: ParsedRow, channel: Channel) -> str:
    if channel is Channel.EMAIL and row.email is not None:
        return row.email.address
    if channel is Channel.SMS and row.phone is not None:
        return row.phone.e164
    raise TypeError("a reader lets no row pass without an address of its channel")
