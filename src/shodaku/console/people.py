"""Names and addresses beside numbers of contacts, for lists; addresses are masked where they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.kit import db


@dataclass(frozen=True, slots=True)
class PersonLine:
    contact_id: int
    name: str
    address: str  # to be masked


def lines(
    workspace_id: int, contact_ids: Iterable[int], channel: Channel = Channel.EMAIL
) -> dict[int, PersonLine]:
    """Who is erased meanwhile is left out."""
    found = {}
    with db.transaction(workspace_id):
        for contact_id in contact_ids:
            person = contacts.contact(workspace_id, contact_id)
            if person is not None:
                reached = contacts.addresses(workspace_id, contact_id)
                address = next((each.value for each in reached if each.channel == channel), "")
                found[contact_id] = PersonLine(contact_id, person.name, address)
    return found
