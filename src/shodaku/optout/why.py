"""Why mail comes to one person: what they did, each with its record, and how the newest is sealed."""

from __future__ import annotations

from dataclasses import dataclass

from shodaku.consent.selectors import Basis
from shodaku.kit.links import Token
from shodaku.ledger import selectors as ledger
from shodaku.ledger.selectors import Leaf
from shodaku.optout import selectors
from shodaku.optout.selectors import FirstMail, Person, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    person: Person
    acts: list[Recorded]  # oldest first
    last: Recorded | None  # the newest that has an entry
    leaf: Leaf | None  # that entry, looked at now
    first_mail: FirstMail | None
    bases: list[Basis]


def why(link: Token, person: Person) -> Why:
    """As it is now; the way of the newest record to the signed root is tried for this very answer."""
    acts = selectors.recorded(link.workspace_id, link.contact_id)
    last = next((act for act in reversed(acts) if act.event.entry_id is not None), None)
    return Why(
        person=person,
        acts=acts,
        last=last,
        leaf=ledger.leaf_of(link.workspace_id, last.event.entry_id or 0) if last else None,
        first_mail=selectors.first_mail(link.workspace_id, link.contact_id),
        bases=selectors.bases(link.workspace_id, link.contact_id),
    )
