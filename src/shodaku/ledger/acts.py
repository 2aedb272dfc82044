"""Who did what: acts of staff and of the installation, newest first, opened a portion at a time.

Who did it, and to what, is sealed; so a search for either opens a bounded portion and says where to go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shodaku.kit import db
from shodaku.ledger import vault
from shodaku.ledger.domain import SealBroken, Value, hour_of, unseal

ACTS_PAGE_ROWS: Final = 50
ACTS_OPENED_MAX: Final = 500  # for one page of a search
INSTALLATION: Final = 0
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# words of people, and what may name them: never shown in a list, and never searched
UNTOLD: Final = frozenset({"text", "says", "said", "words", "address", "name", "n", "at", "by"})

_sql = db.Statements("shodaku.ledger")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; None is everything. Times are hours: an entry shows no more of its time."""

    kind: str | None = None
    by: str | None = None  # as the entry has it: staff:7
    thing: str | None = None  # part of a value, in whatever case
    codes: frozenset[tuple[str, str]] = frozenset()  # fields and values that the desk calls by what is sought
    since: datetime | None = None
    until: datetime | None = None  # exclusive

    @property
    def opens(self) -> bool:
        """Does it ask for what only an opened entry tells?"""
        return self.by is not None or self.thing is not None


@dataclass(frozen=True, slots=True)
class RecordedAct:
    entry_id: int
    kind: str
    contact_id: int | None  # None: of nobody
    at: datetime
    exact: bool  # False: of the time only the hour is known
    by: str | None  # None: closed, or nobody is named
    fields: Mapping[str, Value] | None  # None: no key opens it, for the person was erased
    index: int | None  # its place in the log; None until a checkpoint covers it


@dataclass(frozen=True, slots=True)
class ActsPage:
    acts: list[RecordedAct]
    before: int | None  # where the next page begins; None: there is none


def acts_page(
    workspace_id: int, wanted: Wanted, *, before: int | None = None, rows_max: int = ACTS_PAGE_ROWS
) -> ActsPage:
    """A page may hold fewer than `rows_max` acts and still be followed by another. Raises VaultAway."""
    portion = ACTS_OPENED_MAX if wanted.opens else rows_max
    rows = _rows(workspace_id, wanted, before, portion)
    keys = vault.read(workspace_id, sorted({row.contact_id for row in rows if row.contact_id is not None}))
    found = []
    for row in rows:
        act = _opened(row, keys)
        if _is(act, wanted):
            found.append(act)
            if len(found) == rows_max:
                return ActsPage(found, row.entry_id if len(rows) == portion or row is not rows[-1] else None)
    return ActsPage(found, rows[-1].entry_id if len(rows) == portion else None)


def closed_acts_page(
    workspace_id: int, wanted: Wanted, *, before: int | None = None, rows_max: int = ACTS_PAGE_ROWS
) -> ActsPage:
    """As `acts_page` while the vault is away: kinds and hours alone, whoever and whatever is asked for."""
    rows = _rows(workspace_id, wanted, before, rows_max)
    found = [_opened(row, {}) for row in rows]
    return ActsPage(found, rows[-1].entry_id if len(rows) == rows_max else None)


def told_fields(fields: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Of an act what may stand in a list."""
    return ((name, value) for name, value in fields.items() if name not in UNTOLD)


@dataclass(frozen=True, slots=True)
class _Row:
    entry_id: int
    entry: str
    contact_id: int | None
    body: bytes | None
    index: int | None


def _rows(workspace_id: int, wanted: Wanted, before: int | None, rows_max: int) -> list[_Row]:
    with db.transaction(workspace_id):
        return _sql.rows(
            "list_acts",
            _Row,
            before=before,
            kind=wanted.kind,
            since=hour_of(max(wanted.since, EPOCH)) if wanted.since else None,
            until=hour_of(max(wanted.until, EPOCH)) if wanted.until else None,
            rows_max=rows_max,
        )


def _opened(row: _Row, keys: Mapping[int, bytes]) -> RecordedAct:
    public = json.loads(row.entry)
    key = keys.get(row.contact_id) if row.contact_id is not None else None
    fields = _unsealed(key, row)
    exact = fields.get("at") if fields else None
    hour = EPOCH + timedelta(hours=int(public["hour"]))
    return RecordedAct(
        entry_id=row.entry_id,
        kind=str(public["kind"]),
        contact_id=row.contact_id if row.contact_id != INSTALLATION else None,
        at=datetime.fromisoformat(exact) if isinstance(exact, str) else hour,
        exact=isinstance(exact, str),
        by=str(fields["by"]) if fields and fields.get("by") else None,
        fields=fields,
        index=row.index,
    )


def _unsealed(key: bytes | None, row: _Row) -> dict[str, Value] | None:
    if key is None or row.body is None:
        return None
    try:
        return unseal(key, row.entry.encode(), row.body)
    except SealBroken:
        return None


def _is(act: RecordedAct, wanted: Wanted) -> bool:
    if wanted.by is not None and act.by != wanted.by:
        return False
    if wanted.thing is None:
        return True
    sought = wanted.thing.casefold()
    values = [(name, str(value)) for name, value in told_fields(act.fields or {})]
    return any(sought in value.casefold() or (name, value) in wanted.codes for name, value in values)
