"""A case of the desk: opened by an address, stopped, noted, answered, closed; each step with its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.complaints import selectors
from shodaku.complaints.casework import (
    BY_CHARACTERS_MAX,
    NOTE_CHARACTERS_MAX,
    Case,
    CaseGrievance,
    CaseNo,
    CaseState,
    CaseVia,
    StepKind,
    refuse_answering,
    refuse_closing,
    refuse_noting,
    refuse_reopening,
    refuse_stopping,
)
from shodaku.complaints.disclosing import owner, parsed, write_down
from shodaku.complaints.domain import EvidencePack, letter, spoken
from shodaku.complaints.known_cases import CaseRow
from shodaku.complaints.letter import Addressee, Desk
from shodaku.complaints.paper_letter import letter_pdf
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.services import ContactGone
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import Result
from shodaku.erasure import selectors as erasures
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.ledger.domain import Value
from shodaku.ledger.services import VaultAway
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

OPENED: Final = "admin.case.opened"
NOTED: Final = "admin.case.noted"
ANSWERED: Final = "admin.case.answered"
CLOSED: Final = "admin.case.closed"
REOPENED: Final = "admin.case.reopened"
LANGUAGES: Final = ("ja", "en")

_LEFT: Final = (Result.ACCEPTED, Result.UNCERTAIN)
_VIA: Final = {
    CaseVia.TELEPHONE: Method.TELEPHONE,
    CaseVia.MAIL: Method.REPLY,
    CaseVia.PAPER: Method.PAPER,
    CaseVia.PAGE: Method.PAGE,
}
_sql = db.Statements("shodaku.complaints")


class NoCase(WrongUse):
    """There is no case of this number."""

    code = "no_case"


class NoteTooLong(WrongUse):
    """A note has 1,000 characters at most, and at least one."""

    code = "note_too_long"


class CaseRefused(ShodakuError):
    """The step is not possible."""

    code = "case_refused"

    def __init__(self, no: CaseNo) -> None:
        super().__init__(no.sentence("en"))
        self.no = no


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """As it came. The address says who complains, and is not kept."""

    via: CaseVia
    grievance: CaseGrievance
    address: str = ""
    contact_id: int | None = None  # instead of an address, where a page knows already who it is
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What may be said and sent, with the facts filled in."""

    language: str
    spoken: str  # a few sentences, for the telephone or a short mail
    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was known when an address was looked up."""

    contact_id: int | None
    never_contacted: bool = False
    sealed_until: datetime | None = None
    topic_id: int | None = None
    stopped_at: datetime | None = None
    receipt: str | None = None


def open_case(workspace_id: int, new: NewCase, now: datetime, *, by: str) -> int:
    """Look up who it is and begin the case; its number. Nothing is stopped by this.

    Works while the vault is away. Raises NoteTooLong.
    """
    if len(new.words) > NOTE_CHARACTERS_MAX or len(by) > BY_CHARACTERS_MAX:
        raise NoteTooLong
    contact_id = new.contact_id if new.contact_id is not None else owner(workspace_id, new.address)
    if contact_id is not None:
        try:
            return _open(workspace_id, contact_id, new, now, by)
        except ContactGone:  # erased since their address was looked up
            pass
    return _open(workspace_id, None, new, now, by)


def stop(workspace_id: int, case_id: int, now: datetime, *, by: str, address: str = "") -> str | None:
    """Nothing more begins to leave, on any channel; the receipt. Of a stranger the address is named once
    more, for it was not kept, and goes on the never-contact list: then None.

    Works while the vault is away. Raises NoCase, CaseRefused, ContactGone.
    """
    contact_id = _contact_of(workspace_id, case_id)
    if contact_id is None:
        _bar(workspace_id, case_id, address, now, by)
        return None
    delivery.hint(workspace_id, [contact_id])
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        case = _lock(case_id)
        _require(refuse_stopping(case))
        via = _VIA.get(case.via, Method.STAFF)
        asked = OptOut(
            workspace_id=workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=via, by=by
        )
        receipt = optout.opt_out(asked, now)
        _sql.run("set_case_stopped", case_id=case_id, now=now, receipt=receipt.number, never_contacted=False)
        _step(case_id, StepKind.STOPPED, by, now, None)
        return receipt.number


def note(workspace_id: int, case_id: int, words: str, now: datetime, *, by: str) -> None:
    """Write down what was found or said. Raises NoCase, CaseRefused, NoteTooLong, ContactGone, VaultAway."""
    if not words.strip() or len(words) > NOTE_CHARACTERS_MAX:
        raise NoteTooLong
    with db.transaction(workspace_id):
        case = _locked(workspace_id, case_id)
        _require(refuse_noting(case))
        entry_id = write_down(workspace_id, case.contact_id, NOTED, {"text": words.strip(), "by": by}, now)
        if entry_id is None:
            raise VaultAway  # the log could not show these words later
        _step(case_id, StepKind.NOTED, by, now, entry_id)


def answered(workspace_id: int, case_id: int, now: datetime, *, by: str) -> None:
    """The person has an answer. Raises NoCase, CaseRefused, ContactGone."""
    with db.transaction(workspace_id):
        case = _locked(workspace_id, case_id)
        _require(refuse_answering(case))
        _move(workspace_id, case, CaseState.ANSWERED, StepKind.ANSWERED, ANSWERED, now, by)


def close(workspace_id: int, case_id: int, now: datetime, *, by: str) -> None:
    """Nothing is left to be done. Raises NoCase, CaseRefused, ContactGone."""
    with db.transaction(workspace_id):
        case = _locked(workspace_id, case_id)
        _require(refuse_closing(case))
        _move(workspace_id, case, CaseState.CLOSED, StepKind.CLOSED, CLOSED, now, by)


def reopen(workspace_id: int, case_id: int, now: datetime, *, by: str) -> None:
    """The person came back. Raises NoCase, CaseRefused, ContactGone."""
    with db.transaction(workspace_id):
        case = _locked(workspace_id, case_id)
        _require(refuse_reopening(case))
        _move(workspace_id, case, CaseState.OPEN, StepKind.REOPENED, REOPENED, now, by)


def replies(workspace_id: int, case: Case) -> list[Reply]:
    """In the person's language first. Empty for somebody who was erased since. Raises VaultAway."""
    if case.known and case.contact_id is None:
        return []
    pack, desk = case_pack(workspace_id, case), desk_of(workspace_id)
    found = []
    for language in _languages(workspace_id, case.contact_id):
        to = addressee(workspace_id, case.contact_id, language)
        found.append(Reply(language, spoken(pack, to, desk), letter(pack, to, desk)))
    return found


def letter_paper(workspace_id: int, case: Case, language: str, now: datetime) -> bytes:
    """The letter with its annexes as a PDF.

    Raises CaseRefused, VaultAway, NoPaper, NoJapaneseFont, NotSet.
    """
    if case.known and case.contact_id is None:
        raise CaseRefused(CaseNo.ERASED)
    to = addressee(workspace_id, case.contact_id, language)
    return letter_pdf(case_pack(workspace_id, case), to, desk_of(workspace_id), case.case_id, now)


def case_pack(workspace_id: int, case: Case) -> EvidencePack:
    """All that is known of who complains. Raises VaultAway."""
    pack = EvidencePack(
        address="",
        sealed_until=case.sealed_until,
        stopped_at=case.stopped_at,
        receipt=case.receipt,
        barred=case.never_contacted,
        case_id=case.case_id,
    )
    if case.contact_id is None:
        return pack
    return replace(
        pack,
        acts=selectors.acts(workspace_id, case.contact_id),
        grounds=selectors.grounds(workspace_id, case.contact_id),
        sent=selectors.sent(workspace_id, case.contact_id),
    )


def addressee(workspace_id: int, contact_id: int | None, language: str) -> Addressee:
    workspace = accounts.workspace(workspace_id)
    person = contacts_known.contact(workspace_id, contact_id) if contact_id is not None else None
    zone = ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")
    return Addressee(name=person.name if person else "", language=language, zone=zone)


def desk_of(workspace_id: int) -> Desk:
    sender = next(iter(accounts.senders(workspace_id)), None)
    return Desk(sender.formal_name, sender.complaint_contact) if sender else Desk("", "")


def begin(
    looked: Looked,
    via: CaseVia,
    grievance: CaseGrievance,
    now: datetime,
    *,
    by: str,
    entry_id: int | None,
) -> int:
    """The rows of a case, in the open transaction of the act that they belong to."""
    case_id: int = _sql.scalar(
        "insert_case",
        contact_id=looked.contact_id,
        via=via,
        grievance=grievance,
        topic_id=looked.topic_id,
        known=looked.contact_id is not None,
        never_contacted=looked.never_contacted,
        sealed_until=looked.sealed_until,
        stopped_at=looked.stopped_at,
        receipt=looked.receipt,
        now=now,
    )
    _step(case_id, StepKind.OPENED, by, now, entry_id)
    if looked.stopped_at == now:
        _step(case_id, StepKind.STOPPED, by, now, None)
    return case_id


def newest_topic(workspace_id: int, contact_id: int) -> int | None:
    """Of the newest message about a topic that left, or may have."""
    rows = deliveries.sent_to(workspace_id, contact_id)
    return next((row.topic_id for row in rows if row.topic_id is not None and row.outcome in _LEFT), None)


def _open(workspace_id: int, contact_id: int | None, new: NewCase, now: datetime, by: str) -> int:
    with db.transaction(workspace_id):
        if contact_id is not None:
            contacts.lock(contact_id)
        looked = _looked(workspace_id, contact_id, new.address)
        said: dict[str, Value] = {"via": new.via.value, "grievance": new.grievance.value, "by": by}
        if contact_id is not None and new.words.strip():  # of a stranger it could never be erased
            said["text"] = new.words.strip()
        entry_id = write_down(workspace_id, contact_id, OPENED, said, now)
        return begin(looked, new.via, new.grievance, now, by=by, entry_id=entry_id)


def _looked(workspace_id: int, contact_id: int | None, address: str) -> Looked:
    if contact_id is None:
        return _looked_for(workspace_id, address)
    stopped_at = _stopped_at(workspace_id, contact_id)
    return Looked(
        contact_id=contact_id, topic_id=newest_topic(workspace_id, contact_id), stopped_at=stopped_at
    )


def _looked_for(workspace_id: int, address: str) -> Looked:
    if not address:
        return Looked(contact_id=None)
    channel, exact = parsed(address)
    pair = suppression.tokens(workspace_id, channel, exact)
    sealed = erasures.sealed_of(workspace_id, channel, exact)
    return Looked(
        contact_id=None,
        never_contacted=pair.strict in suppressions.suppressed(workspace_id, [pair]),
        sealed_until=max((each.destroy_after for each in sealed), default=None),
    )


def _stopped_at(workspace_id: int, contact_id: int) -> datetime | None:
    """When all advertising was stopped, if no consent was given since."""
    total = [each.at for each in suppressions.refusals(workspace_id, contact_id) if each.scope is Scope.ALL]
    if not total:
        return None
    since = [
        each.since for each in consents.held(workspace_id, contact_id) if each.state == ConsentState.ACTIVE
    ]
    return max(total) if all(at <= max(total) for at in since) else None


def _bar(workspace_id: int, case_id: int, address: str, now: datetime, by: str) -> None:
    channel, exact = parsed(address)
    if owner(workspace_id, address) is not None:
        raise CaseRefused(CaseNo.OTHER_ADDRESS)
    case = selectors.case(workspace_id, case_id)
    if case is None:
        raise NoCase
    _require(refuse_stopping(case))
    optout.suppress_address(workspace_id, channel, exact, by, now, reason="complaint")
    with db.transaction(workspace_id):
        _require(refuse_stopping(_lock(case_id)))
        _sql.run("set_case_stopped", case_id=case_id, now=now, receipt=None, never_contacted=True)
        _step(case_id, StepKind.STOPPED, by, now, None)


def _move(
    workspace_id: int, case: Case, state: CaseState, step: StepKind, kind: str, now: datetime, by: str
) -> None:
    entry_id = write_down(workspace_id, case.contact_id, kind, {"case": str(case.case_id), "by": by}, now)
    _sql.run("set_case_state", case_id=case.case_id, state=state, now=now)
    _step(case.case_id, step, by, now, entry_id)


def _step(case_id: int, step: StepKind, by: str, now: datetime, entry_id: int | None) -> None:
    _sql.run("insert_step", case_id=case_id, step=step, by=by, now=now, entry_id=entry_id)


def _contact_of(workspace_id: int, case_id: int) -> int | None:
    case = selectors.case(workspace_id, case_id)
    if case is None:
        raise NoCase
    return case.contact_id


def _locked(workspace_id: int, case_id: int) -> Case:
    """Contacts first: the order of everybody's locks."""
    contact_id = _contact_of(workspace_id, case_id)
    if contact_id is not None:
        contacts.lock(contact_id)
    return _lock(case_id)


def _lock(case_id: int) -> Case:
    row = _sql.row("lock_case", CaseRow, case_id=case_id)
    if row is None:
        raise NoCase
    return row.value


def _require(no: CaseNo | None) -> None:
    if no is not None:
        raise CaseRefused(no)


def _languages(workspace_id: int, contact_id: int | None) -> tuple[str, ...]:
    workspace = accounts.workspace(workspace_id)
    person = contacts_known.contact(workspace_id, contact_id) if contact_id is not None else None
    first = (person.locale if person else None) or (workspace.locale if workspace else "ja")
    return LANGUAGES[::-1] if first == "en" else LANGUAGES
