"""Mails that are no campaign: the copy of the ledger's checkpoint, to whoever is to keep it, and the mail
that tries a mail server, and the one that asks somebody to work here.

They leave like every message, by a permit of the gate (docs/adr/0007); a checkpoint counts as a copy outside
only when the next server has accepted it.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.accounts import services as account
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import AddressError, Channel, EmailAddress, parse_email
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, MailingState, NewMailing, Result
from shodaku.kit import db, log
from shodaku.kit.errors import ShodakuError
from shodaku.kit.ids import uuid7
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import selectors as ledger_known
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Checkpoint, Value
from shodaku.ledger.selectors import (
    AnchorFailed,
    AnchorFault,
    AnchorFaultCode,
    AnchorKind,
    Outcome,
    Target,
    due,
)
from shodaku.ledger.selectors import Result as Anchoring
from shodaku.ledger.services import TargetThere, TooManyTargets, VaultAway
from shodaku.notices.letters import checkpoint_letter, invitation_letter, route_letter
from shodaku.policy.domain import Ads, MessageClass
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression.domain import Tokens, in_force

BY_DEFAULT: Final = "default"
MAIL_PAUSE: Final = timedelta(hours=20)  # a job of the same day that runs again sends no second mail
FIRST_LOOK: Final = timedelta(minutes=10)
NEXT_LOOK: Final = timedelta(hours=1)
LEAVES_WITHIN: Final = timedelta(days=1)  # then the next one is due

__all__ = [
    "AddressErased",
    "CannotTry",
    "add_reader",
    "mail_checkpoint",
    "mail_invitation",
    "settle_mailed",
    "try_by_mail",
]


class AddressErased(ShodakuError):
    """The address was erased and is never contacted again; choose another one."""

    code = "address_erased"


class CannotTry(ShodakuError):
    """No test can be sent: there is no sender, the address stopped us, or the server takes no tests."""

    code = "cannot_try"


def try_by_mail(workspace_id: int, route_id: int, *, staff_id: int, now: datetime) -> int:
    """A test to the one who asks for it, by this mail server or not at all (docs/adr/0007); its mailing.

    Raises AddressErased, CannotTry, VaultAway.
    """
    route = next((each for each in deliveries.routes(workspace_id) if each.route_id == route_id), None)
    member = next((each for each in accounts.staff(workspace_id) if each.staff_id == staff_id), None)
    sender = next(iter(accounts.senders(workspace_id)), None)
    workspace = accounts.workspace(workspace_id)
    if route is None or member is None or sender is None or workspace is None or not route.takes_tests:
        raise CannotTry
    contact_id = delivery.remember_staff(workspace_id, parse_email(member.email), now=now)
    if contact_id is None:
        raise AddressErased
    if any(in_force(each, None, None, now) for each in suppression_known.refusals(workspace_id, contact_id)):
        raise CannotTry
    letter = route_letter(sender, route.name, workspace.locale)
    mailing = _notice(MailingKind.TEST, sender.sender_id, letter.subject, letter.text)
    fields: dict[str, Value] = {"by": f"staff:{staff_id}", "route_id": route_id}
    ledger.record_act(
        workspace_id, "admin.route.tested", fields, event_id=uuid7(now, os.urandom(10)), now=now
    )
    with db.transaction(workspace_id):
        return delivery.plan_one(mailing, contact_id, now=now, route_id=route_id)


def mail_invitation(workspace_id: int, invitation_id: int, *, role: str, now: datetime) -> bool:
    """The link to somebody who is asked to work here; `role` in words of their language.

    False: no mail can leave, for there is no server or sender, or the address said no; the link is handed
    over instead. Raises VaultAway.
    """
    found = [each for each in accounts.invitations(workspace_id) if each.invitation_id == invitation_id]
    workspace = accounts.workspace(workspace_id)
    sender = next(iter(accounts.senders(workspace_id)), None)
    if not found or workspace is None or sender is None:
        return False
    invitation = found[0]
    contact_id = delivery.remember_staff(workspace_id, parse_email(invitation.email), now=now)
    if contact_id is None:
        return False
    if any(in_force(each, None, None, now) for each in suppression_known.refusals(workspace_id, contact_id)):
        return False
    until = invitation.expires_at.astimezone(ZoneInfo(workspace.timezone))
    letter = invitation_letter(sender, workspace.name, role, until, invitation.locale)
    mailing = _notice(MailingKind.NOTICE, sender.sender_id, letter.subject, letter.text)
    with db.transaction(workspace_id):
        mailing_id = delivery.plan_one(mailing, contact_id, now=now)
        account.carried_by(workspace_id, invitation_id, mailing_id)
    return True


def add_reader(workspace_id: int, address: EmailAddress, *, by: str, now: datetime) -> int:
    """From here on a mailbox gets the checkpoint once a day while the ledger grows; number of the place.

    The address becomes a contact without any consent: the place names the contact, so that erasing the person
    takes the address from here as well. Raises AddressErased, TargetThere, TooManyTargets, VaultAway.
    """
    contact_id = delivery.remember_staff(workspace_id, address, now=now)
    if contact_id is None:
        raise AddressErased
    return ledger.add_target(workspace_id, AnchorKind.MAIL, f"contact:{contact_id}", by=by, now=now)


def mail_checkpoint(workspace_id: int, *, now: datetime) -> list[Outcome]:
    """Once a day: the newest checkpoint to each mailbox that has an older one."""
    newest = ledger_known.head(workspace_id)
    if newest is None:
        return []
    _choose_default(workspace_id, now)
    found = ledger_known.targets(workspace_id)
    return [_mail(workspace_id, each, newest, now) for each in found if each.kind is AnchorKind.MAIL]


def settle_mailed(workspace_id: int, target_id: int, size: int, mailing_id: int, *, now: datetime) -> None:
    """What became of the mail: accepted, it is a copy outside; not left after a day, the next one goes."""
    with db.transaction(workspace_id):
        row = next(iter(deliveries.deliveries(workspace_id, [mailing_id])), None)
        if row is not None and row.outcome == Result.ACCEPTED:
            receipt = f"mailing {mailing_id}".encode()
            ledger.keep_receipt(workspace_id, target_id, size, receipt, at=row.at, tried_at=None)
            log.info("ledger.anchored", workspace=workspace_id, target=target_id, kind="mail", size=size)
        elif row is not None:
            _blame(workspace_id, target_id, AnchorFault(AnchorFaultCode.MAIL_REFUSED, row.reason))
        elif _on_its_way(workspace_id, mailing_id, now):
            _look_again(workspace_id, target_id, size, mailing_id, now + NEXT_LOOK)
        else:
            delivery.cancel(workspace_id, mailing_id, now=now)
            _blame(workspace_id, target_id, AnchorFault(AnchorFaultCode.NOT_LEFT))


def _choose_default(workspace_id: int, now: datetime) -> None:
    """Who chose nothing keeps a copy at the sender's own address; its removal is a choice, and is kept to."""
    if ledger_known.ever_chosen(workspace_id):
        return
    sender = next(iter(accounts.senders(workspace_id)), None)
    if sender is None:
        return
    try:
        add_reader(workspace_id, parse_email(sender.contact_email), by=BY_DEFAULT, now=now)
    except (AddressError, AddressErased, TargetThere, TooManyTargets, VaultAway) as error:
        log.info("ledger.no_default_anchor", workspace=workspace_id, error=type(error).__name__)


def _mail(workspace_id: int, target: Target, newest: Checkpoint, now: datetime) -> Outcome:
    unchanged = Outcome(target.target_id, target.kind, Anchoring.UNCHANGED, target.size)
    if target.size is not None and newest.size < target.size:
        fault = AnchorFault(AnchorFaultCode.FORKED, str(target.size))
        return _failed(workspace_id, target, fault, now)
    if not due(target, newest.size, now):
        return unchanged
    if target.tried_at is not None and now - target.tried_at < MAIL_PAUSE:
        return unchanged
    try:
        _send(workspace_id, target, newest, now)
    except AnchorFailed as failed:
        return _failed(workspace_id, target, failed.fault, now)
    return Outcome(target.target_id, target.kind, Anchoring.UNDER_WAY, target.size)


def _send(workspace_id: int, target: Target, newest: Checkpoint, now: datetime) -> None:
    mailing = _mailing(workspace_id, target, newest)
    contact_id = _reader(workspace_id, target, now)
    with db.transaction(workspace_id):
        mailing_id = delivery.plan_one(mailing, contact_id, now=now)
        # what was in the way stays told until this one has arrived
        ledger.keep_fault(workspace_id, target.target_id, target.fault, tried_at=now)
        _look_again(workspace_id, target.target_id, newest.size, mailing_id, now + FIRST_LOOK)


def _reader(workspace_id: int, target: Target, now: datetime) -> int:
    """Whom it is for, if they may be written to; the gate asks again when it leaves. Raises AnchorFailed."""
    contact_id = target.contact_id
    if contact_id is None or contacts_known.contact(workspace_id, contact_id) is None:
        raise AnchorFailed(AnchorFaultCode.ADDRESS_GONE)
    known = contacts_known.addresses(workspace_id, contact_id)
    pairs = [
        Tokens(each.token, each.broad_token, each.pepper_epoch)
        for each in known
        if each.channel == Channel.EMAIL
    ]
    if not pairs or suppression_known.suppressed(workspace_id, pairs):
        raise AnchorFailed(AnchorFaultCode.ADDRESS_GONE)
    refusals = suppression_known.refusals(workspace_id, contact_id)
    if any(in_force(refusal, None, None, now) for refusal in refusals):
        raise AnchorFailed(AnchorFaultCode.ADDRESS_REFUSED)
    return contact_id


def _mailing(workspace_id: int, target: Target, newest: Checkpoint) -> NewMailing:
    """No advertising, no list, no counted link; at least once, for a copy too many harms nobody.

    Raises AnchorFailed.
    """
    workspace = accounts.workspace(workspace_id)
    sender = next(iter(accounts.senders(workspace_id)), None)
    if workspace is None or sender is None:
        raise AnchorFailed(AnchorFaultCode.NO_SENDER)
    vkeys = ledger_known.verifier_keys(workspace_id)
    at = newest.at.astimezone(ZoneInfo(workspace.timezone))
    letter = checkpoint_letter(sender, newest, vkeys, at, target.target_id, workspace.locale)
    return _notice(MailingKind.NOTICE, sender.sender_id, letter.subject, letter.text)


def _notice(kind: MailingKind, sender_id: int, subject: str, text: str) -> NewMailing:
    return NewMailing(
        kind=kind,
        message_class=MessageClass.REMINDER,
        ads=Ads.NONE,
        promotional=False,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=sender_id,
        subject=subject,
        text=text,
        html=None,
    )


def _look_again(workspace_id: int, target_id: int, size: int, mailing_id: int, at: datetime) -> None:
    """In the open transaction."""
    which: dict[str, int | str] = {
        "workspace_id": workspace_id,
        "target_id": target_id,
        "size": size,
        "mailing_id": mailing_id,
    }
    defer(Job("notices.checkpoint_mailed", Queue.CHORE, which, not_before=at))


def _on_its_way(workspace_id: int, mailing_id: int, now: datetime) -> bool:
    progress = deliveries.progress(workspace_id, mailing_id)
    if progress is None or progress.state is not MailingState.RUNNING:
        return False
    return progress.waiting > 0 and now - progress.started_at < LEAVES_WITHIN


def _failed(workspace_id: int, target: Target, fault: AnchorFault, now: datetime) -> Outcome:
    ledger.keep_fault(workspace_id, target.target_id, fault, tried_at=now)
    log.info("ledger.anchor_failed", workspace=workspace_id, target=target.target_id, fault=fault.code)
    return Outcome(target.target_id, target.kind, Anchoring.FAILED, target.size, fault)


def _blame(workspace_id: int, target_id: int, fault: AnchorFault) -> None:
    ledger.keep_fault(workspace_id, target_id, fault, tried_at=None)
    log.info("ledger.anchor_failed", workspace=workspace_id, target=target_id, fault=fault.code)
