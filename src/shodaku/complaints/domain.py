"""What is put before somebody who says "I never agreed": all that is known, and what it lacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.complaints.answers import Outcome, ToldRequest, answer_letter
from shodaku.complaints.casework import (
    ANSWER_WITHIN,
    NOTE_CHARACTERS_MAX,
    Case,
    CaseGrievance,
    CaseNo,
    CaseState,
    CaseVia,
    Step,
    StepKind,
    is_late,
    refuse_answering,
    refuse_closing,
    refuse_noting,
    refuse_reopening,
    refuse_stopping,
)
from shodaku.complaints.letter import Addressee, Desk, Told, reply, said_aloud
from shodaku.complaints.rights import (
    ANYBODY,
    Correction,
    DataRequest,
    Identified,
    RefusalGround,
    RequestKind,
    RequestNo,
    RequestState,
    RequestVia,
    Urgency,
    urgency,
)
from shodaku.consent.domain import Method
from shodaku.ledger.domain import Kind
from shodaku.policy.domain import Reason

__all__ = [
    "ANSWER_WITHIN",
    "ANYBODY",
    "NOTE_CHARACTERS_MAX",
    "Addressee",
    "Case",
    "CaseGrievance",
    "CaseNo",
    "CaseState",
    "CaseVia",
    "Correction",
    "DataRequest",
    "Desk",
    "EvidencePack",
    "Ground",
    "Identified",
    "Outcome",
    "RefusalGround",
    "RequestKind",
    "RequestNo",
    "RequestState",
    "RequestVia",
    "SentMail",
    "ShownAct",
    "Step",
    "StepKind",
    "ToldRequest",
    "Urgency",
    "answer_letter",
    "is_late",
    "letter",
    "refuse_answering",
    "refuse_closing",
    "refuse_noting",
    "refuse_reopening",
    "refuse_stopping",
    "spoken",
    "urgency",
]

YES: Final = frozenset({Kind.CONSENT_GIVEN, Kind.CONSENT_CONFIRMED})
CONFIRMING: Final = frozenset({Method.WEB_DOUBLE})  # the ways that promise a confirmation by the owner


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAct:
    """One entry of the ledger, opened for the person it is about."""

    number: int
    kind: str
    proof_hash: str
    at: datetime | None
    method: str | None
    url: str | None
    scan_sha256: str | None  # of the page as it was shown, or of the paper
    kept_where: str | None  # of an imported consent: where its paper is, in words
    wording_version: int | None
    wording_sha256: str | None
    wording: str | None  # the words themselves
    topics: tuple[str, ...]
    frequency: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What was known besides consents: a card, a purchase, a published address."""

    kind: str
    at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class SentMail:
    at: datetime
    subject: str
    outcome: str
    entry_id: int | None  # that allowed it


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePack:
    """The bundle, and the no that was recorded with it."""

    address: str
    acts: tuple[ShownAct, ...] = ()
    grounds: tuple[Ground, ...] = ()
    sent: tuple[SentMail, ...] = ()
    sealed_until: datetime | None = None  # evidence of an erased person, which two people may open
    stopped_at: datetime | None  # None: nothing was stopped yet
    receipt: str | None  # None for a stranger: the address was put on the never-contact list
    barred: bool = False  # it was on that list before
    case_id: int | None = None
    reason: Reason = Reason.EVIDENCE_PACK

    @property
    def agreed(self) -> tuple[ShownAct, ...]:
        return tuple(act for act in self.acts if act.kind in YES)

    @property
    def found(self) -> bool:
        return bool(self.agreed or self.grounds)

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that a whole bundle has and this one has not: of the newest yes, the one that counts."""
        if not self.agreed:
            return ("consent",)
        act = self.agreed[-1]
        parts = {
            "time": act.at,
            "method": act.method,
            "wording": act.wording,
            "url or scan": act.url or act.scan_sha256 or act.kept_where,
            "confirmation": act.kind == Kind.CONSENT_CONFIRMED or act.method not in CONFIRMING,
            "ledger proof": act.proof_hash,
        }
        return tuple(name for name, part in parts.items() if not part)


def letter(pack: EvidencePack, addressee: Addressee, desk: Desk) -> str:
    """The answer to send, in the language of the person (model text T6)."""
    return reply(_told(pack), addressee, desk)


def spoken(pack: EvidencePack, addressee: Addressee, desk: Desk) -> str:
    """The same in a few sentences, for the telephone or a short mail."""
    return said_aloud(_told(pack), addressee, desk)


def _told(pack: EvidencePack) -> Told:
    act = pack.agreed[-1] if pack.agreed else None
    left = [mail.at for mail in pack.sent]
    return Told(
        found=pack.found,
        stopped_at=pack.stopped_at,
        receipt=pack.receipt,
        barred=pack.barred or pack.stopped_at is not None,
        consent_at=act.at if act else None,
        method=act.method if act else None,
        place=_place(act),
        wording_version=act.wording_version if act else None,
        topics=act.topics if act else (),
        frequency=act.frequency if act else (),
        confirmed_at=act.at if act and act.kind == Kind.CONSENT_CONFIRMED else None,
        grounds=tuple(ground.kind for ground in pack.grounds),
        sent=len(left),
        last_sent_at=max(left, default=None),
        proof_hash=act.proof_hash if act else None,
        sealed_until=pack.sealed_until,
    )


def _place(act: ShownAct | None) -> str | None:
    return None if act is None else act.url or act.kept_where or act.scan_sha256


def texts(value: object) -> tuple[str, ...]:
    """A field of an entry that holds one text, several, or nothing."""
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, Sequence) else ()
