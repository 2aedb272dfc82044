"""Migrations are SQL files beside a short Django migration: keys, partitions, policies and grants say what no
model can.
"""

from __future__ import annotations

from pathlib import Path

from django.db import migrations


def sql_file(migration_file: str) -> migrations.RunSQL:
    """The `.sql` of the same name, run as one script by the owner of the schema. There is no way back but a
    new migration.
    """
    script = Path(migration_file).with_suffix(".sql").read_text(encoding="utf-8")
    return migrations.RunSQL([script], migrations.RunSQL.noop)
