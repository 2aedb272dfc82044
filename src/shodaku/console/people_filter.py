"""What the list of people is narrowed to, as it stands in a URL: never a name, never an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from shodaku.console.paging import row_id
from shodaku.contacts import selectors as contacts
from shodaku.contacts.selectors import Order
from shodaku.segments import selectors as segments
from shodaku.segments.domain import KnownSince, Narrowing, Standing, Where

SOUGHT_PEOPLE_MAX: Final = 10_000  # of a file of those whom a search found
LOOKS_MAX: Final = 500  # each at as many people as a page looks at


class TooMany(Exception):
    """More people than a file of a search takes."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    standing: Standing | None = None
    topic_id: int | None = None
    segment_id: int | None = None
    since: date | None = None
    order: Order = Order.NEWEST

    @classmethod
    def read(cls, said: Mapping[str, str], topics: Mapping[int, str]) -> PeopleFilter:
        """What cannot be understood is left out: the list is shown whatever stands in the URL."""
        topic_id = row_id(said.get("topic", ""))
        return cls(
            Standing(said["state"]) if said.get("state") in list(Standing) else None,
            topic_id if topic_id in topics else None,
            _number(said.get("segment", "")),
            _day(said.get("since", "")),
            Order(said["order"]) if said.get("order") in list(Order) else Order.NEWEST,
        )

    @classmethod
    def of(cls, narrowing: Narrowing) -> PeopleFilter:
        return cls(narrowing.standing, narrowing.topic_id, narrowing.segment_id, narrowing.since)

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing(self.standing, self.topic_id, self.segment_id, self.since)

    @property
    def narrows(self) -> bool:
        return self.narrowing.narrows

    def query(self, **more: object) -> str:
        """With its question mark, or nothing."""
        said = {
            "state": self.standing.value if self.standing else None,
            "topic": self.topic_id,
            "segment": self.segment_id,
            "since": self.since.isoformat() if self.since else None,
            "order": self.order.value if self.order is not Order.NEWEST else None,
            **more,
        }
        text = urlencode({name: value for name, value in said.items() if value is not None})
        return f"?{text}" if text else ""

    def standing_query(self, standing: Standing | None) -> str:
        return replace(self, standing=standing).query()

    def order_query(self, order: Order) -> str:
        return replace(self, order=order).query()

    def condition(self, workspace_id: int) -> Where | None:
        """None: everybody. A segment that is not there names nobody."""
        return segments.condition_of(workspace_id, self.narrowing)

    def sought(self, workspace_id: int, text: str) -> list[int]:
        """The contacts on all pages of a search. Raises TooMany."""
        chosen, start = self.condition(workspace_id), None
        people: set[int] = set()
        for _ in range(LOOKS_MAX):
            page = contacts.find(
                workspace_id, text, chosen=chosen, order=self.order, start=start, rows_max=1_000
            )
            people |= {row.contact_id for row in (*page.rows, *(page.parts or ()))}
            if len(people) > SOUGHT_PEOPLE_MAX:
                raise TooMany
            if page.following is None:
                return list(people)
            start = page.following
        raise TooMany


def _number(text: str) -> int | None:
    """Of a segment: more digits than an int has are no number of one."""
    number = row_id(text)
    return number if number is not None and 0 < number < 2**31 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if KnownSince(day) and 1900 <= day.year <= 2200 else None  # noqa: PLR2004 - as a calendar has
