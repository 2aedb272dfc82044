"""Every text of a sender's privacy policy is kept under its hash, which is what consents name."""

from __future__ import annotations

from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.services import WordingKind
from shodaku.kit import db
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.signup.domain import ShownSender
from shodaku.signup.sending import new_event_id, sha256_of, shown_sender

_sql = db.Statements("shodaku.signup")


def keep_policy(workspace_id: int, sender: ShownSender, *, staff_id: int | None, now: datetime) -> int:
    """Number of this text among those kept of the sender; a new one is an act of the ledger.

    `staff_id` None: nobody at a desk changed it. Raises VaultAway.
    """
    sender_id = sender.sender_id
    with db.transaction(workspace_id):
        _sql.run("lock_policies")
        sha256 = sha256_of(sender.privacy_policy)
        kept = consents.wordings(workspace_id, WordingKind.POLICY, sender_id)
        if kept and kept[0].sha256 == sha256:
            return kept[0].version
        number = consent.keep_wording(
            workspace_id, WordingKind.POLICY, sender_id, sender.privacy_policy, staff_id=staff_id, now=now
        )
        said: dict[str, Value] = {
            "sender": str(sender_id),
            "version": sender.privacy_policy_version,
            "policy_sha256": sha256,
            "by": "system" if staff_id is None else f"staff:{staff_id}",
        }
        ledger.record_act(workspace_id, Kind.POLICY, said, event_id=new_event_id(now), now=now)
        return number


def keep_policies(workspace_id: int, *, now: datetime) -> None:
    """Of every sender, whoever changed it and by which way. Raises VaultAway."""
    for sender in accounts.senders(workspace_id):
        shown = shown_sender(workspace_id, sender.sender_id)
        keep_policy(workspace_id, shown, staff_id=None, now=now)
