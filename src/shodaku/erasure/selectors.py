"""How far an erasure is, its certificate, what is kept sealed, and whether anything of a person remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Cursor, sql
from psycopg.rows import scalar_row
from psycopg.types.json import JsonbLoader

from shodaku.erasure.keeping import binding
from shodaku.erasure.sealing import Sealed, sealed_of
from shodaku.erasure.unsealing import Holdings, holdings, unsealings
from shodaku.kit import db

__all__ = [
    "PAGE_ROWS",
    "Holdings",
    "Progress",
    "Sealed",
    "by_receipt",
    "erasure_page",
    "erasures",
    "holdings",
    "keeps_until",
    "overdue",
    "remains",
    "requested_of",
    "rows_about",
    "sealed_ending",
    "sealed_of",
    "unfinished",
    "unsealings",
]

PAGE_ROWS: Final = 50

_sql = db.Statements("shodaku.erasure")


@dataclass(frozen=True, slots=True)
class Progress:
    erasure_id: int
    state: str
    receipt: str
    rule: str
    requested_at: datetime
    counts: dict[str, int]
    sealed_until: datetime | None  # None: nothing had to be kept
    entry_id: int | None
    issued_at: datetime | None

    @property
    def rows(self) -> int:
        """How many rows were purged, over all tables."""
        return sum(self.counts.values())


def erasures(workspace_id: int) -> list[Progress]:
    """All erasures with their certificates, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_erasures", Progress)


def erasure_page(workspace_id: int, *, before: int | None = None) -> list[Progress]:
    """Erasures with their certificates, newest first; `before` is the last one of the page before."""
    with db.transaction(workspace_id):
        return _sql.rows("list_erasure_page", Progress, before=before, rows_max=PAGE_ROWS)


def by_receipt(workspace_id: int, receipt: str) -> Progress | None:
    return next((each for each in erasures(workspace_id) if each.receipt == receipt), None)


def keeps_until(workspace_id: int, contact_id: int, *, now: datetime) -> datetime | None:
    """Until when evidence of this person would stay sealed if they were erased now; None: nothing would."""
    found = binding(workspace_id, contact_id, now)
    return found.keeping.until if found else None


def sealed_ending(workspace_id: int, spans: Sequence[tuple[datetime, datetime]], *, most: int) -> list[int]:
    """Of how many erased people the sealed evidence ends in each span, as far as `most`."""
    with db.transaction(workspace_id):
        return _sql.scalars(
            "count_sealed_ending",
            since=[since for since, _ in spans],
            until=[until for _, until in spans],
            most=most,
        )


def overdue(workspace_id: int, *, before: datetime) -> int:
    """Sealings that should have ended before then."""
    with db.transaction(workspace_id):
        count: int = _sql.scalar("count_overdue", before=before)
        return count


def unfinished(workspace_id: int, *, before: datetime) -> int:
    """Erasures that were asked for before then and have no certificate yet."""
    with db.transaction(workspace_id):
        return len(_sql.scalars("list_unfinished", before=before))


def requested_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, datetime]:
    """Since when each of these people is being erased; who is not, is not in it."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_requested", _Requested, contacts=db.array(contact_ids))
    return {row.contact_id: row.requested_at for row in rows}


def remains(workspace_id: int, contact_id: int) -> dict[str, int]:
    """Rows that still name the person: table -> count, read from the catalogue, so that a new table cannot be
    left out.
    """
    with db.transaction(workspace_id) as connection:
        counts = {}
        for table in _sql.scalars("list_personal_tables"):
            query = sql.SQL("select count(*) from {} where workspace_id = %s and contact_id = %s")
            row = connection.execute(
                query.format(sql.Identifier(table)), [workspace_id, contact_id]
            ).fetchone()
            counts[table] = 0 if row is None else int(row[0])
    return {table: count for table, count in counts.items() if count}


def rows_about(workspace_id: int, contact_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row that names the person, as JSON: table -> rows. By the catalogue: none is left out."""
    found = {}
    with db.transaction(workspace_id):
        for table in _sql.rows("list_personal_columns", _Columns):
            query = sql.SQL(
                "select to_jsonb(r) from (select {} from {} where workspace_id = %s and contact_id = %s) r"
            ).format(sql.SQL(", ").join(map(sql.Identifier, table.columns)), sql.Identifier(table.table_name))
            rows = _read(query, [workspace_id, contact_id])
            if rows:
                found[table.table_name] = rows
    return found


def _read(query: sql.Composed, values: Sequence[int]) -> list[dict[str, Any]]:
    with Cursor(db.connection(), row_factory=scalar_row) as cursor:
        cursor.adapters.register_loader("jsonb", JsonbLoader)  # Django's connections hand out text
        return cursor.execute(query, values).fetchall()


@dataclass(frozen=True, slots=True)
class _Columns:
    table_name: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class _Requested:
    contact_id: int
    requested_at: datetime
