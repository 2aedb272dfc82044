"""The brand of a workspace is changed here; the ledger says so."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

from shodaku.content.brand import COLOUR, FONT, STACKS
from shodaku.content.brand_colours import parse_brand_colour
from shodaku.content.faults import TemplateFault
from shodaku.kit import db
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger

_sql = db.Statements("shodaku.content")


def save_brand(workspace_id: int, colour: str, font: str, *, by: str, now: datetime) -> None:
    """For mails written and pages opened from now on. Raises TemplateFault at "colour" or "font"."""
    said = parse_brand_colour(colour)
    if font not in STACKS:
        raise TemplateFault("font", "書体を選んでください。", "Choose a font.")
    with db.transaction(workspace_id):
        _sql.run("upsert_brand", colour=said, font=font, now=now)
        _record(workspace_id, by, now)


def choose_logo(workspace_id: int, image_id: UUID | None, *, by: str, now: datetime) -> bool:
    """None: no logo any more. False: there is no such picture in the library, and nothing was changed."""
    with db.transaction(workspace_id):
        _sql.scalar("lock_pictures")
        if image_id is not None and not _sql.scalar("is_offered", image_id=image_id):
            return False
        _sql.run("upsert_logo", logo=image_id, colour=COLOUR, font=FONT, now=now)
        _record(workspace_id, by, now)
        return True


def _record(workspace_id: int, by: str, now: datetime) -> None:
    event_id = uuid7(now, os.urandom(10))
    ledger.record_act_even_without_vault(
        workspace_id, "admin.brand.changed", {"by": by}, event_id=event_id, now=now
    )
