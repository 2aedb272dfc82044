"""One act on many people: chosen on the list, shown in numbers, then done in slices that may be interrupted.

choosing -> chosen -> running -> done, with too_many beside chosen and paused beside running. Who was chosen
stands still from the preview on; nobody else is touched but further contacts of the same people, as by a
single act. Killed while choosing, it begins again from nothing; killed while running, it goes on behind the
last slice, and what a slice did once more changes nothing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts
from shodaku.erasure import selectors as erasures
from shodaku.journeys import services as journeys
from shodaku.kit import clock, db, log, stopping
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.optout.obeying import already_obeyed
from shodaku.optout.stopping import opt_out_many
from shodaku.segments import selectors as segments
from shodaku.segments.domain import Narrowing
from shodaku.signup import selectors as signups

BULK_PEOPLE_MAX: Final = 100_000  # of one act
EXPORT_PEOPLE_MAX: Final = 1_000_000  # of one file
TICKED_PEOPLE_MAX: Final = 200  # two lists of a page
CHOSEN_AT_ONCE_PEOPLE: Final = 500  # while the page is awaited
CHOSEN_AT_A_TIME_PEOPLE: Final = 1_000
SLICE_PEOPLE: Final = 200  # of one transaction: whoever presses for one of them waits for no more
LOOKS_MAX: Final = 2_000  # each at as many people as a page of the list looks at
LOST_AFTER: Final = timedelta(minutes=15)  # no page and no job takes so long to choose
PREVIEW_KEPT_FOR: Final = timedelta(days=1)
RESULT_KEPT_FOR: Final = timedelta(days=30)

_sql = db.Statements("shodaku.optout")


class BulkAct(StrEnum):
    STOP = "stop"  # all advertising on every channel
    ERASE = "erase"  # that, and everything known is forgotten
    EXPORT = "export"  # taken along as a file; nobody is changed: see exporting
    ASK = "ask"  # one mail whether to go on, to those whose consent ends soon or of whom nothing was heard


class BulkState(StrEnum):
    CHOOSING = "choosing"
    CHOSEN = "chosen"
    TOO_MANY = "too_many"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"


class _Outcome(StrEnum):
    CHANGED = "changed"
    SAME = "same"  # it held already, or is not done to this person
    GONE = "gone"  # erased in between


@dataclass(frozen=True, slots=True)
class _Told:
    outcome: _Outcome
    reason: str | None = None


class TooManyTicked(WrongUse):
    """More people were ticked than a page shows; choose again on the list."""

    code = "too_many_ticked"


class _TooMany(Exception):
    """More people than one act takes."""


@dataclass(frozen=True, slots=True)
class Bulk:
    bulk_id: int
    act: str  # see BulkAct
    state: str  # see BulkState
    narrowed: dict[str, str | int | None] | None  # see segments.Narrowing; None: ticked one by one
    chosen_by: int  # of the staff, as begun_by
    chosen_at: datetime
    people: int
    unchanged: int  # at the preview: of whom the act says nothing new
    reasons: dict[str, int]  # how many of these for which reason; empty where there is but one
    others: int  # at the preview: further contacts of the same people
    via: str | None
    begun_by: int | None
    begun_at: datetime | None
    moving_since: datetime | None
    done_before: int  # people who had their turn by then
    changed: int
    same: int
    gone: int
    done_at: datetime | None

    @property
    def people_done(self) -> int:
        return self.changed + self.same + self.gone

    @property
    def people_to_change(self) -> int:
        return self.people - self.unchanged

    def ends_at(self, now: datetime) -> datetime | None:
        """If it goes on as fast as since it went on last; None: it is too early to say."""
        done = self.people_done - self.done_before
        if self.state != BulkState.RUNNING or self.moving_since is None or not done:
            return None
        return now + (now - self.moving_since) / done * (self.people - self.people_done)

    @property
    def moves(self) -> bool:
        return self.state in {BulkState.CHOOSING, BulkState.RUNNING}


def bulk(workspace_id: int, bulk_id: int) -> Bulk | None:
    with db.transaction(workspace_id):
        return _sql.row("get_bulk", Bulk, bulk_id=bulk_id)


def bulks(workspace_id: int, most: int) -> list[Bulk]:
    """The newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_bulk", Bulk, rows_max=most)


@dataclass(frozen=True, slots=True)
class LeftOut:
    contact_id: int
    reason: str | None  # None: the one reason that the act has


def left_out(workspace_id: int, bulk_id: int) -> list[LeftOut]:
    """The contacts of whom the act changed nothing, at most BULK_PEOPLE_MAX."""
    with db.transaction(workspace_id):
        return _sql.rows("list_bulk_left_out", LeftOut, bulk_id=bulk_id)


def choose_ticked(
    workspace_id: int, act: BulkAct, contact_ids: Sequence[int], *, staff_id: int, now: datetime
) -> int:
    """The preview of an act on these people; who is not there is left out. Raises TooManyTicked."""
    if len(contact_ids) > TICKED_PEOPLE_MAX:
        raise TooManyTicked
    return choose_listed(workspace_id, act, contact_ids, staff_id=staff_id, now=now)


def choose_listed(
    workspace_id: int, act: BulkAct, contact_ids: Sequence[int], *, staff_id: int, now: datetime
) -> int:
    """The preview of an act on those whom somebody read off a list, as many as they may be."""
    bulk_id = _insert(workspace_id, act, None, staff_id, now)
    _choose(workspace_id, bulk_id, act, [contact_ids], now)
    return bulk_id


def choose_found(
    workspace_id: int, act: BulkAct, narrowing: Narrowing, *, staff_id: int, now: datetime
) -> int:
    """The preview of an act on everybody who fulfils the conditions; a job makes it where they are many."""
    bulk_id = _insert(workspace_id, act, narrowing, staff_id, now)
    condition = segments.condition_of(workspace_id, narrowing)
    page = contacts.find(workspace_id, chosen=condition, rows_max=CHOSEN_AT_ONCE_PEOPLE)
    if page.following is None:
        _choose(workspace_id, bulk_id, act, [[row.contact_id for row in page.rows]], now)
    else:
        with db.transaction(workspace_id):
            _defer(workspace_id, bulk_id, BulkState.CHOOSING)
    return bulk_id


def choose(workspace_id: int, bulk_id: int, *, now: datetime) -> None:
    """Look for everybody who is meant, from the beginning; nothing, if that is done already."""
    found = bulk(workspace_id, bulk_id)
    if found is None or found.state != BulkState.CHOOSING or found.narrowed is None:
        return
    with db.transaction(workspace_id):
        if _sql.scalar("lock_choosing", bulk_id=bulk_id) is None:
            return  # chosen since: who stands in the preview stays
        _sql.run("delete_bulk_people", bulk_id=bulk_id)
    pages = _pages(workspace_id, Narrowing.load(found.narrowed))
    _choose(workspace_id, bulk_id, BulkAct(found.act), pages, now)


def throw_away(workspace_id: int, bulk_id: int) -> bool:
    """False: it has begun, or is not there any more."""
    with db.transaction(workspace_id):
        return _sql.run("delete_bulk", bulk_id=bulk_id) == 1


def begin(workspace_id: int, bulk_id: int, via: Method, *, staff_id: int, now: datetime) -> bool:
    """From the preview to the act, a few at once; False: it has begun already, or nobody is in it.

    Raises VaultAway where people are to be asked: that many were is an act of its own.
    """
    with db.transaction(workspace_id):
        if not _sql.run("begin_bulk", bulk_id=bulk_id, via=via.value, staff_id=staff_id, now=now):
            return False
        found = bulk(workspace_id, bulk_id)
        if found is not None and found.act == BulkAct.ASK:
            _record_asking(workspace_id, found, staff_id, now)
        at_once = found is not None and found.people <= SLICE_PEOPLE
        if not at_once:
            _defer(workspace_id, bulk_id, BulkState.RUNNING)
    if at_once:
        run(workspace_id, bulk_id)
    return True


def pause(workspace_id: int, bulk_id: int) -> bool:
    """The slice under way is the last one. False: it does not run."""
    with db.transaction(workspace_id):
        return _sql.run("pause_bulk", bulk_id=bulk_id) == 1


def resume(workspace_id: int, bulk_id: int, *, now: datetime) -> bool:
    """Goes on behind the last slice. False: it was not paused."""
    with db.transaction(workspace_id):
        if not _sql.run("resume_bulk", bulk_id=bulk_id, now=now):
            return False
        _defer(workspace_id, bulk_id, BulkState.RUNNING)
        return True


def run(workspace_id: int, bulk_id: int) -> None:
    """One slice after the other, until nobody is left, it is paused, or the process is told to end.

    Each slice has its own moment: a no dated back would be outlived by a consent that came in between.
    """
    found = bulk(workspace_id, bulk_id)
    if found is None or found.begun_at is None or found.via is None:
        return
    while slice_ := _next(workspace_id, bulk_id):
        if stopping.asked():
            with db.transaction(workspace_id):
                _defer(workspace_id, bulk_id, BulkState.RUNNING)
            return
        outcomes = _do(workspace_id, found, [row.contact_id for row in slice_ if row.contact_id])
        told = {row.place: outcomes.get(row.contact_id or 0, _Told(_Outcome.GONE)) for row in slice_}
        with db.transaction(workspace_id):
            _sql.run(
                "update_bulk_outcomes",
                bulk_id=bulk_id,
                places=list(told),
                outcomes=[each.outcome.value for each in told.values()],
                reasons=[each.reason for each in told.values()],
            )
    with db.transaction(workspace_id):
        if _sql.run("end_bulk", bulk_id=bulk_id, now=clock.now()):
            log.info("optout.bulk_done", workspace=workspace_id, bulk=bulk_id, act=found.act)


def sweep(now: datetime) -> None:
    """What nobody went on with goes; what a lost job left begins again."""
    for workspace in accounts.workspaces():
        with db.transaction(workspace.workspace_id):
            _sql.run(
                "delete_old_bulk",
                chosen_before=now - PREVIEW_KEPT_FOR,
                done_before=now - RESULT_KEPT_FOR,
            )
            for each in _sql.rows("list_unfinished_bulk", _Unfinished, before=now - LOST_AFTER):
                _defer(workspace.workspace_id, each.bulk_id, BulkState(each.state))


@dataclass(frozen=True, slots=True)
class _Turn:
    place: int
    contact_id: int | None


@dataclass(frozen=True, slots=True)
class _Unfinished:
    bulk_id: int
    state: str


def _insert(
    workspace_id: int, act: BulkAct, narrowing: Narrowing | None, staff_id: int, now: datetime
) -> int:
    with db.transaction(workspace_id):
        bulk_id: int = _sql.scalar(
            "insert_bulk",
            act=act.value,
            narrowed=Jsonb(narrowing.dump()) if narrowing else None,
            staff_id=staff_id,
            now=now,
        )
        return bulk_id


def _pages(workspace_id: int, narrowing: Narrowing) -> Iterator[list[int]]:
    condition, start = segments.condition_of(workspace_id, narrowing), None
    for _ in range(LOOKS_MAX):
        page = contacts.find(workspace_id, chosen=condition, start=start, rows_max=CHOSEN_AT_A_TIME_PEOPLE)
        yield [row.contact_id for row in page.rows]
        if page.following is None:
            return
        start = page.following
    raise _TooMany


def _choose(
    workspace_id: int, bulk_id: int, act: BulkAct, pages: Iterable[Sequence[int]], now: datetime
) -> None:
    try:
        counts = _counted(workspace_id, bulk_id, act, pages, now)
    except _TooMany:
        with db.transaction(workspace_id):
            _sql.run("delete_bulk_people", bulk_id=bulk_id)
            nobody = {"people": 0, "unchanged": 0, "reasons": Jsonb({}), "others": 0}
            _sql.run("end_choosing", bulk_id=bulk_id, state=BulkState.TOO_MANY.value, **nobody)
        return
    with db.transaction(workspace_id):
        _sql.run("end_choosing", bulk_id=bulk_id, state=BulkState.CHOSEN.value, **counts)


def _counted(
    workspace_id: int, bulk_id: int, act: BulkAct, pages: Iterable[Sequence[int]], now: datetime
) -> dict[str, object]:
    """Writes down who is chosen, and counts what the preview says of them. Raises _TooMany."""
    if act is BulkAct.EXPORT:
        return _listed(workspace_id, bulk_id, pages)
    chosen: set[int] = set()
    also: set[int] = set()
    unchanged, reasons = 0, Counter[str]()
    for page in pages:
        if len(chosen) + len(page) > BULK_PEOPLE_MAX:
            raise _TooMany
        with db.transaction(workspace_id):
            there = _add(bulk_id, page, behind=len(chosen))
            chosen.update(there)
        if act is BulkAct.ASK:
            reasons.update(journeys.why_not_asked(workspace_id, there, now=now).values())
            continue  # what one contact said is asked of that contact alone
        unchanged += len(_unchanged(workspace_id, act, there, now))
        for contacts_of_one in signups.moved_contacts_of(workspace_id, there).values():
            also.update(contacts_of_one)
    return {
        "people": len(chosen),
        "unchanged": unchanged + reasons.total(),
        "reasons": Jsonb(dict(reasons)),
        "others": len(also - chosen),
    }


def _listed(workspace_id: int, bulk_id: int, pages: Iterable[Sequence[int]]) -> dict[str, object]:
    """As `_counted`, of a million people too: nothing is said of them, so none is remembered here."""
    people = 0
    for page in pages:
        if people + len(page) > EXPORT_PEOPLE_MAX:
            raise _TooMany
        with db.transaction(workspace_id):
            people += len(_add(bulk_id, page, behind=people))
    return {"people": people, "unchanged": 0, "reasons": Jsonb({}), "others": 0}


def _add(bulk_id: int, page: Sequence[int], *, behind: int) -> list[int]:
    """Who of a page is there and was not added before; in the open transaction."""
    there: list[int] = _sql.scalars(
        "insert_bulk_people", bulk_id=bulk_id, behind=behind, contacts=db.array(page)
    )
    _sql.run("update_bulk_people", bulk_id=bulk_id, people=behind + len(there))
    return there


def _unchanged(workspace_id: int, act: BulkAct, contact_ids: Sequence[int], now: datetime) -> set[int]:
    """Of whom a no would say nothing new, as things stand."""
    if act is BulkAct.ERASE:
        return set(erasures.requested_of(workspace_id, contact_ids))
    return already_obeyed([_no(workspace_id, act, each, Method.STAFF, 0) for each in contact_ids], now)


def _no(workspace_id: int, act: BulkAct, contact_id: int, via: Method, staff_id: int) -> OptOut:
    """As a single act writes it; by a stop nobody is erased, even if the rule of the workspace is changed."""
    return OptOut(
        workspace_id=workspace_id,
        contact_id=contact_id,
        scope=OptOutScope.ERASE if act is BulkAct.ERASE else OptOutScope.ALL,
        via=via,
        by=f"staff:{staff_id}",
        proved=act is BulkAct.ERASE,
    )


def _next(workspace_id: int, bulk_id: int) -> list[_Turn]:
    with db.transaction(workspace_id):
        return _sql.rows("list_bulk_next", _Turn, bulk_id=bulk_id, people_max=SLICE_PEOPLE)


def _do(workspace_id: int, found: Bulk, contact_ids: Sequence[int]) -> Mapping[int, _Told]:
    """The acts of a slice, each as a single one; who is not in the answer was not there any more."""
    if found.act == BulkAct.ASK:
        return dict(_ask(workspace_id, found, contact_ids))
    act, via, now = BulkAct(found.act), Method(found.via or Method.STAFF), clock.now()
    noes = [_no(workspace_id, act, each, via, found.begun_by or 0) for each in contact_ids]
    receipts = opt_out_many(noes, now)
    since = {
        contact_id: receipt.at
        for contact_id, receipt in zip(contact_ids, receipts, strict=True)
        if receipt is not None
    }
    if act is BulkAct.ERASE:
        asked_at = erasures.requested_of(workspace_id, list(since))
        since = {contact_id: asked_at.get(contact_id, now) for contact_id in since}
    begun_at = found.begun_at or now
    return {
        contact_id: _Told(_Outcome.SAME if at < begun_at else _Outcome.CHANGED)
        for contact_id, at in since.items()
    }


def _record_asking(workspace_id: int, found: Bulk, staff_id: int, now: datetime) -> None:
    said: dict[str, Value] = {
        "bulk": str(found.bulk_id),
        "people": found.people_to_change,
        "by": f"staff:{staff_id}",
    }
    event_id = uuid7(now, os.urandom(10))
    ledger.record_act(workspace_id, "admin.people.asked_again", said, event_id=event_id, now=now)


def _ask(workspace_id: int, found: Bulk, contact_ids: Sequence[int]) -> Iterator[tuple[int, _Told]]:
    """Who was asked by a slice that did not come to its end is told as asked, and not asked twice."""
    now = clock.now()
    before = journeys.asked_since(workspace_id, contact_ids, found.begun_at or now)
    for contact_id in contact_ids:
        reason = None if contact_id in before else journeys.ask_again(workspace_id, contact_id, now=now)
        if reason is None:
            yield contact_id, _Told(_Outcome.CHANGED)
        elif reason != journeys.GONE:
            yield contact_id, _Told(_Outcome.SAME, reason)


def _defer(workspace_id: int, bulk_id: int, state: BulkState) -> None:
    """In the open transaction."""
    task = "optout.bulk_choose" if state is BulkState.CHOOSING else "optout.bulk_run"
    key = f"bulk:{workspace_id}:{bulk_id}"
    arguments: dict[str, int | str] = {"workspace_id": workspace_id, "bulk_id": bulk_id}
    defer(Job(task, Queue.CHORE, arguments, lock=key, only_once=f"{task}:{workspace_id}:{bulk_id}"))
