"""The list of people as a file: chosen and shown in numbers as an act on many people, but it changes nobody.

The entry that says who took how many lines along is written before the first line leaves. The file is read a
page at a time, each in its own transaction: who is erased meanwhile is not in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.consent.domain import Method
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

PAGE_PEOPLE: Final = 1_000

_sql = db.Statements("shodaku.optout")


@dataclass(frozen=True, slots=True)
class _Place:
    place: int
    contact_id: int


def export(workspace_id: int, bulk_id: int, *, in_full: bool, staff_id: int, now: datetime) -> bool:
    """That the people of this act are taken along, with addresses in full or masked, once or again.

    False: nobody is in it, or it is no such act. Raises VaultAway: then no line may leave.
    """
    with db.transaction(workspace_id):
        there: int = _sql.scalar("count_bulk_there", bulk_id=bulk_id)
        ended = there and _sql.run(
            "end_export", bulk_id=bulk_id, via=Method.STAFF.value, staff_id=staff_id, there=there, now=now
        )
        if not ended:
            return False
        said: dict[str, Value] = {
            "what": "contacts",
            "bulk": str(bulk_id),
            "rows": there,
            "addresses": "in full" if in_full else "masked",
            "by": f"staff:{staff_id}",
        }
        event_id = uuid7(now, os.urandom(10))
        ledger.record_act(workspace_id, "admin.exported", said, event_id=event_id, now=now)
        return True


def exported(workspace_id: int, bulk_id: int) -> Iterator[list[int]]:
    """The contacts of the file, the newest first, at most PAGE_PEOPLE at once; erased ones are left out."""
    behind = 0
    while page := _page(workspace_id, bulk_id, behind):
        yield [each.contact_id for each in page]
        behind = page[-1].place


def _page(workspace_id: int, bulk_id: int, behind: int) -> list[_Place]:
    with db.transaction(workspace_id):
        return _sql.rows("list_bulk_there", _Place, bulk_id=bulk_id, behind=behind, people_max=PAGE_PEOPLE)
