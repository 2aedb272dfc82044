"""What there is to save, read from the database itself: a table that a later version adds is carried too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any, Final

import psycopg
from psycopg import sql as compose
from psycopg.rows import class_row

from shodaku.kit import db
from shodaku.kit.errors import ShodakuError

ROOM: Final = "shodaku.backups"
JOBS: Final = "procrastinate_jobs"
DELIVERIES: Final = "delivery"  # the one partitioned table; a Monday's partition is made by asking for it

# what a database has for itself, or makes anew
LEFT_OUT: Final = frozenset({
    "django_migrations",  # of the manifest: the tables must have the same shape already
    "django_content_type", "auth_permission", "auth_group", "auth_group_permissions",  # made by migrations
    "django_session",  # whoever has the backup must not be signed in by it
    "procrastinate_workers", "procrastinate_events", "procrastinate_periodic_defers",
    "fence", "lease", "restored_position",  # of this very database
})  # fmt: skip
# Every other job is made again by the sweep of its room; of these nothing else tells that they are due.
JOBS_KEPT: Final = (
    "erasure.second_pass", "erasure.shred", "campaigns.count", "campaigns.simulate_rules",
    "notices.checkpoint_mailed",
)  # fmt: skip
JOB_COLUMNS: Final = (
    "queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at",
)  # fmt: skip
VAULT_TABLES: Final = ("person_key", "hold_key", "ended_epoch", "key_rotation", "rewrapped")  # in this order

Connection = psycopg.Connection[Any]  # rows of any shape


class TablesInACircle(ShodakuError):
    """A table of the installation refers to one of a workspace, so there is no order to fill them in."""

    code = "tables_in_a_circle"


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are those that are stored, in their order; `of_workspaces`: a row names its workspace."""

    name: str
    columns: tuple[str, ...]
    of_workspaces: bool
    forced: bool  # row-level security binds the owner too
    partitioned: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))


@dataclass(frozen=True, slots=True)
class Numbers:
    name: str
    last: int
    most: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`tables` in the order in which they can be filled; those of the installation come first."""

    tables: Sequence[Table]

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {each.name: each.columns for each in self.tables}


def read(connection: Connection) -> Catalogue:
    """Raises TablesInACircle."""
    cursor = connection.cursor(row_factory=class_row(Table))
    found = {each.name: each for each in cursor.execute(db.sql(ROOM, "list_tables")).fetchall()}
    jobs = replace(found[JOBS], columns=JOB_COLUMNS)
    carried = {name: table for name, table in found.items() if name not in LEFT_OUT} | {JOBS: jobs}
    order = TopologicalSorter({name: set[str]() for name in sorted(carried)})
    for name, needed in connection.execute(db.sql(ROOM, "list_references")).fetchall():
        if name in carried and needed in carried:
            if carried[needed].of_workspaces and needed != "workspace" and not carried[name].of_workspaces:
                raise TablesInACircle(hint=name)
            order.add(name, needed)
    tables = [carried[name] for name in order.static_order()]
    return Catalogue(sorted(tables, key=in_workspaces))  # stable: what refers comes after


def in_workspaces(table: Table) -> bool:
    """The register of workspaces is read and filled as a whole."""
    return table.of_workspaces and table.name != "workspace"


def sequences(connection: Connection, tables: Sequence[str]) -> list[Numbers]:
    found = connection.execute(db.sql(ROOM, "list_sequences"), {"tables": list(tables)}).fetchall()
    return [Numbers(*row) for row in found]


def database_id(connection: Connection) -> str | None:
    """None where the server does not tell."""
    try:
        with connection.transaction():
            row = connection.execute(db.sql(ROOM, "database_id")).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return None if row is None else str(row[0])


def reading(table: Table, workspace_id: int) -> compose.Composed:
    """COPY … TO STDOUT; the condition says again what row-level security says, for an owner whom it does not
    bind.
    """
    return compose.SQL("copy (select {} from {}{}) to stdout").format(
        _list(table.columns), compose.Identifier(table.name), _condition(table, workspace_id)
    )


def filling(name: str, columns: Sequence[str]) -> compose.Composed:
    return compose.SQL("copy {} ({}) from stdin").format(compose.Identifier(name), _list(columns))


def _list(columns: Sequence[str]) -> compose.Composed:
    return compose.SQL(", ").join(map(compose.Identifier, columns))


def _condition(table: Table, workspace_id: int) -> compose.Composable:
    if table.name == JOBS:
        return compose.SQL(
            " where status in ('todo', 'doing') and queue_name = 'chore' and task_name = any({}::text[])"
        ).format(compose.Literal(list(JOBS_KEPT)))
    if in_workspaces(table):
        return compose.SQL(" where workspace_id = {}").format(compose.Literal(workspace_id))
    return compose.SQL("")
