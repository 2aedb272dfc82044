"""Two contacts are one person, the staff has learned: what one of them refused, both refuse from now on.

Nothing is moved: each entry of the ledger stays under the key it was sealed with, and each consent says as
before whose address agreed. From here on an opt-out of everything, an erasure and a proof know both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.services import Told
from shodaku.delivery import services as delivery
from shodaku.kit import db, log
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.optout import stopping
from shodaku.optout.domain import EVERYTHING, Choice, OptOut, OptOutScope
from shodaku.signup import selectors as signups
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import NO_WISH, Refusal, Scope, Tokens

UNITED = "admin.contacts.united"  # kind of its ledger entries: one of the installation, one of each contact
EACH_ITS_OWN: Final[Mapping[Told, int]] = MappingProxyType({})


class SameContact(WrongUse):
    """Two different contacts are needed; this is one."""

    code = "same_contact"


def unite(
    workspace_id: int,
    contact_id: int,
    other_id: int,
    *,
    by: str,
    now: datetime,
    wins: Mapping[Told, int] = EACH_ITS_OWN,
) -> bool:
    """False: it was known. Neither can be written to where one of them could not (F62).

    A refusal taken along holds from now, so that no older consent of the other contact outlives it: blocking
    too much harms nobody. `wins` says for what is told of a person which contact has it right; the other one
    says so too from now on, and its history keeps what stood there. Addresses, consents and refusals are no
    such thing: nobody chooses among them. Raises SameContact, ContactGone, VaultAway.
    """
    if contact_id == other_id:
        raise SameContact
    pair = sorted((contact_id, other_id))
    delivery.hint(workspace_id, pair)
    # the lines of the journal come last: an act that was undone must not be carried out by a replay
    with db.transaction(workspace_id), suppression.in_one_append():
        for each in pair:
            contacts.lock(each)
        for one, other in (pair, pair[::-1]):
            for choice in _refused(workspace_id, one, now):
                stopping.opt_out(_of_staff(workspace_id, other, choice, by), now)
        if not signup.join(contact_id, other_id, now=now):
            return False
        event_id = uuid7(now, os.urandom(10))
        ledger.record_act(workspace_id, UNITED, {"by": by}, event_id=event_id, now=now)
        ledger.ensure_keys(workspace_id, pair)
        for each, other in (pair, pair[::-1]):
            taken = [told for told, winner in wins.items() if winner == other]
            before = {f"{told}_before": text for told, text in contacts.take_over(each, other, taken).items()}
            event_id = uuid7(now, os.urandom(10))
            ledger.append(ledger.Act(each, event_id, UNITED, now, {"by": by, **before}))
    log.info("optout.united", workspace=workspace_id)
    return True


def alike(workspace_id: int, contact_id: int) -> list[int]:
    """Who may be the same person and is not known to be: one name and birthday, or one telephone number."""
    known = signups.same_contacts(workspace_id, contact_id)
    return [each for each in contacts_known.alike(workspace_id, contact_id) if each not in known]


def _refused(workspace_id: int, contact_id: int, now: datetime) -> list[Choice]:
    """What this contact refuses as things stand."""
    if _never(workspace_id, contact_id):
        return [EVERYTHING]
    agreed = {
        each.topic_id: each.since
        for each in consents.held(workspace_id, contact_id)
        if each.state == ConsentState.ACTIVE
    }
    topic_ids = [topic.topic_id for topic in consents.topics(workspace_id)]
    return in_force_of(suppressions.refusals(workspace_id, contact_id), agreed, topic_ids, now)


def in_force_of(
    refusals: Sequence[Refusal], agreed: Mapping[int, datetime], topic_ids: Sequence[int], now: datetime
) -> list[Choice]:
    """Refusals that no later consent of the same contact has ended, as choices. Pure.

    One of everything that was ended for some topics only is taken along for each of the others.
    """
    choices: list[Choice] = []
    for refusal in refusals:
        if refusal.until is not None:
            if refusal.until > now:
                choices.append(Choice(OptOutScope.UNTIL, until=refusal.until))
            continue
        later = {topic_id for topic_id, since in agreed.items() if since > refusal.at}
        if refusal.scope is Scope.TOPIC and refusal.topic_id not in later:
            choices.append(Choice(OptOutScope.TOPIC, topic_id=refusal.topic_id))
        elif refusal.scope is Scope.ALL and not later:
            choices.append(EVERYTHING)
        elif refusal.scope is Scope.ALL:
            choices += [Choice(OptOutScope.TOPIC, topic_id=each) for each in topic_ids if each not in later]
    return list(dict.fromkeys(choices))


def _never(workspace_id: int, contact_id: int) -> bool:
    pairs = [
        Tokens(each.token, each.broad_token, each.pepper_epoch)
        for each in contacts_known.addresses(workspace_id, contact_id)
    ]
    return any(row.reason not in NO_WISH for row in suppressions.suppressed(workspace_id, pairs).values())


def _of_staff(workspace_id: int, contact_id: int, choice: Choice, by: str) -> OptOut:
    return OptOut(
        workspace_id=workspace_id,
        contact_id=contact_id,
        scope=choice.scope,
        topic_id=choice.topic_id,
        until=choice.until,
        via=Method.STAFF,
        by=by,
        proved=False,  # nobody said this no with these words: where a workspace erases, it only stops
    )
