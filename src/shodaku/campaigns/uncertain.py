"""Somebody decides about people of whom nobody knows whether a campaign reached them. Door: `services`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from shodaku.campaigns.draft import NoCampaign
from shodaku.campaigns.parts import parts
from shodaku.contacts import services as contacts
from shodaku.delivery import services as delivery
from shodaku.delivery.services import DECIDED_AT_ONCE_MAX, Choice
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

DECISION_CHARACTERS_MAX: Final = 200

COUNTED_AS_ARRIVED: Final = "admin.uncertain.arrived"
SENT_AGAIN: Final = "admin.uncertain.again"


class NoDecisionReason(WrongUse):
    """Say why, in at most 200 characters; it stays in the ledger."""

    code = "no_decision_reason"


class NothingGoesAgain(ShodakuError):
    """Nothing is sent once more while the campaign is paused, nor after it was stopped for good."""

    code = "nothing_goes_again"


@dataclass(frozen=True, slots=True)
class Decided:
    """How many people were decided about; of the others something came since, or somebody decided before."""

    people: int


def decide_uncertain(
    workspace_id: int,
    campaign_id: int,
    choice: Choice,
    contact_ids: Sequence[int] | None,
    reason: str,
    *,
    staff_id: int | None,
    now: datetime,
) -> Decided:
    """About those named, or all (None); at most DECIDED_AT_ONCE_MAX at once. Each has an entry of the ledger.

    Raises NoCampaign, NoDecisionReason, NothingGoesAgain, VaultAway.
    """
    if not 1 <= len(reason.strip()) <= DECISION_CHARACTERS_MAX:
        raise NoDecisionReason
    named = whom(workspace_id, campaign_id, choice, contact_ids, now=now)
    mailings = parts(workspace_id, campaign_id)
    ledger.ensure_keys(workspace_id, named)  # before the transaction that seals under them
    with db.transaction(workspace_id):
        held = contacts.lock_many(named)
        # again, now that nobody else decides about them: what came meanwhile counts
        people = 0
        for each in mailings:
            still = delivery.undecided(each.mailing_id, named, choice, now=now)
            mine = [contact_id for contact_id in still if contact_id in held]
            if mine:
                _decide(campaign_id, each.mailing_id, mine, choice, reason, staff_id, now)
                people += len(mine)
        return Decided(people)


def whom(
    workspace_id: int, campaign_id: int, choice: Choice, contact_ids: Sequence[int] | None, *, now: datetime
) -> list[int]:
    """Of those named, or of all (None), whom this may be decided about now. Raises NoCampaign."""
    mailings = parts(workspace_id, campaign_id)
    if not mailings:
        raise NoCampaign
    with db.transaction(workspace_id):
        found = [delivery.undecided(each.mailing_id, contact_ids, choice, now=now) for each in mailings]
    return sorted(chain.from_iterable(found))[:DECIDED_AT_ONCE_MAX]


def _decide(
    campaign_id: int,
    mailing_id: int,
    people: Sequence[int],
    choice: Choice,
    reason: str,
    staff_id: int | None,
    now: datetime,
) -> None:
    """Of one mailing, in the open transaction: a second mail has the content of the first."""
    again_id = _again(mailing_id, people, now) if choice is Choice.AGAIN else None
    kind = SENT_AGAIN if choice is Choice.AGAIN else COUNTED_AS_ARRIVED
    said: dict[str, Value] = {
        "campaign": campaign_id,
        "reason": reason.strip(),
        "by": "command line" if staff_id is None else f"staff:{staff_id}",
    }
    entries = ledger.append_many(
        [ledger.Act(each, uuid7(now, os.urandom(10)), kind, now, said) for each in people]
    )
    delivery.note_choice(mailing_id, choice, people, entries, again_id=again_id, now=now)


def _again(mailing_id: int, people: Sequence[int], now: datetime) -> int:
    planned = delivery.repeat(mailing_id, people, now=now)
    if planned is None:
        raise NothingGoesAgain
    return planned.mailing_id
