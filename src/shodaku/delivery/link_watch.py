"""Is anybody there where the links of mails lead? While nobody is, advertising rests. Door: `selectors`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.delivery.stopping import StopReason, links_fail
from shodaku.delivery.stops import stop_promotions
from shodaku.kit import db, outgoing
from shodaku.kit.errors import ShodakuError

_PATH: Final = "health"  # of the web server itself; what stands before it answers for it
_BROKEN: Final = 500

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class Links:
    """What was seen from here of the public address."""

    url: str
    answered_at: datetime | None  # None: never from here
    failures: int  # in a row
    failing_since: datetime | None

    @property
    def fail(self) -> bool:
        return links_fail(self.answered_at, self.failures)


def answers(public_url: str) -> bool:
    """Any answer but a fault of the server will do: a proxy may keep this path to itself."""
    try:
        where = outgoing.parse_web_address(public_url, local=True).below(_PATH)
        return outgoing.get(where, local=True).status < _BROKEN
    except (outgoing.Redirected, outgoing.AnswerTooLarge):
        return True
    except ShodakuError:
        return False


def note(workspace_id: int, url: str, *, answered: bool, now: datetime) -> Links:
    """What was seen just now; where it fails for certain, advertising of this workspace rests."""
    with db.transaction(workspace_id):
        found = _sql.row("upsert_link_watch", Links, url=url, answered=answered, now=now)
    if found is None:
        raise LookupError(workspace_id)
    if found.fail:
        stop_promotions(workspace_id, StopReason.LINKS, now=now)
    return found


def links(workspace_id: int) -> Links | None:
    """None: nobody has looked yet."""
    with db.transaction(workspace_id):
        return _sql.row("get_link_watch", Links)
