"""Contents of the workspace to begin from: saved, and put away; each time the ledger says so."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Final

from psycopg.types.json import Jsonb

from shodaku.content.source import Written, dump_written
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

TEMPLATES_MAX: Final = 200  # that are offered in a workspace
NAME_CHARACTERS_MAX: Final = 100
_SUBJECT_CHARACTERS_MAX: Final = 200

_sql = db.Statements("shodaku.content")


class TooManyTemplates(WrongUse):
    """A workspace has at most 200 templates; put away one that is not used any more."""

    code = "templates_too_many"


class TemplateNameFault(WrongUse):
    """A template needs a name of 1 to 100 characters."""

    code = "template_name_fault"


def keep_template(
    workspace_id: int, name: str, subject: str, document: Written, *, by: str, now: datetime
) -> int:
    """Its number; finished or not. Raises TemplateNameFault, TooManyTemplates."""
    called = " ".join(name.split())
    if not 1 <= len(called) <= NAME_CHARACTERS_MAX:
        raise TemplateNameFault
    with db.transaction(workspace_id):
        _sql.scalar("lock_templates")
        if _sql.scalar("count_templates", most=TEMPLATES_MAX) >= TEMPLATES_MAX:
            raise TooManyTemplates
        template_id: int = _sql.scalar(
            "insert_template",
            name=called,
            subject=subject[:_SUBJECT_CHARACTERS_MAX],
            document=Jsonb(dump_written(document)),
            by=by,
            now=now,
        )
        _record(workspace_id, "admin.template.saved", {"template": template_id, "by": by}, now)
        return template_id


def archive_template(workspace_id: int, template_id: int, *, by: str, now: datetime) -> bool:
    """It is offered no more. False: it was put away before, or is unknown."""
    with db.transaction(workspace_id):
        if not _sql.run("archive_template", template_id=template_id, now=now):
            return False
        _record(workspace_id, "admin.template.archived", {"template": template_id, "by": by}, now)
        return True


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )
