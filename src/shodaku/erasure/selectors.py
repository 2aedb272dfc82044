"""How far an erasure is, its certificate, and whether anything of a person remains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from shodaku.kit import db

_sql = db.Statements("shodaku.erasure")


@dataclass(frozen=True, slots=True)
class Progress:
    erasure_id: int
    state: str
    receipt: str
    rule: str
    requested_at: datetime
    counts: dict[str, int]
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


def by_receipt(workspace_id: int, receipt: str) -> Progress | None:
    return next((each for each in erasures(workspace_id) if each.receipt == receipt), None)


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
