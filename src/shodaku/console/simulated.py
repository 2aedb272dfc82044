"""What other rules would change, in words: how many more are held, and why, topic by topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shodaku.campaigns.domain import CountState
from shodaku.campaigns.selectors import SimulatedTopic, Simulation, simulation
from shodaku.console import words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import write_tightening

MOVES_SHOWN_MAX: Final = 20  # of a topic, the largest


@dataclass(frozen=True, slots=True)
class Move:
    people: int
    before: words.Told
    after: words.Told


@dataclass(frozen=True, slots=True)
class ChangedTopic:
    topic_id: int
    title: str
    before: int
    after: int
    moves: Sequence[Move]


def rules_looked_at(visitor: Visitor, titles: Mapping[int, str]) -> dict[str, Any]:
    """What the page tells of the last look, with the titles of topics; nothing where nobody looked yet."""
    found = simulation(visitor.workspace_id)
    if found is None:
        return {}
    choice = delivery.rule_choice(visitor.workspace_id)
    in_force = (choice.pack, dict(choice.tightened), choice.home(visitor.workspace.locale))
    asked = (found.rules.version, dict(found.rules.tightened), found.rules.home_country)
    return {
        "simulation": found,
        "asked_lines": write_tightening(found.rules.tightened).strip(),
        "already": asked == in_force,
        "applicable": found.stands and asked != in_force,
        **(_changes(found, titles) if found.done else _counting(visitor, found)),
    }


def asked_rules(visitor: Visitor) -> dict[str, str] | None:
    """The rules of the last look as somebody types them, to go on from there."""
    found = simulation(visitor.workspace_id)
    if found is None:
        return None
    return {
        "pack": found.rules.version,
        "home_country": found.rules.home_country or "",
        "tightened": write_tightening(found.rules.tightened),
    }


def _changes(found: Simulation, titles: Mapping[int, str]) -> dict[str, Any]:
    changed = [_topic(each, titles) for each in found.topics if each.moved]
    return {"changed_topics": changed, "same_topics": len(found.topics) - len(changed)}


def _topic(found: SimulatedTopic, titles: Mapping[int, str]) -> ChangedTopic:
    ordered = sorted(found.moved.items(), key=lambda each: (-each[1], each[0]))
    moves = [
        Move(people, words.told(before), words.told(after))
        for (before, after), people in ordered[:MOVES_SHOWN_MAX]
    ]
    title = titles.get(found.topic_id, "")
    return ChangedTopic(found.topic_id, title, found.before, found.after, moves)


def _counting(visitor: Visitor, found: Simulation) -> dict[str, Any]:
    return {
        "counting": {"seen": found.looked_at},  # as _counting.html asks for it
        "waiting": found.state is CountState.WAITING,
        "total": max(1, found.contacts, found.looked_at),
        "poll_href": place(visitor, "simulating"),
    }
