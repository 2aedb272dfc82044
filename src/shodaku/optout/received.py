"""A no that the database could not take is written beside it, and obeyed before anything is sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import django.db
import psycopg

from shodaku.consent.domain import Method, parse_frequency
from shodaku.contacts.domain import Channel
from shodaku.contacts.services import ContactGone
from shodaku.kit import log
from shodaku.kit.erasure_journal import Line, LineKind, NewLine
from shodaku.kit.errors import ShodakuError
from shodaku.optout.domain import EVERYTHING, Choice, OptOut, OptOutScope
from shodaku.optout.obeying import said_of
from shodaku.optout.stopping import opt_out
from shodaku.suppression import services as suppression

_NUMBER_DIGITS: Final = 6


def receive(request: OptOut, now: datetime) -> str:
    """On the disk when it returns; its number. Touches no database, and names only numbers.

    Raises JournalUnwritable, PlaceUnreadable.
    """
    said = {**said_of(request.choice, request.via), "number": received_number(request, now)}
    suppression.journal().receive(
        NewLine(
            kind=LineKind.REFUSAL,
            at=now,
            workspace_id=request.workspace_id,
            contact_id=request.contact_id,
            said=said,
        ),
        now,
    )
    log.info("optout.received", workspace=request.workspace_id, scope=request.scope.value)
    return str(said["number"])


def received_number(request: OptOut, now: datetime) -> str:
    """R-2026-11-25-4F2A9C: for who asks again; nobody can be found by it."""
    named = f"{request.workspace_id}\0{request.contact_id}\0{now.astimezone(UTC).isoformat()}"
    digits = hashlib.sha256(named.encode()).hexdigest()[:_NUMBER_DIGITS].upper()
    return f"R-{now.date().isoformat()}-{digits}"


def settle_received(now: datetime) -> int:
    """Obey what was received, each at the time it came; how many. Workers of this host wait until it is done.

    A line that fails stays, and is tried again. Raises JournalUnwritable, PlaceUnreadable.
    """
    del now  # what is settled has its own time
    return suppression.journal().settle_received(_settle)


def _settle(lines: Sequence[Line]) -> list[Line]:
    settled: list[Line] = []
    for line in lines:
        request = as_opt_out(line)
        if request is None:
            log.info("optout.received_unread", workspace=line.workspace_id)
            settled.append(line)
            continue
        try:
            opt_out(request, line.at)
        except ContactGone:
            log.info("optout.received_nobody", workspace=line.workspace_id)
        except (ShodakuError, psycopg.Error, django.db.Error) as fault:
            log.info("optout.received_waits", workspace=line.workspace_id, error=type(fault).__name__)
            if isinstance(fault, (psycopg.OperationalError, django.db.OperationalError)):
                break  # the database is away: the rest needs no try
            continue
        settled.append(line)
    return settled


def choice_of(line: Line) -> Choice:
    """The opposite; what cannot be read stops everything."""
    said = line.said
    topic, until, channel = said.get("topic"), said.get("until"), said.get("channel")
    most = parse_frequency(str(said.get("most", "")))
    try:
        match said.get("scope"):
            case OptOutScope.TOPIC if isinstance(topic, int):
                return Choice(OptOutScope.TOPIC, topic_id=topic)
            case OptOutScope.UNTIL if isinstance(until, str):
                return Choice(OptOutScope.UNTIL, until=datetime.fromisoformat(until))
            case OptOutScope.CHANNEL if isinstance(channel, str):
                return Choice(OptOutScope.CHANNEL, channel=Channel(channel))
            case OptOutScope.LESS_OFTEN if isinstance(topic, int) and most is not None:
                return Choice(OptOutScope.LESS_OFTEN, topic_id=topic, most=most)
            case OptOutScope.ERASE:
                return Choice(OptOutScope.ERASE)
            case _:
                return EVERYTHING
    except ValueError:
        return EVERYTHING


def via_of(line: Line) -> Method:
    via = line.said.get("via")
    return Method(via) if via in tuple(Method) else Method.PAGE


def as_opt_out(line: Line) -> OptOut | None:
    if line.kind is not LineKind.REFUSAL or line.contact_id is None:
        return None
    choice = choice_of(line)
    return OptOut(
        workspace_id=line.workspace_id,
        contact_id=line.contact_id,
        scope=choice.scope,
        via=via_of(line),
        topic_id=choice.topic_id,
        until=choice.until,
        channel=choice.channel,
        most=choice.most,
    )
