"""Whether it may be noted which links a person follows, and whether they open a mail: their own choice alone.

Off until they tick the box of their own page; the words beside it are the evidence. Taken back, it ends at
once, and what was noted is deleted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.delivery import services as delivery
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.kit.links import Token
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.ledger.services import Act, KeyDestroyed
from shodaku.optout.obeying import settle_later

AGREED: Final = "measuring.agreed"
ENDED: Final = "measuring.ended"


def agree(link: Token, wording: str, *, evidence: Mapping[str, str], now: datetime) -> bool:
    """False: it was allowed already. Raises VaultAway, ContactGone, KeyDestroyed."""
    workspace_id, contact_id = link.workspace_id, link.contact_id
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        if contacts_known.measured_since(workspace_id, contact_id) is not None:
            return False
        said = _said(evidence) | {"wording": wording}
        ledger.append(Act(contact_id, uuid7(now, os.urandom(10)), AGREED, now, said))
        contacts.allow_measuring(contact_id, now)
        return True


def end(link: Token, *, evidence: Mapping[str, str], now: datetime) -> bool:
    """Works while the key store is away. False: it was not allowed. Raises ContactGone."""
    workspace_id, contact_id = link.workspace_id, link.contact_id
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        if contacts_known.measured_since(workspace_id, contact_id) is None:
            return False
        contacts.forbid_measuring(contact_id)
        delivery.forget_hits(contact_id)
        with suppress(KeyDestroyed):  # being erased: nothing is recorded of them any more
            act = Act(contact_id, uuid7(now, os.urandom(10)), ENDED, now, _said(evidence))
            if ledger.append_even_without_vault(act) is None:
                settle_later(workspace_id, now)
        return True


def _said(evidence: Mapping[str, str]) -> dict[str, Value]:
    return {"method": Method.PREFERENCE.value, **evidence}
