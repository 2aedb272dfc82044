"""Has the address of a mail server a name (PTR), and does that name lead back to it? Pure but for `ask`.

Large receivers refuse or distrust mail from an address without such a name, so it is looked at beside SPF,
DKIM and DMARC; it stops nothing, for only whoever runs the server can set it. Source: RFC 1912 section 2.1.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from shodaku.delivery.dns_checks import DnsAway, Finding, Said, Seen, Subject

LOOKUPS_MAX: Final = 200  # of one check: four for a server that is well
HOSTS_MAX: Final = 20  # as many as a workspace may have
ADDRESSES_MAX: Final = 4  # of a host
NAMES_MAX: Final = 4  # of an address
_ADDRESS_KINDS: Final = ("A", "AAAA")
# RFC 1918, RFC 6598, RFC 4193: receivers see another address in their place
_INSIDE: Final = tuple(
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)

Ask = Callable[[str, str], Sequence[str]]  # name and kind of record: A, AAAA or PTR; may raise DnsAway
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def relay_findings(hosts: Sequence[str], ask: Ask) -> tuple[Finding, ...]:
    """One for each address of a mail server, or for one that has none; hosts are names or addresses."""
    seen, different = Seen(ask, LOOKUPS_MAX), [*dict.fromkeys(hosts)]
    return tuple(each for host in different[:HOSTS_MAX] for each in _of_host(host, seen))


def address_said(address: Address, ask: Ask) -> Said:
    """Raises DnsAway."""
    if address.is_loopback or address.is_link_local or any(address in each for each in _INSIDE):
        return Said.INSIDE
    names = ask(address.reverse_pointer, "PTR")[:NAMES_MAX]
    if not names:
        return Said.NO_NAME
    kind = "A" if isinstance(address, ipaddress.IPv4Address) else "AAAA"
    back = (each for name in names for each in ask(name, kind))
    return Said.FINE if any(_parsed(each) == address for each in back) else Said.UNCONFIRMED


def _of_host(host: str, ask: Ask) -> Iterator[Finding]:
    try:
        addresses = _addresses(host, ask)
    except DnsAway:
        yield Finding(Subject.PTR, host, Said.UNANSWERED)
        return
    if not addresses:
        yield Finding(Subject.PTR, host, Said.NO_ADDRESS)
    for each in addresses:
        name = str(each) if str(each) == host else f"{each} ({host})"
        try:
            yield Finding(Subject.PTR, name, address_said(each, ask))
        except DnsAway:
            yield Finding(Subject.PTR, name, Said.UNANSWERED)


def _addresses(host: str, ask: Ask) -> list[Address]:
    own = _parsed(host)
    if own is not None:
        return [own]
    if host == "localhost":  # RFC 6761: DNS is not asked for it
        return [ipaddress.IPv4Address("127.0.0.1")]
    texts = [each for kind in _ADDRESS_KINDS for each in ask(host, kind)]
    return [address for address in map(_parsed, texts) if address is not None][:ADDRESSES_MAX]


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
