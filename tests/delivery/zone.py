"""DNS of the tests: a zone as a dict, and the same zone behind a real UDP socket on loopback.

A name leads to its TXT records, a pair of name and kind to those of that kind.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from shodaku.delivery.dns_checks import DnsAway


def texts(zone):
    """`look` over a dict of name -> text, texts, or None where DNS keeps silent."""

    def look(name):
        return _found(zone, name)

    return look


def records(zone):
    """`ask` over such a dict."""

    def ask(name, kind):
        return _found(zone, (name, kind))

    return ask


def _found(zone, question):
    found = zone.get(question, ())
    if found is None:
        raise DnsAway(hint=str(question))
    return (found,) if isinstance(found, str) else tuple(found)


@contextmanager
def served(zone):
    """Address of a DNS server, HOST:PORT, that answers from the zone; None is answered by nothing at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=[listening, zone, over])
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def _serve(listening, zone, over):
    while not over.is_set():
        try:
            data, whose = listening.recvfrom(4096)
        except TimeoutError:
            continue
        question = dns.message.from_wire(data)
        answer = _answer(question, zone)
        if answer is not None:
            listening.sendto(answer.to_wire(), whose)


def _answer(question, zone):
    name = question.question[0].name.to_text().removesuffix(".")
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    kind = dns.rdatatype.to_text(question.question[0].rdtype)
    found = zone.get(name if kind == "TXT" else (name, kind), ())
    if found is None:
        return None
    for text in (found,) if isinstance(found, str) else found:
        pieces = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
        told = pieces if kind == "TXT" else f"{text}." if kind == "PTR" else text
        answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", kind, told))
    if not answer.answer:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
