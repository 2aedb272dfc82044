"""See 0007_no_keys_in_statistics.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_shredded")]
    operations = [sql_file(__file__)]
