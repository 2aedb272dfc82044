"""A no that the database cannot take, or that comes too often from one place, is written down beside it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Final

import django.db
import psycopg

from shodaku.kit import log
from shodaku.kit.erasure_journal import JournalUnwritable
from shodaku.optout.domain import OptOut, Receipt
from shodaku.optout.received import receive
from shodaku.optout.stopping import opt_out, opt_out_many

PRESSES_MAX: Final = 60  # in a minute from one network; what comes beyond is obeyed later, and never refused
NETWORKS_MAX: Final = 10_000  # that are remembered
IPV4_BITS: Final = 24
IPV6_BITS: Final = 56
# a lock that a migration holds for too long is as good as a database that is away
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    django.db.OperationalError,
    django.db.InterfaceError,
)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Received:
    """It is written down and will be obeyed; it is not done yet."""

    number: str  # R-2026-11-25-4F2A9C
    at: datetime


@dataclass(slots=True)
class Presses:
    """How many came from each network in its minute; of this process."""

    counts: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def are_too_many(self, ip: str, now: datetime) -> bool:
        """Counts this one."""
        network = network_of(ip)
        with self.lock:
            since, count = self.counts.pop(network, (now, 0))
            if not timedelta(0) <= now - since < _MINUTE:
                since, count = now, 0
            self.counts[network] = since, count + 1
            if len(self.counts) > NETWORKS_MAX:
                self.counts.popitem(last=False)
        return count >= PRESSES_MAX


_presses: Final = Presses()


def network_of(ip: str) -> str:
    """The neighbours of an address: whoever has one of them has them all."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = IPV6_BITS if isinstance(address, IPv6Address) else IPV4_BITS
    return str(ip_network((address, bits), strict=False))


def stop_or_receive(request: OptOut, now: datetime, *, presses: Presses = _presses) -> Receipt | Received:
    """What a page does with a press: done if it can be, else received, which is answered with status 202.

    Whoever presses without end waits for no lock: a no that stands already is said again at once, and the
    workers of this host, which wait for what was received, are not held up by one person. Raises ContactGone
    when nobody is left to stop anything for, and what `receive` raises.
    """
    try:
        if request.ip and presses.are_too_many(request.ip, now):
            (receipt,) = opt_out_many([request], now, wait=False)
            return receipt or Received(receive(request, now), now)
        return opt_out(request, now)
    except AWAY as fault:
        log.info("optout.database_away", error=type(fault).__name__)
        return Received(receive(request, now), now)
    except JournalUnwritable:  # the disk is full and the database is not: then the lock is waited for
        return opt_out(request, now)
