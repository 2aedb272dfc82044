"""Could the tables be spread over several servers (Citus)? What each would be, and what stands against it.

Pure: a description of the tables in, obstacles out. The rules are those of Citus 13: a distributed table is
cut by one column, which stands in each of its keys; a reference table is whole on every server; the rest
stays on the coordinator. Nothing here changes a database (ADR 0035).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CUT_BY: Final = "contact_id"


class Place(StrEnum):
    DISTRIBUTED = "distributed"
    REFERENCE = "reference"
    COORDINATOR = "coordinator"


class Kind(StrEnum):
    KEY = "key"  # a key without the column that it is cut by cannot be kept over servers
    FOREIGN_KEY = "foreign_key"  # a reference that leads to another server
    TRIGGER = "trigger"  # triggers are no part of distributed and reference tables
    IDENTITY = "identity"  # numbers given by several servers at once need 64 bits


@dataclass(frozen=True, slots=True)
class Reference:
    columns: tuple[str, ...]
    table: str
    their_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    keys: tuple[tuple[str, ...], ...] = ()  # columns of the primary key and of each unique index
    references: tuple[Reference, ...] = ()
    triggers: tuple[str, ...] = ()
    narrow_identities: tuple[str, ...] = ()  # columns that number themselves with less than 64 bits


@dataclass(frozen=True, slots=True)
class Obstacle:
    table: str
    kind: Kind
    what: str  # columns, a trigger, the table a reference leads to


# what the gate holds, reads and writes of one person
_OF_A_PERSON: Final = frozenset(
    (
        *("contact", "address", "consent", "consent_event", "basis", "refusal", "purchase", "same_person"),
        *(
            "signup_request",
            "reconfirmation",
            "early_bounce",
            "delivery",
            "feedback",
            "hit",
            "forget_out",
            "contact_note",
        ),
    )
)
# what the gate reads besides, and what says no by a token instead of a number
_EVERYWHERE: Final = frozenset(
    (
        *("workspace", "sender", "sender_version", "topic", "wording", "mailing", "mail_domain"),
        *("exemption", "rule_choice"),
        *("complaint_level", "suppression", "suppression_block", "address_claim", "pepper_check", "fence"),
    )
)


def place_of(table: str) -> Place:
    if table in _OF_A_PERSON:
        return Place.DISTRIBUTED
    return Place.REFERENCE if table in _EVERYWHERE else Place.COORDINATOR


def obstacles(tables: Iterable[Table]) -> list[Obstacle]:
    """In the order of tables and kinds."""
    described = {table.name: table for table in tables}
    return sorted(
        (obstacle for table in described.values() for obstacle in _of(table)),
        key=lambda each: (each.table, each.kind, each.what),
    )


def _of(table: Table) -> Iterator[Obstacle]:
    place = place_of(table.name)
    for reference in table.references:
        if not _leads_home(place, reference):
            yield Obstacle(table.name, Kind.FOREIGN_KEY, reference.table)
    if place is Place.COORDINATOR:
        return
    for trigger in table.triggers:
        yield Obstacle(table.name, Kind.TRIGGER, trigger)
    for column in table.narrow_identities:
        yield Obstacle(table.name, Kind.IDENTITY, column)
    if place is Place.DISTRIBUTED:
        for key in table.keys:
            if CUT_BY not in key:
                yield Obstacle(table.name, Kind.KEY, ", ".join(key))


def _leads_home(place: Place, reference: Reference) -> bool:
    """A distributed table refers to what is everywhere, or to the same piece of another distributed one."""
    there = place_of(reference.table)
    match place, there:
        case Place.DISTRIBUTED, Place.DISTRIBUTED:
            return (CUT_BY, CUT_BY) in zip(reference.columns, reference.their_columns, strict=True)
        case Place.DISTRIBUTED, _:
            return there is Place.REFERENCE
        case _, _:
            return there is not Place.DISTRIBUTED


def by_table(found: Iterable[Obstacle]) -> Mapping[str, list[Obstacle]]:
    grouped: dict[str, list[Obstacle]] = {}
    for each in found:
        grouped.setdefault(each.table, []).append(each)
    return grouped
