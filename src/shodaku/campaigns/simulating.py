"""What other rules would change, before anybody chooses them: the gate is asked about everybody, by topic.

It looks and changes no rule. Contacts are taken in spans, and after each the numbers are kept: interrupted,
it goes on behind the last one. Whoever asks anew takes the place of the question before. Doors: `services`
asks, `selectors` tells.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.campaigns.domain import CountState
from shodaku.consent import selectors as consents
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.kit.queue import Job, Queue, defer
from shodaku.policy.domain import Pack, Permit

TOPICS_MAX: Final = 50  # the oldest ones that are offered
SPAN_CONTACTS: Final = 5_000  # then it writes how far it is
AT_ONCE_CONTACTS_MAX: Final = 1_000  # so many are looked at while somebody waits

_sql = db.Statements("shodaku.campaigns")


class SimulationEnded(ShodakuError):
    """Somebody asked about other rules meanwhile; this question is answered no more."""

    code = "simulation_ended"


@dataclass(frozen=True, slots=True)
class RulesAsked:
    """What somebody thinks of choosing: as `choose_rules` takes it."""

    version: str
    tightened: Mapping[str, object]
    home_country: str | None

    @property
    def name(self) -> str:
        """As deliveries would store it."""
        return f"{self.version}+" if self.tightened else self.version


@dataclass(frozen=True, slots=True)
class SimulatedTopic:
    """People of one topic: reason now -> reason under the other rules -> people, equal ones too."""

    topic_id: int
    before: int  # may receive it now
    after: int  # could receive it then
    moved: Mapping[tuple[str, str], int]  # where the two differ


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was asked last, and what came of it so far."""

    number: int
    state: CountState
    rules: RulesAsked
    contacts: int  # about how many it will be
    looked_at: int
    people: int  # who agreed to a topic, or of whom something is known that may stand in for it
    held_more: int  # people who would not get some topic that they get now
    held_fewer: int  # people who would get some topic that they do not get now
    topics: tuple[SimulatedTopic, ...]
    topics_left_out: int
    stands: bool  # whole, and the rules in force are those that it compared with
    at: datetime

    @property
    def done(self) -> bool:
        return self.state is CountState.DONE


def simulate(workspace_id: int, rules: RulesAsked, *, now: datetime) -> Simulation:
    """From the first person to the last, while the caller waits. Raises NoPack, Loosens, SimulationEnded."""
    with db.transaction(workspace_id):
        number = _ask(rules, now)
    if not run_simulation(workspace_id, number, now=now):
        raise SimulationEnded
    found = simulation(workspace_id)
    if found is None or found.number != number:
        raise SimulationEnded
    return found


def ask_simulation(workspace_id: int, rules: RulesAsked, *, now: datetime) -> None:
    """At once where there are few people, else in the background. Raises NoPack, Loosens."""
    with db.transaction(workspace_id):
        number = _ask(rules, now)
        few = _sql.scalar("is_small_workspace", contacts_max=AT_ONCE_CONTACTS_MAX)
        if not few:
            ids: dict[str, int | str] = {"workspace_id": workspace_id, "number": number}
            defer(Job("campaigns.simulate_rules", Queue.CHORE, ids, lock=f"simulation-{workspace_id}"))
    if few:
        run_simulation(workspace_id, number, now=now)


def run_simulation(workspace_id: int, number: int, *, now: datetime) -> bool:
    """From where it was left, as everybody was judged at the time when it began.

    False: another question took its place, before or meanwhile.
    """
    begun = _begin(workspace_id, number, now)
    if begun is None:
        return False
    while span := _next_span(workspace_id, begun.tally.after_contact):
        begun.tally.add_span(span, _judged(workspace_id, begun, span))
        if not _save(workspace_id, begun, CountState.RUNNING):
            return False
    if _surroundings(workspace_id).digest != begun.around.digest:
        return run_simulation(workspace_id, number, now=now)  # the rules in force changed under it
    return _save(workspace_id, begun, CountState.DONE)


def simulation(workspace_id: int) -> Simulation | None:
    """None: nobody asked yet."""
    with db.transaction(workspace_id):
        row = _sql.row("get_simulation", _Row)
        if row is None:
            return None
        done = row.state == CountState.DONE
        stands = done and row.rules_sha256 == _surroundings(workspace_id).digest
    return Simulation(
        number=row.number,
        state=CountState(row.state),
        rules=RulesAsked(row.pack, row.tightened, row.home_country),
        contacts=row.contacts,
        looked_at=row.looked_at,
        people=row.people,
        held_more=row.held_more,
        held_fewer=row.held_fewer,
        topics=tuple(_topic(each) for each in row.topics),
        topics_left_out=row.topics_left_out,
        stands=stands,
        at=row.at,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    state: str
    pack: str
    tightened: dict[str, Any]  # Any: JSON, as below
    home_country: str | None
    rules_sha256: str
    contacts: int
    looked_at: int
    people: int
    held_more: int
    held_fewer: int
    topics: list[dict[str, Any]]
    topics_left_out: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _BegunRow:
    run: int
    pack: str
    tightened: dict[str, Any]  # Any: JSON, as below
    home_country: str | None
    after_contact: int
    looked_at: int
    people: int
    held_more: int
    held_fewer: int
    topics: list[dict[str, Any]]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Around:
    """The rules in force and the topics that are offered; another digest as soon as one is another."""

    digest: str
    home: str | None
    topic_ids: tuple[int, ...]
    topics_left_out: int


@dataclass(frozen=True, slots=True)
class _SpanRow:
    last: int | None
    people: int


@dataclass(frozen=True, slots=True)
class _AboutTopic:
    """A condition: who agreed to the topic, or of whom something is known that may stand in for it."""

    sql: str
    parameters: Mapping[str, object]


@dataclass(slots=True)
class _Tally:
    """Of a person in several topics each number has one; `held_*` and `people` are persons, counted once."""

    after_contact: int
    looked_at: int
    people: int
    held_more: int
    held_fewer: int
    answers: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)
    allowed: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add_span(self, span: _SpanRow, judged: Mapping[int, Sequence[delivery.Judgement]]) -> None:
        seen: set[int] = set()
        more: set[int] = set()
        fewer: set[int] = set()
        for topic_id, people in judged.items():
            answers = self.answers.setdefault(topic_id, {})
            for contact_id, (now, then), _ in people:
                seen.add(contact_id)
                pair = now.reason.value, then.reason.value
                answers[pair] = answers.get(pair, 0) + 1
                before, after = isinstance(now, Permit), isinstance(then, Permit)
                self.allowed[topic_id]["before"] += before
                self.allowed[topic_id]["after"] += after
                if before != after:
                    (more if before else fewer).add(contact_id)
        self.people += len(seen)
        self.held_more += len(more)
        self.held_fewer += len(fewer)
        self.looked_at += span.people
        self.after_contact = span.last or self.after_contact

    def topics(self) -> list[dict[str, object]]:
        """As JSON keeps it."""
        return [
            {
                "topic_id": topic_id,
                **{name: self.allowed[topic_id][name] for name in ("before", "after")},
                "answers": [[*pair, people] for pair, people in sorted(answers.items())],
            }
            for topic_id, answers in self.answers.items()
        ]


@dataclass(frozen=True, slots=True)
class _Begun:
    number: int
    run: int
    around: _Around
    pack: Pack
    home_country: str | None
    questions: Mapping[int, Question]
    tally: _Tally
    at: datetime


def _ask(rules: RulesAsked, now: datetime) -> int:
    """The number of the question, in the open transaction."""
    delivery.check_rules(rules.version, rules.tightened)
    number: int = _sql.scalar(
        "ask_simulation",
        pack=rules.version,
        tightened=Jsonb(dict(rules.tightened)),
        home_country=rules.home_country,
        now=now,
    )
    return number


def _begin(workspace_id: int, number: int, now: datetime) -> _Begun | None:
    around = _surroundings(workspace_id)
    with db.transaction(workspace_id):
        row = _sql.row("begin_simulation", _BegunRow, number=number, rules_sha256=around.digest, now=now)
    if row is None:
        return None
    return _Begun(
        number=number,
        run=row.run,
        around=around,
        pack=delivery.check_rules(row.pack, row.tightened),
        home_country=row.home_country,
        questions={each: delivery.question_of_topic(workspace_id, each) for each in around.topic_ids},
        tally=_kept(row, around),
        at=row.at,
    )


def _kept(row: _BegunRow, around: _Around) -> _Tally:
    """The numbers so far, and a place for each topic, so that one without people is told too."""
    tally = _Tally(row.after_contact, row.looked_at, row.people, row.held_more, row.held_fewer)
    tally.answers |= {topic_id: {} for topic_id in around.topic_ids}
    for each in row.topics:
        tally.answers[each["topic_id"]] = {(now, then): people for now, then, people in each["answers"]}
        tally.allowed[each["topic_id"]].update(before=each["before"], after=each["after"])
    return tally


def _surroundings(workspace_id: int) -> _Around:
    """Pack, stricter values, home country, mail order, exemptions, topics: all that is compared with."""
    choice = delivery.rule_choice(workspace_id)
    workspace = accounts.workspace(workspace_id)
    if workspace is None:
        raise LookupError(workspace_id)
    home = choice.home(workspace.locale)
    offered = [each.topic_id for each in consents.topics(workspace_id) if each.archived_at is None]
    exempt = sorted((each.sender_id, each.name) for each in delivery.exemptions(workspace_id))
    stands = [choice.pack, dict(choice.tightened), home, workspace.b2c_mail_order, exempt, offered]
    digest = hashlib.sha256(json.dumps(stands, sort_keys=True).encode()).hexdigest()
    return _Around(digest, home, tuple(offered[:TOPICS_MAX]), max(0, len(offered) - TOPICS_MAX))


def _next_span(workspace_id: int, after: int) -> _SpanRow | None:
    with db.transaction(workspace_id):
        found = _sql.row("get_simulated_span", _SpanRow, after=after, rows_max=SPAN_CONTACTS)
    return found if found is not None and found.last is not None else None


def _judged(workspace_id: int, begun: _Begun, span: _SpanRow) -> dict[int, list[delivery.Judgement]]:
    """Each topic's people of these contacts, under the rules in force and under the others."""
    until = span.last or begun.tally.after_contact
    return {
        topic_id: [
            each
            for people in delivery.judgements(
                workspace_id,
                question,
                _AboutTopic(_sql.text("simulated"), {"simulated_topic": topic_id}),
                now=begun.at,
                packs=(None, begun.pack),
                countries=(begun.around.home, begun.home_country),
                span=delivery.Span(begun.tally.after_contact, until),
            )
            for each in people
        ]
        for topic_id, question in begun.questions.items()
    }


def _save(workspace_id: int, begun: _Begun, state: CountState) -> bool:
    """False: it has lost its place, and nothing of it is written any more."""
    tally = begun.tally
    with db.transaction(workspace_id):
        kept = _sql.run(
            "update_simulation",
            number=begun.number,
            run=begun.run,
            state=state,
            after_contact=tally.after_contact,
            looked_at=tally.looked_at,
            people=tally.people,
            held_more=tally.held_more,
            held_fewer=tally.held_fewer,
            topics=Jsonb(tally.topics()),
            topics_left_out=begun.around.topics_left_out,
        )
    return kept > 0


def _topic(kept: Mapping[str, Any]) -> SimulatedTopic:
    moved = {(now, then): people for now, then, people in kept["answers"] if now != then}
    return SimulatedTopic(kept["topic_id"], kept["before"], kept["after"], moved)
