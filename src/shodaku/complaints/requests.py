"""Requests about one's own data: written down, identified, answered or refused, each with its entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.complaints import selectors
from shodaku.complaints.answers import Outcome, ToldRequest, answer_letter
from shodaku.complaints.disclosing import disclosure, owner, parsed, provision_records, write_down
from shodaku.complaints.letter import Addressee, Desk
from shodaku.complaints.own_record import RequestRow
from shodaku.complaints.rights import (
    BY_CHARACTERS_MAX,
    STOPPING,
    WORDS_CHARACTERS_MAX,
    Correction,
    DataRequest,
    Identified,
    RefusalGround,
    RequestKind,
    RequestNo,
    RequestState,
    RequestVia,
    begins_at,
    first_state,
    refuse_answering,
    refuse_identifying,
    refuse_lengthening,
    refuse_refusing,
)
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import search_key, split_name
from shodaku.contacts.services import ContactGone
from shodaku.erasure import selectors as erasures
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.ledger.domain import Value
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import NEWEST_IN_FORCE, AnswerClock, answer_clock, pack
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

OPENED = "admin.request.opened"
IDENTIFIED = "admin.request.identified"
LENGTHENED = "admin.request.lengthened"
ANSWERED = "admin.request.answered"
REFUSED = "admin.request.refused"
WITHDRAWN = "admin.request.withdrawn"
CORRECTED = "admin.corrected"
OWN_LAW = "JP"  # of the senders that this product is made for

_sql = db.Statements("shodaku.complaints")


class NoRequest(WrongUse):
    """There is no request of this number."""

    code = "no_request"


class RequestRefused(ShodakuError):
    """The step is not possible."""

    code = "request_refused"

    def __init__(self, no: RequestNo) -> None:
        super().__init__(no.sentence("en"))
        self.no = no


class RequestAhead(WrongUse):
    """A request cannot come in the future."""

    code = "request_ahead"


class WordsTooLong(WrongUse):
    """Words of a request may have 1,000 characters at most, a reason too."""

    code = "words_too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """As it came. The address says who asks, and is not kept."""

    kind: RequestKind
    via: RequestVia
    received_at: datetime
    address: str = ""
    contact_id: int | None = None  # instead of an address, where a page of the person's own asks
    words: str = ""
    language: str | None = None  # None: the person's, or the workspace's
    identity: Identified | None = None  # shown already, as on a visit


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes to the person: the letter, and the file that belongs to it."""

    letter: str
    outcome: Outcome
    content: dict[str, Any] | None = None  # Any: JSON
    receipt: str | None = None


def open_request(workspace_id: int, new: NewRequest, now: datetime, *, by: str) -> int:
    """Write it down; its number. Whoever wants no advertising gets none from this moment on.

    Works while the vault is away. Raises RequestAhead, WordsTooLong, ContactGone.
    """
    if new.received_at > now:
        raise RequestAhead
    if len(new.words) > WORDS_CHARACTERS_MAX or len(by) > BY_CHARACTERS_MAX:
        raise WordsTooLong
    contact_id = new.contact_id if new.contact_id is not None else owner(workspace_id, new.address)
    if new.kind in STOPPING:
        _stop(workspace_id, contact_id, new.address, now, by)
    with db.transaction(workspace_id):
        if contact_id is not None:
            contacts.lock(contact_id)
        clock = _clock_of(contact_id)
        state = first_state(new.kind, identified=new.identity is not None)
        said = {"kind": new.kind.value, "via": new.via.value, "by": by}
        entry_id = write_down(workspace_id, contact_id, OPENED, {**said, **_said(contact_id, new.words)}, now)
        identified = new.identity is not None
        request_id: int = _sql.scalar(
            "insert_request",
            contact_id=contact_id,
            kind=new.kind,
            via=new.via,
            jurisdiction=clock.jurisdiction,
            language=new.language or language_of(workspace_id, contact_id),
            state=state,
            received_at=new.received_at,
            due_at=clock.due(new.received_at.astimezone(_zone(workspace_id))),
            identity_how=new.identity,
            identity_by=by if identified else None,
            identity_at=now if identified else None,
            entry_id=entry_id,
        )
        return request_id


def check_identity(
    workspace_id: int, request_id: int, how: Identified, now: datetime, *, by: str
) -> DataRequest:
    """It was made sure who asks (個人情報保護法施行令12条); as the law allows, the time begins to run now.

    Raises NoRequest, RequestRefused.
    """
    if len(by) > BY_CHARACTERS_MAX:
        raise WordsTooLong
    with db.transaction(workspace_id):
        request = _lock(request_id)
        _require(refuse_identifying(request))
        clock = answer_clock(request.jurisdiction)
        begins = max(request.received_at, now) if clock.identity_stops else request.received_at
        waited = request.state is RequestState.WAITING_IDENTITY
        entry_id = _note_on(workspace_id, request, IDENTIFIED, {"how": how.value, "by": by}, now)
        _sql.run(
            "identify_request",
            request_id=request_id,
            how=how,
            by=by,
            now=now,
            due_at=clock.due(begins.astimezone(_zone(workspace_id))) if waited else request.due_at,
            entry_id=entry_id,
        )
        return _lock(request_id)


def answer(
    workspace_id: int,
    request_id: int,
    now: datetime,
    *,
    by: str,
    correction: Correction = Correction(),  # noqa: B008 - frozen, and empty
    address: str = "",
) -> Answered:
    """Do what was asked and say so; `address` where nobody known here asked, to look at the lists.

    The request is answered in the transaction that does it. Raises NoRequest, RequestRefused, VaultAway.
    """
    with db.transaction(workspace_id):
        contact_id = _contact_of(workspace_id, request_id)
        if contact_id is not None:  # contacts first: the order of everybody's locks
            contacts.lock(contact_id)
        request = _lock(request_id)
        _require(refuse_answering(request, correction))
        entry_id = _note_on(workspace_id, request, ANSWERED, {"kind": request.kind.value, "by": by}, now)
        told = _do(workspace_id, request, correction, address, now, by)
        _end(request_id, RequestState.ANSWERED, entry_id, now)
        return told


def refuse(
    workspace_id: int, request_id: int, ground: RefusalGround, now: datetime, *, by: str, words: str = ""
) -> str:
    """Refuse it for a reason that the law knows; the letter that says so.

    Raises NoRequest, RequestRefused, WordsTooLong.
    """
    if len(words) > WORDS_CHARACTERS_MAX:
        raise WordsTooLong
    with db.transaction(workspace_id):
        request = _locked(workspace_id, request_id)
        _require(refuse_refusing(request))
        said = {"ground": ground.value, "by": by, **_said(request.contact_id, words)}
        entry_id = _note_on(workspace_id, request, REFUSED, said, now)
        _end(request_id, RequestState.REFUSED, entry_id, now, refusal=ground)
        return _letter(workspace_id, request, Outcome.REFUSED, ground=ground)


def withdraw(workspace_id: int, request_id: int, now: datetime, *, by: str) -> None:
    """Whoever asked does not want it any more. Raises NoRequest, RequestRefused."""
    with db.transaction(workspace_id):
        request = _locked(workspace_id, request_id)
        _require(None if request.open else RequestNo.ENDED)
        entry_id = _note_on(workspace_id, request, WITHDRAWN, {"by": by}, now)
        _end(request_id, RequestState.WITHDRAWN, entry_id, now)


def lengthen(workspace_id: int, request_id: int, why: str, now: datetime, *, by: str) -> str:
    """More time, where the law of the person knows it (GDPR 12条(3)); the letter that says so.

    Raises NoRequest, RequestRefused, WordsTooLong.
    """
    if not why.strip() or len(why) > WORDS_CHARACTERS_MAX:
        raise WordsTooLong
    with db.transaction(workspace_id):
        request = _locked(workspace_id, request_id)
        clock = answer_clock(request.jurisdiction)
        _require(refuse_lengthening(request, clock, now))
        due_at = clock.longest(begins_at(request, clock).astimezone(_zone(workspace_id)))
        said = {"by": by, "until": due_at.isoformat(timespec="minutes"), **_said(request.contact_id, why)}
        entry_id = _note_on(workspace_id, request, LENGTHENED, said, now)
        _sql.run("lengthen_request", request_id=request_id, due_at=due_at, now=now, entry_id=entry_id)
        return _letter(workspace_id, _lock(request_id), Outcome.LENGTHENED)


def first_letter(workspace_id: int, request_id: int) -> str:
    """What is said when a request has come: until when it is answered, or how to show who one is.

    Raises NoRequest.
    """
    request = selectors.data_request(workspace_id, request_id)
    if request is None:
        raise NoRequest
    waits = request.state is RequestState.WAITING_IDENTITY
    return _letter(workspace_id, request, Outcome.PROVE_IDENTITY if waits else Outcome.RECEIVED)


def correct(
    workspace_id: int, contact_id: int, correction: Correction, now: datetime, *, by: str
) -> int | None:
    """Put right what is known of somebody; old and new stand in their history. Its entry.

    In the open transaction, or one of its own. Raises ContactGone.
    """
    with db.transaction(workspace_id):
        contacts.lock(contact_id)
        before = contacts_known.contact(workspace_id, contact_id)
        if before is None:
            raise ContactGone
        said: dict[str, Value] = {"by": by}
        if correction.name is not None:
            family, given = split_name(correction.name)
            contacts.rename(
                contact_id, family_name=family, given_name=given, search_key=search_key(correction.name)
            )
            said |= {"name_before": before.name, "name": correction.name}
        if correction.birth_date is not None:
            contacts.describe(contact_id, birth_date=correction.birth_date)
            said["birth_date"] = correction.birth_date.isoformat()
        return write_down(workspace_id, contact_id, CORRECTED, said, now)


def _do(
    workspace_id: int, request: DataRequest, correction: Correction, address: str, now: datetime, by: str
) -> Answered:
    if request.contact_id is None:
        return _for_nobody(workspace_id, request, address, now, by)
    contact_id = request.contact_id
    match request.kind:
        case RequestKind.ACCESS:
            content, _ = disclosure(workspace_id, contact_id, "", now, by=by)
            return Answered(_letter(workspace_id, request, Outcome.DONE), Outcome.DONE, content)
        case RequestKind.PROVISION_RECORDS:
            content, _ = provision_records(workspace_id, contact_id, now, by=by)
            return Answered(_letter(workspace_id, request, Outcome.DONE), Outcome.DONE, content)
        case RequestKind.CORRECTION:
            correct(workspace_id, contact_id, correction, now, by=by)
            return Answered(_letter(workspace_id, request, Outcome.DONE), Outcome.DONE)
        case RequestKind.STOP_USE | RequestKind.OBJECTION:
            receipt = optout.opt_out(_no(workspace_id, contact_id, OptOutScope.ALL, by), now).number
            return Answered(
                _letter(workspace_id, request, Outcome.DONE, receipt=receipt), Outcome.DONE, receipt=receipt
            )
        case RequestKind.ERASURE:
            sealed_until = erasures.keeps_until(workspace_id, contact_id, now=now)
            receipt = optout.opt_out(_no(workspace_id, contact_id, OptOutScope.ERASE, by), now).number
            letter = _letter(
                workspace_id,
                request,
                Outcome.DONE,
                receipt=receipt,
                sealed_until=sealed_until,
                suppressed=True,
            )
            return Answered(letter, Outcome.DONE, receipt=receipt)


def _for_nobody(workspace_id: int, request: DataRequest, address: str, now: datetime, by: str) -> Answered:
    content, until, listed = None, None, False
    if address:
        channel, exact = parsed(address)
        if request.kind in (RequestKind.ACCESS, RequestKind.PROVISION_RECORDS):
            content, _ = disclosure(workspace_id, None, address, now, by=by)
        until = max(
            (each.destroy_after for each in erasures.sealed_of(workspace_id, channel, exact)), default=None
        )
        pair = suppression.tokens(workspace_id, channel, exact)
        listed = bool(suppressions.suppressed(workspace_id, [pair]))
    letter = _letter(workspace_id, request, Outcome.NOT_KNOWN, sealed_until=until, suppressed=listed)
    return Answered(letter, Outcome.NOT_KNOWN, content)


def _stop(workspace_id: int, contact_id: int | None, address: str, now: datetime, by: str) -> None:
    if contact_id is not None:
        # nobody has shown yet who they are: everything stops, and nothing is erased before `answer`
        stop = replace(_no(workspace_id, contact_id, OptOutScope.ALL, by), proved=False)
        optout.opt_out(stop, now)
    elif address:
        channel, exact = parsed(address)
        optout.suppress_address(workspace_id, channel, exact, by, now, reason="complaint")


def _no(workspace_id: int, contact_id: int, scope: OptOutScope, by: str) -> OptOut:
    return OptOut(workspace_id=workspace_id, contact_id=contact_id, scope=scope, via=Method.STAFF, by=by)


def _clock_of(contact_id: int | None) -> AnswerClock:
    """Of the law where they live; where that is not known, of our own."""
    country: str | None = None
    if contact_id is not None:
        country = _sql.scalar("get_residence", contact_id=contact_id)
    return answer_clock(pack(NEWEST_IN_FORCE).jurisdiction(country).code if country else OWN_LAW)


def _zone(workspace_id: int) -> ZoneInfo:
    workspace = accounts.workspace(workspace_id)
    return ZoneInfo(workspace.timezone if workspace else "Asia/Tokyo")


def language_of(workspace_id: int, contact_id: int | None) -> str:
    person = contacts_known.contact(workspace_id, contact_id) if contact_id is not None else None
    workspace = accounts.workspace(workspace_id)
    found = (person.locale if person else None) or (workspace.locale if workspace else None)
    return "en" if found == "en" else "ja"


def _said(contact_id: int | None, words: str) -> dict[str, Value]:
    """Of a stranger nothing is written down: it could never be erased."""
    return {"says": words} if words and contact_id is not None else {}


def _contact_of(workspace_id: int, request_id: int) -> int | None:
    request = selectors.data_request(workspace_id, request_id)
    if request is None:
        raise NoRequest
    return request.contact_id


def _locked(workspace_id: int, request_id: int) -> DataRequest:
    """The request under the locks of its person and its own."""
    contact_id = _contact_of(workspace_id, request_id)
    if contact_id is not None:
        contacts.lock(contact_id)
    return _lock(request_id)


def _lock(request_id: int) -> DataRequest:
    row = _sql.row("lock_request", RequestRow, request_id=request_id)
    if row is None:
        raise NoRequest
    return row.value


def _require(no: RequestNo | None) -> None:
    if no is not None:
        raise RequestRefused(no)


def _end(
    request_id: int,
    state: RequestState,
    entry_id: int | None,
    now: datetime,
    *,
    refusal: RefusalGround | None = None,
) -> None:
    _sql.run("end_request", request_id=request_id, state=state, refusal=refusal, now=now, entry_id=entry_id)


def _note_on(
    workspace_id: int, request: DataRequest, kind: str, said: dict[str, Value], now: datetime
) -> int | None:
    return write_down(workspace_id, request.contact_id, kind, {"request": request.request_id, **said}, now)


def _letter(
    workspace_id: int,
    request: DataRequest,
    outcome: Outcome,
    *,
    ground: RefusalGround | None = None,
    receipt: str | None = None,
    sealed_until: datetime | None = None,
    suppressed: bool = False,
) -> str:
    told = ToldRequest(
        kind=request.kind,
        outcome=outcome,
        number=request.request_id,
        received_at=request.received_at,
        due_at=request.due_at,
        ground=ground,
        articles=answer_clock(request.jurisdiction).articles,
        receipt=receipt,
        sealed_until=sealed_until,
        suppressed=suppressed,
    )
    return answer_letter(told, _addressee(workspace_id, request), _desk(workspace_id))


def _addressee(workspace_id: int, request: DataRequest) -> Addressee:
    person = (
        contacts_known.contact(workspace_id, request.contact_id) if request.contact_id is not None else None
    )
    return Addressee(person.name if person else "", request.language, _zone(workspace_id))


def _desk(workspace_id: int) -> Desk:
    sender = next(iter(accounts.senders(workspace_id)), None)
    return Desk(sender.formal_name, sender.complaint_contact) if sender else Desk("", "")
