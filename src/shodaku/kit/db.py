"""SQL in named files, run in one transaction that knows its workspace. Imports no Django: `config` binds it.

A statement is a file `<room>/sql/<name>.sql`; parameters are `%(name)s`. Row-level security sees the
workspace that `transaction` sets by SET LOCAL, and nothing at all without one (ARCHITECTURE section 11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, LiteralString, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import JsonbLoader

from shodaku.kit.errors import ShodakuError

Row = TypeVar("Row")
# with the settings that are the first thing said in it; who can says them in one breath with BEGIN
OpenTransaction = Callable[[LiteralString], AbstractContextManager[psycopg.Connection[Any]]]
_NOT_DURABLE: Final = "; SET LOCAL synchronous_commit = off"


class Setting(StrEnum):
    WORKSPACE = "workspace"
    STAFF = "staff"  # sign-in: the memberships of one person
    SEQUENCER = "sequencer"  # 1: which workspaces have entries that no checkpoint covers


class NotBound(ShodakuError):
    """No database was bound to this process."""

    code = "db_not_bound"


class NoTransaction(ShodakuError):
    """A statement ran outside of a transaction."""

    code = "db_no_transaction"


class OtherWorkspace(ShodakuError):
    """A transaction belongs to one workspace and cannot be joined by another."""

    code = "db_other_workspace"


@dataclass(frozen=True, slots=True)
class _Open:
    connection: psycopg.Connection[Any]
    workspace_id: int | None


_bound: list[OpenTransaction] = []
_current: ContextVar[_Open | None] = ContextVar("shodaku_transaction", default=None)


def bind(open_transaction: OpenTransaction) -> None:
    """Say once per process how a transaction is opened: by Django, or by a tool of its own."""
    _bound[:] = [open_transaction]


@contextmanager
def transaction(workspace_id: int | None, *, durable: bool = True) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction for a workspace, or join the one that is open for the same workspace.

    `None` means installation-wide tables only: row-level security then shows no row of any workspace. One
    that is not `durable` does not wait for the disk; after a crash it may be gone, as a notification may.
    Raises OtherWorkspace when an open transaction belongs to another one, NotBound without `bind`.
    """
    joined = _current.get()
    if joined is not None:
        if workspace_id not in (None, joined.workspace_id):
            raise OtherWorkspace
        yield joined.connection
        return
    if not _bound:
        raise NotBound
    with _bound[0](
        set_local(Setting.WORKSPACE, workspace_id) + ("" if durable else _NOT_DURABLE)
    ) as connection:
        mark = _current.set(_Open(connection, workspace_id))
        try:
            yield connection
        finally:
            _current.reset(mark)


def see(connection: psycopg.Connection[Any], setting: Setting, number: int | None) -> None:
    """Say for this transaction whose rows row-level security shows."""
    connection.execute(set_local(setting, number))


def set_local(setting: Setting, number: int | None) -> LiteralString:
    """SET LOCAL as text: SET takes no parameters and Citus refuses set_config(); a formatted int carries no
    syntax.
    """
    value = "" if number is None else f"{int(number)}"
    return f"SET LOCAL shodaku.{setting.value} = '{value}'"


def connection() -> psycopg.Connection[Any]:
    """The connection of the open transaction. Raises NoTransaction."""
    opened = _current.get()
    if opened is None:
        raise NoTransaction
    return opened.connection


def workspace() -> int:
    """The workspace of the open transaction. Raises NoTransaction."""
    opened = _current.get()
    if opened is None or opened.workspace_id is None:
        raise NoTransaction
    return opened.workspace_id


@cache
def sql(package: str, name: str) -> LiteralString:
    """Text of `<package>/sql/<name>.sql`. Raises FileNotFoundError."""
    return (files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


class Statements:
    """The SQL of one room. Every call runs in the open transaction; `workspace_id` is always a parameter."""

    def __init__(self, package: str) -> None:
        self._package = package

    def text(self, name: str) -> LiteralString:
        return sql(self._package, name)

    def rows(self, name: str, row: type[Row], /, **parameters: object) -> list[Row]:
        """All rows as `row(**columns)`."""
        with _cursor(class_row(row)) as cursor:
            return cast("list[Row]", cursor.execute(self.text(name), _known(parameters)).fetchall())

    def rows_marked(
        self, name: str, marks: Mapping[str, LiteralString], row: type[Row], /, **parameters: object
    ) -> list[Row]:
        """As `rows`, where parts of the statement are chosen among texts of ours: an order, a comparison."""
        statement = self.text(name)
        for mark, text in marks.items():
            statement = statement.replace(mark, text)
        with _cursor(class_row(row)) as cursor:
            return cast("list[Row]", cursor.execute(statement, _known(parameters)).fetchall())

    def row(self, name: str, row: type[Row], /, **parameters: object) -> Row | None:
        """The first row, or None."""
        with _cursor(class_row(row)) as cursor:
            return cast("Row | None", cursor.execute(self.text(name), _known(parameters)).fetchone())

    def scalars(self, name: str, /, **parameters: object) -> list[Any]:
        """The first column of all rows."""
        with _cursor(scalar_row) as cursor:
            return cursor.execute(self.text(name), _known(parameters)).fetchall()

    def scalar(self, name: str, /, **parameters: object) -> Any:  # noqa: ANN401 - a column may hold anything
        """First column of the first row, or None."""
        with _cursor(scalar_row) as cursor:
            return cursor.execute(self.text(name), _known(parameters)).fetchone()

    def run(self, name: str, /, **parameters: object) -> int:
        """Execute; the number of rows that were touched."""
        with _cursor(scalar_row) as cursor:
            return cursor.execute(self.text(name), _known(parameters)).rowcount

    def run_many(self, name: str, batch: Sequence[Mapping[str, object]]) -> int:
        """Execute once per mapping, pipelined; the number of rows that were touched."""
        with _cursor(scalar_row) as cursor:
            cursor.executemany(self.text(name), [_known(dict(each)) for each in batch])
            return cursor.rowcount


def array(values: Iterable[object]) -> str:
    """A list as PostgreSQL itself writes one, for a parameter that is cast to its type. psycopg takes five
    times as long: of hundreds of rows that is most of what their statement costs here.
    """
    return f"{{{','.join([_WRITTEN[type(value)](value) for value in values])}}}"


def texts(values: Sequence[str]) -> str:
    """As `array`, of texts alone, most of which need no escape: 0.04 us each and not 0.15."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        return f"{{{','.join(map(_quoted, values))}}}"
    return f'{{"{joined}"}}'


def marks(values: Sequence[bytes]) -> str:
    """As `array`, of bytes alone."""
    if not values:
        return "{}"
    written = '","\\\\x'.join([value.hex() for value in values])
    return f'{{"\\\\x{written}"}}'


def numbers(values: Sequence[int]) -> str:
    """As `array`, of whole numbers alone."""
    return f"{{{','.join(map(str, values))}}}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


@lru_cache(maxsize=1_024)  # rows of one act have the same time
def _timed(at: datetime) -> str:
    return at.isoformat()


_WRITTEN: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "NULL",
    bool: lambda value: "t" if value else "f",
    int: str,
    str: _quoted,
    UUID: lambda value: value.hex,
    bytes: lambda value: rf'"\\x{value.hex()}"',
    datetime: _timed,
}


def _known(parameters: dict[str, object]) -> dict[str, object]:
    opened = _current.get()
    if opened is not None and opened.workspace_id is not None:
        parameters.setdefault("workspace_id", opened.workspace_id)
    return {name: value.value if isinstance(value, Enum) else value for name, value in parameters.items()}


def _cursor(factory: Any) -> psycopg.Cursor[Any]:  # noqa: ANN401 - psycopg's row factories share no public type
    cursor: psycopg.Cursor[Any] = psycopg.Cursor(connection(), row_factory=factory)
    cursor.adapters.register_loader("jsonb", JsonbLoader)  # Django's connections hand out text
    return cursor
