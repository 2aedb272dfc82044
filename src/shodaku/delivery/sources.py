"""Where returned mails come from, and when a source is believed no more: whoever saw messages of ours can
make up that the addresses of their readers are dead (BOUNCES.md section 2).

Doors: `delivery.services`, `delivery.selectors`.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from shodaku.delivery import routes
from shodaku.delivery.restoring import take_back
from shodaku.kit import db, log
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger

WINDOW: Final = timedelta(minutes=10)
HARD_MAX: Final = (
    50  # dead addresses in the window; of fewer domains than the next line a server reports its own
)
DOMAINS_MIN: Final = 10
UNPROVED_MAX: Final = 50  # reports without a token of ours
QUARANTINE: Final = timedelta(days=1)
RELAY_TRUST: Final = timedelta(days=1)  # then DNS is asked again who our relays are
KEPT: Final = timedelta(days=1)
ROWS_MAX: Final = 200
_IPV6_BITS: Final = 64
_INSIDE: Final = tuple(
    ip_network(each)
    for each in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")
) + tuple(ip_network(each) for each in ("192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"))

_sql = db.Statements("shodaku.delivery")


class NoSource(WrongUse):
    """A source is the IP address of a mail server: 192.0.2.25."""

    code = "no_source"


@dataclass(frozen=True, slots=True)
class Source:
    source: str  # its address
    hard: int  # in its last ten minutes
    unproved: int
    held: int  # reports that ended nothing
    quarantined_until: datetime | None
    trusted: bool  # by staff


@dataclass(frozen=True, slots=True)
class _Counted:
    hard: int
    unproved: int
    domains: int
    quarantined: bool | None
    trusted: bool | None

    @property
    def exceeds(self) -> bool:
        return (self.hard > HARD_MAX and self.domains >= DOMAINS_MIN) or self.unproved > UNPROVED_MAX


def outside(text: str) -> str | None:
    """An address as sources are told apart; None of what is no address, or stands inside a network."""
    address = _parsed(text)
    if address is None or any(
        address in network for network in _INSIDE if network.version == address.version
    ):
        return None
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_BITS), strict=False).network_address)
    return str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().removeprefix("IPv6:").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def is_believed(workspace_id: int, source: str, domain: str, *, now: datetime) -> bool:
    """May a report with a token end the address it is about? `domain` is that of the address. A source that
    nothing is known of ("", a neighbour) is.
    """
    return _weighed(workspace_id, source, [_digest(domain)], hard=1, unproved=0, now=now)


def note_unproved(workspace_id: int, source: str, *, now: datetime) -> None:
    """A report without a token of ours: it ends nothing, and too many of them tell of a forger."""
    _weighed(workspace_id, source, [], hard=0, unproved=1, now=now)


def _weighed(
    workspace_id: int, source: str, domains: list[str], *, hard: int, unproved: int, now: datetime
) -> bool:
    known = outside(source)
    if known is None:
        return True
    with db.transaction(workspace_id):
        counted = _sql.row(
            "note_bounce_source",
            _Counted,
            source=known,
            hard=hard,
            unproved=unproved,
            domains=domains,
            domains_max=DOMAINS_MIN,
            after=now - WINDOW,
            now=now,
        )
    if counted is None or counted.trusted:
        return True
    if counted.exceeds and not counted.quarantined and known in _relays(workspace_id):
        with db.transaction(workspace_id):
            _sql.run("trust_source", source=known, until=now + RELAY_TRUST, now=now)
        return True
    if not counted.exceeds and not counted.quarantined:
        return True
    until = now + QUARANTINE if counted.exceeds else now
    with db.transaction(workspace_id):
        _sql.run("update_source_held", source=known, held=hard, until=until)
    if not counted.quarantined:
        restored = take_back(workspace_id, known, within=WINDOW, now=now)
        log.info("bounces.source_quarantined", workspace=workspace_id, hard=counted.hard, restored=restored)
    return False


def _digest(domain: str) -> str:
    """Told apart and not named: a domain may be a person's name."""
    return sha256(domain.lower().encode()).hexdigest()[:12]


def _relays(workspace_id: int) -> set[str]:
    """Whoever carries our mails also hands back what became of them, for all domains."""
    found: set[str] = set()
    for route in routes.routes(workspace_id):
        try:
            addresses = socket.getaddrinfo(route.host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # a provider's API has no such name; DNS that is away proves nothing
            continue
        found |= {each for *_, place in addresses if (each := outside(str(place[0]))) is not None}
    return found


def bounce_sources(workspace_id: int, *, now: datetime) -> list[Source]:
    """Who is in quarantine, the newest first; then who is trusted by staff."""
    with db.transaction(workspace_id):
        return _sql.rows("list_bounce_sources", Source, now=now, rows_max=ROWS_MAX)


def distrusted(workspace_id: int, *, now: datetime) -> list[Source]:
    return [each for each in bounce_sources(workspace_id, now=now) if each.quarantined_until is not None]


def trust_source(workspace_id: int, source: str, *, by: str, now: datetime) -> None:
    """From now on whatever it reports acts. Raises NoSource, VaultAway."""
    known = outside(source)
    if known is None:
        raise NoSource(hint=source)
    with db.transaction(workspace_id):
        _sql.run("trust_source", source=known, until="infinity", now=now)
        fields = {"by": by, "source": known}
        ledger.record_act(
            workspace_id, "admin.source.trusted", fields, event_id=uuid7(now, os.urandom(10)), now=now
        )


def drop_old_sources(workspace_id: int, *, now: datetime) -> None:
    with db.transaction(workspace_id):
        _sql.run("delete_bounce_sources", before=now - KEPT)
        _sql.run("delete_old_ended", before=now - KEPT)
