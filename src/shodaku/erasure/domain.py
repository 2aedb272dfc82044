"""How something sealed is found again by who names the address, and who may open it. Pure."""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID

from shodaku.accounts.domain import Act, Role, may
from shodaku.consent.domain import add_months
from shodaku.contacts.domain import Channel
from shodaku.suppression.domain import strict_form

GRACE: Final = timedelta(seconds=30)  # in which whoever asked can still save their own receipt with its proof
STRANGER_GRACE: Final = timedelta(days=1)  # after the term of the link, for who is just reading it
CERTIFICATE_KEPT: Final = timedelta(days=30)  # behind the link of whoever asked
CERTIFICATE_RETRY: Final = timedelta(seconds=15)  # until its entry is in the log
VAULT_BACKUP_DAYS: Final = 7  # a copy of the vault that is older is destroyed, and never restored
REST_MONTHS: Final = 1  # after the last act of a person somebody may still ask about it
APPROVAL_TERM: Final = timedelta(hours=24)  # in which an approved request may be opened, once
REQUEST_TERM: Final = timedelta(days=14)  # in which somebody may approve it: later nobody remembers why
REASON_CHARACTERS_MAX: Final = 1_000
# ten or eleven figures that begin with 0 or +81, as numbers are written in Japan; no date does, no docket
_TELEPHONE: Final = re.compile(r"(?<![\d-])(?:\+81[- ]?|0)\d(?:[-() ]{0,2}\d){8,9}(?!\d)")
_SEALED: Final = b"sealed\0"  # the pepper makes tokens of suppression too; these never equal one


class Step(StrEnum):
    """States of an erasure, in their order."""

    REQUESTED = "requested"
    SEALED = "sealed"
    KEY_DESTROYED = "key_destroyed"
    PURGED = "purged"
    CERTIFIED = "certified"


class UnsealingStep(StrEnum):
    """What may be done about a request to open something sealed."""

    APPROVE = "approve"
    DECLINE = "decline"
    OPEN = "open"


class UnsealingState(StrEnum):
    WAITING = "waiting"  # for a second person
    APPROVED = "approved"
    LAPSED = "lapsed"  # nobody approved it in its term, or nobody opened it in that of the approval
    DECLINED = "declined"
    OPENED = "opened"


_OPEN: Final = frozenset({UnsealingState.WAITING, UnsealingState.APPROVED})


class UnsealingNo(StrEnum):
    """Why a step is refused."""

    NO_RIGHT = "no_right"
    NO_SEALING = "no_sealing"
    DAY_COME = "day_come"
    ALREADY_ASKED = "already_asked"
    NO_REQUEST = "no_request"
    SAME_PERSON = "same_person"
    ALREADY_APPROVED = "already_approved"
    NOT_APPROVED = "not_approved"
    NOT_OF_THE_TWO = "not_of_the_two"
    LAPSED = "lapsed"
    ENDED = "ended"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"
    REASON_NAMES_ADDRESS = "reason_names_address"

    def sentence(self, language: str) -> str:
        japanese, english = _SENTENCES[self]
        return english if language == "en" else japanese


_SENTENCES: Final[dict[UnsealingNo, tuple[str, str]]] = {
    UnsealingNo.NO_RIGHT: (
        "封印した証拠を扱えるのは、オーナーと法務担当だけです。",
        "Only an owner or somebody of compliance may do this.",
    ),
    # one sentence for "never", "no longer" and "another address": it tells nobody who was a reader once
    UnsealingNo.NO_SEALING: (
        "この宛先について開ける封印はありません。",
        "Nothing sealed can be opened for this address.",
    ),
    UnsealingNo.DAY_COME: (
        "この証拠は廃棄の日を迎えたため、もうだれも読めません。",
        "The day of this evidence has come: nobody can read it any more.",
    ),
    UnsealingNo.ALREADY_ASKED: (
        "この封印については、すでに申請があります。",
        "Somebody has already asked for this; the request is still open.",
    ),
    UnsealingNo.NO_REQUEST: (
        "その申請はありません。証拠が廃棄されると、申請も消えます。",
        "There is no such request; it goes with the evidence when that is destroyed.",
    ),
    UnsealingNo.SAME_PERSON: (
        "承認できるのは、申請した本人以外の担当者です。",
        "Somebody else has to approve it: it takes two persons.",
    ),
    UnsealingNo.ALREADY_APPROVED: ("この申請はすでに承認されています。", "It is approved already."),
    UnsealingNo.NOT_APPROVED: (
        "まだ承認されていません。もう一人の担当者の承認が必要です。",
        "It is not approved yet: a second person has to agree.",
    ),
    UnsealingNo.NOT_OF_THE_TWO: (
        "開けるのは、申請した人か承認した人だけです。",
        "Only who asked or who approved may open it.",
    ),
    UnsealingNo.LAPSED: (
        "この申請は期限が過ぎました。必要なら、もう一度申請してください。",
        "The time for this request is over; ask again if it is still needed.",
    ),
    UnsealingNo.ENDED: (
        "この申請は終わっています。必要なら、もう一度申請してください。",
        "This request has ended; ask again if it is still needed.",
    ),
    UnsealingNo.REASON_MISSING: ("理由を入力してください。", "Write down the reason."),
    UnsealingNo.REASON_TOO_LONG: (
        "理由は1,000文字以内で入力してください。",
        "The reason may have 1,000 characters at most.",
    ),
    UnsealingNo.REASON_NAMES_ADDRESS: (
        "理由には、メールアドレスや電話番号を書かないでください。台帳にずっと残ります。",
        "Leave addresses and telephone numbers out of the reason: it stays in the ledger for ever.",
    ),
}


@dataclass(frozen=True, slots=True)
class Unsealing:
    """A request to open what is sealed of somebody; whose it is, it does not say."""

    unsealing_id: int
    hold_id: UUID
    reason: str
    asked_by: int
    asked_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    declined_at: datetime | None
    opened_at: datetime | None
    last_sent_at: datetime
    destroy_after: datetime

    @property
    def ends_at(self) -> datetime:
        """When it lapses if nothing more is done about it."""
        if self.approved_at is None:
            return min(self.asked_at + REQUEST_TERM, self.destroy_after)
        return min(self.approved_at + APPROVAL_TERM, self.destroy_after)


@dataclass(frozen=True, slots=True)
class Who:
    """A person at work; without a role when they do not work in this workspace."""

    staff_id: int
    role: Role | None


def unsealing_state(request: Unsealing, now: datetime) -> UnsealingState:
    """Total: whatever a row says, it is in one of these states."""
    if request.declined_at is not None:
        return UnsealingState.DECLINED
    if request.opened_at is not None:
        return UnsealingState.OPENED
    if now >= request.ends_at:
        return UnsealingState.LAPSED
    return UnsealingState.WAITING if request.approved_at is None else UnsealingState.APPROVED


def refuse_asking(
    who: Who, sealed_until: datetime | None, newest: Unsealing | None, now: datetime
) -> UnsealingNo | None:
    """None: they may ask. `sealed_until` is None where nothing is sealed, `newest` the last request for it.

    Who has no right is told nothing else.
    """
    if not _has_right(who):
        return UnsealingNo.NO_RIGHT
    if sealed_until is None:
        return UnsealingNo.NO_SEALING
    if now >= sealed_until:
        return UnsealingNo.DAY_COME
    if newest is not None and unsealing_state(newest, now) in _OPEN:
        return UnsealingNo.ALREADY_ASKED
    return None


def refuse_step(
    step: UnsealingStep, who: Who, request: Unsealing | None, now: datetime
) -> UnsealingNo | None:
    """None: the step may be taken. Two persons, a reason, before its day (TRUST.md section 3.2)."""
    if not _has_right(who):
        return UnsealingNo.NO_RIGHT
    if request is None:
        return UnsealingNo.NO_REQUEST
    if now >= request.destroy_after:
        return UnsealingNo.DAY_COME
    match unsealing_state(request, now):
        case UnsealingState.WAITING:
            return _refuse_waiting(step, who.staff_id, request)
        case UnsealingState.APPROVED:
            return _refuse_approved(step, who.staff_id, request)
        case UnsealingState.LAPSED:
            return UnsealingNo.LAPSED
        case UnsealingState.DECLINED | UnsealingState.OPENED:
            return UnsealingNo.ENDED
        case unreachable:
            assert_never(unreachable)


def reason_no(reason: str) -> UnsealingNo | None:
    """None: it may go into the ledger, from which nothing is ever taken out."""
    if not reason.strip():
        return UnsealingNo.REASON_MISSING
    if len(reason) > REASON_CHARACTERS_MAX:
        return UnsealingNo.REASON_TOO_LONG
    plain = unicodedata.normalize("NFKC", reason)
    if "@" in plain or _TELEPHONE.search(plain):
        return UnsealingNo.REASON_NAMES_ADDRESS
    return None


def _has_right(who: Who) -> bool:
    return who.role is not None and may(who.role, Act.REVEAL)


def _refuse_waiting(step: UnsealingStep, staff_id: int, request: Unsealing) -> UnsealingNo | None:
    if step is UnsealingStep.OPEN:
        return UnsealingNo.NOT_APPROVED
    if step is UnsealingStep.APPROVE and staff_id == request.asked_by:
        return UnsealingNo.SAME_PERSON
    return None  # whoever asked may decline, too: it is taken back


def _refuse_approved(step: UnsealingStep, staff_id: int, request: Unsealing) -> UnsealingNo | None:
    if step is UnsealingStep.APPROVE:
        return UnsealingNo.ALREADY_APPROVED
    if step is UnsealingStep.DECLINE:
        return None
    if request.approved_by in (None, request.asked_by):
        return UnsealingNo.SAME_PERSON  # the table allows no such row; the decision does not rely on it
    return None if staff_id in (request.asked_by, request.approved_by) else UnsealingNo.NOT_OF_THE_TWO


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
