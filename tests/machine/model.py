"""What must be true of each person, kept beside the product in a few lines; it knows nothing of the how."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime

TOPICS = ("news", "sale")


@dataclass
class Person:
    """`said_no` is their last total no, `no_to` those to one topic, `yes_to` their own confirmed consents."""

    address: str
    name: str
    yes_to: dict[str, datetime] = field(default_factory=dict)
    no_to: dict[str, datetime] = field(default_factory=dict)
    said_no: datetime | None = None
    pause_until: datetime | None = None
    paused_at: datetime | None = None
    known_at: datetime | None = None  # when their address was last written down here
    erased_at: datetime | None = None
    told: set[str] = field(default_factory=set)  # topics that a list brought in: perhaps
    joined: set[int] = field(default_factory=set)

    @property
    def gone(self) -> bool:
        """Erased, and not written down again since: nothing of them may be anywhere."""
        return self.erased_at is not None and (self.known_at is None or self.known_at <= self.erased_at)

    def may(self, topic: str, now: datetime) -> bool | None:
        """False: nothing may leave. True: it surely may. None: nobody says so here."""
        yes = self.yes_to.get(topic)
        for no in (self.said_no, self.no_to.get(topic)):
            if no is not None and (yes is None or yes <= no):  # a tie refuses
                return False
        if self._is_paused(now) and (yes is None or yes <= self.paused_at):  # as any no
            return False
        if yes is not None:
            return True
        return None if topic in self.told else False

    def pause(self, until: datetime, at: datetime) -> None:
        self.pause_until, self.paused_at = later(self.pause_until, until), later(self.paused_at, at)

    def _is_paused(self, now: datetime) -> bool:
        return self.pause_until is not None and now < self.pause_until


@dataclass
class World:
    people: list[Person]

    def copy(self) -> World:
        return copy.deepcopy(self)

    def same(self, number: int) -> set[int]:
        """Who is known to be one person with this one."""
        found, open_ = {number}, [number]
        while open_:
            for other in self.people[open_.pop()].joined - found:
                found.add(other)
                open_.append(other)
        return found

    def yes(self, number: int, topics: list[str], at: datetime) -> None:
        for topic in topics:
            self.people[number].yes_to[topic] = at

    def no(self, number: int, at: datetime) -> None:
        for each in self.same(number):
            self.people[each].said_no = later(self.people[each].said_no, at)

    def no_to_topic(self, number: int, topic: str, at: datetime) -> None:
        """One topic is one address's business."""
        person = self.people[number]
        person.no_to[topic] = later(person.no_to.get(topic), at)

    def pause(self, number: int, until: datetime, at: datetime) -> None:
        for each in self.same(number):
            self.people[each].pause(until, at)

    def erase(self, number: int, at: datetime) -> None:
        for each in self.same(number):
            person = self.people[each]
            person.said_no, person.erased_at = later(person.said_no, at), at
            person.yes_to.clear()
            person.told.clear()
        for each in self.same(number):
            self.people[each].joined.clear()

    def unite(self, one: int, other: int, now: datetime) -> None:
        """Whatever stops one of them stops both, from now on."""
        first, second = self.people[one], self.people[other]
        refused = [{topic for topic in TOPICS if self._no(each, topic)} for each in (first, second)]
        pauses = [each.pause_until for each in (first, second) if each.pause_until and each.pause_until > now]
        for person, topics in ((first, refused[1]), (second, refused[0])):
            for topic in topics:
                person.no_to[topic] = now
            if pauses:
                person.pause(max(pauses), now)
        first.joined.add(other)
        second.joined.add(one)

    def restored(self, then: World) -> World:
        """A copy of an earlier day, with every no since: what was agreed to after it is lost."""
        world = then.copy()
        for number, (old, new) in enumerate(zip(world.people, self.people, strict=True)):
            old.said_no = later(old.said_no, new.said_no)
            old.pause_until = later(old.pause_until, new.pause_until)
            old.paused_at = later(old.paused_at, new.paused_at)
            for topic, at in new.no_to.items():
                old.no_to[topic] = later(old.no_to.get(topic), at)
            if later(old.erased_at, new.erased_at) != old.erased_at:  # of whom it is told to forget
                world._part(number)
            old.erased_at = later(old.erased_at, new.erased_at)
        return world

    def _part(self, number: int) -> None:
        """Who was forgotten is nobody's other contact any more."""
        for other in self.people[number].joined:
            self.people[other].joined.discard(number)
        self.people[number].joined.clear()

    def _no(self, person: Person, topic: str) -> bool:
        yes = person.yes_to.get(topic)
        return any(
            no is not None and (yes is None or yes <= no) for no in (person.said_no, person.no_to.get(topic))
        )


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)
