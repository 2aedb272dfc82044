"""The file of all that is kept about somebody: rows, evidence, and both in the parts that people know."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Final

from shodaku.complaints import selectors
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import AddressError, Channel, NumberError, parse_email, parse_phone
from shodaku.erasure import selectors as erasures
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.ledger.services import Act
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

FORMAT: Final = "shodaku-disclosure/1"
DISCLOSED: Final = "admin.disclosed"


def parsed(address: str) -> tuple[Channel, str]:
    """As somebody said it. What no parser takes still has a mark of its own, and can be stopped."""
    if "@" not in address and "＠" not in address:
        try:
            return Channel.SMS, parse_phone(address).e164
        except NumberError:
            return Channel.SMS, address
    try:
        return Channel.EMAIL, parse_email(address).address
    except AddressError:
        return Channel.EMAIL, address


def owner(workspace_id: int, address: str) -> int | None:
    """Whose address it is; None for nobody's, or no address at all."""
    if not address:
        return None
    channel, exact = parsed(address)
    with db.transaction(workspace_id):  # in which a token stays what it is
        pair = suppression.tokens(workspace_id, channel, exact)
        return contacts_known.claimed(workspace_id, channel, [pair.strict]).get(pair.strict)


def disclosure(
    workspace_id: int, contact_id: int | None, address: str, now: datetime, *, by: str
) -> tuple[dict[str, Any], int | None]:  # Any: JSON
    """The file for whoever was identified before, and the entry that says it was made. Raises VaultAway.

    `address` may be left out of somebody who is known: all of theirs are looked at.
    """
    named = [parsed(address)] if address else []
    known = contacts_known.addresses(workspace_id, contact_id) if contact_id is not None else []
    looked_at = dict.fromkeys([*named, *((Channel(each.channel), each.value) for each in known)])
    pairs = [suppression.tokens(workspace_id, channel, exact) for channel, exact in looked_at]
    sealed = {
        each.hold_id: each.destroy_after
        for channel, exact in looked_at
        for each in erasures.sealed_of(workspace_id, channel, exact)
    }
    content: dict[str, Any] = {
        "format": FORMAT,
        "made_at": now.isoformat(timespec="seconds"),
        "address": next((exact for _, exact in looked_at), ""),
        "known": contact_id is not None,
        "never_contacted": bool(pairs and suppressions.suppressed(workspace_id, pairs)),
        "evidence_sealed_until": [each.isoformat() for each in sorted(sealed.values())],
    }
    if contact_id is not None:
        content["person"] = selectors.own_record(workspace_id, contact_id, now).as_json()
        content |= selectors.record_of(workspace_id, contact_id)
    return content, _note(workspace_id, contact_id, {"by": by, "known": contact_id is not None}, now)


def provision_records(
    workspace_id: int, contact_id: int, now: datetime, *, by: str
) -> tuple[dict[str, Any], int | None]:  # Any: JSON
    """What others passed on to us and we to others (個人情報保護法33条5項). Raises VaultAway."""
    records = selectors.record_of(workspace_id, contact_id)["provision_records"]
    content = {
        "format": FORMAT,
        "made_at": now.isoformat(timespec="seconds"),
        "known": True,
        "provision_records": records,
    }
    return content, _note(workspace_id, contact_id, {"by": by, "part": "provision_records"}, now)


def _note(workspace_id: int, contact_id: int | None, said: dict[str, Value], now: datetime) -> int | None:
    with db.transaction(workspace_id):
        return write_down(workspace_id, contact_id, DISCLOSED, said, now)


def write_down(
    workspace_id: int, contact_id: int | None, kind: str, said: dict[str, Value], now: datetime
) -> int | None:
    """In the person's own history, which goes with them; of a stranger, among the acts of staff.

    In the open transaction. Raises ContactGone.
    """
    event_id = uuid7(now, os.urandom(10))
    if contact_id is None:
        return ledger.record_act_even_without_vault(workspace_id, kind, said, event_id=event_id, now=now)
    contacts.lock(contact_id)
    return ledger.append_even_without_vault(Act(contact_id, event_id, kind, now, said))
