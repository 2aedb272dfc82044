"""Names and addresses beside numbers of contacts, for lists; addresses are masked where they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel


@dataclass(frozen=True, slots=True)
class PersonLine:
    contact_id: int
    name: str
    address: str  # to be masked


def lines(
    workspace_id: int, contact_ids: Iterable[int], channel: Channel = Channel.EMAIL
) -> dict[int, PersonLine]:
    """Who is erased meanwhile is left out."""
    found = contacts.lines(workspace_id, list(contact_ids), channel)
    return {
        contact_id: PersonLine(contact_id, row.name, row.address or "") for contact_id, row in found.items()
    }
