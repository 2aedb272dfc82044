"""What must be true of every history, whatever went wrong in it (TRUST.md sections 5 and 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from shodaku.config.simulate import house
from shodaku.config.simulate.mail import Handed
from shodaku.config.simulate.server import IDLE_SECONDS, Row
from shodaku.config.simulate.world import World
from shodaku.delivery.domain import CLOSING_SECONDS

_SLACK_SECONDS: Final = 0.5
_NEVER_FROM: Final = 500


def violations(world: World) -> list[str]:
    """Sentences, each once, in a fixed order; none for a good history."""
    found = Counter(_of_house(world))
    for mailing_id in house.MAILINGS:
        for contact_id in range(1, house.PEOPLE + 1):
            found.update(_of_message(world, mailing_id, contact_id))
    return list(found)


def _of_house(world: World) -> Iterator[str]:
    yield from world.unforeseen
    yield from (f"nobody was ready for {type(error).__name__}" for _, error in world.loop.faults)
    if not world.finished:
        yield "it does not end: a chunk or a mailing is never settled"
    if world.server.longest_idle > IDLE_SECONDS + _SLACK_SECONDS:
        yield "a person was held by a transaction that stood still"


def _of_message(world: World, mailing_id: int, contact_id: int) -> Iterator[str]:
    handed = [
        each for each in world.mail.handed if (each.mailing_id, each.contact_id) == (mailing_id, contact_id)
    ]
    row = world.server.tables["delivery"].get((contact_id, mailing_id))
    promotional = mailing_id != house.NOTICE
    ats = [each.at for each in handed]
    if any(at > _no_answered_at(world, contact_id, promotional=promotional) for at in ats):
        yield "handed over after the no was answered"
    if any(each.gate_at > _no_answered_at(world, contact_id, promotional=promotional) for each in handed):
        yield "a gate that began after the no was answered let it pass"
    if any(each.gate_at > world.stopped.get(mailing_id, float("inf")) for each in handed):
        yield "a gate that began after the mailing was cancelled let it pass"
    if any(since < each.gate_at < until for each in handed for since, until in world.shut):
        yield "a gate that began while the house was shut let it pass"
    if any(each.at > each.gate_at + CLOSING_SECONDS + _SLACK_SECONDS for each in handed):
        yield "handed over when the time of its gate was over"
    if promotional and any(not each.denied for each in handed[:-1]):
        yield "an advertisement was handed over twice"
    yield from _of_repeats(handed)
    if row is None:
        if world.finished and not _cancelled(world, mailing_id) and contact_id not in world.purged:
            yield "a message was lost"
        return
    yield from _of_result(world, row, mailing_id, contact_id, ats)


def _of_repeats(handed: list[Handed]) -> Iterator[str]:
    if len({each.message_id for each in handed}) > 1:
        yield "a message was repeated under another Message-ID"
    if any(not each.denied and each.to != later.to for each, later in pairwise(handed)):
        yield "what a relay may have already went to another one"


def _of_result(world: World, row: Row, mailing_id: int, contact_id: int, ats: list[float]) -> Iterator[str]:
    message, promotional = (mailing_id, contact_id), mailing_id != house.NOTICE
    outcome = row["outcome"]
    if any(at > row["written"] for at in ats):
        yield "handed over after its result was recorded"
    if outcome == "accepted" and message not in world.mail.taken:
        yield "recorded as accepted, and the server never took it"
    if outcome == "failed" and promotional and message in world.mail.taken:
        yield "recorded as failed, and the server took it"
    if outcome == "failed" and (row["code"] or 0) >= _NEVER_FROM and not _said_no(world, message):
        yield "recorded as refused by a server that did not"
    if outcome == "uncertain" and not promotional:
        yield "a notice was left uncertain"
    if outcome == "uncertain" and not world.lines[message] and not world.journals_lost:
        yield "recorded as uncertain, and never begun"
    if outcome == "refused" and not _may_be_refused(world, mailing_id, contact_id):
        yield "refused without a reason"
    if outcome == "accepted" and promotional and row["evidence_id"] != house.entry_of(contact_id):
        yield "accepted on no evidence"


def _said_no(world: World, message: tuple[int, int]) -> bool:
    return message in world.mail.said_no or (0, message[1]) in world.mail.said_no


def _no_answered_at(world: World, contact_id: int, *, promotional: bool) -> float:
    """When this message was told no; a notice goes on until the person is forgotten."""
    at, no = world.answered.get(contact_id, (float("inf"), None))
    return at if promotional or (no is not None and no.scope == "erase") else float("inf")


def _may_be_refused(world: World, mailing_id: int, contact_id: int) -> bool:
    """Somebody said no (or has just written it and waits for the answer), or the mailing was cancelled."""
    said = any(whose == contact_id for whose, _ in world.server.tables["refusal"])
    gone = contact_id in world.purged or (contact_id,) not in world.server.tables["contact"]
    return said or gone or _cancelled(world, mailing_id)


def _cancelled(world: World, mailing_id: int) -> bool:
    return bool(world.server.tables["mailing"][mailing_id,]["state"] == "cancelled")
