"""The mail servers of a workspace: which there are, in which order, and what each carries.

Each change is an entry of the ledger. Doors: `delivery.services`, `delivery.selectors`.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from shodaku.delivery import paces
from shodaku.delivery.domain import Carries, Kind
from shodaku.delivery.domain_groups import EVERY
from shodaku.delivery.relays import Target, check_host, from_route
from shodaku.delivery.store import RouteRow
from shodaku.delivery.transports.dialogue import Tls
from shodaku.delivery.transports.job import Outcome, Verdict
from shodaku.delivery.transports.provider import look
from shodaku.delivery.transports.providers import APIS, Account
from shodaku.delivery.transports.providers import PORT as PROVIDER_PORT
from shodaku.delivery.transports.smtp import LOOPBACK, probe, unreachable
from shodaku.kit import db, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import write_secret
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

ROUTES_MAX: Final = 20
_KEY: Final = re.compile(r"[!-~]{1,4096}")
_TRIAL_SECONDS_MAX: Final = 80.0  # connect, encrypt, log in, each with its own limit

_sql = db.Statements("shodaku.delivery")


class RouteNeeded(WrongUse):
    """Campaigns are on their way and no other mail server carries them: pause them, or add a server first."""

    code = "route_needed"


class UnknownRoute(WrongUse):
    """There is no mail server with this number."""

    code = "unknown_route"


class TooManyRoutes(WrongUse):
    """A workspace has at most 20 mail servers; remove one first."""

    code = "too_many_routes"


class HostNeeded(WrongUse):
    """A mail server needs an address."""

    code = "host_needed"


class KeyFault(WrongUse):
    """An API key has no spaces, and only letters of ASCII."""

    code = "key_fault"


class AccountNeeded(WrongUse):
    """The user name will not do: Amazon SES has the id of the access key, Mailgun the domain."""

    code = "account_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoute:
    name: str
    host: str  # of a provider: empty for the usual one
    port: int
    tls: str  # "require", "try" or "none"
    username: str = ""  # of a provider: id of the key (SES), domain (Mailgun), stream (Postmark)
    password: str = ""  # goes into a file, never into the database; empty: the present one stays
    messages_per_second: float | None = None
    connections: int = 4  # 1-64
    depth: int = 0  # mails under way at once on a connection that offers CHUNKING, 0-4; 0: never
    place: int | None = None  # ascending; None: behind the others, or as it was
    share: int = 100  # weight, 0-1000; 0: it stands by for the others
    enabled: bool = True
    carries: Carries = Carries.ALL
    kind: Kind = Kind.SMTP
    signs_for: tuple[str, ...] = ()  # From domains that it signs for, in small letters


@dataclass(frozen=True, slots=True)
class Route:
    route_id: int
    kind: str
    name: str
    host: str
    port: int
    tls: str
    username: str
    messages_per_second: float | None
    connections: int
    depth: int
    place: int
    share: int
    enabled: bool
    carries: str
    signs_for: list[str]
    last_error: str | None  # one sentence of the relay's, None while it works
    last_error_at: datetime | None
    set_aside_at: datetime | None  # since then it gets nothing, and the others carry its mails

    @property
    def takes_tests(self) -> bool:
        return self.enabled and Carries(self.carries).takes(urgent=True)

    @property
    def troubled(self) -> bool:
        """It is meant to carry mails and does not."""
        return self.enabled and self.last_error is not None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a server said when nothing was sent: one sentence."""

    well: bool
    sentence: str
    seconds: float = 0.0  # until it was said


def routes(workspace_id: int) -> list[Route]:
    """In their order."""
    with db.transaction(workspace_id):
        return _sql.rows("list_routes", Route)


def add_route(workspace_id: int, route: NewRoute, *, by: str, now: datetime) -> int:
    """Its number. Raises TooManyRoutes, VaultAway, and what `settled` raises."""
    route = settled(route)
    with db.transaction(workspace_id):
        if len(_sql.scalars("lock_routes")) >= ROUTES_MAX:
            raise TooManyRoutes
        route_id = int(_sql.scalar("insert_route", now=now, **_columns(route)))
        paces.keep(route_id, EVERY, route.messages_per_second)
        _record(workspace_id, "admin.route.changed", route_id, route, by, now)
    _keep_password(workspace_id, route_id, route.password)
    return route_id


def change_route(workspace_id: int, route_id: int, route: NewRoute, *, by: str, now: datetime) -> None:
    """Workers follow within 5 seconds.

    Raises UnknownRoute, RouteNeeded, VaultAway, and what `settled` raises.
    """
    route = settled(route)
    with db.transaction(workspace_id):
        _require(route_id)
        before = next(each for each in routes(workspace_id) if each.route_id == route_id)
        _sql.run("update_route", route_id=route_id, **_columns(route))
        _require_carried(workspace_id)
        paces.keep(route_id, EVERY, route.messages_per_second)
        _record(workspace_id, "admin.route.edited", route_id, route, by, now)
    if before.kind != route.kind:  # the secret of one is not shown to another
        _password_file(workspace_id, route_id).unlink(missing_ok=True)
    _keep_password(workspace_id, route_id, route.password)


def remove_route(workspace_id: int, route_id: int, *, by: str, now: datetime) -> None:
    """With its password. Not the last one that carries what is on its way: then mails would leave by another
    server than anybody chose, or not at all. Raises UnknownRoute, RouteNeeded, VaultAway.
    """
    with db.transaction(workspace_id):
        _require(route_id)
        _sql.run("delete_route", route_id=route_id)
        paces.drop(route_id)
        _require_carried(workspace_id)
        _record(workspace_id, "admin.route.removed", route_id, None, by, now)
    _password_file(workspace_id, route_id).unlink(missing_ok=True)


def try_route(workspace_id: int, route_id: int, *, seconds_max: float = _TRIAL_SECONDS_MAX) -> Tried:
    """Connect, encrypt, log in, and say goodbye. Raises UnknownRoute, PasswordMissing, ProviderHostFault."""
    found = next((each for each in routes(workspace_id) if each.route_id == route_id), None)
    if found is None:
        raise UnknownRoute(hint=str(route_id))
    columns = {name: getattr(found, name) for name in RouteRow._fields if hasattr(found, name)}
    row = RouteRow(**columns, paced=False, warms=False)
    target = from_route(runtime.current().keys, workspace_id, row)
    began = time.monotonic()
    said = asyncio.run(_said_by(target, seconds_max))
    return Tried(said.verdict is Verdict.ACCEPTED, said.text, time.monotonic() - began)


async def _said_by(target: Target, seconds_max: float) -> Outcome:
    try:
        async with asyncio.timeout(seconds_max):
            if target.login is not None and target.by_provider:
                account = Account(target.host, target.login)
                return await look(APIS[target.kind], account, target.port, encrypted=target.encrypted)
            return await probe(target.host, target.port, target.tls, target.login)
    except TimeoutError as error:
        return unreachable(error)


def settled(route: NewRoute) -> NewRoute:
    """Of a provider: its own address, port and encryption.

    Raises HostNeeded, ProviderHostFault, AccountNeeded, KeyFault.
    """
    kind = Kind(route.kind)
    if kind is Kind.SMTP:
        if not route.host:
            raise HostNeeded
        return route
    api = APIS[kind]
    host = route.host or api.host
    check_host(kind, host)
    if not api.user.fullmatch(route.username):
        raise AccountNeeded
    if route.password and not _KEY.fullmatch(route.password):
        raise KeyFault
    if host in LOOPBACK:
        return route
    return replace(route, host=host, port=PROVIDER_PORT, tls=Tls.REQUIRE.value)


def _columns(route: NewRoute) -> dict[str, object]:
    columns = {name: getattr(route, name) for name in NewRoute.__slots__ if name != "password"}
    return {**columns, "signs_for": list(route.signs_for)}


def _require(route_id: int) -> None:
    """Raises UnknownRoute. Holds all of them, so that two changes at once see each other."""
    if route_id not in _sql.scalars("lock_routes"):
        raise UnknownRoute(hint=str(route_id))


def _require_carried(workspace_id: int) -> None:
    """Raises RouteNeeded."""
    left = [each for each in routes(workspace_id) if each.enabled]
    if any(Carries(each.carries).takes(urgent=False) for each in left):
        return
    if _sql.scalar("waits_for_campaigns"):
        raise RouteNeeded


def _record(
    workspace_id: int, kind: str, route_id: int, route: NewRoute | None, by: str, now: datetime
) -> None:
    named: dict[str, Value] = (
        {} if route is None else {"host": route.host, "port": route.port, "on": route.enabled}
    )
    fields: dict[str, Value] = {"by": by, "route_id": route_id, **named}
    ledger.record_act(workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now)


def _keep_password(workspace_id: int, route_id: int, password: str) -> None:
    if password:
        file = _password_file(workspace_id, route_id)
        file.unlink(missing_ok=True)
        write_secret(file, password.encode())


def _password_file(workspace_id: int, route_id: int) -> Path:
    return runtime.current().keys / f"route.{workspace_id}.{route_id}"
