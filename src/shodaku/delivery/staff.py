"""Somebody who works here gets mails of the product too, as a contact like everybody else."""

from __future__ import annotations

from datetime import datetime

from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, EmailAddress, search_key
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression


def remember_staff(workspace_id: int, email: EmailAddress, *, now: datetime) -> int | None:
    """The address as a contact that came in as staff; who is a contact already stays who they are.

    None for a suppressed address: the gate would refuse, but even remembering it again would undo an erasure;
    and for a blocked one. Raises VaultAway.
    """
    return suppression.with_fresh_pepper(lambda: _remember(workspace_id, email, now))


def _remember(workspace_id: int, email: EmailAddress, now: datetime) -> int | None:
    pair = suppression.tokens(workspace_id, Channel.EMAIL, email.address)
    if suppression_known.suppressed(workspace_id, [pair]) or suppression.blocked(
        workspace_id, [email.address]
    ):
        return None
    (contact_id,) = contacts.reserve_ids(1)
    ledger.ensure_keys(workspace_id, [contact_id])
    address = contacts.NewAddress(
        Channel.EMAIL, email.address, email.key, email.wire, pair.strict, pair.broad, pair.epoch
    )
    fresh = contacts.NewContact(
        contact_id=contact_id, address=address, source="staff", search_key=search_key(email.local)
    )
    with db.transaction(workspace_id):
        return contacts.remember(fresh, now=now)
