"""Who vouches for the sender of a mail: what our own mail server wrote into Authentication-Results. Pure.

Source: RFC 8601 (the field), RFC 9989 (DMARC), JAPAN.md section 5: what answers a forged sender hits a
stranger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIELD_CHARS_MAX: Final = 4_000  # of one field; servers write some hundred
RESULTS_MAX: Final = 40
SERVER_CHARS_MAX: Final = 253

_COMMENT: Final = re.compile(r"\([^()]*\)")
_METHOD: Final = re.compile(r"([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)")
_PROPERTY: Final = re.compile(r"(smtp|header|policy)\.([a-z0-9_-]+)\s*=\s*(\"[^\"]*\"|[^\s;\"]+)")
_SERVER: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


class NoServer(ValueError):
    """A mail server is named as it names itself in Authentication-Results, such as mx.example.com."""


class Proof(StrEnum):
    PASSES = "passes"
    FAILS = "fails"
    ABSENT = "absent"  # our server said nothing that counts


@dataclass(frozen=True, slots=True)
class Judged:
    proof: Proof
    said: str = ""  # the results that decided, as the evidence keeps them


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    result: str
    properties: dict[str, str]


def parse_server(text: str) -> str:
    """Raises NoServer."""
    server = text.strip().lower()
    if len(server) > SERVER_CHARS_MAX or not _SERVER.fullmatch(server):
        raise NoServer
    return server


def judge(fields: Sequence[str], server: str, sender_domain: str) -> Judged:
    """May this sender be answered? `fields` from the top of the mail; only the first of `server` is believed,
    since a border server takes out those that came with the mail (RFC 8601 section 5).

    DMARC decides. Where the domain publishes none, an aligned SPF or DKIM result does.
    """
    results = next((found for each in fields if (found := _results_of(each, server)) is not None), None)
    if results is None:
        return Judged(Proof.ABSENT)
    domain = sender_domain.lower()
    dmarc = [each for each in results if each.method == "dmarc"]
    for each in dmarc:
        if each.properties.get("header.from", domain).lower() != domain:
            continue
        if each.result == "pass":
            return Judged(Proof.PASSES, f"{server}; dmarc=pass")
        if each.result == "fail":
            return Judged(Proof.FAILS, f"{server}; dmarc=fail")
        if each.result not in ("none", "bestguesspass"):
            return Judged(Proof.ABSENT, f"{server}; dmarc={each.result}")
    for each in results:
        if each.result == "pass" and _is_aligned(each, domain):
            return Judged(Proof.PASSES, f"{server}; {each.method}=pass")
    return Judged(Proof.ABSENT)


def _is_aligned(result: _Result, domain: str) -> bool:
    """The very domain or one above or below it (relaxed alignment, without a list of public suffixes: so a
    domain of one label never counts).
    """
    match result.method:
        case "spf":
            names: tuple[str, ...] = ("smtp.mailfrom",)
        case "dkim":
            names = ("header.d", "header.i")
        case _:
            return False
    found = [
        result.properties[name].rpartition("@")[2].lower() for name in names if name in result.properties
    ]
    return any(_related(each, domain) for each in found[:1])


def _related(one: str, other: str) -> bool:
    shorter, longer = sorted((one.strip("."), other.strip(".")), key=len)
    return shorter == longer or (shorter.count(".") >= _DOTS_MIN and longer.endswith(f".{shorter}"))


_DOTS_MIN: Final = 2  # example.co.jp, not co.jp: what a registry sells is nobody's


def _results_of(field: str, server: str) -> list[_Result] | None:
    """None: of another server."""
    text = _without_comments(field[:FIELD_CHARS_MAX].lower())
    head, *parts = text.split(";")
    if head.split()[:1] != [server]:
        return None
    return [found for part in parts[:RESULTS_MAX] if (found := _result(part)) is not None]


def _result(part: str) -> _Result | None:
    method = _METHOD.match(part.strip())
    if method is None:
        return None
    named = {f"{kind}.{name}": value.strip('"') for kind, name, value in _PROPERTY.findall(part)}
    return _Result(method[1], method[2], named)


def _without_comments(text: str) -> str:
    """From the inside out, so that one in another leaves nothing behind."""
    before = ""
    while before != text:
        before, text = text, _COMMENT.sub(" ", text)
    return text
