"""How something sealed is found again by who names the address, and by nobody else. Pure."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.consent.domain import add_months
from shodaku.contacts.domain import Channel
from shodaku.suppression.domain import strict_form

STRANGER_GRACE: Final = timedelta(days=1)  # after the term of the link, for who is just reading it
REST_MONTHS: Final = 1  # after the last act of a person somebody may still ask about it
_SEALED: Final = b"sealed\0"  # the pepper makes tokens of suppression too; these never equal one


class Step(StrEnum):
    """States of an erasure, in their order."""

    REQUESTED = "requested"
    SEALED = "sealed"
    KEY_DESTROYED = "key_destroyed"
    PURGED = "purged"
    CERTIFIED = "certified"


def stranger_before(now: datetime) -> datetime:
    """A question whose link ended before this moment was never answered (SE-27)."""
    return now - STRANGER_GRACE


def rested_before(now: datetime, months: int = REST_MONTHS) -> datetime:
    """Whoever was last heard of, or written to, before this moment has rested for so many calendar months."""
    return add_months(now, -months)


def lookup(pepper: bytes, workspace_id: int, channel: Channel, address: str) -> bytes:
    """32 bytes for one mailbox or number, whatever its spelling."""
    form = f"{workspace_id}\0{channel.value}\0{strict_form(channel, address)}"
    return hmac.digest(pepper, _SEALED + form.encode("utf-8", "surrogatepass"), "sha256")
