"""See 0005_sealed_by_entry.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_files")]
    operations = [sql_file(__file__)]
