"""A no is obeyed: refusal, withdrawal and their one entry, under the lock that the gate waits for."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from shodaku.consent import services as consent
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.delivery import services as delivery
from shodaku.kit import db, log, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.optout.domain import OptOut, Receipt
from shodaku.optout.obeying import obey, settle_later
from shodaku.suppression import services as suppression

__all__ = ["opt_out", "opt_out_many", "read_token", "settle_later", "settle_waiting", "suppress_address"]

STOPPING = (Purpose.DELIVERY, Purpose.NOTICE)  # links of mails; a confirmation says yes and stops nothing


def read_token(text: str, *purposes: Purpose) -> Token | None:
    """The token of a link that was made for one of these purposes. Links to say no never expire."""
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    for purpose in purposes or STOPPING:
        token = keys.read_url(text, purpose)
        if token is not None:
            return token
    return None


def opt_out(request: OptOut, now: datetime) -> Receipt:
    """Done when it returns: nothing more begins to leave. Repeating it gives the same receipt.

    Works while the key store is away. Raises ContactGone when nobody is left to stop anything for.
    """
    (receipt,) = opt_out_many([request], now)
    if receipt is None:
        raise ContactGone
    return receipt


def opt_out_many(requests: Sequence[OptOut], now: datetime, *, wait: bool = True) -> list[Receipt | None]:
    """As `opt_out`, each as if it came after the one before it; None where nobody is left.

    One transaction a workspace. Without waiting, None also for whoever is locked, say by a chunk that is
    being sent: ask again for them, and wait.
    """
    by_workspace: dict[int, dict[int, OptOut]] = defaultdict(dict)
    for place, request in enumerate(requests):
        by_workspace[request.workspace_id][place] = request
    receipts: dict[int, Receipt] = {}
    for workspace_id, of_one in by_workspace.items():
        done = obey(workspace_id, of_one, now, wait=wait)
        for place, receipt in sorted(done.items()):
            via = of_one[place].via.value
            log.info("optout.done", workspace=workspace_id, scope=receipt.scope.value, via=via)
        receipts |= done
    return [receipts.get(place) for place in range(len(requests))]


def suppress_address(
    workspace_id: int, channel: Channel, address: str, by: str, now: datetime, *, reason: str = "staff"
) -> None:
    """Never contact this address again, whoever it belongs to; nothing to it begins to leave after this.

    Works while the key store is away: then the entry of the act, which names no address, waits.
    """
    with db.transaction(workspace_id):  # in which a token stays what it is
        pair = suppression.tokens(workspace_id, channel, address)
        owner = contacts_known.claimed(workspace_id, channel, [pair.strict]).get(pair.strict)
    if owner is not None:
        delivery.hint(workspace_id, [owner])
    said: dict[str, Value] = {"by": by, "channel": channel.value, "reason": reason}
    with db.transaction(workspace_id):
        if owner is not None:
            with suppress(ContactGone):  # erased since: the mark stands for the address
                contacts.lock(owner)
        suppression.suppress([pair], reason, now=now)
        entry_id = ledger.record_act_even_without_vault(
            workspace_id, Kind.SUPPRESSION_ADDED, said, event_id=uuid7(now, os.urandom(10)), now=now
        )
        if entry_id is None:
            settle_later(workspace_id, now)
    log.info("optout.suppressed", workspace=workspace_id)


def settle_waiting(workspace_id: int) -> int:
    """Give acts that waited for the key store their entries; how many. Raises VaultAway."""
    with db.transaction(workspace_id):
        entries = ledger.settle_waiting(workspace_id)
        consent.attach(entries)
        suppression.attach(entries)
        delivery.attach(entries)
        return len(entries)
