"""The walk through the machine-readable part of a report (RFC 3464 section 2.3), as programs write it. Pure.

Groups run into one another, fields stand in any order, names lack a letter, a type is missing: what can be
read is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from shodaku.delivery.bounces.addresses import recipient_of

RECIPIENTS_MAX: Final = 200
_FIELD: Final = re.compile(r"^([A-Za-z][A-Za-z-]{2,40})[ \t]*:[ \t]*(.*)$")
_STARTS: Final = ("final-recipient", "original-recipient")
_NAMES: Final = frozenset(
    {"final-recipient", "original-recipient", "action", "status", "remote-mta", "diagnostic-code"}
)
_GOOD: Final = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Group:
    """What a report says of one recipient."""

    address: str  # the final recipient, else the original one; empty where neither is an address
    action: str  # failed, delayed, delivered, relayed, expanded; empty where none is given
    status: str  # with its comment: 5.2.1 (mailbox disabled)
    diagnostic: str  # without its type
    remote: str  # the server that answered

    @property
    def arrived(self) -> bool:
        return self.action in _GOOD

    @property
    def waits(self) -> bool:
        """The server has not given up (RFC 3464 section 2.3.3)."""
        return self.action == "delayed"


def groups_in(report: str) -> list[Group]:
    """One for each recipient, in the order of the report; what it says twice once."""
    about = (fields for fields in _split(report) if _about_somebody(fields))
    return list(dict.fromkeys(_group(fields) for fields in islice(about, RECIPIENTS_MAX)))


def _split(report: str) -> Iterator[dict[str, str]]:
    """Fields of one recipient end at an empty line, or where a field comes a second time."""
    fields: dict[str, str] = {}
    name = ""
    for line in report.split("\n"):
        match = _FIELD.match(line)
        if match:
            name = match[1].lower()
            if name in fields and name in _NAMES:
                yield fields
                fields = {}
            fields.setdefault(name, match[2].strip())
        elif line[:1] in (" ", "\t") and line.strip() and name in fields:
            fields[name] += " " + line.strip()
        elif not line.strip():
            yield fields
            fields, name = {}, ""
    yield fields


def _about_somebody(fields: dict[str, str]) -> bool:
    return any(name in fields for name in _STARTS)


_DIAGNOSTIC_TYPE: Final = re.compile(r"^\s*(?:smtp|lmtp|dns|x-[A-Za-z0-9-]{1,40})\s*;\s*", re.IGNORECASE)


def _group(fields: dict[str, str]) -> Group:
    written = [each for name in _STARTS if (each := recipient_of(fields.get(name, "")))]
    return Group(
        address=next((each for each in written if _is_public(each)), next(iter(written), "")),
        action=fields.get("action", "").split("(")[0].strip().lower(),
        status=fields.get("status", ""),
        diagnostic=_DIAGNOSTIC_TYPE.sub("", fields.get("diagnostic-code", "")).strip(),
        remote=fields.get("remote-mta", ""),
    )


def _is_public(address: str) -> bool:
    """Not one inside a mail system, such as reader@store, which nobody could have written to."""
    return "." in address.rpartition("@")[2]
