"""Asks DNS, with limits. The only place that speaks DNS; whoever checks is given `Look` or `Ask`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dns.exception
import dns.resolver

from shodaku.delivery.dns_checks import DnsAway, Look
from shodaku.delivery.reverse_dns import Ask
from shodaku.kit.errors import WrongUse

ANSWER_SECONDS_MAX: Final = 2.0  # of one server
LOOKUP_SECONDS_MAX: Final = 5.0  # of one name, all servers and tries together
RECORDS_MAX: Final = 50
RECORD_CHARACTERS_MAX: Final = 4_096
_PORT: Final = 53
_PORT_MAX: Final = 65_535
_SETTING: Final = "SHODAKU_DNS"


class DnsServerFault(WrongUse):
    """SHODAKU_DNS names the address of a DNS server, with a port where it is not 53: 192.0.2.1:5353."""

    code = "dns_server_fault"


@dataclass(frozen=True, slots=True)
class Dns:
    """`look` for TXT records, `ask` for those of addresses."""

    look: Look
    ask: Ask


def from_environment(environment: Mapping[str, str] = os.environ) -> Dns:
    """The server that SHODAKU_DNS names, else those of the machine. Raises DnsServerFault, DnsAway."""
    named = environment.get(_SETTING, "")
    if not named:
        return resolver()
    host, colon, port = named.rpartition(":") if named.count(":") == 1 else (named, "", "")
    if colon and not (port.isdecimal() and 0 < int(port) <= _PORT_MAX):
        raise DnsServerFault(hint=named)
    return resolver(host, int(port) if colon else _PORT)


def resolver(server: str | None = None, port: int = _PORT) -> Dns:
    """`server` is an IP address; None: those of the machine. Raises DnsServerFault, DnsAway."""
    try:
        asking = dns.resolver.Resolver(configure=server is None)
        if server is not None:
            asking.nameservers, asking.port = [server], port
    except dns.resolver.NoResolverConfiguration:
        raise DnsAway(hint=f"this machine names no DNS server; set {_SETTING}") from None
    except ValueError:
        raise DnsServerFault(hint=str(server)) from None
    asking.timeout, asking.lifetime = ANSWER_SECONDS_MAX, LOOKUP_SECONDS_MAX

    def records(name: str, kind: str) -> list[Any]:
        try:
            answer = asking.resolve(f"{name.removesuffix('.')}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise DnsAway(hint=f"{name}: {type(error).__name__}") from None
        return list(answer)[:RECORDS_MAX]

    def look(name: str) -> tuple[str, ...]:
        return tuple(
            b"".join(each.strings)[:RECORD_CHARACTERS_MAX].decode("ascii", "replace")
            for each in records(name, "TXT")
        )

    def ask(name: str, kind: str) -> tuple[str, ...]:
        return tuple(each.to_text().removesuffix(".").lower() for each in records(name, kind))

    return Dns(look, ask)
