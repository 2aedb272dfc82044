"""See 0006_shredded.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_sealed_by_entry")]
    operations = [sql_file(__file__)]
