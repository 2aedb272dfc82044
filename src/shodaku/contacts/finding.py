"""Find people in a list of a million: newest or oldest first, by the telephone book, or by a beginning.

Nothing is read without an end. A condition is asked about at most `LOOKED_AT_MAX` people a page; where they
did not fill it, the page says where the next look begins. Door: `selectors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, assert_never

from psycopg import Cursor
from psycopg.rows import class_row

from shodaku.contacts.domain import search_key
from shodaku.contacts.search_keys import LAST, SOUGHT_CHARACTERS_MAX, address_beginning, end_of
from shodaku.kit import db

PAGE_ROWS: Final = 50
LOOKED_AT_MAX: Final = 10_000  # a condition that asks three tables of each takes 50 ms for them
_PARTS_AMONG: Final = 10_000  # of the newest: parts of names need each of them read
FOUND_AMONG: Final = 2_000  # of one beginning, where a condition has to hold besides
_LAST_ID: Final = 2**63 - 1
_MARK: Final = "/*where*/"
# only nested loops: for a condition that asks one person after another the planner hashed whole tables
_PINNED: Final = (
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off"
)

_sql = db.Statements("shodaku.contacts")


class Condition(Protocol):
    """A compiled `segments.domain.Where`: SQL over the aliases c (contact) and a (its e-mail address)."""

    @property
    def sql(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, object]: ...


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    KANA = "kana"


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the contact list."""

    contact_id: int
    family_name: str | None
    given_name: str | None
    kana: str | None
    company: str | None
    created_at: datetime
    key: str  # what the list is ordered by, unless it is by the newest
    address: str | None

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.family_name, self.given_name))) or self.company or ""


@dataclass(frozen=True, slots=True)
class Start:
    """Behind which line a page begins."""

    contact_id: int
    key: str = ""  # for pages of a search; elsewhere it is looked up


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Found]
    following: Start | None = None
    ended_early: bool = False  # the look ended before the page was full; more may follow
    parts: list[Found] | None = None  # among the newest, by a part of a name; None: it was not looked for


@dataclass(frozen=True, slots=True)
class _Everybody:
    sql: str = "true"
    parameters: Mapping[str, object] = field(default_factory=dict)


EVERYBODY: Final = _Everybody()


def find(
    workspace_id: int,
    text: str = "",
    *,
    chosen: Condition | None = None,
    order: Order = Order.NEWEST,
    start: Start | None = None,
    rows_max: int | None = None,
) -> Page:
    """A page of people who fulfil the condition; with a text those whose name, reading, company, e-mail
    address or number begins with it, in any width and kana.
    """
    sought, rows = text.replace("\0", "").strip()[:SOUGHT_CHARACTERS_MAX], rows_max or PAGE_ROWS
    with db.transaction(workspace_id) as connection:
        connection.execute(_PINNED)
        if sought:
            return _beginning(sought, chosen, start, rows)
        match order:
            case Order.NEWEST:
                return _newest(chosen, start, rows)
            case Order.OLDEST:
                return _oldest(chosen, start, rows)
            case Order.KANA:
                return _in_order(chosen, start, rows)
            case unreachable:
                assert_never(unreachable)


def _newest(chosen: Condition | None, start: Start | None, rows_max: int) -> Page:
    before = start.contact_id if start else _LAST_ID
    last: int | None = None
    if chosen is not None:
        last = _sql.scalar("get_last_of_newest", before=before, looked_at_max=LOOKED_AT_MAX)
    rows = _rows("list_newest", chosen, before=before, last=last or 0, rows_max=rows_max + 1)
    return _page(rows, rows_max, None if last is None else Start(last))


def _oldest(chosen: Condition | None, start: Start | None, rows_max: int) -> Page:
    after = start.contact_id if start else 0
    last: int | None = None
    if chosen is not None:
        last = _sql.scalar("get_last_of_oldest", after=after, looked_at_max=LOOKED_AT_MAX)
    rows = _rows("list_oldest", chosen, after=after, last=last or _LAST_ID, rows_max=rows_max + 1)
    return _page(rows, rows_max, None if last is None else Start(last))


def _in_order(chosen: Condition | None, start: Start | None, rows_max: int) -> Page:
    after, after_key = 0, ""
    if start is not None:
        after, after_key = start.contact_id, _sql.scalar("get_order", contact_id=start.contact_id) or ""
    last: Start | None = None
    if chosen is not None:
        last = _sql.row(
            "get_last_in_order", Start, after=after, after_key=after_key, looked_at_max=LOOKED_AT_MAX
        )
    rows = _rows(
        "list_in_order", chosen, after=after, after_key=after_key, rows_max=rows_max + 1,
        last=last.contact_id if last else _LAST_ID, last_key=last.key if last else end_of(LAST),
    )  # fmt: skip
    return _page(rows, rows_max, last)


def _page(rows: list[Found], rows_max: int, last: Start | None) -> Page:
    """`last` is of those looked at; None: the list ends with these rows."""
    if len(rows) > rows_max:
        shown = rows[:rows_max]
        return Page(shown, Start(shown[-1].contact_id, shown[-1].key))
    return Page(rows, last, ended_early=last is not None)


def _beginning(text: str, chosen: Condition | None, start: Start | None, rows_max: int) -> Page:
    names, address = search_key(text), address_beginning(text)
    looked_at_max = rows_max + 1 if chosen is None else FOUND_AMONG
    behind = (start.key, start.contact_id) if start else ("", 0)
    names_after, names_id = max(behind, (names or LAST, 0))  # code point by code point, as collation "C"
    address_after, address_id = max(behind, (address, 0))
    rows = _rows(
        "list_beginning", chosen, names_after=names_after, names_id=names_id, names_to=end_of(names),
        address_after=address_after, address_id=address_id, address_to=end_of(address),
        looked_at_max=looked_at_max, rows_max=rows_max + 1,
    )  # fmt: skip
    following = Start(rows[rows_max - 1].contact_id, rows[rows_max - 1].key) if len(rows) > rows_max else None
    shown = list({row.contact_id: row for row in reversed(rows[:rows_max])}.values())[::-1]
    if start is not None or following is not None:
        return Page(shown, following)
    return Page(shown, parts=_parts(names, address, chosen, {row.contact_id for row in shown}, rows_max))


def _parts(names: str, address: str, chosen: Condition | None, shown: set[int], rows_max: int) -> list[Found]:
    last = _sql.scalar("get_last_of_newest", before=_LAST_ID, looked_at_max=_PARTS_AMONG)
    rows = _rows("list_parts", chosen, last=last or 0, names=names, address=address, rows_max=2 * rows_max)
    return [row for row in rows if row.contact_id not in shown][: rows_max - len(shown)]


def _rows(name: str, chosen: Condition | None, **values: object) -> list[Found]:
    condition = chosen or EVERYBODY
    statement = _sql.text(name).replace(_MARK, condition.sql)
    parameters = {"workspace_id": db.workspace(), **values, **condition.parameters}
    with Cursor(db.connection(), row_factory=class_row(Found)) as cursor:
        return cursor.execute(statement, parameters).fetchall()
