"""A column store (ClickHouse) that takes a copy of clicks, opens and reports, by its HTTP interface.

Nothing is decided by it: neither the gate nor a page that somebody waits for asks it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from shodaku.kit import outgoing
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.kit.outgoing import NoWebAddress, WebAddress, parse_web_address

VARIABLE: Final = "SHODAKU_CLICKHOUSE_URL"
_OK: Final = 200
_SETTINGS: Final = {
    "wait_end_of_query": "1",  # else a fault may come after the status
    "output_format_json_quote_64bit_integers": "0",
}

Row = Mapping[str, Any]  # Any: a column may hold a number or a text


class ColumnStoreUrlFault(WrongUse):
    """SHODAKU_CLICKHOUSE_URL has the form https://user:password@host:8443/database."""

    code = "column_store_url_fault"


class NoColumnStore(OutOfReach):
    """No column store is named: set SHODAKU_CLICKHOUSE_URL."""

    code = "no_column_store"


class ColumnStoreAway(OutOfReach):
    """The column store cannot be reached; what it lacks is copied when it is back."""

    code = "column_store_away"


class ColumnStoreRefused(OutOfReach):
    """The column store refused a statement: look at its user, its database and its version."""

    code = "column_store_refused"


@dataclass(frozen=True, slots=True)
class ColumnStore:
    where: WebAddress
    database: str
    user: str
    password: str

    def ask(self, name: str, **values: int | list[int]) -> list[Row]:
        """The rows of `columns/<name>.sql`. Raises ColumnStoreAway, ColumnStoreRefused."""
        body = self._post(_text(name), b"", values)
        return [json.loads(line) for line in body.splitlines() if line]

    def put(self, name: str, rows: Sequence[Row]) -> None:
        """A batch, by `columns/<name>.sql`. Raises ColumnStoreAway, ColumnStoreRefused."""
        self._post(_text(name), "\n".join(json.dumps(row) for row in rows).encode(), {})

    def _post(self, statement: str, body: bytes, values: Mapping[str, int | list[int]]) -> bytes:
        """The statement in the address, as its interface wants it where rows follow."""
        given = {f"param_{name}": str(value).replace(" ", "") for name, value in values.items()}
        asked = {"database": self.database, **_SETTINGS, **given}
        if body:
            asked["query"] = statement
        else:
            body, asked["default_format"] = statement.encode(), "JSONEachRow"
        there = WebAddress(self.where.scheme, self.where.host, self.where.port, f"/?{urlencode(asked)}")
        login = {"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password}
        try:
            answer = outgoing.post(there, body, "text/plain", local=True, headers=login)
        except OutOfReach as error:
            raise ColumnStoreAway(hint=error.code) from error
        if answer.status != _OK:  # what it says may repeat what was asked
            raise ColumnStoreRefused(hint=f"HTTP {answer.status}")
        return answer.body


def from_environment(environment: Mapping[str, str] = os.environ) -> ColumnStore | None:
    """None: nobody wants a copy. Raises ColumnStoreUrlFault."""
    text = environment.get(VARIABLE, "")
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, _, database = parts.netloc.rpartition("@")[2], *parts.path.partition("/")[1:]
        where = parse_web_address(urlunsplit((parts.scheme, host, "/", "", "")), local=True)
        user, password = unquote(parts.username or "default"), unquote(parts.password or "")
    except (ValueError, NoWebAddress):
        raise ColumnStoreUrlFault from None  # its text may hold a password
    if not database.isidentifier() or parts.query or not (user + password).isprintable():
        raise ColumnStoreUrlFault
    return ColumnStore(where, database, user, password)


def required() -> ColumnStore:
    """Raises NoColumnStore, ColumnStoreUrlFault."""
    store = from_environment()
    if store is None:
        raise NoColumnStore
    return store


@cache
def _text(name: str) -> str:
    return (files("shodaku.delivery") / "columns" / f"{name}.sql").read_text(encoding="utf-8")
