"""A form on a tablet at an occasion: opened by staff for some hours, pressed by the people themselves.

Who opened it, at which place and desk, stands in the evidence of each press.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shodaku.consent.domain import DeskPlace
from shodaku.contacts.domain import UnfitName, clean_name
from shodaku.kit import db, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.signup import selectors
from shodaku.signup.asking import request_at_desk
from shodaku.signup.domain import DeskEvidence, SignupRequest, WebEvidence
from shodaku.signup.empty_mail import NotPublished
from shodaku.signup.publishing import NoForm
from shodaku.signup.sending import new_event_id

OPENED: Final = "admin.desk.opened"  # kinds of ledger entries
CLOSED: Final = "admin.desk.closed"
HOURS: Final = (2, 4, 8, 12)
ENTRIES_MAX: Final = 2_000  # of a desk: one press every 20 seconds for half a day
PLACE_CHARS_MAX: Final = 100
DESK_CHARS_MAX: Final = 40
DESK_ROWS: Final = 50

_sql = db.Statements("shodaku.signup")


class UnfitPlace(WrongUse):
    """The place has 1 to 100 characters and the desk 1 to 40, without =? and control characters."""

    code = "unfit_place"


class UnfitHours(WrongUse):
    """A desk is open for 2, 4, 8 or 12 hours."""

    code = "unfit_hours"


class DeskShut(WrongUse):
    """The desk takes nothing more; ask staff to open it again."""

    code = "desk_shut"


@dataclass(frozen=True, slots=True)
class Desk:
    desk_no: int
    form_id: int
    place: str
    desk: str
    opened_at: datetime
    opened_by: int
    closes_at: datetime
    closed_at: datetime | None
    entries: int
    last_at: datetime | None  # of the last form that was sent here

    def open_at(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.closes_at and self.entries < ENTRIES_MAX

    def is_of_before(self, page_at: int) -> bool:
        """Was a page of this second (since 1970) opened before the last press? Then it was somebody else's: a
        browser that goes back offers to send it once more, with everything that was typed.
        """
        return self.last_at is not None and page_at < int(self.last_at.timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDesk:
    form_id: int
    place: str
    desk: str
    hours: int


def open_desk(workspace_id: int, wanted: NewDesk, *, staff_id: int, now: datetime) -> int:
    """Its number. Raises NoForm, NotPublished, UnfitPlace, UnfitHours, VaultAway."""
    place, desk = _cleaned(wanted.place, PLACE_CHARS_MAX), _cleaned(wanted.desk, DESK_CHARS_MAX)
    if wanted.hours not in HOURS:
        raise UnfitHours
    with db.transaction(workspace_id):
        known = next((f for f in selectors.forms(workspace_id) if f.form_id == wanted.form_id), None)
        if known is None:
            raise NoForm
        if not known.version:
            raise NotPublished
        desk_no: int = _sql.scalar(
            "insert_desk",
            form_id=wanted.form_id,
            place=place,
            desk=desk,
            staff_id=staff_id,
            now=now,
            closes_at=now + timedelta(hours=wanted.hours),
        )
        said: dict[str, Value] = {
            "form": wanted.form_id, "desk_no": desk_no, "place": place, "desk": desk, "hours": wanted.hours,
        }  # fmt: skip
        _record(workspace_id, OPENED, said, staff_id, now)
    return desk_no


def close_desk(workspace_id: int, form_id: int, desk_no: int, *, staff_id: int, now: datetime) -> bool:
    """Its link opens nothing from now on. False: it was closed. Raises VaultAway."""
    with db.transaction(workspace_id):
        closed = _sql.run("close_desk", form_id=form_id, desk_no=desk_no, staff_id=staff_id, now=now) == 1
        if closed:
            _record(workspace_id, CLOSED, {"form": form_id, "desk_no": desk_no}, staff_id, now)
    return closed


def desk(workspace_id: int, desk_no: int) -> Desk | None:
    with db.transaction(workspace_id):
        return _sql.row("get_desk", Desk, desk_no=desk_no)


def desks(workspace_id: int, form_id: int, *, before: int | None = None) -> list[Desk]:
    """Newest first; one more than a page holds says that there are older ones."""
    with db.transaction(workspace_id):
        return _sql.rows("list_desks", Desk, form_id=form_id, before=before, rows_max=DESK_ROWS + 1)


def desk_token(workspace_id: int, desk_no: int) -> str:
    """What the address of the tablet's page ends with."""
    return url_form(_keys().make(Token(workspace_id, desk_no, 0, Purpose.DESK)))


def read_desk(text: str) -> Token | None:
    """None for what is no token of a desk; whether it is still open says its row."""
    return _keys().read_url(text, Purpose.DESK)


def press_at_desk(request: SignupRequest, desk_no: int, evidence: WebEvidence, now: datetime) -> None:
    """The form was sent at a desk. It answers nothing, as `request_signup`. Raises DeskShut, VaultAway."""
    workspace_id = request.shown.workspace_id
    with db.transaction(workspace_id):
        if not _sql.run("count_desk", desk_no=desk_no, now=now, entries_max=ENTRIES_MAX):
            raise DeskShut
        found = _sql.row("get_desk", Desk, desk_no=desk_no)
    if found is None or found.form_id != request.shown.form_id:
        raise DeskShut
    told = DeskEvidence(
        url=evidence.url,
        ip=evidence.ip,
        browser=evidence.browser,
        by=f"staff:{found.opened_by}",
        desk=DeskPlace(place=found.place, desk=found.desk),
    )
    request_at_desk(request, told, now)


def _cleaned(text: str, chars_max: int) -> str:
    try:
        name = clean_name(text)
    except UnfitName as fault:
        raise UnfitPlace from fault
    if not 1 <= len(name) <= chars_max:
        raise UnfitPlace
    return name


def _record(workspace_id: int, kind: str, said: dict[str, Value], staff_id: int, now: datetime) -> None:
    fields: dict[str, Value] = {**said, "by": f"staff:{staff_id}"}
    ledger.record_act(workspace_id, kind, fields, event_id=new_event_id(now), now=now)


def _keys() -> LinkKeys:
    return LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
