"""A relay per route, with its own connections for what is urgent: a campaign never delays a code."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from shodaku.delivery.domain import DEPTH_MAX, Carrier, Carries, Health, Kind
from shodaku.delivery.store import RouteRow
from shodaku.delivery.transports.backoff import BACKOFF_SECONDS
from shodaku.delivery.transports.dialogue import Login, Manner, Tls
from shodaku.delivery.transports.job import Transport
from shodaku.delivery.transports.provider import Provider
from shodaku.delivery.transports.providers import APIS, Account
from shodaku.delivery.transports.smtp import LOOPBACK, Relay, usual_tls
from shodaku.kit.errors import OutOfReach, WrongUse

URGENT_CONNECTIONS: Final = 2
DEFAULT_CONNECTIONS: Final = 8
_SMTP_PORT: Final = 25
_SUBMISSION_PORT: Final = 587
USUAL: Final = Manner()


class NoRoute(OutOfReach):
    """No mail server is set: neither a route of the workspace nor SHODAKU_SMTP_URL."""

    code = "no_route"


class SmtpUrlFault(WrongUse):
    """SHODAKU_SMTP_URL has the form smtp://user:password@host:port?tls=require, try or none, depth 0 to 4."""

    code = "smtp_url_fault"


class ProviderHostFault(WrongUse):
    """The address is none of this provider's; leave it empty for the usual one."""

    code = "provider_host_fault"


class PasswordMissing(OutOfReach):
    """The password file of a route is missing."""

    code = "route_password_missing"


@dataclass(frozen=True, slots=True)
class Target:
    """How a relay is reached. Equal targets share their connections."""

    host: str
    port: int
    tls: Tls
    login: Login | None
    rate: float | None
    connections: int
    route_id: int | None = None  # None: from the environment
    depth: int = 0  # mails under way at once on a connection that offers CHUNKING
    kind: Kind = Kind.SMTP
    signs_for: tuple[str, ...] = ()  # From domains, as somebody said

    @property
    def by_provider(self) -> bool:
        """Then the provider signs: most of them build the message anew."""
        return self.kind is not Kind.SMTP

    @property
    def encrypted(self) -> bool:
        """Of a provider: a key leaves this machine encrypted, whatever the row says."""
        return self.tls is not Tls.NONE or self.host not in LOOPBACK


@dataclass(frozen=True, slots=True)
class Offer:
    """A target with its place among the routes of a shop."""

    target: Target
    share: int = 1
    carries: Carries = Carries.ALL
    paced: bool = False  # a limit holds for what it carries
    warms: bool = False  # it is being made known to receivers, so many mails a day
    usable: bool = True  # else its password is missing, or its address is none: it keeps its place, and waits


def from_route(keys: Path, workspace_id: int, row: RouteRow) -> Target:
    """Raises PasswordMissing, ProviderHostFault."""
    kind = Kind(row.kind)
    if kind is not Kind.SMTP:
        check_host(kind, row.host)
    keyed = kind is not Kind.SMTP or row.username
    return place_of(row, Login(row.username, _password(keys, workspace_id, row.route_id)) if keyed else None)


def place_of(row: RouteRow, login: Login | None = None) -> Target:
    facts = (row.host, row.port, Tls(row.tls), login, row.messages_per_second, row.connections)
    return Target(*facts, row.route_id, row.depth, Kind(row.kind), tuple(row.signs_for))


def check_host(kind: Kind, host: str, environment: Mapping[str, str] = os.environ) -> None:
    """A key goes to its provider alone, or to an imitation on this machine. Raises ProviderHostFault."""
    imitated = environment.get("SHODAKU_PROVIDER_LOCAL") == "1" and host in LOOPBACK
    if not imitated and not APIS[kind].hosts.fullmatch(host):
        raise ProviderHostFault


def from_environment(environment: Mapping[str, str] = os.environ) -> Target:
    """Raises NoRoute, SmtpUrlFault."""
    url = environment.get("SHODAKU_SMTP_URL", "")
    if not url:
        raise NoRoute
    parts = urlsplit(url)
    options = {name: each[-1] for name, each in parse_qs(parts.query).items()}
    try:
        host, port = parts.hostname or "", parts.port or (_SUBMISSION_PORT if parts.username else _SMTP_PORT)
        tls = Tls(options["tls"]) if "tls" in options else usual_tls(host)
        rate = float(options["rate"]) if "rate" in options else None
        connections = int(options.get("connections", DEFAULT_CONNECTIONS))
        depth = int(options.get("depth", 0))
    except ValueError:
        raise SmtpUrlFault from None
    if parts.scheme != "smtp" or not host or not 0 <= depth <= DEPTH_MAX:
        raise SmtpUrlFault
    login = Login(unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Target(host, port, tls, login, rate, connections, depth=depth)


def _password(keys: Path, workspace_id: int, route_id: int) -> str:
    try:
        return (keys / f"route.{workspace_id}.{route_id}").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PasswordMissing(hint=f"{keys}/route.{workspace_id}.{route_id}") from None


class Relays:
    """`manner` holds the limits of every relay; name, encryption and login are its target's."""

    def __init__(
        self,
        manner: Manner = USUAL,
        now: Callable[[], float] = time.monotonic,
        *,
        backoff_seconds: float = BACKOFF_SECONDS,
    ) -> None:
        self._manner, self._now = manner, now
        self._open: dict[tuple[Target, bool], Transport] = {}
        self._tried: set[Transport] = set()
        self._name = socket.gethostname() or "localhost"
        self._backoff_seconds = backoff_seconds

    def get(self, target: Target, *, urgent: bool) -> Transport:
        relay = self._open.get((target, urgent))
        if relay is None:
            relay = self._open[target, urgent] = self._made(target, urgent=urgent)
        return relay

    def _made(self, target: Target, *, urgent: bool) -> Transport:
        connections = URGENT_CONNECTIONS if urgent else target.connections
        if target.by_provider and target.login is not None:
            return Provider(
                APIS[target.kind],
                Account(target.host, target.login),
                target.port,
                connections,
                encrypted=target.encrypted,
                rate=target.rate,
                backoff_seconds=self._backoff_seconds,
                now=self._now,
            )
        manner = replace(
            self._manner,
            name=self._name,
            tls=target.tls,
            login=target.login,
            chunking_depth=target.depth,
        )
        return Relay(
            target.host,
            target.port,
            connections,
            manner=manner,
            rate=target.rate,
            backoff_seconds=self._backoff_seconds,
            now=self._now,
        )

    def carrier(self, offer: Offer, *, urgent: bool, aligned: bool = True) -> Carrier:
        """The route as the next chunk meets it; of the environment it has the number 0."""
        usable = offer.usable
        health = self.health(self.get(offer.target, urgent=urgent)) if usable else Health.SET_ASIDE
        return Carrier(offer.target.route_id or 0, offer.share, health, aligned)

    def health(self, relay: Transport) -> Health:
        if not relay.circuit_open:
            return Health.WELL
        return Health.SET_ASIDE if relay in self._tried or seconds_to_wait(relay) > 0 else Health.TRIAL

    @contextmanager
    def trial(self, relay: Transport) -> Iterator[None]:
        """While its circuit is open one chunk at a time tries it."""
        if not relay.circuit_open:
            yield
            return
        self._tried.add(relay)
        try:
            yield
        finally:
            self._tried.discard(relay)

    async def close(self) -> None:
        await asyncio.gather(*(relay.close() for relay in self._open.values()))
        self._open.clear()


def seconds_to_wait(relay: Transport) -> float:
    """Until the relay's back-off ends."""
    return max(0.0, relay.retry_at - relay.now())
