"""Acts of staff go into the ledger: who changed or saw what, and when."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from shodaku.console.guard import Visitor
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value


def record(visitor: Visitor, kind: str, fields: Mapping[str, Value], now: datetime) -> int:
    """One entry of the workspace's own log; its number. Raises VaultAway: then the act is not done either."""
    return record_of(visitor.workspace_id, visitor.staff_id, kind, fields, now)


def record_of(workspace_id: int, staff_id: int, kind: str, fields: Mapping[str, Value], now: datetime) -> int:
    event_id = uuid7(now, os.urandom(10))
    said = {**fields, "by": f"staff:{staff_id}"}
    return ledger.record_act(workspace_id, kind, said, event_id=event_id, now=now)
