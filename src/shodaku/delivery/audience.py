"""Everybody whom a condition names, by the gate's own statement and decision, under one rule pack or several.

On a connection of its own, as a worker has one: the server reads the next people while we decide on these.
Door: `selectors`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Cursor

from shodaku.delivery.asking import Asked, surroundings
from shodaku.delivery.domain import Condition, Question
from shodaku.delivery.domain_groups import group_of
from shodaku.delivery.facts import FactsRow, Home, facts_parameters, person_facts
from shodaku.delivery.services import composed, merged
from shodaku.delivery.store import BACKSTOP, PINNED, DatabaseAway, array
from shodaku.kit import db, runtime
from shodaku.policy.domain import COMPLETE, DisplayReport, Facts, MessageFacts, Pack, Verdict, decide

SLICE_PEOPLE: Final = 500  # 125 kB: a socket holds it while we decide, so the server need not wait for us
PAGE_PEOPLE: Final = 20_000
_LAST_ID: Final = 2**63 - 1

_sql = db.Statements("shodaku.delivery")


class Judgement(NamedTuple):
    contact_id: int
    verdicts: tuple[Verdict, ...]  # one for each pack, in their order
    domain_group: str  # of the receivers that has the mailbox


@dataclass(frozen=True, slots=True)
class Span:
    """Contacts by their number, so that several processes share an audience."""

    after: int = 0
    until: int = _LAST_ID  # and this one still


EVERYBODY: Final = Span()


def audience_size(
    workspace_id: int, question: Question, chosen: Condition, *, people_max: int | None = None
) -> int:
    """How many people are named; counting ends at `people_max`."""
    values = {"workspace_id": workspace_id, "channel": question.channel.value, "people_max": people_max}
    statement = composed(_sql.text("count_audience"), chosen.sql)
    with db.transaction(workspace_id), Cursor(db.connection()) as cursor:
        row = cursor.execute(statement, merged(values, chosen)).fetchone()
    return 0 if row is None else int(row[0])


def rules_digest(workspace_id: int, question: Question) -> str:
    """Another one as soon as pack, stricter values, home country, mail order or an exemption is another."""
    gate = surroundings(workspace_id, question.sender_id, question.topic_id).gate
    stands = [gate.rules.version, gate.tightened, gate.home, gate.b2c_mail_order, sorted(gate.exemptions)]
    return hashlib.sha256(json.dumps(stands, sort_keys=True).encode()).hexdigest()


def judgements(
    workspace_id: int,
    question: Question,
    chosen: Condition,
    *,
    now: datetime,
    packs: Sequence[Pack | None] = (None,),
    countries: Sequence[str | None] | None = None,
    display: DisplayReport = COMPLETE,
    span: Span = EVERYBODY,
) -> Iterator[list[Judgement]]:
    """In slices, numbers ascending; each slice is read in a transaction of its own.

    The same facts are decided under each pack; None is the one in force. `countries` are where people live of
    whom nobody knows it, one for each pack; left out, it is the one that holds. Raises SenderUnknown,
    DatabaseAway.
    """
    around = surroundings(workspace_id, question.sender_id, question.topic_id)
    asked = [around.asked(question, display, rules) for rules in packs]
    homes = [each.home for each in asked]
    if countries is not None:
        homes = [replace(home, country=country) for home, country in zip(homes, countries, strict=True)]
    judge = _Judge.of([each.message for each in asked], homes, now)
    with closing(_connect(workspace_id)) as connection, connection.pipeline() as pipeline:
        for rows in _Reader(connection, pipeline, workspace_id, asked, chosen, now).rows(span):
            yield [judge.judge(row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Facts of a person are made once for each home, and mostly there is one."""

    messages: Sequence[tuple[MessageFacts, int]]  # and the place of its home
    homes: Sequence[Home]
    now: datetime

    @classmethod
    def of(cls, messages: Sequence[MessageFacts], homes: Sequence[Home], now: datetime) -> _Judge:
        different = list(dict.fromkeys(homes))
        places = [different.index(home) for home in homes]
        return cls(list(zip(messages, places, strict=True)), different, now)

    def judge(self, row: tuple[Any, ...]) -> Judgement:  # Any: the columns of FactsRow
        """Nothing of the person but the answers outlives it, so memory stays as it is."""
        read, now = FactsRow._make(row), self.now
        people = [person_facts(read, home, now) for home in self.homes]
        verdicts = tuple([decide(Facts(message, people[at]), now) for message, at in self.messages])
        return Judgement(read.contact_id, verdicts, group_of(read.wire or ""))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is asked for is under way at once; fetching one answer waits for all that was asked."""

    connection: psycopg.Connection[Any]
    pipeline: psycopg.Pipeline
    workspace_id: int
    asked: Sequence[Asked]
    chosen: Condition
    now: datetime

    def rows(self, span: Span) -> Iterator[list[tuple[Any, ...]]]:  # Any: the columns of FactsRow
        slices = self._slices(span)
        reading = self._read(next(slices, None))
        while reading is not None:
            rows = reading.fetchall()
            self.pipeline.sync()  # ends the transaction of this slice
            reading = self._read(next(slices, None))
            yield rows

    def _slices(self, span: Span) -> Iterator[list[int]]:
        page = self._page(span.after, span.until)
        while people := [row[0] for row in page.fetchall()]:
            page = self._page(people[-1], span.until)  # comes with the first slice of this page
            for at in range(0, len(people), SLICE_PEOPLE):
                yield people[at : at + SLICE_PEOPLE]

    def _page(self, after: int, until: int) -> Cursor[Any]:
        values: dict[str, object] = {
            "workspace_id": self.workspace_id,
            "channel": self.asked[0].question.channel.value,
            "after": after,
            "until": until,
            "rows_max": PAGE_PEOPLE,
        }
        statement = composed(_sql.text("list_audience"), self.chosen.sql)
        return self.connection.cursor(binary=True).execute(statement, merged(values, self.chosen))

    def _read(self, contact_ids: Sequence[int] | None) -> Cursor[Any] | None:
        if contact_ids is None:
            return None
        terms = {each.message.pack.stale_months for each in self.asked}
        values = {
            **facts_parameters(self.asked[0].question, self.now, *terms),
            "workspace_id": self.workspace_id,
            "contact_ids": array(contact_ids),
        }
        return self.connection.cursor(binary=True).execute(_sql.text("read_facts"), values)


def _connect(workspace_id: int) -> psycopg.Connection[Any]:
    """It sees this workspace alone, for as long as it lives. Raises DatabaseAway."""
    seen = f"-c shodaku.{db.Setting.WORKSPACE.value}={workspace_id:d}"
    try:
        return psycopg.connect(
            runtime.current().database_url,
            autocommit=True,
            options=f"{PINNED} {BACKSTOP} {seen}",
            prepare_threshold=1,
            connect_timeout=10,
        )
    except psycopg.OperationalError as error:
        raise DatabaseAway from error
