"""What each statement of the send path does on the model, by the name of its SQL file.

One function a statement, its columns in the order of the file. Rows that it changes are locked before the
first of them is written: a statement that waits is asked again from its beginning, and remembers in `memory`
what it had read before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, Final
from zlib import crc32

from shodaku.config.simulate.server import (
    Handler,
    Key,
    Memory,
    Row,
    Rows,
    Session,
    array_of,
    keys_of,
)
from shodaku.delivery.facts import MailingRow
from shodaku.kit import db
from shodaku.kit.queue import DEFER

TABLES: Final = (
    "workspace", "sender", "topic", "route", "mailing", "chunk", "delivery", "contact", "address", "consent",
    "consent_event", "refusal", "suppression", "fence", "job",
)  # fmt: skip
WORKSPACE: Final = 1
MAILING_COLUMNS: Final = tuple(each.name for each in fields(MailingRow))
_DELIVERY: Final = "shodaku.delivery"
_SUPPRESSION: Final = "shodaku.suppression"
_CONTENT: Final = "shodaku.content"
_KIT: Final = "shodaku.kit"
_SENT: Final = ("accepted", "uncertain")
_COUNTED_DAYS: Final = 1_100
_WEEK_SLACK: Final = timedelta(days=35)
_OTHERS_MAX: Final = 20

Values = Mapping[str, Any]  # Any: what a parameter may be


def _chunk_key(values: Values) -> Key:
    return (values["mailing_id"], values["no"])


def _open_chunk(at: Session, values: Values, memory: Memory) -> Rows:
    mailing, fence = at.get("mailing", (values["mailing_id"],)), at.get("fence", ())
    memory.setdefault(
        "may", bool(mailing and mailing["state"] == "running" and fence and fence["state"] == "open")
    )
    chunk = at.get("chunk", _chunk_key(values))
    if not memory["may"] or not _ready(at, chunk):
        return []
    at.lock("chunk", _chunk_key(values))
    chunk = at.get("chunk", _chunk_key(values))
    if chunk is None or not _ready(at, chunk):
        return []
    row = at.change(
        "chunk",
        _chunk_key(values),
        state="open",
        fence=chunk["fence"] + 1,
        host=values["host"],
        route_id=values["route_id"],
        opened_at=at.now,
    )
    return [(row["fence"], row["attempt"], list(row["contact_ids"]), row["domain_group"], row["crashes"])]


def _ready(at: Session, chunk: Row | None) -> bool:
    if chunk is None or chunk["state"] != "planned":
        return False
    return chunk["not_before"] is None or chunk["not_before"] <= at.now


def _get_mailing(at: Session, values: Values, _: Memory) -> Rows:
    mailing = at.get("mailing", (values["mailing_id"],))
    if mailing is None:
        return []
    sender = at.get("sender", (mailing["sender_id"],)) or {}
    both = {**mailing, **sender}
    return [tuple(both[name] for name in MAILING_COLUMNS)]


def _get_gate_state(at: Session, values: Values, _: Memory) -> Rows:
    workspace = at.get("workspace", (values["workspace_id"],))
    if workspace is None:
        return []
    mailing, fence = at.get("mailing", (values["mailing_id"],)), at.get("fence", ()) or {}
    house = (
        workspace["locale"],
        workspace["timezone"],
        workspace["b2c_mail_order"],
        list(workspace["ended"]),
    )
    state = None if mailing is None else mailing["state"]
    return [(state, fence["state"], None, None, None, None, False, *house, None, [], at.now)]


def _get_now(at: Session, _: Values, __: Memory) -> Rows:
    return [(at.now,)]


def _list_carriers(at: Session, _: Values, __: Memory) -> Rows:
    """In their order, which is that of their numbers; none has a limit or is being made known."""
    return [(*(row[name] for name in _ROUTE), False, False, True) for _, row in at.rows("route")]


_ROUTE: Final = (
    "route_id", "kind", "host", "port", "tls", "username", "messages_per_second", "connections", "depth",
    "share", "carries", "signs_for",
)  # fmt: skip


def _get_chunk_route(at: Session, values: Values, _: Memory) -> Rows:
    chunk = at.get("chunk", _chunk_key(values))
    if chunk is None or chunk["state"] != "planned":
        return []
    time = chunk["not_before"]
    its = (chunk["route_id"], chunk["route_fixed"], len(chunk["contact_ids"]), chunk["domain_group"])
    return [(*its, time is not None, time is None or time <= at.now)]


def _lock_contacts(at: Session, values: Values, _: Memory) -> Rows:
    held = []
    for contact_id in sorted(keys_of(values["contact_ids"])):
        row = at.get("contact", (contact_id,))
        if row is not None and at.try_lock("contact", (contact_id,), shared=True):
            held.append((contact_id, row["family_name"], row["given_name"], row["company"]))
    return held


def _list_existing(at: Session, values: Values, _: Memory) -> Rows:
    ids = sorted(keys_of(values["contact_ids"]))
    return [(contact_id,) for contact_id in ids if at.get("contact", (contact_id,))]


def _read_facts(at: Session, values: Values, _: Memory) -> Rows:
    ids = sorted(keys_of(values["contact_ids"]))
    read = [_facts(at, values, contact_id) for contact_id in ids if at.get("contact", (contact_id,))]
    return [(*row, crc32(repr(row[3:]).encode())) for row in read]


def _facts(at: Session, values: Values, contact_id: int) -> tuple[Any, ...]:
    contact, address = at.get("contact", (contact_id,)) or {}, at.get("address", (contact_id,))
    topic_id, now = values["topic_id"], values["now"]
    consent = at.get("consent", (contact_id, topic_id))
    wide = values["wide"] or _is_wide(consent, values)
    refusals = [row for (whose, _), row in at.rows("refusal") if whose == contact_id]
    deliveries = [row for (whose, _), row in at.rows("delivery") if whose == contact_id]
    sent = [row for row in deliveries if row["at"] <= now and row["outcome"] in _SENT]
    return (
        contact_id,
        address and address["wire"],
        address and address["value"],
        address is None or address["invalid_at"] is not None,
        False,
        _erased_at(at, address),
        *([row[name] for row in refusals] or None for name in ("scope", "topic_id", "until", "at")),
        *((consent or {}).get(name) for name in _CONSENT),
        None,
        None,
        _others(at, values, contact_id) if wide else None,
        _last_sent_at(sent, consent, values, wide=wide),
        _sent_ats(sent, values, wide=wide),
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        contact["country"],
        contact["kind"],
        None,
        contact["timezone"],
        False,
        None,
    )


_CONSENT: Final = ("state", "since", "confirmed", "expires_at", "last_contact_at", "entry_id", "flaw")


def _is_wide(consent: Row | None, values: Values) -> bool:
    """A consent that is not plainly good; more is read of its person then."""
    if consent is None or consent["state"] != "active" or not consent["confirmed"]:
        return True
    return bool(consent["since"] < values["stale_before"])


def _erased_at(at: Session, address: Row | None) -> object:
    mark = None if address is None else at.get("suppression", (address["token"],))
    return None if mark is None else mark["at"]


def _others(at: Session, values: Values, contact_id: int) -> list[dict[str, Any]] | None:
    """Live consents of the person that do not cover the message, newest first."""
    found = [
        (row, (at.get("topic", (topic_id,)) or {})["sender_id"] == values["sender_id"])
        for (whose, topic_id), row in at.rows("consent")
        if whose == contact_id and topic_id != values["topic_id"] and row["state"] == "active"
    ]
    found.sort(key=lambda each: (each[0]["since"], each[1]), reverse=True)
    return [
        {"reach": "topic" if own else "sender", "flaw": None, "terms": None, "expires_at": None}
        | {name: row[name].isoformat() for name in ("since", "last_contact_at")}
        | {name: row[name] for name in ("confirmed", "entry_id")}
        for row, own in found[:_OTHERS_MAX]
    ] or None


def _last_sent_at(sent: list[Row], consent: Row | None, values: Values, *, wide: bool) -> object:
    since = None if consent is None else consent["last_contact_at"] or consent["since"]
    if not wide and not (since is not None and since < values["stale_before"]):
        return None
    week = (values["sent_after"] - _WEEK_SLACK).date()
    return max(
        (row["at"] for row in sent if row["topic_id"] is not None and row["week"] >= week), default=None
    )


def _sent_ats(sent: list[Row], values: Values, *, wide: bool) -> object:
    now = values["now"]
    if values["counted_after"] is None and not wide:
        return None
    after = now - timedelta(days=_COUNTED_DAYS) if wide else values["counted_after"]
    week = (after - _WEEK_SLACK).date()
    ats = [
        row["at"]
        for row in sent
        if row["week"] >= week and row["at"] > after and _equal(row["topic_id"], values["topic_id"])
    ]
    return sorted(ats, reverse=True)


def _equal(one: object, other: object) -> bool:
    """As SQL's =, to which nothing is equal to NULL."""
    return one is not None and one == other


def _settle_chunk(at: Session, values: Values, _: Memory) -> Rows:
    key = _chunk_key(values)
    if not _is_open(at.get("chunk", key), values):
        return []
    at.lock("chunk", key)
    chunk = at.get("chunk", key)
    if chunk is None or not _is_open(chunk, values):
        return []
    counts = {name: chunk[name] + values[name] for name in _COUNTED}
    not_before = at.now + timedelta(seconds=values["pause"])
    rest = list(keys_of(values["rest"]))
    counts["route_fixed"] = chunk["route_fixed"] or values["fixed"]
    counts["crashes"] = chunk["crashes"] + values["crashed"]
    at.change("chunk", key, state=values["state"], contact_ids=rest, not_before=not_before, **counts)
    return [(not_before,)]


_COUNTED: Final = ("accepted", "refused", "failed", "uncertain", "hard")


def _is_open(chunk: Row | None, values: Values) -> bool:
    return chunk is not None and chunk["state"] == "open" and chunk["fence"] == values["fence"]


def _insert_chunk(at: Session, values: Values, _: Memory) -> Rows:
    no = at.next("chunk")
    not_before = values["not_before"] or at.now + timedelta(seconds=values["pause"])
    ids = list(keys_of(values["contact_ids"]))
    row = new_chunk(ids, values["attempt"], not_before)
    its = {"route_id": values["route_id"], "route_fixed": values["fixed"]}
    its |= {"domain_group": values["domain_group"], "crashes": values["crashes"]}
    at.put("chunk", (values["mailing_id"], no), {**row, **its})
    return [(no, not_before)]


def new_chunk(contact_ids: list[int], attempt: int = 1, not_before: object = None) -> Row:
    """A planned one, as the defaults of the table make it; `not_before` None: -infinity."""
    return {
        "state": "planned", "contact_ids": contact_ids, "attempt": attempt, "not_before": not_before,
        "fence": 0, "host": None, "opened_at": None, "accepted": 0, "refused": 0, "failed": 0, "uncertain": 0,
        "hard": 0, "route_id": None, "route_fixed": False, "domain_group": None,
        "crashes": 0,
    }  # fmt: skip


def _insert_outcomes(at: Session, values: Values, _: Memory) -> Rows:
    ids = list(keys_of(values["contact_ids"]))
    accepted = ["accepted"] * len(ids)
    columns = {
        "outcome": array_of(values["outcomes"]) if "outcomes" in values else accepted,
        "reason": array_of(values["reasons"]),
        "evidence_id": [None if each is None else int(each) for each in array_of(values["evidence"])],
        "stage": [None if each is None else int(each) for each in array_of(values["stages"])],
        "code": [None if each is None else int(each) for each in array_of(values["codes"])],
        "reply": values.get("replies", [None] * len(ids)),
    }
    keys = [(contact_id, values["mailing_id"]) for contact_id in ids]
    for key in keys:
        if at.get("delivery", key) is None:
            at.lock("delivery", key)
    mailing = at.get("mailing", (values["mailing_id"],)) or {}
    topic_id = mailing["topic_id"] if mailing["message_class"] == "advertising" else None
    for place, key in enumerate(keys):
        if at.get("delivery", key) is None:
            own = {name: column[place] for name, column in columns.items()}
            shared = {
                "week": values["week"],
                "topic_id": topic_id,
                "attempt": values["attempt"],
                "at": at.now,
                "written": at.server.loop.now,
            }
            at.put("delivery", key, {**own, **shared})
    return []


def _lock_mailing(at: Session, values: Values, _: Memory) -> Rows:
    at.lock("mailing", (values["mailing_id"],))
    return [()]


def _end_mailing(at: Session, values: Values, memory: Memory) -> Rows:
    key = (values["mailing_id"],)
    memory.setdefault("left", _has_chunks_left(at, values["mailing_id"]))
    if memory["left"] or not _runs_or_rests(at.get("mailing", key)):
        return []
    at.lock("mailing", key)
    if _runs_or_rests(at.get("mailing", key)):
        at.change("mailing", key, state="done")
    return []


def _has_chunks_left(at: Session, mailing_id: int) -> bool:
    return any(row["state"] != "done" for (whose, _), row in at.rows("chunk") if whose == mailing_id)


def _runs_or_rests(mailing: Row | None) -> bool:
    return mailing is not None and mailing["state"] in ("running", "paused")


def _end_cancelled(at: Session, _: Values, memory: Memory) -> Rows:
    cancelled = [key[0] for key, row in at.rows("mailing") if row["state"] == "cancelled"]
    planned = [key for key, row in at.rows("chunk") if row["state"] == "planned" and key[0] in cancelled]
    for key in memory.setdefault("planned", planned):
        at.lock("chunk", key)
    for key in memory["planned"]:
        if (at.get("chunk", key) or {}).get("state") == "planned":
            at.change("chunk", key, state="done")
    return []


def _list_unfinished(at: Session, _: Values, __: Memory) -> Rows:
    return [
        key for key, row in at.rows("mailing") if _runs_or_rests(row) and not _has_chunks_left(at, key[0])
    ]


def _list_forsaken(at: Session, _: Values, __: Memory) -> Rows:
    waiting = {(row["mailing_id"], row["no"]) for _, row in at.rows("job") if row["status"] == "todo"}
    found = []
    for (mailing_id, no), row in at.rows("chunk"):
        mailing = at.get("mailing", (mailing_id,)) or {}
        if row["state"] == "planned" and mailing["state"] == "running" and (mailing_id, no) not in waiting:
            found.append((mailing_id, no, mailing["kind"], row["not_before"]))
    return found


def _list_workspaces(at: Session, _: Values, __: Memory) -> Rows:
    return [key for key, _ in at.rows("workspace")]


def _list_open_of_host(at: Session, values: Values, _: Memory) -> Rows:
    return [
        (WORKSPACE, mailing_id, no, row["fence"])
        for (mailing_id, no), row in at.rows("chunk")
        if row["state"] == "open" and row["host"] == values["host"]
    ]


def _list_open_elsewhere(at: Session, values: Values, _: Memory) -> Rows:
    found = [
        (row["opened_at"], mailing_id, no, row["fence"], row["host"], len(row["contact_ids"]))
        for (mailing_id, no), row in at.rows("chunk")
        if row["state"] == "open" and row["host"] != values["host"]
    ]
    return [row[1:] for row in sorted(found)[: values["rows_max"]]]


def _get_open_chunk(at: Session, values: Values, _: Memory) -> Rows:
    key = _chunk_key(values)
    if not _is_open(at.get("chunk", key), values):
        return []
    at.lock("chunk", key)
    chunk, mailing = at.get("chunk", key), at.get("mailing", (values["mailing_id"],)) or {}
    if chunk is None or not _is_open(chunk, values):
        return []
    its = (list(chunk["contact_ids"]), chunk["attempt"], chunk["opened_at"])
    its_mailing = (mailing[name] for name in ("promotional", "topic_id", "channel", "week"))
    return [(*its, *its_mailing, chunk["route_id"], chunk["domain_group"], chunk["crashes"])]


def _list_evidence(at: Session, values: Values, _: Memory) -> Rows:
    found: dict[int, object] = {}
    wanted = set(keys_of(values["contact_ids"]))
    for (contact_id, _no), row in at.rows("consent_event"):
        given = row["kind"] in ("given", "confirmed") and row["at"] <= values["opened_at"]
        if contact_id in wanted and row["topic_id"] == values["topic_id"] and given:
            found[contact_id] = row["entry_id"]
    return sorted(found.items())


def _update_route_health(at: Session, values: Values, _: Memory) -> Rows:
    key = (values["route_id"],)
    told = {"last_error": values["error"], "set_aside": values["set_aside"]}
    if _as_told(at.get("route", key), told):
        return []
    at.lock("route", key)
    if not _as_told(at.get("route", key), told):
        at.change("route", key, **told)
    return []


def _as_told(route: Row | None, told: Row) -> bool:
    return route is None or all(route[name] == each for name, each in told.items())


def _nothing(_: Session, __: Values, ___: Memory) -> Rows:
    """Of what is never there in a simulated house: positions of an erasure journal, keys that sign, files."""
    return []


def _get_head_size(_: Session, __: Values, ___: Memory) -> Rows:
    return [(0,)]


def _close_fence(at: Session, _: Values, __: Memory) -> Rows:
    at.lock("fence", ())
    at.change("fence", (), state="closed")
    return []


def _defer(at: Session, values: Values, _: Memory) -> Rows:
    columns = (values[name] for name in ("queues", "arguments", "times", "priorities"))
    for queue, arguments, time, priority in zip(*columns, strict=True):
        named = arguments.obj
        row = new_job(queue, named["mailing_id"], named["no"], time, priority=priority)
        at.put("job", (at.next("job"),), row)
    return []


def new_job(queue: str, mailing_id: int, no: int, time: object = None, *, priority: int = 0) -> Row:
    """A waiting one; `time` None: at once."""
    return {
        "queue": queue, "mailing_id": mailing_id, "no": no, "status": "todo", "time": time, "worker": None,
        "priority": priority,
    }  # fmt: skip


# --- what people and staff do, by the statements of their rooms


def lock_person(at: Session, values: Values, _: Memory) -> Rows:
    """contacts/lock_contact.sql"""
    key = (values["contact_id"],)
    if at.get("contact", key) is None:
        return []
    at.lock("contact", key)
    return [] if at.get("contact", key) is None else [key]


def refuse(at: Session, values: Values, _: Memory) -> Rows:
    """A no to everything, or to one topic, and what it takes back; under the lock of the person."""
    contact_id, topic_id = values["contact_id"], values.get("topic_id")
    at.put(
        "refusal",
        (contact_id, at.next("refusal")),
        {"scope": "topic" if topic_id else "all", "topic_id": topic_id, "until": None, "at": at.now},
    )
    for key, row in list(at.rows("consent")):
        if key[0] == contact_id and topic_id in (None, key[1]) and row["state"] == "active":
            at.change("consent", key, state="withdrawn")
    return []


def suppress(at: Session, values: Values, _: Memory) -> Rows:
    """Never write to this address again."""
    address = at.get("address", (values["contact_id"],))
    if address is not None:
        at.put("suppression", (address["token"],), {"at": at.now})
    return []


def purge(at: Session, values: Values, memory: Memory) -> Rows:
    """What an erasure leaves: nothing of the person in plans or rows. Under the lock of the person."""
    contact_id = values["contact_id"]
    holding = [
        key for key, row in at.rows("chunk") if row["state"] != "done" and contact_id in row["contact_ids"]
    ]
    for key in memory.setdefault("chunks", holding):
        at.lock("chunk", key)
    for key in memory["chunks"]:
        row = at.get("chunk", key) or {}
        if row["state"] != "done":
            rest = [each for each in row["contact_ids"] if each != contact_id]
            at.change("chunk", key, contact_ids=rest)
    for table in ("delivery", "refusal", "consent", "consent_event"):
        for key, _ in list(at.rows(table)):
            if key[0] == contact_id:
                at.put(table, key, None)
    at.put("address", (contact_id,), None)
    at.put("contact", (contact_id,), None)
    return []


def pause(at: Session, values: Values, _: Memory) -> Rows:
    """delivery/pause_mailing.sql"""
    return _turn(at, values["mailing_id"], ("running",), "paused")


def cancel(at: Session, values: Values, _: Memory) -> Rows:
    """delivery/cancel_mailing.sql"""
    return _turn(at, values["mailing_id"], ("running", "paused"), "cancelled")


def resume(at: Session, values: Values, _: Memory) -> Rows:
    """delivery/resume_mailing.sql, list_planned.sql and the jobs that `services.resume` writes."""
    found = _turn(at, values["mailing_id"], ("paused",), "running")
    mailing_id, queue = values["mailing_id"], values["queue"]
    planned = [
        (no, row["not_before"])
        for (whose, no), row in (at.rows("chunk") if found else ())
        if whose == mailing_id and row["state"] == "planned"
    ]
    for place, (no, time) in enumerate(planned):
        at.put("job", (at.next("job"),), new_job(queue, mailing_id, no, time, priority=-place))
    return found


def _turn(at: Session, mailing_id: int, states: tuple[str, ...], state: str) -> Rows:
    if (at.get("mailing", (mailing_id,)) or {}).get("state") not in states:
        return []
    at.lock("mailing", (mailing_id,))
    if (at.get("mailing", (mailing_id,)) or {}).get("state") not in states:
        return []
    at.change("mailing", (mailing_id,), state=state)
    return [(mailing_id,)]


def end_cancelled(at: Session, values: Values, memory: Memory) -> Rows:
    """delivery/end_cancelled.sql, as `services.cancel` runs it."""
    return _end_cancelled(at, values, memory)


def set_fence(at: Session, values: Values, _: Memory) -> Rows:
    at.lock("fence", ())
    at.change("fence", (), state=values["state"])
    return []


def announce(at: Session, values: Values, _: Memory) -> Rows:
    """pg_notify, as `services.hint` runs it."""
    at.notify(str(values["contact_id"]))
    return []


# --- the queue: what procrastinate's own statements do to a job


def fetch_job(at: Session, values: Values, _: Memory) -> Rows:
    """The first that is due and nobody else takes: procrastinate_fetch_job."""
    by_priority = sorted(at.rows("job"), key=lambda each: (-each[1]["priority"], each[0]))
    for key, row in by_priority:
        due = row["time"] is None or row["time"] <= at.now
        if row["status"] == "todo" and row["queue"] == values["queue"] and due and at.try_lock("job", key):
            at.change("job", key, status="doing", worker=values["worker"])
            return [(key[0], row["mailing_id"], row["no"])]
    return []


def finish_job(at: Session, values: Values, _: Memory) -> Rows:
    """Deleted when it went well, else kept as failed."""
    key = (values["job_id"],)
    at.lock("job", key)
    if at.get("job", key) is not None:
        if values["well"]:
            at.put("job", key, None)
        else:
            at.change("job", key, status="failed")
    return []


def rescue_jobs(at: Session, values: Values, _: Memory) -> Rows:
    """Jobs of workers that are not heard of any more wait again: get_stalled_jobs and retry_job."""
    stalled = [
        key for key, row in at.rows("job") if row["status"] == "doing" and row["worker"] in values["silent"]
    ]
    for key in stalled:
        at.lock("job", key)
    for key in stalled:
        at.change("job", key, status="todo", time=at.now, worker=None)
    return []


_HANDLERS: Final[Mapping[str, Callable[[Session, Values, Memory], Rows]]] = {
    "open_chunk": _open_chunk,
    "get_mailing": _get_mailing,
    "get_gate_state": _get_gate_state,
    "list_carriers": _list_carriers,
    "get_chunk_route": _get_chunk_route,
    "lock_contacts": _lock_contacts,
    "list_existing": _list_existing,
    "read_facts": _read_facts,
    "settle_chunk": _settle_chunk,
    "insert_chunk": _insert_chunk,
    "insert_accepted": _insert_outcomes,
    "insert_outcomes": _insert_outcomes,
    "lock_mailing": _lock_mailing,
    "end_mailing": _end_mailing,
    "end_cancelled": _end_cancelled,
    "list_unfinished": _list_unfinished,
    "list_forsaken": _list_forsaken,
    "list_workspaces": _list_workspaces,
    "list_open_of_host": _list_open_of_host,
    "list_open_elsewhere": _list_open_elsewhere,
    "get_open_chunk": _get_open_chunk,
    "list_evidence": _list_evidence,
    "update_route_health": _update_route_health,
    "list_wrapped_dkim_keys": _nothing,
}
_OF_SUPPRESSION: Final[Mapping[str, Callable[[Session, Values, Memory], Rows]]] = {
    "get_positions": _nothing,
    "get_head_size": _get_head_size,
    "close_fence": _close_fence,
}
_OF_KIT: Final[Mapping[str, Callable[[Session, Values, Memory], Rows]]] = {
    "get_now": _get_now,
}
_OF_CONTENT: Final[Mapping[str, Callable[[Session, Values, Memory], Rows]]] = {
    "list_mailing_files": _nothing,
}


def known() -> dict[str, tuple[str, Handler]]:
    """Text of a statement -> its name, and what it does."""
    found: dict[str, tuple[str, Handler]] = {DEFER: ("defer_jobs", _defer)}
    rooms = (
        (_DELIVERY, _HANDLERS),
        (_SUPPRESSION, _OF_SUPPRESSION),
        (_CONTENT, _OF_CONTENT),
        (_KIT, _OF_KIT),
    )
    for package, handlers in rooms:
        found |= {db.sql(package, name): (name, handler) for name, handler in handlers.items()}
    return found
