"""The mail that asks did not arrive, says the person: it is sent once more, and nobody learns for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, EmailAddress
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind
from shodaku.kit import db
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.signup import selectors
from shodaku.signup.answering import offered_in, sender_in, taken_back
from shodaku.signup.asking import asked_lately, note_asked
from shodaku.signup.domain import CONFIRMATION_DAYS, Standing, WebEvidence, may_ask_again
from shodaku.signup.letters import confirmation
from shodaku.signup.selectors import Request
from shodaku.signup.sending import mailing, new_event_id, seller_of, zone
from shodaku.suppression import services as suppression

AGAIN_MINUTES_MIN: Final = 10  # JAPAN.md section 5
_ARRIVED: Final = ("accepted", "uncertain")
_CAME_BACK: Final = ("hard", "soft", "other")  # and not a complaint, which somebody read it for
_OF_THE_FIRST: Final = (
    "n",
    "at",
    "ip",
    "browser",
    "url",
)  # of the act itself; all else stays as it was shown

_sql = db.Statements("shodaku.signup")


def ask_again(
    workspace_id: int, form_id: int, address: EmailAddress, evidence: WebEvidence, now: datetime
) -> None:
    """Once for a request that is still open, ten minutes after it. Raises VaultAway."""
    with db.transaction(workspace_id):
        token = suppression.tokens(workspace_id, Channel.EMAIL, address.address).strict
        contact_id = contacts_known.claimed(workspace_id, Channel.EMAIL, [token]).get(token)
        if contact_id is None:
            return
        asked_at = asked_lately(address.address, now)
        try:
            contacts.lock(contact_id)
        except ContactGone:
            return
        request = _waiting(workspace_id, form_id, contact_id, now)
        if request is None or not may_ask_again(asked_at, now, arrived=_arrived(workspace_id, request)):
            return
        _ask(workspace_id, request, evidence, now)
        note_asked(address.address, now)


def _waiting(workspace_id: int, form_id: int, contact_id: int, now: datetime) -> Request | None:
    """The newest request of this form, if its mail may be missed by now and was not sent again."""
    ours = (each for each in selectors.requests_of(workspace_id, contact_id) if each.form_id == form_id)
    request = next(ours, None)
    if request is None or request.standing(now) is not Standing.OPEN or taken_back(workspace_id, request):
        return None
    early = now - request.at < timedelta(minutes=AGAIN_MINUTES_MIN)
    return None if early or request.asked_again_at is not None else request


def _arrived(workspace_id: int, request: Request) -> bool:
    """A mail that was refused or that came back is none that anybody received."""
    contact_id, mailing_id = request.contact_id, request.mailing_id
    reports = deliveries.feedback(workspace_id, contact_id)
    if any(each.mailing_id == mailing_id and each.kind in _CAME_BACK for each in reports):
        return False
    sent = deliveries.sent_to(workspace_id, contact_id)
    outcomes = [each.outcome for each in sent if each.mailing_id == mailing_id]
    return not outcomes or any(outcome in _ARRIVED for outcome in outcomes)  # not yet: it is on its way


def _ask(workspace_id: int, request: Request, evidence: WebEvidence, now: datetime) -> None:
    event_id, contact_id = new_event_id(now), request.contact_id
    fields = {**_first(workspace_id, request), "request_entry": request.entry_id, **_seen(evidence)}
    ledger.append(Act(contact_id, event_id, Kind.CONSENT_REQUESTED, now, fields))
    expires_at = now + timedelta(days=CONFIRMATION_DAYS)
    sender, topics = sender_in(workspace_id, request), offered_in(workspace_id, request)
    letter = confirmation(
        sender,
        topics,
        request.locale,
        expires_at.astimezone(zone(workspace_id)),
        seller_of(workspace_id, sender.sender_id, request.locale),
    )
    question = mailing(letter, MailingKind.CONFIRMATION, topics, sender, request.request_id)
    _sql.run(
        "ask_again",
        contact_id=contact_id,
        request_id=request.request_id,
        mailing_id=delivery.plan_one(question, contact_id, now=now),
        expires_at=expires_at,
        now=now,
    )


def _first(workspace_id: int, request: Request) -> Mapping[str, Value]:
    """What was shown and ticked, as the first entry says."""
    entries = ledger_known.history(workspace_id, request.contact_id)
    fields = next((each.fields for each in entries if each.entry_id == request.entry_id and each.fields), {})
    return {name: value for name, value in fields.items() if name not in _OF_THE_FIRST}


def _seen(evidence: WebEvidence) -> dict[str, str]:
    seen = {"url": evidence.url, "ip": evidence.ip, "browser": evidence.browser}
    return {name: value for name, value in seen.items() if value}
