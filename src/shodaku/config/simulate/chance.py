"""What may go wrong in a history, and how often: every seed draws a mix of its own.

With uniform rates rare combinations never meet; with most kinds off and one at its full weight they do.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

Thing = TypeVar("Thing")

# kind -> weight at full strength: its chance each time it could happen
FAULTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "statement": 0.02,  # the database ends the connection, and the statement was not applied
        "answer_lost": 0.05,  # a commit was applied, and the connection ends before its answer
        "cut_off": 0.01,  # the network between a worker and the database is gone: nobody is told
        "slow": 0.2,  # a statement takes up to one and a half seconds
        "restart": 0.1,  # of the database
        "kill": 0.2,  # kill -9 of a worker, at any await
        "kill_at_database": 0.01,  # while it speaks to it
        "stop_at_database": 0.02,  # it stands still with a question asked
        "ended": 0.3,  # the database ends the connection of a chunk that is just being sent
        "stop_at_wire": 0.05,  # it stands still after a write to the relay
        "kill_at_disk": 0.03,  # before or after a line of the journal
        "kill_at_wire": 0.03,  # before or after a write to the relay
        "host_lost": 0.3,  # a killed worker's journals are gone
        "name_lost": 1.0,  # and what comes in its place is another machine
        "stop": 0.2,  # a worker stands still for up to some minutes
        "ends": 0.1,  # a worker is asked to end, and is started again
        "clock": 0.2,  # a worker's wall clock jumps
        "database_clock": 0.1,  # that of the database does
        "disk_full": 0.05,
        "hint_late": 1.0,
        "hint_lost": 0.7,  # with the connection that listens
        "walks_away": 0.4,  # the reader announces a no and never says it
        "pause": 0.2,
        "cancel": 0.1,
        "fence": 0.05,  # the gate is shut for a while
        "later": 0.3,  # 4xx to the recipient
        "never": 0.1,  # 5xx to the recipient
        "later_after": 0.2,  # 4xx to the content
        "never_after": 0.1,
        "stall": 0.2,  # a reply comes seconds late, or after the patience of the worker
        "closes": 0.2,  # after the content, which was taken or was not
        "drops": 0.1,  # before the content
        "garbage": 0.1,
        "shuts_down": 0.1,  # 421
        "refuses": 0.3,  # the connection
        "hangs": 0.1,  # the connection is never made
    }
)
_LEVELS: Final = (0.0, 0.0, 0.1, 0.5, 1.0)
_CHUNKING: Final = 0.75  # of connections
_DEPTHS: Final = (0, 0, 2, 4)  # mails under way at once where a relay offers CHUNKING


class Chance:
    """The only source of chance in a history. `until`: when all faults stop, in seconds of the
    time in which there is something to do.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a history to be repeated, no secret
        self.levels = {kind: weight * self.pick(_LEVELS) for kind, weight in FAULTS.items()}
        self.until = self.pick((5.0, 15.0, 30.0, 60.0))
        # of its own, so that a history without it stays what it was
        self._ahead = random.Random(f"ahead {seed}")  # noqa: S311 - as above
        self.met: Counter[str] = Counter()

    def fault(self, kind: str, awake: float) -> bool:
        level = self.levels[kind]
        if level == 0.0 or awake > self.until or self._random.random() >= level:
            return False
        self.met[kind] += 1
        return True

    def depth(self) -> int:
        """Of a route."""
        return self._ahead.choice(_DEPTHS)

    def offers_chunking(self) -> bool:
        """Does this connection? A cluster behind one name need not be of one mind."""
        return self._ahead.random() < _CHUNKING

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)

    def pick(self, things: tuple[Thing, ...] | list[Thing]) -> Thing:
        return things[self._random.randrange(len(things))]

    def some(self, things: list[Thing], count: int) -> list[Thing]:
        return self._random.sample(things, count)
