"""The receipt of one's own act: a link that only its holder has, and what it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.link_faults import NumberTooBigForLink
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import leaves, vault
from shodaku.ledger.domain import SealBroken, unseal
from shodaku.ledger.leaves import Leaf
from shodaku.ledger.vault import VaultAway

_sql = db.Statements("shodaku.ledger")


class Reading(StrEnum):
    """Who can read what was recorded."""

    OPEN = "open"
    AWAY = "away"  # the key store cannot be reached just now
    GONE = "gone"  # nobody: the person was erased, or their key replaced


@dataclass(frozen=True, slots=True)
class OwnRecord:
    leaf: Leaf
    reading: Reading
    at: datetime | None  # None: nobody can read it
    address: str | None = None  # to compare with what is typed, never to be shown: mails are forwarded


def receipt_path(workspace_id: int, contact_id: int, entry_id: int | None) -> str | None:
    """For the page after the act alone, and in no mail: mails are forwarded.

    None while the entry waits for the key store, or when its number has more than 32 bits.
    """
    if entry_id is None:
        return None
    try:
        token = _keys().make(Token(workspace_id, entry_id, contact_id, Purpose.RECEIPT))
    except NumberTooBigForLink:
        return None
    return f"/receipt/{url_form(token)}"


def read_receipt(text: str) -> Token | None:
    """The token of such a link; it never expires."""
    return _keys().read_url(text, Purpose.RECEIPT)


def own_record(workspace_id: int, contact_id: int, entry_id: int) -> OwnRecord | None:
    with db.transaction(workspace_id):
        leaf = leaves.leaf_of(workspace_id, entry_id)
        body: bytes | None = _sql.scalar("get_own_body", contact_id=contact_id, entry_id=entry_id)
    if leaf is None:
        return None
    if body is None or leaf.entry is None:
        return OwnRecord(leaf, Reading.GONE, None)
    try:
        key = vault.read(workspace_id, [contact_id]).get(contact_id)
        fields = {} if key is None else unseal(key, leaf.entry.encode(), bytes(body))
    except VaultAway:
        return OwnRecord(leaf, Reading.AWAY, None)
    except SealBroken:
        fields = {}
    if "at" not in fields:
        return OwnRecord(leaf, Reading.GONE, None)
    address = fields.get("address")
    return OwnRecord(
        leaf,
        Reading.OPEN,
        datetime.fromisoformat(str(fields["at"])),
        address if isinstance(address, str) else None,
    )


def _keys() -> LinkKeys:
    return LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
