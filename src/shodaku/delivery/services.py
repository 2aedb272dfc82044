"""Mailings are planned, paused and cancelled here, and opt-outs announced to the workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Cursor
from psycopg.rows import tuple_row

from shodaku.accounts.displays import keep_display
from shodaku.contacts.domain import Channel
from shodaku.content import services as content
from shodaku.delivery import paces
from shodaku.delivery.arriving import (
    close_inbound_address,
    count_event,
    drop_old_events,
    forget_mailbox,
    keep_early_bounce,
    note_event,
    note_mailbox,
    note_mailbox_fault,
    open_inbound_address,
    settle_early_bounces,
)
from shodaku.delivery.choices import (
    Loosens,
    NoPack,
    NoReason,
    choose_rules,
    exemptions,
    measure_complaints,
    note_complaints,
    note_domain,
    release_topic,
    switch_exemption,
)
from shodaku.delivery.chunks import ChunkKey, chunk_job, queue_of
from shodaku.delivery.copying_out import ask_to_forget, copy_out, defer_copy, end_copy
from shodaku.delivery.domain import (
    Carries,
    Condition,
    Exemption,
    MailingKind,
    NewMailing,
    chunk_size,
    monday,
)
from shodaku.delivery.domain_checks import ask_dns, check_domain, check_domains, rest_while_failing
from shodaku.delivery.domain_groups import group_columns
from shodaku.delivery.facts import MailingRow
from shodaku.delivery.feedback import BounceResult, FeedbackKind, bounce_kind, kind_of
from shodaku.delivery.forecasts import warming
from shodaku.delivery.maildrop import MailState, forget_mailbox_mails, note_mailbox_mail
from shodaku.delivery.paces import NoSuchRoute, RateOfRoute, RateOutOfRange, UnknownGroup, set_pace
from shodaku.delivery.relays import PasswordMissing, ProviderHostFault
from shodaku.delivery.relays import from_environment as environment_target
from shodaku.delivery.restoring import BY_CONFIRMATION, restore_address
from shodaku.delivery.returns import (
    NewMessage,
    answer_message,
    attach,
    keep_message,
    record_bounce,
    record_feedback,
    understand,
    understand_answer,
)
from shodaku.delivery.routes import (
    AccountNeeded,
    HostNeeded,
    KeyFault,
    NewRoute,
    RouteNeeded,
    TooManyRoutes,
    Tried,
    UnknownRoute,
    add_route,
    change_route,
    remove_route,
    settled,
    try_route,
)
from shodaku.delivery.signing_keys import (
    KeysWaiting,
    UnknownDomain,
    UnknownKey,
    end_dkim_key,
    make_dkim_keys,
    settle_dkim_keys,
)
from shodaku.delivery.sources import (
    NoSource,
    drop_old_sources,
    is_believed,
    note_unproved,
    outside,
    trust_source,
)
from shodaku.delivery.staff import remember_staff
from shodaku.delivery.stops import note_recorded, unrecorded_stops
from shodaku.delivery.uncertain import DECIDED_AT_ONCE_MAX, Choice, note_choice, undecided
from shodaku.delivery.warm_ups import WarmUpFault, begin_warm_up, end_warm_up
from shodaku.kit import db, queue
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import AD_CLASSES, MessageClass, Reason

__all__ = [
    "BY_CONFIRMATION",
    "DECIDED_AT_ONCE_MAX",
    "AccountNeeded",
    "BounceResult",
    "Choice",
    "FeedbackKind",
    "HostNeeded",
    "KeyFault",
    "KeysWaiting",
    "Loosens",
    "MailState",
    "NewMessage",
    "NewRoute",
    "NoPack",
    "NoReason",
    "NoSource",
    "NoSuchRoute",
    "ParameterTaken",
    "PasswordMissing",
    "Planned",
    "ProviderHostFault",
    "RateOfRoute",
    "RateOutOfRange",
    "RouteNeeded",
    "TooManyRoutes",
    "Tried",
    "UnknownDomain",
    "UnknownGroup",
    "UnknownKey",
    "UnknownRoute",
    "WarmUpFault",
    "add_route",
    "answer_message",
    "ask_dns",
    "attach",
    "begin_warm_up",
    "bounce_kind",
    "cancel",
    "change_route",
    "check_domain",
    "check_domains",
    "choose_rules",
    "close_inbound_address",
    "composed",
    "copy_out",
    "count_event",
    "defer_copy",
    "drop_old_events",
    "drop_old_hits",
    "drop_old_sources",
    "end_copy",
    "end_dkim_key",
    "end_warm_up",
    "environment_target",
    "forget",
    "forget_hits",
    "forget_mailbox",
    "forget_mailbox_mails",
    "hint",
    "is_believed",
    "keep_early_bounce",
    "keep_message",
    "kind_of",
    "make_dkim_keys",
    "measure_complaints",
    "merged",
    "note_choice",
    "note_complaints",
    "note_domain",
    "note_event",
    "note_mailbox",
    "note_mailbox_fault",
    "note_mailbox_mail",
    "note_recorded",
    "note_sent",
    "note_unproved",
    "open_inbound_address",
    "outside",
    "pause",
    "pause_promotions",
    "plan",
    "plan_held",
    "plan_list",
    "plan_one",
    "record_bounce",
    "record_feedback",
    "release",
    "release_topic",
    "remember_staff",
    "remove_route",
    "repeat",
    "rest_while_failing",
    "restore_address",
    "resume",
    "set_pace",
    "settle_dkim_keys",
    "settle_early_bounces",
    "settled",
    "start_now",
    "switch_exemption",
    "trust_source",
    "try_route",
    "undecided",
    "understand",
    "understand_answer",
    "unrecorded_stops",
]

_sql = db.Statements("shodaku.delivery")
ENGAGED_WITHIN: Final = timedelta(days=180)  # what is older tells no more that somebody likes the mails
EARLY_PEOPLE: Final = 5_000  # to each group of receivers, as many as the first week of a warm-up takes
EARLY_CHUNK: Final = 50  # the amount of its first day
HITS_KEPT: Final = timedelta(days=400)  # so that a season is compared with the one before it
_HINT_IDS_MAX: Final = 300  # a notification holds 8,000 bytes
# switched on, they let nobody be written to who has no consent
_NO_BASIS: Final = frozenset({Exemption.INCIDENTAL_ADS, Exemption.REPLIES_READ})
_MARK: Final = "/*where*/"
_APART: Final = frozenset({"links", "frequency", "files"})  # of a NewMailing: no columns of these names


class ParameterTaken(WrongUse):
    """A condition uses the name of a parameter of the statement around it."""

    code = "parameter_taken"


@dataclass(frozen=True, slots=True)
class Planned:
    mailing_id: int
    people: int
    chunks: int


def plan_one(mailing: NewMailing, contact_id: int, *, now: datetime, route_id: int | None = None) -> int:
    """One person, in the open transaction; the mailing's id. Sent as soon as it commits.

    With `route_id` by that route alone, which is for trying it.
    """
    mailing_id = plan_list(mailing, [contact_id], now=now).mailing_id
    if route_id is not None:
        _sql.run("pin_mailing", mailing_id=mailing_id, route_id=route_id)
    return mailing_id


def plan_list(mailing: NewMailing, contact_ids: Sequence[int], *, now: datetime) -> Planned:
    """Named people, in the open transaction. Each is asked about at the gate like everybody else."""
    return _plan_people(mailing.channel, mailing.kind, _insert(mailing, now), contact_ids, mailing.starts_at)


def _plan_people(
    channel: Channel,
    kind: MailingKind,
    mailing_id: int,
    contact_ids: Sequence[int],
    starts_at: datetime | None = None,
) -> Planned:
    size = chunk_size(_rate(kind))
    ids = sorted(set(contact_ids))
    keys = [
        ChunkKey(db.workspace(), mailing_id, no)
        for group, some in _by_group(channel, ids)
        for at in range(0, len(some), size)
        for no in _sql.scalars(
            "insert_list_chunk", mailing_id=mailing_id, contact_ids=some[at : at + size], domain_group=group
        )
    ]
    return _launched(kind, mailing_id, len(ids), keys, starts_at)


def repeat(mailing_id: int, contact_ids: Sequence[int], *, now: datetime) -> Planned | None:
    """The same message once more to some of its people, in the open transaction; each is asked about at the
    gate. None: it rests, was stopped, or is nothing that goes once more.
    """
    week = monday(now)
    _sql.scalar("make_partition", week=week)
    copy_id = _sql.scalar("repeat_mailing", mailing_id=mailing_id, week=week, now=now)
    if copy_id is None:
        return None
    content.copy_files(mailing_id, copy_id)
    mailing = _sql.row("get_mailing", MailingRow, mailing_id=copy_id)
    if mailing is None:
        raise LookupError(copy_id)
    return _plan_people(Channel(mailing.channel), MailingKind(mailing.kind), copy_id, contact_ids)


def plan(mailing: NewMailing, audience: Condition, *, now: datetime) -> Planned:
    """All whom the audience names and who look sendable, in the open transaction: a plan, never a licence.

    Of a mailing that starts later, those who look sendable then, as far as one knows today.
    """
    mailing_id = _insert(mailing, now)
    keys, people = _plan_audience(mailing, mailing_id, audience, now)
    return _launched(mailing.kind, mailing_id, people, keys, mailing.starts_at)


def plan_held(mailing: NewMailing, audience: Condition, *, now: datetime) -> Planned:
    """As `plan`, but nothing of it ever leaves so: its people wait for `release`, which gives a content."""
    mailing_id = _insert(mailing, now)
    keys, people = _plan_audience(mailing, mailing_id, audience, now)
    _sql.run("update_planned", mailing_id=mailing_id, people=people)
    _sql.run("pause_mailing", mailing_id=mailing_id, now=now)
    return Planned(mailing_id, people, len(keys))


def release(held_id: int, content_id: int, *, now: datetime) -> Planned:
    """Who was held gets the content of another mailing, in the open transaction, each asked about at the
    gate. The mailing that held them ends with nothing sent.
    """
    week = monday(now)
    _sql.scalar("make_partition", week=week)
    copy_id: int = _sql.scalar("copy_mailing", mailing_id=content_id, week=week, now=now)
    content.copy_files(content_id, copy_id)
    mailing = _sql.row("get_mailing", MailingRow, mailing_id=copy_id)
    if mailing is None:
        raise LookupError(copy_id)
    _hold(held_id)
    moved = _sql.rows("move_chunks", _MovedRow, mailing_id=held_id, copy_id=copy_id)
    _sql.run("cancel_mailing", mailing_id=held_id, now=now)
    keys = [ChunkKey(db.workspace(), copy_id, row.no) for row in moved]
    return _launched(MailingKind(mailing.kind), copy_id, sum(row.people for row in moved), keys, None)


def _plan_audience(
    mailing: NewMailing, mailing_id: int, audience: Condition, now: datetime
) -> tuple[list[ChunkKey], int]:
    """Its chunks, and how many people they hold."""
    workspace_id = db.workspace()
    conditions = [f"({audience.sql})"]
    if mailing.message_class in AD_CLASSES and mailing.message_class is not MessageClass.CONSENT_REQUEST:
        conditions.append(f"({_sql.text('consenting')})" if not _exempt(mailing) else "true")
    frequency = mailing.frequency
    then = mailing.starts_at or now
    values: dict[str, object] = {
        "workspace_id": workspace_id,
        "mailing_id": mailing_id,
        "channel": mailing.channel.value,
        "topic_id": mailing.topic_id,
        "now": then,
        "starts_at": mailing.starts_at,
        "size": chunk_size(_rate(mailing.kind)),
        "counted_after": frequency.counted_after(then) if frequency else None,
        "frequency_max": frequency.max if frequency else None,
    }
    how = "plan_chunks_by_group" if paces.grouped() else "plan_chunks"
    if how == "plan_chunks_by_group":
        values.update(group_columns())
        if warming(workspace_id):
            how = "plan_chunks_engaged"
            values["engaged_after"] = now - ENGAGED_WITHIN
            values["early_people"] = EARLY_PEOPLE
            values["early_size"] = min(EARLY_CHUNK, chunk_size(_rate(mailing.kind)))
    statement = composed(_sql.text(how), " and ".join(conditions))
    with Cursor(db.connection(), row_factory=tuple_row) as cursor:
        # right after a big import the planner takes the tables for empty, and a loop for a join: quadratic
        cursor.execute("SET LOCAL enable_nestloop = off")
        rows = cursor.execute(statement, merged(values, audience)).fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
    keys = [ChunkKey(workspace_id, mailing_id, no) for no, _ in rows]
    return keys, sum(people for _, people in rows)


def _by_group(channel: Channel, contact_ids: list[int]) -> list[tuple[str | None, list[int]]]:
    """Kept apart where a limit holds for a group of receivers; ids ascending in each."""
    if not contact_ids or not paces.grouped():
        return [(None, contact_ids)]
    rows = _sql.rows(
        "list_domain_groups",
        _GroupedRow,
        contact_ids=contact_ids,
        channel=channel,
        **group_columns(),
    )
    found: dict[str | None, list[int]] = {}
    for row in rows:
        found.setdefault(row.domain_group, []).append(row.contact_id)
    return list(found.items())


def _exempt(mailing: NewMailing) -> bool:
    """May somebody be written to without a consent? Then the gate alone knows who."""
    on = exemptions(db.workspace())
    return any(each.sender_id == mailing.sender_id and each.name not in _NO_BASIS for each in on)


def composed(statement: str, condition: str) -> str:
    """A statement with a condition in its place, which holds columns and parameters alone."""
    return statement.replace(_MARK, condition)


def merged(values: Mapping[str, object], condition: Condition) -> dict[str, object]:
    """Raises ParameterTaken."""
    if values.keys() & condition.parameters.keys():
        raise ParameterTaken
    return {**values, **condition.parameters}


def note_sent(mailing: NewMailing, contact_id: int, reason: Reason, *, at: datetime) -> int:
    """A mail left at that time, from here or elsewhere: it counts like any delivery. Its mailing."""
    mailing_id = _insert(mailing, at)
    _sql.run("insert_past_delivery", contact_id=contact_id, mailing_id=mailing_id, reason=reason, at=at)
    return mailing_id


def pause(workspace_id: int, mailing_id: int, *, now: datetime) -> bool:
    """Chunks that are open finish within 2 seconds; the others wait. False: it does not run."""
    with db.transaction(workspace_id):
        _hold(mailing_id)
        paces.forget_promises()
        return _sql.run("pause_mailing", mailing_id=mailing_id, now=now) >= 1


def pause_promotions(*, now: datetime) -> list[int]:
    """Every advertisement that runs, in the open transaction: after a restore it may have been sent
    already.
    """
    paces.forget_promises()
    return _sql.scalars("pause_promotions", now=now)


def resume(workspace_id: int, mailing_id: int, *, now: datetime) -> bool:
    """Go on, with a new gate for everybody who is left. False: it was not paused.

    What stopped by itself is weighed anew: who lets it go on has looked at what came before.
    """
    with db.transaction(workspace_id):
        _sql.run("weigh_anew", mailing_id=mailing_id)
        resumed = _sql.rows("resume_mailing", _ResumedRow, mailing_id=mailing_id, now=now)
        for each in resumed:
            _defer_planned(workspace_id, each.mailing_id, MailingKind(each.kind))
        return bool(resumed)


def start_now(workspace_id: int, mailing_id: int, *, now: datetime) -> bool:
    """Not at its time but at once. False: it has ended, or has started already."""
    with db.transaction(workspace_id):
        kind = _sql.scalar("start_mailing", mailing_id=mailing_id, now=now)
        if kind is None:
            return False
        _sql.run("start_chunks", mailing_id=mailing_id, now=now)
        _defer_planned(workspace_id, mailing_id, MailingKind(kind))  # jobs of its first time find nothing
        return True


def cancel(workspace_id: int, mailing_id: int, *, now: datetime) -> bool:
    """Nobody who is left gets it. False: it had ended."""
    with db.transaction(workspace_id):
        _hold(mailing_id)
        if not _sql.run("cancel_mailing", mailing_id=mailing_id, now=now):
            return False
        _sql.run("end_cancelled")
        paces.forget_promises()
        return True


def hint(workspace_id: int, contact_ids: Sequence[int]) -> None:
    """Tell the workers who is about to opt out, so that they let go of the contact's lock.

    A notification is delivered at its commit: call this before the opt-out's own transaction, never in it.
    """
    for at in range(0, len(contact_ids), _HINT_IDS_MAX):
        with db.transaction(workspace_id, durable=False) as connection:
            payload = ",".join(map(str, contact_ids[at : at + _HINT_IDS_MAX]))
            connection.execute("select pg_notify('shodaku_opt_out', %s)", [payload])


def forget(contact_id: int) -> dict[str, int]:
    """Delete all rows about the person and take them out of what is planned; rows per table."""
    ask_to_forget(contact_id)
    return {
        "chunk": _sql.run("forget_in_chunks", contact_id=contact_id),
        "feedback": _sql.scalar("erase_feedback", contact_id=contact_id),
        "hit": _sql.run("delete_hits", contact_id=contact_id),
        "inbound_message": _sql.run("delete_inbound_messages", contact_id=contact_id),
        "early_bounce": _sql.run("delete_early_bounces", contact_id=contact_id),
        "bounce_ended": _sql.run("delete_ended", contact_id=contact_id),
        "uncertain_choice": _sql.run("delete_uncertain_choices", contact_id=contact_id),
        "delivery": _sql.scalar("erase_deliveries", contact_id=contact_id),
    }


def forget_hits(contact_id: int) -> int:
    """All that was noted of links the person followed, in the open transaction; rows. The copy follows."""
    ask_to_forget(contact_id, hits_only=True)
    return _sql.run("delete_hits", contact_id=contact_id)


def drop_old_hits(workspace_id: int, *, now: datetime) -> int:
    """Of mailings that were launched HITS_KEPT ago; rows."""
    with db.transaction(workspace_id):
        return _sql.run("delete_old_hits", before=now - HITS_KEPT)


def _insert(mailing: NewMailing, now: datetime) -> int:
    week = monday(mailing.starts_at or now)
    _sql.scalar("make_partition", week=week)
    columns = {name: getattr(mailing, name) for name in NewMailing.__slots__ if name not in _APART}
    frequency = mailing.frequency
    mailing_id: int = _sql.scalar(
        "insert_mailing",
        **columns,
        links=list(mailing.links),
        frequency_max=frequency.max if frequency else None,
        frequency_per=frequency.per if frequency else None,
        sender_version=keep_display(mailing.sender_id, now=now),
        week=week,
        now=now,
    )
    content.carry_files(mailing_id, mailing.files)
    content.show_pictures(mailing_id, mailing.html)
    return mailing_id


def _hold(mailing_id: int) -> None:
    """A statement before the one that stops it: who has it go once more at this moment is seen then."""
    _sql.scalar("hold_mailing", mailing_id=mailing_id)


def _rate(kind: MailingKind) -> float | None:
    carries = Carries.URGENT if queue_of(kind) is queue.Queue.URGENT else Carries.CAMPAIGNS
    rate: float | None = _sql.scalar("get_rate", carries=carries)
    return rate


def _launched(
    kind: MailingKind, mailing_id: int, people: int, keys: Sequence[ChunkKey], starts_at: datetime | None
) -> Planned:
    _sql.run("update_planned", mailing_id=mailing_id, people=people)
    _defer([chunk_job(key, queue_of(kind), starts_at, place=place) for place, key in enumerate(keys)])
    return Planned(mailing_id, people, len(keys))


def _defer_planned(workspace_id: int, mailing_id: int, kind: MailingKind) -> None:
    rows = _sql.rows("list_planned", _PlannedRow, mailing_id=mailing_id)
    keys = [(ChunkKey(workspace_id, mailing_id, row.no), row.not_before) for row in rows]
    jobs = [
        chunk_job(key, queue_of(kind), not_before, place=place)
        for place, (key, not_before) in enumerate(keys)
    ]
    _defer(jobs)


def _defer(jobs: Sequence[queue.Job]) -> None:
    for some in _slices(jobs):
        queue.defer(*some)


def _slices(jobs: Sequence[queue.Job]) -> Iterator[Sequence[queue.Job]]:
    for at in range(0, len(jobs), queue.JOBS_MAX):
        yield jobs[at : at + queue.JOBS_MAX]


@dataclass(frozen=True, slots=True)
class _GroupedRow:
    contact_id: int
    domain_group: str


@dataclass(frozen=True, slots=True)
class _MovedRow:
    no: int
    people: int


@dataclass(frozen=True, slots=True)
class _ResumedRow:
    mailing_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class _PlannedRow:
    no: int
    not_before: datetime | None
