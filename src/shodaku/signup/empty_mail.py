"""Signing up by an empty mail: it is a request; the page behind the link of its answer is the consent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Evidence, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import AddressError, Channel, EmailAddress, parse_email
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.ledger.services import Act
from shodaku.signup import selectors
from shodaku.signup.asking import (
    asked_not_to,
    everywhere,
    ground_of,
    may_ask_anew,
    may_mail_to,
    plan_question,
    receives_all,
)
from shodaku.signup.domain import IncompleteEvidence, RequestWay, Shown
from shodaku.signup.mail_proof import Proof, judge, parse_server
from shodaku.signup.publishing import NoForm
from shodaku.signup.sending import new_event_id, sha256_of, shown_sender
from shodaku.suppression import services as suppression

PREFIX: Final = "join+"
CODE_CHARS: Final = 6
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # typed on a telephone from a poster: no l, 1, i, o, 0
ID_CHARS_MAX: Final = 200

_sql = db.Statements("shodaku.signup")


class NotPublished(WrongUse):
    """The form is not published yet: behind the link there would be no wording."""

    code = "not_published"


@dataclass(frozen=True, slots=True)
class FormMail:
    form_id: int
    code: str
    domain: str
    checked_by: str
    opened_at: datetime
    closed_at: datetime | None
    asked: int
    unproved: int
    unproved_at: datetime | None

    @property
    def address(self) -> str:
        return f"{PREFIX}{self.code}@{self.domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyMail:
    """All that counts of it: subject and body say nothing here."""

    sent_to: str
    senders: tuple[str, ...]  # of the From header
    results: tuple[str, ...]  # Authentication-Results, from the top
    message_id: str = ""


class Answered(StrEnum):
    ASKED = "asked"  # a link is on its way
    SILENT = "silent"  # asked lately, receives it already, kept out, or one of ours
    UNPROVED = "unproved"  # nobody vouched for the sender: an answer could hit a stranger


def open_form_mail(
    workspace_id: int, form_id: int, checked_by: str, *, staff_id: int | None, now: datetime
) -> str:
    """The address for posters; opened again it is the same.

    Raises NoForm, NotPublished, NoServer, NoSender.
    """
    server = parse_server(checked_by)
    with db.transaction(workspace_id):
        sender_id: int | None = _sql.scalar("lock_form", form_id=form_id)
        if sender_id is None:
            raise NoForm
        known = next(each for each in selectors.forms(workspace_id) if each.form_id == form_id)
        if not known.version:
            raise NotPublished
        sender = accounts.sender(workspace_id, shown_sender(workspace_id, sender_id).sender_id)
        row = _sql.row(
            "open_form_mail",
            _Opened,
            form_id=form_id,
            code="".join(secrets.choice(LETTERS) for _ in range(CODE_CHARS)),
            domain=sender.mail_domain if sender else "",
            checked_by=server,
            staff_id=staff_id,
            now=now,
        )
        if row is None:
            raise NoForm
        delivery.open_inbound_address(workspace_id, row.address, now=now)
    return row.address


def close_form_mail(workspace_id: int, form_id: int, *, now: datetime) -> bool:
    """Mail to it is refused from now on. False: it was closed."""
    with db.transaction(workspace_id):
        row = _sql.row("close_form_mail", _Opened, form_id=form_id, now=now)
        if row is None:
            return False
        delivery.close_inbound_address(workspace_id, row.address)
    return True


def form_mail(workspace_id: int, form_id: int) -> FormMail | None:
    """Open or closed; None: it never had one."""
    with db.transaction(workspace_id):
        return _sql.row("get_form_mail", FormMail, form_id=form_id, code=None)


def joined(workspace_id: int, recipients: Sequence[str]) -> FormMail | None:
    """The open address that a mail came to, if it is one of these."""
    for recipient in recipients:
        local, _, _domain = recipient.strip().lower().rpartition("@")
        if not local.startswith(PREFIX):
            continue
        with db.transaction(workspace_id):
            found = _sql.row(
                "get_form_mail", FormMail, form_id=None, code=local.removeprefix(PREFIX)[: CODE_CHARS + 1]
            )
        if found is not None:
            return found
    return None


def answer_empty_mail(workspace_id: int, to: FormMail, mail: EmptyMail, now: datetime) -> Answered:
    """One answer a sender and day, with a link that is used once; no answer to whom nobody vouches for.

    Raises VaultAway, before anything is written.
    """
    answered = _answered(workspace_id, to, mail, now)
    if answered is not Answered.SILENT:
        with db.transaction(workspace_id):
            _sql.run(
                "count_form_mail",
                form_id=to.form_id,
                asked=int(answered is Answered.ASKED),
                unproved=int(answered is Answered.UNPROVED),
                now=now,
            )
    return answered


def _answered(workspace_id: int, to: FormMail, mail: EmptyMail, now: datetime) -> Answered:
    if len(mail.senders) != 1:
        return Answered.UNPROVED
    try:
        address = parse_email(mail.senders[0])
    except AddressError:
        return Answered.UNPROVED
    judged = judge(mail.results, to.checked_by, address.domain)
    if judged.proof is not Proof.PASSES:
        return Answered.UNPROVED
    shown = _newest(workspace_id, to.form_id)
    if shown is None or _is_ours(workspace_id, address, shown):
        return Answered.SILENT
    ask = partial(_ask, shown, address, mail, judged.said, now)
    try:
        return suppression.with_fresh_pepper(ask)
    except ContactGone:  # erased since their address was looked up: by now it is a stranger's
        return suppression.with_fresh_pepper(ask)


def _ask(shown: Shown, address: EmailAddress, mail: EmptyMail, said: str, now: datetime) -> Answered:
    workspace_id = shown.workspace_id
    if suppression.blocked(workspace_id, [address.address]):
        return Answered.SILENT
    with db.transaction(workspace_id):
        pair = suppression.tokens(workspace_id, Channel.EMAIL, address.address)
        owner = contacts_known.claimed(workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
    if owner is None and not may_ask_anew(workspace_id, address.address, now):
        return Answered.SILENT  # nothing is remembered of a stranger who was asked lately, not even a key
    contact_id = owner or contacts.reserve_ids(1)[0]
    ledger.ensure_keys(workspace_id, [contact_id])
    with db.transaction(workspace_id):
        if not may_mail_to(address.address, now):
            return Answered.SILENT
        if owner is None:
            contact_id = contacts.remember(
                contacts.NewContact(
                    contact_id=contact_id,
                    address=contacts.NewAddress(
                        Channel.EMAIL,
                        address.address,
                        address.key,
                        address.wire,
                        pair.strict,
                        pair.broad,
                        pair.epoch,
                    ),
                    source="mail",
                    family_name="",
                    given_name="",
                    search_key="",
                    locale=shown.language,
                ),
                now=now,
            )
        contacts.lock(contact_id)
        topics = shown.published.topics
        if asked_not_to(contact_id, now) or receives_all(workspace_id, contact_id, topics, now):
            return Answered.SILENT
        fields = _fields(shown, address, mail, said, now)
        event_id = new_event_id(now)
        entry_id = ledger.append(Act(contact_id, event_id, Kind.CONSENT_REQUESTED, now, fields))
        plan_question(
            contact_id,
            shown,
            topics,
            entry_id,
            wording_sha256=str(fields["wording_sha256"]),
            at=now,
            now=now,
            way=RequestWay.MAIL,
        )
        _sql.run("insert_throttle", token=everywhere(address.address), now=now)
    return Answered.ASKED


def _fields(
    shown: Shown, address: EmailAddress, mail: EmptyMail, said: str, now: datetime
) -> dict[str, Value]:
    """Of the request: no topic was named, so none stands there. Raises IncompleteEvidence."""
    ground = ground_of(shown)
    proof = Evidence(
        at=now,
        method=Method.EMPTY_MAIL,
        wording_version=ground.wording_version,
        wording_sha256=ground.wording_sha256,
        form_sha256=ground.form_sha256,
        page_sha256=ground.page_sha256,
        picture_sha256=ground.picture_sha256,
        channel=Channel.EMAIL,
        policy_sha256=sha256_of(ground.policy),
    )
    if proof.missing():
        raise IncompleteEvidence
    more: dict[str, Value] = {
        "policy_version": ground.policy_version,
        "sent_to": mail.sent_to,
        "message_id": mail.message_id[:ID_CHARS_MAX],
        "authentication": said,
    }
    return {
        **proof.fields(n=0, address=address.address),  # the ledger counts n itself
        **{name: value for name, value in more.items() if value},
    }


def _newest(workspace_id: int, form_id: int) -> Shown | None:
    """None as well while its words are withdrawn: the page behind an answer would take nothing."""
    workspace = accounts.workspace(workspace_id)
    known = next((each for each in selectors.forms(workspace_id) if each.form_id == form_id), None)
    if workspace is None or known is None or known.version in selectors.withdrawn(workspace_id, form_id):
        return None
    language = "en" if workspace.locale == "en" else "ja"
    return selectors.shown(workspace_id, form_id, known.version, language)


def _is_ours(workspace_id: int, address: EmailAddress, shown: Shown) -> bool:
    """A mail from an address of the house would be answered by itself for ever."""
    sender = accounts.sender(workspace_id, shown.published.sender.sender_id)
    own = {*delivery_known.inbound_addresses(workspace_id), sender.from_address.lower() if sender else ""}
    return address.address.lower() in own


@dataclass(frozen=True, slots=True)
class _Opened:
    code: str
    domain: str

    @property
    def address(self) -> str:
        return f"{PREFIX}{self.code}@{self.domain}"
