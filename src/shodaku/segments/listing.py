"""What a list of people is narrowed to besides a segment: how they stand with a topic, or with any. Pure.

Each question asks one person after another (`offset 0` keeps the planner from hashing the table of all).
The gate is asked again before each message; a list only shows what is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shodaku.segments.compiling import Where

ENDING_DAYS: Final = 30  # as long before the end as people may be asked again


class Standing(StrEnum):
    AGREED = "agreed"  # a consent holds, its address works, and nobody said no since
    ENDING = "ending"  # a consent holds, and ends within ENDING_DAYS
    EXPIRED = "expired"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"  # asked for, never confirmed
    NONE = "none"  # never asked for anything


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of people is narrowed to, by numbers and dates: never a name, never an address."""

    standing: Standing | None = None
    topic_id: int | None = None
    segment_id: int | None = None
    since: date | None = None

    @property
    def narrows(self) -> bool:
        return any((self.standing, self.topic_id, self.segment_id, self.since))

    def dump(self) -> dict[str, str | int | None]:
        return {
            "standing": self.standing.value if self.standing else None,
            "topic_id": self.topic_id,
            "segment_id": self.segment_id,
            "since": self.since.isoformat() if self.since else None,
        }

    @classmethod
    def load(cls, said: Mapping[str, str | int | None]) -> Narrowing:
        """As `dump` wrote it."""
        standing, since = said["standing"], said["since"]
        topic_id, segment_id = said["topic_id"], said["segment_id"]
        return cls(
            Standing(str(standing)) if standing else None,
            int(topic_id) if topic_id else None,
            int(segment_id) if segment_id else None,
            date.fromisoformat(str(since)) if since else None,
        )


# of contact c; where no topic is named, of any
_CONSENT: Final = (
    "select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id "
    "and (%(listed_topic)s::int is null or k.topic_id = %(listed_topic)s)"
)
_LIVE: Final = "k.state = 'active' and (k.expires_at is null or k.expires_at > now())"
_PAST: Final = "(k.state = 'expired' or (k.state = 'active' and k.expires_at <= now()))"
_NEVER: Final = (
    "exists (select from address d join suppression s on s.workspace_id = d.workspace_id "
    "and s.token in (d.token, d.broad_token) "
    "where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id offset 0)"
)
_NO: Final = (
    "exists (select from refusal r where r.workspace_id = c.workspace_id and r.contact_id = c.contact_id "
    "and (r.topic_id is null or %(listed_topic)s::int is null or r.topic_id = %(listed_topic)s) "
    "and case when r.scope = 'until' then r.until > now() else not exists (select from consent k "
    "where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id and k.state = 'active' "
    "and (%(listed_topic)s::int is null or k.topic_id = %(listed_topic)s) "
    "and k.since > r.at and (r.topic_id is null or k.topic_id = r.topic_id) offset 0) end offset 0)"
)
_WORKS: Final = (
    "exists (select from address d where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id "
    "and d.channel = k.channel and d.invalid_at is null)"
)
_REFUSED_SINCE: Final = (
    "exists (select from refusal r where r.workspace_id = c.workspace_id and r.contact_id = c.contact_id "
    "and case when r.scope = 'until' then r.until > now() "
    "else r.at >= k.since and (r.topic_id is null or r.topic_id = k.topic_id) end)"
)
_SQL: Final = {
    Standing.AGREED: (
        f"exists ({_CONSENT} and {_LIVE} and {_WORKS} and not {_REFUSED_SINCE} offset 0) and not {_NEVER}"
    ),
    Standing.ENDING: (
        f"exists ({_CONSENT} and k.state = 'active' and k.expires_at > now() "
        f"and k.expires_at <= now() + interval '{ENDING_DAYS} days' offset 0)"
    ),
    Standing.EXPIRED: (
        f"exists ({_CONSENT} and {_PAST} offset 0) and not exists ({_CONSENT} and {_LIVE} offset 0)"
    ),
    Standing.REFUSED: f"({_NO} or {_NEVER})",
    Standing.UNCONFIRMED: f"exists ({_CONSENT} and k.state = 'pending' offset 0)",
    Standing.NONE: f"not exists ({_CONSENT} offset 0)",
}
_AGREED_ONCE: Final = f"exists ({_CONSENT} offset 0)"


def of_standing(standing: Standing | None, topic_id: int | None) -> Where | None:
    """None: everybody. A topic alone means who ever was asked about it."""
    if standing is None and topic_id is None:
        return None
    sql = _AGREED_ONCE if standing is None else _SQL[standing]
    return Where(sql, {"listed_topic": topic_id})


def together(parts: Sequence[Where | None]) -> Where | None:
    """All of them hold; None: everybody. Their parameters must have names of their own."""
    some = [part for part in parts if part is not None]
    if not some:
        return None
    parameters = {name: value for part in some for name, value in part.parameters.items()}
    return Where(" and ".join(f"({part.sql})" for part in some), parameters)
